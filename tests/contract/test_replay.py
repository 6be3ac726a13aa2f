"""What a run wrote is sent again: to the server that was named, and only if it is what a run writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, SettingsError
from dynaclient.cli.main import main
from dynaclient.contract.report_replay import replay
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import JSON, document, param, said

RACK = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
MADE = {**said(RACK), "headers": {"Location": {"schema": {"type": "string"}}}}
RACKS = document(
    {
        "/racks": {"post": {"operationId": "makeRack", "responses": {"201": MADE}}},
        "/racks/{id}": {
            "get": {
                "operationId": "getRack",
                "parameters": [param("id", "path", {"type": "integer"})],
                "responses": {"200": said(RACK), "404": {"description": ""}},
            }
        },
    },
    security=[{"key": []}],
    components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
)


class Racks:
    """A server of racks, whose Location leads to `there`."""

    def __init__(self, serve: Serve) -> None:
        self.made = 0
        self.server: RawServer = serve(self._answer)
        self.there = self.server.url

    def _answer(self, request: Recorded) -> bytes:
        if request.method != "POST":
            number = request.target.rpartition("/")[2]
            known = number.isdecimal() and 0 < int(number) <= self.made
            return reply(200 if known else 404, b'{"id": %s}' % number.encode() if known else b"", JSON)
        self.made += 1
        location = ("Location", f"{self.there}/racks/{self.made}")
        return reply(201, b'{"id": %d}' % self.made, [*JSON, location])


@pytest.fixture
def racks(serve: Serve) -> Racks:
    return Racks(serve)


@pytest.fixture
def written(racks: Racks, tmp_path: Path) -> Path:
    """What a run has written."""
    file, har = tmp_path / "racks.json", tmp_path / "run.har"
    file.write_text(json.dumps(RACKS))
    words = ["test", str(file), "--server", racks.server.url, "--credential", "key=s3cret", "--cases", "1"]
    main([*words, "--report", f"har={har}"])
    return har


def client_of(racks: Racks) -> Client:
    return Client(RACKS, server=racks.server.url, credentials={"key": "s3cret"})


def test_a_location_that_leads_to_another_server_now_is_not_followed(
    racks: Racks, written: Path, serve: Serve
) -> None:
    other = serve(reply(200, b"{}", JSON))
    followed = [each for each in json.loads(written.read_bytes())["log"]["entries"] if "url" in str(each)]
    assert followed
    before = len(racks.server.requests)
    racks.there = other.url
    replay(client_of(racks), written.read_bytes())
    assert len(racks.server.requests) > before
    assert other.requests == []


ODD: list[tuple[str, Any]] = [
    ("seed", "x"),
    ("fault", "x"),
    ("takes", {"url": 1}),
    ("takes", []),
    ("number", "1"),
]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_what_no_run_has_written_is_refused(name: str, value: Any, racks: Racks, written: Path) -> None:
    tree = json.loads(written.read_bytes())
    held = [tree["log"], *tree["log"]["entries"]]
    for each in held:
        if name in each.get("_dynaclient", {}) or (name == "takes" and "_dynaclient" in each):
            each["_dynaclient"][name] = value
    before = len(racks.server.requests)
    with pytest.raises(SettingsError, match="expected a file that `dynaclient test --report har=FILE` wrote"):
        replay(client_of(racks), json.dumps(tree).encode())
    assert len(racks.server.requests) == before
