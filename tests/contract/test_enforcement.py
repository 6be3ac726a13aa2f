"""Formats are annotations to a server that leaves them alone, but rules to one that enforces them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dynaclient import Client
from dynaclient.contract import run
from tests.conftest import Serve
from tests.servers import Recorded
from tests.small import document, json_reply, param


def listing(key: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    said = {"200": {"description": ""}, "422": {"description": ""}}
    return {"get": {"operationId": key, "parameters": [param(name, "query", schema)], "responses": said}}


DATE, UUID = {"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}
TREE = document(
    {
        "/loans": listing("listLoans", "since", DATE),
        "/fines": listing("listFines", "from", DATE),
        "/cards": listing("listCards", "owner", UUID),
    }
)
RULES = {"since": r"\d{4}-\d\d-\d\d", "from": r"\d{4}-\d\d-\d\d", "owner": "[0-9A-Fa-f-]{36}"}


@pytest.mark.parametrize(
    ("enforced", "suspected"),
    [
        ((), set()),
        (("since", "from", "owner"), set()),
        (("since", "owner"), {("listFines", "from")}),
        (("from",), {("listLoans", "since")}),
        (("owner",), set()),  # another format
    ],
)
def test_what_is_refused_elsewhere_is_suspected(
    serve: Any, enforced: tuple[str, ...], suspected: set[tuple[str, str]]
) -> None:
    def answer(request: Recorded) -> bytes:
        for name, values in parse_qs(urlsplit(request.target).query, keep_blank_values=True).items():
            if name in enforced and not all(re.fullmatch(RULES[name], each) for each in values):
                return json_reply({"error": f"{name} is invalid"}, 422)
        return json_reply({})

    with Client(TREE, server=serve(answer).url) as client:
        report = run(client, phases=["coverage"], cases=0)
    assert {(each.operation, each.name) for each in report.failures} == suspected
    assert {each.check for each in report.failures} <= {"enforced_elsewhere"}
    assert all(each.suspicion and "refuses the like" in each.message for each in report.failures)


def test_what_is_refused_in_one_location_of_many_is_refused_for_something_else(serve: Serve) -> None:
    """A value that is given twice may be too long for one parameter, and no rule of the server."""
    names = ("a", "b", "c")
    tree = document({f"/{name}": listing(name, "n", {"type": "string", "maxLength": 9}) for name in names})

    def answer(request: Recorded) -> bytes:
        url = urlsplit(request.target)
        given = parse_qs(url.query, keep_blank_values=True).get("n", [])
        refused = any(len(each) > 9 for each in given) or (url.path == "/a" and len(given) > 1)
        return json_reply({"error": "n is invalid"}, 422) if refused else json_reply({})

    with Client(tree, server=serve(answer).url) as client:
        assert not run(client, phases=["coverage"], cases=0).failures
