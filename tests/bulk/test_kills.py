"""An import that is killed goes on where it was: each row in one state, no POST twice, little again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bulk.kills import killed_import


@pytest.mark.parametrize(
    ("kind", "executor"), [("PUT", "threads"), ("POST", "threads"), ("pack", "processes")]
)
def test_a_killed_import_goes_on(tmp_path: Path, kind: str, executor: str) -> None:
    found = killed_import(tmp_path, kind, executor, 60, [30])
    assert found.problems == []
    assert found.runs == 2
    assert found.states["ok"] >= 60 - 9 - 8  # what the plan breaks, and what was on its way


@pytest.mark.exhaustive
@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("kind", ["PUT", "POST", "pack"])
@pytest.mark.parametrize("worker", [False, True])
def test_imports_that_are_killed_again_and_again(
    tmp_path: Path, kind: str, executor: str, worker: bool
) -> None:
    points = sorted(random.Random(f"{kind}{executor}").sample(range(1, 600), 20))
    found = killed_import(tmp_path, kind, executor, 600, points, worker=worker and executor == "processes")
    assert found.problems == []
