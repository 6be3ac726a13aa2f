"""The refresh token grant (RFC 6749, section 6) as a credential: rotation, and one renewal for all."""

from __future__ import annotations

import asyncio
import base64
import pickle
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dynaclient import (
    AsyncClient,
    Client,
    DeadlineExceeded,
    DynaclientError,
    Env,
    RefreshToken,
    SettingsError,
    TransportError,
)
from dynaclient.transport.token_source import EARLY
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import json_reply, one

SECRET, CLIENT = "r3fresh-of-the-person", "s3cr3t-of-the-client"
TREE = one(
    answer={},
    security=[{"o": []}],
    components={"securitySchemes": {"o": {"type": "oauth2", "flows": {}}}},
)


def granted(number: int, **more: Any) -> bytes:
    return json_reply({"access_token": f"t{number}", "expires_in": 3600, **more})


def form(request: Recorded) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))


def refreshed(server: RawServer) -> list[str]:
    return [form(each)["refresh_token"] for each in server.requests]


class Rotating:
    """A server that takes each refresh token once, and gives another for it."""

    def __init__(self, lasts: float = 3600) -> None:
        self.count, self.valid, self.lasts = 0, SECRET, lasts
        self._lock = threading.Lock()

    def __call__(self, request: Recorded) -> bytes:
        with self._lock:
            if form(request)["refresh_token"] != self.valid:
                return json_reply({"error": "invalid_grant"}, 400)
            self.count += 1
            self.valid = f"{SECRET}-{self.count}"
            return granted(self.count, refresh_token=self.valid, expires_in=self.lasts)


def test_a_token_is_fetched_for_the_refresh_token_and_kept(serve: Serve) -> None:
    tokens, api = serve(granted(1)), serve(json_reply({}))
    credential = RefreshToken(f"{tokens.url}/token", "me", SECRET, scopes=["a", "b"], audience="x")
    with Client(TREE, server=api.url, credentials={"o": credential}) as client:
        client.op()
        client.op()
    assert [each.header("Authorization") for each in api.requests] == ["Bearer t1"] * 2
    (asked,) = tokens.requests
    assert form(asked) == {
        "grant_type": "refresh_token",
        "refresh_token": SECRET,
        "scope": "a b",
        "audience": "x",
        "client_id": "me",
    }
    assert asked.all("Authorization") == []


