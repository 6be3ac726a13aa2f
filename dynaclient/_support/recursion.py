"""Work that recurses, on a stack of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def at_any_depth(work: Callable[[], T]) -> T:
    """What `work` gives, or raises, however deep the caller stands.

    Python bounds the frames of a thread, not the levels of a value. So what fails deep down in a program, and
    would not elsewhere, is done once more in a thread that has only just begun.
    """
    try:
        return work()
    except RecursionError:
        return _afresh(work)


def _afresh(work: Callable[[], T]) -> T:
    done: list[Any] = []

    def run() -> None:
        try:
            done.append((work(), None))
        except BaseException as error:
            done.append((None, error))

    thread = Thread(target=copy_context().run, args=(run,), name="dynaclient-afresh", daemon=True)
    thread.start()
    thread.join()
    result, error = done[0]
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]
