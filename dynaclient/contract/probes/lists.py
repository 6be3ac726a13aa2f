"""Lists: their pages, their limits, their filters, and what is in them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dynaclient.contract.flow import Capture
from dynaclient.contract.generation import maker
from dynaclient.contract.probes.comparing import is_same, scalars
from dynaclient.contract.probes.probe import Flow, Suspicion
from dynaclient.contract.probes.sequences import (
    PAUSE,
    addressed,
    body_of,
    create,
    created,
    is_stateful,
    keeps,
    read,
    ready,
    removed,
)
from dynaclient.contract.resources import plain_name
from dynaclient.errors import Violation
from dynaclient.schema.summary import Outlines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import SentCase
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation, Parameter

SIZES = ("limit", "pagesize", "perpage", "pagelimit", "itemsperpage", "maxresults", "maxitems")
VAGUE_SIZES = ("top", "take", "max", "size")
"""Names of sizes that may mean something else: only beside a page or an offset."""
PAGES = ("page", "pagenumber", "pageno", "pageindex")
OFFSETS = ("offset", "skip", "start", "startindex", "from")
CURSORS = ("next", "nextpage", "nextcursor", "nextpagetoken", "nextlink", "cursor", "hasmore", "continuation")
CURSOR_PARAMETERS = (
    "cursor",
    "after",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "startingafter",
    "continuation",
    "continuationtoken",
    "marker",
)
TOTALS = ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrows", "totalhits")
NO_FILTERS = ("lang", "language", "locale", "currency", "unit", "units", "timezone", "format", "version")
"""Names of parameters that say how things are shown, not which."""

MOST_PAGES = 25
"""How many pages of a list are read."""
MOST_MADE = 20
"""How many things are made to have a list of that many."""


def _complaint(exchange: SentCase, name: str, message: str) -> Suspicion:
    return Suspicion(exchange, Violation("query", name, "", message))


# -- what a list is --------------------------------------------------------------------------------------


def listed_objects(data: Any) -> list[dict[str, Any]] | None:
    """The objects of a list: the body, or the only array in it; None where that is not certain."""
    if isinstance(data, list):
        return data if all(isinstance(each, dict) for each in data) else None
    if not isinstance(data, dict):
        return None
    arrays = [each for each in data.values() if isinstance(each, list)]
    return listed_objects(arrays[0]) if len(arrays) == 1 else None


def _parameter(run: Run, operation: Operation, names: tuple[str, ...]) -> Parameter | None:
    """The query parameter of one of these names that takes a whole number."""
    outlines = Outlines(run.client.document)
    for each in operation.parameters:
        schema = each.value_schema
        if each.location != "query" or schema is None or plain_name(each.name) not in names:
            continue
        if not {"integer", "number"}.isdisjoint(outlines.of(schema).types):
            return each
    return None


def _paging(run: Run, operation: Operation) -> tuple[Parameter | None, Parameter | None, Parameter | None]:
    """The parameters for the size of a page, its number, and the offset of its first item."""
    page, offset = _parameter(run, operation, PAGES), _parameter(run, operation, OFFSETS)
    size = _parameter(run, operation, SIZES)
    if size is None and (page or offset or _cursor(operation)) is not None:
        size = _parameter(run, operation, VAGUE_SIZES)
        if size is not None and plain_name(size.name) == "size" and _said(run, size, "default") is None:
            size = None  # it may ask for things of that size
    return size, page, offset


def _said(run: Run, parameter: Parameter, keyword: str) -> Any:
    schema = parameter.value_schema
    value = Outlines(run.client.document).of(schema).plain.get(keyword) if schema is not None else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _first_page(run: Run, page: Parameter) -> int:
    for keyword in ("default", "minimum"):
        said = _said(run, page, keyword)
        if said is not None:
            return int(said)
    return 1


@dataclass
class Asked:
    """A list that is asked for: a case without optional parameters, and where its values come from."""

    run: Run
    operation: Operation
    case: Case
    takes: Mapping[str, Capture]

    def case_with(self, *values: tuple[Parameter, Any]) -> Case | None:
        """The case with query parameters; None where one does not take the value."""
        make = maker(self.run.client)
        if not all(make.fits(self.operation, each, value) for each, value in values):
            return None
        added = {each.key: value for each, value in values}
        return replace(self.case, arguments={**self.case.arguments, **added})

    def get(self, *values: tuple[Parameter, Any], flow: Flow | None = None) -> SentCase | None:
        """Ask for it with some parameters."""
        case = self.case_with(*values)
        if case is None:
            return None
        return flow.send(case, self.takes) if flow is not None else self.run.send(case, self.takes)


def _asked(run: Run, operation: Operation, thing: Thing | None = None) -> Asked | None:
    if operation.method != "GET" or any(
        each.required and each.location == "query" for each in operation.parameters
    ):
        return None
    if thing is not None:
        of_thing = addressed(run, operation, thing)
        return Asked(run, operation, *of_thing) if of_thing is not None else None
    made = ready(run, operation)
    return Asked(run, operation, *made[:2]) if made is not None else None


def _below(run: Run, operation: Operation) -> Resource | None:
    return next((each for each in run.resources if operation.key in each.listers), None)


def _is_real(run: Run, operation: Operation, found: list[dict[str, Any]]) -> bool:
    """Whether a list shows what the server keeps: what it names can be read, where that is possible."""
    resource = _below(run, operation)
    if resource is None or not resource.readers:
        return is_stateful(run)
    if not keeps(run, resource) or not found:
        return False
    listed = run.things.listed(resource, operation)
    got = read(run, Flow(run), listed) if listed is not None else None
    return got is not None and got.ok


# -- all of a list ---------------------------------------------------------------------------------------


@dataclass
class PageWalk:
    """The items of a list, page after page, and whether these are all."""

    items: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = False
    last: SentCase | None = None

    def find(self, run: Run, resource: Resource, thing: Thing) -> dict[str, Any] | None:
        """The item that is `thing`."""
        return next(iter(self.all(run, resource, thing)), None)

    def all(self, run: Run, resource: Resource, thing: Thing) -> list[dict[str, Any]]:
        """The items that are `thing`."""
        named = [(each, run.things.identify(resource, each)) for each in self.items]
        return [
            each
            for each, found in named
            if found and all(str(value) == str(thing.values[name]) for name, (_, value) in found.items())
        ]

    def is_told(self, run: Run, resource: Resource) -> bool:
        """Whether each item says what it is called."""
        return all(run.things.identify(resource, each) for each in self.items)


def walk_pages(run: Run, asked: Asked, flow: Flow) -> PageWalk:
    """All items of a list, as far as the document says how to get them."""
    size, page, offset = _paging(run, asked.operation)
    found = PageWalk()
    fixed = _sized(run, asked, size)
    for number in range(MOST_PAGES):
        values = list(fixed)
        if number and offset is not None:
            values.append((offset, len(found.items)))
        elif number and page is not None:
            values.append((page, _first_page(run, page) + number))
        elif number:
            return found
        got = asked.get(*values, flow=flow if not number else None)
        if got is None or not got.ok:
            return found
        items = listed_objects(body_of(got))
        if items is None or (items and items == found.items[-len(items) :]):
            return found
        found.items += items
        found.last = found.last or got
        if _is_last(got, items, fixed, paged=page is not None or offset is not None):
            found.complete = True
            return found
    return found


def _sized(run: Run, asked: Asked, size: Parameter | None) -> list[tuple[Parameter, Any]]:
    if size is None:
        return []
    largest = _said(run, size, "maximum")
    for value in (int(largest) if largest is not None else 100, 100, 50, 20):
        if value <= 1000 and asked.case_with((size, value)) is not None:
            return [(size, value)]
    return []


def _is_last(
    got: SentCase, items: list[dict[str, Any]], sized: list[tuple[Parameter, Any]], *, paged: bool
) -> bool:
    """Whether nothing comes after a page."""
    if not items:
        return True
    if sized and len(items) < sized[0][1] and paged:
        return True
    data = body_of(got)
    more = isinstance(data, dict) and any(plain_name(name) in CURSORS and data[name] for name in data)
    linked = got.response is not None and "next" in got.response.headers.get("Link", "")
    if paged or more or linked:
        return False
    return not sized or len(items) < sized[0][1]


# -- probes ----------------------------------------------------------------------------------------------


def created_is_listed(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What was made is in the list."""
    if not (resource.readers and resource.creators and resource.listers and keeps(run, resource)):
        return
    if _unlisted(run, resource, optional=False) is None:
        return
    last = _unlisted(run, resource, optional=True)
    if last is not None:
        yield _absent(last, f"what {resource.creators[0].operation} made is not in the list")


