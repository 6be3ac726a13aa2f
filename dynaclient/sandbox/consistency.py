"""Responses that go together with the request and with their links: values of the request in equally named
fields, and what links take, put there so that they lead on (Link Object).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.calls.links import fitted, link_target
from dynaclient.client import Client, executor_of
from dynaclient.document.model import Parameter, ResponseObject
from dynaclient.document.node import NOWHERE, Node, tokens
from dynaclient.document.subschemas import BESIDE, inside
from dynaclient.errors import DocumentError
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.sandbox.representations import Filling
from dynaclient.wire.expressions import EMBEDDED, Unevaluable, as_text, is_expression

_MAX_DEPTH = 8
"""How deep a response is looked into."""

_IDENTITIES = ("id", "integrationId")
"""The members by which an object says which one it is."""

_MISSING = object()


@dataclass(frozen=True)
class Given:
    """What a request said: its path and query parameters by name, and its body.

    `path`: those of the path alone; `finish`: puts into a response what is kept; `deep`: whether what is
    inside of the body may stand anywhere in a response.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    path: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Any, Filling], Any] | None = None
    deep: bool = True

    @property
    def scopes(self) -> list[Mapping[str, Any]]:
        """The objects whose members a response may echo, the nearest last."""
        own = [self.body] if isinstance(self.body, dict) else []
        return [_flat(self.body, _MAX_DEPTH) if self.deep else {}, *own, self.parameters]

    def of_thing(self, value: Any) -> Given:
        """The same about a thing, of which only the path is said by the request."""
        return Given(self.path, value, deep=False)


def _flat(value: Any, depth: int) -> dict[str, Any]:
    """Every single value in nested objects, by name; the outermost of one name."""
    found: dict[str, Any] = {}
    if isinstance(value, dict) and depth:
        for item in value.values():
            found = {**_flat(item, depth - 1), **found}
        found.update({name: item for name, item in value.items() if not isinstance(item, (dict, list))})
    return found


