"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  document.querySelector(".tools").hidden = false;

  // a theme: as the system has it, light, dark
  const themes = ["auto", "light", "dark"];
  const button = document.getElementById("theme");
  const setTheme = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    button.textContent = `Theme: ${name}`;
  };
  let theme = "auto";
  try { theme = localStorage.getItem("dynaclient-theme") || "auto"; } catch { /* no storage */ }
  setTheme(themes.includes(theme) ? theme : "auto");
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    try { localStorage.setItem("dynaclient-theme", theme); } catch { /* no storage */ }
  });

  // commands are copied exactly
  for (const pre of all("pre.copy")) {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      const exact = pre.dataset.exact ? JSON.parse(pre.dataset.exact) : pre.textContent;
      try {
        await navigator.clipboard.writeText(exact);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    pre.before(copy);
  }

  // what a link leads to is opened
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) reveal();
  });
  reveal();

  const opened = document.getElementById("all");
  opened.addEventListener("click", () => {
    const open = opened.getAttribute("aria-pressed") !== "true";
    for (const each of all("details.card")) each.open = open;
    opened.setAttribute("aria-pressed", open);
    opened.textContent = open ? "Close all" : "Open all";
  });

  // the filter hides what does not have all of its words
  const filter = document.getElementById("filter");
  const found = document.getElementById("found");
  const items = all("details.card, tr.item").map((element) => [element, null]);
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of items) {
      item[1] ??= item[0].textContent.toLowerCase();
      item[0].hidden = !words.every((word) => item[1].includes(word));
      if (!item[0].hidden && item[0].tagName === "DETAILS") count += 1;
    }
    found.textContent = words.length ? `${count} found` : "";
  };
  filter.addEventListener("input", apply);
  if (filter.value) apply();
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input")) {
      event.preventDefault();
      filter.focus();
    } else if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      apply();
      filter.blur();
    }
  });
})();
