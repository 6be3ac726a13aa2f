"""Every exchange of a run as HTTP Archive 1.2, which browsers and proxies open, and `--replay` sends again.

What HAR has no place for stands in `_dynaclient`, of the log (document, server, seed) and of each entry:
number, phase, operation, what of the case is invalid, and what it takes from which earlier entry. Secrets are
redacted.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from dynaclient.contract.flow import SentCase
from dynaclient.contract.reports import Results
from dynaclient.contract.reports.messages import (
    content_bytes,
    names,
    shown_headers,
    status_phrase,
)
from dynaclient.contract.shell import value_at
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.exchange import RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.har import har_entry, har_file
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import redacted, secrets

MOST = 1_000_000
"""Bytes of the body of a response that are written."""


def write_har(results: Results) -> bytes:
    """The exchanges of a run as HAR, in UTF-8."""
    numbers = {id(each.step): each.number for each in results.exchanges}
    entries = [har_entry(_entry(each, numbers)) for each in results.exchanges if each.request is not None]
    said = {"document": results.document, "server": results.server, "seed": results.report.seed}
    return har_file(entries, said)


def _entry(sent: SentCase, numbers: Mapping[int, int]) -> RecordedExchange:
    assert sent.request is not None
    request = redacted(sent.request, names(sent))
    return RecordedExchange(
        replace(request, body=content_bytes(request)),
        _response(sent),
        sent.began,
        sent.seconds,
        error=str(sent.error) if sent.error is not None else "",
        said=_case(sent, numbers),
    )


def _case(sent: SentCase, numbers: Mapping[int, int]) -> dict[str, Any]:
    case = sent.case
    taken = {
        place: {
            "entry": numbers[id(capture.step)],
            "expression": capture.expression,
            "segment": capture.segment,
            "value": value_at(case, place),
        }
        for place, capture in sent.step.takes.items()
        if id(capture.step) in numbers and isinstance(value_at(case, place), (str, int, float))
    }
    return {
        "number": sent.number,
        "phase": sent.phase,
        "operation": case.operation,
        "reason": case.reason,
        "fault": asdict(case.fault) if case.fault is not None else None,
        "credentials": case.credentials,
        "method": case.method,
        "takes": taken,
    }


def _response(sent: SentCase) -> RecordedResponse | None:
    response = sent.response
    if response is None:
        return None
    those = secrets(response.request, response.secret_names)
    content = response.content[:MOST]
    with suppress(UnicodeDecodeError):
        content = redact(content.decode(), those).encode()
    cut = f"the first {MOST} bytes of {len(response.content)}" if len(response.content) > MOST else ""
    headers = Headers(shown_headers(response))
    return RecordedResponse(response.status, status_phrase(response.status), headers, content, cut)
