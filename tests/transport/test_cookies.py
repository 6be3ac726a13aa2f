"""Cookies of a client over urllib3: to the origin that set them, and as they are when the request goes."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest
import requests
import urllib3

from dynaclient import AsyncClient, Client, ClientCredentials, RawResponse, Request, Timeout
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, json_reply, one, param, said

OAUTH = {"securitySchemes": {"o": {"type": "oauth2", "flows": {}}}}
GUARDED = one(answer={}, security=[{"o": []}], components=OAUTH)
EXPIRED = b'{"access_token": "t", "expires_in": 0}'
SID = ("Set-Cookie", "sid=s3cret; Path=/")


def sent(server: RawServer) -> list[str | None]:
    return [each.header("Cookie") for each in server.requests]


def test_another_port_gets_none_a_token_url_included(serve: Serve) -> None:
    tokens = serve(reply(200, EXPIRED, [*JSON, ("Set-Cookie", "theirs=1; Path=/")]))
    server = serve(reply(200, b"{}", [*JSON, SID]))
    credential = ClientCredentials(f"{tokens.url}/token", "me", "secret")
    with Client(GUARDED, server=server.url, transport="urllib3", credentials={"o": credential}) as api:
        api.call("op")
        api.call("op")
    assert sent(tokens) == [None, "theirs=1"]
    assert sent(server) == [None, "sid=s3cret"]


def redirected(serve: Serve, field: str, *, own: str | None = None) -> RawServer:
    """A call that gets `sid` and `lang`, and another that is led on by a response with that Set-Cookie."""
    kept = [SID, ("Set-Cookie", "lang=de; Path=/")]
    led = reply(302, b"", [("Location", "/b"), ("Set-Cookie", field)])
    server = serve(reply(200, b"{}", [*JSON, *kept]), led, json_reply({}))
    tree = one("get", "/x", param("own", "cookie"), param("sid", "cookie"), answer={})
    given: dict[str, Any] = {} if own is None else {"sid": own}
    with Client(tree, server=server.url, transport="urllib3") as api:
        api.call("op")
        api.call("op", own="1", **given)
    return server


REDIRECTS = [
    ("sid=2; Path=/", ["own=1", "sid=2", "lang=de"]),
    ("sid=; Path=/; Max-Age=0", ["own=1", "lang=de"]),
    ("own=2; Path=/", ["own=1", "sid=s3cret", "lang=de"]),
    ("more=3; Path=/b", ["own=1", "sid=s3cret", "lang=de", "more=3"]),
    ("more=3; Path=/c", ["own=1", "sid=s3cret", "lang=de"]),
]


@pytest.mark.parametrize(("field", "pairs"), REDIRECTS)
def test_after_a_redirect_go_those_that_hold_by_then(serve: Serve, field: str, pairs: list[str]) -> None:
    server = redirected(serve, field)
    first, before, after = sent(server)
    assert (first, before) == (None, "own=1; sid=s3cret; lang=de")
    assert sorted((after or "").split("; ")) == sorted(pairs)


@pytest.mark.parametrize("field", ["sid=2; Path=/", "sid=; Path=/; Max-Age=0"])
def test_one_of_the_call_stays_where_the_server_set_one_of_its_name(serve: Serve, field: str) -> None:
    """Even with the value that the server had set."""
    server = redirected(serve, field, own="s3cret")
    assert [sorted((each or "").split("; ")) for each in sent(server)[1:]] == [
        ["lang=de", "own=1", "sid=s3cret"],
        ["lang=de", "own=1", "sid=s3cret"],
    ]


def test_the_last_one_gone_leaves_no_header(serve: Serve) -> None:
    gone = reply(302, b"", [("Location", "/b"), ("Set-Cookie", "sid=; Path=/; Max-Age=0")])
    server = serve(reply(200, b"{}", [*JSON, SID]), gone, json_reply({}))
    with Client(one(answer={}), server=server.url, transport="urllib3") as api:
        api.call("op")
        api.call("op")
    assert sent(server) == [None, "sid=s3cret", None]


class Own:
    """A transport of the user's that keeps no cookies."""

    def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        origin, fields = "/".join(request.url.split("/")[:3]), dict(request.fields)
        came = urllib3.request(request.method, origin + request.target, headers=fields, redirect=False)
        return RawResponse(came.status, [*came.headers.items()], came.data)

    def close(self) -> None:
        """Nothing is open."""


