"""Each kind of credential, and each way by which it could get out: not one occurrence (Never 2 and 4).

A row is how a secret is given, a column is where it must not be found; each pair is a test. The secret is
looked for as it is, and as base64, wherever it stands in a longer text.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import keyring
import pytest
import requests
from rich.pretty import pretty_repr

from dynaclient import (
    AsyncClient,
    Client,
    ClientCredentials,
    DynaclientError,
    Env,
    RefreshToken,
)
from dynaclient.cli.main import main
from dynaclient.client import executor_of
from dynaclient.profiles.folders import config_file
from dynaclient.profiles.logins import KeptLogin
from tests.authorization_server import MemoryKeyring
from tests.conftest import Serve
from tests.servers import HANG_UP, RawServer, Recorded, closed_port, dripping, reply
from tests.small import JSON, json_reply, param, said

CORE = "s3cr3t"
"""What is in every secret, and in nothing else."""
KEY = f"{CORE}-key+/=1"
TOKEN, REFRESH, ROTATED = f"{CORE}-token", f"{CORE}-refresh", f"{CORE}-rotated"
BASE64 = [b64encode(b"x" * shift + CORE.encode())[4 if shift else 0 : -4].decode() for shift in range(3)]
"""What base64 makes of it at each position, without the ends, which depend on what stands beside it."""

SCHEMES: dict[str, Any] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
}
OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}}}


def leaks(*texts: str | bytes) -> list[str]:
    """What stands around each occurrence of a secret."""
    found = []
    for each in texts:
        text = each.decode("latin-1") if isinstance(each, bytes) else each
        for form in (CORE, *BASE64):
            at = text.find(form)
            if at >= 0:
                found.append(text[max(0, at - 60) : at + 30])
    return found


class World:
    """The server of the API, which says again what it gets, another one, and one of tokens."""

    def __init__(self, serve: Serve, folder: Path) -> None:
        self.folder = folder
        self.api: RawServer = serve(self._answer)
        self.other: RawServer = serve(json_reply({}))
        granted = {"access_token": TOKEN, "refresh_token": ROTATED, "expires_in": 3600}
        self.tokens: RawServer = serve(json_reply(granted))
        self.kind = KINDS["an API key in a header"]
        self.errors: list[BaseException] = []
        self.responses: list[Any] = []

    def tree(self, **more: Any) -> dict[str, Any]:
        """A document whose operations lead to each way out."""
        link = {"operationId": "away", "parameters": {"t": "$request.header.X-Own"}}
        elsewhere = {"operationId": "op", "server": {"url": self.other.url}}
        paths = {
            "/x": {"get": {"operationId": "op", "responses": {"200": said(OBJECT)}}},
            "/echo/{status}": {
                "get": {
                    "operationId": "echo",
                    "parameters": [param("status", "path")],
                    "responses": {"200": said(OBJECT)},
                }
            },
            "/linked": {
                "get": {
                    "operationId": "linked",
                    "responses": {"200": {**said(OBJECT), "links": {"away": link, "elsewhere": elsewhere}}},
                }
            },
            "/moved": {
                "get": {"operationId": "moved", "responses": {"200": said(OBJECT)}},
                "post": {"operationId": "movedPost", "responses": {"200": said(OBJECT)}},
            },
            "/away": {
                "get": {
                    "operationId": "away",
                    "parameters": [param("t")],
                    "servers": [{"url": self.other.url}],
                    "responses": {"200": said(OBJECT)},
                }
            },
            "/rows": {
                "post": {
                    "operationId": "add",
                    "requestBody": {"content": {"application/json": {"schema": OBJECT}}},
                    "responses": {"200": said(OBJECT), "401": said(OBJECT)},
                }
            },
        }  # fmt: skip
        return {
            "openapi": "3.0.3",
            "info": {"title": "World", "version": "1"},
            "servers": [{"url": self.api.url}],
            "paths": paths,
            "security": [{name: []} for name in SCHEMES],
            "components": {"securitySchemes": SCHEMES},
            **more,
        }

    def file(self) -> str:
        """The document as a file."""
        path = self.folder / "world.json"
        path.write_text(json.dumps(self.tree()))
        return str(path)

    def client(self, make: Any = Client, **more: Any) -> Any:
        """A client with the secret of this row."""
        document, settings = self.kind.settings(self)
        return make(document, **{"timeout": 20, "retries": 1, **settings, **more})

    def send(self, client: Any, *names: str, **given: Any) -> None:
        """Call operations; what comes is in `responses` or `errors`."""
        for name in names or ("op", "moved", "movedPost", "linked", "away"):
            self._keep(client, name, {}, given)
        if not names:
            self._keep(client, "echo", {}, given)  # what is required is missing
            for status in ("200", "401", "404", "500", "503", "nothing"):
                self._keep(client, "echo", {"status": status}, given)

    def _keep(self, client: Any, name: str, parameters: dict[str, str], given: dict[str, Any]) -> None:
        options = {**self.kind.options, **given}
        bound = getattr(client, client.operations[name].attribute)
        for call in (partial(client.send, name), partial(client.call, name), bound):
            try:
                self.responses.append(call(**parameters, options=options))
            except DynaclientError as error:
                self.errors.append(error)

    def arrived(self, server: RawServer) -> str:
        """All that a server got."""
        return "\n".join(each.raw.decode("latin-1") for each in server.requests)

    def _answer(self, request: Recorded) -> Any:
        path = request.target.partition("?")[0]
        if path == "/moved":
            return reply(307, b"", [("Location", f"{self.other.url}/taken?from=moved")])
        if path.startswith("/echo/"):
            status = path.rpartition("/")[2]
            if status == "nothing":
                return HANG_UP
            if status == "slow":
                return dripping(b"HTTP/1.1 200 OK\r\n", b"", 0.05)(request)
            body = json.dumps({"message": request.raw.decode(), "n": f"got {request.raw.decode()}"}).encode()
            head = [
                *JSON,
                ("X-Echo", request.header("X-Key") or "x"),
                ("Location", f"/?{CORE}={request.target}"),
            ]
            return reply(int(status), body, head)
        return json_reply({"n": 1})


class Kind(NamedTuple):
    """A row: how a secret is given, in Python and at the command line."""

    settings: Callable[[World], tuple[Any, dict[str, Any]]]
    options: Mapping[str, Any] = MappingProxyType({})
    command: Callable[[World], list[str]] | None = None
    is_plain: bool = True
    """Whether a pickled client holds it in plain text, as is documented."""


def given(credentials: Callable[[World], dict[str, Any]], **more: Any) -> Callable[[World], Any]:
    return lambda world: (world.tree(), {"server": world.api.url, "credentials": credentials(world), **more})


def with_session(**settings: Any) -> Callable[[World], Any]:
    def make(world: World) -> Any:
        session = requests.Session()
        for name, value in settings.items():
            held = getattr(session, name)
            held.update(value) if hasattr(held, "update") else setattr(session, name, value)
        return world.tree(), {"server": world.api.url, "session": session}

    return make


def typed(*options: str) -> Callable[[World], list[str]]:
    return lambda world: [
        world.file(),
        "--server",
        world.api.url,
        *(each.format(world=world) for each in options),
    ]


def profile(**said: Any) -> Callable[[World], Any]:
    """The name of a profile that is written before."""

    def make(world: World) -> Any:
        lines = ["[api.leak]", f"document = {json.dumps(world.file())}", f'server = "{world.api.url}"']
        for table, each in said.items():
            lines += [f"[api.leak.{table}]", *(f"{name} = {json.dumps(text)}" for name, text in each.items())]
        config_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        config_file().write_text("\n".join([*lines, ""]))
        config_file().chmod(0o600)
        kept = KeptLogin(f"{world.tokens.url}/token", "me", token="", refresh_token=REFRESH)
        kept.write("leak/oauth")
        return "leak", {}

    return make


def named(make: Callable[[World], Any]) -> Callable[[World], list[str]]:
    return lambda world: [make(world)[0]]


HEADERS, CREDENTIAL = (
    profile(headers={"X-Own-Token": "env:LEAK"}),
    profile(credentials={"header": "env:LEAK"}),
)
LOGIN = profile(credentials={"oauth": "login:leak/oauth"})


KINDS: dict[str, Kind] = {
    "an API key in a header": Kind(
        given(lambda world: {"header": KEY}), command=typed("--credential", f"header={KEY}")
    ),
    "an API key in the query": Kind(
        given(lambda world: {"query": KEY}), command=typed("--credential", f"query={KEY}")
    ),
    "an API key in a cookie": Kind(
        given(lambda world: {"cookie": KEY}), command=typed("--credential", f"cookie={KEY}")
    ),
    "a password": Kind(
        given(lambda world: {"basic": ("user", KEY)}), command=typed("--credential", f"basic=user:{KEY}")
    ),
    "a token": Kind(given(lambda world: {"bearer": KEY}), command=typed("--credential", f"bearer={KEY}")),
    "client credentials": Kind(
        given(lambda world: {"oauth": ClientCredentials(f"{world.tokens.url}/token", "me", KEY)}),
        command=typed("--credential", f"oauth=me:{KEY}", "--token-url", "{world.tokens.url}/token"),
    ),
    "client credentials by reference": Kind(
        given(
            lambda world: {"oauth": ClientCredentials(world.tokens.url, "me", Env("LEAK"), secret_in="body")}
        ),
        is_plain=False,
    ),
    "a refresh token": Kind(
        given(lambda world: {"oauth": RefreshToken(world.tokens.url, "me", REFRESH, client_secret=KEY)})
    ),
    "a refresh token by reference": Kind(
        given(lambda world: {"oauth": RefreshToken(world.tokens.url, "me", Env("LEAK"))}), is_plain=False
    ),
    "a login": Kind(LOGIN, command=named(LOGIN), is_plain=False),
    "the auth of a session": Kind(with_session(auth=("user", KEY))),
    "a header of a session": Kind(with_session(headers={"X-Own": KEY}), command=typed("-H", f"X-Own: {KEY}")),
    "a cookie of a session": Kind(with_session(cookies={"sid": KEY})),
    "params of a session": Kind(with_session(params={"k": KEY})),
    "a header of options": Kind(given(lambda world: {}), {"headers": {"X-Own": KEY}}),
    "a query of options": Kind(given(lambda world: {}), {"query": {"own": KEY}}),
    "the user of the URL": Kind(
        lambda world: (world.tree(), {"server": world.api.url.replace("//", f"//me:{CORE}-1@")}),
        command=lambda world: [world.file(), "--server", world.api.url.replace("//", f"//me:{CORE}-1@")],
    ),
    "a header of a profile": Kind(HEADERS, command=named(HEADERS), is_plain=False),
    "a credential of a profile": Kind(CREDENTIAL, command=named(CREDENTIAL), is_plain=False),
    "a variable": Kind(given(lambda world: {"header": Env("LEAK")}), is_plain=False),
    "a variable of the command line": Kind(
        given(lambda world: {"header": Env("LEAK")}), command=typed(), is_plain=False
    ),
}


# -- the ways out ---------------------------------------------------------------------------------------


def by_redirects(world: World) -> list[str]:
    with world.client() as client:
        world.send(client)
    return [world.arrived(world.other)]


def by_servers_of_operations(world: World) -> list[str]:
    """Without `server=` the document names the server, and that of an operation is another."""
    document, settings = world.kind.settings(world)
    if not world.kind.options:  # what a call adds itself goes where the call goes, unless that is named
        settings.pop("server", None)
    with Client(document, **settings) as client:
        world.send(client, "away")
    assert isinstance(document, str) or world.kind.options or world.other.requests
    return [world.arrived(world.other)]


def by_references(world: World) -> list[str]:
    """The document is on the server of the API, its parts there and on another."""
    parts = {"A": {"$ref": f"{world.other.url}/part.json#/A"}}
    tree = world.tree(components={"securitySchemes": SCHEMES, "schemas": parts})
    tree["paths"]["/x"]["get"]["responses"]["200"] = said({"$ref": "#/components/schemas/A"})
    world.other._answers = [json_reply({"A": {"type": "object"}})]
    home = RawServer(json_reply(tree))
    with home:
        _, settings = world.kind.settings(world)
        with Client(f"{home.url}/world.json", ref_hosts=["127.0.0.1"], cache=False, **settings) as client:
            world.send(client, "op")
        assert home.requests
    assert world.other.requests
    return [world.arrived(world.other), world.arrived(home)]


def by_links(world: World) -> list[str]:
    with world.client() as client:
        world.send(client, "linked")
        found = []
        for response in world.responses:
            for each in getattr(response, "links", {}).values():
                found += [repr(each), repr(dict(each.arguments))]
                with suppress(DynaclientError):
                    each()
    assert found
    return [*found, world.arrived(world.other)]


def by_logs(world: World, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.set_level(logging.DEBUG)
    with world.client(validate="warn") as client:
        world.send(client)
    assert caplog.records
    records = [each for each in caplog.records if not each.name.startswith("urllib3")]
    return [caplog.handler.format(each) for each in records] + [str(vars(each)) for each in records]


def by_errors(world: World) -> list[str]:
    for validate in ("strict", "warn"):
        with world.client(validate=validate) as client:
            world.send(client)
    with suppress(DynaclientError), world.client(server=f"http://127.0.0.1:{closed_port()}") as client:
        world.send(client, "op")
    assert len(world.errors) > 10
    found = [text for each in world.errors for text in (str(each), repr(each), repr(each.args))]
    found += ["".join(traceback.format_exception(each)) for each in world.errors]
    found += [str(getattr(each, "violations", "")) for each in (*world.errors, *world.responses)]
    return found


def frames(error: BaseException | None, seen: set[int]) -> Iterator[Any]:
    """Those that raised it and its causes, but for the user's, which is this file."""
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename != __file__:
                yield frame
        yield from frames(error.__cause__, seen)
        yield from frames(error.__context__, seen)


