"""From the tree of a document to the parameters, bodies and responses of an operation."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, DocumentError, Operation
from tests.small import document, one, param, said


def made(tree: dict[str, Any]) -> tuple[Operation, list[str]]:
    """The operation `op`, and the messages of what was found while it was made."""
    client = Client(tree)
    operation = client.operations["op"]
    return operation, [finding.message for finding in client.document.findings]


# -- references --------------------------------------------------------------------------------------

COMPONENTS = {
    "parameters": {"P": param("p"), "Again": {"$ref": "#/components/parameters/P"}},
    "requestBodies": {
        "B": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    },
    "responses": {"R": said({"type": "object"})},
    "headers": {"H": {"schema": {"type": "integer"}, "required": True}},
}


def test_everything_may_be_referred_to() -> None:
    tree = one("post", components=COMPONENTS, answers={"200": {"$ref": "#/components/responses/R"}})
    node = tree["paths"]["/x"]["post"]
    node["parameters"] = [{"$ref": "#/components/parameters/Again"}]
    node["requestBody"] = {"$ref": "#/components/requestBodies/B"}
    node["responses"]["201"] = {"description": "", "headers": {"X-H": {"$ref": "#/components/headers/H"}}}
    operation, found = made(tree)
    assert [each.key for each in operation.parameters] == ["query.p"]
    assert operation.parameters[0].node.pointer == "/components/parameters/P"
    assert operation.body is not None
    assert operation.body.required
    assert list(operation.body.content) == ["application/json"]
    assert list(operation.responses[0].content) == ["application/json"]
    assert [(each.name, each.required) for each in operation.responses[1].headers] == [("X-H", True)]
    assert (found, operation.problem) == ([], "")


@pytest.mark.parametrize("place", ["parameters", "requestBody"])
def test_what_cannot_be_resolved_is_refused_when_it_is_called(place: str) -> None:
    tree = one("post")
    reference = {"$ref": "#/components/nowhere"}
    tree["paths"]["/x"]["post"][place] = [reference] if place == "parameters" else reference
    client = Client(tree, server="http://h")
    assert "nowhere" in client.operations["op"].problem
    with pytest.raises(DocumentError, match="nowhere") as caught:
        client.prepare("op")
    assert caught.value.findings
    assert any("cannot be called" in finding.message for finding in client.findings)


def test_an_answer_that_cannot_be_resolved_is_left_out() -> None:
    operation, found = made(one(answers={"200": {"$ref": "#/nowhere"}, "201": said()}))
    assert [answer.status for answer in operation.responses] == ["201"]
    assert operation.problem == ""
    assert any("nowhere" in message for message in found)


# -- bodies, answers, the rest -----------------------------------------------------------------------


def test_a_body_without_content_takes_any() -> None:
    client = Client(one("post", content={}), server="http://h")
    assert client.prepare("op", body=b"\x00").body == b"\x00"
    assert client.prepare("op", body={"a": 1}).body == b'{"a":1}'
    assert any("without content" in finding.message for finding in client.findings)


def test_a_content_type_header_of_an_answer_is_ignored() -> None:
    headers = {"Content-Type": {"schema": {}, "required": True}, "X-A": {"schema": {}}}
    operation, _ = made(one(answers={"200": {"description": "", "headers": headers}}))
    assert [header.name for header in operation.responses[0].headers] == ["X-A"]


SECURITY: list[tuple[Any, Any, Any]] = [
    (None, None, None),
    ([{"a": []}], None, (("a",),)),
    ([{"a": []}], [{"b": [], "c": ["s"]}, {}], (("b", "c"), ())),
    ([{"a": []}], [], ()),
    (5, None, None),
    ([5, {"a": []}], None, (("a",),)),
    ({"a": [], "b": []}, None, (("a", "b"),)),
    (["a", {"b": []}], None, (("a",), ("b",))),
]


@pytest.mark.parametrize(("root", "own", "due"), SECURITY)
def test_security(root: Any, own: Any, due: Any) -> None:
    rest = {} if root is None else {"security": root}
    tree = one(operation={} if own is None else {"security": own}, **rest)
    assert made(tree)[0].security == due


def test_a_security_scheme_in_other_letters() -> None:
    scheme = {"type": "apikey", "in": "Query", "name": " key "}
    tree = one(operation={"security": ["k"]}, components={"securitySchemes": {"k": scheme}})
    client = Client(tree, server="http://h", credentials={"k": "s3cr3t"})
    assert client.prepare("op").url == "http://h/x?key=s3cr3t"
    messages = [finding.message for finding in client.document.findings]
    assert "`type` is 'apikey'" in messages
    assert "`in` is 'Query'" in messages


def test_words() -> None:
    tree = one(operation={"summary": "S", "description": "D", "deprecated": True, "tags": ["a", 5]})
    tree["paths"]["/x"] |= {"summary": "of the path", "description": "of the path"}
    operation, _ = made(tree)
    assert (operation.summary, operation.description, operation.deprecated) == ("S", "D", True)
    assert operation.tags == ("a", "5")
    bare = document({"/x": {"summary": "of the path", "get": {"operationId": "op"}}})
    assert made(bare)[0].summary == "of the path"
    assert made(bare)[0].tags == ()
