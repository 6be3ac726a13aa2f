"""Words of a POSIX shell; variables in the place of values that are not to be written there.

Such a value goes through all that writes a request as a mark; in the line the mark becomes the variable.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
from collections.abc import Sequence
from typing import Any

_SIGN = f"dynavariable{os.urandom(8).hex()}"
"""How a mark begins: nobody who writes a value, or a document, can know it."""
MARKS = re.compile(rf"{_SIGN}(?:[0-9a-f]{{2}})+x")
_PLAIN = re.compile(r"[\w@%+=:,./?& -]*", re.ASCII)
"""What means nothing to a shell between double quotes."""

LONGEST_WORD = 100_000
"""Bytes that one word of a command may have: Linux takes 128 KiB."""
_UNPRINTABLE = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What is not seen in a word, beside line feeds and tabs; a byte that is not of a text is a surrogate."""


def variable(scheme: str) -> str:
    """The environment variable that the command line reads the credential for `scheme` from."""
    return "DYNACLIENT_CREDENTIAL_" + re.sub(r"[^A-Z0-9]", "_", scheme.upper())


def operation_word(key: str, location: str) -> str:
    """An operation as a word of `dynaclient call`: `METHOD /path` where its id would be read as an option."""
    return shlex.quote(location if key.startswith("-") else key)


def writing_command(content: bytes) -> str:
    """The command that writes bytes: `printf` where they can be read, with few escapes, else `base64`."""
    text = content.decode(errors="surrogateescape").replace("\\", r"\\").replace("\r\n", r"\r\n")
    escaped, count = _UNPRINTABLE.subn(_octal, text)
    if len(content) <= LONGEST_WORD and count <= len(content) / 16:
        return f"printf %b {shlex.quote(escaped)}"
    return f"echo {shlex.quote(base64.b64encode(content).decode())} | base64 -d"


def _octal(found: re.Match[str]) -> str:
    """Each byte of what was found, as `%b` of `printf` reads it."""
    return "".join(rf"\0{byte:03o}" for byte in found[0].encode(errors="surrogateescape"))


def has_marks(text: str) -> bool:
    """Whether a variable is to stand in `text`."""
    return MARKS.search(text) is not None


def mark(name: str) -> str:
    """What stands for the value of a variable while a request is written: percent-encoding keeps it."""
    return f"{_SIGN}{name.encode().hex()}x"


def word(text: str) -> str:
    """`text` as one word of a shell, its marks as variables: `"userId=$userId"`."""
    variables = [variable_of(each) for each in MARKS.findall(text)]
    if not variables:
        return shlex.quote(text)
    literals = MARKS.split(text)
    if all(_PLAIN.fullmatch(each) for each in literals):
        return (
            f'"{_joined(literals, [_braced(*each) for each in zip(variables, literals[1:], strict=True)])}"'
        )
    quoted = [shlex.quote(each) if each else "" for each in literals]
    return _joined(quoted, [f'"${each}"' for each in variables])


def _joined(literals: Sequence[str], variables: Sequence[str]) -> str:
    return "".join(one + two for one, two in zip(literals, [*variables, ""], strict=True))


def _braced(variable: str, literal: str) -> str:
    return f"${{{variable}}}" if re.match(r"\w", literal) else f"${variable}"


def variable_of(marked: str) -> str:
    return bytes.fromhex(marked.removeprefix(_SIGN)[:-1]).decode()


def unquoted(text: str, value: Any, original: Any) -> str:
    """`text`, JSON of `value`, without the quotes about marks that stand for no text in `original`."""
    if isinstance(value, str):
        alone = MARKS.fullmatch(value) and not isinstance(original, str)
        return text.replace(f'"{value}"', value) if alone else text
    pairs: Any = ()
    if isinstance(value, dict) and isinstance(original, dict):
        pairs = ((value[key], original.get(key)) for key in value)
    elif isinstance(value, list) and isinstance(original, list):
        pairs = zip(value, original, strict=False)
    for inner, before in pairs:
        text = unquoted(text, inner, before)
    return text
