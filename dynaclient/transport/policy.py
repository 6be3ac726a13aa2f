"""What a call decides: whether a request is sent, sent again (RFC 9110, Retry-After), sent to where it is
redirected (RFC 9110, section 15.4) or with an answer to a challenge, and how long to wait before.

`Policy.steps` says what to do and is given what came of it. It does nothing itself: it sends nothing, sleeps
nowhere and knows no library, so that a driver is a few lines (`sender`), and a test a table.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from dynaclient._support.messages import setting_name
from dynaclient.document.model import REDIRECTS
from dynaclient.errors import Attempt, TransportError
from dynaclient.transport.deadline import Deadline, out_of_time
from dynaclient.transport.request_body import back_at_start, begin
from dynaclient.transport.retries import IDEMPOTENT, USUAL, Retries, RetryMode
from dynaclient.transport.url import led_to, named, origin_of, request_line, resolved_url, shown_place
from dynaclient.wire.redaction import secrets

if TYPE_CHECKING:
    from dynaclient.wire.request import Request


class Retryable(Enum):
    """Whether sending the request once more could help, and would be safe."""

    NEVER = "never"
    IDEMPOTENT = "where repeating is safe"
    ALWAYS = "always: nothing of the request was sent"


@dataclass(frozen=True)
class Outage:
    """`error` is a DynaclientError, or what came from outside, which is raised as it is."""

    error: BaseException
    again: Retryable
    untried: bool = False
    """Whether nothing was sent, for want of a turn: see `turns`."""


class ResponseHead(Protocol):
    """What of a response is decided by: a Reply, or a StreamingReply."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields, their names in any case."""


class Send(NamedTuple):
    """Send a request once; what comes of it is given back: a response or an Outage."""

    request: Request
    attempt: int
    """0, 1, ...: redirects and answers to challenges belong to the attempt that led to them."""


class Wait(NamedTuple):
    """Let so many seconds go by."""

    seconds: float


class Fetch(NamedTuple):
    """Get what answers the challenge of a 401; given back: the request with it, None where there is none."""

    challenge: ResponseHead


E = TypeVar("E", bound=BaseException)

Steps = Generator["Send | Wait | Fetch", Any, "ResponseHead | Outage"]


IDLE = 1.0
"""Servers keep a connection for two seconds at least, most for five or more."""


@dataclass(frozen=True)
class Policy:
    """What follows what, in each call of a transport.

    `only_when_asked`: no more than a 429 is followed by another attempt, and that after the time that its
    Retry-After asks for, whatever the method; a connection that was idle for IDLE seconds is not used
    then, nor one whose last response was a server error, as its server may be about to close it (RFC 9112
    section 9.5). `key_header`: the header by which the server knows a repeat.
    """

    retries: Retries = USUAL
    only_when_asked: bool = False
    key_header: str = ""
    waits: bool = True
    """Whether time goes by before another attempt; not where the responses were recorded."""

    def steps(
        self,
        request: Request,
        clock: Deadline,
        *,
        moved: Callable[[Request, str], Request],
        answers: bool = False,
        retry: RetryMode | None = None,
    ) -> Steps:
        """What to do, step by step; returns what the call comes to.

        `moved` gives a request to another URL of its origin; `answers`: there is somebody to answer a
        challenge, who is asked once; `retry`: what this call says of being repeated.

        Response or error have all attempts, where there was more than one.

        Raises DeadlineExceeded before anything is sent too late, and TransportError for a body that cannot
        be sent from its start.
        """
        if request.body is not None:
            begin(request.body, clock.left)
        attempt = hops = 0
        tries: list[Attempt] = []
        began = clock.now()
        while True:
            if clock.left() <= 0:
                raise _listing(out_of_time(clock, named(request)), tries)
            at = clock.now() if tries else began
            outcome = yield Send(request, attempt)
            if not tries and not isinstance(outcome, Outage) and outcome.status < 300:
                return outcome  # type: ignore[no-any-return]
            if isinstance(outcome, Outage) and outcome.untried:
                return _with(outcome, tries)  # type: ignore[no-any-return]
            tries.append(_tried(request, outcome, at - began, clock.now() - at))
            url = _next_url(request, outcome) if hops < LIMIT else None
            if url and back_at_start(request.body):
                tries[-1] = tries[-1]._replace(then="redirect")
                those = tuple(secrets(request, request.private))  # the server may say them again, in its path
                request = replace(moved(request, url), hidden=those, private=request.private)
                hops += 1
                continue
            if answers and not isinstance(outcome, Outage) and outcome.status == 401:
                answers = False
                if (answered := (yield Fetch(outcome))) is not None:
                    tries[-1] = tries[-1]._replace(then="challenge")
                    request = answered
                    continue
            pause = self.pause(outcome, request, attempt, retry)
            if pause is None or pause >= clock.left() or not back_at_start(request.body):
                return _with(outcome, tries)  # type: ignore[no-any-return]
            tries[-1] = tries[-1]._replace(then="retry", wait=pause)
            yield Wait(pause if self.waits else 0.0)
            attempt += 1

    def pause(
        self, outcome: ResponseHead | Outage, request: Request, attempt: int, retry: RetryMode | None = None
    ) -> float | None:
        """Seconds to wait before the attempt after `attempt`; None where this outcome stands."""
        if retry == "off" or attempt + 1 >= self.retries.attempts:
            return None
        if isinstance(outcome, Outage):
            return backoff(attempt, self.retries) if self._may_repeat(outcome, request, retry) else None
        asked = wished(outcome.headers)
        if self.only_when_asked:
            return asked if outcome.status == TOO_MANY else None
        if outcome.status not in self.retries.statuses:
            return None
        is_put_off = asked is not None and outcome.status in PUT_OFF
        if not (self._is_safe(request, retry) or (is_put_off and self._is_named(request, retry))):
            return None
        if asked is None or not self.retries.respect_retry_after:
            return backoff(attempt, self.retries)
        return asked

    def pause_for_all(self, outcome: ResponseHead | Outage) -> float | None:
        """Seconds for which a server puts off whoever calls it; None where it does not."""
        if isinstance(outcome, Outage) or outcome.status not in PUT_OFF:
            return None
        return wished(outcome.headers) if self.retries.respect_retry_after else None

    def _may_repeat(self, outage: Outage, request: Request, retry: RetryMode | None) -> bool:
        if self.only_when_asked or outage.again is Retryable.NEVER:
            return False
        return outage.again is Retryable.ALWAYS or self._is_safe(request, retry)

    def _is_safe(self, request: Request, retry: RetryMode | None) -> bool:
        """Whether doing it twice is as good as once, or the call says so."""
        if retry == "always" or (self.key_header and self.key_header in request.headers):
            return True
        return request.method in IDEMPOTENT and (retry == "safe" or self._is_named(request, retry))

    def _is_named(self, request: Request, retry: RetryMode | None) -> bool:
        return retry != "safe" and request.method in self.retries.methods


