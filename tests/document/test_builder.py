"""From the tree of a document to what an operation takes and answers."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, DocumentError, Operation
from tests.small import document, one, param, said


def made(tree: dict[str, Any]) -> tuple[Operation, list[str]]:
    """The operation `op`, and the messages of what was found while it was made."""
    client = Client(tree)
    operation = client.operations["op"]
    return operation, [finding.message for finding in client.document.findings]


def keys(tree: dict[str, Any]) -> list[str]:
    return [parameter.key for parameter in made(tree)[0].parameters]


# -- parameters --------------------------------------------------------------------------------------


def test_those_of_the_path_come_first_and_those_of_the_operation_win() -> None:
    tree = one("get", "/x", param("b"), param("a", "query", {"type": "integer"}))
    tree["paths"]["/x"]["parameters"] = [param("a"), param("c"), param("b", "header")]
    operation, _ = made(tree)
    assert [each.key for each in operation.parameters] == ["query.a", "query.c", "header.b", "query.b"]
    assert operation.parameters[0].schema is not None
    assert operation.parameters[0].schema.value == {"type": "integer"}


IGNORED: list[tuple[dict[str, Any], str]] = [
    (param("Accept", "header"), "means nothing"),
    (param("content-type", "header"), "means nothing"),
    (param("AUTHORIZATION", "header"), "means nothing"),
    (param("gone", "path"), "no {gone}"),
    ({"name": "a"}, "needs a name and a place"),
    ({"in": "query"}, "needs a name and a place"),
    (param("a", "nowhere"), "needs a name and a place"),
    (5, "an object is due"),  # type: ignore[list-item]
]


def test_a_place_in_other_letters_is_read() -> None:
    operation, found = made(one("get", "/x/{a}", param("a", "Path"), param("b", " QUERY")))
    assert [each.key for each in operation.parameters] == ["path.a", "query.b"]
    assert sum("a parameter is in" in message for message in found) == 2


def test_a_path_parameter_that_the_path_spells_in_another_way() -> None:
    operation, found = made(
        one("get", "/x/{Id}/{b}", param("id", "path", {"type": "integer"}), param("b", "path"))
    )
    assert [(each.name, each.python_name) for each in operation.parameters] == [("id", "id"), ("b", "b")]
    assert operation.path == "/x/{id}/{b}"
    assert operation.parameters[0].schema.value == {"type": "integer"}  # type: ignore[union-attr]
    assert [message for message in found if "spells" in message]


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
    assert "a body is no parameter in OpenAPI 3" in found
    both, _ = made(one("post", "/x", own, body={"type": "boolean"}))
    assert both.body.content["application/json"].schema.value == {"type": "boolean"}  # type: ignore[union-attr]


def test_quoted_truth_is_truth() -> None:
    operation, _ = made(one("get", "/x", param("a", required="true"), param("b", required="false")))
    assert [each.key for each in operation.required] == ["query.a"]


@pytest.mark.parametrize(("parameter", "words"), IGNORED)
def test_left_out_with_a_finding(parameter: dict[str, Any], words: str) -> None:
    operation, found = made(one("get", "/x", parameter, param("kept")))
    assert [each.key for each in operation.parameters] == ["query.kept"]
    assert any(words in message for message in found)


def test_accept_as_a_query_parameter_is_kept() -> None:
    assert keys(one("get", "/x", param("Accept"), param("Authorization", "cookie"))) == [
        "query.Accept", "cookie.Authorization",
    ]  # fmt: skip


def test_declared_twice() -> None:
    operation, found = made(one("get", "/x", param("a", "query", {"type": "integer"}), param("a")))
    assert [each.key for each in operation.parameters] == ["query.a"]
    assert operation.parameters[0].schema.value == {"type": "integer"}  # type: ignore[union-attr]
    assert any("declared twice" in message for message in found)


def test_a_path_parameter_that_nobody_declared() -> None:
    client = Client(one("get", "/x/{id}/{other}", param("id", "path")), server="http://h")
    assert [each.key for each in client.operations["op"].required] == ["path.id", "path.other"]
    assert client.op.prepare("1", "2").url == "http://h/x/1/2"
    assert any("'other' is not declared" in finding.message for finding in client.findings)


STYLES: list[tuple[dict[str, Any], str, bool]] = [
    (param("a"), "form", True),
    (param("a", explode=False), "form", False),
    (param("a", style="spaceDelimited"), "spaceDelimited", False),
    (param("a", style="deepObject"), "deepObject", False),
    (param("a", "header"), "simple", False),
    (param("a", "cookie"), "form", True),
    (param("id", "path"), "simple", False),
    (param("id", "path", style="matrix", explode=True), "matrix", True),
    (param("a", style="matrix"), "form", True),
    (param("a", explode="yes"), "form", True),
]


@pytest.mark.parametrize(("parameter", "style", "explode"), STYLES)
def test_style_and_explode(parameter: dict[str, Any], style: str, explode: bool) -> None:
    path = "/x/{id}" if parameter["in"] == "path" else "/x"
    found = made(one("get", path, parameter))[0].parameters[0]
    assert (found.style, found.explode) == (style, explode)


def test_a_path_parameter_is_always_required() -> None:
    assert made(one("get", "/x/{id}", {**param("id", "path"), "required": False}))[0].required


def test_a_parameter_described_by_content() -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    found = made(one("get", "/x", param("a", content=content)))[0].parameters[0]
    assert found.schema is None
    assert found.media_type is not None
    assert found.media_type.name == "application/json"


PYTHON_NAMES = [
    (["userId"], ["user_id"]),
    (["userId", "user_id"], ["", "user_id"]),
    (["userId", "UserId"], ["", ""]),
    (["a-b", "a_b"], ["", "a_b"]),
    (["class"], ["class_"]),
    (["é"], ["_"]),
    (["id", "ID"], ["id", ""]),
]


@pytest.mark.parametrize(("names", "due"), PYTHON_NAMES)
def test_python_names(names: list[str], due: list[str]) -> None:
    found = made(one("get", "/x", *map(param, names)))[0].parameters
    assert [each.python_name for each in found] == due


def test_one_name_in_two_places_has_no_python_name() -> None:
    found = made(one("get", "/x/{id}", param("id", "path"), param("id")))[0].parameters
    assert [(each.key, each.python_name) for each in found] == [("path.id", ""), ("query.id", "")]


# -- references --------------------------------------------------------------------------------------

COMPONENTS = {
    "parameters": {"P": param("p"), "Again": {"$ref": "#/components/parameters/P"}},
    "requestBodies": {
        "B": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    },
    "responses": {"R": said({"type": "object"})},
    "headers": {"H": {"schema": {"type": "integer"}, "required": True}},
}


def test_everything_may_be_referred_to() -> None:
    tree = one("post", components=COMPONENTS, answers={"200": {"$ref": "#/components/responses/R"}})
    node = tree["paths"]["/x"]["post"]
    node["parameters"] = [{"$ref": "#/components/parameters/Again"}]
    node["requestBody"] = {"$ref": "#/components/requestBodies/B"}
    node["responses"]["201"] = {"description": "", "headers": {"X-H": {"$ref": "#/components/headers/H"}}}
    operation, found = made(tree)
    assert [each.key for each in operation.parameters] == ["query.p"]
    assert operation.parameters[0].node.pointer == "/components/parameters/P"
    assert operation.body is not None
    assert operation.body.required
    assert list(operation.body.content) == ["application/json"]
    assert list(operation.answers[0].content) == ["application/json"]
    assert [(each.name, each.required) for each in operation.answers[1].headers] == [("X-H", True)]
    assert (found, operation.problem) == ([], "")


@pytest.mark.parametrize("place", ["parameters", "requestBody"])
def test_what_cannot_be_resolved_is_refused_when_it_is_called(place: str) -> None:
    tree = one("post")
    reference = {"$ref": "#/components/nowhere"}
    tree["paths"]["/x"]["post"][place] = [reference] if place == "parameters" else reference
    client = Client(tree, server="http://h")
    assert "nowhere" in client.operations["op"].problem
    with pytest.raises(DocumentError, match="nowhere") as caught:
        client.prepare("op")
    assert caught.value.findings
    assert any("cannot be called" in finding.message for finding in client.findings)


def test_an_answer_that_cannot_be_resolved_is_left_out() -> None:
    operation, found = made(one(answers={"200": {"$ref": "#/nowhere"}, "201": said()}))
    assert [answer.status for answer in operation.answers] == ["201"]
    assert operation.problem == ""
    assert any("nowhere" in message for message in found)


# -- bodies, answers, the rest -----------------------------------------------------------------------


def test_a_body_without_content_takes_any() -> None:
    client = Client(one("post", content={}), server="http://h")
    assert client.prepare("op", body=b"\x00").body == b"\x00"
    assert client.prepare("op", body={"a": 1}).body == b'{"a":1}'
    assert any("without content" in finding.message for finding in client.findings)


def test_a_content_type_header_of_an_answer_is_ignored() -> None:
    headers = {"Content-Type": {"schema": {}, "required": True}, "X-A": {"schema": {}}}
    operation, _ = made(one(answers={"200": {"description": "", "headers": headers}}))
    assert [header.name for header in operation.answers[0].headers] == ["X-A"]


SECURITY: list[tuple[Any, Any, Any]] = [
    (None, None, None),
    ([{"a": []}], None, (("a",),)),
    ([{"a": []}], [{"b": [], "c": ["s"]}, {}], (("b", "c"), ())),
    ([{"a": []}], [], ()),
    (5, None, None),
    ([5, {"a": []}], None, (("a",),)),
]


@pytest.mark.parametrize(("root", "own", "due"), SECURITY)
def test_security(root: Any, own: Any, due: Any) -> None:
    rest = {} if root is None else {"security": root}
    tree = one(operation={} if own is None else {"security": own}, **rest)
    assert made(tree)[0].security == due


def test_words() -> None:
    tree = one(operation={"summary": "S", "description": "D", "deprecated": True, "tags": ["a", 5]})
    tree["paths"]["/x"] |= {"summary": "of the path", "description": "of the path"}
    operation, _ = made(tree)
    assert (operation.summary, operation.description, operation.deprecated) == ("S", "D", True)
    assert operation.tags == ("a", "5")
    bare = document({"/x": {"summary": "of the path", "get": {"operationId": "op"}}})
    assert made(bare)[0].summary == "of the path"
    assert made(bare)[0].tags == ()
