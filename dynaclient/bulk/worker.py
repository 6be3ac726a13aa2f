"""What a worker does: one try of one request. All that it is given and gives can be pickled.

A worker has an Executor of its own, made once from a recipe that is known by its digest: in threads it is
that of the run, a process makes it from the recipe's bytes. It sends once. Every repeat is the run's.
"""

from __future__ import annotations

import os
import pickle
import threading
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dynaclient.calls.arguments import Call
from dynaclient.errors import (
    BulkError,
    RequestInvalid,
    ResponseInvalid,
    TransportError,
    Violation,
)
from dynaclient.transport.policy import wished

if TYPE_CHECKING:
    from concurrent.futures import Executor as Executor_

    from dynaclient.calls.async_executor import AsyncExecutor
    from dynaclient.calls.executor import BaseExecutor, Executor
    from dynaclient.calls.response import Response

Kind = Literal["answered", "invalid", "unsent", "unanswered", "lacking"]


class Try(NamedTuple):
    """One request of a run."""

    operation: str
    mapping: dict[str, Any]
    body: Any
    options: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of a try.

    `answered`: a response; `unanswered`: it may have reached the server. Else nothing was sent: `invalid`: it
    does not match the document; `unsent`: the server was not reached; `lacking`: the recipe is not there.
    """

    kind: Kind
    status: int | None = None
    data: Any = None
    error: str = ""
    violations: tuple[Violation, ...] = ()
    retry_after: float | None = None
    away: bool = False
    """Whether it is a redirect that the document does not describe: nothing was carried out."""
    seconds: float = 0.0
    """How long the exchange took, where that is known."""


_executors: dict[tuple[int, str], Executor] = {}
"""By process and digest: what a fork brings along is not its own."""
_making = threading.Lock()


def register(digest: str, executor: Executor) -> None:
    """Let the workers of this process use `executor`."""
    _executors[os.getpid(), digest] = executor


def unregister(digest: str) -> None:
    """Forget the executor, or the recipe, of a run that is over."""
    _executors.pop((os.getpid(), digest), None)
    _recipes.pop(digest, None)


_recipes: dict[str, bytes] = {}
"""By digest: what came before the first request, to be made use of then."""


def keep_recipe(digest: str, recipe: bytes) -> None:
    """Let the workers of this process use a recipe. Raises BulkError where it is not what its digest says."""
    if sha256(recipe).hexdigest() != digest:
        raise BulkError("the recipe of the client did not reach the worker as it was sent")
    _recipes[digest] = recipe


def _made_of(digest: str, recipe: bytes | None) -> Executor | None:
    """The executor of a recipe, made in this process: once, however many of its threads ask at a time."""
    with _making:
        if recipe is not None:
            keep_recipe(digest, recipe)
        if (os.getpid(), digest) not in _executors and digest in _recipes:
            register(digest, pickle.loads(_recipes[digest]))
        return _executors.get((os.getpid(), digest))


def process_pool(workers: int | None, digest: str, recipe: bytes) -> Executor_:
    """Processes that are workers. They are not forks of this one, whose threads may hold locks right now, nor
    of a server of forks, whose environment is that of its start: what an Env names may be set since then."""
    from concurrent.futures import ProcessPoolExecutor  # late: 15 ms
    from multiprocessing import get_context  # late: 12 ms

    return ProcessPoolExecutor(workers, get_context("spawn"), start_worker, (digest, recipe))


def start_worker(digest: str, recipe: bytes) -> None:
    """Make a process of a pool of our own a worker; it ends when the one that started it does."""
    from multiprocessing import connection, parent_process  # late: 12 ms

    register(digest, pickle.loads(recipe))
    parent = parent_process()
    if parent is not None:

        def watch(sentinel: int) -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def perform(digest: str, recipe: bytes | None, asked: Try) -> Outcome:
    """Send a request once. Raises what no other row would fare better with: SettingsError, DocumentError."""
    executor = _executors.get((os.getpid(), digest)) or _made_of(digest, recipe)
    if executor is None:
        return Outcome("lacking")
    given = _call(executor, asked)
    try:
        return _answered(given, executor.send(given))
    except _FAILURES as error:
        return _failed(given, error)


async def perform_awaited(executor: AsyncExecutor, asked: Try) -> Outcome:
    """As `perform`, in a task."""
    given = _call(executor, asked)
    try:
        return _answered(given, await executor.send(given))
    except _FAILURES as error:
        return _failed(given, error)


_FAILURES = (RequestInvalid, ResponseInvalid, TransportError)


def _call(executor: BaseExecutor, asked: Try) -> Call:
    return Call(executor.operations[asked.operation], asked.mapping, {}, asked.body, asked.options)


def _failed(given: Call, error: RequestInvalid | ResponseInvalid | TransportError) -> Outcome:
    if isinstance(error, RequestInvalid):
        return Outcome("invalid", error=str(error.args[0]), violations=error.violations)
    if isinstance(error, ResponseInvalid):
        return _answered(given, error.response)
    return Outcome("unanswered" if error.sent else "unsent", error=str(error))


def _answered(given: Call, response: Response) -> Outcome:
    error, away = "", given.operation.leads_away(response.status)
    if response.status >= 400:
        error = _said(response)
    elif away:
        error = f"redirect ({response.status}) was not followed"
    return Outcome(
        "answered",
        response.status,
        response.data,
        error,
        response.violations,
        wished(response.headers) if response.status in (429, 503) else None,
        away,
        response.elapsed,
    )


def _said(response: Response) -> str:
    """What the server says of an error, without the secrets that it may say again."""
    from dynaclient.wire.redacted_text import redact  # late: 2 ms
    from dynaclient.wire.redaction import secrets  # late: 2 ms

    data = response.data if isinstance(response.data, dict) else {}
    texts = [data.get(key) for key in ("message", "detail", "title", "error")]
    said = next((text for text in texts if isinstance(text, str)), "")
    said = redact(said, secrets(response.request, response.secret_names))[:300] if said else ""
    return f"the server returned {response.status}{': ' if said else ''}{said}"
