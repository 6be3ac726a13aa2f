"""What grants have in common for which a client asks a token endpoint (RFC 6749, section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from dynaclient.errors import SettingsError
from dynaclient.transport.discovery import TokenUrl, checked_endpoints, endpoints_name
from dynaclient.transport.token_source import (
    TokenSource,
    asked_fields,
    form_request,
    is_in_body,
    is_secret_text,
    texts_of,
)

if TYPE_CHECKING:
    from dynaclient.wire.env import SecretReference


class EndpointClient(TokenSource):
    """A credential that asks a token endpoint, as the client that has the `client_id` there.

    `client_secret` is None for a client without one. `connection`: what every TokenSource takes.
    """

    def __init__(
        self,
        token_url: TokenUrl,
        client_id: str | SecretReference,
        client_secret: str | SecretReference | None,
        *,
        scopes: str | Sequence[str] | None,
        audience: str | Sequence[str] | None,
        resource: str | Sequence[str] | None,
        fields: Mapping[str, str | Sequence[str]] | None,
        secret_in: Literal["header", "body"],
        **connection: Any,
    ) -> None:
        self.token_url = checked_endpoints(token_url)
        if not is_secret_text(client_id) or not (client_secret is None or is_secret_text(client_secret)):
            raise no_texts()
        self.client_id = client_id
        self.scopes = tuple(texts_of("scopes", scopes))
        self._secret = client_secret
        self._in_body = is_in_body(secret_in)
        self._asked = asked_fields(audience=audience, resource=resource, fields=fields)
        super().__init__(**connection)

    @property
    def holds_plain_text(self) -> bool:
        """Whether the secret of the client is held as a text."""
        return isinstance(self._secret, str)

    @property
    def request_name(self) -> str:
        """The request for a token, as messages name it."""
        return endpoints_name(self.token_url)

    def _form(self, *grant: tuple[str, str]) -> tuple[list[tuple[str, str]], bytes]:
        """The headers and the body of a request: the fields of the `grant`, and what is asked for."""
        scope = [("scope", " ".join(self.scopes))] if self.scopes else []
        return form_request([*grant, *scope, *self._asked], self.client_id, self._secret, self._in_body)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.request_name!r}, {self.client_id!r})"


def no_texts() -> SettingsError:
    """The error for an id or a secret that is no text."""
    return SettingsError("client_id and client_secret: expected texts")
