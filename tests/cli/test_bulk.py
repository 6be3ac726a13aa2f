# ruff: noqa: E501  (tables stand as they are read)
"""`dynaclient bulk`: rows of files, what is said of them, and what can be fed back in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bulk.counting import DOCUMENT, Counting, fine, rows, server_of
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import closed_port, reply
from tests.small import JSON, one

MAPPED = ("--map", "number=body.n", "--map", "key=body.id")


@pytest.fixture
def sent(run: Run, save: Save) -> Any:
    """Runs `dynaclient bulk` against a server with a plan."""

    def send(operation: str, file: Path, *more: str, plan: Any = fine) -> tuple[Any, Counting]:
        counting = Counting(plan)
        with server_of(counting) as server:
            done = run("bulk", save(DOCUMENT), operation, str(file), "--server", server.url, *more)
        return done, counting

    return send


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def lines(folder: Path, *rows: Any) -> Path:
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


ROWS = "id,key,number\nk0,k0,0\nk1,k1,1\nk2,k2,-2\nk3,k3,3\n"


def test_a_csv_goes_row_by_row_and_what_failed_can_be_fed_back(sent: Any, tmp_path: Path) -> None:
    failed = tmp_path / "failed.ndjson"
    given = csv_file(tmp_path, ROWS)

    def plan(key: str, arrival: int) -> str:
        return "400" if key == "k3" and arrival == 1 else "ok"

    done, counting = sent("putItem", given, *MAPPED, "--key", "id", "--failed", str(failed), plan=plan)
    assert done.code == 1
    assert done.out.startswith("2 ok, 1 refused, 1 failed; 3 requests in ")
    assert (
        "k2: refused: the row does not match the document; 1 violation\n  body at /n: -2 is less than 0"
        in done.err
    )
    assert "k3: failed: the server returned 400: no: k3" in done.err
    assert counting.done == {"k0": 1, "k1": 1}
    kept = [json.loads(line) for line in failed.read_text().splitlines()]
    assert sorted(kept, key=lambda row: row["id"]) == [
        {"id": "k2", "body": {"id": "k2", "n": -2}},
        {"id": "k3", "body": {"id": "k3", "n": 3}},
    ]
    again, counting = sent("putItem", failed, "--key", "id")
    assert (again.code, counting.done) == (1, {"k3": 1})


def test_a_dry_run_checks_all_and_sends_nothing(sent: Any, tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    done, counting = sent(
        "putItem", csv_file(tmp_path, ROWS), *MAPPED, "--dry-run", "--journal", str(journal)
    )
    assert done.code == 1
    assert done.out.startswith("3 would be sent, 1 not; checked in ")
    assert "-2 is less than 0" in done.err
    assert counting.arrived == {}
    assert not journal.exists()


def test_packs_of_a_csv(sent: Any, tmp_path: Path) -> None:
    given = csv_file(tmp_path, "id,n\n" + "".join(f"k{i},{i}\n" for i in range(25)))
    done, counting = sent("putItems", given, "--pack", "items", "--key", "id", "--json")
    assert done.code == 0, done.err
    *rows, summary = map(json.loads, done.out.splitlines())
    assert {row["key"]: row["state"] for row in rows} == {f"k{i}": "ok" for i in range(25)}
    assert summary["summary"]["requests"] == 3  # the document says ten in a pack
    assert set(counting.done.values()) == {1}


def test_cells_are_read_by_the_schema_or_as_json(run: Run, save: Save, tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "any": {"type": "object"}, "tags": {"type": "array"}},
    }
    given = csv_file(tmp_path, 'n,a,b,tags\n7,1,1,"[1, ""x""]"\nx,,,\n')
    maps = ("n=body.n", "a=body.any.a", "b=body.any.b:json", "tags=body.tags")
    options = [each for text in maps for each in ("--map", text)]
    failed = tmp_path / "failed.ndjson"
    target = ("--server", f"http://127.0.0.1:{closed_port()}", "--failed", str(failed))
    done = run("bulk", save(one("put", "/x", body=schema)), "op", str(given), *target, *options)
    assert done.out.startswith("1 refused, 1 failed; ")
    kept = sorted(map(json.loads, failed.read_text().splitlines()), key=len)
    assert {"body": {"n": 7, "any": {"a": "1", "b": 1}, "tags": [1, "x"]}} in kept
    assert {"body": {"n": "x"}} in kept
    given.write_text("b\nnope\n")
    done = run(
        "bulk", save(one("put", "/x", body=schema)), "op", str(given), *target, "--map", "b=body.any.b:json"
    )
    assert (done.code, "any.b: 'nope' is not JSON" in done.err) == (2, True)


def test_a_journal_is_gone_on_from(sent: Any, tmp_path: Path) -> None:
    given = lines(tmp_path, *({"body": {"id": f"k{i}", "n": i}} for i in range(4)))
    options = ("--key", "body.id", "--journal", str(tmp_path / "import.db"))
    first, counting = sent(
        "addItem", given, *options, plan=lambda key, arrival: "drop" if key == "k1" else "ok"
    )
    assert first.code == 1
    assert "k1: unknown: " in first.err
    assert "of 1 row nobody knows whether the server carried them out; they are not sent again" in first.err
    again, counting = sent("addItem", given, *options)
    assert again.code == 1
    assert again.out.startswith("1 unknown, 3 skipped; 0 requests in ")
    assert counting.arrived == {}


def test_a_cell_is_no_file_and_no_secret_is_kept(
    sent: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", "s3cr3t-k3y")
    secret = tmp_path / "secret.txt"
    secret.write_text("from a file")
    given = csv_file(tmp_path, f"id,key,number\n@{secret},@{secret},1\n")
    failed, journal = tmp_path / "failed.ndjson", tmp_path / "import.db"
    done, counting = sent(
        "putItem", given, *MAPPED, "--failed", str(failed), "--journal", str(journal), plan=lambda *_: "400"
    )
    assert done.code == 1
    assert counting.arrived == {f"@{secret}": 1}
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path != secret)
    assert b"s3cr3t-k3y" not in held
    assert b"from a file" not in held
    assert "s3cr3t-k3y" not in done.out + done.err


WRONG: list[tuple[str, tuple[str, ...], str]] = [
    ("id,number\nk0,1\n", (), "the column 'number' is no parameter of putItem; for a property of the body give --map number=body.number"),
    ("id\nk0\n", ("--map", "nope=body.n"), "--map nope=...: "),
    ("id\nk0\n", ("--map", "nope"), "expected --map COLUMN=PLACE"),
    ("id,key\nk0\n", ("--map", "key=body.id"), "line 2: 1 cell, and 2 columns"),
    ('id\n"k0\n', (), "line "),
    ("id\nk0\n", ("--rate", "fast"), "expected requests a second"),
    ("id\nk0\n", ("--processes", "--credential", "key=s3cr3t"), "the credential for key is plain text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "more", "message"), WRONG)
def test_what_cannot_be_meant(
    sent: Any, tmp_path: Path, text: str, more: tuple[str, ...], message: str
) -> None:
    done, counting = sent("putItem", csv_file(tmp_path, text), *more)
    assert done.code == 2
    assert message in done.err
    assert "s3cr3t" not in done.err
    assert counting.arrived == {}


def test_lines_that_are_no_json_are_said_by_number(sent: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_text('{"id": "k0", "body": {"id": "k0", "n": 0}}\n\nnope\n')
    done, counting = sent("putItem", path)
    assert done.code == 2
    assert "line 3: not JSON" in done.err
    assert counting.done == {"k0": 1}


@pytest.mark.parametrize("executor", [(), ("--processes", "--workers", "1")])
def test_a_secret_that_the_server_says_again_is_kept_nowhere(
    run: Run, save: Save, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: Any
) -> None:
    secret = "s3cr3t-of-the-command"
    monkeypatch.setenv("BULK_KEY", secret)
    server = serve(lambda asked: reply(400, json.dumps({"message": asked.header("X-Key")}).encode(), JSON))
    (tmp_path / "rows.ndjson").write_text("".join(json.dumps(each) + "\n" for each in rows(5)))
    kept = tmp_path / "kept"
    kept.mkdir()
    files = ("--journal", str(kept / "import.db"), "--failed", str(kept / "failed.ndjson"))
    target = ("--server", server.url, "--credential", "key=env:BULK_KEY", "--key", "id", *executor)
    done = run("bulk", save(DOCUMENT), "putItem", str(tmp_path / "rows.ndjson"), *files, *target)
    assert "0 ok" not in done.out
    assert "5 failed" in done.out
    assert {each.header("X-Key") for each in server.requests} == {secret}
    held = b"".join(path.read_bytes() for path in kept.iterdir()) + (done.out + done.err).encode()
    assert b"k4" in held
    assert secret.encode() not in held
