"""The headers of the parts of a multipart body, as the receiver of a request judges them."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from tests.small import document, said

INTEGER = {"type": "integer"}
SCHEMA = {
    "type": "object",
    "properties": {"f": {}, "l": {"type": "array", "items": {}}, "a/b": {}, "s": {"type": "array"}},
}
COUNTED = {"headers": {"X-Count": {"required": True, "schema": INTEGER}, "X-More": {"schema": INTEGER}}}
ENCODING = {
    "f": {**COUNTED, "contentType": "image/png, text/*"},
    "l": COUNTED,
    "a/b": {"contentType": "application/json"},
    "s": {"style": "form", "explode": False, "contentType": "application/json"},
}


def part(name: str, *fields: str, content: str = "1", file: str = "") -> str:
    named = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    return "\r\n".join(["--B", named, *fields, "", content, ""])


def refused(*parts: str, encoding: Any = ENCODING) -> list[tuple[str, str]]:
    """(pointer, message) of each violation of a webhook's request with these parts."""
    content = {"multipart/form-data": {"schema": SCHEMA, "encoding": encoding}}
    asked = {"post": {"requestBody": {"content": content}, "responses": {"204": said()}}}
    receiver = Client(document({}, "3.1.0", webhooks={"hook": asked})).webhooks["hook"]
    body = "".join([*parts, "--B--\r\n"])
    try:
        receiver.check(headers={"Content-Type": "multipart/form-data; boundary=B"}, body=body)
    except RequestInvalid as error:
        return [(each.pointer, each.message) for each in error.violations]
    return []


MISSING = "header X-Count: missing, but required"
COUNT = "X-Count: 5"


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([part("f", COUNT)], []),
        ([part("f", "x-count: 5", "X-MORE: 1", "Content-Type: TEXT/Plain; charset=utf-8")], []),
        ([part("f", COUNT, "Content-Type: image/png", file="a.png")], []),
        ([part("f", COUNT, "Content-Type: image/gif", file="a.gif")],
         [("/f", "undocumented content type image/gif (documented: image/png, text/*)")]),
        ([part("f")], [("/f", MISSING)]),
        ([part("f", "X-Count: x")], [("/f", 'header X-Count: expected an integer, got a string ("x")')]),
        ([part("f", COUNT, "X-More: x")], [("/f", 'header X-More: expected an integer, got a string ("x")')]),
        ([part("l", COUNT), part("l")], [("/l/1", MISSING)]),
        ([part("l"), part("f", COUNT), part("l", COUNT)], [("/l/0", MISSING)]),
        ([part("a/b", "Content-Type: text/plain")],
         [("/a~1b", "undocumented content type text/plain (documented: application/json)")]),
        ([part("a/b")], []),  # one that does not say its type is of any
        ([part("s", "Content-Type: text/plain", content="1,2")], []),  # what has a style has no type
        ([part("other", "Content-Type: x/y")], []),
    ],
)  # fmt: skip
def test_a_part_is_of_a_listed_type_and_has_its_headers(parts: list[str], found: list[Any]) -> None:
    assert refused(*parts) == found


def test_a_body_without_encoding_has_no_heads_to_judge() -> None:
    assert refused(part("f", "Content-Type: x/y"), encoding={}) == []
