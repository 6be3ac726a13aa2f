"""An operation and plain values -> a request: path, query, headers, cookies, body. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus

from dynaclient._support.messages import setting_name
from dynaclient.document.model import Operation, Parameter, template
from dynaclient.errors import Violation
from dynaclient.wire import percent
from dynaclient.wire.codecs import encode_body, is_registered
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.json_values import NotPlain, json_bytes, json_value
from dynaclient.wire.media_types import FORM, essence, is_json
from dynaclient.wire.styles import StyleError, encode_cookie, encode_header, encode_path, encode_query

if TYPE_CHECKING:
    from dynaclient.wire.files import Upload


_LITERAL = "/:@!$&'()*+,;=%~"
_NONE: Mapping[str, Any] = {}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(eq=False, repr=False)
class RequestDraft:
    """A request before it has a server: what follows the server's URL, headers, cookies and the body."""

    method: str
    path: str = ""
    query: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    body: bytes | Upload | None = None
    violations: list[Violation] = field(default_factory=list)
    """What cannot or must not be sent, whatever the document says."""
    extra: tuple[str, ...] = ()
    """Names of the headers and query parameters that are not the document's: they may hold anything."""
    unknown: tuple[str, ...] = ()
    """Names of query parameters whose values a server gave: as those that a redirect adds, they are not known
    to be no secrets."""
    hidden: tuple[str, ...] = ()
    """Texts of arguments that are secrets."""

    def __repr__(self) -> str:
        return f"<RequestDraft {self.method} {self.path.partition('?')[0]}>"

    @property
    def target(self) -> str:
        """Path and query, as they travel."""
        mark = "" if self.path.endswith("?") else "&" if "?" in self.path else "?"
        return self.path + (mark + "&".join(self.query) if self.query else "")

    def target_with(self, query: str) -> str:
        """The target with the pairs of a server's `query`, but for names that the request itself has."""
        if not query:
            return self.target
        taken = self.query_names
        pairs = [pair for pair in query.split("&") if pair and _name_of(pair) not in taken]
        path, _, own = self.target.partition("?")
        return f"{path}?{'&'.join([*pairs, own] if own else pairs)}"

    @property
    def query_names(self) -> set[str]:
        """The names that the query has by now, decoded, those of the path template among them."""
        pairs = [self.path.partition("?")[2], *self.query]
        return {_name_of(pair) for each in pairs for pair in each.split("&") if pair}

    @property
    def cookie_names(self) -> set[str]:
        """The names of the cookies by now, decoded, those of a Cookie header among them."""
        headers = [text for name, text in self.headers.items() if name.lower() == "cookie"]
        return cookie_names("; ".join([*headers, *self.cookies]))

    def refuse(self, where: Any, name: str, message: str, pointer: str = "") -> None:
        """Note that this request must not be sent."""
        self.violations.append(Violation(where, name, pointer, message))


class RequestBuilder:
    """Builds the requests of one operation: what depends on it alone, its path template and the media types
    that it accepts, is read once."""

    def __init__(self, operation: Operation) -> None:
        route, self._mark, query = operation.path.partition("#")[0].partition("?")
        self._method = operation.method
        self._accept = accept(operation)
        self._segments = [_compiled(segment) for segment in _segments(route)]
        self._query = _compiled(query)

    def build(
        self,
        values: Mapping[Parameter, Any],
        body: Encoded | None = None,
        extra_headers: Mapping[str, str | None] = _NONE,
        extra_query: Mapping[str, Any] = _NONE,
    ) -> RequestDraft:
        """The request for plain `values` by parameter and an encoded body.

        What a style cannot carry and what the safety rules forbid is on `violations` of the result; so is
        what `values` and the extra headers and query both give: who reads it would see one of the two, or
        both.
        """
        draft = RequestDraft(self._method)
        self._fill_path(draft, values)
        for parameter, value in values.items():
            writer = _WRITERS[parameter.location]
            if writer is not None:
                _guard(writer, draft, parameter, value)
        documented = len(draft.query)
        if extra_query:
            _add_query(draft, values, extra_query)
        if extra_query or extra_headers:
            draft.extra = (*map(str, extra_headers), *percent.query_names(draft.query[documented:]))
        draft.headers["Accept"] = self._accept
        if body is not None:
            draft.body = body.content if body.upload is None else body.upload
            draft.headers["Content-Type"] = body.content_type
        if extra_headers:
            _add_headers(draft, values, extra_headers)
        return draft

    def _fill_path(self, draft: RequestDraft, values: Mapping[Parameter, Any]) -> None:
        """The path with its parameters filled. No value leaves its segment or makes it `.`, `..` or empty."""
        given = {}
        for parameter, value in values.items():
            if parameter.location == "path":
                given[parameter.name] = (parameter, value)
        segments = []
        for segment in self._segments:
            segments.append(segment if isinstance(segment, str) else _filled_segment(segment, given, draft))
        query = self._query if isinstance(self._query, str) else _filled(self._query, given, draft)
        draft.path = "/".join(segments) + self._mark + query


