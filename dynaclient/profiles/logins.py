"""Logins: what the keyring keeps of one, by profile and security scheme, and the credential that uses it.

A profile holds `login:NAME/SCHEME`, which names the item of the keyring. The item holds the tokens and where
they may be sent: the URL that gave them, and no other.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from dynaclient.errors import SettingsError
from dynaclient.profiles.keyring_store import drop_from_keyring, keep_in_keyring, keyring_text
from dynaclient.profiles.references import LOGIN, read_reference, shown_reference
from dynaclient.transport.refresh_token import RefreshToken
from dynaclient.transport.token_source import (
    EARLY,
    Ask,
    Grant,
    Steps,
    TokenSource,
    json_object,
    no_token,
    seconds_of,
)
from dynaclient.transport.url import request_line

SERVICE = "dynaclient"
"""The service that items of the keyring are kept under."""


@dataclass(frozen=True, repr=False)
class KeptLogin:
    """What is kept of a login; `client_secret` is a reference, `ends` seconds since 1970."""

    token_url: str
    client_id: str
    client_secret: str = ""
    secret_in: Literal["header", "body"] = "header"
    token: str = ""
    refresh_token: str = ""
    ends: float = 0.0

    @classmethod
    def read(cls, item: str) -> KeptLogin | None:
        """What the keyring has; None where there is nothing of that form. Raises SettingsError."""
        text = keyring_text(SERVICE, item, LOGIN + item)
        said = json_object(text.encode()) if text else {}
        if not all(isinstance(said.get(name), str) for name in ("token_url", "client_id")):
            return None
        texts = {name: str(said.get(name, "")) for name in ("client_secret", "token", "refresh_token")}
        in_body = said.get("secret_in") == "body"
        return cls(
            said["token_url"],
            said["client_id"],
            secret_in="body" if in_body else "header",
            ends=seconds_of(said.get("ends"), 0.0),
            **texts,
        )

    def write(self, item: str) -> None:
        """Put it into the keyring. Raises SettingsError."""
        keep_in_keyring(SERVICE, item, json.dumps(asdict(self)), LOGIN + item)

    def taken(self, grant: Grant) -> KeptLogin:
        """This one with what a server gave; without another refresh token the one before stays good."""
        return replace(
            self,
            token=grant.token,
            refresh_token=grant.refresh_token or self.refresh_token,
            ends=time.time() + grant.lasts,
        )


def forget_login(item: str) -> bool:
    """Remove a login from the keyring; whether there was one. Raises SettingsError."""
    return drop_from_keyring(SERVICE, item, LOGIN + item)


class Login(TokenSource):
    """The credential of a profile in which somebody logged in: read from the keyring, renewed by itself."""

    def __init__(self, item: str) -> None:
        if not all(item.partition("/")[::2]):
            raise SettingsError("expected login:NAME/SCHEME, which `dynaclient login` writes")
        self.item = item
        super().__init__()

    def _forget(self) -> None:
        super()._forget()
        self._refused = b""

    @property
    def request_name(self) -> str:
        """What is asked for a token, as messages name it."""
        return f"{LOGIN}{self.item}"

    def steps(self, ask: Ask) -> Steps:
        """None where the token that is kept lasts, else those of its refresh token."""
        kept = self._kept()
        left = kept.ends - time.time()
        if kept.token and left > EARLY and _digest(kept.token) != self._refused:
            self._keep(kept.token, left, age=EARLY)
            return
        if not kept.refresh_token:
            raise self._ended("it ended, and the server gave nothing to renew it with")
        grant = yield from self._renewal(kept).exchange(ask)
        if grant.error == "invalid_grant":
            raise self._ended("it ended, or was taken back")
        if not grant.token:
            raise no_token(request_line("POST", kept.token_url), grant, "look at what the server expects")
        now = self._same(kept)
        self._keep(grant.token, grant.lasts)
        now.taken(grant).write(self.item)

    def _kept(self) -> KeptLogin:
        found = KeptLogin.read(self.item)
        if found is None:
            raise self._ended("nobody is logged in")
        return found

    def _same(self, kept: KeptLogin) -> KeptLogin:
        """What is kept now, where it is still of the server that `kept` is of.

        Somebody may have logged in at another one meanwhile: neither gets what belongs to the other.
        """
        now = self._kept()
        if (now.token_url, now.client_id) != (kept.token_url, kept.client_id):
            raise SettingsError(f"{self.request_name}: another login took its place meanwhile; call again")
        return now

    def _renewal(self, kept: KeptLogin) -> RefreshToken:
        """The refresh token is read when it is sent: another process may have renewed it."""
        secret = read_reference(kept.client_secret) if kept.client_secret else None
        return RefreshToken(
            kept.token_url,
            kept.client_id,
            lambda: self._same(kept).refresh_token,
            client_secret=secret,
            secret_in=kept.secret_in,
        )

    def _ended(self, why: str) -> SettingsError:
        name, _, scheme = self.item.partition("/")
        return SettingsError(
            f"{self.request_name}: {why}; `dynaclient login {name} --scheme {scheme}` logs in"
        )

    def _give_up(self) -> None:
        self._refused = _digest(self._token)
        super()._give_up()

    def __repr__(self) -> str:
        return f"Login({self.item!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Login) and other.item == self.item

    def __hash__(self) -> int:
        return hash((Login, self.item))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def shown_credential(given: Any) -> str:
    """A credential of a profile as it may be shown."""
    return given.request_name if isinstance(given, Login) else shown_reference(given)
