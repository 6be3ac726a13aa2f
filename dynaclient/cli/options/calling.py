"""Options of `dynaclient call`."""

from __future__ import annotations

from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, add_document_command
from dynaclient.cli.options.shared import (
    add_connection,
    add_headers,
    add_operation,
    add_output,
    add_parameters,
    add_target,
    add_validate,
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


def add_call(commands: Commands) -> None:
    """`dynaclient call`."""
    parser = add_document_command(
        commands, "call", "call:call", "call an operation and print its response", CALL
    )
    parser.set_defaults(hint="; a parameter is given as -p NAME=VALUE")
    add_operation(parser)
    asked = parser.add_argument_group("the request")
    add_parameters(parser, asked)
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
    add_headers(asked, "header", "a header that the document does not mention; may be repeated")
    asked.add_argument("--method", metavar="METHOD", help="send another method than that of the operation")
    add_validate(asked)
    shown = parser.add_argument_group("what is printed")
    add_output(shown)
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
    add_target(parser)
    add_connection(parser.add_argument_group("the connection"))


COMMANDS = {
    "curl": "the line of curl that sends it; secrets are variables in it",
    "httpie": "the line of HTTPie that sends it",
    "python": "the lines of Python that send it with this library",
}
"""What a call can be written as."""
