"""Spans and metrics of calls, as an SDK collects them in memory; under both clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import requests

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")

from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from dynaclient import AsyncClient, CallEvent, Client, ConnectError, RequestInvalid
from dynaclient.otel import instrument, uninstrument
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.small import document, json_reply, param, said

NOW = [("Retry-After", "0")]
OBJECT = said({"type": "object", "properties": {"n": {"type": "integer"}}})
PATH = "/v2/customer_sessions/{customerSessionId}"
GET = {
    "operationId": "getCustomerSession",
    "parameters": [param("customerSessionId", "path"), param("q")],
    "responses": {"200": OBJECT},
}
TREE = document({PATH: {"get": GET}})
NAME = f"GET {PATH}"


class Collected(NamedTuple):
    """Where spans and metrics go."""

    tracers: TracerProvider
    exporter: InMemorySpanExporter
    meters: MeterProvider
    reader: InMemoryMetricReader

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """In the order in which they ended."""
        return tuple(self.exporter.get_finished_spans())

    @property
    def attributes(self) -> list[dict[str, Any]]:
        return [dict(span.attributes or {}) for span in self.spans]

    @property
    def points(self) -> list[Any]:
        """Of the one metric."""
        data: Any = self.reader.get_metrics_data()
        metrics = [
            each for of in data.resource_metrics for scope in of.scope_metrics for each in scope.metrics
        ]
        assert [(each.name, each.unit) for each in metrics] == [("http.client.request.duration", "s")]
        return list(metrics[0].data.data_points)

    def into(self, client: Any) -> Any:
        instrument(client, tracer_provider=self.tracers, meter_provider=self.meters)
        return client


@pytest.fixture
def collected() -> Iterator[Collected]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    yield Collected(tracers, exporter, meters, reader)
    tracers.shutdown()
    meters.shutdown()


Send = Callable[..., Any]


@pytest.fixture(params=["sync", "lean", "async"])
def send(request: pytest.FixtureRequest, collected: Collected) -> Send:
    """Send one request with an instrumented client of one kind or the other."""
    if request.param == "async":
        pytest.importorskip("aiohttp")

    async def awaited(names: Any, settings: Any) -> Any:
        async with collected.into(AsyncClient(TREE, **settings)) as client:
            return await client.send("getCustomerSession", names)

    def sent(names: Any = None, **settings: Any) -> Any:
        names = {"customerSessionId": "s-1"} if names is None else names
        if request.param == "async":
            return asyncio.run(awaited(names, settings))
        over = {"transport": "urllib3"} if request.param == "lean" else {}
        with collected.into(Client(TREE, **settings, **over)) as client:
            return client.send("getCustomerSession", names)

    return sent


def parts(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("/")[2].partition(":")
    return host, int(port)


def test_a_span_says_what_was_called(send: Send, collected: Collected, serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    send({"customerSessionId": "s-1", "q": "a"}, server=server.url)
    (span,) = collected.spans
    host, port = parts(server.url)
    assert (span.name, span.kind, span.status.status_code) == (NAME, SpanKind.CLIENT, StatusCode.UNSET)
    assert collected.attributes == [
        {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "openapi.operation_id": "getCustomerSession",
            "server.address": host,
            "server.port": port,
            "url.full": f"{server.url}/v2/customer_sessions/s-1?q=a",
            "url.scheme": "http",
            "url.template": PATH,
        }
    ]
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "dynaclient"


def test_the_server_gets_the_context_of_the_span(send: Send, collected: Collected, serve: Serve) -> None:
    server, tracer = serve(json_reply({"n": 1})), collected.tracers.get_tracer("test")
    with tracer.start_as_current_span("around") as around:
        response = send(server=server.url)
    (ours,) = [span for span in collected.spans if span.name == NAME]
    assert ours.parent is not None
    assert ours.parent.span_id == around.get_span_context().span_id
    (parent,) = server.requests[0].all("traceparent")
    assert parent.split("-")[1:3] == [f"{ours.context.trace_id:032x}", f"{ours.context.span_id:016x}"]
    assert "traceparent" not in response.request.headers


def test_baggage_goes_along_and_a_header_of_that_name_is_replaced(collected: Collected, serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    token = context.attach(baggage.set_baggage("tenant", "seven"))
    try:
        for session in (None, requests.Session()):
            with collected.into(Client(TREE, server=server.url, session=session)) as client:
                client.get_customer_session("1", options={"headers": {"TraceParent": "of mine"}})
    finally:
        context.detach(token)
    for request in server.requests:
        assert request.all("baggage") == ["tenant=seven"]
        assert len(request.all("traceparent")) == 1
        assert request.header("traceparent") != "of mine"


def test_a_retry_has_a_span_of_its_own(send: Send, collected: Collected, serve: Serve) -> None:
    server = serve(reply(503, b"", NOW), HANG_UP, json_reply({"n": 1}))
    send(server=server.url)
    keys = ("http.request.resend_count", "http.response.status_code", "error.type")
    assert [tuple(each.get(key) for key in keys) for each in collected.attributes] == [
        (None, 503, "503"),
        (1, None, "ConnectError"),
        (2, 200, None),
    ]
    codes = [span.status.status_code for span in collected.spans]
    assert codes == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    sent = [request.header("traceparent") for request in server.requests]
    assert len(set(sent)) == 3
    assert all((span.end_time or 0) >= (span.start_time or 0) for span in collected.spans)


def test_a_redirect_is_sent_again(send: Send, collected: Collected, serve: Serve) -> None:
    server = serve(reply(307, b"", [("Location", "/elsewhere?token=s3cr3t")]), json_reply({}))
    send(server=server.url)
    assert [each.get("http.request.resend_count") for each in collected.attributes] == [None, 1]
    assert collected.attributes[1]["url.full"] == f"{server.url}/elsewhere?token=***"


def test_a_redirect_that_says_a_secret_again(collected: Collected, serve: Serve) -> None:
    server = serve(reply(307, b"", [("Location", "/k3y-s3cr3t")]), json_reply({}))
    key = {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    tree = {**TREE, "components": {"securitySchemes": key}, "security": [{"k": []}]}
    with collected.into(Client(tree, server=server.url, credentials={"k": "k3y-s3cr3t"})) as client:
        client.get_customer_session("1")
    assert collected.attributes[1]["url.full"] == f"{server.url}/***"


def test_a_call_without_a_response(send: Send, collected: Collected) -> None:
    with pytest.raises(ConnectError) as caught:
        send(server=f"http://127.0.0.1:{closed_port()}", retries=0)
    (span,) = collected.spans
    assert collected.attributes[0]["error.type"] == "ConnectError"
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, str(caught.value))
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_an_error_of_the_server_is_one_of_the_span(send: Send, collected: Collected, serve: Serve) -> None:
    send(server=serve(reply(404)).url)
    assert collected.attributes[0]["error.type"] == "404"
    assert collected.spans[0].status.status_code is StatusCode.ERROR


def test_what_breaks_the_document_is_an_event(send: Send, collected: Collected, serve: Serve) -> None:
    response = send(server=serve(json_reply({"n": "one"})).url, validate="warn")
    (event,) = collected.spans[0].events
    found = response.violations[0]
    assert collected.attributes[0]["dynaclient.violations"] == 1
    assert (event.name, dict(event.attributes or {})) == (
        "dynaclient.violation",
        {
            "where": "body",
            "name": "body",
            "pointer": "/n",
            "schema_pointer": found.schema_pointer,
            "message": found.message,
        },
    )


def test_what_is_refused_has_no_span(send: Send, collected: Collected, serve: Serve) -> None:
    with pytest.raises(RequestInvalid):
        send({}, server=serve(reply(200)).url)
    assert collected.spans == ()


def test_durations(send: Send, collected: Collected, serve: Serve) -> None:
    server = serve(reply(503, b"", NOW), json_reply({"n": 1}))
    send(server=server.url)
    host, port = parts(server.url)
    same = {
        "http.request.method": "GET",
        "server.address": host,
        "server.port": port,
        "url.scheme": "http",
        "url.template": PATH,
    }
    points = {point.attributes["http.response.status_code"]: point for point in collected.points}
    assert dict(points[200].attributes) == {**same, "http.response.status_code": 200}
    assert dict(points[503].attributes) == {
        **same,
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert {point.count for point in points.values()} == {1}
    assert all(0 < point.sum < 60 for point in points.values())
    assert points[200].explicit_bounds[:2] == (0.005, 0.01)


def test_tasks_keep_their_contexts_apart(collected: Collected, serve: Serve) -> None:
    pytest.importorskip("aiohttp")
    server, tracer = serve(json_reply({"n": 1})), collected.tracers.get_tracer("test")

    async def one(client: AsyncClient, number: int) -> None:
        with tracer.start_as_current_span(f"around {number}"):
            await client.get_customer_session(f"{number}")

    async def all_of_them() -> None:
        async with collected.into(AsyncClient(TREE, server=server.url)) as client:
            await asyncio.gather(*(one(client, number) for number in range(20)))

    asyncio.run(all_of_them())
    around = {span.context.span_id: span.name for span in collected.spans if span.name != NAME}
    found = [
        (around[span.parent.span_id].rpartition(" ")[2], span.attributes["url.full"].rpartition("/")[2])
        for span in collected.spans
        if span.name == NAME and span.parent is not None and span.attributes is not None
    ]
    assert len(found) == 20
    assert all(one == other for one, other in found)


def test_a_task_that_is_cancelled_ends_its_span(collected: Collected, serve: Serve) -> None:
    pytest.importorskip("aiohttp")
    asked = asyncio.Event()

    async def cancelled() -> bool:
        settings = {"server": serve(reply(200)).url, "on_request": lambda event: asked.set()}
        async with collected.into(AsyncClient(TREE, **settings)) as client:
            task = asyncio.ensure_future(client.get_customer_session("1"))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return trace.get_current_span() is trace.INVALID_SPAN

    assert asyncio.run(cancelled())
    assert [each["error.type"] for each in collected.attributes] == ["CancelledError"]


@pytest.mark.parametrize("hook", ["on_request", "on_response", "on_violation"])
def test_what_a_hook_raises_leaves_no_span_open(hook: str, collected: Collected, serve: Serve) -> None:
    def fail(event: CallEvent) -> None:
        raise KeyError("of mine")

    server = serve(json_reply({"n": "one"}))
    client = collected.into(Client(TREE, server=server.url, **{hook: fail}))
    with client, pytest.raises(KeyError):
        client.get_customer_session("1")
    assert len(collected.spans) == 1
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_threads_and_streams(collected: Collected, serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    with collected.into(Client(TREE, server=server.url)) as client:
        rows = [{"customerSessionId": str(number)} for number in range(20)]
        assert [each.status for each in client.bulk("getCustomerSession", rows, workers=4)] == [200] * 20
        with client.send("getCustomerSession", customerSessionId="1", options={"stream": True}) as response:
            assert len(collected.spans) == 21
            assert response.data == {"n": 1}
    sent = {request.header("traceparent") for request in server.requests}
    assert len(sent) == 21


@pytest.fixture
def instrumentors(collected: Collected) -> Iterator[None]:
    every = (RequestsInstrumentor(), URLLib3Instrumentor())
    for each in every:
        each.instrument(tracer_provider=collected.tracers)
    yield
    for each in every:
        each.uninstrument()


@pytest.mark.usefixtures("instrumentors")
@pytest.mark.parametrize("given", [False, True])
def test_no_second_span_beside_other_instruments(given: bool, collected: Collected, serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    session = requests.Session() if given else None
    with collected.into(Client(TREE, server=server.url, session=session)) as client:
        client.get_customer_session("1")
    assert [span.name for span in collected.spans] == [NAME]
    assert len(server.requests[0].all("traceparent")) == 1
    requests.get(server.url, timeout=10)
    assert len(collected.spans) > 1  # theirs is on all the same


def test_not_while_instrumentation_is_suppressed(send: Send, collected: Collected, serve: Serve) -> None:
    with suppress_instrumentation():
        assert send(server=serve(json_reply({"n": 1})).url).status == 200
    assert collected.spans == ()


def test_no_context_goes_to_a_server_that_only_the_document_names(collected: Collected, serve: Serve) -> None:
    own, other = serve(json_reply({"n": 1})), serve(json_reply({"n": 1}))
    tree = document({PATH: {"get": {**GET, "servers": [{"url": other.url}]}}}, servers=[{"url": own.url}])
    with collected.into(Client(tree)) as client:
        client.get_customer_session("1")
    assert [request.all("traceparent") for request in other.requests] == [[]]
    assert len(collected.spans) == 1


@pytest.mark.parametrize("kind", ["sync", "lean", "async"])
def test_no_context_goes_to_the_server_of_a_link(kind: str, collected: Collected, serve: Serve) -> None:
    """Its operation is that of the client's server, which gets the context of each call that goes there."""
    own, other = serve(json_reply({"n": 1})), serve(json_reply({"n": 2}))
    link = {"operationId": GET["operationId"], "parameters": {"customerSessionId": "1"}}
    links = {"here": link, "away": {**link, "server": {"url": other.url}}}
    tree = document(
        {PATH: {"get": {**GET, "responses": {"200": {**OBJECT, "links": links}}}}}, servers=[{"url": own.url}]
    )

    async def awaited() -> None:
        async with collected.into(AsyncClient(tree)) as client:
            response = await client.send("getCustomerSession", {"customerSessionId": "0"})
            for name in links:
                await response.links[name]()

    if kind == "async":
        pytest.importorskip("aiohttp")
        asyncio.run(awaited())
    else:
        over = {"transport": "urllib3"} if kind == "lean" else {}
        with collected.into(Client(tree, **over)) as client:
            response = client.send("getCustomerSession", {"customerSessionId": "0"})
            for name in links:
                response.links[name]()
    assert [len(request.all("traceparent")) for request in own.requests] == [1, 1]
    assert [len(request.all("traceparent")) for request in other.requests] == [0]
    assert [each["server.port"] for each in collected.attributes] == [
        parts(server.url)[1] for server in (own, own, other)
    ]