def shown_locals(errors: list[BaseException]) -> list[str]:
    """As `capture_locals` of the standard library shows them, and as rich does."""
    found = []
    for error in errors:
        for frame in frames(error, set()):
            for name, value in frame.f_locals.items():
                shown = f"{repr(value)[:100_000]}\n{pretty_repr(value, max_depth=6)}"
                found.append(f"{frame.f_code.co_name} {name} = {shown}")
    return found


def by_tracebacks_with_locals(world: World) -> list[str]:
    with world.client(max_body=200_000) as client:
        world.send(client)
        world.send(client, stream=True)
        world._keep(client, "echo", {"status": "slow"}, {"timeout": 0.1})
        pages = client.pages("op", next="/n", options={**world.kind.options})
        streams = [each for each in world.responses if hasattr(each, "read")]
        linked = [link for each in world.responses for link in getattr(each, "links", {}).values()]
        for call in (partial(list, pages), *(each.read for each in streams), *linked):
            try:
                call()
            except DynaclientError as error:
                world.errors.append(error)
        for each in streams:
            each.close()
    with suppress(DynaclientError), world.client(server=f"http://127.0.0.1:{closed_port()}") as client:
        world.send(client, "op")
    with suppress(DynaclientError), world.client(max_body=1) as client:
        world.send(client, "op")
    world.tokens._answers = [
        json_reply({"error": KEY, "refresh_token": ROTATED, "access_token": [TOKEN]}, 400)
    ]
    with suppress(DynaclientError), world.client() as client:
        world.send(client, "op")
    assert len(world.errors) > 10
    return shown_locals(world.errors)


