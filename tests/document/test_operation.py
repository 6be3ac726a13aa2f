"""What an operation takes and answers."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.document.operation import template
from tests.small import one, param, said

TEMPLATES = [
    ("/a", [("/a", None)]),
    ("/{a}", [("/", None), ("", "a")]),
    ("/{a}{b}-{c}/d", [("/", None), ("", "a"), ("", "b"), ("-", None), ("", "c"), ("/d", None)]),
    ("/{a", [("/{a", None)]),
    ("/a}", [("/a}", None)]),
    ("/{}", [("/", None), ("", "")]),
    ("", []),
]


@pytest.mark.parametrize(("path", "due"), TEMPLATES)
def test_template(path: str, due: Any) -> None:
    found = template(path)
    assert "".join(literal if name is None else f"{{{name}}}" for literal, name in found) == path
    assert found == due


def test_answers() -> None:
    answers = {"200": said({}), "x-note": said(), "2XX": said(), "default": said(), "404": 5}
    operation = Client(one(answers=answers)).operations["op"]
    assert [answer.status for answer in operation.answers] == ["200", "2XX", "default"]
    assert [operation.answer(status).status for status in (200, 204, 500)] == ["200", "2XX", "default"]  # type: ignore[union-attr]
    assert Client(one(answers={"200": said()})).operations["op"].answer(404) is None


WHERE = [
    (param("a", "query", {"type": "integer"}), "query", "integer"),
    (param("a", "header"), "header", "string"),
    (
        {"name": "a", "in": "querystring", "content": {"text/plain": {"schema": {"type": "boolean"}}}},
        "query",
        "boolean",
    ),
    ({"name": "a", "in": "cookie", "content": {"text/plain": {}}}, "cookie", None),
]


@pytest.mark.parametrize(("described", "where", "kind"), WHERE)
def test_the_place_and_the_schema_of_a_value(described: dict[str, Any], where: str, kind: str | None) -> None:
    (parameter,) = Client(one("get", "/x", described)).operations["op"].parameters
    schema = parameter.value_schema
    assert (parameter.where, schema and schema.value["type"]) == (where, kind)
