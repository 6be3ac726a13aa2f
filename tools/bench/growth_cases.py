"""The table of cases, second half: how cost grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bench import programs, targets
from bench.case import Case, Contender, ours
from bench.targets import Place, human

GROWN = {
    "200 operations": "grown-200",
    "1 operation": "grown-1",
    "10 operations": "grown-10",
    "2,000 operations": "grown-2000",
    "2,000 operations, long texts": "large",
    "1 operation, 2,000 unrelated components": "unrelated-2000",
}


def opening_grows(ending: str, cached: bool, place: Place) -> Case:
    """A client made in a process that runs; all but the first measured by 200 operations."""
    cache = place.document("cache-growing") if cached else "off"
    contenders = _grown(ending, place, cache, lambda path: ("growing:opening", {"document": path}))
    note = "Client(path) and the list of its operations, in a process that runs"
    name = f"opening grows, {ending}, {'cached' if cached else 'no cache'}"
    return Case(name, "growth", note, tuple(contenders))


def opening_grows_anew(ending: str, place: Place) -> Case:
    """The same in new processes: in one that runs, small documents stay near the processor."""
    small = place.document(f"small.{ending}")
    contenders = _grown(ending, place, "off", lambda path: (programs.opened(small, path), {}))
    note = (
        "the first Client(path) of its size and the list of its operations, without the start of the process"
    )
    return Case(f"opening grows, {ending}, no cache, new processes", "growth", note, tuple(contenders))


def _grown(
    ending: str, place: Place, cache: str, work: Callable[[str], tuple[str | tuple[str, ...], dict[str, Any]]]
) -> Iterator[Contender]:
    """A contender for each document; `work` says what is done with its path."""
    for label, name in GROWN.items():
        document = f"{name}.{ending}"
        do, arguments = work(place.document(document))
        cached = {"DYNACLIENT_CACHE": cache}
        yield Contender(f"{label} ({place.size(document)})", do, arguments, environment=cached, ours=True)


def calls_grow(place: Place) -> Case:
    """One call, in documents that differ by what it does not need."""
    rows = {
        "1 operation": ("grown-1.json", 0),
        "10 operations": ("grown-10.json", 9),
        "200 operations": ("grown-200.json", 199),
        "2,000 operations": ("grown-2000.json", 1999),
        "1 operation, 2,000 unrelated components": ("unrelated-2000.json", 0),
    }
    contenders = (
        Contender(label, "calling:dynaclient", {"target": targets.thing_put(place, *where)}, ours=True)
        for label, where in rows.items()
    )
    note = "a checked PUT of 120 B that comes back"
    return Case("a call, by what else is in the document", "growth", note, tuple(contenders))


def threads(number: int, place: Place) -> Case:
    contenders = _beside(
        "growing:threads",
        {"target": targets.session_get(place), "number": number},
        {"checked": "dynaclient"},
    )
    note = "the small GET, by threads that share one client; per call"
    return Case(f"{number} thread{'s' * (number > 1)}", "growth", note, tuple(contenders))


def bodies(size: int, place: Place) -> Case:
    contenders = _beside(
        "growing:body",
        {"target": targets.pets_put(place), "size": size},
        {
            "checked": "dynaclient",
            "checked, with orjson": "dynaclient_fast",
            "unchecked": "dynaclient_unchecked",
        },
    )
    note = "an array of objects that comes back, in a PUT"
    return Case(f"body of {human(size)}", "growth", note, tuple(contenders))


def _beside(do: str, arguments: dict[str, Any], ways: dict[str, str]) -> Iterator[Contender]:
    """The same call by requests, in our ways, and by urllib3."""
    yield Contender("requests", do, {**arguments, "how": "requests_session"})
    for label, way in ways.items():
        yield ours(label, do, arguments={**arguments, "how": way})
    yield Contender("urllib3", do, {**arguments, "how": "urllib3"})