def by_an_async_client(world: World) -> list[str]:
    """Redirects, servers, errors, and tracebacks with locals of the other client."""
    pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    errors: list[BaseException] = []

    async def ask() -> None:
        async with world.client(AsyncClient) as client:
            for name, more in (
                ("op", {}),
                ("moved", {}),
                ("away", {}),
                *(("echo", {"status": each}) for each in ("401", "500", "nothing")),
            ):
                try:
                    await client.call(name, more, options={**world.kind.options})
                except DynaclientError as error:
                    errors.append(error)

    asyncio.run(ask())
    assert errors
    told = [text for each in errors for text in (str(each), repr(each), *traceback.format_exception(each))]
    return [world.arrived(world.other), *told, *shown_locals(errors)]


def by_repr(world: World) -> list[str]:
    with world.client() as client:
        world.send(client)
        things = [client, client.op, client.operations, client.document, executor_of(client)]
        executor = executor_of(client)
        things += [executor.credentials, executor.transport, executor.server, executor.prepare]
        things += [*world.responses, *(getattr(each, "request", None) for each in world.responses)]
        things += [
            each.headers for each in world.responses if hasattr(each, "request") and each.status == 200
        ]
        found = [repr(each) for each in things[:-1]] + [str(each) for each in things[:-1]]
        found += [repr(vars(executor).get("credentials")), client._repr_html_()]
        found += [pretty_repr(each, max_depth=4) for each in things[:9]]
    assert len(found) > 20
    return found


