"""What the links of an answer take from it (OpenAPI 4.8.20), put there so that they lead on.

An id that the answer leaves out, or that the linked operation would refuse, makes a link that cannot be
called. So each value that a link takes is there, and one that its parameter takes, where the answer's own
schema allows that too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dynaclient.client import Client
from dynaclient.document.document import Node, tokens
from dynaclient.document.operation import Answer, Parameter
from dynaclient.errors import DocumentError
from dynaclient.links import fitted, target
from dynaclient.plan import Plan
from dynaclient.values.making import Maker, Unsatisfiable
from dynaclient.wire.expressions import EMBEDDED, Unevaluable, as_text, is_expression

_BODY, _HEADER = "$response.body#", "$response.header."
_CANDIDATES = 5
_DOTS = ("", ".", "..")


@dataclass(frozen=True)
class Lead:
    """A value that a link takes from an answer: at `pointer` of its body, or in `header`, in lower case.

    `suits`: whether what the link leads to takes a value. `candidates`: values that it does take.
    """

    pointer: str
    header: str
    suits: Callable[[Any], bool]
    candidates: tuple[Any, ...] = ("1", 1)

    def tried(self, seed: int) -> tuple[Any, ...]:
        """The candidates, beginning with another for another seed."""
        at = seed % max(len(self.candidates), 1)
        return (*self.candidates[at:], *self.candidates[:at])


class Leads:
    """Finds the leads of the answers of one document."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._maker = Maker(client.document, client.checkers, "request")
        self._known: dict[str, list[Lead]] = {}

    def of(self, answer: Answer) -> list[Lead]:
        """The leads of an answer; a link that leads nowhere has none."""
        if not answer.links:
            return []
        place = answer.node.place
        if place not in self._known:
            self._known[place] = [lead for node in answer.links.values() for lead in self._of_link(node)]
        return self._known[place]

    def _of_link(self, place: Node) -> Iterator[Lead]:
        node = self._client.document.opened(place)
        try:
            plan = self._client.plan(target(self._client, node))
        except DocumentError:
            return
        for name, child in (node.get("parameters") or Node(None)).items():
            found = plan.names.by_name.get(name, ())
            yield from self._of_text(child.value, plan, found[0] if len(found) == 1 else None)
        yield from self._of_text(node.value.get("requestBody"), plan, None)

    def _of_text(self, text: Any, plan: Plan, parameter: Parameter | None) -> Iterator[Lead]:
        """The leads of a constant, an expression, or a text with expressions in braces."""
        if not isinstance(text, str):
            return
        whole = is_expression(text)
        for each in [text] if whole else EMBEDDED.findall(text):
            pointer = each.removeprefix(_BODY) if each.startswith(_BODY) else ""
            header = each.removeprefix(_HEADER).lower() if each.startswith(_HEADER) else ""
            if (pointer or header) and whole and parameter is not None:
                yield self._for_parameter(pointer, header, plan, parameter)
            elif pointer or header:
                yield Lead(pointer, header, lambda value: True)

    def _for_parameter(self, pointer: str, header: str, plan: Plan, parameter: Parameter) -> Lead:
        candidates: list[Any] = []
        if parameter.schema is not None:
            for seed in range(_CANDIDATES):
                try:
                    candidates.append(self._maker.example(parameter.schema, seed))
                except Unsatisfiable:
                    break
        texts = [as_text(each) for each in candidates if not isinstance(each, str)]
        return Lead(pointer, header, lambda value: _takes(plan, parameter, value), (*candidates, *texts))


def _takes(plan: Plan, parameter: Parameter, value: Any) -> bool:
    """Whether a link can give `value` to `parameter`."""
    if value is None or parameter.schema is None:
        return value is not None
    value = fitted(plan, parameter, value)
    try:
        if parameter.location == "path" and as_text(value) in _DOTS:
            return False
        return plan.checkers.checker(parameter.schema, "request").is_valid(value)
    except (DocumentError, Unevaluable):
        return False


def led(value: Any, leads: Iterable[Lead], seed: int, is_valid: Callable[[Any], bool]) -> Any:
    """`value`, the body of an answer, with what its links take from it, as far as it stays valid."""
    for lead in leads:
        if lead.pointer:
            value = _with(value, lead, seed, is_valid)
    return value


def leads_on(value: Any, leads: Iterable[Lead]) -> bool:
    """Whether all that links take from `value`, the body of an answer, is there and of use to them."""
    return all(any(map(lead.suits, _at(value, tokens(lead.pointer)))) for lead in leads if lead.pointer)


def _with(value: Any, lead: Lead, seed: int, is_valid: Callable[[Any], bool]) -> Any:
    way = tokens(lead.pointer)
    held = list(_at(value, way))
    if held and lead.suits(held[0]):
        return value
    for candidate in lead.tried(seed):
        changed = _put(copy.deepcopy(value), way, candidate)
        if lead.suits(candidate) and is_valid(changed):
            return changed
    return value


def _at(value: Any, way: list[str]) -> Iterator[Any]:
    """What stands at the end of a way of names and numbers; nothing where that is not there."""
    for token in way:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return
    yield value


def _put(value: Any, way: list[str], given: Any) -> Any:
    """`value` with `given` at the end of a way; what is missing on it is made, as little as it takes."""
    if not way:
        return given
    token, *rest = way
    if isinstance(value, list) and token.isdecimal() and int(token) <= len(value):
        index = int(token)
        value[index : index + 1] = [_put(value[index] if index < len(value) else None, rest, given)]
        return value
    if token == "0" and not isinstance(value, dict):
        return [_put(None, rest, given)]
    members = value if isinstance(value, dict) else {}
    return {**members, token: _put(members.get(token), rest, given)}
