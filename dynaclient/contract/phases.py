"""The phases of a run: which cases are sent, in which order, with which identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from dynaclient.contract.case import Case
from dynaclient.contract.coverage_cases import invalid_cases, valid_cases
from dynaclient.contract.flow import SentCase
from dynaclient.contract.generation import Unmakeable, maker
from dynaclient.contract.probes import PROBES
from dynaclient.contract.resources import SAFE
from dynaclient.contract.seeding import seeded
from dynaclient.errors import DocumentError, Finding

if TYPE_CHECKING:
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation

MOST_VALID, MOST_INVALID = 60, 120
"""How many cases of the phase coverage are sent for an operation."""

MOST_READINGS = 2
"""How many operations read what was written."""

INCONCLUSIVE = (404, 409, 429)
"""Statuses that say nothing about an invalid request: what it names is not there, or there already, or it was
not looked at."""

USED_UP = ("DELETE",)
"""Methods after which the thing is gone: each case of them needs one of its own."""


def _coverage(run: Run) -> None:
    """The cases that follow from the document alone."""
    _each(run, run.order, _cover)


def _stateful(run: Run) -> None:
    """The probes, in the order of their table."""
    for probe in PROBES.values():
        if probe.name in run.checks:
            probe.carry_out(run)


def _random(run: Run) -> None:
    """Cases that follow from the seed."""
    _each(run, run.order, _randomly)


PHASES: Mapping[str, Callable[[Run], None]] = {
    "coverage": _coverage,
    "stateful": _stateful,
    "random": _random,
}


def _each(run: Run, keys: Iterable[str], do: Callable[[Run, str], None]) -> None:
    def guarded(key: str) -> None:
        run.say(key)
        tally = run.tallies[key]
        if tally.over:
            return
        try:
            do(run, key)
        except (Unmakeable, DocumentError) as error:
            if run.tallies[key].over:
                return
            place = run.client.operations[key].node.place
            said = f"no valid request was found: {error}"
            tally.unchecked[Finding(place, "error", said, "it is not tried")] = None

    if run.workers == 1:
        for key in keys:
            guarded(key)
        return
    with ThreadPoolExecutor(run.workers) as pool:
        for done in [pool.submit(guarded, key) for key in keys]:
            done.result()


def _cover(run: Run, key: str) -> None:
    cover(run, key)


def cover(run: Run, key: str, *, valid: bool = True, invalid: bool = True) -> None:
    """Send the cases of an operation that follow from the document alone, valid and invalid ones."""
    base = _first(run, key)
    if base is None:
        return
    if valid:
        _cover_valid(run, key, base)
    if invalid:
        _cover_invalid(run, key, base)


def _cover_valid(run: Run, key: str, base: Case) -> None:
    safe = run.client.operations[key].method in SAFE
    for case in islice(valid_cases(maker(run.client), key, base), MOST_VALID):
        if safe or not case.varies.startswith("path."):  # which may lead to what others made
            exchange = send_valid(run, case)
            if exchange is not None and exchange.ok and not safe and case.varies.startswith("body"):
                _read_back(run, exchange)


def _read_back(run: Run, wrote: SentCase) -> None:
    """Read what an unusual body made or changed, and what belongs to it."""
    operation = run.client.operations[wrote.case.operation]
    resource = next(iter(run.resources.put_into(operation)), None) or run.resources.at(operation)
    thing = run.things.live(resource) if resource is not None else None
    if resource is None or thing is None or wrote.status == 202 or not _is_of(thing, wrote):
        return
    below = (key for key in resource.users if _is_about_one(run, run.client.operations[key], resource))
    for key in islice(dict.fromkeys([*resource.readers[:1], *below]), MOST_READINGS):
        reader = run.client.operations[key]
        if run.tallies[key].over:
            continue
        with suppress(Unmakeable, DocumentError):  # that is said of the reader, in its turn
            filled = run.things.filled(run.valid(key), reader, run.things.arranged(reader, thing))
            got = run.send(*filled, [wrote.step]) if filled is not None else None
            if got is not None and got.status in (404, 410) and key in resource.readers:
                run.things.gone(thing)
                return


def _is_of(thing: Thing, wrote: SentCase) -> bool:
    """Whether an exchange made a thing, or named it in its path."""
    named = {str(value) for key, value in wrote.case.arguments.items() if key.startswith("path.")}
    return thing.made is wrote or {str(value) for value in thing.values.values()} <= named


def _is_about_one(run: Run, operation: Operation, resource: Resource) -> bool:
    """Whether an operation reads what belongs to one thing: `GET /users/{userId}/track`."""
    return (
        operation.method == "GET"
        and run.resources.of(operation) is resource
        and not any(each.required and each.location == "query" for each in operation.parameters)
    )


def _cover_invalid(run: Run, key: str, base: Case) -> None:
    make = maker(run.client)
    full = run.valid(key, optional=True)
    sent = 0
    for case in invalid_cases(make, key, _more(full, base)):
        if case.lost:
            run.tallies[key].unsent += 1
        elif sent < MOST_INVALID:
            sent += 1
            send_invalid(run, make.told(_bare(case, base)))


def _bare(case: Case, base: Case) -> Case:
    """`case` with nothing else than `base` where its identifier is invalid: a server that accepts it may hold
    something by that name from then on, so that no smaller case does the same."""
    key = f"path.{case.fault.name}" if case.fault is not None and case.fault.where == "path" else ""
    if key not in case.arguments:
        return case
    arguments = {**base.arguments, key: case.arguments[key]}
    return replace(base, arguments=arguments, fault=case.fault, reason=case.reason)


def _more(full: Case, base: Case) -> Case:
    """`full` with the identifiers of `base`."""
    own = {key: value for key, value in base.arguments.items() if key.startswith("path.")}
    return replace(full, arguments={**full.arguments, **own})


def _first(run: Run, key: str) -> Case | None:
    """The base of the cases of an operation: the smallest one that it takes, else the fullest."""
    base = run.valid(key)
    for optional in (False, True, False):
        case = run.valid(key, optional=optional)
        exchange = send_valid(run, case)
        if exchange is None or run.tallies[key].over:
            return None
        if exchange.ok:
            return exchange.case
    return base


def _randomly(run: Run, key: str) -> None:
    for case in seeded(run.client, key, run.seed, run.cases):
        if case.lost:
            run.tallies[key].unsent += 1
        elif case.fault is None:
            send_valid(run, case)
        else:
            send_invalid(run, case)


# -- sending ---------------------------------------------------------------------------------------------


def send_valid(run: Run, case: Case) -> SentCase | None:
    """Send a valid case with identifiers that lead somewhere; again with new values where those were taken.

    None where no identifier is known that it may be sent with.
    """
    operation = run.client.operations[case.operation]
    exchange = _sent(run, operation, case)
    if exchange is not None and exchange.status == 409:
        exchange = _sent(run, operation, run.fresh(case)) or exchange
        if exchange.status == 409 and run.resources.made_by(operation):  # there may be no room for more
            exchange = _sent(run, operation, run.fresh(case), fresh=True) or exchange
    if exchange is not None and exchange.status in (404, 410):
        again = _sent(run, operation, case, fresh=True)
        exchange = again or exchange
    return exchange


def send_invalid(run: Run, case: Case) -> SentCase | None:
    """Send an invalid case; once more with new values where the response shows nothing."""
    operation = run.client.operations[case.operation]
    exchange = _sent(run, operation, case)
    if exchange is not None and _is_inconclusive(exchange):
        exchange = _sent(run, operation, run.fresh(case), fresh=True) or exchange
        if _is_inconclusive(exchange):
            run.inconclusive(case.operation)
    return exchange


def _is_inconclusive(exchange: SentCase) -> bool:
    """Whether the response does not show that an invalid request was refused for what is invalid."""
    fault = exchange.case.fault
    return exchange.status in INCONCLUSIVE and not (
        exchange.status == 404 and fault is not None and fault.where == "path"
    )


def _sent(run: Run, operation: Operation, case: Case, *, fresh: bool = False) -> SentCase | None:
    arrangement = run.things.arrange(operation, fresh=fresh or operation.method in USED_UP)
    filled = run.things.filled(case, operation, arrangement, fresh=fresh and case.fault is not None)
    if filled is None:
        said = "it would change data that this run did not make (--given NAME=VALUE, --any-data)"
        if run.things.permits(operation, arrangement):
            said = "some of its cases may be about data that this run did not make (--given, --any-data)"
        run.skipped(operation.key, said)
        return None
    case, takes = filled
    exchange = run.send(case, takes)
    if exchange.ok:
        if operation.method in USED_UP:
            run.things.gone(arrangement.thing)
        elif case.fault is None:
            run.things.adopt(exchange, operation)
    elif exchange.status in (404, 410) and case.fault is None:
        run.things.gone(arrangement.thing)
    return exchange


def resent(run: Run, case: Case) -> SentCase | None:
    """What a smaller case brings; what is wrong with it is not noted. None where it may not be sent."""
    operation = run.client.operations[case.operation]
    arrangement = run.things.arrange(operation, fresh=operation.method in USED_UP)
    filled = run.things.filled(case, operation, arrangement)
    found = run.quietly(*filled) if filled is not None else None
    if found is not None and found.status == 409:
        filled = run.things.filled(run.fresh(case), operation, arrangement, fresh=True)
        found = run.quietly(*filled) if filled is not None else None
    if found is None:
        return None
    if found.ok and operation.method in USED_UP:
        run.things.gone(arrangement.thing)
    return found
