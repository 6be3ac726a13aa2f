"""The query in the URL of a Server Object is a part of every request to it, and of no other."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import Case
from dynaclient.contract.reproduce import command
from tests.conftest import Serve
from tests.small import document, json_reply, one, param

ROWS: list[tuple[str, str, str, dict[str, Any], dict[str, Any], str]] = [
    # what the server's URL has, path, query of the path's template, arguments, options, the target
    ("/b?api-version=1", "/x", "", {}, {}, "/b/x?api-version=1"),
    ("?api-version=1", "/x", "", {}, {}, "/x?api-version=1"),
    ("/?api-version=1", "/x", "", {}, {}, "/x?api-version=1"),
    ("/b/?a=1&a=2&b", "/x", "", {}, {}, "/b/x?a=1&a=2&b"),
    ("/b?a=%2F%20+x", "/x", "", {}, {}, "/b/x?a=%2F%20+x"),
    ("/b?a=1", "/x", "", {"q": "2"}, {}, "/b/x?a=1&q=2"),
    ("/b?q=1&a=1", "/x", "", {"q": "2"}, {}, "/b/x?a=1&q=2"),
    ("/b?a=1&z=1", "/x", "", {}, {"query": {"a": "2"}}, "/b/x?z=1&a=2"),
    ("/b?a%20b=1", "/x", "", {}, {"query": {"a b": "2"}}, "/b/x?a%20b=2"),
    ("/b?a=1", "/x", "?fixed=1", {}, {}, "/b/x?a=1&fixed=1"),
    ("/b?a=1#part", "/x", "", {}, {}, "/b/x?a=1"),
    ("/b?", "/x", "", {}, {}, "/b/x"),
    ("/b?&&a=1&", "/x", "", {}, {}, "/b/x?a=1"),
    ("/b", "/x", "", {"q": "2"}, {}, "/b/x?q=2"),
    ("/b?a=1", "/p/{id}", "", {"id": "a?b"}, {}, "/b/p/a%3Fb?a=1"),
]


@pytest.mark.parametrize("named", ["by the user", "by the document", "by a variable"])
@pytest.mark.parametrize(("server", "path", "fixed", "arguments", "options", "target"), ROWS)
def test_it_is_sent(
    named: str,
    server: str,
    path: str,
    fixed: str,
    arguments: dict[str, Any],
    options: dict[str, Any],
    target: str,
    serve: Serve,
) -> None:
    parameters = [param("id", "path")] if "{" in path else [param("q")]
    tree = one("get", path + fixed, *parameters, answer={})
    where = serve(json_reply({}))
    if named == "by the user":
        chosen = {"server": where.url + server}
    elif named == "by the document":
        tree["servers"], chosen = [{"url": where.url + server}], {}
    else:
        variables = {"rest": {"default": server}}
        tree["servers"], chosen = [{"url": f"{where.url}{{rest}}", "variables": variables}], {}
    with Client(tree, **chosen) as client:
        client.call("op", arguments, options=options)
        pickle.loads(pickle.dumps(client)).call("op", arguments, options=options)
    assert [each.target for each in where.requests] == [target] * 2


def test_a_relative_server_and_swagger(serve: Serve) -> None:
    trees: list[dict[str, Any]] = [
        one(answer={}, servers=[{"url": "v1?a=1"}]),
        {
            "swagger": "2.0",
            "info": {"title": "t", "version": "1"},
            "basePath": "/docs/v1?a=1",
            "paths": {"/x": {"get": {"operationId": "op", "responses": {"200": {"description": ""}}}}},
        },
    ]
    for tree in trees:
        where = serve(json_reply(tree), json_reply({}))
        with Client(f"{where.url}/docs/openapi.json", validate={"response": "off"}) as client:
            client.call("op")
        assert where.requests[1].target == "/docs/v1/x?a=1"


SECRET = "s3cr3t-" + "q" * 8
KEY = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}}


def test_a_credential_of_that_name_goes_before_it(serve: Serve) -> None:
    where = serve(json_reply({}))
    tree = one(answer={}, security=[{"key": []}], components=KEY)
    with Client(tree, server=f"{where.url}?key=old&v=1", credentials={"key": SECRET}) as client:
        client.call("op")
    assert where.requests[0].target == f"/x?v=1&key={SECRET}"


def test_it_goes_to_no_other_server(serve: Serve) -> None:
    """Never 2: it may be a key."""
    own, other = serve(json_reply({})), serve(json_reply({"type": "object"}))
    paths = {
        "/x": {"get": {"operationId": "x", "servers": [{"url": f"{other.url}?o=1"}], "responses": {}}},
        "/y": {"get": {"operationId": "y", "servers": [{"url": f"{own.url}/v2"}], "responses": {}}},
        "/z": {"get": {"operationId": "z", "responses": {}}},
    }
    with Client(document(paths, servers=[{"url": f"{own.url}?key={SECRET}"}])) as client:
        for name in "xyz":
            client.call(name)
    assert [each.target for each in other.requests] == ["/x?o=1"]
    assert [each.target for each in own.requests] == ["/v2/y", f"/z?key={SECRET}"]


def test_it_is_shown_by_name_only(serve: Serve) -> None:
    where = serve(json_reply({}))
    with Client(one(answer={}), server=f"{where.url}?key={SECRET}") as client:
        kept = pickle.loads(pickle.dumps(client.send("op")))
        assert SECRET not in f"{client!r} {client.server}"
    assert kept.request.url == kept.url == f"{where.url}/x?key=***"


def test_the_command_that_shows_a_case_again_has_its_names() -> None:
    client = Client(one(answer={}), server=f"http://h.test/b?key={SECRET}&v=1")
    assert "--server 'http://h.test/b?key=***&v=***'" in command(client, Case("op", {}))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_document_with_one_has_a_finding(version: str) -> None:
    """3.2: "Query and fragment MUST NOT be part of this URL"."""
    own = {"servers": [{"url": "https://h.test/?b=1"}, {"url": "https://h.test"}]}
    tree = one(answer={}, version=version, servers=[{"url": "https://h.test/v1?a=1"}], operation=own)
    found = [each for each in Client(tree).findings if "query" in each.message]
    assert [each.pointer for each in found] == ["/servers/0", "/paths/~1x/get/servers/0"]
    assert {each.meaning for each in found} == {"it is sent with every request"}


def test_a_document_without_one_has_none() -> None:
    tree = one(answer={}, servers=[{"url": "https://h.test/v1?"}, {"url": "https://h.test/#x?y"}])
    assert not [each for each in Client(tree).findings if "query" in each.message]
