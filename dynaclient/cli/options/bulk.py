"""Options of `dynaclient bulk`."""

from __future__ import annotations

from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, add_document_command
from dynaclient.cli.options.shared import (
    ALWAYS,
    add_connection,
    add_headers,
    add_operation,
    add_target,
    add_validate,
    natural_number,
)

BULK = f"""\
examples:
  dynaclient bulk talon-one-integration updateCustomerProfileV2 profiles.csv \\
      --map email=body.attributes.Email --key integrationId \\
      --journal import.db --rate 100/s
  dynaclient bulk talon-one-integration updateCustomerProfilesV2 profiles.csv \\
      --map email=attributes.Email --pack customerProfiles --size 500 --dry-run
  dynaclient bulk openapi.yaml createPet pets.ndjson --failed failed.ndjson

The columns of a CSV are parameters, or by --map parts of the body (body.a.b), each read by its schema; an
empty cell is left out. Columns of Parquet hold data, and so does a line of NDJSON,
{{"PARAMETER": ..., "body": ...}}, of which --map moves members. With --pack many rows go in one
request, each a member of that property of the body.

With a journal, a run that was killed goes on where it was when the same command is given again. What may not
be repeated (a POST) and was not answered is "unknown", and never sent again.

{EXIT_CODES}
{ENVIRONMENT}"""


def add_bulk(commands: Commands) -> None:
    """`dynaclient bulk`."""
    summary = "call an operation for each row of a file"
    parser = add_document_command(commands, "bulk", "bulk:bulk", summary, BULK)
    add_operation(parser)
    parser.add_argument(
        "rows", metavar="FILE", help="a .csv, a .parquet, or NDJSON; - for NDJSON on standard input"
    )
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
        help="where a column, or a member of a line, goes: a parameter, or body.a.b; with --pack a.b of the "
        "member; with :json behind it, cells are JSON (numbers) where the schema allows anything",
    )
    asked.add_argument(
        "--pack", metavar="PROPERTY", help="send many rows as members of this array in the body"
    )
    asked.add_argument(
        "--size", metavar="N", type=natural_number, help="rows of a pack; default: as documented, or 100"
    )
    asked.add_argument(
        "--idempotency-key", metavar="HEADER", help="send a key of each row, so that it may repeat"
    )
    add_headers(asked, "always", f"{ALWAYS}; may be repeated")
    add_validate(asked)
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
        type=natural_number,
        help="how many send at a time; default: 32 threads, or a process for each core",
    )
    where = run.add_mutually_exclusive_group()
    where.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="let the workers of a Dask cluster send: the address of its scheduler, such as tcp://host:8786",
    )
    where.add_argument(
        "--processes", action="store_true", help="let processes send, which get credentials by reference"
    )
    run.add_argument(
        "--window",
        metavar="N",
        type=natural_number,
        default=64,
        help="requests that may be on their way; default %(default)s",
    )
    shown = parser.add_argument_group("what is printed and kept")
    shown.add_argument(
        "--failed", metavar="FILE", help="write the rows that are not ok here, as NDJSON to send again"
    )
    shown.add_argument("--json", action="store_true", help="print a line of JSON for each row, and a summary")
    add_target(parser)
    add_connection(parser.add_argument_group("the connection"))