class OwnAwaited(Own):
    async def exchange(self, request: Request, timeout: Timeout) -> RawResponse:  # type: ignore[override]
        return await asyncio.to_thread(super().exchange, request, timeout)

    async def aclose(self) -> None:
        """Nothing is open."""


FORGOTTEN, KEPT = [None, None, None, None], [None, "sid=1", "sid=1", "sid=1"]
BY_CLIENT: dict[str, tuple[Any, dict[str, Any], list[str | None]]] = {
    "over requests": (Client, {}, FORGOTTEN),
    "over a session": (Client, {"session": requests.Session}, KEPT),
    "over urllib3": (Client, {"transport": lambda: "urllib3"}, KEPT),
    "over an own transport": (Client, {"transport": Own}, FORGOTTEN),
    "awaited": (AsyncClient, {}, FORGOTTEN),
    "awaited, over an own transport": (AsyncClient, {"transport": OwnAwaited}, FORGOTTEN),
}


@pytest.mark.parametrize("name", BY_CLIENT)
def test_which_client_keeps_cookies(serve: Serve, name: str) -> None:
    """A redirect sets one; it is followed, and two more calls come."""
    kind, makes, due = BY_CLIENT[name]
    set_one = ("Set-Cookie", "sid=1; Path=/; HttpOnly; Max-Age=60")
    server = serve(reply(302, b"", [("Location", "/y"), set_one]), json_reply({}))
    made = {key: make() for key, make in makes.items()}
    client = kind(one(answer={}), server=server.url, **made)

    async def awaited() -> None:
        async with client:
            for _ in range(3):
                await client.call("op")

    if kind is AsyncClient:
        pytest.importorskip("aiohttp")
        asyncio.run(awaited())
    else:
        with client:
            for _ in range(3):
                client.call("op")
    assert sent(server) == due
    if "session" in made:
        made["session"].close()


def test_a_client_that_was_closed_has_none_any_more(serve: Serve) -> None:
    server = serve(reply(200, b"{}", [*JSON, SID]), json_reply({}))
    client = Client(one(answer={}), server=server.url, transport="urllib3")
    client.call("op")
    copy = pickle.loads(pickle.dumps(client))
    client.call("op")
    client.close()
    for each in (client, copy):
        each.call("op")
        each.close()
    assert sent(server) == [None, "sid=s3cret", None, None]


def test_a_domain_widens_nothing(serve: Serve) -> None:
    """Nor does `localhost` beside 127.0.0.1, the same server under another name."""
    wide = ("Set-Cookie", "wide=1; Path=/; Domain=127.0.0.1")
    server, other = serve(reply(200, b"{}", [*JSON, SID, wide])), serve(json_reply({}))
    tree = one(answer={})
    tree["paths"]["/y"] = {
        "get": {"operationId": "away", "responses": {"200": said({})}, "servers": [{"url": other.url}]}
    }
    with Client({**tree, "servers": [{"url": server.url}]}, transport="urllib3") as client:
        client.call("op")
        client.call("away")
    with Client(tree, server=server.url.replace("127.0.0.1", "localhost"), transport="urllib3") as client:
        client.call("op")
        client.call("op")
    assert sent(other) == [None]
    assert sent(server) == [None, None, "sid=s3cret"]


FORKED = """
import os, sys
from dynaclient import Client

paths = {"/x": {"get": {"operationId": "op"}}}
tree = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
client = Client(tree, server=sys.argv[1], transport="urllib3", validate="off")
client.call("op")
child = os.fork()
for _ in range(2):
    client.call("op", options={"headers": {"X-By": "parent" if child else "child"}})
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_begins_without_any(serve: Serve) -> None:
    server = serve(lambda request: reply(200, b"{}", [*JSON, ("Set-Cookie", f"by={request.header('X-By')}")]))
    subprocess.run([sys.executable, "-c", FORKED, server.url], check=True)
    found: dict[str | None, list[str | None]] = {}
    for request in server.requests:
        found.setdefault(request.header("X-By"), []).append(request.header("Cookie"))
    assert found == {None: [None], "parent": ["by=None", "by=parent"], "child": [None, "by=child"]}
