"""The options of the command line, and what `--help` says of them."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import groupby
from textwrap import wrap
from typing import Any, NoReturn, TypeAlias

from dynaclient._version import __version__

_METHOD = re.compile(r"[A-Za-z][A-Za-z-]*")

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
       stubs: --check, and the file is stale
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


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="dynaclient",
        description="Look at an OpenAPI document, call its operations, serve it, test a server against it.",
        epilog=f"{EXIT_CODES}\n{ENVIRONMENT}",
        formatter_class=Layout,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dynaclient {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _ops,
        _find,
        _show,
        _example,
        _call,
        _pages,
        _bulk,
        _repl,
        _lint,
        _serve,
        _mcp,
        _test,
        _diff,
        _stubs,
        _named_apis,
        _vendor,
        _help,
        _completion,
    ):  # fmt: skip
        add(commands)
    for each in commands.choices.values():
        each.settle()
    parser.set_defaults(commands=commands.choices)
    return parser


def _add_alone(commands: Commands, name: str, run: str, summary: str, epilog: str = "") -> Parser:
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


def _add(
    commands: Commands, name: str, run: str, summary: str, epilog: str = "", metavar: str = "NAME"
) -> Parser:
    parser = _add_alone(commands, name, run, summary, epilog)
    parser.add_argument("document", metavar=metavar, help=DOCUMENT)
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
    return parser


def _add_target(whole: Parser) -> argparse._MutuallyExclusiveGroup:
    parser = whole.add_argument_group("the server, and who calls it")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--server", metavar="URL", help="where to send; default: the document's first server")
    parser.add_argument(
        "--credential",
        metavar="SCHEME=VALUE",
        action="append",
        default=[],
        help="for a security scheme of the document; user:password for basic; may be repeated",
    )
    parser.add_argument(
        "--token-url",
        metavar="URL",
        help="fetch the token of an OAuth scheme there, by the client credentials grant; its credential is "
        "CLIENT_ID:SECRET then",
    )
    parser.add_argument(
        "--token-field",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="ask for the token with scope=..., audience=..., resource=... or another field; may be repeated",
    )
    parser.add_argument(
        "--token-secret-in",
        choices=("header", "body"),
        default="header",
        help="where the token's server wants id and secret; default %(default)s",
    )
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="for a whole call; default 60")
    return target


def _add_validate(parser: Place) -> None:
    parser.add_argument(
        "--validate",
        metavar="MODE",
        action="append",
        type=_mode,
        help="strict (default), warn or off; request=MODE or response=MODE for one direction; "
        "undeclared=strict refuses properties that seem to be misspelt",
    )


def _add_headers(parser: Place, dest: str, words: str) -> None:
    """`-H 'NAME: VALUE'`."""
    parser.add_argument(
        "-H", "--header", dest=dest, metavar="'NAME: VALUE'", action="append", default=[], help=words
    )


ALWAYS = "a header that every request has, such as a credential that the document does not mention"


def _ops(commands: Commands) -> None:
    parser = _add(commands, "ops", "commands:ops", "list the operations of a document", EXIT_CODES)
    parser.add_argument(
        "pattern", metavar="PATTERN", nargs="?", help="a part or a glob of the id, path, tag or summary"
    )
    _add_json(parser)


FIND = """\
examples:
  dynaclient find talon-one-integration coupon
  dynaclient find openapi.yaml remove cart item
  dynaclient find openapi.yaml /customers

Words are looked for in ids, paths, summaries, tags, parameters, schemas, properties and descriptions;
verbs by what they mean (remove finds deleteCoupon), a word with a slash in paths. The best comes first;
where no operation has all words, those follow that have most of them.
"""


def _find(commands: Commands) -> None:
    parser = _add(commands, "find", "commands:find", "find operations by words", FIND)
    parser.add_argument("words", metavar="WORD", nargs="+", help="what the operation is about, or does")
    _add_json(parser)


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, one object for each operation")


EXAMPLE = """\
examples:
  dynaclient example openapi.yaml createPet
  dynaclient example openapi.yaml createPet --full --body > pet.json
  dynaclient call openapi.yaml createPet --body @pet.json
