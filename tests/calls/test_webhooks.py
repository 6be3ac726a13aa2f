"""Webhooks and callbacks: requests that the API sends, judged by whoever receives them."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dynaclient import Client, DocumentError, RequestInvalid, SettingsError, UnknownOperation
from dynaclient.calls.webhooks import Receiver
from tests.small import document, param, said

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
NUMBERS = {"type": "array", "items": INTEGER}
PET = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": INTEGER,
        "tags": {"type": "array", "items": TEXT},
        "made": {"type": "string", "readOnly": True},
        "key": {"type": "string", "writeOnly": True},
    },
}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def asked(*parameters: Any, schema: Any = PET, content: Any = None, required: bool = True) -> dict[str, Any]:
    """An Operation Object that is sent."""
    content = content or {"application/json": {"schema": schema}}
    body = {"requestBody": {"required": required, "content": content}}
    return {"parameters": list(parameters), **body, "responses": {"200": said()}}


def client(webhooks: Any, version: str = "3.1.0", **rest: Any) -> Client:
    return Client(document({}, version, **{"webhooks": webhooks, **rest}))


def hook(operation: Any, method: str = "post", **rest: Any) -> Receiver:
    return client({"newPet": {method: operation}}, **rest).webhooks["newPet"]


def refusals(receiver: Receiver, **request: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(RequestInvalid) as caught:
        receiver.check(**request)
    assert str(caught.value).startswith(receiver.title)
    return [(each.where, each.name, each.pointer) for each in caught.value.violations]


# -- where webhooks stand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "key"),
    [("3.0.3", "x-webhooks"), ("3.0.3", "webhooks"), ("3.1.0", "webhooks"), ("3.2.0", "webhooks")],
)
def test_webhooks_of_each_version(version: str, key: str) -> None:
    found = Client(document({}, version, **{key: {"newPet": {"post": asked()}}})).webhooks
    assert list(found) == ["newPet"]
    assert repr(found) == "<1 webhook: newPet>"
    assert repr(found["newPet"]) == "<webhook newPet: POST>"
    assert found["newPet"].check(headers=JSON, body=b'{"name": "Rex"}') == {"name": "Rex"}
    assert refusals(found["newPet"], headers=JSON, body=b'{"name": ""}') == [("body", "body", "/name")]


def test_a_document_without_webhooks_has_none() -> None:
    found = Client(document({})).webhooks
    assert dict(found) == {}
    assert "newPet" not in found


def test_an_unknown_webhook_is_told_with_the_nearest() -> None:
    found = client({"newPet": {"post": asked()}}).webhooks
    with pytest.raises(UnknownOperation, match="the document has no webhook 'newPets'; did you mean newPet"):
        found["newPets"]
    with pytest.raises(KeyError):
        found["newPets"]
    assert "newPet" in found
    assert found.get("newPets") is None


def test_a_webhook_may_be_a_reference() -> None:
    components = {"pathItems": {"Pet": {"post": asked()}}}
    found = client({"newPet": {"$ref": "#/components/pathItems/Pet"}}, components=components).webhooks
    assert found["newPet"].check(body={"name": "Rex"}) == {"name": "Rex"}


@pytest.mark.parametrize("item", [{}, 5, None, {"$ref": "#/nowhere"}, {"summary": "no method"}])
def test_a_webhook_that_says_nothing_cannot_be_checked(item: Any) -> None:
    with pytest.raises(DocumentError, match="webhook newPet: the document does not describe"):
        client({"newPet": item}).webhooks["newPet"].check(body={})


def test_a_schema_that_leads_nowhere_checks_nothing_in_silence() -> None:
    with pytest.raises(DocumentError, match="#/nowhere"):
        hook(asked(schema={"$ref": "#/nowhere"})).check(body={})
    with pytest.raises(DocumentError, match="#/nowhere"):
        hook(asked({"$ref": "#/nowhere"})).check(body={"name": "Rex"})


# -- methods -----------------------------------------------------------------------------------------


def test_the_method_is_needed_where_there_are_several() -> None:
    found = client({"pet": {"post": asked(), "delete": {"responses": {}}}}).webhooks["pet"]
    assert found.check(method="POST", body={"name": "Rex"}) == {"name": "Rex"}
    assert found.check(method="delete") is None
    with pytest.raises(SettingsError, match=r"several methods; choose one with method=\.\.\.: POST, DELETE"):
        found.check(body={})


def test_a_method_that_is_not_documented_breaks_the_document() -> None:
    assert refusals(hook(asked()), method="PUT", body={"name": "Rex"}) == [("argument", "method", "")]


def test_methods_of_3_2() -> None:
    item = {"query": asked(), "additionalOperations": {"Notify": asked(schema=INTEGER)}}
    found = client({"pet": item}, "3.2.0").webhooks["pet"]
    assert found.check(method="QUERY", body={"name": "Rex"}) == {"name": "Rex"}
    assert found.check(method="Notify", body=5) == 5
    assert refusals(found, method="NOTIFY", body=5) == [("argument", "method", "")]


# -- parts of a request ------------------------------------------------------------------------------

PARTS = asked(
    param("X-Count", "header", INTEGER, required=True),
    param("size", "query", {"type": "integer", "maximum": 9}),
    param("ids", "query", NUMBERS, explode=False),
    param("kinds", "query", NUMBERS),
    param("where", "query", {"type": "object", "properties": {"x": INTEGER}}, style="deepObject"),
    param("seen", "cookie", {"type": "boolean"}),
    required=False,
)
COUNT = {"X-Count": "3"}


@pytest.mark.parametrize(
    "request_",
    [
        {"headers": COUNT},
        {"headers": {"x-count": "3"}},
        {"headers": {"X-Count": 3}},
        {"headers": [("X-Count", "3")]},
        {"headers": [(b"x-count", b"3")]},
        {"headers": {"X-Count": ["3"]}},
        {"headers": COUNT, "query": "size=9&ids=1,2&kinds=1&kinds=2&where[x]=1&other=o"},
        {"headers": COUNT, "query": "?where%5Bx%5D=1"},
        {"headers": COUNT, "query": b"ids=1,2"},
        {"headers": COUNT, "query": {"size": 9, "ids": "1,2", "kinds": ["1", "2"], "where[x]": "1"}},
        {"headers": COUNT, "query": [("kinds", "1"), ("kinds", "2")]},
        {"headers": COUNT, "path": "/hooks?size=9"},
        {"headers": COUNT, "path": "https://me.example/hooks?size=9"},
        {"headers": {**COUNT, "Cookie": "a=b; seen=true"}},
        {"headers": COUNT, "cookies": {"seen": "true", "a": "b"}},
        {"headers": {**COUNT, "Cookie": "seen=maybe"}, "cookies": {"seen": "true"}},
    ],
)
def test_parts_in_every_form_that_frameworks_give_them(request_: dict[str, Any]) -> None:
    assert hook(PARTS).check(**request_) is None


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({}, [("header", "X-Count", "")]),
        ({"headers": {"X-Count": "three"}}, [("header", "X-Count", "")]),
        ({"headers": COUNT, "query": "size=10"}, [("query", "size", "")]),
        ({"headers": COUNT, "path": "/x?size=10"}, [("query", "size", "")]),
        ({"headers": COUNT, "path": "/x?size=10", "query": "size=9"}, []),
        ({"headers": COUNT, "query": {"size": "ten"}}, [("query", "size", "")]),
        ({"headers": COUNT, "query": "ids=1,a"}, [("query", "ids", "/1")]),
        ({"headers": COUNT, "query": {"kinds": ["1", "a"]}}, [("query", "kinds", "/1")]),
        ({"headers": COUNT, "query": "where[x]=a"}, [("query", "where", "/x")]),
        ({"headers": COUNT, "query": "size=%zz"}, [("query", "size", "")]),
        ({"headers": COUNT, "query": {"a": "\ud800"}}, [("argument", "path or query", "")]),
        ({"headers": COUNT, "path": "http://["}, [("argument", "path or query", "")]),
        ({"headers": COUNT, "cookies": {"seen": "maybe"}}, [("cookie", "seen", "")]),
        (
            {
                "headers": {"X-Count": "a", "Content-Type": "application/json"},
                "query": "size=a",
                "body": "{}",
            },
            [("header", "X-Count", ""), ("query", "size", ""), ("body", "body", "")],
        ),
    ],
)
def test_every_part_that_is_wrong_is_named(request_: dict[str, Any], found: list[Any]) -> None:
    if found:
        assert refusals(hook(PARTS), **request_) == found
    else:
        assert hook(PARTS).check(**request_) is None


@pytest.mark.parametrize("name", ["headers", "query", "cookies"])
@pytest.mark.parametrize("given", [5, [5], ["abc"], [("a", "b", "c")]])
def test_what_is_neither_mapping_nor_pairs_is_a_mistake_of_the_caller(name: str, given: Any) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected a mapping, or pairs"):
        hook(PARTS).check(**{name: given})


# -- bodies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "R\xc3\xa9x"}',
        bytearray(b'{"name": "R\xc3\xa9x"}'),
        memoryview(b'{"name": "R\xc3\xa9x"}'),
        '{"name": "R\u00e9x"}',
        '{"name": "R\u00e9x"}'.encode("utf-16"),
        {"name": "R\u00e9x"},
    ],
)
@pytest.mark.parametrize("headers", [None, JSON, {"content-type": "application/json; charset=latin-1"}])
def test_a_body_as_bytes_text_or_decoded(body: Any, headers: Any) -> None:
    assert hook(asked()).check(headers=headers, body=body) == {"name": "R\u00e9x"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", ""),
        ("", ""),
        (None, ""),
        (b"{", ""),
        (b"\xff", ""),
        ("\ud800", ""),
        (b"NaN", ""),
        (b"[" * 100_000, ""),
        ({"name": float("nan")}, "/name"),
        ({"name": object()}, "/name"),
        ({1: 2}, ""),
        ({}, ""),
        ({"name": "", "age": "x"}, "/name"),
        ({"name": "Rex", "tags": ["a", 1]}, "/tags/1"),
        ([], ""),
        (0, ""),
    ],
)
def test_a_wrong_body_is_refused_with_the_place(body: Any, pointer: str) -> None:
    found = refusals(hook(asked()), headers=JSON, body=body)
    assert {(where, name) for where, name, _ in found} == {("body", "body")}
    assert found[0][2] == pointer


def test_it_is_the_api_that_sends() -> None:
    """What only the server sets may be in it; what it must never tell may not."""
    assert hook(asked()).check(body={"name": "Rex", "made": "m"}) == {"name": "Rex", "made": "m"}
    assert refusals(hook(asked()), body={"name": "Rex", "key": "k"}) == [("body", "body", "/key")]


@pytest.mark.parametrize(
    ("schema", "body", "headers", "right"),
    [
        ({"type": ["object", "null"]}, None, None, True),
        ({"type": ["object", "null"]}, None, JSON, True),
        ({"type": ["object", "null"]}, b"null", JSON, True),
        ({"type": ["object", "null"]}, b"", JSON, False),
        ({"type": ["object", "null"]}, None, {}, False),  # without a Content-Type nothing came
        ({"type": "object"}, None, JSON, False),
        ({"type": "object"}, b"null", JSON, False),
    ],
)
def test_none_is_null_where_the_document_allows_it(schema: Any, body: Any, headers: Any, right: bool) -> None:
    receiver = hook(asked(schema=schema))
    if right:
        assert receiver.check(headers=headers, body=body) is None
    else:
        assert refusals(receiver, headers=headers, body=body) == [("body", "body", "")]


def test_an_optional_body_may_be_absent() -> None:
    receiver = hook(asked(required=False))
    assert receiver.check() is None
    assert receiver.check(headers={}, body=b"") is None


@pytest.mark.parametrize(
    ("content_type", "right"),
    [
        ("application/json", True),
        ("APPLICATION/JSON;charset=utf-8", True),
        ("application/vnd.pet+json", True),
        ("text/html", False),
        ("", False),
    ],
)
def test_the_content_type_is_one_that_is_documented(content_type: str, right: bool) -> None:
    content = {name: {"schema": PET} for name in ("application/json", "application/vnd.pet+json")}
    receiver = hook(asked(content=content))
    request: dict[str, Any] = {"headers": {"Content-Type": content_type}, "body": b'{"name": "Rex"}'}
    if right:
        assert receiver.check(**request) == {"name": "Rex"}
    else:
        assert refusals(receiver, **request) == [("content-type", "", "")]
        assert refusals(receiver, headers={}, body=request["body"]) == [("content-type", "", "")]


@pytest.mark.parametrize(
    "body", [b"name=Rex&age=3&tags=a&tags=b", {"name": "Rex", "age": "3", "tags": ["a", "b"]}]
)
def test_a_form_is_read_with_the_types_of_its_schema(body: Any) -> None:
    receiver = hook(asked(content={FORM["Content-Type"]: {"schema": PET}}))
    assert receiver.check(headers=FORM, body=body) == {"name": "Rex", "age": 3, "tags": ["a", "b"]}
    assert refusals(receiver, headers=FORM, body=b"name=Rex&age=x") == [("body", "body", "/age")]


@pytest.mark.parametrize("whole", [True, False])
def test_a_multipart_body_raw_or_taken_apart(whole: bool) -> None:
    schema = {"type": "object", "required": ["n", "file"], "properties": {"n": INTEGER, "file": TEXT}}
    receiver = hook(asked(content={"multipart/form-data": {"schema": schema}}))
    builder = EnvironBuilder(method="POST", data={"n": "3", "file": (io.BytesIO(b"\xff\x00"), "f.bin")})
    request = Request(builder.get_environ())
    body: Any = request.get_data() if whole else {"n": "3", "file": b"\xff\x00"}
    assert receiver.check(headers=request.headers, body=body) == {"n": 3, "file": b"\xff\x00"}
    lacking = EnvironBuilder(method="POST", data={"n": "x"}, content_type="multipart/form-data")
    request = Request(lacking.get_environ())
    body = request.get_data() if whole else {"n": "x"}
    found = refusals(receiver, headers=request.headers, body=body)
    assert sorted(found) == [("body", "body", ""), ("body", "body", "/n")]


@pytest.mark.parametrize(
    ("content_type", "body", "value"),
    [
        ("text/plain", "h\u00e9".encode(), "h\u00e9"),
        ("text/plain; charset=latin-1", "h\u00e9".encode("latin-1"), "h\u00e9"),
        ("text/plain; charset=latin-1", "h\u00e9", "h\u00e9"),
        ("application/octet-stream", b"\xff", b"\xff"),
        ("application/xml", b"<a/>", "<a/>"),
    ],
)
def test_bodies_that_are_no_json(content_type: str, body: Any, value: Any) -> None:
    receiver = hook(asked(content={content_type.partition(";")[0]: {}}))
    assert receiver.check(headers={"Content-Type": content_type}, body=body) == value


@pytest.mark.parametrize("content_type", ["text/plain; charset=ascii", "text/plain; charset=none"])
def test_text_that_its_charset_cannot_hold(content_type: str) -> None:
    receiver = hook(asked(content={"text/plain": {}}))
    for body in ("h\u00e9", "h\u00e9".encode()):
        assert refusals(receiver, headers={"Content-Type": content_type}, body=body) == [("body", "body", "")]


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"a": 1}', {"a": 1}), (b"{", b"{"), ({"a": 1}, {"a": 1}), (None, None), (b"", None)],
)
def test_a_body_that_the_document_says_nothing_of_is_given_as_it_reads(body: Any, value: Any) -> None:
    assert hook({"responses": {}}).check(headers=JSON, body=body) == value


def test_without_any_header_the_body_is_of_the_first_documented_type() -> None:
    content = {"text/plain": {"schema": TEXT}, "application/json": {"schema": INTEGER}}
    assert hook(asked(content=content)).check(body="5") == "5"
    assert hook(asked(content={"application/*": {"schema": INTEGER}})).check(body=5) == 5


# -- the client itself is the sender -----------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"X-Count": 3},
        {"X-Count": -1, "size": 0, "ids": [1, 2], "kinds": [3], "where": {"x": 5}, "seen": True},
        {"X-Count": 0, "kinds": [1, 2, 3], "body": {"name": "R\u00e9x & co", "tags": []}},
    ],
)
def test_what_a_client_sends_by_the_same_words_is_right(given: dict[str, Any]) -> None:
    both = Client(
        document({"/x": {"post": {"operationId": "op", **PARTS}}}, "3.1.0", webhooks={"w": {"post": PARTS}}),
        server="http://me.example",
    )
    body = {"body": given["body"]} if "body" in given else {}
    sent = both.prepare("op", {name: value for name, value in given.items() if name != "body"}, **body)
    parts = urlsplit(str(sent.url))
    received = both.webhooks["w"].check(
        method=sent.method, path=parts.path, query=parts.query, headers=sent.headers, body=sent.body
    )
    assert received == given.get("body")


def test_a_request_as_werkzeug_has_it() -> None:
    builder = EnvironBuilder(
        path="/hooks/1",
        method="POST",
        query_string="size=3&kinds=1",
        headers=[*COUNT.items()],
        json={"name": "Rex"},
    )
    request = Request(builder.get_environ())
    for body in (request.get_data(), request.get_data(as_text=True), request.get_json()):
        for query in (request.query_string, list(request.args.items(multi=True)), dict(request.args.lists())):
            found = hook(PARTS).check(
                method=request.method,
                path=request.path,
                query=query,
                headers=request.headers,
                cookies=request.cookies,
                body=body,
            )
            assert found == {"name": "Rex"}


def test_clients_with_webhooks_are_pickled() -> None:
    known = client({"newPet": {"post": asked()}})
    assert known.webhooks["newPet"].check(body={"name": "Rex"}) == {"name": "Rex"}
    for copied in (pickle.loads(pickle.dumps(known)).webhooks, pickle.loads(pickle.dumps(known.webhooks))):
        assert copied["newPet"].check(body={"name": "Rex"}) == {"name": "Rex"}
        assert refusals(copied["newPet"], body={}) == [("body", "body", "")]


# -- callbacks ---------------------------------------------------------------------------------------

URL = "{$request.body#/url}"


def ordering(callbacks: Any, **rest: Any) -> Client:
    node = {"operationId": "createOrder", "callbacks": callbacks, "responses": {"201": said()}}
    return Client(document({"/orders": {"post": node}}, **rest))


def callback(callbacks: Any, **rest: Any) -> Receiver:
    found: Receiver = ordering(callbacks, **rest).create_order.callbacks["onEvent"]
    return found


def test_callbacks_of_an_operation() -> None:
    known = ordering({"onEvent": {URL: {"post": asked()}}})
    found = known.create_order.callbacks
    assert repr(found) == "<1 callback: onEvent>"
    assert repr(found["onEvent"]) == "<callback onEvent of createOrder: POST {$request.body#/url}>"
    assert found["onEvent"].check(headers=JSON, body=b'{"name": "Rex"}') == {"name": "Rex"}
    assert refusals(found["onEvent"], body={"name": 5}) == [("body", "body", "/name")]
    assert known.create_order.callbacks is found  # made once
    with pytest.raises(
        UnknownOperation, match="createOrder has no callback 'onEvents'; did you mean onEvent"
    ):
        found["onEvents"]
    copied = pickle.loads(pickle.dumps(known))
    assert copied.create_order.callbacks["onEvent"].check(body={"name": "Rex"}) == {"name": "Rex"}


def test_operations_without_callbacks_have_none() -> None:
    assert dict(ordering({}).create_order.callbacks) == {}


def test_a_callback_may_be_a_reference_and_hold_extensions() -> None:
    components = {"callbacks": {"Event": {URL: {"post": asked()}, "x-note": {"post": asked()}}}}
    found = callback({"onEvent": {"$ref": "#/components/callbacks/Event"}}, components=components)
    assert found.check(body={"name": "Rex"}) == {"name": "Rex"}
    assert len(found.requests) == 1


def test_several_urls_of_a_callback_are_told_apart() -> None:
    found = callback(
        {"onEvent": {URL: {"post": asked()}, "{$request.query.u}": {"post": asked(schema=INTEGER)}}}
    )
    with pytest.raises(SettingsError, match=r"has several URLs; choose one with at\(...\)"):
        found.check(body=5)
    assert found.at("{$request.query.u}").check(body=5) == 5
    assert found.at(URL).check(body={"name": "Rex"}) == {"name": "Rex"}
    with pytest.raises(UnknownOperation, match="has no URL"):
        found.at("other")


@pytest.mark.parametrize(
    ("expression", "path", "value"),
    [
        ("{$request.body#/url}/events/{id}", "/events/5", 5),
        ("{$request.body#/url}/events/{id}", "/my/own/events/5", 5),
        ("{$request.body#/url}/events/{id}", "/my/%65vents/5?x=events/7", 5),
        ("{$request.body#/url}/events/{id}", "https://me.example/events/5", 5),
        ("{$request.body#/url}/a.{id}.b?secret={$request.query.secret}", "/a.5.b", 5),
        ("http://{$request.query.host}/events/{id}", "/events/5", 5),
        ("https://{$request.header.Host}:8080/{id}?u=http://x/y", "/5", 5),
        ("{$request.body#/url}/events/{id}", "/events/five", None),
        ("{$request.body#/url}/events/{id}", "/events/", None),
        ("{$request.body#/url}/events/{id}", "/other/5", None),
        ("{$request.body#/url}/events/{id}", "/events/5/6", None),
    ],
)
def test_parameters_in_the_path_of_a_callback(expression: str, path: str, value: Any) -> None:
    found = callback({"onEvent": {expression: {"post": asked(param("id", "path", INTEGER))}}})
    if value is None:
        assert refusals(found, path=path, body={"name": "Rex"}) == [("path", "id", "")]
    else:
        assert found.check(path=path, body={"name": "Rex"}) == {"name": "Rex"}


def test_a_path_that_is_not_given_is_not_looked_at() -> None:
    found = callback({"onEvent": {f"{URL}/{{id}}": {"post": asked(param("id", "path", INTEGER))}}})
    assert found.check(body={"name": "Rex"}) == {"name": "Rex"}
    assert refusals(found, path="/x", body={"name": "Rex"}) == [("path", "id", "")]


@pytest.mark.parametrize(
    "expression", [URL, "$request.body#/url", "http://me.example", "{$url}?id={$method}"]
)
def test_urls_of_which_no_path_is_known(expression: str) -> None:
    found = callback({"onEvent": {expression: {"post": asked()}}})
    assert found.check(path="/any/where", body={"name": "Rex"}) == {"name": "Rex"}
    assert not ordering({"onEvent": {expression: {"post": asked()}}}).findings


# -- what else knows of them -------------------------------------------------------------------------


def test_findings_tell_of_webhooks_and_callbacks() -> None:
    bad = asked(schema={"$ref": "#/nowhere"})
    assert any("#/nowhere" in str(each) for each in client({"newPet": {"post": bad}}).findings)
    assert any("#/nowhere" in str(each) for each in ordering({"onEvent": {URL: {"post": bad}}}).findings)


def test_an_operation_shows_its_callbacks(capsys: pytest.CaptureFixture[str]) -> None:
    from dynaclient.client import executor_of
    from dynaclient.explore.operation_page import show_operation

    known = ordering({"onEvent": {URL: {"post": asked()}}})
    assert "callbacks: onEvent" in repr(known.create_order)
    assert "callbacks: onEvent" in str(known.create_order.__doc__)
    show_operation(executor_of(known), known.operations["createOrder"], "x.yaml")
    assert f"onEvent  POST {URL}" in capsys.readouterr().out


def test_an_operation_called_webhooks_is_still_reachable() -> None:
    known = Client(document({"/w": {"get": {"operationId": "webhooks", "responses": {}}}}))
    assert known.operations["webhooks"].attribute == "webhooks_"
    assert json.dumps(list(known.webhooks)) == "[]"
