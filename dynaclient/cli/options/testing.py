"""Options of `dynaclient test`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, Parser, add_document_command
from dynaclient.cli.options.shared import (
    ALWAYS,
    add_headers,
    add_target,
    comma_separated,
    natural_number,
    positive_seconds,
    whole_number,
)

TEST = """\
Each operation is called, with valid and with invalid arguments, DELETE and POST too: use a
server whose data may change, and --skip what must not happen, such as a logout. Nothing is
changed or removed by its identifier that the run did not make or that --given does not name,
without --any-data; PUT and PATCH of a path that names one thing, such as /settings, are sent.

  dynaclient test openapi.yaml --server http://localhost:8000 --skip 'POST /logout' --report junit=report.xml

What a team fixes stands in dynaclient.toml, [api.NAME.test], or in pyproject.toml under
[tool.dynaclient.api.NAME.test]; the nearest file above the working directory counts.
"""


def add_test(commands: Commands) -> None:
    """`dynaclient test`."""
    parser = add_document_command(
        commands,
        "test",
        "contract_test:test",
        "test whether a server conforms to a document",
        f"{TEST}\n{EXIT_CODES}\n{ENVIRONMENT}",
    )
    add_target(parser)
    add_headers(parser, "always", f"{ALWAYS}; printed commands show `...` for its value; may be repeated")
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
        type=comma_separated,
        action="extend",
        help="only these checks, or with - before the name all but these",
    )
    group.add_argument("--seed", type=whole_number, help="another seed makes other cases; default 0")
    group.add_argument("--cases", type=natural_number, help="random cases for each operation; default 20")


def _add_bounds(parser: Parser) -> None:
    group = parser.add_argument_group("bounds")
    group.add_argument(
        "--max-time", metavar="SECONDS", type=positive_seconds, help="for the whole run; default 60"
    )
    group.add_argument("--max-failures", metavar="N", type=natural_number, help="end the run after so many")
    group.add_argument(
        "--max-response-time", metavar="SECONDS", type=positive_seconds, help="a slower response is a failure"
    )
    group.add_argument(
        "--rate", metavar="N/s", type=_requests_a_second, help="requests a second, such as 10/s, or 100/m"
    )
    group.add_argument("--workers", metavar="N", type=natural_number, help="threads that send; default 1")


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
        type=_percentage,
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


def _requests_a_second(text: str) -> float:
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


def _percentage(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError("expected a percentage from 0 to 100")
    return percent
