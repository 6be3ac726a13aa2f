"""An example call of an operation, valid for the document: as Python, and as a command."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Arguments, offered, positional
from dynaclient.client import Client, executor_of
from dynaclient.contract.shell import variable
from dynaclient.document.model import MediaType, Operation, Parameter
from dynaclient.document.node import Node
from dynaclient.document.servers import is_placeholder
from dynaclient.errors import DynaclientError
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.schema.summary import Outlines
from dynaclient.wire.codecs import is_registered
from dynaclient.wire.media_types import FORM, MULTIPART, TEXT, essence, is_json, is_sequence

_TRIES = 30
"""How many values are tried where a place on the wire cannot carry every value that the schema allows."""

_WIDTH = 90


class Example:
    """Arguments that `operation` takes: every required parameter, and a body where it has one.

    `arguments` is None where none were found; `problem` then says why.
    """

    def __init__(self, client: Client, operation: Operation) -> None:
        self.client = client
        self.operation = operation
        self.problem = ""
        self.arguments: Arguments | None = None
        try:
            self.arguments = self._made(Maker(client.document, client.checkers, "request"))
        except (Unsatisfiable, DynaclientError) as error:
            self.problem = str(error)

    def python(self) -> str:
        """The call in its attribute form, required arguments by position."""
        if self.arguments is None:
            return ""
        given = [
            self.arguments.body if each is None else self.arguments.values[each]
            for each in positional(self.operation)
        ]
        if given and given[-1] is MISSING:
            given.pop()
        texts = [pformat(value, width=_WIDTH - 8, sort_dicts=False, compact=True) for value in given]
        call = f"api.{self.operation.attribute}"
        line = f"{call}({', '.join(texts)})"
        if len(line) <= _WIDTH and "\n" not in line:
            return line
        return "\n".join([f"{call}(", *(_indented(text) + "," for text in texts), ")"])

    def command(self, document: str, credentials: Mapping[str, str] | None = None) -> str:
        """The call as a command for a shell; with `credentials`, which must be no secrets, and the server."""
        if self.arguments is None:
            return ""
        parts = ["dynaclient call", shlex.quote(document), shlex.quote(self.operation.key)]
        if self.client.server is None or is_placeholder(self.client.server):
            parts.append("--server https://your.server.example")
        elif credentials is not None:
            parts.append(f"--server {shlex.quote(self.client.server)}")
        parts += [
            f"--credential {shlex.quote(f'{each}={text}')}" for each, text in (credentials or {}).items()
        ]
        parts += _command_arguments(self.arguments.values, self.arguments.body)
        return " ".join(parts) if len(" ".join(parts)) <= _WIDTH else " \\\n    ".join(_lines(parts))

    def schemes(self) -> tuple[str, ...]:
        """The security schemes of the operation's first alternative; none where it may be called without."""
        alternatives = self.operation.security or ((),)
        return () if () in alternatives else alternatives[0]

    def variables(self) -> list[str]:
        """The environment variables that hold the credentials for `schemes`."""
        return [variable(name) for name in self.schemes()]

    def _made(self, maker: Maker) -> Arguments:
        arguments = Arguments()
        for parameter in self.operation.required:
            arguments.values[parameter] = self._value(maker, parameter)
        body = self.operation.body
        if body is not None:
            arguments.body = b"..."
            for name, media in body.content.items():
                if media.schema is not None and _is_written(essence(name)):
                    made = _body(maker, media.schema)
                    arguments.body = _with_files(Outlines(self.client.document), media, made)
                    break
        prepared = executor_of(self.client).compiled(self.operation.key).prepare(arguments, {}, check=True)
        if prepared.wrong:
            raise Unsatisfiable(str(prepared.wrong[0]))
        return arguments

    def _value(self, maker: Maker, parameter: Parameter) -> Any:
        """A value for one parameter that its place can carry: no empty text in a path, and the like."""
        node = parameter.value_schema
        if node is None:
            return "text"
        compiled = executor_of(self.client).compiled(self.operation.key)
        where = parameter.where
        for seed in range(_TRIES):
            value = maker.value(node, Seeded(seed)) if seed else maker.example(node)
            prepared = compiled.prepare(Arguments({parameter: value}), {}, check=True)
            if not any((each.where, each.name) == (where, parameter.name) for each in prepared.wrong):
                return value
        raise Unsatisfiable(f"no value was found for {parameter.key}")


