"""`a.b[0].c=1`: paths into a body, values by its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Run, Save
from tests.servers import RawServer
from tests.small import json_reply, one, param

ITEM = {"type": "object", "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer"}}}
TEXT = {"type": "string"}
ADDRESS = {"type": "object", "properties": {"zip": TEXT}}
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}}
BODY = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "paid": {"type": "boolean"},
        "price": {"type": "number"},
        "none": {"type": "string", "nullable": True},
        "tags": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
        "owner": {"type": "object", "properties": {"address": ADDRESS}},
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "by_id": {"type": "object", "additionalProperties": NUMBER},
        "dotted.name": {"type": "integer"},
        "either": {"oneOf": [{"type": "object", "properties": {"n": {"type": "integer"}}}, TEXT]},
        "any": {},
    },
}  # fmt: skip
DOC = one(
    "post", "/x", param("q", schema={"type": "integer"}), body=BODY, components={"schemas": {"Item": ITEM}}
)

MADE: dict[str, tuple[list[str], Any]] = {
    "types follow the schema": (
        ["name=7", "age=7", "paid=true", "price=7.5"],
        {"name": "7", "age": 7, "paid": True, "price": 7.5},
    ),
    "an equals sign in the value": (["name=a=b"], {"name": "a=b"}),
    "a text that looks like a path": (["name=a.b[0]"], {"name": "a.b[0]"}),
    "an empty text": (["name="], {"name": ""}),
    "dots": (["owner.address.zip=00184"], {"owner": {"address": {"zip": "00184"}}}),
    "indices": (
        ["items[0].sku=7", "items[0].quantity=2", "items[1].sku=b"],
        {"items": [{"sku": "7", "quantity": 2}, {"sku": "b"}]},
    ),
    "indices in any order": (["numbers[1]=2", "numbers[0]=1"], {"numbers": [1, 2]}),
    "empty brackets": (["numbers[]=1", "numbers[]=2"], {"numbers": [1, 2]}),
    "given again": (["tags=a", "tags=b"], {"tags": ["a", "b"]}),
    "one item": (["tags=a"], {"tags": ["a"]}),
    "JSON for an array": (["numbers=[1, 2]"], {"numbers": [1, 2]}),
    "JSON for an object": (['owner={"address": {}}'], {"owner": {"address": {}}}),
    "a name in brackets": (["labels[a.b]=1", "labels[c]=2"], {"labels": {"a.b": 1, "c": 2}}),
    "a number that is a name": (["by_id[7].n=1"], {"by_id": {"7": {"n": 1}}}),
    "a form of brackets alone": (["owner[address][zip]=1"], {"owner": {"address": {"zip": "1"}}}),
    "a declared name with a dot": (["dotted.name=1"], {"dotted.name": 1}),
    "one of several": (["either.n=1"], {"either": {"n": 1}}),
    "a property that is not declared": (["extra.deep=x"], {"extra": {"deep": "x"}}),
    "body. in front": (["body.name=x"], {"name": "x"}),
    "hostile": (["name=$(id)`id`'\"\\"], {"name": "$(id)`id`'\"\\"}),
}


def sent(run: Run, save: Save, *given: str) -> Any:
    """The body that a call with these arguments sends."""
    result = run("call", save(DOC), "op", *given, "--dry-run", "--server", "http://h", "--validate", "off")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out.partition("\n\n")[2])


@pytest.mark.parametrize("case", MADE)
def test_paths_make_a_body(case: str, run: Run, save: Save) -> None:
    given, expected = MADE[case]
    assert sent(run, save, *given) == expected


REFUSED = {
    "an item is left out": (["numbers[0]=1", "numbers[2]=3"], "numbers[1] is not given, but a later item is"),
    "an index of many digits": ([f"numbers[{'9' * 5_000}]=1"], "the index is above 10,000"),
    "a path that is far too deep": (["a" + ".a" * 3_000 + "=1"], "the path has more than 100 steps"),
    "an index that is a slip": (["numbers[99999999999]=1"], "the index is above 10,000"),
    "whole and in parts": (["owner={}", "owner.address.zip=1"], "goes into what has a value already"),
    "in parts and whole": (["owner.address.zip=1", "owner={}"], "is given whole, and in parts"),
    "an array and an object": (["any[]=1", "any.b=2"], ""),
    "no path": (["..=1"], "expected a path such as customer.items[0].sku"),
    "an open bracket": (["tags[0=1"], "expected a path such as"),
    "no name": (["=1"], "expected NAME=VALUE, got no name"),
    "twice, but no array": (["age=1", "age=2"], "age=... is given twice, but not an array"),
    "no equals sign": (["name"], "'name' is neither NAME=VALUE nor a body; give JSON, or @name for a file"),
    "two bodies": (["{}", "{}"], "the body is given twice"),
    "a body and a property": (
        ["{}", "name=x"],
        "name=... is a property of the body, which is given as a whole",
    ),
    "--body and a property": (["name=x", "--body", "{}"], "which is given as a whole"),
    "--body and a body": (["{}", "--body", "{}"], "the body is given twice"),
}


@pytest.mark.parametrize("case", [case for case in REFUSED if REFUSED[case][1]])
def test_what_does_not_go_together_is_a_mistake_of_usage(case: str, run: Run, save: Save) -> None:
    given, words = REFUSED[case]
    result = run("call", save(DOC), "op", *given, "--dry-run", "--server", "http://h")
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_a_parameter_comes_first_and_a_name_that_is_both_is_refused(run: Run, save: Save) -> None:
    both = {"type": "object", "properties": {"q": {"type": "string"}, "r": {"type": "string"}}}
    path = save(one("post", "/x/{id}", param("id", "path"), param("q"), body=both))
    call = ("call", path, "op", "--dry-run", "--server", "http://h")
    result = run(*call, "q=1")
    assert result.code == 2
    assert "q is a parameter and a property of the body; give -p q=... or body.q=..." in result.err
    out = run(*call, "id=7", "-p", "q=1", "body.q=2", "r=3").out
    assert out.startswith("POST http://h/x/7?q=1\n")
    assert json.loads(out.partition("\n\n")[2]) == {"q": "2", "r": "3"}


def test_an_operation_without_a_body_takes_parameters_alone(run: Run, save: Save) -> None:
    path = save(one("get", "/x", param("limit", schema={"type": "integer"})))
    assert run("call", path, "op", "limit=5", "--dry-run", "--server", "http://h").out.startswith(
        "GET http://h/x?limit=5\n"
    )
    result = run("call", path, "op", "limti=5", "--server", "http://h")
    assert result.code == 3
    assert "did you mean limit" in result.err


def test_a_body_behind_the_operation(run: Run, save: Save, tmp_path: Any) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"name": "Rex"}')
    assert sent(run, save, '{"name": "Rex"}') == sent(run, save, f"@{file}") == {"name": "Rex"}


def test_a_body_that_is_an_array(run: Run, save: Save) -> None:
    path = save(one("post", body={"type": "array", "items": NUMBER}))
    call = ("call", path, "op", "--dry-run", "--server", "http://h", "--validate", "off")
    for given, expected in (
        (["[0].n=5", "[1].n=6"], [{"n": 5}, {"n": 6}]),
        (['[{"n": 5}]'], [{"n": 5}]),
        (['[{"n": "]=1"}]'], [{"n": "]=1"}]),
    ):
        assert json.loads(run(*call, *given).out.partition("\n\n")[2]) == expected


def test_files_in_a_form(run: Run, save: Save, tmp_path: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"t": {"type": "string"}, "f": {"type": "string", "format": "binary"}},
    }
    path = save(one("post", content={"multipart/form-data": {"schema": schema}}))
    (tmp_path / "a.txt").write_text("hello")
    with RawServer(json_reply({})) as server:
        assert run("call", path, "op", "t=x", f"f=@{tmp_path / 'a.txt'}", "--server", server.url).code == 0
    assert b'filename="a.txt"' in server.requests[0].body
    assert b"hello" in server.requests[0].body
