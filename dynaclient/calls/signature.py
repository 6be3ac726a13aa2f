"""What an operation takes and answers, as `help()`, `inspect.signature` and `repr` tell it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from itertools import chain, count
from typing import TYPE_CHECKING

from dynaclient._support.prose import column_count, padded, readable, visible
from dynaclient.calls.arguments import offered
from dynaclient.document.model import MediaType, Operation, Parameter
from dynaclient.document.node import Node
from dynaclient.document.parameters import snake_case
from dynaclient.schema.summary import Outlines, one_line

if TYPE_CHECKING:
    from dynaclient.document.document import Document


WIDTH = 76
"""Columns of a docstring, its tables among them: `help` indents it by four, and a terminal may have 80."""

PROSE = 76
"""Columns of its sentences: with the margin of `help()` 80."""

ONE_SCREEN = 24
"""Lines of a repr."""

MAX_ROWS = 60
"""Properties of a body that a docstring lists."""

_PYTHON_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list"}
_PYTHON_TYPES |= {"object": "dict", "null": "None"}
_BY_FORMAT = {"date-time": "datetime | str", "date": "date | str", "binary": "bytes | str"}


class _Annotation(str):
    """A type as text, which a signature shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _python_type(outlines: Outlines, node: Node | None, depth: int = 0) -> str:
    """The Python type of a value, as text: `str`, `list[str]`, `int | None`."""
    if node is None or depth > 5:
        return "Any"
    outline = outlines.of(node)
    names = []
    for kind in outline.types:
        name = _PYTHON_TYPES.get(kind, "Any")
        if kind == "array" and outline.items is not None:
            name = f"list[{_python_type(outlines, outline.items, depth + 1)}]"
        elif kind == "string":
            name = _BY_FORMAT.get(str(outline.plain.get("format")), name)
        names.append(name)
    return " | ".join(dict.fromkeys(names)) or "Any"


def signature(operation: Operation, document: Document) -> inspect.Signature:
    """The signature of a call: required parameters and the body by position, the rest by keyword."""
    outlines = Outlines(document)
    positional, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    required: list[inspect.Parameter] = []
    optional: list[inspect.Parameter] = []
    taken = {each.python_name for each in operation.parameters if offered(each)} | {"body", "options"}
    for each in operation.parameters:
        kind = _python_type(outlines, each.value_schema)
        if each.required:
            name = each.python_name if offered(each) else _free(snake_case(each.key), taken)
            required.append(inspect.Parameter(name, positional, annotation=_Annotation(kind)))
        elif offered(each):
            optional.append(_optional(each.python_name, keyword, kind))
    nameless = [at for at, each in enumerate(operation.required) if not offered(each)]
    for at in range(nameless[-1] + 1 if nameless else 0):
        required[at] = required[at].replace(kind=inspect.Parameter.POSITIONAL_ONLY)
    if operation.body is not None:
        kind = " | ".join(
            dict.fromkeys(_python_type(outlines, m.schema) for m in operation.body.content.values())
        )
        if operation.body.required:
            required.append(inspect.Parameter("body", positional, annotation=_Annotation(kind or "Any")))
        else:
            required.append(_optional("body", positional, kind or "Any"))
    optional.append(_optional("options", keyword, "dict"))
    return inspect.Signature(
        [*required, *optional], return_annotation=_Annotation(_answer_type(operation, outlines))
    )


def _free(name: str, taken: set[str]) -> str:
    """`name`, for a place in a signature that has no keyword, or with a number where it is taken."""
    numbered = (f"{name}_{number}" for number in count(2))
    found = next(each for each in chain([name], numbered) if each not in taken)
    taken.add(found)
    return found


def _optional(name: str, kind: inspect._ParameterKind, annotation: str) -> inspect.Parameter:
    text = annotation if annotation.endswith("None") or annotation == "Any" else f"{annotation} | None"
    return inspect.Parameter(name, kind, default=None, annotation=_Annotation(text))


def _answer_type(operation: Operation, outlines: Outlines) -> str:
    kinds: list[str] = []
    for response in operation.responses:
        if response.status in ("204", "205"):
            kinds.append("None")
        elif response.status.startswith("2"):  # without content, the document is silent: something may come
            kinds += [_python_type(outlines, media.schema) for media in response.content.values()] or ["Any"]
    return "Any" if "Any" in kinds else " | ".join(dict.fromkeys(" | ".join(kinds).split(" | "))) or "Any"


def summary(operation: Operation, document: Document) -> str:
    """An operation on one screen: how it is called, what it does, a line for each thing it takes."""
    lines = [f"<{operation.attribute}  {operation.method} {operation.path}>"]
    lines += ["  deprecated"] if operation.deprecated else []
    lines += [f"  {one_line(operation.summary)}"] if operation.summary else []
    outlines = Outlines(document)
    rows = [_parameter_row(each, outlines) for each in (*operation.required, *operation.optional)]
    rows += _body_rows(operation, outlines)
    width = max((column_count(name) for name, _ in rows), default=0)
    lines += [f"  {padded(name, width)}  {text}" for name, text in rows]
    lines += [f"  {line}" for line in _derived(operation)]
    if len(lines) > ONE_SCREEN:
        more = f"  ... {len(lines) - ONE_SCREEN + 1} more; see help()"
        lines = [*lines[: ONE_SCREEN - 1], more]
    return visible("\n".join(lines))


