"""Each fault, each method, each client: what came of it, and whether that is right."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

from dynaclient import DynaclientError, Retries
from tests.clients import CLIENTS
from tests.faults.catalogue import FAULTS, MOST, SENDS, Asked, Fault
from tests.faults.server import FaultServer, Shut
from tests.small import document, param, said

METHODS = ("GET", "PUT", "POST")
NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
ANSWERS = {"200": said(NUMBER), "204": said(), "300": said(), "304": said()}
_BODY = {"required": True, "content": {"application/json": {"schema": NUMBER}}}
NUMBERS = count(1000)

DOCUMENT = document({
    "/{fault}/{n}": {
        "parameters": [param("fault", "path"), param("n", "path", {"type": "integer"})],
        "get": {"operationId": "GET", "responses": ANSWERS},
        "put": {"operationId": "PUT", "responses": ANSWERS, "requestBody": _BODY},
        "post": {"operationId": "POST", "responses": ANSWERS, "requestBody": _BODY},
    }
})  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """One call of a client, and a plain one after it. `problems`: what is not as it should be."""

    fault: str
    method: str
    client: str
    came: str
    seconds: float
    problems: tuple[str, ...]


QUICK = Retries(attempts=SENDS, backoff=0.001)
"""Hardly a pause."""
PATIENT = {"timeout": 30.0}
"""Of a call that meets no fault: it is not in it that a fault is to end soon, and the machine may be busy."""


def trial(server: FaultServer, fault: Fault, method: str, kind: str) -> Trial:
    """Call a client of this kind; then see whether its connections still tell responses apart."""
    settings = {"timeout": fault.patience, "max_body": MOST, "retries": QUICK, "cache": False}
    n = next(NUMBERS)
    early = Shut(fault.answer(Asked(method, n, "", ""))) if fault.early else None
    url = early.url if early else server.url
    with early or nullcontext(), closing(CLIENTS[kind](DOCUMENT, server=url, **settings)) as client:
        begun = monotonic()
        came, problems = called(client, fault, method, n)
        seconds = monotonic() - begun
        arrived = early.connections if early else server.arrived[method, n]
        least, most = fault.arrives(method, came)
        if not least <= arrived <= most:
            problems.append(f"arrived {arrived} times, not {most}")
        if early is None:
            server.settle()
            after = [_outcome(client, "GET", "right", n, PATIENT)[0] for _ in range(2)]
            if after != ["right", "right"]:
                problems.append(f"then {after[0]}, {after[1]}")
    return Trial(fault.name, method, kind, came, seconds, tuple(problems))


def called(client: Any, fault: Fault, method: str, n: int) -> tuple[str, list[str]]:
    """What came of a call, and what is wrong with it."""
    came, headers = _outcome(client, method, fault.name, n)
    problems = [] if came in fault.wanted(method) else [f"not {'|'.join(sorted(fault.wanted(method)))}"]
    if came == "right":
        problems += [
            f"{name}: {headers.get(name)!r}"
            for name, value in fault.shows.items()
            if headers.get(name) != value
        ]
    return came, problems


def _outcome(client: Any, method: str, name: str, n: int, options: Any = None) -> tuple[str, Any]:
    try:
        response = client.send(method, {"fault": name, "n": n}, options=options, **arguments(method, n))
    except DynaclientError as error:
        return type(error).__name__, {}
    return read(response, n), response.headers


def arguments(method: str, n: int) -> dict[str, Any]:
    """What a call of this method has beside its parameters."""
    return {} if method == "GET" else {"body": {"n": n}}


def read(response: Any, n: int) -> str:
    """A response in a word."""
    if response.status != 200:
        return str(response.status)
    if response.data is None:
        return "empty"
    return "right" if response.data["n"] == n else "another"


def trials(
    faults: Iterable[Fault] = FAULTS.values(),
    clients: Iterable[str] = CLIENTS,
    methods: Iterable[str] = METHODS,
) -> Iterator[tuple[list[Trial], int]]:
    """The trials of each fault, all at once, and the bytes that one of them held at most."""
    ways = [(method, kind) for method in methods for kind in clients]
    with FaultServer() as server, ThreadPoolExecutor(16) as pool:
        for fault in faults:
            tracemalloc.start()
            found = list(pool.map(partial(trial, server, fault), *zip(*ways, strict=True), timeout=60))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            yield found, peak // len(ways)
