"""A file in multipart/form-data is a part with a filename: without one, servers read a field (RFC 7578, 4.2).

The official clients are of two kinds: Python's sends bytes under the name of the property, JavaScript's a
Buffer without a filename as application/octet-stream, which servers that go by the type take too.
"""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from tests.small import one

MULTIPART = "multipart/form-data"
BINARY = {"type": "string", "format": "binary"}


def form(schema: Any, version: str = "3.0.3") -> dict[str, Any]:
    whole = {"type": "object", "properties": {"f": schema, "note": {"type": "string"}}}
    return one("post", content={MULTIPART: {"schema": whole}}, version=version)


def swagger(schema: Any) -> dict[str, Any]:
    parameters = [{"name": "f", "in": "formData", **schema}]
    operation = {"operationId": "op", "consumes": [MULTIPART], "parameters": parameters, "responses": {}}
    info = {"title": "", "version": ""}
    return {"swagger": "2.0", "info": info, "paths": {"/x": {"post": operation}}}


def described(kind: str) -> dict[str, Any]:
    return {"type": "string", "contentMediaType": kind}


FILES: dict[str, dict[str, Any]] = {
    "format binary, 3.0": form(BINARY),
    "format binary, 3.1": form(BINARY, "3.1.0"),
    "no text, 3.1": form(described("image/png"), "3.1.0"),
    "without a type, 3.1": form({"contentMediaType": "application/octet-stream"}, "3.1.0"),
    "3.2": form(described("application/pdf"), "3.2.0"),
    "file of 2.0": swagger({"type": "file"}),
    "in allOf": form({"allOf": [BINARY, {"description": "x"}]}),
    "or null": form({"anyOf": [BINARY, {"type": "null"}]}, "3.1.0"),
}
TEXTS: dict[str, dict[str, Any]] = {
    "a string": form({"type": "string"}),
    "another format": form({"type": "string", "format": "byte"}),
    "text by its media type": form(described("text/plain"), "3.1.0"),
    "JSON as text": form(described("application/json"), "3.1.0"),
    "encoded": form({**described("image/png"), "contentEncoding": "base64"}, "3.1.0"),
    "a string of 2.0": swagger({"type": "string"}),
}


def part_of(request: Any) -> Any:
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    body = request.body if isinstance(request.body, bytes) else b"".join(request.body)
    message: Any = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    return next(message.iter_parts())


@pytest.mark.parametrize("case", FILES)
def test_text_for_a_file_goes_as_a_file(case: str) -> None:
    part = part_of(Client(FILES[case], server="http://127.0.0.1:9").prepare("op", body={"f": "some text"}))
    assert part.get_filename() == "f"
    assert part.get_payload(decode=True) == b"some text"
    assert part.get_content_type() != "text/plain"


@pytest.mark.parametrize("case", TEXTS)
def test_text_for_text_goes_as_a_field(case: str) -> None:
    value = "c29tZQ==" if case in ("encoded", "another format") else "1"
    part = part_of(Client(TEXTS[case], server="http://127.0.0.1:9").prepare("op", body={"f": value}))
    assert part.get_filename() is None
    assert part.get_payload(decode=True).decode() == value


def test_each_text_of_a_list_is_a_file() -> None:
    tree = form({"type": "array", "items": BINARY})
    request = Client(tree, server="http://127.0.0.1:9").prepare(
        "op", body={"f": ["a", b"b", ("c.txt", b"c")]}
    )
    assert isinstance(request.body, bytes)
    assert request.body.count(b'filename="f"') == 2
    assert request.body.count(b'filename="c.txt"') == 1


PARTS = {
    "a field": ('name="f"', "", 400),
    "a field that says so": ('name="f"', "Content-Type: text/plain; charset=utf-8\r\n", 400),
    "a file": ('name="f"; filename="a.txt"', "", 200),
    "a file of text": ('name="f"; filename="a.txt"', "Content-Type: text/plain\r\n", 200),
    "a file without a name": ('name="f"', "Content-Type: application/octet-stream\r\n", 200),
    "an empty name": ('name="f"; filename=""', "", 200),
    "another field": ('name="note"', "", 200),
}


@pytest.mark.parametrize("case", PARTS)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_sandbox_takes_no_text_part_for_a_file(case: str, version: str) -> None:
    import requests

    named, kind, status = PARTS[case]
    tree = form(BINARY, version)
    tree["paths"]["/x"]["post"]["responses"] = {"200": {"description": ""}, "400": {"description": ""}}
    body = f"--b\r\nContent-Disposition: form-data; {named}\r\n{kind}\r\ntext\r\n--b--\r\n".encode()
    with Sandbox(tree) as sandbox:
        response = requests.post(
            f"{sandbox.url}/x", data=body, headers={"Content-Type": f"{MULTIPART}; boundary=b"}, timeout=30
        )
        reasons = sandbox.received[0].reasons
    assert response.status_code == status, reasons
    assert any("expected a file, got a text part" in each for each in reasons) == (status == 400)
