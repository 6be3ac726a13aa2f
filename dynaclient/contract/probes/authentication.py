"""Whether an operation that asks for credentials carries out nothing without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dynaclient.client import executor_of
from dynaclient.contract.probes.probe import Suspicion
from dynaclient.contract.probes.sequences import NOT_THERE, addressed, documents, ready
from dynaclient.contract.reach import asks
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, SentCase
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation

    Addressed = tuple[Case, dict[str, Capture], Thing | None]

REFUSED = (401, 403)
NO_CREDENTIALS = "whether it asks for credentials is not checked: the client has none for it"
OTHERS = "whether it asks for credentials is not checked: it may get some from the session or the connection"


def authentication_enforced(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """Without a valid credential nothing is carried out, and the response is the documented one."""
    if not asks(operation) or not _is_checkable(run, operation):
        return
    made = _working(run, operation)
    if made is None:
        return
    case, takes, thing = made
    before = _reading(run, operation, thing)
    for credentials, said in _wrong(run, operation):
        exchange = run.send(replace(case, credentials=credentials), takes)
        if exchange.ok and not _carried(run, exchange) and not _redirected(exchange):
            yield _complaint(exchange, credentials, f"{said} is enough: got {exchange.status}, expected 401")
            return
        if credentials == "none":
            yield from _documented(operation, exchange)
    after = _reading(run, operation, thing) if before is not None and before.ok else None
    if after is not None and after.status in NOT_THERE and exchange.status in REFUSED:
        run.things.gone(thing)
        yield _complaint(exchange, "deleted", f"it was refused with {exchange.status}, and deleted")


def alternatives_accepted(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """Each documented alternative of credentials is enough by itself."""
    own = executor_of(run.client).credentials
    several = [each for each in operation.security or () if each and all(map(own.has, each))]
    for alternative in several[1:]:
        made = _working(run, operation)
        if made is None or not _is_carried_out(run, operation, made):
            return
        case, takes, thing = _working(run, operation) or made
        exchange = run.send(replace(case, credentials="+".join(alternative)), takes)
        if exchange.ok and operation.method == "DELETE":
            run.things.gone(thing)
        if exchange.status == 401:
            named = " and ".join(alternative)
            yield _complaint(
                exchange, "+".join(alternative), f"{named} is a documented alternative, expected 2xx, got 401"
            )


def _is_carried_out(run: Run, operation: Operation, made: Addressed) -> bool:
    """Whether a request is carried out with the credentials that are sent else."""
    if operation.key in run.worked:
        return True
    exchange = run.send(*made[:2])
    if exchange.ok and operation.method == "DELETE":
        run.things.gone(made[2])
    return exchange.ok


def _is_checkable(run: Run, operation: Operation) -> bool:
    executor = executor_of(run.client)
    schemes = OperationBuilder(run.client.document).security_schemes()
    kinds = {schemes[name].kind for each in operation.security or () for name in each if name in schemes}
    if "mutualTLS" in kinds or executor.transport.identifies:
        run.skipped(operation.key, OTHERS)
        return False
    if not executor.credentials.choose(operation.security):
        run.skipped(operation.key, NO_CREDENTIALS)
        return False
    return True


def _working(run: Run, operation: Operation) -> Addressed | None:
    """A request that the server carries out, as far as is known, on a thing that nothing else needs."""
    made = ready(run, operation, fresh=operation.method == "DELETE")
    if made is None:
        return None
    case, takes, thing = made
    return case, dict(takes), thing


def _wrong(run: Run, operation: Operation) -> Iterator[tuple[str, str]]:
    """Credentials that are not enough, and what they are."""
    own = executor_of(run.client).credentials
    alternatives = [each for each in operation.security or () if each]
    yield "none", "no credential"
    for each in alternatives:
        yield f"invalid:{'+'.join(each)}", f"an invalid {' and '.join(each)}"
    for each in alternatives:
        if len(each) > 1 and all(map(own.has, each)):
            for name in each:
                if (name,) not in alternatives and not _is_alike(run, name, {*each} - {name}):
                    yield name, f"{name} alone"
    asked = {name for each in alternatives for name in each}
    for name in own.given:
        if name not in asked and not _is_alike(run, name, asked):
            yield name, f"{name}, which the document does not name here,"


def _is_alike(run: Run, name: str, asked: set[str]) -> bool:
    """Whether a credential travels as one of those that are asked for: to the server they are the same."""
    schemes = OperationBuilder(run.client.document).security_schemes()

    def header(each: str) -> tuple[str, str]:
        scheme = schemes[each]
        return (
            (scheme.location, scheme.parameter.lower())
            if scheme.kind == "apiKey"
            else ("header", "authorization")
        )

    return header(name) in {header(each) for each in asked if each in schemes}


def _carried(run: Run, exchange: SentCase) -> bool:
    """Whether the request had a credential all the same: of netrc, or of the user's session."""
    if exchange.case.credentials != "none" or exchange.response is None:
        return False
    sent = {name.lower() for name in exchange.response.request.headers}
    places = {each.lower() for each in executor_of(run.client).credentials.places}
    return bool(sent & {"authorization", "cookie", *places})


def _redirected(exchange: SentCase) -> bool:
    """Whether the response is that of another address, such as a page to log in."""
    response = exchange.response
    if response is None:
        return False
    asked, got = urlsplit(response.request.url or ""), urlsplit(response.url)
    return asked.path.rstrip("/") != got.path.rstrip("/")


def _documented(operation: Operation, exchange: SentCase) -> Iterator[Suspicion]:
    """What a response without credentials lacks of the 401 that the document describes."""
    response = exchange.response
    if response is None or not documents(operation, 401):
        return
    led_away = 300 <= response.status < 400 and operation.response(response.status) is None
    if _redirected(exchange) or led_away:
        yield _complaint(exchange, "none", "no credential: expected the documented 401, got a redirect")
    elif response.status == 403 and operation.response(403) is None:
        yield _complaint(exchange, "none", "no credential: expected the documented 401, got 403")
    elif response.status in REFUSED:
        for each in response.violations:
            yield Suspicion(exchange, each)


def _reading(run: Run, operation: Operation, thing: Thing | None) -> SentCase | None:
    """What is read of a thing that `operation` would delete."""
    if operation.method != "DELETE" or thing is None or run.resources.at(operation) is not thing.resource:
        return None
    for key in thing.resource.readers[:1]:
        made = addressed(run, run.client.operations[key], thing)
        return run.send(*made) if made is not None else None
    return None


def _complaint(exchange: SentCase, name: str, message: str) -> Suspicion:
    return Suspicion(exchange, Violation("security", name, "", message))
