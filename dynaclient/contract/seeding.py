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
    """`count` broken cases, no two of which break the same rule at the same place.

    Where there are more, they are taken from all places evenly, and no others are judged.
    """
    by_place: dict[tuple[str, ...], Case] = {}
    for turn, case in enumerate(_fullest_first(good)):
        for faulty in make.unjudged(case, Seeded(seed * 1000 + turn)):
            by_place.setdefault(fault_place(faulty), faulty)
        if len(by_place) >= count * 4:
            break
    seen: dict[tuple[str, ...], Case] = {}
    lost: dict[tuple[str, ...], Case] = {}
    for case in map(make.judged, _evenly([*by_place.values()], seed)):
        if len(seen) == count:
            break
        (lost if case.lost else seen).setdefault(fault_place(case), case)
    return [make.told(case) for case in [*seen.values(), *lost.values()][:count]]


def fault_place(case: Case) -> tuple[str, ...]:
    """What is broken, and where, whichever element of an array it is."""
    fault = case.fault
    if fault is None:
        return ()
    return fault.where, fault.name, anywhere(fault.pointer), fault.keyword


def _fullest_first(cases: list[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: -len(repr(case)))


def _evenly(cases: list[Case], seed: int) -> list[Case]:
    """The cases in an order whose beginnings are spread over all of them; each seed has another one."""
    golden = (5**0.5 - 1) / 2
    order = sorted(range(len(cases)), key=lambda index: (index + seed) * golden % 1)
    return [cases[index] for index in order]
