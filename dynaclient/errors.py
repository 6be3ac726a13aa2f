"""The error tree.

    DynaclientError
    |- DocumentError      the document cannot be opened or used           .findings
    |- UnknownOperation   no such operation (also KeyError, AttributeError)  .near
    |- RequestInvalid     arguments break the document; nothing was sent  .violations
    |- ResponseInvalid    the answer breaks the document                  .violations .response
    |- ApiError           the server answered 400-599                     .status .data .response
    |  |- ClientError     400-499
    |  |  |- Unauthorized 401
    |  |  |- Forbidden    403
    |  |  |- NotFound     404
    |  |  |- Conflict     409
    |  |- ServerError     500-599
    |- SettingsError      the client was set up in a way that cannot work
    |  |- Unsettable      an attribute was set that does nothing (also AttributeError)
    |- TransportError     no whole answer came
       |- ConnectError       no connection, or it was lost
       |- DeadlineExceeded   the time allowed for the call ran out
       |- BodyTooLarge       the answer is larger than allowed
       |- DecodeError        a broken Content-Encoding

Every error carries data, prints as text that a person can act on, and survives pickling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible

if TYPE_CHECKING:
    from dynaclient.calls.response import Response

__all__ = [
    "ApiError",
    "BodyTooLarge",
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
    "RequestInvalid",
    "ResponseInvalid",
    "ServerError",
    "SettingsError",
    "TransportError",
    "Unauthorized",
    "UnknownOperation",
    "Violation",
]

Where = Literal["path", "query", "header", "cookie", "body", "argument", "security", "status", "content-type"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request or an answer breaks the document.

    `pointer` is a JSON pointer (RFC 6901) into the value called `name` at `where`; `schema_pointer`
    says which place of the document asks for it.
    """

    where: Where
    name: str
    pointer: str
    message: str
    schema_pointer: str = ""

    def __str__(self) -> str:
        place = " ".join(part for part in (self.where, self.name if self.name != self.where else "") if part)
        at = f" at {self.pointer}" if self.pointer else ""
        why = f"  [{self.schema_pointer}]" if self.schema_pointer else ""
        return visible(f"{place}{at}: {self.message}{why}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or odd in a document: where, how bad, what it is, and what it means for the user."""

    pointer: str
    severity: Severity
    message: str
    meaning: str = ""

    def __str__(self) -> str:
        meaning = f" ({self.meaning})" if self.meaning else ""
        return visible(f"{self.severity}: {self.pointer or '/'}: {self.message}{meaning}")


MOST_SHOWN = 20
"""How many violations or findings are written out where a person reads them."""


def some(found: Sequence[object], noun: str = "violation", held: str = "") -> list[str]:
    """Each of `found` as text; of very many the first, and how many there are. `held`: where all are."""
    texts = [str(each) for each in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        where = f" ({held})" if held else ""
        texts.append(f"... and {len(found) - MOST_SHOWN:,} more of {pluralize(len(found), noun)}{where}")
    return texts


class DynaclientError(Exception):
    """Base of every error that dynaclient raises."""

    def __str__(self) -> str:
        """The message, with control characters that a document or a server wrote as escapes."""
        return visible(self._text())

    def _text(self) -> str:
        return super().__str__()


class DocumentError(DynaclientError):
    """The document cannot be opened or used; `findings` tell where and why."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message, findings)
        self.findings = tuple(findings)

    def _text(self) -> str:
        told = [f"at {each.pointer}" if each.message in self.args[0] else str(each) for each in self.findings]
        told = [text for text in told if text != "at "]
        return "\n  ".join([self.args[0], *some(told, "finding", "all are in `.findings`")])


class UnknownOperation(DynaclientError, KeyError, AttributeError):
    """The document has no such operation; `near` holds the closest names."""

    def __init__(self, message: str, near: Sequence[str] = ()) -> None:
        super().__init__(message, near)
        self.near = tuple(near)

    def _text(self) -> str:
        hint = f"; did you mean {', '.join(self.near)}?" if self.near else ""
        return f"{self.args[0]}{hint}"


class _Violated(DynaclientError):
    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message, violations)
        self.violations = tuple(violations)

    def _text(self) -> str:
        return "\n  ".join([self.args[0], *some(self.violations, held="all are in `.violations`")])


class RequestInvalid(_Violated):
    """The arguments break the document. Nothing was sent; `violations` lists every reason."""


def _given(response: Response | None) -> Response:
    """The answer. Every call gives one: `except` clauses need not ask, in the eyes of type checkers too."""
    return cast("Response", response)


class ResponseInvalid(_Violated):
    """The answer breaks the document; `response` holds it whole, `item` what it was that a stream brought.

    `response` is None where no call raised this: the `json()` of an Event that you made, or you.
    """

    def __init__(
        self,
        message: str,
        violations: Sequence[Violation] = (),
        response: Response | None = None,
        item: Any = None,
    ) -> None:
        super().__init__(message, violations)
        self.response: Response = _given(response)
        self.item = item


class ApiError(DynaclientError):
    """The server answered with a status from 400 to 599."""

    def __init__(self, message: str, response: Response | None = None) -> None:
        super().__init__(message, response)
        self.response: Response = _given(response)

    def _text(self) -> str:
        return str(self.args[0])

    @property
    def status(self) -> int:
        """The HTTP status code; 0 where the error was made without a response."""
        return self.response.status if self.response is not None else 0

    @property
    def data(self) -> Any:
        """The decoded body of the answer."""
        return self.response.data if self.response is not None else None


class ClientError(ApiError):
    """Status 400 to 499."""


class Unauthorized(ClientError):
    """Status 401: no credentials, or wrong ones."""


class Forbidden(ClientError):
    """Status 403: the credentials do not allow this."""


class NotFound(ClientError):
    """Status 404."""


class Conflict(ClientError):
    """Status 409: the thing changed meanwhile, or exists already."""


class ServerError(ApiError):
    """Status 500 to 599."""


class SettingsError(DynaclientError):
    """The client was set up in a way that cannot work."""


class Unsettable(SettingsError, AttributeError):
    """An attribute was set that does not exist, or that stays what it is."""


class TransportError(DynaclientError):
    """No whole answer came."""


class ConnectError(TransportError):
    """No connection could be made, or it was lost before the answer was whole."""

    sent = True
    """Whether something of the request may have reached the server."""


class DeadlineExceeded(TransportError):
    """The time allowed for the call ran out."""


class BodyTooLarge(TransportError):
    """The answer, after decompression, is larger than the client allows."""


class DecodeError(TransportError):
    """The answer's Content-Encoding is broken."""


_BY_STATUS = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}


def api_error_class(status: int) -> type[ApiError]:
    """The class of error for an HTTP status from 400 to 599."""
    return _BY_STATUS.get(status) or (ClientError if status < 500 else ServerError)
