"""Server-sent events, held against the standard: examples, rules, and its algorithm on whole texts."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.errors import BodyTooLarge, ResponseInvalid
from dynaclient.wire.events import Event, event_bytes, parse_events

LIMIT = 1_000_000


def events(pieces: list[bytes] | Iterator[bytes], limit: int = LIMIT) -> list[Event]:
    return [event for event, _ in parse_events(pieces, limit)]


def cuts(body: bytes) -> Iterator[list[bytes]]:
    for at in range(len(body) + 1):
        yield [body[:at], body[at:]]
    for at in range(len(body) - 1):
        yield [body[:at], body[at : at + 1], body[at + 1 :]]
    yield [body[at : at + 1] for at in range(len(body))]


def data(*texts: str) -> list[Event]:
    return [Event("message", text) for text in texts]


TABLE: dict[str, tuple[bytes, list[Event]]] = {
    # the examples of the standard, section 9.2.6
    "prices": (b"data: YHOO\ndata: +2\ndata: 10\n\n", data("YHOO\n+2\n10")),
    "four blocks": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [Event("message", "first event", "1"), *data("second event", " third event")],
    ),
    "empty data": (b"data\n\ndata\ndata\n\ndata:", data("", "\n")),
    "a space is no part": (b"data:test\n\ndata: test\n\n", data("test", "test")),
    # ends of lines
    "LF": (b"data: a\ndata: b\n\n", data("a\nb")),
    "CR": (b"data: a\rdata: b\r\r", data("a\nb")),
    "CRLF": (b"data: a\r\ndata: b\r\n\r\n", data("a\nb")),
    "mixed": (b"data: a\rdata: b\r\ndata: c\n\r\ndata: d\n\r", data("a\nb\nc", "d")),
    "LF CR is two": (b"data: a\n\rdata: b\n\r", data("a", "b")),
    "other breaks are text": ("data: a\u2028b\x0bc\x85\n\n".encode(), data("a\u2028b\x0bc\x85")),
    # fields
    "comments": (b":\n: x\ndata: a\n:data: b\n\n:\n\n", data("a")),
    "unknown fields": (b"foo: x\ndata: a\nDATA: b\n data: c\ndata : d\n\n", data("a")),
    "colons in a value": (b"data: a:b: c\n\n", data("a:b: c")),
    "only one space goes": (b"data:  a \n\ndata:\ta\n\n", data(" a ", "\ta")),
    "event": (b"event: add\ndata: 1\n\ndata: 2\n\n", [Event("add", "1"), *data("2")]),
    "the last event counts": (b"event: add\nevent: sub\ndata: 1\n\n", [Event("sub", "1")]),
    "empty event": (b"event: x\nevent:\ndata: 1\n\n", data("1")),
    "no data, no event": (b"event: add\n\ndata: 1\n\n", data("1")),
    "id persists": (
        b"id: 7\ndata: a\n\ndata: b\n\nid: 8\n\ndata: c\n\nid:\ndata: d\n\n",
        [Event("message", text, id_) for text, id_ in (("a", "7"), ("b", "7"), ("c", "8"), ("d", ""))],
    ),
    "id with NUL": (b"id: 1\nid: 2\x00\ndata: a\n\n", [Event("message", "a", "1")]),
    "retry": (b"retry: 10\ndata: a\n\ndata: b\n\n", [Event("message", "a", "", 10), *data("b")]),
    "retry alone": (b"retry: 3000\n\ndata: a\n\n", [Event("message", "a", "", 3000)]),
    "retry that is none": (
        b"retry: 1\nretry: -2\nretry: 1e3\nretry:\nretry: 5 \nretry: x\nretry: \xd9\xa1\ndata: a\n\n",
        [Event("message", "a", "", 1)],
    ),
    "endless retry": (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", data("a")),
    # the byte-order mark
    "mark": (b"\xef\xbb\xbfdata: a\n\n", data("a")),
    "one mark only": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", data("b")),
    "mark later on": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", data("a")),
    "mark cut short": (b"\xef\xbb", []),
    "mark and nothing": (b"\xef\xbb\xbf", []),
    # characters
    "characters": ("data: é€😀\nevent: é\n\n".encode(), [Event("é", "é€😀")]),
    "no UTF-8": (b"data: a\xffb\xe2\x82\n\n", data("a\ufffdb\ufffd")),
    # the end
    "nothing": (b"", []),
    "no empty line": (b"data: a\n\ndata: b\n", data("a")),
    "no end of line": (b"data: a\n\ndata: b", data("a")),
}


@pytest.mark.parametrize("name", TABLE)
def test_whatever_the_cuts(name: str) -> None:
    body, expected = TABLE[name]
    assert events([body]) == expected
    for pieces in cuts(body) if len(body) < 500 else ():
        assert events(pieces) == expected, pieces


def by_the_standard(body: bytes) -> list[Event]:
    """The algorithm of section 9.2.6 word by word, on a whole text."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    found, last_id, kind, buffer = [], "", "", ""
    retry: int | None = None
    for line in re.findall(r"([^\r\n]*)(?:\r\n|\n|\r)", text):
        if line == "":
            if buffer != "":
                found.append(Event(kind or "message", buffer.removesuffix("\n"), last_id, retry))
                retry = None
            kind = buffer = ""
            continue
        if line.startswith(":"):
            continue
        name, colon, value = line.partition(":")
        if colon and value.startswith(" "):
            value = value[1:]
        if name == "event":
            kind = value
        elif name == "data":
            buffer += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            retry = int(value)
    return found


