"""The command line run inside the test, and small documents as files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dynaclient.cli.main import main
from tests.transport.conftest import certificate, tls  # noqa: F401


@dataclass(frozen=True)
class Result:
    """What a command gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]
Save = Callable[[dict[str, Any]], str]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("DYNACLIENT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("ops", NAME)` is `dynaclient ops NAME`."""

    def command(*arguments: str) -> Result:
        code = main(arguments)
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return command


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes a document to a file and gives its path."""

    def write(document: dict[str, Any]) -> str:
        path = tmp_path / "document.json"
        path.write_text(json.dumps(document))
        return str(path)

    return write
