"""Options of `dynaclient pages`."""

from __future__ import annotations

import argparse

from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, add_document_command
from dynaclient.cli.options.shared import (
    add_connection,
    add_headers,
    add_operation,
    add_parameters,
    add_target,
    add_validate,
    natural_number,
)

PAGES = f"""\
examples:
  dynaclient pages openapi.yaml listOrders > orders.ndjson
  dynaclient pages openapi.yaml listOrders --cursor after=/data/-1/id --output csv
  dynaclient pages openapi.yaml listOrders --page page --output parquet --to orders.parquet
  dynaclient pages talon-one-integration integrationGetAllCampaigns --limit 100

How a page follows on another is said by --next, --cursor, --offset or --page, or else by the profile or the
document (x-pagination, x-ms-pageable, a Link Object, a Link header); it is never guessed. PLACE is a JSON
Pointer into the response, such as /meta/next, in which -1 is the last item, or $response.header.NAME.

{EXIT_CODES}
{ENVIRONMENT}"""


def add_pages(commands: Commands) -> None:
    """`dynaclient pages`."""
    summary = "print the items of a list that comes in pages, one a line"
    parser = add_document_command(commands, "pages", "pages:export_pages", summary, PAGES)
    parser.set_defaults(hint="; a parameter is given as NAME=VALUE", field=[], ignore_stdin=True)
    add_operation(parser)
    asked = parser.add_argument_group("the request")
    add_parameters(parser, asked)
    asked.add_argument("--body", metavar="BODY|@FILE|-", help="the body of each request, such as JSON")
    add_headers(asked, "header", "a header that the document does not mention; may be repeated")
    add_validate(asked)
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
        "--output",
        choices=("ndjson", "csv", "parquet"),
        default="ndjson",
        help="JSON on each line (default), CSV, or Parquet, with the types of the document (needs pyarrow)",
    )
    shown.add_argument("--to", metavar="FILE", help="write to this file; default: standard output")
    shown.add_argument("--limit", metavar="N", type=natural_number, help="no more than so many items")
    shown.add_argument("--start", metavar="TOKEN", help="go on where an earlier run ended")
    add_target(parser)
    add_connection(parser.add_argument_group("the connection"))


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
