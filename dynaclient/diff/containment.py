"""Whether everything that one schema accepts is accepted by another; if not, or if that is not known, where.

What is not shown to be contained is a `Gap`. Names that a schema neither declares nor excludes are not
looked at: who goes by a document does not send them. So a further optional property is no gap, though a
schema that says nothing of it accepts any value there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

from dynaclient._support.messages import json_text
from dynaclient.diff.conjunction import EVERY, NUMBERS, Conjunction, SchemaPart, Side, unions_of
from dynaclient.document.node import escape
from dynaclient.generation.flatten import canonical, exact
from dynaclient.schema.formats import is_known
from dynaclient.schema.keywords import int_range
from dynaclient.schema.read_write_only import HIDDEN

Step = tuple[str, str]
"""From a value to a part of it: ("property", name), ("items", ""), ("additional", "")."""
Path = tuple[Step, ...]

NEW_NAME = "undeclared"
_EXCLUDED = " (excluded)"
MOST_CASES = 200
MOST_DEEP = 40
MOST_WORK = 20_000
"""So many schemas are compared for one pair of components."""
MOST_GAPS = 300
MOST_ASKED = 300
"""So many for the question whether one is contained in another, among the members of a union."""


@dataclass(frozen=True)
class Gap:
    """Something that `a` accepts at `path` and `b` refuses, or may refuse."""

    path: Path
    keyword: str
    a: str
    """What the one says."""
    b: str
    targets: tuple[Any, ...] = field(default=(), compare=False)
    """Schemas for the part at `path`: what meets `a` and one of them is refused by `b`."""
    a_place: str = field(default="", compare=False)
    b_place: str = field(default="", compare=False)
    is_choice: bool = field(default=False, compare=False)
    """Whether another member of `anyOf` or `oneOf` may accept what is refused here."""
    why: str = ""


@dataclass(frozen=True)
class Pair:
    """Two schemas of components that have to be compared by themselves."""

    path: Path
    a: str
    b: str
    is_choice: bool = False
    """Whether another member of `anyOf` or `oneOf` may accept what is refused here."""


Found = Iterator[Gap | Pair]


class TooMuchToCompare(Exception):
    """The work has no bound worth waiting for."""


class Alike:
    """Which schemas of two documents say the same, in the same words, down to all that they refer to."""

    def __init__(self, one: Side, other: Side) -> None:
        self._one = one
        defs, others = one.translator.defs, other.translator.defs
        different = {
            key
            for key in defs.keys() | others.keys()
            if key not in defs
            or key not in others
            or one.text(defs[key]) != other.text(others[key])
            or key in one.translator.unresolved
        }
        users: dict[str, list[str]] = {}
        for side in (one, other):
            for key, uses in side.translator.uses.items():
                for used in uses:
                    users.setdefault(used, []).append(key)
        pending = [*different]
        while pending:
            new = [user for user in users.get(pending.pop(), ()) if user not in different]
            different.update(new)
            pending += new
        self.different = different

    def key(self, a: str, b: str) -> bool:
        """Whether two keys stand for the same."""
        return a == b and a not in self.different

    def schemas(self, a_side: Side, a: Any, b_side: Side, b: Any) -> bool:
        """Whether two schemas are the same."""
        return a is b or (
            a_side.text(a) == b_side.text(b) and self.different.isdisjoint(a_side.references(a))
        )


class Containment:
    """Looks for gaps between the schemas of `a` and those of `b`."""

    def __init__(self, a: Side, b: Side, alike: Alike) -> None:
        self.a_side, self.b_side = a, b
        self.alike = alike
        self._known: dict[Any, bool] = {}
        self._tentative: dict[Any, bool] = {}
        self._assumed: set[Any] = set()
        self._work = 0
        self._asked = 0

    def gaps(self, a: str, b: str) -> tuple[list[Gap], list[Pair]]:
        """The gaps between two keys, and the pairs of components that lie between parts of them."""
        self._work = 0
        gaps: dict[Gap, None] = {}
        pairs: dict[Pair, None] = {}
        try:
            for each in self.walk(self._keyed(self.a_side, a), self._keyed(self.b_side, b), ()):
                (gaps if isinstance(each, Gap) else pairs)[each] = None  # type: ignore[index]
                if len(gaps) > MOST_GAPS:
                    raise TooMuchToCompare
        except (TooMuchToCompare, RecursionError):
            gaps[Gap((), "schema", "", "", why="it is too large to be compared to its end")] = None
        return list(gaps), list(pairs)

    def _keyed(self, side: Side, key: str) -> Conjunction:
        return Conjunction(side, [(side.schema(key), side.node(key).place)])

    # -- one value ---------------------------------------------------------------------------------------

    def holds(self, a: Conjunction, b: Conjunction) -> bool:
        """Whether it can be shown, with little work, that `b` accepts what `a` does. What leads back to
        itself is taken to do until the opposite shows."""
        mark = (a.mark, b.mark)
        known = self._known.get(mark, self._tentative.get(mark))
        if known is not None or mark in self._assumed:
            return known is not False
        if len(self._assumed) > MOST_DEEP or self._asked > MOST_ASKED:
            return False
        self._asked += 1
        before = len(self._tentative)
        self._assumed.add(mark)
        try:
            result = all(self._is_met(each) for each in self.walk(a, b, ()))
        finally:
            self._assumed.discard(mark)
        if result:
            self._tentative[mark] = True
        else:
            self._known[mark] = False
            for each in [*self._tentative][before:]:  # they may hang on what does not hold
                del self._tentative[each]
        if not self._assumed:
            self._asked = 0
            self._known.update(self._tentative)
            self._tentative.clear()
        return result

    def _is_met(self, found: Gap | Pair) -> bool:
        if isinstance(found, Gap):
            return False
        if self.alike.key(found.a, found.b):
            return True
        one, other = self._keyed(self.a_side, found.a), self._keyed(self.b_side, found.b)
        mark = (one.mark, other.mark)
        if mark in self._assumed:
            return True
        return self.holds(one, other)

    def walk(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        """What lies between `a` and `b`: two components are a Pair, which who asks looks at by itself."""
        if a.key is not None and b.key is not None:
            if not self.alike.key(a.key, b.key):
                yield Pair(path, a.key, b.key)
            return
        yield from self._compare(a, b, path)

    def _compare(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        self._work += 1
        if self._work > MOST_WORK:
            raise TooMuchToCompare
        if self._is_same(a, b) or a.impossible:
            return
        if len(path) > MOST_DEEP:
            yield Gap(path, "schema", "", "", why="it nests too deep to be compared")
            return
        whole = a.finite is not None or self._is_member(a, b)
        cases = None if whole else a.cases(MOST_CASES)
        if cases is None:
            yield from self._one_case(a, b, path)
        else:
            for case in cases:
                yield from self._compare_case(case, b, path)

    def _is_member(self, a: Conjunction, b: Conjunction) -> bool:
        """Whether a component is one of the members of `b`, which is a union and nothing else."""
        if a.key is None or len(b.parts) != 1 or not b.parts[0].schema.keys() <= _UNION:
            return False
        return any(
            Conjunction(self.b_side, [(each, place)]).title == a.title
            for _, members, place, _ in unions_of(b.parts[0])
            for each in members
        )

    def _compare_case(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        if a.key is not None and b.key is not None:
            yield from self.walk(a, b, path)
        else:
            yield from self._compare(a, b, path)

    def _is_same(self, a: Conjunction, b: Conjunction) -> bool:
        if len(a.parts) != len(b.parts):
            return False
        pairs = zip(a.parts, b.parts, strict=True)
        return all(self._same(one.schema, other.schema) for one, other in pairs)

    def _same(self, a: Any, b: Any) -> bool:
        return self.alike.schemas(self.a_side, a, self.b_side, b)

    def _one_case(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        for each in self._by_keywords(a, b, path):
            yield each
            if isinstance(each, Gap) and not a.parts:  # it allows anything: one thing that is refused will do
                return

    def _by_keywords(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        if a.finite is not None:
            yield from self._listed(a, a.finite, b, path)
            return
        if lost := a.types - b.types:
            yield self._type(a, b, lost, path)
        common = a.types & b.types
        for part in b.parts:
            for keyword, argument in part.schema.items():
                rule, types = RULES.get(keyword, (None, EVERY))
                if rule is not None and types & common:
                    yield from rule(self, a, argument, part, path)

    def _listed(self, a: Conjunction, values: list[Any], b: Conjunction, path: Path) -> Found:
        refused = [each for each in values if not b.meets(each)]
        if refused:
            shown = ", ".join(json_text(each) for each in refused[:5]) + (", ..." if len(refused) > 5 else "")
            targets = tuple({"const": each} for each in refused[:3])
            yield self._gap(path, "enum", shown, "", targets, a, b.parts[0] if b.parts else None)

    def _type(self, a: Conjunction, b: Conjunction, lost: frozenset[str], path: Path) -> Gap:
        plain = [{"const": 0.5}, {"const": 1.5}] if lost == {"fraction"} else []
        named = sorted("number" if each == "fraction" else each for each in lost)
        targets = (*plain, {"type": named})
        at = next((part for part in b.parts if "type" in part.schema), None)
        return self._gap(path, "type", _types(a.types), _types(b.types), targets, a, at)

    def _gap(
        self,
        path: Path,
        keyword: str,
        a_says: str,
        b_says: str,
        targets: tuple[Any, ...],
        a: Conjunction,
        part: SchemaPart | None,
        why: str = "",
    ) -> Gap:
        return Gap(path, keyword, a_says, b_says, targets, a.place, part.place if part else "", why=why)

    # -- numbers, strings, counts ------------------------------------------------------------------------

    def lower(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path, keyword: str) -> Found:
        """What `minimum` or `exclusiveMinimum` refuses."""
        asked = a.whole((exact(argument), keyword != "minimum"), 1)
        has = a.lowest()
        if has is not None and has >= asked:
            return
        target = {"exclusiveMaximum" if keyword == "minimum" else "maximum": argument}
        near = argument - 1 if isinstance(argument, int) else argument - 0.5
        yield self._bound(a, part, path, keyword, has, argument, ({"const": near}, target))

    def upper(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path, keyword: str) -> Found:
        """What `maximum` or `exclusiveMaximum` refuses."""
        number, excluded = a.whole((exact(argument), keyword != "maximum"), -1)
        has = a.highest()
        if has is not None and (has[0] < number or (has[0] == number and has[1] >= excluded)):
            return
        target = {"exclusiveMinimum" if keyword == "maximum" else "minimum": argument}
        near = argument + 1 if isinstance(argument, int) else argument + 0.5
        yield self._bound(a, part, path, keyword, has, argument, ({"const": near}, target))

    def _bound(
        self,
        a: Conjunction,
        part: SchemaPart,
        path: Path,
        keyword: str,
        has: tuple[Fraction, bool] | None,
        argument: Any,
        targets: tuple[Any, ...],
    ) -> Gap:
        stated = part.schema.get("format")
        if isinstance(stated, str) and argument in int_range(stated):
            said = ", ".join(dict.fromkeys(map(str, a.said("format")))) or "none"
            return self._gap(path, "format", said, stated, targets, a, part)
        says = "none" if has is None else f"{_number(has[0])}{_EXCLUDED if has[1] else ''}"
        asks = f"{json_text(argument)}{_EXCLUDED if keyword.startswith('ex') else ''}"
        bound = "minimum" if keyword.endswith("Minimum") or keyword == "minimum" else "maximum"
        return self._gap(path, bound, says, asks, targets, a, part)

    def _multiple(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        step = exact(argument)
        whole = a.types & NUMBERS == {"integer"}
        steps = [exact(each) for each in a.said("multipleOf")] + ([Fraction(1)] if whole else [])
        if any((each / step).denominator == 1 for each in steps):
            return
        has = ", ".join(json_text(each) for each in a.said("multipleOf")) or "none"
        odd = [each for each in (1, 2, 3, 0.5, 0.1) if (exact(each) / step).denominator != 1]
        own = [_number_of(each) for each in steps]
        targets = tuple({"const": each} for each in [*odd, *own])
        yield self._gap(path, "multipleOf", has, json_text(argument), targets, a, part)

    def _pattern(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        if argument not in a.said("pattern"):
            has = ", ".join(map(json_text, a.said("pattern"))) or "none"
            targets = ({"not": {"pattern": argument}},)
            yield self._gap(path, "pattern", has, json_text(argument), targets, a, part)

    def _format(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        if not is_known(argument) or argument in a.said("format") or int_range(argument):
            return
        has = ", ".join(map(str, a.said("format"))) or "none"
        targets = ({"const": "text"}, {"const": "x"}, {"not": {"format": argument}}, {"minLength": 1})
        yield self._gap(path, "format", has, argument, targets, a, part)

    def _unique(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        few = min(a.said("maxItems"), default=2) < 2
        if argument is True and True not in a.said("uniqueItems") and not few:
            yield self._gap(path, "uniqueItems", "false", "true", (), a, part)

    def _enumerated(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        values = argument if isinstance(argument, list) and "enum" in part.schema else [argument]
        shown = json_text(values) if len(values) > 1 else json_text(values[0]) if values else "nothing"
        targets = ({"not": {"enum": values}},)
        yield self._gap(path, "enum", "any value", f"only {shown}", targets, a, part)

    # -- objects -----------------------------------------------------------------------------------------

    def _required(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        for name in argument:
            if name not in a.required:
                targets = ({"properties": {name: False}},)
                yield self._gap(
                    (*path, ("property", name)), "required", "optional", "required", targets, a, part
                )

    def _dependent(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        for name, others in argument.items():
            known = {other for each in a.said("dependentRequired") for other in each.get(name, ())}
            for other in others if a.property(name) is not None else ():
                if other not in known and other not in a.required:
                    target = {"required": [name], "properties": {other: False}}
                    says = f"{other} is required where there is {name}"
                    yield self._gap(path, "dependentRequired", "none", says, (target,), a, part)

    def _properties(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        hidden = part.schema.get(HIDDEN[self.b_side.direction], {})
        for name, schema in argument.items():
            said = a.property(name)
            if said is None and (name in a.required or not a.mentioned):
                said = []  # it has to be given; or no name at all is declared, so any may be
            elif said is None or not _is_declared(a, name, said):
                continue
            place = f"{part.place}/properties/{escape(name)}"
            here = (*path, ("property", name))
            if schema is False:
                if not Conjunction(a.side, said).impossible:
                    word = (
                        ("readOnly" if self.b_side.direction == "request" else "writeOnly")
                        if name in hidden
                        else name
                    )
                    says = ("false", "true") if name in hidden else ("accepted", "refused")
                    yield Gap(here, word, *says, ({"required": [name]},), a.place, place)
                continue
            yield from self.walk(Conjunction(a.side, said), Conjunction(self.b_side, [(schema, place)]), here)

    def _additional(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        if argument in (True, {}):
            return
        known = part.schema.get("properties", {})
        patterns = part.schema.get("patternProperties", {})
        place = f"{part.place}/additionalProperties"
        other = Conjunction(self.b_side, [(argument, place)])
        alone = Conjunction(self.b_side, [(part.schema, part.place)])
        for name in a.declared:
            said = a.property(name) or []
            if name not in known and (not patterns or alone.property(name) == [(argument, place)]):
                yield from self._other(Conjunction(a.side, said), other, (*path, ("property", name)))
        for pattern, schema in [row for each in a.said("patternProperties") for row in each.items()]:
            if pattern not in patterns and not Conjunction(a.side, [(schema, a.place)]).impossible:
                yield self._gap(path, "patternProperties", json_text(pattern), "none", (), a, part)
        if not a.closed:
            yield from self._other(Conjunction(a.side, a.rest()), other, (*path, ("additional", "")))

    def _other(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        """What lies between the schema of one property and that of all that are not listed."""
        if not b.impossible or a.impossible:
            yield from self.walk(a, b, path)
            return
        name = path[-1][1]
        keyword = "additionalProperties"
        if name:
            yield Gap(path, keyword, "declared", "refused", ({"required": [name]},), a.place, b.place)
        else:
            target = {"required": [NEW_NAME], "properties": {NEW_NAME: {}}}
            yield Gap(path[:-1], keyword, "any", "none", (target,), a.place, b.place)

    def _unevaluated(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        if argument in (True, {}):
            return
        whole = Conjunction(self.b_side, [(part.schema, part.place)])
        if argument is not False or whole.unions:
            yield from self._opaque(a, argument, part, path, "unevaluatedProperties")
            return
        closing = SchemaPart(
            {"properties": dict.fromkeys(whole.declared, True), "additionalProperties": False}, part.place
        )
        yield from self._additional(a, False, closing, path)

    def _patterned(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        known = {pattern: schema for each in a.said("patternProperties") for pattern, schema in each.items()}
        for pattern, schema in argument.items():
            place = f"{part.place}/patternProperties/{escape(pattern)}"
            other = Conjunction(self.b_side, [(schema, place)])
            alone = Conjunction(self.b_side, [({"patternProperties": {pattern: schema}}, part.place)])
            for name in a.declared:
                if alone.property(name) is not None:
                    said = Conjunction(a.side, a.property(name) or [])
                    yield from self.walk(said, other, (*path, ("property", name)))
            if pattern in known:
                said = Conjunction(a.side, [(known[pattern], a.place)])
                yield from self.walk(said, other, (*path, ("pattern", pattern)))
            elif not a.closed and not self.holds(Conjunction(a.side, a.rest()), other):
                yield self._gap(path, "patternProperties", "none", json_text(pattern), (), a, part)

    # -- arrays ------------------------------------------------------------------------------------------

    def _items(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        most = min(a.said("maxItems"), default=None)
        start = len(part.schema.get("prefixItems", ()))
        if most is not None and most <= start:
            return
        last = max((len(each) for each in a.said("prefixItems")), default=0)
        other = Conjunction(self.b_side, [(argument, f"{part.place}/items")])
        for index in range(start, max(start, last) + 1):
            step = ("items", "") if index == max(start, last) else ("item", str(index))
            yield from self.walk(Conjunction(a.side, a.element(index)), other, (*path, step))

    def _prefix(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        for index, schema in enumerate(argument):
            other = Conjunction(self.b_side, [(schema, f"{part.place}/prefixItems/{index}")])
            said = Conjunction(a.side, a.element(index))
            yield from self.walk(said, other, (*path, ("item", str(index))))

    # -- combinations ------------------------------------------------------------------------------------

    def _any_of(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        yield from self._union(a, "anyOf", part, path)

    def _one_of(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        yield from self._union(a, "oneOf", part, path)

    def _union(self, a: Conjunction, keyword: str, part: SchemaPart, path: Path) -> Found:
        _, members, place, told = next(each for each in unions_of(part) if each[0] == keyword)
        if any(each[0] == keyword and self._same(each[1], members) for each in a.unions):
            return
        options = [Conjunction(self.b_side, [(each, f"{place}/{at}")]) for at, each in enumerate(members)]
        best = next((each for each in options if a.key is not None and each.title == a.title), None)
        is_shown = False
        if best is None:
            best = next((each for each in options if self.holds(a, each)), None)
            is_shown = best is not None
        best = best or self._nearest(a, options)
        beside = [each for each in options if each is not best and not told and not disjoint(a, each)]
        if keyword == "oneOf" and best is not None:
            new = [each for each in beside if not self._was_member(a, each)]
            if new:
                why = "a value may match several members"
                targets = tuple(self._overlaps(a, each) for each in new)
                yield self._gap(path, "oneOf", "", "", targets, a, part, why)
        if is_shown:
            return
        if best is None or (beside and a.title and best.title != a.title):
            shown = a.title or _types(a.types)
            why = f"it is shown for no member of {keyword} that it accepts all of {shown}"
            yield self._gap(path, keyword, shown, "none", _those(a), a, part, why)
        elif beside:
            yield from self._chosen(a, best, path)
        else:
            yield from self.walk(a, best, path)

    def _was_member(self, a: Conjunction, option: Conjunction) -> bool:
        """Whether a member of a `oneOf` was one before: what matched another did not match it."""
        schema = option.members[0][0]
        if any(self._same(each, schema) for each in a.chosen):
            return False  # it is the one that was matched
        unions = (members for keyword, members, _, _ in a.unions if keyword == "oneOf")
        return any(self._same(each, schema) for members in unions for each in members)

    def _overlaps(self, a: Conjunction, other: Conjunction) -> Any:
        """What meets the required of both: a schema without references, for a value that matches two."""
        names = sorted(a.required | other.required)
        return {"type": "object", "required": names} if names else {}

    def _nearest(self, a: Conjunction, options: list[Conjunction]) -> Conjunction | None:
        return next((each for each in options if each.types & a.types and not disjoint(a, each)), None)

    def _chosen(self, a: Conjunction, b: Conjunction, path: Path) -> Found:
        """What lies between `a` and the member that is meant: another one may accept what it refuses."""
        found = (
            self.walk(a, b, path) if a.key is not None and b.key is not None else self._compare(a, b, path)
        )
        for each in found:
            yield replace(each, is_choice=True)

    def _not(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        if disjoint(a, Conjunction(self.b_side, [(argument, f"{part.place}/not")])):
            return
        if argument in ({}, True):
            yield self._gap(path, "value", "accepted", "refused", ({},), a, part)
        elif not any(self._same(each, argument) for each in a.said("not")):
            targets = (argument,) if not any(self.b_side.references(argument)) else ()
            yield self._gap(path, "not", _shown(a, "not"), json_text(argument), targets, a, part)

    def _opaque(self, a: Conjunction, argument: Any, part: SchemaPart, path: Path, keyword: str) -> Found:
        """A keyword that is contained in the same one alone."""
        beside = _BESIDE.get(keyword, (keyword,))
        for other in a.parts:
            if all(self._same(other.schema.get(each), part.schema.get(each)) for each in beside):
                return
        yield self._gap(path, keyword, _shown(a, keyword), json_text(argument), (), a, part)


def disjoint(a: Conjunction, b: Conjunction) -> bool:
    """Whether it is plain that no value meets both."""
    if a.impossible or b.impossible or not a.types & b.types:
        return True
    if a.finite is not None and b.finite is not None:
        return {*map(canonical, a.finite)}.isdisjoint(map(canonical, b.finite))
    if a.types & b.types != {"object"}:
        return False
    return any(_apart_at(name, a, b) for name in sorted(a.required | b.required))


def _apart_at(name: str, a: Conjunction, b: Conjunction) -> bool:
    one, other = a.property(name), b.property(name)
    if one is None or other is None:
        return False
    values, others = Conjunction(a.side, one), Conjunction(b.side, other)
    if values.impossible or others.impossible:
        return True
    if values.finite is None or others.finite is None:
        return not values.types & others.types
    return {*map(canonical, values.finite)}.isdisjoint(map(canonical, others.finite))


def _is_declared(a: Conjunction, name: str, said: list[Any]) -> bool:
    """Whether `a` says more of a property than that any value may stand under any name."""
    return name in a.declared or any(schema not in (True, {}) for schema, _ in said) or bool(a.rest())


def _those(a: Conjunction) -> tuple[Any, ...]:
    names = sorted(a.types)
    return ({"type": sorted({"number" if each == "fraction" else each for each in names})},)


def _shown(a: Conjunction, keyword: str) -> str:
    return ", ".join(json_text(each) for each in a.said(keyword)) or "none"


def _types(types: frozenset[str]) -> str:
    if types == EVERY:
        return "any"
    names = {"number" if each == "fraction" else each for each in types}
    names -= {"integer"} if "number" in names else set()
    return " or ".join(sorted(names, key=lambda each: (each == "null", each))) or "none"


def _number(number: Fraction) -> str:
    return str(_number_of(number))


def _number_of(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


_UNION = frozenset(("anyOf", "oneOf", "discriminator", "examples", "default"))
_BESIDE = {
    "if": ("if", "then", "else"),
    "contains": ("contains", "minContains", "maxContains"),
}
"""Keywords that are understood together."""

Rule = Callable[[Containment, Conjunction, Any, SchemaPart, Path], Found]
_NUMBER, _STRING = NUMBERS, frozenset(("string",))
_ARRAY, _OBJECT = frozenset(("array",)), frozenset(("object",))


def _count(keyword: str) -> Rule:
    """The rule of `minLength`, `maxItems` and the like."""
    least, what = keyword.startswith("min"), keyword[3:]
    opposite = f"{'max' if least else 'min'}{what}"

    def rule(self: Containment, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        said = a.said(keyword)
        has = (max if least else min)(said) if said else None
        if keyword == "minProperties":
            has = max([len(a.required), *said])
        enough = has is not None and (has >= argument if least else has <= argument)
        if not enough and not (least and argument == 0):
            limit = argument - 1 if least else argument + 1
            shown = "none" if not said else json_text(has)
            yield self._gap(path, keyword, shown, json_text(argument), ({opposite: int(limit)},), a, part)

    return rule


def _kept(keyword: str) -> Rule:
    def rule(self: Containment, a: Conjunction, argument: Any, part: SchemaPart, path: Path) -> Found:
        return self._opaque(a, argument, part, path, keyword)

    return rule


RULES: dict[str, tuple[Rule, frozenset[str]]] = {
    "minimum": (partial(Containment.lower, keyword="minimum"), _NUMBER),
    "exclusiveMinimum": (partial(Containment.lower, keyword="exclusiveMinimum"), _NUMBER),
    "maximum": (partial(Containment.upper, keyword="maximum"), _NUMBER),
    "exclusiveMaximum": (partial(Containment.upper, keyword="exclusiveMaximum"), _NUMBER),
    "multipleOf": (Containment._multiple, _NUMBER),
    "pattern": (Containment._pattern, _STRING),
    "format": (Containment._format, _STRING),
    **{f"{bound}Length": (_count(f"{bound}Length"), _STRING) for bound in ("min", "max")},
    **{f"{bound}Items": (_count(f"{bound}Items"), _ARRAY) for bound in ("min", "max")},
    **{f"{bound}Properties": (_count(f"{bound}Properties"), _OBJECT) for bound in ("min", "max")},
    "uniqueItems": (Containment._unique, _ARRAY),
    "enum": (Containment._enumerated, EVERY),
    "const": (Containment._enumerated, EVERY),
    "required": (Containment._required, _OBJECT),
    "dependentRequired": (Containment._dependent, _OBJECT),
    "properties": (Containment._properties, _OBJECT),
    "additionalProperties": (Containment._additional, _OBJECT),
    "unevaluatedProperties": (Containment._unevaluated, _OBJECT),
    "patternProperties": (Containment._patterned, _OBJECT),
    "items": (Containment._items, _ARRAY),
    "prefixItems": (Containment._prefix, _ARRAY),
    "anyOf": (Containment._any_of, EVERY),
    "oneOf": (Containment._one_of, EVERY),
    "not": (Containment._not, EVERY),
    "if": (_kept("if"), EVERY),
    "contains": (_kept("contains"), _ARRAY),
    "unevaluatedItems": (_kept("unevaluatedItems"), _ARRAY),
    "propertyNames": (_kept("propertyNames"), _OBJECT),
    "dependentSchemas": (_kept("dependentSchemas"), _OBJECT),
    "$dynamicRef": (_kept("$dynamicRef"), EVERY),
    "$ref": (_kept("$ref"), EVERY),
}
"""What `b` asks for by each keyword, and of values of which types."""
