"""The results of a run as JSON. What they hold is in docs/contract-tests.md; `schema_version` counts changes
that a reader has to know of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dynaclient._version import __version__
from dynaclient.contract.report import Failure, FailureGroup, OperationReport, Report
from dynaclient.contract.reports import Results

SCHEMA_VERSION = 1


def write_json(results: Results) -> bytes:
    """The report of a run as JSON, in UTF-8."""
    report = results.report
    made = {
        "schema_version": SCHEMA_VERSION,
        "tool": f"dynaclient {__version__}",
        "document": results.document,
        "server": results.server,
        "seed": report.seed,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "ok": report.ok,
        "succeeded_percent": round(report.succeeded, 1),
        "problem": report.problem,
        "cut": report.cut,
        "failures": [_group(each) for each in report.groups],
        "operations": [_operation(each) for each in report.operations],
        "unchecked": [{"pointer": each.pointer, "message": each.message} for each in report.unchecked],
        "passed_as_is": list(report.apart),
        "off": dict(report.off),
        "coverage": _coverage(report),
    }
    return json.dumps(made, ensure_ascii=False, indent=2, default=str).encode("utf-8", "backslashreplace")


def _group(group: FailureGroup) -> Mapping[str, Any]:
    shown = group.shown
    return {
        "check": shown.check,
        "suspicion": shown.suspicion,
        "operations": list(group.operations),
        "count": len(group.failures),
        "document": {"pointer": shown.schema_pointer, "says": shown.said},
        "shown": _failure(shown),
    }


def _failure(failure: Failure) -> Mapping[str, Any]:
    return {
        "operation": failure.operation,
        "where": failure.where,
        "name": failure.name,
        "pointer": failure.pointer,
        "message": failure.message,
        "response": failure.response,
        "status": failure.exchange.status,
        "command": failure.command,
        "curl": failure.curl,
    }


def _operation(report: OperationReport) -> Mapping[str, Any]:
    return {
        "operation": report.operation,
        "verdict": report.verdict,
        "requests": report.requests,
        "valid": report.valid,
        "invalid": report.broken,
        "probes": report.probes,
        "inconclusive": report.inconclusive,
        "unsent": report.unsent,
        "statuses": {str(status): count for status, count in sorted(report.statuses.items())},
        "documented_success": report.documented,
        "skipped": list(report.skipped),
        "seconds": round(report.seconds, 3),
    }


def _coverage(report: Report) -> Mapping[str, Any]:
    coverage = report.coverage
    if coverage is None:
        return {}
    return {
        share.kind: {
            "tried": share.tried,
            "of": share.of,
            "untried": [list(item) for item in coverage.untried(share.kind)],
        }
        for share in coverage.shares
    }
