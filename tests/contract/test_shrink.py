"""What shows a break is made small, and stays what it was: valid, or broken at the same place."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import Case
from dynaclient.contract.shrink import MOST, smallest
from tests.small import one, param

ANY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "price": {"type": "number", "minimum": 2}},
}
DOCUMENT = one("post", "/x/{id}", param("id", "path"), param("n", "query", {"type": "integer"}), body=ANY)


def body(case: Case) -> Any:
    return case.body if isinstance(case.body, dict) else {}


@pytest.mark.parametrize(
    ("given", "still", "expected"),
    [
        (Case("op", {"path.id": "q]7é", "query.n": 41}, body={"name": "amber", "price": 46.5, "more": [1]}),
         lambda case: True, Case("op", {"path.id": "a"}, body={})),
        (Case("op", {"path.id": "bq]psqjkk"}, body={}),
         lambda case: len(case.arguments["path.id"]) > 6, Case("op", {"path.id": "aaaaaaa"}, body={})),
        (Case("op", {"path.id": "x", "query.n": 41}, body={"name": "", "price": 3}),
         lambda case: "query.n" in case.arguments and body(case).get("name") == "",
         Case("op", {"path.id": "a", "query.n": 0}, body={"name": ""})),
        (Case("op", {"path.id": "a"}, body={"price": 46.5}),  # 0 is not allowed
         lambda case: "price" in body(case), Case("op", {"path.id": "a"}, body={"price": 46.5})),
        (Case("op", {"path.id": "a"}, body={"name": [1, 2], "price": 46.5}),  # broken, and remains so
         lambda case: True, Case("op", {"path.id": "a"}, body={"name": [1, 2]})),
    ],
)  # fmt: skip
def test_the_smallest_that_still_shows_it(given: Case, still: Any, expected: Case) -> None:
    assert smallest(Client(DOCUMENT, server="http://h"), given, still) == expected


def test_the_requests_are_bounded() -> None:
    asked: list[Case] = []

    def never(case: Case) -> bool:
        asked.append(case)
        return False

    large = Case("op", {"path.id": "a"}, body={f"k{index}": [index] for index in range(300)})
    assert smallest(Client(DOCUMENT, server="http://h"), large, never) is large
    assert len(asked) == MOST