@pytest.mark.parametrize("secret_in", ["header", "body"])
def test_a_client_that_has_a_secret_sends_it(
    secret_in: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_SECRET", CLIENT)
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    tokens = serve(granted(1))
    credential = RefreshToken(
        tokens.url, "me", Env("OUR_TOKEN"), client_secret=Env("OUR_SECRET"), secret_in=secret_in
    )
    assert credential() == "t1"
    basic = "Basic " + base64.b64encode(f"me:{CLIENT}".encode()).decode()
    (asked,) = tokens.requests
    assert asked.all("Authorization") == ([basic] if secret_in == "header" else [])
    assert form(asked).get("client_secret") == (None if secret_in == "header" else CLIENT)
    assert form(asked)["refresh_token"] == SECRET


# -- rotation -------------------------------------------------------------------------------------------


def test_a_new_refresh_token_is_stored_and_used(serve: Serve) -> None:
    tokens, kept = serve(Rotating(lasts=0)), [SECRET]
    credential = RefreshToken(tokens.url, "me", lambda: kept[-1], store=kept.append)
    assert [credential(), credential(), credential()] == ["t1", "t2", "t3"]
    assert kept == [SECRET, f"{SECRET}-1", f"{SECRET}-2", f"{SECRET}-3"]
    assert refreshed(tokens) == kept[:3]


@pytest.mark.parametrize("by", ["text", "reference"])
def test_without_a_store_it_is_held_in_memory(by: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    tokens = serve(Rotating(lasts=0))
    credential = RefreshToken(tokens.url, "me", SECRET if by == "text" else Env("OUR_TOKEN"))
    assert [credential(), credential(), credential()] == ["t1", "t2", "t3"]
    assert refreshed(tokens) == [SECRET, f"{SECRET}-1", f"{SECRET}-2"]


def test_a_reference_that_gives_another_one_goes_before_what_is_held(serve: Serve) -> None:
    """Somebody logged in again."""
    tokens, kept = serve(granted(1, refresh_token="r2", expires_in=0)), [SECRET]
    credential = RefreshToken(tokens.url, "me", lambda: kept[-1])
    credential()
    credential()
    kept.append("r9")
    credential()
    assert refreshed(tokens) == [SECRET, "r2", "r9"]


def test_what_another_process_replaced_is_asked_for_again(serve: Serve) -> None:
    kept = [SECRET]

    def answer(request: Recorded) -> bytes:
        if form(request)["refresh_token"] == "r2":
            return granted(2)
        kept.append("r2")  # the other one was just before
        return json_reply({"error": "invalid_grant"}, 400)

    tokens = serve(answer)
    assert RefreshToken(tokens.url, "me", lambda: kept[-1])() == "t2"
    assert refreshed(tokens) == [SECRET, "r2"]


def test_one_that_ended_is_said_without_a_second_try(serve: Serve) -> None:
    tokens = serve(json_reply({"error": "invalid_grant", "error_description": SECRET}, 400))
    with pytest.raises(TransportError, match=r"without a token \(invalid_grant\); .* log in again") as caught:
        RefreshToken(tokens.url, "me", SECRET)()
    assert len(tokens.requests) == 1
    assert SECRET not in str(caught.value)


def test_a_store_that_fails_is_said_and_the_token_is_not_lost(serve: Serve) -> None:
    def store(text: str) -> None:
        raise OSError(28, "No space left")

    tokens = serve(Rotating(lasts=0))
    credential = RefreshToken(tokens.url, "me", SECRET, store=store)
    with pytest.raises(SettingsError, match=r"store: the callable raised OSError .* in memory alone"):
        credential()
    with pytest.raises(SettingsError, match="OSError"):
        credential()
    assert refreshed(tokens) == [SECRET, f"{SECRET}-1"]


@pytest.mark.parametrize("wrong", [lambda: 1 / 0, lambda: None, lambda: "", lambda: b"x"])
def test_a_callable_that_gives_none(wrong: Any, serve: Serve) -> None:
    tokens = serve(granted(1))
    with pytest.raises(SettingsError, match="refresh_token: the callable"):
        RefreshToken(tokens.url, "me", wrong)()
    assert tokens.connections == 0


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"token_url": f"htp://u:{SECRET}@h"}, "token_url: expected"),
    ({"client_id": 5}, "expected texts"),
    ({"client_secret": 5}, "expected texts"),
    ({"refresh_token": ""}, "refresh_token: expected a text"),
    ({"refresh_token": b"r"}, "refresh_token: expected a text"),
    ({"store": "x"}, "store: expected a callable"),
    ({"secret_in": "query"}, "secret_in"),
    ({"fields": {"refresh_token": SECRET}}, "fields cannot hold"),
    ({"timeout": 0}, "timeout"),
]


@pytest.mark.parametrize(("wrong", "told"), WRONG)
def test_what_cannot_work_is_refused_at_once(wrong: dict[str, Any], told: str) -> None:
    given: dict[str, Any] = {"token_url": "https://x.test/", "client_id": "me", "refresh_token": SECRET}
    with pytest.raises(SettingsError, match=told) as caught:
        RefreshToken(**{**given, **wrong})
    assert SECRET not in str(caught.value)


# -- renewal --------------------------------------------------------------------------------------------


def test_a_401_renews_it_once(serve: Serve) -> None:
    good = ["t1"]

    def answer(request: Recorded) -> bytes:
        return reply(200 if (request.header("Authorization") or "").endswith(good[0]) else 401)

    tokens, api = serve(Rotating()), serve(answer)
    credential = RefreshToken(tokens.url, "me", SECRET)
    with Client(TREE, server=api.url, credentials={"o": credential}, validate="off") as client:
        assert client.send("op").status == 200
        good[0] = "t2"
        assert client.send("op").status == 401  # it was fetched just now: it is not the token
        credential._began -= EARLY
        assert client.send("op").status == 200
        credential._began -= EARLY
        good[0] = "none"
        assert client.send("op").status == 401
    assert len(api.requests) == 6  # of the last call, two: once more, and no third time
    assert len(tokens.requests) == 3


