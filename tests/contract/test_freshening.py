"""A case with values that a server has not seen is as valid as the one before it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import Case
from dynaclient.contract.case import RawBody
from dynaclient.contract.freshening import freshened
from tests.small import one

ISBN = {"type": "string", "pattern": "^97[89][0-9]{10}$"}


@pytest.mark.parametrize(
    ("schema", "value", "fresh"),
    [
        ({"type": "string"}, "Emma", "017Emma"),
        ({"type": "string", "pattern": "^E"}, "Emma", "Emma017"),
        (ISBN, "9780199535675", "9780199535017"),
        ({"type": "string", "pattern": "^[A-HJ-NPR-Z0-9]{17}$"}, "WVWZZZ1JZXW00000A", "WVWZZZ1JZXW000017"),
        ({"type": "string", "pattern": "^[0-9]{4}$"}, "1815", "1815"),
        ({"type": "string", "format": "date"}, "2026-11-30", "2026-11-30"),
        ({"enum": ["novel"]}, "novel", "novel"),
        ({"type": "integer"}, 5, 5),
    ],
)
def test_texts_are_changed_where_they_stay_valid(schema: dict[str, Any], value: Any, fresh: Any) -> None:
    body = {"type": "object", "properties": {"x": schema}}
    client = Client(
        one("post", "/x", content={"application/json": {"schema": body}}), server="http://127.0.0.1:1"
    )
    (operation,) = client.operations
    assert freshened(client, Case(operation, {}, body={"x": value}), "017").body == {"x": fresh}


def test_so_are_those_of_a_body_under_another_type() -> None:
    """A server that takes it for JSON may have refused it for what it has already."""
    body = {"type": "object", "properties": {"x": {"type": "string"}}}
    client = Client(
        one("post", "/x", content={"application/json": {"schema": body}}), server="http://127.0.0.1:1"
    )
    (operation,) = client.operations
    raw = RawBody("text/plain", b'{"x": "Emma"}')
    assert freshened(client, Case(operation, {}, raw=raw), "017").raw == RawBody(
        "text/plain", b'{"x": "017Emma"}'
    )
    cut_off = Case(operation, {}, raw=RawBody("application/json", b'{"x": "Emma"'))
    assert freshened(client, cut_off, "017") == cut_off
