"""Many rows: what becomes of each, what arrives, and what never does."""

from __future__ import annotations

import dataclasses
import datetime
import io
import itertools
import json
import multiprocessing
import os
import pickle
import signal
import threading
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import requests

from dynaclient import BulkError, BulkRow, Client, Env, SettingsError
from dynaclient.bulk.digest import digest_of
from dynaclient.bulk.run import Bulk
from tests.bulk.counting import DOCUMENT, Counting, bodies, members, rows, server_of
from tests.bulk.rates import check_the_rate, check_the_rate_over_ten_seconds, put_off_once
from tests.servers import RawServer, closed_port, reply
from tests.small import JSON, document
from tests.transport.test_rate import most_in

SECRET = "s3cr3t-k3y"


def states(found: Any) -> dict[str, str]:
    return {row.key: row.state for row in found}


def key_of(row: Any) -> str:
    return str(row["body"]["id"])


# -- what becomes of a row ------------------------------------------------------------------------------


def test_each_row_is_sent_once_and_comes_back() -> None:
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        run = api.bulk("putItem", rows(30), key="id")
        found = sorted(run, key=lambda row: row.index)
    assert [(row.key, row.state, row.status) for row in found] == [(f"k{i}", "ok", 200) for i in range(30)]
    assert found[3].data == {"done": ["k3"]}
    assert found[3].row == rows(4)[3]
    assert set(counting.done.values()) == {1}
    assert (run.summary.ok, run.summary.rows, run.summary.requests) == (30, 30, 30)
    assert str(run.summary).startswith("30 ok; 30 requests in ")


def test_a_bad_row_is_refused_alone_and_nothing_of_it_is_sent() -> None:
    given: list[Any] = rows(5)
    given[1]["body"]["n"] = -1
    given[2] = {"id": "k2"}
    given[3] = ["no", "row"]
    given[4]["nope"] = 1
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = sorted(api.bulk("putItem", given), key=lambda row: row.index)
    assert [row.state for row in found] == ["ok", "refused", "refused", "refused", "refused"]
    assert "-1 is less than 0" in str(found[1].violations[0])
    assert "missing" in str(found[2].violations[0])
    assert found[3].error == "expected a mapping, got an array"
    assert "nope" in str(found[4].violations[0])
    assert set(counting.arrived) == {"k0"}


@pytest.mark.parametrize("executor", [None, "processes"])
def test_a_poison_row_of_a_pack_comes_back_alone(executor: Any) -> None:
    """One per cent of rows is bad; half of these only the server knows."""
    given = members(400)
    for index in range(0, 400, 200):
        given[index]["n"] = -1
    poison = {f"k{index}" for index in range(100, 400, 200)}
    counting = Counting(lambda key, arrival: "422" if key in poison else "ok")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        run = api.bulk("putItems", given, key="id", pack="items", executor=executor, workers=2)
        found = {row.key: row for row in run}
    assert {key for key, row in found.items() if row.state == "refused"} == {"k0", "k200"}
    assert {key for key, row in found.items() if row.state == "failed"} == poison
    assert found["k100"].status == 422
    assert found["k100"].error == "the server returned 422: no: k100"
    assert {key for key, row in found.items() if row.state == "ok"} == found.keys() - poison - {"k0", "k200"}
    assert counting.done.keys() == {key for key, row in found.items() if row.state == "ok"}
    assert set(counting.done.values()) == {1}
    assert run.summary.requests < 80


def test_a_pack_of_what_may_not_repeat_is_not_halved() -> None:
    counting = Counting(lambda key, arrival: "422" if key == "k3" else "ok")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = states(api.bulk("addItems", members(20), key="id", pack="items", size=10))
    assert found == {f"k{i}": "failed" if i < 10 else "ok" for i in range(20)}
    assert max(counting.arrived.values()) == 1


