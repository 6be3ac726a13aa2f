# ruff: noqa: E501  (rows of tables)
"""The text of a stub: the same each time, formatted, and nothing of a document is code in it."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient.stubs.annotations import comment, docstring, literal
from dynaclient.stubs.stub import digest, stub
from tests.small import document, one, param, said

ROOT = Path(__file__).parents[2]
NODES = {
    "Module", "ImportFrom", "alias", "ClassDef", "FunctionDef", "AnnAssign", "Assign", "Expr", "Constant",
    "Name", "Load", "Store", "Subscript", "Tuple", "BinOp", "BitOr", "arguments", "arg", "Call", "Dict",
    "keyword", "Pass",
}  # fmt: skip
"""The kinds of nodes that a stub is made of: no expression that does anything."""
ODD = [
    '"""', '"""\nimport os\nos.system("x")\n"""', "'", '"', "\\", '\\"""', '"' * 7, "\n", "\r", "\x00", "\t",
    "\x1b]0;x\x07", "\u202e", "\u2028", "\ud800", "#", "# type: ignore", "class", "import", "__x", "a-b", "ü",
    "ﬁ", "a b", "None", "Any", "str", "list", "self", "body", "options", "{x}", "%s", "]", "Literal[", "x" * 120,
    "`x`", "<b>",
]  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Texts that would like to be code."""
    return st.one_of(
        st.sampled_from(ODD), st.text(max_size=20), st.tuples(*[st.sampled_from(ODD)] * 2).map("".join)
    )


def code_of(text: str) -> ast.Module:
    """What a stub says to Python."""
    tree = ast.parse(text)
    assert {type(node).__name__ for node in ast.walk(tree)} <= NODES
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in ("TypedDict", "deprecated")
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant)
        if isinstance(node, ast.ImportFrom):
            assert node.module in MODULES
    return tree


MODULES = {
    "collections.abc", "datetime", "decimal", "typing", "uuid", "requests", "typing_extensions", "dynaclient",
    "dynaclient.calls.streaming", "dynaclient.document.operations", "dynaclient.stubs.typed",
}  # fmt: skip


def hostile(draw: Any) -> dict[str, Any]:
    """A document whose every text is drawn."""
    schema = {
        "type": "object",
        "description": draw(),
        "properties": {
            draw(): {"type": "string", "enum": [draw(), draw()], "description": draw(), "default": draw()},
            draw(): {"type": "object", "description": draw(), "properties": {draw(): {"type": "string"}}},
            draw(): {"$ref": "#/components/schemas/Other"},
        },
        "required": [draw()],
    }
    operation = {
        "operationId": draw(),
        "summary": draw(),
        "description": draw(),
        "deprecated": True,
        "parameters": [
            param(draw(), description=draw(), schema={"enum": [draw(), draw()]}) for _ in range(3)
        ],
        "requestBody": {"description": draw(), "content": {"application/json": {"schema": schema}}},
        "responses": {"200": said({"$ref": "#/components/schemas/Other"}), "201": said(schema)},
    }
    tree = document(
        {f"/{draw()}": {"post": operation}}, components={"schemas": {"Other": schema, draw(): schema}}
    )
    tree["info"] = {"title": draw(), "version": draw()}
    return tree


@pytest.mark.parametrize("seed", range(25))
def test_no_text_of_a_document_is_code(seed: int) -> None:
    numbers = random.Random(seed)

    def draw() -> str:
        parts = [
            numbers.choice(ODD),
            numbers.choice(ODD),
            chr(numbers.choice((0x3000, 0x11000)) - numbers.randrange(0x3000)),
        ]
        return "".join(parts[: numbers.choice((1, 1, 2, 3))])

    client = Client(hostile(draw), cache=False)
    code_of(stub(client, "Api", draw()))


@settings(max_examples=80)
@given(texts())
def test_a_literal_is_the_text_and_a_docstring_shows_it(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()
    lines = docstring(text, "    ")
    found = ast.parse("class A:\n" + "\n".join(lines or ["    pass"])).body[0]
    assert isinstance(found, ast.ClassDef)
    assert len(found.body) == 1
    assert all(line.isprintable() for line in lines)
    commented = comment(text, "")
    assert ast.parse("\n".join(commented)).body == []
    assert all(line.isprintable() for line in commented)


def test_the_same_document_gives_the_same_stub(tmp_path: Path) -> None:
    path = ROOT / "tests" / "documents" / "harbour-3.1.yaml"
    code = f"from dynaclient.stubs.stub import stub, Client; print(stub(Client({str(path)!r}), 'Api', 'x'))"
    made = set()
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "DYNACLIENT_CACHE": str(tmp_path / seed)}
        command = [sys.executable, "-c", code]
        made.add(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)
    assert len(made) == 1


