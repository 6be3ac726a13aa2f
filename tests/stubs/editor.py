"""An editor, as far as it asks pyright's language server what may stand at the cursor (LSP over a pipe)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest


class Editor:
    """Completes and explains programs in a folder."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("pyright")
        self.folder = folder
        command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
        environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=folder, env=environment)
        self._count = 0
        place = {"uri": folder.as_uri(), "name": "folder"}
        able = {"workspace": {"configuration": True}}
        self._ask("initialize", processId=os.getpid(), capabilities=able, workspaceFolders=[place])
        self._tell("initialized")

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.kill()
        self._server.communicate()

    def save(self, name: str, text: str) -> None:
        """Write a file, and tell that it is another one now."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self._tell("workspace/didChangeWatchedFiles", changes=[{"uri": path.as_uri(), "type": 2}])

    def completions(self, program: str) -> dict[str, str]:
        """What may stand at the `|` of a program, each with what is said of it."""
        found = self._at(program, "textDocument/completion") or {"items": []}
        return {each["label"]: str(each.get("detail", "")) for each in found["items"]}

    def hover(self, program: str) -> str:
        """What is shown of the name at the `|`."""
        found = self._at(program, "textDocument/hover") or {"contents": {"value": ""}}
        return str(found["contents"]["value"])

    def _at(self, program: str, asked: str) -> Any:
        before, _, after = program.partition("|")
        self._count += 1
        uri = (self.folder / f"edited_{self._count}.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": before + after}
        self._tell("textDocument/didOpen", textDocument=document)
        line, column = before.count("\n"), len(before.rpartition("\n")[2])
        position = {"line": line, "character": column}
        return self._ask(asked, textDocument={"uri": uri}, position=position)

    def _ask(self, method: str, **params: Any) -> Any:
        self._count += 1
        asked = self._count
        self._write({"jsonrpc": "2.0", "id": asked, "method": method, "params": params})
        while True:
            said = self._read()
            if said.get("id") == asked and "method" not in said:
                return said["result"]
            if "id" in said:  # it asks for settings: there are none
                items = said.get("params", {}).get("items", [])
                settings = [
                    {"pythonPath": sys.executable} if each.get("section") == "python" else {}
                    for each in items
                ]
                self._write({"jsonrpc": "2.0", "id": said["id"], "result": settings or None})

    def _tell(self, method: str, **params: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        body = json.dumps(message).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while line := self._server.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            pytest.skip("pyright's language server cannot run here")
        said: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return said