FAULTS: list[tuple[str, str, str, str, int]] = [
    # operation, what happens at the first arrival, state, what is said, arrivals
    ("putItem", "429", "ok", "", 2),
    ("putItem", "503", "ok", "", 2),
    ("putItem", "drop", "ok", "", 2),
    ("putItem", "500", "failed", "the server returned 500: no: k0", 1),
    ("putItem", "404", "failed", "the server returned 404: no: k0", 1),
    ("addItem", "429", "ok", "", 2),
    ("addItem", "503", "failed", "the server returned 503: no: k0", 1),
    ("addItem", "drop", "unknown", "connection", 1),
    ("addItem", "lost", "unknown", "connection", 1),
    ("addItem", "500", "failed", "the server returned 500: no: k0", 1),
]


@pytest.mark.parametrize(("operation", "fault", "state", "error", "arrivals"), FAULTS)
def test_what_is_repeated_and_what_never(
    operation: str, fault: str, state: str, error: str, arrivals: int
) -> None:
    counting = Counting(lambda key, arrival: fault if arrival == 1 else "ok")
    given = rows(1) if operation == "putItem" else bodies(1)
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        (found,) = api.bulk(operation, given)
    assert (found.state, counting.arrived["k0"]) == (state, arrivals)
    assert error in found.error


def test_an_idempotency_key_makes_repeats_safe() -> None:
    counting = Counting(lambda key, arrival: "drop" if arrival == 1 else "ok")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = states(api.bulk("addItem", bodies(3), key=key_of, idempotency_key="Idempotency-Key"))
        with pytest.raises(SettingsError, match="may come in another pack"):
            api.bulk("addItems", [], pack="items", idempotency_key="Idempotency-Key")
    assert set(found.values()) == {"ok"}
    assert [len(each) for each in counting.keys_sent.values()] == [1, 1, 1]  # one for all tries
    assert len({*map(tuple, counting.keys_sent.values())}) == 3


CLOSE = document(
    {
        "/orders/{orderId}/close": {
            "post": {
                "operationId": "closeOrder",
                "parameters": [
                    {"name": "orderId", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "why", "in": "query", "schema": {"type": "string"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"default": {"description": ""}},
            }
        }
    }
)
KEYED: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    ({"orderId": "a"}, None),
    ({"orderId": "b"}, None),
    ({"orderId": "a"}, {"why": "paid"}),
    ({"orderId": "a"}, {"why": "lost"}),
    ({"orderId": "a", "body": None}, None),
    ({"orderId": "a", "body": {"why": "paid"}}, None),
]


def test_requests_that_differ_in_anything_have_two_idempotency_keys() -> None:
    """Each is row 0 of a run of its own; one that is made again has its key again."""
    with RawServer(reply(200)) as server, Client(CLOSE, server=server.url) as api:
        for row, parameters in KEYED * 2:
            found = api.bulk("closeOrder", [row], parameters=parameters, idempotency_key="Idempotency-Key")
            assert states(found) == {"0": "ok"}
    keys = [each.header("Idempotency-Key") for each in server.requests]
    assert keys[: len(KEYED)] == keys[len(KEYED) :]
    assert len({*keys}) == len(KEYED)


def test_a_value_given_for_all_rows_is_as_good_as_one_of_each() -> None:
    with RawServer(reply(200)) as server, Client(CLOSE, server=server.url) as api:
        for row, rest in [({"orderId": "a"}, {"why": "paid"}), ({"why": "paid"}, {"orderId": "a"})]:
            assert len([*api.bulk("closeOrder", [row], parameters=rest, idempotency_key="Key")]) == 1
    assert len({each.header("Key") for each in server.requests}) == 1


def test_a_row_with_a_name_that_is_no_text_is_refused_and_stops_nothing() -> None:
    rest, given = {"why": "paid"}, [{1: 2}, {"orderId": "a"}]
    with RawServer(reply(200)) as server, Client(CLOSE, server=server.url) as api:
        found = api.bulk("closeOrder", given, parameters=rest, idempotency_key="Key")  # type: ignore[arg-type]
        assert states(found) == {"0": "refused", "1": "ok"}


def test_what_has_no_lasting_form_has_no_idempotency_key() -> None:
    parameters, message = (
        {"why": object()},
        "^parameters: a journal, and an idempotency key, need values that last: ",
    )
    with Client(CLOSE, server="http://x.test") as api, pytest.raises(SettingsError, match=message):
        api.bulk("closeOrder", [{"orderId": "a"}], parameters=parameters, idempotency_key="Key")
    keyed = Client(CLOSE, server="http://x.test", idempotency_key_header="Key")
    with keyed as api, pytest.raises(SettingsError, match=message):
        api.bulk("closeOrder", [{"orderId": "a"}], parameters=parameters)


def test_a_server_that_is_not_there_fails_rows_and_leaves_none_unknown() -> None:
    with Client(DOCUMENT, server=f"http://127.0.0.1:{closed_port()}") as api:
        found = list(api.bulk("addItem", bodies(2)))
    assert {row.state for row in found} == {"failed"}
    assert "refused" in found[0].error


MEMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
PAIRS = document(
    {
        "/pairs/{group}": {
            "put": {
                "operationId": "putPairs",
                "parameters": [
                    {"name": "group", "in": "path", "required": True, "schema": {"type": "integer"}}
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["mode", "items"],
                                "properties": {
                                    "mode": {"type": "string"},
                                    "items": {"type": "array", "items": MEMBER, "minItems": 2, "maxItems": 4},
                                },
                            }
                        }
                    }
                },
                "responses": {"200": {"description": ""}, "default": {"description": ""}},
            }
        }
    }
)


