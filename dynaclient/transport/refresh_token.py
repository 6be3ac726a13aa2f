"""The refresh token grant (RFC 6749, section 6) as a credential."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from dynaclient._support.interrupts import let_through
from dynaclient.errors import SettingsError
from dynaclient.transport.discovery import TokenUrl, token_endpoint
from dynaclient.transport.endpoint_client import EndpointClient
from dynaclient.transport.token_source import Ask, Grant, Steps, no_token

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.deadline import Timeout
    from dynaclient.transport.reply import Reply
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.wire.env import SecretReference
    from dynaclient.wire.request import Request

__all__ = ["RefreshToken"]


class RefreshToken(EndpointClient):
    """A credential for an `oauth2` or `openIdConnect` scheme: gets tokens for a refresh token, which a person
    who logged in has.

    `token_url`: where tokens are given; `client_id`, `refresh_token` and, where the client has one,
    `client_secret` go there and nowhere else. They are texts or `Env("NAME")`; `refresh_token` may also be a
    callable that gives the text, and is asked before each renewal. `store`: called with the new refresh
    token where the server gives another (rotation); without it, this object holds it as long as it lives, so
    that several processes need one. A token is renewed before it ends, and after a 401; many threads and
    tasks share one renewal. All else is as for ClientCredentials.

    Raises SettingsError; calling it raises TransportError where no token can be had.
    """

    def __init__(
        self,
        token_url: TokenUrl,
        client_id: str | SecretReference,
        refresh_token: str | Callable[[], str],
        *,
        client_secret: str | SecretReference | None = None,
        store: Callable[[str], object] | None = None,
        scopes: str | Sequence[str] | None = (),
        audience: str | Sequence[str] | None = (),
        resource: str | Sequence[str] | None = (),
        fields: Mapping[str, str | Sequence[str]] | None = None,
        secret_in: Literal["header", "body"] = "header",
        timeout: float | Timeout | None = None,
        session: requests.Session | None = None,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        if not refresh_token or not (isinstance(refresh_token, str) or callable(refresh_token)):
            raise SettingsError("refresh_token: expected a text, Env(...) or a callable that gives one")
        if store is not None and not callable(store):
            raise SettingsError("store: expected a callable that takes the new refresh token")
        self._refresh = refresh_token
        self._store = store
        super().__init__(
            token_url,
            client_id,
            client_secret,
            scopes=scopes,
            audience=audience,
            resource=resource,
            fields=fields,
            secret_in=secret_in,
            timeout=timeout,
            session=session,
            verify=verify,
            cert=cert,
            proxies=proxies,
        )

    def _forget(self) -> None:
        super()._forget()
        self._given = self._sent = self._replaced = self._newest = ""

    @property
    def holds_plain_text(self) -> bool:
        """Whether the refresh token or the secret of the client is held as a text."""
        return isinstance(self._refresh, str) or super().holds_plain_text

    def steps(self, ask: Ask) -> Steps:
        """Those of an exchange."""
        grant = yield from self.exchange(ask)
        if not grant.token:
            hint = "the refresh token may have ended or been taken back: log in again"
            raise no_token(self.request_name, grant, hint)
        self._keep(grant.token, grant.lasts)
        self._rotate(grant)

    def exchange(self, ask: Ask) -> Generator[Request, Reply, Grant]:
        """One request; another where somebody else replaced the refresh token in the meantime."""
        url = yield from token_endpoint(self.token_url, ask)
        reply = yield ask("POST", url, *self._request())
        grant = Grant.of(reply)
        if grant.error == "invalid_grant" and self._current() != self._sent:
            reply = yield ask("POST", url, *self._request())
            grant = Grant.of(reply)
        return grant

    def _request(self) -> tuple[list[tuple[str, str]], bytes]:
        self._sent = self._current()
        return self._form(("grant_type", "refresh_token"), ("refresh_token", self._sent))

    def _current(self) -> str:
        """The refresh token: the newest, where what gives it still gives the one that was replaced."""
        self._given = self._refresh if isinstance(self._refresh, str) else _asked(self._refresh)
        return self._newest if self._newest and self._given == self._replaced else self._given

    def _rotate(self, grant: Grant) -> None:
        """Take up a new refresh token: the one before may be worth nothing any more."""
        if not grant.refresh_token or grant.refresh_token == self._sent:
            return
        self._replaced, self._newest = self._given, grant.refresh_token
        if self._store is None:
            return
        try:
            self._store(grant.refresh_token)
        except Exception as error:
            let_through(error)
            message = f"store: the callable raised {type(error).__name__} (the cause of this error)"
            raise SettingsError(
                f"{message}; the new refresh token is held in memory alone, the one before may be void"
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        live = ("_given", "_sent", "_replaced", "_newest")
        state = {key: value for key, value in super().__getstate__().items() if key not in live}
        return (
            {**state, "_refresh": self._newest or self._refresh} if isinstance(self._refresh, str) else state
        )


def _asked(give: Callable[[], str]) -> str:
    """What a callable gives. Raises SettingsError where that is none; its error may hold a secret."""
    try:
        found = give()
    except SettingsError:
        raise
    except Exception as error:
        let_through(error)
        message = f"refresh_token: the callable raised {type(error).__name__} (the cause of this error)"
        raise SettingsError(message) from error
    if not isinstance(found, str) or not found:
        raise SettingsError("refresh_token: the callable gave no text")
    return found