"""


def _example(commands: Commands) -> None:
    summary = "print a call of an operation that is valid for the document"
    parser = _add(commands, "example", "commands:example", summary, EXAMPLE)
    _add_operation(parser)
    parser.add_argument(
        "--full", action="store_true", help="with all that the operation takes; default: what is required"
    )
    parser.add_argument("--body", action="store_true", help="print the body alone, as JSON")


SHOW = """\
On a terminal, what does not fit is folded and named at the end; into a pipe goes everything:
  dynaclient show openapi.yaml createPet | less
"""


def _show(commands: Commands) -> None:
    summary = "show parameters, body and responses of an operation, with an example"
    parser = _add(commands, "show", "commands:show", summary, SHOW)
    _add_operation(parser, nargs="?")
    parser.add_argument(
        "part",
        metavar="PART",
        nargs="?",
        help="only that, with all its words: description, body, example, a status such as 200, the name of a "
        "parameter, or what lies in one: body/customer/address",
    )


def _add_operation(parser: Parser, **settings: Any) -> None:
    words = "an operationId, its snake_case form, or 'METHOD /path'"
    words += "; without one all are listed" if settings else ""
    parser.add_argument("operation", metavar="OPERATION", help=words, **settings)


def _add_parameters(parser: Parser, group: Any) -> None:
    group.add_argument(
        "-p",
        dest="parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter, read by its schema; JSON for objects; repeated for the items of an array; "
        "LOCATION.NAME=VALUE where a name is in two locations",
    )
    parser.add_argument(
        "given",
        metavar="ARGUMENT",
        nargs="*",
        help="NAME=VALUE for a parameter or for a property of the body; or the body: JSON, or @FILE",
    )


CALL = f"""\
examples:
  dynaclient call talon-one-integration getCustomerSession \\
      --server https://acme.talon.one customerSessionId=s-1
  dynaclient call openapi.yaml 'get /pets/{{petId}}' petId=7 --curl
  dynaclient call openapi.yaml createPet name=Rex 'phones[0].digits=555' tags=a
  dynaclient call openapi.yaml createPet '{{"name": "Rex"}}' --dry-run
  dynaclient call openapi.yaml setPhoto petId=7 @rex.png
  dynaclient call openapi.yaml createPet -F name=Rex -F photo=@rex.png
  dynaclient call openapi.yaml createPet < pet.json
  dynaclient call openapi.yaml listPets --filter '[?age > `3`]' --output csv > old.csv
  id=$(dynaclient call openapi.yaml createPet name=Rex --print '$response.body#/id')

