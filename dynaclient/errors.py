"""The error tree.

    DynaclientError
    |- DocumentError      the document cannot be opened or used           .findings
    |- UnknownOperation   no such operation (also KeyError, AttributeError)  .near
    |- RequestInvalid     invalid arguments; nothing was sent              .violations
    |- ResponseInvalid    the response does not match the document        .violations .response
    |- ApiError           a response with status 400-599                  .status .data .response
    |  |- ClientError     400-499
    |  |  |- Unauthorized 401
    |  |  |- Forbidden    403
    |  |  |- NotFound     404
    |  |  |- Conflict     409
    |  |- ServerError     500-599
    |- PagesError         the pages of a list do not follow or end as they should  .response .token
    |- BulkError          a bulk run had to stop; its journal has what was done
    |- SettingsError      an invalid setting of the client or option of a call
    |  |- Unsettable      an attribute was set that does nothing (also AttributeError)
    |- TransportError     no complete response                          .attempts
       |- ConnectError       no connection, or it was lost
       |- DeadlineExceeded   the time allowed for the call ran out
       |- BodyTooLarge       the response is larger than allowed
       |- DecodeError        an invalid Content-Encoding
       |- NotRecorded        replayed: the recording has no such request  .nearest .differences

Every error carries data, prints as text that a person can act on, and survives pickling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible

if TYPE_CHECKING:
    from dynaclient.calls.response import Response

__all__ = [
    "ApiError",
    "Attempt",
    "BodyTooLarge",
    "BulkError",
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
    "NotRecorded",
    "PagesError",
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

_NAMED_IN_MESSAGE = ("status", "content-type")


def located(where: str, name: str, pointer: str) -> str:
    """`query limit: `, `body at /a: `; nothing where the message says it: `undocumented status 202`."""
    if where in _NAMED_IN_MESSAGE:
        return ""
    place = " ".join(dict.fromkeys(filter(None, (where, name))))
    return f"{place}{f' at {pointer}' if pointer else ''}: "


class Listing:
    """Violations or findings, which a prompt shows one on a line, and a notebook as a table."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        each: Any = self
        printer.text("\n".join(some(each, self._noun)) or f"no {self._noun}s")

    def _repr_html_(self) -> str:
        from dynaclient._support.notebook import card  # late: 4 ms

        return card(self._html_table())

    def _html_table(self) -> object:
        """The table of them, as a part of a display."""
        from dynaclient._support.notebook import html_table  # late: 4 ms

        rows: Any = self
        cells = [each._cells() for each in rows]
        return html_table(self._heads, cells, ids=0) if cells else f"no {self._noun}s"

    _noun = "violation"
    _heads: tuple[str, ...] = ("location", "what is wrong", "in the document")


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request or a response does not match the document."""

    where: Where
    """The part of the request or response: `path`, `query`, `header`, `cookie`, `body`, `status` or
    `content-type`; `argument` for what fits no parameter, `security` for a credential."""
    name: str
    """The name of the parameter, header, argument or security scheme; `body`; the status; the media type."""
    pointer: str
    """JSON Pointer (RFC 6901) from the value called `name` to the invalid part; empty for the whole value."""
    message: str
    """What is wrong, what was expected, and what to do: `expected a boolean, got a string ("yes")`."""
    schema_pointer: str = ""
    """JSON Pointer to the keyword or object of the document that is not met, behind the URI of its file
    where that is another; empty where the document does not say it."""

    def __str__(self) -> str:
        why = f"  [{self.schema_pointer}]" if self.schema_pointer else ""
        return visible(f"{located(self.where, self.name, self.pointer)}{self.message}{why}")

    def _cells(self) -> tuple[object, ...]:
        from dynaclient._support.notebook import code, colored  # late: 4 ms

        place = " ".join(dict.fromkeys((self.where, self.name)))
        return (
            code(f"{place} {self.pointer}".rstrip(), is_long=True),
            colored(self.message, "bad"),
            code(colored(self.schema_pointer, "dim"), is_long=True),
        )

    def _repr_html_(self) -> str:
        return Violations([self])._repr_html_()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Attempt(NamedTuple):
    """One time that a request of a call was sent, and what came of it; it holds no credential."""

    at: float
    """Seconds from the beginning of the call."""
    seconds: float
    """How long it took; with `rate` or `max_concurrency` the wait for its turn is part of it."""
    url: str
    """Where it went, without query and user; an argument that the document calls a secret is `***`."""
    outcome: int | str
    """The status of the response, or the name of the error."""
    then: Literal["redirect", "challenge", "retry"] | None = None
    """Why it was followed by another; None for the last one."""
    wait: float = 0.0
    """Seconds waited before that one."""

    def __str__(self) -> str:
        then = f", then {self.then} after {self.wait:.3g} s" if self.then else ""
        return visible(f"{self.at:.3f} s: {self.url}: {self.outcome} in {self.seconds:.3f} s{then}")


class Violations(Listing, list[Violation]):
    """A list of violations."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something invalid or unusual in a document, or something that could not be checked."""

    pointer: str
    """JSON Pointer into the document, behind the URI of its file if that is another; empty for the root."""
    severity: Severity
    """`error`: it cannot be used; `warning`: it is invalid, but usable; `note`: unusual, not invalid."""
    message: str
    """What is wrong."""
    meaning: str = ""
    """What follows from it for calls: `it is left out`, `it is read as 200`."""

    def __str__(self) -> str:
        meaning = f" ({self.meaning})" if self.meaning else ""
        return visible(f"{self.severity}: {self.pointer or '/'}: {self.message}{meaning}")

    def _cells(self) -> tuple[object, ...]:
        from dynaclient._support.notebook import code, colored  # late: 4 ms

        color = {"error": "bad", "warning": "warn"}.get(self.severity, "dim")
        return (
            colored(self.severity, color),
            code(self.pointer or "/", is_long=True),
            self.message,
            self.meaning,
        )

    def _repr_html_(self) -> str:
        return Findings([self])._repr_html_()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Findings(Listing, tuple[Finding, ...]):
    """Findings in a row."""

    __slots__ = ()
    _noun = "finding"
    _heads = ("severity", "location", "finding", "what it means")


