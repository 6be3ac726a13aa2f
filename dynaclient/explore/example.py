"""An example call of an operation, valid for the document: as Python, and as a command."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any, Literal

from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls.arguments import Arguments, offered, positional
from dynaclient.document.model import MediaType, Operation, Parameter, RequestBody
from dynaclient.document.node import Node
from dynaclient.document.servers import is_placeholder, without_user
from dynaclient.errors import DynaclientError, Violation
from dynaclient.explore.shell import operation_word, variable
from dynaclient.generation.choices import ReadableChoices, Seeded
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.schema.summary import Outlines
from dynaclient.wire.codecs import is_registered
from dynaclient.wire.media_types import FORM, MULTIPART, TEXT, essence, is_json, is_sequence

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor

_TRIES = 30
"""How many values are tried where a place on the wire cannot carry every value that the schema allows."""

_WIDTH = 90


class Example:
    """Arguments that `operation` takes, valid for the document.

    Every required parameter, and what is required of a body that is required; where `full` is set, every
    parameter and all that the body may hold, as far as that goes together. `body="full"` is that for the body
    alone. `arguments` is None where none were found; `problem` then says why.
    """

    def __init__(
        self,
        executor: BaseExecutor,
        operation: Operation,
        *,
        full: bool = False,
        body: Literal["least", "full"] = "least",
    ) -> None:
        self.operation = operation
        self.problem = ""
        self.arguments: Arguments | None = None
        self._executor = executor
        self._full = full
        self._full_body = full or body == "full"
        try:
            self.arguments = self._made(Maker(executor.document, executor.checkers, "request"))
        except (Unsatisfiable, DynaclientError) as error:
            self.problem = str(error)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters, by the names that `call` takes in a mapping."""
        values = self.arguments.values if self.arguments else {}
        return {each.name if offered(each) else each.key: value for each, value in values.items()}

    @property
    def body(self) -> Any:
        """The body, MISSING where there is none."""
        return self.arguments.body if self.arguments else MISSING

    def __repr__(self) -> str:
        return visible(self.python() or f"<no example: {self.problem}>")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def python(self, name: str = "api") -> str:
        """The call in its attribute form, required arguments by position. `name`: that of the client."""
        if self.arguments is None:
            return ""
        values = self.arguments.values
        given = [("", self.body if each is None else values[each]) for each in positional(self.operation)]
        if given and given[-1][1] is MISSING:
            given.pop()
        more = [each for each in self.operation.optional if each in values]
        given += [(f"{each.python_name}=", values[each]) for each in more if offered(each)]
        if dotted := {each.key: values[each] for each in more if not offered(each)}:
            return self._python_by_name(name, dotted)
        texts = [f"{key}{_pretty(value)}" for key, value in given]
        call = f"{name}.{self.operation.attribute}"
        line = f"{call}({', '.join(texts)})"
        if len(line) <= _WIDTH and "\n" not in line:
            return line
        return "\n".join([f"{call}(", *(_indented(text) + "," for text in texts), ")"])

    def _python_by_name(self, name: str, dotted: Mapping[str, Any]) -> str:
        """The call with its parameters in a mapping: a keyword cannot name all of them."""
        texts = [repr(self.operation.key), _pretty({**self.parameters, **dotted})]
        texts += [] if self.body is MISSING else [f"body={_pretty(self.body)}"]
        return "\n".join([f"{name}.call(", *(_indented(text) + "," for text in texts), ")"])

    def command(self, document: str, credentials: Mapping[str, str] | None = None) -> str:
        """The call as a command for a shell; with `credentials`, which must be no secrets, and the server."""
        if self.arguments is None:
            return ""
        url = self._executor.server.url
        server = None if url is None else without_user(url)
        parts = ["dynaclient call", shlex.quote(document)]
        location = f"{self.operation.method} {self.operation.path}"
        parts.append(operation_word(self.operation.key, location))
        if server is None or is_placeholder(server):
            parts.append("--server https://your.server.example")
        elif credentials is not None:
            parts.append(f"--server {shlex.quote(server)}")
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
        if body is not None and (body.required or self._full_body):
            arguments.body = self._body(maker, body)
        if (wrong := self._wrong(arguments)) and self.operation.body and arguments.body is MISSING:
            arguments.body = self._body(maker, self.operation.body)
            wrong = self._wrong(arguments)
        if wrong:
            raise Unsatisfiable(str(wrong[0]))
        for parameter in self.operation.optional if self._full else ():
            with contextlib.suppress(Unsatisfiable, DynaclientError):
                more = Arguments(
                    {**arguments.values, parameter: self._value(maker, parameter)}, arguments.body
                )
                arguments = arguments if self._wrong(more) else more
        return arguments

    def _wrong(self, arguments: Arguments) -> list[Violation]:
        return self._executor.compiled(self.operation.key).prepare(arguments, {}, check=True).wrong

    def _body(self, maker: Maker, body: RequestBody) -> Any:
        """A body of the first type that is written from what its schema describes; else it is bytes."""
        for name, media in body.content.items():
            if media.schema is not None and _is_written(essence(name)):
                made = _full_body(maker, media.schema)
                if self._full:
                    made = maker.fullest(media.schema, ReadableChoices(0), made)
                elif not self._full_body:
                    made = maker.smallest(media.schema, made)
                return _with_files(Outlines(self._executor.document), media, made)
        return b"..."

    def _value(self, maker: Maker, parameter: Parameter) -> Any:
        """A value for one parameter that its place can carry: no empty text in a path, and the like."""
        node = parameter.value_schema
        if node is None:
            return "text"
        compiled = self._executor.compiled(self.operation.key)
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
    """A file to 3.0, and to 3.1 (Considerations for File Uploads)."""
    by_media_type = "contentMediaType" in schema and "contentEncoding" not in schema
    return schema.get("format") == "binary" or by_media_type


def _full_body(maker: Maker, node: Node) -> Any:
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
        short = offered(parameter) and not parameter.name.startswith("-")  # that would be read as an option
        parts += _each("-p", parameter.name if short else parameter.key, value)
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


def _pretty(value: Any) -> str:
    return pformat(value, width=_WIDTH - 8, sort_dicts=False, compact=True)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _lines(parts: list[str]) -> list[str]:
    """The command's words, with what stays together on one line."""
    return [" ".join(parts[:3]), *parts[3:]]
