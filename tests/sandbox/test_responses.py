"""Which documented response the sandbox gives, and what is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import JSON, answer, body, document, operation, parameter

OBJECT = {
    "type": "object",
    "required": ["a", "b"],
    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
}
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
NUMBER = parameter("n", "query", {"type": "integer"})
EMPTY = {"description": ""}


def answering(answers: dict[str, Any], method: str = "get", **rest: Any) -> dict[str, Any]:
    return document({"/x": {method: operation(answers=answers, **rest)}})


@pytest.mark.parametrize(
    ("statuses", "chosen"),
    [
        (("200",), 200),
        (("204",), 204),
        (("202", "201"), 201),
        (("201", "200"), 200),
        (("2XX",), 200),
        (("2xx", "201"), 201),
        (("default",), 200),
        (("404", "default"), 200),
        (("302",), 302),
        (("404",), 404),
        (("410", "404"), 404),
        (("404", "302"), 302),
        (("5XX",), 500),
        (("4XX", "410"), 400),
        (("404", "2XX"), 200),
        (("299",), 299),
    ],
)
def test_the_success(serve: Serve, ask: Ask, statuses: tuple[str, ...], chosen: int) -> None:
    sandbox = serve(answering(dict.fromkeys(statuses, EMPTY)))
    response = ask(sandbox, "GET", "/x")
    assert (response.status_code, response.content) == (chosen, b"")
    assert sandbox.received[0].status == chosen


@pytest.mark.parametrize(
    ("statuses", "chosen"),
    [
        (("200", "400", "422"), 400),
        (("200", "422", "402"), 422),
        (("200", "404", "402", "418"), 402),
        (("200", "4XX"), 400),
        (("200", "default"), 422),
        (("200",), 422),
        (("200", "401", "403", "404", "409"), 404),
        (("200", "401", "403"), 422),
        (("200", "404", "default"), 422),
        (("200", "500"), 422),
        (("200", "408", "425", "429"), 422),
    ],
)
def test_the_refusal(serve: Serve, ask: Ask, statuses: tuple[str, ...], chosen: int) -> None:
    answers = {status: answer(ERROR) for status in statuses}
    sandbox = serve(answering(answers, parameters=[NUMBER]))
    response = ask(sandbox, "GET", "/x?n=many")
    assert response.status_code == chosen
    assert "query n" in response.json()["message"]
    assert response.json()["reasons"] == list(sandbox.received[0].reasons)
    assert response.headers["X-Sandbox-Reasons"].startswith("query n: ")


@pytest.mark.parametrize(
    ("statuses", "chosen"),
    [(("200",), 415), (("200", "400"), 400), (("200", "400", "415"), 415), (("200", "4XX"), 400)],
)
def test_the_refusal_of_a_media_type(serve: Serve, ask: Ask, statuses: tuple[str, ...], chosen: int) -> None:
    sandbox = serve(answering(dict.fromkeys(statuses, EMPTY), "post", requestBody=body(OBJECT)))
    response = ask(sandbox, "POST", "/x", data=b"a", headers={"Content-Type": "text/plain"})
    assert response.status_code == chosen
    assert ask(sandbox, "POST", "/x", json={}).status_code == (400 if len(statuses) > 1 else 422)


CLOSED = {"additionalProperties": False, "type": "object"}


@pytest.mark.parametrize(
    ("schema", "holds"),
    [
        ({**CLOSED, "properties": {"title": {"type": "string"}}}, lambda body: "query n" in body["title"]),
        (
            {**CLOSED, "properties": {"message": {"type": "string", "maxLength": 20}}},
            lambda b: len(b["message"]) == 20,
        ),
        (
            {**CLOSED, "properties": {"errors": {"type": "array", "minItems": 1, "items": ERROR}}},
            lambda body: "query n" in body["errors"][0]["message"],
        ),
        (
            {"type": "object", "properties": {"code": {"type": "integer"}}},
            lambda body: "query n" in body["reasons"][0],
        ),
        ({"type": "string"}, lambda body: "query n" in body),
        ({**CLOSED, "properties": {"code": {"enum": [3]}}}, lambda body: body == {"code": 3}),
    ],
)
def test_the_reasons_go_where_the_documented_body_has_room(
    serve: Serve, ask: Ask, schema: Any, holds: Any
) -> None:
    answers = {"200": EMPTY, "400": answer(schema)}
    response = ask(serve(answering(answers, parameters=[NUMBER])), "GET", "/x?n=many")
    assert response.status_code == 400
    assert holds(response.json())
    assert "query n" in response.headers["X-Sandbox-Reasons"]


def test_the_reasons_are_one_line_of_ascii_in_the_header(serve: Serve, ask: Ask) -> None:
    named = parameter("n", "query", {"type": "string", "enum": ["é\nü" * 2000]})
    response = ask(serve(answering({"200": EMPTY}, parameters=[named])), "GET", "/x?n=%C3%A9%0A")
    text = response.headers["X-Sandbox-Reasons"]
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= 2000


def test_a_refusal_without_documented_body_still_tells_why(serve: Serve, ask: Ask) -> None:
    response = ask(serve(answering({"200": EMPTY, "400": EMPTY}, parameters=[NUMBER])), "GET", "/x?n=many")
    assert response.status_code == 400
    assert "query n" in response.json()["message"]


def test_every_reason_is_told(serve: Serve, ask: Ask) -> None:
    told = body(OBJECT)
    sandbox = serve(answering({"200": EMPTY}, "post", parameters=[NUMBER], requestBody=told))
    response = ask(sandbox, "POST", "/x?n=many", json={"a": 1, "b": "x"})
    places = [reason.partition(":")[0] for reason in response.json()["reasons"]]
    assert sorted(places) == ["body at /a", "body at /b", "query n"]


@pytest.mark.parametrize(
    ("prefer", "status", "note"),
    [
        ("code=409", 409, ""),
        ('respond-async, code="409"', 409, ""),
        ("code=503", 503, ""),
        ("code=500", 500, ""),
        ("code=418", 200, "Prefer: code=418 is undocumented, ignored"),
        ("code=abc", 200, ""),
        ("wait=5", 200, ""),
    ],
)
def test_prefer_picks_a_documented_answer(
    serve: Serve, ask: Ask, prefer: str, status: int, note: str
) -> None:
    answers = {"200": EMPTY, "409": answer(OBJECT), "500": EMPTY, "5XX": EMPTY}
    sandbox = serve(answering(answers, parameters=[NUMBER]))
    response = ask(sandbox, "GET", "/x", headers={"Prefer": prefer})
    assert response.status_code == status
    assert note in response.headers["X-Sandbox-Judge"]
    assert (status != 409) or set(response.json()) >= {"a", "b"}
    assert ask(sandbox, "GET", "/x?n=many", headers={"Prefer": prefer}).status_code == 409


def test_the_same_request_gets_the_same_answer_and_another_request_or_seed_another(
    serve: Serve, ask: Ask
) -> None:
    numbers = {"type": "array", "minItems": 8, "maxItems": 8, "items": {"type": "integer"}}
    described = answering({"200": answer(numbers)}, "post", requestBody=body({}, required=False))
    one, other, seeded = serve(described), serve(described), serve(described, seed=7)
    targets = ["/x", "/x", "/x?a=1"]
    answers = [
        [ask(sandbox, "POST", target).json() for target in targets] for sandbox in (one, other, seeded)
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == answers[0][1]
    assert answers[0][0] != answers[0][2]
    assert answers[0][0] != answers[2][0]
    assert ask(one, "POST", "/x", json=1).json() != ask(one, "POST", "/x", json=2).json()


def test_an_answer_meets_its_schema(serve: Serve, ask: Ask) -> None:
    schema = {"allOf": [OBJECT, {"type": "object", "properties": {"b": {"minimum": 5, "maximum": 6}}}]}
    response = ask(serve(answering({"200": answer(schema)})), "GET", "/x")
    assert isinstance(response.json()["a"], str)
    assert response.json()["b"] in (5, 6)


@pytest.mark.parametrize(
    ("documented", "accept", "sent"),
    [
        (["text/plain", JSON], None, JSON),
        (["text/plain", JSON], "*/*", JSON),
        (["text/plain", JSON], "text/plain", "text/plain"),
        (["text/plain", JSON], "application/json;q=0.5, text/*", "text/plain"),
        (["text/plain", JSON], "image/png", JSON),
        (["application/problem+json"], None, "application/problem+json"),
        (["*/*"], None, JSON),
        (["application/*"], None, JSON),
        (["text/csv"], None, "text/csv"),
        (["application/octet-stream"], None, "application/octet-stream"),
        (["application/xml"], None, "application/xml"),
        (["links", JSON], "text/html, application/json", JSON),
        (["audio/*"], None, "audio/octet-stream"),
        (["text/*"], None, "text/plain; charset=utf-8"),
    ],
)
def test_the_media_type(serve: Serve, ask: Ask, documented: list[str], accept: str | None, sent: str) -> None:
    described = {"description": "", "content": {name: {"schema": {"type": "string"}} for name in documented}}
    if documented[0] in ("*/*", "application/*"):
        described["content"][documented[0]] = {"schema": OBJECT}  # type: ignore[index]
    response = ask(serve(answering({"200": described})), "GET", "/x", headers={"Accept": accept})
    assert response.headers["Content-Type"] == sent


def test_a_body_without_schema_is_the_empty_value(serve: Serve, ask: Ask) -> None:
    described = {"200": {"description": "", "content": {JSON: {}}}}
    assert ask(serve(answering(described)), "GET", "/x").json() == {}


def test_required_headers_are_there_and_valid(serve: Serve, ask: Ask) -> None:
    headers = {
        "X-Count": {"required": True, "schema": {"type": "integer", "minimum": 3, "maximum": 4}},
        "X-List": {
            "required": True,
            "schema": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"enum": ["a"]}},
        },
        "X-Data": {"required": True, "content": {JSON: {"schema": {"enum": [{"a": 1}]}}}},
        "X-Optional": {"schema": {"type": "string"}},
        "Content-Length": {"required": True, "schema": {"type": "string"}},
    }
    response = ask(serve(answering({"200": {"description": "", "headers": headers}})), "GET", "/x")
    assert response.headers["X-Count"] in "34"
    assert response.headers["X-List"] == "a,a"
    assert json.loads(response.headers["X-Data"]) == {"a": 1}
    assert "X-Optional" not in response.headers
    assert response.headers["Content-Length"] == "0"


def test_head_has_no_body(serve: Serve, ask: Ask) -> None:
    sandbox = serve(answering({"200": answer(OBJECT)}, "head"))
    response = ask(sandbox, "HEAD", "/x")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == JSON


def test_head_is_what_get_is_without_its_body(serve: Serve, ask: Ask) -> None:
    sandbox = serve(answering({"200": answer(OBJECT)}, parameters=[NUMBER]))
    response = ask(sandbox, "HEAD", "/x")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == JSON
    assert ask(sandbox, "HEAD", "/x?n=many").status_code == 422
    assert ask(sandbox, "HEAD", "/y").status_code == 404
    assert [exchange.operation for exchange in sandbox.received] == ["op", "op", None]


def test_what_no_codec_writes_is_sent_as_json_text(serve: Serve, ask: Ask) -> None:
    assert set(ask(serve(answering({"200": answer(OBJECT, "application/csv")})), "GET", "/x").json()) == {
        "a",
        "b",
    }


IMPOSSIBLE = {"type": "integer", "minimum": 2, "maximum": 1}


def test_a_response_that_cannot_be_says_so(serve: Serve, ask: Ask) -> None:
    response = ask(serve(answering({"200": answer(IMPOSSIBLE)})), "GET", "/x")
    assert (response.status_code, response.headers["Content-Type"]) == (200, JSON)
    assert "no response of op with 200 matches the document" in response.json()["message"]


def test_of_several_successes_one_that_can_be_is_taken(serve: Serve, ask: Ask) -> None:
    answers = {
        "200": answer(IMPOSSIBLE),
        "201": answer({"type": "integer", "enum": [1]}),
        "400": answer(IMPOSSIBLE),
    }
    response = ask(serve(answering(answers)), "GET", "/x")
    assert (response.status_code, response.json()) == (201, 1)


def test_of_paths_that_mean_the_same_the_one_that_finds_the_request_right_is_taken(
    serve: Serve, ask: Ask
) -> None:
    paths = {
        "/x/{id}": {"get": operation("by_id", parameters=[parameter("id", "path", {"type": "integer"})])},
        "/x/{name}": {
            "get": operation(
                "by_name", parameters=[parameter("name", "path", {"type": "string", "maxLength": 4})]
            )
        },
    }
    sandbox = serve(document(paths))
    assert [ask(sandbox, "GET", f"/x/{each}").status_code for each in ("7", "rex", "polly")] == [
        200,
        200,
        422,
    ]
    assert [exchange.operation for exchange in sandbox.received] == ["by_id", "by_name", "by_id"]


def test_unknown_paths_and_methods(serve: Serve, ask: Ask) -> None:
    sandbox = serve(document({"/x": {"get": operation(), "put": operation("put")}}))
    unknown, other = ask(sandbox, "GET", "/y?secret=1"), ask(sandbox, "DELETE", "/x")
    assert (unknown.status_code, unknown.json()["reasons"]) == (
        404,
        ["the document has no path that matches /y"],
    )
    assert (other.status_code, other.headers["Allow"]) == (405, "GET, PUT")
    assert [exchange.operation for exchange in sandbox.received] == [None, None]


SERVED = [("/x", 200), ("/v1/x", 200), ("/v1/v1/x", 404), ("/v1", 404), ("/v1x", 404), ("/v2/x", 404)]


@pytest.mark.parametrize(("path", "status"), SERVED)
def test_the_path_of_the_document_s_server_may_stand_before(
    serve: Serve, ask: Ask, path: str, status: int
) -> None:
    described = document({"/x": {"get": operation()}}, servers=[{"url": "http://127.0.0.1:8000/v1/"}])
    sandbox = serve(described)
    assert ask(sandbox, "GET", path).status_code == status
    assert [exchange.target for exchange in sandbox.received] == [path]


@pytest.mark.parametrize(
    ("name", "content"), [(JSON, b"{}"), ("*/*", b"{}"), ("text/plain", b""), ("audio/*", b""), ("a/b", b"")]
)
def test_a_media_type_without_schema(serve: Serve, ask: Ask, name: str, content: bytes) -> None:
    described = {"200": {"description": "", "content": {name: {}}}}
    assert ask(serve(answering(described)), "GET", "/x").content == content


def test_a_204_is_empty_whatever_is_documented(serve: Serve) -> None:
    described = answering({"204": answer(OBJECT)})
    sandbox = serve(described)
    with Client(described, server=sandbox.url) as client:
        response = client.send("op")
    assert (response.status, response.content, response.violations) == (204, b"", ())


def test_a_multipart_answer_is_the_same_for_the_same_request(serve: Serve, ask: Ask) -> None:
    sandbox: Sandbox = serve(answering({"200": answer(OBJECT, "multipart/form-data")}))
    one, other = ask(sandbox, "GET", "/x"), ask(sandbox, "GET", "/x")
    assert one.content == other.content
    assert one.headers["Content-Type"] == other.headers["Content-Type"]
    boundary = one.headers["Content-Type"].partition("boundary=")[2]
    assert one.content.startswith(f"--{boundary}".encode())
