"""A redirect that was not followed is no response of the operation (RFC 9110, section 15.4).

Nothing was carried out, so `call` never returns from one, unless the document describes it.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import requests

from dynaclient import Client, ResponseInvalid
from dynaclient.calls.streaming import StreamedResponse
from dynaclient.cli.main import main
from dynaclient.document.model import REDIRECTS
from dynaclient.sandbox import Sandbox
from tests.conftest import Serve
from tests.servers import reply
from tests.small import document, json_reply, one, said

MODES = ("strict", "warn", "off")
AWAY = "https://elsewhere.test/api/x?key=s3cr3t"
DEFAULT = {"200": said({}), "default": said({"type": "object"})}
PLAIN: dict[str, Any] = {"default": {"description": ""}}
NDJSON = {"200": said({}, "application/x-ndjson"), "default": said({}, "application/x-ndjson")}

# method, documented answers, status, Location, what the message tells
MISSED: list[tuple[str, dict[str, Any], int, str | None, str]] = [
    ("delete", PLAIN, 301, AWAY, "https://elsewhere.test/api/x, another server"),
    ("delete", {"204": {"description": ""}, **PLAIN}, 302, AWAY, "https://elsewhere.test/api/x, another"),
    ("get", DEFAULT, 307, "https://127.0.0.1/x", "https://127.0.0.1/x, another server"),  # http -> https
    ("get", DEFAULT, 302, None, "names no Location"),
    ("get", DEFAULT, 301, "/x", "/x, and is a loop"),
    ("head", PLAIN, 308, "/x", "/x, and is a loop"),
    ("post", DEFAULT, 303, "/done", "/done, and a POST is not repeated elsewhere"),
    ("put", {"2XX": said({}), **PLAIN}, 308, "/y", "/y, and a PUT is not repeated elsewhere"),
    ("patch", DEFAULT, 307, "", "names no Location"),
    ("post", {"200": said({}), "4XX": said({}), "5XX": said({})}, 301, "/", "(documented: 200, 4XX, 5XX)"),
    ("post", {"200": said({}), "302": said({})}, 303, "/", "(documented: 200, 302)"),
    ("options", DEFAULT, 307, "mailto:me@elsewhere.test", "its Location is no URL"),
    ("get", NDJSON, 302, AWAY, "`default` does not cover redirects"),
]
# what passes: the document says what it means
MEANT: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("get", {"302": {"description": ""}}, 302, AWAY),
    ("delete", {"3XX": {"description": ""}, **PLAIN}, 307, AWAY),
    ("post", {"303": {"description": ""}, **DEFAULT}, 303, "/done"),
    ("post", {"3xx": {"description": ""}, **DEFAULT}, 303, "/done"),
    ("get", {"301": {"description": ""}}, 301, "/x"),
    ("get", PLAIN, 304, None),
    ("get", PLAIN, 300, AWAY),
]


def moved(status: int, location: str | None, body: bytes = b"") -> bytes:
    return reply(status, body, [] if location is None else [("Location", location)])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("method", "answers", "status", "location", "told"), MISSED)
def test_call_never_takes_one_for_a_success(
    method: str, answers: Any, status: int, location: Any, told: str, stream: bool, mode: Any, serve: Serve
) -> None:
    with (
        Client(one(method, answers=answers), server=serve(moved(status, location)).url, validate=mode) as api,
        pytest.raises(ResponseInvalid) as caught,
    ):
        api.call("op", options={"stream": stream})
    error = caught.value
    assert [(each.where, each.name) for each in error.violations] == [("status", str(status))]
    assert told in str(error)
    assert "s3cr3t" not in str(error)
    assert (error.response.status, error.response.violations) == (status, error.violations)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("method", "answers", "status", "location", "told"), MISSED)
def test_send_returns_it_with_the_violation(
    method: str, answers: Any, status: int, location: Any, told: str, mode: Any, serve: Serve, caplog: Any
) -> None:
    with Client(
        one(method, answers=answers), server=serve(moved(status, location)).url, validate=mode
    ) as api:
        for options in ({}, {"stream": True}):
            response = api.send("op", options=options)
            assert isinstance(response, StreamedResponse) == bool(options)
            assert [each.where for each in response.violations] == ["status"]
            assert told in response.violations[0].message
            assert response.status == status
    warned = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warned) == (2 if mode == "warn" else 0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("method", "answers", "status", "location"), MEANT)
def test_one_that_the_document_describes_is_an_answer(
    method: str, answers: Any, status: int, location: Any, mode: Any, serve: Serve
) -> None:
    with Client(
        one(method, answers=answers), server=serve(moved(status, location)).url, validate=mode
    ) as api:
        assert api.call("op") is None
        assert api.send("op").violations == ()


@pytest.mark.parametrize("status", sorted(REDIRECTS))
def test_a_swagger_document_and_one_that_lists_no_answers(status: int, serve: Serve) -> None:
    node = {"operationId": "op", "responses": {"default": {"description": ""}}}
    trees: list[dict[str, Any]] = [
        {"swagger": "2.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"delete": node}}},
        document({"/x": {"delete": {**node, "responses": {}}}}, "3.1.0"),
        document({"/x": {"delete": {"operationId": "op"}}}, "3.2.0"),
    ]
    url = serve(moved(status, AWAY)).url
    for tree in trees:
        with Client(tree, server=url) as api, pytest.raises(ResponseInvalid, match="elsewhere"):
            api.call("op")


@pytest.mark.parametrize("body", [b"<h1>moved</h1>", b"{", b'{"id": 5}'])
def test_its_body_is_not_judged(body: bytes, serve: Serve) -> None:
    answer = reply(302, body, [("Location", AWAY), ("Content-Type", "application/json")])
    with Client(one("post", answers=DEFAULT), server=serve(answer).url) as api:
        assert [each.where for each in api.send("op").violations] == ["status"]


def test_one_that_is_followed_is_told_by_where_it_ends(serve: Serve) -> None:
    server = serve(moved(302, "/next"), json_reply({}))
    with Client(one(answers=DEFAULT), server=server.url) as api:
        assert api.call("op") == {}
        assert api.send("op").violations == ()
    server = serve(moved(302, "/next"), moved(301, AWAY))
    with Client(one(answers=DEFAULT), server=server.url) as api, pytest.raises(ResponseInvalid) as caught:
        api.call("op")
    assert caught.value.response.url == f"{server.url}/next"
    assert "redirect 301" in str(caught.value)


def test_the_command_line_fails(serve: Serve, tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "doc.json"
    path.write_text(json.dumps(one("delete", answers=PLAIN)))
    url = serve(moved(301, AWAY)).url
    assert main(["call", str(path), "op", "--server", url]) == 1
    assert (
        "https://elsewhere.test/api/x, another server; if that is the right one, name it with --server"
        in ("".join(capsys.readouterr()))
    )


@pytest.mark.parametrize(("answers", "code"), [(PLAIN, 1), ({"302": {"description": ""}, **PLAIN}, 0)])
def test_a_contract_run_complains(answers: Any, code: int, serve: Serve, tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "doc.json"
    path.write_text(json.dumps(one("post", answers=answers)))
    assert main(["test", str(path), "--server", serve(moved(302, AWAY)).url]) == code
    assert ("elsewhere.test" in capsys.readouterr().out) == bool(code)


def test_a_sandbox_makes_none_that_is_not_documented() -> None:
    for answers, status in ((PLAIN, 200), ({"302": {"description": ""}, **PLAIN}, 302)):
        with Sandbox(one(answers=answers)) as sandbox:
            headers = {"Prefer": "code=302"}
            came = requests.get(f"{sandbox.url}/x", headers=headers, allow_redirects=False, timeout=10)
            assert came.status_code == status
