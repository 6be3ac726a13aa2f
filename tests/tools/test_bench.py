"""The tool that measures: its documents, payloads, numbers, tables, and its picture. Nothing is timed."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient.document.node import Node
from tests.work import growth

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(autouse=True, scope="module")
def _tools() -> Iterator[None]:
    """`bench` can be imported, as `make bench` has it."""
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


def bench(name: str) -> Any:
    return import_module(f"bench.{name}")


def broken(client: Client, operation: str, value: Any) -> list[str]:
    """What in `value`, as the answer 200 of `operation`, breaks the document."""
    answer = next(each for each in client.operations[operation].responses if each.status == "200")
    schema = answer.content["application/json"].schema
    assert isinstance(schema, Node)
    return [
        each.pointer for each in client.checkers.checker(schema, "response").violations(value, "body", "")
    ]


# -- documents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["small", "many", "circles"])
def test_documents_are_opened_without_findings(make: str) -> None:
    tree = {
        "small": bench("documents").small,
        "many": lambda: bench("documents").many(3, unrelated=2),
        "circles": lambda: bench("documents").circles(5, 7),
    }[make]()
    assert Client(tree).findings == ()


def test_a_document_is_the_same_each_time_and_for_its_operations_only() -> None:
    documents = bench("documents")
    assert json.dumps(documents.many(4)) == json.dumps(documents.many(4))
    assert len(Client(documents.many(4, unrelated=3)).operations) == 4


def test_the_large_document_has_its_size() -> None:
    part = len(json.dumps(bench("documents").many(20)))
    assert 11.5e6 < part * 100 < 12.5e6


def test_the_recursive_document_has_its_size_and_its_circles() -> None:
    documents = bench("documents")
    tree = documents.circles()
    assert 2.8e6 < len(json.dumps(tree)) < 3.2e6
    client = Client(tree)
    assert len(client.operations) == 450
    schema = client.operations["getNode7"].responses[0].content["application/json"].schema
    translator = client.checkers.translator("response")
    assert len(translator.closure(translator.entry(schema))) >= 480


def test_values_meet_the_documents_that_they_are_sent_to() -> None:
    documents = bench("documents")
    things = Client(documents.many(3), server="http://127.0.0.1")
    assert broken(things, "updateThing2", documents.thing(2)) == []
    assert broken(things, "updateThing2", {**documents.thing(2), "id": "x"}) == ["/id"]
    nodes = Client(documents.circles(6, 9), server="http://127.0.0.1")
    value = documents.node(3, 3, 9)
    assert broken(nodes, "getNode3", value) == []
    value["parts"][0]["named"]["far"]["name"] = ""
    assert broken(nodes, "getNode3", value) == ["/parts/0/named/far/name"]


def test_a_tree_of_nodes_has_three_on_each_level() -> None:
    def count(value: dict[str, Any]) -> int:
        inner = [value["next"], *value["parts"], *value["named"].values()] if "next" in value else []
        return 1 + sum(map(count, inner))

    assert [count(bench("documents").node(0, depth)) for depth in range(4)] == [1, 4, 13, 40]


# -- payloads ------------------------------------------------------------------------------------------


def test_sessions_are_as_the_document_of_talon_one_has_them() -> None:
    payloads = bench("payloads")
    talon = Client("talon-one-integration", server="http://127.0.0.1")
    assert broken(talon, "getCustomerSession", payloads.small_answer()) == []
    assert broken(talon, "updateCustomerSessionV2", payloads.answer()) == []
    request = talon.prepare("updateCustomerSessionV2", customerSessionId="s", body=payloads.request_body())
    assert len(json.loads(request.body or b"")["customerSession"]["cartItems"]) == 10
    assert len(payloads.answer()["effects"]) == 20


@pytest.mark.parametrize("size", [1_000, 21_000, 100_000, 400_000])
def test_an_answer_of_a_size_has_about_that_size(size: int) -> None:
    payloads = bench("payloads")
    assert 0.8 * size < len(payloads.encoded(payloads.sized_answer(size))) < 1.2 * size


@pytest.mark.parametrize(
    ("size", "operation", "pointer"),
    [
        (1_000, "getCustomerSession", "/customerSession/id"),
        (30_000, "updateCustomerSessionV2", "/effects/{last}/campaignId"),
    ],
)
def test_a_wrong_answer_breaks_the_document_once_at_its_end(size: int, operation: str, pointer: str) -> None:
    payloads = bench("payloads")
    talon = Client("talon-one-integration", server="http://127.0.0.1")
    right = payloads.sized_answer(size)
    at = pointer.format(last=len(right["effects"]) - 1)
    assert broken(talon, operation, payloads.wrong(right)) == [at]
    assert broken(talon, operation, right) == []


# -- numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0], [5.0, 5.0, 5.0]),
        ([1.0, 3.0], [2.0, 1.0, 3.0]),
        ([9.0, 1.0, 5.0], [5.0, 3.0, 7.0]),
        ([1.0, 2.0, 3.0, 100.0], [2.5, 1.5, 51.5]),
    ],
)
def test_spread_is_the_median_and_the_medians_of_the_halves(
    values: list[float], expected: list[float]
) -> None:
    assert bench("spread").spread(values) == expected


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40).filter(lambda values: len(values) % 4 == 1))
def test_spread_agrees_with_the_standard_library(values: list[float]) -> None:
    if len(values) > 1:
        low, middle, high = quantiles(values, n=4, method="inclusive")
        assert bench("spread").spread(values) == pytest.approx([middle, low, high])


def test_ratios_are_taken_round_by_round() -> None:
    ratio = bench("spread").ratio
    assert ratio([2.0, 40.0, 600.0], [1.0, 10.0, 100.0]) == [4.0, 3.0, 5.0]
    assert ratio([2.0, 40.0], [1.0, 10.0, 100.0]) == [3.0, 2.0, 4.0]  # fewer rounds: those that stand beside
    assert ratio([], [1.0]) is None
    assert ratio([1.0], [0.0]) is None


# -- tables --------------------------------------------------------------------------------------------


def measured(*cpu: float, error: str = "") -> Any:
    return bench("spread").Measured(list(cpu), list(cpu), [30.0 for _ in cpu], error)


def case(name: str = "a call", **others: float) -> dict[str, Any]:
    """A case with a base of 1 second, ourselves at `dynaclient`, and others."""
    row, base = bench("spread").row, measured(1.0)
    rows = [row("requests", base, base)]
    rows += [row(key, measured(value), base, ours=key == "dynaclient") for key, value in others.items()]
    return {"name": name, "group": "calling", "note": "20 kB", "rival": True, "rows": rows}


def test_a_table_has_a_line_for_each_contender_with_the_last_ratio_beside_the_new_one() -> None:
    text = bench("report").table(case(dynaclient=0.5, other=20.0), case(dynaclient=0.75))
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[4:]]
    assert lines[0][:3] == ["requests", "1 s", "1.00x"]
    assert lines[1][:5] == ["dynaclient", "500 ms", "0.50x", "0.50-0.50", "0.75x"]
    assert lines[2][:5] == ["other", "20 s", "20x", "20.00-20.00", ""]


def test_what_a_contender_cannot_do_stands_in_the_table() -> None:
    row, base = bench("spread").row, measured(1.0)
    result = case()
    result["rows"].append(row("other", measured(error="KeyError: 'a|b'"), base))
    line = bench("report").table(result).splitlines()[-1]
    assert "cannot" in line
    assert "KeyError: 'a/b'" in line


def test_cases_that_others_win_are_named_and_no_others() -> None:
    cases = [case("one", dynaclient=0.9, httpx=0.7), case("two", dynaclient=0.5, httpx=0.7)]
    assert bench("report").wins(cases) == ["one: httpx 0.70x, dynaclient 0.90x"]
    assert bench("report").wins([case("three", dynaclient=1.2)]) == [
        "three: requests 1.00x, dynaclient 1.20x"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2 s"), (0.0154, "15.4 ms"), (2.4e-05, "24 us"), (3.1e-8, "31 ns")],
)
def test_times_are_written_in_the_unit_that_fits(value: float, text: str) -> None:
    assert bench("report").seconds(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(12, "12 B"), (1_790, "1.8 kB"), (20_619, "21 kB"), (12_033_487, "12 MB")],
)
def test_sizes_are_written_in_the_unit_that_fits(size: int, text: str) -> None:
    assert bench("targets").human(size) == text


def test_the_summary_has_a_line_for_each_case() -> None:
    cases = [case("one", dynaclient=0.9, httpx=0.7)]
    machine = {"cores": 2, "memory_gb": 8, "system": "Linux", "processor": "x86_64"}
    results = {"machine": machine, "versions": {"python": "3.11.7", "orjson": "-"}, "cases": cases}
    text = bench("summary").summary(results)
    assert "2 cores, 8 GB, Linux x86_64; python 3.11.7\n" in text
    assert "| one: 20 kB | requests, 1 s | 0.90x (0.90x-0.90x) | httpx 0.70x |" in text
    assert "- one: httpx 0.70x, dynaclient 0.90x" in text


@pytest.mark.parametrize(
    ("error", "cell"),
    [
        ("KeyError: 'a'", "other cannot"),
        ("not done within 20 seconds", "other not done within 20 seconds"),
    ],
)
def test_the_summary_says_of_what_was_only_too_slow_that_it_was(error: str, cell: str) -> None:
    slow = case("one")
    slow["rows"].append(bench("spread").row("other", measured(error=error), measured(1.0)))
    machine = {"cores": 2, "memory_gb": 8, "system": "Linux", "processor": "x86_64"}
    text = bench("summary").summary({"machine": machine, "versions": {}, "cases": [slow]})
    assert f"| {cell} |" in text


def test_the_page_shows_the_committed_results() -> None:
    summary = bench("summary")
    page = summary.PAGE.read_text(encoding="utf-8")
    assert summary.filled(page, json.loads(summary.RESULTS.read_text(encoding="utf-8"))) == page


# -- the picture ---------------------------------------------------------------------------------------


def test_the_picture_is_svg_with_a_bar_for_each_row_that_has_a_ratio() -> None:
    row = bench("spread").row
    result = case("a <call>", dynaclient=0.5, other=20.0)
    result["rows"].append(row("broken", measured(error="no"), measured(1.0)))
    root = ElementTree.fromstring(bench("chart").chart([result], ["a <call>"]))
    space = "{http://www.w3.org/2000/svg}"
    bars = root.findall(f"{space}rect")
    assert [bar.get("class") for bar in bars] == ["theirs", "ours", "theirs"]
    widths = [float(bar.get("width", "")) for bar in bars]
    assert widths[1] < widths[0] < widths[2]
    assert "a <call>" in [text.text for text in root.findall(f"{space}text")]


@given(st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=6))
def test_longer_times_have_longer_bars_inside_the_picture(ratios: list[float]) -> None:
    chart = bench("chart")
    scale = chart._Scale(ratios)
    ends = [scale.at(ratio) for ratio in sorted(ratios)]
    assert ends == sorted(ends)
    assert chart.LABELS <= ends[0] <= ends[-1] <= chart.WIDTH - chart.NUMBERS + 1


def test_an_error_is_told_by_its_first_line() -> None:
    first_line = bench("runner").first_line
    assert first_line(ValueError("\nwrong\nmore")) == "ValueError: wrong"
    assert first_line(KeyError()) == "KeyError"


@pytest.mark.parametrize("backend", ["rust", "python"])
def test_explaining_grows_with_the_number_of_violations_and_no_faster(backend: str) -> None:
    """The row in the table, of 100 to 10,000 violations, in counted work."""
    assert growth(lambda count: bench("checking").explained(count, backend), 500) < 2.3


def test_others_find_as_many_violations_in_the_same_rows() -> None:
    for library in ("jsonschema", "jsonschema_rs"):
        assert len(bench("checking").iter_errors(100, library)()) == 100
    assert [len(bench("payloads").rows(count)) for count in (0, 100)] == [0, 100]


# -- the committed results -----------------------------------------------------------------------------


def test_the_committed_results_name_neither_paths_nor_hosts() -> None:
    text = (TOOLS / "bench" / "results.json").read_text()
    found = json.loads(text)
    assert {"machine", "versions", "cases"} == set(found)
    assert set(found["machine"]) == {"cores", "memory_gb", "system", "processor"}
    for place in (str(TOOLS.parent), str(Path.home()), "/tmp/"):
        assert place not in text
