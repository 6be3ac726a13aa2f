"""A small API of lists, and a server for it written by hand, which keeps the contract or breaks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.small import document, param, said

LIST = {
    "type": "object",
    "required": ["id", "entries"],
    "properties": {
        "id": {"type": "string"},
        "entries": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku", "price"],
                "properties": {"sku": {"type": "string", "minLength": 1}, "price": {"type": "number"}},
            },
        },
    },
}
NEW = {
    "type": "object",
    "required": ["entries"],
    "properties": {
        "entries": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": {"type": "string", "minLength": 1},
                    "amount": {"type": "integer", "minimum": 1},
                },
            },
        },
        "note": {"type": "string"},
    },
}
SHOP = document(
    {
        "/lists/{id}": {
            "get": {
                "operationId": "getList",
                "parameters": [
                    param("id", "path"),
                    param("top", "query", {"type": "integer", "minimum": 1, "maximum": 9}),
                ],
                "responses": {"200": said(LIST)},
            }
        },
        "/lists": {
            "post": {
                "operationId": "makeList",
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW}}},
                "responses": {
                    "201": said(
                        {
                            "type": "object",
                            "required": ["count"],
                            "properties": {"count": {"type": "integer"}},
                        }
                    )
                },
            }
        },
    }
)

Answer = tuple[int, Any]
Serve = Callable[[str, str, dict[str, list[str]], Any], Answer]
"""Method, decoded last segment of the path, query, JSON body -> status and JSON body."""


def right(method: str, name: str, query: dict[str, list[str]], body: Any) -> Answer:
    """What the document says, and nothing else."""
    if method == "GET":
        top = query.get("top", ["1"])[0]
        if not (top.isdecimal() and 1 <= int(top) <= 9):
            return 400, {"error": "top"}
        return 200, {"id": name, "entries": [{"sku": "a", "price": 1.5}]}
    if not acceptable(body):
        return 422, {"error": "body"}
    return 201, {"count": len(body["entries"])}


def acceptable(body: Any) -> bool:
    entries = body.get("entries") if isinstance(body, dict) else None
    note = body.get("note", "") if isinstance(body, dict) else None
    few = isinstance(entries, list) and len(entries) <= 3
    return few and isinstance(note, str) and all(map(acceptable_entry, entries or ()))


def acceptable_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    sku, amount = entry.get("sku"), entry.get("amount", 1)
    return isinstance(sku, str) and sku != "" and type(amount) is int and amount >= 1


def read_json(raw: bytes, content_type: str | None) -> Answer:
    """The data of a body, None where there is none; 415 and 400 for what is no JSON."""
    if raw and content_type != "application/json":
        return 415, None
    try:
        return 200, json.loads(raw) if raw else None
    except ValueError:
        return 400, None


class HandWritten:
    """A server whose answers come from `answer`; `seen` counts the requests."""

    def __init__(self, answer: Serve) -> None:
        self.seen = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece

            def do_GET(self) -> None:
                owner.seen += 1
                parts = urlsplit(self.path)
                allowed = "POST" if parts.path == "/lists" else "GET"
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                name = unquote(parts.path.rpartition("/")[2])
                status, given = read_json(raw, self.headers.get("Content-Type"))
                body: Any = {"error": "no JSON"}
                if self.command != allowed:
                    status, body = 405, {"error": "method"}
                if status < 400:
                    status, body = answer(self.command, name, parse_qs(parts.query), given)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Allow", allowed)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> HandWritten:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def accepts_all(method: str, name: str, query: dict[str, list[str]], body: Any) -> Answer:
    """A success, whatever was asked."""
    return (200, {"id": name, "entries": []}) if method == "GET" else (201, {"count": 1})
