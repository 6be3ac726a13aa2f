"""Options of the commands that check, compare and keep documents: lint, diff, stubs, vendor."""

from __future__ import annotations

from dynaclient.cli.options.parser import EXIT_CODES, Commands, add_command, add_document_command


def add_lint(commands: Commands) -> None:
    """`dynaclient lint`."""
    parser = add_document_command(
        commands, "lint", "commands:lint", "list what is invalid or unusual in a document", EXIT_CODES
    )
    parser.add_argument(
        "--second-opinion", action="store_true", help="add what openapi-spec-validator finds; takes seconds"
    )
    parser.add_argument(
        "--write-overlay",
        metavar="FILE",
        help="write an OpenAPI Overlay that mends what has one certain mend; for --overlay FILE",
    )


DIFF = f"""\
Requests: whatever OLD accepts NEW has to accept, else it is breaking for callers. Responses: whatever NEW
sends OLD has to have allowed, else it is breaking for readers. A value that shows it stands below; where
neither could be shown it may break.

examples:
  dynaclient diff talon-one-integration@2023-04 talon-one-integration@2024-06
  dynaclient diff released.yaml openapi.yaml --breaking
  dynaclient diff released.yaml openapi.yaml --calls src/ --output markdown >changes.md

{EXIT_CODES}"""


def add_diff(commands: Commands) -> None:
    """`dynaclient diff`."""
    summary = "compare two documents, and say what breaks callers and readers of responses"
    parser = add_document_command(commands, "diff", "diff:show_diff", summary, DIFF, "OLD")
    parser.add_argument("new", metavar="NEW", help="the newer document: what OLD may be")
    parser.add_argument(
        "--breaking", action="store_true", help="end with 1 where something breaks, or may break"
    )
    parser.add_argument(
        "--output",
        choices=("text", "json", "markdown"),
        default="text",
        help="how the changes are printed; default %(default)s",
    )
    parser.add_argument(
        "--calls",
        metavar="FOLDER",
        help="list the calls in Python source that a change breaks, or may break: client.get_pet, "
        'call("getPet"), send, prepare, operations["getPet"]',
    )


STUBS = """\
examples:
  dynaclient stubs talon-one-integration -o talon.pyi
  dynaclient stubs talon-one-integration -o talon.pyi --check
  dynaclient stubs talon-one-integration --async -o async_talon.pyi

The class is called after the file: Talon in talon.pyi. A program says what its client is:

  from dynaclient import connect
  if TYPE_CHECKING:
      from talon import Talon
  talon: "Talon" = connect("talon-one-integration", server="https://acme.europe-west1.talon.one")

With --async it is an AsyncClient, which `connect_async` gives.

"""


def add_stubs(commands: Commands) -> None:
    """`dynaclient stubs`."""
    summary = "write the types of a document, for editors, mypy and pyright"
    parser = add_document_command(commands, "stubs", "stubs:stubs", summary, f"{STUBS}{EXIT_CODES}")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the stub, such as talon.pyi; default standard output"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; 1 where the file is stale, with the operations and schemas that moved",
    )
    parser.add_argument(
        "--async", dest="awaited", action="store_true", help="of an AsyncClient, whose calls are awaited"
    )


VENDOR = """\
  dynaclient vendor https://shop.example/openapi.json --name shop@2024-06 --register
  dynaclient call shop listOrders

The document is opened, what it changes since the version before is shown, and it is written to
./spec/NAME/VERSION.yaml (or .json) as it came; ./spec/NAME/provenance.yaml says from where, when, and its
SHA-256. A version that is there stays what it is.
"""


def add_vendor(commands: Commands) -> None:
    """`dynaclient vendor`."""
    summary = "keep a version of a document in this project, beside where it comes from"
    parser = add_command(commands, "vendor", "vendor:vendor", summary, VENDOR)
    parser.add_argument("document", metavar="FILE_OR_URL", help="the document")
    parser.add_argument("--name", metavar="NAME@VERSION", required=True, help="such as shop@2024-06")
    parser.add_argument(
        "--register", action="store_true", help="write [api.NAME] into the dynaclient.toml of the project"
    )
