"""OpenTelemetry: a span and a duration for each request of a client, by the HTTP semantic conventions.

    from dynaclient.otel import instrument

    instrument(client)

A span is called `GET /orders/{orderId}`, which what instruments HTTP libraries cannot know. It needs
`pip install 'dynaclient[otel]'`; without an SDK next to nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import time_ns
from typing import TYPE_CHECKING, Any

try:
    from opentelemetry import context, metrics, propagate, trace  # optional
except ImportError:
    raise ImportError(
        "dynaclient.otel needs opentelemetry-api, which is not installed: pip install 'dynaclient[otel]'"
    ) from None

from dynaclient._version import __version__
from dynaclient.calls.observers import EVERYWHERE, Observer, OngoingCall
from dynaclient.errors import DynaclientError
from dynaclient.transport.policy import Outage
from dynaclient.transport.url import origin_of

if TYPE_CHECKING:
    from dynaclient.base_client import BaseClient
    from dynaclient.calls.response import Response
    from dynaclient.transport.policy import ResponseHead

__all__ = ["instrument", "uninstrument"]

MAX_EVENTS = 20
"""How many violations of a response are events of its span; all of them are counted."""

_SCHEMA = "https://opentelemetry.io/schemas/1.29.0"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The boundaries that the conventions ask for."""
_METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split())


def instrument(
    client: BaseClient[Any, Any] | None = None, *, tracer_provider: Any = None, meter_provider: Any = None
) -> None:
    """Make spans and metrics of the calls of `client`; without one, of each that is made from now on.

    `tracer_provider`, `meter_provider`: in the place of the global ones. A pickled client leaves them behind.
    Done twice it is done once. While a request is sent, instrumentation of requests, urllib3 and aiohttp is
    suppressed, so that nothing is counted twice; what is no call, such as fetching a token, is left to it.
    """
    uninstrument(client)
    _observers(client).append(Tracing(tracer_provider, meter_provider))


def uninstrument(client: BaseClient[Any, Any] | None = None) -> None:
    """Undo what `instrument` did with the same argument."""
    observers = _observers(client)
    observers[:] = [each for each in observers if not isinstance(each, Tracing)]


def _observers(client: BaseClient[Any, Any] | None) -> list[Observer]:
    return EVERYWHERE if client is None else client._executor.observers


class _Sent:
    """A request that was sent: its span, which ends when what came is checked; None once it has ended."""

    def __init__(self, span: trace.Span, token: Any, labels: dict[str, Any]) -> None:
        self.span = span
        self.token = token
        self.labels = labels
        self.ended = 0


class Tracing(Observer):
    """Makes spans and metrics of calls.

    A span for each request, as the conventions say, so that a call with a retry has two. Its context is
    propagated to the server that the user chose, and to no other that a document names.
    """

    def __init__(self, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        self._provider = tracer_provider
        self._tracer = trace.get_tracer("dynaclient", __version__, tracer_provider, _SCHEMA)
        meter = metrics.get_meter("dynaclient", __version__, meter_provider, _SCHEMA)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )

    def sends(self, call: OngoingCall) -> None:
        self._end(call)
        if context.get_value(context._SUPPRESS_INSTRUMENTATION_KEY):
            return
        labels = _labels(call)
        span: trace.Span = trace.INVALID_SPAN
        within = context.get_current()
        if not self._is_idle():
            span = self._span(call, labels)
            within = trace.set_span_in_context(span, within)
        if call.request.certified:  # it goes to the server that the user chose
            carrier: dict[str, str] = {}
            propagate.inject(carrier, within)
            call.request = call.request.with_fields(carrier) if carrier else call.request
        within = context.set_value(context._SUPPRESS_HTTP_INSTRUMENTATION_KEY, True, within)
        call.kept[self] = _Sent(span, context.attach(within), labels)

    def _is_idle(self) -> bool:
        """Whether there is no SDK, so that spans would be nothing: then none is described."""
        provider = self._provider or trace.get_tracer_provider()
        return isinstance(provider, (trace.ProxyTracerProvider, trace.NoOpTracerProvider))

    def _span(self, call: OngoingCall, labels: Mapping[str, Any]) -> trace.Span:
        attributes = {
            **labels,
            "url.full": call.shown_url,
            "openapi.operation_id": call.operation.key,
            **_resent(call),
        }
        method = labels["http.request.method"]
        name = f"{'HTTP' if method == '_OTHER' else method} {call.operation.path}"
        return self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes)

    def came(self, call: OngoingCall, outcome: ResponseHead | Outage) -> None:
        if isinstance(outcome, Outage):
            self._stop(call, call.seconds, outcome.error)
            return
        sent: _Sent | None = call.kept.get(self)
        if sent is not None:
            sent.labels["http.response.status_code"] = outcome.status
            if outcome.status >= 400:
                sent.labels["error.type"] = str(outcome.status)
                sent.span.set_status(trace.StatusCode.ERROR)
        self._stop(call, call.seconds)

    def responded(self, call: OngoingCall, response: Response) -> None:
        sent: _Sent | None = call.kept.get(self)
        if sent is not None and response.violations:
            sent.span.set_attribute("dynaclient.violations", len(response.violations))
            for each in response.violations[:MAX_EVENTS]:
                parts = {name: getattr(each, name) for name in ("where", "name", "pointer", "schema_pointer")}
                sent.span.add_event("dynaclient.violation", {**parts, "message": each.message})
        self._end(call)

    def failed(self, call: OngoingCall, error: BaseException) -> None:
        self._stop(call, call.elapsed, error)
        self._end(call)

    def _stop(self, call: OngoingCall, seconds: float, error: BaseException | None = None) -> None:
        """What was sent has come to its end, once; the span is left open for what is found in a response."""
        sent: _Sent | None = call.kept.get(self)
        if sent is None or sent.ended:
            return
        sent.ended = time_ns()
        context.detach(sent.token)
        if error is not None:
            sent.labels["error.type"] = type(error).__qualname__
            known = str(error) if isinstance(error, DynaclientError) else None
            sent.span.set_status(trace.StatusCode.ERROR, known)
        sent.span.set_attributes(sent.labels)
        self._duration.record(seconds, sent.labels, context=trace.set_span_in_context(sent.span))

    def _end(self, call: OngoingCall) -> None:
        sent: _Sent | None = call.kept.pop(self, None)
        if sent is not None:
            sent.span.end(sent.ended)


def _labels(call: OngoingCall) -> dict[str, Any]:
    """What both spans and metrics have: few values for many requests."""
    method, (scheme, host, port) = call.request.method, origin_of(call.request.url) or ("", "", 0)
    known = {"http.request.method": method if method in _METHODS else "_OTHER"}
    return {
        **known,
        "server.address": host,
        "server.port": port,
        "url.scheme": scheme,
        "url.template": call.operation.path,
    }


def _resent(call: OngoingCall) -> Mapping[str, Any]:
    method = call.request.method
    other = {} if method in _METHODS else {"http.request.method_original": method}
    return {"http.request.resend_count": call.sent - 1, **other} if call.sent > 1 else other
