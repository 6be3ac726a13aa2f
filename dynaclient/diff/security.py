"""What changed of servers, security schemes and what operations ask for of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from dynaclient.diff.operations import Told
from dynaclient.document.document import Document
from dynaclient.document.model import Operation, SecurityScheme
from dynaclient.document.node import Node
from dynaclient.document.servers import Server, servers

Alternative = dict[str, frozenset[str]]
"""Scheme name -> the scopes that it needs."""


def compare_security(old: Document, before: Operation, new: Document, after: Operation) -> Iterator[Told]:
    """Which callers are let in: each alternative that was enough has to be enough."""
    was, now = _alternatives(old, before), _alternatives(new, after)
    if was == now:
        return
    nodes = (_asked(old, before), _asked(new, after))
    message = f"{_text(was)} -> {_text(now)}"
    lost = [each for each in was if not any(_is_enough(each, other) for other in now)]
    if not lost:
        reason = "what was enough still is"
        yield Told("safe", "callers", "security", message, reason, *nodes)
        return
    by_name = [each for each in lost if not any(other.keys() <= each.keys() for other in now)]
    if by_name:
        reason = f"callers with {_one(by_name[0])} are refused"
        yield Told("breaking", "callers", "security", message, reason, *nodes)
    else:
        reason = "the token of a caller may lack a scope"
        yield Told("may break", "callers", "security", message, reason, *nodes)


def _alternatives(document: Document, operation: Operation) -> list[Alternative]:
    node = _asked(document, operation)
    stated = node.value if node is not None and isinstance(node.value, list) else []
    found = []
    for each in stated:
        given = each if isinstance(each, dict) else {each: []} if isinstance(each, str) else {}
        found.append({name: _scopes(scopes) for name, scopes in given.items()})
    return found or [{}]


def _scopes(said: Any) -> frozenset[str]:
    return frozenset(map(str, said)) if isinstance(said, list) else frozenset()


def _asked(document: Document, operation: Operation) -> Node | None:
    own = operation.node.get("security")
    return own if own is not None else document.root.get("security")


def _is_enough(has: Alternative, asked: Alternative) -> bool:
    return all(name in has and scopes <= has[name] for name, scopes in asked.items())


def _text(alternatives: list[Alternative]) -> str:
    return " or ".join(map(_one, alternatives))


def _one(alternative: Alternative) -> str:
    shown = [
        f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in alternative.items()
    ]
    return " and ".join(shown) or "no credentials"


# -- schemes --------------------------------------------------------------------------------------------


def compare_schemes(
    old: dict[str, SecurityScheme], new: dict[str, SecurityScheme]
) -> Iterator[tuple[str, Told]]:
    """The schemes of both documents: where a credential travels, and how."""
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            reason = "credentials for it are settings of a client, which are refused"
            yield name, Told("breaking", "callers", "", "security scheme removed", reason, before.node)
            continue
        was, now = _travels(before), _travels(after)
        if was != now:
            reason = "a credential is sent in another way"
            told = Told("breaking", "callers", "", f"{was} -> {now}", reason, before.node, after.node)
            yield name, told
    for name in new.keys() - old.keys():
        reason = "operations say whether they ask for it"
        yield name, Told("safe", "callers", "", "security scheme added", reason, None, new[name].node)


def _travels(scheme: SecurityScheme) -> str:
    told = [scheme.kind, scheme.scheme, scheme.parameter and f"{scheme.location} {scheme.parameter}"]
    return " ".join(filter(None, told))


# -- servers --------------------------------------------------------------------------------------------


def compare_servers(old: Node | None, new: Node | None) -> Iterator[Told]:
    """Two lists of Server Objects; the first is where calls go that name none."""
    before, after = servers(old), servers(new)
    was, now = ([each.url for each in several] for several in (before, after))
    if was[:1] != now[:1]:
        message = f"{was[0] if was else 'none'} -> {now[0] if now else 'none'}"
        reason = "calls that name no server go to another one"
        still = " (it is still listed)" if was and was[0] in now else ""
        verdict = "may break" if still else "breaking"
        yield Told(verdict, "callers", "default server", message + still, reason, old, new)  # type: ignore[arg-type]
    for each in was[1:]:
        if each not in now:
            reason = "callers that choose it by its URL, number or description do not find it"
            yield Told("may break", "callers", each, "server removed", reason, old, new)
    for each in now[1:]:
        if each not in was:
            yield Told(
                "safe", "callers", each, "server added", "it is used where a caller chooses it", old, new
            )
    by_url = {each.url: each for each in after}
    for server in before:
        if server.url in by_url:
            yield from _variables(server, by_url[server.url])


def _variables(old: Server, new: Server) -> Iterator[Told]:
    for name in dict.fromkeys(chain(old.variables, new.variables)):
        was, now = old.variables.get(name), new.variables.get(name)
        place = f"{old.url} {{{name}}}"
        if was is None or now is None:
            continue
        if was.text("default") != now.text("default"):
            message = f"default: {was.text('default')} -> {now.text('default')}"
            reason = "calls that do not set it go to another server"
            yield Told("breaking", "callers", place, message, reason, was, now)
        gone = [each for each in _values(was) if _values(now) and each not in _values(now)]
        if gone or (_values(now) and not _values(was)):
            message = f"no longer allows {', '.join(map(str, gone))}" if gone else "enum added"
            yield Told("breaking", "callers", place, message, "such a setting is refused", was, now)


def _values(node: Node) -> list[Any]:
    found = node.get("enum")
    return found.value if found is not None and isinstance(found.value, list) else []
