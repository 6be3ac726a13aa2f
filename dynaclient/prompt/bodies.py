"""The body of a command line: as text, from a file, from standard input, or field by field."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dynaclient.client import Client
from dynaclient.document.operation import Operation
from dynaclient.errors import SettingsError, TransportError
from dynaclient.prompt.values import encodable, read
from dynaclient.transport.session import MAX_BODY
from dynaclient.wire import media
from dynaclient.wire.percent import StyleError
from dynaclient.wire.shape import ANY, Shape
from dynaclient.wire.upload import Piece, read_path

STDIN = "-"
SECONDS = 60.0
"""How long a pipe of the shell is waited for."""
FILE = "@"
_SAID = re.compile(r";(type|filename)=([^;]*)$")


# -- as a whole ---------------------------------------------------------------------------------------


def body(operation: Operation, text: str) -> tuple[Any, str | None]:
    """The body that `text` gives, and the media type it has to have, None where the call may choose.

    `text` is `@FILE`, `-` for what stands on standard input, or else the body itself; the path of a file
    that is there needs no `@`. It is read as JSON where the operation takes that; a file of anything else is
    read while it is sent. Raises SettingsError where it is nothing of these.
    """
    content = operation.body.content if operation.body else {}
    source = _source(text)
    others = {name: each for name, each in content.items() if not _holds_data(name) or "*" in name}
    if not any(_holds_data(name) for name in content):
        return _as_it_is(source, media.choose(others, source) if others else ""), None
    try:
        return media.decode_json(_bytes(source)), None
    except media.Undecodable as error:
        if not others:
            raise SettingsError(_no_json(text, source, error)) from None
        other = media.choose(others, source)
        return _as_it_is(source, other), None if "*" in other else other


def _holds_data(name: str) -> bool:
    """Whether a body of this type is given as JSON: it is JSON, a form, or may be anything."""
    kind = media.essence(name)
    return media.is_json(kind) or media.is_form(kind) or kind in ("*/*", "application/*")


def _source(text: str) -> bytes | Path:
    """Where the body is: in the text itself, in what standard input gave, or in a file."""
    if text in (STDIN, FILE + STDIN):
        return sys.stdin.buffer.read()
    if text.startswith(FILE):
        return existing(text[1:])
    if _is_file(text):
        return Path(text)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise SettingsError("--body is no text") from None


def existing(name: str) -> Path:
    """The path of a file that can be read. Raises SettingsError."""
    try:
        Piece(Path(name))
    except StyleError as error:
        raise SettingsError(f"{FILE}{name}: {error}") from None
    return Path(name)


def _is_file(text: str) -> bool:
    try:
        return Path(text).exists() and not Path(text).is_dir()  # a pipe of the shell is one too
    except (OSError, ValueError):  # too long for a path, or with a null character: it is the body itself
        return False


def _bytes(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return read_path(source, SECONDS, MAX_BODY)
    except (StyleError, TransportError) as error:
        raise SettingsError(f"{FILE}{source}: {error}") from None


def _as_it_is(source: bytes | Path, name: str) -> Any:
    """The body for a type that is no data: text where it is that, so that the schema can be asked."""
    if not media.is_text(media.essence(name)):
        return source
    raw = _bytes(source)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _no_json(text: str, source: bytes | Path, error: Exception) -> str:
    shown = text if len(text) <= 60 else text[:57] + "..."
    if isinstance(source, Path):
        return f"the body in {source}: {error}"
    if text in (STDIN, FILE + STDIN):
        return f"the body on standard input: {error}"
    if text.lstrip()[:1] in ("{", "[", '"'):
        return f"--body {shown!r}: {error}"
    return (
        f"--body {shown!r} is neither JSON nor the path of a file; give JSON, @FILE, or - for standard input"
    )


# -- field by field -----------------------------------------------------------------------------------


def fields(client: Client, operation: Operation, texts: Iterable[str]) -> dict[str, Any]:
    """The body for `name=value` texts, each value read by the schema of its property; `@FILE` is a file.

    A name that is given again adds an item to its array. Raises SettingsError for a text without `=`, a name
    given twice that is no array, and a file that cannot be read.
    """
    given: dict[str, list[str]] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name:
            raise SettingsError(
                f"a field of the body is given as -F NAME=VALUE or -F NAME=@FILE, not {text!r}"
            )
        given.setdefault(name, []).append(encodable("-F", name, value))
    shape = _shape(client, operation)
    return {name: _field(name, values, shape.property(name)) for name, values in given.items()}


def _shape(client: Client, operation: Operation) -> Shape:
    """What the properties of the body are: of the form, where the operation takes other types too."""
    content = operation.body.content if operation.body else {}
    names = sorted(content, key=lambda name: not media.is_form(media.essence(name)))
    return client.plan(operation.key).bodies("request").shape(content[names[0]].schema) if names else ANY


def _field(name: str, texts: list[str], shape: Shape) -> Any:
    if len(texts) > 1 and shape.types and "array" not in shape.types:
        raise SettingsError(f"-F {name}=... is given twice, and is no array")
    if not any(text.startswith(FILE) for text in texts):
        return read(texts, shape) if shape.types or len(texts) == 1 else texts
    items = [_file(name, text[1:]) if text.startswith(FILE) else text for text in texts]
    return items if len(items) > 1 or "array" in shape.types else items[0]


def _file(name: str, text: str) -> Any:
    """The file that `FILE;type=TYPE;filename=NAME` means; `-` is standard input."""
    said: dict[str, str] = {}
    while found := _SAID.search(text):
        said[found[1]] = found[2]
        text = text[: found.start()]
    content: Any = sys.stdin.buffer.read() if text == STDIN else existing(text)
    if not said:
        return content
    own = name if text == STDIN else Path(text).name
    return said.get("filename", own), content, said.get("type")
