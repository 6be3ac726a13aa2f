"""What openapi-spec-validator says of a document: another reading than ours, and a slower one."""

from __future__ import annotations

from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import escape
from dynaclient.errors import Finding

_MEANING = "openapi-spec-validator says so"
_MOST = 200
"""How many of its findings are listed: some documents break one rule in thousands of places."""


def second_opinion(document: Document) -> list[Finding]:
    """The findings of openapi-spec-validator. It never raises: that it could not judge is a finding too."""
    found: list[Finding] = []
    try:
        for error in _validator(document).iter_errors():
            found.append(_finding(error))
            if len(found) >= _MOST:
                found.append(Finding("", "note", f"only the first {_MOST} are listed", _MEANING))
                break
    except ImportError:
        found.append(Finding("", "note", "openapi-spec-validator is not installed", "no second opinion"))
    except Exception as error:  # its own mistakes are no fault of the document
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        found.append(
            Finding("", "note", f"openapi-spec-validator gave up: {reason}", "no whole second opinion")
        )
    return list(dict.fromkeys(found))


def _validator(document: Document) -> Any:
    import openapi_spec_validator as other  # late: 317 ms

    kinds = {
        (3, 0): "OpenAPIV30SpecValidator",
        (3, 1): "OpenAPIV31SpecValidator",
        (3, 2): "OpenAPIV32SpecValidator",
    }
    kind = getattr(other, kinds[document.version], None)
    if kind is None:
        raise ImportError(kinds[document.version])
    return kind(document.tree, base_uri=document.uri)


def _finding(error: Any) -> Finding:
    path = "".join(f"/{escape(str(part))}" for part in getattr(error, "absolute_path", ()) or ())
    message = str(getattr(error, "message", error)).splitlines()[0]
    short = message if len(message) <= 200 else f"{message[:60]} ... {message[-130:]}"  # the end says what
    return Finding(path, "warning", short, _MEANING)
