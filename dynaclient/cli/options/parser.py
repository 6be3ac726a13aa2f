"""The parser of a command, and how one is begun."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import groupby
from textwrap import wrap
from typing import NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


USAGE = 2
"""The exit code for what cannot be understood."""


UNCHECKED = 4
"""The exit code of a contract run in which nothing failed, but something could not be checked."""


EXIT_CODES = """\
exit codes:
  0    fine
  1    call: an error response, one that does not match the document, or none;
       ops, find: no match; lint: at least one error;
       test: something failed, was not reached, or --fail-under was not;
       bulk: a row is not ok; pages: a column of the CSV is left out;
       diff --breaking: something breaks, or may break;
       stubs: --check, and the file is stale;
       replay: an exchange breaks the document, or differs
  2    usage: no such document, operation, setting or file
  3    call: the request does not match the document; nothing was sent
  4    test: nothing failed, but something could not be checked
       (--allow-unchecked makes it 0)
  130  interrupted
"""


ENVIRONMENT = """\
environment (options win):
  DYNACLIENT_SERVER               the server
  DYNACLIENT_CREDENTIAL_<SCHEME>  a credential; the scheme's name in upper case,
                                  other characters as _; not sent to a server
                                  that only the document names
"""


DOCUMENT = (
    "a name that `dynaclient list` shows (such as talon-one-integration, also with @2024-06), a path, or a "
    "URL (http, https, file)"
)


class Layout(argparse.HelpFormatter):
    """Sentences are wrapped to the terminal; lines that are indented, such as examples, stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        groups = groupby(text.splitlines(), lambda line: line.startswith(" ") or not line)
        return "\n".join(
            line
            for as_it_is, lines in groups
            for line in (lines if as_it_is else wrap(" ".join(lines), width, break_on_hyphens=False))
        )


class Parser(argparse.ArgumentParser):
    """A parser whose refusals name the help."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and the reason, in one line; with all the help where no command was given."""
        if "COMMAND" in message:
            self.print_help(sys.stderr)
        joint = " " if message.endswith("?") else "; "
        self.exit(USAGE, f"{self.prog}: {message}{joint}{self.prog} --help says more\n")

    def settle(self) -> None:
        """Put what is said of the document last, and of very many options their sections in the usage."""
        self._action_groups.sort(key=lambda group: group.title == OF_DOCUMENT)
        options = [each for each in self._actions if each.option_strings]
        if len(options) > MANY_OPTIONS:
            required = [f"{each.option_strings[0]} {each.metavar}" for each in options if each.required]
            places = [_usage_of(each) for each in self._actions if not each.option_strings]
            self.usage = " ".join(["%(prog)s [option ...]", *required, *places])


MANY_OPTIONS = 10
"""With more options than this the usage names none but those that are required."""


OF_DOCUMENT = "reading the document"
"""The section of options that say how a document is read."""


Place: TypeAlias = "argparse._ActionsContainer"
"""A parser, or a section of its options."""


def _usage_of(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    several = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}
    return several.get(str(action.nargs), name)


def near(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` where `known` holds something like `name`, else nothing."""
    found = get_close_matches(name, list(known), 1, 0.75)
    return f"; did you mean {found[0]}?" if found else ""


def add_command(commands: Commands, name: str, run: str, summary: str, epilog: str = "") -> Parser:
    """A command without a document."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=epilog,
        formatter_class=Layout,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser, hint="")
    return parser


def add_document_command(
    commands: Commands, name: str, run: str, summary: str, epilog: str = "", metavar: str = "NAME"
) -> Parser:
    """A command whose first argument is a document."""
    parser = add_command(commands, name, run, summary, epilog)
    parser.add_argument("document", metavar=metavar, help=DOCUMENT)
    add_reading(parser)
    return parser


def add_reading(parser: Parser) -> None:
    """How a document is read."""
    reading = parser.add_argument_group(OF_DOCUMENT)
    reading.add_argument(
        "--ref-host",
        metavar="HOST",
        action="append",
        default=[],
        help="a host that references may be read from, beside that of the document; may be repeated",
    )
    reading.add_argument(
        "--ref-folder",
        metavar="FOLDER",
        help="a folder, wider than the document's, for references",
    )
    reading.add_argument(
        "--overlay",
        metavar="FILE",
        action="append",
        default=[],
        help="an OpenAPI Overlay to apply to the document, a path or a URL; may be repeated",
    )
