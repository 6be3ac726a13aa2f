"""The lines for a POSIX shell that show a failure again, as `dynaclient call`.

What a request takes from the response to one before it is captured in a variable, not copied, so that the
lines show the failure on a server that makes other identifiers:

    id=$(dynaclient call pets.yaml addPet --server URL --body '{"name": "Rex"}' --print '$response.body#/id')
    dynaclient call pets.yaml getPet --server URL -p "petId=$id"

Credentials stand in them as variables, never themselves.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient.calls.credentials import invalid_credential
from dynaclient.client import executor_of
from dynaclient.contract.curl import curl_lines
from dynaclient.contract.flow import Step
from dynaclient.contract.shell import Captured, is_plain, marked_json, written
from dynaclient.document.operations import OperationBuilder
from dynaclient.explore.curl import marked_credentials
from dynaclient.explore.shell import operation_word, variable, word, writing_command
from dynaclient.transport.deadline import Timeout
from dynaclient.wire import media_types
from dynaclient.wire.json_values import holds_files, is_file
from dynaclient.wire.percent import query_names
from dynaclient.wire.redaction import redacted_url
from dynaclient.wire.security import choose_schemes

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture


def commands(client: Client, steps: Sequence[Step]) -> str:
    """The lines that show a sequence again, one for each step; curl where `dynaclient call` has no words."""
    lines: list[str] = []
    for step, each in zip(steps, written(steps, is_plain), strict=True):
        if _is_expressible(client, step.case):
            lines += _lines(client, step.case, each)
        else:
            lines += curl_lines(client, step.case, each)
    return "\n".join(lines)


def command(client: Client, case: Case) -> str:
    """The lines that show one case again."""
    return commands(client, (Step(case),))


def _lines(client: Client, original: Case, made: Captured) -> list[str]:
    executor, case = executor_of(client), made.case
    name = client.document.name
    nameless = name == "a dict" or name.startswith("<")
    words = ["dynaclient", "call", shlex.quote("DOCUMENT" if nameless else name)]
    operation = client.operations[case.operation]
    words.append(operation_word(case.operation, f"{operation.method} {operation.path}"))
    words += _references(client)
    if client.server:
        words += ["--server", shlex.quote(_server(client.server, executor.server.query))]
    words += _parameters(client, case)
    before, piped, body = _body(client, original, case)
    words += body
    words += ["--method", shlex.quote(case.method)] if case.method else []
    if case.fault is not None:
        words += ["--validate", "request=off"]
    total = executor.transport.timeout.total
    words += ["--timeout", f"{total:g}"] if total is not None and total != Timeout().total else []
    emptied, credentials = _credentials(client, case)
    words += credentials
    words += _headers(client)
    line = f"{piped}{emptied}{' '.join(words)}"
    return [*before, *_captured(line, made.brings)]


def _captured(line: str, brings: dict[str, Capture] | Any) -> list[str]:
    """`line`, and what it brings in variables."""
    prints = [f"--print {shlex.quote(each.expression)}" for each in brings.values()]
    segments = [f"{name}=${{{name}##*/}}" for name, each in brings.items() if each.segment]
    if not brings:
        return [line]
    if len(brings) == 1:
        return [f"{next(iter(brings))}=$({line} {prints[0]})", *segments]
    each = [
        f"{name}=$(printf '%s\\n' \"$printed\" | sed -n {number}p)" for number, name in enumerate(brings, 1)
    ]
    return [f"printed=$({line} {' '.join(prints)})", *each, *segments]


def _is_expressible(client: Client, case: Case) -> bool:
    """Whether `dynaclient call` has words for a case."""
    if case.url or case.is_edited or not _is_chosen(client, case):
        return False
    if not holds_files(case.body):
        return case.body is MISSING or isinstance(case.body, bytes) or _is_json(case.body)
    return all(_is_field(item) for item in case.body.values())


def _is_chosen(client: Client, case: Case) -> bool:
    """Whether the credentials that are sent are those that a call chooses of them."""
    asked = client.operations[case.operation].security
    sent = executor_of(client).credentials.altered(case.credentials).choose(asked) if case.credentials else ()
    return choose_schemes(asked, dict.fromkeys(sent, "")) == sent or not case.credentials


def _is_field(item: Any) -> bool:
    several = item if isinstance(item, list) else [item]
    return bool(several) and all(_is_whole_file(each) or _is_text(each) for each in several)


def _is_text(value: Any) -> bool:
    return _is_json(value) and not (isinstance(value, str) and value.startswith("@"))


def _is_whole_file(value: Any) -> bool:
    return is_file(value) and isinstance(value[1] if isinstance(value, tuple) else value, bytes)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _references(client: Client) -> Iterator[str]:
    """What the document's references may be read from beside its own place."""
    access = getattr(client.document.load, "access", None)
    if access is None:
        return
    for host in access.hosts:
        yield f"--ref-host {shlex.quote(host)}"
    if access.folder is not None:
        yield f"--ref-folder {shlex.quote(os.fsdecode(access.folder))}"