class Both:
    """Calls from many threads, or from many tasks, over one credential."""

    def __init__(self, url: str, credential: RefreshToken) -> None:
        self.settings: dict[str, Any] = {"server": url, "credentials": {"o": credential}, "timeout": 30}

    def threads(self) -> None:
        with Client(TREE, **self.settings) as client:
            several = [threading.Thread(target=client.op) for _ in range(8)]
            for each in several:
                each.start()
            for each in several:
                each.join()

    def tasks(self) -> None:
        """Of one loop."""

        async def ask() -> None:
            async with AsyncClient(TREE, **self.settings) as client:
                await asyncio.gather(*(client.op() for _ in range(8)))

        asyncio.run(ask())

    def loops(self) -> None:
        """Tasks of several loops, and threads, at once."""
        several = [threading.Thread(target=each) for each in (self.tasks, self.threads, self.tasks)]
        for each in several:
            each.start()
        for each in several:
            each.join()


@pytest.mark.parametrize("way", ["threads", "tasks", "loops"])
def test_many_share_one_renewal(way: str, serve: Serve) -> None:
    """A refresh token that is used twice ends the session, where the server looks."""
    if way != "threads":
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    tokens, api = serve(Rotating()), serve(json_reply({}))
    getattr(Both(api.url, RefreshToken(tokens.url, "me", SECRET)), way)()
    assert len(tokens.requests) == 1
    assert {each.header("Authorization") for each in api.requests} == {"Bearer t1"}
    assert len(api.requests) == (24 if way == "loops" else 8)


@pytest.fixture
def hanging(serve: Serve) -> Iterator[tuple[RawServer, threading.Event]]:
    """A server of tokens whose second answer does not come before the test ends, and what it is asked for."""
    asked, over = threading.Event(), threading.Event()

    def second(request: Recorded) -> bytes:
        asked.set()
        over.wait(30)
        return granted(2)

    yield serve(granted(1), second), asked
    over.set()


@pytest.mark.parametrize("way", ["sync", "async"])
def test_whose_401_comes_while_another_thread_renews_keeps_his_deadline(
    way: str, serve: Serve, hanging: tuple[RawServer, threading.Event]
) -> None:
    if way == "async":
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    (tokens, asked), api = hanging, serve(reply(200), reply(401))
    credential = RefreshToken(tokens.url, "me", SECRET)
    settings: dict[str, Any] = {"server": api.url, "credentials": {"o": credential}, "validate": "off"}

    def other() -> None:
        with Client(TREE, **settings, timeout=30) as client, pytest.raises(DynaclientError):
            client.op()

    async def awaited() -> None:
        async with AsyncClient(TREE, **settings, timeout=0.3) as client:
            await client.op()

    with Client(TREE, **settings, timeout=0.3) as client:
        client.op()
        credential._began -= EARLY
        thread = threading.Thread(target=other)
        thread.start()
        assert asked.wait(20)
        ask = client.op if way == "sync" else lambda: asyncio.run(awaited())
        with pytest.raises(DeadlineExceeded):
            ask()
    tokens.cut()
    thread.join()


def test_renewing_waits_for_nobody(serve: Serve, hanging: tuple[RawServer, threading.Event]) -> None:
    """It only says whether another token can be had: whoever asks for that one waits within his time."""
    tokens, asked = hanging
    credential = RefreshToken(tokens.url, "me", SECRET)
    credential()
    credential._ends = 0

    def other() -> None:
        with pytest.raises(DynaclientError):
            credential()

    thread = threading.Thread(target=other)
    thread.start()
    assert asked.wait(20)
    credential._began -= EARLY
    refused = Recorded(b"GET / HTTP/1.1\r\nAuthorization: Bearer t1\r\n\r\n", b"", 0)
    assert credential.renew(type("Refused", (), {"headers": dict(refused.fields)}))
    assert thread.is_alive()
    tokens.cut()
    thread.join()


# -- what is shown and kept -----------------------------------------------------------------------------


@pytest.mark.parametrize("fresh", [True, False])
def test_a_pickle_of_one_by_reference_holds_no_secret(
    fresh: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    tokens = serve(Rotating(lasts=0))
    credential = RefreshToken(tokens.url, "me", Env("OUR_TOKEN"))
    if not fresh:
        credential()
    kept = pickle.dumps(credential)
    assert SECRET.encode() not in kept
    assert b"t1" not in kept
    assert SECRET not in repr(credential)
    assert pickle.loads(kept).client_id == "me"


def test_a_pickle_of_one_in_plain_text_holds_the_newest(serve: Serve) -> None:
    tokens = serve(Rotating(lasts=0))
    credential = RefreshToken(tokens.url, "me", SECRET)
    credential()
    assert pickle.loads(pickle.dumps(credential))() == "t2"
