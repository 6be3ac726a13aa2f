"""`idempotency_key_header`: one key over the attempts of a call, another for the next; a given one holds."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dynaclient import Client, ConnectError, RequestInvalid, SettingsError
from tests.conftest import Serve
from tests.servers import HANG_UP, RawServer, reply
from tests.small import one, param

HEADER = "Idempotency-Key"
NOW = [("Retry-After", "0")]
DOCUMENTED = param("idempotency-key", "header", {"type": "string", "format": "uuid"}, required=True)


def keys(server: RawServer) -> list[str | None]:
    return [request.header(HEADER) for request in server.requests]


def client(server: RawServer, tree: Any, **settings: Any) -> Client:
    return Client(
        tree, server=server.url, validate={"response": "off"}, idempotency_key_header=HEADER, **settings
    )


@pytest.mark.parametrize("parameters", [(), (DOCUMENTED,)], ids=["an extra", "documented"])
@pytest.mark.parametrize("method", ["post", "patch"])
def test_one_key_for_all_attempts_of_a_call(method: str, parameters: Any, serve: Serve) -> None:
    server = serve(reply(503), HANG_UP, reply(201), reply(429, b"", NOW), reply(201))
    with client(server, one(method, "/x", *parameters)) as api:
        assert [api.send("op").status, api.send("op").status] == [201, 201]
    first, second = keys(server)[0], keys(server)[3]
    assert keys(server) == [first] * 3 + [second] * 2
    assert first != second
    assert str(uuid.UUID(first)) == first


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_what_is_idempotent_has_none(method: str, serve: Serve) -> None:
    server = serve(reply(200))
    with client(server, one(method)) as api:
        api.send("op")
    assert keys(server) == [None]


def test_a_key_of_the_call_goes_before_it(serve: Serve) -> None:
    server = serve(reply(503), reply(200))
    with client(server, one("post")) as api:
        api.send("op", options={"headers": {"idempotency-KEY": "mine"}})
    assert keys(server) == ["mine", "mine"]
    with client(server, one("post", "/x", DOCUMENTED)) as api:
        given = str(uuid.uuid4())
        api.send("op", {HEADER.lower(): given})
    assert keys(server)[2:] == [given]


def test_without_the_setting_a_key_of_the_call_is_a_header_as_any(serve: Serve) -> None:
    server = serve(HANG_UP)
    with (
        Client(one("post"), server=server.url) as api,
        pytest.raises(ConnectError),
    ):
        api.send("op", options={"headers": {HEADER: "mine"}})
    assert keys(server) == ["mine"]


def test_a_documented_key_is_checked_as_given(serve: Serve) -> None:
    server = serve(reply(200))
    with client(server, one("post", "/x", DOCUMENTED)) as api:
        assert api.check("op") == []
        with pytest.raises(RequestInvalid, match="idempotency-key"):
            api.send("op", {HEADER.lower(): "no uuid"})
    assert server.requests == []


def test_a_bulk_run_has_a_key_of_each_row(serve: Serve) -> None:
    server = serve(reply(503), reply(200))
    with client(server, one("post", body={})) as api:
        assert [row.state for row in api.bulk("op", [{"body": {}}], workers=1)] == ["ok"]
    assert len(set(keys(server))) == 1
    assert len(keys(server)) == 2
    assert None not in keys(server)


def test_the_answer_to_a_challenge_has_the_same_key(serve: Serve) -> None:
    challenge = [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')]
    server = serve(reply(401, b"", challenge), reply(503), reply(200))
    digest = {"securitySchemes": {"d": {"type": "http", "scheme": "digest"}}}
    tree = one("post", components=digest, security=[{"d": []}])
    with client(server, tree, credentials={"d": ("user", "s3cr3t")}) as api:
        assert api.send("op").status == 200
    assert len(server.requests) == 3
    assert len(set(keys(server))) == 1


@pytest.mark.parametrize("given", ["", "a b", "ü", "a:b", 5])
def test_what_is_no_name_of_a_header(given: Any) -> None:
    with pytest.raises(SettingsError, match="idempotency_key_header: expected the name of a header"):
        Client(one(), idempotency_key_header=given)
