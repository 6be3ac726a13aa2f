"""What of a response could not be checked is said: `unchecked`, a finding, one warning for each location."""

from __future__ import annotations

import json
import logging
import pickle
from typing import Any

import pytest

from dynaclient import Client, DocumentError, RequestInvalid, ResponseInvalid
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, document, json_reply, one, said

LOST = {"$ref": "#/components/schemas/Lost"}
UNREADABLE = {"pattern": "(?<!a+)b"}
FORM = "application/x-www-form-urlencoded"
ANSWER = "/paths/~1x/get/responses"
X = [*JSON, ("X-A", "x")]


def content(described: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": described}}


PLACES: list[tuple[Any, bytes, str]] = [
    ({"200": said(LOST)}, json_reply(1), "/200/content/application~1json/schema"),
    ({"default": said(LOST)}, json_reply(1), "/default/content/application~1json/schema"),
    ({"2XX": said({"items": LOST})}, json_reply([1]), "/2XX/content/application~1json/schema/items"),
    ({"200": said({"items": UNREADABLE})}, json_reply(["x"]), "/items/pattern"),
    ({"200": said({"type": "any"})}, json_reply(["x"]), "/schema/type"),
    ({"200": {"$ref": "#/components/responses/Lost"}}, json_reply(1), "/200"),
    ({"200": None}, json_reply(1), "/200"),
    ({"$ref": "#/lost"}, json_reply(1), ""),
    (["200"], json_reply(1), ""),
    (content({"$ref": "#/lost"}), json_reply(1), "/200/content"),
    (content(["application/json"]), json_reply(1), "/200/content"),
    (content({"json-ish": {}}), json_reply(1), "/200/content/json-ish"),
    (content({"application/json": LOST}), json_reply(1), "/200/content/application~1json"),
    (content({"application/json": {"schema": 5}}), json_reply(1), "/200/content/application~1json/schema"),
    ({"200": said(headers={"X-A": LOST})}, reply(200, b"", X), "/200/headers/X-A"),
    ({"200": said(headers=["X-A"])}, reply(200, b"", X), "/200/headers"),
    ({"200": said(headers={"X-A": {"schema": LOST}})}, reply(200, b"", X), "/200/headers/X-A/schema"),
    (
        {"200": said(headers={"X-A": {"schema": UNREADABLE}})},
        reply(200, b"", X),
        "/headers/X-A/schema/pattern",
    ),
    ({"200": said(headers={"X-A": {"content": {"text/plain": LOST}}})}, reply(200, b"", X), "text~1plain"),
    ({"200": said({"type": "array"}, FORM)}, reply(200, b"a=1", [("Content-Type", FORM)]), "/schema"),
    ({"404": said(LOST)}, json_reply(1, 404), "/404/content/application~1json/schema"),
]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(("answers", "answer", "place"), PLACES)
def test_every_place_is_said(
    answers: Any, answer: bytes, place: str, backend: Any, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(answer)
    client = Client(one(answers=answers, version="3.1.0"), server=server.url, validate_with=backend)
    caplog.set_level(logging.WARNING, "dynaclient")
    for _ in range(3):
        response = client.send("op")
        assert response.violations == ()
        (unchecked,) = response.unchecked
        assert unchecked.pointer.startswith(ANSWER)
        assert unchecked.pointer.endswith(place)
        assert unchecked in client.findings
    told = [each.getMessage() for each in caplog.records if "not checked" in each.getMessage()]
    assert len(told) == 1
    assert unchecked.pointer in told[0]
    assert "1 place unchecked" in repr(response)


CHECKED: list[tuple[Any, bytes]] = [
    ({"200": said({"format": "no-such-format"})}, json_reply("x")),
    (
        {"200": said({"type": "string", "format": "binary"}, "image/png")},
        reply(200, b"x", [("Content-Type", "image/png")]),
    ),
    (
        {"200": said({"type": "object"}, "application/xml")},
        reply(200, b"<a/>", [("Content-Type", "application/xml")]),
    ),
    ({"200": said({"contentMediaType": "text/x", "contentSchema": LOST})}, json_reply("x")),
    ({"200": said({"properties": {"a": LOST}})}, json_reply({"b": 1})),
    ({"200": said({"type": "integer"}), "404": said(LOST)}, json_reply(1)),
    ({"200": said(headers={"X-B": {"schema": LOST}})}, reply(200, b"", X)),
]


@pytest.mark.parametrize(("answers", "answer"), CHECKED)
def test_what_says_nothing_or_is_not_met_is_not_said(answers: Any, answer: bytes, serve: Serve) -> None:
    response = Client(one(answers=answers, version="3.1.0"), server=serve(answer).url).send("op")
    assert (response.violations, response.unchecked) == ((), ())


def test_what_is_wrong_beside_it_is_still_raised(serve: Serve) -> None:
    schema = {"properties": {"a": LOST, "b": {"type": "string"}}}
    client = Client(one(answer=schema), server=serve(json_reply({"a": 1, "b": 2})).url)
    with pytest.raises(ResponseInvalid) as caught:
        client.call("op")
    assert [each.pointer for each in caught.value.violations] == ["/b"]
    assert len(caught.value.response.unchecked) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(("mode", "count"), [("strict", 1), ("warn", 1), ("off", 0)])
def test_the_modes(mode: Any, count: int, serve: Serve) -> None:
    client = Client(one(answer=LOST), server=serve(json_reply(1)).url, validate=mode)
    assert client.call("op") == 1
    assert len(client.send("op").unchecked) == count


def test_it_survives_pickling(serve: Serve) -> None:
    response = Client(one(answer=LOST), server=serve(json_reply(1)).url).send("op")
    assert pickle.loads(pickle.dumps(response)).unchecked == response.unchecked != ()


REQUESTS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"schema": LOST}, {"q": 1}, True),
    ({"schema": LOST}, {}, False),
    ({"content": {"application/json": LOST}}, {"q": 1}, True),
    ({"content": {"application/json": LOST}}, {}, False),
    ({"content": {"$ref": "#/lost"}}, {"q": 1}, True),
    ({"schema": {"items": LOST}}, {"q": [1]}, True),
    ({"schema": {"items": LOST}}, {"q": []}, False),
    ({"schema": UNREADABLE}, {"q": "x"}, False),
    ({"schema": {"type": "integer", "minimum": "x"}}, {"q": 5}, False),
]


