"""Where an exchange names the thing that it made or shows: in a link, a Location, a body, or the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from dynaclient._support.missing import MISSING
from dynaclient.contract.flow import Capture, SentCase
from dynaclient.contract.pointers import reached
from dynaclient.contract.resources import GENERIC, Creator, Resource, plain_name
from dynaclient.document.node import escape

Takes = Callable[[str, Any], bool]
"""Whether a value may be the identifier of a name."""


def identified(
    resource: Resource, creator: Creator, exchange: SentCase, takes: Takes
) -> dict[str, tuple[Any, Capture]]:
    """The identifiers of what an exchange made, by the names of the resource's own parameters."""
    response = exchange.response
    if response is None:
        return {}
    if creator.expressions:
        return _linked(resource, creator, exchange)
    found = looked_up(resource, response.data, takes)
    location = _of_location(resource, exchange)
    if location and not _disagree(resource, location, found):
        return location
    return {
        name: (value, Capture(exchange.step, f"$response.body#{pointer}"))
        for name, (pointer, value) in found.items()
    }


def is_given(exchange: SentCase, value: Any) -> bool:
    """Whether a request had a value among its arguments, or in its body of an earlier response."""
    case, taken = exchange.case, exchange.step.takes
    bodies = (reached(case.body, place[len("body#") :]) for place in taken if place.startswith("body#"))
    return any(str(value) == str(each) for each in (*case.arguments.values(), *bodies))


def sent_names(resource: Resource, body: Any, takes: Takes) -> dict[str, Any]:
    """What a request surely calls the thing that it makes, by the names of the resource's own parameters.

    `/racks/{rack}` may be called by the one generic name that the body has.
    """
    if not isinstance(body, dict):
        return {}
    found: dict[str, Any] = {}
    scalars = {key: value for key, value in body.items() if _is_scalar(value)}
    generic = [key for key in scalars if plain_name(key) in GENERIC]
    for name in resource.own:
        sure = [key for key in scalars if resource.is_called(name, key)]
        if not sure and plain_name(name) == resource.noun and len(generic) == 1:
            sure = generic
        if sure and takes(name, scalars[sure[0]]):
            found[name] = scalars[sure[0]]
    return found if len(found) == len(resource.own) else {}


def _disagree(
    resource: Resource, location: dict[str, tuple[Any, Capture]], found: dict[str, tuple[str, Any]]
) -> bool:
    """Whether a Location leads to another thing than the one that the body shows: it may be anybody's."""
    return any(
        str(found[name][1]) != str(value)
        for name, (value, _) in location.items()
        if name in found and resource.is_called(name, found[name][0].rpartition("/")[2])
    )


def _linked(resource: Resource, creator: Creator, exchange: SentCase) -> dict[str, tuple[Any, Capture]]:
    found = {}
    for name, expression in zip(resource.own, creator.expressions, strict=False):
        value = expressed(expression, exchange)
        if value is not MISSING:
            found[name] = (value, Capture(exchange.step, expression))
    return found if len(found) == len(resource.own) else {}


def expressed(expression: str, exchange: SentCase, *, segment: bool = False) -> Any:
    """The value of a runtime expression over the response of an exchange; MISSING where it has none."""
    response = exchange.response
    if response is None:
        return MISSING
    if expression.startswith("$response.header."):
        value: Any = response.headers.get(expression.removeprefix("$response.header."), MISSING)
    elif expression.startswith("$response.body"):
        value = reached(response.data, expression.removeprefix("$response.body").removeprefix("#"))
    else:
        return MISSING
    if segment and isinstance(value, str):
        return unquote(_path_of(value).rpartition("/")[2])
    return value


def _path_of(url: str) -> str:
    """The path of what a server gives as a URL, without a slash at its end; empty where it is none."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _of_location(resource: Resource, exchange: SentCase) -> dict[str, tuple[Any, Capture]]:
    """The identifier at the end of a Location that leads to such a resource."""
    assert exchange.response is not None
    location = exchange.response.headers.get("Location", "")
    path = _path_of(location)
    words = [each for each in resource.path.split("/") if each and "{" not in each]
    if not path or len(resource.own) != 1 or (words and f"/{words[-1]}/" not in path):
        return {}
    value = unquote(path.rpartition("/")[2])
    return {resource.own[0]: (value, Capture(exchange.step, "$response.header.Location", segment=True))}


def looked_up(resource: Resource, data: Any, takes: Takes) -> dict[str, tuple[str, Any]]:
    """Identifiers in the body of a response, or one level below: parameter -> (pointer, value)."""
    names = resource.names()
    for pointer, held in (("", data), *_below(data)) if isinstance(data, dict) else ():
        by_name = {plain_name(key): key for key, value in held.items() if _is_scalar(value)}
        found: dict[str, tuple[str, Any]] = {}
        for own in resource.own:
            wanted = [plain_name(own), *names] if len(resource.own) == 1 else [plain_name(own)]
            keys = (by_name[each] for each in dict.fromkeys(wanted) if each in by_name)
            key = next((each for each in keys if takes(own, held[each])), None)
            if key is not None:
                found[own] = (f"{pointer}/{escape(key)}", held[key])
        if len(found) == len(resource.own):
            return found
    return {}


def _below(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield f"/{escape(key)}", value


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""


def listed_items(data: Any) -> Iterator[tuple[str, Any]]:
    """The objects of a list in a response, with their pointers: the body, or its first array of objects."""
    if isinstance(data, list):
        yield from ((f"/{index}", each) for index, each in enumerate(data))
    elif isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                yield from ((f"/{escape(key)}/{index}", each) for index, each in enumerate(value))
                return
