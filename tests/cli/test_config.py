"""Where a credential of the environment goes: to a server that the user named, never to one of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import RawServer
from tests.small import json_reply, one

SECRET = "s3cr3t-of-another-api"
SCHEMES: dict[str, Any] = {
    "bearerAuth": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "in-header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "in query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oauth": {"type": "oauth2", "flows": {}},
}
VARIABLE = {
    name: f"DYNACLIENT_CREDENTIAL_{name.upper().replace('-', '_').replace(' ', '_')}" for name in SCHEMES
}


def tree(servers: Any, scheme: str = "in-header", **rest: Any) -> dict[str, Any]:
    return one(
        answer={}, security=[{scheme: []}], components={"securitySchemes": SCHEMES}, servers=servers, **rest
    )


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLE.values():
        monkeypatch.setenv(variable, f"user:{SECRET}")


@pytest.fixture
def evil(serve: Serve) -> RawServer:
    return serve(json_reply({}))


@pytest.fixture
def good(serve: Serve) -> RawServer:
    return serve(json_reply({}))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_document_alone_gets_nothing_and_the_message_says_so(
    scheme: str, run: Run, save: Save, evil: RawServer
) -> None:
    result = run("call", save(tree([{"url": evil.url}], scheme)), "op")
    assert result.code == 0
    (request,) = evil.requests
    assert request.target == "/x"
    assert {name.lower() for name, _ in request.fields}.isdisjoint(("authorization", "cookie", "x-key"))
    assert f"{VARIABLE[scheme]} is not sent: only the document names this server" in result.err
    assert "--server" in result.err
    assert SECRET not in result.err + result.out


Attack = Callable[[str, str], Any]
"""The URLs of a bad server and of a good one -> what a bad document says of its servers."""

ATTACKS: dict[str, Attack] = {
    "it calls its server by the name of the good one": lambda bad, good: [{"url": bad, "description": good}],
    "as 3.2 names it": lambda bad, good: [{"url": bad, "name": good}],
    "among others": lambda bad, good: [{"url": bad, "description": good}, {"url": good}],
    "the good one is the user": lambda bad, good: [{"url": bad.replace("//", f"//{good[7:]}@")}],
    "a variable": lambda bad, good: [{"url": "{to}", "variables": {"to": {"default": bad}}}],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_server_that_the_user_names_is_the_one_that_gets_it(
    attack: Attack, run: Run, save: Save, evil: RawServer, good: RawServer
) -> None:
    document = save(tree(attack(evil.url, good.url)))
    assert run("call", document, "op", "--server", good.url).code == 0
    assert evil.connections == 0
    assert good.requests[0].all("X-Key") == [f"user:{SECRET}"]


@pytest.mark.parametrize("choice", ["production", "{where}", "0"])
@pytest.mark.parametrize("named_by", ["--server", "DYNACLIENT_SERVER"])
def test_the_name_that_a_document_gives_its_server_names_no_server(
    choice: str, named_by: str, run: Run, save: Save, evil: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"url": "{where}", "description": "production", "variables": {"where": {"default": evil.url}}}
    document = save(tree([entry], version="3.2.0") | {"servers": [entry, {"url": evil.url, "name": "0"}]})
    if named_by == "--server":
        options = ["--server", choice]
    else:
        monkeypatch.setenv("DYNACLIENT_SERVER", choice)
        options = []
    result = run("call", document, "op", *options)
    assert result.code == 0, result.err
    assert evil.requests[0].all("X-Key") == []
    assert "is not sent" in result.err


NAMED: dict[str, Callable[[str], list[str]]] = {
    "--server": lambda url: ["--server", url],
    "with a path": lambda url: ["--server", url + "/v1"],
    "with a user": lambda url: ["--server", url.replace("//", "//me:too@")],
    "as the document writes it": lambda url: ["--server", url],
}


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_a_server_that_the_user_named_gets_it(
    named: Callable[[str], list[str]], run: Run, save: Save, good: RawServer
) -> None:
    result = run("call", save(tree([{"url": good.url}])), "op", *named(good.url))
    assert (result.code, result.err) == (0, "")
    assert good.requests[0].all("X-Key") == [f"user:{SECRET}"]


@pytest.mark.parametrize("servers", [[], [{"url": "/v1"}], [{"url": "{own}/v1"}], [{"url": ".."}]])
def test_the_origin_of_a_document_that_the_user_typed_gets_it(servers: Any, run: Run, serve: Serve) -> None:
    server = serve(lambda request: json_reply(document if "openapi" in request.target else {}))
    written = [{"url": each["url"].replace("{own}", server.url)} for each in servers]
    document = tree(written)
    result = run("call", f"{server.url}/docs/openapi.json", "op")
    assert (result.code, result.err) == (0, "")
    assert server.requests[0].all("X-Key") == []
    assert server.requests[-1].all("X-Key") == [f"user:{SECRET}"]


def test_another_origin_than_that_of_the_document_does_not(run: Run, serve: Serve, evil: RawServer) -> None:
    where = serve(json_reply(tree([{"url": evil.url}])))
    result = run("call", f"{where.url}/openapi.json", "op")
    assert evil.requests[0].all("X-Key") == []
    assert "is not sent" in result.err


def test_nor_does_the_server_of_an_operation(run: Run, save: Save, evil: RawServer, good: RawServer) -> None:
    own = {"servers": [{"url": evil.url}]}
    run("call", save(tree([{"url": good.url}], operation=own)), "op")
    run("call", save(tree([{"url": good.url}], operation=own)), "op", "--server", good.url)
    assert evil.requests[0].all("X-Key") == []
    assert good.requests[0].all("X-Key") == [f"user:{SECRET}"]


def test_what_is_given_for_this_call_goes_to_the_first_server(run: Run, save: Save, good: RawServer) -> None:
    result = run("call", save(tree([{"url": good.url}])), "op", "--credential", "in-header=mine")
    assert (result.code, result.err) == (0, "")
    assert good.requests[0].all("X-Key") == ["mine"]


def test_a_contract_run_sends_it_to_no_server_of_the_document(run: Run, save: Save, evil: RawServer) -> None:
    result = run("test", save(tree([{"url": evil.url}])), "--cases", "2")
    assert evil.requests
    assert all(not request.all("X-Key") for request in evil.requests)
    assert result.err.count("is not sent") == 1


def test_no_word_where_the_operation_asks_for_none(run: Run, save: Save, evil: RawServer) -> None:
    document = tree([{"url": evil.url}]) | {"security": []}
    assert run("call", save(document), "op").err == ""