def test_each_client_from_now_on(collected: Collected, serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    before = Client(TREE, server=server.url)
    collected.into(None)
    try:
        client = Client(TREE, server=server.url)
        collected.into(client)  # once more
        for each in (before, client):
            each.get_customer_session("1")
        assert len(collected.spans) == 1
        uninstrument(client)
        client.get_customer_session("1")
        assert len(collected.spans) == 1
    finally:
        uninstrument()
    Client(TREE, server=server.url).get_customer_session("1")
    assert len(collected.spans) == 1


def test_without_an_sdk_nothing_is_sent_along(serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    with Client(TREE, server=server.url) as client:
        instrument(client, tracer_provider=trace.NoOpTracerProvider())
        assert client.get_customer_session("1") == {"n": 1}
    assert server.requests[0].all("traceparent") == []


def test_without_an_sdk_the_context_that_there_is_goes_along(serve: Serve) -> None:
    server, around = serve(json_reply({"n": 1})), trace.SpanContext(7, 9, is_remote=True)
    token = context.attach(trace.set_span_in_context(trace.NonRecordingSpan(around)))
    try:
        with Client(TREE, server=server.url) as client:
            instrument(client, tracer_provider=trace.NoOpTracerProvider())
            client.get_customer_session("1")
    finally:
        context.detach(token)
    assert server.requests[0].all("traceparent") == [f"00-{7:032x}-{9:016x}-00"]
