"""`dynaclient stubs`: the types of a document for editors and type checkers, as a file."""

from __future__ import annotations

import shlex
from argparse import Namespace
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dynaclient._support.messages import pluralize
from dynaclient.cli import render
from dynaclient.cli.config import client_to_read
from dynaclient.document.parameters import snake_case
from dynaclient.errors import SettingsError
from dynaclient.stubs.moved import Moved, moved
from dynaclient.stubs.schema_types import camel
from dynaclient.stubs.stub import stub

_MOST = 20
"""How many of the operations or schemas that moved are named."""


def stubs(options: Namespace) -> int:
    """Write the stub of a document; or, with --check, 1 where the file is not what it would be."""
    if options.check and not options.output:
        raise SettingsError("--check needs the file that is to be checked: -o FILE")
    name = _class_of(options.output or f"{_module_of(options.document)}.pyi")
    client = client_to_read(options)
    text = stub(client, name, _command(options), awaited=options.awaited)
    if client.operations.unread:
        render.complain(f"dynaclient: operations are missing in the stub{client.operations.unread}")
    if not options.output:
        render.payload(text.rstrip("\n"))
        return 0
    path = Path(options.output)
    if options.check:
        return _check(path, text, _command(options))
    path.write_text(text, encoding="utf-8", newline="\n")
    render.say(f"{path}: class {name}, {pluralize(len(client.operations), 'operation')}")
    return 0


def _module_of(document: str) -> str:
    """What the module would be called that a document's stub is printed for."""
    place = urlsplit(document).path if "://" in document else document.partition("@")[0]
    return snake_case(Path(place.removesuffix(".gz")).stem)


def _class_of(file: str) -> str:
    """The name of the class in a stub: that of the module, as a class is named."""
    path = Path(file)
    if path.suffix != ".pyi":
        raise SettingsError(f"{file}: expected a file that ends in .pyi, as stubs do")
    if not path.stem.isidentifier():
        near = snake_case(path.stem)
        raise SettingsError(f"{file}: no module can be called {path.stem!r}; for example {near}.pyi")
    return camel(path.stem) or "Api"


def _command(options: Namespace) -> str:
    """The command that makes the stub. What may be a secret in a URL is left out."""
    words = ["dynaclient", "stubs", _without_secrets(options.document)]
    words += [word for host in options.ref_host for word in ("--ref-host", host)]
    words += ["--ref-folder", options.ref_folder] if options.ref_folder else []
    words += [word for each in options.overlay for word in ("--overlay", _without_secrets(each))]
    words += ["--async"] if options.awaited else []
    return shlex.join([*words, *(["-o", options.output] if options.output else [])])


def _without_secrets(place: str) -> str:
    """A URL without user information, query and fragment; any other place as it is."""
    if "://" not in place:
        return place
    parts = urlsplit(place)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _check(path: Path, text: str, command: str) -> int:
    if not path.is_file():
        render.complain(f"dynaclient: {path} is not there; make it: {command}")
        return 1
    try:
        found = moved(path.read_text(encoding="utf-8"), text)
    except (SyntaxError, ValueError):
        render.complain(f"dynaclient: {path} is not a stub: it cannot be read as Python; make it: {command}")
        return 1
    if not found:
        render.say(f"{path} is up to date")
        return 0
    render.complain(f"dynaclient: {path} is stale; make it again: {command}")
    for line in _lines(found):
        render.complain(f"  {line}")
    return 1


def _lines(found: list[Moved]) -> list[str]:
    """A line for the operations that were added, and so on; what else moved is of the form alone."""
    lines: list[str] = []
    for (what, how), several in groupby(found, lambda each: (each.what, each.how)):
        names = [each.name for each in several]
        if what == "rest":
            return ["what all stubs have in common changed"]
        lines.append(f"{pluralize(len(names), what)} {how}:")
        lines += [f"  {name}" for name in names[:_MOST]]
        lines += [f"  and {len(names) - _MOST} more"] if len(names) > _MOST else []
    return lines
