"""`dynaclient call`: one request, its response on standard output, all else on standard error."""

from __future__ import annotations

import contextlib
import re
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dynaclient._support import terminal
from dynaclient._support.decimals import parse_number
from dynaclient._support.messages import pluralize
from dynaclient._support.missing import MISSING
from dynaclient._support.terminal import complain
from dynaclient.calls.arguments import Call
from dynaclient.calls.links import context_of
from dynaclient.calls.response import Response
from dynaclient.calls.signed_request import SignedRequest
from dynaclient.calls.streaming import StreamedResponse
from dynaclient.cli import render
from dynaclient.cli.assignments import body_of_assignments
from dynaclient.cli.config import HERE, client_of, headers, operation_of, tell_withheld
from dynaclient.cli.output import checked_filter, print_response
from dynaclient.cli.passing_on import is_passed_on, pass_on, sending
from dynaclient.cli.standard_input import unnamed_body
from dynaclient.client import Client, executor_of
from dynaclient.document.model import Operation, Parameter
from dynaclient.errors import RequestInvalid, ResponseInvalid, SettingsError, TransportError, Violation, some
from dynaclient.explore.shell import variable
from dynaclient.profiles.resolution import find_profile
from dynaclient.transport.session import MAX_BODY
from dynaclient.wire import codecs, json_values, media_types, percent
from dynaclient.wire.expressions import EMBEDDED, Unevaluable, as_text, evaluate, is_expression
from dynaclient.wire.files import Piece, read_path
from dynaclient.wire.json_values import decimals, loads
from dynaclient.wire.percent import StyleError
from dynaclient.wire.redacted_text import REDACTED, redact
from dynaclient.wire.redaction import is_secret, redacted, secrets
from dynaclient.wire.style_parsing import decode_query
from dynaclient.wire.value_types import ANY, ExpectedType

if TYPE_CHECKING:
    from dynaclient.wire.request import Request

STRUCTURED = frozenset(("array", "object"))


def parameters_of(client: Client, operation: Operation, texts: Iterable[str]) -> dict[str, Any]:
    """The mapping of a call for `name=value` texts; a name that is given again adds an item to its array.

    A name that means no parameter, or several, is left to the call to refuse. Raises SettingsError for a text
    without `=`, RequestInvalid for a name given twice that is no array.
    """
    by_name = executor_of(client).compiled(operation.key).names.by_name
    given: dict[str, list[str]] = {}
    for text in texts:
        name, value = _split(text, by_name)
        given.setdefault(name, []).append(value)
    return {
        name: _value(client, operation, by_name[name][0], values)
        if len(by_name.get(name, ())) == 1
        else values[0]
        for name, values in given.items()
    }


def _split(text: str, names: Iterable[str]) -> tuple[str, str]:
    """Name and value: a name that holds `=` itself is known by the document."""
    known = [name for name in names if text.startswith(f"{name}=")]
    name = max(known, key=len) if known else text.partition("=")[0]
    if name == text:
        raise SettingsError(f"expected -p NAME=VALUE, got {text!r}")
    return name, _encodable("-p", name, text[len(name) + 1 :])