@pytest.mark.parametrize("count", range(1, 12))
def test_a_pack_has_as_many_rows_as_the_document_asks_for(count: int) -> None:
    given: list[Any] = [{"n": index} for index in range(count)] + [{"n": "x"}]
    common = {"group": 1, "body": {"mode": "all"}}
    with RawServer(reply(200, b"{}", JSON)) as server, Client(PAIRS, server=server.url) as api:
        found = list(api.bulk("putPairs", given, pack="items", parameters=common))
        sent = [json.loads(each.body) for each in server.requests]
    assert {each["mode"] for each in sent} <= {"all"}
    assert {len(each["items"]) for each in sent} <= {2, 3, 4}
    assert sorted(each["n"] for pack in sent for each in pack["items"]) == list(
        range(count if count > 1 else 0)
    )
    refused = {row.index: row for row in found if row.state == "refused"}
    assert refused.keys() == ({count} if count > 1 else {0, 1})
    assert "expected an integer" in str(refused[count].violations[0])


def test_what_is_beside_the_rows_of_a_pack_is_checked_too() -> None:
    with RawServer(reply(200, b"{}", JSON)) as server, Client(PAIRS, server=server.url) as api:
        found = list(api.bulk("putPairs", [{"n": 1}, {"n": 2}], pack="items", parameters={"group": "x"}))
        with pytest.raises(SettingsError, match="size: putPairs takes 2 of items at least"):
            api.bulk("putPairs", [], pack="items", size=1)
        assert server.requests == []
    assert [row.state for row in found] == ["refused", "refused"]


# -- the input is pulled, the order ----------------------------------------------------------------------


def test_the_input_is_pulled_as_far_as_the_window() -> None:
    pulled = 0

    def endless() -> Any:
        nonlocal pulled
        for index in itertools.count():
            pulled = index + 1
            yield {"id": f"k{index}", "body": {"id": f"k{index}", "n": index}}

    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        with api.bulk("putItem", endless(), window=8) as run:
            for done, _ in enumerate(run, 1):
                assert pulled <= done + 8
                if done == 50:
                    break
        assert pulled <= 58
        assert (
            sum(counting.arrived.values()) == run.summary.ok == run.summary.requests
        )  # what was sent is waited for


def test_in_order_where_that_is_asked_for() -> None:
    counting = Counting(
        lambda key, arrival: "429" if key == "k1" and arrival < 3 else "slow" if key == "k4" else "ok"
    )
    given: list[Any] = rows(40)
    given[7]["body"]["n"] = -7
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = list(api.bulk("putItem", given, ordered=True, window=4))
        packs = list(
            api.bulk("putItems", [each["body"] for each in given], pack="items", size=3, ordered=True)
        )
    assert [row.index for row in found] == list(range(40))
    assert [row.index for row in packs] == list(range(40))
    assert [row.index for row in found if row.state != "ok"] == [7]


