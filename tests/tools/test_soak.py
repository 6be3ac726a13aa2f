"""`python tools/soak.py`: both kinds of client make their half, and what grows is found."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
TOOL = Path(__file__).parents[2] / "tools" / "soak.py"


@pytest.fixture(scope="module")
def soak() -> Any:
    spec = spec_from_file_location("soak", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FLAT = [(80_000_000, 300_000, 290)] * 50 + [(84_000_000, 310_000, 300), (80_000_000, 300_000, 290)] * 25
GROWN = {
    "MB": (90_000_000, 300_000, 290),
    "blocks": (80_000_000, 320_000, 290),
    "descriptors": (80_000_000, 300_000, 330),
}


def test_what_comes_and_goes_has_not_grown(soak: Any) -> None:
    assert soak.grown([soak.Held(*each) for each in FLAT]) == []


@pytest.mark.parametrize("what", GROWN)
def test_what_is_held_at_the_end_has_grown(what: str, soak: Any) -> None:
    held = [soak.Held(*each) for each in [*FLAT[:-5], *[GROWN[what]] * 5]]
    [problem] = soak.grown(held)
    assert what in problem


@pytest.mark.parametrize(("threads", "tasks", "halves"), [(2, 4, (10, 10)), (2, 0, (20, 0)), (0, 4, (0, 20))])
def test_each_call_is_one_of_a_thread_or_of_a_task(
    threads: int, tasks: int, halves: tuple[int, int], soak: Any
) -> None:
    made = soak.Soak(20, threads, tasks)
    assert (made.threads.calls, made.tasks.calls) == halves
    numbers = [
        side.next(soak.monotonic() + 60) for side in (made.threads, made.tasks) for _ in range(side.calls)
    ]
    assert numbers == [*range(20)]
    assert made.threads.next(soak.monotonic() + 60) is None
    assert made.tasks.next(soak.monotonic() - 1) is None


def test_neither_side_runs_ahead(soak: Any) -> None:
    made, until = soak.Soak(4000, 1, 1), soak.monotonic() + 60
    made.threads.ended = soak.AHEAD + 1
    assert made.is_ahead(made.threads, until)
    assert not made.is_ahead(made.tasks, until)
    assert not made.is_ahead(made.threads, soak.monotonic() - 1)
    made.tasks.ended = made.tasks.calls  # it has none left
    assert not made.is_ahead(made.threads, until)


def test_it_runs() -> None:
    command = [sys.executable, str(TOOL), "--calls", "80", "--threads", "2", "--tasks", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "80 calls of 2 threads and 4 tasks" in done.stdout, done.stderr
    assert "did not end" not in done.stdout
    assert "arrived too often" not in done.stdout
    assert "calls came to" not in done.stdout
