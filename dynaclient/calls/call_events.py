"""Events: what the hooks of a client are given. No credential is in any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of
from dynaclient.calls.observers import Observer, OngoingCall
from dynaclient.errors import SettingsError, Violation
from dynaclient.transport.watching import came

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.document.model import Operation
    from dynaclient.transport.policy import Outage, ResponseHead

__all__ = ["CallEvent"]


@dataclass(frozen=True)
class CallEvent:
    """What a hook is given of a call. It holds no credential, no header and no body."""

    operation: str
    """The operationId; `METHOD /path` for an operation without one."""
    method: str
    """The method of the request."""
    template: str
    """The path as the document writes it: `/orders/{orderId}`."""
    url: str = ""
    """The URL that is asked, redacted; empty where nothing was sent."""
    attempt: int = 0
    """1, 2, ...; what follows on a redirect or a challenge belongs to the same. 0 where nothing was sent."""
    status: int | None = None
    """The status of the response; None where there is none."""
    error: str = ""
    """The class of what was raised, such as `ConnectError`; empty where a response came."""
    seconds: float = 0.0
    """How long it took: the attempt for `on_retry`, the whole call for `on_response` and `on_error`."""
    pause: float = 0.0
    """Seconds until the next attempt, for `on_retry`."""
    violations: tuple[Violation, ...] = ()
    """What breaks the document, for `on_response` and `on_violation`."""


Hook = Callable[[CallEvent], object]
"""A function of the user's."""


@dataclass(frozen=True, eq=False)
class Hooks(Observer):
    """The hooks of a client, each a function that is given a CallEvent."""

    on_request: Hook | None = None
    on_response: Hook | None = None
    on_retry: Hook | None = None
    on_violation: Hook | None = None
    on_error: Hook | None = None

    is_setting = True

    @classmethod
    def of(cls, **given: Any) -> Hooks:
        """Raises SettingsError for what is no function, or one that is to be awaited."""
        for name, hook in given.items():
            if hook is not None and not callable(hook):
                raise SettingsError(f"{name}: expected a function of a CallEvent, got {kind_of(hook)}")
            if iscoroutinefunction(hook) or iscoroutinefunction(getattr(hook, "__call__", None)):  # noqa: B004
                raise SettingsError(f"{name}: expected a plain function: hooks are not awaited")
        return cls(**given)

    def violated(self, operation: Operation, violations: Sequence[Violation]) -> None:
        if self.on_violation is not None:
            named = (operation.key, operation.method, operation.path)
            self.on_violation(CallEvent(*named, violations=tuple(violations)))

    def sends(self, call: OngoingCall) -> None:
        if self.on_request is not None:
            self.on_request(_event(call))

    def waits(self, call: OngoingCall, outcome: ResponseHead | Outage, pause: float) -> None:
        if self.on_retry is not None:
            self.on_retry(_event(call, **came(outcome), seconds=call.seconds, pause=pause))

    def responded(self, call: OngoingCall, response: Response) -> None:
        event = _event(
            call, status=response.status, seconds=response.elapsed, violations=tuple(response.violations)
        )
        if self.on_response is not None:
            self.on_response(event)
        if self.on_violation is not None and len(event.violations) > len(call.signed.violations):
            self.on_violation(replace(event, violations=event.violations[len(call.signed.violations) :]))

    def failed(self, call: OngoingCall, error: BaseException) -> None:
        if self.on_error is not None:
            self.on_error(_event(call, error=type(error).__name__, seconds=call.elapsed))


def _event(call: OngoingCall, **more: Any) -> CallEvent:
    operation = call.operation
    return CallEvent(
        operation=operation.key,
        method=call.request.method,
        template=operation.path,
        url=call.shown_url,
        attempt=call.attempt,
        **more,
    )
