"""The official Talon.One document, 1.7 MB and 220 operations, with what it says wrong or oddly (T1 to T6)."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.client import executor_of
from dynaclient.contract import seeded
from dynaclient.document.node import Node
from dynaclient.lint import lint

OFFICIAL = Path(__file__).resolve().parents[3] / "shared/facts/official/talon-one-25.17.0.yaml.gz"

pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official document is not beside this checkout"
)


@pytest.fixture(scope="module")
def talon(tmp_path_factory: pytest.TempPathFactory) -> Client:
    path = tmp_path_factory.mktemp("official") / "talon-one.yaml"
    path.write_bytes(gzip.decompress(OFFICIAL.read_bytes()))
    return Client(path, server="http://localhost:1")


def numbers(value: Any) -> list[Any]:
    """Every bound in a tree: what stands under the keywords that take numbers."""
    found: list[Any] = []
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, dict):
            found += [here[word] for word in BOUNDS if word in here and not isinstance(here[word], dict)]
            pending += here.values()
        elif isinstance(here, list):
            pending += here
    return found


BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "multipleOf")


def schema(talon: Client, name: str) -> Node:
    node = talon.document.root.get("components", "schemas", name)
    assert node is not None
    return node


def test_it_has_220_operations(talon: Client) -> None:
    assert len(list(talon.operations)) == 220
    assert all(talon.operations[key].problem == "" for key in talon.operations)


def test_the_request_of_every_operation_is_prepared(talon: Client) -> None:
    prepared = 0
    for key, operation in talon.operations.items():
        for case in seeded(talon, key, 0, 6):
            if case.fault is not None:
                with pytest.raises(RequestInvalid):
                    talon.prepare(key, case.arguments, body=case.body, options=case.options)
                continue
            request = talon.prepare(key, case.arguments, body=case.body, options=case.options)
            assert request.method == operation.method
            assert "{" not in str(request.url)
            assert (request.body is not None) >= (operation.body is not None and operation.body.required)
            prepared += 1
    assert prepared >= 220


def test_t1_a_bare_equals_sign_is_text(talon: Client) -> None:
    expression = schema(talon, "ApplicationCIFExpression").get("example", "expression", "expr")
    assert expression is not None
    assert expression.value[2][1][2][0] == "="


def test_t2_bounds_with_exponents_are_numbers(talon: Client) -> None:
    bounds = numbers(talon.document.tree)
    assert len(bounds) > 500
    assert {type(bound) for bound in bounds} <= {int, float}
    assert 1e15 in bounds


def test_t3_times_are_text_so_the_tree_is_json(talon: Client) -> None:
    import json

    assert json.loads(json.dumps(talon.document.tree)) == talon.document.tree


def test_t4_findings_name_the_odd_schemas(talon: Client) -> None:
    points = [
        f"/components/schemas/{name}/properties/points"
        for name in ("AddLoyaltyPoints", "DeductLoyaltyPoints")
    ]
    odd = [finding.pointer for finding in talon.findings if "exclusiveMinimum" in finding.message]
    assert odd == points
    assert not [finding for finding in talon.findings if finding.severity == "error"]
    for place in points:
        node = schema(talon, place.split("/")[3]).get("properties", "points")
        assert node is not None
        assert talon.checkers.checker(node, "request").is_valid(-5)  # and they are perfectly usable


def test_t5_examples_that_contradict_their_schema_are_named_and_hurt_nobody(talon: Client) -> None:
    found = [
        each
        for each in lint(executor_of(talon), examples=True)
        if "the example does not match" in each.message
    ]
    assert len(found) == 57
    assert {each.severity for each in found} == {"note"}


def test_t6_patterns_mean_what_their_author_meant(talon: Client) -> None:
    place = "/properties/name/pattern"
    notes = [finding.pointer for finding in talon.findings if finding.pointer.endswith(place)]
    assert len(notes) == 4
    for pointer in notes:
        node = schema(talon, pointer.split("/")[3]).get("properties", "name")
        assert node is not None
        assert node.value["pattern"] == r"^[^[:cntrl:]\s][^[:cntrl:]]*$"
        checker = talon.checkers.checker(node, "request")
        assert checker.is_valid("My collection")
        assert not checker.is_valid("My\x07collection")
        assert not checker.is_valid(" My collection")


def test_both_engines_agree_on_its_cases(talon: Client) -> None:
    python = Client(talon.document, validate_with="python")
    for key in list(talon.operations)[::7]:
        for case in seeded(talon, key, 2, 10):
            places = [
                {(each.where, each.name, each.pointer) for each in case.violations(client)}
                for client in (talon, python)
            ]
            assert places[0] == places[1], case
