"""How the pages of a list follow each other: what the caller, a profile or the document says of it.

    next="/meta/next"                           where a response has the URL of the next page
    next="link"                                 the `Link` header with rel=next (RFC 8288)
    cursor=("starting_after", "/data/-1/id")    a parameter, and where a response has its next value
    offset=("skip", "pageSize")                 a parameter that counts items; that of the size of a page
    page="page", page=("page", 0)               a parameter that counts pages; the number of the first one

A place in a response is a JSON Pointer into its body, in which -1 is the last item of a list, or the runtime
expression of a header: `$response.header.X-Next-Cursor`. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import kind_of, short_repr
from dynaclient._support.missing import MISSING
from dynaclient.document.node import NOWHERE, Node, tokens
from dynaclient.errors import SettingsError
from dynaclient.wire.link_header import link_targets

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.document.document import Document
    from dynaclient.document.model import Operation

Style = Literal["next", "cursor", "offset", "page", "link object"]

LINK = "link"
"""What `next` says for the `Link` header."""

HEADER = "$response.header."


@dataclass(frozen=True)
class Paging:
    """How the pages of one list follow each other."""

    style: Style
    where: str = ""
    """Where a response has the next URL, or the next value of a cursor; the name of a Link Object."""
    parameter: str = ""
    """The parameter that a cursor, an offset or the number of a page goes in; or a place in the body."""
    first: int | None = None
    """The number of the first page."""
    items: str | None = None
    """Where a response has the items; None where they are to be found by the document."""
    more: str = ""
    """Where a response says whether there are more."""
    total: str = ""
    """Where a response says how many there are on all pages."""


NAMES = ("next", "cursor", "offset", "page", "items", "more", "total")


def paging_of(source: str, given: Mapping[str, Any]) -> Paging | None:
    """What `given`, settings by the names above, says; None where no style is among them.

    Raises SettingsError, which begins with `source`, for what cannot be meant.
    """
    said = {name: value for name, value in given.items() if value is not None}
    for name in said:
        if name not in NAMES:
            raise SettingsError(f"{source} has no {short_repr(name)}{suggestion(str(name), NAMES)}")
    styles = [name for name in NAMES[:4] if name in said]
    if len(styles) > 1:
        raise SettingsError(f"{source}: expected one of {', '.join(NAMES[:4])}, got {' and '.join(styles)}")
    places = {name: _place(f"{source}: {name}", said[name]) for name in NAMES[4:] if name in said}
    if not styles:
        return None
    style = styles[0]
    return Paging(style, **_READERS[style](f"{source}: {style}", said[style]), **places)  # type: ignore[arg-type]


def with_places(paging: Paging, given: Mapping[str, Any]) -> Paging:
    """`paging` with the places of items, more and total that `given` names."""
    own = {each.name: getattr(paging, each.name) for each in fields(paging)}
    said = {name: _place(name, given[name]) for name in NAMES[4:] if given.get(name) is not None}
    return Paging(**{**own, **said})


def _place(name: str, value: Any) -> str:
    if isinstance(value, str) and (value == "" or value.startswith(("/", HEADER))):
        return value
    said = f"; did you mean {'/' + value!r}?" if isinstance(value, str) else ""
    raise SettingsError(
        f"{name}: expected a JSON Pointer into the response such as '/data', or {HEADER}NAME, "
        f"got {short_repr(value)}{said}"
    )


def _text(name: str, value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise SettingsError(f"{name}: expected the name of a parameter, got {short_repr(value)}")


def _pair(value: Any) -> tuple[Any, Any]:
    two = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
    return (value[0], value[1]) if two else (value, None)


def _next(name: str, value: Any) -> dict[str, Any]:
    return {"where": LINK if value == LINK else _place(name, value)}


def _cursor(name: str, value: Any) -> dict[str, Any]:
    parameter, where = _pair(value)
    if where is None:
        raise SettingsError(
            f"{name}: expected a parameter and the place of its next value, such as "
            f'("starting_after", "/data/-1/id"), got {short_repr(value)}'
        )
    return {"parameter": _text(name, parameter), "where": _place(name, where)}


def _offset(name: str, value: Any) -> dict[str, Any]:
    parameter, size = _pair(value)
    if size is not None:
        _text(name, size)  # how much of it a server gives is seen in its responses
    return {"parameter": _text(name, parameter)}


def _page(name: str, value: Any) -> dict[str, Any]:
    parameter, first = _pair(value)
    if first is not None and (not isinstance(first, int) or isinstance(first, bool)):
        raise SettingsError(f"{name}: expected the number of the first page, got {kind_of(first)}")
    return {"parameter": _text(name, parameter), "first": first}


_READERS = {"next": _next, "cursor": _cursor, "offset": _offset, "page": _page}


def documented_paging(operation: Operation) -> Paging | None:
    """What the extensions of an operation say. Raises SettingsError for `x-pagination` of another form."""
    own = operation.node.get("x-pagination")
    if own is not None:
        source = f"{operation.key}: x-pagination"
        if not isinstance(own.value, dict):
            raise SettingsError(f"{source}: expected an object with {', '.join(NAMES)}; say which yourself")
        return paging_of(source, own.value)
    pageable = operation.node.get("x-ms-pageable")
    if pageable is not None:
        items = pageable.text("itemName") or "value"
        following = pageable.text("nextLinkName")
        return Paging("next", f"/{following}" if following else "", items=f"/{items}")
    return None


def linked_paging(operation: Operation, response: Response) -> Paging | None:
    """What the response says itself: a Link Object called `next`, else a `Link` header that is documented,
    or has a next page."""
    for name, link in response.links.items():
        if "next" in name.lower() and link.operation == operation.key:
            return Paging("link object", name)
    answer = operation.response(response.status)
    documented = answer is not None and any(each.name.lower() == "link" for each in answer.headers)
    if documented or link_targets(response.headers.get("Link", ""), "next"):
        return Paging("next", LINK)
    return None


# -- what a response holds ----------------------------------------------------------------------------------


def found_at(response: Response, place: str) -> Any:
    """What a response has at `place`; MISSING where that is nothing."""
    if place.startswith(HEADER):
        found = response.header(place[len(HEADER) :])
        return MISSING if found is None else found
    value = response.data
    for token in tokens(place):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.removeprefix("-").isdecimal() and token.isascii():
            if not -len(value) <= int(token) < len(value):
                return MISSING
            value = value[int(token)]
        else:
            return MISSING
    return value


def declared_properties(document: Document, operation: Operation, status: int) -> dict[str, str]:
    """The properties that a JSON response of an operation is documented to have, with their types."""
    response = operation.response(status)
    for name, media_type in response.content.items() if response else ():
        if "json" in name and media_type.schema is not None:
            return _properties(document, media_type.schema, 0)
    return {}


def _properties(document: Document, schema: Node, depth: int) -> dict[str, str]:
    node = document.opened(schema)
    found: dict[str, str] = {}
    for name, child in (node.get("properties") or NOWHERE).items():
        found[name] = _type(document.opened(child))
    if depth < 8:  # deeper than anything that means something; it may lead back to itself
        for part in (node.get("allOf") or NOWHERE).elements():
            found.update(_properties(document, part, depth + 1))
    return found


def declared_columns(document: Document, operation: Operation, items: str) -> list[str]:
    """The properties that items are documented to have, `items` being where a response has them."""
    for response in operation.responses:
        for name, media_type in response.content.items():
            if response.status[:1] != "2" or "json" not in name or media_type.schema is None:
                continue
            node: Node | None = document.opened(media_type.schema)
            for token in tokens(items):
                node = node and document.opened((node.get("properties") or NOWHERE).get(token))
            node = node and node.get("items")
            return [*_properties(document, node, 0)] if node is not None else []
    return []


def _type(node: Node) -> str:
    if isinstance(node.value, dict) and isinstance(node.value.get("type"), list):
        return next((str(each) for each in node.value["type"] if each != "null"), "")
    return node.text("type") or ("array" if node.get("items") else "")
