"""Documents by name, and what is in one, for completion: no client is made, and nothing is fetched.

What was found once is kept (`index_files`), so that a shell waits only the first time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dynaclient.completion.index_files import keep_index, load_index
from dynaclient.completion.operation_index import Offer, OperationIndex, plain_of, read_index

if TYPE_CHECKING:
    from dynaclient.document.document import Document

PATIENCE = 4_000_000
"""Bytes of a file that is opened while somebody waits for TAB; a larger one must have been opened before."""


class DocumentIndex(NamedTuple):
    """The names in a document."""

    operations: list[list[str]]
    """Key, `METHOD /path` and summary of each."""
    schemes: list[str]
    tags: list[str]
    servers: list[str]


def document_names() -> list[Offer]:
    """The names that stand for a document: the vendored ones."""
    found = load_index("names")
    if found is None:
        from dynaclient.document.opening import find, vendored_names  # late: 40 ms

        names = vendored_names()
        found = [*dict.fromkeys(each.partition("@")[0] for each in names), *names]
        folders = {folder for each in names for folder in find(each).parents[:2]}
        keep_index(found, map(str, folders), "names")
    return [Offer(each, "document", "vendored") for each in found]


def index_of_document(name: str) -> DocumentIndex | None:
    """The names in the document called `name`; None where it cannot be opened here."""
    found = load_index("document", name)
    if found is None:
        opened = _opened(name)
        if opened is None:
            return None
        document, files = opened
        found = [*_index(document)]
        keep_index(found, files, "document", name)
    return DocumentIndex(*found)


def index_of_operation(name: str, operation: str) -> OperationIndex | None:
    """What the operation `operation` of the document `name` takes; None where there is none."""
    found = load_index("operation", name, operation)
    if found is None:
        opened = _opened(name)
        if opened is None:
            return None
        document, files = opened
        index = _index_of_operation(document, operation)
        if index is None:
            return None
        found = plain_of(index)
        keep_index(found, files, "operation", name, operation)
    return read_index(found)


class _Files:
    """The files that a document was read from: those of references as soon as they are followed."""

    def __init__(self, document: Document, path: str) -> None:
        self._document = document
        self._path = path

    def __iter__(self) -> Iterator[str]:
        from dynaclient.document.sources import path_of_uri  # late: 3 ms

        yield self._path
        for uri in self._document.files:
            if uri.startswith("file:"):
                yield path_of_uri(uri)


def _index_of_operation(document: Document, name: str) -> OperationIndex | None:
    from dynaclient.completion.operation_index import index_of  # late: 1 ms
    from dynaclient.document.operations import Operations  # late: 1 ms

    operations = Operations(document)
    key = name if name in operations else operations.attribute(name)
    return None if key is None else index_of(operations[key], document)


def _opened(name: str) -> tuple[Document, _Files] | None:
    """The document called `name`, and the files that this follows from; nothing is fetched for it."""
    from dynaclient.document.cache import content_of  # late: 1 ms
    from dynaclient.document.opening import Access, find, open_document  # late: 40 ms
    from dynaclient.errors import DocumentError  # late: 1 ms

    if "://" in name[:10]:
        return None
    try:
        path = str(find(name).resolve())
        if os.path.getsize(path) > PATIENCE and content_of(True, path) is None:
            return None
        document = open_document(path, Access())
        return document, _Files(document, path)
    except (DocumentError, OSError, ValueError):
        return None


def _index(document: Document) -> DocumentIndex:
    from dynaclient.document.operations import OperationBuilder, Operations  # late: 1 ms
    from dynaclient.schema.summary import one_line  # late: 6 ms

    operations = Operations(document)
    rows = []
    tags: dict[str, None] = {}
    for key, operation in operations.items():
        rows.append([key, operations.entry(key).location, one_line(operation.summary)])
        tags |= dict.fromkeys(operation.tags)
    servers = [each.text("url") for each in document.opened(document.root.get("servers")).elements()]
    schemes = [*OperationBuilder(document).security_schemes()]
    return DocumentIndex(rows, schemes, [*tags], [each for each in servers if each])
