"""Calls to a real server in strict mode, and what was found on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynaclient import ApiError, Client, DynaclientError, RequestInvalid, Response, ResponseInvalid, Violation
from dynaclient._support.messages import pluralize

LONGEST = 300
"""Characters of a printed violation."""


class Trip:
    """Calls by operationId, each printed with its status and every violation; what failed is counted.

    Requests and responses are checked strictly. Where the document forbids a request that the server takes,
    the call is made again with `validate={"request": "warn"}`; a response that does not match the document is
    taken from the error, which holds it whole: nothing is sent twice for it.
    """

    def __init__(self, client: Client, lenient: Client) -> None:
        """`client` is strict in both directions, `lenient` sends what the document forbids."""
        self.client = client
        self.lenient = lenient
        self.calls = 0
        self.in_requests: list[Violation] = []
        self.in_responses: list[Violation] = []
        self.broken_calls = 0
        self.failures: list[str] = []

    def call(self, key: str, mapping: Any = None, *, expect: int, **arguments: Any) -> Response:
        """The response of `key`, which must have the status `expect`. Raises DynaclientError if none came."""
        refused, response, found = self._sent(key, mapping, arguments)
        self.calls += 1
        self.in_requests += refused
        self.in_responses += found
        self.broken_calls += bool(refused or found)
        operation = self.client.operations[key]
        verdict = _verdict(refused, found)
        print(f"  {key:<52} {operation.method:<6} {response.status}  {verdict}")
        _show("request", refused)
        _show("response", found)
        self.holds(f"{key} responds with {expect}, not {response.status}", response.status == expect)
        return response

    def refuses(self, key: str, mapping: Any = None, **arguments: Any) -> None:
        """The document forbids this call: it must be refused before anything is sent."""
        try:
            self.client.prepare(key, mapping, **arguments)
        except RequestInvalid as error:
            print(f"  {key:<52} refused, nothing was sent: {_short(error.violations[0])}")
        else:
            self.holds(f"{key} is refused", False)

    def raises(self, key: str, *, status: int, **arguments: Any) -> None:
        """The server refuses this call: `call` must raise ApiError with `status`."""
        self.calls += 1
        try:
            self.client.call(key, **arguments)
        except ApiError as error:
            found = error.response.violations if error.response else ()
            self.in_responses += found
            self.broken_calls += bool(found)
            print(f"  {key:<52} raises {type(error).__name__} {error.status}, {_verdict((), found)}")
            _show("response", found)
            self.holds(f"{key} raises {status}, not {error.status}", error.status == status)
        else:
            self.holds(f"{key} raises ApiError", False)

    def holds(self, fact: str, true: bool) -> None:
        """Note a failure where `fact` is not so."""
        if not true:
            self.failures.append(fact)
            print(f"    FAILED: {fact}")

    def _sent(
        self, key: str, mapping: Any, arguments: dict[str, Any]
    ) -> tuple[Sequence[Violation], Response, Sequence[Violation]]:
        """What was wrong with the request, the response, and what was wrong with that."""
        try:
            response, found = _response(self.client, key, mapping, arguments)
        except RequestInvalid as error:
            response, found = _response(self.lenient, key, mapping, arguments)
            return error.violations, response, found[len(error.violations) :]
        return (), response, found


def summary(name: str, trip: Trip) -> str:
    """One line on what came of a trip."""
    return (
        f"{name}: {pluralize(trip.calls, 'call')}, {trip.calls - trip.broken_calls} without violation; "
        f"{pluralize(len(trip.in_requests), 'violation')} in requests, "
        f"{len(trip.in_responses)} in responses; "
        f"{pluralize(len(trip.failures), 'failure')}"
    )


def _response(
    client: Client, key: str, mapping: Any, arguments: dict[str, Any]
) -> tuple[Response, Sequence[Violation]]:
    """The response, whatever it breaks, and all violations of the exchange."""
    try:
        response = client.send(key, mapping, **arguments)
    except ResponseInvalid as error:
        if error.response is None:
            raise DynaclientError(f"{key}: the error holds no response") from error
        response = error.response
    return response, response.violations


def _verdict(refused: Sequence[Violation], found: Sequence[Violation]) -> str:
    parts = [f"request does not match the OpenAPI document ({len(refused)})"] if refused else []
    parts += [f"the response does not match the document ({len(found)})"] if found else []
    return ", ".join(parts) or "as documented"


def _show(what: str, violations: Sequence[Violation]) -> None:
    for violation in violations:
        print(f"    {what}: {_short(violation)}")


def _short(violation: Violation) -> str:
    text = " ".join(str(violation).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
