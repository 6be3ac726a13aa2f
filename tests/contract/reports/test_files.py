"""JSON and HAR of a run, read by who knows nothing of it; and the run of a HAR, sent again."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from haralyzer import HarParser

from dynaclient import Client, SettingsError
from dynaclient.contract import run
from dynaclient.contract.flow import SentCase
from dynaclient.contract.report_replay import replay
from dynaclient.contract.reports import REPORTERS, Results, reporter
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

SECRET = "s3cr3t-key"
THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
NEW = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}}
DOCUMENT = document(
    {
        "/things": {
            "post": {
                "operationId": "make",
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW}}},
                "responses": {"201": said(THING), "400": said({})},
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "read",
                "parameters": [param("id", "path", {"type": "integer"})],
                "responses": {"200": said(THING), "404": said({})},
            }
        },
    },
    components={"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}},
    security=[{"key": []}],
)


def things(first: int) -> Callable[[Recorded], bytes]:
    """A server whose things have the ids that follow `first`; it says again what key it got."""
    ids, made = itertools.count(first), set[int]()

    def answer(request: Recorded) -> bytes:
        if request.method == "POST":
            try:
                name = json.loads(request.body)["name"]
                valid = isinstance(name, str)  # and as long as it likes
            except (ValueError, TypeError, KeyError):
                valid = False
            if not valid:
                return reply(400, json.dumps(request.target).encode(), JSON)
            made.add(next(ids))
            return reply(201, json.dumps({"id": max(made)}).encode(), JSON)
        last = request.target.partition("?")[0].rpartition("/")[2]
        known = last.isdigit() and int(last) in made
        return reply(200 if known else 404, b'{"id": "text"}' if known else b"{}", JSON)

    return answer


@pytest.fixture
def sent(serve: Any) -> Iterator[tuple[Client, Results]]:
    exchanges: list[SentCase] = []
    client = Client(DOCUMENT, server=serve(things(1)).url, credentials={"key": SECRET})
    report = run(client, cases=4, observe=exchanges.append, phases=["coverage"])
    return client, Results(report, "things.json", client.server or "", exchanges)


SCHEMA = {
    "type": "object",
    "required": "schema_version tool document server seed requests seconds ok succeeded_percent problem cut"
    " failures operations unchecked passed_as_is off coverage".split(),
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": 1},
        **{key: {"type": "string"} for key in ("tool", "document", "server", "problem", "cut")},
        **{key: {"type": "integer"} for key in ("seed", "requests")},
        **{key: {"type": "number"} for key in ("seconds", "succeeded_percent")},
        "ok": {"type": "boolean"},
        "failures": {
            "items": {
                "required": ["check", "suspicion", "operations", "count", "document", "shown"],
                "properties": {
                    "document": {"required": ["pointer", "says"]},
                    "shown": {"required": ["operation", "message", "response", "status", "command", "curl"]},
                },
            }
        },
        "operations": {
            "items": {
                "required": "operation verdict requests valid invalid probes inconclusive unsent statuses"
                " documented_success skipped seconds".split()
            }
        },
        "unchecked": {"type": "array"},
        "passed_as_is": {"type": "array"},
        "off": {"type": "object"},
        "coverage": {"additionalProperties": {"required": ["tried", "of", "untried"]}},
    },
}


def test_json(sent: tuple[Client, Results]) -> None:
    written = json.loads(reporter("json")(sent[1]))
    jsonschema.validate(written, SCHEMA)
    assert {each["check"] for each in written["failures"]} == {"body_documented", "broken_is_refused"}
    assert written["requests"] == sum(each["requests"] for each in written["operations"])
    assert written["coverage"]["operations"] == {"tried": 2, "of": 2, "untried": []}


def text(request: Any) -> bytes:
    """The body of a request, which HAR has as text or in base64."""
    data = request.raw_entry.get("postData", {})
    return base64.b64decode(data["text"]) if "encoding" in data else data.get("text", "").encode()


def test_har(sent: tuple[Client, Results]) -> None:
    client, results = sent
    content = reporter("har")(results)
    read = HarParser(json.loads(content))
    entries = [entry for page in read.pages for entry in page.entries]
    assert [each.request.method for each in entries] == [
        (each.case.operation == "make" and "POST") or "GET" for each in results.exchanges
    ]
    assert [each.response.status for each in entries] == [each.status for each in results.exchanges]
    assert all(each.request.url.startswith(client.server) for each in entries)
    assert {each.response.mimeType for each in entries} == {"application/json"}
    sent_bodies = [each.request.body for each in results.exchanges if each.request is not None]
    assert [text(each.request) for each in entries] == [each or b"" for each in sent_bodies]


@pytest.mark.parametrize("name", REPORTERS)
def test_no_secret_is_written(sent: tuple[Client, Results], name: str) -> None:
    assert SECRET.encode() not in reporter(name)(sent[1])


def test_a_run_is_sent_again(sent: tuple[Client, Results], serve: Any) -> None:
    _, results = sent
    har = reporter("har")(results)
    server = serve(things(500))
    again = replay(Client(DOCUMENT, server=server.url, credentials={"key": SECRET}), har)
    assert again.requests == results.report.requests
    assert {each.title for each in again.failures} == {each.title for each in results.report.failures}
    assert all(f"key={SECRET}" in each.target for each in server.requests)
    read = [each.target for each in server.requests if each.method == "GET"]
    assert any(each.startswith("/things/5") for each in read)  # what this server made
    assert [each.body for each in server.requests] == [
        each.request.body or b"" for each in results.exchanges if each.request is not None
    ]
    assert all(each.command == each.curl for each in again.failures)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b'{"log": {"entries": [{}]}}', b'{"log": {"entries": [], "version": "1.2"}}', b"\xff"],
)
def test_what_no_run_has_written(text: bytes) -> None:
    with pytest.raises(SettingsError, match="--report har=FILE"):
        replay(Client(DOCUMENT, server="http://h"), text)
