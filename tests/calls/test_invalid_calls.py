"""Invalid calls: each is refused before anything is sent, with every reason and its location.

The calls of the Integration API are in invalid_calls.py; here are those that need other
locations of a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid, SettingsError, UnknownOperation
from tests.calls.invalid_calls import (
    POINTS,
    REFERRAL,
    SESSION,
    TALON,
    WHEN,
    Found,
    Row,
    argument,
    nested,
    path,
    query,
)
from tests.servers import RawServer
from tests.small import document, json_reply, param

NUMBERED = {"type": "object", "properties": {"n": {"type": "integer"}}}
PLACES = document(
    {
        "/items/{a}{b}/{list}": {
            "get": {
                "operationId": "op",
                "parameters": [
                    param("a", "path"),
                    param("b", "path"),
                    param("list", "path", {"type": "array", "items": {"type": "string"}}, style="label"),
                    param("X-Trace", "header", {"type": "string", "maxLength": 4}, required=True),
                    param("X-Count", "header", {"type": "integer"}),
                    param("theme", "cookie", {"enum": ["dark", "light"]}),
                    param("filter", content={"application/json": {"schema": {"required": ["a"]}}}),
                    param("deep", "query", NUMBERED, style="deepObject", explode=True),
                    param("id", "query"),
                    param("id", "header"),
                ],
                "responses": {"200": {"description": ""}},
            }
        }
    },
    components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    security=[{"key": []}],
)  # fmt: skip
RIGHT: dict[str, Any] = {"a": "1", "b": "2", "list": ["x"], "X-Trace": "t"}


def places(**names: Any) -> Callable[[Client], Any]:
    return lambda api: api.call("op", {**RIGHT, **{name.replace("_", "-"): v for name, v in names.items()}})


OTHER_PLACES: list[Row] = [
    ("header missing", places(X_Trace=None), [("header", "X-Trace", "")], "required"),
    ("header too long", places(X_Trace="12345"), [("header", "X-Trace", "")], "at most 4"),
    ("header CR LF", places(X_Trace="a\r\nb"), [("header", "X-Trace", "")], "CR and LF"),
    ("header NUL", places(X_Trace="\0"), [("header", "X-Trace", "")], "control characters"),
    ("header beyond Latin-1", places(X_Trace="€"), [("header", "X-Trace", "")], "Latin-1"),
    ("header type", places(X_Count="1"), [("header", "X-Count", "")], "expected an integer"),
    ("cookie enum", places(theme="blue"), [("cookie", "theme", "")], '"dark", "light"'),
    ("query content", places(filter={"b": 1}), query("filter"), "'a' is missing"),
    ("query deepObject", places(deep={"n": "x"}), query("deep", "/n"), "expected an integer"),
    (
        "one name in two places",
        places(id="1"),
        argument("id"),
        'give {"query.id": ...} or {"header.id": ...}',
    ),
    ("two parts that make dots", places(a=".", b="."), path("b"), "changes the path"),
    ("an empty list in a path", places(list=[]), path("list"), ""),
    ("a list that makes dots", places(list=["."]), path("list"), "changes the path"),
    ("control character in a list", places(list=["a", "\n"]), path("list"), "control character"),
    (
        "extra header CR LF",
        lambda api: api.call("op", RIGHT, options={"headers": {"X-More": "a\nb"}}),
        [("header", "X-More", "")],
        "line break",
    ),
    (
        "extra header name",
        lambda api: api.call("op", RIGHT, options={"headers": {"X More": "a"}}),
        [("header", "X More", "")],
        "not a header name",
    ),
    (
        "extra query value",
        lambda api: api.call("op", RIGHT, options={"query": {"x": object()}}),
        query("x"),
        "object",
    ),
]


def ids(rows: list[Row]) -> list[str]:
    return [row[0].replace(" ", "-") for row in rows]


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(json_reply({})) as server:
        yield server


@pytest.fixture(scope="module", params=["rust", "python"])
def talon(request: pytest.FixtureRequest, server: RawServer, _client: None) -> Client:
    return Client("talon-one-integration", server=server.url, validate_with=request.param)


@pytest.fixture(scope="module")
def small(server: RawServer, _client: None) -> Client:
    return Client(PLACES, server=server.url, credentials={"key": "s3cr3t"})


def refused(server: RawServer, call: Callable[[Client], Any], api: Client, due: Found, words: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        call(api)
    found = [(each.where, each.name, each.pointer) for each in caught.value.violations]
    assert sorted(found) == sorted(due), str(caught.value)
    assert words in str(caught.value.violations[0])
    assert all(str(each) in str(caught.value) for each in caught.value.violations)
    assert server.connections == 0


@pytest.mark.parametrize(("name", "call", "due", "words"), TALON, ids=ids(TALON))
def test_refused(
    name: str, call: Callable[[Client], Any], due: Found, words: str, talon: Client, server: RawServer
) -> None:
    refused(server, call, talon, due, words)


@pytest.mark.parametrize(("name", "call", "due", "words"), OTHER_PLACES, ids=ids(OTHER_PLACES))
def test_refused_in_other_places(
    name: str, call: Callable[[Client], Any], due: Found, words: str, small: Client, server: RawServer
) -> None:
    refused(server, call, small, due, words)


def test_the_table_is_long_enough() -> None:
    assert len(TALON) + len(OTHER_PLACES) >= 60


UNKNOWN = [
    ("getCustomerSesion", "getCustomerSession"),
    ("get_customer_session", "getCustomerSession"),
    ("GETCUSTOMERSESSION", "getCustomerSession"),
    ("updateCustomerSession", "updateCustomerSessionV2"),
    ("trackEvent", "trackEventV2"),
    ("createAudience", "createAudienceV2"),
]


@pytest.mark.parametrize(("name", "near"), UNKNOWN)
def test_unknown_operation(name: str, near: str, talon: Client, server: RawServer) -> None:
    for ask in (talon.call, talon.send, talon.prepare, talon.operations.__getitem__):
        with pytest.raises(UnknownOperation) as caught:
            ask(name)
        assert near in caught.value.near
        assert near in str(caught.value)
    assert server.connections == 0


@pytest.mark.parametrize("name", ["", "zzz", "GET /nowhere", None, 5, ["getCustomerSession"], {}])
def test_an_operation_that_nothing_is_near_to(name: Any, talon: Client) -> None:
    with pytest.raises(UnknownOperation) as caught:
        talon.call(name)
    assert isinstance(caught.value, KeyError)


def test_an_unknown_attribute_names_the_near_ones(talon: Client) -> None:
    with pytest.raises(AttributeError, match="get_customer_session"):
        _ = talon.get_customer_sesion
    assert not hasattr(talon, "get_customer_sesion")


@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "schlüssel€"])
@pytest.mark.parametrize("kind", ["text", "callable", "pair"])
def test_a_credential_that_no_header_may_hold(secret: str, kind: str, server: RawServer) -> None:
    credential = {"text": secret, "callable": lambda request: secret, "pair": ("ApiKey-v1", secret)}[kind]
    api = Client(PLACES, server=server.url, credentials={"key": credential})
    with pytest.raises(RequestInvalid) as caught:
        api.call("op", RIGHT)
    assert [(each.where, each.name) for each in caught.value.violations] == [("security", "key")]
    assert secret not in str(caught.value)
    assert server.connections == 0


OPTIONS: list[Any] = [5, [1], {"header": {}}, {"headers": 5}, {"query": "a=b"}]
OPTIONS += [{"timeout": "1"}, {"timeout": -1}, {"content_type": 5}]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
def test_wrong_options(options: Any, talon: Client, server: RawServer) -> None:
    with pytest.raises(SettingsError, match=r"options|timeout"):
        talon.call("getCustomerSession", SESSION, options=options)
    assert server.connections == 0


def test_the_same_calls_put_right_are_sent(talon: Client, server: RawServer) -> None:
    when = datetime(2024, 2, 29, tzinfo=timezone.utc)
    right = [
        talon.prepare("getLoyaltyCardPoints", {**POINTS, "pageSize": 1000, "status": "expired"}),
        talon.prepare("getLoyaltyCardPoints", {**POINTS, "loyaltyCardId": "x" * 108, "pageSize": 1.0}),
        talon.prepare("deleteAudienceV2", {"audienceId": -(2**63)}),
        talon.prepare("createReferral", body={**REFERRAL, "usageLimit": 999999, "startDate": when}),
        talon.prepare("createReferral", body={**REFERRAL, "unknownProperty": [nested(150)]}),
        talon.prepare("getCustomerSession", {"customerSessionId": "..."}),
        talon.prepare("getLoyaltyBalances", {"loyaltyProgramId": 7, "integrationId": "%2e", "endDate": WHEN}),
    ]
    assert [request.url.startswith(server.url) for request in right] == [True] * 7
