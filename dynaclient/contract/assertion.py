"""`contract.check(case, response)`: what a run would report of one exchange, as an AssertionError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from dynaclient.contract.case import Case, last_sent
from dynaclient.contract.checks import CHECKS, complaints
from dynaclient.contract.failures import described
from dynaclient.contract.flow import SentCase, Step, sequence
from dynaclient.errors import MOST_SHOWN, SettingsError, Violation, some

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.contract.report import Failure

__all__ = ["check"]

OwnCheck = Callable[[Case, "Response"], Iterable[Violation] | None]
"""A check of the user: what is wrong with a response, as violations or as an AssertionError."""


def check(case: Case, response: Response, checks: Iterable[str | OwnCheck] = ()) -> None:
    """Assert that every check holds. The message is what `dynaclient test` prints of a failure.

    `checks`: names of checks, which are then the only ones, or with `-` before it what is not checked; and
    functions of your own, which are called with `case` and `response` besides, and return violations or raise
    AssertionError.

    Raises AssertionError, SettingsError for a name that no check of a response has.
    """
    __tracebackhide__ = True
    asked = list(checks)
    names = _names([each for each in asked if isinstance(each, str)])
    found = complaints(case, response, names)
    found |= {_name(each): _asked(each, case, response) for each in asked if not isinstance(each, str)}
    message = "\n".join(_lines(case, response, found))
    if message:
        error = AssertionError(message)
        vars(error)["checks"] = frozenset(name for name, violations in found.items() if violations)
        raise error


def _names(given: list[str]) -> set[str]:
    for each in given:
        if each.removeprefix("-") not in CHECKS:
            raise SettingsError(
                f"checks: there is no check {each!r} of a response; there are {', '.join(CHECKS)}"
            )
    wanted = {each for each in given if not each.startswith("-")} or set(CHECKS)
    return wanted - {each[1:] for each in given if each.startswith("-")}


def _name(own: OwnCheck) -> str:
    return str(getattr(own, "__name__", type(own).__name__))


def _asked(own: OwnCheck, case: Case, response: Response) -> list[Violation]:
    try:
        return list(own(case, response) or ())
    except AssertionError as error:
        said = str(error).strip() or "an assertion does not hold"
        return [Violation("status", str(response.status), "", said)]


def _lines(case: Case, response: Response, found: dict[str, list[Violation]]) -> Iterator[str]:
    shown = [(name, each) for name, violations in found.items() for each in violations]
    last = last_sent.get()
    if not shown:
        return
    if last is None or last[2] is not response:  # which client sent it is not known: no command can be given
        yield f"{case}: response {response.status}"
        yield from some([f"  {name}: {each}" for name, each in shown])
        return
    sent, client, _ = last
    steps = sequence.get()
    if not steps or steps[-1].case != sent:
        steps = (Step(sent),)
    exchange = SentCase(0, "", steps, response, request=response.request)
    failures = [described(client, name, sent.operation, exchange, each) for name, each in shown[:MOST_SHOWN]]
    for failure in failures[:-1]:
        yield from _beginning(failure)
    yield str(failures[-1])
    if len(shown) > MOST_SHOWN:
        yield f"... and {len(shown) - MOST_SHOWN:,} more"


def _beginning(failure: Failure) -> Iterator[str]:
    yield failure.title
    if failure.schema_pointer:
        yield f"    {next(failure.details())}"
