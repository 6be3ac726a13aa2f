"""`dynaclient mcp`: the operations of a document as tools for agents."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import pluralize
from dynaclient.cli.config import client_of, tell_withheld
from dynaclient.cli.render import complain
from dynaclient.client import Client
from dynaclient.contract.selection import chosen
from dynaclient.errors import SettingsError
from dynaclient.mcp.tools import Toolbox

INSTALL = "pip install 'dynaclient[mcp]'"
_EVERY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


def mcp(options: Namespace) -> int:
    """Speak the protocol until the other side, or an interrupt, ends it."""
    from dynaclient.mcp.server import PATH, listener, mcp_server, serve_http, serve_stdio  # late: 1 ms

    with client_of(options) as client:
        toolbox = _toolbox(client, options)
        try:
            server = mcp_server(toolbox)
        except ImportError as error:
            why = f"the package mcp, 2 or newer, is missing ({error})"
            raise SettingsError(f"{why}; it comes with {INSTALL}") from None
        tell_withheld(client, client.operations.values())
        if options.port is None:
            if sys.stdin.isatty():
                complain("waiting for an agent on standard input; Ctrl-C ends it, --help says more")
            with _ended_by_interrupt():
                serve_stdio(server)
            return 0
        with listener(options.host, options.port) as listening:
            host, port = listening.getsockname()[:2]
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"
            complain(f"{pluralize(len(client.operations), 'operation')} for agents at {url}; Ctrl-C ends it")
            if not _is_of_this_machine(host):
                complain("whoever reaches this address calls the API with your credentials")
            with suppress(KeyboardInterrupt):  # the way to end it
                serve_http(server, options.host, listening)
    return 0


@contextmanager
def _ended_by_interrupt() -> Iterator[None]:
    """Let an interrupt end the process at once: what reads standard input does not let itself be stopped."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _toolbox(client: Client, options: Namespace) -> Toolbox:
    known = dict.fromkeys([*_EVERY, *(client.operations.entry(key).method for key in client.operations)])
    for each in options.allow:
        if each not in known:
            raise SettingsError(f"--allow {each}: no operation has that method{suggestion(each, known)}")
    methods = list(_EVERY if options.allow_all else options.allow)
    keys = chosen(client, only=options.only) if options.only else None
    if options.allow_all:
        methods += [client.operations.entry(key).method for key in client.operations]
    return Toolbox(client, methods, keys)


def _is_of_this_machine(host: str) -> bool:
    return host == "::1" or host.startswith("127.")
