"""The README as its reader uses it: what it names exists, and its samples are Python."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from pathlib import Path

import pytest

import dynaclient
from dynaclient.prompt import cli

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("code", [code for language, code in BLOCKS if language == "python"])
def test_samples_are_python(code: str) -> None:
    ast.parse(textwrap.dedent(code))


def test_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"^\$ dynaclient (\w+)", TEXT, re.MULTILINE))
    assert len(named) >= 7
    for command in sorted(named):
        assert cli.main([command, "--help"]) == 0
        assert command in capsys.readouterr().out


def test_errors_of_the_tree_exist() -> None:
    tree = next(code for language, code in BLOCKS if "DynaclientError" in code and not language)
    names = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", tree)) | {
        "Unauthorized",
        "Forbidden",
        "Conflict",
    }
    assert {name for name in names - set(dir(builtins)) if not hasattr(dynaclient, name)} == set()


def test_make_targets_and_files_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\$ make (\w+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"(?:tools|spec|tests)/[\w/.-]+\.(?:py|md|svg)", TEXT):
        assert (ROOT / path).is_file(), path


def test_named_tests_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)", TEXT)
    sources = {file: (ROOT / "tests" / file).read_text(encoding="utf-8") for file, _ in named}
    assert [(file, name) for file, name in named if f"def {name}(" not in sources[file]] == []
