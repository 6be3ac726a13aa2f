"""Examples are valid for their document, as Python and as a command."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.client import executor_of
from dynaclient.explore.example import Example
from tests.cli.conftest import Run, Save
from tests.small import document, one, param

NAME = "talon-one-integration"
SERVER = "http://127.0.0.1:1"


class Preparing:
    """An `api` whose calls only prepare their request."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name).prepare


def prepared(python: str, client: Client) -> requests.PreparedRequest:
    """The request that the Python of an example makes."""
    request: requests.PreparedRequest = eval(python, {"api": Preparing(client)})
    return request


def assert_both_forms_agree(run: Run, client: Client, key: str, path: str) -> None:
    example = Example(executor_of(client), client.operations[key], body="full")
    assert example.problem == ""
    request = prepared(example.python(), client)
    words = shlex.split(example.command(path).replace("\\\n", " "))
    assert words[0] == "dynaclient"
    shown = run(*words[1:], "--server", SERVER, "--dry-run")
    assert (shown.code, shown.err) == (0, "")
    head, _, body = shown.out.removesuffix("\n").partition("\n\n")
    assert head.splitlines()[0] == f"{request.method} {request.url}"
    assert body.encode() == (request.body or b"")


@pytest.mark.parametrize("generation", ["2020-04", "2023-04", "2026-05"])
def test_the_examples_of_a_generation_are_valid_and_agree(run: Run, generation: str) -> None:
    path = f"{NAME}@{generation}"
    client = Client(path, server=SERVER)
    for key in client.operations:
        assert_both_forms_agree(run, client, key, path)


ODD: dict[str, tuple[str, list[dict[str, Any]], Any]] = {
    "one name in two places": ("/x/{id}", [param("id", "path"), param("id", required=True)], None),
    "quotes and spaces": ("/x", [param("q", required=True, schema={"enum": ['it\'s "so" $HOME']})], None),
    "an array of numbers": (
        "/x",
        [param("q", required=True, schema={"type": "array", "items": {"type": "integer"}, "minItems": 2})],
        None,
    ),
    "an array of texts that look like JSON": (
        "/x",
        [
            param(
                "q", required=True, schema={"type": "array", "minItems": 1, "items": {"enum": ["[1]", "{}"]}}
            )
        ],
        None,
    ),
    "an object": (
        "/x",
        [
            param(
                "q",
                required=True,
                style="deepObject",
                schema={"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            )
        ],
        None,
    ),
    "a boolean and a number": (
        "/x/{n}",
        [param("n", "path", {"type": "number"}), param("b", required=True, schema={"type": "boolean"})],
        None,
    ),
    "a JSON text as body": ("/x", [], {"type": "string"}),
    "a long body": (
        "/x",
        [],
        {"type": "object", "properties": {f"property{n}": {"type": "string"} for n in range(9)}},
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_arguments_survive_the_shell(run: Run, save: Save, case: str) -> None:
    path, parameters, body = ODD[case]
    file = save(one("post", path, *parameters, body=body) if body else one("get", path, *parameters))
    assert_both_forms_agree(run, Client(file, server=SERVER), "op", file)


def test_a_body_of_which_the_document_says_nothing_may_be_anything() -> None:
    node = {"operationId": "op", "requestBody": {}, "responses": {}}
    client = Client(document({"/x": {"post": node}}), server=SERVER)
    assert (
        prepared(Example(executor_of(client), client.operations["op"], body="full").python(), client).body
        == b"..."
    )
    assert client.op.prepare({"a": 1}).body == b'{"a":1}'


def test_an_operation_without_an_example_says_why(run: Run, save: Save) -> None:
    result = run("show", save(one("post", body={"type": "string", "minLength": 5, "maxLength": 1})), "op")
    assert result.code == 0
    assert "Example: none was found" in result.out


def test_a_server_is_part_of_the_command_only_where_it_must_be_given(save: Save) -> None:
    listed = Client(save(document({"/x": {"get": {}}}, servers=[{"url": "https://api.example"}])))
    assert (
        Example(executor_of(listed), listed.operations["GET /x"], body="full").command("d")
        == "dynaclient call d 'GET /x'"
    )
    unlisted = Client(save(document({"/x": {"get": {}}})))
    assert "--server https://" in Example(
        executor_of(unlisted), unlisted.operations["GET /x"], body="full"
    ).command("d")


def test_long_json_is_laid_out_and_stays_json(save: Save) -> None:
    client = Client(NAME)
    example = Example(executor_of(client), client.operations["updateCustomerSessionV2"], body="full")
    words = shlex.split(example.command(NAME).replace("\\\n", " "))
    assert example.arguments is not None
    assert json.loads(words[words.index("--body") + 1]) == example.arguments.body
    assert max(len(line) for line in example.command(NAME).splitlines()) <= 100


FILE = {"type": "string", "format": "binary"}
FORM = {
    "type": "object",
    "required": ["title", "photo", "pages"],
    "properties": {"title": {"type": "string"}, "photo": FILE, "pages": {"type": "array", "items": FILE}},
}


@pytest.mark.parametrize("name", ["-p", "--server=http://127.0.0.1:9", "--insecure"])
def test_a_name_that_looks_like_an_option_is_none_in_a_command(run: Run, save: Save, name: str) -> None:
    named = param(name.partition("=")[0], required=True)
    path = save(one("get", "/x", named, operation={"operationId": name}))
    client = Client(path, server=SERVER)
    assert_both_forms_agree(run, client, name, path)


def test_files_are_bytes_in_python_and_paths_in_a_command(save: Save) -> None:
    client = Client(save(one("post", content={"multipart/form-data": {"schema": FORM}})), server=SERVER)
    example = Example(executor_of(client), client.op.operation, body="full")
    assert "'photo': b'...', 'pages': [b'...']" in example.python()
    words = shlex.split(example.command("d").replace("\\\n", " "))
    assert [word.partition("=")[2] for word in words if word.startswith(("photo", "pages"))] == ["@FILE"] * 2
    assert prepared(example.python(), client).headers["Content-Type"].startswith("multipart/form-data")


@pytest.mark.parametrize("kind", ["application/yaml", "application/xml", "image/png", "text/csv"])
def test_what_no_schema_writes_comes_from_a_file(save: Save, kind: str) -> None:
    client = Client(save(one("post", content={kind: {"schema": {"type": "object"}}})), server=SERVER)
    example = Example(executor_of(client), client.op.operation, body="full")
    assert example.command("d").endswith("--body @FILE")
    assert prepared(example.python(), client).body == b"..."
