"""A headless Chromium, driven over a pipe by the Chrome DevTools Protocol: no driver, no socket, no download.

    with Browser() as browser:
        page = browser.open(url)
        page.wait("document.querySelectorAll('.opblock').length")
        assert page.problems == []

Tests that need it are marked `@needs_chromium`: without the program they are skipped.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

SECONDS = 30
"""How long something is waited for that comes at once, unless the machine is busy."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next(filter(None, map(shutil.which, _NAMES)), None)

needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium (apt-get install chromium)")

_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # tests run as root in containers; the pages are our own
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
)


class Browser:
    """The program, while the block runs."""

    def __enter__(self) -> Browser:
        self._stack = contextlib.ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        theirs, self._writing = _pipe()
        self._reading, theirs_too = _pipe()[0:2]
        words = [str(PROGRAM), *_OPTIONS, f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{theirs_too}', "-", *words],
            pass_fds=(theirs, theirs_too),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(theirs_too)
        self._buffer = b""
        self._numbers = itertools.count(1)
        self._pages: dict[str, Page] = {}
        self._target = ""
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            self.send("Browser.close")
        os.close(self._writing)
        os.close(self._reading)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stack.close()

    def open(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        """A page of this size that shows `url`, for somebody who likes light or dark pages; the last one is
        closed."""
        last, self._target = self._target, ""
        if last:
            self.send("Target.closeTarget", {"targetId": last})
        target = self._target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        page.send("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.send("Emulation.setEmulatedMedia", {"features": [scheme]})
        page.send("Page.navigate", {"url": url})
        page.wait("document.readyState == 'complete'")
        return page

    def send(self, method: str, given: Mapping[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """What the browser says to a command; what happened meanwhile is noted with its page."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": dict(given or {})}
        os.write(
            self._writing, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0"
        )
        while True:
            reply = self._read()
            if reply.get("id") == number:
                assert "error" not in reply, (method, reply["error"])
                return dict(reply["result"])
            if page := self._pages.get(reply.get("sessionId", "")):
                page.note(reply)

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reading], [], [], max(end - time.monotonic(), 0))
            assert ready, "the browser does not say anything"
            got = os.read(self._reading, 1 << 20)
            assert got, "the browser has ended"
            self._buffer += got
        line, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(line))


class Page:
    """A page of a browser."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.problems: list[str] = []
        """What was raised, logged as an error, or kept from being loaded."""
        self.requested: list[str] = []
        """The URLs that were asked for."""

    def send(self, method: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As `Browser.send`, for this page."""
        return self._browser.send(method, given, self._session)

    def note(self, event: Mapping[str, Any]) -> None:
        """Keep what happened."""
        name, given = event.get("method"), event.get("params", {})
        if name == "Runtime.exceptionThrown":
            self.problems.append(str(given["exceptionDetails"].get("exception", {}).get("description")))
        elif name == "Log.entryAdded" and given["entry"]["level"] == "error":
            self.problems.append(given["entry"]["text"])
        elif name == "Network.requestWillBeSent":
            self.requested.append(given["request"]["url"])

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; of a promise, what it becomes."""
        given = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        found = self.send("Runtime.evaluate", given)
        assert "exceptionDetails" not in found, (expression, found["exceptionDetails"])
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + SECONDS
        while not self.evaluate(f"!!({expression})"):
            assert time.monotonic() < end, f"{expression} does not become true; {self.problems}"
            time.sleep(0.02)

    def text(self, selector: str = "body") -> str:
        """The text that is seen of the first element that a selector finds."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or all of the page, as a PNG."""
        shot = self.send("Page.captureScreenshot", {"captureBeyondViewport": whole})
        path.write_bytes(base64.b64decode(shot["data"]))


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not among the descriptors that the browser reads and writes."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return ends[0], ends[1]
