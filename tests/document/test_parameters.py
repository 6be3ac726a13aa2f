"""Parameter Objects: location, name and style, and their names in path templates."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from tests.document.test_operation_builder import made
from tests.small import one, param


def keys(tree: dict[str, Any]) -> list[str]:
    return [parameter.key for parameter in made(tree)[0].parameters]


def test_those_of_the_path_come_first_and_those_of_the_operation_win() -> None:
    tree = one("get", "/x", param("b"), param("a", "query", {"type": "integer"}))
    tree["paths"]["/x"]["parameters"] = [param("a"), param("c"), param("b", "header")]
    operation, _ = made(tree)
    assert [each.key for each in operation.parameters] == ["query.a", "query.c", "header.b", "query.b"]
    assert operation.parameters[0].schema is not None
    assert operation.parameters[0].schema.value == {"type": "integer"}


IGNORED: list[tuple[dict[str, Any], str]] = [
    (param("Accept", "header"), "is ignored"),
    (param("content-type", "header"), "is ignored"),
    (param("AUTHORIZATION", "header"), "is ignored"),
    (param("gone", "path"), "no {gone}"),
    ({"name": "a"}, "expected a name and a location"),
    ({"in": "query"}, "expected a name and a location"),
    ({"in": "formData", "type": "string"}, "expected a name and a location"),
    (param("a", "nowhere"), "expected a name and a location"),
    (5, "expected an object"),  # type: ignore[list-item]
]


def test_a_place_in_other_letters_is_read() -> None:
    tree = one("get", "/x/{a}", param("a", "Path"), param("b", " QUERY"), param(" X-C ", "headers"))
    operation, found = made(tree)
    assert [each.key for each in operation.parameters] == ["path.a", "query.b", "header.X-C"]
    assert sum("unknown parameter location" in message for message in found) == 3


def test_one_that_does_not_say_where_it_is_is_in_the_path_that_names_it() -> None:
    operation, found = made(one("get", "/x/{a}", {"name": "a", "schema": {"type": "integer"}}))
    assert [(each.key, each.required) for each in operation.parameters] == [("path.a", True)]
    assert operation.parameters[0].schema.value == {"type": "integer"}  # type: ignore[union-attr]
    assert "unknown parameter location ''" in found


def test_a_map_of_parameters_is_read_as_a_list() -> None:
    tree = one()
    tree["paths"]["/x"]["get"]["parameters"] = {"first": param("a"), "second": param("b")}
    operation, found = made(tree)
    assert [each.key for each in operation.parameters] == ["query.a", "query.b"]
    assert "expected `parameters` to be a list" in found


def test_a_path_parameter_that_the_path_spells_in_another_way() -> None:
    operation, found = made(
        one("get", "/x/{Id}/{b}", param("id", "path", {"type": "integer"}), param("b", "path"))
    )
    assert [(each.name, each.python_name) for each in operation.parameters] == [("id", "id"), ("b", "b")]
    assert operation.path == "/x/{id}/{b}"
    assert operation.parameters[0].schema.value == {"type": "integer"}  # type: ignore[union-attr]
    assert [message for message in found if "spells" in message]


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
    (["é"], ["é"]),
    (["é", "e\u0301"], ["é", ""]),
    (["Größe", "größe"], ["", "größe"]),
    (["👍"], ["_"]),
    (["id", "ID"], ["id", ""]),
]


@pytest.mark.parametrize(("names", "due"), PYTHON_NAMES)
def test_python_names(names: list[str], due: list[str]) -> None:
    found = made(one("get", "/x", *map(param, names)))[0].parameters
    assert [each.python_name for each in found] == due


def test_one_name_in_two_places_has_no_python_name() -> None:
    found = made(one("get", "/x/{id}", param("id", "path"), param("id")))[0].parameters
    assert [(each.key, each.python_name) for each in found] == [("path.id", ""), ("query.id", "")]


def test_a_path_of_another_language_is_read() -> None:
    tree = one("get", "/x/:id/{rev:[0-9]+}{?q}", param("id", "path"), param("rev", "path"), param("q"))
    client = Client(tree, server="http://h")
    assert client.op.prepare("1", "2", q="3").url == "http://h/x/1/2?q=3"
    assert client.operations["op"].key == "op"
    assert client.operations["GET /x/:id/{rev:[0-9]+}{?q}"] is client.operations["op"]
    assert any("it is read as /x/{id}/{rev}" in finding.meaning for finding in client.findings)


@pytest.mark.parametrize("style", [5, 1.5, True, ["form"], {"a": 1}], ids=str)
def test_a_style_that_is_no_text_is_a_finding(style: Any) -> None:
    client = Client(one("get", "/x", param("a", style=style)), server="https://x.test")
    assert client.prepare("op", a="b").url == "https://x.test/x?a=b"
    assert any("is not defined for query" in each.message for each in client.findings)
