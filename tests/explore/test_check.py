"""`client.check`: what a call would break, without a request."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, SettingsError
from tests.conftest import Serve
from tests.small import json_reply, one, param

BODY = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}, "colour": {"type": "string"}},
}
DOC = one("post", "/x/{id}", param("id", "path"), param("token"), body=BODY)

WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({"id": "1", "body": {"a": 1}}, []),
    "a property": ({"id": "1", "body": {"a": "x"}}, ["body at /a"]),
    "all of it": ({"body": {"a": "x"}, "nope": 1}, ["argument nope", "path id", "body at /a"]),
    "no body": ({"id": "1"}, ["body"]),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("mode", ["strict", "warn", "off"])
def test_every_violation_is_listed_and_nothing_is_sent(case: str, mode: Any, serve: Serve) -> None:
    server = serve(json_reply({}))
    given, expected = WRONG[case]
    client = Client(DOC, server=server.url, validate=mode)
    found = client.check("op", **given)
    assert isinstance(found, list)
    assert [str(each).partition(":")[0] for each in found] == expected
    assert client.op.check(**given) == found
    assert server.requests == []


def test_what_is_undeclared_is_listed_where_that_is_refused() -> None:
    given: dict[str, Any] = {"id": "1", "body": {"a": 1, "color": "red"}}
    assert Client(DOC).check("op", **given) == []
    found = Client(DOC, validate={"undeclared": "strict"}).check("op", **given)
    assert [each.pointer for each in found] == ["/color"]


def test_no_value_of_an_argument_that_is_called_a_secret_is_told() -> None:
    doc = one("get", "/x", param("token", schema={"type": "integer"}))
    found = Client(doc).check("op", token="s3cr3t")
    assert len(found) == 1
    assert "s3cr3t" not in str(found)


def test_an_option_that_is_none_is_a_mistake() -> None:
    with pytest.raises(SettingsError):
        Client(DOC).check("op", id="1", options={"nope": 1})
