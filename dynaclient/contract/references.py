"""Where a request refers to things otherwise than by its path: in its body and in its other parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynaclient.contract.pointers import put_at
from dynaclient.contract.resources import Resource, ResourceMap, last_word, plain_name, singular
from dynaclient.document.node import escape, tokens

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture
    from dynaclient.document.model import Operation

KEYS = ("id", "uuid", "guid", "slug")
"""Names of properties, or their last words, that identify a thing without saying of what kind."""

DEEPEST = 20
"""How many properties a reference may lie deep."""

MOST = 12
"""How many things a body may refer to: of more, the first are those of this run."""


@dataclass(frozen=True)
class Reference:
    """A value that identifies a thing: `key` of a parameter, or `body`, and a JSON pointer into its value.

    `resources`: what the thing may be; empty where that is not known. `named`: whether its name says it,
    rather than where it stands.
    """

    key: str
    pointer: str
    value: Any
    resources: tuple[Resource, ...]
    named: bool

    @property
    def place(self) -> str:
        """Where it stands, as what is captured is noted."""
        return f"body#{self.pointer}" if self.key == "body" else f"{self.key}{self.pointer}"


Own = Callable[[Iterable[Resource]], "tuple[Any, Capture | None] | None"]
"""The identifier of a thing of this run that is one of these, and where it comes from; None for none."""

Free = Callable[[], Iterable[Any]]
"""Identifiers that nothing has, in several forms."""

LIKELY = 10**6
"""Numbers below it may identify something that is there."""


@dataclass
class ReferenceFiller:
    """Puts things of this run where a case refers to some; what the case is about, `subject`, stays.

    `free`: where it is given, the others get identifiers that nothing has, also those that do not say of what
    kind they are.
    """

    client: Client
    resources: ResourceMap
    operation: Operation
    subject: str
    own: Own
    free: Free | None = None
    takes: dict[str, Capture] = field(default_factory=dict)
    """What was captured, by where it stands."""
    _lost: bool = False

    def filled(self, case: Case) -> Case | None:
        """`case` with them; None where it may refer to what is there already, though `free` forbids that."""
        made = case.changed(partial(self._filled, in_body=True))
        if case.raw is not None:
            self.takes.clear()  # they stand in a text
        made = self._filled(made, in_body=False)
        return None if self._lost else made

    def _filled(self, case: Case, *, in_body: bool) -> Case:
        groups = _by_value(identifying_values(self.resources, self.operation, case), in_body=in_body)
        self._lost |= self.free is not None and len(groups) > MOST
        for same in groups[:MOST]:
            if not self._is_about(same):
                case = self._put(case, same)
            elif self.free and case.fault is None and _may_exist(same[0].value):
                self._lost = True
        return case

    def _is_about(self, same: list[Reference]) -> bool:
        places = (each.place.replace("body#", "body", 1) for each in same)
        return any(f"{self.subject}/".startswith(f"{place}/") for place in places)

    def _put(self, case: Case, same: list[Reference]) -> Case:
        """`case` with one identifier in all places of one value."""
        named = [each for each in same if each.named]
        own = self.own(same[0].resources) if named or self.free else None
        if own is not None:
            changed = _with(case, same, own[0])
            if same[0].value == own[0] or self._is_alike(changed, case):
                if own[1] is not None:
                    self.takes |= {each.place: own[1] for each in same}
                return changed
        for value in self.free() if self.free else ():
            changed = _with(case, same, value)
            if self._is_alike(changed, case):
                return changed
        self._lost |= self.free is not None and _may_exist(same[0].value)
        return case

    def _is_alike(self, case: Case, other: Case) -> bool:
        """Whether a case breaks what another breaks, and nothing else; a valid one may break less."""
        one, two = (
            {(each.where, each.name, each.pointer) for each in of.violations(self.client)}
            for of in (case, other)
        )
        return one == two if other.fault is not None else one <= two


def _with(case: Case, same: list[Reference], value: Any) -> Case:
    for each in same:
        path = tokens(each.pointer)
        if each.key == "body":
            case = replace(case, body=put_at(case.body, path, value))
        else:
            made = put_at(case.arguments[each.key], path, value)
            case = replace(case, arguments={**case.arguments, each.key: made})
    return case


def _may_exist(value: Any) -> bool:
    """Whether a value may identify something that a server has, as far as it tells."""
    return isinstance(value, str) or abs(value) < LIKELY


def _by_value(found: Iterable[Reference], *, in_body: bool) -> list[list[Reference]]:
    """The references in the body, or those elsewhere, that are to one thing together."""
    groups: dict[tuple[Any, ...], list[Reference]] = {}
    for each in found:
        if (each.key == "body") is in_body:
            groups.setdefault((each.resources, each.named, repr(each.value)), []).append(each)
    return list(groups.values())


def identifying_values(resources: ResourceMap, operation: Operation, case: Case) -> Iterator[Reference]:
    """What of the arguments and of the body of `case` identifies things."""
    for parameter in operation.parameters:
        if parameter.location != "path" and parameter.key in case.arguments:
            value = case.arguments[parameter.key]
            yield from _of(resources, operation, parameter.key, value, (parameter.name,))
    yield from _of(resources, operation, "body", case.body, ())


def _of(
    resources: ResourceMap, operation: Operation, key: str, value: Any, names: tuple[str, ...]
) -> Iterator[Reference]:
    made = resources.put_into(operation)
    for pointer, called, each in _scalars(value, names):
        known = resources.named(called[-1]) if called else []
        if known:
            own = key == "body" and len(called) == 1 and any(_is_name_of(it, called[0]) for it in made)
            if not own:
                yield Reference(key, pointer, each, tuple(known), named=True)
        elif called and last_word(called[-1]) in KEYS:
            above = resources.called(called[-2]) if len(called) > 1 else []
            named = bool(above) and plain_name(called[-1]) in KEYS
            yield Reference(key, pointer, each, tuple(above or resources.about(operation)), named=named)
        elif called and (kind := resources.called(called[-1])):
            yield Reference(key, pointer, each, tuple(kind), named=False)
        elif pointer and not called:
            yield Reference(key, pointer, each, tuple(resources.about(operation)), named=False)


def _is_name_of(resource: Resource, name: str) -> bool:
    """Whether a property is what a request calls the thing that it makes."""
    return any(resource.is_called(own, name) for own in resource.own)


def _scalars(
    value: Any, names: tuple[str, ...], pointer: str = ""
) -> Iterator[tuple[str, Sequence[str], str | int | float]]:
    """The texts and numbers in a value: pointer, the names above, value. An item is called as one is."""
    if len(names) > DEEPEST:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _scalars(member, (*names, str(name)), f"{pointer}/{escape(str(name))}")
    elif isinstance(value, list):
        one = (*names[:-1], _one_of(names[-1])) if names else names
        for index, member in enumerate(value):
            yield from _scalars(member, one, f"{pointer}/{index}")
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield pointer, names, value


def _one_of(name: str) -> str:
    """`userId` for `userIds`, in the letters and marks that it has."""
    if name.lower().endswith("ies"):
        return name
    return name[: len(name) - len(plain_name(name)) + len(singular(name))]
