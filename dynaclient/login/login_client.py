"""The client that a person logs in for, which both ways to log in ask with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dynaclient.transport.token_source import form_request


@dataclass(frozen=True, repr=False)
class LoginClient:
    """The client that a person logs in for: its id, its secret where it has one, and what it asks for."""

    client_id: str
    secret: Any = None
    in_body: bool = False
    scopes: Sequence[str] = ()

    @property
    def scope(self) -> list[tuple[str, str]]:
        """The scopes, as a parameter; nothing where none are asked for."""
        return [("scope", " ".join(self.scopes))] if self.scopes else []

    def form(self, *fields: tuple[str, str]) -> tuple[list[tuple[str, str]], bytes]:
        """The headers and the body of a request that says which client asks."""
        return form_request(fields, self.client_id, self.secret, self.in_body)
