"""The responses that a document describes: which one, with what body and headers, and why."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from dynaclient._support.missing import MISSING
from dynaclient.calls.response_items import Items
from dynaclient.client import Client, executor_of
from dynaclient.document.model import MediaType, Operation, Parameter, ResponseObject
from dynaclient.document.node import Node
from dynaclient.errors import Where
from dynaclient.generation.choices import Seeded
from dynaclient.generation.examples import documented_examples
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.sandbox.consistency import (
    Echo,
    Given,
    Leads,
    LinkTarget,
    has_link_targets,
    properties,
    with_link_targets,
)
from dynaclient.sandbox.representations import Filling
from dynaclient.wire import codecs, media_types
from dynaclient.wire.events import event_bytes
from dynaclient.wire.expressions import as_text
from dynaclient.wire.request_reader import Incoming
from dynaclient.wire.response_reader import BODILESS
from dynaclient.wire.styles import StyleError, encode_header

if TYPE_CHECKING:
    from werkzeug.datastructures import MIMEAccept


TEXTS = (
    "message", "detail", "details", "description", "error", "error_description", "errorMessage", "reason",
    "title", "msg",
)  # fmt: skip
"""Properties that hold free text, the best first."""

TITLES = frozenset(("error", "title"))
"""Those of them that name the kind of error, where another holds the details (RFC 9457, `title`)."""

STATUSES = frozenset(
    ("status", "statuscode", "httpstatus", "httpstatuscode", "httpcode", "code", "errorcode")
)
"""Properties that repeat the status, in lower case without `_` and `-`."""

LENGTHS = (4000, 1000, 250, 100, 50, 20)
"""The text is cut to the longest of these that fits."""


def explained(
    body: Any,
    schema: Any,
    defs: Mapping[str, Any],
    status: int,
    reasons: Sequence[str],
    is_valid: Callable[[Any], bool],
) -> Any:
    """`body` of an error response with its status and the reasons, as text and as a list, as far as valid."""
    text = "; ".join(reasons) or phrase(status)
    if isinstance(body, str):
        return next((text[:length] for length in LENGTHS if is_valid(text[:length])), body)
    body = copy.deepcopy(body)
    told = False
    for holder, inner in _objects(body, schema, defs):
        known = properties(inner, defs)
        for name in [name for name in holder if _plain(name) in STATUSES]:
            _ = _set(holder, name, status, body, is_valid) or _set(holder, name, str(status), body, is_valid)
        names = [name for name in TEXTS if name in holder or (name in known and not told)]
        for index, name in enumerate(names):
            said = phrase(status) if index and name in TITLES else text
            if index == 0 or name in holder:
                told |= any(_set(holder, name, said[:length], body, is_valid) for length in LENGTHS)
    if reasons and isinstance(body, dict) and "reasons" not in body:
        _set(body, "reasons", list(reasons), body, is_valid)
    return body


def phrase(status: int) -> str:
    """`Not Found` for 404."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _objects(value: Any, schema: Any, defs: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """The objects of a body from the outside in, each with its schema as far as it is known."""
    pending = [(value, schema)]
    while pending:
        value, schema = pending.pop(0)
        if isinstance(value, dict):
            yield value, schema
            named = properties(schema, defs)
            pending += [(item, named.get(name)) for name, item in value.items()]
        elif isinstance(value, list):
            pending += [(item, None) for item in value]


def _set(holder: dict[str, Any], name: str, value: Any, body: Any, is_valid: Callable[[Any], bool]) -> bool:
    before = dict(holder)
    holder[name] = value
    if is_valid(body):
        return True
    holder.clear()
    holder.update(before)
    return False


def problem(status: int, reasons: Sequence[str]) -> bytes:
    """The body of a refusal that the document does not describe."""
    return json.dumps({"message": "; ".join(reasons), "status": status, "reasons": list(reasons)}).encode()


def header_text(text: str, limit: int = 2000) -> str:
    """`text` as one line of printable ASCII, cut."""
    line = " ".join(text.split())
    return line.encode("ascii", "backslashreplace").decode()[:limit].strip()


_FIELDS = ("event", "id", "retry", "data")


def event_stream(
    client: Client, maker: Maker, operation: Operation, chosen: MediaType, seed: int, count: int
) -> bytes:
    """`count` events that meet the document; one with a text where it describes a text, none where nothing.

    Raises Unsatisfiable where no item meets its schema.
    """
    items = executor_of(client).compiled(operation.key).items(chosen)
    if items.schema is not None:
        made = [_fields(items, maker, seed + number) for number in range(count)]
    elif chosen.schema is not None:
        made = [{"data": _text(maker.example(chosen.schema, seed))}]
    else:
        made = []
    return b"".join(map(event_bytes, made))


def _fields(items: Items, maker: Maker, seed: int) -> dict[str, Any]:
    assert items.schema is not None
    value = maker.example(items.schema, seed)
    if not items.of_events or not isinstance(value, dict):
        return {"data": _text(value)}
    fields = {name: value[name] for name in _FIELDS if name in value} | {"data": str(value.get("data", ""))}
    contents = items.contents(str(fields.get("event") or "message"))
    if contents:
        fields["data"] = json.dumps(maker.example(contents[0], seed))
    return fields


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


OTHERS = frozenset((401, 403, 404, 408, 409, 425, 429))
"""Client errors that mean something else than a wrong request."""

_OURS = frozenset(("content-length", "content-type", "transfer-encoding", "connection"))
_ITEMS = 3
"""How many items a sequence has in a response, where the document describes items alone."""

_ATTEMPTS = 20
_LEADING = 10
"""How many responses are made, at most, to find one whose links lead on."""


@dataclass(frozen=True)
class PreparedResponse:
    """A response, ready to be sent."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def success(operation: Operation) -> int:
    """The status of a right request: the lowest documented success; 200 where it is 2XX or default.

    Where nothing but redirects and errors is documented it is the lowest of those.
    """
    fine = successes(operation)
    if fine:
        return fine[0]
    if operation.response(200):
        return 200
    listed = [int(response.status) for response in operation.responses if response.status.isdigit()]
    ranges = [
        int(response.status[0]) * 100 for response in operation.responses if response.status.endswith("XX")
    ]
    return min((status for status in (*listed, *ranges) if status >= 300), default=200)


