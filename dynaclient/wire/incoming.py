"""A request as it arrived, before anything is known of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from dynaclient.document.operation import Parameter, template
from dynaclient.wire import percent


@dataclass(frozen=True)
class Incoming:
    """A request: `target` is the raw path and query, `headers` are pairs in the order they came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def uncoded(self) -> Incoming:
        """The same with its body decoded from its Content-Encoding. Raises Undecodable."""
        coding = self.header("Content-Encoding")
        if not coding or not self.body:
            return self
        from dynaclient.wire.coding import decode

        return replace(self, body=decode(self.body, coding))

    @property
    def path(self) -> str:
        """The raw path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query, without `?`."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, several of a name joined (RFC 9110, section 5.3); None where absent."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return (", " if name.lower() != "cookie" else "; ").join(found) if found else None

    @property
    def content_type(self) -> str:
        """The Content-Type, as written."""
        return self.header("Content-Type") or ""

    def pairs(self, location: str) -> list[tuple[str, str]]:
        """The raw `name=value` pairs of the query or the cookies."""
        text = self.query if location == "query" else self.header("Cookie") or ""
        items = (item.strip(" \t") for item in text.split("&" if location == "query" else ";"))
        return [(name, value) for name, _, value in (item.partition("=") for item in items if item)]

    def raw(self, parameter: Parameter, path: Mapping[str, str]) -> list[str]:
        """Every raw text sent under the name of `parameter`; `path` holds those of the path."""
        if parameter.location == "path":
            return [path[parameter.name]] if parameter.name in path else []
        if parameter.location == "header":
            value = self.header(parameter.name)
            return [] if value is None else [value]
        if parameter.location == "querystring":
            return [self.query] if self.query else []
        query = parameter.location == "query"
        return [
            value
            for name, value in self.pairs(parameter.location)
            if decoded(name, plus=query) == parameter.name
        ]


def decoded(text: str, *, plus: bool = False) -> str:
    """`text` without percent-encoding; as it is where that is broken."""
    try:
        return percent.decode(text, plus=plus)
    except percent.StyleError:
        return text


def origin_form(target: str) -> str:
    """Path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2)."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def path_pattern(pieces: Sequence[tuple[str, str | None]]) -> str:
    """A pattern with a group for each parameter of a path, which `template` gave in pieces.

    A value is the shortest that what follows it can stand behind, and is never tried longer, which could
    change nothing: so the time grows with the path, and not with the ways to share it out.
    """
    texts = [literal_pattern(text) if name is None else "" for text, name in pieces]
    texts[-1] += r"\Z"
    for i, (_, name) in enumerate(pieces):
        if name is not None:
            behind = texts[i + 1] if i + 1 < len(pieces) and pieces[i + 1][1] is None else texts[i]
            texts[i] = f"(?=(?P<p{i}>[^/]+?){behind})(?P=p{i}){texts[i]}"
    return "".join(texts)


def literal_pattern(text: str) -> str:
    """A pattern for `text` in a raw path, where any character may stand percent-encoded."""
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    encoded = "".join(f"%(?i:{byte:02x})" for byte in character.encode())
    return "/" if character == "/" else f"(?:{re.escape(character)}|{encoded})"


def path_values(path: str, raw: str) -> dict[str, str]:
    """The raw texts of path parameters, which stand at the end of the path that the receiver chose itself."""
    pieces = template(path)
    names = [name for _, name in pieces if name is not None]
    slashes = sum(text.count("/") for text, _ in pieces)
    end = "/" + "/".join(raw.split("/")[-slashes:])
    found = re.fullmatch(path_pattern(pieces), end) if names else None
    return dict(zip(names, found.groups(), strict=True)) if found else {}
