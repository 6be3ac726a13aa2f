"""`dynaclient serve` and `dynaclient test`, against each other and against servers that break theirs."""

from __future__ import annotations

import _thread
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dynaclient.sandbox import Sandbox
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import closed_port
from tests.small import document, json_reply, one

NAME = "talon-one-integration"
BAKERY = str(Path(__file__).parents[2] / "docs" / "examples" / "bakery.yaml")
PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(f"{NAME}@2020-04") as server:
        yield server


def test_serve_prints_its_address_and_a_command_that_works_and_ends_with_an_interrupt(run: Run) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dynaclient", "serve", NAME, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    lines = [process.stdout.readline() for _ in range(3)]
    try:
        assert first.startswith("36 operations at http://127.0.0.1:")
        words = shlex.split("".join(lines).replace("\\\n", " "))
        assert words[:3] == ["dynaclient", "call", NAME]
        called = run(*words[1:])
        assert (called.code, called.err) == (0, "")
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.parametrize("found", [True, False])
def test_serve_opens_the_explorer_where_it_listens(
    run: Run, save: Save, monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return found

    monkeypatch.setattr("webbrowser.open", browse)
    monkeypatch.setattr(Sandbox, "serve_forever", lambda self: self.stop())
    result = run("serve", save(document({"/": {"get": {"operationId": "root"}}})), "--port", "0", "--open")
    (url,) = opened
    assert url.endswith("/_explorer")
    assert f"In a browser: {url}" in result.out
    assert (result.code, f"open {url} yourself" in result.err) == (0, not found)
    assert run("serve", save(one()), "--port", "0").code == 0
    assert len(opened) == 1


def test_a_port_that_is_taken_is_a_mistake_of_usage(run: Run, sandbox: Sandbox) -> None:
    result = run("serve", NAME, "--port", sandbox.url.rpartition(":")[2])
    assert result.code == 2
    assert "Traceback" not in result.err


def test_a_server_that_hangs_costs_no_more_than_the_timeout(run: Run, save: Save) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"http://127.0.0.1:{silent.getsockname()[1]}"
        result = run("test", save(one(answer=PET)), "--server", server, "--timeout", "0.3")
    assert result.code == 1
    assert "no complete response within 0.3 s" in result.out


CASES = ("--phase", "coverage", "--phase", "random")
"""Without the probes: the servers of these tests respond to any method alike."""


def table(out: str) -> list[str]:
    """The rows of the table of operations."""
    below = dropwhile(lambda line: not line.startswith("operation "), out.splitlines())
    return list(takewhile(str.strip, below))[1:]


def test_a_server_that_keeps_the_contract(run: Run) -> None:
    with Sandbox(BAKERY) as sandbox:
        result = run("test", BAKERY, "--server", sandbox.url, "--cases", "4", "--credential", "api_key=x")
    rows, last = table(result.out), result.out.splitlines()[-1]
    assert result.code == 0
    assert [row.split()[0] for row in rows] == list(sandbox.client.operations)
    assert all(row.endswith("ok") for row in rows)
    assert last.startswith("8 of 8 operations exercised with ")
    assert last.endswith("; no failures")


def test_only_some_operations(run: Run, sandbox: Sandbox) -> None:
    result = run(
        "test", f"{NAME}@2020-04", "--server", sandbox.url, "--cases", "2", "--operation", "referral"
    )
    assert "1 of 1 operations exercised" in result.out or result.code == 1
    assert [row.split()[0] for row in table(result.out)] == ["createReferral"]


def test_a_server_that_breaks_the_contract_is_1_with_a_command_that_shows_it(
    run: Run, serve: Serve, save: Save
) -> None:
    server = serve(json_reply({"name": 5}))
    path = save(one(answer=PET))
    result = run("test", path, "--server", server.url, "--cases", "3")
    assert result.code == 1
    assert "/name" in result.out
    command = next(line.strip() for line in result.out.splitlines() if line.strip().startswith("dynaclient "))
    again = run(*shlex.split(command)[1:])
    assert again.code == 1
    assert "body at /name" in again.err


def test_a_credential_that_no_document_mentions(run: Run, serve: Serve, save: Save) -> None:
    server = serve(lambda request: json_reply({"name": 5}, 401 - 201 * ("s3" in request.all("X-Key"))))
    path = save(one(answer=PET))
    result = run("test", path, "--server", server.url, "--cases", "1", *CASES, "-H", "X-Key: s3")
    assert "op: body_documented: body at /name" in result.out
    assert f"--server {server.url} -H 'X-Key: ...'" in result.out
    assert "s3" not in result.out.replace(server.url, "") + result.err
    assert "not reached" in run("test", path, "--server", server.url, "--cases", "1").out


def test_the_results_are_written_as_junit_xml_too(run: Run, serve: Serve, save: Save, tmp_path: Path) -> None:
    server, file = serve(json_reply({"name": 5})), tmp_path / "report.xml"
    asked = ("test", save(one(answer=PET)), "--server", server.url, "--cases", "2", "--junit", str(file))
    assert run(*asked).code == 1
    assert ET.parse(file).find(".//testcase[@name='op']/failure") is not None
    result = run(*asked[:-1], str(tmp_path / "none" / "x.xml"))
    assert (result.code, result.out) == (2, "")
    assert "No such file or directory" in result.err


def test_a_run_that_cannot_begin_is_an_error_in_the_junit_xml(run: Run, save: Save, tmp_path: Path) -> None:
    """An empty file would be all that a CI system has to say."""
    url, file = f"http://127.0.0.1:{closed_port()}", tmp_path / "report.xml"
    result = run("test", save(one(answer=PET)), "--server", url, "--junit", str(file))
    assert result.code == 1
    assert "the connection was refused" in ET.parse(file).find(".//error").get("message", "")  # type: ignore
    assert result.err.count("the connection was refused") == 1


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Who is started in the background, as by `make test &`, inherits that SIGINT is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_with_what_was_found(run: Run, serve: Serve, save: Save, tmp_path: Path) -> None:
    """The user presses Ctrl-C while the third response is on its way."""
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request)
        if len(seen) == 3:
            _thread.interrupt_main()
        return json_reply({"name": 5})

    server, file = serve(answer), tmp_path / "report.xml"
    tree = one(answer=PET)
    tree["paths"]["/late"] = {"get": {"operationId": "late", "responses": {"200": {"description": ""}}}}
    result = run("test", save(tree), "--server", server.url, "--cases", "2", "--junit", str(file))
    assert result.code == 130
    assert "op: body_documented: body at /name" in result.out
    assert "the run was interrupted" in result.err
    assert len(ET.parse(file).findall(".//testcase")) == 2


