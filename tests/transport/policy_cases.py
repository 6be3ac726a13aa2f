"""What is done after what, as tables: they drive the generator, and both of its drivers at a server.

Rows are read against RFC 9110: section 9.2.2 (which methods may be repeated), 10.2.3 (Retry-After), 15.4
(redirects), 11.3 (challenges), against RFC 6585 (429), and against what the README promises of `retries`.
What comes is written so: `503`, `429+0` (with a Retry-After of 0), `lost` (after the request has arrived),
`torn` (in the head of the response), `garbled` (it is not HTTP), `unsent` (there is no connection), `302/y`
(to `/y`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dynaclient import ConnectError, Retries
from dynaclient.transport.policy import LIMIT, Outage, Policy, Retryable
from dynaclient.transport.reply import Reply
from dynaclient.transport.retries import IDEMPOTENT
from dynaclient.wire.headers import Headers
from tests.servers import HANG_UP, reply

KEY = "Idempotency-Key"

LOST = Outage(ConnectError("lost"), Retryable.IDEMPOTENT)
UNSENT = Outage(ConnectError("refused"), Retryable.ALWAYS)
FATAL = Outage(ConnectError("the certificate is not trusted"), Retryable.NEVER)
_OUTAGES = {"lost": LOST, "torn": LOST, "garbled": LOST, "unsent": UNSENT, "fatal": FATAL}


_ANSWERS: dict[str, Any] = {
    "lost": HANG_UP,
    "torn": [b"HTTP/1.1 200 OK\r\nContent-Le", HANG_UP],
    "garbled": [b"\x16\x03\x01 what is that\r\n\r\n", HANG_UP],
}


def fields_of(token: str) -> tuple[int, list[tuple[str, str]]]:
    """The status and the header fields of a response."""
    if "/" in token:
        status, _, path = token.partition("/")
        return int(status), [("Location", f"/{path}")]
    status, _, seconds = token.partition("+")
    return int(status), [("Retry-After", seconds)] if seconds else []


def outcome(token: str) -> Reply | Outage:
    """What a driver hands to the policy."""
    if token in _OUTAGES:
        return _OUTAGES[token]
    status, fields = fields_of(token)
    return Reply(status, "", Headers(fields), b"", "http://a.example/x", 0.0)


def answer(token: str) -> Any:
    """What a server does."""
    if token in _ANSWERS:
        return _ANSWERS[token]
    status, fields = fields_of(token)
    return reply(status, b"", fields)


@dataclass(frozen=True)
class Setting:
    """What a client and a call say of repeating."""

    retries: int | Retries = 2
    retry: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    key_header: str = ""
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        made = Policy(Retries.of(self.retries), key_header=self.key_header)
        object.__setattr__(self, "policy", made)


SETTINGS = {
    "default": Setting(),
    "0": Setting(0),
    "5": Setting(5),
    "attempts=2": Setting(Retries(attempts=2)),
    "POST too": Setting(Retries(methods={*IDEMPOTENT, "post"})),
    "GET alone": Setting(Retries(methods=["GET"])),
    "500 alone": Setting(Retries(statuses=[500])),
    "key": Setting(headers=((KEY, "k"),), key_header=KEY.lower()),
    "no key": Setting(key_header=KEY),
    "unasked": Setting(headers=((KEY, "k"),)),
    "safe": Setting(Retries(methods=["POST"]), retry="safe"),
    "always": Setting(retry="always"),
    "off": Setting(5, retry="off"),
}

# How often a request is sent where the same comes each time.
_SENT = """
setting     method   lost torn garbled unsent fatal  200  404  408  429 429+0  500  501  502  503 503+0  504
default     GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     PUT         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     DELETE      3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     HEAD        3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     OPTIONS     3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     QUERY       3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
default     POST        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
default     PATCH       1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
default     LOCK        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
0           GET         1    1       1      1     1    1    1    1    1     1    1    1    1    1     1    1
0           POST        1    1       1      1     1    1    1    1    1     1    1    1    1    1     1    1
5           GET         6    6       6      6     1    1    1    6    6     6    1    1    6    6     6    6
5           POST        1    1       1      6     1    1    1    1    1     1    1    1    1    1     1    1
attempts=2  GET         2    2       2      2     1    1    1    2    2     2    1    1    2    2     2    2
attempts=2  POST        1    1       1      2     1    1    1    1    1     1    1    1    1    1     1    1
POST-too    GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
POST-too    POST        1    1       1      3     1    1    1    1    1     3    1    1    1    1     3    1
POST-too    PATCH       1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
GET-alone   GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
GET-alone   PUT         1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
500-alone   GET         3    3       3      3     1    1    1    1    1     1    3    1    1    1     1    1
500-alone   POST        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
key         GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
key         POST        3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
key         PATCH       3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
no-key      POST        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
unasked     POST        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
safe        GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
safe        POST        1    1       1      3     1    1    1    1    1     1    1    1    1    1     1    1
always      GET         3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
always      POST        3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
always      PATCH       3    3       3      3     1    1    1    3    3     3    1    1    3    3     3    3
off         GET         1    1       1      1     1    1    1    1    1     1    1    1    1    1     1    1
off         POST        1    1       1      1     1    1    1    1    1     1    1    1    1    1     1    1
"""


class Case(NamedTuple):
    """How often a request is sent after what."""

    setting: str
    method: str
    fault: str
    sent: int


def cases() -> Iterator[Case]:
    """The table above."""
    head, *lines = filter(None, _SENT.splitlines())
    for line in lines:
        setting, method, *numbers = line.split()
        for fault, number in zip(head.split()[2:], numbers, strict=True):
            yield Case(setting.replace("-", " "), method, fault, int(number))


# method, what comes, what is done; a backoff is 0.25, 0.5, ...
STEPS: list[tuple[str, str, str]] = [
    ("GET", "200", "send"),
    ("POST", "200", "send"),
    ("GET", "503 200", "send, wait 0.25, send"),
    ("GET", "503 503 200", "send, wait 0.25, send, wait 0.5, send"),
    ("GET", "503 503 503", "send, wait 0.25, send, wait 0.5, send"),
    ("PUT", "503+0 200", "send, wait 0, send"),
    ("DELETE", "429+3 200", "send, wait 3, send"),
    ("POST", "503", "send"),
    ("POST", "429+3", "send"),
    ("PATCH", "lost", "send"),
    ("POST", "unsent 200", "send, wait 0.25, send"),
    ("POST", "unsent lost", "send, wait 0.25, send"),
    ("GET", "lost 429+3 200", "send, wait 0.25, send, wait 3, send"),
    ("GET", "lost 429+0 200", "send, wait 0.25, send, wait 0, send"),
    ("GET", "fatal", "send"),
    ("GET", "lost fatal", "send, wait 0.25, send"),
    ("GET", "500", "send"),
    ("GET", "404", "send"),
    ("GET", "429+3600", "send"),
    ("GET", "429+soon 200", "send, wait 0.25, send"),
    ("GET", "302/y 200", "send, send /y"),
    ("HEAD", "302/y 200", "send, send /y"),
    ("POST", "302/y", "send"),
    ("PUT", "302/y", "send"),
    ("GET", "302", "send"),
    ("GET", "302//b.example/y", "send"),
    ("GET", "304/y", "send"),
    ("GET", "302/y 503 200", "send, send /y, wait 0.25, send /y"),
    ("GET", "503 302/y 503 200", "send, wait 0.25, send, send /y, wait 0.5, send /y"),
    ("GET", "302/y 302/x 200", "send, send /y, send"),
    ("GET", f"{'302/x ' * LIMIT}302/y", ", ".join(["send"] * (LIMIT + 1))),
    ("GET", "401 200", "send, fetch, send"),
    ("POST", "401 200", "send, fetch, send"),
    ("GET", "401 401", "send, fetch, send"),
    ("GET", "401 503 200", "send, fetch, send, wait 0.25, send"),
    ("GET", "503 401 503 200", "send, wait 0.25, send, fetch, send, wait 0.5, send"),
    ("GET", "302/y 401 200", "send, send /y, fetch, send"),  # the answer is the call from its beginning
    ("GET", "401 302/y 200", "send, fetch, send, send /y"),
]
