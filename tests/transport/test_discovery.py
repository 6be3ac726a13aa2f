"""Endpoints from a discovery document: of the issuer that was named, on hosts that were named, or none."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
import requests

from dynaclient import (
    AsyncClient,
    Client,
    ClientCredentials,
    DynaclientError,
    OpenIdConnect,
    RefreshToken,
    SettingsError,
    TransportError,
)
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import json_reply, one

SECRET = "s3cr3t-of-the-client"
SCHEME = {"o": {"type": "openIdConnect", "openIdConnectUrl": "https://x.test/"}}
TREE = one(answer={}, security=[{"o": []}], components={"securitySchemes": SCHEME})
GRANTED = json_reply({"access_token": "t1", "expires_in": 3600})
HOME = "/.well-known/openid-configuration"


def issuer(serve: Serve, path: str = "", **told: Any) -> RawServer:
    """A server that says what it has, with `told` in the place of what is right, and gives tokens."""

    def answer(request: Recorded) -> bytes:
        if request.method == "POST":
            return GRANTED
        right = {"issuer": server.url + path, "token_endpoint": f"{server.url}/token"}
        return json_reply({**right, **told})

    server: RawServer = serve(answer)
    return server


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("", ""),
        ("", "/"),
        ("/realms/a", "/realms/a"),
        ("", HOME),
        ("/realms/a", f"/realms/a{HOME}"),
        ("/realms/a", "/.well-known/oauth-authorization-server/realms/a"),
        ("/realms/a/", f"{HOME}/realms/a"),
        ("", "/.well-known/oauth-authorization-server"),
    ],
)
def test_the_issuer_or_its_document_is_named(path: str, url: str, serve: Serve) -> None:
    server, api = issuer(serve, path), serve(json_reply({}))
    credential = ClientCredentials(OpenIdConnect(server.url + url), "me", SECRET)
    with Client(TREE, server=api.url, credentials={"o": credential}) as client:
        client.op()
        client.op()
    assert [each.header("Authorization") for each in api.requests] == ["Bearer t1"] * 2
    assert [each.method for each in server.requests] == ["GET", "POST"]
    asked, posted = server.requests
    assert asked.target == (url if "well-known" in url else f"{url.rstrip('/')}{HOME}")
    assert posted.target == "/token"
    assert SECRET not in asked.raw.decode()
    assert asked.all("Authorization") == []


def test_it_is_read_once_for_both_clients(serve: Serve) -> None:
    pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    server, api = issuer(serve), serve(json_reply({}))
    known = OpenIdConnect(server.url)
    credential = RefreshToken(known, "me", SECRET)

    async def ask() -> None:
        async with AsyncClient(TREE, server=api.url, credentials={"o": credential}) as client:
            await asyncio.gather(*(client.op() for _ in range(4)))

    asyncio.run(ask())
    assert ClientCredentials(known, "me", SECRET)() == "t1"
    assert [each.method for each in server.requests] == ["GET", "POST", "POST"]
    again = pickle.loads(pickle.dumps(RefreshToken(known, "me", SECRET)))
    assert again() == "t1"
    assert [each.method for each in server.requests] == ["GET", "POST", "POST", "POST"]


def test_nothing_that_is_meant_for_the_api_goes_along(serve: Serve) -> None:
    server, api, key = issuer(serve), serve(json_reply({})), "s3cr3t-of-the-api"
    session = requests.Session()
    session.headers["X-Api-Key"] = session.params["key"] = key  # type: ignore[index,assignment]
    session.cookies.set("sid", key)
    credential = ClientCredentials(OpenIdConnect(server.url), "me", SECRET)
    with Client(TREE, server=api.url, session=session, credentials={"o": credential}) as client:
        client.op()
    session.close()
    assert key in api.requests[0].raw.decode()
    assert key not in "".join(each.raw.decode() for each in server.requests)


# -- attacks --------------------------------------------------------------------------------------------

ENDPOINTS: dict[str, tuple[Any, type[DynaclientError], str]] = {
    "another host": ("https://evil.test/token", SettingsError, "host, evil.test; name it in hosts="),
    "clear text": ("http://127.0.0.2/token", TransportError, "expected an https URL"),
    "a user like the host": ("https://127.0.0.1@evil.test/", TransportError, "expected an https URL"),
    "a backslash": ("https://evil.test\\@127.0.0.1/", TransportError, "expected an https URL"),
    "a fragment": ("https://127.0.0.1/#x", TransportError, "expected an https URL"),
    "a file": ("file:///etc/passwd", TransportError, "expected an https URL"),
    "letters that look alike": ("https://1\u0662\u0667.0.0.1/", TransportError, "expected an https URL"),
    "a terminal escape": ("https://127.0.0.1/\x1b]0;x\x07", TransportError, "expected an https URL"),
    "a port that is none": ("https://127.0.0.1:x/", TransportError, "expected an https URL"),
    "no text": (7, TransportError, "names no endpoint for tokens"),
    "none": (None, TransportError, "names no endpoint for tokens"),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDPOINTS)
def test_an_endpoint_elsewhere_gets_no_secret(case: str, serve: Serve) -> None:
    endpoint, kind, told = ENDPOINTS[case]
    server = issuer(serve, token_endpoint=endpoint)
    with pytest.raises(kind, match=told) as caught:
        ClientCredentials(OpenIdConnect(server.url), "me", SECRET)()
    assert [each.method for each in server.requests] == ["GET"]
    assert "\x1b" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_host_that_is_named_is_used(serve: Serve) -> None:
    tokens = serve(GRANTED)
    server = issuer(serve, token_endpoint=tokens.url.replace("127.0.0.1", "localhost"))
    assert ClientCredentials(OpenIdConnect(server.url, hosts=["localhost"]), "me", SECRET)() == "t1"
    assert len(tokens.requests) == 1


@pytest.mark.parametrize(
    "named", ["https://evil.test", "{url}/other", "{url}?a", "", "{url}\x1b[2J", "https://u:p@evil.test"]
)
def test_a_document_of_another_issuer(named: str, serve: Serve) -> None:
    """Mix-up: who controls one path of a host, or one tenant, speaks for no other."""
    server = serve(
        lambda request: json_reply(
            {"issuer": named.format(url=server.url), "token_endpoint": f"{server.url}/t"}
        )
    )
    with pytest.raises(TransportError, match="from another issuer") as caught:
        ClientCredentials(OpenIdConnect(server.url), "me", SECRET)()
    assert [each.method for each in server.requests] == ["GET"]
    assert "\x1b" not in str(caught.value)
    assert "u:p" not in str(caught.value)


NONE = {
    "an error": reply(404, b"{}"),
    "no JSON": reply(200, b"<html>"),
    "no object": reply(200, b"[]"),
    "no issuer": json_reply({"token_endpoint": "https://x.test/"}),
    "an issuer that is none": json_reply({"issuer": ["x"]}),
    "a redirect elsewhere": reply(302, b"", [("Location", "https://evil.test/")]),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_discovery_document(case: str, serve: Serve) -> None:
    server = serve(NONE[case])
    with pytest.raises(TransportError, match="and no discovery document"):
        ClientCredentials(OpenIdConnect(server.url), "me", SECRET)()
    assert len(server.requests) == 1


URLS = [
    "http://id.example",
    "id.example",
    "",
    5,
    "https://u:p@id.example",
    "https://id.example?x=1",
    "https://a b",
]


@pytest.mark.parametrize("url", URLS)
def test_an_issuer_is_an_https_url(url: Any) -> None:
    with pytest.raises(SettingsError, match="expected the https URL of an issuer") as caught:
        OpenIdConnect(url)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("hosts", ["id.example", b"x", [5], {"a": 1}])
def test_hosts_are_a_list(hosts: Any) -> None:
    with pytest.raises(SettingsError, match="hosts: expected a list"):
        OpenIdConnect("https://id.example", hosts=hosts)


def test_it_shows_where_it_reads() -> None:
    assert repr(OpenIdConnect("https://id.example")) == f"OpenIdConnect('https://id.example{HOME}')"
