"""Annotations as trees and as text, which a formatter leaves as it is. Words of documents are no code."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dynaclient._support.prose import readable

WIDTH = 88
"""Columns of a line, as ruff and black have them without settings."""

Mark: TypeAlias = "tuple[str, ...]"
"""What a definition is known by: where its schema stands, and the steps from there."""


@dataclass(frozen=True)
class Word:
    """A name that Python or an import has: `str`, `datetime`."""

    text: str


@dataclass(frozen=True)
class Named:
    """A definition of the same stub, whose name is found when all are known."""

    mark: Mark


@dataclass(frozen=True)
class Values:
    """`Literal[...]`: texts, whole numbers, True, False and None."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Subscript:
    """`list[str]`, `NotRequired[int]`."""

    head: str
    parts: tuple[Annotation, ...]


@dataclass(frozen=True)
class Either:
    """A union: `int | None`. See `either`, which makes them."""

    members: tuple[Annotation, ...]


Annotation: TypeAlias = "Word | Named | Values | Subscript | Either"

ANY, NONE, STR, BYTES = Word("Any"), Word("None"), Word("str"), Word("bytes")
ELLIPSIS = Word("...")


def subscript(head: str, *parts: Annotation) -> Subscript:
    """`head[...]`."""
    return Subscript(head, parts)


def either(members: Iterable[Annotation]) -> Annotation:
    """What is one of `members`, None last; Any where one of them is, or there are none."""
    found: dict[Annotation, None] = {}
    for each in members:
        found.update(dict.fromkeys(each.members if isinstance(each, Either) else (each,)))
    if ANY in found or not found:
        return ANY
    several = [each for each in found if each != NONE] + [each for each in found if each == NONE]
    return several[0] if len(several) == 1 else Either(tuple(several))


def optional(annotation: Annotation) -> Annotation:
    """`annotation`, or None."""
    return annotation if annotation == ANY else either([annotation, NONE])


def within(annotation: Annotation) -> Iterator[Annotation]:
    """An annotation and all that it is made of."""
    yield annotation
    parts = annotation.parts if isinstance(annotation, Subscript) else ()
    for each in annotation.members if isinstance(annotation, Either) else parts:
        yield from within(each)


def renamed(annotation: Annotation, name: Callable[[Mark], Annotation]) -> Annotation:
    """`annotation` with what `name` gives in place of each definition."""
    if isinstance(annotation, Named):
        return name(annotation.mark)
    if isinstance(annotation, Subscript):
        return Subscript(annotation.head, tuple(renamed(each, name) for each in annotation.parts))
    if isinstance(annotation, Either):
        return either(renamed(each, name) for each in annotation.members)
    return annotation


# -- as text ------------------------------------------------------------------------------------------


def flat_text(annotation: Annotation) -> str:
    """An annotation on one line. Names of definitions are words by then."""
    if isinstance(annotation, Word):
        return annotation.text
    if isinstance(annotation, Values):
        return f"Literal[{', '.join(map(literal, annotation.values))}]"
    if isinstance(annotation, Subscript):
        return f"{annotation.head}[{', '.join(map(flat_text, annotation.parts))}]"
    assert isinstance(annotation, Either)
    return " | ".join(map(flat_text, annotation.members))


def laid_lines(before: str, annotation: Annotation, after: str, indent: str) -> list[str]:
    """A line with an annotation in it; or several, a bracket to a line, each with a comma at its end."""
    line = f"{indent}{before}{flat_text(annotation)}{after}"
    if len(line) <= WIDTH or isinstance(annotation, Named):
        return [line]
    if isinstance(annotation, Word):
        declares = before.endswith(": ") and not after and len(f"{indent}{before}(") <= WIDTH
        return [f"{indent}{before}(", f"{indent}    {annotation.text}", f"{indent})"] if declares else [line]
    head, parts = _bracket(annotation)
    comma = "," if len(parts) > 1 else ""
    inner = [line for part in parts for line in laid_lines("", part, comma, indent + "    ")]
    return [f"{indent}{before}{head}[", *inner, f"{indent}]{after}"]


def _bracket(annotation: Values | Subscript | Either) -> tuple[str, tuple[Annotation, ...]]:
    if isinstance(annotation, Values):
        return "Literal", tuple(Word(literal(each)) for each in annotation.values)
    if isinstance(annotation, Subscript):
        return annotation.head, annotation.parts
    return "Union", annotation.members


def names_in(annotation: Annotation) -> Iterator[str]:
    """The names that the text of an annotation uses."""
    for each in within(annotation):
        if isinstance(each, Word) and each.text.isidentifier():
            yield each.text
        elif isinstance(each, (Values, Subscript)):
            yield "Literal" if isinstance(each, Values) else each.head
        elif isinstance(each, Either):
            yield "Union"


# -- texts of a document ------------------------------------------------------------------------------

_ESCAPES: Mapping[str, str] = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> str:
    """A text, a whole number, a truth value or None as Python source. A text stays within its quotes.

    What is not printable is escaped: line ends, controls, lone surrogates, marks that turn the direction of
    what stands behind them.
    """
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    if not value.isprintable() or "\\" in value or quote in value:
        value = "".join(f"\\{each}" if each == quote else _shown(each) for each in value)
    return f"{quote}{value}{quote}"


def _shown(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else _escape(ord(character))


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def docstring(text: str, indent: str) -> list[str]:
    """`text` as a docstring; nothing where it has no words."""
    lines = [_inert(line.expandtabs(4).rstrip()) for line in text.strip().split("\n")]
    if lines == [""]:
        return []
    lines[0] = lines[0].lstrip()
    if lines[0].startswith('"'):
        lines[0] = f" {lines[0]}"
    if len(lines) == 1:
        chaperone = " " if lines[0].endswith('"') else ""
        return [f'{indent}"""{lines[0]}{chaperone}"""']
    return [
        f'{indent}"""{lines[0]}',
        *(f"{indent}{line}" if line else "" for line in lines[1:]),
        f'{indent}"""',
    ]


def _inert(line: str) -> str:
    """A line of a docstring: no backslash, and no three quotes in a row, mean anything in it."""
    return printable(line).replace("\\", "\\\\").replace('""', '"\\"')


def printable(text: str) -> str:
    """`text` with an escape for each character that is not printable."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(ord(each)) for each in text)


def comment(text: str, indent: str) -> list[str]:
    """`text` as lines of comments."""
    return textwrap.wrap(
        printable(" ".join(text.split("\n"))),
        WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_on_hyphens=False,
    )


def paragraph(text: str, indent: str) -> str:
    """The first paragraph of a description, in lines that fit behind `indent`."""
    words = " ".join(readable(text).strip().partition("\n\n")[0].split())
    return "\n".join(textwrap.wrap(words, WIDTH - 8 - len(indent), break_on_hyphens=False))
