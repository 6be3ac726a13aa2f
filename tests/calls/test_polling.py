"""`client.poll`: from a 202 to what came of it, in time, at the server of the client alone; for both."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, ClientCredentials, DeadlineExceeded, ResponseInvalid, SettingsError
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import JSON, document, json_reply, param, said

KEY = {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}, "status": {"type": "string"}}}
JOB = {
    "operationId": "getJob",
    "parameters": [param("id", "path", {"type": "integer"}), param("q", required=True)],
    "responses": {"200": said(NUMBER), "202": {"description": ""}, "404": {"description": ""}},
}
TREE = document(
    {
        "/jobs": {"post": {"operationId": "start", "responses": {"202": {"description": ""}}}},
        "/jobs/{id}": {"get": JOB},
    },
    components={"securitySchemes": KEY},
    security=[{"k": []}],
)
NOW = ("Retry-After", "0")


def accepted(location: str, *fields: tuple[str, str], name: str = "Location") -> bytes:
    return reply(202, b"", [(name, location), *fields])


def by_client(url: str, settings: dict[str, Any], **given: Any) -> Any:
    with Client(TREE, server=url, credentials={"k": "s3cr3t"}, **settings) as api:
        return api.poll(api.send("start"), **given)


def by_tasks(url: str, settings: dict[str, Any], **given: Any) -> Any:
    from dynaclient import AsyncClient

    async def polled() -> Any:
        async with AsyncClient(TREE, server=url, credentials={"k": "s3cr3t"}, **settings) as api:
            return await api.poll(await api.send("start"), **given)

    return asyncio.run(polled())


@pytest.fixture(params=[by_client, by_tasks])
def poll(request: pytest.FixtureRequest) -> Callable[..., Any]:
    if request.param is by_tasks:
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

    def polled(server: RawServer, base: str = "", settings: Any = None, **given: Any) -> Any:
        return request.param(server.url + base, settings or {}, **{"interval": 0.001, "timeout": 20, **given})

    return polled  # type: ignore[no-any-return]


def targets(server: RawServer) -> list[str]:
    return [f"{request.method} {request.target}" for request in server.requests]


def test_until_it_is_no_202(poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(accepted("/jobs/5", NOW), reply(202, b"", [NOW]), reply(202), json_reply({"n": 1}))
    response = poll(server)
    assert (response.status, response.data, response.violations) == (200, {"n": 1}, ())
    assert targets(server) == ["POST /jobs"] + ["GET /jobs/5"] * 3
    assert {request.header("X-Key") for request in server.requests} == {"s3cr3t"}
    assert server.requests[1].header("Accept") == "application/json"


def test_behind_a_base_path_and_where_it_moves(poll: Callable[..., Any], serve: Serve) -> None:
    moves = [accepted("5?a=%2f", NOW), accepted("/v1/jobs/6"), reply(303, b"", [("Location", "7")])]
    server = serve(*moves, json_reply({"n": 1}))
    assert poll(server, "/v1/").data == {"n": 1}
    assert targets(server) == [
        "POST /v1/jobs",
        "GET /v1/5?a=%2f",
        "GET /v1/jobs/6",
        "GET /v1/jobs/7",
    ]


def test_a_monitor_says_how_far_it_is(poll: Callable[..., Any], serve: Serve) -> None:
    elsewhere = [*JSON, ("Location", "/v9/result")]
    states = [json_reply({"status": each}) for each in ("NotStarted", "Succeeded")]
    states.insert(1, reply(200, b'{"status": "Running"}', elsewhere))
    server = serve(accepted("/jobs/5", name="Operation-Location"), *states)
    assert poll(server).data == {"status": "Succeeded"}
    assert len(server.requests) == 4


def test_until_the_caller_says_so(poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(accepted("/jobs/5"), *[json_reply({"n": each}) for each in range(5)])
    assert poll(server, until=lambda response: response.data["n"] == 3).data == {"n": 3}


def test_what_comes_is_checked_where_the_document_has_it(poll: Callable[..., Any], serve: Serve) -> None:
    with pytest.raises(ResponseInvalid, match="getJob"):
        poll(serve(accepted("/jobs/5"), json_reply({"n": "x"})))
    response = poll(serve(accepted("/elsewhere/5"), json_reply({"n": "x"}, status=201)))
    assert (response.status, response.data, response.violations) == (201, {"n": "x"}, ())


def test_what_the_document_does_not_have_counts_for_no_coverage(serve: Serve) -> None:
    server = serve(accepted("/elsewhere/5"), json_reply({}), accepted("/jobs/5"), json_reply({"n": 1}))
    with Client(TREE, server=server.url) as api, api.coverage() as coverage:
        api.poll(api.send("start"), interval=0.001)
        before = coverage.shares[0].tried
        api.poll(api.send("start"), interval=0.001)
    assert (before, coverage.shares[0].tried) == (1, 2)


def test_an_error_ends_it_and_is_given(poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(accepted("/jobs/5"), reply(404))
    assert poll(server, until=lambda response: False).status == 404
    assert len(server.requests) == 2


def test_nothing_is_asked_after_what_is_done(poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(reply(200, b"", [("Location", "/jobs/5")]))
    assert poll(server, settings={"validate": "off"}).status == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("location", "why"),
    [
        (
            "http://other.test/jobs/5",
            "to another server, http://other.test/jobs/5, which is not asked",
        ),
        ("//other.test/jobs/5", "another server"),
        ("https://127.0.0.1/jobs/5", "another server"),
        ("ftp://other.test/", "another server|not a URL"),
        ("http://[", "not a URL"),
        ("/v1/%2e%2e/admin", "outside the server's /v1/"),
        ("/jobs/5", "outside the server's /v1/"),
        ("", "the response does not say where to ask"),
    ],
)
def test_no_other_server_is_asked(location: str, why: str, poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(accepted(location))
    with pytest.raises(ResponseInvalid, match=why):
        poll(server, "/v1")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fields", [[], [("Retry-After", "3600")], [NOW]])
def test_it_ends_in_time(fields: Any, poll: Callable[..., Any], serve: Serve) -> None:
    server = serve(reply(202, b"", [("Location", "/jobs/5"), *fields]))
    with pytest.raises(
        DeadlineExceeded, match=r"^GET .*/jobs/5: (not done|no complete response) within 0\.2 s; "
    ):
        poll(server, interval=0.05, timeout=0.2)
    assert 1 <= len(server.requests) <= 5


def test_a_token_is_fetched_for_it(poll: Callable[..., Any], serve: Serve) -> None:
    def answer(request: Recorded) -> bytes:
        if request.target == "/token":
            return json_reply({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        return accepted("/jobs/5") if request.method == "POST" else json_reply({"n": 1})

    server = serve(answer)
    bearer = ClientCredentials(server.url + "/token", "id", "secret")
    oauth = {"k": {"type": "http", "scheme": "bearer"}}
    tree = {**TREE, "components": {"securitySchemes": oauth}}
    with Client(tree, server=server.url, credentials={"k": bearer}) as api:
        assert api.poll(api.send("start"), interval=0.001).data == {"n": 1}
    assert server.requests[-1].header("Authorization") == "Bearer t"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"until": 5}, "until: expected a function of a Response, got an integer"),
        ({"interval": 0}, "interval: expected a number of seconds above 0"),
        ({"timeout": None}, "timeout: expected a number of seconds above 0"),
    ],
)
def test_what_cannot_be_meant(
    given: dict[str, Any], why: str, poll: Callable[..., Any], serve: Serve
) -> None:
    with pytest.raises(SettingsError, match=why):
        poll(serve(accepted("/jobs/5")), **given)


RESET = {
    "/resets/{token}": {"get": {**JOB, "operationId": "getReset", "parameters": [param("token", "path")]}},
    "/jobs": {
        "post": {
            "operationId": "start",
            "parameters": [param("api-version")],
            "responses": {"202": {"description": ""}},
        }
    },
    "/jobs/{id}": {"get": JOB},
}
SHOWN: dict[str, tuple[str, str]] = {
    "what the server gave": ("/jobs/5?q=s3cr3t-q&sig=s3cr3t-s", "/jobs/5?q=***&sig=***"),
    "of no operation": ("/else/5?code=s3cr3t-c", "/else/5?code=***"),
    "what the call had": ("/jobs/5?api-version=2023-01&x=s3cr3t", "/jobs/5?api-version=2023-01&x=***"),
    "a credential, said again": ("/jobs/k3y-s3cr3t?x=k3y-s3cr3t", "/jobs/***?x=***"),
    "an argument of the path": ("/resets/s3cr3t%2Ft", "/resets/***"),
}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_a_server_gave_is_not_shown(
    name: str, kind: str, serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As of a redirect: the values of a query that the call did not have may be anything."""
    location, shown = SHOWN[name]
    again = accepted(location, NOW)  # what was hidden once stays so
    server = serve(again, again, reply(503, b"", [NOW]), json_reply({"n": 1, "status": location}))
    caplog.set_level(logging.DEBUG, "dynaclient")
    events: list[Any] = []
    hooks = dict.fromkeys(("on_request", "on_response", "on_retry"), events.append)
    settings: dict[str, Any] = {"server": server.url, "credentials": {"k": "k3y-s3cr3t"}, **hooks}
    tree, har = {**TREE, "paths": RESET}, tmp_path / "a.har"
    version = {"api-version": "2023-01"}

    async def awaited() -> Any:
        from dynaclient import AsyncClient

        async with AsyncClient(tree, **settings) as api, api.record(har):
            return await api.poll(await api.send("start", version), interval=0.001)

    if kind == "async":
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
        response = asyncio.run(awaited())
    else:
        with Client(tree, **settings) as api, api.record(har):
            response = api.poll(api.send("start", version), interval=0.001)
    assert targets(server)[1:] == [f"GET {location}"] * 3
    assert {each.url for each in events if each.method == "GET"} == {server.url + shown}
    copied = pickle.loads(pickle.dumps(response))
    kept = [repr(response), copied.url, str(vars(copied.request)), *map(str, response.attempts)]
    records = [f"{each.getMessage()} {vars(each)}" for each in caplog.records if each.name == "dynaclient"]
    assert [text for text in (*kept, *records, har.read_text()) if "s3cr3t" in text] == []


WRONG_PLACES = ["http://other.test/k3y-s3cr3t", "/%2e%2e/k3y-s3cr3t"]


@pytest.mark.parametrize("location", WRONG_PLACES)
def test_no_message_says_a_secret_again(location: str, serve: Serve) -> None:
    server, key = serve(accepted(location)), {"k": "k3y-s3cr3t"}
    with Client(TREE, server=f"{server.url}/v1", credentials=key) as api:
        first = api.send("start")
        with pytest.raises(ResponseInvalid, match=r"\*\*\*") as caught:
            api.poll(first)
    assert "s3cr3t" not in str(caught.value)


def test_nor_does_that_of_a_poll_that_is_late(serve: Serve) -> None:
    server = serve(accepted("/jobs/k3y-s3cr3t"))
    with Client(TREE, server=server.url, credentials={"k": "k3y-s3cr3t"}) as api:
        first = api.send("start")
        with pytest.raises(DeadlineExceeded, match=r"/jobs/\*\*\*: not done"):
            api.poll(first, interval=5, timeout=1)
