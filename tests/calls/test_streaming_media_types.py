"""`stream` refuses what is not a stream, and takes the text that ends a stream for no item of it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, ResponseInvalid, SettingsError
from dynaclient.calls.streaming import StreamedResponse
from dynaclient.wire.events import Event
from tests.conftest import Serve
from tests.servers import RawServer, chunked, reply
from tests.small import one, said

SSE, NDJSON, SEQ = "text/event-stream", "application/x-ndjson", "application/json-seq"
JSON, HTML = "application/json", "text/html"
OBJECT: dict[str, Any] = {"type": "object"}
MODES = ("strict", "warn", "off")


def tree(*kinds: str, version: str = "3.1.0") -> dict[str, Any]:
    content = {kind: {"schema": OBJECT if "json" in kind or kind == SSE else {}} for kind in kinds}
    return one(answers={"200": {"description": "", "content": content}}, version=version)


def swagger(*kinds: str) -> dict[str, Any]:
    answers = {"200": {"description": "", "schema": {}}}
    node = {"operationId": "op", "produces": list(kinds), "responses": answers}
    return {"swagger": "2.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": node}}}


def client(serve: Serve, document: Any, kind: str | None, body: bytes, mode: Any = "strict") -> Client:
    server: RawServer = serve(reply(200, body, [("Content-Type", kind)] if kind else []))
    return Client(document, server=server.url, validate=mode)


# documented, what the answer says it is, its body
NO_STREAMS: list[tuple[Any, str, bytes]] = [
    (tree(SSE, JSON), JSON, b'{"error": "no stream for you"}'),
    (tree(JSON, SSE), "application/json; charset=utf-8", b"{}"),
    (tree(HTML, SSE), HTML, b"<h1>Sign in</h1>"),
    (tree(NDJSON, JSON), JSON, b'{"error": 1}'),
    (tree(SEQ, HTML), HTML, b"<p>"),
    (tree(SSE, "application/problem+json"), "application/problem+json", b"{}"),
    (tree(SSE, "application/*"), JSON, b"{}"),
    (tree(SSE, "*/*"), "image/png", b"\x89PNG"),
    (tree(NDJSON, "text/plain"), "text/plain", b"busy"),
    (tree(JSON), JSON, b"{}"),
    (tree(SSE, JSON, version="3.0.3"), JSON, b"[]"),
    (swagger(SSE, JSON), JSON, b"{}"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("document", "kind", "body"), NO_STREAMS)
def test_what_is_documented_as_something_else_has_no_items(
    document: Any, kind: str, body: bytes, mode: str, serve: Serve
) -> None:
    with client(serve, document, kind, body, mode) as api:
        for way in ("iter_items", "iter_events"):
            response = api.send("op", options={"stream": True})
            with pytest.raises(SettingsError, match=f"{kind.partition(';')[0].replace('+', '.')} has no "):
                list(getattr(response, way)())
            assert response.read() == body  # it can still be looked at


@pytest.mark.parametrize("kind", [JSON, HTML, None, "text/plain"])
@pytest.mark.parametrize("way", ["iter_items", "iter_events"])
def test_what_is_mislabelled_is_no_empty_list(kind: Any, way: str, serve: Serve) -> None:
    """Where nothing is checked the document says what it is, but for a body that is not it."""
    with client(serve, tree(SSE), kind, b'{"error": "late"}', "off") as api:
        response = api.send("op", options={"stream": True})
        with pytest.raises(SettingsError, match="has no events"):
            list(getattr(response, way)())
    with client(serve, tree(SSE), kind, b"data: {}\n\n", "off") as api:
        found = list(getattr(api.send("op", options={"stream": True}), way)())
    assert found == ([{}] if way == "iter_items" else [Event("message", "{}")])


STREAMS: list[tuple[Any, str, bytes, list[Any]]] = [
    (tree(SSE, JSON), SSE, b'data: {"a": 1}\n\n', [{"a": 1}]),
    (tree(JSON, NDJSON), NDJSON, b'{"a": 1}\n', [{"a": 1}]),
    (tree(HTML, SSE), SSE, b": nothing yet\n\n", []),
    (tree("*/*"), SSE, b"data: {}\n\n", [{}]),
    (tree(SSE, "*/*"), NDJSON, b"{}\n{}\n", [{}, {}]),
    (tree(JSON, SSE), SSE, b"", []),
    (tree("text/*"), "text/event-stream; charset=utf-8", b"data: {}\n\n", [{}]),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("document", "kind", "body", "due"), STREAMS)
def test_a_stream_that_is_one(
    document: Any, kind: str, body: bytes, due: Any, mode: str, serve: Serve
) -> None:
    with client(serve, document, kind, body, mode) as api:
        assert list(api.call("op", options={"stream": True}).iter_items()) == due


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("body", [b"", b"moved", b"data: {}\n\n"])
def test_a_redirect_has_no_items(body: bytes, mode: str, serve: Serve) -> None:
    answer = reply(302, body, [("Location", "https://elsewhere.test/"), ("Content-Type", SSE)])
    document = one("post", answers={"default": said(OBJECT, SSE)})
    with Client(document, server=serve(answer).url, validate=mode) as api:
        for way in ("iter_items", "iter_events"):
            response = api.send("op", options={"stream": True})
            with pytest.raises(ResponseInvalid, match=r"elsewhere\.test"):
                list(getattr(response, way)())


# end marker, answer type, body, items
ENDS: list[tuple[str, str, bytes, list[Any]]] = [
    ("[DONE]", SSE, b'data: {"a": 1}\n\ndata: [DONE]\n\n', [{"a": 1}]),
    ("[DONE]", SSE, b"data:[DONE]\n\ndata: {}\n\n", []),
    ("[DONE]", SSE, b"event: end\ndata:  [DONE] \n\n", []),
    ("null", SSE, b"data: {}\n\ndata: null\n\n", [{}]),
    ("<eos>", SSE, b"data: {}\n\ndata: <eos>\n\n", [{}]),
    ("END OF\nSTREAM", SSE, b"data: {}\n\ndata: END OF\ndata: STREAM\n\n", [{}]),
    ("[DONE]", NDJSON, b'{"a": 1}\n[DONE]\n{"b": 1}\n', [{"a": 1}]),
    ("[DONE]", SEQ, b"\x1e{}\n\x1e[DONE]\n", [{}]),
    ("[DONE]", SSE, b"data: {}\n\n", [{}]),  # it need not come
    ("[DONE]", SSE, b'data: {"text": "[DONE]"}\n\n', [{"text": "[DONE]"}]),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("end", "kind", "body", "due"), ENDS)
def test_the_end_marker_ends_the_items(
    end: str, kind: str, body: bytes, due: Any, mode: str, serve: Serve
) -> None:
    options: Any = {"stream": True, "end_marker": end}
    with client(serve, tree(kind), kind, body, mode) as api:
        with api.call("op", options=options) as response:
            assert isinstance(response, StreamedResponse)
            assert list(response.iter_items()) == due
            assert response.violations == ()
        held = api.call("op", options=options)
        held.read()
        assert list(held.iter_items()) == list(held.iter_items()) == due


def test_the_events_end_too_and_nobody_waits_for_more(serve: Serve) -> None:
    def body(_: Any) -> Any:
        yield from chunked([b"data: {}\n\n", b"data: [DONE]\n\n"], [("Content-Type", SSE)], end=True)

    with Client(tree(SSE), server=serve(body).url) as api:
        response = api.call("op", options={"stream": True, "end_marker": "[DONE]"})
        assert [event.data for event in response.iter_events()] == ["{}"]
        with pytest.raises(SettingsError, match="consumed already"):
            response.read()


def test_without_one_it_is_an_item_that_breaks_the_schema(serve: Serve) -> None:
    with client(serve, tree(SSE), SSE, b"data: {}\n\ndata: [DONE]\n\n") as api:
        items = api.call("op", options={"stream": True}).iter_items()
        assert next(items) == {}
        with pytest.raises(ResponseInvalid, match="item 1"):
            next(items)


@pytest.mark.parametrize(
    "options",
    [{"stream": True, "end_marker": wrong} for wrong in ("", " x", 5, b"[DONE]", ["[DONE]"])]
    + [{"end_marker": "[DONE]"}, {"stream": False, "end_marker": "[DONE]"}],
)
def test_a_wrong_end_marker_is_refused(options: Any, serve: Serve) -> None:
    with client(serve, tree(SSE), SSE, b"") as api, pytest.raises(SettingsError, match="end_marker"):
        api.call("op", options=options)
