"""What a server must hold for a failure to show, beside what its request captures.

A sequence that is shown begins with the requests that put it there, so that it shows the failure on a fresh
server too. A request may have chosen an identifier itself, by PUT, or by an invalid one that was accepted;
and an item of a list may be a thing that the run has made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynaclient.contract.flow import Capture, Step
from dynaclient.contract.pointers import reached
from dynaclient.contract.resources import SAFE
from dynaclient.document.model import template
from dynaclient.document.node import escape, tokens

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import SentCase
    from dynaclient.contract.resources import Resource, ResourceMap
    from dynaclient.document.model import Operation
    from dynaclient.errors import Violation

MOST_KNOWN = 256
"""How many things that an operation made are known again: the last ones."""


Identify = Callable[["Resource", Any], Mapping[str, tuple[str, Any]]]
"""The identifiers in a representation of a resource: parameter -> (JSON pointer, value)."""


Segments = tuple[str, ...]


class Prerequisites:
    """Those of one run. `note` what was sent; ask for those of a request and of an item of a response.

    `given`: identifiers that the caller named, by the names of parameters.
    """

    def __init__(
        self, client: Client, resources: ResourceMap, given: Collection[str], identify: Identify
    ) -> None:
        self._client = client
        self._resources = resources
        self._given = given
        self._identify = identify
        self._chosen: dict[Segments, tuple[Step, ...]] = {}
        """What put something under an identifier that no response gave, by the segments of its path."""
        self._made: dict[str, deque[SentCase]] = {}
        """What made something, by the key of the operation."""

    def note(self, exchange: SentCase) -> None:
        """Note what an exchange has put there, or removed."""
        case = exchange.case
        operation = self._client.operations[case.operation]
        method = case.method or operation.method
        if not exchange.ok or case.url or method in SAFE:
            return
        named = operation.path.endswith("}")
        if method == "DELETE":
            self._chosen.pop(self._segments(case) if named else (), None)
            return
        self._made.setdefault(operation.key, deque(maxlen=MOST_KNOWN)).append(exchange)
        if named and self._is_chosen(operation, exchange):
            self._chosen.setdefault(self._segments(case), exchange.steps)

    def name(self, resource: Resource, values: Mapping[str, Any], exchange: SentCase) -> None:
        """Note that an exchange has made a thing which only its request names: `values` of its path."""
        self._chosen.setdefault(_segments(resource.path, values), exchange.steps)

    def of(self, case: Case) -> list[Step]:
        """The steps that put there what the path of `case` names, the outermost first."""
        if not self._chosen or case.url:
            return []
        segments = self._segments(case)
        above = (segments[:size] for size in range(1, len(segments) + 1))
        return [step for each in above for step in self._chosen.get(each, ())]

    def of_item(self, exchange: SentCase, pointer: str) -> tuple[Step, ...]:
        """The steps that made what the response to a safe request holds at `pointer` or around it."""
        operation = self._client.operations[exchange.case.operation]
        if exchange.response is None or operation.method not in SAFE:
            return ()
        for resource in self._resources:
            if operation.key in resource.listers:
                for item in _around(exchange.response.data, pointer):
                    named = self._identify(resource, item)
                    for made in self._makers(resource) if named else ():
                        if _tells_of(made, named) and _path(exchange) <= _path(made):
                            return made.steps
        return ()

    def shown(self, exchange: SentCase, violation: Violation) -> SentCase:
        """`exchange` behind the steps that made what it is about, and the item which the violation is in."""
        exchange = self._recognized(exchange)
        made = self.of_item(exchange, violation.pointer) if violation.where == "body" else ()
        return replace(exchange, steps=tuple(dict.fromkeys((*made, *exchange.steps)))) if made else exchange

    def _recognized(self, exchange: SentCase) -> SentCase:
        """`exchange` with what its path names captured, where a value that was made up is that of a thing
        which the run has made."""
        case, step = exchange.case, exchange.step
        operation = self._client.operations[case.operation]
        resource = self._resources.of(operation)
        names = [f"path.{name}" for _, name in template(operation.path) if name is not None]
        if resource is None or not exchange.ok or case.url:
            return exchange
        above = len(resource.parameters) - len(resource.own)
        own = dict(zip(resource.own, names[above:], strict=False))
        wanted = {name: str(case.arguments.get(key)) for name, key in own.items()}
        if all(key in step.takes for key in own.values()):
            return exchange
        for made in self._makers(resource):
            if made.step in exchange.steps or not _path(made) <= _path(exchange):
                continue
            if not all(any(text == str(each) for each in _values(made)) for text in wanted.values()):
                continue
            named = self._identify(resource, made.response.data if made.response is not None else None)
            if {name: str(value) for name, (_, value) in named.items()} == wanted:
                brought = {
                    own[name]: Capture(made.step, f"$response.body#{pointer}")
                    for name, (pointer, _) in named.items()
                }
                last = Step(case, {**step.takes, **brought}, step.needs)
                steps = dict.fromkeys((*made.steps, *exchange.steps[:-1], last))
                return replace(exchange, steps=tuple(steps))
        return exchange

    def _makers(self, resource: Resource) -> Iterator[SentCase]:
        """What has made such things, the last first."""
        for creator in resource.creators:
            yield from reversed([*self._made.get(creator.operation, ())])

    def _is_chosen(self, operation: Operation, exchange: SentCase) -> bool:
        """Whether no response and no caller has named what the request is about."""
        own = [f"path.{name}" for _, name in template(operation.path.rpartition("/")[2]) if name is not None]
        taken = {*exchange.step.takes, *(f"path.{name}" for name in self._given)}
        return any(name not in taken for name in own)

    def _segments(self, case: Case) -> Segments:
        named = {key[len("path.") :]: each for key, each in case.arguments.items() if key.startswith("path.")}
        return _segments(self._client.operations[case.operation].path, named)


def _segments(path: str, values: Mapping[str, Any]) -> Segments:
    """Those of a path template with `values` in it."""
    pieces = (text if name is None else str(values.get(name)) for text, name in template(path))
    return tuple("".join(pieces).split("/"))


def _path(exchange: SentCase) -> set[str]:
    return {str(value) for key, value in exchange.case.arguments.items() if key.startswith("path.")}


def _held(made: SentCase) -> list[dict[str, Any]]:
    """The objects that a response is, or holds."""
    data = made.response.data if made.response is not None else None
    return (
        [each for each in (data, *data.values()) if isinstance(each, dict)] if isinstance(data, dict) else []
    )


def _values(made: SentCase) -> Iterator[Any]:
    """The values in them."""
    return (value for each in _held(made) for value in each.values())


def _tells_of(made: SentCase, named: Mapping[str, tuple[str, Any]]) -> bool:
    """Whether an exchange tells of the thing with these identifiers: in its response, or as it chose them."""
    own = _path(made)
    return all(
        str(value) in own or any(each.get(tokens(pointer)[-1]) == value for each in _held(made))
        for pointer, value in named.values()
    )


def _around(data: Any, pointer: str) -> Iterator[Any]:
    """The objects in `data` on the way to a JSON pointer, the innermost first."""
    held = [data]
    for token in tokens(pointer):
        held.append(reached(held[-1], f"/{escape(token)}"))
    yield from (each for each in reversed(held) if isinstance(each, dict))
