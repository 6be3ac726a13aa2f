"""References that lead nowhere as they are written, and what they must have meant.

Each row of the table is one mistake of published documents; other tools read most of them without a word.
What a reading names has to exist: a reference that is right, or means nothing, is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dynaclient import late

_NAME = late.pattern(r"[^/#.:\s][^/#:]*")
_COMPONENT = late.pattern(r"(#/components/[^/]+/)(.+/.+)")


def _trimmed(ref: str) -> str:
    return ref.strip()


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


def _unescaped(ref: str) -> str:
    """A slash in a name that is not written `~1`."""
    found = _COMPONENT.fullmatch(ref)
    return found[1] + found[2].replace("/", "~1") if found else ref


_MISTAKES: tuple[Callable[[str], str], ...] = (_trimmed, _with_root, _of_swagger, _name, _unescaped)


def readings(ref: str) -> Iterator[str]:
    """What else the text of a `$ref` may mean, the closest first."""
    seen = {ref}
    for mend in _MISTAKES:
        ref = mend(ref)
        if ref not in seen:
            seen.add(ref)
            yield ref
