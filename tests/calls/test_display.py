"""What a notebook and a prompt show of clients, operations, responses, violations and findings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient import ApiError, Client, Finding, RequestInvalid, ResponseInvalid, Violation
from dynaclient._support.prompt_text import first_lines, refusal_text
from dynaclient.client import executor_of
from dynaclient.errors import Findings, Violations
from tests._support.test_notebook import VOID, page
from tests.browser import Browser, needs_chromium
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, document, json_reply, one, param, said

ESCAPES = f"{VOID}\x1b]0;pwned\x07\x9b2J"
HOSTILE = document(
    {
        f"/x{VOID}": {
            "post": {
                "operationId": f"op{VOID}",
                "summary": ESCAPES,
                "description": ESCAPES,
                "tags": [ESCAPES],
                "deprecated": True,
                "parameters": [
                    param(f"p{VOID}", description=ESCAPES, schema={"enum": [VOID], "pattern": VOID})
                ],
                "requestBody": {
                    "description": ESCAPES,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    VOID: {"type": "object", "title": VOID, "description": ESCAPES}
                                },
                                "required": [VOID],
                            }
                        }
                    },
                },
                "responses": {
                    "200": said({"$ref": "#/nowhere"}, description=ESCAPES),
                    VOID: {"description": VOID},
                },
            }
        }
    },
    info={"title": ESCAPES, "version": "1"},
)


def displays(serve: Serve) -> Iterator[Any]:
    """An object of each kind that shows itself."""
    fields = [("Content-Type", "application/json"), ("X-Odd", VOID), ("Set-Cookie", "sid=s3cr3t")]
    server = serve(reply(500, b'{"a": "<script>alert(1)</script>"}', fields))
    api = Client(HOSTILE, server=server.url, validate={"response": "warn"})
    key = next(iter(api.operations))
    bound = getattr(api, api.operations[key].attribute)
    yield from (
        api,
        api.operations,
        api.operations[key],
        bound,
        api.find(),
        api.findings,
        api.check(key, body={}),
    )
    yield api.send(key, body={VOID: {}})
    yield Violation("body", VOID, f"/{VOID}", ESCAPES, VOID)
    yield Finding(VOID, "error", ESCAPES, ESCAPES)
    try:
        api.call(key, body={"<b>": 1})
    except RequestInvalid as error:
        yield error


def test_hostile_documents_and_servers_are_text(serve: Serve) -> None:
    shown = list(displays(serve))
    assert len(shown) == 11
    for each in shown:
        found = page(each._repr_html_())
        assert found.text
        assert not {"\x1b", "\x9b", "\x07"} & {*found.text}
        assert "s3cr3t" not in found.text
        text = str(pretty(each))
        assert text
        assert not {"\x1b", "\x9b", "\x07"} & {*text}


def pretty(value: Any) -> str:
    """What IPython prints."""
    return str(pytest.importorskip("IPython.lib.pretty", reason="IPython is not installed").pretty(value))


TALON = Client("talon-one-integration", server="http://h")


def test_a_display_is_small() -> None:
    for each in (TALON, TALON.operations, TALON.update_customer_session_v2, TALON.find("coupon")):
        assert len(each._repr_html_()) < 50_000
    page(TALON._repr_html_())


@needs_chromium
def test_tables_of_operations_fit_the_width_of_a_notebook(tmp_path: Path) -> None:
    place = tmp_path / "shown.html"
    with Browser() as browser:
        for each in (TALON, TALON.operations, TALON.find("loyalty points")):
            place.write_text(f"<!doctype html><body>{each._repr_html_()}", encoding="utf-8")
            shown = browser.open(place.as_uri(), width=900)
            shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            needed, there = shown.evaluate(
                "(() => {const card = document.querySelector('.dynaclient');"
                " return [card.scrollWidth, card.clientWidth]})()"
            )
            assert needed <= there


def test_an_operation_shows_what_it_takes_and_responds_with() -> None:
    found = page(TALON.update_customer_session_v2._repr_html_()).text
    for words in (
        "PUT /v2/customer_sessions/{customerSessionId}",
        "customer_session_id",
        "cartItems",
        "responses: 200",
    ):
        assert words in found


def test_schemas_that_lead_back_to_themselves_end() -> None:
    node = {
        "type": "object",
        "properties": {
            "a": {"$ref": "#/components/schemas/N"},
            "b": {"type": "array", "items": {"$ref": "#/components/schemas/N"}},
        },
    }
    doc = one("post", body={"$ref": "#/components/schemas/N"}, components={"schemas": {"N": node}})
    assert len(Client(doc).op._repr_html_()) < 20_000


def test_a_response_shows_status_headers_violations_and_data(serve: Serve) -> None:
    answer = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}
    server = serve(reply(200, b'[{"id": 1}, {"id": "two"}]', [*JSON, ("X-Next", "3")]))
    api = Client(one("get", "/x", param("token"), answer=answer), server=server.url, validate="warn")
    response = api.send("op", token="s3cr3t")
    found = page(response._repr_html_())
    assert "200 OK" in found.text
    assert f"GET {server.url}/x" in found.text
    assert "s3cr3t" not in found.text
    assert "1 violation" in found.text
    assert "X-Next" in found.text
    assert found.tags.count("th") == 4  # of the violations three, of the data one
    lines = pretty(response).splitlines()
    assert lines[0] == repr(response)
    assert lines[1] == "[{'id': 1}, {'id': 'two'}]"


def test_a_streamed_response_is_not_read_for_being_looked_at(serve: Serve) -> None:
    server = serve(json_reply([1, 2]))
    api = Client(document({"/x": {"get": {"operationId": "op"}}}), server=server.url)
    with api.send("op", options={"stream": True}) as response:
        assert "body not read" in page(response._repr_html_()).text
        assert "body not read" in pretty(response)
        assert response.data == [1, 2]


EMPTY: list[tuple[bytes, str]] = [
    (reply(204), "no body"),
    (reply(200, b"\0\xff" * 5, [("Content-Type", "application/octet-stream")]), "(10 bytes)"),
    (reply(200, b"hello", [("Content-Type", "text/plain")]), '"hello"'),
    (json_reply(None), "null"),
]


@pytest.mark.parametrize(("answer", "words"), EMPTY)
def test_a_response_with_another_body_or_none(answer: bytes, words: str, serve: Serve) -> None:
    api = Client(document({"/x": {"get": {"operationId": "op"}}}), server=serve(answer).url, validate="off")
    assert words in page(api.send("op")._repr_html_()).text


def test_many_lines_of_data_are_counted() -> None:
    assert first_lines([{"name": "x" * 90}] * 90).splitlines()[-1] == "... 50 more lines"
    assert first_lines(None) == ""
    assert "s3cr3t" not in first_lines({"password": "s3cr3t"})


def test_violations_and_findings_are_what_they_were() -> None:
    violation = Violation("body", "body", "", "wrong")
    assert Violations([violation]) == [violation]
    assert Findings(()) == ()
    assert pretty(Violations()) == "no violations"
    assert pretty(Findings([Finding("/a", "note", "odd")])) == "note: /a: odd"


BODY = {
    "type": "object",
    "required": ["session"],
    "properties": {
        "session": {"type": "object", "required": ["state"], "properties": {"state": {"enum": ["open"]}}}
    },
}


def test_a_refusal_shows_the_part_that_it_is_about() -> None:
    api = Client(one("post", body=BODY), server="http://h")
    with pytest.raises(RequestInvalid) as caught:
        api.op({"session": {"stat": "open", "password": "s3cr3t"}, "note": "far from it"})
    lines = refusal_text(caught.value).splitlines()
    assert lines[1].startswith("  body at /session: 'state' is missing")
    assert lines[2] == "      {'stat': 'open', 'password': '***'}"
    assert "far from it" not in "".join(lines)
    with pytest.raises(RequestInvalid) as caught:
        api.op({"session": {"state": "opn"}})
    assert len(refusal_text(caught.value).splitlines()) == 2  # the message has the value


def test_a_response_that_is_refused_shows_its_part(serve: Serve) -> None:
    server = serve(json_reply([{"id": 1}, {"name": "Rex", "more": "x" * 100}]))
    answer = {"type": "array", "items": {"type": "object", "required": ["id"]}}
    with pytest.raises(ResponseInvalid) as caught:
        Client(one("get", answer=answer), server=server.url).op()
    lines = refusal_text(caught.value).splitlines()
    assert lines[1].startswith("  body at /1: 'id' is missing")
    assert "'name': 'Rex'" in lines[2]
    assert "..." in "".join(lines[2:4])
    assert lines[-1] == "The response is in _.response: .status, .headers, .data, .violations"


SESSION = """
from IPython.core.interactiveshell import InteractiveShell
from dynaclient import Client
shell = InteractiveShell.instance(colors="nocolor")
doc = {"openapi": "3.0.3", "paths": {"/x/{id}": {"get": {"operationId": "op", "parameters": [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}}}}
shell.push({"api": Client(doc, server="http://127.0.0.1:9")})
shell.run_cell("api.op('one')")
print("-" * 20)
shell.run_cell("%tb")
"""


def test_ipython_shows_violations_and_the_traceback_where_it_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    command = [sys.executable, "-c", SESSION]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    short, _, whole = done.stdout.partition("-" * 20)
    assert "RequestInvalid: op: the request was not sent; 1 violation" in short
    assert 'path id: expected an integer, got a string ("one")' in short
    assert "executor.py" not in short
    assert "%tb" in short
    assert "executor.py" in whole
    assert "1 violation" in whole


def test_an_error_without_a_response_is_shown_too() -> None:
    assert refusal_text(ApiError("gone")) == "ApiError: gone"
    assert executor_of(TALON)
