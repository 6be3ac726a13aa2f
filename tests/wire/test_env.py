"""Secrets by reference: `Env("NAME")` and importable callables are pickled as what they name."""

from __future__ import annotations

import base64
import copy
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest

import dynaclient
from dynaclient import Client, Env, SettingsError
from dynaclient.client import executor_of
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import json_reply, one

SECRET = "s3cr3t-" + "e" * 8
BASIC = "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()
SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "Authorization"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
    "digest": {"type": "http", "scheme": "digest"},
}


def secured(scheme: str) -> dict[str, Any]:
    return one(answer={}, security=[{scheme: []}], components={"securitySchemes": SCHEMES})


@pytest.fixture(autouse=True)
def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", SECRET)
    monkeypatch.setenv("OUR_PAIR", f"user:{SECRET}")


def from_vault(request: Any) -> str:
    """A callable that can be imported."""
    return os.environ["OUR_SECRET"]


def refers(request: Any) -> Any:
    return ("user", Env("OUR_SECRET"))


SENT: list[tuple[str, Any, str]] = [
    ("key", Env("OUR_SECRET"), SECRET),
    ("key", ("ApiKey-v1", Env("OUR_SECRET")), f"ApiKey-v1 {SECRET}"),
    ("key", from_vault, SECRET),
    ("bearer", Env("OUR_SECRET"), f"Bearer {SECRET}"),
    ("oauth", Env("OUR_SECRET"), f"Bearer {SECRET}"),
    ("basic", Env("OUR_PAIR"), BASIC),
    ("basic", ("user", Env("OUR_SECRET")), BASIC),
    ("basic", refers, BASIC),
    ("key", "open", "open"),
]


@pytest.mark.parametrize(("scheme", "credential", "due"), SENT)
def test_what_it_stands_for_is_sent_and_not_kept(
    scheme: str, credential: Any, due: str, serve: Serve
) -> None:
    server = serve(json_reply({}))
    with Client(secured(scheme), server=server.url, credentials={scheme: credential}) as client:
        client.call("op")
        for kept in (
            pickle.dumps(client),
            pickle.dumps(client.op),
            repr(vars(executor_of(client).credentials)).encode(),
        ):
            assert SECRET.encode() not in kept
            assert BASIC.removeprefix("Basic ").encode() not in kept
        for again in (pickle.loads(pickle.dumps(client)), copy.deepcopy(client), copy.copy(client)):
            again.call("op")
            again.close()
    assert [each.header("Authorization") for each in server.requests] == [due] * 4


@pytest.mark.parametrize("credential", [Env("OUR_PAIR"), ("user", Env("OUR_SECRET"))])
def test_a_digest_is_made_of_it_and_it_does_not_travel(credential: Any, serve: Serve) -> None:
    challenge = reply(401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    server = serve(challenge, json_reply({}))
    with Client(secured("digest"), server=server.url, credentials={"digest": credential}) as client:
        client.call("op")
        assert SECRET.encode() not in pickle.dumps(client)
    text = "".join(request.raw.decode() for request in server.requests)
    assert 'Digest username="user"' in text
    assert SECRET not in text


def test_it_is_read_for_each_request(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was exchanged holds at once."""
    server = serve(json_reply({}))
    with Client(secured("key"), server=server.url, credentials={"key": Env("OUR_SECRET")}) as client:
        client.call("op")
        monkeypatch.setenv("OUR_SECRET", "another")
        client.call("op")
    assert [each.header("Authorization") for each in server.requests] == [SECRET, "another"]


def test_another_process_reads_its_own(serve: Serve) -> None:
    server = serve(json_reply({}))
    client = Client(secured("bearer"), server=server.url, credentials={"bearer": Env("OUR_SECRET")})
    code = "import pickle, sys; pickle.load(sys.stdin.buffer).call('op')"
    environment = {**os.environ, "OUR_SECRET": "of-the-other"}
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps(client), env=environment, check=True)
    assert server.requests[0].header("Authorization") == "Bearer of-the-other"


@pytest.mark.parametrize("value", [None, ""])
def test_one_that_is_not_set_is_named_and_nothing_is_sent(
    value: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(json_reply({}))
    client = Client(secured("basic"), server=server.url, credentials={"basic": ("me", Env("OUR_SECRET"))})
    if value is None:
        monkeypatch.delenv("OUR_SECRET")
    else:
        monkeypatch.setenv("OUR_SECRET", value)
    with pytest.raises(SettingsError, match="the environment variable OUR_SECRET is not set"):
        client.call("op")
    assert server.connections == 0


def test_what_it_holds_is_redacted_as_any_credential(serve: Serve) -> None:
    def echo(request: Recorded) -> bytes:
        return json_reply({"message": SECRET}, 401)

    server = serve(echo)
    with Client(secured("bearer"), server=server.url, credentials={"bearer": Env("OUR_SECRET")}) as client:
        with pytest.raises(dynaclient.Unauthorized) as caught:
            client.call("op")
        kept = pickle.loads(pickle.dumps(caught.value.response.request))
    assert SECRET not in f"{caught.value} {client!r} {executor_of(client).credentials!r}"
    assert "Authorization" in kept.headers


@pytest.mark.parametrize("name", ["", None, 5, b"A", "A=s3cr3t", "s3cr3t-key", "a b", "\0", "1A"])
def test_a_name_that_is_none_is_refused_and_not_shown(name: Any) -> None:
    with pytest.raises(SettingsError, match="expected the name of an environment variable") as caught:
        Env(name)
    assert "s3cr3t" not in str(caught.value)


def test_it_is_a_value() -> None:
    assert {Env("A"), Env("A"), Env("B")} == {Env("A"), Env("B")}
    assert (repr(Env("A")), Env("A") == "A", pickle.loads(pickle.dumps(Env("A")))) == (
        "Env('A')",
        False,
        Env("A"),
    )
