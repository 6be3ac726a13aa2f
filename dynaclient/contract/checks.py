"""What must hold of a response, one small function each: (case, response) -> what is wrong with it.

| check | what it asks |
|---|---|
| status_documented | a success or redirect that the document lists |
| content_type_documented | the documented media type |
| headers_documented | the documented headers: there, and valid |
| body_documented | a body that meets its schema |
| no_server_error | never 500 to 599, whatever was sent |
| broken_is_refused | a request with something broken gets 400 to 499 |
| error_status_documented | an error status that the document lists, where it lists those of the operation |
| valid_is_taken | a request that the document allows is not refused as malformed: `MALFORMED` |

A server may well respond with 401, 403, 404, 409, 412 or 429 to a request that the document allows: that
depends on who asks and what is stored. 400 and 422 say that the request is wrong, 405, 406 and 415 that it
should not have been made so; for what the document allows, that is a broken promise. An error status that
the document does not list is a complaint only where it lists some that the operation itself gives: many
documents list none, or those alone that a framework adds. Where it lists nothing but errors, they are what it
promises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from dynaclient.calls.response import Response
from dynaclient.contract.case import Case
from dynaclient.contract.malformed import REPEATED
from dynaclient.errors import Violation, Where
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import secrets

__all__ = ["CHECKS", "complaints"]

Check = Callable[[Case, Response], list[Violation]]

MALFORMED = (400, 405, 406, 415, 422)
"""Statuses that say a request should not have been made, or not so."""

OF_OPERATION = frozenset((400, 402, 404, 409, 410, 412, 422, 423, 424, 428))
"""Error statuses that an operation itself gives. Any other may come from what stands before it: a proxy, a
framework, a limit of rate or size."""

UNPROCESSABLE = 422
"""What frameworks list by themselves: alone, it does not say how an operation fails."""

INVALID = frozenset((400, UNPROCESSABLE))
"""What servers respond to an invalid request: a complaint where the document lists the other of the two."""

NOT_IMPLEMENTED = 501
"""What a server responds to a method that it does not know (RFC 9110, 501 Not Implemented)."""

_SHOWN, _READ = 200, 10_000
"""How many characters of a response a complaint shows, and how many bytes are looked at for them."""

NOT_ENFORCED = {
    "format": "JSON Schema lets a server treat `format` as an annotation",
    "default": "what is required and missing has a default in the document, which servers apply",
    "readOnly": "a readOnly property should not be sent, and a server may ignore it where it is",
    REPEATED: "OpenAPI does not say which of two values of a parameter counts",
    "unknown": "nothing in OpenAPI forbids a name that the operation does not list",
}
"""Keywords whose breach a server may let pass, and why."""


def status_documented(case: Case, response: Response) -> list[Violation]:
    """A status below 400 is one that the document lists (Responses Object)."""
    return _of(response, "status")


def content_type_documented(case: Case, response: Response) -> list[Violation]:
    """The body is of a documented media type."""
    return _of(response, "content-type")


def headers_documented(case: Case, response: Response) -> list[Violation]:
    """Required headers are there, and every documented one meets its schema."""
    return _of(response, "header")


def body_documented(case: Case, response: Response) -> list[Violation]:
    """The body can be decoded and meets its schema."""
    return _of(response, "body")


def no_server_error(case: Case, response: Response) -> list[Violation]:
    """Whatever is sent, the server does not fail over it."""
    if response.status < 500 or case.expects_error(response.status):
        return []
    if case.method and response.status == NOT_IMPLEMENTED:
        return []
    return [_complaint("status", response, f"server error {response.status}")]


def broken_is_refused(case: Case, response: Response) -> list[Violation]:
    """Invalid requests get a status from 400 to 499; `NOT_ENFORCED` says what is let pass."""
    fault = case.fault
    if fault is None or fault.lost or fault.keyword in NOT_ENFORCED or response.status >= 400:
        return []
    message = f"invalid request accepted: expected 4xx, got {response.status} ({fault.description})"
    return [Violation(fault.where, fault.name, fault.pointer, message)]


def valid_is_taken(case: Case, response: Response) -> list[Violation]:
    """What the document allows is not refused as malformed."""
    if case.fault is not None or response.status not in MALFORMED or case.expects_error(response.status):
        return []
    message = f"valid request rejected: got {response.status}"
    return [_complaint("status", response, message)]


def error_status_documented(case: Case, response: Response) -> list[Violation]:
    """An error status is one that is documented, where the document says how the operation fails."""
    listed = set(case.documented)
    own = OF_OPERATION & {int(each) for each in listed if each.isdecimal()}
    if response.status not in OF_OPERATION or not own - {UNPROCESSABLE} or listed & {"default", "4XX"}:
        return []
    if str(response.status) in listed or (case.fault is None and response.status in MALFORMED):
        return []
    if response.status in INVALID and (case.raw is not None or not own & INVALID):
        return []
    message = f"undocumented status {response.status} (documented: {', '.join(sorted(case.documented))})"
    return [_complaint("status", response, message)]


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        status_documented,
        content_type_documented,
        headers_documented,
        body_documented,
        no_server_error,
        broken_is_refused,
        valid_is_taken,
        error_status_documented,
    )
}
"""Every check, by its name."""


_CAUSES = (no_server_error.__name__, broken_is_refused.__name__)
"""Checks that name a cause; other complaints are listed only where there is none."""


def complaints(
    case: Case, response: Response, checks: Collection[str] | None = None
) -> dict[str, list[Violation]]:
    """What each check has to say, by its name; checks that are content are left out.

    `checks`: the names of those that are asked, all by default. One cause is reported once: the response to
    an invalid request that was accepted, or a server error, is not checked further.
    """
    asked = {name: check for name, check in CHECKS.items() if checks is None or name in checks}
    if case.is_altered:
        asked = {name: check for name, check in asked.items() if name == no_server_error.__name__}
    found = {name: check(case, response) for name, check in asked.items()}
    causes = {name: found[name] for name in _CAUSES if found.get(name)}
    return causes or {name: violations for name, violations in found.items() if violations}


def _of(response: Response, where: Where) -> list[Violation]:
    return [violation for violation in response.violations if violation.where == where]


def _complaint(where: Where, response: Response, message: str) -> Violation:
    return Violation(where, str(response.status), "", f"{message}{_said(response)}")


def _said(response: Response) -> str:
    text = beginning(response)
    return f": {text}" if text else ""


def beginning(response: Response) -> str:
    """The beginning of what the server said, in one line, without secrets: it may say again what it got."""
    said = response.content[:_READ].decode("utf-8", "replace")
    text = " ".join(redact(said, secrets(response.request, response.secret_names)).split())
    return f"{text[:_SHOWN]}{'...' if len(text) > _SHOWN else ''}"