def test_an_input_that_fails_ends_the_run_behind_what_was_sent() -> None:
    def broken() -> Any:
        yield from rows(5)
        raise OSError("the file is gone")

    found: list[BulkRow] = []
    with server_of(Counting()) as server, Client(DOCUMENT, server=server.url) as api:
        run = api.bulk("putItem", broken())
        with pytest.raises(OSError, match="the file is gone"):
            found.extend(run)
    assert [row.state for row in found] == ["ok"] * 5


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"window": 0}, "window: expected a whole number from 1"),
    ({"size": 5}, "size: the rows of a pack; it needs pack="),
    ({"pack": "item"}, "pack: the body of putItem has no 'item'"),
    ({"key": 5}, "key: expected a function of a row"),
    ({"executor": "proceses"}, 'executor: expected None, "processes" or'),
    ({"rate": "fast"}, "rate: expected requests a second"),
    ({"workers": -1}, "workers: expected"),
]


@pytest.mark.parametrize(("given", "message"), SETTINGS)
def test_settings(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Client(DOCUMENT, server="http://h").bulk("putItem", [], **given)


def test_what_no_row_fares_better_with_ends_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    counting = Counting()
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials={"key": Env("NO_SUCH_KEY")})
        with pytest.raises(SettingsError, match="NO_SUCH_KEY is not set"):
            list(api.bulk("addItem", bodies(50), key=key_of, journal=tmp_path / "j.db"))
        monkeypatch.setenv("NO_SUCH_KEY", "k")
        found = states(api.bulk("addItem", bodies(50), key=key_of, journal=tmp_path / "j.db"))
    assert set(found.values()) == {"ok"}
    assert set(counting.arrived.values()) == {1}


# -- the journal ----------------------------------------------------------------------------------------


