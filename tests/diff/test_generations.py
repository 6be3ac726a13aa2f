"""Neighbouring generations of the Talon.One documents: every witness is judged by another implementation.

openapi-schema-validator reads schemas of OpenAPI 3.0 as they are; ours translates and compiles them.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from dynaclient import Client
from dynaclient._support.missing import MISSING
from dynaclient.diff import Change, DocumentDiff, diff

API = "talon-one-integration"
GENERATIONS = ["2020-04", "2020-05", "2020-10", "2023-04", "2024-06", "2026-05"]
PAIRS = [*pairwise(GENERATIONS), ("2020-04", "2020-10")]


@cache
def opened(generation: str) -> Client:
    return Client(f"{API}@{generation}")


@cache
def compared(pair: tuple[str, str]) -> DocumentDiff:
    return diff(*map(opened, pair))


def referee(client: Client, pointer: str, value: Any, affected: str) -> bool:
    """Whether the schema at a pointer accepts a value, as openapi-schema-validator has it."""
    tree = client.document.tree
    registry = Registry().with_resource("urn:document", Resource(tree, DRAFT4))
    validator = OAS30WriteValidator if affected == "callers" else OAS30ReadValidator
    schema = {"$ref": f"urn:document#{pointer}"}
    return bool(validator(schema, registry=registry, format_checker=oas30_format_checker).is_valid(value))


def schema_of(client: Client, change: Change, index: int) -> str:
    """Where the schema of a change stands in the old (0) or new (1) document."""
    if change.subject.startswith("schema "):
        names = change.subject.removeprefix("schema ").split(" -> ")
        return f"/components/schemas/{names[min(index, len(names) - 1)]}"
    place, _, name = change.place.partition(" ")
    name = name.partition(".")[0].removesuffix("[]")
    parameters = client.operations[change.subject].parameters
    (schema,) = [each.schema for each in parameters if (each.location, each.name) == (place, name)]
    assert schema is not None
    return schema.pointer


@pytest.mark.parametrize("pair", PAIRS, ids="..".join)
def test_witnesses_are_accepted_by_the_one_and_refused_by_the_other(pair: tuple[str, str]) -> None:
    clients = [*map(opened, pair)]
    judged = 0
    for change in compared(pair).of("breaking"):
        if change.witness is MISSING or "int64" in change.message:  # the referee knows no bounds of int64
            continue
        verdicts = [
            referee(client, schema_of(client, change, index), change.witness, change.affected)
            for index, client in enumerate(clients)
        ]
        expected = [True, False] if change.affected == "callers" else [False, True]
        assert verdicts == expected, change
        judged += 1
    assert judged >= {("2020-04", "2020-05"): 0, ("2020-05", "2020-10"): 2}.get(pair, 2)


@pytest.mark.parametrize("pair", PAIRS, ids="..".join)
def test_backwards_what_was_removed_is_added(pair: tuple[str, str]) -> None:
    back = diff(*map(opened, pair[::-1]))
    assert removed(back) == added(compared(pair))
    assert added(back) == removed(compared(pair))


def added(found: DocumentDiff) -> set[str]:
    return {each.subject for each in found.changes if each.message.startswith("operation added")}


def removed(found: DocumentDiff) -> set[str]:
    return {each.subject for each in found.changes if each.message.startswith("operation removed")}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_nothing_changes_from_a_document_to_itself(generation: str) -> None:
    assert diff(opened(generation), f"{API}@{generation}").changes == ()


KNOWN = {
    ("2020-04", "2020-05"): ["getReservedCoupons: operation removed"],
    ("2020-05", "2020-10"): ["NewCustomerSessionV2, identifiers: maxItems: none -> 5"],
    ("2020-10", "2023-04"): [
        "updateCustomerProfile: operation removed",
        "api_key_v1 or integration_auth -> api_key_v1",
        "security scheme integration_auth: security scheme removed",
        "schema CartItem, price: required -> optional",
        "schema CustomerSessionV2, state: now allows 'partially_returned'",
    ],
    ("2023-04", "2024-06"): [
        "trackEvent: operation removed (POST /v1/events, it was deprecated)",
        "query subledgerId: type: string -> array",
        "features[]: now allows 'achievements'",
    ],
    ("2024-06", "2026-05"): [
        "schema CartItem, position: readOnly: false -> true",
        "query subledgerId: explode: false -> true",
        "schema Product, name: maxLength: 50 -> none",
    ],
}


@pytest.mark.parametrize("pair", KNOWN, ids="..".join)
def test_what_is_known_to_break(pair: tuple[str, str]) -> None:
    texts = [str(each) for each in compared(pair).of("breaking")]
    assert [known for known in KNOWN[pair] if not any(known in text for text in texts)] == []


def test_a_component_is_listed_once_with_the_operations_that_use_it() -> None:
    changes = [each for each in compared(("2023-04", "2024-06")).changes if each.subject == "schema Campaign"]
    (features,) = [each for each in changes if each.place == "features[]"]
    assert features.operations == (
        "updateCustomerSessionV2",
        "returnCartItems",
        "updateCustomerProfileV2",
        "trackEventV2",
    )
