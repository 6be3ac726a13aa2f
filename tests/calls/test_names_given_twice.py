"""A documented name is given once: by an argument or in `options`, not by both."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from tests.small import one, param

INTEGER = {"type": "integer"}
OBJECT = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER}}
TAGS = {"type": "array", "items": {"type": "string"}}
FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}

Row = tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]

TWICE: list[Row] = [
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"page": 2}}),
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"page": 1}}),
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"page": [2, 3]}}),
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"x": {"page": 2}}}),  # written as page=2
    ([param("tags", schema=TAGS)], {"tags": ["a"]}, {"query": {"tags": "b"}}),
    ([param("tags", schema=TAGS, explode=False)], {"tags": ["a"]}, {"query": {"tags": "b"}}),
    ([param("q[a]")], {"q[a]": "1"}, {"query": {"q[a]": "2"}}),
    ([param("q é")], {"q é": "1"}, {"query": {"q é": "2"}}),
    ([param("c", schema=OBJECT, style="deepObject")], {"c": {"R": 1}}, {"query": {"c[R]": 2}}),
    ([param("c", schema=OBJECT, style="deepObject")], {"c": {"R": 1}}, {"query": {"c": "2"}}),
    ([param("c", schema=OBJECT)], {"c": {"R": 1}}, {"query": {"R": 2}}),
    ([param("c", schema=OBJECT)], {"c": {"R": 1}}, {"query": {"c": 2}}),
    ([param("c", content={"application/json": {"schema": OBJECT}})], {"c": {"R": 1}}, {"query": {"c": "{}"}}),
    ([param("w", "querystring", content=FORM)], {"w": {"a": 1, "b": 2}}, {"query": {"b": 3}}),
    ([param("X-Trace", "header")], {"X-Trace": "1"}, {"headers": {"X-Trace": "2"}}),
    ([param("X-Trace", "header")], {"x_trace": "1"}, {"headers": {"x-TRACE": "2"}}),
    ([], {}, {"headers": {"X-Other": "1", "x-other": "2"}}),
    ([param("sid", "cookie")], {"sid": "1"}, {"headers": {"Cookie": "a=1; sid=2"}}),
    ([param("sid", "cookie")], {"sid": "1"}, {"headers": {"cookie": "sid=1"}}),
    ([param("c", "cookie", OBJECT)], {"c": {"R": 1}}, {"headers": {"Cookie": "R=2"}}),
]

ONCE: list[tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any], str]] = [
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"size": 2}}, "?page=1&size=2"),
    ([param("page", schema=INTEGER)], {}, {"query": {"page": 2}}, "?page=2"),
    ([param("page", schema=INTEGER)], {"page": None}, {"query": {"page": 2}}, "?page=2"),
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"page": None}}, "?page=1"),
    ([param("page", schema=INTEGER)], {"page": 1}, {"query": {"Page": 2}}, "?page=1&Page=2"),
    ([param("page", required=True)], {}, {"query": {"page": "2"}}, "?page=2"),
    ([param("page", "header")], {"page": "1"}, {"query": {"page": 2}}, "?page=2"),
    (
        [param("c", schema=OBJECT, style="deepObject")],
        {"c": {"R": 1}},
        {"query": {"R": 2}},
        "?c%5BR%5D=1&R=2",
    ),
    ([param("c", schema=OBJECT)], {"c": {"R": 1}}, {"query": {"G": 2}}, "?R=1&G=2"),
    ([param("X-Must", "header", required=True)], {}, {"headers": {"x-must": "2"}}, ""),
    ([param("X-A", "header")], {"X-A": "1"}, {"headers": {"x-a": None}}, ""),
    ([param("sid", "cookie", required=True)], {}, {"headers": {"Cookie": "a=1; sid=2"}}, ""),
]


@pytest.mark.parametrize(("parameters", "given", "options"), TWICE)
@pytest.mark.parametrize("validate", ["strict", "off"])
def test_a_documented_name_that_is_given_twice_is_refused(
    parameters: list[dict[str, Any]], given: dict[str, Any], options: dict[str, Any], validate: Any
) -> None:
    client = Client(one("get", "/x", *parameters, version="3.2.0"), server="http://h.test", validate=validate)
    with pytest.raises(RequestInvalid, match="given twice") as caught:
        client.prepare("op", given, options=options)
    assert {each.where for each in caught.value.violations} == {"argument"}


@pytest.mark.parametrize(("parameters", "given", "options", "query"), ONCE)
def test_what_is_given_once_is_sent(
    parameters: list[dict[str, Any]], given: dict[str, Any], options: dict[str, Any], query: str
) -> None:
    request = Client(one("get", "/x", *parameters), server="http://h.test").prepare(
        "op", given, options=options
    )
    assert request.url == f"http://h.test/x{query}"


def test_the_path_may_hold_the_name() -> None:
    client = Client(one("get", "/x?action=list"), server="http://h.test")
    with pytest.raises(RequestInvalid, match="action: this query parameter is given twice"):
        client.prepare("op", options={"query": {"action": "drop"}})


def test_cookies_of_both_stand_in_one_header() -> None:
    client = Client(one("get", "/x", param("a", "cookie")), server="http://h.test")
    request = client.prepare("op", {"a": "1"}, options={"headers": {"cookie": "b=2"}})
    assert request.headers["Cookie"] == "b=2; a=1"


@pytest.mark.parametrize("place", ["query", "header", "cookie"])
@pytest.mark.parametrize("by", ["argument", "option"])
@pytest.mark.parametrize("late", [False, True])
def test_a_credential_gives_way_to_what_the_call_itself_gives(place: str, by: str, late: bool) -> None:
    name = "X-Key" if place == "header" else "k e" if place == "query" else "key"
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": place, "name": name}}}
    parameters = [param(name.lower(), place)] if by == "argument" else []
    tree = one("get", "/x", *parameters, components=schemes, security=[{"key": []}])
    credential: Any = (lambda request: "secret") if late else "secret"
    client = Client(tree, server="http://h.test", credentials={"key": credential})
    options: dict[str, Any] = {
        "query": {"query": {name: "mine"}},
        "header": {"headers": {name.lower(): "mine"}},
        "cookie": {"headers": {"Cookie": f"{name}=mine"}},
    }[place]
    given = {name.lower(): "mine"} if by == "argument" else {}
    request = client.prepare("op", given, options={} if by == "argument" else options)
    sent = f"{request.url} {request.headers}"
    assert sent.count("mine") == 1
    assert "secret" not in sent
    assert "secret" in f"{client.prepare('op').url} {client.prepare('op').headers}"