def _tried(request: Request, outcome: ResponseHead | Outage, at: float, seconds: float) -> Attempt:
    came = type(outcome.error).__name__ if isinstance(outcome, Outage) else outcome.status
    return Attempt(at, seconds, shown_place(request), came)


def _with(outcome: Any, tries: Sequence[Attempt]) -> Any:
    """What a call comes to, with what led to it."""
    if isinstance(outcome, Outage):
        _listing(outcome.error, tries)
        return outcome
    return replace(outcome, attempts=tuple(tries)) if len(tries) > 1 else outcome


def _listing(error: E, tries: Sequence[Attempt]) -> E:
    if isinstance(error, TransportError):
        error.attempts = tuple(tries)
    return error


def _next_url(request: Request, outcome: ResponseHead | Outage) -> str | None:
    if isinstance(outcome, Outage):
        return None
    return redirect_target(request.method, request.url, outcome.status, outcome.headers)


TOO_MANY = 429
PUT_OFF = (TOO_MANY, 503)
"""What says, with a Retry-After, that the request was not carried out and may come again."""

_FOREVER = 1e9  # what a sleep can still take; no call lasts as long


def backoff(attempt: int, retries: Retries = USUAL) -> float:
    """Seconds before the attempt after `attempt` (0, 1, ...); spread, so that clients do not come in step."""
    longest = min(retries.cap, retries.backoff * 2.0 ** min(attempt, 60))
    return longest * random.uniform(1 - retries.jitter, 1.0)


def wished(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 section 10.2.3); None where it says nothing readable."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _FOREVER)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return min(max(0.0, (when - datetime.now(timezone.utc)).total_seconds()), _FOREVER)


LIMIT = 10

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_METHODS = frozenset({"GET", "HEAD"})
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"


def redirect_target(method: str | None, url: str, status: int, headers: Mapping[str, str]) -> str | None:
    """The URL to ask next; None where the response is to be taken as it is."""
    if status not in REDIRECTS or method not in _METHODS:
        return None
    location = _ascii(headers.get("Location", "").strip())
    if not location or (_SCHEME.match(location) and origin_of(location) is None):
        return None
    found = resolved_url(url, location)
    return found if _same_origin(url, found) else None


def redirect_text(method: str | None, url: str, headers: Mapping[str, str]) -> str:
    """Where a redirect leads that was not followed, without user and query, and why it was not."""
    where = led_to(url, headers)
    if not where:
        return "its Location is no URL" if headers.get("Location") else "it names no Location"
    there = f"it leads to {request_line('', where).strip()}"
    if origin_of(where) != origin_of(url):
        return f"{there}, another server; if that is the right one, name it with {setting_name('server')}"
    if method not in _METHODS:
        return (
            f"{there}, and a {method} is not repeated elsewhere; "
            f"look at {setting_name('server')} and the path"
        )
    return f"{there}, and is a loop, the {LIMIT + 1}th in a row, or names a user"


def _same_origin(url: str, other: str) -> bool:
    origin = origin_of(other)
    return origin is not None and origin == origin_of(url) and "@" not in other.split("/")[2]


def _ascii(location: str) -> str:
    """http.client reads headers as Latin-1; what stands beyond ASCII was most often UTF-8."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return quote(location, safe=_URL_CHARACTERS)
