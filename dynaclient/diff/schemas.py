"""What changed between the schemas of two documents in one direction, each pair of them looked at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dynaclient._support.messages import json_text
from dynaclient._support.missing import MISSING
from dynaclient.diff.change import Verdict
from dynaclient.diff.conjunction import Conjunction, Side
from dynaclient.diff.containment import Alike, Containment, Gap, Path
from dynaclient.diff.witnesses import Witnesses
from dynaclient.document.node import Node

MOST_WITNESSES = 400
"""For so many gaps of a comparison witnesses are looked for."""
MOST_LIFTED = 200
"""For so many it is tried whether no other member of a union accepts them."""
MOST_DEEP = 12

Keys = tuple[str, str]
"""The keys of a schema in the old and in the new document."""


@dataclass(frozen=True)
class SchemaChange:
    """A change of a schema, at `path` from its values."""

    path: Path
    message: str
    verdict: Verdict
    reason: str
    witness: Any = MISSING
    old_place: str = ""
    new_place: str = ""


@dataclass(frozen=True)
class Below:
    """A pair of components: where it lies below another, and whether one of several choices is."""

    keys: Keys
    path: Path
    is_choice: bool


@dataclass
class Compared:
    """What is known of two schemas: their changes, and the pairs of components below them."""

    changes: list[SchemaChange] = field(default_factory=list)
    below: list[Below] = field(default_factory=list)


class SchemaComparison:
    """Compares the schemas of two documents in one direction.

    Requests: the new document has to accept what the old one does. Responses: the old one what the new does.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new
        self._narrow, self._wide = (old, new) if old.direction == "request" else (new, old)
        self._witnesses = Witnesses(self._narrow, self._wide)
        self._compared: dict[Keys, Compared] = {}
        self._left = MOST_WITNESSES
        self._lifts = MOST_LIFTED
        self._forward: Containment | None = None
        self._backward: Containment | None = None

    def keys(self, old: Node, new: Node) -> Keys:
        """The keys of two locations; all of them are asked for before the first comparison."""
        return self.old.translator.entry(old), self.new.translator.entry(new)

    def reachable(self, keys: Keys) -> Iterator[Below]:
        """`keys` and all pairs of components below them, each once, and without a choice if possible."""
        seen: set[Keys] = set()
        pending, later = [Below(keys, (), False)], list[Below]()
        while pending or later:
            here = pending.pop(0) if pending else later.pop(0)
            if here.keys in seen:
                continue
            seen.add(here.keys)
            yield here
            for each in self.compared(here.keys).below:
                found = Below(each.keys, (*here.path, *each.path), here.is_choice or each.is_choice)
                (later if found.is_choice else pending).append(found)

    def lifted(self, keys: Keys, path: Path, witness: Any) -> bool:
        """Whether a witness of the part at `path` is one of the whole."""
        if self._lifts <= 0 or witness is MISSING:
            return False
        self._lifts -= 1
        narrow_first = self._narrow is self.old
        a, b = keys if narrow_first else keys[::-1]
        return self._witnesses.is_lifted(path, witness, a, b)

    def compared(self, keys: Keys) -> Compared:
        """What is known of a pair."""
        if keys not in self._compared:
            self._compared[keys] = self._compare(keys)
        return self._compared[keys]

    def _containments(self) -> tuple[Containment, Containment]:
        if self._forward is None or self._backward is None:
            alike = Alike(self.old, self.new)
            self._forward = Containment(self._narrow, self._wide, alike)
            self._backward = Containment(self._wide, self._narrow, alike)
        return self._forward, self._backward

    def _compare(self, keys: Keys) -> Compared:
        forward, backward = self._containments()
        if forward.alike.key(*keys):
            return Compared()
        narrow_first = self._narrow is self.old
        a, b = keys if narrow_first else keys[::-1]
        gaps, pairs = forward.gaps(a, b)
        others, _ = backward.gaps(b, a)
        found = Compared()
        for each in pairs:
            below = (each.a, each.b) if narrow_first else (each.b, each.a)
            found.below.append(Below(below, each.path, each.is_choice))
        found.changes += [self._breaking(each, keys, a, b) for each in gaps]
        told = {(each.path, each.keyword) for each in gaps if each.keyword != "enum"}
        others = [each for each in others if (each.path, each.keyword) not in told and not each.why]
        known = {each.path for each in gaps}
        others = [each for each in others if each.path in known or not self._is_removed(each, keys)]
        found.changes += [self._safe(each, keys) for each in others]
        found.changes += self._declared(keys, found.below, known | {each.path for each in others})
        return found

    def _is_removed(self, gap: Gap, keys: Keys) -> bool:
        """Whether a gap is about a property that the new document does not declare any more."""
        if gap.keyword == "writeOnly":
            return self.old.direction == "response"
        if gap.keyword not in ("required", "additionalProperties") or not gap.path:
            return False
        around, name = gap.path[:-1], gap.path[-1][1]
        was, now = self._at(self.old, keys[0], around), self._at(self.new, keys[1], around)
        return bool(name and was and now and name in was.mentioned and name not in now.mentioned)

    # -- what may break ----------------------------------------------------------------------------------

    def _breaking(self, gap: Gap, keys: Keys, a: str, b: str) -> SchemaChange:
        witness: Any = MISSING
        if self._left > 0:
            self._left -= 1
            witness = self._witnesses.find(gap, a, b)
        shown = witness is not MISSING
        verdict: Verdict = "breaking" if shown else "may break"
        reason = self._reason(gap, keys, shown)
        return self._change(gap, keys, self._narrow, verdict, reason, witness)

    def _reason(self, gap: Gap, keys: Keys, shown: bool) -> str:
        callers, readers = REASONS.get(gap.keyword, REASONS[""])
        said = callers if self.old.direction == "request" else readers
        if gap.keyword == "required" and self.old.direction == "request":
            now = self._at(self.new, keys[1], gap.path)
            if now is not None and now.said("default"):
                said += ": its default does not stand in for it, for a default is an annotation"
        if shown:
            return said
        return f"{gap.why or said}; no value was found that shows it"

    def _whole(self, side: Side, key: str) -> Conjunction:
        return Conjunction(side, [(side.schema(key), side.node(key).place)])

    def _at(self, side: Side, key: str, path: Path) -> Conjunction | None:
        """What one document says of the part at `path`; None where it says nothing."""
        here = self._whole(side, key)
        for kind, name in path:
            said = here.property(name) if kind == "property" and name in here.declared else None
            if kind in ("items", "item"):
                said = here.element(int(name or 1_000_000))
            if not said:
                return None
            here = Conjunction(side, said)
        return here

    def _safe(self, gap: Gap, keys: Keys) -> SchemaChange:
        said = (
            "more is accepted than before"
            if self.old.direction == "request"
            else "no more is sent than before"
        )
        return self._change(gap, keys, self._wide, "safe", said, MISSING)

    def _change(
        self, gap: Gap, keys: Keys, a: Side, verdict: Verdict, reason: str, witness: Any
    ) -> SchemaChange:
        a_is_old = a is self.old
        places = (gap.a_place, gap.b_place) if a_is_old else (gap.b_place, gap.a_place)
        message = in_words(gap, a_is_old)
        if gap.keyword == "required":
            was, now = (
                self._at(side, key, gap.path) for side, key in zip((self.old, self.new), keys, strict=True)
            )
            message = "required property added" if was is None and a_is_old else message
            message = "required property removed" if now is None and not a_is_old else message
        return SchemaChange(gap.path, message, verdict, reason, witness, *places)

    # -- what is declared --------------------------------------------------------------------------------

    def _declared(self, keys: Keys, below: list[Below], known: set[Path]) -> Iterator[SchemaChange]:
        """What changed of properties and annotations, of this schema and of what is not looked at alone."""
        seen = {each.keys for each in below}
        old, new = self._whole(self.old, keys[0]), self._whole(self.new, keys[1])
        if (old.key, new.key) not in seen:
            yield from self._notes(old, new, (), known, seen)

    def _notes(
        self, old: Conjunction, new: Conjunction, path: Path, known: set[Path], seen: set[Keys]
    ) -> Iterator[SchemaChange]:
        if old.key is not None and new.key is not None:
            if (old.key, new.key) in seen or self._containments()[0].alike.key(old.key, new.key):
                return
            seen.add((old.key, new.key))
        if len(path) > MOST_DEEP:
            return
        yield from self._annotations(old, new, path, known)
        for name in dict.fromkeys((*old.declared, *new.declared)):
            here = (*path, ("property", name))
            one, other = self._shown(old, name), self._shown(new, name)
            if one is not None and other is not None:
                yield from self._notes(one, other, here, known, seen)
            elif here not in known:
                yield from self._alone(old, new, one, other, here)
        one, other = (Conjunction(each.side, each.element(1_000_000)) for each in (old, new))
        if one.members and other.members:
            yield from self._notes(one, other, (*path, ("items", "")), known, seen)
        for one, other in _branches(old, new):
            yield from self._notes(one, other, path, known, seen)

    def _alone(
        self,
        old: Conjunction,
        new: Conjunction,
        before: Conjunction | None,
        after: Conjunction | None,
        path: Path,
    ) -> Iterator[SchemaChange]:
        """A property that one of the documents declares."""
        name = path[-1][1]
        if before is not None and not _elsewhere(new, name):
            message = "now writeOnly" if name in new.declared else "property removed"
            yield self._removed(before, path, message)
        elif after is not None and not _elsewhere(old, name):
            yield self._added(after, path)

    def _shown(self, schema: Conjunction, name: str) -> Conjunction | None:
        """What is declared of a property that may travel in this direction."""
        said = schema.property(name) if name in schema.declared else None
        found = Conjunction(schema.side, said) if said is not None else None
        return None if found is not None and any(each is False for each, _ in found.members) else found

    def _annotations(
        self, old: Conjunction, new: Conjunction, path: Path, known: set[Path]
    ) -> Iterator[SchemaChange]:
        places = (old.place, new.place)
        was, now = (each.said("default")[:1] for each in (old, new))
        if json_text(was) != json_text(now):
            shown = " -> ".join(json_text(each[0]) if each else "none" for each in (was, now))
            if self.old.direction == "request":
                reason = "callers that leave it out get another value"
                yield SchemaChange(path, f"default: {shown}", "may break", reason, MISSING, *places)
            else:
                reason = "a default says nothing of what is sent"
                yield SchemaChange(path, f"default: {shown}", "safe", reason, MISSING, *places)
        was, now = ([*dict.fromkeys(map(str, each.said("format")))] for each in (old, new))
        if was != now and path not in known:
            shown = " -> ".join(", ".join(each) or "none" for each in (was, now))
            reason = "the same values are accepted"
            yield SchemaChange(path, f"format: {shown}", "safe", reason, MISSING, *places)

    def _added(self, new: Conjunction, path: Path) -> SchemaChange:
        said = (
            "it is optional"
            if self.old.direction == "request"
            else "readers do not look at what they do not know"
        )
        return SchemaChange(path, "property added", "safe", said, MISSING, "", new.place)

    def _removed(self, old: Conjunction, path: Path, message: str) -> SchemaChange:
        if self.old.direction == "request":
            said = "it is accepted like any undeclared property, and nothing says that it has an effect"
        else:
            said = "it was optional, and nothing says that it is still sent"
        return SchemaChange(path, message, "may break", said, MISSING, old.place, "")


