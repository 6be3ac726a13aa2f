"""Credentials that the document does not describe, such as the password of a Prefect server."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from dynaclient import (
    Client,
    ClientCredentials,
    ClientError,
    ConnectError,
    RequestInvalid,
    SettingsError,
)
from tests.conftest import Serve
from tests.small import json_reply, one, param

BASIC = "Basic YWRtaW46czNjcmV0"  # admin:s3cret


def session(**settings: Any) -> requests.Session:
    made = requests.Session()
    for name, value in settings.items():
        setattr(made, name, value)
    return made


WAYS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("auth of a session", {"session": session(auth=("admin", "s3cret"))}, {}),
    ("headers of a session", {"session": session(headers={"Authorization": BASIC})}, {}),
    ("user and password in the server's URL", {"server": "http://admin:s3cret@{host}"}, {}),
    ("headers of one call", {}, {"headers": {"Authorization": BASIC}}),
]


@pytest.mark.parametrize(("settings", "options"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_a_credential_that_the_document_does_not_mention(
    settings: dict[str, Any], options: dict[str, Any], serve: Serve
) -> None:
    server = serve(json_reply({}))
    url = settings.get("server", "http://{host}").format(host=server.url.removeprefix("http://"))
    with Client(one(answer={}), **{**settings, "server": url}) as client:
        client.call("op", options=options)
        assert "s3cret" not in repr(client)
    assert server.requests[0].all("Authorization") == [BASIC]


def test_an_unknown_scheme_says_what_there_is_and_what_else_to_do() -> None:
    with pytest.raises(SettingsError, match=r"no security scheme 'basic'; it has none; .* of a `session=`"):
        Client(one(), server="http://x.test", credentials={"basic": ("admin", "s3cret")})


DUE = "; no credentials were sent, the document asks for key and other or third"
ASKED = [{"key": [], "other": []}, {"third": []}, {}]


@pytest.mark.parametrize(
    ("status", "credentials", "due"), [(401, {}, DUE), (401, {"third": "t"}, ""), (403, {}, "")]
)
def test_a_401_without_credentials_says_which_are_due(
    status: int, credentials: dict[str, str], due: str, serve: Serve
) -> None:
    schemes = {name: {"type": "apiKey", "in": "header", "name": name} for name in ("key", "other", "third")}
    tree = one(security=ASKED, components={"securitySchemes": schemes})
    client = Client(tree, server=serve(json_reply({"message": "no"}, status)).url, credentials=credentials)
    with pytest.raises(ClientError) as caught:
        client.op()
    assert str(caught.value) == f"op: the server returned {status}: no{due}"


ELSEWHERE = "; what it does not mention goes on `auth` or `headers` of a `session=`"
NONE_DUE = f"; no credentials were sent, the document asks for none here{ELSEWHERE}"


@pytest.mark.parametrize("asked", [None, [], [{}]])
@pytest.mark.parametrize(
    ("status", "credentials", "due"), [(401, {"key": "k"}, NONE_DUE), (401, {}, ""), (403, {"key": "k"}, "")]
)
def test_a_401_to_an_operation_that_asks_for_no_credentials_says_that_none_were_sent(
    asked: Any, status: int, credentials: dict[str, str], due: str, serve: Serve
) -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    tree = one(components={"securitySchemes": schemes}, **({} if asked is None else {"security": asked}))
    server = serve(json_reply({"message": "no"}, status))
    client = Client(tree, server=server.url, credentials=credentials)
    with pytest.raises(ClientError) as caught:
        client.op()
    assert str(caught.value) == f"op: the server returned {status}: no{due}"
    assert not server.requests[0].all("X-Key")


def test_credentials_by_themselves_are_told_whose_names_are_due() -> None:
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}}
    with pytest.raises(SettingsError) as caught:
        Client(one(components=schemes), server="http://x.test", credentials="s3cret")  # type: ignore[arg-type]
    assert (
        str(caught.value)
        == 'credentials: expected a mapping, got a string; give those you have of {"key": ...}'
    )


def test_a_callable_that_fails_is_told_without_its_words(serve: Serve) -> None:
    def sign(request: Any) -> str:
        raise KeyError("s3cret")

    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}}
    server = serve()
    client = Client(
        one(security=[{"key": []}], components=schemes), server=server.url, credentials={"key": sign}
    )
    with pytest.raises(RequestInvalid) as caught:
        client.call("op")
    assert "security key: the callable that makes it raised KeyError" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)
    assert server.connections == 0


def test_what_a_callable_says_in_errors_of_ours_is_its_own() -> None:
    def fetch(request: Any) -> str:
        raise ConnectError("the token server is away")

    schemes = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    tree = one(security=[{"key": []}], components=schemes)
    with pytest.raises(ConnectError, match="the token server is away"):
        Client(tree, server="http://x.test", credentials={"key": fetch}).call("op")


KEY_PLACES = [
    ("header", "X-Key", "x-key", "/x", "s3cret"),
    ("query", "key", "key", "/x?key=s3cret", None),
    ("cookie", "key", "key", "/x", None),
]


def described_twice(place: str, name: str, said: str, **rest: Any) -> dict[str, Any]:
    """A document whose key is a security scheme and a required parameter."""
    schemes = {"k": {"type": "apiKey", "in": place, "name": name}}
    security = {"components": {"securitySchemes": schemes}, "security": [{"k": []}]}
    return one("get", "/x", param(said, place, required=True), param("n", schema={}), **security, **rest)


@pytest.mark.parametrize(("place", "name", "said", "target", "header"), KEY_PLACES)
def test_a_credential_is_the_required_parameter_that_it_is_sent_as(
    place: str, name: str, said: str, target: str, header: str | None, serve: Serve
) -> None:
    server = serve(*[json_reply({})] * 3)
    tree = described_twice(place, name, said, answer={})
    with Client(tree, server=server.url, credentials={"k": "s3cret"}) as client:
        assert client.check("op") == []
        client.op()
        client.call("op", {f"{place}.{said}": "another"})  # what the call gives goes first, alone
    first, second = server.requests
    assert (first.target, first.header("X-Key")) == (target, header)
    assert first.header("Cookie") == ("key=s3cret" if place == "cookie" else None)
    sent = (second.target, second.header("X-Key"), second.header("Cookie"))
    assert "another" in str(sent)
    assert "s3cret" not in str(sent)


@pytest.mark.parametrize(
    "change",
    [
        {"credentials": {}},
        {"operation": {"security": []}},
        {"operation": {"servers": [{"url": "https://elsewhere.test"}]}, "server": None},
        {"said": "other"},
    ],
    ids=str,
)
def test_a_required_parameter_that_no_credential_is_sent_as_is_missing(change: dict[str, Any]) -> None:
    settings = {"server": "https://x.test", "credentials": {"k": "s3cret"}, **change}
    tree = described_twice(
        "query", "key", settings.pop("said", "key"), operation=settings.pop("operation", None), answer={}
    )
    with Client({**tree, "servers": [{"url": "https://x.test"}]}, **settings) as client:
        with pytest.raises(RequestInvalid, match="missing, but required"):
            client.prepare("op")
        assert len(client.check("op")) == 1


SAME_PLACE: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "oauth": {"type": "oauth2", "flows": {}},
    "header": {"type": "apiKey", "in": "header", "name": "authorization"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "query2": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "cookie2": {"type": "apiKey", "in": "cookie", "name": "sid"},
}
GIVEN: dict[str, Any] = {
    "bearer": "t",
    "basic": ("user", "s3cret"),
    "digest": ("user", "s3cret"),
    "header": "Bearer t",
    "query": "k",
    "query2": lambda request: "another",
    "cookie": "c",
    "cookie2": "another",
}
TOGETHER = [
    ("bearer", "basic", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("basic", "header", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("bearer", "digest", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("digest", "basic", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("bearer", "oauth", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("oauth", "header", "header [Aa]uthorization", {"headers": {"AUTHORIZATION": "mine"}}),
    ("query", "query2", "query parameter key", {"query": {"key": "mine"}}),
    ("cookie", "cookie2", "cookie sid", {"headers": {"Cookie": "sid=mine"}}),
]


def all_of(*names: str) -> dict[str, Any]:
    """A document that asks for all of these schemes."""
    schemes = {name: SAME_PLACE[name] for name in names}
    return one(
        components={"securitySchemes": schemes},
        security=[{name: [] for name in names}],
        answer={"type": "object"},
    )


@pytest.mark.parametrize(("one_", "other", "what", "instead"), TOGETHER)
def test_two_credentials_of_one_name_are_not_sent_one_for_both(
    one_: str, other: str, what: str, instead: dict[str, Any], serve: Serve
) -> None:
    server, tokens = serve(json_reply({})), serve(json_reply({"access_token": "t", "token_type": "Bearer"}))
    fetched = ClientCredentials(f"{tokens.url}/token", "me", "s3cret")
    credentials = {name: GIVEN.get(name, fetched) for name in (one_, other)}
    with Client(all_of(one_, other), server=server.url, credentials=credentials) as client:
        for ask in (client.call, client.send, client.prepare):
            with pytest.raises(
                SettingsError, match=f"for {one_} and {other} would both .* {what},"
            ) as caught:
                ask("op")
            assert "s3cret" not in str(caught.value)
        assert (server.connections, tokens.connections) == (0, 0)
        assert client.call("op", options=instead) == {}
    assert "mine" in server.requests[0].raw.decode()


@pytest.mark.parametrize("made", [None, "", "t"])
def test_two_credentials_of_one_name_that_are_one_are_sent(made: str | None, serve: Serve) -> None:
    """As where a document describes one header twice."""
    server = serve(json_reply({}))
    credentials = {"header": "Bearer t", "bearer": lambda request: made}
    with Client(all_of("header", "bearer"), server=server.url, credentials=credentials) as client:
        client.call("op")
    assert server.requests[0].all("Authorization") == ["Bearer t"]
