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

from dynaclient.document.document import Document
from dynaclient.document.node import escape
from dynaclient.errors import Finding

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

Steps = tuple[str | int, ...]

MOST = 200
"""After so many findings there is nothing to learn from more."""

MEANING = "not valid OpenAPI; what can be used is used"


def metaschema_findings(document: Document) -> list[Finding]:
    """What the meta-schema refuses, at the deepest location that it names.

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
        for path, message in _deepest(error):
            pointer = "".join(f"/{escape(str(step))}" for step in path)
            found.setdefault(pointer, Finding(pointer, "warning", message, MEANING))
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
    import jsonschema_rs  # optional

    return jsonschema_rs.validator_for(json.loads(file.read_text(encoding="utf-8")), validate_formats=False)


def _deepest(error: ValidationError) -> Iterator[tuple[Steps, str]]:
    """Where it is wrong, and how. Of alternatives, that of the one that was meant.

    It is one that no tag excludes, such as the `in` of a parameter; of several the one that came furthest.
    Where the tag excludes all of them, the tag is wrong.
    """
    branches: list[list[ValidationError]] = [each for each in getattr(error.kind, "context", ()) if each]
    if not branches:
        yield tuple(error.instance_path), _message(error)
        return
    tags = [{tuple(each.instance_path): each for each in branch if _is_tag(each)} for branch in branches]
    common = set.intersection(*(set(each) for each in tags))
    if len(branches) > 1 and common:
        path = min(common)
        known = [text for each in tags for text in _allowed(each[path])]
        value = json.dumps(tags[0][path].instance, ensure_ascii=False)
        yield path, f"{value} is not one of {', '.join(dict.fromkeys(known))}"
        return
    pairs = zip(branches, tags, strict=True)
    fitting = [branch for branch, excluded in pairs if not (excluded or _is_of_references(branch))]
    meant = max(fitting or branches, key=lambda branch: max(len(each.instance_path) for each in branch))
    for inner in meant:
        yield from _deepest(inner)


def _is_of_references(branch: list[ValidationError]) -> bool:
    """Whether nothing but a `$ref` is missing: a Reference Object may stand nearly everywhere."""
    return all(
        each.kind.name == "required" and getattr(each.kind, "property", "") == "$ref" for each in branch
    )


def _is_tag(error: ValidationError) -> bool:
    return error.kind.name in ("enum", "const", "constant") and isinstance(error.instance, str)


def _allowed(error: ValidationError) -> list[str]:
    kind: Any = error.kind
    options = getattr(kind, "options", None)
    values = options if options is not None else [getattr(kind, "expected_value", None)]
    return [json.dumps(each, ensure_ascii=False) for each in values]


_IN_WORDS = {
    "not": "members that exclude each other",
    "contains": "members that do not go together",
}
"""What is said of keywords of the meta-schema whose text would show the meta-schema itself."""


def _message(error: ValidationError) -> str:
    if error.kind.name == "required":
        return f"{getattr(error.kind, 'property', '')!r} is missing"
    if error.kind.name in _IN_WORDS:
        return _IN_WORDS[error.kind.name]
    text = str(error.message)
    value = json.dumps(error.instance, ensure_ascii=False)
    return text.replace(value, "this") if len(value) > 60 and value in text else text[:200]
