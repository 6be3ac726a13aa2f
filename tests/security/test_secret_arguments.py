"""An argument that the document calls a secret, in the path too, is in nothing that is kept or shown."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from dynaclient import AsyncClient, CallEvent, Client, DynaclientError
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, reply
from tests.small import JSON, document, json_reply, param, said

SECRET = "s3cr3t/+= \u00fc"
FORMS = ("s3cr3t", quote(SECRET, safe=""))
PLACES = ("path", "query", "header")
HOOKS = ("on_request", "on_response", "on_retry", "on_violation", "on_error")
CLIENTS = ("sync", "lean", "stream", "async")


def tree(place: str) -> dict[str, Any]:
    path = "/reset/{token}/x" if place == "path" else "/reset/x"
    answer = said({"type": "object", "properties": {"n": {"type": "integer"}}})
    parameters = [param("token" if place == "path" else "X-Token", place)]
    return document(
        {path: {"get": {"operationId": "op", "parameters": parameters, "responses": {"200": answer}}}}
    )


def answers(request: Recorded) -> list[Any]:
    """What says the secret again: in a redirect, an error, a body that is invalid, and not at all."""
    path, _, query = request.target.partition("?")
    told = request.header("X-Token") or unquote(request.target)
    here, away = f"{path}?{query}&again={quote(path)}", f"http://127.0.0.2{path}"
    return [
        reply(503, told.encode(), [("Retry-After", "0")]),
        reply(307, b"", [("Location", here)]),
        reply(307, b"", [("Location", away)]),
        reply(403, json.dumps({"message": f"no {told}"}).encode(), JSON),
        json_reply({"n": told}),
        json_reply({}),
        HANG_UP,
        HANG_UP,
        HANG_UP,
    ]


class Kept:
    """The texts that are kept or shown of some calls."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.attempts = 0

    def keep(self, thing: Any) -> None:
        response = getattr(thing, "response", thing)
        shown = [thing, response, getattr(response, "request", None)]
        tries = getattr(response, "attempts", ()) or getattr(thing, "attempts", ())
        self.attempts += len(tries)
        self.texts += [text for each in (*shown, *tries) for text in (repr(each), str(each))]
        again = pickle.loads(pickle.dumps(thing))
        response = getattr(again, "response", again)
        if (request := getattr(response, "request", None)) is not None:
            self.texts += [str(vars(request)), response.url]
        self.texts += map(repr, getattr(response, "attempts", ()) or getattr(again, "attempts", ()))


def ask(kind: str, place: str, url: str, kept: Kept, har: Path, hooks: dict[str, Any]) -> None:
    names = {"token": SECRET} if place == "path" else {"X-Token": SECRET.strip(" \u00fc")}
    for mode in ("strict", "warn"):
        settings: dict[str, Any] = {"server": url, "validate": mode, "timeout": 20, **hooks}
        if kind == "async":
            asyncio.run(_awaited(tree(place), settings, names, kept, har.with_suffix(f".{mode}")))
            continue
        more = {"transport": "urllib3"} if kind == "lean" else {}
        stream: Any = {"stream": True} if kind == "stream" else {}
        with Client(tree(place), **settings, **more) as client, client.record(har.with_suffix(f".{mode}")):
            for _ in range(6):
                for call in (client.send, client.call):
                    try:
                        found = call("op", names, options=stream)
                        if kind == "stream":
                            found.read()
                        if call == client.send:
                            kept.keep(found)
                    except DynaclientError as error:
                        kept.keep(error)


async def _awaited(document: Any, settings: Any, names: Any, kept: Kept, har: Path) -> None:
    async with AsyncClient(document, **settings) as client, client.record(har):
        for _ in range(12):
            try:
                kept.keep(await client.send("op", names))
            except DynaclientError as error:
                kept.keep(error)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("place", PLACES)
def test_it_is_not_shown(
    place: str, kind: str, serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "dynaclient")
    count = 0

    def answer(request: Recorded) -> Any:
        nonlocal count
        found = answers(request)
        count += 1
        return found[(count - 1) % len(found)]

    server, kept, events = serve(answer), Kept(), list[CallEvent]()
    ask(kind, place, server.url, kept, tmp_path / "a.har", dict.fromkeys(HOOKS, events.append))
    sent = [request.raw.decode("latin-1") for request in server.requests]
    assert all(any(form in each for form in FORMS) for each in sent)
    assert kept.attempts > 6
    records = [f"{each.getMessage()} {vars(each)}" for each in caplog.records if each.name == "dynaclient"]
    files = [each.read_text() for each in tmp_path.iterdir()]
    outlets = {"kept": kept.texts, "events": [repr(each) for each in events], "log": records, "har": files}
    assert all(outlets.values())
    found = {
        name: [text for text in texts if any(form in text for form in FORMS)]
        for name, texts in outlets.items()
    }
    assert found == {name: [] for name in outlets}


def test_what_was_not_sent_says_nothing_of_it() -> None:
    """Nothing listens there, and the time is over before anything is sent."""
    kept = Kept()
    for settings in ({}, {"timeout": 1e-9}, {"rate": "1/h"}):
        with Client(tree("path"), server="http://127.0.0.1:1", retries=0, **settings) as client:
            for _ in range(2):
                with suppress(DynaclientError):
                    try:
                        client.call("op", {"token": SECRET}, options={"timeout": 0.5})
                    except DynaclientError as error:
                        kept.keep(error)
    assert len(kept.texts) > 12
    assert [text for text in kept.texts if any(form in text for form in FORMS)] == []
