"""openapi-core judges requests, the library's reader those that it cannot; the response says which did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dynaclient import register_format
from dynaclient.schema import formats
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import JSON, body, document, operation, parameter
from tests.servers import RawServer, reply

INTEGER = {"type": "integer"}


def taking(version: str = "3.0.3", **details: Any) -> dict[str, Any]:
    return document({"/x": {"post": operation(**details)}}, version=version)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("target", "headers", "content", "reasons"),
    [
        ("/x?n=1", {"Content-Type": JSON}, b'{"a":1}', []),
        ("/x?n=1&unknown=2", {"Content-Type": f"{JSON}; charset=utf-8", "H": "2"}, b'{"a":1,"b":[]}', []),
        ("/x", {"Content-Type": JSON}, b'{"a":1}', ["query n: Missing"]),
        ("/x?n=many", {"Content-Type": JSON}, b'{"a":1}', ["query n: Failed"]),
        ("/x?n=9", {"Content-Type": JSON}, b'{"a":1}', ["query n: 9 is greater"]),
        ("/x?n=1", {"Content-Type": JSON, "H": "x"}, b'{"a":1}', ["header H: Failed"]),
        ("/x?n=1", {"Content-Type": JSON, "Cookie": "c=x"}, b'{"a":1}', ["cookie c: Failed"]),
        ("/x?n=1", {"Content-Type": JSON}, b"{}", ["body: 'a' is a required"]),
        ("/x?n=1", {"Content-Type": JSON}, b'{"a":{"b":1}}', ["body at /a: {'b': 1} is not of type"]),
        ("/x?n=1", {"Content-Type": JSON}, b'{"a":', ["body: Failed to deserialize"]),
        ("/x?n=1", {"Content-Type": JSON}, b"\xff", ["body: MediaTypeDeserializeError"]),
        ("/x?n=1", {"Content-Type": "text/plain"}, b"{}", ["body: Content for the following mimetype"]),
        ("/x?n=1", {}, b"", ["body: Missing required request body"]),
        ("/x?n=many", {"Content-Type": JSON}, b"{}", ["query n: ", "body: "]),
    ],
)
def test_openapi_core_judges(
    serve: Serve, ask: Ask, version: str, target: str, headers: Any, content: bytes, reasons: list[str]
) -> None:
    described = taking(
        version,
        parameters=[
            parameter("n", "query", {**INTEGER, "maximum": 5}, required=True, deprecated=True),
            parameter("H", "header", INTEGER),
            parameter("c", "cookie", INTEGER, allowEmptyValue=True),
        ],
        requestBody=body({"type": "object", "required": ["a"], "properties": {"a": INTEGER}}),
    )
    sandbox = serve(described)
    response = ask(sandbox, "POST", target, headers=headers, data=content)
    got = sandbox.received[0].reasons
    assert len(got) == len(reasons), got
    assert all(found.startswith(start) for found, start in zip(got, reasons, strict=True)), got
    unknown = headers.get("Content-Type") == "text/plain"
    assert response.status_code == (415 if unknown else 422 if reasons else 200)
    assert response.headers["X-Sandbox-Judge"] == "openapi-core"


FORMATS = {
    "date": ("2024-02-29", "2023-02-29"),
    "date-time": ("2024-02-29T00:00:00Z", "2024-02-29"),
    "duration": ("P1D", "1d"),
    "email": ("a@b.example", "a"),
    "hostname": ("a.example", "-a"),
    "ipv4": ("1.2.3.4", "1.2.3"),
    "ipv6": ("::1", ":1"),
    "iri": ("https://é.example/", "é"),
    "json-pointer": ("/a", "a"),
    "relative-json-pointer": ("1/a", "/a"),
    "uri": ("https://a.example/", "x"),
    "uri-reference": ("x", "a b"),
    "uri-template": ("/{a}", "/{a"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "123e4567"),
    "base64url": ("YQ", "+/"),
    "sandbox-even": ("ab", "abc"),
}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_what_openapi_core_judges_is_held_to_each_format_that_a_client_checks(
    serve: Serve, ask: Ask, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a format would be enforced where we judge, and let pass where openapi-core does."""
    monkeypatch.setattr(formats, "FORMATS", dict(formats.FORMATS))
    register_format("sandbox-even", lambda text: len(text) % 2 == 0)
    properties = {name: {"type": "string", "format": name} for name in FORMATS}
    sandbox = serve(taking(version, requestBody=body({"type": "object", "properties": properties})))
    statuses = {}
    for name, values in FORMATS.items():
        answers = [ask(sandbox, "POST", "/x", json={name: value}) for value in values]
        assert {each.headers["X-Sandbox-Judge"] for each in answers} == {"openapi-core"}
        statuses[name] = [each.status_code for each in answers]
    assert statuses == {name: [200, 422] for name in FORMATS}