@pytest.mark.parametrize(("described", "given", "refused"), REQUESTS)
def test_a_request_is_refused_only_where_it_reaches_a_lost_reference(
    described: dict[str, Any], given: dict[str, Any], refused: bool, serve: Serve
) -> None:
    tree = one("get", "/x", {"name": "q", "in": "query", **described})
    client = Client(tree, server=serve(json_reply(1)).url)
    if refused:
        with pytest.raises((DocumentError, RequestInvalid), match=r"[Ll]ost"):
            client.send("op", given)
    else:
        weak = given.get("q") not in (None, [])
        assert len(client.send("op", given).unchecked) == weak


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/event-stream"])
def test_items_of_a_stream(kind: str, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    text = b'{"a": 1}\n{}\n' if "json" in kind else b'data: {"a": 1}\n\ndata: {}\n\n'
    tree = one(answers={"200": said({"type": "object", "properties": {"a": LOST}}, kind)})
    client = Client(tree, server=serve(reply(200, text, [("Content-Type", kind)])).url)
    with client.send("op", options={"stream": True}) as response:
        items = response.iter_items()
        assert (response.unchecked, next(items)) == ((), {"a": 1})
        assert len(response.unchecked) == 1
        assert list(items) == [{}]
    assert len(pickle.loads(pickle.dumps(response)).unchecked) == 1
    assert sum("not checked" in each.getMessage() for each in caplog.records) == 1


def test_swagger_2_and_part_files_too(serve: Serve, tmp_path: Any) -> None:
    (tmp_path / "part.yaml").write_text(
        "Item: {type: object, properties: {a: {pattern: '(?<!a+)b'}, b: {$ref: '#/Lost'}}}"
    )
    ref = {"$ref": "part.yaml#/Item"}
    two = {
        "swagger": "2.0",
        "info": {"title": "", "version": "1"},
        "paths": {
            "/x": {"get": {"operationId": "op", "responses": {"200": {"description": "", "schema": ref}}}}
        },
    }
    three = document({"/x": {"get": {"operationId": "op", "responses": {"200": said(ref)}}}})
    for tree in (two, three):
        path = tmp_path / "root.json"
        path.write_text(json.dumps(tree))
        response = Client(str(path), server=serve(json_reply({"a": "x", "b": 1})).url).send("op")
        assert len(response.unchecked) == 2
        assert {each.pointer.partition("#")[2] for each in response.unchecked} == {
            "/Item/properties/a/pattern",
            "/Item/properties/b",
        }


@pytest.mark.parametrize("weak", [UNREADABLE, {"type": "any"}, {"not": UNREADABLE}])
def test_a_webhook_that_could_not_be_checked_is_logged_once(
    weak: Any, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"required": True, "content": {"application/json": {"schema": {"items": weak}}}}
    hook = {"post": {"requestBody": body, "responses": {"200": said()}}}
    receiver = Client(document({}, "3.1.0", webhooks={"new": hook})).webhooks["new"]
    for _ in range(2):
        assert receiver.check(body=b'["x"]', headers={"Content-Type": "application/json"}) == ["x"]
    assert sum("not checked" in each.getMessage() for each in caplog.records) == 1