def test_operations_are_picked_and_left_out(run: Run, save: Save, serve: Serve) -> None:
    tree = document({f"/{key}": {"get": {"operationId": key, "responses": {}}} for key in ("a1", "a2", "b1")})
    server = serve(json_reply({}))
    words = ("test", save(tree), "--server", server.url, "--cases", "1")
    for options, keys in {
        ("--operation", "a1", "--operation", "b1"): ["a1", "b1"],
        ("--skip", "a*"): ["b1"],
        ("--operation", "a", "--skip", "GET /a2"): ["a1"],
    }.items():
        rows = table(run(*words, *options).out)
        assert [row.split()[0] for row in rows] == keys


def test_a_server_that_wants_credentials_is_told_in_one_line(run: Run, sandbox: Sandbox) -> None:
    result = run(
        "test", f"{NAME}@2020-04", "--server", sandbox.url, "--cases", "2", "--operation", "createReferral"
    )
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "credentials" in result.err


def test_operations_that_were_not_reached_are_named_once_and_1(run: Run, serve: Serve, save: Save) -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    tree = one(
        answer=PET, operation={"security": [{"key": []}]}, components={"securitySchemes": {"key": key}}
    )
    tree["paths"]["/open"] = {"get": {"operationId": "open", "responses": {"200": {"description": ""}}}}
    server = serve(lambda request: json_reply({}) if request.target == "/open" else json_reply({}, 401))
    result = run("test", save(tree), "--server", server.url, "--cases", "2", *CASES)
    assert result.code == 1
    assert [row.split()[-3:] for row in table(result.out)[:1]] == [["not", "reached:", "401"]]
    assert "1 of 2 operations exercised" in result.out
    assert result.err.count("op: not reached: the server returned 401 to every case: give credentials") == 1


def test_no_server_at_all_is_1(run: Run, save: Save) -> None:
    result = run("test", save(one(answer=PET)), "--server", "http://127.0.0.1:1")
    assert result.code == 1
    assert "the connection was refused" in result.err
    assert "Traceback" not in result.err


def test_a_pattern_that_fits_nothing_is_a_mistake_of_usage(run: Run, save: Save) -> None:
    result = run("test", save(one(answer=PET)), "--server", "http://127.0.0.1:1", "--operation", "zebra")
    assert result.code == 2
    assert "zebra" in result.err
