"""tools/same.py says what another version sends and finds otherwise, and nothing where it is the same."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.small import one, param

ROOT = Path(__file__).parents[2]
PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def same(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "same.py"), *map(str, words), "-j", "1"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """A recording, and the document that it is of."""
    tree = one(
        "put", "/pets/{id}", param("id", "path"), param("n", schema={"type": "integer"}), body=PET, answer=PET
    )
    document, recording = tmp_path / "pets.json", tmp_path / "before.jsonl.gz"
    document.write_text(json.dumps(tree))
    done = same("record", recording, document)
    assert done.returncode == 0, done.stderr
    return recording, document


def entries(recording: Path) -> list[dict[str, Any]]:
    with gzip.open(recording, "rt") as file:
        return [json.loads(line) for line in file]


def test_requests_and_responses_right_and_wrong_are_recorded(recorded: tuple[Path, Path]) -> None:
    found = [each["found"] for each in entries(recorded[0])]
    requests = [each for each in found if len(each) == 4 and each[0] == "PUT"]
    assert any("?n=" in url for _, url, _, _ in requests)
    assert [
        each
        for each in found
        if ["path", "id", "", "/paths/~1pets~1{id}/put/parameters/0/schema/type"] in each
    ]
    assert [each for each in found if each[-1] == repr({"name": "text"}) or "required" in str(each)]


def test_the_same_version_does_the_same(recorded: tuple[Path, Path]) -> None:
    done = same("compare", *recorded)
    assert (done.returncode, done.stdout.splitlines()[-1].endswith("; 0 differ")) == (0, True), done.stdout


def test_an_archive_is_unpacked_to_another_folder_each_time(tmp_path: Path) -> None:
    parameter = param("n", schema={"$ref": "types.json#/number"})
    files = {"openapi.json": one("get", "/pets", parameter), "types.json": {"number": {"type": "integer"}}}
    archive, recording = tmp_path / "pets.tar.gz", tmp_path / "before.jsonl.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name, tree in files.items():
            (tmp_path / name).write_text(json.dumps(tree))
            packed.add(tmp_path / name, name)
    assert same("record", recording, archive).returncode == 0
    assert "types.json" in str(entries(recording))
    done = same("compare", recording, archive)
    assert (done.returncode, done.stdout.splitlines()[-1].endswith("; 0 differ")) == (0, True), done.stdout


CHANGES = {
    "another URL": lambda entry: entry["found"].__setitem__(1, "https://elsewhere/"),
    "another violation": lambda entry: entry["found"].__setitem__(0, [["body", "body", "/x", "/y"]]),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_done_otherwise_is_said(recorded: tuple[Path, Path], change: str) -> None:
    recording, document = recorded
    lines = entries(recording)
    CHANGES[change](next(each for each in lines if len(each["found"]) == 4))
    with gzip.open(recording, "wt") as file:
        file.writelines(json.dumps(each) + "\n" for each in lines)
    done = same("compare", recording, document)
    assert done.returncode == 1
    assert "pets.json op: was" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("; 1 differ")
