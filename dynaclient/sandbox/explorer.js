// Opens the document of the sandbox in Swagger UI. What is tried goes to the sandbox, with stand-ins for credentials.
"use strict";

const MANY = 60; // operations from which on all is folded

function followColors() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

function countOperations(tree) {
  const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
  const items = Object.values(tree.paths || {}).filter((item) => item && typeof item === "object");
  return items.reduce((count, item) => count + methods.filter((method) => method in item).length, 0);
}

function schemesOf(tree) {
  const schemes = Object.entries((tree.components && tree.components.securitySchemes) || {});
  return schemes.filter(([, scheme]) => scheme && typeof scheme === "object");
}

// The sandbox takes any credential. A cookie is not set: it would go to all servers of this machine, on any port.
function standIn(ui, tree) {
  for (const [name, scheme] of schemesOf(tree)) {
    const basic = scheme.type === "http" && String(scheme.scheme).toLowerCase() === "basic";
    if (basic) ui.preauthorizeBasic(name, "sandbox", "sandbox");
    else if (scheme.type === "apiKey" || scheme.type === "http") ui.preauthorizeApiKey(name, "sandbox");
    else if (scheme.type === "oauth2" || scheme.type === "openIdConnect") {
      const token = { access_token: "sandbox", token_type: "bearer" };
      ui.authActions.authorizeOauth2({ auth: { name, schema: scheme }, token });
    }
  }
}

async function open() {
  followColors();
  const tree = await (await fetch("/_explorer/openapi.json")).json();
  tree.servers = [{ url: location.origin, description: "this sandbox" }];
  for (const [, scheme] of schemesOf(tree)) delete scheme.openIdConnectUrl; // it would be asked, at another host
  const many = countOperations(tree) > MANY;
  const ui = SwaggerUIBundle({
    spec: tree,
    dom_id: "#explorer",
    deepLinking: true,
    defaultModelsExpandDepth: many ? -1 : 0,
    displayOperationId: true,
    displayRequestDuration: true,
    docExpansion: many ? "none" : "list",
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    onComplete: () => standIn(ui, tree),
  });
}

addEventListener("load", open);
