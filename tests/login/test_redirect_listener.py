"""A server on 127.0.0.1 that takes one request."""

from __future__ import annotations

import socket
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from dynaclient.login.redirect_listener import RedirectListener


def test_it_takes_the_first_answer_and_shows_nothing_of_it() -> None:
    with RedirectListener() as listener:
        with urlopen(f"{listener.redirect_uri}?code=c0de&state=<script>", timeout=20) as page:
            text, headers = page.read().decode(), page.headers
        assert listener.wait(20) == "code=c0de&state=<script>"
        with pytest.raises(HTTPError) as caught:
            urlopen(f"{listener.redirect_uri}?code=other", timeout=20)
        caught.value.close()
        assert listener.wait(20) == "code=c0de&state=<script>"
    assert caught.value.code == 410
    assert "c0de" not in text
    assert "script" not in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_it_listens_on_this_machine_alone_and_no_longer_than_it_has_to() -> None:
    with RedirectListener() as listener:
        where = urlsplit(listener.redirect_uri)
        assert (where.hostname, where.path) == ("127.0.0.1", "/callback")
        assert listener.wait(0.01) is None
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", where.port or 0), 5)


def test_connections_that_say_nothing_keep_nobody_waiting(capfd: pytest.CaptureFixture[str]) -> None:
    """Browsers open some before they need them."""
    with RedirectListener() as listener:
        port = urlsplit(listener.redirect_uri).port or 0
        silent = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(3)]
        silent[0].sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        with urlopen(f"{listener.redirect_uri}?code=c0de", timeout=20):
            assert listener.wait(20) == "code=c0de"
        for each in silent:
            each.close()
    assert "c0de" not in "".join(capfd.readouterr())
