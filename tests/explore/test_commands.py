"""A call as HTTPie and as Python: what it sends is what the call sends, and no secret stands in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, SettingsError
from dynaclient.calls.arguments import Call
from dynaclient.client import executor_of
from dynaclient.explore.commands import httpie_command, python_code
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.explore.test_curl import HOSTILE, ODD, PATH, SCHEMES, SECRET, pasted, same, secured
from tests.servers import RawServer, Recorded, reply
from tests.small import json_reply, one, param

needs_httpie = pytest.mark.skipif(not shutil.which("http", path=PATH), reason="HTTPie is not installed")


def call_of(api: Client, *given: Any, **names: Any) -> Call:
    return Call(api.operations["op"], *given, **names)


def httpie(api: Client, server: RawServer, call: Call, **variables: str) -> None:
    """What HTTPie sends is what was sent first."""
    line = httpie_command(executor_of(api), call)
    assert SECRET not in line
    same(pasted(line, server, **variables), server.requests[0])


@pytest.mark.sampled(3)
@needs_httpie
@pytest.mark.parametrize("value", [*(HOSTILE[at] for at in (0, 2, 6, 9, 11)), "=x", "a:b=c@d;e"])
def test_httpie_sends_hostile_values_as_they_are(value: str, serve: Serve) -> None:
    server = serve(reply())
    api = Client(ODD, server=server.url)
    given: dict[str, Any] = {"id": "1", "q": "plain"}
    given |= {"X-Text": value} if value.isascii() and value.isprintable() else {}
    api.send("op", given, body={value: value})
    httpie(api, server, call_of(api, given, body={value: value}))


@needs_httpie
def test_httpie_sends_bytes_and_files(serve: Serve, tmp_path: Path) -> None:
    server = serve(reply())
    api = Client(ODD, server=server.url)
    (tmp_path / "a b.bin").write_bytes(b"\x00\xff\r\n")
    for body in (b"\x00\xff\r\n", tmp_path / "a b.bin"):
        options = {"content_type": "application/octet-stream"}
        server.requests.clear()
        api.send("op", id="1", body=body, options=options)
        httpie(api, server, call_of(api, {"id": "1"}, body=body, options=options))


@needs_httpie
@pytest.mark.parametrize("scheme", ["header", "bearer", "basic"])
def test_httpie_has_credentials_from_variables(scheme: str, serve: Serve) -> None:
    server = serve(reply())
    kind, given, held = SCHEMES[scheme]
    api = Client(secured(kind), server=server.url, credentials={"key": given})
    api.send("op")
    httpie(api, server, call_of(api), DYNACLIENT_CREDENTIAL_KEY=held)


def test_what_httpie_has_no_words_for_is_said() -> None:
    api = Client(one("get", "/x", param("X-Text", "header")), server="http://h")
    with pytest.raises(SettingsError, match="HTTPie has no words for the value of X-Text; curl has"):
        httpie_command(executor_of(api), call_of(api, {"X-Text": r"a\:b"}))


def ran(code: str, server: RawServer, **variables: str) -> Recorded:
    """What arrives where the lines of Python are run."""
    before = len(server.requests)
    clean = {name: text for name, text in os.environ.items() if not name.startswith("DYNACLIENT_")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={**clean, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return server.requests[before]


def test_python_sends_the_same_with_hostile_values(serve: Serve, save: Save) -> None:
    server = serve(json_reply({}))
    path = save(ODD)
    api = Client(path, server=server.url)
    body = {value: [value, 1.5, None, True] for value in HOSTILE}
    given = {"id": "it's $(id)", "q": 'a"b\\'}
    api.send("op", given, body=body)
    same(ran(python_code(executor_of(api), call_of(api, given, body=body), path), server), server.requests[0])


def test_python_reads_secrets_from_the_environment(serve: Serve, save: Save) -> None:
    server = serve(json_reply({}))
    path = save(secured(SCHEMES["header"][0], param("token"), param("id"), param("id", "header")))
    api = Client(path, server=server.url, credentials={"key": SECRET})
    given = {"token": SECRET, "query.id": "2"}
    options = {"headers": {"X-Own": SECRET}}
    api.send("op", {**given, "header.id": "1"}, options=options)
    code = python_code(executor_of(api), call_of(api, {**given, "header.id": "1"}, options=options), path)
    assert SECRET not in code
    names = ("DYNACLIENT_CREDENTIAL_KEY", "TOKEN", "X_OWN")
    same(ran(code, server, **dict.fromkeys(names, SECRET)), server.requests[0])


def test_on_the_command_line(run: Run, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", SECRET)
    path = save(secured(SCHEMES["header"][0], param("q")))
    for name in ("curl", "httpie", "python"):
        result = run("call", path, "op", "q=1", "--server", "http://127.0.0.1:9", f"--{name}")
        assert result.code == 0
        assert SECRET not in result.out + result.err
        assert "DYNACLIENT_CREDENTIAL_KEY" in result.out
        if name != "python":
            assert result.err == "dynaclient: set DYNACLIENT_CREDENTIAL_KEY before you run it\n"
