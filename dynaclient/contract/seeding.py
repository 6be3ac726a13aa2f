"""Cases that follow from a seed alone: for the command line, demos, and wherever there is no hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynaclient.contract.case import Case, anywhere
from dynaclient.contract.generation import CaseMaker, maker
from dynaclient.generation.choices import Seeded

if TYPE_CHECKING:
    from dynaclient.client import Client

__all__ = ["seeded"]


def seeded(client: Client, key: str, seed: int = 0, count: int = 20) -> list[Case]:
    """At most `count` cases of the operation `key`, half of them valid, the same ones for the same seed.

    The first has only what is required, the second everything. The broken ones are broken in as many ways as
    there is room for, those first that a server gets to see. Raises UnknownOperation, and Unmakeable where
    there is no valid case.
    """
    make, name = maker(client), client.operations[key].key
    good = _valid(make, name, seed, max(1, count - count // 2))
    return [*good, *_broken(make, seed, good, count // 2)]


def _valid(make: CaseMaker, key: str, seed: int, count: int) -> list[Case]:
    found = [make.valid(key, Seeded(seed), optional=False)]
    for turn in range(1, count * 3):
        if len(found) == count:
            break
        case = make.valid(key, Seeded(seed * 1000 + turn), optional=True if turn == 1 else None)
        if case not in found:
            found.append(case)
    return found


def _broken(make: CaseMaker, seed: int, good: list[Case], count: int) -> list[Case]:
    """`count` broken cases, no two of which break the same rule at the same place."""
    by_place: dict[tuple[str, ...], Case] = {}
    for turn, case in enumerate(_fullest_first(good)):
        for faulty in make.faults(case, Seeded(seed * 1000 + turn)):
            by_place.setdefault(fault_place(faulty), faulty)
        if len(by_place) >= count * 4:
            break
    found = by_place.values()
    picked = _spread([case for case in found if not case.lost], count, seed)
    picked += _spread([case for case in found if case.lost], count - len(picked), seed)
    return [make.told(case) for case in picked]


def fault_place(case: Case) -> tuple[str, ...]:
    """What is broken, and where, whichever element of an array it is."""
    fault = case.fault
    if fault is None:
        return ()
    return fault.where, fault.name, anywhere(fault.pointer), fault.keyword


def _fullest_first(cases: list[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: -len(repr(case)))


def _spread(cases: list[Case], count: int, seed: int) -> list[Case]:
    """`count` of the cases, evenly from the first to the last; another seed begins at another one."""
    count = min(count, len(cases))
    return [cases[(index * len(cases) // count + seed) % len(cases)] for index in range(count)]
