"""tools/corpus.py counts what opens and what can be called, and says why something cannot."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def corpus(*words: str | Path) -> str:
    command = [sys.executable, str(ROOT / "tools" / "corpus.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_the_documents_of_the_tests_can_be_called_whole() -> None:
    said = corpus(ROOT / "tests" / "documents")
    assert "4 of 4 documents opened" in said
    assert "(100.00 %)" in said


def test_packed_and_broken_documents(tmp_path: Path) -> None:
    body = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/No"}}},
    }
    paths = {
        "/right": {"get": {"operationId": "right", "responses": {}}},
        "/lost": {"post": {"operationId": "lost", "requestBody": body, "responses": {}}},
    }
    tree = json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths})
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(tree.encode()))
    (tmp_path / "none.yaml").write_text("a: [")
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "openapi.yaml").write_text("openapi: 3.1.0\npaths:\n  /x: {$ref: x.yaml}\n")
    (parts / "x.yaml").write_text("get: {responses: {}}\n")
    with tarfile.open(tmp_path / "several.tar.gz", "w:gz") as archive:
        archive.add(parts, arcname="api")
    said = corpus("-v", tmp_path)
    assert "2 of 3 documents opened; 2 of 3 operations callable (66.67 %)" in said
    assert "lost: " in said
    assert "cannot be resolved" in said
    assert "line 2" in said  # where the broken one ends
