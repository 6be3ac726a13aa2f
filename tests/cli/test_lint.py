"""`dynaclient lint`: findings, their count, and the exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Save
from tests.small import document, one, param

NAME = "talon-one-integration"
ODD = one("get", "/x", param("Accept", "header"), param("q", schema={"type": "text"}))


def test_a_clean_document(run: Run) -> None:
    result = run("lint", NAME)
    assert (result.code, result.out) == (0, "nothing was found wrong\n")


def test_warnings_are_listed_and_counted_and_are_no_failure(run: Run, save: Save) -> None:
    result = run("lint", save(ODD))
    rows = result.out.splitlines()
    assert result.code == 0
    assert rows[0].split()[:3] == ["severity", "location", "finding"]
    assert any("/paths/~1x/get/parameters/0" in row and "Accept" in row for row in rows)
    assert any("'text' is not a type" in row and "it is read as 'string'" in row for row in rows)
    assert rows[-1] == "2 warnings"


def test_an_error_is_1(run: Run, save: Save) -> None:
    broken = one("get", "/x", {"$ref": "#/components/parameters/none"})
    result = run("lint", save(broken))
    assert result.code == 1
    assert "error" in result.out
    assert "#/components/parameters/none" in result.out
    assert "Traceback" not in result.err


def test_a_document_that_cannot_be_used_is_not_0(run: Run, save: Save) -> None:
    result = run("lint", save({"info": {}}))
    assert result.code in (1, 2)
    assert result.out or result.err


def test_the_second_opinion_is_added(run: Run, save: Save) -> None:
    document_ = document({"/x": {"get": {"responses": {"200": {}}}}})  # a response needs a description
    alone, both = run("lint", save(document_)), run("lint", save(document_), "--second-opinion")
    assert "openapi-spec-validator says so" not in alone.out
    assert "openapi-spec-validator says so" in both.out
    assert both.code == 0


def test_the_second_opinion_may_fail_or_be_missing(
    run: Run, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(validator: Any) -> Any:
        raise RuntimeError("its own mistake")

    monkeypatch.setattr("openapi_spec_validator.OpenAPIV30SpecValidator.iter_errors", crash)
    result = run("lint", save(ODD), "--second-opinion")
    assert result.code == 0
    assert "openapi-spec-validator gave up: RuntimeError: its own mistake" in result.out
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "openapi_spec_validator", None)
    assert "openapi-spec-validator is not installed" in run("lint", save(ODD), "--second-opinion").out


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_the_second_opinion_knows_later_versions_or_says_that_it_does_not(
    run: Run, save: Save, version: str
) -> None:
    result = run("lint", save(one(version=version)), "--second-opinion")
    assert result.code == 0
    assert result.err == ""


def test_an_overlay_that_mends_is_written_and_works(
    run: Run, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = save(ODD)
    before = Path(path).read_bytes()
    result = run("lint", path, "--write-overlay", "mends.yaml")
    assert (result.code, result.out.splitlines()[-1][:28]) == (0, "mends.yaml mends 1 finding o")
    after = run("lint", path, "--overlay", "mends.yaml")
    assert "'text' is not a type" not in after.out
    assert "1 warning" in after.out
    assert Path(path).read_bytes() == before


def test_a_file_that_is_there_is_not_written_over(
    run: Run, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("mine")
    result = run("lint", save(ODD), "--write-overlay", "mine.yaml")
    assert result.code == 2
    assert "mine.yaml" in result.err
    assert Path("mine.yaml").read_text() == "mine"


def test_without_a_mend_no_overlay_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("lint", NAME, "--write-overlay", "mends.yaml")
    assert "no overlay was written" in result.out
    assert not Path("mends.yaml").exists()


def test_swagger_gets_no_mends(run: Run, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/{a}": {"get": {}}}})
    result = run("lint", path, "--write-overlay", "mends.yaml")
    assert "Swagger 2.0" in result.out.splitlines()[-1]
    assert "no overlay was written" in result.out.splitlines()[-1]
    assert not Path("mends.yaml").exists()


def test_a_mend_that_cannot_be_applied_is_left_out(
    run: Run, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    odd = one("post", body={"properties": {"a\x1f": {"type": "text"}, "b": {"type": "text"}}})
    result = run("lint", save(odd), "--write-overlay", "mends.yaml")
    assert result.out.splitlines()[-1].startswith("mends.yaml mends 1 finding of 2")
