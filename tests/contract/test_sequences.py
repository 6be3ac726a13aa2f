"""Sequences pasted into a shell: what a response brings is taken from the server that is there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import Case
from dynaclient.contract.curl import curl_commands
from dynaclient.contract.flow import Capture, Step
from dynaclient.contract.reproduce import commands
from dynaclient.explore.shell import mark, word
from tests.contract.pasting import paste
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

ANY = {"application/json": {"schema": {}}}
DOCUMENT = document(
    {
        "/users": {"post": {"operationId": "make", "responses": {"201": said({})}}},
        "/users/{id}": {
            "parameters": [param("id", "path", {}), param("of", "query", {})],
            "put": {
                "operationId": "change",
                "requestBody": {"content": ANY},
                "responses": {"200": said({})},
            },
        },
    }
)


def server_with(number: int, text: str) -> Callable[[Recorded], bytes]:
    def answer(request: Recorded) -> bytes:
        if request.method != "POST":
            return reply(200, b"{}", JSON)
        made = {"number": number, "of": {"odd name": text}, "list": [{"key": text}]}
        location = [*JSON, ("Location", f"http://h/users/{text}")]
        return reply(201, json.dumps(made).encode(), location)

    return answer


MAKE = Step(Case("make"))
"""The first request of each sequence; its response said 17 and `first`."""
NUMBER = Capture(MAKE, "$response.body#/number")
TEXT = Capture(MAKE, "$response.body#/of/odd name")
ITEM = Capture(MAKE, "$response.body#/list/0/key")
LOCATION = Capture(MAKE, "$response.header.Location", segment=True)
QUOTES = {"it's": '$HOME "`x`', "n": 17}

TABLE = [
    (Step(Case("change", {"path.id": 17}), {"path.id": NUMBER}), "/users/99", None),
    (Step(Case("change", {"path.id": "first"}), {"path.id": TEXT}), "/users/other", None),
    (Step(Case("change", {"path.id": "first"}), {"path.id": LOCATION}), "/users/other", None),
    (
        Step(Case("change", {"path.id": "a", "query.of": "first"}), {"query.of": ITEM}),
        "/users/a?of=other",
        None,
    ),
    (
        Step(
            Case("change", {"path.id": 17}, body={**QUOTES, "owner": {"id": 17, "key": "first"}}),
            {"path.id": NUMBER, "body#/owner/id": NUMBER, "body#/owner/key": TEXT},
        ),
        "/users/99",
        {**QUOTES, "owner": {"id": 99, "key": "other"}},
    ),
    (
        Step(
            Case("change", {"path.id": "first"}, body=[17]), {"path.id": LOCATION, "body#/0": NUMBER}
        ),
        "/users/other",
        [99],
    ),
]  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.parametrize("write", [commands, curl_commands])
def test_values_are_captured(tmp_path: Path, serve: Any, write: Callable[..., str]) -> None:
    if write is curl_commands and not (shutil.which("curl") and shutil.which("jq")):
        pytest.skip("curl or jq is not installed")
    path = tmp_path / "users.json"
    path.write_text(json.dumps(DOCUMENT))
    server = serve(server_with(99, "other"))
    steps = [MAKE, *(step for step, _, _ in TABLE)]
    done = paste(write(Client(str(path), server=server.url), steps))
    assert (done.returncode, done.stderr) == (0, "")
    sent = [(each.method, each.target, json.loads(each.body or "null")) for each in server.requests]
    assert sent == [("POST", "/users", None), *(("PUT", target, body) for _, target, body in TABLE)]


def test_a_url_that_a_response_gave(serve: Any) -> None:
    server = serve(server_with(99, "other"))
    client = Client(DOCUMENT, server=server.url)
    case = Case("change", {"path.id": "first"}, url=f"{server.url}/users/first")
    step = Step(case, {"url": Capture(MAKE, "$response.header.Location")})
    first, *rest = commands(client, [MAKE, step]).splitlines()
    assert first == f"url=$({commands(client, [MAKE])} --print '$response.header.Location')"
    for url in ("/users/other", f"{server.url}/users/other"):
        done = paste("\n".join([f"url={url}", *rest]))
        assert (done.returncode, done.stderr) == (0, "")
    assert {each.target for each in server.requests} == {"/users/other"}


def test_what_a_shell_would_change_is_copied() -> None:
    odd = 'a"b\\'
    step = Step(Case("change", {"path.id": "a b"}, body={"key": odd}), {"path.id": TEXT, "body#/key": TEXT})
    client = Client(DOCUMENT, server="http://h")
    assert '"id=$id"' in commands(client, [MAKE, step])  # an argument is any text
    assert "a%20b" in curl_commands(client, [MAKE, step])  # a URL is not
    for write in (commands, curl_commands):
        assert "$key" not in write(client, [MAKE, step])


def test_a_variable_has_a_name_that_no_shell_knows() -> None:
    step = Step(Case("change", {"path.id": 1}, body={"PATH": 1, "1": 1, "a-b": 1}))
    takes = {f"body#/{name}": NUMBER for name in ("PATH",)}
    text = commands(Client(DOCUMENT, server="http://h"), [MAKE, Step(step.case, takes)])
    assert text.startswith("PATH_2=$(")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"id={mark('id')}", '"id=$id"'),
        (f"{mark('id')}s", '"${id}s"'),
        (f"it's {mark('id')}.", "'it'\"'\"'s '\"$id\"."),
        (f"{mark('a')}{mark('b')}", '"$a$b"'),
        ("plain", "plain"),
        ("$x", "'$x'"),
    ],
    ids=["behind", "before", "quoted", "two", "none", "no mark"],  # a mark has random digits
)
def test_a_word(text: str, expected: str) -> None:
    assert word(text) == expected