MOST_SHOWN = 20
"""How many violations or findings are printed."""


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

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show: what is wrong, not how the inside of the client got there."""
        from dynaclient._support.prompt_text import rendered_traceback  # late: 3 ms

        return rendered_traceback(self)


class DocumentError(DynaclientError):
    """The document cannot be opened or used; `findings` say where and why."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message, findings)
        self.findings = Findings(findings)

    def _text(self) -> str:
        lines = [
            f"at {each.pointer}" if each.message in self.args[0] else str(each) for each in self.findings
        ]
        lines = [line for line in lines if line != "at "]
        return "\n  ".join([self.args[0], *some(lines, "finding", "all are in `.findings`")])


class UnknownOperation(DynaclientError, KeyError, AttributeError):
    """The document has no such operation; `near` holds the closest names."""

    def __init__(self, message: str, near: Sequence[str] = ()) -> None:
        super().__init__(message, near)
        self.near = tuple(near)

    def _text(self) -> str:
        hint = f"; did you mean {', '.join(self.near)}?" if self.near else ""
        return f"{self.args[0]}{hint}"


class _Violated(DynaclientError):
    given: Mapping[tuple[str, str], Any]
    """The values of the request by location and name, for a prompt; it is not pickled."""

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message, violations)
        self.violations = tuple(violations)

    def __reduce__(self) -> Any:
        made = super().__reduce__()
        state = {name: each for name, each in self.__dict__.items() if name != "given"}
        return (*made[:2], state)

    def _repr_html_(self) -> str:
        from dynaclient._support.notebook import card, heading  # late: 4 ms

        return card(heading(type(self).__name__, self.args[0]), Violations(self.violations)._html_table())

    def _text(self) -> str:
        return "\n  ".join([self.args[0], *some(self.violations, held="all are in `.violations`")])


class RequestInvalid(_Violated):
    """The arguments do not match the document. Nothing was sent; `violations` lists every reason."""


def _given(response: Response | None) -> Response:
    """The response. Every call sets one, so `except` clauses need not ask; type checkers agree."""
    return cast("Response", response)


class ResponseInvalid(_Violated):
    """The response does not match the document.

    `violations` lists every reason. `response` holds the whole response, `item` the invalid item of a stream.
    `response` is None where no call raised this error: the `json()` of an Event that you made, or your code.
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
    """The server returned a status from 400 to 599; `response` holds the whole response."""

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
        """The decoded body of the response."""
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
    """Status 409: the resource changed meanwhile, or exists already."""


class ServerError(ApiError):
    """Status 500 to 599."""


class PagesError(DynaclientError):
    """The pages of a list do not follow each other as they should, or would not end.

    `response` is that of the page, `token` is where to go on from: `client.pages(..., start=error.token)`.
    """

    def __init__(self, message: str, response: Response | None = None, token: str = "") -> None:
        super().__init__(message, response, token)
        self.response: Response = _given(response)
        self.token = token

    def _text(self) -> str:
        return str(self.args[0])


class BulkError(DynaclientError):
    """A bulk run had to stop: its journal cannot be written, or a pool of the user's broke.

    What was done is in its journal; the same run, started again, goes on from there.
    """


class SettingsError(DynaclientError):
    """A setting of the client, or an option of a call, is invalid."""


class Unsettable(SettingsError, AttributeError):
    """An attribute was set that does not exist, or that stays what it is."""


class TransportError(DynaclientError):
    """No complete response arrived."""

    attempts: tuple[Attempt, ...] = ()
    """Each time that the request was sent, as far as it was."""
    sent = True
    """Whether something of the request may have reached the server."""


class ConnectError(TransportError):
    """No connection could be made, or it was lost before the response was complete."""


class DeadlineExceeded(TransportError):
    """The time allowed for the call ran out."""


class BodyTooLarge(TransportError):
    """The response, after decompression, is larger than the client allows."""


class DecodeError(TransportError):
    """The response cannot be decoded as its Content-Encoding says."""


class NotRecorded(TransportError):
    """A client that replays a recording was asked for what is not in it. Nothing was sent.

    `nearest` is the JSON Pointer to the exchange in the recording that is most like the request, empty where
    there is none; `differences` says in lines what of the request is not as it was recorded.
    """

    def __init__(self, message: str, nearest: str = "", differences: Sequence[str] = ()) -> None:
        super().__init__(message, nearest, differences)
        self.nearest = nearest
        self.differences = tuple(differences)

    def _text(self) -> str:
        return "\n  ".join([self.args[0], *some(self.differences, "difference")])


_BY_STATUS = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}


def api_error_class(status: int) -> type[ApiError]:
    """The class of error for an HTTP status from 400 to 599."""
    return _BY_STATUS.get(status) or (ClientError if status < 500 else ServerError)
