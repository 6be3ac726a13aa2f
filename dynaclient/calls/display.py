"""What a notebook shows of an operation, of many, and of a response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dynaclient._support.markup import Html, joined_html, tag
from dynaclient._support.messages import pluralize
from dynaclient._support.notebook import (
    card,
    code,
    colored,
    data_html,
    folded,
    heading,
    html_table,
    long_text,
    path_code,
)
from dynaclient._support.prose import readable
from dynaclient.calls.arguments import offered
from dynaclient.document.model import MediaType, Operation, Parameter, ResponseObject
from dynaclient.errors import Violations
from dynaclient.schema.summary import Member, Outlines, one_line
from dynaclient.wire.redacted_text import REDACTED, redact
from dynaclient.wire.redaction import is_secret, secrets

if TYPE_CHECKING:
    from dynaclient.document.document import Document

_MOST_MEMBERS = 40
_DEEPEST = 2
"""How deep the properties of a schema are listed: `show` has the others."""
_FEW = 3
"""Properties of a body of which what is inside is open."""
_MOST_SCHEMAS = 16
"""How many schemas one display lists below the first level."""
_WORDS = 140


def operation_html(operation: Operation, document: Document, name: str = "") -> str:
    """An operation: what it does, takes and responds with. `name`: how it is called here."""
    outlines, shown = Outlines(document), set[object]()
    place = code(f"{operation.method} {operation.path}")
    marks = colored("deprecated", "warn") if operation.deprecated else ""
    problem = colored(f"It cannot be called: {operation.problem}", "bad") if operation.problem else ""
    parts: list[object] = [heading(name or operation.key, place, marks, problem)]
    if operation.summary:
        parts.append(tag("div", one_line(operation.summary)))
    description = readable(operation.description).strip()
    if description and description != operation.summary:
        parts.append(folded("description", tag("pre", description)))
    parameters = [_parameter_cells(each, outlines) for each in (*operation.required, *operation.optional)]
    if parameters:
        parts.append(html_table(("parameter", "location", "type", "limits", "description"), parameters))
    if operation.body is not None:
        required = ", required" if operation.body.required else ""
        bodies = [_media(each, outlines, shown) for each in operation.body.content.values()]
        parts.append(folded(f"body{required}", *bodies, is_open=True))
    responses = [_answer(each, outlines, shown) for each in operation.responses]
    statuses = ", ".join(each.status for each in operation.responses) or "any"
    parts.append(folded(f"responses: {statuses}", *responses))
    return card(*parts)


def _parameter_cells(each: Parameter, outlines: Outlines) -> tuple[object, ...]:
    node = each.value_schema
    name = each.python_name if offered(each) else each.key
    limits = "; ".join(outlines.limits(node)) if node else ""
    return (
        joined_html([code(name), _required(each.required)]),
        each.location,
        code(outlines.kind(node) if node else "any"),
        f"{limits}{'; ' if limits and each.deprecated else ''}{'deprecated' if each.deprecated else ''}",
        one_line(each.description),
    )


def _required(required: bool) -> Html | None:
    return colored("*", "bad") if required else None


def _answer(response: ResponseObject, outlines: Outlines, shown: set[object]) -> Html:
    media = [_media(each, outlines, shown) for each in response.content.values()]
    line = joined_html([code(response.status), "  ", one_line(response.description)])
    return folded(line, *media) if media else tag("div", line)


def _media(media: MediaType, outlines: Outlines, shown: set[object]) -> Html:
    kind = outlines.kind(media.schema) if media.schema else "anything"
    head = tag("div", code(media.name), "  ", colored(kind, "dim"))
    return joined_html(
        [head, _members(outlines.members(media.schema), outlines, shown) if media.schema else None]
    )


def _members(members: list[Member], outlines: Outlines, shown: set[object], depth: int = 0) -> Html | None:
    """A table of properties; what is inside one of them is folded, each schema once."""
    if not members:
        return None
    few = depth == 0 and len(members) <= _FEW
    kept = members[:_MOST_MEMBERS]
    rows = [row for each in kept for row in _member_rows(each, outlines, shown, depth, few)]
    left = len(members) - len(kept)
    more = tag("div", f"and {left:,} more", class_="d-dim") if left else None
    return joined_html([html_table((), rows), more])


def _member_rows(
    each: Member, outlines: Outlines, shown: set[object], depth: int, few: bool
) -> Iterator[Sequence[object]]:
    """A row for a property, and one for what is inside it."""
    outline, place = outlines.of(each.node), outlines.inner(each.node).place
    words = "  ".join(filter(None, (", ".join(outlines.limits(each.node)), one_line(outline.description))))
    about = words if len(words) <= _WORDS else f"{words[:_WORDS]}..."
    yield joined_html([code(each.label), _required(each.required)]), code(outlines.kind(each.node)), about
    room = depth < _DEEPEST and len(shown) < _MOST_SCHEMAS
    if room and place not in shown and (members := outlines.members(each.node)):
        shown.add(place)
        inside = _members(members, outlines, shown, depth + 1)
        count = pluralize(len(members), "property", "properties")
        yield folded(f"{count} of {each.label}", inside, is_open=few)


def operations_html(operations: Iterable[Operation], title: str = "") -> str:
    """A row for each of several operations."""
    rows = [
        (code(each.attribute), code(each.method), path_code(each.path), one_line(each.summary))
        for each in operations
    ]
    table = html_table(("operation", "method", "path", "summary"), rows, ids=2)
    return card(heading(title or pluralize(len(rows), "operation")), table if rows else None)


def client_html(title: str, server: str, operations: Iterable[Operation]) -> str:
    """A client: its document and server, and its operations by their tags."""
    by_tag: dict[str, list[Operation]] = {}
    count = 0
    for each in operations:
        count += 1
        for name in each.tags[:1] or ("",):
            by_tag.setdefault(name, []).append(each)
    groups = [
        folded(
            f"{name or 'without a tag'} ({len(several):,})",
            _rows(several),
            is_open=len(by_tag) == 1 and count <= 12,
        )
        for name, several in by_tag.items()
    ]
    return card(heading(title, pluralize(count, "operation"), code(server)), *groups)


def _rows(operations: Iterable[Operation]) -> Html:
    rows = [
        (code(each.attribute), path_code(f"{each.method} {each.path}"), one_line(each.summary))
        for each in operations
    ]
    return html_table((), rows)


def response_html(response: Any, shown_url: str) -> str:
    """A response: status, headers, violations and data; without secrets of its request."""
    color = "good" if response.status < 300 else "warn" if response.status < 400 else "bad"
    size = pluralize(len(response.content), "byte")
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    status = colored(f"{response.status} {phrase}".strip(), color)
    parts: list[object] = [
        heading(
            status, code(f"{response.request.method} {shown_url}"), f"{response.elapsed * 1000:.0f} ms", size
        )
    ]
    if response.violations:
        said = colored(pluralize(len(response.violations), "violation"), "bad")
        parts.append(folded(said, Violations(response.violations)._html_table(), is_open=True))
    if response.notes:
        parts.append(folded(pluralize(len(response.notes), "note"), Violations(response.notes)._html_table()))
    if response.unchecked:
        rows = [(code(each.pointer or "/", is_long=True), each.message) for each in response.unchecked]
        parts.append(folded(f"{pluralize(len(rows), 'place')} unchecked", html_table((), rows)))
    parts.append(folded(pluralize(len(response.headers), "header"), html_table((), _headers(response))))
    if response.links:
        parts.append(tag("div", "links: ", code(", ".join(response.links)), class_="d-dim"))
    parts.append(_data(response))
    return card(*parts)


def _headers(response: Any) -> Iterable[tuple[object, ...]]:
    those = secrets(response.request, response.secret_names)
    for name, value in response.headers.items():
        shown = REDACTED if is_secret(name, response.secret_names) else redact(value, those)
        yield code(name), code(shown, is_long=True)


def _data(response: Any) -> Html:
    if response.data is None and not response.content:
        return colored("no body", "dim")
    if isinstance(response.data, str):
        return tag("div", long_text(response.data), class_="d-value")
    return data_html(response.data)
