"""The schema languages of a document: that of OpenAPI 3.0, and the drafts of JSON Schema that others name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dynaclient.document.document import Document, Node

Direction = Literal["request", "response"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what a schema language differs from JSON Schema 2020-12."""

    name: str
    ref_siblings: bool = True
    """Keywords beside `$ref` count."""
    openapi_30: bool = False
    """`nullable`; keywords that 3.0 does not know mean nothing."""
    tuples: bool = False
    """`items` may be an array, with `additionalItems`; `dependencies`."""


DIALECTS = {
    "3.0": Dialect("3.0", ref_siblings=False, openapi_30=True),
    "https://spec.openapis.org/oas/3.1/dialect/base": Dialect("2020-12"),
    "https://json-schema.org/draft/2020-12/schema": Dialect("2020-12"),
    "https://json-schema.org/draft/2019-09/schema": Dialect("2019-09", tuples=True),
    "http://json-schema.org/draft-07/schema": Dialect("draft-07", ref_siblings=False, tuples=True),
    "http://json-schema.org/draft-06/schema": Dialect("draft-06", ref_siblings=False, tuples=True),
    "http://json-schema.org/draft-04/schema": Dialect("draft-04", ref_siblings=False, tuples=True),
}
LATEST = DIALECTS["https://json-schema.org/draft/2020-12/schema"]

METASCHEMAS = frozenset(uri for uri in DIALECTS if "//json-schema.org/" in uri)
"""What a schema may refer to beside the document: both backends hold them."""


class Dialects:
    """Which dialect holds where in a document: `$schema`, `jsonSchemaDialect` (4.8.24.5), its version."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of_file: dict[str, Dialect] = {}

    def of(self, node: Node) -> Dialect:
        """The dialect of the schema object at `node`."""
        stated = node.value.get("$schema")
        if isinstance(stated, str) and self._document.version_of(node) >= (3, 1):
            return self._called(stated, node)
        if node.uri not in self._of_file:
            self._of_file[node.uri] = self._stated(node)
        return self._of_file[node.uri]

    def _stated(self, node: Node) -> Dialect:
        """The dialect of the file that `node` stands in: it is the root's where the file says no version."""
        if self._document.version_of(node) < (3, 1):
            return DIALECTS["3.0"]
        root = self._document.speaker(node)
        stated = root.text("jsonSchemaDialect")
        return self._called(stated, root) if stated else LATEST

    def _called(self, uri: str, node: Node) -> Dialect:
        dialect = DIALECTS.get(uri.rstrip("#"))
        if dialect is None:
            if not uri.startswith("https://spec.openapis.org/oas/3."):
                self._document.find(node, f"the dialect {uri} is not known", "it is read as 2020-12")
            return LATEST
        return dialect
