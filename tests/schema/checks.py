"""A checker for one schema, as a document of some version holds it."""

from __future__ import annotations

from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.opening import open_document
from dynaclient.schema.validator import Checker, Validators
from tests.small import document

BACKENDS = ("rust", "python")


def opened(schema: Any, version: str = "3.0.3", **schemas: Any) -> Document:
    """A document whose component `S` is `schema`, beside the other `schemas`."""
    return open_document(document({}, version, components={"schemas": {"S": schema, **schemas}}))


def checker(
    schema: Any, backend: str = "rust", direction: Any = "request", version: str = "3.0.3", **schemas: Any
) -> Checker:
    """The checker of `schema`."""
    tree = opened(schema, version, **schemas)
    return Validators(tree, backend).checker(place(tree), direction)  # type: ignore[arg-type]


def place(tree: Document) -> Any:
    """Where the schema stands."""
    return tree.root.get("components", "schemas", "S")


def found(schema: Any, value: Any, backend: str = "rust", **settings: Any) -> list[tuple[str, str]]:
    """Pointer and message of every violation."""
    violations = checker(schema, backend, **settings).violations(value, "body", "body")
    return sorted((each.pointer, each.message) for each in violations)
