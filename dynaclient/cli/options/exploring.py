"""Options of the commands that look at a document: ops, find, show, example, repl."""

from __future__ import annotations

from dynaclient.cli.options.parser import ENVIRONMENT, EXIT_CODES, Commands, add_document_command
from dynaclient.cli.options.shared import (
    ALWAYS,
    add_headers,
    add_json,
    add_operation,
    add_target,
    add_validate,
)


def add_ops(commands: Commands) -> None:
    """`dynaclient ops`."""
    parser = add_document_command(
        commands, "ops", "commands:ops", "list the operations of a document", EXIT_CODES
    )
    parser.add_argument(
        "pattern", metavar="PATTERN", nargs="?", help="a part or a glob of the id, path, tag or summary"
    )
    add_json(parser)


FIND = """\
examples:
  dynaclient find talon-one-integration coupon
  dynaclient find openapi.yaml remove cart item
  dynaclient find openapi.yaml /customers

Words are looked for in ids, paths, summaries, tags, parameters, schemas, properties and descriptions;
verbs by what they mean (remove finds deleteCoupon), a word with a slash in paths. The best comes first;
where no operation has all words, those follow that have most of them.
"""


def add_find(commands: Commands) -> None:
    """`dynaclient find`."""
    parser = add_document_command(commands, "find", "commands:find", "find operations by words", FIND)
    parser.add_argument("words", metavar="WORD", nargs="+", help="what the operation is about, or does")
    add_json(parser)


EXAMPLE = """\
examples:
  dynaclient example openapi.yaml createPet
  dynaclient example openapi.yaml createPet --full --body > pet.json
  dynaclient call openapi.yaml createPet --body @pet.json
"""


def add_example(commands: Commands) -> None:
    """`dynaclient example`."""
    summary = "print a call of an operation that is valid for the document"
    parser = add_document_command(commands, "example", "commands:example", summary, EXAMPLE)
    add_operation(parser)
    parser.add_argument(
        "--full", action="store_true", help="with all that the operation takes; default: what is required"
    )
    parser.add_argument("--body", action="store_true", help="print the body alone, as JSON")


SHOW = """\
On a terminal, what does not fit is folded and named at the end; into a pipe goes everything:
  dynaclient show openapi.yaml createPet | less
"""


def add_show(commands: Commands) -> None:
    """`dynaclient show`."""
    summary = "show parameters, body and responses of an operation, with an example"
    parser = add_document_command(commands, "show", "commands:show", summary, SHOW)
    add_operation(parser, nargs="?")
    parser.add_argument(
        "part",
        metavar="PART",
        nargs="?",
        help="only that, with all its words: description, body, example, a status such as 200, the name of a "
        "parameter, or what lies in one: body/customer/address",
    )


def add_repl(commands: Commands) -> None:
    """`dynaclient repl`."""
    parser = add_document_command(
        commands, "repl", "repl:repl", "open Python with the client of a document as `api`", ENVIRONMENT
    )
    target = add_target(parser)
    add_headers(parser, "always", f"{ALWAYS}; may be repeated")
    add_validate(parser)
    target.add_argument(
        "--sandbox", action="store_true", help="start a sandbox of the document and call that"
    )
    parser.add_argument(
        "--plain", action="store_true", help="the standard prompt, also where IPython is there"
    )
