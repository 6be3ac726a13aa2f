"""How cost grows: with the document, with threads. Each function gives what is measured."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from bench import calling

Run = Callable[[], Any]

CALLS = 128
"""Calls of a round of threads, shared by all of them."""


def opening(document: str) -> Run:
    """A client made from the document, and the number of its operations."""
    made = import_module("dynaclient").Client
    return lambda: len(made(document, server="http://127.0.0.1").operations)


def threads(how: str, target: dict[str, Any], number: int) -> tuple[Run, int]:
    """`CALLS` calls by `number` threads that share one client."""
    call = getattr(calling, how)(target)
    pool = ThreadPoolExecutor(number)
    return lambda: list(pool.map(lambda _: call(), range(CALLS))), CALLS


def body(how: str, target: dict[str, Any], size: int) -> Run:
    """A call that sends about `size` bytes of JSON."""
    pets = [{"id": i, "name": f"pet number {i}", "tag": "dog"} for i in range(max(1, size // 47))]
    made: Run = getattr(calling, how)({**target, "body": pets})
    return made
