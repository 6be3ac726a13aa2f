"""The tool that calls real servers, without a real one: what it counts, starts, stops and says."""

from __future__ import annotations

import importlib
import json
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, ConnectError
from dynaclient._support.messages import pluralize
from tests.conftest import Serve
from tests.small import document, json_reply, said

TOOLS = Path(__file__).resolve().parents[2] / "tools"

THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
MAKE = {
    "operationId": "make",
    "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
    "responses": {"201": said(THING)},
}
TREE = document({"/things": {"post": MAKE}})


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The tool, imported as it is when it is run."""
    monkeypatch.syspath_prepend(TOOLS)
    yield importlib.import_module("real_servers")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("real_servers", "servers")]:
        del sys.modules[name]


def trip(tool: Any, url: str) -> Any:
    lenient = Client(TREE, server=url, validate={"request": "warn"})
    return tool.Trip(Client(TREE, server=url), lenient)


GOOD, BAD = {"name": "plum"}, {"name": 7}
CALLS = [
    ("all is well", GOOD, json_reply(GOOD, 201), (0, 0, 0)),
    ("the response does not match the document", GOOD, json_reply(BAD, 201), (0, 1, 0)),
    ("the request does, and the server takes it", BAD, json_reply(GOOD, 201), (1, 0, 0)),
    ("both do", BAD, json_reply(BAD, 201), (1, 1, 0)),
    ("a status that the document does not have", GOOD, json_reply(GOOD, 200), (0, 1, 1)),
    ("an error where none is due", GOOD, json_reply({}, 500), (0, 0, 1)),
]


@pytest.mark.parametrize(("body", "answer", "counts"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_a_call_is_sent_once_and_what_it_breaks_is_counted(
    body: Any, answer: bytes, counts: tuple[int, int, int], tool: Any, serve: Serve, capsys: Any
) -> None:
    server = serve(answer)
    travelled = trip(tool, server.url)
    response = travelled.call("make", body=body, expect=201)
    found = len(travelled.in_requests), len(travelled.in_responses), len(travelled.failures)
    assert (len(server.requests), found) == (1, counts)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["make", "POST", str(response.status)]
    assert sum(line.strip().startswith(("request: ", "response: ")) for line in lines) == sum(counts[:2])
    assert tool.summary("x 1", travelled) == (
        f"x 1: 1 call, {int(sum(counts[:2]) == 0)} without violation; "
        f"{pluralize(counts[0], 'violation')} in requests, {counts[1]} in responses; "
        f"{pluralize(counts[2], 'failure')}"
    )


@pytest.mark.parametrize(("body", "failures"), [(BAD, []), (GOOD, ["make is refused"])])
def test_what_must_be_refused_is_not_sent(body: Any, failures: list[str], tool: Any, serve: Serve) -> None:
    server = serve(json_reply(GOOD, 201))
    travelled = trip(tool, server.url)
    travelled.refuses("make", body=body)
    assert (server.requests, travelled.failures) == ([], failures)


RAISED = [
    ("the error that is due", json_reply({}, 404), (0, [])),
    ("one that breaks the document", json_reply(BAD, 404), (1, [])),
    ("another error", json_reply({}, 500), (0, ["make raises 404, not 500"])),
    ("no error", json_reply(GOOD, 201), (0, ["make raises ApiError"])),
]


@pytest.mark.parametrize(("answer", "counts"), [c[1:] for c in RAISED], ids=[c[0] for c in RAISED])
def test_an_error_that_must_be_raised(
    answer: bytes, counts: tuple[int, list[str]], tool: Any, serve: Serve
) -> None:
    described = {
        **MAKE,
        "responses": {**MAKE["responses"], "404": said({"properties": {"name": {"type": "string"}}})},
    }
    server = serve(answer)
    strict = Client(document({"/things": {"post": described}}), server=server.url)
    travelled = tool.Trip(strict, strict)
    travelled.raises("make", status=404, body=GOOD)
    found = len(travelled.in_responses), travelled.failures
    assert (len(server.requests), travelled.calls, found) == (1, 1, counts)


@pytest.mark.parametrize("error", [KeyError("id"), TypeError("None has no id"), ConnectError("refused")])
def test_a_trip_that_cannot_go_on_is_a_failure(error: Exception, tool: Any) -> None:
    def travel(*_: Any) -> None:
        raise error

    travelled = trip(tool, "http://x.test")
    tool.travelled(replace(tool.SERVERS["kinto"], travel=travel), travelled, travelled.client)
    assert [type(error).__name__ in failure for failure in travelled.failures] == [True]


def test_the_list_names_each_server_with_the_versions_that_are_installed(
    tool: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["real_servers.py", "--list"])
    assert tool.main() == 0
    listed = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert set(listed) == {"chroma", "prefect", "kinto", "loopback"}
    pinned = re.compile(r"[\w-]+==\d+(\.\d+)+|(@[\w-]+/)?[\w-]+@\d+(\.\d+)+")  # as pip and as npm write it
    assert all(pinned.fullmatch(package) for packages in listed.values() for package in packages)


def test_names_are_servers_or_all(tool: Any) -> None:
    assert [server.name for server in tool.named(["kinto"])] == ["kinto"]
    assert tool.named(["all"]) == list(tool.SERVERS.values())
    for unknown in ([], ["kinto", "etcd"]):
        with pytest.raises(tool.Unusable, match="known are chroma, prefect, kinto, loopback and all"):
            tool.named(unknown)


def test_the_contract_test_writes_what_it_saw(tool: Any, serve: Serve, tmp_path: Path, capsys: Any) -> None:
    server = serve(*[json_reply(BAD, 201)] * 200)
    contract = tool.Contract(tmp_path / "reports", 20.0, ("make",))
    contract.test("tiny", Client(TREE, server=server.url))
    report = json.loads((tmp_path / "reports" / "tiny.json").read_bytes())
    read = (tmp_path / "reports" / "tiny.txt").read_text()
    assert {each["check"] for each in report["failures"]} >= {"body_documented"}
    assert "make: body_documented: body at /name: expected a string" in read
    assert "contract test: 1 of 1 operation exercised" in capsys.readouterr().out


@pytest.fixture
def visited(tool: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The servers that were visited, on a machine without node and npm; kinto fails."""
    names: list[str] = []

    def visit(server: Any, keep: Path | None, contract: Any) -> bool:
        if server.installer.lacking():
            server.installer.install(server.packages, tmp_path)  # raises, as it does in a real visit
        names.append(server.name)
        return bool(server.name != "kinto")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tool, "visit", visit)
    return names


