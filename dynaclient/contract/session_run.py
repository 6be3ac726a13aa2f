"""The run behind a test of pytest: it calls the test with cases, and sends itself what these need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from dynaclient.contract.case import Case, last_sent
from dynaclient.contract.failures import described
from dynaclient.contract.flow import SentCase, Step, sequence
from dynaclient.contract.phases import cover, resent, send_invalid, send_valid
from dynaclient.contract.probes import PROBES, selected
from dynaclient.contract.report import FailureGroup, OperationReport, Report
from dynaclient.contract.run_state import Over, Run
from dynaclient.contract.shrink import smallest
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.client import Client

Test = Callable[[Case], object]


class Raised(Over):
    """The test has raised what `SessionRun.raised` holds."""


class SessionRun(Run):
    """A run that calls tests with the cases of an operation. One for all items of a test in a process."""

    def __init__(
        self, client: Client, keys: list[str], *, seed: int, given: Mapping[str, Any] | None, any_data: bool
    ) -> None:
        super().__init__(client, keys, seed=seed, checks=selected(()), given=given, any_data=any_data)
        self._test: Test | None = None
        self._key = ""
        self._broken: bool | None = None
        self.calls = 0
        """How often tests were called."""
        self.raised: tuple[BaseException, Case] | None = None

    @contextmanager
    def testing(self, key: str, broken: bool | None, test: Test) -> Iterator[None]:
        """Meanwhile `test` is called with the cases of `key`: the valid ones, the invalid ones, or all."""
        self._key, self._broken, self._test, self.raised = key, broken, test, None
        try:
            yield
        finally:
            self._test = None

    def cover(self) -> None:
        """Call the test with the cases that follow from the document; raise what it raises first."""
        __tracebackhide__ = True
        self.phase = "coverage"
        with suppress(Raised):
            cover(self, self._key, valid=self._broken is not True, invalid=self._broken is not False)
        self._shrink()
        self._raise()

    def draw(self, case: Case) -> None:
        """Call the test with a case that was drawn; raise what it raises."""
        __tracebackhide__ = True
        self.phase = "random"
        with suppress(Raised):
            (send_valid if case.fault is None else send_invalid)(self, case)
        self._raise()

    def probe(self, name: str) -> list[FailureGroup]:
        """What a probe sees, and what else is wrong with what it sends, by cause."""
        self.phase, known = "stateful", set(self.found)
        PROBES[name].carry_out(self)
        found = [(kind, shown) for kind, shown in self.found.items() if kind not in known]
        failures = [described(self.client, kind[1], kind[0], *shown) for kind, shown in found]
        return list(Report((OperationReport(name, failures=tuple(failures)),)).groups)

    def responded(self, steps: tuple[Step, ...]) -> Response | None:
        """The response that the test got, or that to what is sent without it."""
        case = steps[-1].case
        if self._test is None or not self._is_tested(case):
            return super().responded(steps)
        token = sequence.set(steps)
        last_sent.set(None)
        self.calls += 1
        try:
            self._test(case)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pytest and hypothesis have some that are no Exception
            self.raised = error, case
            raise Raised from None
        finally:
            sequence.reset(token)
        last = last_sent.get()
        return last[2] if last is not None and last[0] == case else None

    def complaints(self, exchange: SentCase) -> list[tuple[str, Violation]]:
        """What is wrong with a response that no test has judged."""
        if self._test is not None and self._is_tested(exchange.case):
            return []
        return super().complaints(exchange)

    def _is_tested(self, case: Case) -> bool:
        kind = self._broken is None or self._broken == (case.fault is not None)
        return case.operation == self._key and kind and not case.is_altered

    def _shrink(self) -> None:
        """Look for a smaller case for which the test raises the same."""
        shown = self.raised
        if shown is None or not isinstance(shown[0], (Exception, pytest.fail.Exception)):
            return
        error, case = shown

        def still(smaller: Case) -> bool:
            nonlocal shown
            raised = self._again(smaller)
            if raised is None or not _is_alike(raised[0], error):
                return False
            shown = raised
            return True

        smallest(self.client, case, still)
        self.raised = shown

    def _again(self, case: Case) -> tuple[BaseException, Case] | None:
        self.raised = None
        with suppress(Raised):
            resent(self, case)
        return self.raised

    def _raise(self) -> None:
        __tracebackhide__ = True
        raised, self.raised = self.raised, None
        if raised is None:
            return
        error = raised[0]
        trace = error.__traceback__
        raise error.with_traceback(trace.tb_next if trace is not None else None)


def _is_alike(one: BaseException, other: BaseException) -> bool:
    """Whether two exceptions say the same: the same check has failed, or they come from the same line."""
    checks, others = (vars(each).get("checks", frozenset()) for each in (one, other))
    return _origin(one) == _origin(other) and (bool(checks & others) or checks == others)


def _origin(error: BaseException) -> tuple[type, str, int]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (
        (type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else (type(error), "", 0)
    )
