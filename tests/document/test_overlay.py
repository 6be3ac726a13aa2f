"""OpenAPI Overlay 1.0 and 1.1: what actions do, and what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError, SettingsError
from dynaclient.document.overlay import LONGEST_EXPRESSION, Overlay, apply_overlays
from tests.conftest import Serve
from tests.servers import reply
from tests.small import document, one, param

INFO = {"title": "Fixes", "version": "1"}


def overlay(*actions: Any, version: str = "1.1.0") -> dict[str, Any]:
    return {"overlay": version, "info": INFO, "actions": list(actions)}


def applied(tree: Any, *actions: Any, version: str = "1.1.0") -> Any:
    return apply_overlays(tree, [Overlay("o", overlay(*actions, version=version))])


A: dict[str, Any] = {"a": {"n": 1, "list": [1, 2], "deep": {"x": "y"}}, "b": [{"k": 1}, {"k": 2}, {"k": 3}]}

ACTIONS: list[tuple[str, list[dict[str, Any]], Any]] = [
    (
        "an object is merged",
        [{"target": "$.a", "update": {"deep": {"z": 1}}}],
        {**A["a"], "deep": {"x": "y", "z": 1}},
    ),
    ("a primitive is replaced", [{"target": "$.a", "update": {"n": 2}}], {**A["a"], "n": 2}),
    ("by another type of primitive", [{"target": "$.a", "update": {"n": None}}], {**A["a"], "n": None}),
    ("arrays are joined", [{"target": "$.a", "update": {"list": [3]}}], {**A["a"], "list": [1, 2, 3]}),
    ("an array gets an entry", [{"target": "$.a.list", "update": 3}], {**A["a"], "list": [1, 2, 3]}),
    ("which may be an array", [{"target": "$.a.list", "update": [3]}], {**A["a"], "list": [1, 2, [3]]}),
    ("1.1 replaces a primitive", [{"target": "$.a.n", "update": 5}], {**A["a"], "n": 5}),
    ("a member is removed", [{"target": "$.a.list", "remove": True}], {"n": 1, "deep": {"x": "y"}}),
    (
        "remove wins over update",
        [{"target": "$.a.n", "update": 5, "remove": True}],
        {"list": [1, 2], "deep": {"x": "y"}},
    ),
    (
        "remove: false does nothing more",
        [{"target": "$.a", "update": {"n": 2}, "remove": False}],
        {**A["a"], "n": 2},
    ),
    ("1.1 copies", [{"target": "$.a.deep", "copy": "$.b[0]"}], {**A["a"], "deep": {"x": "y", "k": 1}}),
    ("and a part into itself", [{"target": "$.a", "copy": "$.a"}], {**A["a"], "list": [1, 2, 1, 2]}),
    (
        "actions follow each other",
        [{"target": "$.a", "update": {"new": {}}}, {"target": "$.a.new", "update": {"k": 1}}],
        {**A["a"], "new": {"k": 1}},
    ),
]


@pytest.mark.parametrize(("name", "actions", "expected"), ACTIONS, ids=[each[0] for each in ACTIONS])
def test_an_action(name: str, actions: list[dict[str, Any]], expected: Any) -> None:
    before = copy.deepcopy(A)
    assert applied(A, *actions).tree["a"] == expected
    assert before == A  # the document of the vendor stays as it is


REMOVED = [
    ("$.b[0,2]", [{"k": 2}]),
    ("$.b[?@.k > 1]", [{"k": 1}]),
    ("$.b[*]", []),
    ("$.b[-1]", [{"k": 1}, {"k": 2}]),
    ("$.b[?match(@.k, 'x')]", A["b"]),
]


@pytest.mark.parametrize(("target", "left"), REMOVED)
def test_several_items_are_removed_at_once(target: str, left: Any) -> None:
    assert applied(A, {"target": target, "remove": True}).tree["b"] == left


def test_what_was_removed_with_what_is_around_it() -> None:
    assert applied(A, {"target": "$..*", "remove": True}).tree == {}


def test_parts_that_aliases_share_are_changed_where_the_target_says() -> None:
    shared = {"x": 1}
    result = applied({"a": shared, "b": shared}, {"target": "$.a", "update": {"x": 2}}).tree
    assert result == {"a": {"x": 2}, "b": {"x": 1}}


def test_what_is_copied_or_added_twice_is_not_shared() -> None:
    actions = [{"target": "$.b[*]", "update": {"new": {}}}, {"target": "$.b[0].new", "update": {"x": 1}}]
    assert [each["new"] for each in applied(A, *actions).tree["b"]] == [{"x": 1}, {}, {}]


# -- wrong ones ---------------------------------------------------------------------------------------------

WRONG: list[tuple[str, Any, str, str]] = [
    ("no object", [], "", "expected an object at the root of an overlay, got an array"),
    ("no version", {"actions": []}, "/overlay", "expected `overlay: 1.1.0`"),
    ("another version", {**overlay({}), "overlay": "2.0.0"}, "/overlay", "unknown version '2.0.0'"),
    ("a number as version", {**overlay({}), "overlay": 1.1}, "/overlay", "unknown version 1.1"),
    ("no actions", overlay(), "/actions", "at least one action"),
    ("actions as object", {**overlay(), "actions": {}}, "/actions", "at least one action"),
    ("an action that is none", overlay("x"), "/actions/0", "expected an action, got a string"),
    ("no target", overlay({"update": {}}), "/actions/0/target", "expected a JSONPath expression"),
    (
        "no JSONPath",
        overlay({"target": "paths.get", "update": {}}),
        "/actions/0/target",
        "not a JSONPath expression",
    ),
    ("a second wrong one", overlay({"target": "$.x"}, {"target": "$["}), "/actions/1/target", "JSONPath"),
    ("remove as text", overlay({"target": "$.a", "remove": "yes"}), "/actions/0/remove", "true or false"),
    ("the root removed", overlay({"target": "$", "remove": True}), "/actions/0", "root of the document"),
    (
        "a text into an object",
        overlay({"target": "$.a", "update": "x"}),
        "/actions/0/update",
        "a string cannot be merged into an object at /a",
    ),
    (
        "an object into a text",
        overlay({"target": "$.a", "update": {"n": {}}}),
        "/actions/0/update",
        "an object cannot be merged into an integer at /a/n",
    ),
    (
        "copy of nothing",
        overlay({"target": "$.a", "copy": "$.x"}),
        "/actions/0/copy",
        "expected one match of '$.x', got 0 matches",
    ),
    ("copy of several", overlay({"target": "$.a", "copy": "$.b[*]"}), "/actions/0/copy", "got 3 matches"),
    (
        "copy in 1.0",
        overlay({"target": "$.a", "copy": "$.b[0]"}, version="1.0.0"),
        "/actions/0/copy",
        "Overlay 1.1",
    ),
    (
        "a primitive in 1.0",
        overlay({"target": "$.a.n", "update": 2}, version="1.0.0"),
        "/actions/0/update",
        "Overlay 1.0",
    ),
]


@pytest.mark.parametrize(("name", "tree", "pointer", "message"), WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_overlay_is_refused_with_its_place(name: str, tree: Any, pointer: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        apply_overlays(A, [Overlay("fixes.yaml", tree)])
    assert message in str(caught.value)
    assert [each.pointer for each in caught.value.findings] == [f"fixes.yaml#{pointer}"]


HOSTILE = [
    "$" + "..*" * 400,
    "$" + "[?@" * 600 + "]" * 600,
    "$[?" + "(" * 900 + "@.a" + ")" * 900 + "]",
    "$." + "a" * (LONGEST_EXPRESSION + 1),
    "$[?search(@, '" + "(a+)+" * 20 + "$')]",
    "$[99999999999999999999]",
    "$[::0]",
]


@pytest.mark.parametrize("target", HOSTILE, ids=lambda target: target[:12])
def test_a_hostile_expression_is_refused_or_matches_nothing_soon(target: str) -> None:
    wide = {str(number): {"a" * 40: ["a" * 40] * 20} for number in range(50)}
    place, said = "", ""
    try:
        said = applied(wide, {"target": target, "update": {}}).findings[0].message
    except DocumentError as error:
        place = error.findings[0].pointer
    assert place == "o#/actions/0/target" or "matches nothing" in said


GROWING = [
    [{"target": "$", "update": {"x": {"l": ["y"] * 100}}}, *[{"target": "$.x.l", "copy": "$.x"}] * 30],
    [{"target": "$", "update": {"x": {"a": 1}}}, *[{"target": "$.x", "copy": "$"}] * 300],
]


@pytest.mark.parametrize("actions", GROWING, ids=["wide", "deep"])
def test_copies_of_copies_are_bounded(actions: list[dict[str, Any]]) -> None:
    with pytest.raises(DocumentError, match="it adds more than"):
        applied({}, *actions)


def test_aliases_of_aliases_are_bounded() -> None:
    levels = "".join(f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 9))
    text = f"overlay: 1.1.0\na0: &a0 [x]\n{levels}actions:\n- target: $\n  update: {{x-a: *a8}}\n"
    with pytest.raises(DocumentError, match="aliases included"):
        Client(one(), overlays=[text])


# -- opening ------------------------------------------------------------------------------------------------


def saved(path: Path, tree: Any) -> Path:
    path.write_text(json.dumps(tree))
    return path


LIMIT = overlay(
    {"target": "$.paths['/x'].get", "update": {"parameters": [param("limit", schema={"type": "text"})]}}
)


def test_a_client_has_what_the_overlay_adds(tmp_path: Path) -> None:
    plain = saved(tmp_path / "a.json", one())
    text = plain.read_text()
    fixes = saved(tmp_path / "fixes.json", LIMIT)
    for source, given in ((plain, fixes), (str(plain), LIMIT), (one(), str(fixes)), (one(), fixes.as_uri())):
        assert [each.name for each in Client(source, overlays=[given]).operations["op"].parameters] == [
            "limit"
        ]
        assert Client(source).operations["op"].parameters == ()
    assert plain.read_text() == text


def test_the_cache_knows_overlays(tmp_path: Path) -> None:
    plain, fixes = saved(tmp_path / "a.json", one(**{"x-long": "x" * 100_000})), tmp_path / "fixes.json"
    for name in ("one", "two", "one"):
        tree = overlay({"target": "$.paths.*.get", "update": {"summary": name}})
        client = Client(plain, overlays=[saved(fixes, tree)], cache=tmp_path / "cache")
        assert client.operations["op"].summary == name
        assert client.document.origins == {"/paths/~1x/get/summary": str(fixes)}
        assert Client(plain, cache=tmp_path / "cache").operations["op"].summary == ""


def test_overlays_are_applied_in_their_order() -> None:
    several = [overlay({"target": "$.info", "update": {"title": name}}) for name in ("first", "second")]
    assert Client(one(), overlays=several).document.root.value["info"]["title"] == "second"


def test_findings_name_the_overlay_that_an_element_came_from() -> None:
    found = [str(each) for each in Client(one(), overlays=[LIMIT]).findings]
    assert found == [
        "warning: /paths/~1x/get/parameters/0/schema/type: type: 'text' is not a type (from overlays[0]) "
        "(it is read as 'string')"
    ]


def test_findings_name_it_after_what_stood_before_was_removed() -> None:
    removed = {"target": "$.paths.*.get.parameters[0]", "remove": True}
    client = Client(one("get", "/x", param("old")), overlays=[LIMIT, overlay(removed)])
    assert client.document.origins == {"/paths/~1x/get/parameters/0": "overlays[0]"}


def test_what_the_document_says_itself_is_not_laid_at_its_door() -> None:
    client = Client(one("get", "/x", param("q", schema={"type": "text"})), overlays=[LIMIT])
    assert ["from overlays" in each.message for each in client.findings] == [False, True]


def test_an_action_that_matches_nothing_is_a_finding() -> None:
    client = Client(one(), overlays=[overlay({"target": "$.paths['/y']", "remove": True})])
    assert [each.pointer for each in client.findings] == ["overlays[0]#/actions/0"]
    assert "matches nothing" in client.findings[0].message


def test_swagger_is_changed_before_it_is_brought_to_3() -> None:
    old = {
        "swagger": "2.0",
        "info": INFO,
        "paths": {"/x": {"get": {"operationId": "op", "responses": {"200": {"description": ""}}}}},
    }
    more = {"parameters": [{"name": "q", "in": "query", "type": "integer"}]}
    client = Client(old, overlays=[overlay({"target": "$.paths['/x'].get", "update": more})])
    (parameter,) = client.operations["op"].parameters
    assert parameter.schema is not None
    assert parameter.schema.value == {"type": "integer"}


def test_an_overlay_at_a_url_that_was_named_is_fetched(serve: Serve) -> None:
    server = serve(reply(200, json.dumps(LIMIT).encode(), [("Content-Type", "application/json")]))
    client = Client(one(), overlays=[f"{server.url}/fixes.json"])
    assert [each.name for each in client.operations["op"].parameters] == ["limit"]


def test_a_reference_that_an_overlay_adds_reads_no_more_than_one_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"type": "string"}')
    (tmp_path / "own").mkdir()
    plain = saved(tmp_path / "own" / "a.json", one())
    for ref in ("../secret.json", "http://127.0.0.1:9/x"):
        tree = overlay(
            {"target": "$.paths.*.get", "update": {"parameters": [param("q", schema={"$ref": ref})]}}
        )
        client = Client(plain, overlays=[tree], server="http://127.0.0.1:9")
        assert any(ref in each.message for each in client.findings)


def test_a_server_that_an_overlay_adds_gets_no_credential_of_another() -> None:
    tree = overlay(
        {
            "target": "$.paths['/x'].get",
            "update": {"servers": [{"url": "https://evil.test"}], "security": [{"key": []}]},
        }
    )
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    api = one(components={"securitySchemes": schemes}, servers=[{"url": "https://good.test"}])
    request = Client(api, overlays=[tree], credentials={"key": "s3cr3t"}).prepare("op")
    assert str(request.url).startswith("https://evil.test")
    assert "s3cr3t" not in str(request.headers)


@pytest.mark.parametrize("given", ["fixes.yaml", {"overlay": "1.0.0"}, None, 3])
def test_overlays_are_a_list(given: Any) -> None:
    with pytest.raises(SettingsError, match="overlays: expected a list"):
        Client(one(), overlays=given)


def test_an_empty_text_names_no_overlay() -> None:
    with pytest.raises(SettingsError, match="overlays: expected a path, a URL or a dict, got an empty text"):
        Client(one(), overlays=[""])


def test_a_missing_overlay_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="nowhere"):
        Client(one(), overlays=[tmp_path / "nowhere.yaml"])


def test_a_document_that_is_open_cannot_get_one() -> None:
    with pytest.raises(DocumentError, match="open already"):
        Client(Client(document({})).document, overlays=[LIMIT])