def successes(operation: Operation) -> list[int]:
    """The documented statuses from 200 to 299, 200 first."""
    listed = sorted(int(response.status) for response in operation.responses if response.status.isdigit())
    return sorted((status for status in listed if 200 <= status < 300), key=lambda status: status != 200)


def refusal(operation: Operation, *wheres: Where) -> int:
    """The status of a request that is wrong there: a documented 4xx, 400 and 422 first; else 422.

    For its Content-Type a documented 415 goes before them, and one that is not stands for none. Where only
    errors are listed that mean something else, it is the one of them that comes closest.
    """
    listed = [int(response.status) for response in operation.responses if response.status.isdigit()]
    ranged = [400] if any(response.status == "4XX" for response in operation.responses) else []
    wrong = [status for status in listed if 400 <= status < 500 and status not in OTHERS] + ranged
    best, last = ((415, 400, 422), 415) if "content-type" in wheres else ((400, 422), 422)
    found = next((status for status in (*best, *wrong) if status in wrong), last)
    elsewhere = next((each for each in (404, 409) if each in listed), found)
    return found if operation.response(found) is not None else elsewhere


def preferred_status(incoming: Incoming) -> int | None:
    """The status that `Prefer: code=409` asks for (RFC 7240); None where it asks for none."""
    found = re.search(
        r'(?:^|[,;\s])code\s*=\s*"?([2-5][0-9][0-9])"?\s*(?:$|[,;])', incoming.header("Prefer") or ""
    )
    return int(found[1]) if found else None


def preferred_example(incoming: Incoming) -> str | None:
    """The example that `Prefer: example=NAME` asks for; None where it asks for none."""
    found = re.search(r'(?:^|[,;\s])example\s*=\s*(?:"([^"]*)"|([^\s,;"]+))', incoming.header("Prefer") or "")
    return (found[1] if found[1] is not None else found[2]) if found else None