def test_only_the_weak_part_is_our_own(serve: Serve, ask: Ask) -> None:
    matrix = parameter("m", "path", INTEGER, style="matrix")
    item = {"post": operation(parameters=[matrix, parameter("n", "query", INTEGER)])}
    sandbox = serve(document({"/x/{m}": item}))
    wrong = ask(sandbox, "POST", "/x/;m=b?n=b")
    assert wrong.headers["X-Sandbox-Judge"] == "openapi-core; own: matrix parameters"
    assert [reason.partition(":")[0] for reason in wrong.json()["reasons"]] == ["query n", "path m"]
    assert ask(sandbox, "POST", "/x/;m=1?n=1").status_code == 200


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        (
            {"$id": "https://elsewhere.example/s", "$defs": {"a": INTEGER}, "items": {"$ref": "#/$defs/a"}},
            [1],
            ["x"],
        ),
        (False, None, 1),
    ],
)
def test_where_openapi_core_fails_our_reader_judges(
    serve: Serve, ask: Ask, schema: Any, right: Any, wrong: Any
) -> None:
    sandbox = serve(taking("3.1.0", requestBody=body(schema, required=False)))
    if right is not None:
        fine = ask(sandbox, "POST", "/x", json=right)
        assert fine.status_code == 200
        assert fine.headers["X-Sandbox-Judge"].startswith("own: openapi-core failed with ")
    assert ask(sandbox, "POST", "/x", json=wrong).status_code == 422


def test_a_document_in_several_files_is_judged(serve: Serve, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "number.json").write_text('{"type": "integer"}')
    text = (
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /x:\n    post:\n      operationId: op\n"
        "      requestBody: {content: {application/json: {schema: {$ref: number.json}}}}\n"
        "      responses: {'200': {description: ''}}\n"
    )
    (tmp_path / "api.yaml").write_text(text)
    sandbox = serve(str(tmp_path / "api.yaml"))
    assert ask(sandbox, "POST", "/x", json=1).status_code == 200
    wrong = ask(sandbox, "POST", "/x", json="x")
    assert (wrong.status_code, wrong.headers["X-Sandbox-Judge"]) == (422, "openapi-core")


def test_openapi_core_reads_nothing_that_the_document_may_not(serve: Serve, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('{"type": "integer"}')
    with RawServer(reply(200, b'{"type": "integer"}')) as elsewhere:
        for ref in ((tmp_path / "outside.json").as_uri(), elsewhere.url):
            sandbox = serve(taking(requestBody=body({"$ref": ref})))
            response = ask(sandbox, "POST", "/x", json="x")
            assert response.headers["X-Sandbox-Judge"].startswith("own: openapi-core failed")
        assert elsewhere.requests == []


def test_no_pattern_takes_for_ever(serve: Serve, ask: Ask) -> None:
    """openapi-core tries one way after the other, and all other requests would wait."""
    sandbox = serve(taking(requestBody=body({"type": "string", "pattern": "^(a+)+$"})))
    assert ask(sandbox, "POST", "/x", json="a" * 60).status_code == 200
    wrong = ask(sandbox, "POST", "/x", json="a" * 60 + "!")
    assert (wrong.status_code, wrong.headers["X-Sandbox-Judge"]) == (422, "openapi-core; own: patterns")


def test_any_host_is_the_server(serve: Serve, ask: Ask) -> None:
    sandbox = serve(taking(parameters=[parameter("n", "query", INTEGER)]))
    response = ask(sandbox, "POST", "/x?n=1", headers={"Host": "staging.example"})
    assert (response.status_code, response.headers["X-Sandbox-Judge"]) == (200, "openapi-core")


def test_swagger_2_is_served(serve: Serve, ask: Ask) -> None:
    described = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/x": {
                "get": {
                    "operationId": "op",
                    "produces": ["application/json"],
                    "parameters": [{"name": "n", "in": "query", "type": "integer", "required": True}],
                    "responses": {"200": {"description": "", "schema": {"type": "string", "enum": ["yes"]}}},
                }
            }
        },
    }
    sandbox = serve(described)
    assert ask(sandbox, "GET", "/x?n=1").content == b'"yes"'
    assert ask(sandbox, "GET", "/x?n=b").status_code == 422


def test_a_long_reason_is_cut(serve: Serve, ask: Ask) -> None:
    sandbox = serve(taking(requestBody=body({"type": "integer"})))
    ask(sandbox, "POST", "/x", json="x" * 100_000)
    assert all(len(reason) <= 400 for reason in sandbox.received[0].reasons)


def test_deeply_nested_json_is_judged_and_does_no_harm(serve: Serve, ask: Ask) -> None:
    tree = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    described = taking(requestBody=body({"$ref": "#/components/schemas/Tree"}))
    described["components"]["schemas"]["Tree"] = tree
    sandbox = serve(described)
    headers = {"Content-Type": JSON}
    assert ask(sandbox, "POST", "/x", data=b"[" * 150 + b"]" * 150, headers=headers).status_code == 200
    deep = ask(sandbox, "POST", "/x", data=b"[" * 100_000 + b"]" * 100_000, headers=headers)
    assert deep.status_code == 422
