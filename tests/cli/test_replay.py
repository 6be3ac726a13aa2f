"""`dynaclient replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Request
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.exchange import RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.har import har_entry, har_file
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.small import json_reply
from tests.wire.recordings.samples import SHOP, chrome

JSON = Headers([("Content-Type", "application/json")])


def entry(target: str, content: bytes, method: str = "GET", operation: str = "getOrder") -> str:
    request = Request(method, f"http://old.example{target}")
    return har_entry(
        RecordedExchange(request, RecordedResponse(200, "OK", JSON, content), said={"operation": operation})
    )


@pytest.fixture
def recording(tmp_path: Path) -> str:
    entries = [
        entry("/orders/1", b'{"id": 1}'),
        entry("/orders/2", b'{"id": "two"}'),
        entry("/gone", b"{}", operation="gone"),
        entry("/orders", b"{}", "DELETE", "drop"),
    ]
    path = tmp_path / "calls.har"
    path.write_bytes(har_file(entries, {"server": "http://old.example"}))
    return str(path)


def test_check(recording: str, run: Run, save: Save) -> None:
    result = run("replay", recording, "--check", save(SHOP))
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[0].split() == ["operation", "request", "what", "is", "wrong"]
    assert lines[1].startswith("getOrder   GET /orders/2   response: body at /id: expected an integer")
    assert lines[2] == "gone       GET /gone       request: path: the document has no such path"
    assert lines[3].startswith("drop       DELETE /orders  request: path: DELETE is not documented there")
    assert lines[-1] == "of 4 exchanges 3 broken, 1 fine"


def test_check_of_a_browser(tmp_path: Path, run: Run, save: Save) -> None:
    path = tmp_path / "chrome.har"
    path.write_text(json.dumps(chrome()))
    result = run("replay", str(path), "--check", save(SHOP))
    assert (result.code, result.out) == (0, "of 6 exchanges 0 broken, 5 fine, 1 not of this document\n")


def test_check_as_json(recording: str, run: Run, save: Save) -> None:
    result = run("replay", recording, "--check", save(SHOP), "--json")
    *lines, last = map(json.loads, result.out.splitlines())
    assert result.code == 1
    assert last == {"summary": {"ok": 1, "broken": 3, "unknown": 0}}
    assert [each["ok"] for each in lines] == [True, False, False, False]
    assert lines[1]["entry"] == "/log/entries/1"
    assert (lines[1]["request"], lines[1]["broken_request"]) == ("GET /orders/2", [])
    assert lines[1]["broken_response"][0]["pointer"] == "/id"


def test_send(recording: str, run: Run, save: Save, serve: Serve) -> None:
    server = serve(json_reply({"id": 1}), json_reply({"id": 2}, 404))
    result = run("replay", recording, save(SHOP), "--server", server.url)
    assert result.code == 1
    assert result.out.splitlines()[1:] == [
        "getOrder   GET /orders/2  status: 404, recorded is 200",
        "not sent: 2 requests: the document does not describe it",
        "",
        "of 2 requests 1 different, 1 the same",
    ]
    again = run("replay", recording, "--server", server.url, save(SHOP))  # NAME behind the options
    assert (again.code, len(server.requests)) == (1, 4)


def test_send_without_a_document(recording: str, run: Run, serve: Serve) -> None:
    server = serve(json_reply({}))
    result = run("replay", recording, "--server", server.url, "-H", "X-Key: mine")
    assert result.code == 0
    assert [each.target for each in server.requests] == ["/orders/1", "/orders/2", "/gone"]
    assert server.requests[0].header("X-Key") == "mine"
    assert "not sent: 1 request: DELETE is not allowed" in result.out
    result = run("replay", recording, "--server", server.url, "--allow", "delete", "--json")
    *lines, last = map(json.loads, result.out.splitlines())
    assert (len(lines), last) == (4, {"summary": {"same": 4, "different": 0, "skipped": 0}})
    assert server.requests[-1].method == "DELETE"


WRONG: list[tuple[tuple[str, ...], str]] = [
    ((), "give --server URL to send it again, or --check NAME"),
    (("--check", "a", "b"), "--check sends nothing"),
    (("--check", "a", "--server", "http://h"), "--check sends nothing"),
    (("a", "b", "--server", "http://h"), "'b' is one argument too many"),
    (("--server", "http://h", "--credential", "a=s3cr3t"), "credentials need NAME"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_what_cannot_be_meant(options: tuple[str, ...], said: str, recording: str, run: Run) -> None:
    result = run("replay", recording, *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_what_is_no_recording(tmp_path: Path, run: Run, save: Save) -> None:
    assert "cannot be read" in run("replay", "none.har", "--check", save(SHOP)).err
    path = tmp_path / "x.har"
    path.write_text('{"log": {"entries": [{"request": {"url": 5}}]}}')
    result = run("replay", str(path), "--check", save(SHOP))
    assert result.code == 2
    assert (
        "x.har' cannot be read as a recording: at /log/entries/0/request/url: expected a string" in result.err
    )
    assert run("replay", str(tmp_path), "--check", save(SHOP)).code == 2


def test_of_another_tool_a_document_is_needed(tmp_path: Path, run: Run, save: Save, serve: Serve) -> None:
    path = tmp_path / "chrome.har"
    path.write_text(json.dumps(chrome()))
    server = serve(json_reply([]))
    result = run("replay", str(path), "--server", server.url)
    assert (result.code, server.requests) == (2, [])
    assert "this recording is of another tool: give NAME" in result.err
    assert run("replay", str(path), save(SHOP), "--server", server.url).code == 1


def test_what_another_tool_kept_is_not_shown(tmp_path: Path, run: Run, save: Save) -> None:
    tree: Any = chrome()
    tree["log"]["entries"][2]["request"]["url"] = "https://shop.example/orders?page=x&access_token=s3cr3t"
    path = tmp_path / "chrome.har"
    path.write_text(json.dumps(tree))
    for more in ((), ("--json",)):
        result = run("replay", str(path), "--check", save(SHOP), *more)
        assert result.code == 1
        assert "access_token=***" in result.out
        assert "s3cr3t" not in result.out
