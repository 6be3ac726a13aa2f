"""Contract tests made from the document: cases, checks, a runner, a pytest decorator.

    from dynaclient import Client, contract

    talon = Client("talon-one-integration", server="http://localhost:8080")

    @contract.cases(talon)
    def test_keeps_its_contract(case):
        contract.check(case, case.send(talon))

What is named here is imported on first use: pytest loads this package in every session, for its plugin.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynaclient.contract.agreed import OperationSettings
    from dynaclient.contract.assertion import check
    from dynaclient.contract.case import Case, Fault, RawBody
    from dynaclient.contract.checks import CHECKS, complaints
    from dynaclient.contract.decorator import cases
    from dynaclient.contract.generation import Unmakeable
    from dynaclient.contract.report import Failure, FailureGroup, OperationReport, Report
    from dynaclient.contract.report_replay import replay
    from dynaclient.contract.run_state import Progress
    from dynaclient.contract.runner import run
    from dynaclient.contract.seeding import seeded
    from dynaclient.contract.strategies import broken, valid

_HOMES = {
    "agreed": ("OperationSettings",),
    "case": ("Case", "Fault", "RawBody"),
    "assertion": ("check",),
    "checks": ("CHECKS", "complaints"),
    "decorator": ("cases",),
    "generation": ("Unmakeable",),
    "report_replay": ("replay",),
    "report": ("Failure", "FailureGroup", "OperationReport", "Report"),
    "run_state": ("Progress",),
    "runner": ("run",),
    "seeding": ("seeded",),
    "strategies": ("broken", "valid"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CHECKS",
    "Case",
    "Failure",
    "FailureGroup",
    "Fault",
    "OperationReport",
    "OperationSettings",
    "Progress",
    "RawBody",
    "Report",
    "Unmakeable",
    "broken",
    "cases",
    "check",
    "complaints",
    "replay",
    "run",
    "seeded",
    "valid",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
