"""Every form of a runtime expression, by the tables of the specification (Runtime Expressions; Callback
Object, "Key Expression"), and what none of them may do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.wire.expressions import ABSENT, ExpressionContext, Message, Unevaluable, evaluate

SUBSCRIBED = ExpressionContext(
    url="https://example.org/subscribe/myevent?queryUrl=https://clientdomain.com/stillrunning",
    method="POST",
    status=201,
    request=Message(
        "the request",
        headers={"content-type": "application/json", "Accept": "application/json"},
        path={"eventType": "myevent", "id": 7, "a.b": "dotted"},
        query={"queryUrl": "https://clientdomain.com/stillrunning", "tags": ["x", "y"]},
        body={
            "failedUrl": "https://clientdomain.com/failed",
            "successUrls": ["https://clientdomain.com/fast", "https://clientdomain.com/medium"],
            "user": {"uuid": "u-1", "age": 40, "admin": False, "none": None},
            "a/b": 1,
            "m~n": 2,
            "": 3,
        },
    ),
    response=Message(
        "the response",
        headers={"Location": "https://example.org/subscription/1", "Server": "small", "X-Count": 3},
        body={"status": "ok", "items": [[10, 11]]},
    ),
)

FORMS: list[tuple[str, Any]] = [
    ("$url", SUBSCRIBED.url),
    ("$method", "POST"),
    ("$statusCode", 201),
    ("$request.path.eventType", "myevent"),
    ("$request.path.id", 7),
    ("$request.path.a.b", "dotted"),
    ("$request.query.queryUrl", "https://clientdomain.com/stillrunning"),
    ("$request.query.tags", ["x", "y"]),
    ("$request.header.content-Type", "application/json"),
    ("$request.header.accept", "application/json"),
    ("$request.body", SUBSCRIBED.request.body),
    ("$request.body#", SUBSCRIBED.request.body),
    ("$request.body#/", 3),
    ("$request.body#/failedUrl", "https://clientdomain.com/failed"),
    ("$request.body#/successUrls/1", "https://clientdomain.com/medium"),
    ("$request.body#/user/uuid", "u-1"),
    ("$request.body#/user/age", 40),
    ("$request.body#/user/none", None),
    ("$request.body#/a~1b", 1),
    ("$request.body#/m~0n", 2),
    ("$response.header.Location", "https://example.org/subscription/1"),
    ("$response.header.server", "small"),
    ("$response.header.x-count", 3),
    ("$response.body", {"status": "ok", "items": [[10, 11]]}),
    ("$response.body#/status", "ok"),
    ("$response.body#/items/0/1", 11),
]


@pytest.mark.parametrize(("expression", "value"), FORMS)
def test_each_form_keeps_the_value_and_its_type(expression: str, value: Any) -> None:
    found = evaluate(expression, SUBSCRIBED)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "http://notify.example?transactionId={$request.body#/user/uuid}&age={$request.body#/user/age}",
            "http://notify.example?transactionId=u-1&age=40",
        ),
        ("{$response.body#/status}", "ok"),
        ("{$request.path.id}", "7"),
        ("{$statusCode}{$method}", "201POST"),
        ("{$request.body#/user/admin}", "false"),
        ("{$request.body#/user/none}", "null"),
        ("{$request.query.tags}", '["x","y"]'),
        ("a {plain} brace", "a {plain} brace"),
        ("a constant", "a constant"),
        ("$5.00", "$5.00"),
        ("$urls", "$urls"),
        ("$", "$"),
        ("{}", "{}"),
        ("", ""),
    ],
)
def test_texts_hold_expressions_in_braces(text: str, value: str) -> None:
    assert evaluate(text, SUBSCRIBED) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$request.path.none", "the request has no path parameter 'none'"),
        ("$request.path.EventType", "no path parameter 'EventType'"),  # case matters but in headers
        ("$request.query.none", "the request has no query parameter 'none'"),
        ("$request.header.none", "the request has no header 'none'"),
        ("$request.header.not a token", "is not the name of a header"),
        ("$request.header.", "is not the name of a header"),
        ("$request.body#/none", "the body of the request has no /none"),
        ("$request.body#/successUrls/2", "has no /successUrls/2"),
        ("$request.body#/successUrls/01", "has no"),
        ("$request.body#/successUrls/-1", "has no"),
        ("$request.body#/successUrls/-", "has no"),
        ("$request.body#/successUrls/\u0661", "has no"),  # a digit, but none of JSON pointer
        ("$request.body#/user/uuid/0", "has no"),
        ("$request.body#user", "not a JSON pointer"),
        ("$request.body/user", "after `body#`"),
        ("$request.bodyuser", "after `body#`"),
        ("$request.cookie.a", "is not a runtime expression"),
        ("$request.", "is not a runtime expression"),
        ("$response.path.id", "the response has no path parameter"),
        ("$response.query.id", "the response has no query parameter"),
        ("$response.header.none", "the response has no header 'none'"),
        ("{$inputs.id}", "$inputs.id is not a runtime expression"),
        ("{$request.path.id}/{$request.path.none}", "no path parameter 'none'"),
    ],
)
def test_what_cannot_be_evaluated_says_why(text: str, said: str) -> None:
    with pytest.raises(Unevaluable) as caught:
        evaluate(text, SUBSCRIBED)
    assert said in str(caught.value)


@pytest.mark.parametrize("expression", ["$request.body", "$response.body#/id"])
def test_a_body_that_is_not_there(expression: str) -> None:
    empty = ExpressionContext("", "GET", 204, Message("the request"), Message("the response", body=ABSENT))
    with pytest.raises(Unevaluable, match="has no body that can be looked into"):
        evaluate(expression, empty)


@pytest.mark.parametrize("body", ["text", b"bytes", 5, None])
def test_a_pointer_into_what_has_no_parts(body: Any) -> None:
    exchange = ExpressionContext("", "GET", 200, Message("the request"), Message("the response", body=body))
    assert evaluate("$response.body", exchange) == body
    with pytest.raises(Unevaluable, match="has no /id"):
        evaluate("$response.body#/id", exchange)


def test_bytes_are_no_part_of_a_text() -> None:
    exchange = ExpressionContext(
        "", "GET", 200, Message("the request"), Message("the response", body=b"\xff")
    )
    assert evaluate("$response.body", exchange) == b"\xff"
    with pytest.raises(Unevaluable, match="bytes cannot be written as text"):
        evaluate("x{$response.body}", exchange)


def outcome(text: str) -> Any:
    try:
        return (evaluate(text, SUBSCRIBED),)
    except Unevaluable as error:
        return str(error)


@given(st.text())
def test_any_text_is_a_value_or_unevaluable(text: str) -> None:
    for tried in (text, "$" + text, "$request." + text, "$request.body#" + text, "{$" + text + "}"):
        assert outcome(tried) != ""


@given(st.lists(st.text(), max_size=4), st.integers() | st.text() | st.none())
def test_every_place_in_a_body_is_reached(path: list[str], value: Any) -> None:
    body, pointer = value, ""
    for token in reversed(path):
        body = {token: body}
        pointer = "/" + token.replace("~", "~0").replace("/", "~1") + pointer
    exchange = ExpressionContext("", "GET", 200, Message("the request"), Message("the response", body=body))
    assert evaluate(f"$response.body#{pointer}", exchange) == value