def test_it_says_of_what_and_by_what_it_was_made() -> None:
    client = Client(one(answer={"type": "string"}))
    head = stub(client, "Api", "dynaclient stubs small.yaml -o api.pyi").splitlines()[:3]
    assert head == [
        "# Made by: dynaclient stubs small.yaml -o api.pyi",
        "# From: Small 1, 1 operation",
        f"# SHA-256 of its content: {digest(client.document)}",
    ]


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    tree = one()
    (tmp_path / "a.json").write_text(json.dumps(tree, indent=4))
    assert digest(Client(tmp_path / "a.json").document) == digest(Client(tree).document)
    assert digest(Client(one("post")).document) != digest(Client(tree).document)


DOCUMENTS = [
    ROOT / "spec" / "talon-one-integration" / "2026-05.yaml",
    *(ROOT / "tests" / "documents").glob("*.yaml"),
]


@pytest.fixture(scope="module")
def formatted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formatted")


def long_names() -> Iterator[dict[str, Any]]:
    """Names of every length, so that each kind of line is once too long."""
    numbers = random.Random(1)
    for length in range(20, 75, 5):
        name = "".join(numbers.choice(["Ab", "Cde", "F_", "x"]) for _ in range(length))[:length]
        schema = {
            "type": "object",
            "properties": {name: {"type": "array", "items": {"enum": [name, name[1:]]}}},
        }
        schema["properties"]["a-b"] = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
        closed = {"type": "object", "properties": {name: {"type": "string"}}, "additionalProperties": False}
        yield one(
            "post", "/x", *(param(f"{name}{at}", schema={"enum": [name, "b", 1]}) for at in range(3)), body=schema,
            answer={"type": "array", "items": {"$ref": f"#/components/schemas/{name}Closed"}},
            operation={"operationId": name, "deprecated": True},
            components={"schemas": {name: schema, f"{name}Closed": closed}},
        )  # fmt: skip


def test_a_formatter_leaves_it_as_it_is(formatted: Path) -> None:
    pytest.importorskip("ruff")
    for at, source in enumerate([*DOCUMENTS, *long_names()]):
        text = stub(Client(source), "Api", "dynaclient stubs api.yaml -o api.pyi")
        (formatted / f"at_{at}.pyi").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "--no-cache", "."]
    done = subprocess.run(command, cwd=formatted, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


# -- operations ---------------------------------------------------------------------------------------


def method(source: dict[str, Any], name: str = "__call__") -> list[str]:
    """A method of the operation of a small document, one line for each way to call it."""
    tree = code_of(stub(Client(source), "Api", "x"))
    operation = next(
        each for each in tree.body if isinstance(each, ast.ClassDef) and each.name.endswith("Operation")
    )
    found = [each for each in operation.body if isinstance(each, ast.FunctionDef) and each.name == name]
    return [f"({ast.unparse(each.args)}) -> {ast.unparse(each.returns or each)}" for each in found]


PHOTO = {"type": "string", "format": "binary"}
FILE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "photo": PHOTO, "more": {"type": "array", "items": PHOTO}},
}
OPTIONS = "options: CallOptions | None=None"
WAYS: list[tuple[dict[str, Any], list[str]]] = [
    (one(), [f"(self, *, {OPTIONS}) -> Any"]),
    (one(answer={"type": "string"}), [f"(self, *, {OPTIONS}) -> str"]),
    (one(answers={"204": said()}), [f"(self, *, {OPTIONS}) -> None"]),
    (one(answers={"200": said({"type": "string"}), "204": said(), "404": said({"type": "integer"})}),
     [f"(self, *, {OPTIONS}) -> str | None"]),
    (one(answers={"default": said({"type": "integer"})}), [f"(self, *, {OPTIONS}) -> int"]),
    (one("get", "/x/{userId}", param("userId", "path"), param("pageSize", schema={"type": "integer"})),
     [f"(self, user_id: str, *, page_size: int | None=None, {OPTIONS}) -> Any"]),
    (one("get", "/x/{id}", param("id", "path"), param("id")), [f"(self, path_id: str, /, *, {OPTIONS}) -> Any"]),
    (one("get", "/x", param("self", required=True)), [f"(_self, self: str, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", body={"type": "integer"}), [f"(self, body: int, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", body={"type": "integer"}, required=False),
     [f"(self, body: int | None=None, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/json": {"schema": {"type": "object"}}, "text/csv": {}}),
     [f"(self, body: Mapping[str, Any], *, {OPTIONS}) -> Any", f"(self, body: str | Binary, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/json": {"schema": {"type": "integer"}}, "text/csv": {}}),
     [f"(self, body: int | str | Binary, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/json": {}, "text/csv": {}}), [f"(self, body: Any, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/octet-stream": {}}),
     [f"(self, body: Binary | str, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/x-ndjson": {"schema": {"type": "integer"}}}),
     [f"(self, body: Iterable[int] | str | Binary, *, {OPTIONS}) -> Any"]),
    (one("post", "/x", content={"application/vnd.x": {}}), [f"(self, body: Any, *, {OPTIONS}) -> Any"]),
    (one(answers={"200": said({"type": "string"}, "text/event-stream")}),
     [f"(self, *, {OPTIONS}) -> str", "(self, *, options: Streaming) -> StreamedResponse"]),
    (one(answers={"200": said({"type": "string"}, "application/pdf")}),
     [f"(self, *, {OPTIONS}) -> bytes", "(self, *, options: Streaming) -> StreamedResponse"]),
    (one(answers={"200": said({"type": "array", "items": {"type": "integer"}}, "application/x-ndjson")}),
     [f"(self, *, {OPTIONS}) -> list[int]", "(self, *, options: Streaming) -> StreamedResponse"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "ways"), WAYS, ids=lambda each: str(each)[-50:])
