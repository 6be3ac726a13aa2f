"""Security Scheme Objects: where a credential goes in a request."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dynaclient.document.model import SecurityScheme
from dynaclient.document.node import Node
from dynaclient.errors import RequestInvalid, SettingsError
from dynaclient.wire.security import choose_schemes, token


def scheme(**members: Any) -> SecurityScheme:
    node = Node(members)
    return SecurityScheme(
        "s", node.text("type"), node.text("in"), node.text("name"), node.text("scheme").lower(), "", node
    )


HEADER = scheme(type="apiKey", **{"in": "header"}, name="X-Key")
QUERY = scheme(type="apiKey", **{"in": "query"}, name="key")
COOKIE = scheme(type="apiKey", **{"in": "cookie"}, name="sid")
BASIC, BEARER = scheme(type="http", scheme="basic"), scheme(type="http", scheme="Bearer")
ENCODED = "Basic " + base64.b64encode(b"u:p").decode()

TOKENS: list[tuple[SecurityScheme, Any, tuple[str, str, str] | None]] = [
    (HEADER, "k", ("header", "X-Key", "k")),
    (HEADER, ("P", "k"), ("header", "X-Key", "P k")),
    (QUERY, "k", ("query", "key", "k")),
    (COOKIE, "k", ("cookie", "sid", "k")),
    (scheme(type="apiKey", name="K"), "k", ("header", "K", "k")),
    (scheme(type="apiKey"), "k", ("header", "s", "k")),
    (BASIC, ("u", "p"), ("header", "Authorization", ENCODED)),
    (BASIC, "u:p", ("header", "Authorization", ENCODED)),
    (BASIC, ENCODED, ("header", "Authorization", ENCODED)),
    (BASIC, ("u", ""), ("header", "Authorization", "Basic dTo=")),
    (BEARER, "t", ("header", "Authorization", "Bearer t")),
    (BEARER, "bearer t", ("header", "Authorization", "bearer t")),
    (scheme(type="oauth2"), "t", ("header", "Authorization", "Bearer t")),
    (scheme(type="openIdConnect"), "t", ("header", "Authorization", "Bearer t")),
    (scheme(type="http", scheme="DPoP"), "t", ("header", "Authorization", "DPoP t")),
    (scheme(type="http", scheme="DPoP"), "DPoP t", ("header", "Authorization", "DPoP t")),
    (scheme(type="http"), "Any t", ("header", "Authorization", "Any t")),
    (scheme(type="mutualTLS"), "-", None),
]


@pytest.mark.parametrize(("kind", "credential", "due"), TOKENS)
def test_token(kind: SecurityScheme, credential: Any, due: tuple[str, str, str] | None) -> None:
    made = token(kind, credential)
    assert (made and (made.place, made.name, made.value)) == due


def test_a_token_does_not_show_its_value() -> None:
    assert "s3cr3t" not in repr(token(HEADER, "s3cr3t"))


WRONG: list[tuple[SecurityScheme, Any]] = [
    (HEADER, 5),
    (HEADER, None),
    (HEADER, (1, "k")),
    (HEADER, ("a", "b", "c")),
    (BASIC, "no colon"),
    (BASIC, ("u", 5)),
    (BASIC, ("u", "\ud800")),
    (BEARER, ("a", "b")),
    (BEARER, b"t"),
]


@pytest.mark.parametrize(("kind", "credential"), WRONG)
def test_a_credential_of_the_wrong_form(kind: SecurityScheme, credential: Any) -> None:
    with pytest.raises(SettingsError, match="credential for s"):
        token(kind, credential)


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\0", "€", "\x7f"])
def test_what_no_header_may_hold(text: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        token(HEADER, text)
    assert [(each.where, each.name) for each in caught.value.violations] == [("security", "s")]
    assert text not in str(caught.value)


CHOICES: list[tuple[Any, str, tuple[str, ...]]] = [
    (None, "ab", ()),
    ((), "ab", ()),
    (((),), "ab", ()),
    ((("a",), ("b",)), "ab", ("a",)),
    ((("b",), ("a",)), "ab", ("b",)),
    ((("a",), ("b",)), "b", ("b",)),
    ((("a", "b"),), "a", ()),
    ((("a", "b"), ("b",)), "ab", ("a", "b")),
    (((), ("a",)), "a", ("a",)),
    (((), ("a",)), "b", ()),
    ((("a",), ()), "", ()),
]


@pytest.mark.parametrize(("alternatives", "given", "due"), CHOICES)
def test_the_first_alternative_that_can_be_satisfied(
    alternatives: Any, given: str, due: tuple[str, ...]
) -> None:
    assert choose_schemes(alternatives, dict.fromkeys(given, "x")) == due
