"""Exceptions that come from outside: a signal handler raised them in the middle of whatever ran.

Job queues and test tools limit time so: SoftTimeLimitExceeded of celery, JobTimeoutException of rq, a
handler for SIGALRM. They are not about the call that they hit, and whoever set the limit waits for that very
exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType


def let_through(error: BaseException) -> None:
    """Raise what a signal handler raised, where `error` is that or was made of it; else nothing."""
    found = interrupt(error)
    if found is not None:
        raise found


def interrupt(error: BaseException) -> BaseException | None:
    """The exception of a signal handler that `error` is, or that lies beneath it.

    The deepest: libraries give what they make of one its traceback.
    """
    return next(filter(_is_of_handler, reversed(list(causes(error)))), None)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what lies beneath it; each library nests in a way of its own.

    `__context__` is left aside: it leads on to what the caller was handling when it called.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [getattr(found, name, None) for name in ("reason", "original_error", "__cause__")]
            waiting += found.args


def _is_of_handler(error: BaseException) -> bool:
    """Whether a frame on the way was called as a signal handler is: with the frame that it interrupted."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        if _holds(step.tb_next.tb_frame, step.tb_frame):
            return True
        step = step.tb_next
    return False


def _holds(frame: FrameType, interrupted: FrameType) -> bool:
    """Whether a frame has another among its arguments: by itself, or in `*arguments`."""
    for value in list(frame.f_locals.values()):
        if value is interrupted or (type(value) is tuple and any(each is interrupted for each in value)):
            return True
    return False
