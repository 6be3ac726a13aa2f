"""Who is notified of the calls of a client: hooks, coverage, tracing. One mechanism for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from dynaclient.wire.redaction import redacted_url, secrets, unshown

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.document.model import Operation
    from dynaclient.errors import Violation
    from dynaclient.transport.policy import Outage, ResponseHead
    from dynaclient.wire.request import Request


class Observer:
    """Is notified of the calls of an Executor; each method does nothing here.

    What one raises ends the call and is raised as it is, once all were notified.
    """

    is_setting = False
    """Whether it goes along where a client is pickled."""

    def violated(self, operation: Operation, violations: Sequence[Violation]) -> None:
        """A request breaks the document: it is refused, or in warn mode sent all the same."""

    def sends(self, call: OngoingCall) -> None:
        """A request is about to be sent: `call.request`, which may be set to another."""

    def came(self, call: OngoingCall, outcome: ResponseHead | Outage) -> None:
        """A response to it came, or none."""

    def waits(self, call: OngoingCall, outcome: ResponseHead | Outage, pause: float) -> None:
        """That is not the end: the next attempt comes after so many seconds."""

    def responded(self, call: OngoingCall, response: Response) -> None:
        """The response of the call, before it is judged; of a stream its head has come."""

    def failed(self, call: OngoingCall, error: BaseException) -> None:
        """There is none: the call ends with this."""


EVERYWHERE: list[Observer] = []
"""What observes each executor that is made from now on."""


class OngoingCall:
    """One call that observers are notified of; to the transport it is a Watch.

    `request`: what was sent last; `attempt`: in which attempt, from 1; `sent`: how many requests went out,
    those after a redirect or a challenge among them. `seconds`: what the last of them took.
    """

    def __init__(self, executor: Any, signed: SignedRequest) -> None:
        self.executor = executor
        """The BaseExecutor that makes the call."""
        self.signed = signed
        self.request = signed.request
        self.attempt = self.sent = 0
        self.seconds = 0.0
        self.kept: dict[Observer, Any] = {}
        """What observers keep of the call."""
        self._observers = tuple(executor.observers)
        self._ended = True
        self._started = monotonic()
        if signed.violations:
            tell(self._observers, lambda each: each.violated(self.operation, signed.violations))

    @property
    def operation(self) -> Operation:
        """What is called."""
        return self.signed.call.operation

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return monotonic() - self._started

    @property
    def shown_url(self) -> str:
        """The URL that is asked. Of its query it has the values of arguments alone, and none that is called a
        secret; what a redirect adds is not known to be none."""
        first, url = self.signed.request, self.request.url
        names = self.signed.security.private
        those = first.hidden if url == first.url else secrets(first, names)  # a server may say them again
        return redacted_url(url, unshown(first, url, names), those)

    def sends(self, request: Request, attempt: int) -> Request:
        """As an Observer is notified."""
        self.request, self.attempt, self.sent = request, attempt, self.sent + 1
        tell(self._observers, lambda each: each.sends(self))
        return self.request

    def came(self, outcome: ResponseHead | Outage, seconds: float) -> None:
        """As an Observer is notified."""
        self.seconds = seconds
        tell(self._observers, lambda each: each.came(self, outcome))

    def waits(self, outcome: ResponseHead | Outage, pause: float) -> None:
        """As an Observer is notified."""
        tell(self._observers, lambda each: each.waits(self, outcome, pause))

    def responded(self, signed: SignedRequest, response: Response) -> None:
        """As an Observer is notified. `signed`: what was sent at last."""
        self.signed, self._ended = signed, False
        tell(self._observers, lambda each: each.responded(self, response))
        self._ended = True

    def unread(self, reply: Any) -> Any:
        """The stream of a reply that nobody gets, since an observer raised; None for none."""
        return None if self._ended else getattr(reply, "source", None)

    def failed(self, error: BaseException) -> None:
        """As an Observer is notified."""
        tell(self._observers, lambda each: each.failed(self, error))


def tell(observers: Iterable[Observer], what: Callable[[Observer], None]) -> None:
    """Tell all of them; then raise what the first of them raised."""
    raised: BaseException | None = None
    for observer in observers:
        try:
            what(observer)
        except BaseException as error:
            raised = raised or error
    if raised is not None:
        raise raised
