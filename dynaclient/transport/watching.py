"""Who is notified of the attempts of a call while it goes on: the log, and whoever watches.

It stands around `Policy.steps` and looks on, so it is the same for each driver.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from dynaclient.transport.policy import Outage, ResponseHead, Send, Wait
from dynaclient.transport.url import named

if TYPE_CHECKING:
    from dynaclient.transport.policy import Steps
    from dynaclient.wire.request import Request

logger = logging.getLogger("dynaclient")


class Watch(Protocol):
    """What is notified of each attempt. What it raises ends the call, and is raised as it is."""

    def sends(self, request: Request, attempt: int) -> Request:
        """Before a request is sent, in the `attempt` of this number, from 1; gives what is sent instead."""

    def came(self, outcome: ResponseHead | Outage, seconds: float) -> None:
        """A response to it, or a failure, after so many seconds."""

    def waits(self, outcome: ResponseHead | Outage, seconds: float) -> None:
        """That is not the end: after so many seconds there is another attempt."""


def observed(steps: Steps, key: str, watch: Watch | None) -> Steps:
    """The same steps, of which the log and `watch` are notified. `key`: of the operation, empty for none."""
    result: Any = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if isinstance(step, Send):
            last = step
            if watch is not None:
                step = step._replace(request=watch.sends(step.request, step.attempt + 1))
            begun = monotonic()
            result = outcome = yield step
            seconds = monotonic() - begun
            _log_exchange(key, last, outcome, seconds)
            if watch is not None:
                watch.came(outcome, seconds)
        else:
            if isinstance(step, Wait):
                _log_retry(key, last, outcome, step.seconds)
                if watch is not None:
                    watch.waits(outcome, step.seconds)
            result = yield step


def _log_exchange(key: str, step: Send, outcome: ResponseHead | Outage, seconds: float) -> None:
    """One line of what came of an attempt: no query, no header, no body."""
    if logger.isEnabledFor(logging.DEBUG):
        milliseconds = round(1000 * seconds, 1)
        line = "%s: %s in %.1f ms, attempt %d"
        extra = {**_fields(key, step, outcome), "milliseconds": milliseconds}
        logger.debug(line, _name(step), _told(outcome), milliseconds, step.attempt + 1, extra=extra)


def _log_retry(key: str, step: Send, outcome: ResponseHead | Outage, pause: float) -> None:
    line, extra = "%s: %s, sent again in %.1f s", {**_fields(key, step, outcome), "pause": round(pause, 3)}
    logger.info(line, _name(step), _told(outcome), pause, extra=extra)


def _fields(key: str, step: Send, outcome: ResponseHead | Outage) -> dict[str, Any]:
    """What a formatter for structured logs has of a record, as attributes of it."""
    return {
        "operationId": key,
        "method": step.request.method,
        **came(outcome),
        "attempt": step.attempt + 1,
    }


def came(outcome: ResponseHead | Outage) -> dict[str, Any]:
    """What came of an attempt: `status`, None without a response, and `error`, the class of what failed."""
    if isinstance(outcome, Outage):
        return {"status": None, "error": type(outcome.error).__name__}
    return {"status": outcome.status, "error": ""}


def _told(outcome: ResponseHead | Outage) -> str:
    return type(outcome.error).__name__ if isinstance(outcome, Outage) else str(outcome.status)


def _name(step: Send) -> str:
    return named(step.request)