def _encodable(option: str, name: str, text: str) -> str:
    """`text`, unless it came as bytes that are no text to this terminal. Raises SettingsError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SettingsError(f"{option} {name}=... is not text in {sys.getfilesystemencoding()}") from None
    return text


def _value(client: Client, operation: Operation, parameter: Parameter, texts: list[str]) -> Any:
    compiled = executor_of(client).compiled(operation.key)
    if parameter.media_type is None:
        shape = compiled.shape(parameter, "request")
    else:
        shape = compiled.bodies("request").shape(parameter.media_type.schema)
        if len(texts) == 1 and media_types.essence(parameter.media_type.name) != media_types.TEXT:
            return _content_value(texts[0], shape)
    if len(texts) > 1 and "array" not in shape.types:
        twice = Violation("argument", parameter.name, "", "given twice, but not an array")
        raise RequestInvalid(f"{operation.key}: the request was not sent; 1 violation", [twice])
    return read_argument(texts, shape)


_TEXT = frozenset(("string",))


def _content_value(text: str, shape: ExpectedType) -> Any:
    """The JSON that `text` is; the text itself where it is none, and where nothing but text is expected."""
    value = _json(text, text)
    return value if isinstance(value, str) or shape.types != _TEXT else text


def read_argument(texts: list[str], shape: ExpectedType) -> Any:
    """The value that `texts` give for `shape`: JSON for arrays and objects, else text as on the wire."""
    if len(texts) == 1 and shape.types <= _TEXT:
        return texts[0]
    whole = _json(texts[0], MISSING) if len(texts) == 1 and shape.types & STRUCTURED else MISSING
    if isinstance(whole, list) or (isinstance(whole, dict) and "object" in shape.types):
        return whole
    if "array" in shape.types and (len(texts) > 1 or not shape.types - STRUCTURED - {"null"}):
        return [read_argument([text], shape.items or ANY) for text in texts]
    raw = f"value={percent.encode(texts[0])}"
    return decode_query(raw, "value", "form", True, ExpectedType(shape.types - STRUCTURED))


def _json(text: str, default: Any) -> Any:
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return default


STDIN = "-"
SECONDS = 60.0
"""How long a pipe of the shell is waited for."""
FILE = "@"
_SAID = re.compile(r";(type|filename)=([^;]*)$")


# -- as a whole ---------------------------------------------------------------------------------------


def _body_of(
    operation: Operation, text: str, stated: str = "", read: bytes | None = None
) -> tuple[Any, str | None]:
    """The body that `text` gives, and the media type it has to have, None where the call may choose.

    `stated`: the one that was asked for. `read`: what standard input gave, where it was read already.
    `text` is `@FILE`, `-` for what stands on standard input, or else the body itself; the path of a file
    that is there needs no `@`. It is read as JSON where the operation takes that; a file of anything else is
    read while it is sent. Raises SettingsError where it is nothing of these.
    """
    content: Mapping[str, Any] = operation.body.content if operation.body else {}
    if stated:
        content = {stated: media_types.matching(content, stated)}
    source = _source(text) if read is None else read
    others = {name: each for name, each in content.items() if not _holds_data(name) or "*" in name}
    if not any(_holds_data(name) for name in content):
        return _as_it_is(source, codecs.choose_media_type(others, source) if others else ""), None
    try:
        return json_values.decode_json(_bytes(source)), None
    except json_values.Undecodable as error:
        if not others:
            raise SettingsError(_no_json(text, source, error)) from None
        other = codecs.choose_media_type(others, source)
        return _as_it_is(source, other), None if "*" in other else other


def _holds_data(name: str) -> bool:
    """Whether a body of this type is given as JSON: it is JSON, a form, or may be anything."""
    kind = media_types.essence(name)
    return media_types.is_json(kind) or media_types.is_form(kind) or kind in ("*/*", "application/*")


def _source(text: str) -> bytes | Path:
    """Where the body is: in the text itself, in what standard input gave, or in a file."""
    if text in (STDIN, FILE + STDIN):
        return sys.stdin.buffer.read()
    if text.startswith(FILE):
        return _existing(text[1:])
    if _is_file(text):
        return Path(text)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise SettingsError("--body is not text") from None


def _existing(name: str) -> Path:
    """The path of a file that can be read. Raises SettingsError."""
    try:
        Piece(Path(name))
    except StyleError as error:
        raise SettingsError(f"{FILE}{name}: {error}") from None
    return Path(name)


def _is_file(text: str) -> bool:
    try:
        return Path(text).exists() and not Path(text).is_dir()  # a pipe of the shell is one too
    except (OSError, ValueError):  # too long for a path, or with a null character: it is the body itself
        return False


def _bytes(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return read_path(source, SECONDS, MAX_BODY)
    except (StyleError, TransportError) as error:
        raise SettingsError(f"{FILE}{source}: {error}") from None


def _as_it_is(source: bytes | Path, name: str) -> Any:
    """The body for a type that is no data: text where it is that, so that the schema can be asked."""
    if not media_types.is_text(media_types.essence(name)):
        return source
    raw = _bytes(source)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _no_json(text: str, source: bytes | Path, error: Exception) -> str:
    shown = text if len(text) <= 60 else text[:57] + "..."
    if isinstance(source, Path):
        return f"the body in {source}: {error}"
    if text in (STDIN, FILE + STDIN):
        return f"the body on standard input: {error}"
    if text.lstrip()[:1] in ("{", "[", '"'):
        return f"--body {shown!r}: {error}"
    return (
        f"--body {shown!r} is neither JSON nor the path of a file; give JSON, @FILE, or - for standard input"
    )


# -- field by field -----------------------------------------------------------------------------------


def _body_of_fields(client: Client, operation: Operation, texts: Iterable[str]) -> dict[str, Any]:
    """The body for `name=value` texts, each value read by the schema of its property; `@FILE` is a file.

    A name that is given again adds an item to its array. Raises SettingsError for a text without `=`, a name
    given twice that is no array, and a file that cannot be read.
    """
    given: dict[str, list[str]] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name:
            raise SettingsError(f"expected -F NAME=VALUE or -F NAME=@FILE, got {text!r}")
        given.setdefault(name, []).append(_encodable("-F", name, value))
    shape = body_shape(client, operation)
    return {name: _field(name, values, shape.property(name)) for name, values in given.items()}


def body_shape(client: Client, operation: Operation) -> ExpectedType:
    """What the properties of the body are: of the form, where the operation takes other types too."""
    content = operation.body.content if operation.body else {}
    names = sorted(content, key=lambda name: not media_types.is_form(media_types.essence(name)))
    return (
        executor_of(client).compiled(operation.key).bodies("request").shape(content[names[0]].schema)
        if names
        else ANY
    )


def _field(name: str, texts: list[str], shape: ExpectedType) -> Any:
    if len(texts) > 1 and shape.types and "array" not in shape.types:
        raise SettingsError(f"{name}=... is given twice, but not an array")
    if not any(text.startswith(FILE) for text in texts):
        return read_argument(texts, shape) if shape.types or len(texts) == 1 else texts
    items = [_file(name, text[1:]) if text.startswith(FILE) else text for text in texts]
    return items if len(items) > 1 or "array" in shape.types else items[0]


def _file(name: str, text: str) -> Any:
    """The file that `FILE;type=TYPE;filename=NAME` means; `-` is standard input."""
    said: dict[str, str] = {}
    while found := _SAID.search(text):
        said[found[1]] = found[2]
        text = text[: found.start()]
    content: Any = sys.stdin.buffer.read() if text == STDIN else _existing(text)
    if not said:
        return content
    own = name if text == STDIN else Path(text).name
    return said.get("filename", own), content, said.get("type")


def _exchange(response: Response) -> None:
    """Request line, headers, status line and headers, on standard error; credentials redacted."""
    request = redacted(response.request, response.secret_names)
    complain(f"> {request.method} {request.url}")
    for name, value in request.headers.items():
        complain(f"> {name}: {_text(value)}")
    complain(">")
    complain(f"< {response.status} {_phrase(response.status)} ({response.elapsed * 1000:.0f} ms)")
    those = secrets(response.request, response.secret_names)
    for name, value in response.headers.items():
        shown = REDACTED if is_secret(name, response.secret_names) else redact(value, those)
        complain(f"< {name}: {shown}")
    complain("<")


def request_text(request: Request, secret_names: Collection[str]) -> str:
    """A request as HTTP text, credentials redacted; a body that is no text by its size."""
    shown = redacted(request, secret_names)
    lines = [f"{shown.method} {shown.url}"]
    lines += [f"{name}: {_text(value)}" for name, value in shown.headers.items()]
    body = shown.body
    if body:
        lines += ["", _body_text(body)]
    return "\n".join(lines)


def _body_text(body: Any) -> str:
    """A body as text; its size where it is none, or is read while it is sent."""
    from dynaclient.transport.request_body import length  # late: 1 ms

    with contextlib.suppress(UnicodeDecodeError):
        if isinstance(body, (bytes, str)):
            return _text(body)
    size = length(body)
    return "(of unknown size)" if size is None else f"({pluralize(size, 'byte')})"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def call(options: Namespace) -> int:
    """Send the request that the options ask for, or with `--dry-run` only show it.

    0; 1 for a response from 400 on or one that breaks the document. Raises what `Client.send` raises.
    """
    _check_expressions(options.print)
    checked_filter(options.filter)
    with client_of(options) as client:
        operation = operation_of(client, options.operation)
        tell_withheld(client, [operation])
        with decimals(read=parse_number):  # every digit that was typed is sent
            given, body, extra = arguments_of(client, operation, options)
        streams = is_passed_on(operation, options)
        asked = Call(operation, given, {}, body, {**extra, "stream": True} if streams else extra)
        if options.command:
            terminal.payload(_written(client, options, asked._replace(options=extra)))
            return 0
        ready = executor_of(client).prepare(asked)
        if options.method:
            ready = ready.altered(method=options.method)
        if options.dry_run:
            render.payload(request_text(ready.request, ready.security.private))
            _note(ready.notes)
            return 0
        return _sent(client, ready, options)


def _sent(client: Client, ready: SignedRequest, options: Namespace) -> int:
    """Send, print what came, and judge it."""
    wrong: ResponseInvalid | None = None
    try:
        with sending(ready.request):
            response = executor_of(client).complete(ready)
    except ResponseInvalid as error:
        response, wrong = error.response, error
    try:
        shown = _show(ready, response, options)
    except ResponseInvalid as error:  # an item of a stream
        shown, wrong = 1, error
    _note(response.notes)
    if wrong is None:
        return max(shown, _verdict(client, ready.call.operation, response))
    render.complain(f"dynaclient: {wrong}")
    return 1


def _written(client: Client, options: Namespace, asked: Call) -> str:
    """The call as a command of another program; what it takes from the environment is said beside it."""
    from dynaclient.explore.commands import COMMANDS, Known, python_code  # late: 8 ms
    from dynaclient.explore.curl import variables_in  # late: 8 ms

    if options.command == "python":
        profile = find_profile(options.document, HERE)
        known = None
        if profile is not None:
            project = None if profile.is_users else str(profile.source.parent)
            given = {each.partition("=")[0] for each in options.credential or ()}
            known = Known(profile.server, profile.credentials.keys() - given, project)
        return python_code(executor_of(client), asked, options.document, known)
    line = COMMANDS[options.command](executor_of(client), asked, options.method or "")
    if names := variables_in(line):
        complain(f"dynaclient: set {', '.join(names)} before you run it")
    return line


def _check_expressions(texts: Iterable[str]) -> None:
    for text in texts:
        if not is_expression(text) and not EMBEDDED.search(text):
            raise SettingsError(
                f"--print {text!r}: expected a runtime expression, such as $response.body#/id"
            )


_INTO_ARRAY = re.compile(r"\[\d*\][^\s=]*=")
"""How a path begins into a body that is an array: `[0].name=`."""


class _Pairs(NamedTuple):
    """The `NAME=VALUE` behind an operation: those of parameters, and (path, text) of its body."""

    parameters: list[str]
    of_body: list[tuple[str, str]]


def _given(client: Client, operation: Operation, options: Namespace) -> tuple[str | None, _Pairs]:
    """The body that stands behind the operation, and the pairs. Raises SettingsError for what is neither."""
    whole, pairs = None, _Pairs([], [])
    names = executor_of(client).compiled(operation.key).names
    properties = body_shape(client, operation).properties if operation.body else {}
    for text in options.given:
        name, mark, value = text.partition("=")
        is_body = text[:1] in ("{", "[", FILE, '"') and not _INTO_ARRAY.match(text)
        if is_body or not mark:
            if not is_body:
                raise SettingsError(
                    f"{text!r} is neither NAME=VALUE nor a body; give JSON, or {FILE}{text} for a file"
                )
            if whole is not None:
                raise SettingsError("the body is given twice")
            whole = text
            continue
        known = [each for each in names.by_name if text.startswith(f"{each}=")]
        if known and max(known, key=len) in properties:
            raise SettingsError(
                f"{name} is a parameter and a property of the body; give -p {name}=... or body.{name}=..."
            )
        if known:
            pairs.parameters.append(text)
        elif operation.body is None:
            pairs.parameters.append(text)  # the call says which names there are
        else:
            path = name.removeprefix("body.") if "body" not in properties else name
            pairs.of_body.append((path, _encodable("the argument", name, value)))
    if pairs.of_body and (whole is not None or options.body is not None or options.field):
        raise SettingsError(f"{pairs.of_body[0][0]}=... is a property of the body, which is given as a whole")
    if whole is not None and (options.body is not None or options.field):
        raise SettingsError("the body is given twice")
    return whole, pairs


def _assigned(path: str, texts: list[str], shape: ExpectedType) -> Any:
    """The value of a property; a file for `@FILE`."""
    return _field(path, texts, shape)


def arguments_of(
    client: Client, operation: Operation, options: Namespace
) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """The parameters, the body and the options that a call is given on the command line."""
    whole, pairs = _given(client, operation, options)
    given = parameters_of(client, operation, [*options.parameter, *pairs.parameters])
    sent = headers(options.header)
    stated = _stated(operation, sent)
    extra: dict[str, Any] = {"headers": sent} | ({"content_type": stated} if stated else {})
    if options.field:
        return given, _body_of_fields(client, operation, options.field), extra
    if pairs.of_body:
        shape = body_shape(client, operation)
        return given, body_of_assignments(pairs.of_body, shape, _assigned), extra
    text = options.body if whole is None else whole
    if text is None:  # Swagger 2.0 has a name for it
        named = sorted(executor_of(client).compiled(operation.key).names.of_body & given.keys())
        text = given.pop(named[0]) if named else None
    if text is None and operation.body is not None and not options.ignore_stdin and not options.command:
        found = unnamed_body()
        if found is not None:
            body, content_type = _body_of(operation, STDIN, stated, found)
            return given, body, extra | ({"content_type": content_type} if content_type else {})
    if text is None:
        return given, MISSING, extra
    body, content_type = _body_of(operation, text, stated)
    return given, body, extra | ({"content_type": content_type} if content_type else {})


def _stated(operation: Operation, sent: dict[str, str]) -> str:
    """The Content-Type among headers, taken out of them, where the operation documents it."""
    name = next((each for each in sent if each.lower() == "content-type"), "")
    content = operation.body.content if operation.body else {}
    return sent.pop(name) if name and media_types.matching(content, sent[name]) is not None else ""


def _note(notes: Sequence[Violation]) -> None:
    """What was sent and seems to be misspelt."""
    for line in some(notes, "note"):
        render.complain(f"dynaclient: note: {line}")


def _show(ready: SignedRequest, response: Response, options: Namespace) -> int:
    """Print what was asked for; 1 where the exchange does not have it."""
    if options.verbose:
        _exchange(response)
    if isinstance(response, StreamedResponse) and response.status < 300:
        with response:
            pass_on(response, options.output)
        return 0
    if not options.print:
        print_response(response, options.filter, options.output)
        return 0
    context = context_of(ready, response)
    code = 0
    for each in options.print:
        try:
            render.payload(as_text(evaluate(each, context)))
        except Unevaluable as error:
            render.complain(f"dynaclient: --print {each}: {error}")
            code = 1
    return code


def _verdict(client: Client, operation: Operation, response: Response) -> int:
    if response.ok and not response.violations:
        return 0
    said = (
        f"the server returned {response.status}"
        if not response.ok
        else "the exchange does not match the OpenAPI document"
    )
    if response.status == 401 and operation.security and not executor_of(client).schemes_sent(operation):
        said += f"; give {' or '.join(map(_credentials, filter(None, operation.security)))}"
    lines = [f"dynaclient: {operation.key}: {said}", *some(response.violations)]
    render.complain("\n  ".join(lines))
    return 1


def _credentials(schemes: tuple[str, ...]) -> str:
    """How the credentials of one alternative are given."""
    return " and ".join(f"--credential {name}=... (or {variable(name)})" for name in schemes)
