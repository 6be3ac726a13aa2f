"""The garbage collector, while something large is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Trees, modules and schemas hold no garbage while they grow; looking for it costs up to a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def importing() -> Iterator[None]:
    """`paused`, while modules are imported, which stay for good: they count as old at once.

    For what happens once in a process. What is promoted so waits for a whole collection, and may wait long.
    """
    with paused():
        yield
        if hasattr(gc, "freeze") and not gc.get_freeze_count():  # nor does PyPy have it, nor is it ours then
            gc.freeze()
            gc.unfreeze()
