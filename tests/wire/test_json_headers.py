"""JSON in a header (`content: application/json`) is ASCII with escapes; in query and cookie percent-encoded.

A field value is visible ASCII, and octets from 0x80 mean nothing in particular (RFC 9110, section 5.5): UTF-8
sent raw is read as Latin-1 by servers and proxies. A cookie holds no backslash and no quote (RFC 6265, 4.1).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client
from tests.servers import RawServer, reply
from tests.small import one, param, said

VALUES: list[tuple[Any, str]] = [
    ({"a": "b"}, '{"a":"b"}'),
    ({"name": "Zoë"}, '{"name":"Zo\\u00eb"}'),
    (["日本", "€"], '["\\u65e5\\u672c","\\u20ac"]'),
    ("👍", '"\\ud83d\\udc4d"'),
    ({"é": [1, None, True]}, '{"\\u00e9":[1,null,true]}'),
    ("line\r\nbreak\x00\x7f\x85", '"line\\r\\nbreak\\u0000\\u007f\\u0085"'),
    (" a ", '" a "'),
    ("", '""'),
    (5, "5"),
]
TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/ld+json",
    "application/vnd.x.v1+json",
)


def tree(place: str, media_type: str = "application/json", version: str = "3.0.3") -> Any:
    return one("get", "/x", param("X", place, content={media_type: {"schema": {}}}), version=version)


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(("value", "due"), VALUES, ids=[due for _, due in VALUES])
def test_a_header_is_written_in_ascii(value: Any, due: str, version: str, media_type: str) -> None:
    client = Client(tree("header", media_type, version), server="http://h", cache=False)
    assert client.prepare("op", X=value).headers["X"] == due


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_can_travel_and_is_read_back(value: Any) -> None:
    if value is not None and value != []:
        text = Client(tree("header"), server="http://h", cache=False).prepare("op", X=value).headers["X"]
        assert text.isascii()
        assert text.isprintable()
        assert json.loads(text) == value


def test_a_server_gets_these_bytes_and_its_own_json_headers_are_read() -> None:
    documented = {"X-Out": {"content": {"application/json": {"schema": {}}}}}
    document = one(
        "get",
        "/x",
        param("X", "header", content={"application/json": {"schema": {}}}),
        answers={"200": said(headers=documented)},
    )
    with (
        RawServer(reply(200, b"", [("X-Out", '{"n":"Zo\\u00eb"}')])) as server,
        Client(document, server=server.url, cache=False) as client,
    ):
        assert client.send("op", X={"n": "Zoë"}).header("X-Out") == {"n": "Zoë"}
        assert b'\r\nX: {"n":"Zo\\u00eb"}\r\n' in server.requests[0].raw


@pytest.mark.parametrize(("value", "due"), VALUES, ids=[due for _, due in VALUES])
def test_queries_and_cookies_are_percent_encoded(value: Any, due: str) -> None:
    client = Client(tree("query"), server="http://h", cache=False)
    assert json.loads(unquote(str(client.prepare("op", X=value).url).partition("=")[2])) == value
    cookie = Client(tree("cookie"), server="http://h", cache=False).prepare("op", X=value).headers["Cookie"]
    assert set(cookie).isdisjoint(' ",;\\')
    assert json.loads(unquote(cookie.partition("=")[2])) == value
