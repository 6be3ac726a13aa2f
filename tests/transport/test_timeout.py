"""The values that `timeout=` takes."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys

import pytest

from dynaclient.errors import SettingsError
from dynaclient.transport.deadline import Timeout


def test_defaults() -> None:
    assert Timeout() == Timeout(total=60, connect=10, read=None)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (5, Timeout(total=5)),
        (0.5, Timeout(total=0.5)),
        (None, Timeout(total=None)),
        (Timeout(read=1), Timeout(read=1)),
    ],
)
def test_a_number_is_the_total(value: float | Timeout | None, meaning: Timeout) -> None:
    assert Timeout.of(value) == meaning


@pytest.mark.parametrize("name", ["total", "connect", "read"])
@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "5", (1, 2)])
def test_anything_else_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        Timeout(**{name: value})  # type: ignore[arg-type]


def test_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Timeout(read=1))) == Timeout(read=1)


def test_light_modules_do_not_import_requests() -> None:
    code = (
        "import sys, dynaclient.transport.reply, dynaclient.transport.session\n"
        "dynaclient.transport.session.Transport().close()\n"
        "print('requests' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
