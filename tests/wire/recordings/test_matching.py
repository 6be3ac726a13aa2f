"""Which exchange a request means, and what is said where none is meant."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from dynaclient import NotRecorded, Request
from dynaclient.wire.files import Piece, Upload
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.matching import Player

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def request(target: str = "/a", method: str = "GET", body: Any = None, kind: str = JSON) -> Request:
    return Request(method, f"http://h{target}", (("Content-Type", kind),) if body else (), body)


def player(*requests: Request, **rest: Any) -> Player:
    made = [
        RecordedExchange(
            each, RecordedResponse(200, "", Headers(), b"%d" % at), pointer=f"/log/entries/{at}", **rest
        )
        for at, each in enumerate(requests)
    ]
    return Player(Archive(tuple(made), {}, "'it.har'"))


def parts(boundary: str, text: str = "v") -> Request:
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n{text}\r\n--{boundary}--\r\n'
    return request("/a", "POST", body.encode(), f"multipart/form-data; boundary={boundary}")


SAME = {
    "another host": (Request("GET", "https://other:9/a"), request()),
    "the order of a query": (request("/a?x=1&y=2"), request("/a?y=2&x=1")),
    "how it is escaped": (request("/a%2Fb/c?x=%7E"), request("/a%2fb/%63?x=~")),
    "a hidden parameter": (request("/a?key=mine"), request("/a?key=theirs")),
    "a hidden parameter that is not sent": (request("/a"), request("/a?KEY=theirs")),
    "a query that was taken out": (request("/a?who=me"), request("/a?who=***")),
    "a path that was taken out": (request("/a/t0ken/b"), request("/a/***/b")),
    "JSON, however it is written": (
        request(method="POST", body=b'{"a": 1, "b": [1.0]}'),
        request(method="POST", body=b'{"b":[1],"a":1}'),
    ),
    "JSON with something taken out": (
        request(method="POST", body=b'{"password": "mine", "t": "say mine!"}'),
        request(method="POST", body=b'{"password": "***", "t": "say ***!"}'),
    ),
    "a form": (
        request(method="POST", body=b"a=1&b=2", kind=FORM),
        request(method="POST", body=b"b=2&a=1", kind=FORM),
    ),
    "a form with something taken out": (
        request(method="POST", body=b"a=1&b=2", kind=FORM),
        request(method="POST", body=b"a=1&b=***", kind=FORM),
    ),
    "the boundary of parts": (parts("one"), parts("two")),
    "parts with something taken out": (parts("one"), parts("two", "***")),
    "a file": (
        request(method="PUT", body=Upload([Piece(io.BytesIO(b"abc"))]), kind="a/b"),
        request(method="PUT", body=b"abc", kind="a/b"),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_count(name: str) -> None:
    sent, recorded = SAME[name]
    assert player(request("/z"), recorded).take(sent, ["key"]).pointer == "/log/entries/1"


OTHERS = [
    (request(), request(method="POST"), "method: GET, recorded is POST"),
    (request("/a/2"), request("/a/1"), "path: /a/2, recorded is /a/1"),
    (request("/a%2Fb"), request("/a/b"), "path: /a%2Fb, recorded is /a/b"),
    (request("/a?x=1"), request("/a?x=2"), 'query x: "1", recorded is "2"'),
    (request("/a?x=1&x=2"), request("/a?x=2&x=1"), 'query x: "1", "2", recorded is "2", "1"'),
    (request("/a?x=1"), request("/a"), 'query x: "1", and not in the recording'),
    (request("/a"), request("/a?x="), 'query x: missing, recorded is ""'),
    (
        request(method="POST", body=b'{"a":[{"b":1}]}'),
        request(method="POST", body=b'{"a":[{"b":2}]}'),
        "body at /a/0/b: 1, recorded is 2",
    ),
    (
        request(method="POST", body=b"[1]"),
        request(method="POST", body=b"[1,2]"),
        "body at /: an array of 1, recorded is an array of 2",
    ),
    (
        request(method="POST", body=b"1"),
        request(method="POST", body=b"true"),
        "body at /: 1, recorded is true",
    ),
    (
        request(method="POST", body=b'{"a":null}'),
        request(method="POST", body=b"{}"),
        "body at /a: null, recorded is nothing",
    ),
    (
        request(method="POST", body=b'{"password":"a"}'),
        request(method="POST", body=b'{"password":"b"}'),
        "body at /password: ***, recorded is ***",
    ),
    (request(method="POST", body=b"{}"), request(method="POST"), "body: 2 bytes, recorded are 0"),
    (
        request(method="POST", body=b"a=1", kind=FORM),
        request(method="POST", body=b"b=1", kind=FORM),
        'body field a: "1", recorded is none',
    ),
    (
        request(method="POST", body=b"ab", kind="a/b"),
        request(method="POST", body=b"cd", kind="a/b"),
        "body: 2 bytes, recorded are 2 others",
    ),
    (parts("one", "x"), parts("two", "y"), "recorded are"),
]


@pytest.mark.parametrize(("sent", "recorded", "said"), OTHERS, ids=[each[2] for each in OTHERS])
def test_what_differs_is_said(sent: Request, recorded: Request, said: str) -> None:
    far = request("/far/away?q=1", "DELETE")
    with pytest.raises(NotRecorded) as caught:
        player(far, recorded).take(sent, [])
    error = caught.value
    assert error.nearest == "/log/entries/1"
    assert said in error.differences[0]
    assert str(error).startswith(
        f"{sent.method} {sent.target} was not recorded; nothing was sent. The nearest is"
    )
    assert f"\n  {error.differences[0]}" in str(error)


def test_the_order_of_repeats_is_kept() -> None:
    shown = player(request(), request("/b"), request())
    assert [shown.take(request(), []).pointer[-1] for _ in range(2)] == ["0", "2"]
    with pytest.raises(NotRecorded, match="GET /a was recorded 2 times, and all were given"):
        shown.take(request(), [])


def test_an_empty_recording() -> None:
    with pytest.raises(NotRecorded, match=r"'it\.har' holds no exchange") as caught:
        player().take(request(), [])
    assert (caught.value.nearest, caught.value.differences) == ("", ())


def test_a_body_that_nobody_kept_is_not_compared() -> None:
    once = Upload([Piece(io.BytesIO(b"abc"))])
    once.rewindable = False
    recorded = request(method="POST", body=b"other", kind="a/b")
    assert player(recorded).take(request(method="POST", body=once, kind="a/b"), [])
    assert player(recorded, missing="not kept").take(request(method="POST", body=b"abc", kind="a/b"), [])


def test_no_secret_is_shown() -> None:
    with pytest.raises(NotRecorded) as caught:
        player(request("/s3cr3t?key=s3cr3t")).take(
            request("/s3cr3t/x?key=s3cr3t&a=s3cr3t"), ["key"], ["s3cr3t"]
        )
    assert "s3cr3t" not in str(caught.value)


def test_threads_get_each_exchange_once() -> None:
    shown = player(*[request()] * 64)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.extend(shown.take(request(), []).pointer for _ in range(8)))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(found)) == 64
