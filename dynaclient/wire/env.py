"""Secrets by reference: what names a secret may be kept, pickled and shown, as it does not hold it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from dynaclient._support.messages import kind_of
from dynaclient.errors import SettingsError

__all__ = ["Env"]


class SecretReference:
    """Stands for a secret that is read when a call needs it; shown, compared and pickled by what names it."""

    def __call__(self, request: Any = None) -> str:
        """The secret. Raises SettingsError where it cannot be had."""
        raise NotImplementedError

    async def fetch(self) -> None:
        """Get a secret that takes its time before it is asked for, so that no event loop waits for it."""

    def renew(self) -> bool:
        """Whether a call that was refused (401) may succeed with what the reference gives from now on."""
        return False


class Env(SecretReference):
    """The text of an environment variable, read again for each request that needs it; pickled as its name.

    Stands for a text in `credentials`, alone or in a pair, for the id and the secret of ClientCredentials,
    and for the pass phrase of `cert`. Using it raises SettingsError where the variable is not set, or empty.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not re.fullmatch(
            "[A-Za-z_][A-Za-z0-9_]*", name
        ):  # it may be the secret itself
            got = kind_of(name) if not isinstance(name, str) else "another text" if name else "an empty one"
            said = f"Env: expected the name of an environment variable, got {got}"
            raise SettingsError(f"{said}; allowed: A-Z, a-z, 0-9 and _" if name else said)
        self.name = name

    def __call__(self, request: Any = None) -> str:
        """The text."""
        text = os.environ.get(self.name)
        if not text:
            raise SettingsError(f"the environment variable {self.name} is not set; {self!r} is read from it")
        return text

    def __repr__(self) -> str:
        return f"Env({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Env) and other.name == self.name

    def __hash__(self) -> int:
        return hash((Env, self.name))


def resolved(value: Any) -> Any:
    """`value`, or the text that it stands for; of a pair each."""
    if isinstance(value, tuple):
        return tuple(map(resolved, value))
    return value() if isinstance(value, SecretReference) else value


def references_in(value: Any) -> Iterator[SecretReference]:
    """What of a value, or of a pair, stands for a secret."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, SecretReference):
            yield each
