"""Everything that a value breaks, found by walking value and schema together.

A backend gives the verdict. What it says of a wrong value is not asked for: it copies and writes out the
value for each problem, and follows a reference as often as it is met, which doubles with each `allOf` of two
that lead to the same. Here each schema meets each part of the value once, at most `MOST_STEPS` are made, and
only `_MOST_TOLD` problems are kept. Single keywords are asked of the backend, so that there is one verdict.

Nothing calls itself: generators ask for what they need and are resumed with it, so that it does not matter
how deep the value nests and how deep the caller stands.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import ge, le
from typing import TYPE_CHECKING, Any

from dynaclient.document.node import tokens
from dynaclient.document.subschemas import BESIDE, inside
from dynaclient.schema.backend import DEFERRED, Problem, Problems, TooMuch, reached
from dynaclient.schema.unchecked import UNCHECKED, meets
from dynaclient.schema.ways import ANY, levels_of

if TYPE_CHECKING:
    from dynaclient.schema.scope import Scope

_MOST_TOLD = 10_000
"""How many problems are kept; the rest is counted."""

MOST_STEPS = 500_000
"""How many pairs of a schema and a part of the value are looked at, which takes about a second."""

MOST_STEPS_KEPT = 1_000_000
"""The same for a verdict where parts are kept, of half a kilobyte each."""

_MOST_IN_BRANCH = 50
"""How many problems of a member of `anyOf` or `oneOf` are kept."""

PROBED_FROM = 300
"""After how many steps the compiled schema is asked first whether there is anything to find in a part, where
what that takes is not compiled yet."""

Path = tuple[Any, ...]
"""Where a schema stands: its scope (None where there is no `$id`), then the steps to it from the root."""

Found = list[Any]
"""Problems, lists of what parts of it found, and `_REST` for each problem that is counted only."""

Check = Callable[[Any], bool]
Leaf = Callable[[str, Any], Check]
"""Gives the check of a keyword that holds no schema, of its name and argument."""

Probe = Callable[[Path, Any], bool]
"""Whether a value is known to meet the schema at a path."""

Request = tuple[Callable[..., Any], Any, "ValuePart", Path]
Steps = Generator[Request, Any, Any]

_REST = object()


class _Broken(Exception):
    """The value is wrong, whatever else is found."""


class ValuePart:
    """A part of the value: where it stands, and what was found of it by which schema."""

    __slots__ = ("known", "members", "of_name", "path", "value")

    def __init__(self, value: Any, path: tuple[str | int, ...], of_name: bool = False) -> None:
        self.value, self.path, self.of_name = value, path, of_name
        self.members: dict[Any, ValuePart] = {}
        self.known: dict[Any, Any] = {}

    def member(self, step: str | int) -> ValuePart:
        """The item or property `step`, the same each time."""
        member = self.members.get(step)
        if member is None:
            member = self.members[step] = ValuePart(self.value[step], (*self.path, step), self.of_name)
        return member

    def name(self, name: str) -> ValuePart:
        """The name of a property, which stands where its object does."""
        return ValuePart(name, self.path, True)


class CompiledSchemas:
    """A compiled schema and those in it: how each is taken apart, and where references lead.

    `leaf` makes the check of a keyword; `laid` has the patterns that the translation laid beside formats, as
    the last member of `allOf`.
    """

    def __init__(self, whole: Mapping[str, Any], leaf: Leaf, laid: Mapping[str, str] | None = None) -> None:
        self.whole = whole
        self.laid = laid or {}
        self._leaf = leaf
        self._checks: dict[Any, Check] = {}
        self._taken: dict[int, tuple[Any, list[tuple[str, Any, Check | None]], bool]] = {}

    def check(self, keyword: str, argument: Any) -> Check:
        """The check of a keyword that holds no schema."""
        if not isinstance(argument, (str, int, float)):
            return self._made(keyword, argument)
        key = (keyword, type(argument), argument)
        if key not in self._checks:
            self._checks[key] = self._made(keyword, argument)
        return self._checks[key]

    def _made(self, keyword: str, argument: Any) -> Check:
        if keyword in _COUNTED:
            return _counted(keyword, argument)
        check = self._leaf(keyword, argument)
        return _of_type(argument, check) if keyword == "type" else check

    def taken_apart(self, schema: dict[str, Any]) -> list[tuple[str, Any, Check | None]]:
        """The keywords of `schema` that say something, with the checks of those that hold no schema."""
        return self._known(schema)[1]

    def met(self, schema: Any, value: Any) -> bool:
        """Whether `schema` is so plain that this can be said at once, and `value` meets it."""
        if not isinstance(schema, dict):
            return schema is not False
        _, keywords, plain = self._known(schema)
        return plain and all(check(value) for _, _, check in keywords if check)

    def _known(self, schema: dict[str, Any]) -> tuple[Any, list[tuple[str, Any, Check | None]], bool]:
        known = self._taken.get(id(schema))
        if known is None:
            keywords = [*self._keywords(schema)]
            plain = all(check is not None for _, _, check in keywords)
            known = self._taken[id(schema)] = schema, keywords, plain  # with the schema its id stays its own
        return known

    def _keywords(self, schema: dict[str, Any]) -> Iterator[tuple[str, Any, Check | None]]:
        for keyword, argument in schema.items():
            if keyword in _APPLIED:
                yield keyword, argument, None
            elif keyword in _LEAVES:
                yield keyword, argument, self.check(keyword, argument)

    @cached_property
    def levels(self) -> int:
        """How many levels a value may have for a backend that follows every way through the schemas."""
        return levels_of(self.whole)

    @cached_property
    def scope(self) -> Scope | None:
        """Where references lead, if some do not lead straight to a schema of `$defs`."""
        if not _is_scoped(self.whole):
            return None
        from dynaclient.schema.scope import Scope  # late: 69 ms

        return Scope.of(self.whole)

    def entered(self, schema: Any, at: Path) -> Path:
        """`at`, with the scope that a schema with an `$id` opens."""
        return (at[0].entered(schema), *at[1:]) if at[0] is not None and "$id" in schema else at

    def target(self, ref: str, at: Path) -> tuple[Any, Path]:
        """The schema that a reference at `at` leads to, and its path."""
        if at[0] is None:
            key = ref.removeprefix("#/$defs/")
            return self.whole["$defs"][key], (None, "$defs", key)
        schema, scope = at[0].lookup(ref)
        path = tokens(ref.partition("#")[2]) if "#/$defs/" in ref else [None]
        return schema, (scope, *path)


def _is_scoped(schema: Any) -> bool:
    """Whether there is anything in `schema` for which references are more than names of `$defs`."""
    stack = [schema]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack += here
        elif isinstance(here, dict):
            ref = here.get("$ref", "#/$defs/")
            if not {"$id", "$dynamicRef"}.isdisjoint(here) or not str(ref).startswith("#/$defs/"):
                return True
            stack += here.values()
    return False


class Walk:
    """One value, against one of `schemas`. `probe` says of parts of it that nothing is wrong there,
    after `probed_from` steps."""

    def __init__(
        self, schemas: CompiledSchemas, probe: Probe | None = None, probed_from: int = PROBED_FROM
    ) -> None:
        self.schemas = schemas
        self.stopped = False
        """Whether not everything was looked at."""
        self.told = 0
        self.aside = 0
        """How many unions and the like are under way: what is wrong there need not make the value wrong."""
        self.steps = 0
        self.keeps = schemas.levels != ANY
        """Whether parts that were looked at are kept: they may be asked about again, very often."""
        self._most: float = MOST_STEPS
        self._verdict = False
        self._probe = probe
        self._probed_from = probed_from

    def holds(self, value: Any) -> bool:
        """Whether `value` meets the schema. Raises TooMuch."""
        self._verdict = True
        self._most = MOST_STEPS_KEPT if self.keeps else float("inf")
        try:
            found = self._whole(value)
        except _Broken:
            return False
        if self.stopped:
            raise TooMuch
        return not found

    def problems(self, value: Any) -> Problems:
        """The problems of `value`."""
        return Problems(*_flattened(self._whole(value)), self.stopped)

    def _whole(self, value: Any) -> Found:
        return self._run((_problems, self.schemas.whole, ValuePart(value, ()), (self.schemas.scope,)))  # type: ignore[no-any-return]

    def broken(
        self,
        found: Found,
        schema: Any,
        part: ValuePart,
        at: Path,
        names: tuple[Any, ...] = (),
        branches: tuple[tuple[Problem, ...], ...] = (),
    ) -> None:
        """Note in `found` that `part` breaks the keyword of `schema` at `at`, once for each of `names`."""
        if self._verdict and not self.aside:
            raise _Broken
        count, left = max(1, len(names)), max(0, _MOST_TOLD - self.told)
        self.told += count
        if left:
            keyword = str(at[-1]) if isinstance(schema, dict) else "false"
            place = () if at[1:2] == (None,) else at[1:]
            value, of_name = part.value, part.of_name
            found.append(Problem(keyword, part.path, place, value, schema, branches, names[:left], of_name))
        found.extend([_REST] * (count - min(left, count)))

    def is_right(self, schema: Any, value: Any, at: Path) -> bool:
        """Whether it can be said at once that `value` meets `schema`."""
        if self.schemas.met(schema, value):
            self.steps += 1
            return True
        if self._probe is None or self.steps < self._probed_from or not isinstance(value, (dict, list)):
            return False
        return self._probe(at, value)

    def _run(self, first: Request) -> Any:
        stack: list[tuple[Steps, dict[Any, Any], Any]] = []
        answer: Any = self._begun(first, stack)
        while stack:
            steps, known, key = stack[-1]
            try:
                request = steps.send(answer)
            except StopIteration as end:
                stack.pop()
                answer = known[key] = end.value
            else:
                answer = self._begun(request, stack)
        return answer

    def _begun(self, request: Request, stack: list[Any]) -> Any:
        """What is known of a request; where nothing is, its steps are put on the stack."""
        work, schema, part, at = request
        key = (work, id(schema), at[0])
        if key in part.known:
            return part.known[key]  # nothing yet while it is under way: it asks for nothing new
        self.steps += 1
        self.stopped = self.stopped or self.steps > self._most
        if self.stopped:
            return ()
        part.known[key] = ()
        stack.append((work(self, schema, part, at), part.known, key))
        return None


def _flattened(found: Iterable[Any], most: int | None = None) -> tuple[list[Problem], int]:
    """The problems in `found`, each once, or the first `most`; and how many are only counted."""
    problems: list[Problem] = []
    rest = 0
    seen: set[int] = set()
    stack = [iter(found)]
    while stack:
        for each in stack[-1]:
            if most is not None and len(problems) >= most:
                return problems, rest
            if each is _REST:
                rest += 1
            elif isinstance(each, Problem):
                problems.append(each)
            elif id(each) not in seen:
                seen.add(id(each))
                stack.append(iter(each))
                break
        else:
            stack.pop()
    return problems, rest


def _problems(walk: Walk, schema: Any, part: ValuePart, at: Path) -> Steps:
    """What `part` breaks of `schema`, which stands at `at`."""
    found: Found = []
    if isinstance(schema, dict):
        at = walk.schemas.entered(schema, at)
        for keyword, argument, check in walk.schemas.taken_apart(schema):
            if check is None:
                yield from _APPLIED[keyword](walk, found, argument, schema, part, (*at, keyword))
            elif not check(part.value):
                walk.broken(found, schema, part, (*at, keyword))
    elif schema is False:
        walk.broken(found, schema, part, at)
    return found


def _add(found: Found, wrong: Found) -> None:
    if wrong:
        found.append(wrong)


# -- keywords that hold schemas, or names -------------------------------------------------------------------
# Each gets the list for what it finds, its argument, the schema that it stands in, the part, and its path.


def _required(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if isinstance(part.value, dict):
        missing = tuple(name for name in argument if name not in part.value)
        if missing:
            walk.broken(found, schema, part, at, missing)
    yield from ()


def _dependent_required(
    walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path
) -> Steps:
    if isinstance(part.value, dict):
        given = [name for name in argument if name in part.value]
        missing = tuple((each, name) for name in given for each in argument[name] if each not in part.value)
        if missing:
            walk.broken(found, schema, part, at, missing)
    yield from ()


def _ref(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    target, path = walk.schemas.target(argument, at)
    _add(found, (yield _problems, target, part, path))


def _recursive(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    target, scope = at[0].recursive()  # of draft 2019-09, in its meta-schema
    _add(found, (yield _problems, target, part, (scope, None)))


def _later(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    reached.keys.add(argument)
    yield from ()


def _unchecked(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if not meets(argument, part.value):
        walk.broken(found, schema, part, at)
    yield from ()


def _members(walk: Walk, found: Found, members: Iterable[tuple[Any, Any, Path]], part: ValuePart) -> Steps:
    """What is wrong with members of `part`, given as step, schema, and path of the schema."""
    for step, schema, path in members:
        if walk.stopped:
            return
        if not walk.is_right(schema, part.value[step], path):
            wrong = yield _problems, schema, part.member(step), path
            _add(found, wrong)
            if not walk.keeps:
                part.members.pop(step, None)


def _properties(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if isinstance(part.value, dict):
        names = [name for name in part.value if name in argument]
        yield from _members(walk, found, ((name, argument[name], (*at, name)) for name in names), part)


def _pattern_properties(
    walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path
) -> Steps:
    if isinstance(part.value, dict):
        for pattern, member in argument.items():
            names = filter(walk.schemas.check("pattern", pattern), part.value)
            yield from _members(walk, found, ((name, member, (*at, pattern)) for name in names), part)


def _extra(walk: Walk, schema: Any, value: dict[str, Any]) -> tuple[str, ...]:
    """The names of `value` that neither `properties` nor `patternProperties` speak of."""
    known = schema.get("properties", ())
    fits = [walk.schemas.check("pattern", pattern) for pattern in schema.get("patternProperties", ())]
    return tuple(name for name in value if name not in known and not any(fit(name) for fit in fits))


def _additional(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if argument is True or not isinstance(part.value, dict):
        return
    names = _extra(walk, schema, part.value)
    if argument is not False:
        yield from _members(walk, found, ((name, argument, at) for name in names), part)
    elif names:
        walk.broken(found, schema, part, at, names)


def _names(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    for name in part.value if isinstance(part.value, dict) else ():
        if not walk.stopped and not walk.is_right(argument, name, at):
            _add(found, (yield _problems, argument, part.name(name), at))


def _items(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if isinstance(part.value, list) and argument is not True:
        indexes = range(len(schema.get("prefixItems", ())), len(part.value))
        yield from _members(walk, found, ((index, argument, at) for index in indexes), part)


def _prefix(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if isinstance(part.value, list):
        members = enumerate(argument[: len(part.value)])
        yield from _members(walk, found, ((index, each, (*at, index)) for index, each in members), part)


def _contains(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if not isinstance(part.value, list):
        return
    count = len((yield _matching, argument, part, at))
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    if walk.stopped:
        return
    if count < least:
        walk.broken(found, schema, part, (*at[:-1], "minContains") if count else at)
    if most is not None and count > most:
        walk.broken(found, schema, part, (*at[:-1], "maxContains"))


def _matching(walk: Walk, schema: Any, part: ValuePart, at: Path) -> Steps:
    """The indexes of the items that meet `schema`."""
    indexes = []
    for index, item in enumerate(part.value):
        if walk.is_right(schema, item, at) or (yield from _is_met(walk, schema, part.member(index), at)):
            indexes.append(index)
        if walk.stopped:
            break
    return indexes


def _all_of(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    laid = walk.schemas.laid.get(schema.get("format", ""))
    for index, member in enumerate(argument):
        if laid is None or index + 1 < len(argument) or member != {"pattern": laid}:
            _add(found, (yield _problems, member, part, (*at, index)))


def _any_of(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    branches = []
    for index, member in enumerate(argument):
        branches.append((yield from _aside(walk, member, part, (*at, index))))
        if not branches[-1]:
            return
    _no_branch(walk, found, branches, schema, part, at)


def _one_of(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    branches = []
    for index, member in enumerate(argument):
        branches.append((yield from _aside(walk, member, part, (*at, index))))
    if sum(not branch for branch in branches) != 1:
        _no_branch(walk, found, branches, schema, part, at)


def _no_branch(
    walk: Walk, found: Found, branches: Sequence[Any], schema: Any, part: ValuePart, at: Path
) -> None:
    if not walk.stopped:
        kept = tuple(tuple(_flattened(branch, _MOST_IN_BRANCH)[0]) for branch in branches)
        walk.broken(found, schema, part, at, branches=kept)


def _is_met(walk: Walk, schema: Any, part: ValuePart, at: Path) -> Steps:
    """Whether `part` meets `schema`."""
    return not (yield from _aside(walk, schema, part, at))


def _aside(walk: Walk, schema: Any, part: ValuePart, at: Path) -> Steps:
    """What is wrong with `part` by `schema`, for which the value may still be right."""
    told = walk.told
    walk.aside += 1
    wrong = yield _problems, schema, part, at
    walk.aside -= 1
    walk.told = told
    return wrong


def _not(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if (yield from _is_met(walk, argument, part, at)) and not walk.stopped:
        walk.broken(found, schema, part, at)


def _if(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    chosen = "then" if (yield from _is_met(walk, argument, part, at)) else "else"
    if chosen in schema:
        _add(found, (yield _problems, schema[chosen], part, (*at[:-1], chosen)))


def _dependent_schemas(
    walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path
) -> Steps:
    for name in argument if isinstance(part.value, dict) else ():
        if name in part.value:
            _add(found, (yield _problems, argument[name], part, (*at, name)))


def _unevaluated(walk: Walk, found: Found, argument: Any, schema: Any, part: ValuePart, at: Path) -> Steps:
    if not isinstance(part.value, dict if at[-1] == "unevaluatedProperties" else list):
        return
    seen = yield from _evaluated(walk, {**schema, at[-1]: None}, part, at[:-1])
    wrong = []
    for step in part.value if isinstance(part.value, dict) else range(len(part.value)):
        if step in seen or walk.is_right(argument, part.value[step], at):
            continue
        if not (yield from _is_met(walk, argument, part.member(step), at)):
            wrong.append(step)
    if wrong and not walk.stopped:
        walk.broken(found, schema, part, at, tuple(wrong))


def _evaluated(walk: Walk, schema: Any, part: ValuePart, at: Path) -> Steps:
    """The members of `part` that `schema` speaks of (JSON Schema 2020-12 core, 11)."""
    seen: set[Any] = set()
    if not isinstance(schema, dict):
        return seen
    at = walk.schemas.entered(schema, at)
    for keyword in {"$ref", "$dynamicRef"} & schema.keys():
        target, path = walk.schemas.target(schema[keyword], at)
        seen.update((yield _evaluated, target, part, path))
    if isinstance(part.value, dict):
        seen.update(_spoken_of(walk, schema, part.value))
    elif isinstance(part.value, list):
        seen.update((yield from _items_spoken_of(schema, part, at)))
    for member, path in [*_in_place(schema, part.value)]:
        if (yield from _is_met(walk, member, part, (*at, *path))):
            seen.update((yield _evaluated, member, part, (*at, *path)))
    if "if" in schema:
        met = yield from _is_met(walk, schema["if"], part, (*at, "if"))
        for each in ("if", "then") if met else ("else",):
            seen.update((yield _evaluated, schema.get(each), part, (*at, each)))
    return seen


def _spoken_of(walk: Walk, schema: Any, value: dict[str, Any]) -> Iterable[str]:
    if schema.get("additionalProperties") is not None or schema.get("unevaluatedProperties") is not None:
        return value
    return value.keys() - _extra(walk, schema, value)


def _items_spoken_of(schema: Any, part: ValuePart, at: Path) -> Steps:
    if schema.get("items") is not None or schema.get("unevaluatedItems") is not None:
        return range(len(part.value))
    seen = set(range(min(len(schema.get("prefixItems", ())), len(part.value))))
    if "contains" in schema:
        seen.update((yield _matching, schema["contains"], part, (*at, "contains")))
    return seen


def _in_place(schema: Any, value: Any) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    for (keyword, step), member in inside(schema, (*BESIDE, "dependentSchemas")):
        if keyword in BESIDE or (isinstance(value, dict) and step in value):
            yield member, (keyword, step)


_APPLIED: dict[str, Callable[[Walk, Found, Any, Any, ValuePart, Path], Steps]] = {
    "$ref": _ref,
    "$dynamicRef": _ref,
    "$recursiveRef": _recursive,
    DEFERRED: _later,
    UNCHECKED: _unchecked,
    "required": _required,
    "dependentRequired": _dependent_required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "dependentSchemas": _dependent_schemas,
    "unevaluatedProperties": _unevaluated,
    "unevaluatedItems": _unevaluated,
}


# -- keywords that hold neither -----------------------------------------------------------------------------

_LEAVES = frozenset(
    "type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern"
    " format minItems maxItems uniqueItems minProperties maxProperties".split()
)
_COUNTED: dict[str, tuple[Any, Callable[[int, Any], bool]]] = {
    "minLength": (str, ge),
    "maxLength": (str, le),
    "minItems": (list, ge),
    "maxItems": (list, le),
    "minProperties": (dict, ge),
    "maxProperties": (dict, le),
}
_NAMES: dict[type, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    dict: ("object",),
    list: ("array",),
    type(None): ("null",),
}


def _counted(keyword: str, bound: Any) -> Check:
    kind, compare = _COUNTED[keyword]
    return lambda value: not isinstance(value, kind) or compare(len(value), bound)


def _of_type(argument: Any, ask: Check) -> Check:
    """`type`; what is plain is not asked of the backend."""
    names = {argument} if isinstance(argument, str) else set(argument)
    answers = {kind: not names.isdisjoint(known) for kind, known in _NAMES.items()}
    return lambda value: answers[type(value)] if type(value) in answers else ask(value)