TOKENS = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b":",
    b" ",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xe2\x82",
    b"\xac",
    b"a",
    b"1",
]
WORDS = [b"data", b"event", b"id", b"retry", b"data: x\n", b"id: 1\r", b"retry: 20\n", b"event: e\r\n"]


@given(st.lists(st.sampled_from([*TOKENS, *WORDS, *WORDS])), st.lists(st.integers(1, 9), max_size=30))
def test_as_the_algorithm_of_the_standard(tokens: list[bytes], sizes: list[int]) -> None:
    body, pieces, at = b"".join(tokens), [], 0
    for size in sizes:
        pieces.append(body[at : at + size])
        at += size
    assert events([*pieces, body[at:]]) == by_the_standard(body)


def test_an_event_is_given_before_more_comes() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"data: a\r\r"
        raise AssertionError("asked for more though an event was whole")

    assert next(parse_events(pieces(), LIMIT))[0].data == "a"


@pytest.mark.parametrize("endless", [b"x" * 10, b"data: x\n"])
def test_no_more_than_the_limit_is_held(endless: bytes) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"data: a\n\n"
        while True:
            yield endless

    found = parse_events(pieces(), 100)
    assert next(found)[0].data == "a"
    with pytest.raises(BodyTooLarge, match="100 bytes"):
        next(found)


def test_comments_hold_nothing() -> None:
    assert events([b":" + b"x" * 50 + b"\n"] * 50 + [b"data: a\n\n"], 60) == data("a")


def test_the_fields_that_stood_in_it() -> None:
    body = b"id: 1\nevent: e\nretry: 5\ndata: a\n\ndata: b\n\n"
    assert [fields for _, fields in parse_events([body], LIMIT)] == [
        {"id": "1", "event": "e", "retry": 5, "data": "a"},
        {"data": "b"},
    ]


def test_json_of_an_event() -> None:
    assert Event("message", '{"a": [1]}').json() == {"a": [1]}
    with pytest.raises(ResponseInvalid, match="'done' is not JSON") as caught:
        Event("done", "[DONE]").json()
    assert caught.value.violations[0].pointer == "/data"


def test_an_event_is_data() -> None:
    event = Event("add", "1", "2", 3)
    assert pickle.loads(pickle.dumps(event)) == event
    assert repr(event) == "Event(event='add', data='1', id='2', retry=3)"


@given(st.text(), st.text(), st.text())
def test_what_was_written_is_read(data: str, event: str, id_: str) -> None:
    plain = re.compile("[\r\n\0]")
    fields = {"event": plain.sub("", event), "id": plain.sub("", id_), "data": data.replace("\r", "")}
    assert events([event_bytes(fields)]) == [
        Event(fields["event"] or "message", fields["data"], fields["id"])
    ]
