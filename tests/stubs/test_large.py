# ruff: noqa: E501
"""Stubs of large documents: the official one of Talon.One, two of the largest open ones, every one of the corpus."""

from __future__ import annotations

import ast
import csv
import gzip
import tarfile
import time
from pathlib import Path

import pytest

from dynaclient import Client
from dynaclient.cli.main import main
from dynaclient.stubs.stub import stub
from tests.stubs.checkers import mypy, pyright

SHARED = Path(__file__).resolve().parents[3] / "shared"
OFFICIAL = SHARED / "facts" / "official" / "talon-one-25.17.0.yaml.gz"
CORPUS = SHARED / "corpus"
LARGEST = {
    "talon": OFFICIAL,
    "github": CORPUS / "octokit-ghes-3.17.json.gz",
    "stripe": CORPUS / "stripe-spec3.json.gz",
}
INDEX = CORPUS / "index.csv"
ROWS = list(csv.DictReader(INDEX.read_text("utf-8").splitlines())) if INDEX.is_file() else []

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(
        not (OFFICIAL.is_file() and ROWS), reason="the documents are not beside this checkout"
    ),
]


def made(name: str, folder: Path) -> float:
    """Write the stub of a large document; the seconds of the processor that it took."""
    source = folder / f"{name}{LARGEST[name].suffixes[-2]}"
    source.write_bytes(gzip.decompress(LARGEST[name].read_bytes()))
    begin = time.process_time()
    assert main(["stubs", str(source), "-o", str(folder / f"{name}.pyi")]) == 0
    return time.process_time() - begin


@pytest.mark.parametrize("name", LARGEST)
def test_the_stub_of_a_large_document_takes_less_than_ten_seconds_and_is_clean(
    name: str, tmp_path: Path
) -> None:
    assert made(name, tmp_path) < 10
    assert mypy(tmp_path, f"{name}.pyi") == {}
    assert pyright(tmp_path, f"{name}.pyi") == {}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_document_of_the_corpus_has_a_stub(row: dict[str, str], tmp_path: Path) -> None:
    packed = CORPUS / row["file"]
    if packed.name.endswith(".tar.gz"):
        with tarfile.open(packed) as archive:
            archive.extractall(tmp_path, filter="data")
        source = next(tmp_path.rglob(Path(row["root"]).name))
    else:
        source = tmp_path / row["root"]
        source.write_bytes(gzip.decompress(packed.read_bytes()))
    ast.parse(stub(Client(source), "Api", "a test"))