def by_pickles(world: World) -> list[bytes]:
    """A pickled client holds what it was given in plain text, and nothing that it was given by reference;
    responses and errors hold no secret of the request."""
    with world.client(validate="off") as client:
        world.send(client, "op", "linked")
        kept = [] if world.kind.is_plain else [pickle.dumps(client)]
        if not world.kind.is_plain:
            assert leaks(world.arrived(world.api))
    for name in ("401", "503"):
        with world.client() as client:
            world._keep(client, "echo", {"status": name}, {})
    things = [pickle.loads(pickle.dumps(each)) for each in (*world.responses, *world.errors)]
    requests_of = [getattr(getattr(each, "response", each), "request", None) for each in things]
    assert any(requests_of)
    return [*kept, *(str(vars(each)).encode() for each in requests_of if each is not None)]


def by_the_cache(world: World) -> list[bytes]:
    folder = world.folder / "kept"
    folder.mkdir(mode=0o700)
    with world.client(cache=folder) as client:
        world.send(client, "op")
    return [each.read_bytes() for each in folder.rglob("*") if each.is_file()]


def by_the_journal(world: World) -> list[bytes]:
    journal = world.folder / "run.db"
    with world.client() as client:
        rows = [{"body": {"n": each}} for each in range(3)]
        found = [each.status for each in client.bulk("add", rows, journal=journal, key="body.n")]
    assert found == [200, 200, 200]
    assert leaks(world.arrived(world.api)) or world.kind.options  # a run has none
    return [each.read_bytes() for each in world.folder.glob("run.db*")]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(arguments)
    shown = capsys.readouterr()
    return shown.out + shown.err


