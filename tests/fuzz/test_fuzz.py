# ruff: noqa: E501  (samples stand as they come)
"""What reads bytes of others: near to valid ones, for some seconds each. `make fuzz` runs it, a minute in all.

Whatever comes, an error is of dynaclient's tree (or of the kind that a module says it raises), nothing hangs,
and no time grows with the square of the size.
"""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st

from dynaclient import Client, DynaclientError
from dynaclient.document.limits import Limits
from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.document.reader import parse_file
from dynaclient.errors import BodyTooLarge, DecodeError, DocumentError
from dynaclient.transport.body import decoded_body
from dynaclient.transport.policy import redirect_target, wished
from dynaclient.transport.response_head import checked_head
from dynaclient.wire.codecs import decode_body
from dynaclient.wire.events import parse_events
from dynaclient.wire.form_decoding import decode_form
from dynaclient.wire.headers import Headers
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.link_header import link_targets
from dynaclient.wire.percent import StyleError
from dynaclient.wire.sequences import iter_lines, json_lines, json_seq, text_lines
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from dynaclient.wire.value_types import ExpectedType
from tests.clients import CLIENTS
from tests.conftest import Serve
from tests.fuzz.mutations import CUTS, mutated, pieces, tried
from tests.servers import HANG_UP, reply
from tests.small import JSON, one, said

pytestmark = pytest.mark.fuzz

SECONDS = 3.5
FOLDER = Path(__file__).parents[1] / "documents"
LIMIT = 100_000

# -- documents ---------------------------------------------------------------------------------------------

SMALL = json.dumps(
    one(
        "post",
        "/x/{id}",
        body={"$ref": "#/components/schemas/A"},
        answer={"type": "object"},
        components={"schemas": {"A": {"type": "object", "properties": {"a": {}}}}},
    )
).encode()
DOCUMENTS = [SMALL, *(path.read_bytes() for path in sorted(FOLDER.glob("*.yaml")))]
OF_DOCUMENTS = [*(b"{ } [ ] : , - | > & * ! ? % @ ` ' \" # \n \t \\ .. $ref allOf oneOf null true NaN".split(b" ")),
                b"&a ", b"*a", b"<<: *a", b"- ", b"  ", b"\n  ", b"---\n", b"!!binary ", b"1e999", b"9" * 5000, b"\xff"]  # fmt: skip


def test_documents(tmp_path: Path) -> None:
    """Opened, listed, and their operations compiled."""
    path = tmp_path / "openapi.yaml"

    def check(data: bytes) -> None:
        with suppress(DocumentError):
            parse_file(data, "openapi.yaml", Limits())
        path.write_bytes(data)
        with suppress(DynaclientError), Client(path, server="http://127.0.0.1:1", cache=False) as client:
            assert all(map(str, client.findings))
            for name in client.operations:
                with suppress(DynaclientError):
                    client.prepare(name)

    assert tried(check, 2 * SECONDS, data=mutated(DOCUMENTS, OF_DOCUMENTS))


# -- bodies by type ----------------------------------------------------------------------------------------

