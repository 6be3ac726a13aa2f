"""What a setting is called where the user stands: in Python, or at the command line.

Who writes a message names the thing, `called("server")`, and the surface says what that is: `server=` in a
program, `--server` in a shell. What the command line cannot set is said to be set in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

PYTHON: Mapping[str, str] = {
    "server": "server=",
    "server variables": "server_variables=",
    "undocumented": "on `auth` or `headers` of a `session=`",
    "pair": "a pair (user, password)",
    "timeout": "timeout=",
    "time to connect": "Timeout.connect",
    "max_body": "max_body=",
    "verify": "verify=",
    "cert": "cert=",
    "proxies": "proxies= (or HTTP_PROXY, HTTPS_PROXY)",
    "ref_folder": "ref_folder=",
    "ref_hosts": "ref_hosts=",
    "operations": "list(client.operations) names them",
    "parameter": '{{"{}": ...}}',
    "property": 'body={{"{}": ...}}',
    "body": "body=...",
    "option": 'options={{"{}": ...}}',
    "fields": "a mapping of names to values",
    "parts": "a mapping of names to parts",
    "items": "an iterable of items",
    "text": "text",
    "bytes": "bytes, an open file or a path",
    "text or bytes": "text, bytes, an open file or a path",
    "codec": "register a codec for it with register_codec",
    "typed file": "(name, file, media type)",
    "typed part": "(name, value, media type, headers)",
}

COMMAND_LINE: Mapping[str, str] = {
    "server": "--server",
    "server variables": "the whole URL with --server",
    "undocumented": "with -H 'NAME: VALUE', or in --server https://USER:PASSWORD@HOST",
    "pair": "USER:PASSWORD",
    "timeout": "--timeout",
    "time to connect": "10 s",
    "max_body": "max_body= in Python",
    "verify": "the variable REQUESTS_CA_BUNDLE",
    "cert": "cert= in Python",
    "proxies": "the variables HTTP_PROXY and HTTPS_PROXY",
    "ref_folder": "--ref-folder",
    "ref_hosts": "--ref-host",
    "operations": "`dynaclient ops NAME` lists them",
    "parameter": "-p {}=...",
    "property": "-F {}=...",
    "body": "--body",
    "option": "an option, see dynaclient call --help",
    "fields": "-F NAME=VALUE",
    "parts": "-F NAME=VALUE or -F NAME=@FILE",
    "items": "--body with a JSON text on each line",
    "text": "--body TEXT",
    "bytes": "--body @FILE",
    "text or bytes": "--body TEXT or --body @FILE",
    "codec": "register a codec for it in Python",
    "typed file": "-F NAME=@FILE;type=TYPE/SUBTYPE",
    "typed part": "headers of parts in Python",
}

_here: ContextVar[Mapping[str, str]] = ContextVar("surface", default=PYTHON)


def here() -> Mapping[str, str]:
    """The table that holds here."""
    return _here.get()


def called(thing: str, name: str = "") -> str:
    """What `thing`, a key of the tables above, is called here; `name` where it has one of its own."""
    return _here.get()[thing].format(name)


@contextmanager
def at(surface: Mapping[str, str]) -> Iterator[None]:
    """Messages that are made inside speak of what this surface has."""
    before = _here.set(surface)
    try:
        yield
    finally:
        _here.reset(before)