def _unlisted(run: Run, resource: Resource, *, optional: bool) -> SentCase | None:
    """The list, where a new thing can be read and is not in it; None where it is, or that is not certain."""
    flow = Flow(run)
    made = _any_created(run, flow, resource, optional=optional)
    asked = _asked(run, run.client.operations[resource.listers[0]], made[0]) if made is not None else None
    if made is None or asked is None:
        return None
    for each in (flow, Flow(run)):
        found = walk_pages(run, asked, each)
        if not (found.complete and found.is_told(run, resource)) or found.find(run, resource, made[0]):
            return None
        time.sleep(PAUSE)
    got = read(run, Flow(run), made[0])
    return flow.exchanges[-1] if got is not None and got.ok else None


def _absent(exchange: SentCase, message: str) -> Suspicion:
    return Suspicion(exchange, Violation("body", "body", "", message))


def _any_created(
    run: Run, flow: Flow, resource: Resource, *, optional: bool
) -> tuple[Thing, SentCase] | None:
    for creator in resource.creators:
        made = create(run, flow, resource, creator, run.valid(creator.operation, optional=optional))
        if made is not None:
            return made
    return None


def deleted_not_listed(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What was deleted is not in the list."""
    for key in resource.listers[:1] if resource.removers else ():
        operation = run.client.operations[key]
        flow = Flow(run)
        made = created(run, flow, resource)
        asked = _asked(run, operation, made[0]) if made is not None else None
        if made is None or asked is None:
            return
        before = walk_pages(run, asked, Flow(run)).find(run, resource, made[0])
        if before is None or removed(run, flow, made[0]) is None:
            return
        if not _is_shown(run, asked, flow, resource, made[0], before):
            return
        time.sleep(PAUSE)
        if _is_shown(run, asked, Flow(run), resource, made[0], before):
            yield _absent(flow.exchanges[-1], f"what {resource.removers[0]} deleted is still in the list")


def _is_shown(
    run: Run, asked: Asked, flow: Flow, resource: Resource, thing: Thing, before: dict[str, Any]
) -> bool:
    after = walk_pages(run, asked, flow).find(run, resource, thing)
    return after is not None and is_same(before, after)


def limit_holds(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """A page has at most as many items as were asked for."""
    size, _, _ = _paging(run, operation)
    asked = _asked(run, operation) if size is not None else None
    if asked is None or size is None:
        return
    least, found = _more_than_a_page(run, asked, size)
    if not found:
        return
    flow = Flow(run)
    got = asked.get((size, least), flow=flow)
    items = listed_objects(body_of(got)) if got is not None and got.ok else None
    if got is not None and items is not None and len(items) > least:
        message = f"{size.name}={least}: expected at most {least}, got {len(items)} items"
        yield _complaint(got, size.name, message)


def _more_than_a_page(run: Run, asked: Asked, size: Parameter) -> tuple[int, list[dict[str, Any]]]:
    """The smallest page that may be asked for, and items of a list that has more; none where it has not."""
    least = max(1, int(_said(run, size, "minimum") or 1))
    found = _populated(run, asked, least + 1)
    return least, found if len(found) > least and _is_real(run, asked.operation, found) else []


def _populated(run: Run, asked: Asked, wanted: int) -> list[dict[str, Any]]:
    """The first items of a list; some are made where there are too few."""
    resource = _below(run, asked.operation)
    for _ in range(2):
        got = asked.get()
        items = listed_objects(body_of(got)) if got is not None and got.ok else None
        if items is None or len(items) >= wanted or resource is None or wanted > MOST_MADE:
            return items or []
        for _ in range(wanted - len(items)):
            if created(run, Flow(run), resource) is None:
                return items
    return items or []


def listed_once(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """A list names each thing once, also one that was replaced."""
    if not (resource.readers and resource.listers and keeps(run, resource)):
        return
    flow = Flow(run)
    made = _any_created(run, flow, resource, optional=False)
    asked = _asked(run, run.client.operations[resource.listers[0]], made[0]) if made is not None else None
    if made is None or asked is None:
        return
    for key in resource.replacers[:1]:
        replacing = addressed(run, run.client.operations[key], made[0])
        if replacing is not None:
            flow.send(*replacing)
    found = walk_pages(run, asked, flow)
    times = len(found.all(run, resource, made[0]))
    if times > 1 and len(walk_pages(run, asked, Flow(run)).all(run, resource, made[0])) > 1:
        yield _absent(flow.exchanges[-1], f"the list names one thing {times} times")


def pages_differ(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """The second page has no item of the first."""
    size, page, offset = _paging(run, operation)
    asked = _asked(run, operation) if size is not None else None
    cursor = _cursor(operation)
    if asked is None or size is None or (page or offset or cursor) is None:
        return
    wanted = max(2, int(_said(run, size, "minimum") or 1))
    if asked.case_with((size, wanted)) is None:
        wanted = 1
    found = _populated(run, asked, wanted + 1)
    if len(found) <= wanted or not _is_real(run, operation, found) or _has_twins(found):
        return
    shown: Suspicion | None = None
    for _ in range(2):
        flow = Flow(run)
        first = asked.get((size, wanted), flow=flow)
        one = listed_objects(body_of(first)) if first is not None and first.ok else None
        if first is None or not one or len(one) > wanted:
            return
        if page is not None:
            name, got = page.name, asked.get((size, wanted), (page, _first_page(run, page) + 1), flow=flow)
        elif offset is not None:
            first_of_all = _said(run, offset, "minimum") or (plain_name(offset.name) == "startindex")
            name, got = (
                offset.name,
                asked.get((size, wanted), (offset, int(first_of_all) + wanted), flow=flow),
            )
        else:
            assert cursor is not None
            name, got = cursor.name, _followed(asked, first, (size, wanted), cursor, flow)
        other = listed_objects(body_of(got)) if got is not None and got.ok else None
        again = [each for each in other or () if each in one]
        if got is None or not again:
            return
        many = "the items" if again == one else f"{len(again)} of the {len(one)} items"
        shown = _complaint(got, name, f"the second page has {many} of the first")
    if shown is not None:
        yield shown


def _cursor(operation: Operation) -> Parameter | None:
    """The parameter that takes where a page ended."""
    named = (each for each in operation.parameters if plain_name(each.name) in CURSOR_PARAMETERS)
    return next((each for each in named if each.location == "query"), None)


def _followed(
    asked: Asked, first: SentCase, size: tuple[Parameter, Any], cursor: Parameter, flow: Flow
) -> SentCase | None:
    """The page behind `first`, by the cursor that it gives."""
    for pointer, value in _beside_items(body_of(first)):
        named = plain_name(pointer.rpartition("/")[2]) in CURSORS and not isinstance(value, bool)
        if named and value and not (isinstance(value, str) and ("://" in value or "?" in value)):
            case = asked.case_with(size, (cursor, value))
            taken = Capture(first.step, f"$response.body#{pointer}")
            return flow.send(case, {**asked.takes, cursor.key: taken}) if case is not None else None
    return None


def _beside_items(data: Any) -> Iterator[tuple[str, Any]]:
    """The texts and numbers that a list has beside its items: pointer, value."""
    for pointer, value in scalars(data):
        if not any(token.isdecimal() for token in pointer.split("/")):
            yield pointer, value


def _has_twins(found: list[dict[str, Any]]) -> bool:
    return any(each in found[:at] for at, each in enumerate(found))


def total_holds(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """A total counts all items of a list, not those of a page."""
    size, page, offset = _paging(run, operation)
    asked = _asked(run, operation) if size is not None else None
    if asked is None or size is None or (page or offset or _cursor(operation)) is None:
        return
    least, found = _more_than_a_page(run, asked, size)
    if not found:
        return
    flow = Flow(run)
    got = asked.get((size, least), flow=flow)
    if got is None or not got.ok or len(listed_objects(body_of(got)) or ()) != least:
        return
    for pointer, value in _beside_items(body_of(got)):
        name = pointer.rpartition("/")[2]
        if plain_name(name) in TOTALS and type(value) is int and value == least:
            message = f"{name} is {value} with {size.name}={least}, and there are at least {len(found)} items"
            yield Suspicion(got, Violation("body", "body", pointer, message))
            return


def sort_holds(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """An ascending list is not the descending one."""
    asked = _asked(run, operation) if next(_orders(run, operation), None) is not None else None
    found = _populated(run, asked, 3) if asked is not None else []
    if asked is None or not found or not _is_real(run, operation, found):
        return
    for up, down, name in _orders(run, operation):
        key = next((each for each in found[0] if plain_name(each) == plain_name(name)), "")
        if not key or not _are_different(found, key):
            continue
        for _ in range(2):
            flow = Flow(run)
            pages = [asked.get(*each, flow=flow) for each in (up, down)]
            one, other = (listed_objects(body_of(each)) if each and each.ok else None for each in pages)
            if not one or one != other or not _are_different(one, key):
                break
        else:
            assert pages[1] is not None
            message = f"{down[-1][1]!r} gives the items in the order of {up[-1][1]!r}"
            yield _complaint(pages[1], down[-1][0].name, message)
        return


def _are_different(found: list[dict[str, Any]], key: str) -> bool:
    """Whether all items have a value there, and not all the same, whatever the collation."""
    values = [each.get(key) for each in found]
    plain = all(isinstance(each, (str, int, float)) and each != "" for each in values)
    return plain and len({str(each).casefold() for each in values}) > 1


Order = tuple[tuple["Parameter", Any], ...]
"""Values of parameters that ask for an order."""


def _orders(run: Run, operation: Operation) -> Iterator[tuple[Order, Order, str]]:
    """Two opposite orders of a list, and the property that it is ordered by."""
    outlines = Outlines(run.client.document)
    choices: list[tuple[Parameter, list[str]]] = []
    for each in operation.parameters:
        schema = each.value_schema
        said = outlines.of(schema).plain.get("enum") if schema is not None else None
        if each.location == "query" and isinstance(said, list):
            choices.append((each, [value for value in said if isinstance(value, str)]))
    for parameter, values in choices:
        for value in values:
            for other in (f"-{value}", f"{value}_desc", f"{value}:desc", f"{value}.desc", f"{value} desc"):
                if other in values:
                    yield ((parameter, value),), ((parameter, other),), value
            for ending in ("_asc", ":asc", ".asc", " asc"):
                other = f"{value.removesuffix(ending)}{ending[0]}desc"
                if value.endswith(ending) and other in values:
                    yield ((parameter, value),), ((parameter, other),), value.removesuffix(ending)
    for parameter, values in choices:
        if [each.lower() for each in sorted(values)] == ["asc", "desc"]:
            up, down = sorted(values)
            for by, names in choices:
                if by is not parameter and plain_name(by.name).startswith(("sort", "order")):
                    yield from (
                        (((by, name), (parameter, up)), ((by, name), (parameter, down)), name)
                        for name in names
                    )


def filter_holds(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """A filter that is named like a property gives only what has that value."""
    outlines = Outlines(run.client.document)
    asked = None
    for parameter in operation.parameters:
        schema = parameter.value_schema
        if parameter.location != "query" or schema is None or plain_name(parameter.name) in NO_FILTERS:
            continue
        outline = outlines.of(schema)
        choice = "enum" in outline.plain or outline.types == ["boolean"]
        if not choice and outline.types != ["string"]:
            continue
        asked = asked or _asked(run, operation)
        if asked is None:
            return
        yield from _filtered(run, asked, parameter, exact=choice)


def _filtered(run: Run, asked: Asked, parameter: Parameter, *, exact: bool) -> Iterator[Suspicion]:
    got = asked.get()
    found = listed_objects(body_of(got)) if got is not None and got.ok else None
    name = next((each for each in (found or [{}])[0] if plain_name(each) == plain_name(parameter.name)), "")
    values = (
        list(dict.fromkeys(each[name] for each in found or () if _is_plain(each.get(name)))) if name else []
    )
    if len(values) < 2 or not _is_real(run, asked.operation, found or []):
        return
    for value in values[:3]:
        flow = Flow(run)
        got = asked.get((parameter, value), flow=flow)
        items = listed_objects(body_of(got)) if got is not None and got.ok else None
        others = [each[name] for each in items or () if name in each and not is_same(each[name], value)]
        ignored = items is not None and items == found
        if got is not None and others and (exact or ignored):
            shown = f"{parameter.name}={value!r}: expected only items with this {name}, got {others[0]!r}"
            yield _complaint(got, parameter.name, shown)
            return


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, bool, int)) and value != ""
