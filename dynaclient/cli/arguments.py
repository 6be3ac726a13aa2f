"""The parser of the command line: a module of `options` for each command or few."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dynaclient._version import __version__
from dynaclient.cli.options.apis import add_named_apis
from dynaclient.cli.options.bulk import add_bulk
from dynaclient.cli.options.calling import add_call
from dynaclient.cli.options.documents import add_diff, add_lint, add_stubs, add_vendor
from dynaclient.cli.options.exploring import add_example, add_find, add_ops, add_repl, add_show
from dynaclient.cli.options.logins import add_logins
from dynaclient.cli.options.paging import add_pages
from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, Layout, Parser
from dynaclient.cli.options.replaying import add_replay
from dynaclient.cli.options.serving import add_mcp, add_serve
from dynaclient.cli.options.shells import add_completion, add_help
from dynaclient.cli.options.testing import add_test

_ADDING: tuple[tuple[Callable[[Commands], None], str], ...] = (
    (add_ops, "ops"),
    (add_find, "find"),
    (add_show, "show"),
    (add_example, "example"),
    (add_call, "call"),
    (add_pages, "pages"),
    (add_bulk, "bulk"),
    (add_repl, "repl"),
    (add_lint, "lint"),
    (add_serve, "serve"),
    (add_mcp, "mcp"),
    (add_test, "test"),
    (add_replay, "replay"),
    (add_diff, "diff"),
    (add_stubs, "stubs"),
    (add_named_apis, "add list remove update trust"),
    (add_logins, "login logout"),
    (add_vendor, "vendor"),
    (add_help, "help"),
    (add_completion, "completion"),
)
"""What adds which commands."""


def build_parser(command: str = "") -> Parser:
    """The parser of all commands; where a command is known to be meant, only of it, which takes less time."""
    parser = Parser(
        prog="dynaclient",
        description="Look at an OpenAPI document, call its operations, serve it, test a server against it.",
        epilog=f"{EXIT_CODES}\n{ENVIRONMENT}",
        formatter_class=Layout,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dynaclient {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    meant = [add for add, names in _ADDING if command in names.split()]
    for add in meant or [add for add, _ in _ADDING]:
        add(commands)
    for each in commands.choices.values():
        each.settle()
    parser.set_defaults(commands=commands.choices)
    return parser


def attached(arguments: Sequence[str]) -> list[str]:
    """`test --check -NAME` as `--check=-NAME`: argparse would take the name for an option."""
    made: list[str] = []
    if [*arguments[:1]] != ["test"]:
        return [*arguments]
    for each in arguments:
        if made[-1:] == ["--check"] and each[:1] == "-" and each[:2] != "--":
            made[-1] = f"--check={each}"
        else:
            made.append(each)
    return made
