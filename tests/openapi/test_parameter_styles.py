"""Parameters right to the byte: what a socket received, and the same value read back from it.

The style tables of OpenAPI 3.0.4, 3.1.1 and 3.2.0, the examples of RFC 6570, and the rest of the Parameter
Object: allowReserved, allowEmptyValue, content, odd names and templates, locations, methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient._support.missing import MISSING
from dynaclient.client import executor_of
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from tests.openapi.style_tables import COOKIE, HEADER, PATH, QUERY, REFUSED, RFC, RFC_EXAMPLES, cells
from tests.servers import RawServer, Recorded
from tests.small import document, one, param

VERSIONS = ["3.0.4", "3.1.1", "3.2.0"]
TEXT = {"type": "string"}
ANY_OBJECT = {"type": "object", "additionalProperties": TEXT}


@pytest.fixture(scope="module")
def recorder() -> Iterator[RawServer]:
    """One server for the whole table; its last request is the one that a test made."""
    with RawServer() as server:
        yield server


def schema_of(value: Any) -> dict[str, Any]:
    """A schema that says of `value` no more than its types."""
    if isinstance(value, list):
        return {"type": "array", "items": schema_of(value[0]) if value else TEXT}
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: schema_of(item) for name, item in value.items()}}
    return {"type": "integer"} if isinstance(value, int) else TEXT


class Sent:
    """A call of the one operation of a document, and the request that a socket got for it."""

    def __init__(self, server: RawServer, tree: dict[str, Any], given: dict[str, Any]) -> None:
        with Client(tree, server=server.url) as client:
            client.call("op", given)
            self.operation = client.operations["op"]
            shapes = executor_of(client).compiled("op")
            self.shapes = {each.key: shapes.shape(each, "request") for each in self.operation.parameters}
        self.request: Recorded = server.requests[-1]
        self.path, _, self.query = self.request.target.partition("?")

    @property
    def cookie(self) -> str | None:
        return self.request.header("Cookie")

    def read(self, key: str, raw: str = "") -> Any:
        """The value of the parameter `key`, read back; `raw` is the text of one in a path."""
        found = next(each for each in self.operation.parameters if each.key == key)
        name, style, explode, shape = found.name, found.style, found.explode, self.shapes[key]
        if found.location == "path":
            return decode_path(raw, name, style, explode, shape)
        if found.location == "query":
            return decode_query(self.query, name, style, explode, shape)
        if found.location == "header":
            return decode_header(self.request.header(name) or "", name, explode, shape)
        return decode_cookie(self.cookie or "", name, style, explode, shape)


def refused(server: RawServer, tree: dict[str, Any], given: dict[str, Any]) -> str:
    """The message of a call that is refused; nothing was sent."""
    before = len(server.requests)
    with Client(tree, server=server.url) as client, pytest.raises(RequestInvalid) as caught:
        client.call("op", given)
    assert len(server.requests) == before
    return str(caught.value)


# The style tables.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(PATH))
def test_path(recorder, version, style, explode, value, expected):
    color = param("color", "path", schema_of(value), style=style, explode=explode)
    tree = one("get", "/in{color}/x", color, version=version)
    if not expected:
        assert "empty" in refused(recorder, tree, {"color": value})
        return
    sent = Sent(recorder, tree, {"color": value})
    assert sent.request.target == f"/in{expected}/x"
    assert sent.read("path.color", expected) == value


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(QUERY))
def test_query(recorder, version, style, explode, value, expected):
    color = param("color", "query", schema_of(value), style=style, explode=explode)
    tree = one("get", "/x", color, version=version)
    if expected is REFUSED:
        assert "explode" in refused(recorder, tree, {"color": value})
        return
    sent = Sent(recorder, tree, {"color": value})
    assert sent.request.target == "/x?" + "&".join(expected)
    assert sent.read("query.color") == value


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(HEADER))
def test_header(recorder, version, style, explode, value, expected):
    color = param("Color", "header", schema_of(value), style=style, explode=explode)
    sent = Sent(recorder, one("get", "/x", color, version=version), {"Color": value})
    assert sent.request.all("Color") == [expected]
    assert sent.read("header.Color") == value


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(COOKIE))
def test_cookie(recorder, version, style, explode, value, expected):
    color = param("color", "cookie", schema_of(value), style=style, explode=explode)
    sent = Sent(recorder, one("get", "/x", color, version=version), {"color": value})
    assert sent.request.all("Cookie") == ["; ".join(expected)]
    assert sent.read("cookie.color") == value


@pytest.mark.parametrize(
    ("place", "style", "explode"),
    [
        ("path", "simple", False),
        ("query", "form", True),
        ("header", "simple", False),
        ("cookie", "form", True),
    ],
)
def test_each_place_has_its_default_style(recorder, place, style, explode):
    path = "/x/{a}" if place == "path" else "/x"
    tree = one("get", path, param("a", place, schema_of(["b", "c"])))
    sent = Sent(recorder, tree, {"a": ["b", "c"]})
    parameter = sent.operation.parameters[0]
    assert (parameter.style, parameter.explode) == (style, explode)
    written = {
        "path": ("/x/b,c", None, None),
        "query": ("/x?a=b&a=c", None, None),
        "header": ("/x", "b,c", None),
        "cookie": ("/x", None, "a=b; a=c"),
    }
    assert (sent.request.target, sent.request.header("a"), sent.cookie) == written[place]


# RFC 6570. A key of {;keys*} or {?keys*} is a name of its own, in a query also.


@pytest.mark.parametrize(("template", "expected"), RFC_EXAMPLES)
def test_rfc_6570(recorder, template, expected):
    inner, explode = template[1:-1].rstrip("*"), template.endswith("*}")
    name, value = inner.lstrip(".;?"), RFC[inner.lstrip(".;?")]
    schema = schema_of(value) if value else {"type": "object"} if value == {} else TEXT
    if inner.startswith("?"):
        tree = one("get", "/in", param(name, "query", schema, explode=explode))
        sent = Sent(recorder, tree, {name: value})
        assert sent.request.target == (f"/in?{expected}" if expected else "/in")
        assert sent.read(f"query.{name}") == (value if expected else MISSING)
        return
    style = {".": "label", ";": "matrix"}.get(inner[0], "simple")
    path = param(name, "path", schema, style=style, explode=explode)
    tree = one("get", f"/in{{{name}}}/x", path)
    if not expected:
        assert "empty" in refused(recorder, tree, {name: value})
        return
    sent = Sent(recorder, tree, {name: value})
    assert sent.request.target == f"/in{expected}/x"
    if (style, explode, isinstance(value, dict)) != ("label", True, True):
        # a dot delimits and may stand bare in an item: RFC 6570 itself cannot tell `.` from `dot=.`
        assert sent.read(f"path.{name}", expected) == value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hello", "Hello%20World!"),
        ("half", "50%25"),
        ("base", "http://example.com/home/"),
        ("path", "/foo/bar"),
        ("list", "red,green,blue"),
        ("keys", "semi,;,dot,.,comma,%2C"),
    ],
)
def test_reserved_expansion(recorder, name, expected):
    value = RFC[name]
    tree = one("get", "/in", param(name, "query", schema_of(value), explode=False, allowReserved=True))
    sent = Sent(recorder, tree, {name: value})
    assert sent.request.target == f"/in?{name}={expected}"
    assert sent.read(f"query.{name}") == value


# Primitives, and what is no text.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("integer", 0, "0"),
        ("integer", -(2**63), "-9223372036854775808"),
        ("integer", 2**60 + 1, "1152921504606846977"),
        ("number", 1.5, "1.5"),
        ("number", 1e21, "1e%2B21"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("string", "true", "true"),
        ("string", "a b+c%20é/", "a%20b%2Bc%2520%C3%A9%2F"),
    ],
)
def test_primitives(recorder, version, kind, value, written):
    schema = {"type": kind}
    tree = one("get", "/p/{a}", param("a", "path", schema), param("b", "query", schema), version=version)
    sent = Sent(recorder, tree, {"a": value, "b": value})
    assert sent.request.target == f"/p/{written}?b={written}"
    assert sent.read("path.a", written) == sent.read("query.b") == value


def test_null_and_nothing(recorder):
    tree = one(
        "get",
        "/x",
        param("a", "query", {"type": "string", "nullable": True}),
        param("b", "query", schema_of(["x"])),
        param("c", "query", ANY_OBJECT, style="deepObject", explode=True),
        param("d", "cookie", TEXT),
        param("E", "header", TEXT),
    )
    sent = Sent(recorder, tree, {"a": None, "b": [], "c": {}, "d": None, "E": None})
    assert (sent.request.target, sent.cookie, sent.request.header("E")) == ("/x", None, None)
    assert sent.read("query.a") is sent.read("query.b") is sent.read("query.c") is MISSING


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [False, True])
@pytest.mark.parametrize("value", [[], {}, None], ids=["array", "object", "null"])
def test_nothing_in_a_path_is_refused(recorder, style, explode, value):
    schema = schema_of(value) if value is not None else {"type": "string", "nullable": True}
    tree = one("get", "/x/{a}", param("a", "path", schema, style=style, explode=explode))
    assert "path" in refused(recorder, tree, {"a": value})


@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited", "deepObject"])
@pytest.mark.parametrize(("value", "schema"), [([], schema_of(["x"])), ({}, ANY_OBJECT), ("", TEXT)])
def test_allow_empty_value(recorder, style, value, schema):
    extra = {"style": style, "explode": style == "deepObject"}
    plain = Sent(recorder, one("get", "/x", param("a", "query", schema, **extra)), {"a": value})
    assert plain.request.target == ("/x?a=" if value == "" else "/x")
    allowed = param("a", "query", schema, allowEmptyValue=True, **extra)
    assert Sent(recorder, one("get", "/x", allowed), {"a": value}).request.target == "/x?a="


def test_allow_empty_value_beats_the_schema(recorder):
    long = {"type": "string", "minLength": 3}
    allowed = one("get", "/x", param("a", "query", long, allowEmptyValue=True))
    assert Sent(recorder, allowed, {"a": ""}).request.target == "/x?a="
    assert "at least 3" in refused(recorder, one("get", "/x", param("a", "query", long)), {"a": ""})


# allowReserved.

RESERVED = ":/?#[]@!$&'()*+,;="


def test_allow_reserved_in_a_query(recorder):
    tree = one("get", "/x", param("q", "query", TEXT, allowReserved=True), param("r", "query", TEXT))
    sent = Sent(recorder, tree, {"q": RESERVED, "r": RESERVED})
    encoded = "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D"
    assert sent.request.target == f"/x?q=:/?%23%5B%5D@!$%26'()*%2B,;=&r={encoded}"
    assert sent.read("query.q") == sent.read("query.r") == RESERVED


def test_allow_reserved_keeps_what_is_encoded(recorder):
    tree = one("get", "/x", param("q", "query", TEXT, allowReserved=True))
    assert Sent(recorder, tree, {"q": "a%2Fb"}).request.target == "/x?q=a%2Fb"


def test_allow_reserved_never_leaves_the_segment(recorder):
    tree = one("get", "/x/{p}/y", param("p", "path", TEXT, allowReserved=True), version="3.2.0")
    sent = Sent(recorder, tree, {"p": f"../{RESERVED}%2F"})
    assert sent.request.target == "/x/..%2F:%2F%3F%23%5B%5D@!$&'()*+,;=%252F/y"
    assert sent.read("path.p", sent.path.split("/")[2]) == f"../{RESERVED}%2F"


# content parameters.

FILTER = {"application/json": {"schema": {"type": "object", "properties": {"where": {"type": "integer"}}}}}


@pytest.mark.parametrize("version", VERSIONS)
def test_content_is_json_text_in_every_place(recorder, version):
    tree = one(
        "get",
        "/x/{p}",
        param("p", "path", content=FILTER),
        param("q", "query", content=FILTER),
        param("H", "header", content=FILTER),
        param("c", "cookie", content=FILTER),
        version=version,
    )
    sent = Sent(recorder, tree, {name: {"where": 1} for name in "pqHc"})
    written = "%7B%22where%22%3A1%7D"
    assert sent.request.target == f"/x/{written}?q={written}"
    assert sent.request.header("H") == '{"where":1}'
    assert sent.cookie == f"c={written}"


def test_content_is_checked_as_what_it_holds(recorder):
    tree = one("get", "/x", param("q", "query", content=FILTER))
    assert "/where" in refused(recorder, tree, {"q": {"where": "here"}})


def test_content_that_is_text_is_passed(recorder):
    tree = one("get", "/x", param("q", "query", content={"text/plain": {"schema": TEXT}}))
    assert Sent(recorder, tree, {"q": 'a "b"'}).request.target == "/x?q=a%20%22b%22"


def test_a_string_in_json_content_has_its_quotes(recorder):
    tree = one("get", "/x", param("q", "query", content={"application/json": {"schema": TEXT}}))
    assert Sent(recorder, tree, {"q": "b"}).request.target == "/x?q=%22b%22"


# Names.


@pytest.mark.parametrize("version", VERSIONS)
def test_names_are_encoded_too(recorder, version):
    names = ["a b", "filter[x]", "é", "a&b=c", "$top", "x+y"]
    tree = one("get", "/x", *(param(name) for name in names), version=version)
    sent = Sent(recorder, tree, dict.fromkeys(names, "1"))
    assert sent.query == "a%20b=1&filter%5Bx%5D=1&%C3%A9=1&a%26b%3Dc=1&%24top=1&x%2By=1"
    assert {name: sent.read(f"query.{name}") for name in names} == dict.fromkeys(names, "1")


def test_names_in_paths_are_encoded_where_a_style_writes_them(recorder):
    tree = one("get", "/x/{a b}", param("a b", "path", TEXT, style="matrix"))
    sent = Sent(recorder, tree, {"a b": "1"})
    assert sent.request.target == "/x/;a%20b=1"
    assert sent.read("path.a b", ";a%20b=1") == "1"


def test_several_cookies_are_one_header_in_document_order(recorder):
    tree = one(
        "get",
        "/x",
        param("sid", "cookie", TEXT),
        param("tags", "cookie", schema_of(["x"]), explode=False),
        param("n m", "cookie", {"type": "integer"}),
    )
    sent = Sent(recorder, tree, {"n m": 7, "sid": "a b;", "tags": ["x", "y,"]})
    assert sent.request.all("Cookie") == ["sid=a%20b%3B; tags=x,y%2C; n%20m=7"]
    found = [sent.read("cookie.sid"), sent.read("cookie.tags"), sent.read("cookie.n m")]
    assert found == ["a b;", ["x", "y,"], 7]


def test_style_cookie_escapes_nothing_and_refuses_what_it_would_have_to(recorder):
    tree = one("get", "/x", param("sid", "cookie", TEXT, style="cookie"), version="3.2.0")
    assert Sent(recorder, tree, {"sid": "a%20b=c&d"}).cookie == "sid=a%20b=c&d"
    assert "escapes nothing" in refused(recorder, tree, {"sid": "a;b"})


# Templates.


@pytest.mark.parametrize(
    ("template", "given", "target"),
    [
        ("/x/{a}.{b}", {"a": "1", "b": "2"}, "/x/1.2"),
        ("/x/{a}.{b}", {"a": "a/b", "b": "é"}, "/x/a%2Fb.%C3%A9"),
        ("/x({id})", {"id": "1"}, "/x(1)"),
        ("/x(k='{id}')", {"id": "a'b"}, "/x(k='a%27b')"),
        ("/{id}:run", {"id": "1"}, "/1:run"),
        ("/{a}{b}", {"a": "1", "b": "2"}, "/12"),
        ("/x/{a}/y/{a}", {"a": "1"}, "/x/1/y/1"),
        ("/x/{id}/", {"id": "1"}, "/x/1/"),
        ("/a b/{id}", {"id": "1"}, "/a%20b/1"),
        ("/x/{user-id}", {"user-id": "1"}, "/x/1"),
        ("/x/{id}?fixed=1", {"id": "1"}, "/x/1?fixed=1"),
    ],
)
def test_templates(recorder, template, given, target):
    tree = one("get", template, *(param(name, "path") for name in given))
    assert Sent(recorder, tree, given).request.target == target


@pytest.mark.parametrize(
    ("template", "given"),
    [
        ("/x/{a}", {"a": ".."}),
        ("/x/{a}", {"a": "."}),
        ("/x/{a}", {"a": ""}),
        ("/x/{a}{b}", {"a": ".", "b": "."}),
        ("/x/.{a}", {"a": "."}),
        ("/x/{a}.{b}", {"a": "", "b": ""}),
    ],
)
def test_no_template_leads_elsewhere(recorder, template, given):
    tree = one("get", template, *(param(name, "path") for name in given))
    assert "change" in refused(recorder, tree, given)


def test_a_dot_at_the_end_of_a_value_is_no_other_segment(recorder):
    tree = one("get", "/x/{a}", param("a", "path"))
    assert Sent(recorder, tree, {"a": "1."}).request.target == "/x/1."
    assert Sent(recorder, tree, {"a": "..."}).request.target == "/x/..."


def test_the_same_name_in_several_places(recorder):
    tree = one(
        "get",
        "/x/{id}",
        *(param("id", place, {"type": "integer"}) for place in ("path", "query", "header", "cookie")),
    )
    given = {"path.id": 1, "query.id": 2, "header.id": 3, "cookie.id": 4}
    sent = Sent(recorder, tree, given)
    seen = (sent.request.target, sent.request.header("id"), sent.cookie)
    assert seen == ("/x/1?id=2", "3", "id=4")
    assert "several locations" in refused(recorder, tree, {"id": 1})


def test_several_parameters_keep_the_order_of_the_document(recorder):
    tree = one("get", "/x", param("b"), param("a"), param("c", "query", schema_of({"z": "", "y": ""})))
    sent = Sent(recorder, tree, {"c": {"z": "1", "y": "2"}, "a": "3", "b": "4"})
    assert sent.request.target == "/x?b=4&a=3&z=1&y=2"


# deepObject, as servers expect it.


@pytest.mark.parametrize("version", VERSIONS)
def test_deep_object_nests(recorder, version):
    schema = {
        "type": "object",
        "properties": {
            "created": {"type": "object", "properties": {"gte": {"type": "integer"}}},
            "tags": {"type": "array", "items": TEXT},
        },
    }
    tree = one("get", "/x", param("f", "query", schema, style="deepObject", explode=True), version=version)
    value = {"created": {"gte": 5}, "tags": ["a b", "c"]}
    sent = Sent(recorder, tree, {"f": value})
    assert sent.query == "f%5Bcreated%5D%5Bgte%5D=5&f%5Btags%5D=a%20b&f%5Btags%5D=c"
    assert sent.read("query.f") == value


# 3.2: methods and the whole query as one parameter.


def test_the_query_method(recorder):
    tree = one("query", "/x", param("a"), body={"type": "object"}, version="3.2.0")
    with Client(tree, server=recorder.url) as client:
        client.op({"n": 1}, a="1")
    sent = recorder.requests[-1]
    assert (sent.method, sent.target, sent.body) == ("QUERY", "/x?a=1", b'{"n":1}')
    assert sent.header("Content-Type") == "application/json"
    with Client({**tree, "openapi": "3.1.1"}) as client:
        assert list(client.operations) == []


def test_additional_operations(recorder):
    operation = {"operationId": "op", "parameters": [param("a")], "responses": {"200": {"description": ""}}}
    tree = document({"/x": {"additionalOperations": {"LINK": operation}}}, "3.2.0")
    sent = Sent(recorder, tree, {"a": "1"})
    assert (sent.request.method, sent.request.target) == ("LINK", "/x?a=1")
    with Client(tree) as client:
        assert client.operations["LINK /x"].key == "op"


@pytest.mark.parametrize(
    ("media_type", "value", "query"),
    [
        ("application/x-www-form-urlencoded", {"a": "b c", "n": 1}, "a=b%20c&n=1"),
        ("application/json", {"a": [1, True]}, "%7B%22a%22%3A%5B1%2Ctrue%5D%7D"),
        ("text/plain", "$.a[?(@.b == 1)]", "%24.a%5B%3F%28%40.b%20%3D%3D%201%29%5D"),
    ],
)
def test_querystring(recorder, media_type, value, query):
    schema = {"type": "object"} if isinstance(value, dict) else TEXT
    whole = {"name": "whole", "in": "querystring", "content": {media_type: {"schema": schema}}}
    sent = Sent(recorder, one("get", "/x", whole, version="3.2.0"), {"whole": value})
    assert sent.request.target == f"/x?{query}"
