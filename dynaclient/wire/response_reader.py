"""Status, headers and bytes of a response -> its data, and what in it breaks the document. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynaclient._support.messages import undocumented, undocumented_type
from dynaclient.document.model import MediaType, Operation, ResponseObject
from dynaclient.errors import Finding, Violation
from dynaclient.wire.codecs import decode_body, is_registered
from dynaclient.wire.json_values import Undecodable, decode_json
from dynaclient.wire.media_types import BINARY, JSON, TEXT, essence, is_form, is_json, is_xml, matching


@dataclass
class Reading:
    """What was made of a body: its data, the documented response and media type that fit, what is wrong."""

    data: Any
    response: ResponseObject | None
    media: MediaType | None
    violations: list[Violation]
    decoded: bool = True
    kind: str = ""
    """The media type that it was decoded as, without parameters."""
    headers: dict[str, Any] = field(default_factory=dict)
    """The values of the documented headers, by their names in lower case."""
    unchecked: tuple[Finding, ...] = ()
    """What could not be checked."""
    leads_away: bool = False
    """Whether it is a redirect that the document does not describe."""

    def __repr__(self) -> str:
        return f"<Reading {self.kind}: {len(self.violations)} violations>"


BODILESS = frozenset((204, 205, 304))
"""Responses that have no body, whatever the document says (RFC 9110, sections 15.3.5, 15.3.6, 15.4.5)."""


IsFile = Callable[[MediaType], bool]
"""Whether the bodies that the document describes so are files: bytes, whatever they say they are."""


@dataclass(frozen=True)
class _Status:
    """What the document says of a status."""

    response: ResponseObject | None
    violations: tuple[Violation, ...]
    leads_away: bool


class ResponseReader:
    """Reads the responses of one operation; what it says of a status is looked up once."""

    def __init__(self, operation: Operation, is_file: IsFile = lambda media: False) -> None:
        self._operation = operation
        self._is_file = is_file
        self._statuses: dict[int, _Status] = {}

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> Reading:
        """Decode a response by what it says it is; hold status and type against the document."""
        reading = self._begun(status)
        content_type = headers.get("Content-Type") or ""
        if self._operation.method == "HEAD" or (
            not content and not _may_be_empty(reading, status, content_type, self._is_file)
        ):
            if status not in BODILESS:
                _expect_body(reading, self._operation)
            return reading
        documented = _match(reading, content_type)
        _decode(reading, content, content_type or _guess(documented), self._is_file)
        return reading

    def read_head(self, status: int, headers: Mapping[str, str]) -> Reading:
        """As `read`, of a response whose body is still to come."""
        reading = self._begun(status)
        _match(reading, headers.get("Content-Type") or "")
        return reading

    def _begun(self, status: int) -> Reading:
        known = self._statuses.get(status)
        if known is None:
            known = self._statuses[status] = _status(self._operation, status)
        return Reading(None, known.response, None, [*known.violations], leads_away=known.leads_away)


def _status(operation: Operation, status: int) -> _Status:
    response, violations = operation.response(status), []
    known = [response.status for response in operation.responses]
    away = operation.leads_away(status)
    if away or (response is None and status < 400 and known):  # one that lists none promises none
        message = undocumented(f"{'redirect' if away else 'status'} {status}", known)
        message += "; `default` does not cover redirects" if away and "default" in known else ""
        violations.append(Violation("status", str(status), "", message, operation.node.place))
    return _Status(response, tuple(violations), away)


def _match(reading: Reading, content_type: str) -> Mapping[str, MediaType]:
    """What the document says of a body of this type. Gives all that it says of the response."""
    documented = reading.response.content if reading.response else {}
    if content_type:
        reading.media = documented.get(content_type) or matching(documented, content_type)
    if documented and reading.media is None:
        _mislabelled(reading, documented, content_type)
    return documented


def _may_be_empty(reading: Reading, status: int, content_type: str, is_file: IsFile) -> bool:
    """Whether an empty body is a value: the empty text, a file or a sequence that the document names as such.

    Of no type, of another, or of one that a range stands for, nothing came: servers label that as they like.
    """
    if status in BODILESS:
        return False
    kind = essence(content_type)
    documented = reading.response.content if reading.response else {}
    named = next((media for name, media in documented.items() if essence(name) == kind), None)
    if named is None:
        return kind == TEXT
    return not (is_json(kind) or is_xml(kind) or is_form(kind)) or is_file(named)


def _expect_body(reading: Reading, operation: Operation) -> None:
    """An empty response is None; a missing body is a violation."""
    response = reading.response
    if response is None or not response.content or operation.method == "HEAD":
        return
    if response.status == "default" or any(media.schema is None for media in response.content.values()):
        return
    message = f"expected {', '.join(response.content)}, got an empty body"
    reading.violations.append(Violation("body", "body", "", message, response.node.place))


def _mislabelled(reading: Reading, documented: Mapping[str, MediaType], content_type: str) -> None:
    message = undocumented_type(content_type, documented)
    place = reading.response.node.place if reading.response else ""
    reading.violations.append(Violation("content-type", essence(content_type), "", message, place))


def _guess(documented: Mapping[str, MediaType]) -> str:
    """What a response without Content-Type is taken for: the first documented type."""
    name = next(iter(documented), "")
    return "" if "*" in name else name


def _decode(reading: Reading, content: bytes, content_type: str, is_file: IsFile) -> None:
    """By what it says it is, but for a file; as JSON where it says no JSON and the document does."""
    reading.kind = essence(content_type)
    if _is_of_a_file(reading, is_file):
        reading.data, reading.kind = content, BINARY
        return
    if reading.media is None and not is_json(reading.kind) and _as_json(reading, content):
        return
    try:
        reading.data = decode_body(content, content_type)
    except Undecodable as error:
        reading.decoded = False
        reading.data = _as_text(content)
        place = reading.response.node.place if reading.response else ""
        reading.violations.append(Violation("body", "body", "", f"{error}", place))


def _is_of_a_file(reading: Reading, is_file: IsFile) -> bool:
    """Whether the document knows a file alone here. A codec of the user's reads what he made it for."""
    entries = (
        [reading.media] if reading.media else reading.response.content.values() if reading.response else ()
    )
    return bool(entries) and all(map(is_file, entries)) and not is_registered(reading.kind)


def _as_json(reading: Reading, content: bytes) -> bool:
    """Read it as the JSON that the document says it is; whether that is what it is."""
    documented = reading.response.content if reading.response else {}
    json_media = next((media for name, media in documented.items() if is_json(essence(name))), None)
    if json_media is None:
        return False
    try:
        reading.data, reading.media, reading.kind = decode_json(content), json_media, JSON
    except Undecodable:
        return False
    return True


def _as_text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content
