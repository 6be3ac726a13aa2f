"""Options of the commands for people who log in: login, logout."""

from __future__ import annotations

from dynaclient.cli.options.parser import Commands, add_command
from dynaclient.cli.options.shared import add_connection, add_yes

LOGIN = """\
examples:
  dynaclient login shop --client-id dynaclient-cli
  dynaclient login shop --device --scopes read write
  dynaclient login shop --scheme sso --issuer-host id.example --client-secret env:SSO_SECRET
  dynaclient call shop listOrders

NAME is an API that you added. A browser opens for the authorization code flow of its document, with PKCE and
a redirect to http://127.0.0.1:PORT/callback, where PORT is any that is free: register that for the client.
With --device, or where the document has no other flow, you confirm a code on another device.
Only the document names the servers where you log in. They are shown, and used if you say yes; the profile
remembers them. Tokens lie in the system's keyring (pip install 'dynaclient[keyring]'), are renewed by
themselves, and go to no other server.
"""

LOGOUT = """\
The tokens are removed from the keyring; nothing is sent to the server that gave them. The profile keeps
what it remembers for the next login.

  dynaclient logout shop
"""


def add_logins(commands: Commands) -> None:
    """The commands for people who log in."""
    parser = add_command(commands, "login", "login:login", "log in to an API that was added", LOGIN)
    parser.add_argument("name", metavar="NAME", help="an API that was added")
    parser.add_argument("--scheme", metavar="SCHEME", help="which security scheme; default: the only one")
    parser.add_argument(
        "--device", action="store_true", help="confirm a code on another device, without a browser here"
    )
    parser.add_argument("--client-id", metavar="ID", help="the client that the server knows; remembered")
    parser.add_argument(
        "--client-secret",
        metavar="REFERENCE",
        help="its secret, where it has one: env:VARIABLE, keyring:SERVICE/USERNAME or command:...; "
        "remembered",
    )
    parser.add_argument(
        "--token-secret-in",
        choices=("header", "body"),
        help="where the server wants id and secret; default header",
    )
    parser.add_argument(
        "--scopes", metavar="SCOPE", nargs="+", default=[], help="what to ask for; remembered"
    )
    parser.add_argument(
        "--issuer-host",
        metavar="HOST",
        action="append",
        default=[],
        help="a host that the document's openIdConnectUrl may be read from; may be repeated",
    )
    add_yes(parser)
    add_connection(parser.add_argument_group("the connection"))
    parser = add_command(commands, "logout", "login:logout", "forget the tokens of a login", LOGOUT)
    parser.add_argument("name", metavar="NAME", help="an API that was added")
    parser.add_argument("--scheme", metavar="SCHEME", help="which security scheme; default: all")
