"""Does a server keep its contract? A run: what it sends, within which bounds, and what it finds.

A run has phases, in this order. `coverage` sends the cases that follow from the document alone:
examples, bounds, each part present and absent, each rule broken once. `stateful` sends sequences: what was
made is read, changed and removed, and `probes` look at authentication, methods and meaning. `random` sends
cases that a seed chooses. Operations that make something come first, those that remove something last.

Without a cut by time, a run with the same seed sends the same requests in the same order to a server that
responds the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynaclient.calls import options as settings
from dynaclient.contract.agreed import Agreed, OperationSettings
from dynaclient.contract.apart import apart
from dynaclient.contract.case import Case
from dynaclient.contract.checks import CHECKS
from dynaclient.contract.failures import described
from dynaclient.contract.phases import PHASES, resent
from dynaclient.contract.probes import selected
from dynaclient.contract.reach import unauthorized, unreached
from dynaclient.contract.report import Failure, OperationReport, Report
from dynaclient.contract.run_state import Bounds, Kind, Over, Progress, Run, failure_key
from dynaclient.contract.selection import Patterns, chosen
from dynaclient.contract.shrink import smallest
from dynaclient.errors import SettingsError, Violation

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.flow import SentCase
    from dynaclient.document.model import Operation

__all__ = ["run"]

INTERRUPTED = "the run was interrupted"
"""Why a run ended that the user interrupted."""


def run(
    client: Client,
    *,
    seed: int = 0,
    cases: int = 20,
    only: Patterns = None,
    skip: Patterns = None,
    tags: Collection[str] = (),
    phases: Collection[str] = tuple(PHASES),
    checks: Collection[str] = (),
    given: Mapping[str, Any] | None = None,
    any_data: bool = False,
    delete: bool = True,
    max_time: float | None = 60.0,
    max_failures: int | None = None,
    max_response_time: float | None = None,
    rate: float | None = None,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
    observe: Callable[[SentCase], None] | None = None,
    allow_unchecked: bool = False,
    off: Mapping[str, str] | None = None,
    operations: Mapping[str, OperationSettings] | None = None,
) -> Report:
    """Send cases of each operation to the client's server, valid and invalid ones; check the responses.

    `only` and `skip`: which operations, by a pattern (`get*`) or a part of the operationId or `METHOD /path`,
    or several of these; `tags`: those with one of these tags. `phases`: which of them; `cases`: how many
    random cases of each operation, half of them invalid. `checks`: names of checks, with `-` before it
    what is not checked. `given`: values for path parameters, by name: what the run may change and remove.
    `any_data`: unsafe methods may go to any data of the server. `delete`: whether DELETE is sent. `max_time`:
    seconds for the whole run; `max_failures`: how many failures end it; `max_response_time`: seconds after
    which a response is a failure; `rate`: requests a second; `workers`: threads. `progress` is called as the
    run goes on, `observe` with each exchange. `off`: checks that are not made -> the reason, which is
    reported; `operations`: what was agreed on for some of them, by their keys.

    Requests that the document forbids are sent too, whatever the client's `validate` says; the safety rules
    hold. What could not be checked is listed (`Report.unchecked`), and the report is not `ok` then; with
    `allow_unchecked` it is. An interrupt, and a server that is gone on the way, end the run; what was found
    is there.

    Raises UnknownOperation where `only`, `skip` and `tags` leave none, ConnectError where there is no server,
    SettingsError.
    """
    settings.count("cases", cases)
    settings.count("seed", seed)
    settings.count("workers", workers, least=1)
    unknown = [each for each in phases if each not in PHASES]
    if unknown:
        raise SettingsError(f"phases: there is no phase {unknown[0]!r}; there are {', '.join(PHASES)}")
    keys = chosen(client, only, skip, tags, delete=delete)
    bounds = Bounds(max_time, max_failures, max_response_time, rate)
    made = Run(
        client,
        keys,
        seed=seed,
        cases=cases,
        checks=selected([*checks, *(f"-{each}" for each in off or ())]),
        given=given or {},
        any_data=any_data,
        bounds=bounds,
        workers=workers,
        progress=progress,
        observe=observe,
        agreed=Agreed(off or {}, _known(client, operations or {})),
    )
    return _carried_out(made, [each for each in PHASES if each in phases], allow_unchecked=allow_unchecked)


def _known(client: Client, operations: Mapping[str, OperationSettings]) -> dict[str, OperationSettings]:
    """Settings by the keys of operations. Raises UnknownOperation, SettingsError for a check that is none."""
    for said in operations.values():
        selected([f"-{each}" for each in said.off])
    return {client.operations[name].key: said for name, said in operations.items()}


def _carried_out(run: Run, names: list[str], *, allow_unchecked: bool) -> Report:
    """Carry out the phases called `names`, and report."""
    try:
        for name in names:
            run.phase = name
            PHASES[name](run)
            for key in run.order:
                _shrink(run, key)
    except Over:
        pass
    except KeyboardInterrupt:
        run.stopped = INTERRUPTED
    return reported(run, allow_unchecked=allow_unchecked)


def reported(run: Run, *, allow_unchecked: bool) -> Report:
    """What a run has found. Raises ConnectError where there was no server at all."""
    with suppress(Over):
        for exchange, violation in run.enforcement.suspicions():
            run.fail("enforced_elsewhere", exchange, violation)
    if run.gone is not None and not run.alive:
        raise run.gone
    failures = [described(run.client, check, key, *shown) for (key, check, *_), shown in run.found.items()]
    reports = [_report(run, key, failures) for key in run.keys]
    return Report(
        tuple(reports),
        run.stopped if run.gone else unauthorized(run.client, reports),
        allow_unchecked,
        apart(run.client, run.keys),
        seed=run.seed,
        requests=run.requests,
        seconds=time.monotonic() - run.begun,
        cut="" if run.gone else run.stopped,
        off=run.agreed.off,
        coverage=run.coverage,
    )


def _shrink(run: Run, key: str) -> None:
    """Look for the smallest case that shows each failure of an operation, as far as that was not done."""
    for kind, shown in list(run.found.items()):
        if kind[0] == key and kind not in run.shrunk:
            run.shrunk.add(kind)
            if kind[1] in CHECKS and not shown[0].case.is_altered and not run.tallies[key].over:
                run.found[kind] = _smallest(run, kind, *shown)


def _smallest(run: Run, kind: Kind, exchange: SentCase, violation: Violation) -> tuple[SentCase, Violation]:
    shown = (exchange, violation)

    def still(case: Case) -> bool:
        nonlocal shown
        again = resent(run, case)
        for check, each in run.complaints(again) if again is not None else ():
            if again is None or failure_key(check, again.case.operation, each) != kind:
                continue
            again = run.things.prerequisites.shown(again, each)
            if len(again.steps) <= len(exchange.steps):
                shown = (again, each)
                run.found[kind] = shown
                return True
        return False

    smallest(run.client, exchange.case, still)
    return shown


def _report(run: Run, key: str, failures: list[Failure]) -> OperationReport:
    tally = run.tallies[key]
    return OperationReport(
        operation=key,
        valid=tally.valid,
        broken=tally.broken,
        unsent=tally.unsent,
        probes=tally.probes,
        inconclusive=tally.inconclusive,
        statuses=dict(tally.statuses),
        failures=tuple(each for each in failures if each.operation == key),
        unreached=unreached(run.client, key, tally.statuses),
        unchecked=tuple(tally.unchecked),
        skipped=tuple(tally.skipped),
        documented=_is_documented(run.client.operations[key], tally.statuses),
        seconds=tally.seconds,
    )


def _is_documented(operation: Operation, statuses: Iterable[int]) -> bool:
    """Whether a documented 2xx was seen; a documented status below 400, or any, where it documents none."""
    codes = [each.status for each in operation.responses]
    documented = [each for each in statuses if operation.response(each) is not None]
    if any(each.startswith("2") for each in codes):
        return any(200 <= each < 300 for each in documented)
    if any(each.startswith(("3", "default")) for each in codes):
        return any(each < 400 for each in documented)
    return bool(documented)
