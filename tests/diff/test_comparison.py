"""Whole documents: what is listed once, recursion, unions, other files, and bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError
from dynaclient._support.missing import MISSING
from dynaclient.diff import Change, DocumentDiff, containment, diff
from tests.small import document, one, param, said

TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def sent(schema: Any, **schemas: Any) -> dict[str, Any]:
    """A document whose request has `schema`, with the components `schemas`."""
    return one("post", body=schema, answers={"204": said()}, version="3.1.0", components={"schemas": schemas})


def told(found: DocumentDiff) -> list[tuple[str, str, str]]:
    return [(each.title, f"{each.subject} {each.place}".strip(), each.message) for each in found.changes]


# -- components -----------------------------------------------------------------------------------------


def test_a_component_in_several_places_of_several_operations_is_listed_once() -> None:
    def api(price: Any) -> dict[str, Any]:
        content = {"application/json": {"schema": {"type": "array", "items": ref("Item")}}}
        operations = {
            name: {"operationId": name, "requestBody": {"content": content}, "responses": {"204": said()}}
            for name in ("put", "post", "patch")
        }
        item = {
            "type": "object",
            "properties": {"price": price, "parts": {"type": "array", "items": ref("Item")}},
        }
        return document({"/x": operations}, components={"schemas": {"Item": item}})

    found = diff(api(NUMBER), api(WHOLE))
    assert told(found) == [("breaking for callers", "schema Item price", "type: number -> integer")]
    assert found.changes[0].operations == ("put", "post", "patch")
    assert found.changes[0].witness == {"price": 0.5}


def test_a_change_in_both_directions_is_two_verdicts() -> None:
    def api(schema: Any) -> dict[str, Any]:
        return one("post", body=ref("A"), answer=ref("A"), components={"schemas": {"A": schema}})

    found = diff(api({"enum": ["a", "b"]}), api({"enum": ["b", "c"]}))
    assert told(found) == [
        ("breaking for callers", "schema A", "no longer allows 'a'"),
        ("breaking for readers", "schema A", "now allows 'c'"),
        ("safe", "schema A", "now allows 'c'"),
        ("safe", "schema A", "no longer allows 'a'"),
    ]


def test_a_component_that_is_called_otherwise_is_compared_by_what_it_says() -> None:
    one_name = sent(ref("A"), A={"type": "object", "properties": {"a": TEXT}})
    other = sent(ref("B"), B={"type": "object", "properties": {"a": TEXT}})
    narrower = sent(ref("B"), B={"type": "object", "properties": {"a": WHOLE}})
    assert diff(one_name, other).changes == ()
    assert told(diff(one_name, narrower)) == [
        ("breaking for callers", "schema A -> B a", "type: string -> integer")
    ]


def test_a_parameter_that_operations_share_is_listed_once() -> None:
    def api(required: bool) -> dict[str, Any]:
        use = {"parameters": [{"$ref": "#/components/parameters/Limit"}], "responses": {"200": said()}}
        paths = {path: {"get": {**use, "operationId": path[1:]}} for path in ("/a", "/b")}
        return document(paths, components={"parameters": {"Limit": param("limit", required=required)}})

    found = diff(api(required=False), api(required=True))
    assert told(found) == [("breaking for callers", "parameter Limit query limit", "optional -> required")]
    assert found.changes[0].operations == ("a", "b")


def test_security_of_the_root_is_listed_once() -> None:
    def api(security: Any) -> dict[str, Any]:
        paths = {
            path: {"get": {"operationId": path[1:], "responses": {"200": said()}}} for path in ("/a", "/b")
        }
        key = {"type": "apiKey", "in": "header", "name": "X-Key"}
        return document(paths, security=security, components={"securitySchemes": {"key": key}})

    found = diff(api([]), api([{"key": []}]))
    assert told(found) == [("breaking for callers", "security security", "no credentials -> key")]
    assert found.changes[0].operations == ("a", "b")


# -- recursion ------------------------------------------------------------------------------------------


def test_schemas_that_lead_back_to_themselves() -> None:
    def tree(value: Any) -> dict[str, Any]:
        children = {"type": "array", "items": ref("Tree")}
        return sent(
            ref("Tree"), Tree={"type": "object", "properties": {"value": value, "children": children}}
        )

    assert diff(tree(WHOLE), tree(WHOLE)).changes == ()
    assert told(diff(tree(WHOLE), tree(NUMBER))) == [("safe", "schema Tree value", "type: integer -> number")]
    (change,) = diff(tree(NUMBER), tree(WHOLE)).changes
    assert (change.title, change.witness) == ("breaking for callers", {"value": 0.5})


def test_circles_that_take_turns() -> None:
    def pair(value: Any) -> dict[str, Any]:
        a = {"type": "object", "properties": {"b": ref("B")}}
        b = {"anyOf": [{"type": "object", "properties": {"a": ref("A"), "v": value}}, {"type": "null"}]}
        return sent(ref("A"), A=a, B=b)

    assert told(diff(pair(WHOLE), pair(NUMBER))) == [("safe", "schema B v", "type: integer -> number")]
    (change,) = diff(pair(NUMBER), pair(WHOLE)).changes
    assert (change.title, change.subject, change.place) == ("breaking for callers", "schema B", "v")


def test_a_reference_to_itself_alone() -> None:
    assert diff(sent(ref("A"), A=ref("A")), sent(ref("A"), A=ref("A"))).changes == ()
    assert diff(sent(ref("A"), A=ref("A")), sent(ref("A"), A=TEXT)).breaks


# -- unions ---------------------------------------------------------------------------------------------

CAT = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}


def pets(keyword: str, dog: Any, **more: Any) -> dict[str, Any]:
    return sent(ref("Pet"), Pet={keyword: [ref("Dog"), ref("Cat")], **more}, Dog=dog, Cat=CAT)


def test_another_member_accepts_what_one_refuses() -> None:
    before = {"type": "object", "properties": {"name": TEXT, "age": NUMBER}, "required": ["name"]}
    after = {**before, "required": ["name", "age"]}
    (change,) = [
        each for each in diff(pets("anyOf", before), pets("anyOf", after)).changes if each.verdict != "safe"
    ]
    assert (change.title, change.subject, change.place) == ("may break callers", "schema Dog", "age")
    assert "another member of anyOf or oneOf may accept it" in change.reason


def test_no_other_member_accepts_it() -> None:
    before = {"type": "object", "properties": {"bark": NUMBER}, "required": ["bark"]}
    after = {"type": "object", "properties": {"bark": WHOLE}, "required": ["bark"]}
    found = diff(pets("anyOf", before), pets("anyOf", after))
    assert told(found)[0] == ("breaking for callers", "schema Dog bark", "type: number -> integer")


def test_a_discriminator_tells_members_apart() -> None:
    def dog(age: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"kind": TEXT, "name": TEXT, "age": age},
            "required": ["kind", "name"],
        }

    told_apart = {"discriminator": {"propertyName": "kind"}}
    found = diff(pets("oneOf", dog(NUMBER), **told_apart), pets("oneOf", dog(WHOLE), **told_apart))
    assert told(found) == [("breaking for callers", "schema Dog age", "type: number -> integer")]
    found = diff(pets("oneOf", dog(WHOLE), **told_apart), pets("oneOf", dog(NUMBER), **told_apart))
    assert told(found) == [("safe", "schema Dog age", "type: integer -> number")]


def test_a_member_that_also_accepts_what_another_does() -> None:
    before = {"type": "object", "properties": {"name": WHOLE}, "required": ["name"]}
    after = {"type": "object", "properties": {"name": {}}, "required": ["name"]}
    found = diff(pets("oneOf", before), pets("oneOf", after))
    (change,) = [each for each in found.changes if each.verdict != "safe"]
    assert (change.title, change.message) == ("breaking for callers", "oneOf changed")
    assert isinstance(change.witness["name"], str)  # a cat, which the wider dog is now too


# -- what cannot be compared ------------------------------------------------------------------------------


def test_a_reference_that_leads_nowhere_is_never_silently_safe() -> None:
    lost = sent(ref("None"))
    assert diff(lost, lost).changes == ()
    for pair in ((lost, sent(TEXT)), (sent(TEXT), lost)):
        assert diff(*pair).breaks


def test_other_keywords_are_never_silently_safe() -> None:
    for keyword, value in (
        ("propertyNames", {"maxLength": 3}),
        ("dependentSchemas", {"a": {"required": ["b"]}}),
        ("if", {"required": ["a"]}),
        ("unevaluatedProperties", TEXT),
    ):
        rest = {"then": {"required": ["b"]}} if keyword == "if" else {}
        old = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
        assert diff(sent(old), sent({**old, keyword: value, **rest})).breaks, keyword
        same = {**old, keyword: value, **rest}
        assert diff(sent(same), sent({**same, "description": "x"})).changes == (), keyword


def test_the_work_for_one_pair_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def wide(kind: Any) -> dict[str, Any]:
        return sent({"type": "object", "properties": {f"p{number}": kind for number in range(50)}})

    assert len(diff(wide(NUMBER), wide(WHOLE)).of("breaking")) == 50
    monkeypatch.setattr(containment, "MOST_WORK", 20)
    found = diff(wide(NUMBER), wide(WHOLE))
    assert "schema changed" in [each.message for each in found.changes if each.verdict != "safe"]
    monkeypatch.setattr("dynaclient.diff.schemas.MOST_WITNESSES", 0)
    found = diff(wide(NUMBER), wide(WHOLE))
    assert any("too large to be compared to its end" in each.reason for each in found.of("may break"))


def test_many_members_of_many_unions_end_soon() -> None:
    """Each level has 4 members, each of which holds the next: 4 ** 12 ways through."""

    def deep(last: Any) -> dict[str, Any]:
        schemas: dict[str, Any] = {"L12": last}
        for level in range(12):
            members = [
                {"type": "object", "properties": {"next": ref(f"L{level + 1}"), f"m{number}": TEXT}}
                for number in range(4)
            ]
            schemas[f"L{level}"] = {"anyOf": members}
        return sent(ref("L0"), **schemas)

    found = diff(deep(NUMBER), deep(WHOLE))
    assert found.breaks
    assert told(found)[0][1].startswith("schema L12")


def test_schemas_that_nest_deep() -> None:
    def deep(last: Any) -> dict[str, Any]:
        schema = last
        for _ in range(60):
            schema = {"type": "object", "properties": {"a": schema}}
        return sent(schema)

    assert diff(deep(NUMBER), deep(WHOLE)).breaks
    assert diff(deep(WHOLE), deep(WHOLE)).changes == ()


# -- callbacks, files, clients ---------------------------------------------------------------------------


def test_callbacks_are_read_by_the_old_document() -> None:
    def api(schema: Any) -> dict[str, Any]:
        request = {
            "post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
        }
        return one("post", operation={"callbacks": {"done": {"{$request.body#/url}": request}}}, body=TEXT)

    assert told(diff(api(WHOLE), api(NUMBER))) == [
        (
            "breaking for readers",
            "callback done of op: POST {$request.body#/url} body",
            "type: integer -> number",
        )
    ]
    assert told(diff(api(NUMBER), api(WHOLE)))[0][0] == "safe"


def test_documents_in_several_files(tmp_path: Path) -> None:
    for name, schema in (("old", NUMBER), ("new", WHOLE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text(json.dumps(one("post", body={"$ref": "parts.json#/A"})))
        (tmp_path / name / "parts.json").write_text(json.dumps({"A": schema}))
    (change,) = diff(tmp_path / "old" / "a.json", tmp_path / "new" / "a.json").changes
    assert (change.title, change.witness) == ("breaking for callers", 0.5)
    assert change.old_pointer.endswith("parts.json#/A")


def test_swagger_to_3() -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "Small", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/x": {
                "post": {
                    "operationId": "op",
                    "parameters": [
                        {"in": "body", "name": "b", "required": True, "schema": {"$ref": "#/definitions/A"}}
                    ],
                    "responses": {"204": {"description": ""}},
                }
            }
        },
        "definitions": {"A": {"type": "object", "properties": {"n": NUMBER}}},
    }
    schemas = {"A": {"type": "object", "properties": {"n": WHOLE}}}
    new = one("post", body=ref("A"), answers={"204": said()}, components={"schemas": schemas})
    assert told(diff(old, new)) == [("breaking for callers", "schema A n", "type: number -> integer")]


def test_clients_are_taken_as_they_are() -> None:
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.paths['/x']", "remove": True}],
    }
    found = diff(one(), Client(one(), overlays=[overlay]))
    assert told(found) == [("breaking for callers", "op", "operation removed (GET /x)")]


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(DocumentError):
        diff("nowhere.yaml", one())


# -- the data ------------------------------------------------------------------------------------------------


def test_a_change_is_plain_data() -> None:
    change = Change("breaking", "callers", "op", "query a", "x", "y", operations=("op",))
    assert str(change) == "breaking for callers: op, query a: x (y)"
    assert (change.witness, change.witness_text) == (MISSING, "")
    assert "witness" not in change.as_json()
    assert Change("breaking", "callers", "op", "", "x", "", None).as_json()["witness"] is None
    long = Change("breaking", "callers", "op", "", "x", "", "a" * 1000)
    assert len(long.witness_text) < 310


def test_operations_that_are_called_otherwise_are_known() -> None:
    assert diff(one(), one(operation={"operationId": "other"})).renamed == {"op": "other"}


def test_paths_of_one_shape_are_paired_by_their_names() -> None:
    """Such documents are published, though the specification calls them ambiguous (4.8.8.1)."""
    paths = {
        f"/x/{{{name}}}": {
            "parameters": [param(name, "path")],
            "get": {"operationId": name, "responses": {"200": said()}},
        }
        for name in ("id", "number")
    }
    assert diff(document(paths), document(dict(reversed(paths.items())))).changes == ()


def test_what_was_anything_and_is_a_recursive_schema_now() -> None:
    tree = {"type": "object", "properties": {"a": ref("Tree"), "b": ref("Tree")}, "required": ["a"]}
    found = diff(
        sent({"type": "object"}), sent({"type": "object", "properties": {"t": ref("Tree")}}, Tree=tree)
    )
    assert len(found.of("breaking")) == 1
    loose = {"properties": {"a": ref("Tree"), "b": ref("Tree")}, "minProperties": 1}
    found = diff(
        sent({"type": "object"}), sent({"type": "object", "properties": {"t": ref("Tree")}}, Tree=loose)
    )
    assert 0 < len(found.changes) < 1000


@pytest.mark.parametrize("scopes", [1.5, True, "read", {"read": 1}, None], ids=str)
def test_scopes_that_are_no_list_are_none(scopes: Any) -> None:
    known = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}}
    tree = one(security=[{"key": scopes}], components=known)
    assert diff(tree, one(security=[{"key": []}], components=known)).changes == diff(tree, tree).changes
