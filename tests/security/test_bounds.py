"""Work is bounded, and no internal error surfaces: attacks on the promises of SECURITY.md."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import (
    BodyTooLarge,
    Client,
    DeadlineExceeded,
    DecodeError,
    DocumentError,
    DynaclientError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
    Timeout,
    UnknownOperation,
    contract,
    register_codec,
    register_format,
)
from dynaclient.document.limits import Limits
from dynaclient.document.reader import parse_file
from dynaclient.sandbox import Sandbox
from tests.conftest import Serve
from tests.servers import RawServer, dripping, reply
from tests.small import JSON, document, json_reply, one, param

# -- bounds ------------------------------------------------------------------------------------------


def nested_schema(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


BOMB = "openapi: 3.0.0\na: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{after}: &{after} [{','.join(['*' + name] * 10)}]\n"
    for name, after in zip("abcdefgh", "bcdefghi", strict=True)
)

DOCUMENTS = {
    "alias bomb": BOMB,
    "deep YAML": "openapi: 3.0.0\na: " + "[" * 600 + "]" * 600,
    "deep block YAML": "openapi: 3.0.0\n" + "".join("  " * i + f"a{i}:\n" for i in range(1, 600)),
    "deep JSON": '{"openapi": "3.0.0", "a": ' + "[" * 600 + "]" * 600 + "}",
    "very deep JSON": '{"openapi": "3.0.0", "a": ' + "[" * 200_000,
    "long number": '{"openapi": "3.0.0", "a": ' + "1" * 10_000 + "}",
    "a circle of aliases": "openapi: 3.0.0\na: &a [*a]\n",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_beyond_the_bounds_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(DOCUMENTS[name])
    with pytest.raises(DocumentError):
        Client(tmp_path / "openapi.yaml")


def test_a_dict_beyond_the_bounds_is_refused() -> None:
    with pytest.raises(DocumentError, match="deep"):
        Client(one(answer=nested_schema(600)))


def test_a_large_document_is_refused() -> None:
    with pytest.raises(DocumentError, match="bytes"):
        parse_file(b"openapi: 3.0.0\n" + b"#" * 1000, "x", Limits(bytes=1000))


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("depth", [30, 100, 121, 122, 200])
def test_a_deep_schema_is_used_as_far_as_it_is_followed(depth: int, backend: Any, serve: Serve) -> None:
    server = serve(reply(200, json.dumps(nested(depth)).encode(), JSON))
    client = Client(one(answer=nested_schema(depth)), server=server.url, validate_with=backend)
    assert client.call("op") == nested(depth)
    assert any("deeper" in finding.message for finding in client.findings) == (depth > 121)
    client.close()


CIRCLES = {
    "two": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    "itself": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}},
    "ladder": {"A": {"$ref": "#/components/schemas/S0"}, "S3000": {}}
    | {f"S{i}": {"$ref": f"#/components/schemas/S{i + 1}"} for i in range(3000)},
    "stairs": {"A": {"$ref": "#/components/schemas/S0"}, "S3000": {}}
    | {f"S{i}": {"allOf": [{"$ref": f"#/components/schemas/S{i + 1}"}]} for i in range(3000)},
}


@pytest.mark.parametrize("name", CIRCLES)
@pytest.mark.parametrize("backend", ["rust", "python"])
def test_references_that_go_on_and_on(name: str, backend: Any) -> None:
    """A circle says nothing, ladders and stairs are their foot, with both checkers."""
    tree = one("post", "/x", body={"$ref": "#/components/schemas/A"}, components={"schemas": CIRCLES[name]})
    client = Client(tree, server="http://h", validate_with=backend)
    assert client.prepare("op", body={}).body == b"{}"


def test_recursive_schemas_and_deep_values(serve: Serve) -> None:
    tree = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Tree"}}}
    schema = {"$ref": "#/components/schemas/Tree"}
    for backend in ("rust", "python"):
        client = Client(
            one("post", "/x", body=schema, answer=schema, components={"schemas": {"Tree": tree}}),
            server=serve(reply(200, json.dumps(nested(240)).encode(), JSON)).url,
            validate_with=backend,  # type: ignore[arg-type]
        )
        with pytest.raises(RequestInvalid):
            client.prepare("op", body=nested(100))  # ends in a text
        with pytest.raises(RequestInvalid, match="deeper"):
            client.prepare("op", body=nested(300))
        with pytest.raises(ResponseInvalid) as caught:
            client.call("op", body={})
        assert caught.value.response is not None
        assert caught.value.response.data == nested(240)
        client.close()


def test_a_bomb_in_gzip_is_cut_off(serve: Serve) -> None:
    bomb = gzip.compress(b"0" * (101 * 1024 * 1024), 1)
    server = serve(reply(200, bomb, [*JSON, ("Content-Encoding", "gzip")]))
    with Client(one(), server=server.url) as client, pytest.raises(BodyTooLarge):
        client.call("op")


def test_a_broken_encoding_says_so(serve: Serve) -> None:
    server = serve(reply(200, b"no gzip", [*JSON, ("Content-Encoding", "gzip")]))
    with Client(one(), server=server.url) as client, pytest.raises(DecodeError):
        client.call("op")


@pytest.mark.parametrize("timeout", [0.3, Timeout(total=0.3), Timeout(total=None, read=0.1)])
def test_a_call_ends_in_time(timeout: Any, serve: Serve) -> None:
    pause = 0.02 if not isinstance(timeout, Timeout) or timeout.total else 0.7
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    server = serve(dripping(start, b"x", pause))
    with Client(one(), server=server.url, timeout=timeout) as client, pytest.raises(DeadlineExceeded):
        client.call("op")
    with Client(one(), server=server.url) as client, pytest.raises(DeadlineExceeded):
        client.call("op", options={"timeout": timeout})


# -- no error from inside ----------------------------------------------------------------------------

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**70, 10**400, float("nan"), float("inf"), -0.0, 1e308])
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["\ud800", "\0", "\r\n", ".", "..", "/", "é€😀", "%zz"])
    | st.binary(max_size=4)
    | st.dates()
    | st.datetimes()
    | st.decimals()
    | st.fractions()
    | st.uuids()
    | st.complex_numbers()
    | st.builds(object)
    | st.sampled_from([object, len, Ellipsis, NotImplemented, {1}, frozenset(), range(3), iter(())])
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=4) | st.integers() | st.none() | st.booleans(), inner, max_size=3)
    ),
    max_leaves=6,
)
VALUES = JUNK | st.sampled_from([10**5000, -(10**5000), [10**5000], {"a": 10**5000}])
FORMS = {
    "application/json": {"schema": {"type": "object", "additionalProperties": True}},
    "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
    "multipart/form-data": {"schema": {"type": "object"}},
    "text/plain": {"schema": {"type": "string"}},
    "*/*": {},
}
STYLED = [
    param("simple", "path", {}),
    param("label", "path", {}, style="label", explode=True),
    param("matrix", "path", {}, style="matrix"),
    param("form", "query", {}),
    param("plain", "query", {}, explode=False),
    param("space", "query", {}, style="spaceDelimited", explode=False),
    param("pipe", "query", {}, style="pipeDelimited"),
    param("deep", "query", {}, style="deepObject", explode=True),
    param("json", "query", content={"application/json": {}}),
    param("X-Head", "header", {}),
    param("crumb", "cookie", {}),
    param("number", "query", {"type": "integer", "minimum": 1, "multipleOf": 0.1}),
    param("list", "query", {"type": "array", "uniqueItems": True, "items": {"format": "date-time"}}),
    param("choice", "query", {"enum": [1, "a", None]}),
]
TREE = document(
    {
        "/x/{simple}/{label}/{matrix}": {
            "post": {
                "operationId": "op",
                "parameters": STYLED,
                "requestBody": {"content": FORMS},
                "responses": {"200": {"description": ""}},
            }
        }
    }
)
NAMES = st.sampled_from([each["name"] for each in STYLED])
CLIENTS = [
    Client(TREE, server="http://h", validate=mode, validate_with=backend)  # type: ignore[arg-type]
    for mode in ("strict", "off")
    for backend in ("rust", "python")
]
BASE = {"simple": "a", "label": "b", "matrix": "c"}


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(CLIENTS),
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.just({}) | st.fixed_dictionaries({"body": VALUES}),
    st.sampled_from([None, *FORMS, "application/xml", "x/y", "", "\n"]),
)
def test_junk_arguments(client: Client, values: Any, body: Any, content_type: str | None) -> None:
    options = {} if content_type is None else {"content_type": content_type}
    try:
        request = client.prepare("op", {**BASE, **values}, options=options, **body)
    except RequestInvalid as error:
        assert error.violations  # noqa: PT017
        str(error)
        return
    assert str(request.url).isascii()
    assert str(request.url).startswith("http://h/x/")


@settings(max_examples=60, deadline=None)
@given(JUNK, JUNK, JUNK, st.dictionaries(st.text(max_size=4), JUNK, max_size=2))
def test_junk_in_every_place_of_a_call(operation: Any, mapping: Any, options: Any, names: Any) -> None:
    names.pop("body", None), names.pop("options", None)
    for key in (operation, "op"):
        try:
            CLIENTS[0].prepare(key, mapping, options=options, **names)
        except (RequestInvalid, UnknownOperation, SettingsError) as error:
            str(error)
    try:
        CLIENTS[0].op.prepare(mapping, options, operation, operation, operation)
    except (RequestInvalid, SettingsError) as error:
        str(error)


class Failing(Mapping[str, Any]):
    """A mapping whose members cannot be had."""

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Unpaired(dict[str, Any]):
    def items(self) -> Any:
        return [("a",)]


class Otherwise(str):
    """Text that says that it is another."""

    __slots__ = ()

    def __str__(self) -> str:
        return ".."


class Counted(int):
    def __int__(self) -> int:
        return 666


DEEP: list[Any] = []
for _ in range(20_000):
    DEEP = [DEEP]
UNPRINTABLE = [DEEP, 10**5000, [10**5000], {"a": DEEP}]
UNREADABLE = [Failing(), Unpaired(a=1), [Failing()], {"a": Unpaired()}]


@pytest.mark.parametrize("where", ["simple", "form", "deep", "json", "X-Head", "crumb"])
@pytest.mark.parametrize("value", UNREADABLE, ids=lambda value: type(value).__name__)
def test_a_value_of_a_class_that_fails(value: Any, where: str) -> None:
    for given_ in ({"mapping": {**BASE, where: value}}, {"mapping": BASE, "body": value}):
        with pytest.raises(RequestInvalid, match=r"raised (KeyError|ValueError) when it was read"):
            CLIENTS[0].prepare("op", given_["mapping"], **{k: v for k, v in given_.items() if k == "body"})


def test_what_a_value_holds_is_sent_whatever_its_class_says() -> None:
    values = {**BASE, "simple": Otherwise("a"), "number": Counted(5)}
    for client in CLIENTS:
        request = client.prepare("op", values, body={"a": Otherwise("b"), "n": Counted(5)})
        assert str(request.url).startswith("http://h/x/a/")
        assert str(request.url).endswith("number=5")
        assert request.body == b'{"a":"b","n":5}'


HOOK = {"post": {"requestBody": {"content": FORMS}, "responses": {"200": {"description": ""}}}}
HOOKED = Client(TREE | {"openapi": "3.1.0", "webhooks": {"w": HOOK}}, server="http://h")
ASKED: dict[str, Callable[[Any], Any]] = {
    "timeout": lambda value: Client(TREE, timeout=value),
    "timeout of a call": lambda value: HOOKED.prepare("op", BASE, options={"timeout": value}),
    "retries": lambda value: Client(TREE, retries=value if isinstance(value, list) else [value]),
    "proxies": lambda value: Client(TREE, proxies={"http": value}),
    "ref_hosts": lambda value: Client(TREE, ref_hosts=[value]),
    "operation": lambda value: HOOKED.operations[value],
    "webhook": lambda value: HOOKED.webhooks[value],
    "method": lambda value: HOOKED.webhooks["w"].check(method=value),
    "path": lambda value: HOOKED.webhooks["w"].check(path=[value, DEEP], body={}),
    "headers": lambda value: HOOKED.webhooks["w"].check(headers={"Content-Type": value}, body={}),
    "expression": lambda value: HOOKED.webhooks["w"].at(value),
    "part": lambda value: HOOKED.prepare("op", BASE, body={"a": (None, b"b", "x/y", {5: value})}),
}


@pytest.mark.parametrize("where", ASKED)
@pytest.mark.parametrize(
    "value", [*UNPRINTABLE, memoryview(b"abcd").cast("I"), 1e10], ids=lambda v: type(v).__name__
)
def test_what_cannot_be_printed_is_refused_in_words(where: str, value: Any) -> None:
    with pytest.raises(DynaclientError) as caught:
        ASKED[where](value)
    assert len(str(caught.value)) < 1000


SETTINGS = ("server", "server_variables", "credentials", "validate", "validate_with")
SETTINGS += ("timeout", "retries", "proxies", "ref_folder")


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(SETTINGS, JUNK)))
def test_junk_settings(given_: Any) -> None:
    try:
        Client(one(), **given_)
    except DynaclientError as error:
        str(error)


ROOT = st.sampled_from(["openapi", "swagger", "paths", "servers", "components", "security", "info"])


@settings(max_examples=50, deadline=None)
@given(JUNK | st.dictionaries(ROOT, JUNK | st.sampled_from(["3.0.3", "3.1.0", "3.2.0", "2.0"])))
def test_junk_documents(source: Any) -> None:
    try:
        client = Client(source)
    except (DocumentError, SettingsError) as error:
        str(error)
        return
    str(client.findings)
    repr(client)


REST: dict[str, Any] = {
    "security": [{"k": []}],
    "servers": [{"url": "http://h/{v}", "variables": {"v": {"default": "1"}}}],
    "components": {"securitySchemes": {"k": {"type": "http", "scheme": "basic"}}},
}
BROKEN = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
BROKEN |= st.sampled_from([[1], {"a": 1}, {"$ref": "#/nowhere"}, {"$ref": 5}, 1.5]).map(copy.deepcopy)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_document_with_one_place_broken(data: st.DataObject) -> None:
    """Junk in the place of any member: findings, and DocumentError at the latest when it is used."""
    tree = copy.deepcopy(TREE | REST)
    here, depth = tree, data.draw(st.integers(0, 9))
    for _ in range(depth):
        inner = [key for key in (here if isinstance(here, dict) else range(len(here)))
                 if isinstance(here[key], (dict, list)) and here[key]]  # fmt: skip
        if not inner:
            break
        here = here[data.draw(st.sampled_from(inner))]
    key = data.draw(st.sampled_from(list(here if isinstance(here, dict) else range(len(here)))))
    here[key] = data.draw(BROKEN)
    try:
        client = Client(tree, credentials={})
        str(client.findings)
        for name in client.operations:
            str(client.operations[name]), repr(getattr(client, client.operations[name].attribute))
            client.prepare(name, BASE, body={})
    except (DocumentError, RequestInvalid, SettingsError) as error:
        str(error)


@pytest.fixture(scope="module")
def answering() -> Iterator[tuple[RawServer, list[bytes]]]:
    answer = [b""]
    with RawServer(lambda request: answer[0]) as server:
        yield server, answer


ANSWERS = st.binary(max_size=20) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())  # fmt: skip
TYPES = ["application/json", "text/plain", "text/html; charset=utf-7", "text/plain; charset=zip", "x", ";;"]
TYPES += ["application/x-www-form-urlencoded", "application/octet-stream", 'a/b; charset="', "image/*"]
HEADERS = st.sampled_from(["", "5", "x", "\xe9", '"'])
KINDS = {name: {"schema": {"type": "object", "uniqueItems": True}} for name in TYPES[:2]}


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([200, 201, 204, 302, 404]), ANSWERS, st.sampled_from(TYPES), HEADERS)
def test_junk_answers(answering: Any, status: int, content: bytes, content_type: str, header: str) -> None:
    server, answer = answering
    headers = [("Content-Type", content_type), ("X-Rate", header), ("Location", header)]
    answer[0] = reply(status, b"" if status == 204 else content, headers)
    answers = {
        "200": {"description": "", "content": KINDS, "headers": {"X-Rate": {"schema": {"type": "integer"}}}}
    }
    tree = one(
        answers=answers | {"201": {"description": "", "content": {"*/*": {"schema": {"type": "string"}}}}}
    )
    for mode in ("strict", "warn"):
        with Client(tree, server=server.url, validate=mode) as client:  # type: ignore[arg-type]
            try:
                assert client.send("op").content == (b"" if status == 204 else content)
            except ResponseInvalid as error:
                assert error.response is not None  # noqa: PT017
                str(error)


def test_what_a_session_holds_is_looked_at(serve: Serve) -> None:
    """http.client and urllib3 would show the value: a token that was read with the end of its line, say."""
    server = serve(json_reply({}))

    def call(name: str, value: Any) -> requests.PreparedRequest:
        with requests.Session() as session:
            setattr(session, name, value)
            with Client(one(), server=server.url, session=session) as client:
                return client.send("op").request

    for headers in ({"Authorization": "Bearer s3cr3t\n"}, {"X": b"s3cr3t\r\nY: z"}, {"X y": "s3cr3t"}):
        with pytest.raises(RequestInvalid, match="of the session") as caught:
            call("headers", requests.structures.CaseInsensitiveDict(headers))
        assert "s3cr3t" not in repr(caught.value)
    for auth in (5, ("user", "password", "more"), lambda request: None):
        with pytest.raises(SettingsError, match=r"session\.auth"):
            call("auth", auth)
    due = base64.b64encode("user:pässwörd€".encode()).decode()
    assert call("auth", ("user", "pässwörd€")).headers["Authorization"] == f"Basic {due}"
    assert len(server.requests) == 1


CLIENT = Client(one(), server="http://h")
GIVEN: list[Callable[[], Any]] = [
    lambda: Sandbox(TREE, port="80").start(),  # type: ignore[arg-type]
    lambda: Sandbox(TREE, host=None).start(),  # type: ignore[arg-type]
    lambda: Sandbox(TREE, host="a\0b").start(),
    lambda: Sandbox(TREE, host="\ud800").start(),
    lambda: contract.run(CLIENT, cases="5"),  # type: ignore[arg-type]
    lambda: contract.run(CLIENT, cases=-1),
    lambda: contract.run(CLIENT, seed=None),  # type: ignore[arg-type]
    lambda: contract.run(CLIENT, only=5),  # type: ignore[arg-type]
    lambda: register_format([], len),  # type: ignore[arg-type]
    lambda: register_format("never", 5),  # type: ignore[arg-type]
    lambda: register_codec(5),  # type: ignore[arg-type]
    lambda: register_codec("x/y", encode=5),  # type: ignore[arg-type]
    lambda: register_codec("x/y", decode="utf-8"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", GIVEN)
def test_what_is_given_is_looked_at_when_it_is(make: Callable[[], Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        make()
    assert re.search(r" no | not |cannot| or |expected", str(caught.value))


@pytest.mark.parametrize("made", [5, None, ["x"], 10**12])
def test_a_codec_gives_text_or_bytes(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`bytes(5)` is five zeros, and of a larger number it is all memory."""
    monkeypatch.setattr("dynaclient.wire.codecs._registered", {})
    register_codec("x/never", encode=lambda value: made)
    with pytest.raises(RequestInvalid, match="the codec for x/never returned"):
        Client(one("post", content={"x/never": {}}), server="http://h").prepare("op", body={"a": 1})
