"""The application on a socket of the loopback interface."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.planted.app import API_KEY, TOKEN, Application
from tests.planted.defects import DEFECTS

DOCUMENT = Path(__file__).with_name("openapi.yaml")
"""What the application promises."""

CREDENTIALS = {"apiKey": API_KEY, "bearer": TOKEN}
"""Credentials that it takes everywhere, by security scheme."""


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        return


def application(defect: str = "") -> Application:
    """A fresh application, with a defect or without. Raises KeyError where there is no such defect."""
    made = Application()
    if defect:
        DEFECTS[defect].plant(made)
    return made


@contextlib.contextmanager
def running(defect: str = "", port: int = 0) -> Iterator[str]:
    """A fresh server while the block runs. Gives its URL."""
    server = make_server("127.0.0.1", port, application(defect), threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
