"""Every exchange of a run as HTTP Archive 1.2, which browsers and proxies open, and `--replay` sends again.

What HAR has no place for stands in `_dynaclient`, of the log (document, server, seed) and of each entry:
number, phase, operation, what of the case is invalid, and what it takes from which earlier entry. Secrets are
blotted out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dynaclient._version import __version__
from dynaclient.contract.flow import SentCase
from dynaclient.contract.reports import Results
from dynaclient.contract.reports.messages import (
    content_bytes,
    header_texts,
    names,
    shown_headers,
    status_phrase,
)
from dynaclient.contract.shell import value_at
from dynaclient.wire.redaction import blotted, redacted, secrets

MOST = 1_000_000
"""Bytes of the body of a response that are written."""


def write_har(results: Results) -> bytes:
    """The exchanges of a run as HAR, in UTF-8."""
    numbers = {id(each.step): each.number for each in results.exchanges}
    entries = [_entry(each, numbers) for each in results.exchanges if each.request is not None]
    log = {
        "version": "1.2",
        "creator": {"name": "dynaclient", "version": __version__},
        "entries": entries,
        "_dynaclient": {
            "document": results.document,
            "server": results.server,
            "seed": results.report.seed,
        },
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def _entry(sent: SentCase, numbers: Mapping[int, int]) -> dict[str, Any]:
    milliseconds = round(sent.seconds * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(sent.began, timezone.utc).isoformat(),
        "time": milliseconds,
        "request": _request(sent),
        "response": _response(sent),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_dynaclient": _case(sent, numbers),
    }


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
        **({"error": str(sent.error)} if sent.error is not None else {}),
    }


def _request(sent: SentCase) -> dict[str, Any]:
    assert sent.request is not None
    request = redacted(sent.request, names(sent))
    body = content_bytes(request)
    made: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(header_texts(request.headers)),
        "queryString": _pairs(parse_qsl(urlsplit(str(request.url)).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        text, encoding = _written(body)
        kind = dict(header_texts(request.headers)).get("Content-Type", "")
        made["postData"] = {"mimeType": kind, "text": text, **({"encoding": encoding} if encoding else {})}
    return made


def _response(sent: SentCase) -> dict[str, Any]:
    response = sent.response
    if response is None:
        return _empty()
    those = secrets(response.request, response.secret_names)
    text, encoding = _written(response.content[:MOST])
    cut = {"comment": f"the first {MOST} bytes"} if len(response.content) > MOST else {}
    return {
        "status": response.status,
        "statusText": status_phrase(response.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown_headers(response)),
        "content": {
            "size": len(response.content),
            "mimeType": response.headers.get("Content-Type") or "",
            "text": text if encoding else blotted(text, those),
            **({"encoding": encoding} if encoding else {}),
            **cut,
        },
        "redirectURL": response.headers.get("Location") or "",
        "headersSize": -1,
        "bodySize": -1,
    }


def _empty() -> dict[str, Any]:
    """The response where none came: browsers write a status of 0."""
    content = {"size": 0, "mimeType": "", "text": ""}
    rest: dict[str, Any] = {
        "cookies": [],
        "headers": [],
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    return {"status": 0, "statusText": "", "httpVersion": "", "content": content, **rest}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _written(content: bytes) -> tuple[str, str]:
    """A body as text, and its encoding where that is not plain."""
    try:
        return content.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(content).decode(), "base64"
