"""Options of the commands that serve a document: serve, mcp."""

from __future__ import annotations

from dynaclient.cli.options.parser import ENVIRONMENT, Commands, add_document_command
from dynaclient.cli.options.shared import ALWAYS, add_allow, add_headers, add_target, port_number

SERVE = """\
examples:
  dynaclient serve openapi.yaml --open
  dynaclient serve openapi.yaml --port 8080 &
  dynaclient call openapi.yaml listPets --server http://localhost:8080

In a browser, / shows the operations and sends requests to the sandbox, by
Swagger UI (pip install 'dynaclient[ui]'; without it there is a plain list).
Where the document has a path / itself, that is served, and the page is at
/_explorer.
"""


def add_serve(commands: Commands) -> None:
    """`dynaclient serve`."""
    parser = add_document_command(
        commands,
        "serve",
        "commands:serve",
        "serve a document: a sandbox that responds as it says, and keeps what is made in memory",
        SERVE,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; default %(default)s")
    parser.add_argument(
        "--port", type=port_number, default=8000, help="default %(default)s; 0 for any that is free"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other responses; default 0")
    parser.add_argument("--open", action="store_true", help="open it in the browser")


MCP = f"""\
An agent gets three tools: to search operations, to describe one, to call it.
Arguments are checked before anything is sent; the agent gets a list of what to
repair. GET and HEAD are all that it may call, unless you allow more. It never
sees a credential.

examples:
  dynaclient mcp talon-one-integration --server https://acme.talon.one
  dynaclient mcp shop --allow POST,PUT --only '*Order*'
  dynaclient mcp openapi.yaml --server http://localhost:8000 --port 8001

an entry in the configuration of an agent, its credential in the environment:
  {{"mcpServers": {{"talon": {{
      "command": "dynaclient",
      "args": ["mcp", "talon-one-integration",
               "--server", "https://acme.talon.one"],
      "env": {{"DYNACLIENT_CREDENTIAL_API_KEY_V1": "ApiKey-v1 ..."}}}}}}}}

{ENVIRONMENT}"""


def add_mcp(commands: Commands) -> None:
    """`dynaclient mcp`."""
    parser = add_document_command(
        commands, "mcp", "mcp:mcp", "offer the operations of a document to agents, by MCP", MCP
    )
    add_target(parser)
    add_headers(parser, "always", f"{ALWAYS}; may be repeated")
    add_allow(parser)
    parser.add_argument(
        "--only",
        metavar="PATTERN",
        action="append",
        help="only operations that this fits, a part or a glob of the id or of 'METHOD /path'; "
        "may be repeated",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        help="speak streamable HTTP there, at /mcp; 0 for any that is free; default: standard input and "
        "output",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; default %(default)s")
