"""tools/house.py counts modules, cycles and the way of a call; its figures stand in the documentation."""

from __future__ import annotations

import json
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

MARKS = f"{house.BEGIN}\n{house.END}"

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


def test_no_cycle_of_modules() -> None:
    graphs = house.graphs(house.modules())
    assert len(graphs) == 3
    assert {kind: found for kind, graph in graphs.items() if (found := house.cycles(graph))} == {}


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


Calls = list[tuple[str, str]]
MOST = (150, 25, 60)


def size(calls: Calls) -> tuple[int, int, int]:
    """Calls, modules, changes of module."""
    names = [name for name, _ in calls]
    return len(names), len(set(names)), sum(one != other for one, other in pairwise(names))


@pytest.fixture(scope="module")
def warm_call() -> Calls:
    """Under load a response comes in more pieces, each a call of the connection: then it is counted again.

    In a process of its own: what pytest sets up, such as a handler of logs, is on the way of a call as well.
    """
    script = "import json, house; print(json.dumps(house.hops()))"
    for _ in range(5):
        told = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT / "tools", capture_output=True, check=True
        ).stdout
        calls = [(module, name) for module, name in json.loads(told)]
        if all(map(le, size(calls), MOST)):
            break
    return calls


FIGURES = re.compile(r"\d[\d,]*")
ROW = re.compile(r"^\| ([^|]+) \| (\d[^|]*) \|$", re.MULTILINE)
SHOWN = dict(ROW.findall(house.PAGE.read_text("utf-8").partition(house.BEGIN)[2].partition(house.END)[0]))


def test_the_documentation_has_its_figures(warm_call: Calls) -> None:
    """Within a tenth, so that not every change has to renew them; where there is none, none."""
    now = dict(ROW.findall(house.filled(MARKS, house.figures(warm_call))))
    rows, renewed = ([FIGURES.sub("1", " ".join(row)) for row in each.items()] for each in (SHOWN, now))
    assert rows == renewed
    if sys.version_info[:2] != (3, 11):
        del now["a warm call"]  # others count the frames of comprehensions otherwise
    off = [name for name, value in now.items() if not all(map(near, numbers(SHOWN[name]), numbers(value)))]
    assert off == [], "python tools/docs.py --write docs/architecture.md"


def numbers(text: str) -> list[int]:
    return [int(each.replace(",", "")) for each in FIGURES.findall(text)]


def near(shown: int, now: int) -> bool:
    return abs(shown - now) <= -(-min(shown, now) // 10)


@pytest.mark.parametrize(
    ("shown", "now", "expected"),
    [(0, 0, True), (0, 1, False), (1, 0, False), (100, 110, True), (100, 112, False), (188, 150, False)],
)
def test_a_tenth(shown: int, now: int, expected: bool) -> None:
    assert near(shown, now) is expected


def test_marks_keep_what_stands_around_them() -> None:
    filled = house.filled(f"a\n{MARKS}\nb\n", {"x": "1"})
    assert filled == f"a\n{house.BEGIN}\n\n| figure | |\n|---|---|\n| x | 1 |\n\n{house.END}\nb\n"


def test_it_prints_the_way_of_a_call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["house.py", "--hops"])
    assert house.main() == 0
    out = capsys.readouterr().out
    assert "a warm call" in out
    assert "Client.__getattr__" in out


def test_a_warm_call_stays_short(warm_call: Calls) -> None:
    """What depends on the operation, the server or the credentials alone is not worked out again."""
    assert all(map(le, size(warm_call), MOST)), house.figures(warm_call)["a warm call"]
