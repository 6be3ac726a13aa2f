"""What came back: the whole answer, body decoded from its Content-Encoding and nothing more."""

from __future__ import annotations

from dynaclient.records import dataclass, field
from dynaclient.transport.headers import Headers


@dataclass(frozen=True, slots=True)
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
