"""A credential of any kind is in nothing that watches calls: records, events, spans, metrics.

Their server says again what it got. What else could let one out is in `test_leaks`.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import pickle
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")
pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynaclient import AsyncClient, CallEvent, Client, ClientCredentials, DynaclientError
from dynaclient.otel import instrument
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, reply
from tests.small import JSON, document, json_reply, param

SECRET = "s3cr3t-" + "k" * 9
CUT = SECRET[:10]
FORMS = (CUT, base64.b64encode(f"me:{SECRET}".encode()).decode()[4:20], quote(SECRET))
HOOKS = ("on_request", "on_response", "on_retry", "on_violation", "on_error")


def key(place: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": place, "name": "X-Key"}


FLOW = {"clientCredentials": {"tokenUrl": "http://{host}/token", "scopes": {}}}
SCHEMES: dict[str, Any] = {
    "header": key("header"),
    "query": key("query"),
    "cookie": key("cookie"),
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth2": {"type": "oauth2", "flows": FLOW},
}


def tree(scheme: str | None, host: str) -> dict[str, Any]:
    answers = {
        "200": {
            "description": "",
            "content": {
                "application/json": {"schema": {"type": "object", "properties": {"n": {"maxLength": 3}}}}
            },
        }
    }
    named = param("password"), param("n")
    operation = {"operationId": "op", "parameters": list(named), "responses": answers}
    found = {"paths": {"/x": {"get": operation}}}
    if scheme is None:
        return document(found["paths"])
    described = SCHEMES[scheme]
    if scheme == "oauth2":
        flow = {"clientCredentials": {"tokenUrl": f"http://{host}/token", "scopes": {}}}
        described = {"type": "oauth2", "flows": flow}
    return document(
        found["paths"], components={"securitySchemes": {scheme: described}}, security=[{scheme: []}]
    )


def session(**settings: Any) -> requests.Session:
    made = requests.Session()
    for name, value in settings.items():
        held = getattr(made, name)
        if hasattr(held, "update"):
            held.update(value)
        else:
            setattr(made, name, value)
    return made


WAYS: dict[str, tuple[str | None, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "apiKey in a header": ("header", {"credentials": {"header": SECRET}}, {}, {}),
    "apiKey in the query": ("query", {"credentials": {"query": SECRET}}, {}, {}),
    "apiKey in a cookie": ("cookie", {"credentials": {"cookie": SECRET}}, {}, {}),
    "basic": ("basic", {"credentials": {"basic": ("me", SECRET)}}, {}, {}),
    "bearer": ("bearer", {"credentials": {"bearer": SECRET}}, {}, {}),
    "oauth2": ("oauth2", {}, {}, {}),
    "auth of a session": (None, {"session": session(auth=("me", SECRET))}, {}, {}),
    "headers of a session": (None, {"session": session(headers={"X-Own": SECRET})}, {}, {}),
    "params of a session": (None, {"session": session(params={"who": SECRET})}, {}, {}),
    "cookies of a session": (None, {"session": session(cookies={"sid": SECRET})}, {}, {}),
    "headers of options": (None, {}, {"headers": {"Authorization": f"Bearer {SECRET}"}}, {}),
    "the query of options": (None, {}, {"query": {"trace": SECRET}}, {}),
    "the user of a URL": (None, {"server": f"http://me:{SECRET}@{{host}}"}, {}, {}),
    "the query of a URL": (None, {"server": f"http://{{host}}?code={SECRET}"}, {}, {}),
    "an argument that is called a secret": (None, {}, {}, {"password": SECRET}),
}
CLIENTS = ["sync", "lean", "async", "stream"]


class Watched:
    """All that can watch, at once, and every text that came of it."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []
        self.errors: list[BaseException] = []
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self._tracers, self._meters = TracerProvider(), MeterProvider([self._reader])
        self._tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.hooks = dict.fromkeys(HOOKS, self.events.append)

    def into(self, client: Any) -> Any:
        instrument(client, tracer_provider=self._tracers, meter_provider=self._meters)
        return client

    def close(self) -> None:
        self._tracers.shutdown()
        self._meters.shutdown()

    def of_events(self) -> list[str]:
        return [text for each in self.events for text in (repr(each), str(vars(each)))] + [
            pickle.dumps(each).decode("latin-1") for each in self.events
        ]

    def of_spans(self) -> list[str]:
        return [str(span.to_json()) for span in self._exporter.get_finished_spans()]

    def of_metrics(self) -> list[str]:
        return [str(self._reader.get_metrics_data().to_json())]  # type: ignore[union-attr]

    def of_errors(self) -> list[str]:
        return [text for error in self.errors for text in (repr(error), str(error))]


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    yield made
    made.close()


def answers() -> list[Any]:
    """A server that fails, redirects, and says again what it got."""
    echo = json_reply({"n": f"{'x' * 50}{SECRET}", "message": SECRET})
    moved = reply(307, b"", [("Location", f"/{SECRET}?code={SECRET}&{SECRET}")])
    again = reply(503, SECRET.encode(), [("Retry-After", "0")])
    refused = reply(403, f'{{"message": "{SECRET}"}}'.encode(), JSON)
    return [again, moved, echo, refused, HANG_UP, HANG_UP, HANG_UP]


def calls(watched: Watched, kind: str, source: Any, settings: Any, options: Any, names: Any) -> None:
    for mode in ("strict", "warn"):
        both = {**settings, "validate": mode, **watched.hooks}
        if kind == "lean":
            both["transport"] = "urllib3"
        for _ in range(3):
            try:
                if kind == "async":
                    asyncio.run(_awaited(watched, source, both, options, names))
                else:
                    with watched.into(Client(source, **both)) as client:
                        stream = {"stream": True} if kind == "stream" else {}
                        response = client.call("op", names, options={**options, **stream})
                        if stream:
                            response.close()
            except DynaclientError as error:
                watched.errors.append(error)


async def _awaited(watched: Watched, source: Any, settings: Any, options: Any, names: Any) -> None:
    async with watched.into(AsyncClient(source, **settings)) as client:
        await client.call("op", names, options=options)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("way", WAYS)
def test_no_secret_where_calls_are_watched(
    way: str, kind: str, watched: Watched, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    scheme, settings, options, names = WAYS[way]
    if kind in ("async", "lean") and "session" in settings:
        pytest.skip("it takes none")
    caplog.set_level(logging.DEBUG)
    several = iter(answers() * 2)

    def answer(request: Recorded) -> Any:
        if request.target.startswith("/token"):
            return json_reply({"access_token": SECRET, "token_type": "bearer"})
        return next(several, HANG_UP)

    server = serve(answer)
    host = server.url[7:]
    if scheme == "oauth2":
        settings = {"credentials": {"oauth2": ClientCredentials(f"{server.url}/token", "me", SECRET)}}
    where = settings.get("server", "http://{host}").format(host=host)
    calls(watched, kind, tree(scheme, host), {**settings, "server": where, "timeout": 20}, options, names)

    sent = b"".join(request.raw for request in server.requests).decode()
    assert any(form in sent for form in FORMS)
    ours = [each for each in caplog.records if each.name == "dynaclient"]
    outlets = {
        "records": [f"{each.getMessage()} {vars(each)}" for each in ours],
        "events": watched.of_events(),
        "spans": watched.of_spans(),
        "metrics": watched.of_metrics(),
        "errors": watched.of_errors(),
    }
    assert all(outlets.values())
    found = {
        name: [text[:300] for text in texts if any(form in text for form in FORMS)]
        for name, texts in outlets.items()
    }
    assert found == {name: [] for name in outlets}
