"""Many rows: an import by one call a row, or in packs, and checks of rows without sending any.

Each function makes ready and gives the function to measure, which takes all rows; it raises where one of them
did not arrive, or is said to be wrong.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

Run = Callable[[], Any]

PROFILE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "attributes": {
            "type": "object",
            "properties": {
                "Name": {"type": "string"},
                "Email": {"type": "string", "format": "email"},
                "Points": {"type": "integer", "minimum": 0},
            },
        },
        "campaigns": {"type": "array", "items": {"type": "integer"}},
    },
}
PACK = {
    "type": "object",
    "required": ["profiles"],
    "properties": {"profiles": {"type": "array", "items": PROFILE}},
}
WORKERS = 32
SIZE = 500


def document() -> dict[str, Any]:
    """One operation for a profile, one for many."""
    id_ = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Profiles", "version": "1"},
        "paths": {
            "/profiles/{id}": {"put": {**_operation("putProfile", PROFILE), "parameters": [id_]}},
            "/profiles": {"put": _operation("putProfiles", PACK)},
        },
    }


def _operation(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": name,
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "", "content": content}},
    }


def profiles(number: int) -> Iterator[dict[str, Any]]:
    """So many profiles, one after the other."""
    for index in range(number):
        attributes = {"Name": f"Ada {index}", "Email": f"ada{index}@example.com", "Points": index}
        yield {"id": f"c-{index}", "attributes": attributes, "campaigns": [7, 12]}


# -- one a request ------------------------------------------------------------------------------------------


def loop(server: str, rows: int) -> Run:
    """What people write: a loop over a session."""
    session = import_module("requests").Session()
    return lambda: [_put(session, f"{server}/profiles/{each['id']}", each) for each in profiles(rows)]


def threads(server: str, rows: int) -> Run:
    """The same by hand with a pool of threads, which has all rows in memory."""
    session = _pooled()

    def run() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(
                pool.map(lambda each: _put(session, f"{server}/profiles/{each['id']}", each), profiles(rows))
            )

    return run


def bulk(server: str, rows: int, journal: str = "") -> Run:
    """`client.bulk`, with a journal for each run where a folder is named."""
    client = import_module("dynaclient").Client(document(), server=server, cache=False)
    number = count()

    def run() -> None:
        settings: dict[str, Any] = {"workers": WORKERS, "key": "id"}
        path = Path(journal or ".") / f"bulk-{next(number)}.db"
        if journal:
            settings["journal"] = path
        given = ({"id": each["id"], "body": each} for each in profiles(rows))
        _sure(row.state for row in client.bulk("putProfile", given, **settings))
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()

    return run


def awaited(server: str, rows: int) -> Run:
    """`AsyncClient.bulk`."""

    async def run() -> None:
        async with import_module("dynaclient").AsyncClient(document(), server=server, cache=False) as client:
            given = ({"id": each["id"], "body": each} for each in profiles(rows))
            _sure([row.state async for row in client.bulk("putProfile", given, window=WORKERS)])

    return lambda: asyncio.run(run())


# -- in packs -----------------------------------------------------------------------------------------------


def loop_of_packs(server: str, rows: int) -> Run:
    """A loop over a session, a pack a request."""
    session = import_module("requests").Session()
    return lambda: [_put(session, f"{server}/profiles", each) for each in _packs(rows)]


def threads_of_packs(server: str, rows: int) -> Run:
    """The same by hand with a pool of threads."""
    session = _pooled()

    def run() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda each: _put(session, f"{server}/profiles", each), _packs(rows)))

    return run


def bulk_of_packs(server: str, rows: int, response: str = "strict") -> Run:
    """`client.bulk` with packs."""
    modes = {"response": response}
    client = import_module("dynaclient").Client(document(), server=server, cache=False, validate=modes)
    settings: dict[str, Any] = {"workers": WORKERS, "key": "id", "pack": "profiles", "size": SIZE}
    return lambda: _sure(row.state for row in client.bulk("putProfiles", profiles(rows), **settings))


# -- checked, not sent --------------------------------------------------------------------------------------


def jsonschema_rs(rows: int) -> Run:
    """Bare `is_valid` of jsonschema-rs, row by row."""
    validator = import_module("jsonschema_rs").Draft202012Validator(PROFILE)
    held = list(profiles(rows))
    return lambda: _all(validator.is_valid(each) for each in held)


def violations_many(rows: int, workers: int | None = None) -> Run:
    """`checker.violations_many`."""
    client = import_module("dynaclient").Client(document(), server="http://127.0.0.1", cache=False)
    checker = client.checker("/paths/~1profiles~1{id}/put/requestBody/content/application~1json/schema")
    held = list(profiles(rows))
    return lambda: _all(not found for found in checker.violations_many(held, workers=workers))


def dry_run(rows: int, packs: bool) -> Run:
    """`client.bulk(...).checked()`, as the command does it with `--dry-run`."""
    client = import_module("dynaclient").Client(document(), server="http://127.0.0.1", cache=False)
    held = list(profiles(rows))
    if packs:
        settings = {"key": "id", "pack": "profiles", "size": SIZE}
        return lambda: _sure(row.state for row in client.bulk("putProfiles", held, **settings).checked())
    single = [{"id": each["id"], "body": each} for each in held]
    return lambda: _sure(row.state for row in client.bulk("putProfile", single, key="id").checked())


def _packs(rows: int) -> Iterator[dict[str, Any]]:
    held: list[Any] = []
    for each in profiles(rows):
        held.append(each)
        if len(held) == SIZE:
            yield {"profiles": held}
            held = []
    if held:
        yield {"profiles": held}


def _pooled() -> Any:
    requests = import_module("requests")
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=WORKERS))
    return session


def _put(session: Any, url: str, value: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    response = session.put(url, data=json.dumps(value, separators=(",", ":")), headers=headers)
    response.raise_for_status()
    return response.json()


def _sure(states: Any) -> None:
    wrong = [each for each in states if each != "ok"]
    if wrong:
        raise AssertionError(f"{len(wrong)} rows are {wrong[0]}")


def _all(valid: Any) -> None:
    if not all(valid):
        raise AssertionError("a row is not valid")