JSON_WORDS = [*b"{ } [ ] : , \" \\ null true false NaN -Infinity 1e999999 -0 0.1 \\ud800 \\u0000 // /*".split(b" "), b"9" * 5000,
              b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\n", b"\x1e", b'{"a":', b"[[", b'"a":1,']  # fmt: skip
FORMS = [b"a=1&b=2&b=3&c[d]=e&f=%7B%22a%22%3A1%7D", b"a=%C3%A9+x", b""]
MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name="f"; '
    b'filename="x.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--B--\r\n'
)
XML = b'<?xml version="1.0"?><a b="c"><!-- d --><e/>&amp;<![CDATA[f]]></a>'
BODIES = [b'{"a": [1, 2.5, "x", null, true], "b": {"c": "\\u00e9"}}', b'{"a":1}\n{"a":2}\n', b"\x1e1\n\x1e2\n",
          b"data: 1\n\n", MULTIPART, XML, *FORMS]  # fmt: skip
TYPES = ["application/json", "application/problem+json", "application/x-ndjson", "application/json-seq",
         "text/event-stream", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B",
         "multipart/mixed; boundary=B", "application/xml", "application/octet-stream", "image/png"]  # fmt: skip
TYPE_WORDS = [
    *b'; = , " / charset boundary utf-16 utf-32 idna rot13 unicode_escape hex zlib * + utf-7 punycode'.split(
        b" "
    ),
    b" ",
]
BODY_WORDS = [
    *JSON_WORDS,
    *b"& = % + %ff ; < > <!DOCTYPE <!ENTITY &a; ]]> --B --B-- \r\n : data: id: retry:".split(b" "),
]


def test_bodies_by_their_types() -> None:
    def check(data: bytes, content_type: str) -> None:
        with suppress(Undecodable, StyleError):
            decode_body(data, content_type)

    types = st.sampled_from(TYPES) | mutated([each.encode() for each in TYPES], TYPE_WORDS).map(
        lambda each: each[:2000].decode("latin-1")
    )
    assert tried(check, 2 * SECONDS, data=mutated(BODIES, BODY_WORDS), content_type=types)


MEDIA = MediaType(
    "multipart/form-data", None, None, {"b": Node({"style": "form", "explode": False})}, Node({})
)
PLAIN, TEXTS = (
    ExpectedType(),
    ExpectedType(frozenset({"array"}), ExpectedType(frozenset({"integer", "null"}))),
)
NUMBERS = ExpectedType(frozenset({"number", "integer", "boolean"}))
OBJECT = ExpectedType(
    frozenset({"object"}), None, {"a": NUMBERS, "b": TEXTS, "c": ExpectedType(frozenset({"object"}))}, PLAIN
)
SHAPES = st.sampled_from([PLAIN, TEXTS, NUMBERS, OBJECT])


def test_forms() -> None:
    def check(data: bytes, kind: str, shape: ExpectedType) -> None:
        with suppress(Undecodable, StyleError):
            decode_form(data, kind, MEDIA, shape)

    kinds = st.sampled_from([TYPES[6], TYPES[7], "multipart/form-data", 'multipart/form-data; boundary=""'])
    assert tried(check, SECONDS, data=mutated([MULTIPART, *FORMS], BODY_WORDS), kind=kinds, shape=SHAPES)


# -- styles ------------------------------------------------------------------------------------------------

STYLES = [b"1,2,3", b"a,1,b,2", b"a=1,b=2", b".a=1.b=2", b";x=1;x=2", b";x=1,2", b"x=1&x=2", b"x[a]=1&x[b][]=2",
          b"1%2C2|3%7c4%205", b"x=1; y=2"]  # fmt: skip
STYLE_WORDS = [
    *b', = & ; . | % %2 %2C %ff [ ] [] [a] x a null true 1e9 -0 + " \\'.split(b" "),
    b" ",
    b"\t",
    b"x=",
    b";x=",
    b"x[",
]
PATHS, QUERIES = ("simple", "label", "matrix"), ("form", "spaceDelimited", "pipeDelimited", "deepObject")


def test_styles() -> None:
    def check(data: bytes, explode: bool, shape: ExpectedType) -> None:
        raw = data.decode("latin-1")
        for style in PATHS:
            with suppress(StyleError):
                decode_path(raw, "x", style, explode, shape)
        for style in QUERIES:
            with suppress(StyleError):
                decode_query(raw, "x", style, explode, shape)
        for style in ("form", "cookie"):
            with suppress(StyleError):
                decode_cookie(raw, "x", style, explode, shape)
        with suppress(StyleError):
            decode_header(raw, "x", explode, shape)

    assert tried(check, SECONDS, data=mutated(STYLES, STYLE_WORDS), explode=st.booleans(), shape=SHAPES)


# -- sequences ---------------------------------------------------------------------------------------------

EVENTS = [
    b"\xef\xbb\xbfid: 1\nevent: a\ndata: 1\ndata: 2\nretry: 5\n\n: c\n\ndata\n\n",
    b'{"a":1}\n{"b":2}\r\n',
    b'\x1e{"a":1}\n\x1e2\n',
]
EVENT_WORDS = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\x1e",
    b"\xe2\x80\xa8",
    *b': data: id: event: retry: 1 { } "'.split(b" "),
]


def test_sequences() -> None:
    def check(data: bytes, cuts: list[int]) -> None:
        for split in (parse_events, iter_lines, json_lines, json_seq):
            assert _all(split, pieces(data, cuts)) == _all(split, [data])
        for charset in ("utf-8", "utf-16", "latin-1"):
            with suppress(BodyTooLarge, Undecodable):
                list(text_lines(iter(pieces(data, cuts)), charset, LIMIT))

    assert tried(check, 2 * SECONDS, data=mutated(EVENTS, EVENT_WORDS), cuts=CUTS)


def _all(split: Any, given: list[bytes]) -> Any:
    try:
        return list(split(iter(given), LIMIT))
    except BodyTooLarge:
        return "too large"


# -- headers -----------------------------------------------------------------------------------------------

LINKS = [b'<https://a.example/x?y=1>; rel="next"; title="a, b", </y>; rel=prev', b"<>;rel=next"]
DATES = [b"120", b"Wed, 21 Oct 2015 07:28:00 GMT", b"-1", b"1.5", b"9999999999999"]
LOCATIONS = [b"/a/b?c=d#e", b"http://127.0.0.1:1/x", b"//h/x", b"../a", b"?q", b"https://u:p@[::1]:80/"]
HEADS = [b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 103 X\r\n\r\n",
         b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"]  # fmt: skip
HEADER_WORDS = [
    b" ",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\r\n ",
    *b'< > ; , = " \\ rel=next rel anchor : / // [ ] @ % # ? .. Content-Length: Transfer-Encoding: chunked 1 GMT +0000 Jan'.split(
        b" "
    ),
]


def test_headers() -> None:
    def check(link: bytes, date: bytes, location: bytes, head: bytes) -> None:
        link_targets(link.decode("latin-1"), "next")
        seconds = wished(Headers([("Retry-After", date.decode("latin-1"))]))
        assert seconds is None or seconds >= 0
        target = Headers([("Location", location.decode("latin-1"))])
        to = redirect_target("GET", "http://127.0.0.1:1/a/b", 302, target)
        assert to is None or urlsplit(to).netloc == "127.0.0.1:1"
        with suppress(HTTPException):
            whole, _, length = checked_head(head)
            assert b"\r" not in whole.replace(b"\r\n", b"")
            assert length is None or length >= 0

    near = {name: mutated(samples, HEADER_WORDS) for name, samples in
            {"link": LINKS, "date": DATES, "location": LOCATIONS, "head": HEADS}.items()}  # fmt: skip
    assert tried(check, 2 * SECONDS, **near)


CODINGS = ["gzip", "deflate", "gzip, deflate", "gzip, gzip", "x-gzip", "br", "identity", ",", "utf-8"]


def test_content_codings() -> None:
    def check(data: bytes, cuts: list[int], codings: str) -> None:
        with suppress(DecodeError, BodyTooLarge):
            decoded_body(pieces(data, cuts), codings, LIMIT, lambda: "GET /")

    packed = [
        gzip.compress(b"abc" * 100),
        gzip.compress(gzip.compress(b"x")),
        gzip.compress(bytes(1_000_000)),
    ]
    near = mutated(packed, [b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\0", b"\xff\xff"])
    assert tried(check, SECONDS, data=near, cuts=CUTS, codings=st.sampled_from(CODINGS))


# -- responses ---------------------------------------------------------------------------------------------

RESPONSES = [
    reply(200, b'{"a": 1}', [*JSON, ("X", "1"), ("Set-Cookie", "a=1")]),
    b"HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n" + reply(200, b'{"a": 1}', JSON),
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\nX: 1\r\n\r\n',
    reply(200, gzip.compress(b'{"a": 1}'), [*JSON, ("Content-Encoding", "gzip")]),
    reply(302, b"", [("Location", "/y")]),
    reply(401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')]),
    reply(503, b"", [("Retry-After", "0")]),
    reply(200, MULTIPART, [("Content-Type", TYPES[7])]),
    reply(200, b"data: 1\n\n", [("Content-Type", "text/event-stream")]),
]
RESPONSE_WORDS = [*HEADER_WORDS, *JSON_WORDS, b"HTTP/1.1 200 OK\r\n", b"0\r\n\r\n", b"Content-Length: 5\r\n"]
OBJECTS = one(answers={"200": said({"type": "object"}), "default": said({})})


@pytest.mark.parametrize("kind", CLIENTS)
def test_responses(kind: str, serve: Serve) -> None:
    """Over sockets, by each client; the connection is closed behind what came."""
    came = [b""]
    server = serve(lambda request: [came[0], HANG_UP])
    settings = {"server": server.url, "timeout": 5, "retries": 0, "max_body": LIMIT, "cache": False}
    client = CLIENTS[kind](OBJECTS, **settings)

    def check(data: bytes) -> None:
        came[0] = data
        with suppress(DynaclientError):
            response = client.send("op")
            repr(response)
            str(response.violations)
        server.requests.clear()

    try:
        assert tried(check, SECONDS, data=mutated(RESPONSES, RESPONSE_WORDS))
    finally:
        client.close()
