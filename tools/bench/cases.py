"""The table of cases: small functions of a Place. The first contender is what others are measured by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench import documents, payloads, programs, targets
from bench.case import Case, Contender, ours
from bench.growth_cases import bodies, calls_grow, opening_grows, opening_grows_anew, threads
from bench.importing_cases import checked_rows, packed_rows, single_rows
from bench.targets import Place, human


def _cold_and_warm(place: Place, label: str, do: tuple[str, ...]) -> Iterator[Contender]:
    for state in ("cold", "warm"):
        folder = place.document(f"cache-{state}")
        here = {"DYNACLIENT_CACHE": folder}
        empties = folder if state == "cold" else ""
        yield ours(f"{label}{state}", do, environment=here, empties=empties)


def opening(name: str, make: Callable[[Place, str], dict[str, Any]], place: Place) -> Case:
    """Import, open, make one request ready; whole processes."""
    target = make(place, name)
    renamed = {**target, "document": target["document"].replace("talon.", "talon.renamed.")}
    return Case(
        f"open {name}",
        "opening",
        f"{place.size(name)}; whole processes; cold: no cache, warm: opened before",
        (
            Contender("import requests", programs.REQUESTS),
            *_cold_and_warm(place, "", programs.opening(target)),
            Contender("aiopenapi3", programs.opening_aiopenapi3(renamed)),
            Contender("openapi-core, its check of the document off", _core(target, False)),
            Contender("openapi-core, as shipped", _core(target, True)),
        ),
        rival=False,
    )


def _core(target: dict[str, Any], check: bool) -> tuple[str, ...]:
    return programs.opening_openapi_core(target, check=check)


def first_call(place: Place) -> Case:
    target = targets.session_put(place)
    return Case(
        "first call",
        "first call",
        "import, open the Talon.One document, one checked PUT; whole processes",
        (
            Contender("requests", programs.first_call_requests(target)),
            *_cold_and_warm(place, "checked, ", programs.first_call(target)),
            *([Contender("generated SDK", programs.first_call_sdk(target, place.sdk))] if place.sdk else []),
        ),
    )


def calling(name: str, make: Callable[[Place], dict[str, Any]], sizes: str, place: Place) -> Case:
    """The same call again and again on a kept connection."""
    target = {"target": make(place)}
    others = ("httpx", "urllib3", "aiopenapi3", "aiopenapi3_as_shipped", "openapi_core")
    labels = (
        "httpx",
        "urllib3",
        "aiopenapi3, kept client",
        "aiopenapi3, as shipped",
        "openapi-core over requests",
    )
    sdk = {**target, "sdk": place.sdk}
    return Case(
        name,
        "calling",
        sizes,
        (
            Contender("requests", "calling:requests_session", target),
            ours("checked", "calling:dynaclient", arguments=target),
            ours("lean, checked", "calling:dynaclient", arguments={**target, "transport": "urllib3"}),
            ours("checked, by attribute", "calling:dynaclient_attribute", arguments=target),
            ours("checked, with orjson", "calling:dynaclient_fast", arguments=target),
            ours("unchecked", "calling:dynaclient_unchecked", arguments=target),
            ours(
                "checked in pure Python",
                "calling:dynaclient",
                arguments={**target, "validate_with": "python"},
            ),
            *(
                Contender(*each)
                for each in zip(labels, (f"calling:{o}" for o in others), [target] * 5, strict=True)
            ),
            *([Contender("generated SDK", "calling:generated_sdk", sdk)] if place.sdk else []),
        ),
    )


def at_once(count: int, place: Place) -> Case:
    """The small GET, many at once in one process."""
    given = {"target": targets.session_get(place), "count": count}
    return Case(
        f"{count} at once",
        "at once",
        "the small GET, awaited; a thread for each call where they are not; per call",
        (
            Contender("aiohttp", "awaiting:aiohttp", given),
            ours("AsyncClient, checked", "awaiting:awaited", arguments=given),
            ours("threads, checked", "awaiting:threads", arguments=given),
            Contender("httpx", "awaiting:httpx", given),
            Contender("httpx2", "awaiting:httpx", {**given, "library": "httpx2"}),
        ),
        rival=False,
    )


def checking(size: int, place: Place) -> Case:
    """An answer against its schema, no HTTP."""
    given = {"document": place.document("talon.yaml"), "size": size}
    real = len(payloads.encoded(payloads.sized_answer(size)))
    return Case(
        f"check {human(size)}",
        "checking",
        f"a response of {human(real)}, decoded; no HTTP",
        (
            Contender("jsonschema-rs, is_valid", "checking:jsonschema_rs", given),
            ours("", "checking:dynaclient", arguments=given),
            ours("an invalid one explained", "checking:dynaclient", arguments={**given, "wrong": True}),
            ours("in pure Python", "checking:dynaclient", arguments={**given, "backend": "python"}),
            Contender("jsonschema", "checking:jsonschema", given),
            Contender("openapi-core", "checking:openapi_core", given),
        ),
    )


def explaining(count: int, place: Place) -> Case:
    """A wrong value, with everything that is wrong with it."""
    given = {"count": count}
    return Case(
        f"explain {count:,} violations",
        "explaining",
        f"{count:,} rows, of which every second breaks its schema in two ways; no HTTP",
        (
            Contender("jsonschema, iter_errors", "checking:iter_errors", {**given, "library": "jsonschema"}),
            ours("", "checking:explained", arguments=given),
            ours("in pure Python", "checking:explained", arguments={**given, "backend": "python"}),
            Contender(
                "jsonschema-rs, iter_errors", "checking:iter_errors", {**given, "library": "jsonschema_rs"}
            ),
        ),
    )


def importing(place: Place) -> Case:
    others = ("urllib3", "httpx", "jsonschema", "aiopenapi3", "openapi_core")
    return Case(
        "import",
        "import",
        "whole processes",
        (
            Contender("import requests", programs.REQUESTS),
            ours("import dynaclient", programs.code("import dynaclient")),
            ours("from dynaclient import Client", programs.code("from dynaclient import Client")),
            *(Contender(f"import {name}", programs.code(f"import {name}")) for name in others),
        ),
        rival=False,
    )


def prompt(place: Place) -> Case:
    command = ("-m", "dynaclient", "repl", place.document("talon.yaml"))
    quiet = {"IPYTHONDIR": place.document("ipython"), "TERM": "dumb"}
    return Case(
        "REPL start",
        "import",
        "until the prompt of IPython ends again, the Talon.One document open; whole processes",
        (
            Contender("ipython", ("-m", "IPython", "--no-banner"), environment=quiet),
            ours(
                "repl, warm", command, environment={**quiet, "DYNACLIENT_CACHE": place.document("cache-warm")}
            ),
        ),
        rival=False,
    )


def agents(place: Place) -> Case:
    return Case(
        "MCP start",
        "import",
        "until the tools are listed, the Talon.One document open; whole processes",
        (
            Contender("import mcp", programs.code("import mcp")),
            ours(
                "mcp, warm",
                programs.mcp_start(place.document("talon.yaml")),
                environment={"DYNACLIENT_CACHE": place.document("cache-warm")},
            ),
        ),
        rival=False,
    )


def completing(place: Place) -> Case:
    """What a shell waits for at TAB, once the names of the document are known."""
    line = f"dynaclient call {place.document('talon.yaml')} "
    shell = {
        "DYNACLIENT_CACHE": place.document("cache-warm"),
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SHELL": "zsh",
        "_ARGCOMPLETE_IFS": "\013",
        "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/null",
    }

    def at(typed: str) -> dict[str, str]:
        return {**shell, "COMP_LINE": line + typed, "COMP_POINT": str(len(line + typed))}

    command = ("-m", "dynaclient")
    return Case(
        "completion",
        "import",
        "dynaclient at TAB, the names of the Talon.One document known; whole processes",
        (
            ours("--help", (*command, "--help")),
            ours("the operations", command, environment=at("get")),
            ours("the parameters of one", command, environment=at("updateCustomerSessionV2 -p ")),
        ),
        rival=False,
    )


def recursive_first(place: Place) -> Case:
    document = place.document("circles.json")
    return Case(
        "first use in circles",
        "circles",
        f"450 operations that each reach {documents.CIRCLE} components; "
        "the first use of one (of five) in an open client, with its response checked, against the import of "
        "requests alone",
        (
            Contender("import requests", programs.timed_import("requests")),
            ours("the median operation", programs.first_use(document, "median")),
            ours("the worst operation", programs.first_use(document, "max")),
            ours("the worst of five with responses of half of them", programs.first_use(document, "max", 5)),
            ours("the worst of all in one client", programs.first_use(document, "max", together=True)),
        ),
        rival=False,
    )


def recursive_all(place: Place) -> Case:
    document = place.document("circles.json")
    return Case(
        "all 450 in circles",
        "circles",
        "open, use every operation once; whole processes",
        (Contender("import requests", programs.REQUESTS), ours("", programs.used_all(document))),
        rival=False,
    )


def recursive_call(place: Place) -> Case:
    target = {"target": targets.node_get(place, "circles.json")}
    size = len(payloads.encoded(documents.node(3, 5)))
    return Case(
        "call in circles",
        "circles",
        f"a GET that returns 364 nodes, {human(size)}",
        (
            Contender("requests", "calling:requests_session", target),
            ours("checked", "calling:dynaclient", arguments=target),
            ours("unchecked", "calling:dynaclient_unchecked", arguments=target),
        ),
    )


def _thing(place: Place, name: str) -> dict[str, Any]:
    return targets.thing_put(place, name, 1000)


OPENED = {
    "small": targets.pet_post,
    "talon": targets.session_put,
    "large": _thing,
    "circles": targets.node_get,
}
PUT = "1.8 kB sent (10 items), 20 kB back (20 effects)"
GET = "nothing sent, 1.1 kB back"

CASES: tuple[Callable[[Place], Case], ...] = (
    *(partial(opening, f"{n}.{end}", make) for n, make in OPENED.items() for end in ("json", "yaml")),
    first_call,
    partial(calling, "repeated PUT", targets.session_put, PUT),
    partial(calling, "repeated GET", targets.session_get, GET),
    *(partial(at_once, count) for count in (1, 32, 256)),
    *(partial(checking, size) for size in (1_000, 21_000, 100_000, 400_000)),
    *(partial(explaining, count) for count in (100, 1_000, 10_000)),
    importing,
    prompt,
    agents,
    completing,
    recursive_first,
    recursive_all,
    recursive_call,
    *(partial(opening_grows, end, cached) for end in ("json", "yaml") for cached in (False, True)),
    *(partial(opening_grows_anew, end) for end in ("json", "yaml")),
    calls_grow,
    *(partial(threads, number) for number in (1, 8, 32)),
    *(partial(bodies, 10**power) for power in (3, 4, 5, 6, 7)),
    partial(single_rows, 2_000),
    partial(packed_rows, 20_000),
    partial(checked_rows, 20_000),
)
