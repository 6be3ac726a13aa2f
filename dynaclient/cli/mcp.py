"""`dynaclient mcp`: the operations of a document as tools for agents."""

from __future__ import annotations

from argparse import Namespace

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
            serve_stdio(server)
            return 0
        with listener(options.host, options.port) as listening:
            host, port = listening.getsockname()[:2]
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"
            complain(f"{pluralize(len(client.operations), 'operation')} for agents at {url}; Ctrl-C ends it")
            if not _is_of_this_machine(host):
                complain("whoever reaches this address calls the API with your credentials")
            serve_http(server, options.host, listening)
    return 0


def _toolbox(client: Client, options: Namespace) -> Toolbox:
    methods = list(_EVERY if options.allow_all else options.allow)
    keys = chosen(client, only=options.only) if options.only else None
    if options.allow_all:
        methods += [client.operations.entry(key).method for key in client.operations]
    return Toolbox(client, methods, keys)


def _is_of_this_machine(host: str) -> bool:
    return host == "::1" or host.startswith("127.")