def stable_seed(seed: int, incoming: Incoming) -> int:
    """A number that follows from the seed and the request, the same in every process."""
    head = f"{seed}\n{incoming.method}\n{incoming.target}\n".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(head + incoming.body).digest()[:8], "big")


class Responses:
    """Makes the documented responses of one document's operations."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._seed = seed
        self._maker = Maker(client.document, client.checkers, "response")
        self._leads = Leads(client)

    def documented(
        self,
        operation: Operation,
        status: int,
        incoming: Incoming,
        given: Given | None = None,
        reasons: Sequence[str] = (),
    ) -> PreparedResponse:
        """The response that the document describes for `status`, echoing `given` or carrying `reasons`.

        Raises Unsatisfiable where no body or header meets its schema.
        """
        response = operation.response(status)
        if response is None:
            return undocumented_response(status, reasons) if reasons else PreparedResponse(status)
        seed = stable_seed(self._seed, incoming)
        leads = self._leads.of(response)
        headers = [pair for header in response.headers for pair in self._header(header, seed, leads)]
        chosen = _negotiated(response, incoming.header("Accept"))
        if chosen is None or status in BODILESS:
            refused = (
                undocumented_response(status, reasons)
                if reasons and status not in BODILESS
                else PreparedResponse(status)
            )
            return PreparedResponse(status, (*headers, *refused.headers), refused.body)
        shown = self.example(chosen, preferred_example(incoming))
        kind = media_types.essence(chosen.name)
        if kind == media_types.EVENT_STREAM and not reasons and not isinstance(shown, str):
            content = event_stream(self._client, self._maker, operation, chosen, seed, _ITEMS)
            return PreparedResponse(status, (("Content-Type", kind), *headers), content)
        value = self._value(chosen, seed, given, leads) if shown is MISSING else shown
        asked = preferred_example(incoming)
        as_shown = asked is not None and self.has_example(operation, status, incoming, asked)
        if given is not None and given.finish is not None and not as_shown:
            value = self._finished(chosen, value, seed, given, shown=shown is not MISSING)
        if reasons or (status >= 400 and shown is MISSING):
            value = self._explained(chosen, value, status, reasons)
        content, content_type = self._encoded(chosen, value, seed)
        return PreparedResponse(status, (("Content-Type", content_type), *headers), content)

    def impossible(self, operation: Operation, status: int, incoming: Incoming, why: str) -> PreparedResponse:
        """What stands for a response whose schemas allow nothing: its status and media type, and `why`."""
        response = operation.response(status)
        chosen = _negotiated(response, incoming.header("Accept")) if response else None
        if chosen is None or status in BODILESS:
            return PreparedResponse(status)
        headers = (("Content-Type", media_types.concrete(chosen.name, {})),)
        return PreparedResponse(status, headers, problem(status, (why,)))

    def has_example(self, operation: Operation, status: int, incoming: Incoming, name: str) -> bool:
        """Whether the response with `status` has a valid example called `name`."""
        response = operation.response(status)
        chosen = _negotiated(response, incoming.header("Accept")) if response else None
        shown = documented_examples(self._client.document, chosen.node) if chosen else {}
        return chosen is not None and name in shown and self._body(chosen, shown[name]) is not MISSING

    def example(self, chosen: MediaType, name: str | None = None) -> Any:
        """The documented example called `name`, else the first, that is a body of this type; or MISSING."""
        found = documented_examples(self._client.document, chosen.node)
        wanted = [found[name]] if name is not None and name in found else []
        fitting = (self._body(chosen, value) for value in [*wanted, *found.values()])
        return next((value for value in fitting if value is not MISSING), MISSING)

    def _body(self, chosen: MediaType, shown: Any) -> Any:
        """An example as a body; MISSING where it is none. JSON may be given as text, as other types are."""
        kind = media_types.essence(chosen.name)
        if chosen.schema is None or self.is_valid(chosen.schema)(shown):
            return shown
        if not isinstance(shown, str):
            return MISSING
        if not media_types.is_json(kind):
            as_it_is = media_types.is_xml(kind) or not (
                media_types.is_form(kind) or media_types.is_text(kind)
            )
            return shown if as_it_is else MISSING
        try:
            written = json.loads(shown)
        except (ValueError, RecursionError):
            return MISSING
        return written if self.is_valid(chosen.schema)(written) else MISSING

    def is_valid(self, schema: Node) -> Callable[[Any], bool]:
        """Whether a value meets the schema of a response or a header."""
        return self._client.checkers.checker(schema, "response").is_valid

    def content(
        self,
        chosen: MediaType,
        seed: int,
        given: Given | None = None,
        leads: Sequence[LinkTarget] = (),
    ) -> tuple[bytes, str]:
        """A body of a media type, and its Content-Type. Raises Unsatisfiable where none meets its schema."""
        shown = self.example(chosen)
        return self._encoded(
            chosen, self._value(chosen, seed, given, leads) if shown is MISSING else shown, seed
        )

    def _encoded(self, chosen: MediaType, value: Any, seed: int) -> tuple[bytes, str]:
        kind = media_types.essence(chosen.name)
        try:
            encoded = codecs.encode_body(_writable(value, chosen.name), chosen.name, chosen)
        except StyleError as error:
            raise Unsatisfiable(f"the response cannot be written as {chosen.name}: {error}") from None
        if kind == media_types.MULTIPART:  # a boundary that is the same for the same request
            boundary = encoded.content_type.rpartition("=")[2]
            fixed = f"{seed:032x}"
            return encoded.content.replace(boundary.encode(), fixed.encode()), f"{kind}; boundary={fixed}"
        return encoded.content, encoded.content_type

    def _value(
        self,
        chosen: MediaType,
        seed: int,
        given: Given | None,
        leads: Sequence[LinkTarget],
    ) -> Any:
        kind = media_types.essence(chosen.name)
        if chosen.schema is None and chosen.item_schema is not None and media_types.is_sequence(kind):
            return [self._maker.example(chosen.item_schema, seed + at) for at in range(_ITEMS)]
        if chosen.schema is None:
            value: Any = {} if media_types.is_json(kind) or kind in ("*/*", "application/*") else b""
            return with_link_targets("" if media_types.is_text(kind) else value, leads, seed, lambda _: True)
        is_valid = self.is_valid(chosen.schema)
        schema, defs = self._translated(chosen.schema)
        for attempt in range(_LEADING):
            value = self._maker.example(chosen.schema, seed + attempt)
            if given is not None:
                value = Echo(value, schema, defs, is_valid, partial(self._part, seed)).filled(given)
            value = with_link_targets(value, leads, seed, is_valid)
            if has_link_targets(value, leads):
                break
        return value

    def _finished(self, chosen: MediaType, value: Any, seed: int, given: Given, *, shown: bool) -> Any:
        """`value` with what is kept; an example that is `shown` takes up the request first."""
        if given.finish is None or not media_types.is_json(media_types.essence(chosen.name)):
            return value
        if chosen.schema is None:
            return given.finish(
                value, Filling(lambda _: True, lambda one, other: {**one, **other}, frozenset())
            )
        is_valid = self.is_valid(chosen.schema)
        schema, defs = self._translated(chosen.schema)

        def overlay(one: Any, other: Any) -> Any:
            return Echo(one, schema, defs, is_valid, partial(self._part, seed)).filled(given.of_thing(other))

        if shown and given.body is not None:
            value = Echo(value, schema, defs, is_valid, partial(self._part, seed)).filled(given)
        return given.finish(value, Filling(is_valid, overlay, frozenset(properties(schema, defs))))

    def _explained(self, chosen: MediaType, value: Any, status: int, reasons: Sequence[str]) -> Any:
        if chosen.schema is None:
            return explained(value, {}, {}, status, reasons, lambda _: True)
        schema, defs = self._translated(chosen.schema)
        return explained(value, schema, defs, status, reasons, self.is_valid(chosen.schema))

    def _translated(self, schema: Node) -> tuple[Any, Mapping[str, Any]]:
        """A schema as the checkers have it, and what it refers to."""
        translator = self._client.checkers.translator("response")
        return {"$ref": f"#/$defs/{translator.entry(schema)}"}, translator.defs

    def _part(self, seed: int, schema: Any) -> Any:
        """A value for a part of a response that is a schema of its own; None for any other."""
        ref = schema.get("$ref") if isinstance(schema, dict) else None
        place = self._client.checkers.translator("response").places.get(str(ref).rpartition("/")[2])
        try:
            return None if place is None else self._maker.example(place, seed)
        except Unsatisfiable:
            return None

    def _header(self, header: Parameter, seed: int, leads: Sequence[LinkTarget]) -> list[tuple[str, str]]:
        """A documented header that is required, or that a link takes, with a value that can travel."""
        schema = header.value_schema
        lead = next((each for each in leads if each.header == header.name.lower()), None)
        if not (header.required or lead) or header.name.lower() in _OURS:
            return []
        if schema is None:
            return [(header.name, as_text(lead.tried(seed)[0]) if lead and lead.candidates else "x")]
        for value in self._header_values(header, schema, seed, lead):
            try:
                text = (
                    json.dumps(value)
                    if header.media_type
                    else encode_header(header.name, value, header.explode, header.style)
                )
            except StyleError:
                continue
            if text:
                return [(header.name, text)]
        raise Unsatisfiable(f"no value of the header {header.name} can travel")

    def _header_values(
        self, header: Parameter, schema: Node, seed: int, lead: LinkTarget | None
    ) -> Iterator[Any]:
        """Values that meet the schema of a header; those first that the link which takes it can use."""
        if lead is not None:
            is_valid = self.is_valid(schema)
            yield from (value for value in lead.tried(seed) if is_valid(value) and lead.suits(value))
        shown = documented_examples(self._client.document, header.node).values()
        yield from filter(self.is_valid(schema), shown)
        for attempt in range(_ATTEMPTS):
            yield self._maker.value(schema, Seeded(seed + attempt))


def _writable(value: Any, name: str) -> Any:
    """What stands for an example that its media type cannot carry; the example where it can."""
    kind = media_types.essence(media_types.concrete(name, value))
    if codecs.is_registered(kind) or media_types.is_json(kind):
        return value
    if media_types.is_sequence(kind):
        return value if isinstance(value, (list, str)) else [value]
    if media_types.is_form(kind) or kind.startswith("multipart/"):
        given = value if isinstance(value, dict) else {}
        return {name: item for name, item in given.items() if item is not None}
    if media_types.is_xml(kind):
        return _xml(value)
    text = value if isinstance(value, (str, bytes)) else json.dumps(value)
    return text.encode() if isinstance(text, str) and media_types.is_bytes(kind) else text


def _xml(value: Any) -> str:
    """An example of XML, of which a schema tells no form: its text in an element where it is none itself."""
    text = value if isinstance(value, str) else ""
    return text if text.startswith("<") else f"<answer>{escape(text)}</answer>"


def undocumented_response(status: int, reasons: Sequence[str]) -> PreparedResponse:
    """A refusal that the document does not describe."""
    return PreparedResponse(status, (("Content-Type", "application/json"),), problem(status, reasons))


def _negotiated(response: ResponseObject, accept: str | None) -> MediaType | None:
    """The media type to answer in: the best that Accept allows, JSON first (RFC 9110, section 12.5.1)."""
    from werkzeug.datastructures import MIMEAccept  # late: 59 ms
    from werkzeug.http import parse_accept_header  # late: 58 ms

    names = sorted(response.content, key=lambda name: not media_types.is_json(media_types.essence(name)))
    if not names:
        return None
    wanted = parse_accept_header(accept, MIMEAccept)
    best = max(names, key=lambda name: _quality(wanted, name) if accept else 0)
    return response.content[best]


def _quality(wanted: MIMEAccept, name: str) -> float:
    """How much a documented type is wanted; a range stands for what would be sent."""
    try:
        return wanted.quality(
            media_types.essence(
                media_types.concrete(name, {}) if media_types.essence(name) == "*/*" else name
            )
        )
    except ValueError:  # documents have names that are no media type
        return 0
