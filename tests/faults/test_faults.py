"""What comes of the faults of servers: `make exhaustive` runs all of them, `make test` every sixteenth.

`python tools/faults.py` prints the same as a table.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.trials import METHODS, trials

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

BYTES = 8_000_000
"""What one call may hold, with the server's part of it: a body of a million bytes comes in several pieces."""
OF_THE_SUITE = [
    *list(FAULTS)[3::16],
    *(
        "answers twice, later",
        "closed within the trailers",
        "length and chunks",
        "CR in a field",
    ),
]


def rows(of_each: Any) -> list[Any]:
    return [name if name in of_each else pytest.param(name, marks=pytest.mark.exhaustive) for name in FAULTS]


@pytest.mark.parametrize("name", rows(OF_THE_SUITE))
def test_a_fault_ends_as_it_may_for_each_client_and_method(name: str) -> None:
    [(found, held)] = trials([FAULTS[name]])
    assert [(each.client, each.method, each.came, each.problems) for each in found if each.problems] == []
    assert {each.method for each in found} == set(METHODS)
    assert held < BYTES


def test_there_are_many() -> None:
    assert len(FAULTS) > 150
    assert len(OF_THE_SUITE) > 15
