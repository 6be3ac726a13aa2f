"""Bodies of forms to data."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.wire.codecs import encode_body
from dynaclient.wire.form_decoding import decode_form
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.media_types import FORM
from dynaclient.wire.value_types import ExpectedType

EXPLODED = Node({"style": "form", "explode": True})
SHAPE = ExpectedType(
    properties={
        "meta": ExpectedType(types=frozenset({"object"})),
        "name": ExpectedType(types=frozenset({"string"})),
    }
)


def media(kind: str, **encoding: Node) -> MediaType:
    return MediaType(kind, None, None, encoding, Node({}))


def test_an_exploded_object_of_any_names_leaves_those_of_the_form() -> None:
    documented = media(FORM, meta=EXPLODED)
    found = decode_form(b"a=1&name=n&b=2", FORM, documented, SHAPE)
    assert found == {"meta": {"a": "1", "b": "2"}, "name": "n"}


def test_an_object_that_is_not_exploded_takes_nothing_of_others() -> None:
    """Objects travel as JSON unless a style is stated (4.8.15.1): `other` is what nobody described."""
    assert decode_form(b"name=n&other=1", FORM, media(FORM), SHAPE) == {"name": "n", "other": "1"}
    given = {"name": "n", "meta": {"a": 1}}
    assert decode_form(b"name=n&meta=%7B%22a%22:1%7D", FORM, media(FORM), SHAPE) == given


def test_the_same_in_parts() -> None:
    documented = media("multipart/form-data", meta=EXPLODED)
    given: dict[str, Any] = {"meta": {"a": "1"}, "name": "n"}
    sent = encode_body(given, "multipart/form-data", documented)
    found = decode_form(sent.content, sent.content_type, documented, SHAPE)
    assert found == {"meta": {"a": "1"}, "name": "n"}


@pytest.mark.parametrize("disposition", ["form-data", "form-data; filename=x.txt", '; name="a"', ""])
def test_a_part_without_a_name_is_no_part_of_a_form(disposition: str) -> None:
    body = f"--B\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n--B--\r\n".encode()
    with pytest.raises(Undecodable, match="not multipart/form-data"):
        decode_form(body, "multipart/form-data; boundary=B", media("multipart/form-data"), SHAPE)
