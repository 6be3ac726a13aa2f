"""What a call gives: the Response."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from dynaclient._support.messages import pluralize
from dynaclient.errors import Attempt, Finding, Violation
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import redacted, redacted_url, secrets, unshown

if TYPE_CHECKING:
    import requests

    from dynaclient.wire.request import Request

__all__ = ["Response"]

STREAMED = frozenset(("iter_bytes", "iter_lines", "iter_events", "iter_items", "save", "read", "close"))
"""What a response has that was asked for with `options={"stream": True}`, and no other."""

ELSEWHERE = {"json": "data", "text": "data", "body": "data", "status_code": "status", "reason": "status"}
"""What responses of other clients have, and what it is here."""


class LinkedCall(Protocol):
    """A call that a response makes possible: see `links.Link`, which comes with the first of them."""

    @property
    def name(self) -> str:
        """The name of the link."""

    @property
    def operation(self) -> str:
        """The key of the operation; empty where it is not known."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The parameters, by the names of the document."""

    @property
    def body(self) -> Any:
        """What is sent, or MISSING."""

    @property
    def server(self) -> str | None:
        """The URL of a server of its own, as it is written."""

    @property
    def description(self) -> str:
        """What the document says of the link."""

    def url(self) -> str:
        """The URL that it would be sent to, without credentials."""

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Why something was left out."""

    def __call__(self, /, *, body: Any = ..., options: Mapping[str, Any] | None = None, **names: Any) -> Any:
        """Call it, and give the decoded body."""

    def send(self, /, *, body: Any = ..., options: Mapping[str, Any] | None = None, **names: Any) -> Response:
        """Call it, and give the whole Response, whatever its status."""

    def prepare(
        self, /, *, body: Any = ..., options: Mapping[str, Any] | None = None, **names: Any
    ) -> requests.PreparedRequest:
        """The request as it would be sent; nothing is sent."""


@dataclass(frozen=True, repr=False)
class Response:
    """A response: as it came, decoded, and what in it breaks the document.

    `data` is the decoded body (dict, list, str, number, bool, bytes; None for no body), `content` its bytes
    after Content-Encoding, `elapsed` seconds, `request` the Request that was sent.
    """

    status: int
    headers: Mapping[str, str]
    data: Any
    content: bytes = field(repr=False)
    url: str = field(repr=False)
    elapsed: float
    request: Request = field(repr=False)
    violations: tuple[Violation, ...] = ()
    secret_names: tuple[str, ...] = field(default=(), repr=False)
    """Names of the headers, query parameters and cookies of the request whose values are not shown: those of
    credentials, and what `options`, a session or its auth added."""
    links: Mapping[str, LinkedCall] = field(default_factory=dict, repr=False)
    """The calls that the document derives from this response, by name (Link Object)."""

    unchecked: tuple[Finding, ...] = field(default=(), repr=False)
    """What of request and response could not be checked: findings, with their locations in the document.

    References that lead nowhere, patterns that were not applied, keywords that were left out, as far as the
    verdict depends on them. Nothing is raised for it: the server is not to blame.
    """

    header_values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The values of the documented headers, by their names in lower case; `header` looks them up."""
    notes: tuple[Violation, ...] = field(default=(), repr=False)
    """Properties of the request that the document does not declare and that seem to be misspelt."""

    if not TYPE_CHECKING:  # to type checkers it has no more than what stands here

        def __getattr__(self, name: str) -> Any:
            """Nothing. What only a streamed response has is named as such."""
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in STREAMED:
                message = (
                    f"this response was read whole and has no {name}(): its body is in `data` and `content`; "
                    f'one that is read as it comes is given by `send` with options={{"stream": True}}'
                )
            elif name in ELSEWHERE:
                message = f"{message}; it has {ELSEWHERE[name]!r}"
            elif name == "raise_for_status":
                message = f"{message}; `call` raises ApiError where `send` returns the response"
            raise AttributeError(message, name=name, obj=self)

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """Each time that something was sent for this response, in order: when, to where, what came of it, and
        why it was followed by another; the last one brought the response."""
        return (Attempt(0.0, self.elapsed, self._shown_url(), self.status),)

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    def header(self, name: str) -> Any:
        """The value of a header, of the type that the document gives it: 5, True, a list, a dict.

        Text for a header that the document does not describe or that cannot be read as it is described, None
        where it did not come.
        """
        found: Any = self.header_values.get(name.lower())
        return self.headers.get(name) if found is None else found

    def __repr__(self) -> str:
        return f"{self._shown()}, {pluralize(len(self.content), 'byte')}{self._broken()}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The line of `repr`, and the data below it as far as a screen goes."""
        from dynaclient._support.prompt_text import first_lines  # late: 3 ms

        printer.text(repr(self) + first_lines(self.data))

    def _repr_html_(self) -> str:
        from dynaclient.calls.display import response_html  # late: 12 ms

        return response_html(self, self._shown_url())

    def _shown(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.request.method} {self._shown_url()}"

    def _shown_url(self) -> str:
        """The URL without its query, which may hold secrets, without a user and secret arguments."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, redact(parts.path, self._hidden()), "", ""))

    def _hidden(self) -> Collection[str]:
        """The texts that its URL is shown without; where that is not of the request, the server wrote it."""
        if self.url == self.request.url:
            return self.request.hidden
        return secrets(self.request, self.secret_names)

    def _broken(self) -> str:
        broken = f", {pluralize(len(self.violations), 'violation')}" if self.violations else ""
        return f"{broken}, {pluralize(len(self.unchecked), 'place')} unchecked" if self.unchecked else broken

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state["request"] = redacted(self.request, self.secret_names)
        state["url"] = redacted_url(
            self.url, unshown(self.request, self.url, self.secret_names), self._hidden()
        )
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        new = {each.name: each.default_factory() for each in fields(self) if callable(each.default_factory)}
        self.__dict__.update(new | state)  # an earlier version may not have had them all
        if hasattr(self.request, "hooks"):  # it had a requests.PreparedRequest
            from dynaclient.wire.request import Request  # late: 1 ms

            self.__dict__["request"] = Request.of(self.request, keep=False)
