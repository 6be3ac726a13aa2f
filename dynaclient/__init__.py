"""dynaclient: an OpenAPI document becomes a checked, safe client.

from dynaclient import Client

talon = Client("talon-one-integration", server="https://acme.europe-west1.talon.one",
               credentials={"api_key_v1": "ApiKey-v1 ..."})
talon.get_customer_session("s-1")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.document.operation import Operation
    from dynaclient.env import Env
    from dynaclient.errors import (
        ApiError,
        BodyTooLarge,
        ClientError,
        Conflict,
        ConnectError,
        DeadlineExceeded,
        DecodeError,
        DocumentError,
        DynaclientError,
        Finding,
        Forbidden,
        NotFound,
        RequestInvalid,
        ResponseInvalid,
        ServerError,
        SettingsError,
        TransportError,
        Unauthorized,
        UnknownOperation,
        Violation,
    )
    from dynaclient.schema.formats import register_format
    from dynaclient.stream import StreamedResponse
    from dynaclient.transport.oauth import ClientCredentials
    from dynaclient.transport.timeout import Timeout
    from dynaclient.wire.events import Event
    from dynaclient.wire.media import register_codec
    from dynaclient.wire.read import Response

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "BodyTooLarge",
    "Client",
    "ClientCredentials",
    "ClientError",
    "Conflict",
    "ConnectError",
    "DeadlineExceeded",
    "DecodeError",
    "DocumentError",
    "DynaclientError",
    "Env",
    "Event",
    "Finding",
    "Forbidden",
    "NotFound",
    "Operation",
    "RequestInvalid",
    "Response",
    "ResponseInvalid",
    "ServerError",
    "SettingsError",
    "StreamedResponse",
    "Timeout",
    "TransportError",
    "Unauthorized",
    "UnknownOperation",
    "Violation",
    "__version__",
    "register_codec",
    "register_format",
]

_HOMES = {
    "Client": "client",
    "ClientCredentials": "transport.oauth",
    "Env": "env",
    "Event": "wire.events",
    "Operation": "document.operation",
    "Response": "wire.read",
    "StreamedResponse": "stream",
    "Timeout": "transport.timeout",
    "register_codec": "wire.media",
    "register_format": "schema.formats",
}
"""The modules that the names come from; what is not here is in `errors`."""


if not TYPE_CHECKING:  # a module with `__getattr__` has every name, to type checkers

    def __getattr__(name: str) -> object:
        """A name of ours, from its module: nothing is imported before it is needed (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
