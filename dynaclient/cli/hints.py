"""What an unknown option of the command line was meant as: another option, or what does that here."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from dynaclient.cli.options.parser import Parser, near

_SAME = {
    "--body": "-d --data --data-raw --data-binary --data-ascii --json --payload --input --raw",
    "--field": "--form --form-string --file --upload-file -T --multipart --data-urlencode",
    "-p": "--param --params --parameter --parameters --query --path -q --arg --args -G --get",
    "--header": "--headers --user-agent -A --referer -e --cookie -b",
    "--credential": "-u --user --username --auth --token --api-key --apikey --bearer --password",
    "--server": "--url --base-url --baseurl --host --endpoint --base --uri",
    "--timeout": "-m --max-time --connect-timeout -t",
    "--verbose": "-i --include --debug --trace --trace-ascii -D --dump-header --show-headers -I --head",
    "--dry-run": "--offline --prepare -n",
    "--insecure": "-k --no-verify",
    "--verify": "--cacert --capath",
    "--proxy": "-x --proxies",
    "--output": "--format",
    "--filter": "--jmespath --jq",
    "--validate": "--no-validate --strict --no-strict --validation",
    "--skip": "--exclude --exclude-operation-id --exclude-path --ignore --deselect",
    "--only": "--include-operation-id --include-path --op -k",
    "--tag": "--include-tag --tags",
    "--phase": "--phases",
    "--check": "--checks -c",
    "--max-failures": "--maxfail",
    "--rate": "--rate-limit",
    "--junit": "--junit-xml --junitxml --report-junit-path",
    "--cases": "--max-examples --hypothesis-max-examples -n --number --count",
    "--port": "-P --listen --bind",
}
"""What other clients and test tools call the options of dynaclient that stand first."""


_ELSEWHERE = {
    "-X --request": "the operation says the method: an operationId, or 'METHOD /path'",
    "-o -O --remote-name --save --download": "the response goes to standard output: > FILE",
    "-L --location --follow --max-redirs": "a GET follows redirects on the same origin",
    "-f --fail --fail-with-body --check-status": "a status from 400 on exits with 1",
    "-s --silent --quiet -S --show-error --no-progress-meter": "only the response goes to standard output",
    "-E --cert": "a client certificate is given as cert= in Python",
    "-j --pretty --style": "JSON is laid out as it is; what goes into a pipe has no colors",
    "--retry --retries --max-retries": "what is safe to repeat is sent up to 3 times; retries= in Python",
    "--compressed": "compressed responses are always accepted",
    "--spec --schema --openapi --document": "the document is the first argument",
    "-w --write-out": "-v prints the status and headers on standard error",
}

_SENTENCES = {option: sentence for options, sentence in _ELSEWHERE.items() for option in options.split()}


_NAME = re.compile(r"--[A-Za-z][\w-]*|-.", re.DOTALL)


def names_of(unknown: Sequence[str]) -> list[str]:
    """The names of unknown options, without their values: `--token=...` and `-uNAME:...` hold secrets."""
    options = [text for text in unknown if text.startswith("-") and text.strip("-")]
    return [_NAME.match(text)[0] for text in options]  # type: ignore[index]


def command_hint(parser: Parser, name: str, commands: Sequence[Parser]) -> str:
    """What `name` is called here (`; use --body BODY`), what does that, or who has it; else nothing."""
    own = _options(parser)
    same = [option for option, aliases in _SAME.items() if name in aliases.split()]
    if meant := next((option for option in same if option in own), ""):
        return f"; use {_usage(own[meant])}"
    if sentence := _SENTENCES.get(name):
        return f"; {sentence}"
    if having := _having(name, commands):
        return having
    if said := near(name, [each for each in own if len(each) > 2]):
        return said
    return next(filter(None, (_having(each, commands) for each in same)), "")


def _having(name: str, commands: Sequence[Parser]) -> str:
    having = [each.prog for each in commands if name in _options(each)]
    return f"; {', '.join(having)} {'has' if len(having) == 1 else 'have'} {name}" if having else ""


def _options(parser: Parser) -> dict[str, argparse.Action]:
    return {name: action for action in parser._actions for name in action.option_strings}


def _usage(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else ""
    return f"{action.option_strings[0]} {value}".strip()
