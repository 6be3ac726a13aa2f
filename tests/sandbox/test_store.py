"""What the sandbox keeps: what was made is read, listed, changed and removed, over real sockets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from dynaclient.sandbox import store as stored
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import answer, body, document, operation, parameter

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "tag": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
        "born": {"type": "string", "format": "date-time", "readOnly": True},
        "owner": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "town": {"type": "string", "nullable": True}},
        },
    },
}
ID = parameter("petId", "path", {"type": "integer"})
EMPTY = {"description": ""}


def crud(
    thing: Any = PET, one: Any = None, many: Any = None, errors: tuple[str, ...] = ("404",), **rest: Any
) -> dict[str, Any]:
    """A document of a collection and its things. `one` and `many`: the schemas of responses."""
    one = one or thing
    many = many or {"type": "array", "items": one}
    failures = dict.fromkeys(errors, EMPTY)
    sizes = [parameter(name, "query", {"type": "integer"}) for name in ("limit", "offset", "page")]
    return document(
        {
            "/pets": {
                "get": operation("list", {"200": answer(many)}, parameters=sizes),
                "post": operation("make", rest.get("made") or {"201": answer(one)}, requestBody=body(thing)),
            },
            "/pets/{petId}": {
                "parameters": [ID],
                "get": operation("read", {"200": answer(one), **failures}),
                "put": operation("replace", rest.get("put") or {"200": answer(one)}, requestBody=body(thing)),
                "patch": operation(
                    "change",
                    {"200": answer(one), **failures},
                    requestBody=body({**thing, "required": []}, "application/merge-patch+json"),
                ),
                "delete": operation("remove", {"204": EMPTY, **failures}),
            },
        }
    )


WRAPPED = {"type": "object", "required": ["data"], "properties": {"data": PET}}
PAGE = {
    "type": "object",
    "required": ["items", "total", "count"],
    "properties": {
        "items": {"type": "array", "items": PET},
        "total": {"type": "integer"},
        "count": {"type": "integer"},
    },
}


@pytest.mark.parametrize(
    ("tree", "one", "many"),
    [
        (crud(), lambda data: data, lambda data: data),
        (crud(one=WRAPPED, many=PAGE), lambda data: data["data"], lambda data: data["items"]),
        (
            crud(one=WRAPPED, many={"type": "array", "items": PET}),
            lambda data: data["data"],
            lambda data: data,
        ),
    ],
    ids=["plain", "wrapped", "wrapped one by one"],
)
def test_what_is_made_is_read_listed_changed_and_removed(
    tree: dict[str, Any], one: Any, many: Any, serve: Serve, ask: Ask
) -> None:
    sandbox = serve(tree)
    made = [
        one(ask(sandbox, "POST", "/pets", json={"name": name, "secret": "s"}).json())
        for name in ("Rex", "Ida")
    ]
    assert [each["name"] for each in made] == ["Rex", "Ida"]
    assert len({each["id"] for each in made}) == 2
    for each in made:
        assert one(ask(sandbox, "GET", f"/pets/{each['id']}").json()) == each
    assert many(ask(sandbox, "GET", "/pets").json()) == made

    rex, ida = (f"/pets/{each['id']}" for each in made)
    assert one(ask(sandbox, "PUT", rex, json={"name": "Max", "tag": "x"}).json())["tag"] == "x"
    read = one(ask(sandbox, "GET", rex).json())
    assert (read["id"], read["name"], read["tag"]) == (made[0]["id"], "Max", "x")
    assert read.get("born") == made[0].get("born")
    ask(sandbox, "PUT", rex, json={"name": "Max"})
    assert "tag" not in one(ask(sandbox, "GET", rex).json())

    merge = {"headers": {"Content-Type": "application/merge-patch+json"}}
    ask(sandbox, "PATCH", ida, data='{"owner": {"name": "Ann", "town": "Ulm"}}', **merge)
    ask(sandbox, "PATCH", ida, data='{"owner": {"town": null}}', **merge)
    read = one(ask(sandbox, "GET", ida).json())
    assert (read["name"], read["owner"]) == ("Ida", {"name": "Ann"})

    assert ask(sandbox, "DELETE", rex).status_code == 204
    assert [each["name"] for each in many(ask(sandbox, "GET", "/pets").json())] == ["Ida"]
    for method in ("GET", "DELETE"):
        response = ask(sandbox, method, rex)
        assert response.status_code == 404
        assert "was removed" in response.headers["X-Sandbox-Reasons"]
    assert ask(sandbox, "PUT", rex, json={"name": "New"}).status_code == 200
    assert one(ask(sandbox, "GET", rex).json())["name"] == "New"
    assert all("secret" not in each.answer.decode() for each in sandbox.received)


def test_an_identifier_that_was_never_used_leads_to_an_example(serve: Serve, ask: Ask) -> None:
    sandbox = serve(crud())
    assert ask(sandbox, "GET", "/pets/7").status_code == 200
    assert ask(sandbox, "GET", "/pets").json()
    assert ask(sandbox, "DELETE", "/pets/7").status_code == 204
    assert ask(sandbox, "GET", "/pets/7").status_code == 404
    assert ask(sandbox, "GET", "/pets/8").status_code == 200


@pytest.mark.parametrize(
    ("errors", "status"), [((), 200), (("4XX",), 404), (("default",), 404), (("400",), 200)]
)
def test_a_404_is_given_only_where_it_is_documented(
    errors: tuple[str, ...], status: int, serve: Serve, ask: Ask
) -> None:
    sandbox = serve(crud(errors=errors))
    ask(sandbox, "DELETE", "/pets/7")
    assert ask(sandbox, "GET", "/pets/7").status_code == status


def test_what_belongs_to_a_removed_thing_is_removed(serve: Serve, ask: Ask) -> None:
    tree = crud()
    tree["paths"]["/pets/{petId}/toys"] = {
        "parameters": [ID],
        "get": operation("toys", {"200": answer({"type": "array"}), "404": EMPTY}),
    }
    sandbox = serve(tree)
    assert ask(sandbox, "GET", "/pets/7/toys").status_code == 200
    ask(sandbox, "DELETE", "/pets/7")
    assert ask(sandbox, "GET", "/pets/7/toys").status_code == 404
    assert ask(sandbox, "GET", "/pets/8/toys").status_code == 200


def test_things_of_different_parents_are_different(serve: Serve, ask: Ask) -> None:
    shop = parameter("shop", "path", {"type": "string"})
    paths = {f"/shops/{{shop}}{path}": each for path, each in crud()["paths"].items()}
    for each in paths.values():
        each["parameters"] = [shop, *each.get("parameters", [])]
    sandbox = serve(document(paths))
    made = ask(sandbox, "POST", "/shops/a%20b/pets", json={"name": "Rex"}).json()
    assert ask(sandbox, "GET", f"/shops/a%20b/pets/{made['id']}").json() == made
    assert ask(sandbox, "GET", "/shops/a b/pets").json() == [made]
    assert ask(sandbox, "GET", "/shops/c/pets").json() != [made]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?limit=2", ["0", "1"]),
        ("?limit=2&offset=3", ["3", "4"]),
        ("?offset=4", ["4"]),
        ("?limit=2&page=2", ["2", "3"]),
        ("?limit=2&page=9", []),
        ("?limit=0", []),
    ],
)
def test_a_page_of_a_list(query: str, names: list[str], serve: Serve, ask: Ask) -> None:
    sandbox = serve(crud(many=PAGE))
    for number in range(5):
        ask(sandbox, "POST", "/pets", json={"name": str(number)})
    page = ask(sandbox, "GET", f"/pets{query}").json()
    assert [each["name"] for each in page["items"]] == names
    assert (page["total"], page["count"]) == (5, len(names))


LOCATION = {"Location": {"schema": {"type": "string"}}}


@pytest.mark.parametrize(
    "made",
    [
        {"201": EMPTY},
        {"201": {**EMPTY, "headers": LOCATION}},
        {"201": {**answer(PET), "headers": LOCATION}},
        {"200": answer(PET), "201": answer(PET)},
        {"201": {**EMPTY, "headers": {"Location": {"schema": {"type": "string", "pattern": "^http"}}}}},
    ],
)
def test_a_location_leads_to_what_was_made(made: dict[str, Any], serve: Serve, ask: Ask) -> None:
    sandbox = serve(crud(made=made))
    for name in ("Rex", "Ida"):
        response = ask(sandbox, "POST", "/pets", json={"name": name, "tag": "t"})
        assert response.status_code == 201
        target = response.headers["Location"].removeprefix(sandbox.url)
        read = ask(sandbox, "GET", target).json()
        assert (read["name"], read["tag"]) == (name, "t")
        assert ask(sandbox, "GET", target).json() == read
    assert [each["name"] for each in ask(sandbox, "GET", "/pets").json()] == ["Rex", "Ida"]


def test_a_put_that_makes_something_says_so(serve: Serve, ask: Ask) -> None:
    sandbox = serve(crud(put={"200": answer(PET), "201": answer(PET)}))
    response = ask(sandbox, "PUT", "/pets/7", json={"name": "Rex"})
    assert (response.status_code, response.headers["Location"]) == (201, "/pets/7")
    assert ask(sandbox, "PUT", "/pets/7", json={"name": "Max"}).status_code == 200
    assert ask(sandbox, "GET", "/pets/7").json()["name"] == "Max"
    bare = serve(crud(put={"201": EMPTY, "204": EMPTY}))
    assert [ask(bare, "PUT", "/pets/7", json={"name": "Rex"}).status_code for _ in range(2)] == [201, 204]


def test_a_documented_409_is_given_for_what_is_there_already(serve: Serve, ask: Ask) -> None:
    code = {"type": "object", "required": ["petId"], "properties": {"petId": {"type": "integer"}}}
    sandbox = serve(crud(code, made={"201": answer(code), "409": EMPTY}))
    assert ask(sandbox, "POST", "/pets", json={"petId": 5}).json() == {"petId": 5}
    response = ask(sandbox, "POST", "/pets", json={"petId": 5, "more": 1})
    assert response.status_code == 409
    assert "'5' is there already" in response.headers["X-Sandbox-Reasons"]
    ask(sandbox, "DELETE", "/pets/5")
    assert ask(sandbox, "POST", "/pets", json={"petId": 5}).status_code == 201
    free = serve(crud())
    made = [ask(free, "POST", "/pets", json={"name": "Rex"}).json()["id"] for _ in range(3)]
    assert len(set(made)) == 3


@pytest.mark.parametrize(
    ("schema", "second"),
    [
        ({"type": "integer", "example": 41}, 42),
        ({"type": "string", "example": "41"}, "42"),
        ({"type": "string", "example": "abc"}, "abc-1"),
        ({"type": "string", "example": "abcd", "minLength": 4, "maxLength": 4}, "abc1"),
        ({"type": "string", "example": "abcd", "maxLength": 2, "pattern": "^[0-9]+$"}, None),
        ({"type": "string", "format": "uuid", "example": "2a8e4d1c-6f4d-4d0e-9d0f-2f3b6c1a7e55"}, None),
    ],
)
def test_each_thing_has_an_identifier_of_its_own(schema: Any, second: Any, serve: Serve, ask: Ask) -> None:
    """One that the document allows, in the response and in the path."""
    own = parameter("petId", "path", schema)
    thing = {"type": "object", "required": ["id"], "properties": {"id": {**schema, "readOnly": True}}}
    tree = crud(thing)
    tree["paths"]["/pets/{petId}"]["parameters"] = [own]
    sandbox = serve(tree)
    made = [ask(sandbox, "POST", "/pets", json={}).json()["id"] for _ in range(3)]
    assert len(set(made)) == 3
    assert second is None or made[:2] == [schema["example"], second]
    with Client(tree, server=sandbox.url) as client:
        assert [client.call("read", petId=each) for each in made] == [{"id": each} for each in made]


def test_a_post_on_a_thing_changes_it(serve: Serve, ask: Ask) -> None:
    tree = crud()
    single = tree["paths"]["/pets/{petId}"]
    form = {"application/x-www-form-urlencoded": {"schema": {**PET, "required": []}}}
    single["post"] = {**single.pop("put"), "requestBody": {"required": True, "content": form}}
    del single["patch"]
    sandbox = serve(tree)
    made = ask(sandbox, "POST", "/pets", json={"name": "Rex", "tag": "a"}).json()
    changed = ask(sandbox, "POST", f"/pets/{made['id']}", data={"tag": "b"}).json()
    assert changed == {**made, "tag": "b"} == ask(sandbox, "GET", f"/pets/{made['id']}").json()


def test_what_does_not_fit_the_response_is_left_out(serve: Serve, ask: Ask) -> None:
    brief = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string", "maxLength": 3}, "tag": {}},
        "additionalProperties": False,
    }
    sandbox = serve(crud(one=brief))
    made = ask(
        sandbox, "POST", "/pets", json={"name": "Rexington", "tag": "x", "owner": {"name": "Ann"}}
    ).json()
    assert made["tag"] == "x"
    with Client(crud(one=brief), server=sandbox.url) as client:  # strict: an invalid response raises
        assert client.call("read", petId=int(made["id"])).get("tag") == "x"
        assert [each["id"] for each in client.call("list")] == [made["id"]]


def test_a_documented_example_takes_up_what_was_made(serve: Serve, ask: Ask) -> None:
    tree = crud()
    shown = {"id": 10, "name": "Shown", "tag": "shown"}
    for operations in tree["paths"].values():
        for each in (each for each in operations.values() if isinstance(each, dict)):
            for response in each["responses"].values():
                for content in response.get("content", {}).values():
                    content["example"] = [shown] if each["operationId"] == "list" else shown
    sandbox = serve(tree)
    assert ask(sandbox, "GET", "/pets/7").json() == shown
    made = [ask(sandbox, "POST", "/pets", json={"name": name}).json() for name in ("Rex", "Ida")]
    assert [(each["id"], each["name"]) for each in made] == [(10, "Rex"), (11, "Ida")]
    assert ask(sandbox, "GET", "/pets/11").json() == made[1]
    assert ask(sandbox, "GET", "/pets").json() == made
    asked = {"headers": {"Prefer": "example=missing"}}
    assert ask(sandbox, "GET", "/pets/11", **asked).json() == made[1]


def test_what_prefer_asks_for_is_given_and_changes_nothing(serve: Serve, ask: Ask) -> None:
    sandbox = serve(crud())
    made = ask(sandbox, "POST", "/pets", json={"name": "Rex"}).json()
    target = f"/pets/{made['id']}"
    assert ask(sandbox, "DELETE", target, headers={"Prefer": "code=404"}).status_code == 404
    assert ask(sandbox, "GET", target).json() == made
    ask(sandbox, "DELETE", target)
    assert ask(sandbox, "GET", target, headers={"Prefer": "code=200"}).status_code == 200
    assert ask(sandbox, "GET", target).status_code == 404


def test_the_oldest_things_are_forgotten(serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 3)
    sandbox = serve(crud())
    for number in range(5):
        ask(sandbox, "POST", "/pets", json={"name": str(number)})
    assert [each["name"] for each in ask(sandbox, "GET", "/pets").json()] == ["2", "3", "4"]


def test_a_member_that_has_names_of_the_thing_is_not_the_thing(serve: Serve, ask: Ask) -> None:
    """`{"owner": {"id": 5, "name": "Ann"}}` changes the owner of a pet, not the pet."""
    owner = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    pet = {"type": "object", "properties": {**owner["properties"], "owner": owner}}
    sandbox = serve(crud(pet))
    ann, bob = {"id": 5, "name": "Ann"}, {"id": 6, "name": "Bob"}
    merge = {"Content-Type": "application/merge-patch+json"}
    ask(sandbox, "PUT", "/pets/1", json={"id": 1, "name": "Rex", "owner": bob})
    ask(sandbox, "PUT", "/pets/1", json={"owner": ann})
    assert ask(sandbox, "GET", "/pets/1").json()["owner"] == ann
    ask(sandbox, "PATCH", "/pets/1", json={"owner": {"name": "Eve"}}, headers=merge)
    read = ask(sandbox, "GET", "/pets/1").json()
    assert (read["owner"], read.get("name")) == ({"id": 5, "name": "Eve"}, None)


FREE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=15)
@given(first=st.dictionaries(st.text(max_size=5), FREE), second=st.dictionaries(st.text(max_size=5), FREE))
@example(first={"name": None}, second={"owner": {"name": None}})
def test_what_was_put_is_what_is_read_whatever_it_is(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Where a schema says no more than that it is an object."""
    client = Client(crud({"type": "object"}))
    with Sandbox(client) as sandbox, Client(crud({"type": "object"}), server=sandbox.url) as api:
        for written in (first, second):
            api.call("replace", petId=1, body=written)
            read = api.call("read", petId=1)
            assert {name: read.get(name) for name in written} == written
