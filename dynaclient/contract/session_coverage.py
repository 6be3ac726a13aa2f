"""`pytest --contract-coverage`: how much of each document the clients of all tests have tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynaclient.calls.contract_coverage import KINDS, ContractCoverage
from dynaclient.calls.observers import EVERYWHERE, Observer

if TYPE_CHECKING:
    import pytest

    from dynaclient.calls.observers import OngoingCall
    from dynaclient.calls.response import Response

State = dict[str, dict[str, list[list[Any]]]]
"""Document -> kind -> items, each with whether it was tried: what a process of pytest-xdist hands over."""


class SessionCoverage(Observer):
    """A plugin of one session: observes every client that is made, and reports at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._by_document: dict[int, tuple[str, ContractCoverage]] = {}
        self._handed: list[State] = []
        self._worker: dict[str, Any] | None = getattr(config, "workeroutput", None)
        EVERYWHERE.append(self)

    def responded(self, call: OngoingCall, response: Response) -> None:
        """Note a call of any client."""
        executor = call.executor
        known = self._by_document.get(id(executor.document))
        if known is None:  # it holds the document, so that its id stays its own
            known = (executor.document.name, ContractCoverage(executor))
            self._by_document[id(executor.document)] = known
        known[1].responded(call, response)

    def pytest_unconfigure(self) -> None:
        """Observe no more."""
        EVERYWHERE[:] = [each for each in EVERYWHERE if each is not self]

    def pytest_sessionfinish(self) -> None:
        """Hand over what a process of pytest-xdist saw."""
        if self._worker is not None:
            self._worker["dynaclient_contract_coverage"] = self._state()

    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of pytest-xdist saw."""
        self._handed.append(getattr(node, "workeroutput", {}).get("dynaclient_contract_coverage", {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One table for each document."""
        merged: dict[str, dict[str, dict[tuple[str, ...], bool]]] = {}
        for state in (self._state(), *self._handed):
            _merge(state, merged)
        if not merged:
            return
        terminalreporter.section("contract coverage")
        for name, kinds in merged.items():
            terminalreporter.write_line(name)
            for kind in KINDS:
                items = kinds.get(kind, {})
                if items:
                    terminalreporter.write_line(f"  {kind:15}{sum(items.values()):6} of {len(items)}")

    def _state(self) -> State:
        state: State = {}
        for name, coverage in self._by_document.values():
            kinds = state.setdefault(name, {kind: [] for kind in KINDS})
            for kind in KINDS:
                kinds[kind] += [[list(item), tried] for item, tried in coverage.items(kind)]
        return state


def _merge(state: State, into: dict[str, Any]) -> None:
    for name, kinds in state.items():
        for kind, items in kinds.items():
            known = into.setdefault(name, {}).setdefault(kind, {})
            for item, tried in items:
                known[tuple(item)] = known.get(tuple(item), False) or tried
