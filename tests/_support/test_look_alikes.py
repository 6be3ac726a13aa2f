"""Texts that look alike and differ (Unicode normal forms, unseen characters): messages show code points.

JSON Schema and OpenAPI compare code points (JSON Schema core 4.2.2), and macOS, for one, gives names in NFD:
without them a message says that "é" is not one of "é".
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid, ResponseInvalid
from dynaclient._support.messages import looks, looks_as
from tests.servers import RawServer
from tests.small import json_reply, one, param

NFC, NFD = "caf\u00e9", "cafe\u0301"
TWINS = [
    (NFD, NFC),
    (NFC, NFD),
    ("\u2126", "\u03a9"),  # OHM SIGN, a Greek letter
    ("\uac00", "\u1100\u1161"),  # Hangul, composed and not
    ("\u212b", "\u00c5"),  # ANGSTROM SIGN
    ("a\u00a0b", "a b"),  # a space that does not break
    ("\ufb01", "fi"),  # a ligature
    ("id\u200b", "id"),  # a space of no width
    ("\ufeffid", "id"),  # a byte-order mark inside
]
APART = [("e", NFC), ("cafe", NFC), ("\u0430", "a"), ("A", "a"), (NFC, NFC.upper())]


def codes(text: str) -> str:
    return json.dumps(text)


def alike(twin: str, meant: str) -> str:
    return f"the two look alike: {codes(twin)} was given, {codes(meant)} is expected"


SCHEMAS: list[tuple[str, Any, Any]] = [
    ("enum", lambda meant: {"enum": ["x", meant]}, lambda twin: twin),
    ("const", lambda meant: {"const": meant}, lambda twin: twin),
    ("in an array", lambda meant: {"items": {"enum": [meant]}}, lambda twin: [twin]),
    ("required", lambda meant: {"required": [meant]}, lambda twin: {twin: 1}),
    ("dependent", lambda meant: {"dependentRequired": {"k": [meant]}}, lambda twin: {"k": 1, twin: 1}),
    (
        "no others",
        lambda meant: {"properties": {meant: {}}, "additionalProperties": False},
        lambda twin: {twin: 1},
    ),
    ("names", lambda meant: {"propertyNames": {"enum": [meant]}}, lambda twin: {twin: 1}),
]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(("name", "schema", "value"), SCHEMAS, ids=[row[0] for row in SCHEMAS])
@pytest.mark.parametrize(("twin", "meant"), TWINS, ids=[f"{codes(a)}-{codes(b)}" for a, b in TWINS])
def test_code_points_are_shown_in_both_directions(
    twin: str, meant: str, name: str, schema: Any, value: Any, backend: Any
) -> None:
    tree = one("post", body=schema(meant), answer=schema(meant), version="3.1.0")
    with (
        RawServer(json_reply(value(twin))) as server,
        Client(tree, server=server.url, validate_with=backend, cache=False) as client,
    ):
        with pytest.raises(RequestInvalid) as refused:
            client.call("op", body=value(twin))
        assert alike(twin, meant) in str(refused.value)
        with pytest.raises(ResponseInvalid) as broken:
            client.call("op", body=value(meant))
        assert alike(twin, meant) in str(broken.value)


@pytest.mark.parametrize(("given_", "meant"), APART, ids=[f"{codes(a)}-{codes(b)}" for a, b in APART])
def test_texts_that_look_different_are_only_named(given_: str, meant: str) -> None:
    client = Client(one("post", body={"enum": [meant]}), server="http://h", cache=False)
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", body=given_)
    assert "look alike" not in str(caught.value)


def test_in_parameters() -> None:
    tree = one("get", "/x", param("q", "query", {"enum": [NFC]}))
    with pytest.raises(RequestInvalid, match="look alike"):
        Client(tree, server="http://h", cache=False).prepare("op", q=NFD)


def test_parameters_with_names_that_look_alike_are_named_by_their_code_points() -> None:
    tree = one("get", "/x", param("\ufb01"), param("\uff46i"))
    client = Client(tree, server="http://h", cache=False)
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", {"fi": "1"})  # either may be meant
    assert "query.\\ufb01" in str(caught.value)
    assert "query.\\uff46i" in str(caught.value)
    assert client.prepare("op", {"\ufb01": "1", "\uff46i": "2"}).url == "http://h/x?%EF%AC%81=1&%EF%BD%86i=2"


@given(st.text(), st.text())
def test_the_hint_speaks_of_other_texts_only(one_: str, other: str) -> None:
    assert looks_as(one_, looks([one_])) == ""
    assume(one_ != other)
    hint = looks_as(one_, looks([other]))
    assert not hint or (
        codes(one_) in hint and codes(other) in hint and not (one_.isascii() and other.isascii())
    )


def test_what_is_listed_passes_in_either_form() -> None:
    client = Client(one("post", body={"enum": [NFC, NFD]}), server="http://h", cache=False)
    assert client.prepare("op", body=NFD).body == json.dumps(NFD, ensure_ascii=False).encode()
