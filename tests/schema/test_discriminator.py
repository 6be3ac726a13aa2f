"""Discriminator Objects: which branch was meant, and what is invalid in it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid

MAPPING = {"dog": "#/components/schemas/Dog"}


def client(
    backend: Any, members: dict[str, Any], mapping: Any = None, keyword: str = "oneOf", default: str = ""
) -> Client:
    discriminator = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    if default:
        discriminator["defaultMapping"] = default
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in members]
    content = {"application/json": {"schema": {keyword: refs, "discriminator": discriminator}}}
    operation = {"operationId": "p", "requestBody": {"required": True, "content": content}, "responses": {}}
    version = "3.2.0" if default else "3.0.3"
    tree = {"openapi": version, "paths": {"/p": {"post": operation}}, "components": {"schemas": members}}
    return Client(tree, server="https://x.test", validate_with=backend)


def member(**properties: Any) -> dict[str, Any]:
    own = {"kind": {"type": "string"}, **properties}
    return {"type": "object", "required": ["kind"], "properties": own, "additionalProperties": False}


APART = {"Cat": member(lives={"type": "integer"}), "Dog": member(bark={"type": "boolean"})}
ALIKE = {"Cat": member(age={"type": "integer"}), "Dog": member(age={"type": "integer"})}


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("body", "pointer", "message", "where"),
    [
        (
            {"kind": "Cat", "lives": "9"},
            "/lives",
            'expected an integer, got a string ("9")',
            "/components/schemas/Cat",
        ),
        (
            {"kind": "dog", "bark": 1},
            "/bark",
            "expected a boolean, got an integer (1)",
            "/components/schemas/Dog",
        ),
        (
            {"kind": "dog", "lives": 9, "bark": True},
            "",
            "'lives' is not allowed here",
            "/components/schemas/Dog",
        ),
        ({"lives": 9}, "", "'kind' is missing", "/components/schemas/"),
        (5, "", "expected an object, got an integer (5)", "/components/schemas/"),
    ],
)
def test_the_errors_are_those_of_the_branch_that_was_meant(
    backend: Any, keyword: str, body: Any, pointer: str, message: str, where: str
) -> None:
    with pytest.raises(RequestInvalid) as caught:
        client(backend, APART, MAPPING, keyword).prepare("p", body=body)
    (violation,) = caught.value.violations
    assert (violation.pointer, message in violation.message) == (pointer, True), violation
    assert violation.schema_pointer.startswith(where)


OPEN = {
    name: {"type": "object", "properties": {"kind": {"type": "string"}, own: {"type": "integer"}}}
    for name, own in (("Cat", "lives"), ("Dog", "bark"))
}


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("default", ["Dog", "#/components/schemas/Dog"])
@pytest.mark.parametrize(
    "body", [{}, {"bark": 1}, {"kind": "cow"}, {"kind": 5}, {"kind": "dog"}, {"kind": "Cat"}]
)
def test_the_default_mapping_is_of_what_no_other_member_is_meant_by(
    backend: Any, default: str, body: dict[str, Any]
) -> None:
    pets = client(backend, OPEN, MAPPING, default=default)
    wrong = pets.check("p", body=body)
    assert [each.pointer for each in wrong] == (["/kind"] if body == {"kind": 5} else [])
    assert len(client(backend, OPEN, MAPPING).check("p", body=body)) == (
        body.get("kind") not in ("dog", "Cat")
    )


@pytest.mark.parametrize("backend", ["rust", "python"])
def test_members_that_differ_by_their_discriminator_alone_are_told_apart(backend: Any) -> None:
    pets = client(backend, ALIKE, MAPPING)
    assert pets.prepare("p", body={"kind": "dog", "age": 3}).body == b'{"kind":"dog","age":3}'
    assert pets.prepare("p", body={"kind": "Cat", "age": 3}).body == b'{"kind":"Cat","age":3}'
    with pytest.raises(RequestInvalid, match="matches more than one of the 2 oneOf schemas"):
        pets.prepare("p", body={"kind": "cow", "age": 3})
    with pytest.raises(RequestInvalid, match="/age: "):
        pets.prepare("p", body={"kind": "dog", "age": "3"})
