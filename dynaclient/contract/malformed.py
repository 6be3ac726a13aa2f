"""Requests that are invalid as messages: what no arguments can say, such as malformed JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from dynaclient._support.missing import MISSING
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.contract.case import Case, Fault, RawBody
from dynaclient.document.model import Parameter
from dynaclient.document.node import escape
from dynaclient.errors import Where
from dynaclient.wire import media_types
from dynaclient.wire.percent import decode
from dynaclient.wire.request_builder import RequestDraft
from dynaclient.wire.request_reader import Incoming

JSON_SYNTAX = "json"
"""The keyword of a fault: a body that says it is JSON, and is not."""
BOUNDARY = "boundary"
"""The keyword of a fault: a multipart body whose boundary is not said."""
FILE = "file"
"""The keyword of a fault: a text part where a file is expected."""
CONTENT_TYPE = "content-type"
"""The keyword of a fault: a body whose media type the operation does not document."""
REPEATED = "repeated"
"""The keyword of a fault: a parameter that is one value, given twice."""


def malformed_cases(case: Case, compiled: CompiledOperation) -> Iterator[Case]:
    """`case`, which is valid, with its body or its query made invalid as HTTP messages have them."""
    arguments = compiled.names.bind((), case.arguments, {}, case.body)
    draft = compiled.prepare(arguments, case.options, check=False).draft
    content_type = draft.headers.get("Content-Type", "")
    if draft.body is not None and content_type and "Content-Encoding" not in draft.headers:
        content = Incoming.of(draft).body
        for keyword, raw in _bodies(compiled, content, content_type):
            yield _with_raw(case, keyword, raw)
        for name, raw in _files_as_texts(content, content_type):
            yield _with_raw(case, FILE, raw, f"/{escape(name)}")
    for parameter in compiled.operation.parameters:
        yield from _repeated(case, compiled, parameter, draft)


def _bodies(compiled: CompiledOperation, content: bytes, content_type: str) -> Iterator[tuple[str, RawBody]]:
    body = compiled.operation.body
    kind = media_types.essence(content_type)
    assert body is not None
    others = [name for name in _OTHERS if body.content and media_types.matching(body.content, name) is None]
    yield from ((CONTENT_TYPE, RawBody(name, content)) for name in others[:1] if content)
    if media_types.is_json(kind):
        yield from ((JSON_SYNTAX, RawBody(content_type, each(content))) for each in _NO_JSON)
        other = _OTHER_JSON[1:] if media_types.is_text(kind) else _OTHER_JSON  # `text/json` may be empty text
        yield from ((keyword, RawBody(content_type, each)) for keyword, each in other)
    if kind.startswith("multipart/"):
        yield BOUNDARY, RawBody(kind, content)


_OTHERS = ("text/plain", "application/json")
"""What is sent in place of the documented media types, the first that is not one of them."""

_NO_JSON: tuple[Callable[[bytes], bytes], ...] = (
    lambda content: content[:-1] if content[-1:] in b'}]"' else content + b",",
    lambda content: content + b"}",
    lambda content: b'{"x": "\xff"}',
)
"""JSON -> what is none: cut off, with something after it, with bytes that are no UTF-8."""

_OTHER_JSON = (("required", b""), ("type", b"null"))
"""A body that is empty, and null."""


def _files_as_texts(content: bytes, content_type: str) -> Iterator[tuple[str, RawBody]]:
    """A multipart body with one file as a text part, for each property that is a file."""
    if media_types.essence(content_type) != media_types.MULTIPART:
        return
    seen = set()
    for part in _FILE_PART.finditer(content):
        name = part["name"].decode()
        if name not in seen:
            seen.add(name)
            text = content[: part.start()] + part["before"] + content[part.end() :]
            yield name, RawBody(content_type, text)


_FILE_PART = re.compile(
    rb'(?P<before>Content-Disposition: form-data; name="(?P<name>[^"]*)")[^\r]*; ?filename[^\r]*'
    rb"\r\nContent-Type: [^\r]*"
)
"""The head of a part that is a file, as it is written here."""


def _with_raw(case: Case, keyword: str, raw: RawBody, pointer: str = "") -> Case:
    where: Where = "content-type" if keyword == CONTENT_TYPE else "body"
    name = "" if keyword == CONTENT_TYPE else "body"
    fault = Fault(where, name, pointer, keyword, f"breaks {keyword}")
    return replace(case, body=MISSING, content_type="", raw=raw, fault=fault)


def _repeated(
    case: Case, compiled: CompiledOperation, parameter: Parameter, draft: RequestDraft
) -> Iterator[Case]:
    """A query parameter that is one value, given twice."""
    types = compiled.shape(parameter, "request").types
    if parameter.location != "query" or parameter.media_type or not types or types & {"array", "object"}:
        return
    pairs = [pair.partition("=") for pair in draft.query]
    texts = [decode(text) for name, _, text in pairs if decode(name) == parameter.name]
    if parameter.key in case.arguments and len(texts) == 1:
        fault = Fault("query", parameter.name, "", REPEATED, "given more than once; expected one value")
        yield replace(case, query_extra=((parameter.name, texts[0]),), fault=fault)
