"""`dynaclient mcp` with the official client: on standard input and output, and over streamable HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.cli.main import main
from dynaclient.mcp.server import mcp_server
from dynaclient.mcp.tools import Toolbox
from dynaclient.sandbox import Sandbox
from tests.conftest import Serve
from tests.mcp.wrong_calls import WRONG
from tests.servers import reply
from tests.small import document, json_reply, one

pytest.importorskip("mcp_types", reason="the extra mcp is not installed")
anyio, protocol = import_module("anyio"), import_module("mcp")
Agent: Any = protocol.Client

TALON = "talon-one-integration"
SECRET = "ApiKey-v1 s3cr3t-value"
LIST = 3_000
"""The most bytes that a list of tools may have."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(TALON) as server:
        yield server


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dynaclient", "mcp", *arguments]


def over_stdio(*arguments: str) -> Any:
    """What the official client takes to start a server of its own."""
    first, *rest = command(*arguments)
    return protocol.StdioServerParameters(command=first, args=rest)


@contextmanager
def over_http(*arguments: str) -> Iterator[str]:
    """The URL of a server, while it runs."""
    process = subprocess.Popen(command(*arguments, "--port", "0"), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        yield next(word.rstrip(";") for word in line.split() if word.startswith("http://"))
    finally:
        process.kill()  # it would wait for connections to end
        process.communicate(timeout=20)


def ask(server: Any, talk: Callable[[Any], Awaitable[None]], mode: str = "auto") -> None:
    """Run `talk` with a client that is connected to a server."""

    async def session() -> None:
        async with Agent(server, mode=mode) as agent:
            await talk(agent)

    anyio.run(session)


def words(result: Any) -> str:
    return "\n".join(each.text for each in result.content)


async def tools(agent: Any) -> dict[str, Any]:
    """The tools by name; all that is said of them is short."""
    listed = await agent.list_tools()
    assert len(listed.model_dump_json(by_alias=True, exclude_none=True).encode()) < LIST
    return {each.name: each for each in listed.tools}


def talking_of_talon(sandbox: Sandbox) -> Callable[[Any], Awaitable[None]]:
    """A whole session: three tools, one right call, twenty wrong ones of which none arrives."""

    async def talk(agent: Any) -> None:
        found = await tools(agent)
        assert list(found) == ["search_operations", "describe_operation", "call_operation"]
        result = await agent.call_tool("search_operations", {"query": "customer session"})
        assert "getCustomerSession  GET /v2/customer_sessions/{customerSessionId}" in words(result)
        result = await agent.call_tool("describe_operation", {"operation": "getCustomerSession"})
        assert "customerSessionId*  in path; string" in words(result)
        before = len(sandbox.received)
        arguments = {"operation": "getCustomerSession", "parameters": {"customerSessionId": "s-1"}}
        result = await agent.call_tool("call_operation", arguments)
        assert (result.is_error, [each.status for each in sandbox.received[before:]]) == (False, [200])
        assert json.loads(result.content[1].text)["customerSession"]["integrationId"] == "s-1"
        assert ("Authorization", SECRET) in sandbox.received[-1].headers
        for wrong, expected in WRONG:
            result = await agent.call_tool("call_operation", wrong)
            assert result.is_error
            assert expected in words(result)
            assert SECRET not in words(result)
        assert len(sandbox.received) == before + 1
        with pytest.raises(protocol.MCPError, match="there is no tool 'nope'"):
            await agent.call_tool("nope", {})

    return talk


def of_talon(sandbox: Sandbox) -> list[str]:
    return [TALON, "--server", sandbox.url, "--credential", f"api_key_v1={SECRET}", "--allow", "PUT"]


def test_a_session_on_standard_input_and_output(sandbox: Sandbox) -> None:
    ask(over_stdio(*of_talon(sandbox)), talking_of_talon(sandbox))


def test_a_session_over_http_and_no_page_of_another_site_gets_in(sandbox: Sandbox) -> None:
    with over_http(*of_talon(sandbox)) as url:
        ask(url, talking_of_talon(sandbox))
        ask(url, talking_of_talon(sandbox), mode="legacy")
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        usual = {"Accept": "application/json, text/event-stream"}
        for headers, status in (
            ({}, 200),
            ({"Origin": "http://localhost:3000"}, 200),
            ({"Host": "evil.example"}, 421),
            ({"Host": "127.0.0.1.evil.example"}, 421),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "http://127.0.0.1.evil.example"}, 403),
            ({"Origin": "null"}, 403),
        ):
            response = requests.post(url, json=ping, headers={**usual, **headers}, timeout=20)
            assert response.status_code == status, headers
            assert "access-control-allow-origin" not in response.headers


