"""Validators: made once, compiled on first use, shared by all operations."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest

from dynaclient import Client, DocumentError, RequestInvalid
from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, checker, opened, place
from tests.small import one


def test_one_checker_per_schema_and_direction() -> None:
    tree = opened({"type": "object", "properties": {"id": {"readOnly": True}}})
    checkers = Validators(tree)
    request = checkers.checker(place(tree), "request")
    assert checkers.checker(place(tree), "request") is request
    response = checkers.checker(place(tree), "response")
    assert (request.is_valid({"id": 1}), response.is_valid({"id": 1})) == (False, True)


def test_compiled_on_first_use_and_once() -> None:
    tree = opened({"type": "integer"}, T={"type": "string"})
    checkers = Validators(tree)
    check = checkers.checker(place(tree), "request")
    assert checkers.compilations == []
    for value in (1, "a", 2):
        check.is_valid(value)
        check.violations(value, "body", "body")
    assert checkers.compilations == [{"S"}]  # and nothing that it does not need


def test_large_schemas_share_one_compilation() -> None:
    chain = {f"C{i}": {"properties": {"n": {"$ref": f"#/components/schemas/C{i + 1}"}}} for i in range(80)}
    tree = opened({}, C80={"type": "integer"}, **chain)
    checkers = Validators(tree)
    each = [checkers.checker(tree.root.get("components", "schemas", f"C{i}"), "request") for i in range(30)]  # type: ignore[arg-type]
    assert [check.is_valid({}) for check in each] == [True] * 30
    assert [check.is_valid({"n": {"n": 5}}) for check in each] == [True] * 30
    assert len(checkers.compilations) == 1


def test_opening_and_looking_around_compile_nothing() -> None:
    client = Client("talon-one-integration", server="http://h")
    assert [repr(getattr(client, name)) for name in client.operations.attributes]
    assert client.checkers.compilations == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_reference_that_leads_nowhere_hurts_what_reaches_it(backend: Any) -> None:
    """What cannot be checked is not sent; an answer is checked as far as it can be."""
    schema = {"properties": {"a": {"$ref": "#/nowhere"}, "b": {"type": "integer"}}}
    client = Client(one("post", body=schema, answer=schema), server="http://h", validate_with=backend)
    assert client.prepare("op", body={"b": 1}).body == b'{"b":1}'
    for body, pointer, words in (({"a": 1}, "/a", "nowhere"), ({"b": "x"}, "/b", "expected an integer")):
        with pytest.raises(RequestInvalid, match=words) as caught:
            client.prepare("op", body=body)
        assert [each.pointer for each in caught.value.violations] == [pointer]
    node = client.operations["op"].responses[0].content["application/json"].schema
    assert node is not None
    check = client.checkers.checker(node, "response")
    assert (check.is_valid({"a": 1}), check.is_valid({"b": "x"})) == (True, False)
    assert any("nowhere" in finding.message for finding in client.findings)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_schema_that_is_nowhere_is_an_error_of_the_document(backend: Any) -> None:
    client = Client(one("post", body={"$ref": "#/nowhere"}), server="http://h", validate_with=backend)
    with pytest.raises(DocumentError, match="nowhere"):
        client.prepare("op", body={})


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("identity", ["http://[", "::", "a b", "\n"])
def test_an_id_that_is_no_uri(backend: Any, identity: str) -> None:
    tree = one("post", body={"$id": identity, "type": "integer"}, version="3.1.0")
    client = Client(tree, server="http://h", validate_with=backend)
    with pytest.raises((DocumentError, RequestInvalid)):
        client.prepare("op", body="x")


def test_pickling_keeps_no_compiled_schema() -> None:
    tree = opened({"type": "integer"})
    checkers = Validators(tree, "python")
    checkers.checker(place(tree), "request").is_valid(1)
    twin = pickle.loads(pickle.dumps(checkers))
    assert twin.backend == "python"
    assert twin.checker(place(tree), "request").is_valid(1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads(backend: Any) -> None:
    schemas = {
        f"C{i}": {"properties": {"n": {"$ref": f"#/components/schemas/C{(i * 7 + 1) % 97}"}}}
        for i in range(97)
    }
    tree = opened({"type": "object"}, **schemas)
    checkers = Validators(tree, backend)
    failed: list[BaseException] = []
    start = threading.Barrier(6)

    def work(number: int) -> None:
        try:
            start.wait()
            for i in range(number, 97, 6):
                node = tree.root.get("components", "schemas", f"C{i}")
                assert node is not None
                assert checkers.checker(node, "request").is_valid({"n": {"n": {}}})
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_too_deep_is_a_violation(backend: str) -> None:
    value: Any = 1
    for _ in range(900):
        value = [value]
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/S"}}
    check = checker(schema, backend)
    assert not check.is_valid(value)
    assert len(check.violations(value, "body", "body")) == 1