def _is_written(kind: str) -> bool:
    """Whether a body of this type is made of what the schema describes; else it is bytes or text already."""
    known = is_json(kind) or is_sequence(kind) or is_registered(kind) or kind.startswith("multipart/")
    return known or kind in (FORM, TEXT) or "*" in kind


def _with_files(outlines: Outlines, media: MediaType, body: Any) -> Any:
    """`body` with bytes for what is a file in a form of several parts."""
    if essence(media.name) != MULTIPART or not isinstance(body, dict) or media.schema is None:
        return body
    for member in outlines.members(media.schema):
        outline = outlines.of(member.node)
        if member.label in body and _is_file(outline.plain):
            body[member.label] = b"..."
        elif member.label in body and outline.items and _is_file(outlines.of(outline.items).plain):
            body[member.label] = [b"..."]
    return body


def _is_file(schema: Mapping[str, Any]) -> bool:
    """A file to 3.0, and to 3.1 (4.8.14.1)."""
    by_media_type = "contentMediaType" in schema and "contentEncoding" not in schema
    return schema.get("format") == "binary" or by_media_type


def _body(maker: Maker, node: Node) -> Any:
    """A body with all that it may hold; with less where that cannot be found."""
    try:
        return maker.example(node)
    except Unsatisfiable:
        for seed in range(1, _TRIES):
            with contextlib.suppress(Unsatisfiable):
                return maker.value(node, Seeded(seed))
        raise


def _command_arguments(values: Mapping[Parameter, Any], body: Any) -> list[str]:
    """`-p`, `-F` and `--body` for arguments, quoted for a shell; FILE stands for bytes."""
    parts = []
    for parameter, value in values.items():
        name = parameter.name if offered(parameter) else parameter.key
        parts += _each("-p", name, value)
    if isinstance(body, bytes):
        parts.append("--body @FILE")
    elif isinstance(body, dict) and any(
        isinstance(each, bytes) or each == [b"..."] for each in body.values()
    ):
        parts += [part for name, value in body.items() for part in _each("-F", name, value)]
    elif body is not MISSING:
        parts.append("--body " + shlex.quote(_laid_out(body, "")))
    return parts


def _each(option: str, name: str, value: Any) -> list[str]:
    return [
        f"{option} {shlex.quote(f'{name}={_text(item)}')}"
        for item in (value if _is_repeated(value) else [value])
    ]


def _text(item: Any) -> str:
    if isinstance(item, bytes):
        return "@FILE"
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def _laid_out(value: Any, indent: str) -> str:
    """JSON text in which what is short stays on one line."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) + len(indent) <= _WIDTH - 20 or not isinstance(value, (dict, list)):
        return text
    deeper = indent + "  "
    if isinstance(value, list):
        inner = [deeper + _laid_out(item, deeper) for item in value]
        return "[\n" + ",\n".join(inner) + f"\n{indent}]"
    inner = [f"{deeper}{json.dumps(key)}: {_laid_out(item, deeper)}" for key, item in value.items()]
    return "{\n" + ",\n".join(inner) + f"\n{indent}}}"


def _is_repeated(value: Any) -> bool:
    """Whether an array is written as `-p name=item` for each item; else it is written as JSON."""
    return (
        isinstance(value, list)
        and bool(value)
        and not any(isinstance(item, (list, dict)) or str(item).startswith(("[", "{")) for item in value)
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _lines(parts: list[str]) -> list[str]:
    """The command's words, with what stays together on one line."""
    return [" ".join(parts[:3]), *parts[3:]]
