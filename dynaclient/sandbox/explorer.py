"""What the sandbox shows of itself: the document, a list of its operations, and an explorer for browsers.

The explorer is Swagger UI, whose files come with the extra `ui`; without it there is a plain page. Nothing is
loaded from another host, and a policy makes the browser refuse it. All of it is at `/_explorer`; `/` and
`/openapi.json` lead there where the document has no such paths itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from dynaclient._support.markup import joined_html, tag
from dynaclient._support.prose import readable
from dynaclient.client import Client
from dynaclient.document.bundling import bundled, leads_out
from dynaclient.sandbox.responses import PreparedResponse
from dynaclient.wire.request_reader import Incoming

HOME = "/_explorer"

_PACKAGE = "flask_swagger_ui"
"""What holds the files of Swagger UI, in the folder `dist`. It is not imported."""

_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "png": "image/png"}
_THEIRS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OURS = ("explorer.css", "explorer.js")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load, and from where: from here alone (Content Security Policy)."""

_GUARDS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-cache"),
)


class Explorer:
    """The pages of a sandbox. `url`: gives the one that it is served at."""

    def __init__(self, client: Client, url: Callable[[], str]) -> None:
        self._document = client.document
        self._operations = client.operations
        self._url = url
        self._paths = {client.operations.entry(key).path for key in client.operations}
        self._theirs = _swagger_ui()

    @property
    def path(self) -> str:
        """Where a browser finds it."""
        return HOME if "/" in self._paths else "/"

    def own_page(self, incoming: Incoming) -> PreparedResponse | None:
        """What is at paths below `/_explorer`; None for others, and for one that the document has."""
        path = incoming.path
        if not _reads(incoming) or path in self._paths or not (path == HOME or path.startswith(f"{HOME}/")):
            return None
        name = path.removeprefix(HOME).removeprefix("/")
        if not name:
            return self._page()
        if name == "openapi.json":
            return _response("application/json", self._served)
        return self._file(name)

    def front_page(self, incoming: Incoming) -> PreparedResponse | None:
        """What is at `/` and `/openapi.json`: a page for what asks for HTML, a list as text for others."""
        if not _reads(incoming):
            return None
        if incoming.path == "/openapi.json":
            return _response("application/json", self._served)
        if incoming.path != "/":
            return None
        accepted = incoming.header("Accept") or ""
        return self._page() if "text/html" in accepted.lower() else self._list()

    @property
    def _served(self) -> bytes:
        """The document as it is read here, in OpenAPI 3, with the sandbox as its only server."""
        return json.dumps({**self._tree, "servers": [{"url": self._url()}]}, default=str).encode()

    @cached_property
    def _tree(self) -> dict[str, Any]:
        tree = self._document.tree
        return _of_one_server(bundled(self._document) if leads_out(tree) else tree)

    @cached_property
    def _title(self) -> str:
        info = self._document.root.get("info")
        return (info.text("title") if info else "") or self._document.name or "a document"

    def _list(self) -> PreparedResponse:
        """All operations as text, a line each."""
        rows = [f"{method:8}{path}" for method, path, _ in self._rows()]
        head = f"{self._title} (a sandbox; its document is at /openapi.json)"
        return _response("text/plain; charset=utf-8", "\n".join([head, "", *rows, ""]).encode())

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for key in self._operations:
            entry = self._operations.entry(key)
            yield entry.method, entry.path, key

    def _page(self) -> PreparedResponse:
        body = _shell() if self._theirs else self._plain()
        styles = ["swagger-ui.css"] * bool(self._theirs) + ["explorer.css"]
        scripts = ["swagger-ui-bundle.js", "explorer.js"] if self._theirs else []
        page = tag(
            "html",
            tag(
                "head",
                tag("meta", charset="utf-8"),
                tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                tag("title", f"{self._title}: sandbox"),
                *(tag("link", rel="stylesheet", href=f"{HOME}/{name}") for name in styles),
                tag("link", rel="icon", href=f"{HOME}/favicon-32x32.png" if self._theirs else "data:,"),
            ),
            tag("body", body, *(tag("script", src=f"{HOME}/{name}") for name in scripts)),
            lang="en",
        )
        return _response("text/html; charset=utf-8", f"<!doctype html>\n{page}".encode())

    def _plain(self) -> str:
        """The operations in rows, for who has not installed the extra."""
        rows = [
            tag(
                "tr",
                tag("td", tag("span", method, class_=f"method {_style(method)}")),
                tag("td", tag("code", path)),
                tag("td", tag("code", "" if key == f"{method} {path}" else key), " ", self._summary(key)),
            )
            for method, path, key in self._rows()
        ]
        return tag(
            "main",
            tag("h1", self._title),
            tag(
                "p",
                "A sandbox: it responds as ",
                tag("a", "its document", href=f"{HOME}/openapi.json"),
                " says. With ",
                tag("code", "pip install 'dynaclient[ui]'"),
                " this page sends requests, too.",
            ),
            tag("table", tag("tbody", joined_html(rows))),
            class_="plain",
        )

    def _summary(self, key: str) -> str:
        return " ".join(readable(self._operations[key].summary).split())

    def _file(self, name: str) -> PreparedResponse:
        kind = _TYPES.get(name.rpartition(".")[2], "")
        if name in _OURS:
            return _response(kind, files("dynaclient.sandbox").joinpath(name).read_bytes())
        if name in _THEIRS and self._theirs is not None:
            return _response(kind, (self._theirs / name).read_bytes())
        return PreparedResponse(404, (("Content-Type", "text/plain"), *_GUARDS), b"no such file\n")


def _reads(incoming: Incoming) -> bool:
    return incoming.method in ("GET", "HEAD")


def _response(kind: str, content: bytes) -> PreparedResponse:
    return PreparedResponse(200, (("Content-Type", kind), *_GUARDS), content)


def _swagger_ui() -> Path | None:
    """The folder of Swagger UI's files; None where they are not installed."""
    from importlib.util import find_spec  # late: 1 ms

    spec = find_spec(_PACKAGE)
    folders = [Path(each) / "dist" for each in (spec.submodule_search_locations or ())] if spec else []
    return next((each for each in folders if all((each / name).is_file() for name in _THEIRS)), None)


def _shell() -> str:
    """What Swagger UI is put into."""
    return tag(
        "div",
        tag(
            "noscript",
            "The explorer needs JavaScript; ",
            tag("a", "the document", href=f"{HOME}/openapi.json"),
            ".",
        ),
        id="explorer",
    )


def _style(method: str) -> str:
    return method.lower() if method.isalpha() and method.isascii() else "other"


def _of_one_server(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree without the servers of single paths and operations: all are served here."""
    paths = tree.get("paths")
    if not isinstance(paths, dict):
        return dict(tree)
    return {**tree, "paths": {path: _without_servers(item) for path, item in paths.items()}}


def _without_servers(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {
        name: {key: each for key, each in value.items() if key != "servers"}
        if isinstance(value, dict)
        else value
        for name, value in item.items()
        if name != "servers"
    }
