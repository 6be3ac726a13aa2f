"""Which JSON Schema dialect holds where in a document."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.document.opening import open_document
from dynaclient.schema.keywords import Dialects
from tests.schema.checks import place
from tests.small import document

DRAFT_7 = "http://json-schema.org/draft-07/schema"
NEWER = "https://json-schema.org/draft/2019-09/schema"
OWN = "https://example.org/my-dialect"

# version, jsonSchemaDialect, $schema -> dialect, what is found
CASES: list[tuple[str, str, str, str, list[str]]] = [
    ("3.0.3", "", "", "3.0", []),
    ("3.0.3", NEWER, DRAFT_7, "3.0", []),  # 3.0 knows neither
    ("3.1.0", "", "", "2020-12", []),
    ("3.2.0", "", "", "2020-12", []),
    ("3.1.0", NEWER, "", "2019-09", []),
    ("3.1.0", NEWER, f"{DRAFT_7}#", "draft-07", []),
    ("3.1.0", "https://spec.openapis.org/oas/3.1/dialect/2024-11-10", "", "2020-12", []),
    ("3.1.0", OWN, "", "2020-12", [f"the dialect {OWN} is not known"]),
    ("3.1.0", "", OWN, "2020-12", [f"the dialect {OWN} is not known"]),
]


@pytest.mark.parametrize(("version", "of_document", "of_schema", "due", "found"), CASES)
def test_dialect(version: str, of_document: str, of_schema: str, due: str, found: list[str]) -> None:
    stated: dict[str, Any] = {"jsonSchemaDialect": of_document} if of_document else {}
    schema = {"type": "string", **({"$schema": of_schema} if of_schema else {})}
    tree = open_document({**document({}, version, components={"schemas": {"S": schema}}), **stated})
    assert Dialects(tree).of(place(tree)).name == due
    assert [finding.message for finding in tree.findings] == found
