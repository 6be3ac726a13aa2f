"""dynaclient: an OpenAPI document becomes a checked, safe client.

from dynaclient import Client

talon = Client("talon-one-integration", server="https://acme.europe-west1.talon.one",
               credentials={"api_key_v1": "ApiKey-v1 ..."})
talon.get_customer_session("s-1")
"""

from dynaclient.client import Client
from dynaclient.document.operation import Operation
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
from dynaclient.transport.oauth import ClientCredentials
from dynaclient.transport.timeout import Timeout
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
    "Finding",
    "Forbidden",
    "NotFound",
    "Operation",
    "RequestInvalid",
    "Response",
    "ResponseInvalid",
    "ServerError",
    "SettingsError",
    "Timeout",
    "TransportError",
    "Unauthorized",
    "UnknownOperation",
    "Violation",
    "__version__",
    "register_format",
]