def test_how_an_operation_is_called(source: dict[str, Any], ways: list[str]) -> None:
    assert method(source) == ways
    assert method(source, "send") == [
        way if result == "StreamedResponse" else f"{head} -> TypedResponse[{result}]"
        for way in ways
        for head, _, result in [way.rpartition(" -> ")]
    ]


def test_files_of_a_form() -> None:
    text = stub(Client(one("post", "/x", content={"multipart/form-data": {"schema": FILE}})), "Api", "x")
    assert "    photo: NotRequired[FilePart | str]\n" in text
    assert "    more: NotRequired[list[FilePart]]\n" in text
    assert "    name: NotRequired[str]\n" in text


def test_names_that_collide() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    names = ["Api", "Any", "ApiKey", "Pet", "pet", "PET-2", "OpOperation", "None", "TypedDict", "list"]
    listed = {
        "type": "object",
        "properties": {name: {"$ref": f"#/components/schemas/{name}"} for name in names},
    }
    tree = one(answer=listed, components={"schemas": {name: {**schema, "title": name} for name in names}})
    classes = [
        each.name for each in code_of(stub(Client(tree), "Api", "x")).body if isinstance(each, ast.ClassDef)
    ]
    assert len(classes) == len(set(classes))
    assert {"Api", "Api_", "Any_", "Pet", "Pet_2", "PET2", "None_", "TypedDict_", "List"} <= {*classes}


def test_properties_that_a_class_cannot_have() -> None:
    """No identifiers, keywords, what Python mangles, and what the types of the others are called."""
    for name in ("a-b", "class", "__x", "str", "ﬁ"):
        schema = {"type": "object", "properties": {name: {"type": "string"}, "other": {"type": "string"}}}
        text = stub(Client(one(answer=schema)), "Api", "x")
        assert (
            f'OpResult = TypedDict(\n    "OpResult",\n    {{\n        "{name}": NotRequired[str],\n' in text
        )


def test_both_views_of_a_schema_where_they_differ() -> None:
    same = {"type": "object", "properties": {"a": {"type": "string"}}}
    differs = {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "same": {"$ref": "#/components/schemas/Same"},
        },
    }
    pet, schemas = {"$ref": "#/components/schemas/Pet"}, {"Pet": differs, "Same": same}
    tree = one("post", "/x", body=pet, answer=pet, components={"schemas": schemas})
    text = stub(Client(tree), "Api", "x")
    assert "class PetInput(TypedDict):\n    same: NotRequired[Same]\n" in text
    assert "class Pet(TypedDict):\n    id: NotRequired[ReadOnly[int]]\n    same: NotRequired[Same]\n" in text
    assert text.count("class Same") == 1


def test_an_operation_that_cannot_be_called_has_no_method() -> None:
    tree = one("post", "/x", operation={"requestBody": {"$ref": "#/components/requestBodies/Missing"}})
    assert "OpOperation" not in stub(Client(tree), "Api", "x")


def test_a_document_without_operations() -> None:
    code_of(stub(Client(document({})), "Api", "x"))


def test_a_closed_schema_is_closed_where_it_is_read() -> None:
    """In what is sent, both checkers refuse other keys anyhow, and pyright names them where it is not closed."""
    closed = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
    text = stub(
        Client(one("post", "/x", body=closed, answer={**closed, "description": "Another"})), "Api", "x"
    )
    assert "class OpBody(TypedDict):\n" in text
    assert "class OpResult(TypedDict, closed=True):\n" in text


def test_other_properties_of_a_response_have_their_type_where_a_checker_takes_it() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": {"type": "string"},
    }
    text = stub(Client(one(answer=schema)), "Api", "x")
    assert "class OpResult(TypedDict, extra_items=str):  # type: ignore[call-arg, unused-ignore]\n" in text
