"""What is shown of a planted defect that depends on a value is the smallest case that has it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import run
from tests.planted.serving import CREDENTIALS, DOCUMENT, running

BOOK = {"isbn", "title", "genre", "price", "copies", "tags"}
MEMBER = {"name", "email", "status", "newsletter", "pin"}
LOAN = {"bookId", "dueOn"}

MINIMAL: list[tuple[str, str, set[str], dict[str, Any]]] = [
    ("crash-nul-in-name", "createMember", MEMBER, {"name": "\0"}),
    ("crash-empty-note", "createLoan", LOAN | {"note"}, {"note": ""}),
    ("crash-null-subtitle", "createBook", BOOK | {"subtitle"}, {"subtitle": None, "copies": 0, "tags": []}),
    ("crash-empty-file", "uploadCover", {"file"}, {}),
    ("crash-quote-in-q", "search", {"q"}, {"q": "'"}),
    ("crash-both-years", "search", {"q", "yearFrom", "yearTo"}, {"q": "a"}),
    ("crash-largest-id", "getBook", set(), {"bookId": 2**31 - 1}),
    ("crash-page-beyond-the-last", "listBooks", {"page"}, {"page": 999}),
    ("refuses-longest-title", "createBook", BOOK, {"title": "a" * 120, "copies": 0, "price": 0, "tags": []}),
    ("accepts-fraction-of-copies", "createBook", BOOK, {"copies": 0.5, "price": 0, "tags": []}),
]
"""Defect, operation, the names of all that is sent beside identifiers in the path, values of some of it."""


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("defect", "operation", "names", "values"), MINIMAL, ids=[f"{each[0]}-{each[1]}" for each in MINIMAL]
)
def test_nothing_is_sent_but_what_shows_it(
    defect: str, operation: str, names: set[str], values: dict[str, Any]
) -> None:
    with running(defect) as url:
        client = Client(DOCUMENT, server=url, credentials=CREDENTIALS)
        report = run(client, only=operation, phases=["coverage"], max_time=None)
    (failure,) = report.failures
    case = failure.case
    body = case.body if isinstance(case.body, dict) else {}
    sent = {key.partition(".")[2]: value for key, value in case.arguments.items()} | body
    in_path = {each.name for each in client.operations[operation].parameters if each.location == "path"}
    assert sent.keys() - in_path == names, case
    assert {name: sent[name] for name in values} == values, case
