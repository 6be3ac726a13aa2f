"""The clients that a test of behaviour holds for, each driven by the same calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from dynaclient import Client
from tests.awaited import Awaited


class InSession(Client):
    """A Client over a session of the user's, which is closed with it."""

    def __init__(self, source: Any, **settings: Any) -> None:
        self._session = requests.Session()
        super().__init__(source, session=self._session, **settings)

    def close(self) -> None:
        super().close()
        self._session.close()


class Lean(Client):
    """A Client straight over urllib3."""

    def __init__(self, source: Any, **settings: Any) -> None:
        super().__init__(source, transport="urllib3", **settings)


CLIENTS: dict[str, Callable[..., Any]] = {
    "sync": Client,
    "async": Awaited,
    "lean": Lean,
    "session": InSession,
}
