"""The tool that calls real servers, without a real one: what it counts, starts, stops and says."""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, ConnectError
from tests.conftest import Serve
from tests.small import document, json_reply, said

TOOLS = Path(__file__).resolve().parent.parent / "tools"

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
    ("the answer breaks the document", GOOD, json_reply(BAD, 201), (0, 1, 0)),
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
    found = len(travelled.in_requests), len(travelled.in_answers), len(travelled.failures)
    assert (len(server.requests), found) == (1, counts)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["make", "POST", str(response.status)]
    assert sum(line.strip().startswith(("request: ", "answer: ")) for line in lines) == sum(counts[:2])
    assert tool.summary("x 1", travelled) == (
        f"x 1: 1 calls, {int(sum(counts[:2]) == 0)} without violation; "
        f"{counts[0]} violations in requests, {counts[1]} in answers; {counts[2]} failures"
    )


@pytest.mark.parametrize(("body", "failures"), [(BAD, []), (GOOD, ["make is refused"])])
def test_what_must_be_refused_is_not_sent(body: Any, failures: list[str], tool: Any, serve: Serve) -> None:
    server = serve(json_reply(GOOD, 201))
    travelled = trip(tool, server.url)
    travelled.refuses("make", body=body)
    assert (server.requests, travelled.failures) == ([], failures)


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
    assert {"chroma", "prefect", "kinto"} <= set(listed)
    assert all("==" in package for packages in listed.values() for package in packages)


def test_names_are_servers_or_all(tool: Any) -> None:
    assert [server.name for server in tool.named(["kinto"])] == ["kinto"]
    assert tool.named(["all"]) == list(tool.SERVERS.values())
    for unknown in ([], ["kinto", "etcd"]):
        with pytest.raises(tool.Unusable, match="known are chroma, prefect, kinto and all"):
            tool.named(unknown)


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