def accept(operation: Operation) -> str:
    """The media types that the operation answers with, else any."""
    names = [name for response in operation.responses for name in response.content]
    return ", ".join(dict.fromkeys(names)) or "*/*"


Pieces = list[tuple[str, str | None]]
"""Of a path template: (text as it travels, None) and ("", name of a parameter), in order."""


def _segments(route: str) -> list[str]:
    """The segments of a path template; a slash inside braces is part of a name."""
    return re.split(r"/(?![^{]*\})", route)


def _compiled(text: str) -> Pieces | str:
    """The pieces of a part of a path template; its text as it travels where it has no parameter."""
    pieces: Pieces = []
    for literal, name in template(text):
        pieces.append((percent.encode(literal, _LITERAL, triplets=True), name))
    return pieces if any(name is not None for _, name in pieces) else "".join(text for text, _ in pieces)


def _filled_segment(pieces: Pieces, given: Mapping[str, tuple[Parameter, Any]], draft: RequestDraft) -> str:
    filled = _filled(pieces, given, draft)
    if unquote(filled) in (".", ".."):
        last = next(name for _, name in reversed(pieces) if name is not None)
        draft.refuse("path", last, f"the path segment would be {filled!r}, which changes the path")
    return filled


def _filled(pieces: Pieces, given: Mapping[str, tuple[Parameter, Any]], draft: RequestDraft) -> str:
    parts = []
    for literal, name in pieces:
        if name is None:
            parts.append(literal)
        elif name in given:
            parts.append(_path_value(*given[name], draft))
    return "".join(parts)


def _path_value(parameter: Parameter, value: Any, draft: RequestDraft) -> str:
    name = parameter.name
    if holds_control(value):
        draft.refuse("path", name, "a path cannot hold a control character")
    try:
        text = None if parameter.media_type is None else _content_text(parameter, value)
        if text is None:
            reserved = parameter.allow_reserved
            text = encode_path(name, value, parameter.style, parameter.explode, allow_reserved=reserved)
        else:
            text = percent.encode(text)
    except StyleError as error:
        draft.refuse("path", name, str(error))
        return ""
    if not text:
        draft.refuse("path", name, "an empty value would change the path; expected at least one character")
    return text


def holds_control(value: Any) -> bool:
    """Whether a text of a value holds a control character."""
    if isinstance(value, str):
        return _CONTROL.search(value) is not None
    if isinstance(value, dict):
        return any(map(holds_control, (*value, *value.values())))
    return isinstance(value, list) and any(map(holds_control, value))


def _content_text(parameter: Parameter, value: Any) -> str | None:
    """The text of a parameter that is described by `content`; None for one with a schema."""
    if parameter.media_type is None or parameter.schema is not None:
        return None
    if isinstance(value, str) and not _is_json(parameter):
        return value
    return encode_body(value, parameter.media_type.name, parameter.media_type).content.decode()


def _is_json(parameter: Parameter) -> bool:
    return parameter.media_type is not None and is_json(essence(parameter.media_type.name))


def _query(draft: RequestDraft, parameter: Parameter, value: Any) -> None:
    text = _content_text(parameter, value)
    if text is not None:
        draft.query.append(f"{percent.encode(parameter.name)}={percent.encode(text)}")
        return
    draft.query += encode_query(
        parameter.name,
        value,
        parameter.style,
        parameter.explode,
        allow_reserved=parameter.allow_reserved,
        allow_empty=parameter.allow_empty_value,
    )


