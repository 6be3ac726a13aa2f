"""Options that several commands have, and what their values may be."""

from __future__ import annotations

import argparse
import re
from typing import Any

from dynaclient.cli.options.parser import Parser, Place


def add_target(whole: Parser) -> argparse._MutuallyExclusiveGroup:
    """The server, and who calls it; the group that excludes another server is given."""
    parser = whole.add_argument_group("the server, and who calls it")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--server", metavar="URL", help="where to send; default: the document's first server")
    parser.add_argument(
        "--credential",
        metavar="SCHEME=VALUE",
        action="append",
        default=[],
        help="for a security scheme of the document: the secret, user:password for basic, or what holds it: "
        "env:VARIABLE, keyring:SERVICE/USERNAME, command:...; plain:... for a secret that begins so; may be "
        "repeated",
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
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=positive_seconds, help="for a whole call; default 60"
    )
    return target


def add_validate(parser: Place) -> None:
    """`--validate`."""
    parser.add_argument(
        "--validate",
        metavar="MODE",
        action="append",
        type=validate_mode,
        help="strict (default), warn or off; request=MODE or response=MODE for one direction; "
        "undeclared=strict refuses properties that seem to be misspelt",
    )


def add_headers(parser: Place, dest: str, words: str) -> None:
    """`-H 'NAME: VALUE'`."""
    parser.add_argument(
        "-H", "--header", dest=dest, metavar="'NAME: VALUE'", action="append", default=[], help=words
    )


ALWAYS = "a header that every request has, such as a credential that the document does not mention"


_METHOD = re.compile(r"[A-Za-z][A-Za-z-]*")


def add_allow(parser: Parser) -> None:
    """`--allow` and `--allow-all`: methods that may be called beside those that change nothing."""
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


def _methods(text: str) -> list[str]:
    """HTTP methods: those of the standard in upper case, others as they are written."""
    methods = comma_separated(text)
    if not methods or not all(_METHOD.fullmatch(each) for each in methods):
        raise argparse.ArgumentTypeError("expected methods, such as POST,PUT")
    return [each.upper() if each.islower() else each for each in methods]


def add_json(parser: Parser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, one object for each operation")


def add_operation(parser: Parser, **settings: Any) -> None:
    """The operation, its key or name."""
    words = "an operationId, its snake_case form, or 'METHOD /path'"
    words += "; without one all are listed" if settings else ""
    parser.add_argument("operation", metavar="OPERATION", help=words, **settings)


def add_parameters(parser: Parser, group: Any) -> None:
    """What the call gives."""
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


OUTPUTS = ("json", "yaml", "table", "csv", "raw")
"""Forms in which the data of a response is printed."""


def add_output(parser: Place) -> None:
    """How the data of a response is printed."""
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


def add_connection(parser: Place) -> None:
    """Who is trusted, and through which proxy."""
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


def validate_mode(text: str) -> str:
    """A mode, alone or for a direction."""
    direction, mark, mode = text.partition("=")
    if (mode if mark else text) not in ("strict", "warn", "off") or (
        mark and direction not in ("request", "response", "undeclared")
    ):
        raise argparse.ArgumentTypeError(
            "expected strict, warn or off, alone or after request=, response= or undeclared="
        )
    return text


def positive_seconds(text: str) -> float:
    """A time above 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("expected a number of seconds above 0")
    return seconds


def port_number(text: str) -> int:
    """A port, 0 for any."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("expected a port from 0 to 65535")
    return int(text)


def natural_number(text: str) -> int:
    """1, 2, 3, ..."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1")
    return int(text)


def comma_separated(text: str) -> list[str]:
    """Names with commas between them."""
    return [each.strip() for each in text.split(",") if each.strip()]


def whole_number(text: str) -> int:
    """0, 1, 2, ..."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("expected a whole number from 0")
    return int(text)


def add_yes(parser: Parser) -> None:
    """`--yes`."""
    parser.add_argument("--yes", action="store_true", help="say yes to what is asked on a terminal")
