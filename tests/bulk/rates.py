"""The rate of a run, as a server sees it."""

from __future__ import annotations

from tests.bulk.counting import Counting
from tests.transport.test_rate import most_in


def put_off_once(key: str, arrival: int) -> str:
    """A plan of one 429."""
    return "429" if key == "k30" and arrival == 1 else "ok"


def check_the_rate(counting: Counting, pause: float, rate: int = 100) -> None:
    """With `put_off_once`: no second, and no ten, has more than its share, and the 429 slowed all."""
    assert most_in(counting.times, 1.0) <= 1.1 * rate
    assert most_in(counting.times, 10.0) <= 10 * rate
    gaps = [after - before for before, after in zip(counting.times, counting.times[1:], strict=False)]
    assert max(gaps) >= pause


def check_the_rate_over_ten_seconds(counting: Counting, pause: float, rate: int) -> None:
    """The same, where the rate holds the run back, and not the machine."""
    check_the_rate(counting, pause, rate)
    assert counting.times[-1] - counting.times[0] > 10.0
    assert most_in(counting.times, 10.0) >= 5 * rate
