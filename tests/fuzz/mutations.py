"""Bytes near to valid ones, and how long and how often they are tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic, process_time
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

MOST = 40_000
"""Bytes of one example."""
SECONDS = 2.0
"""Processor time that one example may take: what grows with the square of its size takes more."""

Edit = tuple[str, int, int, Any]


def mutated(samples: Sequence[bytes], words: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of the samples, after some edits; `words` are what the format is made of."""
    at = st.integers(0, 10_000)
    edits: st.SearchStrategy[Edit] = st.one_of(
        st.tuples(st.just("cut"), at, st.integers(1, 50), st.none()),
        st.tuples(st.just("put"), at, st.just(0), st.sampled_from(words) | st.binary(min_size=1, max_size=4)),
        st.tuples(st.just("again"), at, st.integers(1, 30), st.sampled_from([2, 5, 100, 5000])),
        st.tuples(st.just("many"), at, st.sampled_from([10, 1000, 20_000]), st.sampled_from(words)),
        st.tuples(st.just("flip"), at, st.integers(1, 255), st.none()),
        st.tuples(st.just("end"), at, st.just(0), st.none()),
    )
    return st.builds(_edited, st.sampled_from(samples), st.lists(edits, max_size=6))


def _edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    for kind, where, size, more in edits:
        at = where % (len(data) + 1)
        before, part, rest = data[:at], data[at : at + size], data[at + size :]
        if kind == "cut":
            data = before + rest
        elif kind == "put":
            data = before + more + data[at:]
        elif kind == "again":
            data = before + part * more + rest
        elif kind == "many":
            data = before + more * size + data[at:]
        elif kind == "flip" and data[at : at + 1]:
            data = before + bytes([data[at] ^ size]) + data[at + 1 :]
        elif kind == "end":
            data = before
        data = data[:MOST]
    return data


def pieces(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """The data, cut anywhere."""
    ends = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


CUTS = st.lists(st.integers(0, MOST), max_size=5)


def tried(check: Callable[..., Any], seconds: float, **strategies: Any) -> int:
    """Try examples for so long, each batch with a seed of its own; how many were tried."""
    count = 0

    def timed(**example: Any) -> None:
        nonlocal count
        count += 1
        begun = process_time()
        check(**example)
        took = process_time() - begun
        assert took < SECONDS, f"{took:.1f} s of the processor"

    until, batch = monotonic() + seconds, 0
    while monotonic() < until:
        settled = settings(
            max_examples=100,
            database=None,
            derandomize=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        seed(batch)(settled(given(**strategies)(timed)))()
        batch += 1
    return count
