"""`customer.address.city=Rome`: values for a body by paths into it, each read by its schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from dynaclient.errors import SettingsError
from dynaclient.wire.value_types import ANY, ExpectedType

Read = Callable[[str, list[str], ExpectedType], Any]
"""The value that texts give at a path, of an expected type."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")
_MOST = 10_000
"""The greatest index of an array: `a[999999999]=1` is a slip."""
_DEEPEST = 100
"""Steps of a path: what nests deeper is given as JSON."""

Path = tuple[str | int, ...]


class _Texts(list[str]):
    """What is given for one path."""


def body_of_assignments(given: Iterable[tuple[str, str]], shape: ExpectedType, read: Read) -> Any:
    """The body that pairs of a path and a text make. Raises SettingsError for paths that do not go together.

    A path is names with dots between them; in brackets stand an index of an array, or a name that may hold
    dots. `a[]=1` adds to an array, and so does a path that is given again.
    """
    return body_of_steps([(path, steps_of(path, shape), text) for path, text in given], shape, read)


def body_of_steps(given: Iterable[tuple[str, Path, Any]], shape: ExpectedType, read: Read) -> Any:
    """As `body_of_assignments`, of paths whose steps are known."""
    tree: dict[str | int, Any] = {}
    for path, steps, text in given:
        _put(tree, path, steps, text)
    return _built(tree, shape, "", read)


def steps_of(path: str, shape: ExpectedType) -> Path:
    """The steps of a path: names, indices, and -1 for `[]`. Raises SettingsError for what is none."""
    if path in shape.properties:  # a name that has a dot itself
        return (path,)
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or (at == 0 and path[0] == "."):
            raise SettingsError(f"{path}=...: expected a path such as customer.items[0].sku")
        name, inside = found[1], found[2]
        steps.append(_step(path, name if inside is None else inside, inside is not None, shape))
        shape = (shape.items or ANY) if isinstance(steps[-1], int) else shape.property(steps[-1])
        at = found.end()
        if len(steps) > _DEEPEST:
            raise SettingsError(
                f"{path[:40]}...=...: the path has more than {_DEEPEST} steps; give the body as JSON"
            )
    if not steps:
        raise SettingsError("expected NAME=VALUE, got no name")
    return tuple(steps)


def _step(path: str, text: str, in_brackets: bool, shape: ExpectedType) -> str | int:
    """A name, or the index of an item: what brackets hold is an index unless an object is expected there."""
    if not in_brackets or ("array" not in shape.types and (shape.types or text in shape.properties)):
        return text
    if text == "":
        return -1
    if not (text.isascii() and text.isdigit()):
        return text
    if len(text) > len(str(_MOST)) or int(text) > _MOST:
        raise SettingsError(f"{path[:100]}=...: the index is above {_MOST:,}")
    return int(text)


def _put(tree: dict[str | int, Any], path: str, steps: Path, text: str) -> None:
    for step in steps[:-1]:
        at = len(tree) if step == -1 else step
        below = tree.setdefault(at, {})
        if isinstance(below, _Texts):
            raise SettingsError(f"{path}=... goes into what has a value already")
        tree = below
    last = len(tree) if steps[-1] == -1 else steps[-1]
    texts = tree.setdefault(last, _Texts())
    if not isinstance(texts, _Texts):
        raise SettingsError(f"{path}=... is given whole, and in parts")
    texts.append(text)


def _built(tree: Any, shape: ExpectedType, path: str, read: Read) -> Any:
    if isinstance(tree, _Texts):
        return read(path, tree, shape)
    indices = [step for step in tree if isinstance(step, int)]
    if not indices:
        return {
            name: _built(below, shape.property(str(name)), f"{path}.{name}" if path else str(name), read)
            for name, below in tree.items()
        }
    if len(indices) < len(tree):
        raise SettingsError(f"{path or 'the body'} is given as an array, and as an object")
    if missing := set(range(max(indices) + 1)) - set(indices):
        raise SettingsError(f"{path}[{min(missing)}] is not given, but a later item is")
    return [_built(tree[at], shape.items or ANY, f"{path}[{at}]", read) for at in sorted(indices)]
