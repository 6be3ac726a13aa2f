"""A case is data: it prints as what it is, and is sent as it is, even where the client would refuse."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.contract import Case, Fault, RawBody
from tests.small import json_reply, one, param

DOCUMENT = one(
    "post",
    "/x/{id}",
    param("id", "path", {"type": "integer"}),
    param("q", "query", required=True),
    body={"type": "object", "required": ["a"]},
    answer={"type": "object", "required": ["b"]},
)
BROKEN = Case(
    "op",
    {"path.id": "text"},
    body={"a": 1},
    fault=Fault("path", "id", "", "type", "expected an integer"),
)


RAW = Case(
    "op",
    {"path.id": 1, "query.q": "x"},
    fault=Fault("body", "body", "", "json", "not JSON"),
    raw=RawBody("application/json", b'{"a":'),
    query_extra=(("q", "y &z"),),
)


def test_what_arguments_cannot_say_is_sent_as_it_is(serve: Any) -> None:
    server = serve(json_reply({"b": 1}))
    client = Client(DOCUMENT, server=server.url)
    RAW.send(client)
    (request,) = server.requests
    assert (request.target, request.body) == ("/x/1?q=x&q=y%20%26z", b'{"a":')
    assert request.all("Content-Type") == ["application/json"]
    assert [(each.where, each.name) for each in RAW.violations(client)] == [("body", "body"), ("query", "q")]
    assert (eval(repr(RAW)), pickle.loads(pickle.dumps(RAW))) == (RAW, RAW)
    assert "raw=RawBody" in str(RAW)


def test_it_prints_as_the_code_that_makes_it() -> None:
    cases = [Case("op"), BROKEN, Case("op", {}, body=None, content_type="application/json")]
    assert [eval(repr(case)) for case in cases] == cases
    assert str(BROKEN) == "op(path.id='text', body={'a': 1})  # path id: expected an integer"
    assert len(str(Case("op", {"q": "x" * 5000}))) < 200


def test_violations_are_those_of_a_call() -> None:
    client = Client(DOCUMENT, server="http://localhost")
    assert [(each.where, each.name) for each in BROKEN.violations(client)] == [("path", "id"), ("query", "q")]
    with pytest.raises(RequestInvalid) as error:
        client.call("op", BROKEN.arguments, body=BROKEN.body)
    assert list(error.value.violations) == BROKEN.violations(client)


def test_a_broken_case_is_sent_and_the_answer_given_whatever_it_is(serve: Any) -> None:
    server = serve(json_reply({}), json_reply({"message": "no"}, 422))
    client = Client(DOCUMENT, server=server.url)
    first, second = BROKEN.send(client), BROKEN.send(client)
    assert [request.target for request in server.requests] == ["/x/text", "/x/text"]
    assert (first.status, [(each.where, each.pointer) for each in first.violations]) == (200, [("body", "")])
    assert (second.status, second.data) == (422, {"message": "no"})


def test_sending_leaves_the_client_as_it_was(serve: Any) -> None:
    server = serve(json_reply({"b": 1}))
    client = Client(DOCUMENT, server=server.url)
    BROKEN.send(client)
    with pytest.raises(RequestInvalid):
        client.call("op", BROKEN.arguments, body=BROKEN.body)
    assert client.call("op", {"id": 1, "q": "x"}, body={"a": 1}) == {"b": 1}
    assert server.connections == 1  # over the client's own connections


def test_the_safety_rules_hold(serve: Any) -> None:
    server = serve(json_reply({"b": 1}))
    client = Client(DOCUMENT, server=server.url)
    for arguments in ({}, {"path.id": ".."}, {"path.id": ""}, {"path.id": 1, "nothing": 1}):
        with pytest.raises(RequestInvalid):
            Case("op", arguments, body={"a": 1}).send(client)
    assert server.requests == []


def test_the_media_type_goes_with_it(serve: Any) -> None:
    content = {"application/json": {}, "application/merge-patch+json": {}}
    client = Client(one("patch", "/x", content=content), server=serve(json_reply(1)).url)
    case = Case("op", body={}, content_type="application/merge-patch+json")
    assert case.send(client).request.headers["Content-Type"] == "application/merge-patch+json"
