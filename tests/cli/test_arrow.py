"""Parquet: pages as tables with the types of the document, and tables as rows of a bulk run."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bulk.counting import DOCUMENT as COUNTED
from tests.bulk.counting import Counting, server_of
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, one, param

NULLABLE = {"type": ["string", "null"]}
ITEM = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "big": {"type": "integer", "format": "uint64"},
        "small": {"type": "integer", "format": "int32"},
        "price": {"type": "number"},
        "name": NULLABLE,
        "on": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "open": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "place": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "seen": {"type": "string", "format": "date-time"}},
        },
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "any": {},
        "either": {"type": ["string", "integer"]},
        "nothing": {"type": "null"},
        "tree": {"$ref": "#/components/schemas/Tree"},
    },
}
SCHEMAS = {
    "Line": {"type": "object", "properties": {"sku": {"type": "string"}, "pieces": {"type": "integer"}}},
    "Tree": {
        "type": "object",
        "properties": {"v": {"type": "integer"}, "sub": {"$ref": "#/components/schemas/Tree"}},
    },
}
DOCUMENT = one(
    "get",
    "/x",
    param("skip", schema={"type": "integer"}),
    answer={"type": "object", "properties": {"data": {"type": "array", "items": ITEM}}},
)
DOCUMENT["components"] = {"schemas": SCHEMAS}

FULL = {
    "id": 2**53 + 1,
    "big": 2**64 - 1,
    "small": -5,
    "price": 3,
    "name": "Ada",
    "on": "2026-01-02",
    "at": "2026-01-02T03:04:05.1234567+02:00",
    "open": True,
    "tags": ["a", "b"],
    "place": {"city": "Rome", "seen": "2026-01-02t03:04:05z"},
    "lines": [{"sku": "s", "pieces": 2}, {"sku": "t"}],
    "counts": {"x": 1, "y": 2},
    "any": {"deep": [1, None]},
    "either": 5,
    "nothing": None,
    "tree": {"v": 1},
}
MOMENT = datetime(2026, 1, 2, 1, 4, 5, 123456, tzinfo=timezone.utc)


TYPES = {
    "id": pa.int64(),
    "big": pa.uint64(),
    "small": pa.int32(),
    "price": pa.float64(),
    "name": pa.string(),
    "on": pa.date32(),
    "at": pa.timestamp("us", tz="UTC"),
    "open": pa.bool_(),
    "tags": pa.list_(pa.string()),
    "place": pa.struct([("city", pa.string()), ("seen", pa.timestamp("us", tz="UTC"))]),
    "lines": pa.list_(pa.struct([("sku", pa.string()), ("pieces", pa.int64())])),
    "counts": pa.map_(pa.string(), pa.int64()),
    "any": pa.string(),
    "either": pa.string(),
    "nothing": pa.null(),
}


@pytest.fixture
def export(run: Run, save: Save, serve: Serve, tmp_path: Path) -> Any:
    def exported(items: list[Any], *more: str) -> Any:
        pages = [items[at : at + 400] for at in range(0, len(items), 400)] + [[]]
        server = serve(*(reply(200, json.dumps({"data": page}).encode(), JSON) for page in pages))
        target = tmp_path / "items.parquet"
        settings = ("--server", server.url, "--offset", "skip", "--output", "parquet", "--to", str(target))
        done = run("pages", save(DOCUMENT), "op", *settings, *more)
        return done, pq.read_table(target) if target.exists() else None

    return exported


def test_types_are_those_of_the_document(export: Any) -> None:
    done, table = export([FULL, {"id": 1, "name": None}])
    assert done.code == 0, done.err
    assert {name: table.schema.field(name).type for name in TYPES} == TYPES
    assert table.num_rows == 2
    first, second = table.to_pylist()
    assert first["id"] == 2**53 + 1
    assert first["big"] == 2**64 - 1
    assert (first["at"], first["on"], first["price"]) == (MOMENT, date(2026, 1, 2), 3.0)
    assert first["place"] == {"city": "Rome", "seen": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)}
    assert first["lines"] == [{"sku": "s", "pieces": 2}, {"sku": "t", "pieces": None}]
    assert first["counts"] == [("x", 1), ("y", 2)]
    assert (json.loads(first["any"]), first["either"]) == ({"deep": [1, None]}, "5")
    assert {name for name, value in second.items() if value is not None} == {"id"}


def test_what_does_not_fit_is_said_and_null(export: Any) -> None:
    odd = {"id": 2**70, "at": "tomorrow", "place": {"city": 5, "zip": "x"}, "open": 1, "tags": ["a", 1]}
    done, table = export([odd, {"id": 1}], "--validate", "response=off")
    assert done.code == 1
    for path in ("id", "at", "place.city", "place.zip", "open", "tags[]"):
        assert f"{path} (1 item)" in done.err
    assert "--output ndjson has all" in done.err
    assert table.column("id").to_pylist() == [None, 1]
    assert table.column("tags").to_pylist() == [["a", None], None]


def test_columns_that_only_the_first_page_has_are_json(export: Any) -> None:
    done, table = export([{"id": 1, "more": {"a": 1}}, {"id": 2}])
    assert done.code == 0, done.err
    assert table.column("more").to_pylist() == ['{"a": 1}', None]


@pytest.mark.parametrize("count", [0, 1, 2500])
def test_batches(export: Any, count: int) -> None:
    done, table = export([{"id": index} for index in range(count)])
    assert done.code == 0, done.err
    assert table.column("id").to_pylist() == list(range(count))


def test_what_came_before_an_error_is_in_the_file(run: Run, save: Save, serve: Serve, tmp_path: Path) -> None:
    server = serve(reply(200, b'{"data": [{"id": 1}, {"id": 2}]}', JSON), reply(404, b"{}", JSON))
    target = tmp_path / "items.parquet"
    settings = ("--server", server.url, "--offset", "skip", "--output", "parquet", "--to", str(target))
    done = run("pages", save(DOCUMENT), "op", *settings)
    assert done.code != 0
    assert "2 items; go on with --start" in done.err
    assert pq.read_table(target).column("id").to_pylist() == [1, 2]


def test_a_file_for_each_output(run: Run, save: Save, serve: Serve, tmp_path: Path) -> None:
    for output, expected in (("ndjson", '{"id": 1}\n'), ("csv", "id,")):
        server = serve(reply(200, b'{"data": [{"id": 1}]}', JSON), reply(200, b'{"data": []}', JSON))
        target = tmp_path / output
        settings = ("--server", server.url, "--offset", "skip", "--output", output, "--to", str(target))
        assert run("pages", save(DOCUMENT), "op", *settings).code == 0
        assert target.read_text().startswith(expected)
    done = run("pages", save(DOCUMENT), "op", *settings[:-1], str(tmp_path / "no" / "folder"))
    assert (done.code, "cannot be written" in done.err) == (2, True)


def table_of(path: Path, rows: list[dict[str, Any]]) -> str:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return str(path)


def test_rows_of_a_table(run: Run, save: Save, tmp_path: Path) -> None:
    given = [{"key": f"k{index}", "n": index, "note": None} for index in range(1500)]
    given[7]["n"] = -7
    file = table_of(tmp_path / "rows.parquet", given)
    places = ("--map", "key=id", "--map", "n=body.n", "--map", "note=body.note")
    counting = Counting()
    failed = tmp_path / "failed.ndjson"
    with server_of(counting) as server:
        more = ("--server", server.url, "--failed", str(failed), "--key", "id")
        done = run("bulk", save(COUNTED), "putItem", file, *places, "--map", "key=id", *more)
        assert done.code == 1
        assert "1500 refused" in done.out.replace(",", "")  # the body has no id: a column has one place
        packed = run("bulk", save(COUNTED), "putItems", file, "--pack", "items", "--map", "key=id", *more)
    assert packed.code == 1
    assert "1,499 ok, 1 refused" in packed.out
    assert json.loads(failed.read_text()) == {"id": "k7", "n": -7}
    assert len(counting.done) == 1499


def test_times_are_fed_back_as_they_are_sent(run: Run, save: Save, tmp_path: Path) -> None:
    file = table_of(tmp_path / "rows.parquet", [{"id": "k0", "n": "x", "at": MOMENT}])
    failed = tmp_path / "failed.ndjson"
    more = ("--server", "http://127.0.0.1:1", "--failed", str(failed))
    assert run("bulk", save(COUNTED), "putItems", file, "--pack", "items", *more).code == 1
    assert json.loads(failed.read_text())["at"] == "2026-01-02T01:04:05.123456Z"


def test_lines_with_members_moved(run: Run, save: Save, tmp_path: Path) -> None:
    lines = [{"id": f"k{index}", "number": index, "body": {"id": f"k{index}"}} for index in range(3)]
    file = tmp_path / "rows.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    counting = Counting()
    with server_of(counting) as server:
        done = run(
            "bulk", save(COUNTED), "putItem", str(file), "--map", "number=body.n", "--server", server.url
        )
        sent = [json.loads(each.body) for each in server.requests]
    assert done.code == 0, done.err
    assert sorted(sent, key=lambda each: each["n"]) == [{"id": f"k{index}", "n": index} for index in range(3)]


def test_pages_become_rows(export: Any, run: Run, save: Save, tmp_path: Path) -> None:
    """What is JSON text in a table that was exported is data again."""
    _, table = export([{"id": 1, "any": {"id": "k1", "n": 1}}, {"id": 2, "any": {"id": "k2", "n": 2}}])
    file = tmp_path / "again.parquet"
    pq.write_table(table.select(["any"]), file)
    counting = Counting()
    with server_of(counting) as server:
        done = run("bulk", save(COUNTED), "addItem", str(file), "--map", "any=body", "--server", server.url)
    assert done.code == 0, done.err
    assert counting.done == {"k1": 1, "k2": 1}


WRONG = [
    (("--map", "nope=body.n"), "has the columns id, n"),
    (("--map", "n=nope"), "the column 'nope' is no parameter of putItem"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_what_cannot_be_mapped(run: Run, save: Save, tmp_path: Path, settings: Any, message: str) -> None:
    file = table_of(tmp_path / "rows.parquet", [{"id": "k0", "n": 1}])
    done = run("bulk", save(COUNTED), "putItem", file, *settings, "--server", "http://127.0.0.1:1")
    assert (done.code, message in done.err) == (2, True)


def test_what_is_no_table(run: Run, save: Save, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    file.write_text("no table")
    done = run("bulk", save(COUNTED), "putItem", str(file), "--server", "http://127.0.0.1:1")
    assert (done.code, "cannot be read as Parquet" in done.err) == (2, True)
