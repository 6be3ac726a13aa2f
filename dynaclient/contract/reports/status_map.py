"""Which statuses each operation documents, and which came in response to what: operation x status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dynaclient.contract.flow import SentCase
from dynaclient.contract.reports import Results

__all__ = ["Cell", "status_map"]

KINDS = ("valid", "invalid", "probe")
"""What a request is to the operation: what the document allows, what it forbids, and with other credentials,
another method or another URL."""


@dataclass
class Cell:
    """A status of an operation. `seen`: how often it came, by the kind of the request; `shown`: one exchange.

    `documented`: whether the document lists it, itself or in a range or as `default`.
    """

    documented: bool
    seen: Counter[str] = field(default_factory=Counter)
    shown: SentCase | None = None

    @property
    def count(self) -> int:
        """How often it came."""
        return self.seen.total()


def status_map(results: Results) -> Mapping[str, Mapping[str, Cell]]:
    """The cells by operation and status: the documented ones (`200`, `4XX`, `default`) and those that came.

    A response that only a range or `default` documents counts for its own status, and for that. As in the
    coverage of the contract, requests with another method or to another URL do not count.
    """
    documented = _documented(results)
    cells = {key: {status: Cell(documented=True) for status in some} for key, some in documented.items()}
    for key, status, kind, sent in _seen(results):
        if key in cells:
            entry = _entry(documented[key], status)
            for name in dict.fromkeys(filter(None, (str(status), entry))):
                _add(cells[key].setdefault(name, Cell(documented=bool(entry))), kind, sent)
    return {key: dict(sorted(some.items(), key=lambda each: order(each[0]))) for key, some in cells.items()}


def order(status: str) -> tuple[str, bool, str]:
    """Statuses as a person lists them: 200, 404, 4XX, default."""
    return status[:1].lower(), "X" in status.upper(), status


def _documented(results: Results) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {each.operation: [] for each in results.report.operations}
    coverage = results.report.coverage
    for (key, status), _ in coverage.items("statuses") if coverage is not None else ():
        found.setdefault(key, []).append(status)
    return found


def _entry(documented: Sequence[str], status: int) -> str:
    """The entry that documents a status; empty where none does."""
    names = {each.upper(): each for each in documented}
    wanted = (str(status), f"{status // 100}XX", "DEFAULT")
    return next((names[each] for each in wanted if each in names), "")


def _seen(results: Results) -> Iterator[tuple[str, int, str, SentCase | None]]:
    for sent in results.exchanges:
        if sent.status and not (sent.case.url or sent.case.method):
            yield sent.case.operation, sent.status, case_kind(sent), sent
    if not results.exchanges:
        for each in results.report.operations:
            for status, count in each.statuses.items():
                yield from [(each.operation, status, "valid", None)] * count


def case_kind(sent: SentCase) -> str:
    """What a request is to its operation, one of KINDS."""
    if sent.case.is_altered:
        return "probe"
    return "valid" if sent.case.fault is None else "invalid"


def _add(cell: Cell, kind: str, sent: SentCase | None) -> None:
    cell.seen[kind] += 1
    better = cell.shown is None or (
        sent is not None and KINDS.index(kind) < KINDS.index(case_kind(cell.shown))
    )
    if better:
        cell.shown = sent
