"""What was answered to the cases of one test, whoever sent them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.errors import Finding


class Seen(list[tuple["Client", int]]):
    """The client and the status of each exchange, and what of all of them could not be checked."""

    def __init__(self) -> None:
        super().__init__()
        self.unchecked: dict[Finding, None] = {}


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def watched() -> Iterator[Seen]:
    """Collects the exchanges of the cases that are sent in this context."""
    seen = Seen()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def note(client: Client, status: int, unchecked: Iterable[Finding]) -> None:
    """Say that a case was sent with `client` and answered with `status`, and what could not be checked."""
    seen = _seen.get()
    if seen is not None:
        seen.append((client, status))
        seen.unchecked.update(dict.fromkeys(unchecked))
