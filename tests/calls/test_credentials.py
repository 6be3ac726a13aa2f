"""Credentials that the document does not describe, such as the password of a Prefect server."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from dynaclient import Client, ClientError, ConnectError, RequestInvalid, SettingsError
from tests.conftest import Serve
from tests.small import json_reply, one

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
