"""What the stubs of all documents have in common. For type checkers: none of it is made at run time."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypedDict, TypeVar

from dynaclient.calls.response import Response

if TYPE_CHECKING:
    from dynaclient.calls.webhooks import Receivers
    from dynaclient.document.model import Operation
    from dynaclient.transport.deadline import Timeout

T_co = TypeVar("T_co", covariant=True)


class TypedResponse(Response, Generic[T_co]):
    """A Response whose `data` has the type of the operation's success.

    Where `ok` is False, `data` is what the document says of that error.
    """

    if TYPE_CHECKING:
        data: T_co


class TypedOperation:
    """An operation bound to the client; the operations of a stub add how it is called."""

    if TYPE_CHECKING:

        @property
        def operation(self) -> Operation:
            """What the document says of it."""

        @property
        def callbacks(self) -> Receivers:
            """Its callbacks, by name."""


class CallOptions(TypedDict, total=False):
    """The `options` of a call whose response is read whole; those of another are `Streaming`."""

    headers: Mapping[str, str | None]
    query: Mapping[str, Any]
    timeout: float | Timeout | None
    content_type: str | None
    compress: Literal["gzip", "deflate"] | None
    stream: Literal[False]


Binary: TypeAlias = "bytes | bytearray | memoryview | IO[bytes] | IO[str] | PathLike[str]"
"""What is sent as it is: bytes, a file opened for reading, the path of one."""

FilePart: TypeAlias = (
    "Binary | tuple[str, Binary] | tuple[str, Binary | str, str]"
    " | tuple[str | None, Binary | str, str | None, Mapping[str, Any]]"
)
"""A file in a form: binary; with its name, its media type, the headers of its part."""