LACKING = "it needs node and npm; not found: node, npm"
WITHOUT_NODE = [
    ("all", ["all"], 1, [f"loopback: NOT RUN: {LACKING}"],
     "every call did what it should: chroma, prefect; failed: kinto; not run: loopback"),
    ("by name", ["loopback"], 1, [f"loopback: FAILED: {LACKING}"],
     "every call did what it should: none; failed: loopback; not run: none"),
    ("all, and by name", ["all", "loopback"], 1, [f"loopback: FAILED: {LACKING}"],
     "every call did what it should: chroma, prefect; failed: kinto, loopback; not run: none"),
    ("others", ["prefect"], 0, [], "every call did what it should: prefect; failed: none; not run: none"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "code", "said", "account"), [c[1:] for c in WITHOUT_NODE], ids=[c[0] for c in WITHOUT_NODE]
)
def test_a_server_that_this_machine_cannot_run_is_named(
    names: list[str],
    code: int,
    said: list[str],
    account: str,
    tool: Any,
    visited: list[str],
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["real_servers.py", *names])
    assert tool.main() == code
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines == [*said, account]
    assert "loopback" not in visited


def test_what_could_not_run_is_no_failure(tool: Any) -> None:
    lacking = replace(tool.SERVERS["loopback"].installer, needs=("no-such-program",))
    server = replace(tool.SERVERS["loopback"], installer=lacking)
    assert tool.outcome(server, None, asked=False) == tool.NOT_RUN
    assert tool.outcome(server, None, asked=True) == tool.FAILED


def test_what_is_installed_is_kept_until_other_versions_are_wanted(tool: Any, tmp_path: Path) -> None:
    filled: list[list[str]] = []

    def fill(packages: Any, place: Path) -> None:
        assert list(place.iterdir()) == []  # nothing is left of what was there before
        (place / "module").write_text("")
        filled.append(list(packages))

    installer = replace(tool.SERVERS["kinto"].installer, fill=fill)
    for packages in (["a==1"], ["a==1"], ["a==2"], ["a==2"]):
        assert installer.install(packages, tmp_path) == installer.programs(tmp_path / "environment")
    assert filled == [["a==1"], ["a==2"]]


def test_an_installation_that_fails_says_why_and_is_not_kept(tool: Any, tmp_path: Path) -> None:
    def fill(packages: Any, place: Path) -> None:
        sys.modules["servers.installing"].run([sys.executable, "-c", "raise SystemExit('no such version')"])

    installer = replace(tool.SERVERS["kinto"].installer, fill=fill)
    for _ in range(2):
        with pytest.raises(tool.Unusable, match="no such version"):
            installer.install(["a==1"], tmp_path)


def test_a_server_gets_none_of_the_settings_of_the_user(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://elsewhere.test")
    settings = tool.environment(tool.SERVERS["prefect"], tmp_path)
    assert "PREFECT_API_URL" not in settings
    assert (settings["HOME"], settings["PREFECT_HOME"]) == (str(tmp_path), str(tmp_path))


@pytest.mark.parametrize(
    ("content", "stated"),
    [(b'{"swagger": "2.0"}', "Swagger 2.0"), (b'{"openapi": "3.1.0"}', "OpenAPI 3.1.0")],
)
def test_the_version_is_the_one_that_the_document_states(content: bytes, stated: str, tool: Any) -> None:
    assert tool.version(content) == stated


SERVING = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]
WRAPPED = "import subprocess, sys; subprocess.run(sys.argv[1:])"


def test_a_server_is_stopped_with_all_that_it_started(tool: Any, tmp_path: Path) -> None:
    port = tool.free_port()
    (tmp_path / "document.json").write_text("{}")
    command = [sys.executable, "-c", WRAPPED, *SERVING, str(port)]
    with tool.started(command, {}, tmp_path, f"http://127.0.0.1:{port}/document.json") as content:
        assert content == b"{}"
    for _ in range(100):  # the port is free again once the inner process is gone
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)):
                break
    else:
        pytest.fail("the inner server still answers")


def test_a_server_that_does_not_start_says_why(tool: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room for data')"]
    with (
        pytest.raises(tool.Unusable, match=r"the server ended:\n    no room for data"),
        tool.started(command, {}, tmp_path, f"http://127.0.0.1:{tool.free_port()}/"),
    ):
        pytest.fail("it never ran")
