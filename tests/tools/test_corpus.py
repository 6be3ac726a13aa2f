"""tools/corpus.py counts what opens and what can be called, and says why something cannot."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def corpus(*words: str | Path, status: int = 0, processes: int = 1) -> str:
    command = [sys.executable, str(ROOT / "tools" / "corpus.py"), "-j", str(processes), *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == status, ended.stderr
    return ended.stdout


def test_the_documents_of_the_tests_can_be_called_whole() -> None:
    said = corpus(ROOT / "tests" / "documents", processes=2)
    assert "4 of 4 documents opened" in said
    assert "(100.00 %)" in said


def test_responses_examples_and_requests_are_asked_about(tmp_path: Path) -> None:
    def answer(schema: dict[str, object], **rest: object) -> dict[str, object]:
        return {"description": "", "content": {"application/json": {"schema": schema, **rest}}}

    answers = {
        "200": answer({"type": "integer"}, example="x"),
        "2XX": answer({"type": "integer"}, examples={"one": {"value": 1}}),
        "fine": answer({"type": "integer"}),
        "400": answer({"type": "integer", "minimum": 2, "maximum": 1}),
    }
    paths = {"/x": {"get": {"operationId": "op", "responses": answers}}}
    tree = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}
    (tmp_path / "asked.json").write_text(json.dumps(tree))
    said = corpus("-v", "--referee", "1", tmp_path)
    assert "1 of 1 operations callable (100.00 %)" in said
    assert "2 of 4 made responses read back" in said
    assert "1 of 2 examples of JSON bodies" in said
    assert "1 of 1 requests are right to openapi-core too" in said
    assert "op, responses, fine application/json: no status finds it" in said
    assert "/responses/200/content/application~1json/example" in said


def test_what_leaves_no_trace_can_be_called(tmp_path: Path) -> None:
    """A contract run tries none of these: no server could tell what was meant."""
    nothing, one = {"enum": [None]}, {"type": "object", "properties": {"a": {"type": "integer"}}}
    text = {"schema": {"type": "string"}}
    odd: dict[str, tuple[list[object], dict[str, object], int]] = {
        "object of objects": ([{"type": "object", "properties": {"a": {"type": "object"}}}], {}, 1),
        "nulls": ([{"type": "array", "items": nothing}], {}, 1),
        "one name twice": ([{**one, "additionalProperties": False}] * 2, {}, 1),
        "a null": ([{"type": "array", "items": nothing, "minItems": 1}], {}, 0),
        "a script": ([], {"application/javascript": text}, 1),
        "nothing": ([], {"application/json": {"schema": {"enum": []}}}, 0),
    }
    for name, (schemas, content, _) in odd.items():
        parameters = [
            {"name": f"p{index}", "in": "query", "required": True, "schema": schema}
            for index, schema in enumerate(schemas)
        ]
        body = {"requestBody": {"required": True, "content": content}} if content else {}
        operation = {"parameters": parameters, **body, "responses": {"200": {"description": ""}}}
        tree = {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/x": {"post": operation}},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(tree))
    corpus("--json", tmp_path / "rows", tmp_path)
    rows = json.loads((tmp_path / "rows").read_text())
    assert {row["name"]: row["callable"] for row in rows} == {f"{name}.json": odd[name][2] for name in odd}


def test_a_document_that_takes_too_long_is_told(tmp_path: Path) -> None:
    paths = {f"/x{number}": {"get": {"responses": {}}} for number in range(20_000)}
    tree = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}
    (tmp_path / "long.json").write_text(json.dumps(tree))
    said = corpus("-t", "1", tmp_path)
    assert "it takes longer than 1 s" in said
    assert "0 of 1 documents opened" in said


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


def test_documents_are_tested_against_their_own_sandboxes(tmp_path: Path) -> None:
    answers = {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/no"}}}}}
    operation = {"operationId": "op", "responses": answers}
    paths = {"/x": {"get": operation}, "/y": {"get": {"responses": {"204": {"description": ""}}}}}
    tree = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}
    (tmp_path / "a.json").write_text(json.dumps(tree))
    said = corpus("--sandbox", "--cases", "2", tmp_path)
    assert "1 of 1 documents served, 0 with failures (0); 2 operations with " in said
    assert "2xx from 2; 1 places not checked" in said
    assert "not checked: /paths/~1x/get/responses/200/content/application~1json/schema: $ref '#/no'" in said
    said = corpus("--sandbox", "--operations", "1", tmp_path)
    assert "; 1 operations with " in said


def test_a_document_whose_operations_are_elsewhere_is_not_checked(tmp_path: Path) -> None:
    paths = {"/x": {"$ref": "paths/x.yaml"}}
    tree = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}
    (tmp_path / "a.json").write_text(json.dumps(tree))
    said = corpus("--sandbox", tmp_path)
    assert "1 of 1 documents served, 0 with failures (0); 0 operations with 0 requests" in said
    assert "not checked: no operation can be read; 1 reference in `paths` could not be read" in said


def test_a_document_that_cannot_be_served_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("a: [")
    assert "0 of 1 documents served" in corpus("--sandbox", tmp_path, status=1)
