"""The client credentials grant (RFC 6749, section 4.4) as a credential."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any

import pytest
import requests

from dynaclient import Client, ClientCredentials, SettingsError, TransportError
from dynaclient.transport.token_source import EARLY
from tests.servers import Recorded, reply
from tests.small import document

JSON = [("Content-Type", "application/json")]
PATHS: dict[str, Any] = {"/x": {"get": {"operationId": "x", "responses": {"200": {"description": ""}}}}}
FLOWS = {"clientCredentials": {"tokenUrl": "https://tokens.test/", "scopes": {}}}
SCHEMES = {"securitySchemes": {"o": {"type": "oauth2", "flows": FLOWS}}}


def granted(token: str, lasts: float = 3600) -> bytes:
    return reply(200, json.dumps({"access_token": token, "expires_in": lasts}).encode(), JSON)


def test_a_token_is_fetched_once_and_sent_as_bearer(serve: Any) -> None:
    tokens, api = serve(granted("t1"), granted("t2")), serve(reply(200, b""))
    fetch = ClientCredentials(tokens.url + "/token", "me", "s3cr3t", scopes=["read", "write"])
    tree = document(PATHS, components=SCHEMES, security=[{"o": ["read"]}])
    client = Client(tree, server=api.url, credentials={"o": fetch})
    client.send("x")
    client.send("x")
    assert [request.header("Authorization") for request in api.requests] == ["Bearer t1", "Bearer t1"]
    (asked,) = tokens.requests
    assert asked.body == b"grant_type=client_credentials&scope=read+write"
    assert asked.header("Authorization") == "Basic " + base64.b64encode(b"me:s3cr3t").decode()


def test_a_token_that_has_ended_is_fetched_anew(serve: Any) -> None:
    tokens = serve(granted("t1", lasts=0), granted("t2"))
    fetch = ClientCredentials(tokens.url, "me", "s3cr3t")
    assert [fetch(), fetch(), fetch()] == ["t1", "t2", "t2"]


def test_a_token_that_is_refused_before_its_time_is_fetched_anew_once(serve: Any) -> None:
    tokens = serve(granted("t1"), granted("t2"))

    def answer(request: Recorded) -> bytes:
        return reply(200 if (request.header("Authorization") or "").endswith(good[0]) else 401)

    good, api = ["t1"], serve(answer)
    fetch = ClientCredentials(tokens.url, "me", "s3cr3t")
    tree = document(PATHS, components=SCHEMES, security=[{"o": []}])
    with Client(tree, server=api.url, credentials={"o": fetch}) as client:
        assert client.send("x").status == 200
        good[0] = "t2"  # t1 is taken back
        assert client.send("x").status == 401  # right after it was fetched: it is not the token
        fetch._began -= EARLY
        assert client.send("x").status == 200
        assert client.send("x").status == 200
    sent = [(request.header("Authorization") or "").split()[-1] for request in api.requests]
    assert sent == ["t1", "t1", "t1", "t2", "t2"]
    assert len(tokens.requests) == 2


def test_who_was_refused_with_an_older_token_takes_the_newer(serve: Any) -> None:
    fetch = ClientCredentials(serve(granted("t2")).url, "me", "s3cr3t")
    fetch()
    assert fetch.renew(requests.Request(headers={"Authorization": "Bearer t1"}))
    assert not fetch.renew(requests.Request(headers={"Authorization": "Bearer t2"}))
    assert fetch() == "t2"


NO_TOKEN = {
    "none": reply(401, b"{}", JSON),
    "no JSON": reply(200, b"no", JSON),
    "no object": reply(200, b"[]", JSON),
    "null": reply(200, b'{"access_token": null}', JSON),
    "empty": reply(200, b'{"access_token": ""}', JSON),
    "deep": reply(200, b"[" * 100_000, JSON),
    "a token with an error": reply(400, b'{"access_token": "t"}', JSON),
    "echo": reply(400, b'{"error": "s3cr3t"}', JSON),
    "error of another kind": reply(400, b'{"error": ["invalid_client"]}', JSON),
}


@pytest.mark.parametrize("answer", NO_TOKEN.values(), ids=NO_TOKEN)
def test_no_token_is_a_transport_error_without_the_secret(serve: Any, answer: bytes) -> None:
    fetch = ClientCredentials(serve(answer).url, "me", "s3cr3t")
    with pytest.raises(TransportError) as caught:
        fetch()
    assert "without a token" in str(caught.value)
    assert "s3cr3t" not in str(caught.value) + repr(fetch)


@pytest.mark.parametrize("url", [None, b"http://a", "", "a/token", "http://[a", "https://", 7])
def test_a_token_url_that_is_none_is_refused_at_once(url: Any) -> None:
    with pytest.raises(SettingsError, match="token_url: expected an"):
        ClientCredentials(url, "me", "s3cr3t")


@pytest.mark.parametrize("pair", [(None, "s3cr3t"), ("me", None), ("me", b"s3cr3t")])
def test_an_id_and_a_secret_are_texts(pair: Any) -> None:
    with pytest.raises(SettingsError, match="expected texts") as caught:
        ClientCredentials("https://a/token", *pair)
    assert "s3cr3t" not in str(caught.value)


def test_the_word_of_the_server_is_told(serve: Any) -> None:
    server = serve(reply(401, b'{"error": "invalid_client", "error_description": "s3cr3t"}', JSON))
    with pytest.raises(TransportError, match=r"returned 401 without a token \(invalid_client\)"):
        ClientCredentials(server.url, "me", "s3cr3t")()


@pytest.mark.parametrize("lasts", ["null", '"soon"', "[]", '"nan"', '"Infinity"', "9" * 400, '"3600"'])
def test_how_long_it_lasts_may_be_anything(lasts: str, serve: Any) -> None:
    server = serve(
        reply(200, b'{"access_token": "t1", "expires_in": %b}' % lasts.encode(), JSON), granted("t2")
    )
    fetch = ClientCredentials(server.url, "me", "s3cr3t")
    assert [fetch(), fetch()] == ["t1", "t1"]
    fetch._ends -= 4000
    assert fetch() == "t2"


def test_pickling_keeps_the_settings_and_not_the_token(serve: Any) -> None:
    tokens = serve(granted("t1"), granted("t2"))
    fetch = ClientCredentials(tokens.url, "me", "s3cr3t")
    assert fetch() == "t1"
    assert pickle.loads(pickle.dumps(fetch))() == "t2"
