"""For every operation: what the document allows goes through, and what it forbids is refused, on both sides.

The referees are independent of the client: the sandbox has requests judged by openapi-core, and every verdict
of the compiled checks (jsonschema-rs) is held against the pure-Python ones (jsonschema).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid
from dynaclient.client import executor_of
from dynaclient.contract import Case, broken, valid
from dynaclient.contract.generation import maker
from dynaclient.contract.negative import (
    ARRIVES_VALID,
    FORMAT_ONLY,
    MEANS_MORE,
    READ_LIBERALLY,
    REASONS,
    SENT_ANYWAY,
    UNKNOWN,
    UNSENDABLE,
    UNTYPED,
)
from dynaclient.generation.choices import Seeded
from dynaclient.sandbox import Sandbox
from dynaclient.sandbox.openapi_core_bugs import KNOWN_BUGS
from tests.small import one, param

NAME = "talon-one-integration@2026-05"
CREDENTIALS = {"api_key_v1": "ApiKey-v1 key"}
OPERATIONS = list(Client(NAME).operations)

NOT_ON_THE_WIRE = {
    UNKNOWN: "an unknown name: the client has no place for it, and OpenAPI forbids no query parameter",
    UNSENDABLE: "a path without a value, or with an empty one: that is another path",
    UNTYPED: "a form holds text, whatever it was: 5 and '5' are the same there",
    ARRIVES_VALID: "a parameter is text, whatever it was: 5 for a string, one text for an array of one",
    FORMAT_ONLY: "0.5 for a date-time is the text 0.5: no type is broken any more, only a format",
    READ_LIBERALLY: "1 for true: openapi-core and many servers read it so",
    SENT_ANYWAY: "a User-Agent is always sent: there is no request without one",
    MEANS_MORE: "/a/text for /a/{id} where /a/{name} takes it: nothing tells which is meant",
}
"""The faults that a server is not asked to refuse, and why. The client refuses all of them."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(NAME) as running:
        yield running


@pytest.fixture(scope="module")
def talon(sandbox: Sandbox) -> Iterator[Client]:
    with Client(NAME, server=sandbox.url, credentials=CREDENTIALS) as client:
        yield client


@pytest.fixture(scope="module")
def python() -> Client:
    return Client(NAME, validate_with="python")


def verdicts(client: Client, case: Case) -> set[tuple[str, str, str, str]]:
    return {(each.where, each.name, each.pointer, each.schema_pointer) for each in case.violations(client)}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("key", OPERATIONS)
def test_what_the_document_allows_goes_through(
    key: str, sandbox: Sandbox, talon: Client, python: Client
) -> None:
    @settings(max_examples=8)
    @given(valid(talon, key))
    def goes_through(case: Case) -> None:
        assert case.violations(talon) == case.violations(python) == []
        before = len(sandbox.received)
        response = talon.send(key, case.arguments, body=case.body, options=case.options)  # strict both ways
        (seen,) = sandbox.received[before:]
        assert (seen.operation, seen.reasons) == (key, ())
        referee, *own = response.headers["X-Sandbox-Judge"].split("; own: ")
        assert referee == "openapi-core"
        assert set(own) <= {row.name for row in KNOWN_BUGS}
        assert 200 <= response.status < 300
        read = (
            executor_of(python)
            .compiled(key)
            .read(response.status, response.headers, response.content, check=True)
        )
        assert (read.data, read.violations) == (response.data, [])

    goes_through()


@pytest.mark.sampled(6)
@pytest.mark.parametrize("key", OPERATIONS)
def test_what_the_document_forbids_is_refused(
    key: str, sandbox: Sandbox, talon: Client, python: Client
) -> None:
    @settings(max_examples=12)
    @given(broken(talon, key, lost=True))
    def is_refused(case: Case) -> None:
        assert case.fault is not None
        assert verdicts(talon, case) == verdicts(python, case) != set()
        before = len(sandbox.received)
        with pytest.raises(RequestInvalid):
            talon.send(key, case.arguments, body=case.body, options=case.options)
        assert sandbox.received[before:] == []
        if case.fault.lost:
            assert case.fault.lost in NOT_ON_THE_WIRE
            return
        response = case.send(talon)
        assert 400 <= response.status < 500, response.status
        assert response.status != 401
        assert response.violations == ()
        assert sandbox.received[-1].reasons

    is_refused()


@pytest.mark.sampled(6)
@pytest.mark.parametrize("key", OPERATIONS)
def test_every_fault_of_one_full_case_is_refused_or_accounted_for(key: str, talon: Client) -> None:
    whole = maker(talon).valid(key, Seeded(1), optional=True)
    taken = Counter[str]()
    for case in maker(talon).faults(whole, Seeded(1)):
        assert case.fault is not None
        if not case.fault.lost and case.send(talon).status < 400:
            taken[str(case)] += 1
    assert taken == {}


def test_the_table_of_what_is_not_on_the_wire_is_whole() -> None:
    assert set(NOT_ON_THE_WIRE) == set(REASONS)


@pytest.mark.parametrize(
    ("parameter", "arguments", "query"),
    [
        (param("s", "query", {"type": "string"}), {"query.s": 5}, {}),
        (param("b", "query", {"type": "boolean"}), {"query.b": 1}, {}),
        (param("l", "query", {"type": "array", "items": {"type": "string"}}), {"query.l": "one"}, {}),
        (param("s", "query", {"type": "string"}), {}, {"nothing-like-it": "x"}),
    ],
)
def test_what_is_not_on_the_wire_is_taken_by_the_referee_too(
    parameter: dict[str, object], arguments: dict[str, object], query: dict[str, str]
) -> None:
    document = one("get", "/x", parameter)
    with Sandbox(document) as running, Client(document, server=running.url, validate="off") as client:
        response = client.send("op", arguments, options={"query": query})
        assert (response.status, response.headers["X-Sandbox-Judge"]) == (200, "openapi-core")


@settings(max_examples=40)
@given(st.data())
def test_both_engines_agree_on_every_generation(data: st.DataObject) -> None:
    generation = data.draw(st.sampled_from(("2020-04", "2020-05", "2020-10", "2023-04", "2024-06")))
    rust, python = both(f"talon-one-integration@{generation}")
    key = data.draw(st.sampled_from(list(rust.operations)))
    case = data.draw(st.one_of(valid(rust, key), broken(rust, key, lost=True)))
    assert verdicts(rust, case) == verdicts(python, case)
    assert (verdicts(rust, case) == set()) == (case.fault is None)


def both(name: str, kept: dict[str, tuple[Client, Client]] = {}) -> tuple[Client, Client]:  # noqa: B006
    if name not in kept:
        kept[name] = Client(name, validate_with="rust"), Client(name, validate_with="python")
    return kept[name]