def properties(schema: Any, defs: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """The properties that a schema names, through references and combinators."""
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return {}
    found: dict[str, Any] = {}
    if isinstance(schema.get("$ref"), str):
        found.update(properties(defs.get(schema["$ref"].rpartition("/")[2]), defs, depth + 1))
    for _, member in inside(schema, BESIDE):
        found.update(properties(member, defs, depth + 1))
    own = inside(schema, ("properties",))
    return {**found, **{name: each for (_, name), each in own if each is not False}}


@dataclass
class Echo:
    """Fills one response. `is_valid` judges the response as a whole; `make` gives a value for a part that the
    response leaves out, or None."""

    answer: Any
    schema: Any
    defs: Mapping[str, Any]
    is_valid: Callable[[Any], bool]
    make: Callable[[Any], Any] = lambda schema: None

    def filled(self, given: Given) -> Any:
        """The response with what fits of the request."""
        self.answer = copy.deepcopy(self.answer)
        self._walk(self.answer, self.schema, given.scopes, given, 0, "")
        return self.answer

    def _walk(
        self, value: Any, schema: Any, scopes: list[Mapping[str, Any]], given: Given, depth: int, name: str
    ) -> None:
        if depth > _MAX_DEPTH:
            return
        if isinstance(value, dict):
            named = properties(schema, self.defs)
            if f"{name}Id" in given.parameters:
                known = dict.fromkeys(_IDENTITIES, given.parameters[f"{name}Id"])
                scopes = [scopes[0], known, *scopes[1:]]
            for member in dict.fromkeys([*named, *value]):
                self._member(value, member, named.get(member), scopes, given, depth)
        elif isinstance(value, list):
            for item in value:  # one of many: what the body says is not of this one
                self._walk(item, _items(schema, self.defs), [given.parameters], given, depth + 1, "")

    def _member(
        self,
        holder: dict[str, Any],
        name: str,
        schema: Any,
        scopes: list[Mapping[str, Any]],
        given: Given,
        depth: int,
    ) -> None:
        found = next((scope[name] for scope in reversed(scopes) if name in scope), _MISSING)
        if found is not _MISSING:
            variants = _variants(holder[name] if name in holder else self.make(schema), found)
            if any(self._fits(holder, name, value) for value in variants) and not isinstance(found, dict):
                return
        if name in holder:
            inner = [*scopes, found] if isinstance(found, dict) else scopes
            self._walk(holder[name], schema, inner, given, depth + 1, name)

    def _fits(self, holder: dict[str, Any], name: str, value: Any) -> bool:
        before = holder.get(name, _MISSING)
        holder[name] = copy.deepcopy(value)
        if self.is_valid(self.answer):
            return True
        if before is _MISSING:
            del holder[name]
        else:
            holder[name] = before
        return False


def _variants(made: Any, found: Any) -> Iterator[Any]:
    """What may be put in the place of `made`: what was `found`, laid over it where both are objects."""
    if isinstance(made, dict) and isinstance(found, dict):
        yield {**made, **found}
    yield found
    if isinstance(made, list) and isinstance(found, list) and made:
        pairs = [(made[index % len(made)], item) for index, item in enumerate(found)]
        if all(isinstance(one, dict) and isinstance(other, dict) for one, other in pairs):
            yield [{**one, **other} for one, other in pairs]


def _items(schema: Any, defs: Mapping[str, Any]) -> Any:
    for _ in range(_MAX_DEPTH):
        if not isinstance(schema, dict) or "items" in schema or "$ref" not in schema:
            break
        schema = defs.get(schema["$ref"].rpartition("/")[2])
    return schema.get("items") if isinstance(schema, dict) else None


_BODY, _HEADER = "$response.body#", "$response.header."
_CANDIDATES = 5
_DOTS = ("", ".", "..")


@dataclass(frozen=True)
class LinkTarget:
    """A value that a link takes from a response: at `pointer` of its body, or in `header`, in lower case.

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
    """Finds the leads of the responses of one document."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._maker = Maker(client.document, client.checkers, "request")
        self._known: dict[str, list[LinkTarget]] = {}

    def of(self, response: ResponseObject) -> list[LinkTarget]:
        """The leads of a response; a link that leads nowhere has none."""
        if not response.links:
            return []
        place = response.node.place
        if place not in self._known:
            self._known[place] = [lead for node in response.links.values() for lead in self._of_link(node)]
        return self._known[place]

    def _of_link(self, place: Node) -> Iterator[LinkTarget]:
        node = self._client.document.opened(place)
        try:
            compiled = executor_of(self._client).compiled(
                link_target(self._client.document, self._client.operations, node)
            )
        except DocumentError:
            return
        for name, child in (node.get("parameters") or NOWHERE).items():
            found = compiled.names.by_name.get(name, ())
            yield from self._of_text(child.value, compiled, found[0] if len(found) == 1 else None)
        yield from self._of_text(node.value.get("requestBody"), compiled, None)

    def _of_text(
        self, text: Any, compiled: CompiledOperation, parameter: Parameter | None
    ) -> Iterator[LinkTarget]:
        """The leads of a constant, an expression, or a text with expressions in braces."""
        if not isinstance(text, str):
            return
        whole = is_expression(text)
        for each in [text] if whole else EMBEDDED.findall(text):
            pointer = each.removeprefix(_BODY) if each.startswith(_BODY) else ""
            header = each.removeprefix(_HEADER).lower() if each.startswith(_HEADER) else ""
            if (pointer or header) and whole and parameter is not None:
                yield self._for_parameter(pointer, header, compiled, parameter)
            elif pointer or header:
                yield LinkTarget(pointer, header, lambda value: True)

    def _for_parameter(
        self, pointer: str, header: str, compiled: CompiledOperation, parameter: Parameter
    ) -> LinkTarget:
        candidates: list[Any] = []
        if parameter.schema is not None:
            for seed in range(_CANDIDATES):
                try:
                    candidates.append(self._maker.example(parameter.schema, seed))
                except Unsatisfiable:
                    break
        texts = [as_text(each) for each in candidates if not isinstance(each, str)]
        return LinkTarget(
            pointer, header, lambda value: _takes(compiled, parameter, value), (*candidates, *texts)
        )


def _takes(compiled: CompiledOperation, parameter: Parameter, value: Any) -> bool:
    """Whether a link can give `value` to `parameter`."""
    if value is None or parameter.schema is None:
        return value is not None
    value = fitted(compiled, parameter, value)
    try:
        if parameter.location == "path" and as_text(value) in _DOTS:
            return False
        return compiled.checkers.checker(parameter.schema, "request").is_valid(value)
    except (DocumentError, Unevaluable):
        return False


def with_link_targets(
    value: Any, leads: Iterable[LinkTarget], seed: int, is_valid: Callable[[Any], bool]
) -> Any:
    """`value`, the body of a response, with what its links take from it, as far as it stays valid."""
    for lead in leads:
        if lead.pointer:
            value = _with(value, lead, seed, is_valid)
    return value


def has_link_targets(value: Any, leads: Iterable[LinkTarget]) -> bool:
    """Whether all that links take from `value`, the body of a response, is there and of use to them."""
    return all(any(map(lead.suits, _at(value, tokens(lead.pointer)))) for lead in leads if lead.pointer)


def _with(value: Any, lead: LinkTarget, seed: int, is_valid: Callable[[Any], bool]) -> Any:
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
