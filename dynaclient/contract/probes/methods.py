"""Methods that a path does not have, and those that every path has: HEAD, OPTIONS, TRACE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dynaclient._support.missing import MISSING
from dynaclient.contract.probes.probe import Suspicion
from dynaclient.contract.probes.sequences import NOT_THERE
from dynaclient.contract.resources import identifiers
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, SentCase
    from dynaclient.contract.run_state import Run
    from dynaclient.document.model import Operation

MADE_UP = "DYNACLIENT"
"""A method that nobody has."""

BY_CONVENTION = ("HEAD", "OPTIONS")
"""Methods that servers have without being asked for them."""

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def methods_documented(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """Methods that the document does not have are refused."""
    for exchange in _refused(run, operation):
        method = exchange.case.method
        traced = method == "TRACE" and _echoes(exchange)
        if exchange.ok and method not in BY_CONVENTION and not (traced or _is_page(operation, exchange)):
            message = f"{method}, which the path does not have: expected 405, got {exchange.status}"
            yield _complaint(exchange, method, message)
            return


def allow_is_true(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """A 405 has an `Allow`, and it names the methods of the path (RFC 9110)."""
    documented = _methods(run, operation.path)
    for exchange in (*_refused(run, operation), *_optioned(run, operation)):
        allow = _allow(exchange)
        if exchange.status == 405 and allow is None:
            yield _complaint(exchange, "Allow", "the 405 has no Allow", "header")
            return
        if allow is None or not (exchange.status == 405 or exchange.ok):
            continue
        lacking = sorted(documented - allow - {"OPTIONS", "HEAD"})
        if lacking:
            message = f"Allow names {', '.join(sorted(allow)) or 'nothing'}, and not {', '.join(lacking)}"
            yield _complaint(exchange, "Allow", f"{message}, which the path has", "header")
            return
        if exchange.status == 405 and exchange.case.method in allow:
            message = f"the 405 says that {exchange.case.method} is allowed"
            yield _complaint(exchange, "Allow", message, "header")
            return


def allow_documented(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """An `Allow` names no method that the document does not have."""
    known = _known(run, operation.path)
    for exchange in _refused(run, operation):
        allow = _allow(exchange)
        more = sorted((allow or set()) - known - {*BY_CONVENTION, "TRACE"})
        if exchange.status == 405 and more:
            message = f"Allow names {', '.join(more)}, which the document does not have for the path"
            yield _complaint(exchange, "Allow", message, "header")
            return


def trace_off(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """TRACE does not show the request again, credentials included."""
    for exchange in _refused(run, operation):
        if exchange.case.method == "TRACE" and exchange.ok and _echoes(exchange):
            yield _complaint(exchange, "TRACE", f"TRACE shows the request again: got {exchange.status}")


def head_as_get(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """HEAD is GET without the body (RFC 9110)."""
    if operation.method != "GET":
        return
    documented = "HEAD" in _methods(run, operation.path)
    about = next((e.key for e in _operations(run) if (e.method, e.path) == ("HEAD", operation.path)), "")
    for case, takes in _reads(run, operation):
        got = run.send(case, takes)
        head = run.send(replace(case, method="HEAD"), takes)
        if got.response is None or head.response is None:
            continue
        invented = head.ok and got.status in NOT_THERE
        if invented or (documented and got.ok and head.status in (*NOT_THERE, 405, 501)):
            message = f"HEAD says {head.status} where GET says {got.status}"
            yield replace(_complaint(head, "HEAD", message), operation=about)
        elif got.ok and head.ok:
            yield from (replace(each, operation=about) for each in _lacking(operation, got, head))


def _lacking(operation: Operation, got: SentCase, head: SentCase) -> Iterator[Suspicion]:
    response = operation.response(got.status)
    for each in response.headers if response is not None else ():
        missing = got.response and each.name in got.response.headers
        if each.required and missing and head.response and each.name not in head.response.headers:
            yield _complaint(head, each.name, f"HEAD lacks the header {each.name}, which GET has", "header")


def _reads(run: Run, operation: Operation) -> Iterator[tuple[Case, dict[str, Capture]]]:
    """What is read: something that is there, and something that is not."""
    arrangement = run.things.arrange(operation)
    case, takes = arrangement.applied(run.valid(operation.key))
    yield case, dict(takes)
    if arrangement.thing is not None:
        nothing = run.things.arranged(operation, None)
        if nothing.origin == "free":
            yield nothing.applied(case)[0], {}


# -- requests --------------------------------------------------------------------------------------------


def _refused(run: Run, operation: Operation) -> list[SentCase]:
    """What comes back for each method that a path does not have; it is asked once for each path."""
    known: dict[str, list[SentCase]] = run.notes.setdefault("methods", {})
    if operation.path in known or not _is_asked(run, operation):
        return known.get(operation.path, []) if _is_asked(run, operation) else []
    known[operation.path] = found = []
    for method in _tried(run, operation):
        case = _empty(run, operation)
        if case is not None:
            found.append(run.send(replace(case, method=method)))
    return found


def _is_asked(run: Run, operation: Operation) -> bool:
    """Whether this is the operation of its path that its methods are asked with: one without a body."""
    of_path = [each for key in run.keys if (each := run.client.operations[key]).path == operation.path]
    return min(of_path, key=lambda each: (each.method != "GET", each.body is not None)) is operation


def _tried(run: Run, operation: Operation) -> Iterator[str]:
    """The methods to try. Those that change something go to an identifier that nothing has."""
    known = _known(run, operation.path)
    yield from (each for each in (MADE_UP, "TRACE", "GET") if each not in known)
    arrangement = run.things.arranged(operation, None)
    deletes = any(run.client.operations[key].method == "DELETE" for key in run.keys)
    if run.resources.at(operation) is not None and arrangement.origin == "free":
        yield from (each for each in UNSAFE if each not in known and (each != "DELETE" or deletes))


def _empty(run: Run, operation: Operation) -> Case | None:
    """A case of `operation` without a body, with identifiers that nothing has."""
    arrangement = run.things.arranged(operation, None)
    if identifiers(run.client, operation) and arrangement.origin != "free":
        return None
    return replace(arrangement.applied(run.valid(operation.key))[0], body=MISSING, content_type="")


def _optioned(run: Run, operation: Operation) -> list[SentCase]:
    """What OPTIONS brings, where the document does not have it."""
    if "OPTIONS" in _known(run, operation.path) or not _is_asked(run, operation):
        return []
    case = _empty(run, operation)
    return [run.send(replace(case, method="OPTIONS"))] if case is not None else []


def _methods(run: Run, path: str) -> set[str]:
    """The documented methods of a path."""
    return {each.method for each in _operations(run) if each.path == path}


def _known(run: Run, path: str) -> set[str]:
    """The documented methods of all paths that a URL of `path` may be one of."""
    return {each.method for each in _operations(run) if _may_be(each.path, path)}


def _operations(run: Run) -> list[Operation]:
    return [run.client.operations[key] for key in run.client.operations]


def _may_be(template: str, path: str) -> bool:
    parts, others = (each.partition("?")[0].strip("/").split("/") for each in (template, path))
    return len(parts) == len(others) and all(
        one == other or "{" in one or "{" in other for one, other in zip(parts, others, strict=True)
    )


def _allow(exchange: SentCase) -> set[str] | None:
    """The methods that `Allow` names; None where it is not there."""
    response = exchange.response
    if response is None or "Allow" not in response.headers:
        return None
    return {each.strip().upper() for each in response.headers["Allow"].split(",") if each.strip()}


def _echoes(exchange: SentCase) -> bool:
    """Whether a response holds the request that it is the response to."""
    response = exchange.response
    if response is None:
        return False
    said = response.content[:100_000].decode("utf-8", "replace")
    return bool(re.search(r"\bTRACE /", said)) or any(
        f"{name}: {value}".lower() in said.lower()
        for name, value in response.request.headers.items()
        if name.lower() in ("user-agent", "accept-encoding", "authorization")
    )


def _is_page(operation: Operation, exchange: SentCase) -> bool:
    """Whether a response is a page for browsers, which servers give for any address."""
    response = exchange.response
    kind = response.headers.get("Content-Type", "") if response is not None else ""
    documented = {name.partition(";")[0] for each in operation.responses for name in each.content}
    return kind.startswith("text/html") and "text/html" not in documented


def _complaint(exchange: SentCase, name: str, message: str, where: str = "status") -> Suspicion:
    return Suspicion(exchange, Violation("header" if where == "header" else "status", name, "", message))
