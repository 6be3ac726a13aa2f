"""The types of one operation: what a call takes, sends and gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import _ParameterKind
from typing import TYPE_CHECKING

from dynaclient.calls.arguments import offered
from dynaclient.calls.signature import signature
from dynaclient.document.model import MediaType, Operation, Parameter
from dynaclient.stubs.annotations import ANY, BYTES, NONE, STR, Annotation, Word, either, optional, subscript
from dynaclient.stubs.schema_types import SchemaTypes, camel
from dynaclient.wire.media_types import (
    TEXT,
    essence,
    is_bytes,
    is_form,
    is_json,
    is_sequence,
    is_text,
    is_xml,
)

if TYPE_CHECKING:
    from dynaclient.document.document import Document

BINARY, FILE = Word("Binary"), Word("FilePart")


@dataclass
class Argument:
    """A parameter of a method."""

    name: str
    kind: _ParameterKind
    annotation: Annotation
    optional: bool


@dataclass
class OperationTypes:
    """An operation with its types: those of arguments and bodies are of requests, the result of responses."""

    operation: Operation
    before: list[Argument]
    """What stands before the body."""
    after: list[Argument]
    bodies: list[Annotation]
    """The types that the body may have, one for each way to call it; none where it takes no body."""
    result: Annotation
    streams: bool
    """Whether a response may be worth reading as it comes."""


def operation_types(
    operation: Operation, document: Document, outgoing: SchemaTypes, incoming: SchemaTypes
) -> OperationTypes:
    """The types of `operation`; definitions that they need are left in `outgoing` and `incoming`."""
    wanted = camel(operation.attribute)
    shown = [each for each in signature(operation, document).parameters.values() if each.name != "options"]
    names = [each for each in shown if each.name != "body" or operation.body is None]
    parameters = [*operation.required, *(each for each in operation.optional if offered(each))]
    arguments = [
        _argument(parameter, each.name, each.kind, outgoing, wanted)
        for parameter, each in zip(parameters, names, strict=True)
    ]
    count = len(operation.required)
    responses = _successes(operation)
    return OperationTypes(
        operation,
        arguments[:count],
        arguments[count:],
        _apart([*_bodies(operation, outgoing, f"{wanted}Body")], outgoing),
        either(_results(responses, incoming, f"{wanted}Result")),
        any(not is_json(essence(media.name)) for media in responses or () if media),
    )


def _argument(
    parameter: Parameter, name: str, kind: _ParameterKind, outgoing: SchemaTypes, wanted: str
) -> Argument:
    found = outgoing.of(parameter.value_schema, wanted + camel(name))
    return Argument(name, kind, found if parameter.required else optional(found), not parameter.required)


# -- bodies -------------------------------------------------------------------------------------------


def _bodies(operation: Operation, outgoing: SchemaTypes, wanted: str) -> Iterator[Annotation]:
    if operation.body is None:
        return
    for media in operation.body.content.values():
        found = _body(media, outgoing, wanted)
        yield found if operation.body.required else optional(found)
    if not operation.body.content:
        yield ANY


def _apart(bodies: list[Annotation], outgoing: SchemaTypes) -> list[Annotation]:
    """Types of which none is a part of another, as overloads have to be: those that might are one union."""
    kinds = [frozenset(outgoing.kinds(each)) for each in bodies]
    if any(len(each) != 1 for each in kinds):
        return [either(bodies)]
    return [
        either(body for body, its in zip(bodies, kinds, strict=True) if its == kind)
        for kind in dict.fromkeys(kinds)
    ]


def _body(media: MediaType, outgoing: SchemaTypes, wanted: str) -> Annotation:
    """What is given as the body: see the table of `wire.codecs`."""
    kind = essence(media.name)
    if kind.startswith("multipart/"):
        return outgoing.of(media.schema, wanted, _files(media))
    if is_json(kind) or is_form(kind):
        return outgoing.of(media.schema, wanted)
    if is_sequence(kind):
        return either([subscript("Iterable", _item(media, outgoing, wanted)), STR, BINARY])
    if is_xml(kind):
        return either([STR, BINARY])
    if is_text(kind):
        beside = outgoing.of(media.schema, wanted) if kind == TEXT and media.schema else STR
        return either([beside, STR, BINARY])
    return either([BINARY, STR]) if is_bytes(kind) else ANY


def _files(media: MediaType) -> Mapping[str, Annotation]:
    """The types of the properties of a form that are files, or lists of them."""
    return dict.fromkeys(sorted(media.files), FILE)


def _item(media: MediaType, types: SchemaTypes, wanted: str) -> Annotation:
    """The type of the items of a sequence: `schema` is about all of them where it is one of an array."""
    if media.item_schema is not None:
        return types.of(media.item_schema, f"{wanted}Item")
    found = types.of(media.schema, wanted)
    heads = ("list", "Sequence")
    return getattr(found, "parts", (found,))[0] if getattr(found, "head", "") in heads else found


# -- results ------------------------------------------------------------------------------------------


def _successes(operation: Operation) -> list[MediaType | None] | None:
    """What a success may hold: media types, None for no body. None where the document does not say."""
    found: list[MediaType | None] = []
    responses = [each for each in operation.responses if each.status.startswith("2")]
    for each in responses or [each for each in operation.responses if each.status == "default"]:
        if each.status in ("204", "205"):
            found.append(None)
        elif not each.content:
            return None
        else:
            found += each.content.values()
    return found or None


def _results(
    responses: Iterable[MediaType | None] | None, incoming: SchemaTypes, wanted: str
) -> Iterator[Annotation]:
    for media in responses or ():
        yield NONE if media is None else _data(media, incoming, wanted)


def _data(media: MediaType, incoming: SchemaTypes, wanted: str) -> Annotation:
    """What `data` holds: see the table of `wire.codecs`."""
    kind = essence(media.name)
    if is_json(kind):
        return incoming.of(media.schema, wanted)
    if kind.startswith("multipart/"):
        return BYTES
    if is_form(kind):
        return incoming.of(media.schema, wanted) if media.schema else subscript("dict", STR, ANY)
    if is_sequence(kind):
        return subscript("list", _item(media, incoming, wanted))
    if is_text(kind) or is_xml(kind):
        return STR
    return ANY if "*" in kind else BYTES
