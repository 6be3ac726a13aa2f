"""Where a browser comes back to after a login: a server on 127.0.0.1 that takes one request (RFC 8252)."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PATH = "/callback"
_SILENCE = 10.0
"""Seconds for which a connection may say nothing: browsers open some that they do not use."""
_PAGE = b"""<!doctype html><meta charset="utf-8"><title>dynaclient</title>
<p>You may close this window and go back to the terminal, which says whether you are logged in.</p>
"""


class _Quiet(ThreadingHTTPServer):
    daemon_threads, block_on_close = True, False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: browsers break off connections, and a traceback would be printed for each."""


class RedirectListener:
    """Listens on a port that is free; as a context manager, until the end of its block."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._taking = threading.Lock()
        self._query = ""
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._authority = f"127.0.0.1:{self._server.server_address[1]}"
        self.redirect_uri = f"http://{self._authority}{_PATH}"

    def wait(self, seconds: float) -> str | None:
        """The query of the first request that comes back; None where none comes in that time."""
        return self._query if self._answered.wait(seconds) else None

    def _take(self, host: str | None, target: str) -> int:
        """The status for a request: one alone is taken, and only one that means this server."""
        path, _, query = target.partition("?")
        if host != self._authority or path != _PATH:
            return 404
        with self._taking:
            if self._answered.is_set():
                return 410
            self._query = query
            self._answered.set()
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            timeout = _SILENCE

            def do_GET(self) -> None:
                status = take(self.headers.get("Host"), self.path)
                page = _PAGE if status == 200 else b""
                self.send_response(status)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing: its text would hold the code."""

        return Handler

    def __enter__(self) -> RedirectListener:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}
