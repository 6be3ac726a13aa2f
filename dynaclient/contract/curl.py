"""A step of a sequence as a line of curl, with what it captures from the response for those after it.

The request is made as for the server, with marks in place of captured values and credentials; the line is
read off it. `jq` picks values out of JSON.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dynaclient.calls.credentials import invalid_credential
from dynaclient.client import executor_of
from dynaclient.contract.shell import Captured, is_plain, written
from dynaclient.document.node import tokens
from dynaclient.document.operations import OperationBuilder
from dynaclient.explore.curl import basic_schemes, body_sent, curl_words, data_words, marked_credentials
from dynaclient.explore.shell import has_marks, unquoted
from dynaclient.wire.percent import query_names
from dynaclient.wire.redacted_text import REDACTED

if TYPE_CHECKING:
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, Step
    from dynaclient.explore.curl import Hidden
    from dynaclient.wire.request import Request


def curl_commands(client: Client, steps: Sequence[Step], *, follow: bool = False) -> str:
    """The lines that show a sequence again. `follow`: whether the last request follows redirects."""
    made = [*zip(steps, written(steps, _fits), strict=True)]
    lines = [line for step, each in made[:-1] for line in curl_lines(client, step.case, each)]
    step, last = made[-1]
    return "\n".join([*lines, *curl_lines(client, step.case, last, follow=follow)])


def _fits(place: str, value: Any) -> bool:
    """Whether a captured value can stand there: curl encodes nothing."""
    return is_plain(place, value) and (
        place == "url" or place.startswith("body#") or quote(str(value), safe="") == str(value)
    )


def curl_lines(client: Client, original: Case, made: Captured, *, follow: bool = False) -> list[str]:
    """The lines for one request. `original`: its case without marks; `follow`: follow redirects."""
    executor = executor_of(client)
    signed = made.case.prepare(client, marked_credentials(executor))
    content = _content(signed.request, made.case, original)
    user = _invalid_user(client, original, signed)
    piped, words = curl_words(executor, signed, data_words(content), _hidden(client), user)
    words = [words[0], *(["-L"] if follow else []), *words[1:]]
    return [*made.before, *_captured(piped, words, made.brings)]


def _hidden(client: Client) -> Hidden:
    """What stands for a value that is not shown: `...` in a header, as redacted in the server's own query."""
    own = query_names(executor_of(client).server.query.split("&"))

    def hidden(place: str, name: str, value: str) -> str:
        if place == "query":  # a value that was made for the test is no secret
            return REDACTED if name in own else value
        return "..."

    return hidden


def _invalid_user(client: Client, case: Case, signed: SignedRequest) -> str:
    """The pair that a case with invalid credentials sends for HTTP Basic and Digest; empty for any other."""
    if not case.credentials.startswith("invalid"):
        return ""
    schemes = OperationBuilder(client.document).security_schemes()
    names = [name for name, _ in basic_schemes(executor_of(client), signed)]
    return ":".join(invalid_credential(schemes[names[0]])) if names else ""


def _content(request: Request, case: Case, original: Case) -> bytes:
    """The body as it travels; a mark for what is no text has no quotes in JSON."""
    body: Any = request.body
    if isinstance(body, bytes) and has_marks(body.decode("latin-1")):
        return unquoted(body.decode(), case.body, original.body).encode()
    return body_sent(request)


# -- what it brings ----------------------------------------------------------------------------------------


def _captured(piped: str, words: Sequence[str], brings: Mapping[str, Capture]) -> list[str]:
    segments = [f"{name}=${{{name}##*/}}" for name, each in brings.items() if each.segment]
    rest = " ".join(words[1:])
    if not brings:
        return [f"{piped}curl -sS -i {rest}".replace(" -i -I ", " -I ")]
    if len(brings) == 1:
        name, capture = next(iter(brings.items()))
        header = _header_of(capture.expression)
        if header:
            return [f"{name}=$({piped}curl -sS -D - -o /dev/null {rest} | {_pick_header(header)})", *segments]
        return [f"{name}=$({piped}curl -sS {rest} | {_pick(capture.expression)})", *segments]
    lines = [f"response=$({piped}curl -sS -i {rest})"]
    for name, capture in brings.items():
        header = _header_of(capture.expression)
        pick = _pick_header(header) if header else f"sed '1,/^.$/d' | {_pick(capture.expression)}"
        lines.append(f"{name}=$(printf '%s\\n' \"$response\" | {pick})")
    return [*lines, *segments]


def _header_of(expression: str) -> str:
    return expression.removeprefix("$response.header.") if "$response.header." in expression else ""


def _pick_header(name: str) -> str:
    return f"awk -F': ' 'tolower($1) == \"{name.lower()}\" {{print $2}}' | tr -d '\\r'"


def _pick(expression: str) -> str:
    """`jq -r .id` for `$response.body#/id`."""
    path = "".join(_step(token) for token in tokens(expression.partition("#")[2]))
    return f"jq -r {shlex.quote(path if path.startswith('.') else f'.{path}')}"


def _step(token: str) -> str:
    if token.isdigit():
        return f"[{token}]"
    return f".{token}" if re.fullmatch(r"[A-Za-z_]\w*", token, re.ASCII) else f"[{json.dumps(token)}]"
