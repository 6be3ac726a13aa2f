"""Documents by name, and what is in one, for completion: no client is made, and nothing is fetched.

What was found once is kept (`index_files`), so that a shell waits only the first time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dynaclient.completion.index_files import keep_index, load_index
from dynaclient.completion.operation_index import Offer, OperationIndex, plain_of, read_index

if TYPE_CHECKING:
    from dynaclient.document.document import Document
    from dynaclient.profiles.profile import Profile

PATIENCE = 4_000_000
"""Bytes of a file that is opened while somebody waits for TAB; a larger one must have been opened before."""


class DocumentIndex(NamedTuple):
    """The names in a document."""

    operations: list[list[str]]
    """Key, `METHOD /path` and summary of each."""
    schemes: list[str]
    tags: list[str]
    servers: list[str]


def document_names(project: str | None = None) -> list[Offer]:
    """The names that stand for a document: vendored ones, the user's APIs, those of the `project` folder."""
    found = load_index("names", project or "")
    if found is None:
        from dynaclient.document.opening import find, vendored_names  # late: 40 ms
        from dynaclient.profiles.names import profile_names  # late: 10 ms

        names = vendored_names()
        found = [[each, "your API"] for each in profile_names()]
        users = {name for name, _ in found}
        found += [[each, "the project's API"] for each in profile_names(project) if each not in users]
        vendored = [*dict.fromkeys(each.partition("@")[0] for each in names), *names]
        found += [[each, "vendored"] for each in vendored]
        folders = {str(folder) for each in names for folder in find(each).parents[:2]}
        keep_index(found, [*folders, *_settings_files()], "names", project or "")
    return [Offer(name, "document", about) for name, about in found]


def _settings_files() -> Iterator[str]:
    """The files that say what a name means, wherever one may be: that of the user, those of the project."""
    from dynaclient.profiles.folders import config_file  # late: 1 ms
    from dynaclient.profiles.settings_file import PROJECT, SHARED  # late: 1 ms

    yield str(config_file())
    here = Path.cwd()
    for folder in (here, *here.parents):
        yield from (str(folder / PROJECT), str(folder / SHARED))


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

    def __init__(self, document: Document, others: Iterable[str]) -> None:
        self._document = document
        self._others = [*others]

    def __iter__(self) -> Iterator[str]:
        from dynaclient.document.sources import path_of_uri  # late: 3 ms

        yield from self._others
        for uri in self._document.files:
            if uri.startswith("file:"):
                yield path_of_uri(uri)


def _index_of_operation(document: Document, name: str) -> OperationIndex | None:
    from dynaclient.completion.operation_index import index_of  # late: 1 ms
    from dynaclient.document.operations import Operations  # late: 1 ms
    from dynaclient.errors import UnknownOperation  # late: 1 ms

    operations = Operations(document)
    try:
        return index_of(operations[name], document)
    except UnknownOperation:
        key = operations.attribute(name)
        return None if key is None else index_of(operations[key], document)


def _opened(name: str) -> tuple[Document, _Files] | None:
    """The document called `name`, and the files that this follows from; nothing is fetched for it."""
    from dynaclient.document.opening import Access, open_document  # late: 40 ms
    from dynaclient.errors import DocumentError, SettingsError  # late: 1 ms
    from dynaclient.profiles.resolution import find_profile  # late: 20 ms

    try:
        profile = find_profile(name, ".")
        source = name if profile is None else str(profile.document)
        overlays = () if profile is None else profile.overlays
        if not _is_quick(source):
            return None
        document = open_document(source, Access(partial(_copy, profile), overlays=overlays))
        return document, _Files(document, [*_settings_files(), *map(str, overlays), *_paths(source)])
    except (DocumentError, SettingsError, OSError, ValueError):
        return None


def _copy(profile: Profile | None, url: str) -> bytes:
    """What is kept of a URL for a profile. Raises DocumentError for all else: nothing is fetched."""
    from dynaclient.errors import DocumentError  # late: 1 ms
    from dynaclient.profiles.copies import kept_copy  # late: 2 ms

    if profile is None or url not in profile.copies:
        raise DocumentError("nothing is fetched for completion")
    return kept_copy(profile, url)


def _is_quick(source: str) -> bool:
    """Whether somebody would wait for it: it is small, or was opened before."""
    from dynaclient.document.cache import content_of  # late: 1 ms

    paths = _paths(source)
    return all(os.path.getsize(each) <= PATIENCE or content_of(True, each) for each in paths)


def _paths(source: str) -> list[str]:
    """The file that a document is in, as far as it is named by a path or a vendored name."""
    from dynaclient.document.opening import find  # late: 40 ms

    return [] if "://" in source[:10] else [str(find(source).resolve())]


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
