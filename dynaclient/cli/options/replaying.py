"""Options of the command that replays recordings: replay."""

from __future__ import annotations

from dynaclient.cli.options.parser import (
    DOCUMENT,
    ENVIRONMENT,
    EXIT_CODES,
    Commands,
    add_command,
    add_reading,
)
from dynaclient.cli.options.shared import ALWAYS, add_allow, add_connection, add_headers, add_target

REPLAY = f"""\
FILE is what `client.record("calls.har")` wrote, a HAR of a browser or another tool, or a cassette of vcrpy.
With --check nothing is sent: it says which exchanges the document does not allow any more. Otherwise the
requests go to --server, and it says what comes that is not as it was recorded: the status, the media type,
and with NAME what breaks the document. GET and HEAD are all that is sent, unless you allow more.

examples:
  dynaclient replay calls.har --check talon-one-integration
  dynaclient replay calls.har --check openapi.yaml --json
  dynaclient replay calls.har --server http://localhost:8000
  dynaclient replay calls.har openapi.yaml --server http://localhost:8000 --allow POST

{EXIT_CODES}
{ENVIRONMENT}"""


def add_replay(commands: Commands) -> None:
    """`dynaclient replay`."""
    summary = "hold recorded calls against a document, or send them again and say what differs"
    parser = add_command(commands, "replay", "replay:replay_file", summary, REPLAY)
    parser.add_argument("recording", metavar="FILE", help="the recording: a HAR, or a cassette of vcrpy")
    parser.add_argument("given", metavar="NAME", nargs="*", help=f"the document to send with: {DOCUMENT}")
    parser.add_argument(
        "--check", metavar="NAME", help="send nothing, but hold the recording against a document"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a line of JSON for each exchange, and the counts"
    )
    add_allow(parser)
    add_target(parser)
    add_headers(parser, "always", f"{ALWAYS}; may be repeated")
    add_connection(parser.add_argument_group("the connection"))
    add_reading(parser)
