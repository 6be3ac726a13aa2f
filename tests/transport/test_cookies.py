"""Cookies of a client over urllib3: to the origin that set them, and as they are when the request goes."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, ClientCredentials
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, json_reply, one, param

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
