"""How fast requests follow each other: by a clock of the test."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Any

import pytest

from dynaclient import SettingsError
from dynaclient.transport.rate import Pace, requests_a_second


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def most_in(times: list[float], seconds: float) -> int:
    """The most requests in any window of so many seconds."""
    return max(bisect_left(times, start + seconds - 1e-9) - index for index, start in enumerate(times))


@pytest.mark.parametrize("rate", [0.5, 1, 3, 10, 100, 1000])
@pytest.mark.parametrize("lag", [0.0, 0.001, 0.015])
def test_no_second_has_more_than_its_share(rate: float, lag: float) -> None:
    """`lag`: how late a sleep ends, each time."""
    clock = Clock()
    pace = Pace(rate, clock)
    times = []
    while clock.now < 1030.0:
        if wait := pace.wait():
            clock.now += wait + lag
            continue
        pace.taken()
        times.append(clock.now)
        if len(times) == 20:
            clock.now += 3.0  # nobody asked for a while: that is not made up for
    assert most_in(times, 1.0) <= max(1, math.floor(1.1 * rate))
    assert most_in(times, 10.0) <= 10 * rate
    if lag == 0.0:
        assert len(times) >= 0.95 * rate * 27 - 1


def arrivals(rate: int, most: int, held: float, took: float) -> list[float]:
    """When requests arrive in 20 seconds, of which `most` may be on their way.

    Every five seconds nothing arrives for `held` seconds, then all of it. The server has it for `took`.
    """
    clock = Clock()
    pace = Pace(rate, clock)
    found: list[float] = []
    going: list[tuple[float, float]] = []
    while clock.now < 1020.0:
        for each in [each for each in going if each[1] + took <= clock.now]:
            going.remove(each)
            pace.arrived(each[1])
        if len(going) == most or pace.wait([went for went, _ in going]):
            clock.now += 0.005
            continue
        pace.taken()
        found.append(clock.now + max(0.0, held - clock.now % 5.0))
        going.append((clock.now, found[-1]))
    return sorted(found)


@pytest.mark.parametrize("rate", [10, 25])
@pytest.mark.parametrize("held", [0.3, 2.5])
@pytest.mark.parametrize("took", [0.02, 0.3])
def test_what_was_held_up_on_its_way_leaves_less_room(rate: int, held: float, took: float) -> None:
    found = arrivals(rate, 8, held, took)
    assert most_in(found, 1.0) <= math.floor(1.1 * rate)
    assert most_in(found, 10.0) <= 10 * rate


@pytest.mark.parametrize("took", [0.02, 0.3, 2.0, 20.0])
def test_a_server_that_takes_its_time_slows_nothing(took: float) -> None:
    assert len(arrivals(25, 1000, 0.0, took)) >= 0.95 * 25 * 20


def test_a_pause_holds_for_all() -> None:
    clock = Clock()
    pace = Pace(None, clock)
    assert pace.wait() == 0
    pace.pause(2.0)
    pace.pause(1.0)
    assert pace.wait() == 2.0
    clock.now += 2.0
    assert pace.wait() == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [("100/s", 100.0), ("600/m", 10.0), ("3600/h", 1.0), (5, 5.0), ("2.5", 2.5), (None, None)],
)
def test_rates(given: Any, expected: float | None) -> None:
    assert requests_a_second(given) == expected


@pytest.mark.parametrize("given", ["fast", "0/s", "-1", "10/d", True, "inf", ""])
def test_what_is_no_rate(given: Any) -> None:
    with pytest.raises(SettingsError, match="expected requests a second, such as 100/s"):
        requests_a_second(given)
