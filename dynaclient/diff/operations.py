"""What changed of one operation: all but its schemas is decided here; of those it says which to compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynaclient._support.messages import pluralize
from dynaclient.diff.change import Affected, Verdict
from dynaclient.document.model import MediaType, Operation, Parameter, RequestBody, ResponseObject, template
from dynaclient.document.node import NOWHERE, Node
from dynaclient.schema.keywords import Direction
from dynaclient.wire.media_types import essence


@dataclass(frozen=True)
class Told:
    """A change of an operation, before it is known what else it touches."""

    verdict: Verdict
    affected: Affected
    place: str
    message: str
    reason: str
    old: Node | None = None
    new: Node | None = None


@dataclass(frozen=True)
class Use:
    """Two schemas that describe the same part of an operation."""

    direction: Direction
    place: str
    old: Node
    new: Node


Found = Iterator[Told | Use]


def compare_operations(old: Operation, new: Operation, *, received: bool = False) -> Found:
    """What changed between two operations. `received`: whether the API sends it, as it does a webhook."""
    if not received:
        yield from _named(old, new)
    yield from _parameters(old, new, received)
    yield from _bodies(old, new, received)
    if not received:
        yield from _responses(old, new)
    if new.deprecated != old.deprecated:
        message = "deprecated" if new.deprecated else "no longer deprecated"
        yield Told("safe", "callers", "", message, "it can be called as before", old.node, new.node)


def _named(old: Operation, new: Operation) -> Found:
    nodes = (old.node, new.node)
    if old.key != new.key and old.operation_id:
        reason = f"callers by operationId do not find it; {old.method} {old.path} still works"
        yield Told("breaking", "callers", "operationId", f"{old.key} -> {new.key}", reason, *nodes)
    was, now = f"{old.method} {path_shape(old.path)}", f"{new.method} {path_shape(new.path)}"
    if was != now:
        message = f"{old.method} {old.path} -> {new.method} {new.path}"
        yield Told("breaking", "callers", "path", message, "requests go to where it was", *nodes)


def path_shape(path: str) -> str:
    """A path template without the names of its parameters."""
    return "".join(literal if name is None else "{}" for literal, name in template(path))


# -- parameters -----------------------------------------------------------------------------------------


def _parameters(old: Operation, new: Operation, received: bool) -> Found:
    affected: Affected = "readers" if received else "callers"
    pairs = dict(_paired(old, new))
    for before in old.parameters:
        after = pairs.get(before.key)
        if after is None:
            yield from _lost(before, new, affected)
        else:
            yield from _parameter(before, after, affected, "response" if received else "request")
    taken = {each.key for each in pairs.values()}
    for after in (each for each in new.parameters if each.key not in taken):
        place = f"{after.location} {after.name}"
        if after.required and not received:
            said = "required parameter added", "calls without it are refused"
            yield Told("breaking", affected, place, *said, None, after.node)
        else:
            yield Told("safe", affected, place, "parameter added", "it is optional", None, after.node)
    yield from _positions(old, new, pairs)


def _paired(old: Operation, new: Operation) -> Iterator[tuple[str, Parameter]]:
    """The key of each old parameter with what it is now; those of the path by where they stand in it."""
    by_key = {_mark(each): each for each in new.parameters}
    names = [
        dict.fromkeys(name for _, name in template(each.path) if name is not None) for each in (old, new)
    ]
    moved = dict(zip(*names, strict=False)) if len(names[0]) == len(names[1]) else {}
    for each in old.parameters:
        name = moved.get(each.name, each.name) if each.location == "path" else each.name
        found = by_key.get(_mark(each, name))
        if found is not None:
            yield each.key, found


def _mark(parameter: Parameter, name: str | None = None) -> tuple[str, str]:
    name = parameter.name if name is None else name
    return parameter.location, name.lower() if parameter.location == "header" else name


def _lost(old: Parameter, new: Operation, affected: Affected) -> Found:
    place = f"{old.location} {old.name}"
    moved = next((each for each in new.parameters if each.name == old.name), None)
    if moved is not None:
        reason = f"the server reads it in the {moved.location}"
        message = f"moved from {old.location} to {moved.location}"
        yield Told("breaking", affected, place, message, reason, old.node, moved.node)
    elif affected == "callers":
        reason = "calls that give it are refused: no such parameter"
        yield Told("breaking", affected, place, "parameter removed", reason, old.node)
    else:
        verdict: Verdict = "breaking" if old.required else "may break"
        yield Told(verdict, affected, place, "parameter removed", "it may not be sent any more", old.node)


def _parameter(old: Parameter, new: Parameter, affected: Affected, direction: Direction) -> Found:
    place, nodes = f"{old.location} {old.name}", (old.node, new.node)
    if old.name != new.name and old.location == "path":
        reason = "callers give it by its name; on the wire nothing changes"
        yield Told("breaking", affected, place, f"renamed: {old.name} -> {new.name}", reason, *nodes)
    if new.required != old.required:
        message = "optional -> required" if new.required else "required -> optional"
        worse = new.required if direction == "request" else old.required
        said = "calls without it are refused" if direction == "request" else "it may not be sent any more"
        yield Told("breaking" if worse else "safe", affected, place, message, said if worse else "", *nodes)
    if new.deprecated and not old.deprecated:
        yield Told("safe", affected, place, "deprecated", "it can be given as before", *nodes)
    ways = [(each.style, each.explode, each.allow_reserved) for each in (old, new)]
    if old.media_type is None and new.media_type is None and _written(old, *ways):
        reason = "the same value is written in another way"
        yield Told("breaking", affected, place, _ways(old, new), reason, *nodes)
    if (old.media_type is None) != (new.media_type is None):
        message = "schema -> content" if new.media_type else "content -> schema"
        reason = "the same value is written in another way"
        yield Told("breaking", affected, place, message, reason, *nodes)
    elif old.media_type and new.media_type and essence(old.media_type.name) != essence(new.media_type.name):
        message = f"content: {old.media_type.name} -> {new.media_type.name}"
        yield Told("breaking", affected, place, message, "the same value is written in another way", *nodes)
    yield from _use(direction, place, old.value_schema, new.value_schema, affected)


def _written(old: Parameter, was: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Whether the same value is written in another way; a scalar is written alike whatever `explode` says."""
    if was == now:
        return False
    return was[0] != now[0] or was[2] != now[2] or not _is_scalar(old)


