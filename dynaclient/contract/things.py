"""What a run knows of the data of the server: things that it made, that it may use, and values that are free.

Nothing is harmed that the run did not make: an unsafe method (RFC 9110) goes to a thing that this run made or
that the caller named (`given`), or to an identifier that nothing has. What was read from the server, and what
the document gives as an example, fills safe methods only. `any_data` lifts that.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from dynaclient._support.missing import MISSING
from dynaclient.calls.links import fitted
from dynaclient.client import executor_of
from dynaclient.contract.flow import Capture, SentCase
from dynaclient.contract.generation import Unmakeable, maker
from dynaclient.contract.identifiers import identified, is_given, listed_items, looked_up, sent_names
from dynaclient.contract.prerequisites import Prerequisites
from dynaclient.contract.references import ReferenceFiller
from dynaclient.contract.resources import (
    SAFE,
    Creator,
    Resource,
    ResourceMap,
    identifiers,
)
from dynaclient.document.model import Operation, Parameter, template

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case

Origin = Literal["made", "given", "read", "free", "none"]
"""Where identifiers come from: this run made the thing; the caller named it; the server or the document names
it; nothing has it; there are none."""

OWN = ("made", "given", "free", "none")
"""Origins that an unsafe method may go to."""


MOST_FAILURES = 2
"""After how many failures in a row an operation is no longer asked to make something."""

MOST_DRAWN = 4
"""How many identifiers are looked up for one that nothing has."""

DEEPEST = 4
"""How many things may have to be made to make another."""


@dataclass(eq=False)
class Thing:
    """Something that the server holds: the values of the parameters of its resource's path, by name."""

    resource: Resource
    values: Mapping[str, Any]
    origin: Origin
    captures: Mapping[str, Capture] = field(default_factory=dict)
    made: SentCase | None = None
    """The exchange that made it."""
    alive: bool = True


@dataclass(frozen=True)
class Arrangement:
    """Values for the path parameters of an operation, by `path.NAME`, and where they come from."""

    values: Mapping[str, Any] = field(default_factory=dict)
    takes: Mapping[str, Capture] = field(default_factory=dict)
    origin: Origin = "none"
    thing: Thing | None = None

    def allows(self, method: str) -> bool:
        """Whether an operation with this method may be sent with these values."""
        return method in SAFE or self.origin in OWN

    def applied(self, case: Case) -> tuple[Case, dict[str, Capture]]:
        """`case` with these values, and what of it is captured; a parameter that it is about stays."""
        fault = case.fault
        kept = f"path.{fault.name}" if fault is not None and fault.where == "path" else case.varies
        values = {key: each for key, each in self.values.items() if key != kept}
        takes = {key: each for key, each in self.takes.items() if key in values}
        return replace(case, arguments={**case.arguments, **values}), takes


Send = Callable[["Case", Mapping[str, Capture]], SentCase]
"""Sends a case of which some values are captured."""


