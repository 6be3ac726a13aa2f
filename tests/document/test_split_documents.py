"""A document has one meaning however it is split into files (OpenAPI 4.5, 2.0 "Reference Object").

The referee is the same document in one file: a splitter moves objects that may be references into files, and
the operations, the requests and the verdicts on values stay what they were.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid
from tests.small import one, said

# -- documents

PET_20: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "discriminator": "kind",
    "properties": {
        "name": {"type": "string", "x-nullable": True},
        "kind": {"type": "string"},
        "tag": {"$ref": "#/definitions/Tag", "x-nullable": True},
        "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "parent": {"$ref": "#/definitions/Pet"},
        "id": {"type": "integer", "readOnly": True},
        "photos": {"type": "array", "items": {"type": "string", "x-nullable": True}},
    },
}
DOG_20 = {"allOf": [{"$ref": "#/definitions/Pet"}, {"properties": {"bark": {"type": "boolean"}}}]}
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Split", "version": "1"},
    "host": "api.test",
    "basePath": "/v1",
    "schemes": ["https"],
    "consumes": ["application/vnd.pets+json"],
    "produces": ["application/vnd.pets+json"],
    "definitions": {"Pet": PET_20, "Dog": DOG_20, "Tag": {"type": "string", "maxLength": 3}},
    "parameters": {
        "Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 9},
        "Body": {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
        "Name": {"name": "name", "in": "formData", "type": "string", "x-nullable": True, "required": True},
    },
    "responses": {"Pet": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}},
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "security": [{"key": []}],
    "paths": {
        "/pets/{ids}": {
            "parameters": [
                {
                    "name": "ids",
                    "in": "path",
                    "required": True,
                    "type": "array",
                    "items": {"type": "integer"},
                },
                {"$ref": "#/parameters/Limit"},
            ],
            "get": {
                "operationId": "getPets",
                "parameters": [
                    {"name": "a", "in": "query", "type": "array", "items": {"type": "string"}},
                    {
                        "name": "b",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string", "x-nullable": True},
                        "collectionFormat": "pipes",
                    },
                    {
                        "name": "X-C",
                        "in": "header",
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "integer"}, "collectionFormat": "ssv"},
                        "collectionFormat": "tsv",
                    },
                ],
                "responses": {
                    "200": {"$ref": "#/responses/Pet"},
                    "default": {
                        "description": "",
                        "schema": {"type": "object", "x-nullable": True},
                        "headers": {"X-N": {"type": "array", "items": {"type": "integer"}}},
                    },
                },
            },
            "post": {
                "operationId": "addPet",
                "consumes": ["application/json"],
                "produces": ["text/json"],
                "parameters": [{"$ref": "#/parameters/Body"}],
                "responses": {"200": {"$ref": "#/responses/Pet"}, "404": {"description": ""}},
            },
        },
        "/form": {
            "post": {
                "operationId": "form",
                "parameters": [
                    {"$ref": "#/parameters/Name"},
                    {"name": "photo", "in": "formData", "type": "file"},
                    {"name": "n", "in": "formData", "type": "array", "items": {"type": "integer"}},
                ],
                "responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Dog"}}},
            }
        },
    },
}


def modern(version: str) -> dict[str, Any]:
    """The like in OpenAPI 3.0 or 3.1."""
    null = {"nullable": True} if version.startswith("3.0") else {}
    pet = {
        "type": "object",
        "required": ["name", "id"],
        "properties": {
            "name": {"type": "string", **null} if null else {"type": ["string", "null"]},
            "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}
            if null
            else {"type": "integer", "exclusiveMinimum": 0},
            "id": {"type": "integer", "readOnly": True},
            "tag": {"$ref": "#/components/schemas/Tag", "maxLength": 1},
            "parent": {"$ref": "#/components/schemas/Pet"},
            "photos": {"type": "array", "items": {"type": "string", **null}},
        },
    }
    either = {
        "oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"d": "#/components/schemas/Dog"}},
    }
    animal = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    return {
        "openapi": version,
        "info": {"title": "Split", "version": "1"},
        "servers": [{"url": "https://api.test/v1"}],
        "paths": {
            "/pets/{ids}": {
                "parameters": [
                    {
                        "name": "ids",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "array", "items": {"type": "integer"}},
                    },
                    {"$ref": "#/components/parameters/Limit"},
                ],
                "get": {
                    "operationId": "getPets",
                    "responses": {
                        "200": {"$ref": "#/components/responses/Pet"},
                        "default": said(either),
                    },
                },
                "post": {
                    "operationId": "addPet",
                    "requestBody": {"$ref": "#/components/requestBodies/Pet"},
                    "responses": {"200": {"$ref": "#/components/responses/Pet"}},
                },
            }
        },
        "components": {
            "schemas": {
                "Pet": pet,
                "Tag": {"type": "string", "maxLength": 3},
                "Dog": {**animal, "additionalProperties": {"$ref": "#/components/schemas/Tag"}},
                "Cat": {**animal, "maxProperties": 2},
            },
            "parameters": {
                "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9, **null}}
            },
            "responses": {"Pet": said({"$ref": "#/components/schemas/Pet"})},
            "requestBodies": {
                "Pet": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
            },
        },
    }


DOCUMENTS = {"2.0": SWAGGER, "3.0": modern("3.0.3"), "3.1": modern("3.1.0")}

# -- the splitter

MAPS = ("properties", "definitions", "schemas", "paths", "parameters", "responses", "requestBodies")
LISTS = ("allOf", "oneOf", "anyOf", "parameters")
MEMBERS = ("items", "additionalProperties", "schema")


def places(value: Any, key: str = "", within: str = "") -> Iterator[tuple[Any, Any]]:
    """Holder and key of each object that may be a reference: schemas, parameters, responses, path items."""
    if isinstance(value, dict):
        for name in value:
            if isinstance(value[name], dict) and (within in MAPS or name in MEMBERS):
                yield value, name
            yield from places(value[name], name, name)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            if key in LISTS and isinstance(each, dict):
                yield value, index
            yield from places(each)


def usable(holder: Any, key: Any, root: dict[str, Any]) -> bool:
    """2.0: the items of a parameter or header, and what a header is, are no Schema Objects."""
    value = holder[key]
    if "swagger" in root and key == "items":
        return "x-nullable" in value and "collectionFormat" not in holder
    return isinstance(value, dict) and not (set(value) == {"$ref"} and isinstance(value["$ref"], str))


def split(tree: dict[str, Any], folder: Path, chance: random.Random, stated: bool = False) -> None:
    """Write `tree` to `folder` as root.json and part files."""
    root = copy.deepcopy(tree)
    files: dict[str, Any] = {}
    found = [(holder, key) for holder, key in places(root) if usable(holder, key, root)]
    for holder, key in reversed(found):  # from the inside, so that parts have parts
        if chance.random() < 0.4:
            name = f"{chance.choice(['', 'deep/', 'deep/er/'])}part{len(files)}.json"
            form = chance.choice(["whole", "member", "definitions"])
            part = {
                "whole": holder[key],
                "member": {"X": holder[key]},
                "definitions": {"definitions": {"X": holder[key]}},
            }
            files[name] = part[form]
            if stated and form == "definitions":
                files[name] = {
                    **files[name],
                    **{each: tree[each] for each in ("swagger", "openapi") if each in tree},
                }
            holder[key] = {
                "$ref": {"whole": name, "member": f"{name}#/X", "definitions": f"{name}#/definitions/X"}[form]
            }
    for name, part in {**files, "root.json": root}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(relative(part, name, files, chance)))


def relative(value: Any, name: str, files: dict[str, Any], chance: random.Random) -> Any:
    """The references of a file as they are from its folder; into the root by its name, or without."""
    if isinstance(value, list):
        return [relative(each, name, files, chance) for each in value]
    if not isinstance(value, dict):
        return value
    new = {key: relative(each, name, files, chance) for key, each in value.items()}
    ref = new.get("$ref")
    if isinstance(ref, str):
        target, mark, fragment = ref.partition("#")
        if not target and name != "root.json" and chance.random() < 0.7:
            target = "root.json"
        path = os.path.relpath(target, os.path.dirname(name) or ".") if target else ""
        new["$ref"] = f"{path}{mark}{fragment}"
    return new


# -- what a document means

VALUES: list[Any] = [
    None, 0, 7, 99, "abc", "abcd", [], {}, True,
    {"name": "a"}, {"name": None}, {"name": None, "id": 1}, {"id": 1, "name": 5},
    {"name": "a", "id": 1, "age": 0},
    {"name": "a", "id": 1, "age": 1}, {"name": "a", "tag": None}, {"name": "a", "tag": "abcd"},
    {"name": "a", "id": 1, "tag": "ab"}, {"name": "a", "id": 1, "parent": {"name": None, "id": 2}},
    {"name": "a", "parent": {"name": 1}}, {"name": "a", "photos": [None]},
    {"name": "a", "photos": ["x"], "id": 3},
    {"name": "a", "bark": 1}, {"name": None, "bark": True}, {"kind": "Dog", "x": "abc"},
    {"kind": "d", "x": 1},
    {"kind": "Cat", "x": 1, "y": 2}, {"kind": "Cat", "x": 1}, {"kind": "Dog"}, {"kind": "Cat"},
    {"kind": "d"},
    [None], ["a"], [1, 2], {"n": [1]}, {"n": ["x"]},
]  # fmt: skip

GIVEN: list[dict[str, Any]] = [
    {"ids": [1, 2], "limit": 3, "a": ["x", "y"], "b": ["x", "y"]},
    {"ids": [1], "limit": 10},
    {"ids": [1], "X-C": [[1, 2], [3]]},
    {"ids": [1], "pet": {"name": "a"}},
    {"ids": ["x"]},
    {"ids": [1], "b": ["x", None]},
    {"ids": 1, "body": {"name": None}},
    {"ids": [4], "body": {"name": "a", "tag": None, "age": 1}},
    {"ids": [4], "body": {"name": 5}},
    {"body": {"name": "a", "n": [1, 2]}},
    {"body": {"photo": b"x"}},
    {"body": {"name": None, "photo": b"x"}},
]


def meaning(client: Client) -> dict[str, Any]:
    """Its operations, with what they send and the verdicts on values in both directions."""
    found: dict[str, Any] = {"server": client.server}
    for key, operation in client.operations.items():
        schemas = {f"param {each.key}": each.value_schema for each in operation.parameters}
        body = operation.body.content if operation.body else {}
        schemas |= {f"body {name}": media.schema for name, media in body.items()}
        for answer in operation.responses:
            schemas |= {f"{answer.status} {name}": media.schema for name, media in answer.content.items()}
            schemas |= {f"{answer.status} header {each.name}": each.schema for each in answer.headers}
        found[key] = {
            "security": operation.security,
            "problem": operation.problem,
            "required": bool(operation.body and operation.body.required),
            "parameters": [
                (each.key, each.required, each.style, each.explode) for each in operation.parameters
            ],
            "verdicts": {name: verdicts(client, node) for name, node in schemas.items() if node},
            "answers": [(each.status, list(each.content)) for each in operation.responses],
            "sent": [sent(client, key, given_) for given_ in GIVEN],
        }
    return found


def verdicts(client: Client, node: Any) -> str:
    marks = ""
    for direction in ("request", "response"):
        checker = client.checkers.checker(node, direction)
        marks += "".join("." if not checker.violations(value, "body", "") else "x" for value in VALUES)
    return marks


def sent(client: Client, key: str, given_: dict[str, Any]) -> Any:
    given_ = dict(given_)
    extra = {"body": given_.pop("body")} if "body" in given_ else {}
    try:
        request = client.prepare(key, given_, **extra)
    except RequestInvalid as error:
        return sorted(f"{each.where} {each.name} {each.pointer}" for each in error.violations)
    body = request.body if isinstance(request.body, (bytes, type(None))) else "streamed"
    kind = request.headers.get("Content-Type", "").partition("; boundary")[0]
    return (
        request.method,
        request.url,
        request.headers.get("X-C"),
        kind,
        "form" if kind.startswith("multipart") else body,
    )


WHOLE = {
    (name, backend): meaning(Client(tree, validate_with=backend, cache=False))
    for name, tree in DOCUMENTS.items()
    for backend in ("rust", "python")
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("version", DOCUMENTS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9), stated=st.booleans(), backend=st.sampled_from(["rust", "python"]))
def test_a_document_means_the_same_however_it_is_split(
    version: str, seed: int, stated: bool, backend: Any
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        split(DOCUMENTS[version], folder, random.Random(seed), stated)
        for _ in ("cold", "warm"):
            client = Client(folder / "root.json", validate_with=backend, cache=folder / "cache")
            assert meaning(client) == WHOLE[version, backend]


def test_what_is_split_is_split(tmp_path: Path) -> None:
    """The splitter makes files, and values pass and fail: else the property says nothing."""
    for version, tree in DOCUMENTS.items():
        split(tree, tmp_path / version, random.Random(1))
        assert len([*(tmp_path / version).rglob("*.json")]) > 5
    marks = "".join(str(each) for each in WHOLE.values())
    assert marks.count(".") > 200 < marks.count("x")


MAPS_OF_20 = [
    ("paths",),
    ("definitions",),
    ("parameters",),
    ("responses",),
    ("securityDefinitions",),
    ("definitions", "Pet", "properties"),
    ("paths", "/pets/{ids}", "get", "responses"),
    ("paths", "/pets/{ids}", "get"),
    ("paths", "/pets/{ids}", "parameters"),
    ("paths", "/form", "post", "parameters"),
    ("paths", "/pets/{ids}", "get", "responses", "default", "headers"),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("depth", ["", "#/deep/er"])
@pytest.mark.parametrize("place", MAPS_OF_20, ids="/".join)
def test_maps_and_lists_of_swagger_2_0_may_be_files_too(
    place: tuple[str, ...], depth: str, tmp_path: Path
) -> None:
    """As published documents keep them, whatever the specification says of it."""
    tree = copy.deepcopy(SWAGGER)
    holder = tree
    for name in place[:-1]:
        holder = holder[name]
    part = {"deep": {"er": holder[place[-1]]}} if depth else holder[place[-1]]
    holder[place[-1]] = {"$ref": f"part.json{depth}"}
    (tmp_path / "part.json").write_text(json.dumps(part))
    (tmp_path / "root.json").write_text(json.dumps(tree))
    client = Client(tmp_path / "root.json", cache=False)
    assert meaning(client) == WHOLE["2.0", "rust"]
    assert [each for each in client.findings if each.severity != "note"] == [
        each for each in Client(SWAGGER).findings if each.severity != "note"
    ]


# -- parts that say their version


def schema(version: str, value: Any) -> dict[str, Any]:
    """A document that is a part: of a version, with one schema."""
    if version == "2.0":
        return {"swagger": "2.0", "info": {}, "paths": {}, "definitions": {"X": value}}
    return {"openapi": version, "info": {}, "paths": {}, "components": {"schemas": {"X": value}}}


def with_part(root: str, ref: str) -> dict[str, Any]:
    """A document whose one response is what `ref` names."""
    response = {"description": "", "schema": {"$ref": ref}} if root == "2.0" else said({"$ref": ref})
    told = {"swagger": "2.0", "produces": ["application/json"]} if root == "2.0" else {"openapi": root}
    paths = {"/x": {"get": {"operationId": "op", "responses": {"200": response}}}}
    return {**told, "info": {"title": "", "version": ""}, "paths": paths}


ITSELF = {"$ref": "#/components/schemas/X"}

# version of a part, its schema, what is taken, what is not
SPOKEN: list[tuple[str, Any, list[Any], list[Any]]] = [
    ("2.0", {"type": "string", "x-nullable": True}, ["a", None], [1]),
    ("2.0", {"type": "object", "discriminator": "k", "properties": {"k": {}}}, [{"k": "X"}], [1]),
    ("2.0", {"type": "array", "items": {"$ref": "#/definitions/X", "x-nullable": True}}, [[None, []]], [[1]]),
    ("2.0", {"type": "integer", "maximum": 3, "exclusiveMaximum": True}, [2], [3]),
    ("3.0.3", {"type": "string", "nullable": True}, ["a", None], [1]),
    ("3.0.3", {"type": "integer", "minimum": 3, "exclusiveMinimum": True}, [4], [3, "a"]),
    ("3.0.3", {"properties": {"a": {**ITSELF, "maxProperties": 0}}}, [{"a": {"b": 1}}], []),
    ("3.0.3", {"const": 1, "type": "integer"}, [1, 2], ["a"]),  # 3.0 has no `const`
    ("3.1.0", {"type": ["string", "null"]}, ["a", None], [1]),
    ("3.1.0", {"type": "integer", "exclusiveMinimum": 3}, [4], [3]),
    ("3.1.0", {"const": 1}, [1], [2, None]),
    ("3.1.0", {"properties": {"a": {**ITSELF, "maxProperties": 0}}}, [{"a": {}}], [{"a": {"b": 1}}]),
    ("3.1.0", {"$defs": {"y": {"$anchor": "y", "type": "string"}}, "items": {"$ref": "#y"}}, [["a"]], [[1]]),
    ("3.1.0", {"prefixItems": [{"type": "string"}]}, [["a"]], [[1]]),
    ("3.2.0", {"type": ["integer", "null"]}, [1, None], ["a"]),
]  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("root", ["2.0", "3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(("part", "value", "right", "wrong"), SPOKEN)
def test_a_part_is_read_by_its_own_version(
    part: str, value: Any, right: list[Any], wrong: list[Any], root: str, backend: Any, tmp_path: Path
) -> None:
    """The referee is the part as a document of its own."""
    place = "definitions" if part == "2.0" else "components/schemas"
    alone = schema(part, value) | {"paths": with_part(part, f"#/{place}/X")["paths"]}
    (tmp_path / "part.json").write_text(json.dumps(schema(part, value)))
    (tmp_path / "root.json").write_text(json.dumps(with_part(root, f"part.json#/{place}/X")))
    for source in (alone, tmp_path / "root.json", tmp_path / "root.json"):
        client = Client(source, validate_with=backend, cache=tmp_path / "cache")
        (answer,) = client.operations["op"].responses
        (media,) = answer.content.values()
        assert media.schema is not None
        checker = client.checkers.checker(media.schema, "response")
        assert [checker.violations(each, "body", "") == [] for each in right] == [True] * len(right)
        assert [checker.violations(each, "body", "") == [] for each in wrong] == [False] * len(wrong)
        assert not [each for each in client.document.findings if each.severity == "error"]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(
    "form",
    [
        "#/components/schemas/{}",
        "a.json#/{}",
        "a.json#/definitions/{}",
        "{}.json",
        "deep/{}.v1.json",
    ],
)
def test_a_discriminator_knows_its_schemas_in_any_file(form: str, backend: Any, tmp_path: Path) -> None:
    """They differ in nothing else: which is meant is told by the name alone (4.8.25, without a mapping)."""
    names = ("Dog", "Cat", "Wild Cat")
    animal = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    either = {
        "oneOf": [{"$ref": form.format(name.replace(" ", "%20"))} for name in names],
        "discriminator": {"propertyName": "kind"},
    }
    every = dict.fromkeys(names, animal)
    files = {"a.json": {**every, "definitions": every}}
    files |= {place.format(name): animal for name in names for place in ("{}.json", "deep/{}.v1.json")}
    (tmp_path / "deep").mkdir()
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value))
    tree = one(answer=either, components={"schemas": every})
    (tmp_path / "root.json").write_text(json.dumps(tree))
    client = Client(tmp_path / "root.json", validate_with=backend, cache=False)
    media = client.operations["op"].responses[0].content["application/json"]
    assert media.schema is not None
    checker = client.checkers.checker(media.schema, "response")
    assert [checker.violations({"kind": name}, "body", "") for name in names] == [[], [], []]
    assert checker.violations({"kind": "Cow"}, "body", "")
    assert checker.violations({"kind": 1}, "body", "")


def test_a_dialect_holds_where_the_version_does(tmp_path: Path) -> None:
    """A part that says no version is read as the root is, in its dialect too; one that says one is not."""
    draft7 = "http://json-schema.org/draft-07/schema#"
    beside = {
        "X": {"$ref": "#/Y", "maxLength": 1},
        "Y": {"type": "string"},
    }  # draft 7 ignores `maxLength` there
    for stated, refused in ((False, False), (True, True)):
        part = {**({"openapi": "3.1.0"} if stated else {}), **beside}
        (tmp_path / "part.json").write_text(json.dumps(part))
        client_root = with_part("3.1.0", "part.json#/X") | {"jsonSchemaDialect": draft7}
        (tmp_path / "root.json").write_text(json.dumps(client_root))
        client = Client(tmp_path / "root.json", cache=False)
        media = client.operations["op"].responses[0].content["application/json"]
        assert media.schema is not None
        checker = client.checkers.checker(media.schema, "response")
        assert bool(checker.violations("ab", "body", "")) is refused


def test_parts_that_change_are_read_again(tmp_path: Path) -> None:
    """What an upgraded root was made with is part of what it is: it is not taken from the cache without."""
    cache = tmp_path / "cache"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        tree = {**with_part("2.0", "x"), "paths": {"/x": {"$ref": "part.json#/item"}}}
        (tmp_path / name / "root.json").write_text(json.dumps(tree))

    def operations(name: str, key: str = "", **settings: Any) -> list[str]:
        if key:
            item = {"item": {"get": {"operationId": key, "responses": {"200": {"description": ""}}}}}
            (tmp_path / name / "part.json").write_text(json.dumps(item))
        return list(Client(tmp_path / name / "root.json", cache=cache, **settings).operations)

    assert operations("a", "one") == operations("a") == ["one"]
    assert operations("a", "two") == operations("a") == ["two"]
    assert operations("b", "three") == ["three"]  # another place of the same root
    assert operations("a") == ["two"]
    (tmp_path / "a" / "part.json").unlink()
    assert operations("a") == []
    assert operations("a", "four") == ["four"]
    outside = {**with_part("2.0", "x"), "paths": {"/x": {"$ref": "../b/part.json#/item"}}}
    (tmp_path / "a" / "root.json").write_text(json.dumps(outside))
    assert operations("a") == []
    assert operations("a", ref_folder=tmp_path) == ["three"]
    assert operations("a") == []  # what may be read is not widened by what was