def _is_scalar(parameter: Parameter) -> bool:
    schema = parameter.schema
    kind = schema.value.get("type") if schema is not None and isinstance(schema.value, dict) else None
    return kind in ("string", "integer", "number", "boolean")


def _ways(old: Parameter, new: Parameter) -> str:
    said = []
    for name in ("style", "explode", "allow_reserved"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            word = {"allow_reserved": "allowReserved"}.get(name, name)
            said.append(f"{word}: {_said(was)} -> {_said(now)}")
    return ", ".join(said)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _positions(old: Operation, new: Operation, pairs: Mapping[str, Parameter]) -> Found:
    """Required parameters in another order: positional arguments go to others."""
    before = [pairs[each.key].key for each in old.required if each.key in pairs]
    after = [each.key for each in new.required if each.key in before]
    if before != after and sorted(before) == sorted(after):
        names = [", ".join(key.partition(".")[2] for key in keys) for keys in (before, after)]
        reason = "callers that give them by position give the wrong ones"
        message = f"order of required parameters: {names[0]} -> {names[1]}"
        yield Told("may break", "callers", "", message, reason, old.node, new.node)


def _use(direction: Direction, place: str, old: Node | None, new: Node | None, affected: Affected) -> Found:
    """Two schemas to compare; where one document has none, it allows anything."""
    if old is not None and new is not None:
        yield Use(direction, place, old, new)
    elif old is not None or new is not None:
        narrowed = (new is not None) == (direction == "request")
        message = "schema added" if new is not None else "schema removed"
        verdict: Verdict = "may break" if narrowed else "safe"
        reason = "any value was allowed" if new is not None else "any value is allowed"
        yield Told(verdict, affected, place, message, reason, old, new)


# -- bodies ---------------------------------------------------------------------------------------------


def _bodies(old: Operation, new: Operation, received: bool) -> Found:
    affected: Affected = "readers" if received else "callers"
    before, after = old.body, new.body
    if before is None or after is None:
        yield from _body_alone(before, after, affected)
        return
    if before.required != after.required:
        worse = after.required != received
        message = "optional -> required" if after.required else "required -> optional"
        reason = (
            ("it may not be sent any more" if received else "calls without it are refused") if worse else ""
        )
        yield Told(
            "breaking" if worse else "safe", affected, "body", message, reason, before.node, after.node
        )
    direction: Direction = "response" if received else "request"
    yield from _contents(direction, "body", before.content, after.content, affected)


def _body_alone(old: RequestBody | None, new: RequestBody | None, affected: Affected) -> Found:
    if old is not None:
        reason = "calls with a body are refused" if affected == "callers" else "it is not sent any more"
        yield Told("breaking", affected, "body", "body removed", reason, old.node)
    elif new is not None and new.required and affected == "callers":
        reason = "calls without it are refused"
        yield Told("breaking", affected, "body", "required body added", reason, None, new.node)
    elif new is not None:
        yield Told("safe", affected, "body", "body added", "it is optional", None, new.node)


def _contents(
    direction: Direction,
    place: str,
    old: Mapping[str, MediaType],
    new: Mapping[str, MediaType],
    affected: Affected,
) -> Found:
    """The media types of a body. Names are compared without case and parameters."""
    after = {essence(name): each for name, each in new.items()}
    before = {essence(name): each for name, each in old.items()}
    several = len(before) > 1 or len(after) > 1
    for name, was in before.items():
        now = after.get(name) or _covering(name, after)
        here = f"{place} {name}" if several else place
        if now is not None:
            yield from _use(direction, here, was.schema, now.schema, affected)
            if was.item_schema is not None and now.item_schema is not None:
                yield Use(direction, f"{here} items", was.item_schema, now.item_schema)
            yield from _encodings(here, was, now, affected)
        elif new or direction == "request":
            reason = _LOST[direction]
            yield Told("breaking", affected, here, f"media type {name} removed", reason, was.node)
    for name in after.keys() - before.keys():
        if not _covering(name, before):
            message = f"media type {name} added"
            yield Told("safe", affected, place, message, _GAINED[direction], None, after[name].node)


_LOST: dict[Direction, str] = {
    "request": "requests with such a body are refused",
    "response": "callers that accept nothing else get no response",
}
_GAINED: dict[Direction, str] = {
    "request": "more is accepted",
    "response": "callers that do not accept it do not get it",
}
"""What it means that a media type is no longer there, or new."""


def _covering(name: str, content: Mapping[str, MediaType]) -> MediaType | None:
    """The range that `name` is in: `text/*`, `*/*`."""
    return content.get(f"{name.partition('/')[0]}/*") or content.get("*/*")


def _encodings(place: str, old: MediaType, new: MediaType, affected: Affected) -> Found:
    for name in dict.fromkeys((*old.encoding, *new.encoding)):
        was, now = (each.encoding.get(name, NOWHERE).value or {} for each in (old, new))
        kept = ("contentType", "style", "explode", "allowReserved")
        changed = [word for word in kept if was.get(word) != now.get(word)]
        if changed:
            message = ", ".join(
                f"{word}: {was.get(word, 'none')} -> {now.get(word, 'none')}" for word in changed
            )
            reason = "the same value may be written in another way"
            nodes = old.encoding.get(name), new.encoding.get(name)
            yield Told("may break", affected, f"{place}.{name} encoding", message, reason, *nodes)


# -- responses ------------------------------------------------------------------------------------------


def _responses(old: Operation, new: Operation) -> Found:
    before = {each.status: each for each in old.responses}
    after = {each.status: each for each in new.responses}
    for status in dict.fromkeys((*before, *after)):
        was, now = before.get(status), after.get(status)
        place = f"response {status}"
        if was is not None and now is not None:
            yield from _response(place, was, now)
        elif now is not None:
            yield from _added_status(place, status, now, before)
        elif was is not None:
            yield from _removed_status(place, status, was, after)


def _added_status(
    place: str, status: str, now: ResponseObject, before: Mapping[str, ResponseObject]
) -> Found:
    covering = _covers(status, before)
    if covering is not None:
        yield Told("safe", "readers", place, "status added", f"{covering.status} covered it", None, now.node)
        yield from _response(place, covering, now)
    elif status[:1] in "45" or status == "default":
        yield Told("safe", "readers", place, "status added", "it is an error", None, now.node)
    elif not before:
        yield Told("safe", "readers", place, "status added", "none was listed before", None, now.node)
    else:
        reason = "readers do not expect this status"
        yield Told("breaking", "readers", place, "status added", reason, None, now.node)


def _removed_status(
    place: str, status: str, was: ResponseObject, after: Mapping[str, ResponseObject]
) -> Found:
    covering = _covers(status, after)
    if covering is not None:
        yield Told("safe", "readers", place, "status removed", f"{covering.status} covers it", was.node)
        yield from _response(place, was, covering)
    else:
        yield Told("safe", "readers", place, "status removed", "it is not sent any more", was.node)


def _covers(status: str, known: Mapping[str, ResponseObject]) -> ResponseObject | None:
    """What else the document says of a status: its range, or `default`, which is not for redirects."""
    if status == "default":
        return None
    found = known.get(f"{status[:1]}XX") if not status.endswith("XX") else None
    return found or (known.get("default") if status[:1] != "3" else None)


def _response(place: str, old: ResponseObject, new: ResponseObject) -> Found:
    if old.content and not new.content:
        reason = "readers expect a body"
        yield Told("breaking", "readers", f"{place} body", "body removed", reason, old.node, new.node)
    elif new.content and not old.content:
        reason = "none was described: readers do not look at it"
        yield Told("safe", "readers", f"{place} body", "body added", reason, old.node, new.node)
    else:
        yield from _contents("response", f"{place} body", old.content, new.content, "readers")
    yield from _headers(place, old, new)
    gone = [name for name in old.links if name not in new.links]
    if gone:
        message = f"{pluralize(len(gone), 'link')} removed: {', '.join(gone)}"
        reason = "callers that follow it do not find it"
        yield Told("breaking", "callers", f"{place} links", message, reason, old.node, new.node)


def _headers(place: str, old: ResponseObject, new: ResponseObject) -> Found:
    before = {each.name.lower(): each for each in old.headers}
    after = {each.name.lower(): each for each in new.headers}
    for name, was in before.items():
        here, now = f"{place} header {was.name}", after.get(name)
        if now is None:
            verdict: Verdict = "breaking" if was.required else "may break"
            reason = (
                "it was required" if was.required else "it was optional, and nothing says that it is sent"
            )
            yield Told(verdict, "readers", here, "header removed", reason, was.node)
            continue
        if was.required != now.required:
            message = "required -> optional" if was.required else "optional -> required"
            worse = was.required
            said = "responses may lack it" if worse else ""
            yield Told("breaking" if worse else "safe", "readers", here, message, said, was.node, now.node)
        yield from _use("response", here, was.value_schema, now.value_schema, "readers")
    for name in after.keys() - before.keys():
        here = f"{place} header {after[name].name}"
        reason = "readers do not look at what they do not know"
        yield Told("safe", "readers", here, "header added", reason, None, after[name].node)
