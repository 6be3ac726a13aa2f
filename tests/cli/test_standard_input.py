"""A body on standard input that nobody named: taken from a pipe and a file, left alone where it is another's.

Run as a process: what standard input is can be seen from outside alone.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Save
from tests.servers import RawServer
from tests.small import json_reply, one

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")

COMMAND = f"{shlex.quote(sys.executable)} -m dynaclient"
BODY = '{"a": 1}'


def shell(line: str, tmp_path: Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    """What a line of a shell does; CALL in it is the call, whose body is optional."""
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60, **settings
    )


LINES: dict[str, tuple[str, list[str]]] = {
    "a pipe": (f"echo {shlex.quote(BODY)} | CALL", [BODY]),
    "a slow pipe": (f"(sleep 0.3; echo {shlex.quote(BODY)}) | CALL", [BODY]),
    "a file": ("CALL < body.json", [BODY]),
    "an empty pipe": ("true | CALL", [""]),
    "an empty file": (": > empty; CALL < empty", [""]),
    "nothing": ("CALL < /dev/null", [""]),
    "closed": ("CALL <&-", [""]),
    "told not to": (f"echo {shlex.quote(BODY)} | CALL --ignore-stdin", [""]),
    "a body was given": (f"echo nonsense | CALL --body {shlex.quote(BODY)}", [BODY]),
    "a loop over a file": ("while read id; do CALL; done < ids", ["", ""]),
    "a loop, told not to": ("cat ids | while read id; do CALL --ignore-stdin; done", ["", ""]),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", LINES)
def test_where_the_body_comes_from(case: str, save: Save, tmp_path: Path) -> None:
    line, expected = LINES[case]
    path = save(one("post", body={"type": "object"}, required=False))
    (tmp_path / "body.json").write_text(BODY)
    (tmp_path / "ids").write_text("1\n2\n")
    with RawServer(json_reply({})) as server:
        done = shell(line.replace("CALL", f"{COMMAND} call {path} op --server {server.url}"), tmp_path)
        bodies = [request.body.decode() for request in server.requests]
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(each) if each else None for each in bodies] == [
        json.loads(each) if each else None for each in expected
    ]


def test_an_operation_without_a_body_reads_nothing(save: Save, tmp_path: Path) -> None:
    path = save(one("get"))
    with RawServer(json_reply({})) as server:
        call = f"{COMMAND} call {path} op --server {server.url}"
        done = shell(f"printf 'a\\nb\\n' | {{ {call}; cat; }}", tmp_path)
    assert done.stdout == "{}\na\nb\n"


def test_what_is_waited_for_is_said(save: Save) -> None:
    """The body is written after the message was read, however long that takes."""
    code = (
        "import sys, dynaclient.cli.standard_input as found; found.PATIENCE = 0.05; "
        "from dynaclient.cli.main import main; sys.exit(main())"
    )
    call = ["call", save(one("post", body={"type": "object"})), "op", "--server", "http://127.0.0.1:9"]
    command = [sys.executable, "-c", code, *call, "--dry-run"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        out, _ = process.communicate('{"a": 1}')
    assert said == (
        "dynaclient: waiting for the body on standard input; --body gives it, --ignore-stdin sends none\n"
    )
    assert process.returncode == 0
    assert out.endswith('\n\n{"a":1}\n')


def test_what_stands_there_is_checked_as_any_body(save: Save, tmp_path: Path) -> None:
    path = save(one("post", body={"type": "object"}))
    done = shell(f"echo nonsense | {COMMAND} call {path} op --server http://127.0.0.1:9", tmp_path)
    assert done.returncode == 2
    assert "the body on standard input" in done.stderr
