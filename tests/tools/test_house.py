"""tools/house.py counts modules, cycles and the way of a call; its figures stand in the documentation."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from operator import le
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import house  # noqa: E402

GRAPHS: list[tuple[dict[str, set[str]], list[list[str]]]] = [
    ({"a": {"b"}, "b": set()}, []),
    ({"a": {"b"}, "b": {"a"}}, [["a", "b"]]),
    ({"a": {"a"}}, [["a"]]),
    ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
    ({"a": {"b", "elsewhere"}, "b": {"c"}, "c": set()}, []),
]


@pytest.mark.parametrize(("graph", "expected"), GRAPHS)
def test_cycles(graph: dict[str, set[str]], expected: list[list[str]]) -> None:
    assert house.cycles(graph) == expected


@pytest.mark.parametrize("kind", ["at module level", "with functions", "with types"])
def test_no_cycle_of_modules(kind: str) -> None:
    assert house.cycles(house.graphs(house.modules())[kind]) == []


def test_the_exception_is_that_of_import_linter() -> None:
    importer, imported = house.EXCEPTION
    ignored = re.findall(
        r"^ignore_imports = (.*)", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    assert ignored == [f'["{importer} -> {imported}"]'] * 2


def test_imports_are_told_apart() -> None:
    found = house.modules()["dynaclient"]
    assert "dynaclient.client" in found.for_types
    assert "dynaclient._earlier" in found.late
    assert "dynaclient.client" not in found.at_top


def test_an_import_inside_a_function_says_why_and_stands_first() -> None:
    """`# late: 12 ms` for what takes so long, `# optional` for what may not be installed."""
    found = house.late_imports(house.modules())
    assert found
    assert [each for each in found if not each.reason or not each.stands_first] == []


def test_it_prints_the_way_of_a_call() -> None:
    command = [sys.executable, str(ROOT / "tools" / "house.py"), "--hops"]
    out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "a warm call" in out
    assert "Client.__getattr__" in out


def test_a_warm_call_stays_short() -> None:
    """What depends on the operation, the server or the credentials alone is not worked out again.

    Under load a response comes in more pieces, each of which is a call of the connection: then it is looked
    at once more.
    """
    for _ in range(6):
        names = [name for name, _ in house.hops()]
        found = len(names), len(set(names)), sum(one != other for one, other in pairwise(names))
        if all(map(le, found, (150, 25, 60))):
            return
    pytest.fail(
        f"a warm call makes {found[0]} calls in {found[1]} modules, with {found[2]} changes of module"
    )
