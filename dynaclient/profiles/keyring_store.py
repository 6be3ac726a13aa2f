"""The keyring of the system, which keeps texts by service and name; needs the extra `keyring`.

What the stores behind it raise may hold a secret: of their errors only the kind is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dynaclient._support.interrupts import let_through
from dynaclient.errors import SettingsError

T = TypeVar("T")


def keyring_text(service: str, name: str, shown: str) -> str | None:
    """What the keyring has under a name; None where there is no such item. Raises SettingsError."""
    found: str | None = _done(lambda keyring: keyring.get_password(service, name), shown)
    return found


def keep_in_keyring(service: str, name: str, text: str, shown: str) -> None:
    """Put a text there. Raises SettingsError."""
    _done(lambda keyring: keyring.set_password(service, name, text), shown)


def drop_from_keyring(service: str, name: str, shown: str) -> bool:
    """Remove what is there; whether there was something. Raises SettingsError."""
    if keyring_text(service, name, shown) is None:
        return False
    _done(lambda keyring: keyring.delete_password(service, name), shown)
    return True


def _done(action: Callable[[Any], T], shown: str) -> T:
    try:
        import keyring  # optional
    except ImportError:
        raise SettingsError(f"{shown} needs the package keyring: pip install 'dynaclient[keyring]'") from None
    kind = ""
    try:
        return action(keyring)
    except Exception as error:  # of whichever store it is
        let_through(error)
        kind = type(error).__name__
    raise SettingsError(f"{shown}: the keyring failed ({kind})")
