"""What sequences are made of: a thing is made, read and removed; whether the server keeps what it is given.

A probe is conclusive only at a server that tells what is there from what is not. One that responds the same
whatever it is asked for, such as a mock, is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient.contract.probes.probe import Flow
from dynaclient.contract.resources import identifiers

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, SentCase
    from dynaclient.contract.resources import Creator, Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation, Parameter

ACCEPTED = 202
"""The server has not carried it out yet (RFC 9110, 202 Accepted)."""

CONFLICT = 409
NOT_THERE = (404, 410)

DRAWN = 12
"""How many cases are made to choose from."""

PAUSE = 0.25
"""Seconds that a server gets until all of it knows what was written."""


def documents(operation: Operation, status: int) -> bool:
    """Whether an operation lists a status by itself."""
    return any(each.status == str(status) for each in operation.responses)


def body_of(exchange: SentCase | None) -> Any:
    """The decoded body of the response; None for none."""
    return exchange.response.data if exchange is not None and exchange.response is not None else None


def fullest(run: Run, key: str) -> Case:
    """The valid case, of some, whose body says most."""
    return max((run.valid(key, optional=True) for _ in range(DRAWN)), key=lambda each: len(repr(each.body)))


# -- requests --------------------------------------------------------------------------------------------


def addressed(
    run: Run, operation: Operation, thing: Thing | None, case: Case | None = None
) -> tuple[Case, Mapping[str, Capture]] | None:
    """A valid case of `operation` on `thing`, and what of it is captured; None where it would do harm."""
    arrangement = run.things.arranged(operation, thing)
    if thing is not None and arrangement.thing is not thing and arrangement.values:
        return None  # its identifiers do not fit
    return run.things.filled(case or run.valid(operation.key), operation, arrangement)


def ready(
    run: Run, operation: Operation, *, fresh: bool = False, case: Case | None = None
) -> tuple[Case, Mapping[str, Capture], Thing | None] | None:
    """A valid case of `operation` with identifiers that lead somewhere; None where it would do harm."""
    arrangement = run.things.arrange(operation, fresh=fresh)
    filled = run.things.filled(case or run.valid(operation.key), operation, arrangement)
    return (*filled, arrangement.thing) if filled is not None else None


def read(run: Run, flow: Flow, thing: Thing) -> SentCase | None:
    """Read a thing with the first operation that is there for it, at the end of `flow`."""
    for key in thing.resource.readers[:1]:
        made = addressed(run, run.client.operations[key], thing)
        return flow.send(*made) if made is not None else None
    return None


def create(
    run: Run, flow: Flow, resource: Resource, creator: Creator, case: Case | None = None
) -> tuple[Thing, SentCase] | None:
    """Make a thing in `flow`, and give it with the exchange that made it.

    None where that did not succeed, or where it is not certain what the thing is called.
    """
    operation = run.client.operations[creator.operation]
    wanted = case or run.valid(operation.key)
    for taken in (False, False, True):  # what it refers to may be in use
        arrangement = run.things.arrange_for_making(operation, resource, creator)
        filled = arrangement and run.things.filled(wanted, operation, arrangement, fresh=taken)
        if not filled:
            return None
        exchange = flow.send(*filled)
        if exchange.ok:
            break
        flow.exchanges.pop()
        if exchange.status == CONFLICT:
            wanted = run.fresh(wanted)
        elif case is None and exchange.status in (400, 422):
            wanted = run.valid(operation.key, optional=True)
        else:
            return None
    else:
        return None
    if exchange.status == ACCEPTED:
        return None
    thing = run.things.made(resource, creator, exchange)
    return (thing, exchange) if thing is not None and _is_sure(run, thing, creator) else None


def created(run: Run, flow: Flow, resource: Resource) -> tuple[Thing, SentCase] | None:
    """A new thing by the first operation that surely makes one."""
    for creator in resource.creators:
        made = create(run, flow, resource, creator)
        if made is not None:
            return made
    return None


def _is_sure(run: Run, thing: Thing, creator: Creator) -> bool:
    """Whether what a creator made is certain to be the thing that its identifiers name."""
    if creator.chosen or creator.expressions:
        return True
    resource, operation = thing.resource, run.client.operations[creator.operation]
    collection = resource.path.rpartition("/")[0].rstrip("/")
    if collection.count("/") != operation.path.rstrip("/").count("/"):
        return False
    for name in resource.own:
        capture = thing.captures.get(name)
        if capture is None:
            return False
        if not capture.segment and not resource.is_called(name, capture.expression.rpartition("/")[2]):
            return False
    return True


def removed(run: Run, flow: Flow, thing: Thing) -> SentCase | None:
    """Remove a thing that was made, at the end of `flow`; None where nothing does, or it was not done."""
    for key in thing.resource.removers[:1]:
        made = addressed(run, run.client.operations[key], thing)
        if made is None:
            return None
        exchange = flow.send(*made)
        if exchange.ok:
            run.things.gone(thing)
        return exchange if exchange.ok and exchange.status != ACCEPTED else None
    return None


def again(run: Run, exchange: SentCase) -> SentCase:
    """Send the last request of a sequence once more, a little later."""
    time.sleep(PAUSE)
    return run.quietly(exchange.case, exchange.step.takes)


# -- what the server keeps -------------------------------------------------------------------------------


def keeps(run: Run, resource: Resource) -> bool:
    """Whether reading such a resource tells what is there from what is not."""
    known: dict[str, bool] = run.notes.setdefault("keeps", {})
    if resource.path not in known:
        known[resource.path] = False
        known[resource.path] = _keeps(run, resource)
    return known[resource.path]


def is_stateful(run: Run) -> bool:
    """Whether the server is one that keeps things, as far as was seen: some resource, and no other."""
    seen = [keeps(run, each) for each in run.resources if each.readers]
    return bool(seen) and any(seen) and not run.notes.get("mock")


def _keeps(run: Run, resource: Resource) -> bool:
    for key in resource.readers[:1]:
        operation = run.client.operations[key]
        arrangement = run.things.arrange(operation)
        case, takes = arrangement.applied(run.valid(key))
        missing = _with_free(run, operation, resource, case)
        if missing is None or not run.send(case, takes).ok:
            return False
        kept = {name: each for name, each in takes.items() if case.arguments[name] == missing.arguments[name]}
        nothing = run.send(missing, kept)
        if nothing.ok:
            run.notes["mock"] = True
        return nothing.status in (403, *NOT_THERE)
    return False


def _before(arguments: dict[str, Any], wanted: list[Parameter], parameter: Parameter) -> dict[str, Any]:
    """The identifiers that stand before one in the path."""
    return {each.key: arguments[each.key] for each in wanted[: wanted.index(parameter)]}


def _with_free(run: Run, operation: Operation, resource: Resource, case: Case) -> Case | None:
    """`case` with an identifier that nothing has, its parents as they are."""
    own = resource.parameters[-len(resource.own) :]
    positions = {name: index for index, name in enumerate(resource.parameters)}
    arguments = dict(case.arguments)
    wanted = identifiers(run.client, operation)
    for parameter in wanted[-len(own) :] if len(wanted) == len(positions) else ():
        value = run.things.unused(operation, parameter, _before(arguments, wanted, parameter))
        if value is MISSING:
            return None
        arguments[parameter.key] = value
    return replace(case, arguments=arguments) if arguments != case.arguments else None
