"""Words of Swagger 2.0 in documents of OpenAPI 3."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from tests.document.test_operation_builder import made
from tests.small import one, param


def field(name: str, place: str = "formData", **rest: Any) -> dict[str, Any]:
    return {"name": name, "in": place, **rest}


def test_a_body_among_the_parameters_is_the_body() -> None:
    shared = {"in": "body", "schema": {"type": "string"}}
    own = {"name": "b", "in": "body", "required": True, "schema": {"type": "integer"}}
    tree = one("post", "/x", own, param("q"))
    tree["paths"]["/x"]["parameters"] = [shared]
    operation, found = made(tree)
    assert [each.key for each in operation.parameters] == ["query.q"]
    assert operation.body is not None
    assert operation.body.required
    assert operation.body.content["application/json"].schema.value == {"type": "integer"}  # type: ignore[union-attr]
    assert "a body is not a parameter in OpenAPI 3" in found
    both, _ = made(one("post", "/x", own, body={"type": "boolean"}))
    assert both.body.content["application/json"].schema.value == {"type": "boolean"}  # type: ignore[union-attr]


def test_form_fields_are_the_body() -> None:
    tree = one(
        "post",
        "/x",
        field("a", type="integer", required=True),
        field("b", schema={"enum": ["x"]}),
        param("q"),
    )
    client = Client(tree, server="http://h")
    operation = client.operations["op"]
    assert [each.key for each in operation.parameters] == ["query.q"]
    assert operation.body is not None
    assert operation.body.required
    sent = client.prepare("op", body={"a": 1, "b": "x"})
    assert (sent.headers["Content-Type"], sent.body) == ("application/x-www-form-urlencoded", b"a=1&b=x")
    with pytest.raises(RequestInvalid, match="expected an integer"):
        client.prepare("op", body={"a": "one"})
    with pytest.raises(RequestInvalid, match="'a' is missing"):
        client.prepare("op", body={"b": "x"})
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", body={"a": 1, "b": "y"})
    assert caught.value.violations[0].schema_pointer == "/paths/~1x/post/parameters/1/schema/enum"
    assert any("a body is not a parameter" in finding.message for finding in client.findings)


FILES = [
    {"type": "file"},
    {"schema": {"type": "string", "format": "binary"}},
    {"type": "array", "items": {"type": "file"}},
    {"schema": {"$ref": "#/components/schemas/F"}},
]


@pytest.mark.parametrize("described", FILES)
def test_a_file_among_the_fields_makes_it_multipart(described: dict[str, Any]) -> None:
    components = {"schemas": {"F": {"type": "string", "format": "binary"}}}
    tree = one("post", "/x/{id}", param("id", "path"), field("f", **described), components=components)
    given: Any = [b"\x00"] if described.get("type") == "array" else b"\x00"
    sent = Client(tree, server="http://h").prepare("op", {"id": "1"}, body={"f": given})
    head = f"Content-Type: {sent.headers['Content-Type']}\r\n\r\n".encode()
    (part,) = message_from_bytes(head + bytes(sent.body or b"")).get_payload()  # type: ignore[misc, arg-type]
    assert part.get_param("name", header="content-disposition") == "f"  # type: ignore[union-attr]
    assert part.get_payload(decode=True) == b"\x00"  # type: ignore[union-attr]


def test_fields_of_the_path_and_what_consumes_says() -> None:
    tree = one("post", "/x", field("own"), operation={"consumes": ["multipart/form-data"]})
    tree["paths"]["/x"]["parameters"] = [field("shared")]
    body = made(tree)[0].body
    assert body is not None
    assert list(body.content) == ["multipart/form-data"]
    assert list(body.content["multipart/form-data"].schema.value["properties"]) == ["shared", "own"]  # type: ignore[union-attr]


@pytest.mark.parametrize("place", ["body", "Body ", "BODYs"])
def test_a_body_in_other_letters(place: str) -> None:
    operation, _ = made(one("post", "/x", field("b", place, schema={"type": "integer"})))
    assert operation.body is not None
    assert list(operation.body.content) == ["application/json"]


def test_commas_are_what_paths_and_headers_have_anyway() -> None:
    several = {"type": "array", "items": {"type": "integer"}, "collectionFormat": "csv"}
    tree = one("get", "/x/{p}", field("p", "path", **several), field("h", "header", **several))
    client = Client(tree, server="http://h")
    sent = client.prepare("op", p=[1, 2], h=[3, 4])
    assert (sent.url, sent.headers["h"]) == ("http://h/x/1,2", "3,4")
    assert not [finding for finding in client.findings if "style" in finding.message]


def test_collection_formats() -> None:
    several = {"type": "array", "items": {"type": "integer"}}
    tree = one(
        "post",
        "/x",
        field("q", "query", collectionFormat="pipes", **several),
        field("f", collectionFormat="csv", **several),
    )
    sent = Client(tree, server="http://h").prepare("op", {"q": [1, 2]}, body={"f": [3, 4]})
    assert (sent.url, sent.body) == ("http://h/x?q=1%7C2", b"f=3,4")


def test_a_type_beside_a_parameter_is_its_schema() -> None:
    tree = one("get", "/x", field("a", "query", type="integer", maximum=5, required=True, description="x"))
    client = Client(tree, server="http://h")
    assert client.prepare("op", a=5).url == "http://h/x?a=5"
    with pytest.raises(RequestInvalid, match="6 is greater than 5") as caught:
        client.prepare("op", a=6)
    assert caught.value.violations[0].schema_pointer == "/paths/~1x/get/parameters/0/maximum"
    assert any("the type is outside of a" in finding.message for finding in client.findings)


def test_a_schema_goes_before_a_type_beside_it() -> None:
    operation, found = made(one("get", "/x", {**param("a"), "type": "integer"}))
    assert operation.parameters[0].schema.value == {"type": "string"}  # type: ignore[union-attr]
    assert not [message for message in found if "beside" in message]


def test_security_definitions() -> None:
    tree = one(
        operation={"security": [{"k": []}]},
        securityDefinitions={"k": {"type": "apiKey", "in": "header", "name": "X"}},
    )
    client = Client(tree, server="http://h", credentials={"k": "secret"})
    assert client.prepare("op").headers["X"] == "secret"
    assert any("Swagger 2.0 keeps them" in finding.message for finding in client.findings)
