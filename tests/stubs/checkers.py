"""mypy and pyright, run over a folder of programs and stubs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

Errors = dict[str, dict[int, str]]
"""File -> line -> what is said of it."""

_LINE = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.*)$")


def mypy(folder: Path, *files: str) -> Errors:
    """What `mypy --strict` reports."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir"]
    done = subprocess.run(
        [*command, str(folder / "cache"), *files], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: Errors = {}
    for line in done.stdout.splitlines():
        if match := _LINE.match(line):
            found.setdefault(match["file"], {})[int(match["line"])] = match["text"]
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found


def pyright(folder: Path, *files: str) -> Errors:
    """What pyright reports as errors. Its program comes with its wheels, else it is fetched at first use."""
    pytest.importorskip("pyright")
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        pytest.skip(f"pyright cannot run here: {(done.stderr or done.stdout).strip()[-200:]}")
    found: Errors = {}
    for each in report["generalDiagnostics"]:
        if each["severity"] == "error":
            lines = found.setdefault(Path(each["file"]).name, {})
            lines[each["range"]["start"]["line"] + 1] = each["message"]
    return found
