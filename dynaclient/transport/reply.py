"""What came back: status, headers without regard to case, and the body decoded from its Content-Encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.body import BodyStream
    from dynaclient.transport.policy import ResponseHead


_SECRET = frozenset({"set-cookie", "authorization", "proxy-authorization", "cookie"})


class Headers(Mapping[str, str]):
    """Immutable header fields: names in any case, repeated fields kept (RFC 9110 section 5.3).

    As a mapping, a repeated field is its values joined by ", "; `all(name)` gives them one by one,
    which is the only right way for Set-Cookie.
    """

    __slots__ = ("_fields", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._fields: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._fields.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of a field, in the order received; an empty list where there is none."""
        return list(self._fields.get(name.lower(), ()))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name.lower()])

    def __iter__(self) -> Iterator[str]:
        seen = set()
        for name, _ in self.pairs:
            if (key := name.lower()) not in seen:
                seen.add(key)
                yield name

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __eq__(self, other: object) -> bool:
        return self._fields == other._fields if isinstance(other, Headers) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = {name: "***" if name.lower() in _SECRET else self[name] for name in self}
        return f"Headers({shown})"


@dataclass(frozen=True)
class Reply:
    """One whole answer. `elapsed` is the seconds the call took, retries and redirects included.

    `url` is the one that answered, after redirects. It may hold a key in its query, as the headers and
    the body may, so none of them is part of the repr.
    """

    status: int
    reason: str
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    url: str = field(repr=False)
    elapsed: float


@dataclass(frozen=True)
class StreamingReply:
    """As a Reply, but the body is still on its way: `source` gives it. `elapsed`: until the head had come."""

    status: int
    reason: str
    headers: Headers = field(repr=False)
    source: BodyStream = field(repr=False)
    url: str = field(repr=False)
    elapsed: float


ChallengeHandler = Callable[["ResponseHead"], "requests.PreparedRequest | None"]
"""What to send once more after a 401: the request with an answer to its challenge, if there is one."""


def head(response: requests.Response) -> tuple[int, str, Headers]:
    """Status, reason and header fields of a response as requests has it."""
    return response.status_code, _text(response.reason), _headers(response)


def _headers(response: requests.Response) -> Headers:
    """The fields as hooks left them, with the repeats that requests joins into one."""
    from urllib3.response import HTTPResponse  # late: 77 ms

    raw = response.raw
    if type(raw) is not HTTPResponse or response.headers is raw.headers:
        return Headers(response.headers.items())
    several: Callable[[str], list[str]] = raw.headers.getlist
    joined = raw.headers.get
    return Headers(
        (name, value)
        for name, whole in response.headers.items()
        for value in (several(name) if joined(name) == whole else [whole])
    )


def _text(reason: str | bytes | None) -> str:
    return str(reason or b"", "latin-1") if isinstance(reason, bytes) else reason or ""
