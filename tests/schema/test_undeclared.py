"""Misspelt optional properties: JSON Schema allows them, so they are noted or refused."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid, ResponseInvalid, SettingsError
from dynaclient.cli.main import main
from dynaclient.schema.undeclared import nearest_names
from tests.conftest import Serve
from tests.small import json_reply, one, param, said

TEXT: dict[str, Any] = {"type": "string"}


def obj(*names: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **more}


def holding(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}, **more}


TREE = {
    "type": "object",
    "properties": {
        "label": TEXT,
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
}
CAT, DOG = obj("kind", "whiskers"), obj("kind", "collar")
COMPONENTS = {"schemas": {"Tree": TREE, "Cat": CAT, "Dog": DOG, "Base": obj("created", "owner")}}
BASE, CATS, DOGS = ({"$ref": f"#/components/schemas/{name}"} for name in ("Base", "Cat", "Dog"))
EITHER = {"oneOf": [CATS, DOGS], "discriminator": {"propertyName": "kind"}}

NOTED: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    (obj("name", "tag"), {"nmae": "a"}, [("/nmae", "name")]),
    (obj("name", "tag"), {"Name": "a", "tga": "b"}, [("/Name", "name"), ("/tga", "tag")]),
    (obj("customerId"), {"customer_id": "a"}, [("/customer_id", "customerId")]),
    (obj("e-mail/x"), {"emial/x": "a"}, [("/emial~1x", "e-mail/x")]),
    (obj("@type", "type"), {"tpye": "a"}, [("/tpye", "type")]),
    (obj("$filter"), {"filter": "a"}, [("/filter", "$filter")]),
    (obj("straße"), {"strasse": "a", "strase": "b"}, [("/strasse", "straße"), ("/strase", "straße")]),
    (holding("pet", obj("colour")), {"pet": {"color": "a"}}, [("/pet/color", "colour")]),
    ({"type": "array", "items": obj("size")}, [{"size": "1"}, {"sise": "1"}], [("/1/sise", "size")]),
    (
        {"type": "array", "items": {"type": "array", "items": obj("size")}},
        [[], [{"szie": "1"}]],
        [("/1/0/szie", "size")],
    ),
    ({"allOf": [BASE, obj("name")]}, {"nam": "a", "onwer": "b"}, [("/nam", "name"), ("/onwer", "owner")]),
    (
        {"anyOf": [obj("name"), holding("deep", obj("price"))]},
        {"deep": {"prize": "1"}},
        [("/deep/prize", "price")],
    ),
    (EITHER, {"kind": "Cat", "wiskers": "a"}, [("/wiskers", "whiskers")]),
    (
        {"allOf": [BASE], "properties": {"pets": {"type": "array", "items": EITHER}}},
        {"pets": [{"kind": "Dog", "coler": "a"}]},
        [("/pets/0/coler", "collar")],
    ),
    (
        {"$ref": "#/components/schemas/Tree"},
        {"children": [{"children": [{"lable": "a"}]}]},
        [("/children/0/children/0/lable", "label")],
    ),
    (obj("name", additionalProperties=TEXT), {"naem": "a", "other": "b"}, [("/naem", "name")]),
    (
        {"type": "object", "additionalProperties": obj("price")},
        {"apple": {"prise": "1"}},
        [("/apple/prise", "price")],
    ),
    (obj("name", additionalProperties=obj("name")), {"first": {"nme": "x"}}, [("/first/nme", "name")]),
]

SILENT: list[tuple[Any, Any]] = [
    (obj("name", "tag"), {"name": "a", "colour": "b"}),  # an extension: nothing like it is declared
    (obj("name", "tag"), {"name": "a", "names": "b"}),  # what it is like is given
    (obj("name"), {}),
    (obj("first_name"), {"last_name": "a"}),
    (obj("startDate"), {"endDate": "a"}),
    (obj("id"), {"uri": "a"}),
    ({"type": "object", "additionalProperties": TEXT}, {"name": "a", "nmae": "b"}),
    ({}, {"anything": {"anyhting": 1}}),
    (EITHER, {"kind": "Cat", "whiskers": "long"}),
    ({"allOf": [obj("name"), {"if": obj("a"), "then": obj("nmae")}]}, {"nmae": "a"}),
    (holding("free", {"type": "object"}), {"free": {"fere": 1}}),
    (holding("free", {}), {"free": [{"fere": 1}]}),
    ({"type": "object", "properties": {"name": TEXT}, "example": {"nmae": 1}}, {"name": "a"}),
]


def client(schema: Any, version: str = "3.1.0", **settings: Any) -> Client:
    tree = one("post", body=schema, version=version, components=COMPONENTS)
    return Client(tree, server="http://h.test", **settings)


def noted(api: Client, body: Any) -> list[tuple[str, str]]:
    with pytest.raises(RequestInvalid) as caught:
        api.prepare("op", body=body)
    return [(each.pointer, each.message.split("'")[3]) for each in caught.value.violations]


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(("schema", "body", "due"), NOTED, ids=[str(row[1]) for row in NOTED])
def test_what_seems_to_be_misspelt_is_refused_where_that_is_asked_for(
    schema: Any, body: Any, due: list[tuple[str, str]], version: str, engine: Any
) -> None:
    api = client(schema, version, validate={"undeclared": "strict"}, validate_with=engine)
    assert noted(api, body) == due
    assert client(schema, version, validate_with=engine).prepare("op", body=body).method == "POST"


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize(("schema", "body"), SILENT, ids=[str(row[1]) for row in SILENT])
def test_what_is_right_or_only_undeclared_is_sent(
    schema: Any, body: Any, engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for validate in ("strict", {"undeclared": "strict"}):
        client(schema, validate=validate, validate_with=engine).prepare("op", body=body)
    assert caplog.records == []


@pytest.mark.parametrize("engine", ["rust", "python"])
def test_a_name_that_a_pattern_declares_is_no_mistake(engine: Any) -> None:
    schema = obj("name", patternProperties={"^nm": {}, "\\d$": obj("size")})
    api = client(schema, validate={"undeclared": "strict"}, validate_with=engine)
    api.prepare("op", body={"nmae": 1, "name1": {"size": "a"}})
    assert noted(api, {"name1": {"sze": "a"}, "anme": "b"}) == [("/name1/sze", "size"), ("/anme", "name")]


def test_where_the_schema_cannot_be_seen_nothing_is_said() -> None:
    schema = {
        "allOf": [obj("name"), {"$dynamicRef": "#other"}],
        "$defs": {"x": {"$dynamicAnchor": "other", **obj("nmae")}},
    }
    client(schema, validate={"undeclared": "strict"}).prepare("op", body={"nmae": "a"})


def test_names_that_look_alike_are_told_apart() -> None:
    with pytest.raises(RequestInvalid) as caught:
        client(obj("é"), validate={"undeclared": "strict"}).prepare("op", body={"e\u0301": "a"})
    due = r'the two look alike: "e\u0301" was given, "\u00e9" is expected'
    assert due in caught.value.violations[0].message


def test_what_the_server_sets_is_not_suggested() -> None:
    schema = {"type": "object", "properties": {"created": {**TEXT, "readOnly": True}, "name": TEXT}}
    client(schema, validate={"undeclared": "strict"}).prepare("op", body={"creatd": "a"})


# -- where it is told ----------------------------------------------------------------------------------

SAID = "'nmae' is not declared; did you mean 'name'?"


def test_it_is_logged_and_on_the_notes(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(json_reply({}), json_reply({"x": 1}, 500))
    api = Client(
        one("post", body=obj("name"), answers={"200": said({}), "default": said({})}), server=server.url
    )
    response = api.send("op", body={"nmae": "a"})
    assert [(each.where, each.pointer, each.message) for each in response.notes] == [("body", "/nmae", SAID)]
    assert response.notes[0].schema_pointer.endswith("/schema")
    assert (response.violations, response.request.body) == ((), b'{"nmae":"a"}')
    assert [(each.levelname, SAID in each.getMessage()) for each in caplog.records] == [("WARNING", True)]
    assert pickle.loads(pickle.dumps(response)).notes == response.notes
    assert api.send("op", body={"nmae": "a"}).notes == response.notes
    assert api.send("op", body={"name": "a"}).notes == ()


def test_a_streamed_answer_and_one_that_is_refused_have_them_too(serve: Serve) -> None:
    server = serve(json_reply({}))
    tree = one("post", body=obj("name"), answer=TEXT)
    api = Client(tree, server=server.url)
    assert len(api.send("op", body={"nmae": "a"}, options={"stream": True}).notes) == 1
    with pytest.raises(ResponseInvalid) as caught:
        api.send("op", body={"nmae": "a"})
    assert len(caught.value.response.notes) == 1


@pytest.mark.parametrize(
    ("validate", "notes"),
    [
        ("strict", 1),
        ("warn", 1),
        ("off", 0),
        ({"response": "off"}, 1),
        ({"undeclared": "off"}, 0),
        ({"undeclared": "warn"}, 1),
        ({"request": "off"}, 0),
        ({"request": "off", "undeclared": "warn"}, 1),
    ],
)
def test_settings(validate: Any, notes: int, serve: Serve) -> None:
    api = Client(
        one("post", body=obj("name"), answer={}), server=serve(json_reply({})).url, validate=validate
    )
    assert len(api.send("op", body={"nmae": "a"}).notes) == notes


@pytest.mark.parametrize("request_mode", ["strict", "warn", "off"])
def test_strict_refuses_whatever_holds_for_the_rest(request_mode: Any) -> None:
    api = client(obj("name"), validate={"request": request_mode, "undeclared": "strict"})
    assert noted(api, {"nmae": "a"}) == [("/nmae", "name")]


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="'undeclared' to them"):
        client({}, validate={"undeclarde": "strict"})


CONTENT: list[tuple[str, Any, Any, str]] = [
    ("application/x-www-form-urlencoded", obj("name"), {"nmae": "a"}, "/nmae"),
    ("multipart/form-data", obj("name", "photo"), {"phote": io.BytesIO(b"x"), "name": "a"}, "/phote"),
    ("application/merge-patch+json", obj("name"), {"nmae": None}, "/nmae"),
    ("application/x-ndjson", obj("name"), [{"name": "a"}, {"nmae": "a"}], "/1/nmae"),
    ("application/*", obj("name"), {"nmae": "a"}, "/nmae"),
]


@pytest.mark.parametrize(("kind", "schema", "body", "pointer"), CONTENT, ids=[row[0] for row in CONTENT])
def test_in_every_kind_of_body(kind: str, schema: Any, body: Any, pointer: str) -> None:
    tree = one("post", content={kind: {"schema": schema}})
    api = Client(tree, server="http://h.test", validate={"undeclared": "strict"})
    assert [each for each, _ in noted(api, body)] == [pointer]


def test_in_the_items_of_a_sequence() -> None:
    tree = one("post", content={"application/jsonl": {"itemSchema": obj("name")}}, version="3.2.0")
    api = Client(tree, server="http://h.test", validate={"undeclared": "strict"})
    assert noted(api, iter([{"name": "a"}, {"nmae": "a"}])) == [("/1/nmae", "name")]


def test_in_parameters_that_are_objects() -> None:
    tree = one("get", "/x", param("filter", schema=obj("colour"), style="deepObject"))
    api = Client(tree, server="http://h.test", validate={"undeclared": "strict"})
    with pytest.raises(RequestInvalid, match="query filter at /color: 'color' is not declared; did you mean"):
        api.prepare("op", filter={"color": "a"})


def test_in_swagger_2() -> None:
    operation = {
        "operationId": "op",
        "parameters": [{"in": "body", "name": "b", "schema": obj("name")}],
        "responses": {},
    }
    tree = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"post": operation}}}
    assert noted(Client(tree, server="http://h.test", validate={"undeclared": "strict"}), {"nmae": "a"})


# -- at the command line -------------------------------------------------------------------------------


def test_a_line_on_standard_error(serve: Serve, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(json_reply({}))
    file = tmp_path / "x.json"
    file.write_text(json.dumps(one("post", body=obj("name"), answer={})))
    call = ["call", str(file), "op", "--server", server.url]
    for body in (["--body", '{"nmae": "a"}'], ["-F", "nmae=a"]):
        for more in ([], ["--dry-run"]):
            assert main([*call, *body, *more]) == 0
            assert f"dynaclient: note: body at /nmae: {SAID}" in capsys.readouterr().err
    assert main([*call, "--body", '{"nmae": "a"}', "--validate", "undeclared=strict"]) == 3
    assert SAID in capsys.readouterr().err


# -- where the schema forbids it -----------------------------------------------------------------------

CLOSED: list[tuple[Any, Any, str]] = [
    (
        obj("name", "tag", additionalProperties=False),
        {"nmae": "a"},
        "'nmae' is not allowed here; did you mean 'name'; allowed:",
    ),
    (
        obj("name", additionalProperties=False),
        {"zzz": "a"},
        "'zzz' is not allowed here; allowed: \"name\"",
    ),
    (
        obj("name", additionalProperties=False),
        {"name": "a", "nmae": "b"},
        "'nmae' is not allowed here; allowed: \"name\"",
    ),
    (
        holding("a", {"type": "array", "items": obj("customerId", additionalProperties=False)}),
        {"a": [{"customer_id": "x"}]},
        "did you mean 'customerId'",
    ),
    (
        {"allOf": [obj("colour")], "unevaluatedProperties": False},
        {"color": "a"},
        "did you mean 'colour'; allowed: \"colour\"",
    ),
    (
        {"allOf": [BASE], "properties": {"name": TEXT}, "unevaluatedProperties": False},
        {"onwer": "a"},
        "did you mean 'owner'",
    ),
]


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize(("schema", "value", "due"), CLOSED, ids=[str(row[1]) for row in CLOSED])
def test_the_violation_names_the_nearest(
    schema: Any, value: Any, due: str, engine: Any, serve: Serve
) -> None:
    tree = one("post", body=schema, answer=schema, version="3.1.0", components=COMPONENTS)
    api = Client(tree, server=serve(json_reply(value)).url, validate_with=engine)
    with pytest.raises(RequestInvalid) as refused:
        api.call("op", body=value)
    loose = Client(tree, server=api.server, validate={"request": "off"}, validate_with=engine)
    with pytest.raises(ResponseInvalid) as answered:
        loose.call("op", body=value)
    for error in (refused.value, answered.value):
        assert due in error.violations[0].message


# -- which names are near, and what it costs -----------------------------------------------------------

NAMES = ("name", "customerId", "address_line_1", "tag", "priority", "isActive")


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ("nmae", "name"), ("names", "name"), ("NAME", "name"), ("customer-id", "customerId"),
        ("custmerId", "customerId"),
        ("addressLine1", "address_line_1"), ("adress_line_1", "address_line_1"), ("gat", "tag"),
        ("tags", "tag"), ("prority", "priority"), ("active", "isActive"), ("x", ""), ("size", ""),
        ("description", ""), ("ta", "tag"), ("", ""),
    ],
)  # fmt: skip
def test_near(given: str, due: str) -> None:
    assert next(iter(nearest_names(given, NAMES)), "") == due


def test_very_many_are_not_all_listed() -> None:
    api = client({"type": "array", "items": obj("name")}, validate={"undeclared": "strict"})
    assert len(noted(api, [{"nmae": "a"}] * 5000)) == 100


def test_of_very_many_names_few_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from dynaclient.schema.undeclared import DeclaredTogether

    looked: list[str] = []
    near = DeclaredTogether.near
    monkeypatch.setattr(
        DeclaredTogether, "near", lambda part, name, given: looked.append(name) or near(part, name, given)
    )
    names = obj(*(f"property{n}" for n in range(600)))
    client(names).prepare("op", body={f"{n}xyz": "a" for n in range(10_000)})
    assert len(looked) == 100
    rows = [{"extension": 1}] * 300 + [{"extension": 1, "nmae": "a"}]
    api = client({"type": "array", "items": obj("name")}, validate={"undeclared": "strict"})
    assert noted(api, rows) == [("/300/nmae", "name")]


def test_all_values_of_a_part_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No loop of ours runs over the values where all is declared: the cost of a call does not show."""
    from dynaclient.schema.undeclared import DeclaredTogether

    looked: list[int] = []
    knows_all = DeclaredTogether.knows_all
    monkeypatch.setattr(
        DeclaredTogether, "knows_all", lambda part, values: looked.append(1) or knows_all(part, values)
    )
    monkeypatch.setattr(
        DeclaredTogether, "look", lambda *given: pytest.fail("it looks for what is not there")
    )
    rows = {
        "type": "array",
        "items": {"allOf": [BASE, holding("lines", {"type": "array", "items": obj("sku")})]},
    }
    body = [{"owner": "a", "lines": [{"sku": "a"}] * 10} for _ in range(1000)]
    client(rows).prepare("op", body=body)
    assert len(looked) <= 4


def test_a_value_that_stands_deep_is_sent() -> None:
    def call(depth: int) -> Any:
        return call(depth - 1) if depth else api.prepare("op", body=body)

    api = client({"$ref": "#/components/schemas/Tree"})
    body: dict[str, Any] = {}
    for _ in range(60):
        body = {"children": [body]}
    assert call(100).method == "POST"