def test_a_second_run_sends_what_is_not_done(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting(lambda key, arrival: "500" if key == "k2" and arrival == 1 else "ok")
    given: list[Any] = rows(6)
    given[4]["body"]["n"] = -4
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        first = states(api.bulk("putItem", given, key="id", journal=journal))
        given[4]["body"]["n"] = 4  # mended
        run = api.bulk("putItem", given, key="id", journal=journal)
        second = states(run)
        assert run.summary.skipped == 4
        assert states(api.bulk("putItem", given, key="id", journal=journal)) == {}
    assert first == {"k0": "ok", "k1": "ok", "k2": "failed", "k3": "ok", "k4": "refused", "k5": "ok"}
    assert second == {"k2": "ok", "k4": "ok"}
    assert counting.arrived == {"k0": 1, "k1": 1, "k2": 2, "k3": 1, "k4": 1, "k5": 1}


def test_what_may_have_arrived_is_never_sent_again(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    faults = {"k1": "drop", "k2": "500", "k3": "400"}
    counting = Counting(lambda key, arrival: faults.get(key, "ok") if arrival == 1 else "ok")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        first = states(api.bulk("addItem", bodies(5), key=key_of, journal=journal))
        again = {row.key: row for row in api.bulk("addItem", bodies(5), key=key_of, journal=journal)}
    assert first == {"k0": "ok", "k1": "unknown", "k2": "failed", "k3": "failed", "k4": "ok"}
    assert states(again.values()) == {
        "k1": "unknown",
        "k2": "failed",
        "k3": "ok",
    }  # 400: it was not carried out
    assert again["k2"].status == 500
    assert "connection" in again["k1"].error
    assert counting.arrived == {"k0": 1, "k1": 1, "k2": 1, "k3": 2, "k4": 1}


def test_a_key_whose_row_changed_or_that_comes_twice_is_said(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = list(api.bulk("putItem", [*rows(2), *rows(1)], key="id", journal=journal))
        assert sorted((row.key, row.state, row.error) for row in found) == [
            ("k0", "ok", ""),
            ("k0", "refused", "the key is given twice"),
            ("k1", "ok", ""),
        ]
        changed = rows(2)
        changed[1]["body"]["n"] = 99
        (row,) = api.bulk("putItem", changed, key="id", journal=journal)
    assert (row.key, row.state) == ("k1", "refused")
    assert "the row of this key changed after it was sent (ok)" in row.error
    assert counting.arrived == {"k0": 1, "k1": 1}


@dataclasses.dataclass
class Thing:
    """An object that JSON has, whose text would be another in each run."""

    id: str
    n: int

    __repr__ = object.__repr__


def test_a_row_is_known_by_what_is_sent_of_it(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting()

    def things(n: int = 0) -> list[Any]:
        return [{"id": "k0", "body": Thing("k0", n)}, {"id": "k1", "body": {"id": "k1", "n": Decimal(n)}}]

    odd = {"id": "k9", "body": {"id": "k9", "n": 1, "file": object()}}
    off = {"request": "off"}
    with server_of(counting) as server, Client(DOCUMENT, server=server.url, validate=off) as api:
        assert states(api.bulk("putItem", [*things(), odd], key="id", journal=journal)) == {
            "k0": "ok",
            "k1": "ok",
            "k9": "refused",
        }
        run = api.bulk("putItem", things(), key="id", journal=journal)
        assert (states(run), run.summary.skipped) == ({}, 2)
        found = list(api.bulk("putItem", things(1), key="id", journal=journal))
        assert {row.error[:31] for row in found} == {"the row of this key changed aft"}
        keyed = states(
            api.bulk("addItem", [{"body": Thing("k5", 1)}, odd], idempotency_key="Idempotency-Key")
        )
        again = states(api.bulk("addItem", [{"body": Thing("k5", 1)}], idempotency_key="Idempotency-Key"))
    assert (keyed, again) == ({"0": "ok", "1": "refused"}, {"0": "ok"})
    assert counting.arrived == {"k0": 1, "k1": 1, "k5": 2}
    assert len(counting.keys_sent["k5"]) == 1


PAID, LOST = {"why": "paid"}, {"why": "lost"}
FIXED: list[tuple[str, dict[str, Any], Any, Any, Any, str]] = [
    ("closeOrder", {}, [{"orderId": "a"}], PAID, PAID, "skipped"),
    ("closeOrder", {}, [{"orderId": "a"}], PAID, LOST, "changed"),
    ("closeOrder", {}, [{"orderId": "a"}], PAID, None, "changed"),
    ("closeOrder", {}, [{"orderId": "a"}], None, {}, "skipped"),
    ("closeOrder", {}, [{"orderId": "a"}], {"body": {"by": 1}}, {"body": {"by": 2}}, "changed"),
    ("closeOrder", {}, [{"orderId": "a", **PAID}], LOST, None, "skipped"),  # a row's own comes first
    ("putItems", {"pack": "items"}, members(1), {"body": {"note": 1}}, {"body": {"note": 1}}, "skipped"),
    ("putItems", {"pack": "items"}, members(1), {"body": {"note": 1}}, {"body": {"note": 2}}, "changed"),
    ("putItems", {"pack": "items"}, members(1), {"body": {"note": 1}}, None, "changed"),
]
"""Operation, settings, rows, what all rows have in a run and in the next one, what becomes of a row then."""


@pytest.mark.parametrize(("operation", "settings", "given", "first", "second", "becomes"), FIXED)
def test_what_all_rows_have_is_part_of_each(
    tmp_path: Path, operation: str, settings: Any, given: Any, first: Any, second: Any, becomes: str
) -> None:
    one = {"journal": tmp_path / "import.db", **settings}
    opened = CLOSE if operation == "closeOrder" else DOCUMENT
    with RawServer(reply(200)) as server, Client(opened, server=server.url) as api:
        assert states(api.bulk(operation, given, parameters=first, **one)) == {"0": "ok"}
        run = api.bulk(operation, given, parameters=second, **one)
        found = [row.error[:54] for row in run]
    changed = ["the row of this key changed after it was sent (ok); to"]
    assert (found, run.summary.skipped) == (([], 1) if becomes == "skipped" else (changed, 0))
    assert len(server.requests) == 1


def test_what_all_rows_have_must_last_for_a_journal_too(tmp_path: Path) -> None:
    api = Client(CLOSE, server="http://x.test")
    with api, pytest.raises(SettingsError, match=r"^parameters: a journal, and an idempotency key, need"):
        api.bulk("closeOrder", [], parameters={"why": object()}, journal=tmp_path / "import.db")


@dataclasses.dataclass
class Upload:
    """What has bytes in it."""

    file: Any


UTC, STAMP = datetime.timezone.utc, datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.timezone.utc)
MADE_TWICE: list[Callable[[], Any]] = [
    lambda: Thing("k0", 1),
    lambda: Upload(b"x"),
    lambda: MappingProxyType({"file": b"x"}),
    lambda: Decimal("1.50"),
    lambda: Decimal("0.1000000000000000055511151231257827"),
    lambda: datetime.datetime(2024, 2, 1, 12, tzinfo=UTC),
    lambda: datetime.date(2024, 2, 1),
    lambda: uuid.UUID(int=5),
    lambda: {uuid.UUID(int=5): 1, datetime.date(2024, 2, 1): 2},
    lambda: deque([1, 2]),
    lambda: (None, b"x", "image/png", {"X-A": "1"}),
]


@pytest.mark.parametrize("make", MADE_TWICE)
def test_values_have_the_digest_of_what_is_sent_of_them(make: Callable[[], Any]) -> None:
    """Two objects that are alike are one row; none is known by where it stands in memory."""
    first, second = make(), make()
    assert digest_of({"body": first}) == digest_of({"body": second})
    assert digest_of({"body": [first]}) != digest_of({"body": [0]})


SAME = [
    (b"a", b"a", True),
    (b"a", b"b", False),
    (bytearray(b"a"), b"a", True),
    ("a", b"a", False),
    (Upload(b"a"), {"file": b"a"}, True),
    (Upload(b"a"), Upload(b"b"), False),
    (Decimal("1.5"), 1.5, True),
    (Decimal("1.5"), Decimal("1.6"), False),
    (STAMP, "2024-02-01T12:00:00Z", True),
    (STAMP, STAMP.replace(hour=13), False),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ({uuid.UUID(int=5): 1}, {str(uuid.UUID(int=5)): 1}, True),
    (1, "1", False),
    (None, {}, False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_values_are_known_by_what_they_hold(one: Any, other: Any, same: bool) -> None:
    assert (digest_of({"body": one}) == digest_of({"body": other})) is same


def test_values_of_numpy_are_known_by_what_they_are_in_python() -> None:
    numpy = pytest.importorskip("numpy")
    alike = {"n": 3, "x": 0.5, "ok": True, "many": [1, 2], "day": "2024-02-01"}
    made = {
        "n": numpy.int64(3),
        "x": numpy.float32(0.5),
        "ok": numpy.bool_(True),
        "many": numpy.array([1, 2]),
        "day": numpy.datetime64("2024-02-01"),
    }
    assert digest_of(made) == digest_of(alike)
    assert digest_of(made) != digest_of({**alike, "n": 4})


class Opaque:
    """What JSON has no form for; its text holds where it stands in memory."""


NO_FORM = [
    (Opaque(), "an Opaque cannot be written as JSON; give text, a number, a list or a dict"),
    (Upload(Opaque()), "an Opaque cannot be written as JSON; give text, a number, a list or a dict"),
    ({1, 2}, "a set cannot be written as JSON; give text, a number, a list or a dict"),
    ((each for each in [1]), "a generator cannot be written as JSON; give text, a number, a list or a dict"),
    (Path("photo.png"), "what a file holds may change; give its bytes"),
    (io.BytesIO(b"x"), "what a file holds may change; give its bytes"),
    (Upload(Path("photo.png")), "what a file holds may change; give its bytes"),
    (datetime.datetime(2024, 2, 1), "a datetime needs a time zone; give it a tzinfo"),
    ({1: 1, "a": 1}, "the key 1 is not a string"),
]


@pytest.mark.parametrize(("value", "why"), NO_FORM)
def test_a_row_that_has_no_lasting_form_is_refused_by_a_journal(value: Any, why: str, tmp_path: Path) -> None:
    given = [{"orderId": "a", "body": {"file": value}}, {"orderId": "b"}]
    with RawServer(reply(200)) as server, Client(CLOSE, server=server.url, validate="off") as api:
        found = {row.key: row for row in api.bulk("closeOrder", given, journal=tmp_path / "import.db")}
    assert states(found.values()) == {"0": "refused", "1": "ok"}
    assert found["0"].error == f"a journal, and an idempotency key, need values that last: {why}"
    assert len(server.requests) == 1


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        with api.bulk("putItem", rows(3), key="id", journal=journal) as run:
            next(run)
            with pytest.raises(SettingsError, match="in use by another run"):
                api.bulk("putItem", rows(3), key="id", journal=journal)
        assert set(states(api.bulk("putItem", rows(3), key="id", journal=journal)).values()) <= {"ok"}
        assert counting.arrived == {"k0": 1, "k1": 1, "k2": 1}
        with pytest.raises(SettingsError, match="is that of putItem, not of addItem; each import"):
            api.bulk("addItem", bodies(3), journal=journal)
        (tmp_path / "text").write_text("no journal " * 100)
        with pytest.raises(SettingsError, match="is not a journal"):
            api.bulk("putItem", rows(3), journal=tmp_path / "text")
        with pytest.raises(SettingsError, match="cannot be opened"):
            api.bulk("putItem", rows(3), journal=tmp_path / "no" / "folder.db")


def test_a_full_disk_stops_the_run_and_it_goes_on_later(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        run: Bulk = api.bulk("addItem", bodies(150), key=key_of, journal=journal, window=4)
        assert run._bulk.journal is not None
        run._bulk.journal._db.execute("PRAGMA max_page_count = 5")  # SQLite says the same of a full disk
        found: list[BulkRow] = []
        with pytest.raises(BulkError, match="cannot be written: database or disk is full; the run stopped"):
            found.extend(run)
        arrived = sum(counting.arrived.values())
        assert 0 < arrived < 150
        assert len(found) == arrived
        rest = states(api.bulk("addItem", bodies(150), key=key_of, journal=journal))
    assert max(counting.arrived.values()) == 1
    assert sum(state == "unknown" for state in rest.values()) <= 4  # what was on its way
    assert len(counting.arrived) == 150


def test_no_secret_in_the_journal_and_the_rows(tmp_path: Path) -> None:
    def said(key: str, arrival: int) -> str:
        return "400"

    counting = Counting(said)
    journal = tmp_path / "import.db"
    with server_of(counting) as server:
        url = server.url.replace("http://", f"http://user:{SECRET}@")
        with Client(DOCUMENT, server=url, credentials={"key": SECRET}) as api:
            found = list(api.bulk("putItem", rows(3), key="id", journal=journal))
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert os.name != "posix" or journal.stat().st_mode & 0o077 == 0  # keys may name people
    assert b"k1" in held
    assert SECRET.encode() not in held
    assert SECRET not in repr(found)
    assert SECRET.encode() not in pickle.dumps(found)


# -- executors ----------------------------------------------------------------------------------------------


def test_an_executor_of_the_users_is_used_and_left_open() -> None:
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        with ThreadPoolExecutor(2) as pool:
            assert set(states(api.bulk("putItem", rows(10), executor=pool)).values()) == {"ok"}
            assert pool.submit(int).result() == 0
        with pytest.raises(BulkError, match="takes no more"):
            list(api.bulk("putItem", rows(3), executor=pool))


class Own:
    """A transport that may hold anything."""

    def exchange(self, request: Any, timeout: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


PLAIN: list[tuple[dict[str, Any], str]] = [
    (
        {"credentials": {"key": SECRET}},
        'the credential for key is plain text.*credentials={"key": Env\\("NAME"\\)}',
    ),
    ({"server": f"http://user:{SECRET}@h"}, "server= holds a user"),
    ({"session": requests.Session()}, "session= or transport= may hold secrets"),
    ({"transport": Own()}, "session= or transport= may hold secrets"),
]


@pytest.mark.parametrize(("settings", "message"), PLAIN)
def test_plain_secrets_do_not_go_to_other_processes(settings: dict[str, Any], message: str) -> None:
    api = Client(DOCUMENT, **{"server": "http://h", **settings})
    with pytest.raises(SettingsError, match=message) as caught:
        api.bulk("putItem", [], executor="processes")
    assert SECRET not in str(caught.value)


def killing(key: str, arrival: int) -> str:
    return "slow" if key == "k5" and arrival == 1 else "ok"


def test_processes_and_one_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULK_KEY", SECRET)
    counting = Counting(killing)
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials={"key": Env("BULK_KEY")})
        run = api.bulk("putItem", rows(30), key="id", executor="processes", workers=2, window=4)
        found = [next(run)]
        pool: Any = run._bulk.pool._executor
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        found += run
        assert SECRET.encode() not in (run._bulk.pool._recipe or b"")
    assert states(found) == {f"k{i}": "ok" for i in range(30)}
    assert sum(counting.done.values()) <= 30 + 4


def test_a_variable_that_was_set_after_another_run_reaches_the_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counting = Counting()
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials={"key": Env("BULK_LATE_KEY")})
        monkeypatch.delenv("BULK_LATE_KEY", raising=False)
        with pytest.raises(SettingsError, match="BULK_LATE_KEY is not set"):
            list(api.bulk("putItem", rows(1), key="id", executor="processes", workers=1))
        monkeypatch.setenv("BULK_LATE_KEY", SECRET)
        found = list(api.bulk("putItem", rows(2), key="id", executor="processes", workers=1))
    assert states(found) == {"k0": "ok", "k1": "ok"}


def test_a_pool_of_the_users_that_breaks_ends_the_run_and_it_goes_on(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            run = api.bulk("addItem", bodies(20), key=key_of, executor=pool, window=3, journal=journal)
            next(run)
            os.kill(next(iter(pool._processes)), signal.SIGKILL)
            with pytest.raises(BulkError, match="the executor broke"):
                list(run)
        rest = states(api.bulk("addItem", bodies(20), key=key_of, journal=journal))
    assert max(counting.arrived.values()) == 1
    assert sum(state == "unknown" for state in rest.values()) <= 3
    assert len(counting.arrived) + sum(state == "unknown" for state in rest.values()) >= 20


@pytest.mark.exhaustive
@pytest.mark.parametrize("executor", [None, "processes"])
def test_the_rate_over_ten_seconds(executor: Any) -> None:
    given: dict[str, Any] = {"rate": "25/s", "executor": executor, "workers": 2}
    counting = Counting(put_off_once, retry_after="1")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        assert {row.state for row in api.bulk("putItem", rows(350), **given)} == {"ok"}
    check_the_rate_over_ten_seconds(counting, pause=0.9, rate=25)


@pytest.mark.parametrize("executor", [None, pytest.param("processes", marks=pytest.mark.exhaustive)])
def test_the_rate_at_a_server_and_after_a_429(executor: Any) -> None:
    counting = Counting(put_off_once, retry_after="1")
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        found = list(api.bulk("putItem", rows(120), rate="100/s", executor=executor, workers=2))
    assert {row.state for row in found} == {"ok"}
    assert counting.done == dict.fromkeys((f"k{index}" for index in range(120)), 1)
    check_the_rate(counting, pause=0.9)


class HeldUp(ThreadPoolExecutor):
    """The first requests go when there is one for each thread."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self.begin = threading.Barrier(threads)
        self.left = threads

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Any:
        held, self.left = self.left > 0, self.left - 1
        return super().submit(
            self._late if held else function, *([function] if held else []), *given, **named
        )

    def _late(self, function: Any, *given: Any) -> Any:
        self.begin.wait()
        return function(*given)


def test_what_was_held_up_before_a_server_counts_there() -> None:
    """20 at once, and the others in the same second, would be 68; a busy machine may count some too many."""
    counting = Counting()
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api, HeldUp(20) as pool:
        assert set(states(api.bulk("putItem", rows(68), rate="50/s", executor=pool)).values()) == {"ok"}
    assert most_in(counting.times, 1.0) <= 55 + 6
