"""Checking alone: an answer of a given size against its schema, no HTTP.

Each function makes ready and gives the function to measure; it refuses to start where its verdict is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import payloads

Run = Callable[[], Any]

ROWS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "price": {"type": "number"}},
    },
}

OPERATIONS = {True: "getCustomerSession", False: "updateCustomerSessionV2"}
"""Whether the answer is the small one -> whose answer it is."""


def jsonschema_rs(document: str, size: int) -> Run:
    """Bare `is_valid` of jsonschema-rs: what the others are measured by."""
    value = payloads.sized_answer(size)
    validator = import_module("jsonschema_rs").Draft202012Validator(_schema(document, size, "rust"))
    return _sure(lambda: validator.is_valid(value), validator.is_valid(payloads.wrong(value)) is False)


def dynaclient(document: str, size: int, backend: str = "auto", wrong: bool = False) -> Run:
    """Our checker; with `wrong`, of an answer that breaks the document in its last effect."""
    right = payloads.sized_answer(size)
    value = payloads.wrong(right) if wrong else right
    checker = _checker(document, size, backend)
    found = checker.violations(value, "body", "body")
    return _sure(lambda: checker.violations(value, "body", "body"), len(found) == wrong)


def jsonschema(document: str, size: int) -> Run:
    """jsonschema, its validator kept."""
    value = payloads.sized_answer(size)
    validator = import_module("jsonschema").Draft202012Validator(_schema(document, size, "python"))
    return _sure(lambda: validator.is_valid(value), not validator.is_valid(payloads.wrong(value)))


def openapi_core(document: str, size: int) -> Run:
    """openapi-core, of an answer and the request that it answers; finding the operation is a part of it."""
    core, testing = import_module("openapi_core"), import_module("openapi_core.testing")
    tree = json.loads(Path(document).with_suffix(".call.json").read_text())
    tree["servers"] = [{"url": "http://127.0.0.1"}]
    api = core.OpenAPI.from_dict(tree, config=core.Config(spec_validator_cls=None))
    method = "get" if _small(size) else "put"
    request = testing.MockRequest("http://127.0.0.1", method, f"/v2/customer_sessions/{payloads.SESSION}")
    response = testing.MockResponse(payloads.encoded(payloads.sized_answer(size)))
    return lambda: api.validate_response(request, response)


def explained(count: int, backend: str = "auto") -> Run:
    """Our checker, of rows with `count` violations: every second one has a wrong price and no name."""
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "Rows", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Rows": ROWS}},
    }
    client = import_module("dynaclient").Client(tree, cache=False, validate_with=backend)
    checker = client.checkers.checker(client.document.root.get("components", "schemas", "Rows"), "response")
    value = payloads.rows(count)
    found = checker.violations(value, "body", "body")
    return _sure(lambda: checker.violations(value, "body", "body"), len(found) == count)


def iter_errors(count: int, library: str) -> Run:
    """What another library finds in the same rows, all of it."""
    value = payloads.rows(count)
    validator = import_module(library).Draft202012Validator(ROWS)
    return _sure(lambda: list(validator.iter_errors(value)), len(list(validator.iter_errors(value))) == count)


def _sure(run: Run, right: bool) -> Run:
    if not right:
        raise ValueError("its verdict is wrong")
    return run


def _small(size: int) -> bool:
    return size <= 2_000


def _answer_schema(document: str, size: int, backend: str) -> tuple[Any, Any]:
    client = import_module("dynaclient").Client(document, server="http://127.0.0.1", validate_with=backend)
    operation = client.operations[OPERATIONS[_small(size)]]
    answer = next(each for each in operation.responses if each.status == "200")
    return client, answer.content["application/json"].schema


def _checker(document: str, size: int, backend: str) -> Any:
    client, schema = _answer_schema(document, size, backend)
    return client.checkers.checker(schema, "response")


def _schema(document: str, size: int, backend: str) -> Any:
    """The schema in JSON Schema 2020-12, as we give it to our own backend."""
    client, schema = _answer_schema(document, size, backend)
    translator = client.checkers.translator("response")
    key = translator.entry(schema)
    client.checkers.checker(schema, "response").is_valid({})
    return {
        "$ref": f"#/$defs/{key}",
        "$defs": {name: translator.defs[name] for name in translator.closure(key)},
    }
