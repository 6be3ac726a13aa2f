"""Path templates that are written as other languages write them, and what they must have meant.

Names that a reading puts into the path have to be declared as path parameters, names that it takes out of it
as query parameters: a path that is right, or means nothing, is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from dynaclient.document.operation import template

_NAMED = re.compile(
    r"\{\{(?P<double>[^{}]+)\}\}"  # {{id}}
    r"|\{(?P<pattern>[^{}:=?&]+)[:=](?:[^{}]|\{[^{}]*\})*\}"  # {id:[0-9]+}, {name=shelves/*}
    r"|(?<=/):(?P<colon>[A-Za-z_]\w*)"  # :id
    r"|<(?:\w+:)?(?P<angles>\w+)>"  # <id>, <int:id>
)
_EXPANSION = re.compile(r"\{[?&]([^{}]+)\}")  # {?page,size}, RFC 6570
_PAIR = re.compile(r"(?<=[?&])[^?&=]*=\{([^{}]+)\}(?:&|$)")  # ?page={page}


def meant(path: str, in_path: Collection[str], in_query: Collection[str]) -> str:
    """`path` as OpenAPI writes it, for the names that are declared in the path and in the query."""
    names = [name for _, name in template(path)]

    def named(found: re.Match[str]) -> str:
        name = next(filter(None, found.groups())).strip()
        return f"{{{name}}}" if name in in_path and name not in names else found[0]

    def elsewhere(found: re.Match[str]) -> str:
        names = [each.strip().rstrip("*") for each in found[1].split(",")]
        return "" if all(each in in_query and each not in in_path for each in names) else found[0]

    path = _EXPANSION.sub(elsewhere, _NAMED.sub(named, path.strip()))
    return _PAIR.sub(elsewhere, path).rstrip("?&") if "?" in path else path
