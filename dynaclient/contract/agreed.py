"""What a team has agreed on for its API: values of parameters, expected statuses, checks that are off."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynaclient.contract.case import Case

__all__ = ["OperationSettings"]

OF_STATUS = ("status_documented", "no_server_error", "valid_is_taken", "broken_is_refused", "body_documented")
"""Checks that an expected status answers."""


@dataclass(frozen=True)
class OperationSettings:
    """What holds for one operation.

    `parameters`: values that are sent, by the names of the document (`limit`, `query.limit`). `statuses`:
    that are no failure, in addition to the documented ones. `off`: checks that are not made -> the reason.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    statuses: Collection[int] = ()
    off: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreed:
    """`off`: checks that are not made of any operation -> the reason; `operations`: by their keys."""

    off: Mapping[str, str] = field(default_factory=dict)
    operations: Mapping[str, OperationSettings] = field(default_factory=dict)

    def applied(self, case: Case) -> Case:
        """`case` with the agreed values; a parameter that is left out, or that the fault is about, stays."""
        said = self.operations.get(case.operation)
        if said is None or not said.parameters:
            return case
        fault = case.fault.name if case.fault is not None else None
        values = {
            key: said.parameters.get(key, said.parameters.get(name))
            for key in case.arguments
            for name in (key.partition(".")[2],)
            if (key in said.parameters or name in said.parameters) and name != fault
        }
        return replace(case, arguments={**case.arguments, **values}) if values else case

    def reason(self, check: str, operation: str, status: int) -> str:
        """Why what `check` says against a response is no failure; empty where it is one."""
        said = self.operations.get(operation, OperationSettings())
        if status in said.statuses and check in OF_STATUS:
            return f"{status} is expected"
        return said.off.get(check, "")