def _server(url: str, query: str) -> str:
    """The URL of the server, the values in its query left out: one may be a key."""
    return redacted_url(f"{url}?{query}", query_names(query.split("&"))) if query else url


def _parameters(client: Client, case: Case) -> Iterator[str]:
    names = executor_of(client).compiled(case.operation).names
    for key, value in case.arguments.items():
        parameter = names.by_name[key][0]
        alone = len(names.by_name.get(parameter.name, ())) == 1
        short = alone and "=" not in parameter.name and not parameter.name.startswith("-")
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield "-p"
        yield word(f"{parameter.name if short else key}={text}")


# -- bodies ------------------------------------------------------------------------------------------------


def _body(client: Client, original: Case, case: Case) -> tuple[list[str], str, list[str]]:
    """Lines that come before the command, what is piped into it, and its words for the body."""
    if case.body is MISSING:
        return [], "", []
    kind = sent_as(client, original)
    stated = ["-H", shlex.quote(f"Content-Type: {kind}")] if case.content_type else []
    if holds_files(case.body):
        before, fields = _fields(case.body)
        return before, "", [*fields, *stated]
    content = case.body
    if isinstance(content, str) and not _holds_data(kind):
        if not content.startswith("@") and content != "-":
            return [], "", ["--body", word(content), *stated]
        content = content.encode()
    if isinstance(content, bytes):
        return [], f"{writing_command(content)} | ", ["--body", "-", *stated]
    return [], "", ["--body", word(marked_json(content, original.body)), *stated]


def sent_as(client: Client, case: Case) -> str:
    """The Content-Type that a case is sent with."""
    return case.content_type or str(
        case.prepare(client, marked_credentials(executor_of(client))).request.headers.get("Content-Type", "")
    )


def _holds_data(name: str) -> bool:
    kind = media_types.essence(name)
    return media_types.is_json(kind) or media_types.is_form(kind) or "*" in kind or not kind


def _fields(body: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Files are written first; fields name them."""
    before: list[str] = []
    words: list[str] = []
    for name, item in body.items():
        for each in item if isinstance(item, list) else [item]:
            if not is_file(each):
                text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
                words += ["-F", word(f"{name}={text}")]
                continue
            file, content, kind = (*each, None)[:3] if isinstance(each, tuple) else (None, each, None)
            variable = f"file{len(before) // 2 + 1}"
            before += [f"{variable}=$(mktemp)", f'{writing_command(content)} > "${variable}"']
            said = f"{f';type={kind}' if kind else ''};filename={file or name}"
            words += ["-F", f'{shlex.quote(f"{name}=@")}"${variable}"{shlex.quote(said)}']
    return before, words


# -- credentials -------------------------------------------------------------------------------------------


def _credentials(client: Client, case: Case) -> tuple[str, list[str]]:
    """What takes credentials of the environment away, and the words for those that are sent."""
    credentials = executor_of(client).credentials
    asked = client.operations[case.operation].security
    if not case.credentials:
        schemes = credentials.choose(asked)
        return "", [each for name in schemes for each in _credential(name, f'"${variable(name)}"')]
    schemes = credentials.altered(case.credentials).choose(asked)
    others = dict.fromkeys(name for names in asked or () for name in names if name not in schemes)
    emptied = "".join(f"{variable(name)}= " for name in others)
    if not case.credentials.startswith("invalid"):
        return emptied, [each for name in schemes for each in _credential(name, f'"${variable(name)}"')]
    known = OperationBuilder(client.document).security_schemes()
    words = []
    for name in schemes:
        given = invalid_credential(known[name])
        text = ":".join(given) if isinstance(given, tuple) else given
        words += _credential(name, text)
    return emptied, words


def _credential(scheme: str, value: str) -> list[str]:
    return ["--credential", f"{shlex.quote(scheme)}={value}"]


def _headers(client: Client) -> Iterator[str]:
    """The headers of the user's session by their names: a value may be a secret."""
    for name, _ in executor_of(client).transport.usual_headers:
        if name.lower() not in _USUAL:
            yield "-H"
            yield shlex.quote(f"{name}: ...")


_USUAL = ("user-agent", "accept-encoding", "accept", "connection")
"""Headers that each session has."""
