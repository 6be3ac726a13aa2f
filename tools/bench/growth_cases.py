"""The table of cases, second half: how cost grows."""

from __future__ import annotations

from bench import programs, targets
from bench.case import Case, Contender, ours
from bench.targets import Place, human


def opening_grows(ending: str, cached: bool, place: Place) -> Case:
    """A client made in a process that runs; all but the first measured by 200 operations."""
    cache = place.document("cache-growing") if cached else "off"
    note = "Client(path) and the list of its operations, in a process that runs"
    return Case(
        f"opening grows, {ending}, {'cached' if cached else 'no cache'}",
        "growth",
        note,
        tuple(
            Contender(
                f"{label} ({place.size(f'{name}.{ending}')})",
                "growing:opening",
                {"document": place.document(f"{name}.{ending}")},
                environment={"DYNACLIENT_CACHE": cache},
                ours=True,
            )
            for label, name in GROWN.items()
        ),
    )


def opening_grows_anew(ending: str, place: Place) -> Case:
    """The same in new processes: in one that runs, small documents stay near the processor."""
    small = place.document(f"small.{ending}")
    return Case(
        f"opening grows, {ending}, no cache, new processes",
        "growth",
        "the first Client(path) of its size and the list of its operations, without the start of the process",
        tuple(
            Contender(
                f"{label} ({place.size(f'{name}.{ending}')})",
                programs.opened(small, place.document(f"{name}.{ending}")),
                environment={"DYNACLIENT_CACHE": "off"},
                ours=True,
            )
            for label, name in GROWN.items()
        ),
    )


GROWN = {
    "200 operations": "grown-200",
    "1 operation": "grown-1",
    "10 operations": "grown-10",
    "2,000 operations": "grown-2000",
    "2,000 operations, long texts": "large",
    "1 operation, 2,000 unrelated components": "unrelated-2000",
}


def calls_grow(place: Place) -> Case:
    """One call, in documents that differ by what it does not need."""
    rows = {
        "1 operation": ("grown-1.json", 0),
        "10 operations": ("grown-10.json", 9),
        "200 operations": ("grown-200.json", 199),
        "2,000 operations": ("grown-2000.json", 1999),
        "1 operation, 2,000 unrelated components": ("unrelated-2000.json", 0),
    }
    return Case(
        "a call, by what else is in the document",
        "growth",
        "a checked PUT of 120 B that comes back",
        tuple(
            Contender(label, "calling:dynaclient", {"target": targets.thing_put(place, *where)}, ours=True)
            for label, where in rows.items()
        ),
    )


def threads(number: int, place: Place) -> Case:
    target = {"target": targets.session_get(place), "number": number}
    return Case(
        f"{number} thread{'s' * (number > 1)}",
        "growth",
        "the small GET, by threads that share one client; per call",
        (
            Contender("requests", "growing:threads", {**target, "how": "requests_session"}),
            ours("checked", "growing:threads", arguments={**target, "how": "dynaclient"}),
            Contender("urllib3", "growing:threads", {**target, "how": "urllib3"}),
        ),
    )


def bodies(size: int, place: Place) -> Case:
    target = {"target": targets.pets_put(place), "size": size}
    return Case(
        f"body of {human(size)}",
        "growth",
        "an array of objects that comes back, in a PUT",
        (
            Contender("requests", "growing:body", {**target, "how": "requests_session"}),
            ours("checked", "growing:body", arguments={**target, "how": "dynaclient"}),
            ours("checked, with orjson", "growing:body", arguments={**target, "how": "dynaclient_fast"}),
            ours("unchecked", "growing:body", arguments={**target, "how": "dynaclient_unchecked"}),
            Contender("urllib3", "growing:body", {**target, "how": "urllib3"}),
        ),
    )
