"""The public interface: names, the forms of a call, what an operation says of itself."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

import dynaclient
from dynaclient import Client, RequestInvalid, SettingsError, UnknownOperation
from tests.conftest import Serve
from tests.small import document, json_reply, one, param

NAMES = """
Client Operation Response Violation Finding Timeout DynaclientError DocumentError UnknownOperation
RequestInvalid ResponseInvalid ApiError ClientError ServerError NotFound Unauthorized Forbidden Conflict
SettingsError TransportError ConnectError DeadlineExceeded BodyTooLarge DecodeError NotRecorded
""".split()
LIGHT = """
openapi_core werkzeug hypothesis pytest _pytest IPython rich requests urllib3 jsonschema jsonschema_rs yaml
""".split()

TALON = Client("talon-one-integration", server="http://h")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_from_the_front_door(name: str) -> None:
    assert name in dynaclient.__all__
    assert getattr(dynaclient, name).__name__ == name


def test_all_is_all_that_there_is() -> None:
    assert [name for name in dynaclient.__all__ if not hasattr(dynaclient, name)] == []


def test_importing_is_light() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import dynaclient"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert "dynaclient" in imported
    assert imported & set(LIGHT) == set()


# -- the forms of a call -----------------------------------------------------------------------------


def test_all_forms_of_a_call_are_one(serve: Serve) -> None:
    server = serve(json_reply({"a": 1}))
    api = Client("talon-one-integration", server=server.url, validate={"response": "off"})
    body = {"customerSession": {}}
    name, wire = "updateCustomerSessionV2", {"customerSessionId": "s-1", "dry": True}
    forms = [
        lambda: api.call(name, wire, body=body),
        lambda: api.call(name, body=body, **wire),
        lambda: api.call(name, customer_session_id="s-1", dry=True, body=body),
        lambda: api.call(name, {"path.customerSessionId": "s-1", "query.dry": True}, body=body),
        lambda: api.call(name, {"dry": True}, customer_session_id="s-1", body=body),
        lambda: api.call("PUT /v2/customer_sessions/{customerSessionId}", wire, body=body),
        lambda: api.update_customer_session_v2("s-1", body, dry=True),
        lambda: api.update_customer_session_v2("s-1", body=body, dry=True),
        lambda: api.update_customer_session_v2(customerSessionId="s-1", body=body, dry=True),
        lambda: api.update_customer_session_v2.send("s-1", body, dry=True).data,
        lambda: api.send(name, wire, body=body).data,
    ]
    assert [form() for form in forms] == [{"a": 1}] * len(forms)
    assert len({request.raw for request in server.requests}) == 1

    prepared = [
        api.prepare(name, wire, body=body),
        api.update_customer_session_v2.prepare("s-1", body, dry=True),
    ]
    assert len(server.requests) == len(forms)
    for request in prepared:
        assert request.url == server.url + server.requests[0].target
        assert request.body == server.requests[0].body
        assert request.method == "PUT"
    api.close()


def test_operations_are_a_mapping_in_document_order() -> None:
    assert list(TALON.operations)[:2] == ["getCustomerSession", "updateCustomerSessionV2"]
    assert len(TALON.operations) == 36
    operation = TALON.operations["getCustomerSession"]
    assert TALON.operations["GET /v2/customer_sessions/{customerSessionId}"] is operation
    assert "getCustomerSession" in TALON.operations
    assert "nope" not in TALON.operations
    assert TALON.operations.get("nope") is None
    assert TALON.get_customer_session.operation is operation


SPELLINGS = document(
    {
        "/x/{userId}": {
            "get": {
                "operationId": "op",
                "parameters": [
                    param("userId", "path"),
                    param("user_id"),
                    param("pageSize"),
                    param("PageSize"),
                    param("filter[name]"),
                    param("class"),
                    param("body"),
                    param("options"),
                    param("self"),
                    param("operation"),
                    param("id", "query"),
                    param("id", "header"),
                ],
                "responses": {"200": {"description": ""}},
            }
        }
    }
)
SPELLED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"user_id": "1"}, {}, "user_id=1"),  # the wire name of one goes before the snake_case name of another
    ({"path.userId": "u", "query.user_id": "1"}, {}, "user_id=1"),
    ({"pageSize": "1", "PageSize": "2"}, {}, "pageSize=1&PageSize=2"),
    ({"filter[name]": "1"}, {}, "filter%5Bname%5D=1"),
    ({}, {"filter_name": "1"}, "filter%5Bname%5D=1"),
    ({}, {"class_": "1"}, "class=1"),
    ({"class": "1"}, {}, "class=1"),
    ({"body": "1", "options": "2"}, {}, "body=1&options=2"),
    ({"query.body": "1", "query.options": "2"}, {}, "body=1&options=2"),
    ({}, {"self": "1", "operation": "2"}, "self=1&operation=2"),
    ({"query.id": "1"}, {}, "id=1"),
]


@pytest.mark.parametrize(("mapping", "names", "query"), SPELLED)
def test_spellings(mapping: dict[str, Any], names: dict[str, Any], query: str) -> None:
    client = Client(SPELLINGS, server="http://h")
    given = mapping if "path.userId" in mapping else {"userId": "u", **mapping}
    assert client.prepare("op", given, **names).url == f"http://h/x/u?{query}"


@pytest.mark.parametrize("name", ["page_size", "id", "pagesize"])
def test_what_is_ambiguous_is_not_offered(name: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        Client(SPELLINGS, server="http://h").op.prepare("u", **{name: "1"})
    assert [each.where for each in caught.value.violations] == ["argument"]


def test_two_of_one_name_are_told_apart() -> None:
    client = Client(SPELLINGS, server="http://h")
    request = client.prepare("op", {"userId": "u", "query.id": "q", "header.id": "h"})
    assert (request.url, request.headers["id"]) == ("http://h/x/u?id=q", "h")


def test_a_body_parameter_and_a_body() -> None:
    client = Client(one("post", "/x", param("body"), body={"type": "object"}), server="http://h")
    request = client.prepare("op", {"query.body": "b"}, body={})
    assert (request.url, request.body) == ("http://h/x?body=b", b"{}")


def test_required_parameters_come_first_and_in_document_order() -> None:
    parameters = [
        param("a"),
        param("b", "header", required=True),
        param("c", required=True),
        param("d", "path"),
        param("e", "cookie", required=True),
    ]
    client = Client(one("post", "/x/{d}", *parameters, body={}, required=False), server="http://h")
    request = client.op.prepare("1", "2", "3", "4", {"x": 5}, a="6")
    assert (request.url, request.headers["b"], request.headers["Cookie"]) == (
        "http://h/x/3?a=6&c=2",
        "1",
        "e=4",
    )
    assert request.body == b'{"x":5}'
    assert client.op.prepare("1", "2", "3", "4").body is None


# -- what an operation tells of itself ---------------------------------------------------------------


def test_signature() -> None:
    shown = inspect.signature(TALON.update_customer_session_v2)
    assert list(shown.parameters) == ["customer_session_id", "body", "dry", "now", "options"]
    kinds = [parameter.kind.description for parameter in shown.parameters.values()]
    assert kinds == ["positional or keyword"] * 2 + ["keyword-only"] * 3
    assert shown.parameters["body"].default is inspect.Parameter.empty
    assert "bool" in str(shown.parameters["dry"].annotation)
    assert "datetime" in str(shown.parameters["now"].annotation)
    campaign_ids = inspect.signature(TALON.integration_get_all_campaigns).parameters["campaign_ids"]
    assert "list[str]" in str(campaign_ids.annotation)
    assert campaign_ids.default is None


@pytest.mark.parametrize("name", list(TALON.operations))
def test_every_signature_binds_what_the_call_takes(name: str) -> None:
    operation = TALON.operations[name]
    shown = inspect.signature(getattr(TALON, operation.attribute))
    given = {parameter.python_name: 1 for parameter in operation.parameters}
    assert set(shown.bind(**given, **({"body": {}} if operation.body else {})).arguments) >= set(given)
    count = len(operation.required) + bool(operation.body)
    shown.bind(*range(count))
    with pytest.raises(TypeError):
        shown.bind(*range(count + 1))


def test_a_signature_of_odd_names() -> None:
    tree = one(
        "get", "/x/{id}/{body}", *(param("id", place) for place in ("path", "query")), param("body", "path")
    )
    shown = inspect.signature(Client(tree).op)
    assert [(name, each.kind.description) for name, each in shown.parameters.items()][:2] == [
        ("path_id", "positional-only"),
        ("path_body", "positional-only"),
    ]
    assert Client(tree, server="http://h").op.prepare("1", "2").url == "http://h/x/1/2"


def test_docstring() -> None:
    text = inspect.getdoc(TALON.get_loyalty_balances) or ""
    operation = TALON.operations["getLoyaltyBalances"]
    assert text.startswith(operation.summary)
    assert " ".join(operation.description.split()) in " ".join(text.split())
    assert f"GET {operation.path}" in text
    for word in ("loyalty_program_id", "include_tiers", "required", "200", "404"):
        assert word in text


def test_repr_is_one_screen() -> None:
    for name in TALON.operations:
        operation = TALON.operations[name]
        text = repr(getattr(TALON, operation.attribute))
        assert text.startswith(f"<{operation.attribute}  {operation.method} {operation.path}>")
        assert len(text.splitlines()) <= 25
        assert max(map(len, text.splitlines())) <= 140  # the first line is the path, which nobody can shorten
        for parameter in operation.parameters:
            assert parameter.python_name in text
    assert repr(TALON) == "<Client 'Talon.One API': 36 operations at http://h>"


def test_deprecated_operations_say_so() -> None:
    client = Client(one(operation={"deprecated": True, "summary": "S"}))
    assert "deprecated" in repr(client.op).lower()
    assert "Deprecated" in (client.op.__doc__ or "")


def test_dir_and_hasattr() -> None:
    names = dir(TALON)
    assert {"get_customer_session", "call", "send", "prepare", "operations", "findings"} <= set(names)
    assert {TALON.operations[name].attribute for name in TALON.operations} <= set(names)
    assert hasattr(TALON, "get_customer_session")
    assert not hasattr(TALON, "getCustomerSession")
    assert not hasattr(TALON, "_repr_latex_")
    assert not hasattr(TALON, "__wrapped__")
    with pytest.raises(UnknownOperation, match="create_referral"):
        _ = TALON.create_referal


def test_names_of_the_client_stay_its_own() -> None:
    names = ["call", "send", "prepare", "close", "operations", "document", "body", "class", "plan"]
    paths = {f"/{name}": {"get": {"operationId": name, "responses": {}}} for name in names}
    client = Client(document(paths), server="http://h")
    for name in names:
        assert getattr(client, name + "_").operation.operation_id == name
    assert callable(client.call)


def test_defaults_are_shown_and_never_sent() -> None:
    schema = {"type": "integer", "default": 7}
    client = Client(one("get", "/x", param("n", "query", schema)), server="http://h")
    assert client.op.prepare().url == "http://h/x"


# -- options and life --------------------------------------------------------------------------------


def test_options(serve: Serve) -> None:
    server = serve(json_reply({}))
    content = {"application/json": {"schema": {"type": "object"}}, "application/x-www-form-urlencoded": {}}
    client = Client(one("post", "/x", param("a"), content=content), server=server.url)
    options = {
        "headers": {"X-A": "1"},
        "query": {"b": 2},
        "timeout": 5,
        "content_type": "application/x-www-form-urlencoded",
    }
    client.op({"k": "v w"}, a="1", options=options)
    client.call("op", {"a": "1"}, body={"k": "v w"}, options=options)
    for request in server.requests:
        assert request.target == "/x?a=1&b=2"
        assert request.header("X-A") == "1"
        assert (request.header("Content-Type"), request.body) == (options["content_type"], b"k=v%20w")
    client.close()


@pytest.mark.parametrize(("given", "due"), [(None, b"null"), ({"a": None}, b'{"a":null}')])
def test_null_bodies_where_null_is_allowed(given: Any, due: bytes) -> None:
    nullable = {"type": "object", "nullable": True, "properties": {"a": {"type": "string", "nullable": True}}}
    client = Client(one("post", "/x", body=nullable), server="http://h")
    assert client.prepare("op", body=given).body == due


def test_null_inside_a_body_is_checked_and_never_dropped() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    client = Client(one("post", "/x", body=schema), server="http://h")
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", body={"a": None})
    assert [each.pointer for each in caught.value.violations] == ["/a"]


def test_a_closed_client_opens_again_and_a_session_stays_open(serve: Serve) -> None:
    server = serve(json_reply({}))
    with Client(one(), server=server.url) as client:
        client.call("op")
    client.call("op")
    client.close()
    client.close()
    assert len(server.requests) == 2


WRONG: list[dict[str, Any]] = [
    {"validate": "loud"},
    {"validate": {"both": "off"}},
    {"validate_with": "perl"},
    {"timeout": 0},
    {"retries": -1},
    {"session": 5},
    {"server": "ftp://h"},
    {"server": 3},
    {"credentials": {"nope": "x"}},
    {"credentials": 5},
]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_wrong_settings_say_what_is_allowed(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        Client(one(), **wrong)
    assert str(caught.value)
