"""What a worker elsewhere makes its client from: it holds the names of secrets, never secrets."""

from __future__ import annotations

import hashlib
import pickle
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dynaclient._support.messages import setting_name
from dynaclient._support.secret_names import reads_secret
from dynaclient.errors import SettingsError
from dynaclient.wire.redaction import ALWAYS

if TYPE_CHECKING:
    from dynaclient.calls.executor import Executor


def recipe_of(executor: Executor) -> tuple[str, bytes]:
    """The digest of the recipe, and the recipe.

    Raises SettingsError for a client that holds a secret in plain text, or what cannot go to a process.
    """
    transport = executor.transport
    if transport.is_played:
        raise SettingsError("replay= does not go to other processes, each would begin it again; use threads")
    plain = executor.credentials.plain
    if plain:
        raise SettingsError(
            f"the credential for {' and '.join(plain)} is plain text, which does not go to other processes; "
            f"give it by reference: {setting_name('reference', plain[0])}"
        )
    if transport.is_given:
        raise SettingsError(
            "session= or transport= may hold secrets, and does not go to other processes; use threads"
        )
    for name, value in transport.headers.items():
        if isinstance(value, str) and (name.lower() in ALWAYS or reads_secret(name)):
            raise SettingsError(
                f"the header {name} is plain text, which does not go to other processes; use env:NAME"
            )
    if "@" in urlsplit(executor.server.url or "").netloc:
        raise SettingsError("server= holds a user, which does not go to other processes; give credentials=")
    try:
        made = pickle.dumps(executor)
    except SettingsError:
        raise
    except Exception as error:
        raise SettingsError(
            f"the client cannot go to other processes: {error}; what makes a credential, and a hook, has to "
            f"be a function of a module"
        ) from None
    return hashlib.sha256(made).hexdigest(), made
