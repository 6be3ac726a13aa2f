"""Secrets that the document does not describe are redacted for every person, log and file.

They come in a header, in the query of `options` or of a URL, or as its user, who is shown by name only.
"""

from __future__ import annotations

import itertools
import json
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import (
    ApiError,
    Client,
    DocumentError,
    DynaclientError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
)
from tests.cli.conftest import Result
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, closed_port, reply
from tests.small import JSON, json_reply, one, param

SECRET = "s3cr3t-" + "k" * 9
CUT = SECRET[:10]


class Signed(requests.auth.AuthBase):
    """As the signers of clouds: headers of their own."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-Amz-Security-Token"] = SECRET
        return request


def session(**settings: Any) -> requests.Session:
    made = requests.Session()
    for name, value in settings.items():
        held = getattr(made, name)
        if isinstance(held, dict) or hasattr(held, "update"):
            held.update(value)
        else:
            setattr(made, name, value)
    return made


GIVEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "headers of a session": ({"session": session(headers={"X-Api-Token": SECRET})}, {}),
    "any header of a session": ({"session": session(headers={"X-Whatever": f"a {SECRET}"})}, {}),
    "bytes as a header of a session": ({"session": session(headers={"X-B": SECRET.encode()})}, {}),
    "params of a session": ({"session": session(params={"who": SECRET})}, {}),
    "several params of a session": ({"session": session(params={"a b": ["open", SECRET]})}, {}),
    "cookies of a session": ({"session": session(cookies={"sid": SECRET})}, {}),
    "auth of a session": ({"session": session(auth=("user", SECRET))}, {}),
    "auth that sets a header": ({"session": session(auth=Signed())}, {}),
    "headers of options": ({}, {"headers": {"X-Api-Token": SECRET}}),
    "a header of options in another case": ({}, {"headers": {"x-WHATEVER": SECRET}}),
    "a documented key as a header of options": ({}, {"headers": {"X-Key": SECRET}}),
    "authorization in options": ({}, {"headers": {"Authorization": f"Bearer {SECRET}"}}),
    "a query of options": ({}, {"query": {"trace": SECRET}}),
    "a list in a query of options": ({}, {"query": {"k e y": ["one", SECRET]}}),
    "an object in a query of options": ({}, {"query": {"of": {"inner": SECRET}}}),
    "the user of a URL": ({"server": f"http://me:{SECRET}@{{host}}"}, {}),
    "a user that is escaped": ({"server": f"http://m%40e:{SECRET}@{{host}}"}, {}),
}
KEY = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
ANSWER = {"type": "object", "properties": {"message": {"maxLength": 3}, "n": {"type": "integer"}}}
TREE = one(
    "get",
    "/x",
    param("n", schema={"type": "integer"}),
    param("X-Trace", "header"),
    answer=ANSWER,
    components=KEY,
)


def every(thing: Any) -> str:
    texts = [repr(thing), str(thing), pickle.dumps(thing).decode("latin-1")]
    if isinstance(thing, BaseException):
        texts += traceback.format_exception(type(thing), thing, thing.__traceback__)
    return "\n".join(texts)


def echo(request: Recorded) -> bytes:
    """A server that says again what it got, and does not match the OpenAPI document with it."""
    return json_reply({"message": SECRET, "n": f"{'x' * 50}{SECRET}"}, 401 if len(request.raw) % 2 else 200)


@pytest.mark.parametrize("way", GIVEN)
@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_it_is_shown_by_name_only(
    way: str, mode: Any, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings, options = GIVEN[way]
    answers = [
        json_reply({}),
        echo,
        json_reply({"message": SECRET}, 403),
        json_reply([]),
        reply(503),
        HANG_UP,
    ]
    server = serve(*answers)
    url = settings.get("server", "http://{host}").format(host=server.url[7:])
    seen: list[Any] = []
    with Client(TREE, **{**settings, "server": url}, validate=mode, retries=0) as client:
        for _ in answers:
            for stream in (False, True):
                try:
                    response = client.send("op", n=5, options={**options, "stream": stream})
                    seen.append(response)
                    if stream:
                        response.close()
                except DynaclientError as error:
                    seen += [error, getattr(error, "response", None)]
            try:
                client.call("op", options=options)
            except DynaclientError as error:
                seen.append(error)
        sent = server.requests[0].raw.decode()
        assert SECRET in sent or "Authorization: Basic " in sent
        told = [f"{client!r} {client.op!r} {client.server}", caplog.text]
    told += [every(each) for each in seen if type(each).__name__ != "StreamedResponse"]
    said = [text for each in seen if isinstance(each, Exception) for text in (str(each), repr(each))]
    if "session" in settings:
        settings["session"].close()
    for text in told[:2] + said:
        assert CUT not in text
    for thing in seen:
        if isinstance(thing, (ApiError, ResponseInvalid)) or type(thing).__name__ == "Response":
            kept = getattr(pickle.loads(pickle.dumps(thing)), "response", None) or thing
            kept = pickle.loads(pickle.dumps(kept))
            assert SECRET not in f"{vars(kept.request)} {kept.url} {kept.violations}"


@pytest.mark.parametrize("held", [{}, {"User-Agent": "shop/1"}])
def test_what_is_no_secret_is_shown(held: dict[str, str], serve: Serve) -> None:
    """Arguments that the document describes, and how the exchange goes."""
    server = serve(json_reply({}))
    options = {"headers": {"Accept": "text/plain", "X-Own": SECRET}, "query": {"own": SECRET}}
    given = {"session": session(headers=held)} if held else {}
    with Client(TREE, server=server.url, **given) as client:
        kept = pickle.loads(pickle.dumps(client.send("op", {"n": 5, "X-Trace": "t-1"}, options=options)))
    assert kept.request.url == kept.url == f"{server.url}/x?n=5&own=***"
    shown = {"Accept": "text/plain", "X-Trace": "t-1", "X-Own": "***", **held}
    assert {name: kept.request.headers[name] for name in shown} == shown
    assert {"X-Own", "own"} <= set(kept.secret_names)


NAMES: list[tuple[str, str, bool]] = [
    ("X-Auth-Token", "header", True),
    ("X-Vault-Token", "header", True),
    ("PRIVATE-TOKEN", "header", True),
    ("X-Hub-Signature", "header", True),
    ("api_key", "query", True),
    ("accessToken", "query", True),
    ("password", "query", True),
    ("page_token", "query", False),
    ("nextToken", "query", False),
    ("author", "query", False),
    ("key", "query", False),
    ("If-Match", "header", False),
    ("Idempotency-Key", "header", False),
]


@pytest.mark.parametrize(("name", "place", "secret"), NAMES)
def test_a_documented_parameter_that_is_called_a_secret(
    name: str, place: str, secret: bool, serve: Serve
) -> None:
    """Documents describe keys as parameters, too, beside or instead of a security scheme."""
    server = serve(json_reply({}))
    with Client(one("get", "/x", param(name, place)), server=server.url, validate="off") as client:
        kept = pickle.loads(pickle.dumps(client.send("op", {name: SECRET})))
    assert SECRET in server.requests[0].raw.decode()
    assert (SECRET not in f"{kept.request.url} {kept.url} {kept.request.headers}") == secret


@pytest.mark.parametrize("mode", ["strict", "warn"])
@pytest.mark.parametrize(("name", "place", "secret"), NAMES)
def test_nor_is_it_told_where_it_breaks_the_document(
    name: str, place: str, secret: bool, mode: Any, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    tree = one("get", "/x", param(name, place, {"type": "string", "maxLength": 3}))
    with Client(
        tree, server=serve(json_reply({})).url, validate={"request": mode, "response": "off"}
    ) as client:
        try:
            told = str(client.send("op", {name: SECRET}).violations) + caplog.text
        except RequestInvalid as error:
            told = every(error)
    assert name in told
    assert (CUT not in told) == secret


COMMANDS: list[list[str]] = [
    ["-H", f"X-Api-Token: {SECRET}"],
    ["-H", f"x-anything:{SECRET}"],
    ["-H", f"Authorization: Bearer {SECRET}"],
    ["-H", f"Cookie: sid={SECRET}"],
    ["-H", f"X-Key: {SECRET}", "-H", "X-Trace: t"],
]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    from dynaclient.cli.main import main

    code = main(arguments)
    shown = capsys.readouterr()
    return Result(code, shown.out, shown.err)


@pytest.mark.parametrize("options", COMMANDS)
@pytest.mark.parametrize("more", [["-v"], ["--dry-run"]])
def test_at_the_command_line(
    options: list[str], more: list[str], serve: Serve, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(TREE))

    def answer(request: Recorded) -> bytes:
        return reply(200, b"{}", [*JSON, ("X-Echo", f"<{SECRET}>"), ("Location", f"/?t={SECRET}")])

    server = serve(answer)
    user = server.url.replace("//", f"//me:{SECRET}@")
    shown = run(capsys, "call", str(path), "op", "--server", user, *options, *more)
    assert shown.code == 0
    assert CUT not in shown.out + shown.err
    assert options[1].partition(":")[0].lower() in (shown.out + shown.err).lower()


URLS = [
    "http://h:99999/openapi.json?token={}",
    "http://h:port/openapi.json?token={}",
    "http://user:{}@h:99999/openapi.json",
    "http://user:a/{}@h:99999/openapi.json",
    "http://[h/openapi.json?token={}",
    "https://?token={}",
    "htp://h/openapi.json?token={}",
    "htp://h/openapi.json?mail=a@b&token={}",
    "h/openapi.json?token={}",
    "user:{}@h/openapi.json",
    "ftp://user:{}@h/openapi.yaml",
    "htp://user:{}" + "y" * 60 + "@h/openapi.yaml",
]


@pytest.mark.parametrize("url", URLS)
def test_a_secret_in_a_document_url_that_is_none(url: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Client(url.format(SECRET))
    assert CUT not in every(caught.value)
    assert "h" in str(caught.value)


def test_a_name_is_shown_as_it_is() -> None:
    with pytest.raises(DocumentError, match="'talon-one-integration@1999'"):
        Client("talon-one-integration@1999")


SERVERS = [
    "htp://h/?token={}",
    "h.test/v1?token={}",
    "http://user:{}@h:99999",
    "http://h:99999/?a=b@c&token={}",
]


@pytest.mark.parametrize("server", SERVERS)
def test_a_secret_in_a_server_that_is_none(server: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Client(TREE, server=server.format(SECRET))
    assert CUT not in every(caught.value)


def test_a_link_does_not_pass_on_what_options_held(serve: Serve) -> None:
    """A document could name another server for the link."""
    link = {
        "operationId": "op",
        "parameters": {"X-Trace": "$request.header.X-Own", "n": "$request.query.own"},
    }
    tree = one(
        "get",
        "/x",
        param("n"),
        param("X-Trace", "header"),
        answers={"200": {"description": "", "links": {"l": link}}},
    )
    with Client(tree, server=serve(reply(200)).url, validate="off") as client:
        options = {"headers": {"X-Own": SECRET}, "query": {"own": SECRET}}
        found = client.send("op", options=options).links["l"]
    assert dict(found.arguments) == {}
    assert SECRET not in repr(found)


@pytest.mark.parametrize("given", [{}, {"params": {"k": SECRET}}])
def test_a_closed_door(given: dict[str, Any]) -> None:
    """Where nobody answers."""
    held = {"session": session(**given)} if given else {}
    client = Client(TREE, server=f"http://127.0.0.1:{closed_port()}", retries=0, **held)
    with pytest.raises(DynaclientError) as caught:
        client.call("op", options={"headers": {"X-Own": SECRET}})
    for each in held.values():
        each.close()
    assert SECRET not in every(caught.value)


RUNS: list[list[str]] = [
    ["--credential", f"key={SECRET}"],
    ["-H", f"X-Api-Token: {SECRET}"],
    ["-H", f"Authorization: Bearer {SECRET}"],
    ["-H", f'X-Odd: {SECRET}"/\\'],
    [],
]


@pytest.mark.parametrize("options", RUNS)
def test_a_contract_run_and_its_file_hold_none(
    options: list[str], serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that repeats what it got, in every answer, in its head and its body."""
    path, results = tmp_path / "d.json", tmp_path / "results.xml"
    path.write_text(json.dumps({**TREE, "security": [{"key": []}]}))
    count = itertools.count()

    def answer(request: Recorded) -> bytes:
        body = json.dumps({"message": request.raw.decode(), "n": SECRET}).encode()
        head = [("Content-Type", "application/json"), ("Location", f"/?k={SECRET}"), ("X-Echo", SECRET)]
        return reply([500, 200, 400, 302, 401][next(count) % 5], body, head)

    where = serve(answer).url.replace("//", f"//me:{SECRET}@") + f"?code={SECRET}"
    shown = run(
        capsys, "test", str(path), "--server", where, "--cases", "6", "--junit", str(results), *options
    )
    assert shown.code == 1
    assert "server error 500" in shown.out
    assert CUT not in shown.out + shown.err + results.read_text()
