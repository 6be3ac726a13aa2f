"""Which recorded exchange a request means: by method, URL target and body. Pure.

Headers do not count, nor does the server: tests run with other credentials, and against no server. Neither do
what is secret in the query, and values that were taken out of the recording. What repeats is given in the
order in which it was recorded, each exchange once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from dynaclient._support.messages import pluralize
from dynaclient._support.missing import MISSING
from dynaclient._support.secret_names import reads_secret
from dynaclient.document.node import escape
from dynaclient.errors import NotRecorded
from dynaclient.wire.files import Upload
from dynaclient.wire.json_values import Undecodable, decode_json
from dynaclient.wire.media_types import FORM, boundary, essence, is_json
from dynaclient.wire.percent import target_of
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange
from dynaclient.wire.redacted_text import REDACTED, redact
from dynaclient.wire.request import Request

__all__ = ["Player", "differences"]

_MOST_PATHS = 500
"""Exchanges that are looked at for the nearest one."""

_SHOWN = 60
"""Characters of a value in a message."""

Key = tuple[str, tuple[str, ...]]


class Player:
    """The exchanges of an archive, each given once. Threads may share one."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._by_key: defaultdict[Key, list[RecordedExchange]] = defaultdict(list)
        self._open: list[RecordedExchange] = []
        """Those that something was taken out of the path of."""
        for each in archive.exchanges:
            (self._open if REDACTED in each.request.url else self._by_key[_key(each.request)]).append(each)
        self._given: set[int] = set()
        self._lock = Lock()

    def take(
        self, request: Request, hidden: Collection[str], secrets: Sequence[str] = ()
    ) -> RecordedExchange:
        """The next exchange that `request` means, which is not given again; but what ended without a response
        goes on to do so, for who tries again. Raises NotRecorded.

        `hidden`: names of query parameters that do not count. `secrets`: texts that no message shows.
        """
        asked = Sought.of(request, hidden)
        with self._lock:
            known: tuple[RecordedExchange, ...] = (*self._by_key.get(_key(request), ()), *self._open)
            left = (each for each in known if id(each) not in self._given)
            found = next((each for each in left if not any(_differs(asked, each))), None)
            if found is not None:
                self._given.add(id(found))
                return found
        alike = [each for each in known if not any(_differs(asked, each))]
        if alike and alike[-1].response is None:
            return alike[-1]
        raise self._not_recorded(asked, alike, secrets)

    def _not_recorded(
        self, asked: Sought, alike: Sequence[RecordedExchange], secrets: Sequence[str]
    ) -> NotRecorded:
        shown = redact(f"{asked.request.method} {_shown_target(asked)}", secrets)
        if alike:
            times = pluralize(len(alike), "time")
            why = f"{shown} was recorded {times}, and all were given"
            return NotRecorded(
                f"{why}; nothing was sent. Record once more, with as many calls", alike[-1].pointer
            )
        nearest = self._nearest(asked)
        if nearest is None:
            return NotRecorded(f"{shown}: {self.archive.name} holds no exchange; nothing was sent")
        found = [redact(each, secrets) for each in differences(asked, nearest)]
        where = f"{nearest.pointer} of {self.archive.name}"
        why = f"{shown} was not recorded; nothing was sent. The nearest is {where}, which differs"
        return NotRecorded(why, nearest.pointer, found)

    def _nearest(self, asked: Sought) -> RecordedExchange | None:
        same = self._by_key.get(_key(asked.request))
        found: Sequence[RecordedExchange] = same or self.archive.exchanges
        free = [each for each in found if id(each) not in self._given] or found
        return min(free[:_MOST_PATHS], key=lambda each: _distance(asked, each), default=None)


class Sought(NamedTuple):
    """A request that an exchange is looked for."""

    request: Request
    hidden: frozenset[str]
    body: bytes | None
    """None where it can be read only while it is sent."""

    @classmethod
    def of(cls, request: Request, hidden: Collection[str]) -> Sought:
        """What is compared of a request; `hidden`: names of query parameters that are not."""
        return cls(request, frozenset(map(str.lower, hidden)), _content(request.body))


def differences(asked: Sought, exchange: RecordedExchange) -> list[str]:
    """What of a request is not as it was recorded, in lines; empty where it means that exchange."""
    return list(_differs(asked, exchange))


def _differs(asked: Sought, exchange: RecordedExchange) -> Iterator[str]:
    sent, recorded = asked.request, exchange.request
    if sent.method != recorded.method:
        yield f"method: {sent.method}, recorded is {recorded.method}"
    if _segments(sent) != _segments(recorded) and not _fits(_path(sent), _path(recorded)):
        yield f"path: {_path(sent)}, recorded is {_path(recorded)}"
    yield from _query(asked, recorded)
    if asked.body is not None and not exchange.missing:
        kept = recorded.body if isinstance(recorded.body, bytes) else b""
        yield from _body(asked.body, sent, kept, recorded)


def _distance(asked: Sought, exchange: RecordedExchange) -> tuple[float, int, int]:
    paths = SequenceMatcher(None, _path(asked.request), _path(exchange.request)).quick_ratio()
    other = asked.request.method != exchange.request.method
    return 1 - paths + (0.5 if other else 0), len(differences(asked, exchange)), 0


def _key(request: Request) -> Key:
    return request.method, _segments(request)