def _querystring(draft: RequestDraft, parameter: Parameter, value: Any) -> None:
    """The whole query as one value (3.2): a form stays a form, anything else is one encoded text."""
    text = _content_text(parameter, value) or ""
    form = parameter.media_type is not None and essence(parameter.media_type.name) == FORM
    if text:
        draft.query.append(text if form else percent.encode(text))


def _header(draft: RequestDraft, parameter: Parameter, value: Any) -> None:
    text = _json_text(value) if _is_plain_json(parameter) else _content_text(parameter, value)
    if text is None:
        text = encode_header(parameter.name, value, parameter.explode, parameter.style)
    _set_header(draft, parameter.name, text)


def _is_plain_json(parameter: Parameter) -> bool:
    """Whether it is described as JSON, which no codec of the user's writes."""
    media = parameter.media_type
    return _is_json(parameter) and media is not None and not is_registered(essence(media.name))


def _json_text(value: Any) -> str:
    """JSON that any header can hold: in ASCII, other characters as escapes (RFC 9110, section 5.5)."""
    return json_bytes(value, ascii_only=True).decode().replace("\x7f", "\\u007f")


def _set_header(draft: RequestDraft, name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        draft.refuse("header", name, "not a header name")
    elif _HEADER_UNSENDABLE.search(value):
        message = "a header cannot hold a line break, a control character or a character outside Latin-1"
        draft.refuse("header", name, message)
    else:
        taken = [each for each in draft.headers if each.lower() == name.lower()]
        for each in taken:
            del draft.headers[each]
        draft.headers[name] = value


def _cookie(draft: RequestDraft, parameter: Parameter, value: Any) -> None:
    text = _content_text(parameter, value)
    if text is not None:
        draft.cookies.append(f"{parameter.name}={percent.encode(text)}")
    else:
        draft.cookies += encode_cookie(parameter.name, value, parameter.style, parameter.explode)


Writer = Callable[[RequestDraft, Parameter, Any], None]

_WRITERS: dict[str, Writer | None] = {
    "path": None,  # the template writes them
    "query": _query,
    "querystring": _querystring,
    "header": _header,
    "cookie": _cookie,
}


def _guard(writer: Writer, draft: RequestDraft, parameter: Parameter, value: Any) -> None:
    try:
        writer(draft, parameter, value)
    except StyleError as error:
        draft.refuse(parameter.where, parameter.name, str(error))


# -- what is extra for one call ----------------------------------------------------------------------


def _add_query(draft: RequestDraft, values: Mapping[Parameter, Any], extra: Mapping[str, Any]) -> None:
    given = {parameter.name for parameter in values if parameter.where == "query"}
    taken = draft.query_names
    for name, value in extra.items():
        pairs = _extra_pairs(draft, str(name), value)
        if pairs and (name in given or not taken.isdisjoint(map(_name_of, pairs))):
            draft.refuse(
                "argument", str(name), _TWICE.format("query parameter", setting_name("option", "query"))
            )
        else:
            draft.query += pairs


def _extra_pairs(draft: RequestDraft, name: str, value: Any) -> list[str]:
    try:
        value = json_value(value)
        return [] if value in (None, []) else encode_query(name, value, "form", True, allow_empty=True)
    except NotPlain as error:
        draft.refuse("query", name, error.message, error.pointer)
        return []
    except StyleError as error:
        draft.refuse("query", name, str(error))
        return []


def _add_headers(
    draft: RequestDraft, values: Mapping[Parameter, Any], extra: Mapping[str, str | None]
) -> None:
    """Names of headers are the same in any case (RFC 9110, section 5.1)."""
    given = {parameter.name.lower() for parameter in values if parameter.location == "header"}
    cookies = draft.cookie_names | {each.name for each in values if each.location == "cookie"}
    for name, value in extra.items():
        if value is None:
            continue
        if name.lower() in given:
            draft.refuse("argument", name, _TWICE.format("header", setting_name("option", "headers")))
        for each in sorted(cookie_names(value) & cookies) if name.lower() == "cookie" else ():
            draft.refuse("argument", each, _TWICE.format("cookie", setting_name("option", "headers")))
        given.add(name.lower())
        _set_header(draft, name, value)


_TWICE = "this {} is given twice; give it once, as an argument or in {}"


def _name_of(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def cookie_names(text: str) -> set[str]:
    """The names in a Cookie header, decoded."""
    return {unquote(pair.partition("=")[0].strip()) for pair in text.split(";") if pair.strip()}