NAME=VALUE behind the operation is a parameter, or a property of the body; both are read by their
schemas. A path leads into the body: customer.address.city=Rome, items[0].sku=7, labels[a.b]=1. A name
that is given again adds an item to its array. What begins with {{, [ or @ is the body itself.

Without a body an operation that takes one reads it from standard input, where that is a pipe, or a file
that nobody has begun to read. --ignore-stdin leaves it alone, in a loop that reads from a pipe, say.

{EXIT_CODES}
{ENVIRONMENT}"""


def _call(commands: Commands) -> None:
    parser = _add(commands, "call", "call:call", "call an operation and print its response", CALL)
    parser.set_defaults(hint="; a parameter is given as -p NAME=VALUE")
    _add_operation(parser)
    asked = parser.add_argument_group("the request")
    _add_parameters(parser, asked)
    body = asked.add_mutually_exclusive_group()
    body.add_argument(
        "--body",
        metavar="BODY|@FILE|-",
        help="the body itself, such as JSON; or the file that holds it; or - for standard input",
    )
    body.add_argument(
        "-F",
        "--field",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a field of a form, or a property of a JSON body, read by its schema; NAME=@FILE sends a file, "
        "with ;type=TYPE/SUBTYPE or ;filename=NAME behind it if need be; repeated for the items of an array",
    )
    asked.add_argument(
        "--ignore-stdin",
        action="store_true",
        help="leave standard input alone where no body is given",
    )
    _add_headers(asked, "header", "a header that the document does not mention; may be repeated")
    asked.add_argument("--method", metavar="METHOD", help="send another method than that of the operation")
    _add_validate(asked)
    shown = parser.add_argument_group("what is printed")
    _add_output(shown)
    shown.add_argument(
        "--print",
        metavar="EXPRESSION",
        action="append",
        default=[],
        help="print only what a runtime expression gives, such as '$response.body#/id' or "
        "'$response.header.Location': text as it is, all else as JSON; repeated for one a line",
    )
    shown.add_argument(
        "-v", "--verbose", action="store_true", help="print request and response on standard error"
    )
    instead = parser.add_argument_group("instead of sending").add_mutually_exclusive_group()
    instead.add_argument("--dry-run", action="store_true", help="print the request")
    for name, words in COMMANDS.items():
        instead.add_argument(
            f"--{name}", dest="command", action="store_const", const=name, help=f"print {words}"
        )
    _add_target(parser)
    _add_transport(parser.add_argument_group("the connection"))


COMMANDS = {
    "curl": "the line of curl that sends it; secrets are variables in it",
    "httpie": "the line of HTTPie that sends it",
    "python": "the lines of Python that send it with this library",
}
"""What a call can be written as."""

OUTPUTS = ("json", "yaml", "table", "csv", "raw")
"""Forms in which the data of a response is printed."""


def _add_output(parser: Place) -> None:
    parser.add_argument(
        "--filter",
        metavar="EXPRESSION",
        help="print what a JMESPath expression gives of the data: 'items[].name', 'length(@)'",
    )
    parser.add_argument(
        "--output",
        metavar="FORMAT",
        choices=OUTPUTS,
        help=f"{', '.join(OUTPUTS[:-1])}, or {OUTPUTS[-1]}: the bytes as they came; default: by what came",
    )


def _add_transport(parser: Place) -> None:
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--verify", metavar="FILE", help="trust the certificates in this file, and no others")
    trust.add_argument(
        "--insecure",
        action="store_true",
        help="do not check the certificate of the server: who is between can read and change everything",
    )
    parser.add_argument(
        "--proxy", metavar="URL", help="send through this proxy; default: HTTPS_PROXY, HTTP_PROXY"
    )


PAGES = f"""\
examples:
  dynaclient pages openapi.yaml listOrders > orders.ndjson
  dynaclient pages openapi.yaml listOrders --cursor after=/data/-1/id --output csv
  dynaclient pages talon-one-integration integrationGetAllCampaigns --limit 100

How a page follows on another is said by --next, --cursor, --offset or --page, or else by the profile or the
document (x-pagination, x-ms-pageable, a Link Object, a Link header); it is never guessed. PLACE is a JSON
Pointer into the response, such as /meta/next, in which -1 is the last item, or $response.header.NAME.

{EXIT_CODES}
{ENVIRONMENT}"""


def _pages(commands: Commands) -> None:
    summary = "print the items of a list that comes in pages, one a line"
    parser = _add(commands, "pages", "pages:export_pages", summary, PAGES)
    parser.set_defaults(hint="; a parameter is given as NAME=VALUE", field=[], ignore_stdin=True)
    _add_operation(parser)
    asked = parser.add_argument_group("the request")
    _add_parameters(parser, asked)
    asked.add_argument("--body", metavar="BODY|@FILE|-", help="the body of each request, such as JSON")
    _add_headers(asked, "header", "a header that the document does not mention; may be repeated")
    _add_validate(asked)
    group = parser.add_argument_group("how pages follow")
    style = group.add_mutually_exclusive_group()
    style.add_argument(
        "--next", metavar="PLACE", help="where a response has the URL of the next page; link: a Link header"
    )
    style.add_argument(
        "--cursor", metavar="NAME=PLACE", type=_given_place, help="a parameter, and where its next value is"
    )
    style.add_argument("--offset", metavar="NAME", help="the parameter that counts items")
    style.add_argument(
        "--page",
        metavar="NAME[=FIRST]",
        type=_numbered,
        help="the parameter that counts pages, and the number of the first one",
    )
    group.add_argument(
        "--items", metavar="PLACE", help="where a response has the items; default: as documented"
    )
    group.add_argument("--more", metavar="PLACE", help="where a response says whether more follow")
    group.add_argument(
        "--total", metavar="PLACE", help="where a response says how many there are on all pages"
    )
    shown = parser.add_argument_group("what is printed")
    shown.add_argument(
        "--output", choices=("ndjson", "csv"), default="ndjson", help="JSON on each line (default), or CSV"
    )
    shown.add_argument("--limit", metavar="N", type=_cases, help="no more than so many items")
    shown.add_argument("--start", metavar="TOKEN", help="go on where an earlier run ended")
    _add_target(parser)
    _add_transport(parser.add_argument_group("the connection"))


BULK = f"""\
examples:
  dynaclient bulk talon-one-integration updateCustomerProfileV2 profiles.csv \\
      --map email=body.attributes.Email --key integrationId \\
      --journal import.db --rate 100/s
  dynaclient bulk talon-one-integration updateCustomerProfilesV2 profiles.csv \\
      --map email=attributes.Email --pack customerProfiles --size 500 --dry-run
  dynaclient bulk openapi.yaml createPet pets.ndjson --failed failed.ndjson

The columns of a CSV are parameters, or by --map parts of the body (body.a.b), each read by its schema; an
empty cell is left out. A line of NDJSON is {{"PARAMETER": ..., "body": ...}}. With --pack many rows go in one
request, each a member of that property of the body.

With a journal, a run that was killed goes on where it was when the same command is given again. What may not
be repeated (a POST) and was not answered is "unknown", and never sent again.

{EXIT_CODES}
{ENVIRONMENT}"""


def _bulk(commands: Commands) -> None:
    summary = "call an operation for each row of a file"
    parser = _add(commands, "bulk", "bulk:bulk", summary, BULK)
    _add_operation(parser)
    parser.add_argument("rows", metavar="FILE", help="a .csv, or NDJSON; - for NDJSON on standard input")
    asked = parser.add_argument_group("the requests")
    asked.add_argument(
        "-p",
        dest="parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter that each request has, read by its schema; may be repeated",
    )
    asked.add_argument(
        "--map",
        metavar="COLUMN=PLACE",
        action="append",
        default=[],
        help="where a column of the CSV goes: a parameter, or body.a.b; with --pack a.b of the "
        "member; with :json behind it, cells are JSON (numbers) where the schema allows anything",
    )
    asked.add_argument(
        "--pack", metavar="PROPERTY", help="send many rows as members of this array in the body"
    )
    asked.add_argument(
        "--size", metavar="N", type=_cases, help="rows of a pack; default: as documented, or 100"
    )
    asked.add_argument(
        "--idempotency-key", metavar="HEADER", help="send a key of each row, so that it may repeat"
    )
    _add_headers(asked, "always", f"{ALWAYS}; may be repeated")
    _add_validate(asked)
    run = parser.add_argument_group("the run")
    run.add_argument("--dry-run", action="store_true", help="check all rows, and send nothing")
    run.add_argument(
        "--key", metavar="COLUMN", help="what names a row, such as id or body.id; default: its number"
    )
    run.add_argument(
        "--journal", metavar="FILE", help="keep what was sent and what came of it, and go on from it"
    )
    run.add_argument("--rate", metavar="RATE", help="requests a second, such as 100/s, or 600/m")
    run.add_argument(
        "--workers",
        metavar="N",
        type=_cases,
        help="how many send at a time; default: 32 threads, or a process for each core",
    )
    run.add_argument(
        "--processes", action="store_true", help="let processes send, which get credentials by reference"
    )
    run.add_argument(
        "--window",
        metavar="N",
        type=_cases,
        default=64,
        help="requests that may be on their way; default %(default)s",
    )
    shown = parser.add_argument_group("what is printed and kept")
    shown.add_argument(
        "--failed", metavar="FILE", help="write the rows that are not ok here, as NDJSON to send again"
    )
    shown.add_argument("--json", action="store_true", help="print a line of JSON for each row, and a summary")
    _add_target(parser)
    _add_transport(parser.add_argument_group("the connection"))


def _given_place(text: str) -> tuple[str, str]:
    name, mark, place = text.partition("=")
    if not mark or not name or not place:
        raise argparse.ArgumentTypeError("expected NAME=PLACE, such as starting_after=/data/-1/id")
    return name, place


def _numbered(text: str) -> str | tuple[str, int]:
    name, mark, first = text.partition("=")
    if mark and not (first.isascii() and first.isdigit()):
        raise argparse.ArgumentTypeError("expected NAME, or NAME=FIRST, such as page=0")
    return (name, int(first)) if mark else name


def _mode(text: str) -> str:
    direction, mark, mode = text.partition("=")
    if (mode if mark else text) not in ("strict", "warn", "off") or (
        mark and direction not in ("request", "response", "undeclared")
    ):
        raise argparse.ArgumentTypeError(
            "expected strict, warn or off, alone or after request=, response= or undeclared="
        )
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("expected a number of seconds above 0")
    return seconds


def _lint(commands: Commands) -> None:
    parser = _add(
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


def _diff(commands: Commands) -> None:
    summary = "compare two documents, and say what breaks callers and readers of responses"
    parser = _add(commands, "diff", "diff:show_diff", summary, DIFF, "OLD")
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


def _serve(commands: Commands) -> None:
    parser = _add(
        commands,
        "serve",
        "commands:serve",
        "serve a document: a sandbox that responds as it says, and keeps what is made in memory",
        SERVE,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; default %(default)s")
    parser.add_argument(
        "--port", type=_port, default=8000, help="default %(default)s; 0 for any that is free"
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


def _mcp(commands: Commands) -> None:
    parser = _add(commands, "mcp", "mcp:mcp", "offer the operations of a document to agents, by MCP", MCP)
    _add_target(parser)
    _add_headers(parser, "always", f"{ALWAYS}; may be repeated")
    allowed = parser.add_mutually_exclusive_group()
    allowed.add_argument(
        "--allow",
        metavar="METHODS",
        type=_methods,
        action="extend",
        default=[],
        help="let these methods be called too, such as POST,PUT; default: GET and HEAD alone",
    )
    allowed.add_argument("--allow-all", action="store_true", help="let every method be called")
    parser.add_argument(
        "--only",
        metavar="PATTERN",
        action="append",
        help="only operations that this fits, a part or a glob of the id or of 'METHOD /path'; "
        "may be repeated",
    )
    parser.add_argument(
        "--port",
        type=_port,
        help="speak streamable HTTP there, at /mcp; 0 for any that is free; default: standard input and "
        "output",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; default %(default)s")


def _methods(text: str) -> list[str]:
    """HTTP methods: those of the standard in upper case, others as they are written."""
    methods = _names(text)
    if not methods or not all(_METHOD.fullmatch(each) for each in methods):
        raise argparse.ArgumentTypeError("expected methods, such as POST,PUT")
    return [each.upper() if each.islower() else each for each in methods]


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("expected a port from 0 to 65535")
    return int(text)


def _cases(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1")
    return int(text)


TEST = """\
Each operation is called, with valid and with invalid arguments, DELETE and POST too: use a
server whose data may change, and --skip what must not happen, such as a logout. Nothing is
changed or removed by its identifier that the run did not make or that --given does not name,
without --any-data; PUT and PATCH of a path that names one thing, such as /settings, are sent.

  dynaclient test openapi.yaml --server http://localhost:8000 --skip 'POST /logout' --report junit=report.xml

What a team fixes stands in dynaclient.toml, [api.NAME.test], or in pyproject.toml under
[tool.dynaclient.api.NAME.test]; the nearest file above the working directory counts.
"""


def _test(commands: Commands) -> None:
    parser = _add(
        commands,
        "test",
        "contract_test:test",
        "test whether a server conforms to a document",
        f"{TEST}\n{EXIT_CODES}\n{ENVIRONMENT}",
    )
    _add_target(parser)
    _add_headers(parser, "always", f"{ALWAYS}; printed commands show `...` for its value; may be repeated")
    _add_choices(parser)
    _add_bounds(parser)
    _add_data(parser)
    _add_results(parser)


def _add_choices(parser: Parser) -> None:
    group = parser.add_argument_group("what is tested")
    fits = "that this fits, a part or a glob of the id or of 'METHOD /path'; may be repeated"
    _add_list(group, "--only", "only", "PATTERN", f"only operations {fits}", alias="--operation")
    _add_list(group, "--skip", "skip", "PATTERN", f"no operations {fits}")
    _add_list(group, "--tag", "tags", "TAG", "only operations with this tag; may be repeated")
    phases = "a phase: coverage, stateful or random; may be repeated; default all"
    _add_list(group, "--phase", "phases", "PHASE", phases)
    group.add_argument(
        "--check",
        dest="checks",
        metavar="NAME,-NAME",
        type=_names,
        action="extend",
        help="only these checks, or with - before the name all but these",
    )
    group.add_argument("--seed", type=_count, help="another seed makes other cases; default 0")
    group.add_argument("--cases", type=_cases, help="random cases for each operation; default 20")


def _add_bounds(parser: Parser) -> None:
    group = parser.add_argument_group("bounds")
    group.add_argument("--max-time", metavar="SECONDS", type=_seconds, help="for the whole run; default 60")
    group.add_argument("--max-failures", metavar="N", type=_cases, help="end the run after so many")
    group.add_argument(
        "--max-response-time", metavar="SECONDS", type=_seconds, help="a slower response is a failure"
    )
    group.add_argument("--rate", metavar="N/s", type=_rate, help="requests a second, such as 10/s, or 100/m")
    group.add_argument("--workers", metavar="N", type=_cases, help="threads that send; default 1")


def _add_data(parser: Parser) -> None:
    group = parser.add_argument_group("the data of the server")
    group.add_argument(
        "--given",
        metavar="NAME=VALUE",
        type=_given,
        action=_Table,
        help="a value for a path parameter, JSON or text: what it names may be changed and removed",
    )
    group.add_argument(
        "--any-data",
        action="store_true",
        default=None,
        help="let anything be changed and removed that the server tells of",
    )
    group.add_argument(
        "--no-delete", dest="delete", action="store_false", default=None, help="send no DELETE"
    )


def _add_results(parser: Parser) -> None:
    group = parser.add_argument_group("results")
    group.add_argument(
        "--report",
        metavar="FORMAT=FILE",
        type=_report,
        action="append",
        default=[],
        help=f"write the results to a file too; FORMAT is {', '.join(FORMATS)}; may be repeated",
    )
    group.add_argument(
        "--junit",
        metavar="FILE",
        dest="report",
        type=lambda path: ("junit", path),
        action="append",
        help="the same as --report junit=FILE",
    )
    group.add_argument(
        "--replay", metavar="FILE", help="send the requests again that --report har=FILE has written"
    )
    group.add_argument(
        "--referee",
        choices=("openapi-core",),
        help="let another library judge each exchange too, and say where it disagrees",
    )
    group.add_argument(
        "--fail-under",
        metavar="PERCENT",
        type=_percent,
        help="1 where fewer operations had a documented success",
    )
    group.add_argument(
        "--allow-unchecked",
        action="store_true",
        default=None,
        help="0, not 4, where something could not be checked",
    )


FORMATS = ("junit", "json", "har", "html")
"""Formats of `--report`."""


class _Table(argparse.Action):
    """Collects NAME=VALUE in a dict."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any
    ) -> None:
        setattr(namespace, self.dest, {**(getattr(namespace, self.dest) or {}), **dict([values])})


def _add_list(group: Any, name: str, dest: str, metavar: str, words: str, alias: str = "") -> None:
    names = [name, alias] if alias else [name]
    group.add_argument(*names, dest=dest, metavar=metavar, action="append", help=words)


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


def _names(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("expected a whole number from 0")
    return int(text)


def _rate(text: str) -> float:
    number, _, unit = text.partition("/")
    per = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}.get(unit)
    try:
        rate = float(number) / per if per else 0.0
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError("expected requests a second, such as 10/s, or 100/m")
    return rate


def _given(text: str) -> tuple[str, Any]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _report(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    if name not in FORMATS or not path:
        raise argparse.ArgumentTypeError(f"expected FORMAT=FILE, where FORMAT is {', '.join(FORMATS)}")
    return name, path


def _percent(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError("expected a percentage from 0 to 100")
    return percent


HELP = """\
examples:
  dynaclient help
  dynaclient help call
"""


def _help(commands: Commands) -> None:
    summary = "tell what a command does, and show examples"
    parser = _add_alone(commands, "help", "main:help_on", summary, HELP)
    parser.add_argument("topic", metavar="COMMAND", nargs="?", help="a command; without one all are listed")


def _repl(commands: Commands) -> None:
    parser = _add(
        commands, "repl", "repl:repl", "open Python with the client of a document as `api`", ENVIRONMENT
    )
    target = _add_target(parser)
    _add_headers(parser, "always", f"{ALWAYS}; may be repeated")
    _add_validate(parser)
    target.add_argument(
        "--sandbox", action="store_true", help="start a sandbox of the document and call that"
    )
    parser.add_argument(
        "--plain", action="store_true", help="the standard prompt, also where IPython is there"
    )


STUBS = """\
examples:
  dynaclient stubs talon-one-integration -o talon.pyi
  dynaclient stubs talon-one-integration -o talon.pyi --check

The class is called after the file: Talon in talon.pyi. A program says what its client is:

  from dynaclient import connect
  if TYPE_CHECKING:
      from talon import Talon
  talon: "Talon" = connect("talon-one-integration", server="https://acme.europe-west1.talon.one")

"""


def _stubs(commands: Commands) -> None:
    summary = "write the types of a document, for editors, mypy and pyright"
    parser = _add(commands, "stubs", "stubs:stubs", summary, f"{STUBS}{EXIT_CODES}")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the stub, such as talon.pyi; default standard output"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; 1 where the file is stale, with the operations and schemas that moved",
    )


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


def _named_apis(commands: Commands) -> None:
    """The commands that keep names of APIs."""
    parser = _add_alone(
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
    _add_headers(parser, "always", f"{ALWAYS} (as a reference too); may be repeated")
    _add_validate(parser)
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
    _add_alone(
        commands,
        "list",
        "apis:list_apis",
        "list the names: yours, the project's, the vendored documents",
        LIST,
    )
    parser = _add_alone(commands, "remove", "apis:remove", "forget an API that was added", REMOVE)
    parser.add_argument("name", metavar="NAME", help="what it was called")
    parser = _add_alone(
        commands, "update", "apis:update", "fetch the document of an API again, and show what changes", UPDATE
    )
    parser.add_argument("name", metavar="NAME", help="an API that was added")
    _add_yes(parser)
    parser = _add_alone(
        commands, "trust", "apis:trust", "trust the APIs that the file of a project names", TRUST
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default=".", help="of the project; default here"
    )
    _add_yes(parser)


VENDOR = """\
  dynaclient vendor https://shop.example/openapi.json --name shop@2024-06 --register
  dynaclient call shop listOrders

The document is opened, what it changes since the version before is shown, and it is written to
./spec/NAME/VERSION.yaml (or .json) as it came; ./spec/NAME/provenance.yaml says from where, when, and its
SHA-256. A version that is there stays what it is.
"""


def _vendor(commands: Commands) -> None:
    summary = "keep a version of a document in this project, beside where it comes from"
    parser = _add_alone(commands, "vendor", "vendor:vendor", summary, VENDOR)
    parser.add_argument("document", metavar="FILE_OR_URL", help="the document")
    parser.add_argument("--name", metavar="NAME@VERSION", required=True, help="such as shop@2024-06")
    parser.add_argument(
        "--register", action="store_true", help="write [api.NAME] into the dynaclient.toml of the project"
    )


def _add_yes(parser: Parser) -> None:
    parser.add_argument("--yes", action="store_true", help="say yes to what is asked on a terminal")


COMPLETION = """\
What it prints goes into the settings of the shell:
  bash   ~/.bashrc: eval "$(dynaclient completion bash)"
  zsh    ~/.zshrc, below compinit: eval "$(dynaclient completion zsh)"
  fish   dynaclient completion fish > ~/.config/fish/completions/dynaclient.fish

TAB then completes commands, options, documents, operations, parameters and their values:
  dynaclient call talon-one-integration updateCustomerS<TAB> -p dry=<TAB>
"""


def _completion(commands: Commands) -> None:
    summary = "print what lets a shell complete commands, operations and parameters"
    parser = _add_alone(commands, "completion", "completion:completion", summary, COMPLETION)
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
