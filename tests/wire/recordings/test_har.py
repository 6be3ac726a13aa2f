"""HAR: what we write is what the specification says, and what others write is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from haralyzer import HarParser
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Request
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.har import NOT_KEPT, har_entry, har_file
from tests.wire.recordings.samples import FOREIGN, HOST, LIST, PHOTO, SENT

PAIR = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
}
PAIRS = {"type": "array", "items": PAIR}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": 0}


def thing(optional: str = "", **members: Any) -> dict[str, Any]:
    """An object of HAR: no member but these, comments and what begins with `_`."""
    return {
        "type": "object",
        "required": [name for name in members if name not in optional.split()],
        "properties": {**members, "comment": {"type": "string"}},
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
MESSAGE = {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "headersSize": SIZE, "bodySize": SIZE}
POST = thing("text encoding", mimeType=TEXT, params=PAIRS, text=TEXT, encoding=TEXT)
CONTENT = thing("text encoding", size={"type": "integer"}, mimeType=TEXT, text=TEXT, encoding=TEXT)
SCHEMA = thing(
    log=thing(
        version={"const": "1.2"},
        creator=thing(name=TEXT, version=TEXT),
        entries={
            "type": "array",
            "items": thing(
                startedDateTime={
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$",
                },
                time=TIME,
                request=thing("postData", method=TEXT, url=TEXT, queryString=PAIRS, postData=POST, **MESSAGE),
                response=thing(
                    status={"type": "integer"}, statusText=TEXT, content=CONTENT, redirectURL=TEXT, **MESSAGE
                ),
                cache={"type": "object", "maxProperties": 0},
                timings=thing(send=TIME, wait=TIME, receive=TIME),
            ),
        },
    )
)
"""HAR 1.2, as its specification says it, as far as it is written here."""

JSON_TYPE = [("Content-Type", "application/json")]


def exchange(
    method: str = "GET",
    url: str = f"{HOST}/a?x=1&y=%20",
    body: bytes | None = None,
    kind: str = "",
    content: bytes = b"",
    status: int = 200,
    **rest: Any,
) -> RecordedExchange:
    request = Request(method, url, (("Content-Type", kind),) if kind else (), body)
    response = RecordedResponse(status, "OK", Headers([("Content-Type", kind)] if kind else ()), content)
    return RecordedExchange(request, response, 1.5e9, 0.25, **rest)


def written(*exchanges: RecordedExchange, **said: Any) -> bytes:
    return har_file(map(har_entry, exchanges), said)


EXCHANGES = {
    "nothing": exchange(),
    "JSON": exchange("POST", body=b'{"a":1}', kind="application/json", content='"\u00e9"'.encode()),
    "bytes": exchange("PUT", body=b"\xff\x00", kind="image/png", content=PHOTO),
    "Latin-1": exchange(kind="text/plain; charset=iso-8859-1", content=b"caf\xe9"),
    "UTF-8 that says Latin-1": exchange(kind="text/plain; charset=iso-8859-1", content=b"\xc3\xa9"),
    "a charset that is none": exchange(kind="text/plain; charset=nowhere", content=b"\xc3\xa9"),
    "NUL and a line separator": exchange(kind="text/plain", content="\0\u2028\U0001f600".encode()),
    "a form": exchange("POST", body=b"a=1&b=%20", kind="application/x-www-form-urlencoded"),
    "what it was a call of": exchange(said={"operation": "op", "takes": [1, None]}),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_what_is_written_is_read(name: str) -> None:
    one = EXCHANGES[name]
    data = written(one, document={"name": "d"}, server=HOST)
    jsonschema.validate(json.loads(data), SCHEMA)
    archive = read_archive(data, "it")
    (read,) = archive.exchanges
    assert (read.request, read.response, read.began, read.seconds) == (
        one.request,
        one.response,
        one.began,
        one.seconds,
    )
    assert (dict(read.said), archive.server, read.pointer) == (one.said, HOST, "/log/entries/0")


def test_what_did_not_come_is_written() -> None:
    gone = RecordedExchange(Request("GET", HOST), None, error="ConnectError: it was lost")
    cut = RecordedExchange(
        Request("POST", HOST, (), None),
        RecordedResponse(200, "", Headers(), b"abc", "the first 3 bytes"),
        missing="it was read while it was sent",
    )
    data = written(gone, cut)
    jsonschema.validate(json.loads(data), SCHEMA)
    first, second = read_archive(data, "it").exchanges
    assert (first.response, first.error) == (None, gone.error)
    assert second.response is not None
    assert (second.missing, second.response.missing) == ("it was read while it was sent", "the first 3 bytes")


def test_another_reader_reads_it() -> None:
    read = HarParser(json.loads(written(*EXCHANGES.values())))
    entries = [entry for page in read.pages for entry in page.entries]
    assert [each.request.method for each in entries] == [each.request.method for each in EXCHANGES.values()]
    assert {each.request.url for each in entries} == {f"{HOST}/a?x=1&y=%20"}
    assert {each.response.status for each in entries} == {200}
    assert entries[1].response.text == '"\u00e9"'


def test_no_entries() -> None:
    data = written()
    jsonschema.validate(json.loads(data), SCHEMA)
    assert read_archive(data, "it").exchanges == ()


@pytest.mark.parametrize("tool", FOREIGN)
def test_what_browsers_and_proxies_write_is_read(tool: str) -> None:
    archive = read_archive(b"\xef\xbb\xbf" + json.dumps(FOREIGN[tool]()).encode(), "it")
    by_target = {(each.request.method, each.request.target): each for each in archive.exchanges}
    assert all(each.request.url.startswith("https://") for each in archive.exchanges)  # no data: URL
    listed = by_target["GET", "/orders?page=1"]
    assert listed.response is not None
    assert (listed.response.status, listed.response.content.decode()) == (200, LIST)
    assert listed.response.headers.all("Set-Cookie") == ["a=1", "b=2"]
    assert not any(name.startswith(":") for name in listed.request.headers)
    made = by_target["POST", "/orders"]
    assert made.request.body == SENT.encode()
    photo = by_target["GET", "/photo"].response
    assert photo is not None
    assert photo.content == PHOTO
    assert by_target["GET", "/orders/9"].response is None
    kept_none = by_target["GET", "/orders/1"].response
    assert kept_none is not None
    if tool != "mitmproxy":  # which says that it is empty
        assert kept_none.missing == NOT_KEPT


def one_entry() -> dict[str, Any]:
    return {"log": {"entries": [{"request": {"method": "GET", "url": HOST}, "response": {"status": 200}}]}}


def test_what_may_be_left_out() -> None:
    (read,) = read_archive(json.dumps(one_entry()).encode(), "it").exchanges
    assert read.response == RecordedResponse(200, "", Headers())


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """A change that puts the last item where the others lead."""
    *way, name, value = path

    def change(tree: dict[str, Any]) -> None:
        for step in way:
            tree = tree[step]
        tree[name] = value

    return change


ENTRY = ("log", "entries", 0)
WRONG = [
    (put("log", []), "at /log: expected an object, got an array"),
    (put("log", "entries", {}), "at /log/entries: expected an array, got an object"),
    (put("log", "entries", None), "at /log: expected a member 'entries'"),
    (put("log", "entries", [1]), "at /log/entries/0: expected an object, got an integer"),
    (put(*ENTRY, "request", None), "at /log/entries/0: expected a member 'request'"),
    (put(*ENTRY, "request", "url", 5), "at /log/entries/0/request/url: expected a string, got an integer"),
    (put(*ENTRY, "request", "url", "http://["), "at /log/entries/0/request/url: expected a URL"),
    (put(*ENTRY, "request", "headers", ["a"]), "at /log/entries/0/request/headers/0: expected an object"),
    (put(*ENTRY, "request", "headers", [{"name": 1}]), "headers/0/name: expected a string, got an integer"),
    (put(*ENTRY, "request", "postData", []), "at /log/entries/0/request/postData: expected an object"),
    (put(*ENTRY, "response", "status", "ok"), "response/status: expected an integer, got a string"),
    (put(*ENTRY, "response", "status", True), "response/status: expected an integer, got a boolean"),
    (
        put(*ENTRY, "response", "content", {"text": "a", "encoding": "base64"}),
        "response/content/text: expected base64",
    ),
    (put(*ENTRY, "_dynaclient", 1), "at /log/entries/0/_dynaclient: expected an object, got an integer"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_not_as_expected_is_said_with_its_location(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    from dynaclient import SettingsError

    tree = one_entry()
    change(tree)
    with pytest.raises(SettingsError) as caught:
        read_archive(json.dumps(tree).encode(), "'x.har'")
    assert str(caught.value).startswith("'x.har' cannot be read as a recording: ")
    assert message in str(caught.value)


@given(
    st.binary(max_size=60), st.sampled_from(["", "text/plain", "text/plain; charset=utf-16", "a/b;charset=x"])
)
def test_any_body_comes_back(content: bytes, kind: str) -> None:
    (read,) = read_archive(
        written(exchange("POST", body=content, kind=kind, content=content)), "it"
    ).exchanges
    assert read.response is not None
    assert (read.request.body or b"", read.response.content) == (content, content)
