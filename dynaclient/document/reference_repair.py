"""References that lead nowhere as they are written, and what they must have meant; `$id`s and anchors.

Each row of the table is one mistake of published documents; other tools read most of them without a word.
What a reading names has to exist: a reference that is right, or means nothing, is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from dynaclient.document.node import WITHIN, Node, rebase

_NO_SCHEMAS = ("enum", "const", "example")
"""Keywords whose arguments are data, whatever it looks like."""


def marks(files: Iterable[Node]) -> dict[str, Node]:
    """Every named location below the roots of `files`, by its absolute URI."""
    found: dict[str, Node] = {}
    for root in files:
        found.update(_below(root))
    return found


def _below(root: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    pending = [root]
    while pending:
        outer = pending.pop()
        node = rebase(outer)
        if isinstance(node.value, dict):
            if isinstance(node.value.get("$id"), str):
                found.setdefault(node.base, outer)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.value.get(keyword), str):
                    found.setdefault(f"{node.base}#{node.value[keyword]}", outer)
            pending += [child for key, child in node.items() if key not in _NO_SCHEMAS]
        else:
            pending += node.elements()
    return found


_NAME = re.compile(r"[^/#.:\s][^/#:]*")
_COMPONENT = re.compile(r"(#/components/[^/]+/)(.+/.+)")


def _trimmed(ref: str) -> str:
    return ref.strip()


def _slashed(ref: str) -> str:
    """`schemas\\Pet.yaml`, as Windows writes paths."""
    return ref.replace("\\", "/")


def _pointed(ref: str) -> str:
    """`pets.yaml#Pet` for what is called Pet in the file, `Pet.yaml#/` for all of it."""
    file, _, name = ref.partition("#")
    if not file or not name:
        return ref
    return file if name == "/" else f"{file}#/{name.removeprefix('/')}"


def _with_root(ref: str) -> str:
    """`#components/schemas/Pet`, `/components/schemas/Pet`, `#//components/schemas/Pet/`."""
    path = ref.lstrip("#/").rstrip("/")
    return f"#/{path}" if path.startswith("components/") else ref


def _of_swagger(ref: str) -> str:
    """`#/definitions/Pet`, which is where Swagger 2.0 keeps its schemas."""
    return re.sub(r"^#?/?definitions/", "#/components/schemas/", ref)


def _name(ref: str) -> str:
    """`Pet` alone."""
    return f"#/components/schemas/{ref}" if _NAME.fullmatch(ref) else ref


def _singular(ref: str) -> str:
    """`#/components/schema/Pet`, as no section of the components is called."""
    return re.sub(
        r"^#/components/(schema|parameter|response|header|link|callback)/", r"#/components/\1s/", ref
    )


def _unescaped(ref: str) -> str:
    """A slash in a name that is not written `~1`."""
    found = _COMPONENT.fullmatch(ref)
    return found[1] + found[2].replace("/", "~1") if found else ref


def _within(ref: str, pointer: str) -> Iterator[str]:
    """`#/$defs/Pet` in a JSON Schema that was put into the document as a whole: in what is around it."""
    while pointer and ref.startswith(WITHIN):
        yield f"#{pointer}{ref[1:]}"
        pointer = pointer.rpartition("/")[0]


_MISTAKES: tuple[Callable[[str], str], ...] = (
    _trimmed,
    _slashed,
    _pointed,
    _with_root,
    _of_swagger,
    _singular,
    _name,
    _unescaped,
)


def readings(ref: str, pointer: str = "") -> Iterator[str]:
    """What else the text of a `$ref` at the location `pointer` may mean, the closest first."""
    yield from _within(ref, pointer)
    seen = {ref}
    for mend in _MISTAKES:
        ref = mend(ref)
        if ref not in seen:
            seen.add(ref)
            yield ref
