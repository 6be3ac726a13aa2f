"""Binary data is bytes, both ways, also where it happens to be JSON and is labelled so."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from dynaclient import Client, RequestInvalid, ResponseInvalid
from dynaclient.sandbox import Sandbox
from tests.conftest import Serve
from tests.servers import reply
from tests.small import document, one, said

BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
JSON, OCTETS = "application/json", "application/octet-stream"
MODES = ("strict", "warn", "off")
MODEL = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
TEXT_31 = {"type": "string", "contentMediaType": "text/html"}


def swagger(*kinds: str, schema: Any = None) -> dict[str, Any]:
    answer = {"description": "", "schema": schema or {"type": "file"}}
    node = {"operationId": "op", "produces": list(kinds), "responses": {"200": answer}}
    return {"swagger": "2.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": node}}}


def tree(content: dict[str, Any], version: str = "3.0.3", **schemas: Any) -> dict[str, Any]:
    media = {name: {"schema": schema} for name, schema in content.items()}
    answers = {"200": {"description": "", "content": media}}
    return one(answers=answers, version=version, components={"schemas": {"File": BINARY, **schemas}})


FILE = {"$ref": "#/components/schemas/File"}
LEVELS: dict[str, Any] = {
    f"L{n}": {"anyOf": [{"$ref": f"#/components/schemas/L{n + 1}"}] * 3} for n in range(18)
}
"""There are 3**18 ways to the last one: each is asked once."""
# document, label
FILES: list[tuple[dict[str, Any], str | None]] = [
    (tree({"*/*": BINARY}), JSON),
    (tree({"*/*": BINARY}), "text/html"),
    (tree({"*/*": BINARY}), "application/x-ndjson"),
    (tree({"*/*": FILE}), "application/vnd.api+json"),
    (tree({"application/*": BINARY}), JSON),
    (tree({JSON: BINARY}), JSON),
    (tree({JSON: BINARY}), "application/json; charset=utf-8"),
    (tree({JSON: FILE, OCTETS: FILE}), JSON),
    (tree({"*/*": {"format": "binary"}}), JSON),
    (tree({"*/*": {"allOf": [FILE], "description": "x"}}), JSON),
    (tree({"*/*": {"oneOf": [FILE, {"type": "string", "format": "binary", "maxLength": 1}]}}), JSON),
    (tree({"*/*": {**BINARY, "nullable": True}}), JSON),
    (tree({"*/*": {"type": ["string", "null"], "format": "binary"}}, "3.1.0"), JSON),
    (tree({"*/*": {"anyOf": [FILE, {"type": "null"}]}}, "3.1.0"), JSON),
    (tree({"*/*": {"contentMediaType": "application/json"}}, "3.1.0"), JSON),
    (tree({"application/*": {"type": "string", "contentMediaType": "application/json"}}, "3.2.0"), JSON),
    (tree({JSON: {"type": "string", "contentMediaType": OCTETS}}, "3.1.0"), JSON),
    (tree({JSON: {"contentMediaType": "image/png"}}, "3.1.0"), JSON),
    (tree({"*/*": {"$ref": "#/components/schemas/L0"}}, **LEVELS, L18=BINARY), JSON),
    (swagger(JSON), JSON),
    (swagger(OCTETS, JSON), JSON),
    (swagger("*/*"), JSON),
    (swagger(JSON, schema={"type": "string", "format": "binary"}), JSON),
]
CONTENTS = (b'{"id": "no"}', b"[1, 2]", b"7", b'"text"', b"null", b"{", b"\x89PNG\xff")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("tree", "label"), FILES)
def test_a_file_is_bytes_whatever_it_holds(tree: Any, label: Any, mode: Any, serve: Serve) -> None:
    headers = [("Content-Type", label)]
    server = serve(*(reply(200, content, headers) for content in CONTENTS for _ in range(2)))
    with Client(tree, server=server.url, validate=mode) as api:
        for content in CONTENTS:
            answer = api.send("op")
            assert (answer.data, answer.violations) == (content, ())
            assert api.call("op", options={"stream": True}).data == content


@pytest.mark.parametrize("schema", [BINARY, FILE])
def test_an_empty_file_of_a_documented_type(schema: Any, serve: Serve) -> None:
    server = serve(reply(200, b"", [("Content-Type", JSON)]))
    with Client(tree({JSON: schema}), server=server.url) as api:
        assert api.call("op") == b""


# document, label, body, data: what must stay as it was
NO_FILES: list[tuple[dict[str, Any], str, bytes, Any]] = [
    (tree({JSON: MODEL, OCTETS: BINARY}), JSON, b'{"id": 1}', {"id": 1}),
    (tree({JSON: MODEL, OCTETS: BINARY}), OCTETS, b'{"id": 1}', b'{"id": 1}'),
    (tree({JSON: {"type": "string"}}), JSON, b'"a"', "a"),
    (tree({JSON: {"type": "string", "format": "byte"}}), JSON, b'"YQ=="', "YQ=="),
    (tree({"*/*": {"oneOf": [FILE, MODEL]}}), JSON, b'{"id": 1}', {"id": 1}),
    (tree({"*/*": {"type": "string", "contentMediaType": "a/b"}}), JSON, b'"a"', "a"),  # 3.0 knows none
    (tree({JSON: TEXT_31}, "3.1.0"), JSON, b'"<p>"', "<p>"),
    (
        tree({JSON: {"type": "string", "contentMediaType": OCTETS, "contentEncoding": "base64"}}, "3.1.0"),
        JSON,
        b'"YQ=="',
        "YQ==",
    ),
    (tree({"*/*": {}}), JSON, b"[1]", [1]),
    (tree({"text/csv": BINARY}), "text/csv", b"a,b", "a,b"),
    (tree({JSON: {"type": "object", "format": "binary"}}), JSON, b"{}", {}),
    (swagger(JSON, schema=MODEL), JSON, b'{"id": 1}', {"id": 1}),
]


@pytest.mark.parametrize(("tree", "label", "body", "data"), NO_FILES)
def test_what_is_no_file_is_read_as_before(
    tree: Any, label: str, body: bytes, data: Any, serve: Serve
) -> None:
    with Client(tree, server=serve(reply(200, body, [("Content-Type", label)])).url) as api:
        assert api.call("op") == data


def test_another_label_is_a_violation_and_the_bytes_are_there(serve: Serve) -> None:
    server = serve(reply(200, b'{"id": 1}', [("Content-Type", JSON)]))
    with Client(tree({OCTETS: BINARY}), server=server.url) as api, pytest.raises(ResponseInvalid) as caught:
        api.call("op")
    assert [each.where for each in caught.value.violations] == ["content-type"]
    assert caught.value.response.data == b'{"id": 1}'


@pytest.mark.parametrize("kind", ["*/*", "application/*", JSON])
@pytest.mark.parametrize("content", CONTENTS[:-1])
def test_a_file_that_is_sent_and_one_that_comes_in(kind: str, content: bytes, serve: Serve) -> None:
    """The way there: as it is, under the label that the call names; and a webhook takes what a call sends."""
    body = {"required": True, "content": {kind: {"schema": BINARY}}}
    node = {"operationId": "op", "requestBody": body, "responses": {"200": {"description": ""}}}
    trees = document({"/x": {"post": node}}, "3.1.0", webhooks={"hook": {"post": node}})
    server = serve(reply())
    with Client(trees, server=server.url) as api:
        api.call("op", body=content, options={"content_type": JSON})
        assert server.requests[0].body == content
        assert server.requests[0].header("Content-Type") == JSON
        assert api.webhooks["hook"].check(headers={"Content-Type": JSON}, body=content) == content


def test_what_is_no_file_is_sent_as_before(serve: Serve) -> None:
    tree = one("post", body=MODEL)
    with Client(tree, server=serve(reply()).url) as api, pytest.raises(RequestInvalid):
        api.call("op", body=b'{"id": 1}')


def test_the_sandbox_takes_and_gives_one() -> None:
    body = {"required": True, "content": {"*/*": {"schema": BINARY}}}
    answers = {"200": said(BINARY, "application/*")}
    with Sandbox(one("post", answers=answers, operation={"requestBody": body})) as sandbox:
        came = requests.post(f"{sandbox.url}/x", data=b"[1]", headers={"Content-Type": JSON}, timeout=10)
        assert came.status_code == 200, came.text
        with Client(one("post", answers=answers, operation={"requestBody": body}), server=sandbox.url) as api:
            assert isinstance(api.call("op", body=b"{}", options={"content_type": JSON}), bytes)
