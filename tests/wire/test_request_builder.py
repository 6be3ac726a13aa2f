"""An operation and plain values to a request."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.request_builder import RequestBuilder, RequestDraft, accept
from tests.small import one, param, said


def made(
    tree: dict[str, Any], values: dict[str, Any], body: Any = None, headers: Any = None, query: Any = None
) -> RequestDraft:
    """The draft for `values` by the key of a parameter."""
    operation = Client(tree).operations["op"]
    given = {each: values[each.key] for each in operation.parameters if each.key in values}
    return RequestBuilder(operation).build(given, body, headers or {}, query or {})


ROWS: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("/x", [], {}, "/x"),
    ("/x/", [], {}, "/x/"),
    ("/", [], {}, "/"),
    ("/x/{a}", [param("a", "path")], {"path.a": "é/?"}, "/x/%C3%A9%2F%3F"),
    ("/x/{a}.json", [param("a", "path")], {"path.a": "b"}, "/x/b.json"),
    ("/x/{a}{b}", [param("a", "path"), param("b", "path")], {"path.a": "1", "path.b": "2"}, "/x/12"),
    ("/x/{b}/{a}", [param("a", "path"), param("b", "path")], {"path.a": "1", "path.b": "2"}, "/x/2/1"),
    ("/x/{a/b}", [param("a/b", "path")], {"path.a/b": "1"}, "/x/1"),
    ("/x/{a}/{a}", [param("a", "path")], {"path.a": "1"}, "/x/1/1"),
    ("/ü b/{a}", [param("a", "path")], {"path.a": "1"}, "/%C3%BC%20b/1"),
    ("/x:go/{a}", [param("a", "path")], {"path.a": "1"}, "/x:go/1"),
    ("/x?fixed=1", [param("q")], {"query.q": "2"}, "/x?fixed=1&q=2"),
    ("/x?p={a}", [param("a", "path")], {"path.a": "b&c"}, "/x?p=b%26c"),
    ("/x#part", [], {}, "/x"),
    ("/x/{a", [], {}, "/x/%7Ba"),
    ("/x", [param("q", content={"application/json": {}})], {"query.q": {"a": 1}}, "/x?q=%7B%22a%22%3A1%7D"),
    ("/x/{a}", [param("a", "path", content={"application/json": {}})], {"path.a": [1]}, "/x/%5B1%5D"),
    ("/x/{a}", [param("a", "path", content={"text/plain": {}})], {"path.a": "b c"}, "/x/b%20c"),
    ("/x", [param("q", content={"application/json": {}})], {"query.q": "a"}, "/x?q=%22a%22"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "parameters", "values", "target"), ROWS)
def test_target(path: str, parameters: list[Any], values: dict[str, Any], target: str) -> None:
    draft = made(one("get", path, *parameters), values)
    assert draft.violations == []
    assert draft.target == target


def test_the_whole_query_as_one_value() -> None:
    """`in: querystring` of 3.2."""
    for content, value, target in (
        ({"application/x-www-form-urlencoded": {}}, {"a": "b c", "d": [1, 2]}, "/x?a=b%20c&d=1&d=2"),
        ({"application/json": {}}, {"a": 1}, "/x?%7B%22a%22%3A1%7D"),
        ({"text/plain": {}}, "a b", "/x?a%20b"),
    ):
        tree = one("get", "/x", param("all", "querystring", content=content), version="3.2.0")
        assert made(tree, {"querystring.all": value}).target == target


HEADERS: list[tuple[Any, Any, str]] = [
    ({"type": "string"}, "a, b", "a, b"),
    ({"type": "array"}, ["a", 1], "a,1"),
    ({"type": "object"}, {"a": 1, "b": 2}, "a,1,b,2"),
    ({"type": "boolean"}, False, "false"),
    ({"type": "string"}, "é", "é"),
    ({"type": "string"}, "", ""),
]


@pytest.mark.parametrize(("schema", "value", "due"), HEADERS)
def test_header(schema: Any, value: Any, due: str) -> None:
    draft = made(one("get", "/x", param("X-A", "header", schema)), {"header.X-A": value})
    assert draft.headers == {"X-A": due, "Accept": "*/*"}


def test_a_header_of_the_call_takes_the_place_of_ours() -> None:
    tree = one("get", "/x", param("X-A", "header"))
    draft = made(tree, {"header.X-A": "1"}, headers={"x-a": "2", "ACCEPT": "text/csv", "gone": None})
    assert draft.headers == {"x-a": "2", "ACCEPT": "text/csv"}


@pytest.mark.parametrize(("name", "value"), [("a b", "1"), ("", "1"), ("a:", "1"), ("é", "1"), ("a\r\n", "1"),
                                             ("a", "1\r\n2"), ("a", "\0"), ("a", "€")])  # fmt: skip
def test_headers_that_http_cannot_carry(name: str, value: str) -> None:
    draft = made(one(), {}, headers={name: value})
    assert [(each.where, each.name) for each in draft.violations] == [("header", name)]
    assert set(draft.headers) == {"Accept"}


def test_cookies() -> None:
    tree = one(
        "get",
        "/x",
        param("a", "cookie"),
        param("b", "cookie", {}),
        param("c", "cookie", content={"application/json": {}}),
    )
    draft = made(tree, {"cookie.a": "1 2", "cookie.b": [1, 2], "cookie.c": {"x": 1}})
    assert draft.cookies[0] == "a=1%202"
    assert draft.cookies[-1] == "c=%7B%22x%22%3A1%7D"


def test_a_body_brings_its_type() -> None:
    draft = made(one("post", body={}), {}, Encoded(b"{}", "application/json"))
    assert (draft.body, draft.headers["Content-Type"]) == (b"{}", "application/json")
    assert "Content-Type" not in made(one("post", body={}), {}).headers


def test_every_reason_is_listed() -> None:
    tree = one("get", "/{a}/{b}{c}", *(param(name, "path") for name in "abc"), param("q", "query", {}))
    values = {"path.a": "", "path.b": ".", "path.c": ".", "query.q": {"x": {"y": 1}}}
    draft = made(tree, values, headers={"a b": "1"}, query={"z": object()})
    assert [(each.where, each.name) for each in draft.violations] == [
        ("path", "a"), ("path", "c"), ("query", "q"), ("query", "z"), ("header", "a b"),
    ]  # fmt: skip


def test_accept_names_each_type_once_and_in_order() -> None:
    answers = {"200": said({}, "b/c"), "400": said({}, "a/json"), "404": said({}, "b/c"), "204": said()}
    assert accept(Client(one(answers=answers)).operations["op"]) == "b/c, a/json"
    assert accept(Client(one()).operations["op"]) == "*/*"
