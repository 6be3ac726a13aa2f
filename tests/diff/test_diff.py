"""Small pairs of documents: the verdict, and witnesses, which an independent validator has to agree with."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from dynaclient.diff import DocumentDiff, diff
from tests.diff.pairs import DOCUMENTS, SAFE, SCHEMAS, Documents, Pair
from tests.small import one, said


def title(found: DocumentDiff) -> str:
    return found.changes[0].title if found.changes else SAFE


def body(schema: Any) -> dict[str, Any]:
    return one("post", body=schema, answers={"204": said()}, version="3.1.0")


def answer(schema: Any) -> dict[str, Any]:
    return one(answer=schema, version="3.1.0")


def referee(schema: Any, value: Any) -> bool:
    """The verdict of another validator."""
    return Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(value)


def test_there_are_many_pairs() -> None:
    assert len(SCHEMAS) + len(DOCUMENTS) >= 160
    names = [each.name for each in (*SCHEMAS, *DOCUMENTS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("pair", SCHEMAS, ids=lambda pair: pair.name)
def test_a_schema_of_a_request(pair: Pair) -> None:
    found = diff(body(pair.old), body(pair.new))
    assert title(found) == pair.request, pair.why
    for each in found.of("breaking"):
        assert referee(pair.old, each.witness), f"{each.witness}: {pair.why}"
        assert not referee(pair.new, each.witness), f"{each.witness}: {pair.why}"


@pytest.mark.parametrize("pair", SCHEMAS, ids=lambda pair: pair.name)
def test_a_schema_of_a_response(pair: Pair) -> None:
    found = diff(answer(pair.old), answer(pair.new))
    assert title(found) == pair.response, pair.why
    for each in found.of("breaking"):
        assert referee(pair.new, each.witness), f"{each.witness}: {pair.why}"
        assert not referee(pair.old, each.witness), f"{each.witness}: {pair.why}"


@pytest.mark.parametrize("pair", DOCUMENTS, ids=lambda pair: pair.name)
def test_a_pair_of_documents(pair: Documents) -> None:
    found = diff(pair.old, pair.new)
    assert title(found) == pair.verdict, pair.why
    assert any(pair.told in str(each) for each in found.changes) or not pair.told, [*map(str, found.changes)]
    assert found.changes == () or pair.told, [*map(str, found.changes)]
