"""Values of Python on the wire: each in the form that its schema requires, in whatever location.

JSON Schema says that 5.0 is an integer (2020-12 core, 4.2.3); servers in Go, Java or Rust refuse `5.0` where
they read one, so it is written `5`. JSON sets digits no limit (RFC 8259, section 6). What numpy and pandas
have is in `test_numpy`.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import json
import uuid
from collections import deque, namedtuple
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid
from tests.small import document, one, param, said

BACKENDS = ("rust", "python")
INTEGER = {"type": "integer"}


class Rank(enum.Enum):
    LOW = 1.0
    HIGH = 7


@dataclasses.dataclass
class Point:
    x: float
    y: Any = None


@dataclasses.dataclass(frozen=True)
class Track:
    name: str
    points: tuple[Point, ...] = ()


Pair = namedtuple("Pair", "x y")


class Index:
    """What says that it is an integer, as many numeric types do."""

    def __index__(self) -> int:
        return 12


class Array:
    """An array of some library; its truth is in doubt."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def tolist(self) -> list[Any]:
        return self.items

    def __eq__(self, other: object) -> Any:
        return Array([False])

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")


class Failing:
    def item(self) -> Any:
        raise RuntimeError("on another device")


class Item:
    """A scalar of some library of arrays."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value

    def __repr__(self) -> str:
        return f"Item({self.value!r})"


def prepared(tree: dict[str, Any], mapping: dict[str, Any] | None = None, **rest: Any) -> Any:
    return Client(tree, server="http://h", cache=False, **rest.pop("client", {})).prepare(
        "op", mapping, **rest
    )


# -- integers, everywhere ------------------------------------------------------------------------------


def _path(value: Any) -> str:
    return str(
        prepared(one("get", "/x/{n}", param("n", "path", INTEGER)), {"n": value}).url.rpartition("/")[2]
    )


def _query(value: Any) -> str:
    return str(prepared(one("get", "/x", param("n", "query", INTEGER)), {"n": value}).url.partition("=")[2])


def _deep(value: Any) -> str:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": INTEGER}}}
    tree = one("get", "/x", param("n", "query", schema, style="deepObject"))
    return str(prepared(tree, {"n": {"a": [value]}}).url.partition("=")[2])


def _json_query(value: Any) -> str:
    content = {"application/json": {"schema": {"type": "object", "additionalProperties": INTEGER}}}
    url = prepared(one("get", "/x", param("n", "query", content=content)), {"n": {"k": value}}).url
    return str(url.partition("%3A")[2].partition("%7D")[0])


def _header(value: Any) -> str:
    return str(prepared(one("get", "/x", param("N", "header", INTEGER)), {"N": value}).headers["N"])


def _cookie(value: Any) -> str:
    tree = one("get", "/x", param("n", "cookie", INTEGER))
    return str(prepared(tree, {"n": value}).headers["Cookie"].partition("=")[2])


def _json(value: Any) -> str:
    return str(prepared(one("post", body=INTEGER), body=value).body.decode())


def _tree(value: Any) -> str:
    """Five levels down a schema that holds itself, through allOf, a reference and a map."""
    node = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "format": "int64"},
            "down": {"$ref": "#/components/schemas/Base"},
        },
    }
    base = {"allOf": [{"$ref": "#/components/schemas/Node"}]}
    body = {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Node"}}
    tree = one("post", body=body, components={"schemas": {"Node": node, "Base": base}})
    given: Any = {"n": value}
    for _ in range(5):
        given = {"down": given}
    sent = prepared(tree, body={"any": given}).body.decode()
    return str(sent.partition('"n":')[2].partition("}")[0])


def _either(value: Any) -> str:
    tree = one("post", body={"oneOf": [{"type": "object", "properties": {"n": INTEGER}}, {"type": "string"}]})
    return str(prepared(tree, body={"n": value}).body.decode()[5:-1])


def _nullable(value: Any) -> str:
    tree = one("post", body={"type": "array", "items": {"type": ["integer", "null"]}}, version="3.1.0")
    return str(prepared(tree, body=[None, value]).body.decode()[6:-1])


def _prefixed(value: Any) -> str:
    schema = {"type": "array", "prefixItems": [{"type": "number"}, INTEGER]}
    return str(prepared(one("post", body=schema, version="3.1.0"), body=[0.5, value]).body.decode()[5:-1])


def _form(value: Any) -> str:
    schema = {"type": "object", "properties": {"n": INTEGER}}
    tree = one("post", content={"application/x-www-form-urlencoded": {"schema": schema}})
    return str(prepared(tree, body={"n": value}).body.decode().partition("=")[2])


def _multipart(value: Any) -> str:
    schema = {"type": "object", "properties": {"n": INTEGER}}
    sent = prepared(one("post", content={"multipart/form-data": {"schema": schema}}), body={"n": value}).body
    return str(sent.decode().split("\r\n")[3])


def _lines(value: Any) -> str:
    schema = {"type": "object", "properties": {"n": INTEGER}}
    tree = one("post", content={"application/x-ndjson": {"schema": schema}})
    return str(prepared(tree, body=iter([{"n": value}])).body.decode()[5:-2])


def _text(value: Any) -> str:
    return str(prepared(one("post", content={"text/plain": {"schema": INTEGER}}), body=value).body.decode())


def _swagger(value: Any) -> str:
    tree = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/x": {
                "get": {
                    "operationId": "op",
                    "parameters": [{"name": "n", "in": "query", "type": "array", "items": INTEGER}],
                    "responses": {"200": {"description": ""}},
                }
            }
        },
    }
    return str(prepared(tree, {"n": [value]}).url.partition("=")[2])


PLACES: list[Callable[[Any], str]] = [
    *(_path, _query, _deep, _json_query, _header, _cookie, _json, _tree, _either, _nullable, _prefixed),
    *(_form, _multipart, _lines, _text, _swagger),
]
INTEGERS: list[tuple[Any, str]] = [
    (5, "5"),
    (5.0, "5"),
    (-0.0, "0"),
    (1e16, "10000000000000000"),
    (2.0**60, "1152921504606846976"),
    (Decimal("7.000"), "7"),
    (Decimal("1E+20"), "100000000000000000000"),
    (Index(), "12"),
    (Item(8), "8"),
    (Item(8.0), "8"),
    (Rank.LOW, "1"),
    (Rank.HIGH, "7"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_an_integer_is_written_as_one(place: Callable[[Any], str]) -> None:
    bounded = place in (_tree,)  # int64
    for value, due in INTEGERS:
        if not (bounded and len(due) > 19):
            assert place(value) == due, value


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("value", [5.5, Decimal("5.5"), Item(0.1), True, Item(True), "5"], ids=repr)
def test_what_is_no_integer_is_refused(place: Callable[[Any], str], value: Any) -> None:
    if place is not _text or value != "5":  # which is text already
        with pytest.raises(RequestInvalid):
            place(value)


@settings(max_examples=60, deadline=None)
@given(st.integers(-(2**60), 2**60).map(float))
def test_every_whole_float_is_read_back_by_a_strict_reader(value: float) -> None:
    assert int(_json(value)) == int(_query(value)) == value


NUMBERS: list[tuple[Any, str]] = [
    (5.0, "5.0"),  # a number stays as it was given
    (1e16, "1e+16"),
    (2, "2"),
    (Decimal("0.1234567890123456789012345"), "0.1234567890123456789012345"),
    (Decimal("-123456789012345678901234567890.5"), "-123456789012345678901234567890.5"),
    (Decimal("1" * 5000 + ".5"), "1" * 5000 + ".5"),
    (Decimal("19.99"), "19.99"),
    (Item(Decimal("0.30000000000000000004")), "0.30000000000000000004"),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("value", "due"), NUMBERS, ids=[due[:30] for _, due in NUMBERS])
def test_a_number_travels_with_all_of_its_digits(value: Any, due: str, backend: str) -> None:
    number = {"type": "number"}
    tree = document(
        {
            "/x/{p}": {
                "post": {
                    "operationId": "op",
                    "parameters": [
                        param("p", "path", number),
                        param("q", "query", number),
                        param("H", "header", number),
                    ],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"properties": {"a": number}}}}
                    },
                    "responses": {"200": said()},
                }
            }
        }
    )
    request = prepared(
        tree, {"p": value, "q": value, "H": value}, body={"a": value}, client={"validate_with": backend}
    )
    escaped = due.replace("+", "%2B")
    assert request.url == f"http://h/x/{escaped}?q={escaped}"
    assert request.headers["H"] == due
    assert request.body.decode() == f'{{"a":{due}}}'


# -- digits and the checks ------------------------------------------------------------------------------

LONG = "0.1000000000000000000000001"
VERDICTS: list[tuple[dict[str, Any], str, bool]] = [
    ({"type": "number"}, LONG, True),
    ({"type": "integer"}, LONG, False),
    ({"type": "integer"}, "100000000000000000000000.0", True),
    ({"minimum": 0.1}, "0.1", True),
    ({"minimum": 0.1}, LONG, True),
    ({"minimum": 0.1}, "0.0999999999999999999999999", False),
    ({"maximum": 0.1}, "0.10", True),
    ({"maximum": 0.1}, LONG, False),
    ({"exclusiveMaximum": 0.1}, "0.1", False),
    ({"exclusiveMinimum": 1}, "1.0000000000000000000000001", True),
    ({"multipleOf": 0.01}, "123456789012345678901234567890.11", True),
    ({"multipleOf": 0.01}, "123456789012345678901234567890.111", False),
    ({"enum": [0.1, 5]}, "0.100", True),
    ({"enum": [0.1, 5]}, "5.0", True),
    ({"enum": [0.1, 5]}, LONG, False),
    ({"const": 0.1}, "0.1", True),
    (
        {"const": 0.1},
        "0.1000000000000000055511151231257827",
        False,
    ),  # the float's own value is not what is written
    ({"type": ["string", "boolean"]}, "0.1", False),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(("schema", "text", "right"), VERDICTS, ids=[f"{s} {t}" for s, t, _ in VERDICTS])
def test_digits_are_checked_as_they_are_written(
    schema: dict[str, Any], text: str, right: bool, wrapped: bool, backend: str
) -> None:
    whole = {"type": "object", "properties": {"a": {"type": "array", "items": schema}}} if wrapped else schema
    client = Client(one("post", body=whole, version="3.1.0"), validate_with=backend, cache=False)  # type: ignore[arg-type]
    media = client.operations["op"].body.content["application/json"]  # type: ignore[union-attr]
    checker = client.checkers.checker(media.schema, "request")  # type: ignore[arg-type]
    value = {"a": [Decimal(text)]} if wrapped else Decimal(text)
    assert checker.is_valid(value) is right
    found = checker.violations(value, "body", "body")
    assert bool(found) is not right
    assert not any("Decimal" in str(each) for each in found)


# -- text ------------------------------------------------------------------------------------------------

RAW = bytes(range(250, 256)) + b">>"
ENCODED: list[tuple[dict[str, Any], Any, Any]] = [
    ({"type": "string", "contentEncoding": "base64"}, RAW, base64.b64encode(RAW).decode()),
    ({"type": "string", "contentEncoding": "base64"}, bytearray(RAW), base64.b64encode(RAW).decode()),
    ({"type": "string", "contentEncoding": "BASE64"}, b"", ""),
    ({"type": "string", "contentEncoding": "base64url"}, RAW, base64.urlsafe_b64encode(RAW).decode()),
    ({"type": "string", "contentEncoding": "base16"}, memoryview(RAW), RAW.hex().upper()),
    ({"type": "string", "contentEncoding": "base32"}, RAW, base64.b32encode(RAW).decode()),
    ({"type": "string", "contentEncoding": "base64"}, "aGk=", "aGk="),  # text is encoded already
    ({"anyOf": [{"type": "null"}, {"type": "string", "contentEncoding": "base64"}]}, b"hi", "aGk="),
    ({"type": "string", "format": "byte"}, b"hi", "aGk="),
    ({"type": "string", "format": "decimal"}, Decimal("12.50"), "12.50"),
    ({"type": "string"}, Decimal("1E+3"), "1000"),
    ({"type": ["string", "number"]}, Decimal("12.50"), 12.5),
    ({"type": "string", "format": "uuid"}, uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ({"type": "boolean"}, Item(True), True),
    ({"type": "array", "items": INTEGER}, Array([1.0, Index()]), [1, 12]),
    ({"type": "object"}, Point(1.5, Point(2.5)), {"x": 1.5, "y": {"x": 2.5, "y": None}}),
    (
        {"properties": {"points": {"items": {"properties": {"x": INTEGER}}}}},
        Track("t", (Point(1.0, 1.0),)),
        {"name": "t", "points": [{"x": 1, "y": 1.0}]},
    ),
    ({"type": "object"}, Pair(1.0, 2), {"x": 1.0, "y": 2}),
    ({"type": "array", "items": INTEGER}, Pair(1.0, 2), [1, 2]),
    ({}, Pair(1.0, 2), [1.0, 2]),
    ({"type": "array", "items": INTEGER}, deque([1.0, 2]), [1, 2]),
    ({"type": "array"}, range(3), [0, 1, 2]),
    ({"type": "object"}, {uuid.UUID(int=1): 1}, {"00000000-0000-0000-0000-000000000001": 1}),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "due"), ENCODED, ids=[f"{s}-{v!r}"[:60] for s, v, _ in ENCODED])
def test_a_value_travels_as_its_schema_asks(schema: Any, value: Any, due: Any, backend: str) -> None:
    for whole, given_, wanted in (
        (schema, value, due),
        ({"additionalProperties": schema}, {"k": value}, {"k": due}),
    ):
        request = prepared(
            one("post", body=whole, version="3.1.0"), body=given_, client={"validate_with": backend}
        )
        assert json.loads(request.body) == wanted
        assert repr(json.loads(request.body)) == repr(wanted)


def test_bytes_are_encoded_in_parameters_and_forms_too() -> None:
    encoded = {"type": "string", "contentEncoding": "base64"}
    fields = {"type": "object", "properties": {"f": encoded}}
    tree = one(
        "post",
        "/x/{p}",
        param("p", "path", encoded),
        param("q", "query", encoded),
        param("H", "header", encoded),
    )
    tree["openapi"] = "3.1.0"
    operation = tree["paths"]["/x/{p}"]["post"]
    operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": fields}}}
    request = prepared(tree, {"p": b"hi", "q": b"hi", "H": b"hi"}, body={"f": b"hi"})
    assert (request.url, request.headers["H"]) == ("http://h/x/aGk%3D?q=aGk%3D", "aGk=")
    assert request.body == b"f=aGk%3D"


def test_bytes_travel_as_they_are_where_they_can_and_nothing_else_is_said() -> None:
    """7bit, 8bit and binary are the bytes themselves (RFC 2045, 6.2); `format: byte` often means a file."""
    for schema in ({"format": "byte"}, {"contentEncoding": "binary"}, {"contentEncoding": "8bit"}, {}):
        text = {"type": "string", **schema}
        for kind in ("application/octet-stream", "image/png", "text/plain"):
            tree = one("post", content={kind: {"schema": text}}, version="3.1.0")
            assert prepared(tree, body=RAW).body == RAW
        form = {"multipart/form-data": {"schema": {"properties": {"f": text}}}}
        assert RAW in prepared(one("post", content=form, version="3.1.0"), body={"f": RAW}).body
    encoded = {"type": "string", "contentEncoding": "base64"}
    tree = one("post", content={"image/png": {"schema": encoded}}, version="3.1.0")
    assert prepared(tree, body=RAW).body == base64.b64encode(RAW)


class Model:
    def model_dump(self) -> dict[str, Any]:
        return {}


NOTHING: list[tuple[Any, str]] = [
    (float("nan"), "None"),
    (Decimal("NaN"), "None"),
    (float("-inf"), "finite"),
    (Decimal("Infinity"), "finite"),
    (Model(), "model_dump()"),
    (1j, "give"),
    (Item(None), "None"),
    (Failing(), "RuntimeError"),
]


@pytest.mark.parametrize(("value", "words"), NOTHING, ids=[f"{type(v).__name__}-{w}" for v, w in NOTHING])
def test_what_has_no_form_says_what_to_give(value: Any, words: str) -> None:
    tree = one("post", "/x", param("q", "query", {}), body={})
    for given_ in ({"body": {"a": value}}, {"body": {}, "mapping": {"q": value}}):
        with pytest.raises(RequestInvalid, match="violation") as caught:
            prepared(tree, **given_)
        assert words in str(caught.value), str(caught.value)


def test_options_take_what_parameters_take() -> None:
    tree = one("get", "/x")
    query = {"n": Index(), "d": Decimal("0.1234567890123456789"), "l": Array([1, 2])}
    assert prepared(tree, options={"query": query}).url == "http://h/x?n=12&d=0.1234567890123456789&l=1&l=2"
    with pytest.raises(RequestInvalid, match="None"):
        prepared(tree, options={"query": {"n": float("nan")}})
