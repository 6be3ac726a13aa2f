"""Links in a `Link` header (RFC 8288, section 3). Pure."""

from __future__ import annotations

import re

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


def link_targets(header: str, relation: str) -> list[str]:
    """The targets that `header` has for `relation`, as they are written.

    Names of relations mean the same in any case; of several `rel` of one link the first counts; a link with
    an `anchor` is that of another resource.
    """
    found: list[str] = []
    at = 0
    while target := _TARGET.match(header, at):
        at = target.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, at):
            at = parameter.end()
            name, quoted, token = parameter.groups()
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token or ""
            parameters.setdefault(name.lower(), value)
        if relation in parameters.get("rel", "").lower().split() and not parameters.get("anchor"):
            found.append(target[1])
    return found
