"""Options of the commands that keep names of APIs: add, list, remove, update, trust."""

from __future__ import annotations

from dynaclient.cli.options.parser import Commands, add_command
from dynaclient.cli.options.shared import ALWAYS, add_headers, add_validate, add_yes

ADD = """\
examples:
  dynaclient add shop https://shop.example/openapi.json --credential api_key=env:SHOP_KEY
  dynaclient add talon talon-one-integration --server https://acme.talon.one \\
      --credential 'api_key_v1=command:pass show talon/key'
  dynaclient add crm ./crm.yaml --server https://crm.example --credential 'basic=keyring:crm/me'
  dynaclient call shop listOrders

A reference is resolved when a call needs it:
  env:VARIABLE                  an environment variable
  keyring:SERVICE/USERNAME      the system's keyring (pip install 'dynaclient[keyring]')
  command:PROGRAM ARGUMENTS     what a command prints; it is started without a shell
Server and credentials are bound to the API: they go nowhere else. A document at a URL is kept, so that the
API opens without a network; `dynaclient update` fetches it again.
"""


LIST = """\
A NAME means, in this order: a vendored document, an API that you added, one of the project's file
(dynaclient.toml, or [tool.dynaclient] of pyproject.toml, the nearest from here upward), a file.
Of a credential the reference is shown, of a command only its program.

  dynaclient list
  dynaclient ops shop
"""


REMOVE = """\
The kept copy of its document goes too. Other lines of your configuration stay as they are.

  dynaclient remove shop
"""


UPDATE = """\
What changes is shown, with what it breaks, and the new document is used if you say yes. Without a terminal
nobody is asked: it is used with --yes, else the exit code is 1. No credential goes along; headers of the API
do where its document is on its server.

  dynaclient update shop
  dynaclient update shop --yes
"""


TRUST = """\
  dynaclient trust
  dynaclient trust ~/work/shop --yes

A project's file (dynaclient.toml, or [tool.dynaclient] of pyproject.toml) may say what a NAME means, its
server and headers, and may come from anybody. Before you trust it no credential goes to a server that it
names, and nothing is fetched for it. After a change of these lines it is not trusted any more.
"""


def add_named_apis(commands: Commands) -> None:
    """The commands that keep names of APIs."""
    parser = add_command(
        commands, "add", "apis:add", "give an API a name, with its server and credentials", ADD
    )
    parser.add_argument("name", metavar="NAME", help="what the API is called from now on")
    parser.add_argument("document", metavar="FILE_OR_URL", help="its document; or a vendored name")
    parser.add_argument("--server", metavar="URL", help="where its calls go")
    parser.add_argument(
        "--credential",
        metavar="SCHEME=REFERENCE",
        action="append",
        default=[],
        help="for a security scheme of the document: env:VARIABLE, keyring:SERVICE/USERNAME or command:...; "
        "may be repeated",
    )
    add_headers(parser, "always", f"{ALWAYS} (as a reference too); may be repeated")
    add_validate(parser)
    parser.add_argument(
        "--overlay",
        metavar="FILE",
        action="append",
        default=[],
        help="an OpenAPI overlay that is applied when the document is opened; may be repeated",
    )
    parser.add_argument(
        "--plain-text", action="store_true", help="let secrets be written down that are no references"
    )
    add_command(
        commands,
        "list",
        "apis:list_apis",
        "list the names: yours, the project's, the vendored documents",
        LIST,
    )
    parser = add_command(commands, "remove", "apis:remove", "forget an API that was added", REMOVE)
    parser.add_argument("name", metavar="NAME", help="what it was called")
    parser = add_command(
        commands, "update", "apis:update", "fetch the document of an API again, and show what changes", UPDATE
    )
    parser.add_argument("name", metavar="NAME", help="an API that was added")
    add_yes(parser)
    parser = add_command(
        commands, "trust", "apis:trust", "trust the APIs that the file of a project names", TRUST
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default=".", help="of the project; default here"
    )
    add_yes(parser)