def dotted(operation: Operation) -> list[str]:
    """How the parameters are given that no keyword of Python can mean, such as one name in two places."""
    names = ", ".join(f'"{each.key}": ...' for each in operation.parameters if not offered(each))
    return [f'by name in a mapping: call("{operation.key}", {{{names}}})'] if names else []


def _parameter_row(parameter: Parameter, outlines: Outlines) -> tuple[str, str]:
    name = parameter.python_name if offered(parameter) else parameter.key
    kind = _python_type(outlines, parameter.value_schema)
    return name, f"{kind}, in {parameter.location}{', required' if parameter.required else ''}"


def _body_rows(operation: Operation, outlines: Outlines) -> list[tuple[str, str]]:
    if operation.body is None:
        return []
    required = ", required" if operation.body.required else ""
    kinds = [_media_kind(each, outlines) for each in operation.body.content.values()]
    return [("body", f"{kind}{required}") for kind in kinds or ["anything"]]


def _media_kind(media: MediaType, outlines: Outlines) -> str:
    kind = outlines.kind(media.schema) if media.schema else "anything"
    return f"{kind} ({media.name})"


def documentation(operation: Operation, document: Document, *, schemas: bool = True) -> str:
    """The docstring of an operation, from the document: what it does, takes and answers.

    Without `schemas` it leaves out what types tell: the properties of bodies, the responses.
    """
    outlines = Outlines(document)
    lines = [one_line(operation.summary) or operation.key, "", f"{operation.method} {operation.path}"]
    lines += ["Deprecated."] if operation.deprecated else []
    lines += ["", *_wrapped(operation.description)] if operation.description else []
    lines += _section("Parameters", _parameters(operation, outlines))
    for media in operation.body.content.values() if operation.body and schemas else ():
        lines += _section(f"Body: {_media_kind(media, outlines)}", _properties(media, outlines))
    lines += _section("Responses", _answers(operation, outlines) if schemas else ())
    lines += ["", *derived] if (derived := _derived(operation)) else []
    return visible("\n".join(lines))


def _derived(operation: Operation) -> list[str]:
    """A line for the links of its responses, and one for the callbacks that it makes the API send."""
    names = dict.fromkeys(name for response in operation.responses for name in response.links)
    lines = [f"links of the response: {', '.join(names)}"] if names else []
    return lines + ([f"callbacks: {', '.join(operation.callbacks)}"] if operation.callbacks else [])


def _section(title: str, rows: Iterable[str]) -> list[str]:
    rows = list(rows)
    return ["", title, *rows] if rows else []


def _wrapped(text: str, indent: str = "") -> list[str]:
    lines: list[str] = []
    for line in readable(text).strip().splitlines():
        lines += textwrap.wrap(line, PROSE, initial_indent=indent, subsequent_indent=indent) or [""]
    return lines


def _parameters(operation: Operation, outlines: Outlines) -> list[str]:
    lines = []
    for each in (*operation.required, *operation.optional):
        name, text = _parameter_row(each, outlines)
        schema = each.value_schema
        limits = "".join(f", {limit}" for limit in outlines.limits(schema)) if schema else ""
        lines += textwrap.wrap(
            f"{name}: {text}{limits}", WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8
        )
        lines += _wrapped(each.description, " " * 8)
    lines += _wrapped("".join(dotted(operation)), " " * 4)
    if operation.body is not None:
        text = _body_rows(operation, outlines)[0][1]
        lines += _wrapped(f"body: {text}", " " * 4)
        lines += _wrapped(operation.body.description, " " * 8)
    return lines


def _properties(media: MediaType, outlines: Outlines) -> list[str]:
    """A line for each property of a body; `*` marks the required ones."""
    if media.schema is None:
        return []
    rows = []
    for each in outlines.members(media.schema):
        limits = ", ".join(outlines.limits(each.node))
        about = one_line(outlines.of(each.node).description)
        words = f"({limits}) {about}" if limits else about
        rows.append((each.label + "*" * each.required, outlines.kind(each.node), words))
    return _columns(rows[:MAX_ROWS]) + (["    ..."] if len(rows) > MAX_ROWS else [])


def _answers(operation: Operation, outlines: Outlines) -> list[str]:
    rows = []
    for each in operation.responses:
        kinds = dict.fromkeys(outlines.kind(m.schema) if m.schema else m.name for m in each.content.values())
        rows.append((each.status, " or ".join(kinds) or "-", one_line(each.description)))
    return _columns(rows)


def _columns(rows: list[tuple[str, str, str]]) -> list[str]:
    """Rows of name, type and words, these wrapped in a column of their own; below a type that is too long."""
    if not rows:
        return []
    first = max(column_count(name) for name, _, _ in rows) + 2
    second = min(max(column_count(kind) for _, kind, _ in rows), 24) + 2
    margin = " " * (4 + first + second)
    lines = []
    for name, kind, about in rows:
        head = f"    {padded(name, first)}{padded(kind, second)}"
        words = textwrap.wrap(about, max(WIDTH - len(margin), 20)) or [""]
        if column_count(kind) >= second:
            lines.append(head.rstrip())
            head = margin
        lines += [(head + words[0]).rstrip(), *(margin + word for word in words[1:])]
    return [line for line in lines if line]
