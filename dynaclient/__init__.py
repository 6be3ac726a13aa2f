"""dynaclient: an OpenAPI document becomes a checked, safe client.

from dynaclient import Client

talon = Client("talon-one-integration", server="https://acme.europe-west1.talon.one",
               credentials={"api_key_v1": "ApiKey-v1 ..."})
talon.get_customer_session("s-1")
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynaclient._version import __version__
    from dynaclient.async_client import AsyncClient, connect_async
    from dynaclient.bulk.async_run import AsyncBulk
    from dynaclient.bulk.row import BulkRow, BulkSummary
    from dynaclient.bulk.run import Bulk
    from dynaclient.calls.async_pages import AsyncPages
    from dynaclient.calls.async_streaming import AsyncStreamedResponse
    from dynaclient.calls.call_events import CallEvent
    from dynaclient.calls.pages import Page, Pages
    from dynaclient.calls.response import Response
    from dynaclient.calls.schema_checker import SchemaChecker
    from dynaclient.calls.streaming import StreamedResponse
    from dynaclient.client import Client, connect
    from dynaclient.document.model import Operation
    from dynaclient.errors import (
        ApiError,
        Attempt,
        BodyTooLarge,
        BulkError,
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
        NotRecorded,
        PagesError,
        RequestInvalid,
        ResponseInvalid,
        ServerError,
        SettingsError,
        TransportError,
        Unauthorized,
        UnknownOperation,
        Violation,
    )
    from dynaclient.explore.prompt import example, find, show
    from dynaclient.schema.formats import register_format
    from dynaclient.transport.auth import ClientCredentials
    from dynaclient.transport.deadline import Timeout
    from dynaclient.transport.discovery import OpenIdConnect
    from dynaclient.transport.protocol import AsyncBaseTransport, BaseTransport, RawResponse
    from dynaclient.transport.refresh_token import RefreshToken
    from dynaclient.transport.retries import Retries
    from dynaclient.wire.codecs import register_codec
    from dynaclient.wire.env import Env
    from dynaclient.wire.events import Event
    from dynaclient.wire.request import Request

__all__ = [
    "ApiError",
    "AsyncBaseTransport",
    "AsyncBulk",
    "AsyncClient",
    "AsyncPages",
    "AsyncStreamedResponse",
    "Attempt",
    "BaseTransport",
    "BodyTooLarge",
    "Bulk",
    "BulkError",
    "BulkRow",
    "BulkSummary",
    "CallEvent",
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
    "NotRecorded",
    "OpenIdConnect",
    "Operation",
    "Page",
    "Pages",
    "PagesError",
    "RawResponse",
    "RefreshToken",
    "Request",
    "RequestInvalid",
    "Response",
    "ResponseInvalid",
    "Retries",
    "SchemaChecker",
    "ServerError",
    "SettingsError",
    "StreamedResponse",
    "Timeout",
    "TransportError",
    "Unauthorized",
    "UnknownOperation",
    "Violation",
    "__version__",
    "connect",
    "connect_async",
    "example",
    "find",
    "register_codec",
    "register_format",
    "show",
]

_HOMES = {
    "AsyncBulk": "bulk.async_run",
    "AsyncBaseTransport": "transport.protocol",
    "AsyncClient": "async_client",
    "AsyncPages": "calls.async_pages",
    "AsyncStreamedResponse": "calls.async_streaming",
    "BaseTransport": "transport.protocol",
    "Bulk": "bulk.run",
    "BulkRow": "bulk.row",
    "BulkSummary": "bulk.row",
    "CallEvent": "calls.call_events",
    "Client": "client",
    "ClientCredentials": "transport.auth",
    "Env": "wire.env",
    "Event": "wire.events",
    "OpenIdConnect": "transport.discovery",
    "Operation": "document.model",
    "Page": "calls.pages",
    "Pages": "calls.pages",
    "RefreshToken": "transport.refresh_token",
    "RawResponse": "transport.protocol",
    "Request": "wire.request",
    "Response": "calls.response",
    "Retries": "transport.retries",
    "SchemaChecker": "calls.schema_checker",
    "StreamedResponse": "calls.streaming",
    "Timeout": "transport.deadline",
    "__version__": "_version",
    "connect": "client",
    "connect_async": "async_client",
    "example": "explore.prompt",
    "find": "explore.prompt",
    "register_codec": "wire.codecs",
    "register_format": "schema.formats",
    "show": "explore.prompt",
}
"""The modules that the names come from; what is not here is in `errors`."""


if not TYPE_CHECKING:  # a module with `__getattr__` has every name, to type checkers

    def __getattr__(name: str) -> object:
        """A public name, from its module: nothing is imported before it is needed (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = found
        return found


def load_ipython_extension(shell: object) -> None:
    """`%load_ext dynaclient`: let IPython, or a notebook, complete operations and what they take.

    Importing dynaclient there does the same.
    """
    from dynaclient.completion.ipython import add_matcher  # late: 1 ms

    add_matcher(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext dynaclient`: take that back."""
    from dynaclient.completion.ipython import remove_matcher  # late: 1 ms

    remove_matcher(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Earlier:
    """Asked for a module that nobody else finds: by the name that an earlier version had for it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> object:
        if not name.startswith(f"{__name__}."):
            return None
        from dynaclient._earlier import spec_of  # late: 1 ms

        return spec_of(name)


sys.meta_path.append(_Earlier)  # type: ignore[arg-type]

if "IPython" in sys.modules:
    from dynaclient.completion.ipython import load_into_running_shell

    load_into_running_shell()
