"""One API in Swagger 2.0, OpenAPI 3.0, 3.1 and 3.2: the same operations, bytes and verdicts.

The documents say the same, each in its version: `tests/documents/harbour-*.yaml`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.client import executor_of
from tests.servers import RawServer

VERSIONS = ["2.0", "3.0", "3.1", "3.2"]
DOCUMENTS = Path(__file__).parents[1] / "documents"
CREDENTIALS = {"key": "k3y", "staff": ("ann", "pw"), "token": "t0k"}
IMO = 9074729
SHIP = {"kind": "Tanker", "name": "Ever"}
NO_FLAG = b'{"kind":"Tanker","name":"Ever","flag":null}'


def opened(version: str, **settings: Any) -> Client:
    settings = {"server": "http://127.0.0.1:1/v1", "credentials": CREDENTIALS, **settings}
    return Client(DOCUMENTS / f"harbour-{version}.yaml", **settings)


@pytest.fixture(scope="module", params=VERSIONS)
def client(request: pytest.FixtureRequest, _client: None) -> Client:
    return opened(request.param)


@pytest.fixture(scope="module")
def recorder() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


# The same operations.


def described(client: Client) -> list[Any]:
    """Everything about the operations but where they stand and how their schemas look."""
    operations = [client.operations[key] for key in client.operations]
    return [
        (
            each.key,
            each.operation_id,
            each.attribute,
            each.method,
            each.path,
            each.summary,
            each.deprecated,
            each.security,
            each.problem,
            [(p.key, p.python_name, p.required, p.style, p.explode) for p in each.parameters],
            each.body and (each.body.required, list(each.body.content)),
            [(a.status, [h.name for h in a.headers], list(a.content)) for a in each.responses],
        )
        for each in operations
    ]


def test_the_operations_are_these():
    assert list(opened("2.0").operations) == [
        "listShips", "addShip", "getShip", "changeShip", "DELETE /ships/{imo}", "ships.berths", "addPaper",
        "addNote", "readManifest", "writeManifest", "scan",
    ]  # fmt: skip


def test_the_operations_are_the_same(client):
    assert described(client) == described(opened("3.0"))


def test_nothing_is_found_wrong(client):
    assert client.findings == ()


def test_the_servers_are_the_same():
    for choice, url in [(None, "https://harbour.example/v1"), (1, "http://harbour.example/v1")]:
        assert {opened(version, server=choice).server for version in VERSIONS} == {url}


def test_a_server_of_32_is_chosen_by_its_name_too():
    assert opened("3.2", server="plain").server == "http://harbour.example/v1"


# The same bytes.

CALLS: list[tuple[str, dict[str, Any], Any, str, bytes]] = [
    # operation, arguments, body -> request line up to the version, body
    ("listShips", {}, ..., "GET /v1/ships", b""),
    ("listShips", {"page": 2, "size": 50}, ..., "GET /v1/ships?page=2&size=50", b""),
    ("listShips", {"flagged": True}, ..., "GET /v1/ships?flagged=true", b""),
    ("listShips", {"draught": 12.5, "name": "E a"}, ..., "GET /v1/ships?draught=12.5&name=E%20a", b""),
    ("listShips", {"since": datetime.date(2026, 5, 4)}, ..., "GET /v1/ships?since=2026-05-04", b""),
    ("listShips", {"tags": ["a b", "c,d"]}, ..., "GET /v1/ships?tags=a%20b,c%2Cd", b""),
    ("listShips", {"kinds": ["tanker", "ferry"]}, ..., "GET /v1/ships?kinds=tanker&kinds=ferry", b""),
    ("listShips", {"ports": [1, 2]}, ..., "GET /v1/ships?ports=1%7C2", b""),
    ("listShips", {"words": ["a", "b"]}, ..., "GET /v1/ships?words=a%20b", b""),
    ("listShips", {"note": ""}, ..., "GET /v1/ships?note=", b""),
    ("listShips", {"X-Zones": [1, 2]}, ..., "GET /v1/ships", b""),
    ("listShips", {"x_trace_id": "6f1ed002-ab59-4c1f-a4ec-3b4d5e6f7a8b"}, ..., "GET /v1/ships", b""),
    ("addShip", {}, SHIP, "POST /v1/ships?token=t0k", b'{"kind":"Tanker","name":"Ever"}'),
    ("addShip", {}, {**SHIP, "flag": None}, "POST /v1/ships?token=t0k", NO_FLAG),
    ("getShip", {"imo": IMO}, ..., "GET /v1/ships/9074729", b""),
    ("getShip", {"imo": IMO, "If-None-Match": '"e,1"'}, ..., "GET /v1/ships/9074729", b""),
    ("changeShip", {"imo": IMO}, ..., "PATCH /v1/ships/9074729", b""),
    ("changeShip", {"imo": IMO}, {"flag": None}, "PATCH /v1/ships/9074729", b'{"flag":null}'),
    ("DELETE /ships/{imo}", {"imo": IMO}, ..., "DELETE /v1/ships/9074729", b""),
    ("ships.berths", {"imo": IMO, "berth_ids": ["/", "b"]}, ..., "GET /v1/ships/9074729/berths/%2F,b", b""),
    ("addNote", {}, {"text": "a b&c"}, "POST /v1/notes", b"text=a%20b%26c"),
    ("addNote", {}, {"text": "é", "stars": 5}, "POST /v1/notes", b"text=%C3%A9&stars=5"),
    ("addNote", {}, {"text": "", "tags": ["x", "y,z"]}, "POST /v1/notes", b"text=&tags=x,y%2Cz"),
    ("addNote", {}, {"text": "x", "codes": [1, 2]}, "POST /v1/notes", b"text=x&codes=1&codes=2"),
    ("readManifest", {}, ..., "GET /v1/manifest", b""),
    ("writeManifest", {}, "a;b\n", "PUT /v1/manifest", b"a;b\n"),
    ("scan", {}, ..., "GET /v1/scan", b""),
]  # fmt: skip

PAPER = b"\r\n".join(
    [
        b"--B",
        b'Content-Disposition: form-data; name="paper"; filename="crew.txt"',
        b"Content-Type: text/plain",
        b"",
        b"\x00\xff",
        b"--B",
        b'Content-Disposition: form-data; name="kind"',
        b"",
        b"crew",
        b"--B",
        b'Content-Disposition: form-data; name="pages"',
        b"",
        b"2",
        b"--B",
        b'Content-Disposition: form-data; name="labels"',
        b"",
        b"a",
        b"--B",
        b'Content-Disposition: form-data; name="labels"',
        b"",
        b"b",
        b"--B--",
        b"",
    ]
)
FORM = {"paper": ("crew.txt", b"\x00\xff"), "kind": "crew", "pages": 2, "labels": ["a", "b"]}
CALLS.append(("addPaper", {"imo": IMO}, FORM, "POST /v1/ships/9074729/papers", PAPER))


def sent(client: Client, operation: str, arguments: dict[str, Any], body: Any) -> None:
    client.send(operation, arguments, **({} if body is ... else {"body": body}))


@pytest.mark.parametrize(
    ("operation", "arguments", "body", "start", "content"),
    CALLS,
    ids=[f"{call[0]}-{number}" for number, call in enumerate(CALLS)],
)
def test_the_bytes_are_the_same(recorder, monkeypatch, operation, arguments, body, start, content):
    monkeypatch.setattr("dynaclient.wire.multipart.new_boundary", lambda: "B")
    seen = []
    for version in VERSIONS:
        with opened(version, server=f"{recorder.url}/v1", validate={"response": "off"}) as client:
            sent(client, operation, arguments, body)
        seen.append(recorder.requests[-1])
    assert seen[0].head[0] == f"{start} HTTP/1.1"
    assert seen[0].body == content
    assert len({each.raw for each in seen}) == 1


def test_every_operation_is_called():
    assert {call[0] for call in CALLS} == set(opened("2.0").operations)


# The same verdicts on requests.

WRONG_REQUESTS: list[tuple[str, dict[str, Any], Any, str]] = [
    # operation, arguments, body -> "where name pointer" of each violation
    ("listShips", {"page": 0}, ..., "query page"),
    ("listShips", {"page": 1001}, ..., "query page"),
    ("listShips", {"page": "1"}, ..., "query page"),
    ("listShips", {"size": 11}, ..., "query size"),
    ("listShips", {"draught": 12.3}, ..., "query draught"),
    ("listShips", {"draught": 30}, ..., "query draught"),
    ("listShips", {"flagged": "yes"}, ..., "query flagged"),
    ("listShips", {"since": "4.5.2026"}, ..., "query since"),
    ("listShips", {"name": "ever"}, ..., "query name"),
    ("listShips", {"name": "E"}, ..., "query name"),
    ("listShips", {"name": "E" * 21}, ..., "query name"),
    ("listShips", {"tags": ["a", "b", "c", "d"]}, ..., "query tags"),
    ("listShips", {"tags": ["a", "a"]}, ..., "query tags"),
    ("listShips", {"kinds": ["tug"]}, ..., "query kinds /0"),
    ("listShips", {"ports": [1]}, ..., "query ports"),
    ("listShips", {"ports": [1, "a"]}, ..., "query ports /1"),
    ("listShips", {"X-Zones": ["a"]}, ..., "header X-Zones /0"),
    ("listShips", {"X-Trace-Id": "1"}, ..., "header X-Trace-Id"),
    ("listShips", {"page": 0, "size": 1}, ..., "query page; query size"),
    ("listShips", {"words": ["a b"]}, ..., "query words"),
    ("listShips", {"pages": 1}, ..., "argument pages"),
    ("addShip", {}, ..., "body body"),
    ("addShip", {}, None, "body body"),
    ("addShip", {}, [], "body body"),
    ("addShip", {}, {"kind": "Tanker"}, "body body"),
    ("addShip", {}, {**SHIP, "id": 1}, "body body /id"),
    ("addShip", {}, {**SHIP, "name": ""}, "body body /name"),
    ("addShip", {}, {**SHIP, "flag": "nl"}, "body body /flag"),
    ("addShip", {}, {**SHIP, "length": 0}, "body body /length"),
    ("addShip", {}, {**SHIP, "length": None}, "body body /length"),
    ("addShip", {}, {**SHIP, "state": "lost"}, "body body /state"),
    ("addShip", {}, {**SHIP, "owner": {"nick": "A"}}, "body body /owner"),
    ("addShip", {}, {**SHIP, "owner": {"mail": "a"}}, "body body /owner/mail"),
    ("addShip", {}, {**SHIP, "owner": {"birth": "1990-02-30"}}, "body body /owner/birth"),
    ("addShip", {}, {**SHIP, "sisters": [SHIP] * 5}, "body body /sisters"),
    ("addShip", {}, {**SHIP, "sisters": [{"kind": 1}]}, "body body /sisters/0; body body /sisters/0/kind"),
    ("getShip", {}, ..., "path imo"),
    ("getShip", {"imo": 1}, ..., "path imo"),
    ("getShip", {"imo": "9074729"}, ..., "path imo"),
    ("getShip", {"imo": IMO, "If-None-Match": "a\nb"}, ..., "header If-None-Match"),
    ("changeShip", {"imo": IMO}, {}, "body body"),
    ("changeShip", {"imo": IMO}, {"flag": 1}, "body body /flag"),
    ("DELETE /ships/{imo}", {"imo": IMO}, {}, "argument body"),
    ("ships.berths", {"imo": IMO, "berth-ids": []}, ..., "path berth-ids"),
    ("ships.berths", {"imo": IMO, "berth-ids": "a"}, ..., "path berth-ids"),
    ("addPaper", {"imo": IMO}, {"kind": "crew"}, "body body"),
    ("addPaper", {"imo": IMO}, {**FORM, "kind": "x"}, "body body /kind"),
    ("addPaper", {"imo": IMO}, {**FORM, "pages": 0}, "body body /pages"),
    ("addPaper", {"imo": IMO}, {**FORM, "labels": [1]}, "body body /labels/0"),
    ("addNote", {}, {"text": "x" * 31}, "body body /text"),
    ("addNote", {}, {"text": "x", "stars": 6}, "body body /stars"),
    ("addNote", {}, {"text": "x", "codes": ["x"]}, "body body /codes/0"),
    ("writeManifest", {}, "ab", "body body"),
]


def told(violations: Any) -> set[tuple[str, ...]]:
    """What is wrong, where and why, without the place of the document that says so."""
    return {tuple(str(replace(each, schema_pointer="")).split(": ", 1)) for each in violations}


def shown(violations: Any) -> str:
    places = {f"{each.where} {each.name} {each.pointer}".strip() for each in violations}
    return "; ".join(sorted(places))


@pytest.mark.parametrize(
    ("operation", "arguments", "body", "places"),
    WRONG_REQUESTS,
    ids=[f"{row[0]}-{number}" for number, row in enumerate(WRONG_REQUESTS)],
)
def test_what_is_refused_is_the_same(recorder, operation, arguments, body, places):
    before, messages = len(recorder.requests), []
    for version in VERSIONS:
        with (
            opened(version, server=f"{recorder.url}/v1") as client,
            pytest.raises(RequestInvalid) as caught,
        ):
            sent(client, operation, arguments, body)
        assert shown(caught.value.violations) == places
        messages.append(told(caught.value.violations))
    assert len(recorder.requests) == before
    assert [each for each in messages if each != messages[0]] == []


# The same verdicts on answers.

JSON = {"Content-Type": "application/json"}
FULL_SHIP = b'{"id":1,"kind":"Tanker","name":"Ever","flag":null,"litres":5,"owner":{"mail":"a@b.example"}}'
ANSWERS: list[tuple[str, int, dict[str, str], bytes, str]] = [
    # operation, status, headers, content -> "where name pointer" of each violation
    ("listShips", 200, JSON, b"[]", ""),
    ("listShips", 200, JSON, b"[" + FULL_SHIP + b"]", ""),
    ("listShips", 200, JSON, b"{}", "body body"),
    ("listShips", 200, JSON, b"[{}]", "body body /0"),
    ("listShips", 200, JSON, b"[", "body body"),
    ("listShips", 200, {}, b"[]", "content-type"),
    ("listShips", 200, {"Content-Type": "text/html"}, b"<p>", "content-type text/html"),
    ("listShips", 200, {**JSON, "X-Total": "7", "X-Pages": "1,2"}, b"[]", ""),
    ("listShips", 200, {**JSON, "X-Total": "-1"}, b"[]", "header X-Total"),
    ("listShips", 200, {**JSON, "X-Pages": "1,b"}, b"[]", "header X-Pages /1"),
    ("listShips", 500, JSON, b'{"message":"no","code":null}', ""),
    ("listShips", 500, JSON, b'{"code":"x"}', "body body; body body /code"),
    ("addShip", 201, JSON, FULL_SHIP, ""),
    ("addShip", 201, JSON, b'{"kind":"Tanker"}', "body body"),
    ("addShip", 200, JSON, FULL_SHIP, "status 200"),
    ("addShip", 400, JSON, b"{}", "body body"),
    ("getShip", 200, JSON, FULL_SHIP, ""),
    ("getShip", 200, JSON, b'{"kind":"x","name":"y","id":9223372036854775807}', ""),
    ("getShip", 200, JSON, b'{"kind":"x","name":"y","id":9223372036854775808}', "body body /id"),
    ("getShip", 200, JSON, b'{"kind":"x","name":"y","owner":{"x":1}}', "body body /owner"),
    ("getShip", 200, JSON, b'{"kind":"x","name":null}', "body body /name"),
    ("getShip", 200, JSON, b"", "body body"),
    ("getShip", 304, {}, b"", ""),
    ("DELETE /ships/{imo}", 204, {}, b"", ""),
    ("ships.berths", 200, JSON, b'{"a":true}', ""),
    ("ships.berths", 200, JSON, b'{"a":1}', "body body /a"),
    ("addPaper", 200, JSON, b"17", ""),
    ("addPaper", 200, JSON, b'"17"', "body body"),
    ("addNote", 204, {}, b"", ""),
    ("readManifest", 200, {"Content-Type": "text/csv"}, b"a;b", ""),
    ("readManifest", 200, JSON, b"{}", "content-type application/json"),
    ("scan", 200, {"Content-Type": "application/octet-stream"}, b"\x00\xff", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "status", "headers", "content", "places"),
    ANSWERS,
    ids=[f"{row[0]}-{row[1]}-{number}" for number, row in enumerate(ANSWERS)],
)
def test_verdicts_on_answers_are_the_same(operation, status, headers, content, places):
    readings = []
    for version in VERSIONS:
        reading = executor_of(opened(version)).compiled(operation).read(status, headers, content, check=True)
        assert shown(reading.violations) == places
        readings.append((told(reading.violations), reading.data))
    assert [each for each in readings if each != readings[0]] == []
