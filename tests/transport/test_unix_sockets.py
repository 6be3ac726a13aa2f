"""A server behind a Unix socket: `http+unix://%2Frun%2Fshop.sock/base`."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3

from dynaclient import Client, ConnectError, ResponseInvalid, SettingsError
from tests.clients import CLIENTS
from tests.servers import reply
from tests.small import JSON, json_reply, one, param

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are none")

OBJECT = {"type": "object"}
WAYS = ["sync", "async", "lean"]
SCHEMES = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}


class SocketServer:
    """Gives one response after the other, over connections that are kept; `heads` is what came."""

    def __init__(self, path: Path, *responses: bytes) -> None:
        self.url = f"http+unix://{quote(str(path), safe='')}"
        self.heads: list[str] = []
        self.connections = 0
        self._responses = list(responses)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        data = b""
        with connection:
            while piece := connection.recv(65536):
                data += piece
                if b"\r\n\r\n" in data:
                    self.heads.append(data.decode())
                    data = b""
                    connection.sendall(self._responses.pop(0) if self._responses[1:] else self._responses[0])

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s") / "Shop é.sock"


def tree(**rest: Any) -> dict[str, Any]:
    rest = {"operation": {"security": [{"key": []}]}, "components": {"securitySchemes": SCHEMES}, **rest}
    return one("get", "/a%2Fb/{n}", param("n", "path"), answer=OBJECT, **rest)


@pytest.mark.parametrize("way", WAYS)
def test_calls_go_through_the_socket(way: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server = SocketServer(place, reply(302, b"", [("Location", "/elsewhere?x=%2f")]), json_reply({"a": 1}))
    with CLIENTS[way](tree(), server=f"{server.url}/base", credentials={"key": "s3cret"}) as api:
        assert api.call("op", n="é?") == {"a": 1}
        response = api.send("op", n="2")
    first, second, third = server.heads
    assert first.startswith("GET /base/a%2Fb/%C3%A9%3F HTTP/1.1\r\nHost: localhost\r\n")
    assert second.startswith("GET /elsewhere?x=%2f HTTP/1.1\r\nHost: localhost\r\n")
    assert third.startswith("GET /base/a%2Fb/2 ")
    assert "X-Key: s3cret" in first
    assert server.connections == 1
    assert response.url == f"{server.url}/base/a%2Fb/2"
    server.close()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_leads_from_one_socket_to_another(way: str, place: Path) -> None:
    other = f"http+unix://{quote(str(place), safe='').replace('Shop', 'shop')}/x"
    server = SocketServer(place, reply(302, b"", [("Location", other)]))
    with pytest.raises(ResponseInvalid, match="another server"):
        CLIENTS[way](tree(), server=server.url).call("op", n="1")
    server.close()


@pytest.mark.parametrize("way", WAYS)
def test_nobody_listens(way: str, place: Path) -> None:
    url = f"http+unix://{quote(str(place), safe='')}"
    with pytest.raises(ConnectError) as caught:
        CLIENTS[way](tree(), server=url, retries=0).call("op", n="1")
    assert not caught.value.sent


@pytest.mark.parametrize("way", WAYS)
def test_a_document_alone_names_no_socket(way: str, place: Path) -> None:
    server = SocketServer(place, reply(200, b"{}", JSON))
    api = CLIENTS[way](tree(servers=[{"url": server.url}]))
    with pytest.raises(SettingsError, match="not a complete"):
        api.call("op", n="1")
    assert server.heads == []
    server.close()


@pytest.mark.parametrize("way", WAYS)
def test_who_chooses_the_address_of_hosts_does_not_choose_the_socket(
    way: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual recipe for the address of a host is to replace urllib3's create_connection."""

    def elsewhere(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection to a host")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", elsewhere)
    server = SocketServer(place, json_reply({"a": 1}))
    with CLIENTS[way](tree(), server=server.url, credentials={"key": "s3cret"}) as api:
        assert api.call("op", n="2") == {"a": 1}
    server.close()


NO_PATHS = ["a@b.sock", "@shop", "[x.sock", "run:x.sock", "%zz.sock"]


@pytest.mark.parametrize(
    "url",
    ["http+unix://", "http+unix:///run/x.sock", "http+unix:x", *(f"http+unix://{each}" for each in NO_PATHS)],
)
def test_what_names_no_socket(url: str) -> None:
    with pytest.raises(SettingsError):
        Client(tree(), server=url)