def by_commands(world: World, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is printed to be looked at, or to be run elsewhere."""
    assert world.kind.command is not None
    name, *options = world.kind.command(world)
    ways = ("--curl", "--httpie", "--python", "--dry-run", "-v")
    found = [run(capsys, "call", name, "op", *options, each) for each in ways]
    found += [run(capsys, "call", name, "echo", "status=401", *options, "--print", "$statusCode")]
    found += [run(capsys, "call", name, "moved", *options, "-v"), run(capsys, "list")]
    assert "op" in found[0] or "/x" in found[0]
    return [*found, world.arrived(world.other)]


def by_reports(world: World, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Of a contract run against a server that says again what it gets."""
    assert world.kind.command is not None
    name, *options = world.kind.command(world)
    files = [world.folder / f"report.{each}" for each in ("junit", "json", "har", "html")]
    reports = [text for each in files for text in ("--report", f"{each.suffix[1:]}={each}")]
    only = ["--only", "op", "--only", "echo", "--only", "moved", "--cases", "3"]
    shown = run(capsys, "test", name, *options, *only, *reports)
    assert all(each.is_file() for each in files), shown
    assert leaks(world.arrived(world.api))
    return [shown, *(each.read_text() for each in files), world.arrived(world.other)]


WAYS: dict[str, Callable[..., Any]] = {
    name.removeprefix("by_"): way for name, way in list(globals().items()) if name.startswith("by_")
}
AT_THE_COMMAND_LINE = ("commands", "reports")


def pairs() -> Iterator[Any]:
    """Each kind with each way; a contract run for every fourth kind, for all in `make exhaustive`."""
    for way in WAYS:
        for name, kind in KINDS.items():
            if way in AT_THE_COMMAND_LINE and kind.command is None:
                continue
            if way == "an_async_client" and "session" in name:
                continue  # it has none
            often = way == "reports" and kind.command is not None and list(KINDS).index(name) % 4
            yield pytest.param(name, way, marks=[pytest.mark.exhaustive] if often else [])


@pytest.fixture(autouse=True)
def _ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    monkeypatch.setenv("LEAK", KEY)
    monkeypatch.chdir(tmp_path)
    yield
    keyring.set_keyring(before)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("kind", "way"), [*pairs()])
def test_no_secret_gets_out(
    kind: str,
    way: str,
    serve: Serve,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(serve, tmp_path)
    world.kind = KINDS[kind]
    if kind == "a variable of the command line":
        monkeypatch.setenv("DYNACLIENT_CREDENTIAL_HEADER", KEY)
    wanted = [
        name
        for name in ("caplog", "capsys")
        if name in WAYS[way].__code__.co_varnames[: WAYS[way].__code__.co_argcount]
    ]
    found = WAYS[way](world, *(request.getfixturevalue(name) for name in wanted))
    assert leaks(*found) == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_reaches_its_own_server(kind: str, serve: Serve, tmp_path: Path) -> None:
    """So that the table above says something: each secret is sent, or what it is exchanged for."""
    world = World(serve, tmp_path)
    world.kind = KINDS[kind]
    with world.client() as client:
        world.send(client, "op")
    assert leaks(world.arrived(world.api))
    assert bool(world.tokens.requests) == (
        "client credentials" in kind or "refresh" in kind or "login" in kind
    )
