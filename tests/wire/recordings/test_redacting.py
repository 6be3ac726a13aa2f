"""No secret of an exchange stands in what is kept of it."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Request
from dynaclient._support.secret_names import reads_secret
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.exchange import RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.har import har_entry
from dynaclient.wire.recordings.redacting import ENCODED, kept_exchange, was_redacted, without_texts
from dynaclient.wire.redaction import secrets

SECRET = 's3cr3t-"k/y'
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LATIN = "application/json; charset=iso-8859-1"
PARTS = 'multipart/form-data; boundary="b-1"'
PART = (
    b'--b-1\r\nContent-Disposition: form-data; name="password"\r\n\r\n%b\r\n'
    b'--b-1\r\nContent-Disposition: form-data; name="file"; filename="token"\r\n\r\n\xfe\r\n--b-1--\r\n'
)
NAMES = ("X-Key", "key", "Authorization")
BASIC = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()


def exchange(
    fields: dict[str, str] | None = None,
    url: str = "http://h/a?n=1",
    body: bytes | None = None,
    kind: str = JSON,
    answer: bytes = b"",
    head: dict[str, str] | None = None,
    error: str = "",
) -> RecordedExchange:
    sent = {"X-Key": SECRET, "Content-Type": kind, **(fields or {})}
    response = RecordedResponse(200, "", Headers([("Content-Type", kind), *(head or {}).items()]), answer)
    return RecordedExchange(Request("POST", url, tuple(sent.items()), body), response, error=error)


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


CASES = {
    "a key in a header": exchange(),
    "basic": exchange({"Authorization": BASIC}, answer=said({"you said": BASIC, "password": SECRET})),
    "a key in the query": exchange(url="http://h/a?key=s3cr3t-%22k%2Fy"),
    "a user in the URL": exchange(url=f"http://me:{SECRET[:6]}@h/a"),
    "a cookie": exchange({"Cookie": f"sid={SECRET}"}),
    "said again in a header": exchange(
        head={"X-Echo": f"you are {SECRET}", "Location": "/?k=s3cr3t-%22k%2Fy"}
    ),
    "said again in JSON": exchange(answer=said({"message": f"no {SECRET}"})),
    "said again in text": exchange(kind="text/plain", answer=SECRET.encode()),
    "said again in bytes": exchange(kind="a/b", answer=b"\xff" + SECRET.encode()),
    "said again in UTF-16": exchange(kind="a/b", answer=b"\xff\xfe" + SECRET.encode("utf-16-le")),
    "in the body of the request": exchange(body=said([SECRET])),
    "called a secret in the body": exchange(body=said({"password": "s3cr3t-2"}), answer=said("no s3cr3t-2")),
    "called a secret in a form": exchange(body=b"password=s3cr3t%202", kind=FORM, answer=b"no s3cr3t 2"),
    "called a secret in a part": exchange(
        {"X-Key": "none-here"}, body=PART % b"s3cr3t 2", kind=PARTS, answer=b"no s3cr3t 2"
    ),
    "called a secret in Latin-1": exchange(
        body=b'{"caf\xe9": 1, "access_token": "s3cr3t-2"}', kind=LATIN, answer=b"\xe9 s3cr3t-2"
    ),
    "compressed": exchange(
        {"Content-Encoding": "gzip"}, body=gzip.compress(said({"password": "s3cr3t-2"})), answer=b"s3cr3t-2"
    ),
    "in the fragment of a header": exchange(head={"Location": "https://app/cb?s=1#token=s3cr3t&a=1"}),
    "behind no query": exchange(head={"Location": "https://app/cb#token=s3cr3t"}),
    "in the path": exchange(url="http://h/s3cr3t-%22k%2Fy/a"),
    "in the error": exchange(error=f"it failed at {SECRET}"),
    "set-cookie": exchange(head={"Set-Cookie": f"sid={SECRET}"}),
    "a header that is called a secret": exchange(head={"X-Auth-Token": SECRET[::-1]}),
}


@pytest.mark.parametrize("name", CASES)
def test_secrets_of_the_request_are_nowhere(name: str) -> None:
    kept = har_entry(kept_exchange(CASES[name], NAMES))
    for hidden in ("s3cr3t", SECRET[::-1], base64.b64encode(SECRET.encode()).decode()[:8], BASIC[6:]):
        assert hidden not in kept
    entry = json.loads(kept)["response"]["content"]
    if entry.get("encoding"):
        assert b"s3cr3t" not in base64.b64decode(entry["text"]).replace(b"\0", b"")


BODIES = [
    (JSON, b'{"password": "abc", "n": 1.50}', b'{"password": "***", "n": 1.50}'),
    (JSON, b'{"a": {"accessToken" : "x\\"y"}}', b'{"a": {"accessToken" : "***"}}'),
    (JSON, b'{"client_secret": 1234, "nextPageToken": "p"}', b'{"client_secret": 0, "nextPageToken": "p"}'),
    (JSON, b'{"pass\\u0077ord": "abc"}', b'{"pass\\u0077ord": "***"}'),
    (JSON, b'{"password": "cut off', b'{"password": "***"'),
    (JSON, b'{"password": null, "token": {"id": 5}}', b'{"password": null, "token": {"id": 5}}'),
    ("application/x-ndjson", b'{"token": "a"}\n{"token": "b"}\n', b'{"token": "***"}\n{"token": "***"}\n'),
    (FORM, b"user=me&password=a%20b&pass=", b"user=me&password=***&pass="),
    ("text/plain", b'say "password"', b'say "password"'),
    (JSON, b'{"a": "\xe9", "access_token": "x"}', b'{"a": "\xe9", "access_token": "***"}'),
    (LATIN, b'{"a": "\xe9", "access_token": "\xe8"}', b'{"a": "\xe9", "access_token": "***"}'),
    (LATIN, b'{"a": "\xc3\xa9", "token": "x"}', b'{"a": "\xc3\xa9", "token": "***"}'),
    (
        f"{JSON}; charset=utf-16",
        '\ufeff{"\u20ac": 1, "token": "x"}'.encode("utf-16-be"),
        '\ufeff{"\u20ac": 1, "token": "***"}'.encode("utf-16-be"),
    ),
    (f"{JSON}; charset=idna", b'{"token": "x"}', b'{"token": "***"}'),
    (f"{JSON}; charset=nowhere", b'{"token": "x", "a": "\xe9"}', b'{"token": "***", "a": "\xe9"}'),
    (FORM, b"a=\xe9&password=x", b"a=\xe9&password=***"),
    (PARTS, PART % b"hunter22\r\n--x", PART % b"***"),
    (
        PARTS,
        PART.replace(b"password", b"photo") % b"\xff\x00",
        PART.replace(b"password", b"photo") % b"\xff\x00",
    ),
    (
        PARTS,
        PART.replace(b"password", b"data") % b'{"token": "x"}',
        PART.replace(b"password", b"data") % b'{"token": "***"}',
    ),
]


@pytest.mark.parametrize(("kind", "body", "kept"), BODIES)
def test_what_is_called_secret_in_a_body(kind: str, body: bytes, kept: bytes) -> None:
    made = kept_exchange(exchange(body=body, kind=kind, answer=body), NAMES)
    assert made.response is not None
    assert (made.request.body, made.response.content) == (kept, kept)


def test_what_is_no_secret_stays() -> None:
    one = exchange(
        {"X-Trace": "t"}, body=b'{"a": 1}', answer=b'{"b": "\xc3\xa9"}', head={"Link": "</b?page=2>"}
    )
    made = kept_exchange(one, NAMES)
    assert (made.request.body, made.response) == (one.request.body, one.response)
    assert dict(made.request.headers) == {**dict(one.request.headers), "X-Key": "***"}


def test_a_signature_in_the_query_of_a_header() -> None:
    link = "<https://s3/a?X-Amz-Signature=abc&page=2>; rel=next"
    made = kept_exchange(exchange(head={"Link": link}), NAMES)
    assert made.response is not None
    assert made.response.headers["Link"] == "<https://s3/a?X-Amz-Signature=***&page=2>; rel=next"


ENDLESS = {
    "escaped quotes": b'"\\' * 300_000 + b'"',
    "quotes": b'"' * 300_000,
    "backslashes": b"\\" * 300_000 + b' ""',
    "escaped names": b'\\":1' * 200_000 + b'"a"',
    "ends of strings": b'\\\\":1' * 200_000 + b'"a"',
    "names": b'"token":' * 30_000 + b"null",
    "spaces": b'"' + b" " * 300_000 + b'"',
    "bytes": random.Random(1).randbytes(1_000_000).replace(b'"', b'"\xff') + b'""',
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_body_is_read_once(name: str) -> None:
    """It took minutes where each of the quotes was read as the beginning of a name."""
    end = b', {"a": "\\\\", "password": "x"}'
    made = kept_exchange(exchange(body=ENDLESS[name] + end), NAMES)
    assert isinstance(made.request.body, bytes)
    assert made.request.body.endswith(end.replace(b'"x"', b'"***"'))
    assert len(made.request.body) >= len(ENDLESS[name]) * (0.6 if name == "names" else 1)


MEMBERS = re.compile(
    r'(?<!\\)"(?P<name>(?:[^"\\]|\\.)*)"\s*:\s*(?P<value>"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*)', re.DOTALL
)
"""What a member is, in one pattern, which takes long where there are many quotes."""
PIECES = ['"', "\\", ":", " ", "token", "V", "7V", "-", ",", '"token":', '"password" : ', "{", "\n", "\xe9"]


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_no_member_that_is_called_secret_stays(pieces: list[str]) -> None:
    text = "".join(each.replace("V", f"{number}0000") for number, each in enumerate(pieces, 1))
    made = kept_exchange(exchange(answer=text.encode()), NAMES)
    assert made.response is not None
    kept = made.response.content.decode()
    members = [each for each in MEMBERS.finditer(text) if reads_secret(_plain(each["name"]))]
    for number in re.findall(r"\d+0000", " ".join(each["value"] for each in members)):
        assert number not in kept


def _plain(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


CALLED = st.sampled_from(["a", "token", 'x"password', "api-key", "\\"]) | st.text()
VALUES = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CALLED, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_json_is_as_it_was_but_for_what_is_called_secret(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    made = kept_exchange(exchange(answer=body), NAMES)
    assert made.response is not None
    assert json.loads(made.response.content) == _without_named(json.loads(body))


def _without_named(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_named(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _redact(name, each) for name, each in value.items()}


def _redact(name: str, value: Any) -> Any:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and reads_secret(name):
        return "***" if isinstance(value, str) else 0
    return _without_named(value)


def test_a_body_that_is_encoded_is_not_kept() -> None:
    sent = {"Content-Encoding": "gzip"}
    made = kept_exchange(exchange(sent, body=gzip.compress(b'{"password": "x"}')), NAMES)
    assert (made.request.body, made.missing) == (None, ENCODED)
    assert kept_exchange(exchange(sent), NAMES).missing == ""
    assert kept_exchange(exchange({"Content-Encoding": "identity"}, body=b"{}"), NAMES).request.body == b"{}"


@pytest.mark.parametrize(("kind", "body", "kept"), BODIES)
def test_what_was_taken_out_is_known(kind: str, body: bytes, kept: bytes) -> None:
    assert not was_redacted(body)
    assert was_redacted(kept) == (kept != body)


def test_secrets_of_another_exchange() -> None:
    later = exchange({"X-Key": "none-here"}, answer=said(f"earlier you said {SECRET}"), url="http://h/a?x=1")
    made = without_texts(later, secrets(exchange().request, NAMES))
    assert "s3cr3t" not in har_entry(made)
