"""What a parameter schema allows survives style, socket and an independent reader; the rest is refused.

The reader is werkzeug for the request and openapi-core for the styles. Where openapi-core reads a cell of the
style table in another way than the specification, the cell stands in `MISREAD` with the reason, and our own
reader is asked instead; a test shows that each reason holds.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from openapi_core.exceptions import OpenAPIError
from werkzeug import Request
from werkzeug.datastructures import ImmutableMultiDict

from dynaclient import Client, RequestInvalid
from dynaclient.client import executor_of
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from tests.servers import RawServer, Recorded
from tests.small import one, param

Cell = tuple[str, str, bool, str]
"""Place, style, explode, kind of value."""

STYLES = {
    "path": ["simple", "label", "matrix"],
    "query": ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
    "header": ["simple"],
    "cookie": ["form", "cookie"],
}
KINDS = ["single", "array", "object"]
CELLS = [
    (place, style, explode, kind)
    for place, styles in STYLES.items()
    for style in styles
    for explode in (False, True)
    for kind in KINDS
    if not (style in ("spaceDelimited", "pipeDelimited") and explode and kind == "object")  # no such form
]

GATHERS = "it looks for the name of the parameter, where the properties stand under names of their own"
DECODED = "it splits at `%20` what werkzeug has decoded already"
UNKNOWN = "it does not know the style, and takes the text as it is"
NOT_DEFINED = "the specification leaves the cell open, and it reads no value there"
MISREAD: dict[Cell, str] = {
    ("query", "form", True, "object"): GATHERS,
    ("cookie", "form", True, "object"): GATHERS,
    **{("query", "spaceDelimited", False, kind): DECODED for kind in ("array", "object")},
    **{("cookie", "cookie", explode, kind): UNKNOWN for explode in (False, True) for kind in KINDS},
    **{
        ("query", style, explode, "single"): NOT_DEFINED
        for style in ("spaceDelimited", "pipeDelimited", "deepObject")
        for explode in (False, True)
    },
    **{
        ("query", style, True, "array"): NOT_DEFINED
        for style in ("spaceDelimited", "pipeDelimited", "deepObject")
    },
    **{("query", "deepObject", False, kind): NOT_DEFINED for kind in ("array", "object")},
}
SPLITS: dict[tuple[str, bool], str] = {
    ("simple", False): ",",
    ("simple", True): ",=",
    ("label", False): ",",
    ("label", True): ".=",
    ("matrix", False): ",",
    ("matrix", True): ";=",
    ("form", False): ",",
}
"""What delimits in a style: openapi-core splits after decoding, so it misreads values that hold one."""


# Schemas of parameters, and values that they allow.


ODD = " a/b+é%?#&=~:@;,$!*'()[]\"<>|^`\\{}.-_0"
visible = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=',=;"\\|[] %')


def characters(place: str, style: str) -> st.SearchStrategy[str]:
    """What the place can hold: everything where values are percent-encoded."""
    if place == "header" or style == "cookie":
        return visible
    without = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, "")
    odd = "".join(char for char in ODD if char not in without)
    controls = ["Cs", "Cc"] if place == "path" else ["Cs"]
    return st.sampled_from(odd) | st.characters(exclude_categories=controls, exclude_characters=without)


def texts(place: str, style: str) -> st.SearchStrategy[str]:
    """Texts that are not empty: in a path they lead elsewhere, in a list of one they are no list."""
    return st.text(characters(place, style), min_size=1, max_size=6)


@st.composite
def singles(draw: st.DrawFn, text: st.SearchStrategy[str]) -> tuple[dict[str, Any], Any]:
    """A schema of one value, and a value that it allows."""
    kind = draw(st.sampled_from(["string", "enum", "integer", "number", "boolean"]))
    if kind == "string":
        value: Any = draw(text)
        low, high = draw(st.integers(0, len(value))), draw(st.integers(len(value), 9))
        return {"type": "string", "minLength": low, "maxLength": high}, value
    if kind == "enum":
        options = draw(st.lists(text, min_size=1, max_size=3, unique=True))
        return {"type": "string", "enum": options}, draw(st.sampled_from(options))
    if kind == "boolean":
        return {"type": "boolean"}, draw(st.booleans())
    digits = 70 if kind == "integer" else 53  # openapi-core reads every number as a float
    drawn: st.SearchStrategy[Any] = st.integers(-(2**digits), 2**digits) | st.integers(-9, 9)
    if kind == "number":
        drawn = drawn | st.floats(allow_nan=False, allow_infinity=False)
    value = draw(drawn)
    schema = {
        "type": kind,
        "minimum": value - draw(st.integers(0, 5)),
        "maximum": value + draw(st.integers(0, 5)),
    }
    assume(schema["minimum"] <= value <= schema["maximum"])
    return schema, value


@st.composite
def parameters(draw: st.DrawFn, cell: Cell) -> tuple[dict[str, Any], Any]:
    """A schema for a parameter of this cell, and a value that it allows."""
    place, style, _, kind = cell
    text = texts(place, style)
    if kind == "single":
        return draw(singles(text))
    if kind == "array":
        schema, first = draw(singles(text))
        rest = st.sampled_from(schema["enum"]) if "enum" in schema else st.just(first)
        items = [first, *draw(st.lists(rest, max_size=3))]
        return {"type": "array", "items": schema, "minItems": 1, "maxItems": len(items)}, items
    names = draw(st.lists(st.sampled_from(["R", "G", "user_id", "x-y", "é"]), min_size=1, unique=True))
    if place == "header" or style == "cookie":
        names = [name for name in names if name.isascii()] or ["R"]
    found = {name: draw(singles(text)) for name in names}
    schema = {"type": "object", "properties": {name: single for name, (single, _) in found.items()}}
    required = draw(st.lists(st.sampled_from(names), unique=True))
    return (
        {**schema, "required": required, "additionalProperties": False},
        {name: value for name, (_, value) in found.items()},
    )


# Readers.


@pytest.fixture(scope="module")
def recorder() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


def document_of(cell: Cell, schema: dict[str, Any], version: str) -> dict[str, Any]:
    place, style, explode, _ = cell
    path = "/in/x{v}y" if place == "path" else "/in"
    return one("get", path, param("v", place, schema, style=style, explode=explode), version=version)


def arrived(request: Recorded) -> Request:
    """The request as werkzeug reads it."""
    query = request.target.partition("?")[2]
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/in", "QUERY_STRING": query, "HTTP_HOST": "h"}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.fields}
    environ |= {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}
    return Request(environ)


def cookies(request: Request) -> ImmutableMultiDict[str, str]:
    """The cookies, of which werkzeug leaves the values encoded, as it cannot know."""
    return ImmutableMultiDict(
        [(unquote(name), unquote(value)) for name, value in request.cookies.items(multi=True)]
    )


def independent(place: str, tree: dict[str, Any], request: Recorded) -> Any:
    """The value as werkzeug and openapi-core read it. Raises what openapi-core raises."""
    adapted = WerkzeugOpenAPIRequest(arrived(request))
    path = request.target.partition("?")[0]
    if place == "path":  # openapi-core names the variables of label and matrix as RFC 6570 does
        raw = unquote(path[len("/in/x") : -1])
        adapted.request.path = "/in/x1y"
        adapted.parameters.path = {f"{mark}v{star}": raw for mark in ("", ".", ";") for star in ("", "*")}
    adapted.parameters.cookie = cookies(adapted.request)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = OpenAPI.from_dict(tree, config=Config(spec_validator_cls=None))
        result = api.unmarshal_request(adapted)
    result.raise_for_errors()
    return getattr(result.parameters, place)["v"]


def ours(client: Client, request: Recorded) -> Any:
    """The value as our own reader reads it."""
    (parameter,) = client.operations["op"].parameters
    shape = executor_of(client).compiled("op").shape(parameter, "request")
    path, _, query = request.target.partition("?")
    rest = parameter.name, parameter.style, parameter.explode, shape
    if parameter.location == "path":
        return decode_path(path[len("/in/x") : -1], *rest)
    if parameter.location == "query":
        return decode_query(query, *rest)
    if parameter.location == "header":
        return decode_header(request.header("v") or "", "v", parameter.explode, shape)
    return decode_cookie(request.header("Cookie") or "", *rest)


def strings(value: Any) -> list[str]:
    """Every text inside a value that has parts, keys and numbers as they are written too."""
    if isinstance(value, dict):
        return [text(part) for pair in value.items() for part in pair]
    return [text(item) for item in value] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def read_by_others(cell: Cell, value: Any) -> bool:
    """Whether openapi-core reads this value of the cell as the specification writes it."""
    _, style, explode, kind = cell
    if style == "deepObject" and kind == "object" and any(re.search(r"\W", key) for key in value):
        return False  # it knows only keys of word characters
    delimiters = SPLITS.get((style, explode), "")
    return cell not in MISREAD and not any(mark in part for mark in delimiters for part in strings(value))


def pairs_of(cell: Cell, value: Any) -> list[tuple[str, str]]:
    """The decoded pairs of a query or of cookies that carry the value."""
    _, style, explode, kind = cell
    if style == "deepObject" and kind == "object":
        return [(f"v[{key}]", text(item)) for key, item in value.items()]
    if style == "deepObject" and kind == "array":
        return [("v[]", text(item)) for item in value]
    if kind == "single":
        return [("v", text(value))]
    if not explode:
        return [("v", {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",").join(strings(value)))]
    return (
        [("v", text(item)) for item in value] if kind == "array" else [(k, text(v)) for k, v in value.items()]
    )


@pytest.mark.sampled(18)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(map(str, cell)))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_allowed_survives(recorder: RawServer, cell: Cell, data: st.DataObject) -> None:
    schema, value = data.draw(parameters(cell))
    tree = document_of(cell, schema, data.draw(st.sampled_from(["3.0.4", "3.1.1", "3.2.0"])))
    assume(not (cell[1:3] == ("label", True) and any("." in text for text in strings(value))))
    with Client(tree, server=recorder.url) as client:
        client.call("op", v=value)
        request = recorder.requests[-1]
        assert ours(client, request) == value
    if cell[0] == "query":
        assert list(arrived(request).args.items(multi=True)) == pairs_of(cell, value)
    if cell[0] == "cookie":
        assert list(cookies(arrived(request)).items(multi=True)) == pairs_of(cell, value)
    if read_by_others(cell, value):
        assert independent(cell[0], tree, request) == value


SAMPLES = {"single": 7, "array": ["a", "b"], "object": {"R": "a", "G": "b"}}


def misread(recorder: RawServer, cell: Cell, value: Any) -> bool:
    """Whether the independent reader finds another value, or none."""
    item = {"type": "string"}
    schemas = {
        "single": {"type": "integer"},
        "array": {"type": "array", "items": item},
        "object": {
            "type": "object",
            "properties": dict.fromkeys(value, item) if isinstance(value, dict) else {},
        },
    }
    tree = document_of(cell, schemas[cell[3]], "3.2.0")
    with Client(tree, server=recorder.url) as client:
        client.call("op", v=value)
        assert ours(client, recorder.requests[-1]) == value
    try:
        return bool(independent(cell[0], tree, recorder.requests[-1]) != value)
    except (OpenAPIError, KeyError):
        return True


@pytest.mark.parametrize("cell", MISREAD, ids=lambda cell: "-".join(map(str, cell)))
def test_what_is_listed_is_misread(recorder: RawServer, cell: Cell) -> None:
    assert misread(recorder, cell, SAMPLES[cell[3]])
    assert MISREAD[cell]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ((place, style, explode, kind), [f"a{mark}b"] if kind == "array" else {"R": f"a{mark}b"})
        for (style, explode), marks in SPLITS.items()
        for place in STYLES
        if style in STYLES[place] and place != "header"  # where nothing is encoded, and nobody can tell
        for kind, mark in (("array", marks[0]), ("object", marks[-1]))
        if (style, explode, kind) != ("simple", True, "array") or marks[0] == ","
        if not (style == "label" and explode and kind == "array")  # RFC 6570 leaves the dot bare
    ],
)
def test_a_delimiter_inside_a_part_is_misread(recorder: RawServer, cell: Cell, value: Any) -> None:
    assert misread(recorder, cell, value)


# What is not allowed.

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("RGx"), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.sampled(9)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(map(str, cell)))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_not_allowed_is_refused(recorder: RawServer, cell: Cell, data: st.DataObject) -> None:
    schema, right = data.draw(parameters(cell))
    value = data.draw(anything | st.just([right]) | st.just({"R": right}) | st.just(text(right)))
    assume(not Draft202012Validator(schema).is_valid(value))
    tree = document_of(cell, schema, data.draw(st.sampled_from(["3.0.4", "3.1.1", "3.2.0"])))
    (parameter,) = tree["paths"][next(iter(tree["paths"]))]["get"]["parameters"]
    parameter["required"] = True
    sent = len(recorder.requests)
    with Client(tree, server=recorder.url) as client, pytest.raises(RequestInvalid) as caught:
        client.call("op", v=value)
    assert {each.name for each in caught.value.violations} == {"v"}
    assert len(recorder.requests) == sent
