"""Clients, operations, responses, errors and violations survive pickling, before and after use."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import dynaclient
from dynaclient import Client, Finding, Violation
from dynaclient.errors import DynaclientError
from tests.conftest import Serve
from tests.servers import HANG_UP, RawServer
from tests.small import json_reply, one, param

KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
TREE = one(
    "post",
    "/x/{id}",
    param("id", "path"),
    body={"type": "object", "properties": {"n": {"type": "integer"}}},
    answer={"type": "object"},
    components={"securitySchemes": KEY},
    security=[{"key": []}],
)


def again(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def sign(request: Any) -> str:
    return f"signed {len(request.body)}"


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("copied", [again, copy.deepcopy, copy.copy])
@pytest.mark.parametrize("credential", ["k", ("Prefix", "k"), sign])
def test_client_before_and_after_use(copied: Any, backend: Any, credential: Any, serve: Serve) -> None:
    server = serve(json_reply({}))
    client = Client(TREE, server=server.url, credentials={"key": credential}, validate_with=backend)
    before = copied(client)
    client.op("1", {"n": 1})
    after = copied(client)
    for each in (before, after, copied(after)):
        assert each.op("1", {"n": 1}) == {}
        assert each.server == client.server
        with pytest.raises(dynaclient.RequestInvalid):
            each.op("1", {"n": "x"})
        each.close()
    client.close()
    assert len({request.raw for request in server.requests}) == 1
    assert len(server.requests) == 4


def test_vendored_client(serve: Serve) -> None:
    client = again(Client("talon-one-integration", server="http://h"))
    assert len(client.operations) == 36
    assert client.findings == Client("talon-one-integration").findings


def test_bound_operation_and_operation(serve: Serve) -> None:
    with Client(TREE, server=serve(json_reply({"a": 1})).url) as client:
        bound = again(client.op)
        assert bound("1", {}) == {"a": 1}
        assert repr(bound) == repr(client.op)
        bound.executor.transport.close()
        operation = again(client.operations["op"])
        assert (operation.key, operation.path, operation.required[0].name) == ("op", "/x/{id}", "id")
        assert list(again(client.operations)) == ["op"]
        assert again(client.document).tree == client.document.tree


def test_a_client_of_before_its_base_was_a_module_of_its_own() -> None:
    text = pickle.dumps(Client(TREE, server="http://h"), protocol=0)
    earlier = text.replace(b"cdynaclient.base_client\n", b"cdynaclient.client\n")
    assert earlier != text
    assert repr(pickle.loads(earlier)) == repr(Client(TREE, server="http://h"))


def errors(server: RawServer) -> list[Any]:
    """One of each that a call may raise."""
    found: list[Any] = []
    with Client(TREE, server=server.url, credentials={"key": "s3cr3t"}, retries=0) as client:
        for call in (
            lambda: client.op(),
            lambda: client.nope,
            lambda: client.call("nope"),
            lambda: Client(5),  # type: ignore[arg-type]
            lambda: Client(TREE, server="x"),
            *[lambda: client.op("1", {})] * 4,
        ):
            with pytest.raises(DynaclientError) as caught:
                call()
            found.append(caught.value)
    return found


def test_errors_keep_what_they_carry(serve: Serve) -> None:
    server = serve(json_reply([]), json_reply({"message": "no"}, 404), json_reply({}, 500), HANG_UP)
    for error in errors(server):
        twin = again(error)
        assert type(twin) is type(error)
        assert (str(twin), twin.args[0]) == (str(error), error.args[0])
        for name in ("violations", "near", "findings", "status", "data"):
            assert getattr(twin, name, None) == getattr(error, name, None)
        if getattr(error, "response", None) is not None:
            assert twin.response.content == error.response.content
            assert twin.response.violations == error.response.violations
            assert twin.response.request.headers["X-Key"] == "***"


def test_what_the_server_sent_stays_as_it_was_sent(serve: Serve) -> None:
    """Also where it says a secret again: it is the answer that travels. Its request has no credentials."""
    scheme = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    tree = one(components=scheme, security=[{"key": []}])
    server = serve(json_reply({"your": "s3cr3t"}))
    with Client(tree, server=server.url, credentials={"key": "s3cr3t"}, validate="off") as client:
        answer = client.send("op")
    copied = pickle.loads(pickle.dumps(answer))
    assert (copied.data, copied.content) == (answer.data, answer.content)
    assert copied.request.headers["X-Key"] == "***"


def test_response(serve: Serve) -> None:
    with Client(TREE, server=serve(json_reply({"a": 1})).url, credentials={"key": "s3cr3t"}) as client:
        response = client.op.send("1", {"n": 2})
    twin = again(response)
    assert (twin.status, twin.data, twin.content, twin.url) == (200, {"a": 1}, b'{"a": 1}', response.url)
    assert dict(twin.headers) == dict(response.headers)
    assert (twin.elapsed, twin.violations, twin.ok) == (response.elapsed, (), True)
    assert (twin.request.method, twin.request.body) == ("POST", b'{"n":2}')
    assert repr(twin) == repr(response)


@pytest.mark.parametrize(
    "thing",
    [Violation("body", "body", "/a", "m", "/s"), Finding("/a", "error", "m", "w"), dynaclient.Timeout(1.0)],
)
def test_plain_data(thing: Any) -> None:
    assert again(thing) == thing
    assert str(again(thing)) == str(thing)
