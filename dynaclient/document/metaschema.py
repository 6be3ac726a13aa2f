"""A document against the meta-schema of its version, as the OpenAPI Initiative publishes it.

Read from the package openapi-spec-validator, whose code is not imported.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynaclient.document.document import Document, escape
from dynaclient.errors import Finding

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

MOST = 200
"""After so many findings there is nothing to learn from more."""

MEANING = "it breaks the specification; what can be used is used"


def check(document: Document) -> list[Finding]:
    """What the meta-schema refuses, at the deepest place that it names.

    Nothing where no meta-schema is at hand: without the packages that hold it, and for documents that were
    brought from 2.0 to 3.0.
    """
    file = None if document.upgraded else _file(document.version)
    if file is None:
        return []
    known = f"{file} {file.stat().st_mtime_ns}"
    found = document.notes.read(known) if document.notes else None
    if found is None:
        found = _refused(document, file)
        if document.notes:
            document.notes.write(known, found)
    return found


def _refused(document: Document, file: Path) -> list[Finding]:
    validator = _validator(file)
    found: dict[str, Finding] = {}
    for error in validator.iter_errors(document.tree):
        for deep in _deepest(error):
            pointer = "".join(f"/{escape(str(step))}" for step in deep.instance_path)
            found.setdefault(pointer, Finding(pointer, "warning", _message(deep), MEANING))
        if len(found) >= MOST:
            break
    return list(found.values())


def _file(version: tuple[int, int]) -> Path | None:
    """The meta-schema of a version, where it is at hand, and what reads it."""
    if importlib.util.find_spec("jsonschema_rs") is None:
        return None
    package = importlib.util.find_spec("openapi_spec_validator")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0]) / "resources" / "schemas"
    file = folder / "v{}.{}".format(*version) / "schema.json"
    return file if file.is_file() else None


@lru_cache(maxsize=3)
def _validator(file: Path) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(json.loads(file.read_text(encoding="utf-8")), validate_formats=False)


def _deepest(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives, the one that came furthest: it is the one that was meant."""
    branches: list[list[ValidationError]] = [each for each in getattr(error.kind, "context", ()) if each]
    if not branches:
        yield error
        return
    meant = max(branches, key=lambda branch: max(len(each.instance_path) for each in branch))
    for inner in meant:
        yield from _deepest(inner)


def _message(error: ValidationError) -> str:
    text = str(error.message)
    value = json.dumps(error.instance, ensure_ascii=False)
    return text.replace(value, "this") if len(value) > 60 and value in text else text[:200]
