"""An import that is killed goes on where it was: each row in one state, no POST twice, little again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bulk.kills import killed_import, points_of


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("kind", "executor", "worker"),
    [("PUT", "threads", False), ("POST", "threads", False), ("pack", "processes", True)],
)
def test_a_killed_import_goes_on(tmp_path: Path, kind: str, executor: str, worker: bool) -> None:
    found = killed_import(tmp_path, kind, executor, 60, [30], worker=worker)
    assert found.problems == []
    assert (found.kills, found.runs) == (1, 2)
    assert found.states["ok"] >= 60 - 9 - 8  # what the plan breaks, and what was on its way


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("executor", "worker"), [("threads", False), ("processes", False), ("processes", True)]
)
@pytest.mark.parametrize("kind", ["PUT", "POST", "pack"])
def test_imports_that_are_killed_again_and_again(
    tmp_path: Path, kind: str, executor: str, worker: bool
) -> None:
    points = points_of(f"{kind}{executor}", 600)
    found = killed_import(tmp_path, kind, executor, 600, points, worker=worker)
    assert found.problems == []
