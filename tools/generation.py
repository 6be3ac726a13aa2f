"""Give a document that has structure but no prose the words of generations that were written before.

    python tools/generation.py STRUCTURE.yaml --words spec/talon-one-integration/2026-05.yaml \\
        -o spec/talon-one-integration/NAME.yaml

Words are `summary` and `description`. The structure's own words, if it has any, are dropped: they are
somebody else's. A word is carried over by the identity of the thing that it describes:

    operation         its operationId
    parameter         operationId, place and name; else place and name, in any operation
    response          operationId and status; an error also by its status alone, in any operation
    schema, property  the schema's name, and the way to the property; a schema whose name was only counted
                      (`InlineResponse2001`) is known by the schemas that it refers to
    security scheme   its name
    server            its url, else any server

Words that already stand in the output file win, then the --words documents in the order given. Nothing but
words is added, nothing else is changed. What still lacks words is printed: write it into the output file, and
run again.

Exit status: 0; 1 when an operation, a parameter, a response or a schema lacks words; 2 when a file cannot be
used. Properties that no document has seen before are printed too, but never fail: many need only their name.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dynaclient.document.reader import parse_file
from dynaclient.errors import DocumentError

Tree = dict[str, Any]
Identity = tuple[str, ...]
Words = dict[Identity, dict[str, str]]

WORDS = ("summary", "description")
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
# Below these keys stand names that the document chose: a property called `description` is not a description.
NAMED = frozenset({"properties", "schemas", "responses", "parameters", "requestBodies", "securitySchemes"})
NAMED |= {"paths", "content", "headers", "encoding", "links", "callbacks", "variables", "mapping", "scopes"}
# Below these keys stand values, in which no key means anything to OpenAPI.
VALUES = frozenset({"default", "enum", "const", "example", "examples"})
# A name that a generator made up by counting says nothing, and moves whenever an operation is added.
COUNTED = re.compile(r"inline_?response[_\d]+", re.IGNORECASE)


class Kind(NamedTuple):
    """What is the same for all places of one kind."""

    after: str = ""  # the key that the words follow; first when there is no such key
    takes: tuple[str, ...] = ("description",)
    needed: bool = False


KINDS = {
    "info": Kind("title"),
    "server": Kind("url"),
    "operation": Kind("operationId", WORDS, needed=True),
    "parameter": Kind("in", needed=True),
    "request body": Kind(),
    "response": Kind(needed=True),
    "schema": Kind(needed=True),
    "property": Kind(),
    "security scheme": Kind(),
}


class Place(NamedTuple):
    """A thing that can carry words, and the identities under which they are looked up, surest first."""

    kind: str
    node: Tree
    identities: tuple[Identity, ...]

    @property
    def label(self) -> str:
        """What a person calls the place."""
        return " ".join(self.identities[0])


def strip(tree: Any, named: bool = False) -> Any:
    """A copy of a document, or of a part, without words; `named` where the keys are chosen names."""
    if isinstance(tree, list):
        return [strip(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if named:
        return {name: strip(part) for name, part in tree.items()}
    kept = ((key, part) for key, part in tree.items() if key not in WORDS)
    return {key: part if key in VALUES else strip(part, key in NAMED) for key, part in kept}


def places(document: Tree) -> Iterator[Place]:
    """Everything that can carry words, in document order. References carry none of their own."""
    yield Place("info", document["info"], (("info",),))
    for server in document.get("servers", ()):
        yield Place("server", server, (("server", server.get("url", "")), ("server",)))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield from _operation(operation.get("operationId") or f"{method.upper()} {path}", operation)
    components = document.get("components", {})
    for name, schema in components.get("schemas", {}).items():
        identity = ("schema", _name(name, schema))
        yield Place("schema", schema, (identity,))
        yield from _properties(schema, identity)
    for name, scheme in components.get("securitySchemes", {}).items():
        yield Place("security scheme", scheme, (("security scheme", name),))


def _operation(key: str, operation: Tree) -> Iterator[Place]:
    yield Place("operation", operation, (("operation", key),))
    for parameter in operation.get("parameters", ()):
        if "$ref" not in parameter:
            own = (parameter["in"], parameter["name"])
            yield Place("parameter", parameter, (("parameter", key, *own), ("parameter", *own)))
    body = operation.get("requestBody", {})
    if body and "$ref" not in body:
        yield Place("request body", body, (("request body", key),))
    for status, response in operation.get("responses", {}).items():
        if "$ref" not in response:
            yield Place("response", response, _response(key, str(status)))


def _response(key: str, status: str) -> tuple[Identity, ...]:
    """A success says what this operation answers; an error is the same everywhere."""
    own = ("response", key, status)
    return (own,) if status.startswith("2") else (own, ("response", status))


def _name(name: str, schema: Tree) -> str:
    """The schema's name; for a counted one, what it is made of."""
    if not COUNTED.fullmatch(name):
        return name
    return "inline " + " ".join(re.findall(r"schemas/(\w+)", str(schema)))


