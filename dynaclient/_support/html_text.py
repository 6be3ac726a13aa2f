"""HTML inside Markdown as text: a line for each block, a dash for each item of a list."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_INLINE = frozenset(
    "a abbr acronym b big cite code del dfn em font i img ins kbd label mark q s samp small span strike "
    "strong sub sup tt u var wbr".split()
)
_SILENT = frozenset(("script", "style"))
_BETWEEN = {"br": "\n", "li": "\n- ", "td": "  ", "th": "  "}

_ATTRIBUTE = re.compile(r"[a-zA-Z_:@][-\w:.@]*")
_CODE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`]*`)", re.DOTALL)


class _Reader(HTMLParser):
    """Collects the text. A tag that HTML does not have is text too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not all(_ATTRIBUTE.fullmatch(name) for name, _ in attrs):  # `a<b && c>d`
            self.parts.append(self.get_starttag_text() or "")
        elif tag in _SILENT:
            self._silent += 1
        elif tag in _BETWEEN:
            self.parts.append(_BETWEEN[tag])
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag not in _INLINE:
            self.parts.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag not in _INLINE and tag not in _BETWEEN:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.parts.append(f"<![{data}]]>")

    def handle_pi(self, data: str) -> None:
        self.parts.append(f"<?{data}>")


def html_text(text: str) -> str:
    """The text of Markdown that may hold HTML; code between backticks is kept to the letter."""
    reader = _Reader()
    for index, part in enumerate(_CODE.split(text)):
        if index % 2:
            reader.handle_data(part)
        else:
            reader.feed(part)
            reader.close()  # what only begins like a tag is text: the next part is code
    return _tidy("".join(reader.parts))


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
