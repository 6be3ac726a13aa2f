"""Documents made for measuring: always the same bytes for the same numbers.

python tools/bench/documents.py FOLDER      writes all of them there, as JSON and as YAML
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Tree = dict[str, Any]

SENTENCE = "It holds what the shop keeps about it, as it was when the last order was taken. "
CIRCLE = 480
"""Components of the recursive document."""


def small() -> Tree:
    """A shop with five operations."""
    pet = _object({"id": _integer(), "name": _text(), "tag": _text()}, ["id", "name"])
    pets = {"type": "array", "items": _ref("Pet")}
    one = [{"name": "petId", "in": "path", "required": True, "schema": _text()}]
    paths = {
        "/pets": {
            "get": _operation("listPets", pets),
            "post": _operation("createPet", _ref("Pet"), _ref("Pet")),
            "put": _operation("replacePets", pets, pets),
        },
        "/pets/{petId}": {
            "get": {**_operation("showPet", _ref("Pet")), "parameters": one},
            "put": {**_operation("updatePet", _ref("Pet"), _ref("Pet")), "parameters": one},
        },
    }
    return _document("Pets", paths, {"Pet": pet})


def many(operations: int, *, unrelated: int = 0, padding: int = 51) -> Tree:
    """`operations` of one kind, each with a schema of its own, of about 6 kB with the default padding.

    `unrelated` components are reached by no operation. 2,000 operations make 12 MB of JSON.
    """
    paths: Tree = {}
    components: Tree = {f"Unrelated{i}": _thing(i, padding) for i in range(unrelated)}
    for i in range(operations):
        paths[f"/things{i}/{{id}}"] = {"put": _put(i)}
        components[f"Thing{i}"] = _thing(i, padding)
    return _document("Things", paths, components)


def thing(i: int = 0) -> Tree:
    """A value for the operation `updateThing{i}`, in both directions."""
    return {"id": i, "name": f"thing {i}", "price": 9.5, "state": "new", "tags": ["a", "b"], "made": MADE}


def circles(operations: int = 450, components: int = CIRCLE, padding: int = 34) -> Tree:
    """Components that refer to each other in circles, so that each operation reaches all of them; 3 MB."""
    paths = {f"/nodes{i}": {"get": _operation(f"getNode{i}", _ref(f"Node{i}"))} for i in range(operations)}
    return _document("Nodes", paths, {f"Node{i}": _node(i, components, padding) for i in range(components)})


def node(i: int, depth: int, components: int = CIRCLE) -> Tree:
    """A value for `Node{i}`, `depth` levels deep, three nodes on each."""
    value: Tree = {"id": i, "name": f"node {i}", "made": MADE}
    if depth:
        one, two, three = (node(j, depth - 1, components) for j in _neighbours(i, components))
        value |= {"next": one, "parts": [two], "named": {"far": three}}
    return value


MADE = "2026-05-01T12:00:00Z"


def _put(i: int) -> Tree:
    operation = _operation(f"updateThing{i}", _ref(f"Thing{i}"), _ref(f"Thing{i}"))
    at = [{"name": "id", "in": "path", "required": True, "schema": _text()}]
    asked = [{"name": name, "in": "query", "schema": _text()} for name in ("view", "locale")]
    return {**operation, "parameters": at + asked, "description": SENTENCE * 10}


def _thing(i: int, padding: int) -> Tree:
    fields = {
        "id": _integer(),
        "name": {**_text(), "minLength": 1},
        "price": {"type": "number", "minimum": 0},
        "state": {"type": "string", "enum": ["new", "used", f"of kind {i}"]},
        "tags": {"type": "array", "items": _text()},
        "made": {"type": "string", "format": "date-time"},
        "parts": {"type": "array", "items": _object({"sku": _text(), "count": _integer()}, ["sku"])},
    }
    return {**_object(fields, ["id", "name"]), "description": SENTENCE * padding}


def _node(i: int, components: int, padding: int) -> Tree:
    one, two, three = (_ref(f"Node{j}") for j in _neighbours(i, components))
    fields = {
        "id": _integer(),
        "name": {**_text(), "minLength": 1},
        "made": {"type": "string", "format": "date-time"},
        "next": one,
        "parts": {"type": "array", "items": two},
        "named": {"type": "object", "additionalProperties": three},
        **{f"field{k}": {**_text(), "maxLength": 100 + k, "description": SENTENCE} for k in range(20)},
    }
    return {**_object(fields, ["id", "name"]), "description": SENTENCE * padding}


def _neighbours(i: int, components: int) -> tuple[int, int, int]:
    return (i + 1) % components, (i * 7 + 3) % components, (i * 13 + 5) % components


def _document(title: str, paths: Tree, schemas: Tree) -> Tree:
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": "http://127.0.0.1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(name: str, answer: Tree, body: Tree | None = None) -> Tree:
    asked = {"requestBody": {"required": True, "content": _json(body)}} if body else {}
    said = {"200": {"description": "ok", "content": _json(answer)}}
    return {"operationId": name, **asked, "responses": said}


def _json(schema: Tree) -> Tree:
    return {"application/json": {"schema": schema}}


def _object(properties: Tree, required: list[str]) -> Tree:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> Tree:
    return {"$ref": f"#/components/schemas/{name}"}


def _integer() -> Tree:
    return {"type": "integer", "format": "int64"}


def _text() -> Tree:
    return {"type": "string"}


DOCUMENTS: dict[str, Callable[[], Tree]] = {
    "small": small,
    "large": partial(many, 2_000),
    "circles": circles,
    **{f"grown-{n}": partial(many, n, padding=2) for n in (1, 10, 200, 2_000)},
    "unrelated-2000": partial(many, 1, unrelated=2_000, padding=2),
}
"""File name -> document."""


def write(folder: Path) -> None:
    """Write all of them to `folder`, each as JSON and as YAML, and leave what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in DOCUMENTS.items():
        for ending, text in FORMS.items():
            path = folder / f"{name}.{ending}"
            if not path.exists():
                path.write_text(text(make()))


def _yaml(tree: Tree) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(tree, Dumper=dumper, sort_keys=False, width=100))


FORMS: dict[str, Callable[[Tree], str]] = {"json": json.dumps, "yaml": _yaml}


if __name__ == "__main__":
    write(Path(sys.argv[1]))
