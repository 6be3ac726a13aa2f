"""Form bodies are read by the types of their properties, as the client writes them."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from tests.sandbox.conftest import Serve
from tests.sandbox.documents import body, document, operation

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
ITEM = {"type": "object", "properties": {"r": {"type": "integer"}}, "required": ["r"]}
SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "number": {"type": "integer"},
        "flag": {"type": "boolean"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "item": ITEM,
        "items": {"type": "array", "items": ITEM},
        "file": {"type": "string", "format": "binary"},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
    "additionalProperties": {"type": "string"},
}


def sandboxed(serve: Serve, media_type: str, **rest: Any) -> tuple[Any, Client]:
    described = document({"/x": {"post": operation(requestBody=body(SCHEMA, media_type, **rest))}})
    sandbox = serve(described)
    return sandbox, Client(described, server=sandbox.url, validate="off")


@pytest.mark.parametrize("media_type", [FORM, MULTIPART])
@pytest.mark.parametrize(
    "value",
    [
        {"text": "a b+c&d=é", "number": 5, "flag": True},
        {"list": [1, 2]},
        {"list": [1]},
        {"item": {"r": 1}},
        {"items": [{"r": 1}, {"r": 2}]},
        {"items": [{"r": 1}]},
        {"other": "x"},
        {"text": "1"},
    ],
)
def test_what_the_client_sends_is_read(serve: Serve, media_type: str, value: Any) -> None:
    sandbox, client = sandboxed(serve, media_type)
    with client:
        response = client.send("op", body=value)
    assert response.status == 200, response.data
    assert sandbox.received[0].reasons == ()


@pytest.mark.parametrize("media_type", [FORM, MULTIPART])
@pytest.mark.parametrize(
    "value", [{"number": "x"}, {"list": [1, "x"]}, {"item": {"r": "x"}}, {"items": [{}]}]
)
def test_what_breaks_the_schema_is_refused(serve: Serve, media_type: str, value: Any) -> None:
    sandbox, client = sandboxed(serve, media_type)
    with client:
        assert client.send("op", body=value).status == 422
    assert next(iter(value)) in sandbox.received[0].reasons[0]


@pytest.mark.parametrize(
    "value", [{"file": b"\x00\xff"}, {"files": [b"a", b"b"]}, {"files": [b"a"], "text": "t"}]
)
def test_files_are_read(serve: Serve, value: Any) -> None:
    _, client = sandboxed(serve, MULTIPART)
    with client:
        assert client.send("op", body=value).status == 200


@pytest.mark.parametrize(
    "encoding",
    [
        {"list": {"style": "form", "explode": False}},
        {"list": {"style": "spaceDelimited", "explode": False}},
        {"list": {"style": "pipeDelimited", "explode": False}},
        {"item": {"style": "deepObject", "explode": True}},
    ],
)
def test_a_stated_encoding_is_read(serve: Serve, encoding: Any) -> None:
    _, client = sandboxed(serve, FORM, encoding=encoding)
    with client:
        assert client.send("op", body={"list": [1, 2], "item": {"r": 1}}).status == 200
        assert client.send("op", body={"list": [1, "x"], "item": {"r": 1}}).status == 422
        assert client.send("op", body={"list": [1, 2], "item": {"r": "x"}}).status == 422


def test_a_broken_multipart_body_is_refused(serve: Serve) -> None:
    sandbox, client = sandboxed(serve, MULTIPART)
    with client:
        content_type = f"{MULTIPART}; boundary=B"
        assert client.send("op", body=b"nothing", options={"content_type": content_type}).status == 422
        assert client.send("op", body=b"nothing", options={"content_type": MULTIPART}).status == 422
    assert len(sandbox.received) == 2
