"""The device grant (RFC 8628): the person confirms a code on whatever device has a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynaclient.errors import TransportError
from dynaclient.transport.discovery import is_safe_endpoint
from dynaclient.transport.token_source import Ask, Grant, json_object, no_token, seconds_of
from dynaclient.transport.url import request_line

if TYPE_CHECKING:
    from dynaclient.login.login_client import LoginClient
    from dynaclient.transport.discovery import ServerMetadata
    from dynaclient.transport.reply import Reply
    from dynaclient.wire.request import Request

USUAL = 5.0
"""Seconds between two questions, where the server names none, and that `slow_down` adds."""
LEAST = 1.0
"""Seconds between two questions, whatever a server says."""
LONGEST = 1800.0
"""Seconds for which a code is waited for at most."""
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, repr=False)
class DeviceCode:
    """What the person reads (`url`, `user_code`), and what the server is asked with."""

    url: str
    user_code: str
    secret: str
    lasts: float
    interval: float

    @classmethod
    def of(cls, reply: Reply, name: str) -> DeviceCode:
        """Read from a response. Raises TransportError where it cannot be shown to a person as it is."""
        told = json_object(reply.content)
        url, code, secret = (told.get(each) for each in ("verification_uri", "user_code", "device_code"))
        if not (isinstance(secret, str) and secret and reply.status == 200):
            raise _no_code(name, reply)
        if not (isinstance(url, str) and is_safe_endpoint(url)):
            raise TransportError(f"{name} names no https URL where its code could be confirmed")
        if not (isinstance(code, str) and re.fullmatch(r"[!-~]{1,40}( [!-~]{1,40})?", code)):
            raise TransportError(f"{name} gave a code that nobody could type")
        lasts = min(seconds_of(told.get("expires_in"), LONGEST), LONGEST)
        return cls(url, code, secret, lasts, max(seconds_of(told.get("interval"), USUAL), LEAST))


def _polling(client: LoginClient, code: DeviceCode) -> tuple[list[tuple[str, str]], bytes]:
    return client.form(("grant_type", _GRANT), ("device_code", code.secret))


def _no_code(name: str, reply: Reply) -> TransportError:
    """The error for a response that begins no login."""
    error = Grant.of(reply).error
    return TransportError(f"{name} returned {reply.status} without a code{f' ({error})' if error else ''}")


def device_steps(
    ask: Ask, server: ServerMetadata, client: LoginClient, tell: Callable[[DeviceCode], None]
) -> Generator[Request | float, Reply, Grant]:
    """Yields what is to be sent, or for how many seconds to wait; is given, or thrown, what came of it.

    `tell` gets the code for the person. Raises TransportError where it ends without a token.
    """
    reply = yield ask("POST", server.device, *client.form(*client.scope))
    code = DeviceCode.of(reply, request_line("POST", server.device))
    tell(code)
    waited, interval = 0.0, code.interval
    while waited + interval <= code.lasts:  # later nobody could have confirmed it
        yield interval
        waited += interval
        try:
            reply = yield ask("POST", server.token, *_polling(client, code))
        except TransportError:  # as section 3.5 has it: later, and less often
            interval *= 2
            continue
        grant = Grant.of(reply)
        if grant.token:
            return grant
        if grant.error == "slow_down":
            interval += USUAL
        elif grant.error != "authorization_pending":
            raise no_token(request_line("POST", server.token), grant, "nobody is logged in")
    raise TransportError("nobody is logged in: the code ended before it was confirmed")