class Things:
    """The things of one run. `send` sends a request of the run, `valid` makes a case of an operation,
    `freshen` one with values that the server has not seen."""

    def __init__(
        self,
        client: Client,
        resources: ResourceMap,
        send: Send,
        valid: Callable[[str], Case],
        freshen: Callable[[Case], Case],
        *,
        given: Mapping[str, Any],
        seed: int,
        any_data: bool = False,
    ) -> None:
        self.resources = resources
        self.any_data = any_data
        self._client = client
        self._send = send
        self._valid = valid
        self._freshen = freshen
        self._given = dict(given)
        self.prerequisites = Prerequisites(client, resources, given, self.identify)
        self._seed = seed
        self._live: dict[Resource, Thing] = {}
        self._read: dict[Resource, Thing | None] = {}
        self._failed = Counter[tuple[Resource, str]]()
        self._making: set[Resource] = set()
        self._count = 0
        self._lock = threading.RLock()

    # -- what an operation is sent with ----------------------------------------------------------------

    def arrange(self, operation: Operation, *, fresh: bool = False) -> Arrangement:
        """Identifiers for `operation`; `fresh`: of a thing that no other request has used.

        What is not found is a value that nothing has, so that a 404 is likely.
        """
        wanted = identifiers(self._client, operation)
        resource = self.resources.of(operation)
        if not wanted or resource is None:
            return Arrangement()
        with self._lock:
            thing = self._own(resource, fresh=fresh)
            if thing is None and (self.any_data or operation.method in SAFE):
                thing = self._known(operation, resource)
        return self._filled(operation, wanted, thing)

    def arranged(self, operation: Operation, thing: Thing | None) -> Arrangement:
        """Identifiers for `operation` of this very thing, or ones that nothing has."""
        return self._filled(operation, identifiers(self._client, operation), thing)

    def identify(self, resource: Resource, data: Any) -> dict[str, tuple[str, Any]]:
        """What surely are the identifiers of a resource in a representation of it: parameter -> (JSON
        pointer, value); empty where one of them is not there."""
        found = looked_up(resource, data, partial(self._takes, resource))
        sure = all(
            resource.is_called(name, pointer.rpartition("/")[2]) for name, (pointer, _) in found.items()
        )
        return found if sure else {}

    def permits(self, operation: Operation, arrangement: Arrangement) -> bool:
        """Whether what is sent can change nothing but what this run made, or was given."""
        if operation.method in SAFE or self.any_data:
            return True
        if operation.method == "DELETE" and arrangement.origin == "none":
            return False
        return arrangement.allows(operation.method)

    def live(self, resource: Resource) -> Thing | None:
        """The thing of a kind that requests go to; None where there is none."""
        thing = self._live.get(resource)
        return thing if thing is not None and thing.alive else None

    def gone(self, thing: Thing | None) -> None:
        """Note that a thing is no longer there."""
        if thing is not None:
            thing.alive = False

    def adopt(self, exchange: SentCase, operation: Operation) -> Thing | None:
        """The thing that a successful exchange made, where its operation makes one; kept for use."""
        for resource in self.resources:
            for creator in resource.creators:
                if creator.operation == operation.key and exchange.ok:
                    thing = self.made(resource, creator, exchange)
                    if thing is not None:
                        self._live[resource] = thing
                        return thing
        return None

    def unused(self, operation: Operation, parameter: Parameter, values: Mapping[str, Any]) -> Any:
        """A valid value for an identifier that nothing has: an unlikely one, else one that cannot be read.

        `values`: those of the parameters before it, by `path.NAME`. MISSING where none is certain.
        """
        free = self._unlikely(operation, parameter)
        return self._unread(operation, parameter, values) if free is MISSING else free

    def _unlikely(self, operation: Operation, parameter: Parameter) -> Any:
        for candidate in self._marks():
            if self._fits(operation, parameter, candidate):
                return candidate
        made = self._valid(operation.key).arguments.get(parameter.key, MISSING)
        unlikely = len(made) >= 8 if isinstance(made, str) else made is not MISSING
        return made if unlikely and not (isinstance(made, int) and abs(made) < 10**6) else MISSING

    def _marks(self) -> tuple[str | int | float, ...]:
        """Identifiers that nothing has, in the forms that identifiers have."""
        self._count += 1
        mark = uuid.uuid5(uuid.NAMESPACE_URL, f"dynaclient:{self._seed}:{self._count}")
        number = 10**9 + (mark.int % 10**9)
        return f"dyna-{mark.hex[:12]}", str(mark), mark.hex, number, float(number)

    def _unread(self, operation: Operation, parameter: Parameter, values: Mapping[str, Any]) -> Any:
        resource = self.resources.of(operation)
        names = [name for _, name in template(operation.path) if name is not None]
        position = names.index(parameter.name)
        if resource is None or not resource.readers or position != len(resource.parameters) - 1:
            return MISSING
        reader = self._client.operations[resource.readers[0]]
        called = [name for _, name in template(reader.path) if name is not None]
        before = {f"path.{called[names.index(key[5:])]}": value for key, value in values.items()}
        for _ in range(MOST_DRAWN):
            candidate = self._valid(operation.key).arguments.get(parameter.key, MISSING)
            case = self._valid(reader.key)
            own = {**before, f"path.{called[position]}": candidate}
            if candidate is not MISSING and len(own) == len(called):
                exchange = self._send(replace(case, arguments={**case.arguments, **own}), {})
                if exchange.status in (404, 410):
                    return candidate
                if not exchange.ok:
                    return MISSING
        return MISSING

    def filled(
        self, case: Case, operation: Operation, arrangement: Arrangement, *, fresh: bool = False
    ) -> tuple[Case, dict[str, Capture]] | None:
        """`case` with the identifiers of `arrangement`, and of things of this run where its body and its
        other parameters refer to one; and what of it is captured.

        None where it might change what this run did not make: nothing says what it is about but references
        in its body, and one of them may be to anything. `fresh`: of things that no other request has used.
        """
        if not self.permits(operation, arrangement):
            return None
        case, takes = arrangement.applied(case)
        filler = ReferenceFiller(
            self._client,
            self.resources,
            operation,
            _subject(case),
            own=partial(self._referred, fresh=fresh),
            free=self._marks if self._goes_to_any(operation) else None,
        )
        made = filler.filled(case)
        return None if made is None else (made, {**filler.takes, **takes})

    def _goes_to_any(self, operation: Operation) -> bool:
        """Whether an operation may change whatever its body names: it makes nothing, and its path names
        nothing, as that of `POST /users/bulk`."""
        return (
            operation.method not in SAFE
            and not self.any_data
            and not self.resources.put_into(operation)
            and not identifiers(self._client, operation)
        )

    # -- things ----------------------------------------------------------------------------------------

    def _own(self, resource: Resource, *, fresh: bool) -> Thing | None:
        if all(name in self._given for name in resource.own):
            parent = self._own(resource.parent, fresh=False) if resource.parent else None
            values = {**(parent.values if parent else {}), **{n: self._given[n] for n in resource.own}}
            return Thing(resource, values, "given", parent.captures if parent else {})
        live = self._live.get(resource)
        if live is not None and live.alive and not fresh:
            return live
        return self.make(resource)

    def make(self, resource: Resource) -> Thing | None:
        """A new thing of the kind, made by the first operation that can; None where none can."""
        with self._lock:
            if resource in self._making or len(self._making) > DEEPEST:
                return None
            self._making.add(resource)
            try:
                for creator in resource.creators:
                    if self._failed[resource, creator.operation] < MOST_FAILURES:
                        thing = self._tried(resource, creator)
                        if thing is not None:
                            self._live[resource] = thing
                            self._failed[resource, creator.operation] = 0
                            return thing
                        self._failed[resource, creator.operation] += 1
                return self._through_alike(resource)
            finally:
                self._making.discard(resource)

    def _tried(self, resource: Resource, creator: Creator) -> Thing | None:
        """What comes of an operation that makes something; None where it cannot, or hangs."""
        with suppress(Unmakeable):
            return self._try(resource, creator)
        return None

    def _try(self, resource: Resource, creator: Creator) -> Thing | None:
        operation = self._client.operations[creator.operation]
        made = self._valid(operation.key)
        named = bool(sent_names(resource, made.body, partial(self._takes, resource)))
        made = self._freshen(made) if named else made
        for crowded in (False, False, True):  # that its parent has no room for more is a 409 too
            arrangement = self.arrange_for_making(operation, resource, creator, fresh=crowded)
            filled = arrangement and self.filled(made, operation, arrangement, fresh=crowded)
            if not filled:
                return None
            case, takes = filled
            exchange = self._send(case, takes)
            if exchange.ok:
                thing = self.made(resource, creator, exchange, fresh=named)
                if thing is None:  # nor will the next response say what it is called
                    self._failed[resource, creator.operation] = MOST_FAILURES
                return thing
            if exchange.status not in (400, 409, 422):
                return None
            made = self._freshen(case) if exchange.status == 409 else self._valid(operation.key)
        return None

    def arrange_for_making(
        self, operation: Operation, resource: Resource, creator: Creator, *, fresh: bool = False
    ) -> Arrangement | None:
        """What an operation that makes a thing is sent with: its parents, and an identifier that is free.

        `fresh`: with a parent that no other request has used.
        """
        if not creator.chosen:
            return self.arrange(operation, fresh=fresh)
        wanted = identifiers(self._client, operation)
        parent = self._own(resource.parent, fresh=fresh) if resource.parent else None
        filled = self._filled(operation, wanted, parent)
        return filled if filled.origin in OWN else None

    def _through_alike(self, resource: Resource) -> Thing | None:
        """A thing of another resource whose identifier is called the same."""
        if len(resource.own) != 1:
            return None
        for other in self.resources.alike(resource):
            thing = self._own(other, fresh=False)
            parent = self._own(resource.parent, fresh=False) if resource.parent else None
            if thing is not None and (resource.parent is None or parent is not None):
                name, as_named = resource.own[0], other.own[-1]
                values = {**(parent.values if parent else {}), name: thing.values[as_named]}
                captures = dict(parent.captures) if parent else {}
                if as_named in thing.captures:
                    captures[name] = thing.captures[as_named]
                return Thing(resource, values, thing.origin, captures, thing.made)
        return None

    def made(
        self, resource: Resource, creator: Creator, exchange: SentCase, *, fresh: bool = False
    ) -> Thing | None:
        """The thing that the response of a creator tells of; None where it does not.

        `fresh`: nothing had the names of the request before, so that what it calls the thing was made by it.
        """
        operation = self._client.operations[creator.operation]
        names = [name for _, name in template(operation.path) if name is not None]
        arguments = exchange.case.arguments
        inherited = [arguments.get(f"path.{name}", MISSING) for name in names]
        above = resource.parameters[: len(resource.parameters) - len(resource.own)]
        values: dict[str, Any] = {}
        captures: dict[str, Capture] = {}
        for position, name in enumerate(resource.parameters if creator.chosen else above):
            if position < len(inherited) and inherited[position] is not MISSING:
                values[name] = inherited[position]
                taken = exchange.step.takes.get(f"path.{names[position]}")
                if taken is not None:
                    captures[name] = taken
        sent: dict[str, Any] = {}
        if not creator.chosen:
            takes = partial(self._takes, resource)
            found = identified(resource, creator, exchange, takes)
            sent = sent_names(resource, exchange.case.body, takes) if not found and fresh else {}
            values |= sent
            values |= {name: value for name, (value, _) in found.items()}
            captures |= {name: capture for name, (_, capture) in found.items()}
        if any(name not in values for name in resource.own):
            return None
        if not creator.chosen and all(is_given(exchange, values[name]) for name in resource.own):
            return None  # it was there: the response says what the request is about
        if any(name not in values for name in above):
            parent = self._own(resource.parent, fresh=False) if resource.parent else None
            if parent is None:
                return None
            values, captures = {**parent.values, **values}, {**parent.captures, **captures}
        if sent:
            self.prerequisites.name(resource, values, exchange)
        return Thing(resource, values, "made", captures, exchange)

    def _known(self, operation: Operation, resource: Resource) -> Thing | None:
        """A thing that the server tells of, or the document as an example: for safe methods."""
        if resource not in self._read:
            self._read[resource] = None
            known = self.listed(resource) or self._added(resource)
            self._read[resource] = known or self._exemplary(operation, resource)
        return self._read[resource]

    def _added(self, resource: Resource) -> Thing | None:
        """What an operation adds to another collection of that name: it may have been there before."""
        for key in resource.adders[:1]:
            operation = self._client.operations[key]
            filled = self.filled(self._valid(key), operation, self.arrange(operation))
            exchange = self._send(*filled) if filled is not None else None
            if exchange is not None and exchange.ok:
                found = identified(resource, Creator(key), exchange, partial(self._takes, resource))
                values = {name: value for name, (value, _) in found.items()}
                captures = {name: capture for name, (_, capture) in found.items()}
                return Thing(resource, values, "read", captures, exchange) if found else None
        return None

    def listed(self, resource: Resource, lister: Operation | None = None) -> Thing | None:
        """The first thing that a list names; that of `lister`, else any."""
        for key in [lister.key] if lister is not None else resource.listers:
            operation = self._client.operations[key]
            case, takes = self.arrange(operation).applied(self._valid(key))
            exchange = self._send(case, takes)
            if not exchange.ok or exchange.response is None:
                continue
            for pointer, item in listed_items(exchange.response.data):
                found = looked_up(resource, item, partial(self._takes, resource))
                if len(found) == len(resource.own):
                    names = [name for _, name in template(operation.path) if name is not None]
                    above = dict(
                        zip(resource.parameters, (case.arguments[f"path.{n}"] for n in names), strict=False)
                    )
                    needs = self.prerequisites.of_item(exchange, pointer)
                    step = replace(exchange.step, needs=needs) if needs else exchange.step
                    captures = {
                        name: takes[f"path.{own}"]
                        for name, own in zip(resource.parameters, names, strict=False)
                        if f"path.{own}" in takes
                    }
                    captures |= {
                        name: Capture(step, f"$response.body#{pointer}{below}")
                        for name, (below, _) in found.items()
                    }
                    own = {name: value for name, (_, value) in found.items()}
                    return Thing(resource, {**above, **own}, "read", captures, exchange)
        return None

    def _exemplary(self, operation: Operation, resource: Resource) -> Thing | None:
        values: dict[str, Any] = {}
        for parameter in operation.parameters:
            if parameter.location == "path":
                schema = parameter.value_schema
                for said in (parameter.node.value, schema.value if schema is not None else None):
                    if isinstance(said, dict) and said.get("example") is not None:
                        values.setdefault(parameter.name, said["example"])
        names = [name for _, name in template(operation.path) if name is not None]
        if any(name not in values for name in names[: len(resource.parameters)]):
            return None
        return Thing(
            resource, dict(zip(resource.parameters, (values[name] for name in names), strict=False)), "read"
        )

    # -- values ----------------------------------------------------------------------------------------

    def _filled(self, operation: Operation, wanted: list[Parameter], thing: Thing | None) -> Arrangement:
        """What `thing` says of the path parameters of `operation`; the others get values that nothing has."""
        names = [name for _, name in template(operation.path) if name is not None]
        values, takes = {}, {}
        origin: Origin = thing.origin if thing is not None else "free"
        known = thing.resource.parameters if thing is not None else ()
        compiled = executor_of(self._client).compiled(operation.key)
        for parameter in wanted:
            position = names.index(parameter.name)
            if thing is not None and position < len(known) and known[position] in thing.values:
                value = fitted(compiled, parameter, thing.values[known[position]])
                if not self._fits(operation, parameter, value):
                    return self._filled(operation, wanted, None)
                values[parameter.key] = value
                if known[position] in thing.captures:
                    takes[parameter.key] = thing.captures[known[position]]
                continue
            free = self.unused(operation, parameter, values)
            if free is MISSING:
                origin = "read"  # it may be that of something that is there already
            else:
                values[parameter.key] = free
                origin = origin if origin == "read" else "free" if origin == "none" else origin
        return Arrangement(values, takes, origin, thing)

    def _referred(self, resources: Iterable[Resource], *, fresh: bool) -> tuple[Any, Capture | None] | None:
        for resource in resources:
            if len(resource.own) == 1 and resource.own[0] in self._given:
                return self._given[resource.own[0]], None
            thing = None if fresh else self.live(resource)
            if thing is None and resource.creators and resource not in self._making:
                thing = self.make(resource)
            if thing is not None and len(resource.own) == 1:
                return thing.values[resource.own[0]], thing.captures.get(resource.own[0])
        return None

    def _fits(self, operation: Operation, parameter: Parameter, value: Any) -> bool:
        return maker(self._client).fits(operation, parameter, value)

    def _takes(self, resource: Resource, name: str, value: Any) -> bool:
        """Whether a value may be the identifier `name` of a resource, as the operations on it describe it."""
        position = resource.parameters.index(name)
        for key in resource.users[:1]:
            operation = self._client.operations[key]
            called = [each for _, each in template(operation.path) if each is not None][position]
            parameter = next((p for p in operation.parameters if p.key == f"path.{called}"), None)
            if parameter is not None:
                compiled = executor_of(self._client).compiled(key)
                return self._fits(operation, parameter, fitted(compiled, parameter, value))
        return True


def _subject(case: Case) -> str:
    """What a case is about, which stays as it is: the key of a parameter, or `body` and a pointer into it."""
    fault = case.fault
    if fault is None:
        return case.varies
    return f"body{fault.pointer}" if fault.where == "body" else f"{fault.where}.{fault.name}"
