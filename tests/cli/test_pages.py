"""`dynaclient pages`: items on lines, as NDJSON or CSV, and how to go on."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import JSON, one, param

ITEMS: list[dict[str, Any]] = [
    {"id": 1, "name": 'a, "b"\n\x1b[31m', "tags": ["x"]},
    {"id": 2, "name": None, "more": {"é": 1}},
    {"id": 3, "name": "c"},
]
ITEM = {"type": "object", "properties": {"id": {}, "name": {}, "note": {}}}
DOCUMENT = one(
    "get",
    "/x",
    param("skip", schema={"type": "integer"}),
    param("kind"),
    answer={"type": "object", "properties": {"data": {"type": "array", "items": ITEM}}},
)


def answer(request: Recorded) -> bytes:
    query = parse_qs(urlsplit(request.target).query)
    at = int(query["skip"][0])
    assert query["kind"] == ["k"]
    return reply(200, json.dumps({"data": ITEMS[at : at + 2]}).encode(), JSON)


@pytest.fixture
def command(run: Run, save: Save, serve: Serve) -> Any:
    target = ("--server", serve(answer).url, "-p", "kind=k", "--offset", "skip")
    path = save(DOCUMENT)
    return lambda *more: run("pages", path, "op", *target, *more)


def test_ndjson(command: Any) -> None:
    done = command()
    assert done.code == 0, done.err
    assert [json.loads(line) for line in done.out.splitlines()] == ITEMS
    assert done.err == ""


def test_csv_has_the_columns_of_the_document_and_of_the_first_page(command: Any) -> None:
    done = command("--output", "csv")
    assert done.code == 0, done.err
    rows = list(csv.reader(io.StringIO(done.out)))
    assert rows == [
        ["id", "name", "note", "tags", "more"],
        ["1", ITEMS[0]["name"], "", '["x"]', ""],
        ["2", "", "", "", '{"é": 1}'],
        ["3", "c", "", "", ""],
    ]


def test_a_column_that_comes_later_is_said_to_be_missing(run: Run, save: Save, serve: Serve) -> None:
    pages = [[{"id": 1}], [{"id": 2, "new": 3}], []]
    server = serve(*(reply(200, json.dumps({"data": each}).encode(), JSON) for each in pages))
    done = run("pages", save(DOCUMENT), "op", "--server", server.url, "--offset", "skip", "--output", "csv")
    assert done.code == 1
    assert done.out == "id,name,note\n1,,\n2,,\n"
    assert "no such column: new; --output ndjson has all" in done.err


@pytest.mark.parametrize("limit", [1, 2])
def test_it_goes_on_where_it_ended(command: Any, limit: int) -> None:
    first = command("--limit", str(limit))
    assert (first.code, len(first.out.splitlines())) == (0, limit)
    token = first.err.split("--start ")[1].strip()
    rest = command("--start", token)
    assert [json.loads(line) for line in (first.out + rest.out).splitlines()] == ITEMS
    assert rest.err == ""


def test_an_error_says_how_to_go_on(run: Run, save: Save, serve: Serve) -> None:
    page = reply(200, b'{"data": [{"id": 1}]}', JSON)
    server = serve(page, reply(500, b"{}", JSON))
    done = run("pages", save(DOCUMENT), "op", "--server", server.url, "--offset", "skip")
    assert (done.code, done.out) == (1, '{"id": 1}\n')
    assert "1 item; go on with --start " in done.err
    assert "the server returned 500 after 1 item" in done.err


def test_how_pages_follow_has_to_be_said(run: Run, save: Save, serve: Serve) -> None:
    server = serve(reply(200, b'{"data": []}', JSON))
    done = run("pages", save(DOCUMENT), "op", "--server", server.url)
    assert done.code == 2
    assert "how its pages follow is not documented" in done.err
    assert "--cursor parameter=/pointer/to/value" in done.err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--cursor", "after"], "expected NAME=PLACE"),
        (["--page", "page=x"], "expected NAME, or NAME=FIRST"),
        (["--offset", "a", "--page", "b"], "not allowed with"),
    ],
)
def test_settings(run: Run, save: Save, given: list[str], message: str) -> None:
    done = run("pages", save(DOCUMENT), "op", *given)
    assert done.code == 2
    assert message in done.err
