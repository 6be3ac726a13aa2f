"""Every operation of a document, by its key, operationId and attribute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import Client, UnknownOperation
from tests.small import document

BARE: dict[str, Any] = {"responses": {}}


def operation(name: str) -> dict[str, Any]:
    return {"operationId": name, **BARE}


def index(paths: Any, version: str = "3.0.3", **rest: Any) -> dict[str, str]:
    """key -> attribute."""
    operations = Client(document(paths, version, **rest)).operations
    return {key: operations[key].attribute for key in operations}


METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
ROWS: list[tuple[str, Any, dict[str, str]]] = [
    (
        "ids",
        {"/a": {"get": operation("getA"), "post": operation("HTTPThing")}},
        {"getA": "get_a", "HTTPThing": "http_thing"},
    ),
    (
        "document order",
        {"/b": {"put": operation("z"), "get": operation("y")}, "/a": {"get": operation("x")}},
        {"z": "z", "y": "y", "x": "x"},
    ),
    ("no id", {"/a/{id}/b-c": {"get": BARE}}, {"GET /a/{id}/b-c": "get_a_by_id_b_c"}),
    ("empty id", {"/a": {"get": operation("")}}, {"GET /a": "get_a"}),
    ("blanks", {"/a": {"get": operation(" x ")}}, {"x": "x"}),
    ("id no text", {"/a": {"get": {**BARE, "operationId": 5}}}, {"GET /a": "get_a"}),
    (
        "taken id",
        {"/a": {"get": operation("x")}, "/b": {"get": operation("x")}},
        {"x": "x", "GET /b": "get_b"},
    ),
    (
        "equal names",
        {"/a": {"get": operation("getA"), "put": operation("get-a"), "post": operation("get_a")}},
        {"getA": "get_a_2", "get-a": "get_a_3", "get_a": "get_a"},
    ),
    (
        "names of Client",
        {"/a": {"get": operation("call"), "put": operation("close")}},
        {"call": "call_", "close": "close_"},
    ),
    ("keyword", {"/a": {"get": operation("import")}}, {"import": "import_"}),
    ("id like a place", {"/a": {"get": operation("GET /b")}, "/b": {"get": BARE}}, {"GET /b": "get_b"}),
    ("no slash", {"a": {"get": BARE}}, {"GET /a": "get_a"}),
    ("extensions", {"x-a": {"get": BARE}, "/a": {"x-get": BARE, "get": BARE}}, {"GET /a": "get_a"}),
    ("no operation", {"/a": {"get": 5, "post": None}, "/b": 5, "/c": None}, {}),
    ("no paths", None, {}),
    ("all methods", {"/a": dict.fromkeys(METHODS, BARE)}, {f"{m.upper()} /a": f"{m}_a" for m in METHODS}),
    ("methods in capitals", {"/a": {"GET": BARE}}, {"GET /a": "get_a"}),
]


@pytest.mark.parametrize(("name", "paths", "due"), ROWS, ids=[row[0].replace(" ", "-") for row in ROWS])
def test_keys_and_attributes(name: str, paths: Any, due: dict[str, str]) -> None:
    found = index(paths)
    assert list(found.items()) == list(due.items())


def test_query_and_other_methods_of_3_2() -> None:
    paths = {"/a": {"query": BARE, "additionalOperations": {"COPY": operation("copyA"), "x": 5}}}
    assert index(paths, "3.2.0") == {"QUERY /a": "query_a", "copyA": "copy_a"}
    assert index(paths, "3.1.0") == {}


def test_path_items_that_are_referred_to(tmp_path: Path) -> None:
    paths = {
        "/a": {"$ref": "#/components/pathItems/P"},
        "/b": {"$ref": "part.yaml"},
        "/c": {"$ref": "part.yaml", "post": operation("own")},
        "/d": {"$ref": "nowhere.yaml"},
        "/e": {"get": {"$ref": "part.yaml#/get"}},
    }
    tree = document(paths, components={"pathItems": {"P": {"get": operation("inside")}}})
    (tmp_path / "root.yaml").write_text(yaml.safe_dump(tree))
    (tmp_path / "part.yaml").write_text(yaml.safe_dump({"get": {**BARE, "summary": "part"}}))
    client = Client(tmp_path / "root.yaml")
    assert list(client.operations) == ["inside", "GET /b", "GET /c", "own", "GET /e"]
    assert client.operations["GET /b"].summary == "part"
    assert any("nowhere.yaml" in finding.message for finding in client.findings)


def test_reachable_by_place_whatever_the_key() -> None:
    client = Client(document({"/a": {"get": operation("x")}, "/b": {"get": operation("x")}}))
    assert client.operations["GET /a"].key == "x"
    assert client.operations["GET /b"].key == "GET /b"
    assert client.operations["x"].path == "/a"
    assert "GET /a" in client.operations
    assert ["get /a" in client.operations, 5 in client.operations, [] in client.operations] == [False] * 3
    assert "taken" in client.findings[0].message


def test_made_once_and_on_first_use() -> None:
    client = Client(document({"/a": {"get": {"operationId": "x", "parameters": [5]}}}))
    assert client.document.findings == []
    assert client.operations["x"] is client.operations["GET /a"]
    assert client.document.findings != []


NEAR = [
    ("getCustomerSesion", "getCustomerSession"),
    ("get_customer_session", "getCustomerSession"),
    ("customerprofiles", "updateCustomerProfilesV2"),
    ("LOYALTYBALANCES", "getLoyaltyBalances"),
    ("reopen", "reopenCustomerSession"),
]


@pytest.mark.parametrize(("name", "due"), NEAR)
def test_near(name: str, due: str) -> None:
    operations = Client("talon-one-integration").operations
    assert due in operations.near(name)
    assert len(operations.near(name)) <= 3
    with pytest.raises(UnknownOperation) as caught:
        operations[name]
    assert list(caught.value.near) == operations.near(name)


def test_nothing_is_near_to_nothing() -> None:
    assert Client("talon-one-integration").operations.near("") == []
    assert Client(document({})).operations.near("x") == []


def test_a_mapping_says_what_it_holds() -> None:
    operations = Client("talon-one-integration").operations
    assert repr(operations).startswith("<36 operations: getCustomerSession, updateCustomerSessionV2,")
    assert operations.attributes["get_customer_session"] == "getCustomerSession"
    assert len(list(operations.items())) == len(operations) == 36
    assert operations._ipython_key_completions_()[:2] == ["getCustomerSession", "updateCustomerSessionV2"]


NEAR = [
    ("get /things/{id}", ["GET /things/{id}"]),
    ("GET /things/5", ["GET /things/{id}"]),
    ("/things/{id}", ["GET /things/{id}"]),
    ("getThng", ["getThing"]),
]


@pytest.mark.parametrize(("name", "near"), NEAR)
def test_the_nearest_of_a_name_or_a_location(name: str, near: list[str]) -> None:
    tree = document({"/things/{id}": {"get": {"operationId": "getThing"}}})
    assert Client(tree).operations.near(name) == near