def test_the_list_is_short_for_a_large_document(tmp_path: Path) -> None:
    paths = {
        f"/things{n}/{{id}}": {
            method: {"operationId": f"{method}Thing{n}", "summary": "long " * 50, "responses": {}}
            for method in ("get", "put", "patch", "delete")
        }
        for n in range(250)
    }
    path = tmp_path / "large.json"
    path.write_text(json.dumps(document(paths)))

    async def talk(agent: Any) -> None:
        await tools(agent)
        assert "1,000 operations" in agent.instructions
        result = await agent.call_tool("search_operations", {"query": "getThing249"})
        assert words(result).startswith("getThing249  GET /things249/{id}")

    ask(over_stdio(str(path), "--allow-all"), talk)


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ((), (True, False, True)),
        (("POST",), (False, True, False)),
        (("DELETE",), (False, True, True)),
    ],
)
def test_hints_say_whether_a_call_may_change_something(
    methods: tuple[str, ...], expected: tuple[bool, ...]
) -> None:
    tree = document({"/a": {each: {} for each in ("get", "post", "delete")}})

    async def talk(agent: Any) -> None:
        found = {name: each.annotations for name, each in (await tools(agent)).items()}
        for name in ("search_operations", "describe_operation"):
            hints = found[name]
            assert (hints.read_only_hint, hints.destructive_hint, hints.open_world_hint) == (
                True,
                False,
                False,
            )
        hints = found["call_operation"]
        assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint) == expected
        assert hints.open_world_hint

    ask(mcp_server(Toolbox(Client(tree, cache=False), methods)), talk)


def test_a_slow_call_does_not_keep_others_waiting(serve: Serve) -> None:
    described = threading.Event()

    def late(request: Any) -> bytes:
        assert described.wait(20)
        return json_reply({})

    server = serve(late)

    async def talk(agent: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(agent.call_tool, "call_operation", {"operation": "op"})
            await agent.call_tool("describe_operation", {"operation": "op"})
            described.set()

    ask(mcp_server(Toolbox(Client(one(), server=server.url, cache=False))), talk)
    assert len(server.requests) == 1


def test_on_standard_output_there_is_the_protocol_alone(serve: Serve, tmp_path: Path) -> None:
    """What is logged, as that a response does not match, goes to standard error, without credentials."""
    server = serve(reply(200, b"[1]", [("Content-Type", "application/json"), ("X-Echo", "s3cr3t-value")]))
    key = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    tree = one(answer={"type": "object"}, components={"securitySchemes": key}, security=[{"key": []}])
    path = tmp_path / "one.json"
    path.write_text(json.dumps(tree))
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    call = {"name": "call_operation", "arguments": {"operation": "op"}}
    messages: list[dict[str, Any]] = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    started = subprocess.Popen(
        command(str(path), "--server", server.url, "--credential", "key=s3cr3t-value"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    started.stdin.write("".join(json.dumps(each) + "\n" for each in messages))
    started.stdin.flush()
    lines = [json.loads(started.stdout.readline()) for _ in range(2)]
    rest, errors = started.communicate(timeout=20)
    assert [each["id"] for each in lines] == [1, 2]
    assert "does not match the document" in lines[1]["result"]["content"][0]["text"]
    assert "s3cr3t" not in json.dumps(lines) + errors
    assert (rest, started.returncode) == ("", 0)


def test_without_the_extra_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["mcp", TALON]) == 2
    assert "pip install 'dynaclient[mcp]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--allow", ""], "expected methods, such as POST,PUT"),
        (["--allow", "PSOT"], "--allow PSOT: no operation has that method; did you mean POST"),
        (["--allow", "POST PUT"], "expected methods, such as POST,PUT"),
        (["--allow", "PUT", "--allow-all"], "not allowed with argument"),
        (["--only", "getCustomerSesion"], "did you mean getCustomerSession"),
        (["--port", "70000"], "expected a port"),
        (["--port", "0", "--host", "no.such.host.invalid"], "cannot listen on 'no.such.host.invalid' port 0"),
    ],
)
def test_mistakes_of_usage(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", TALON, *arguments]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_whoever_lets_others_in_is_warned(
    host: str, warned: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dynaclient.mcp.server.serve_http", lambda *_: None)
    assert main(["mcp", TALON, "--port", "0", "--host", host]) == 0
    assert ("calls the API with your credentials" in capsys.readouterr().err) is warned


def test_at_a_terminal_it_says_what_it_waits_for_and_an_interrupt_ends_it() -> None:
    pexpect = pytest.importorskip("pexpect", reason="there are no terminals to open here")
    first, *rest = command(TALON)
    terminal = pexpect.spawn(first, rest, timeout=20, encoding="utf-8")
    terminal.expect_exact("waiting for an agent on standard input; Ctrl-C ends it")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    assert "Traceback" not in terminal.before


def test_what_only_calls_need_is_imported_by_the_first_call() -> None:
    """So that a session starts about as fast as the package itself is imported: see `make bench`."""
    code = (
        "import os, sys\n"
        "os.dup2(os.open(os.devnull, os.O_RDONLY), 0)\n"
        "from dynaclient.cli.main import main\n"
        f"assert main(['mcp', {TALON!r}]) == 0\n"
        "import json; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    started = set(json.loads(done.stdout))
    assert {"mcp.server", "dynaclient.mcp.tools"} <= started
    heavy = {"requests", "urllib3", "rich", "openapi_core", "werkzeug", "hypothesis"}
    assert started & heavy == set()
