"""What a server gets to see of a fault: the wire has no types."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient._support.missing import MISSING
from dynaclient.contract import Case, Fault
from dynaclient.contract.generation import maker
from dynaclient.contract.negative import (
    ARRIVES_VALID,
    FORMAT_ONLY,
    MEANS_MORE,
    READ_LIBERALLY,
    SENT_ANYWAY,
    UNKNOWN,
    UNSENDABLE,
    UNTYPED,
    lost,
)
from tests.small import one, param

DATE = {"type": "string", "format": "date"}
FILE = {"type": "string", "format": "binary"}
NUMBER = {"type": "integer", "maximum": 5}
LIMITED = {"type": "object", "properties": {"n": NUMBER, "o": {"type": "object"}}}
LIMITS = {"application/x-www-form-urlencoded": {"schema": LIMITED}}
AS_JSON = {"application/json": {"schema": LIMITED}}
PLAIN = {"text/plain": {"schema": NUMBER}}
MANY = {"type": "array", "items": {"type": "string"}, "minItems": 1}


@pytest.mark.parametrize(
    ("parameter", "value", "keyword", "reason"),
    [
        (param("p", "query", {"type": "integer"}), "text", "type", ""),
        (param("p", "query", {"type": "integer", "maximum": 5}), 6, "maximum", ""),
        (param("p", "query", {"type": "string", "maxLength": 2}), "abc", "maxLength", ""),
        (param("p", "query", {"type": "boolean"}), "text", "type", ""),
        (param("p", "query", {"type": "array", "items": {"type": "integer"}}), ["a"], "type", ""),
        (param("p", "query", DATE), "x", "format", ""),
        (param("p", "query", {"type": "string"}, required=True), None, "required", ""),
        (param("p", "query", MANY, required=True), [], "minItems", ""),
        (param("p", "header", {"type": "integer"}), "text", "type", ""),
        (param("p", "cookie", {"type": "integer"}), "text", "type", ""),
        (param("p", "path", {"type": "integer"}), "text", "type", ""),
        (param("p", "query", {"type": "string"}), 5, "type", ARRIVES_VALID),
        (param("p", "query", {"type": "integer"}), "5", "type", ARRIVES_VALID),
        (param("p", "query", {"type": "array", "items": {"type": "string"}}), "a", "type", ARRIVES_VALID),
        (param("p", "query", MANY), [], "minItems", ARRIVES_VALID),
        (param("p", "query", DATE), 5, "type", FORMAT_ONLY),
        (param("p", "query", {"type": "boolean"}), 1, "type", READ_LIBERALLY),
        (param("p", "query", {"type": "boolean"}), "no", "type", READ_LIBERALLY),
        (param("user-agent", "header", {"type": "string"}, required=True), None, "required", SENT_ANYWAY),
        (param("Host", "header", {"type": "string"}, required=True), None, "required", SENT_ANYWAY),
        (param("user-agent", "header", {"type": "string", "maxLength": 2}), "abc", "maxLength", ""),
        (param("p", "path", {"type": "string"}), None, "required", UNSENDABLE),
        (param("p", "path", {"type": "string", "minLength": 1}), "", "minLength", UNSENDABLE),
        (param("p", "query", {"type": "string"}), {"a": {"b": 1}}, "type", UNSENDABLE),
        (param("p", "header", {"type": "string", "pattern": "^a"}), "x\r\ny", "pattern", UNSENDABLE),
        (param("p", "querystring", content=LIMITS, required=True), None, "required", ""),
        (param("p", "querystring", content=LIMITS), {"n": "text"}, "type", ""),
        (param("p", "querystring", content=LIMITS), {"n": 6}, "maximum", ""),
        (param("p", "querystring", content=LIMITS), {"n": "5"}, "type", ARRIVES_VALID),
        (param("p", "querystring", content=LIMITS), {"o": "text"}, "type", ""),
        (param("p", "querystring", content=AS_JSON), {"n": "5"}, "type", ""),
        (param("p", "query", content=PLAIN), "text", "type", ""),
        (param("p", "query", content=PLAIN), "5", "type", ARRIVES_VALID),
        (param("p", "path", content=PLAIN), "text", "type", ""),
        (param("p", "header", content=PLAIN), 6, "maximum", ""),
    ],
)
def test_parameters(parameter: dict[str, Any], value: Any, keyword: str, reason: str) -> None:
    place, name = parameter["in"], parameter["name"]
    client = Client(one("get", "/x/{p}" if place == "path" else "/x", parameter, version="3.2.0"))
    arguments = {} if value is None else {f"{place}.{name}": value}
    where = client.operations["op"].parameters[0].where
    case = Case("op", arguments, fault=Fault(where, name, "", keyword, ""))
    assert case.violations(client)  # it is a fault to the client
    assert lost(client, case) == reason


@pytest.mark.parametrize(
    ("other", "schema", "value", "reason"),
    [
        ("/x/{name}", {"type": "string"}, "text", MEANS_MORE),
        ("/x/{flag}", {"type": "boolean"}, "text", ""),
        ("/x/{flag}", {"type": "boolean"}, True, MEANS_MORE),
        ("/x/text", None, "text", MEANS_MORE),
        ("/x/{p}#other", {"type": "string"}, "text", MEANS_MORE),
        ("/{p}/y", {"type": "string"}, "text", ""),
    ],
)
def test_what_another_operation_of_the_path_takes(other: str, schema: Any, value: Any, reason: str) -> None:
    name = other.partition("{")[2].partition("}")[0]
    described = {"responses": {}, "parameters": [param(name, "path", schema)] if name else []}
    tree = one("get", "/x/{p}", param("p", "path", {"type": "integer"}))
    tree["paths"][other] = {"get": described}
    case = Case("op", {"path.p": value}, fault=Fault("path", "p", "", "type", ""))
    assert lost(Client(tree), case) == reason


def test_a_missing_object_that_others_spread_over_the_query() -> None:
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    client = Client(one("get", "/x", param("a", "query", free, required=True), param("b", "query", free)))
    fault = Fault("query", "a", "", "required", "")
    assert lost(client, Case("op", {"query.b": {"x": "y"}}, fault=fault)) == ARRIVES_VALID
    assert lost(client, Case("op", fault=fault)) == ""


def test_a_name_that_is_not_there() -> None:
    case = Case("op", {"nothing": "x"}, fault=Fault("argument", "nothing", "", "unknown", ""))
    assert lost(Client(one()), case) == UNKNOWN


@pytest.mark.parametrize(
    ("kind", "body", "required", "reason"),
    [
        ("application/json", {"a": "text"}, True, ""),
        ("application/merge-patch+json", {"a": "text"}, True, ""),
        ("application/json", MISSING, True, ""),
        ("application/json", None, True, ""),
        ("application/json", None, False, ARRIVES_VALID),
        ("application/x-www-form-urlencoded", {"a": True}, True, ""),
        ("application/x-www-form-urlencoded", {"a": "5"}, True, UNTYPED),
        ("application/x-www-form-urlencoded", {"a": 5, "s": 5}, True, UNTYPED),
        ("application/x-www-form-urlencoded", {"b": 1}, True, READ_LIBERALLY),
        ("application/x-www-form-urlencoded", {"d": 5}, True, FORMAT_ONLY),
        ("application/x-www-form-urlencoded", {"a": {"b": [{}]}, "s": None}, True, UNSENDABLE),
        ("application/x-www-form-urlencoded", MISSING, True, ""),
        ("multipart/form-data", {"a": "text"}, True, ""),
        ("multipart/form-data", {"s": 5}, True, UNTYPED),
        ("multipart/form-data", {"b": 1}, True, READ_LIBERALLY),
        ("multipart/form-data", {"f": 5}, True, ""),
        ("multipart/form-data", {"a": None}, True, UNSENDABLE),
    ],
)
def test_bodies(kind: str, body: Any, required: bool, reason: str) -> None:
    types = {
        "a": {"type": "integer"},
        "s": {"type": "string"},
        "b": {"type": "boolean"},
        "d": DATE,
        "f": FILE,
    }
    schema = {"type": "object", "properties": types}
    client = Client(one("post", content={kind: {"schema": schema}}, required=required))
    pointer = f"/{next(iter(body))}" if isinstance(body, dict) else ""
    assert lost(client, Case("op", body=body, fault=Fault("body", "body", pointer, "type", ""))) == reason


def test_a_valid_case_has_nothing_to_lose() -> None:
    assert lost(Client(one()), Case("op")) == ""


def test_a_number_for_a_file_is_called_what_a_server_gets_to_see() -> None:
    schema = {"type": "object", "properties": {"f": FILE, "n": {"type": "integer"}}}
    client = Client(one("post", content={"multipart/form-data": {"schema": schema}}))
    for body, said in (({"f": 5}, "expected a file, got a text part"), ({"n": "x"}, "expected an integer")):
        fault = Fault("body", "body", f"/{next(iter(body))}", "type", "")
        told = maker(client).told(Case("op", body=body, fault=fault)).fault
        assert told is not None
        assert told.description.startswith(said)