def _path(request: Request) -> str:
    return target_of(request.url).partition("?")[0]


def _segments(request: Request) -> tuple[str, ...]:
    return tuple(map(unquote, _path(request).split("/")))


def _fits(sent: str, kept: str) -> bool:
    """Whether `sent` is `kept` with any text in the place of each `***`."""
    first, *inner = kept.split(REDACTED)
    if not inner or not sent.startswith(first):
        return False
    at = len(first)
    for piece in inner[:-1]:
        found = sent.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(sent) - len(inner[-1]) >= at and sent.endswith(inner[-1])


def _content(body: bytes | Upload | None) -> bytes | None:
    if not isinstance(body, Upload):
        return body or b""
    if not body.rewindable:
        return None
    content = body.read()
    body.rewind()
    return content


# -- the query ----------------------------------------------------------------------------------------


def _query(asked: Sought, recorded: Request) -> Iterator[str]:
    sent, kept = _pairs(asked.request), _pairs(recorded)
    withheld = {name for name, values in kept.items() if REDACTED in values}
    for name in dict.fromkeys([*sent, *kept]):
        if name.lower() in asked.hidden or name in withheld or sent.get(name) == kept.get(name):
            continue
        if name not in kept:
            yield f"query {name}: {_field(name, sent)}, and not in the recording"
        elif name not in sent:
            yield f"query {name}: missing, recorded is {_field(name, kept)}"
        else:
            yield f"query {name}: {_field(name, sent)}, recorded is {_field(name, kept)}"


def _pairs(request: Request) -> dict[str, list[str]]:
    return _grouped(target_of(request.url).partition("?")[2])


def _grouped(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _values(values: Iterable[str]) -> str:
    return ", ".join(map(_shown, values))


def _shown_target(asked: Sought) -> str:
    pairs = [pair for pair in target_of(asked.request.url).partition("?")[2].split("&") if pair]
    kept = [pair for pair in pairs if unquote(pair.partition("=")[0]).lower() not in asked.hidden]
    return f"{_path(asked.request)}{'?' if kept else ''}{'&'.join(kept)}"


# -- the body -----------------------------------------------------------------------------------------


def _body(sent: bytes, by: Request, kept: bytes, of: Request) -> Iterator[str]:
    if sent == kept:
        return
    kind = by.headers.get("Content-Type") or ""
    if is_json(essence(kind)) and sent and kept:
        yield from _json(sent, kept)
    elif essence(kind) == FORM:
        yield from _form(sent, kept)
    elif not _same_parts(sent, kind, kept, of.headers.get("Content-Type") or ""):
        yield f"body: {pluralize(len(sent), 'byte')}, recorded are {len(kept)}{_same_length(sent, kept)}"


def _same_length(sent: bytes, kept: bytes) -> str:
    return " others" if len(sent) == len(kept) else ""


def _form(sent: bytes, kept: bytes) -> Iterator[str]:
    one, two = (_grouped(each.decode("latin-1")) for each in (sent, kept))
    for name in dict.fromkeys([*one, *two]):
        if one.get(name) != two.get(name) and REDACTED not in "".join(two.get(name, ())):
            yield f"body field {name}: {_field(name, one)}, recorded is {_field(name, two)}"


def _field(name: str, fields: dict[str, list[str]]) -> str:
    if name not in fields:
        return "none"
    return REDACTED if reads_secret(name) else _values(fields[name])


def _same_parts(sent: bytes, kind: str, kept: bytes, recorded: str) -> bool:
    """Whether two bodies differ in what was taken out, and in the boundary of parts, new each time."""
    one, two = map(boundary, (kind, recorded))
    if one and two:
        sent, kept = (
            each.replace(mark.encode("latin-1", "replace"), b"") for each, mark in ((sent, one), (kept, two))
        )
    return sent == kept or _fits(sent.decode("latin-1"), kept.decode("latin-1"))


def _json(sent: bytes, kept: bytes) -> Iterator[str]:
    try:
        one, two = decode_json(sent), decode_json(kept)
    except Undecodable:
        yield "body: the two are not JSON alike"
        return
    yield from _unlike(one, two)


def _unlike(one: Any, two: Any) -> Iterator[str]:
    """Where two values differ; members that are called secrets are not shown."""
    left: list[tuple[str, str, Any, Any]] = [("", "", one, two)]
    while left:
        pointer, name, one, two = left.pop()
        if _is_same(one, two):
            continue
        if isinstance(one, dict) and isinstance(two, dict):
            names = dict.fromkeys([*one, *two])
            inner = [
                (f"{pointer}/{escape(each)}", each, one.get(each, MISSING), two.get(each, MISSING))
                for each in names
            ]
            left += reversed(inner)
        elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
            left += reversed(
                [(f"{pointer}/{at}", name, *pair) for at, pair in enumerate(zip(one, two, strict=True))]
            )
        else:
            yield f"body at {pointer or '/'}: {_member(name, one)}, recorded is {_member(name, two)}"


def _is_same(one: Any, two: Any) -> bool:
    if isinstance(two, str) and REDACTED in two:
        return two == REDACTED or (isinstance(one, str) and _fits(one, two))
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)


def _member(name: str, value: Any) -> str:
    if value is MISSING:
        return "nothing"
    if isinstance(value, (dict, list)):
        return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
    return REDACTED if reads_secret(name) else _shown(value)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