REASONS = {
    "": ("values that were accepted are refused", "values that the old document excludes may be sent"),
    "required": ("requests without it are refused", "responses may lack it"),
    "enum": ("requests with such a value are refused", "readers do not expect such a value"),
    "type": ("values of another type are refused", "values of another type may be sent"),
    "additionalProperties": (
        "requests with such a property are refused",
        "responses may hold properties that the old document refuses",
    ),
    "readOnly": ("it must not be sent in requests any more", ""),
    "writeOnly": ("", "the old document says that it is never sent in responses"),
    "oneOf": (
        "more than one member of oneOf may accept a value that one accepted",
        "more than one member of oneOf may accept what is sent",
    ),
}
"""What a gap means to callers, and to readers."""


def _branches(old: Conjunction, new: Conjunction) -> Iterator[tuple[Conjunction, Conjunction]]:
    """The members of `anyOf` and `oneOf` that stand for each other: of one name, else in the same place."""
    for (keyword, members, place, _), (other, others, at, _) in zip(old.unions, new.unions, strict=False):
        before = [Conjunction(old.side, [(each, f"{place}/{index}")]) for index, each in enumerate(members)]
        after = [Conjunction(new.side, [(each, f"{at}/{index}")]) for index, each in enumerate(others)]
        named = {each.key: each for each in after if each.key is not None}
        for one, two in zip(before, after, strict=False) if keyword == other else ():
            if one.key is None and two.key is None:
                yield one, two
        yield from ((each, named[each.key]) for each in before if each.key in named)


def _elsewhere(schema: Conjunction, name: str) -> bool:
    """Whether a property is declared in branches only."""
    return name not in schema.declared and name in schema.mentioned


def in_words(gap: Gap, a_is_old: bool) -> str:
    """What changed, in words."""
    name = gap.path[-1][1] if gap.path else ""
    if gap.keyword == "enum" and not gap.b:
        return f"{'no longer allows' if a_is_old else 'now allows'} {gap.a}"
    if gap.keyword == "required":
        return "optional -> required" if a_is_old else "required -> optional"
    if gap.keyword == "additionalProperties" and name and gap.a == "declared":
        done = "removed" if a_is_old else "added"
        return f"property {done}, where undeclared ones {'are' if a_is_old else 'were'} refused"
    old, new = (gap.a, gap.b) if a_is_old else (gap.b, gap.a)
    keyword = "undeclared properties" if gap.keyword == "additionalProperties" else gap.keyword
    return f"{keyword}: {old} -> {new}" if old != new else f"{keyword} changed"