def _properties(schema: Any, identity: Identity) -> Iterator[Place]:
    if not isinstance(schema, dict):
        return
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and "$ref" not in part:
            yield Place("property", part, (("property", *identity[1:], name),))
            yield from _properties(part, (*identity, name))
    for key in ("items", "additionalProperties"):
        yield from _properties(schema.get(key), (*identity, key))
    for key in ("allOf", "anyOf", "oneOf"):
        for position, part in enumerate(schema.get(key, ())):
            yield from _properties(part, (*identity, key, str(position)))


def words_of(document: Tree) -> Words:
    """The words of a document by identity; where a looser one fits several places, those of the first."""
    found: Words = {}
    for place in places(document):
        words = {key: " ".join(place.node[key].split()) for key in WORDS if place.node.get(key)}
        found.setdefault(place.identities[0], words)
        for identity in place.identities[1:]:
            if words:
                found.setdefault(identity, words)
    return found


def merge(structure: Tree, sources: Sequence[Words], standing: Words) -> tuple[Tree, list[Place]]:
    """The structure with words, those that stand already before those of the sources; and what lacks some."""
    document: Tree = strip(structure)
    lacking = []
    for place in list(places(document)):
        words = {key: _word(place, key, [standing, *sources]) for key in KINDS[place.kind].takes}
        # The specification requires a description of a response, were it empty.
        _insert(place, {key: word for key, word in words.items() if word or place.kind == "response"})
        if not all(words.values()) and _asks_for_words(place, sources):
            lacking.append(place)
    return document, lacking


def _asks_for_words(place: Place, sources: Sequence[Words]) -> bool:
    """A property that a source knows without words needs none: there its name was found to be enough."""
    new = place.kind == "property" and not any(place.identities[0] in source for source in sources)
    return new or KINDS[place.kind].needed


def _word(place: Place, key: str, sources: Sequence[Words]) -> str:
    candidates = (source.get(identity, {}).get(key) for identity in place.identities for source in sources)
    return next(filter(None, candidates), "")


def _insert(place: Place, words: dict[str, str]) -> None:
    items = list(place.node.items())
    after = KINDS[place.kind].after
    at = 1 + list(place.node).index(after) if after in place.node else 0
    place.node.clear()
    place.node.update([*items[:at], *words.items(), *items[at:]])


class _Dumper(yaml.SafeDumper):
    """Writes every value out where it stands: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(document: Tree) -> str:
    """The document as YAML in document order, text wrapped."""
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def load(path: Path) -> Tree:
    """The tree of a YAML or JSON file; SystemExit says what is wrong with it."""
    try:
        tree = parse_file(path.read_bytes(), path.name)
    except (OSError, DocumentError) as error:
        sys.exit(_unusable(str(error)))
    if not isinstance(tree, dict) or not {"info", "paths"} <= tree.keys():
        sys.exit(_unusable(f"{path}: not an OpenAPI document with info and paths"))
    return tree


def _unusable(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("structure", type=Path, help="document whose structure is kept")
    parser.add_argument("--words", type=Path, action="append", default=[], help="document to take words from")
    parser.add_argument("-o", "--output", type=Path, required=True, help="document to write or to complete")
    options = parser.parse_args(arguments)
    standing = words_of(load(options.output)) if options.output.exists() else {}
    sources = [words_of(load(path)) for path in options.words]
    document, lacking = merge(load(options.structure), sources, standing)
    options.output.write_text(write(document), encoding="utf-8")
    for place in lacking:
        print("lacks words:" if KINDS[place.kind].needed else "new, may need words:", place.label)
    return int(any(KINDS[place.kind].needed for place in lacking))


if __name__ == "__main__":
    sys.exit(main())
