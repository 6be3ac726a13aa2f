"""The garbage collector rests while something large is made, and is left as it was found."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dynaclient import collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("enabled", [True, False])
def test_it_is_left_as_it_was_found(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    seen: list[bool] = []

    def fails() -> None:
        with collector.paused():
            seen.append(gc.isenabled())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert seen == [False]
    assert gc.isenabled() is enabled


def test_pauses_nest() -> None:
    with collector.paused():
        with collector.paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_is_still_collected() -> None:
    class Held:
        alive = True

        def __del__(self) -> None:
            Held.alive = False

    with collector.paused():
        held = Held()
        held.itself = held  # type: ignore[attr-defined]
        del held
    gc.collect()
    assert not Held.alive


def test_what_is_imported_counts_as_old_and_the_users_frozen_objects_stay_so() -> None:
    gc.collect()
    free = gc.get_freeze_count() == 0  # Python 3.12 begins with frozen objects of its own
    with collector.importing():
        made: dict[str, object] = {"itself": None}
        made["itself"] = made
    assert any(each is made for each in gc.get_objects(generation=2)) is free
    gc.freeze()
    frozen = gc.get_freeze_count()
    with collector.importing():
        pass
    try:
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()
