"""`dynaclient show`: parameters, bodies and responses as a person reads them."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from dynaclient._support import terminal
from dynaclient.client import Client
from tests.cli.conftest import Run, Save
from tests.small import one, param, said

NAME = "talon-one-integration"
NODE: dict[str, Any] = {
    "type": "object",
    "description": "A node.\n\nMore of it.",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    },
}
COMPONENTS = {"schemas": {"Node": NODE}}
REF = {"$ref": "#/components/schemas/Node"}


def lines(run: Run, path: str) -> list[str]:
    """The lines of `show`, without the guides of trees."""
    result = run("show", path, "op")
    assert (result.code, result.err) == (0, "")
    return [line.lstrip("│├└─ \xa0") for line in result.out.splitlines()]


def test_every_operation_of_every_generation_is_shown_with_an_example(run: Run) -> None:
    for generation in ("2020-04", "2026-05"):
        document = f"{NAME}@{generation}"
        for key in Client(document).operations:
            result = run("show", document, key)
            assert (result.code, result.err) == (0, "")
            assert "In Python" in result.out
            assert "As a command" in result.out
            assert "no value was found" not in result.out


def test_parameters_have_place_type_bounds_default_and_description(run: Run, save: Save) -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}
    parameters = [
        param("size", schema=schema, description="How many.\n\nAnd so on."),
        param("id", "path", {"type": "string", "format": "uuid"}),
        param("kind", "header", {"type": "string", "enum": ["a", "b"]}, deprecated=True),
    ]
    found = lines(run, save(one("get", "/x/{id}", *parameters)))
    start = found.index("Parameters")
    assert found[start + 1].split() == ["name", "location", "type", "limits", "description"]
    assert found[start + 2].split() == ["id*", "path", "string", "(uuid)"]
    assert found[start + 3].split()[:6] == ["size", "query", "integer", "1..50;", "default", "10"]
    assert found[start + 3].endswith("  How many.")
    assert 'one of "a", "b"; deprecated' in found[start + 4]


def test_a_body_is_a_tree_cut_where_it_begins_anew(run: Run, save: Save) -> None:
    found = lines(run, save(one("post", body=REF, components=COMPONENTS, answer={"type": "string"})))
    assert "Body, required" in found
    at = found.index("application/json  Node  A node.")
    assert found[at + 1] == "name*  string  length 1..5"
    assert found[at + 2] == "children  array of Node  ..."


def test_what_an_earlier_tree_shows_is_not_shown_again(run: Run, save: Save) -> None:
    answers = {"200": said(REF), "400": said(REF)}
    found = lines(run, save(one(answers=answers, components=COMPONENTS)))
    assert found.count("name*  string  length 1..5") == 1
    assert "application/json  Node  as above  A node." in found


def test_choices_are_readable(run: Run, save: Save) -> None:
    schemas = {"Cat": {"type": "object", "properties": {"purrs": {"type": "boolean"}}}, "Node": NODE}
    body = {"oneOf": [{"$ref": "#/components/schemas/Cat"}, REF]}
    found = lines(run, save(one("post", body=body, components={"schemas": schemas})))
    at = found.index("application/json  Cat or Node")
    assert found[at + 1] == "one of 1  Cat"
    assert found[at + 2] == "purrs  boolean"
    assert found[at + 3] == "one of 2  Node  A node."


def test_all_of_is_laid_together(run: Run, save: Save) -> None:
    extra = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    found = lines(run, save(one("post", body={"allOf": [REF, extra]}, components=COMPONENTS)))
    assert "name*  string  length 1..5" in found
    assert "id*  integer" in found


def test_a_deep_tree_is_cut_to_what_a_terminal_can_take(
    run: Run, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide: dict[str, Any] = {"type": "string"}
    for _ in range(4):
        wide = {"type": "object", "properties": {f"p{n}": wide for n in range(6)}}
    path = save(one("post", body=wide))
    whole = run("show", path, "op").out
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    cut = run("show", path, "op").out
    assert whole.count("  string") == 6**4
    assert "  ..." not in whole
    assert cut.count("p0  object") < whole.count("p0  object")
    assert "p0  object  ..." in cut


def test_only_the_name_is_bold(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setattr(terminal, "console", lambda: console)
    console = Console(
        width=120, force_terminal=True, color_system="standard", record=True, file=io.StringIO()
    )
    Client(save(one("post", body=REF) | {"components": COMPONENTS}), server="http://h").show("op")
    shown = [each for each in console.export_text(styles=True).splitlines() if "name*" in each]
    assert shown
    for each in shown:
        parts = re.findall(r"\x1b\[([\d;]+)m([^\x1b]+)", each)
        assert [text for style, text in parts if "1" in style.split(";")] == ["name*"]


def test_what_cannot_be_resolved_is_said(run: Run, save: Save) -> None:
    body = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/none"}}}
    result = run("show", save(one("post", body=body)), "op")
    assert result.code == 0
    assert "does not resolve" in result.out
    assert "Traceback" not in result.err


def test_credentials_deprecation_and_headers_are_named(run: Run, save: Save) -> None:
    answers = {
        "200": {
            "description": "Fine",
            "headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
        }
    }
    schemes = {"a": {"type": "http", "scheme": "basic"}, "b": {"type": "http", "scheme": "bearer"}}
    document = one(
        answers=answers,
        components={"securitySchemes": schemes},
        operation={"deprecated": True, "security": [{"a": [], "b": []}, {"b": []}]},
    )
    found = lines(run, save(document))
    assert found[0].split() == ["op", "GET", "/x", "deprecated"]
    assert "Credentials: a and b or b" in found
    assert "header X-Count*  integer" in found
    assert found[-1].endswith("DYNACLIENT_CREDENTIAL_A, DYNACLIENT_CREDENTIAL_B")


def test_names_that_stand_twice_are_told_with_their_places(run: Run, save: Save) -> None:
    found = lines(run, save(one("get", "/x/{id}", param("id", "path"), param("id"), param("size"))))
    start = found.index("Parameters")
    names = [line.split()[0] for line in found[start + 2 : start + 5]]
    assert names == ["path.id*", "query.id", "size"]
    assert found[start + 5] == 'In Python by name in a mapping: call("op", {"path.id": ..., "query.id": ...})'
