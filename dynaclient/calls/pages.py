"""The items of a list that comes in pages, one after the other: `client.pages(...)`.

What the next page is follows from the response before; nothing is guessed: see `paging`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import pluralize, setting_name, short_repr
from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Call
from dynaclient.calls.paging import (
    LINK,
    Paging,
    declared_properties,
    documented_paging,
    found_at,
    linked_paging,
    paging_of,
    with_places,
)
from dynaclient.document.node import tokens
from dynaclient.errors import PagesError, ResponseInvalid, SettingsError, api_error_class
from dynaclient.transport.url import origin_of, request_line, resolved_url
from dynaclient.wire.link_header import link_targets
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import secrets
from dynaclient.wire.request_reader import decoded

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor, Executor
    from dynaclient.calls.response import Response
    from dynaclient.document.model import Operation, Parameter
    from dynaclient.wire.request_builder import RequestDraft

__all__ = ["Page", "Pages"]

_READS = ("GET", "HEAD", "QUERY")

_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""Segments that lead up, which a server may follow."""


@dataclass(frozen=True)
class _Place:
    """Where a page is: the first one, that at a request target, or that of the value of a parameter."""

    target: str = ""
    value: Any = None

    @property
    def said(self) -> str:
        """As messages name it, without a query, which may hold anything."""
        return self.target.partition("?")[0] if self.target else short_repr(self.value)


@dataclass(frozen=True, repr=False)
class Page:
    """One page: `items`, the `response` that they came in, and the `token` of the page behind it.

    The token is empty for the last page.
    """

    items: list[Any]
    response: Response
    token: str

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<Page of {pluralize(len(self.items), 'item')}{'' if self.token else ', the last'}>"


class BasePages:
    """What the pages of either client have in common: which page follows on which, and what each holds."""

    def __init__(
        self,
        executor: BaseExecutor,
        given: Call,
        said: Mapping[str, Any],
        start: str = "",
        known: Paging | None = None,
    ) -> None:
        operation = given.operation
        self._executor, self._operation, self._given, self._said = executor, operation, given, said
        paging = paging_of(f"{operation.key}: pages", said) or known or documented_paging(operation)
        self._paging = paging and with_places(paging, said)
        self._base, self._counts_all = self._begun()
        self._place = self._first
        self._skip = 0
        """Items of the page at `_place` that were given already."""
        self._done = 0
        """Items on the pages before `_place`."""
        self._met = {_digest(self._place)}
        self._before = ""
        self._items_of_page: list[Any] = []
        self.count = 0
        self.total: int | None = None
        self.last: Response | None = None
        if start:
            self._resume(start)
        self.token = self._token(self._place, self._done, self._skip)

    @property
    def operation(self) -> Operation:
        """The operation that gives the pages."""
        return self._operation

    @property
    def items_at(self) -> str:
        """Where a response has its items."""
        return (self._paging and self._paging.items) or ""

    @property
    def last_items(self) -> list[Any]:
        """All items of the page that was fetched last."""
        return self._items_of_page

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._operation.key}: {pluralize(self.count, 'item')} so far>"

    # -- one page after the other --------------------------------------------------------------------------

    def _whole(self, page: Page) -> Page:
        """A page that is given as it is."""
        self.count += len(page.items)
        self.token = page.token
        return page

    def _each(self, page: Page) -> Iterator[Any]:
        """The items of a page, one after the other."""
        place, done = self._current
        first = len(self._items_of_page) - len(page.items)
        for index, item in enumerate(page.items, first + 1):
            self.count += 1
            is_last = index == len(self._items_of_page)
            self.token = page.token if is_last else self._token(place, done, index)
            yield item
        self.token = page.token

    def _steps(self) -> Generator[Call | Page, Response, None]:
        """A Call that is to be sent, and is answered with its Response; or the next Page."""
        is_first = True
        while True:
            place, done = self._current = self._place, self._done
            response = self.last = self._taken((yield self._call_for(place)))
            if self._paging is None:
                self._paging = self._by_response(response)
            items = self._items_of_page = self._items_of(response, is_first=is_first)
            following = self._following(self._paging, response, place, items, is_first=is_first)
            self._done = done + len(items)
            self._check_total(self._paging, response, is_last=following is None)
            given, self._skip, is_first = items[self._skip :], 0, False
            if following is None:
                yield Page(given, response, "")
                return
            self._place = following
            yield Page(given, response, self._token(following, self._done, 0))

    def _call_for(self, place: _Place) -> Call:
        if place.target:
            return self._given._replace(edit=partial(_retarget, place.target))
        if place.value is not None and self._paging is not None:
            return self._with(self._paging.parameter, place.value)
        return self._given

    def _taken(self, response: Response) -> Response:
        """The response of a page. Raises ApiError, and ResponseInvalid for a redirect."""
        if response.status >= 400:
            raise api_error_class(response.status)(self._refused(response), response)
        if response.status >= 300 and self._operation.leads_away(response.status):
            message = f"{self._operation.key}: redirect ({response.status}) was not followed"
            raise ResponseInvalid(message, response.violations, response)
        return response

    def _refused(self, response: Response) -> str:
        done = f" after {pluralize(self._done, 'item')}" if self._done else ""
        return f"{self._operation.key}: the server returned {response.status}{done}"

    def _by_response(self, response: Response) -> Paging:
        found = linked_paging(self._operation, response)
        if found is None:
            raise SettingsError(
                f"{self._operation.key}: how its pages follow is not documented, and the response has no "
                f"`Link` header with rel=next; say it: {setting_name('paging')}"
            )
        return with_places(found, self._said)

    # -- what a page says -----------------------------------------------------------------------------------

    def _items_of(self, response: Response, *, is_first: bool) -> list[Any]:
        assert self._paging is not None
        place = self._paging.items
        if place is None:
            place = self._documented_items(response)
            self._paging = replace(self._paging, items=place)
        found = found_at(response, place)
        if found is None or (found is MISSING and not (is_first and self._is_unknown(response, place))):
            return []
        if not isinstance(found, list):
            what = "nothing" if found is MISSING else short_repr(found)
            raise self._error(response, f"items: expected a list at {place or 'the root'}, got {what}")
        return found

    def _documented_items(self, response: Response) -> str:
        if isinstance(response.data, list):
            return ""
        declared = self._declared(response)
        lists = [name for name, kind in declared.items() if kind == "array"]
        if len(lists) == 1:
            return "/" + lists[0].replace("~", "~0").replace("/", "~1")
        if isinstance(response.data, dict) and not lists:
            lists = [name for name, value in response.data.items() if isinstance(value, list)]
        there = f"; there are lists at {', '.join(f'/{each}' for each in lists)}" if lists else ""
        raise SettingsError(
            f"{self._operation.key}: say where a page has its items: {setting_name('place of items')}{there}"
        )

    def _declared(self, response: Response) -> Mapping[str, str]:
        return declared_properties(self._executor.document, self._operation, response.status)

    def _is_unknown(self, response: Response, place: str) -> bool:
        """Whether the document does not have what a place in the body begins with."""
        parts = tokens(place)
        return bool(parts) and not place.startswith("$") and parts[0] not in self._declared(response)

    def _following(
        self, paging: Paging, response: Response, place: _Place, items: list[Any], *, is_first: bool
    ) -> _Place | None:
        """The place of the next page; None where this is the last. Raises PagesError."""
        says = found_at(response, paging.more) if paging.more else MISSING
        if paging.more and says in (MISSING, None, False, 0, "", "false"):
            if says is MISSING and is_first and self._is_unknown(response, paging.more):
                raise self._error(response, f"more: the response has nothing at {paging.more}")
            return None
        if paging.style in ("offset", "page"):
            return self._counted(paging, response, place, items)
        following = self._named(paging, response, is_first=is_first)
        if following is None:
            if paging.more:
                raise self._error(response, "the server says that there is more, and not where")
            return None
        if self._was_there(following):
            if not items:
                return None
            what = "a link to a page" if following.target else "a cursor"
            raise self._error(
                response,
                f"the response has {what} that was there already, {following.said}: the list would not end",
            )
        return following

    def _counted(self, paging: Paging, response: Response, place: _Place, items: list[Any]) -> _Place | None:
        digest = _digest(items)
        same, self._before = items != [] and digest == self._before, digest
        if same:
            raise self._error(
                response,
                f"the page at {paging.parameter}={place.value} has the same items as the one before: the "
                f"server does not heed {paging.parameter!r}",
            )
        if not items and paging.more:
            raise self._error(response, "the server says that there is more, and gave no items")
        total = self._total_of(paging, response)
        done = place.value if paging.style == "offset" else self._done
        reached = total is not None and self._counts_all and done + len(items) >= total
        if not items or (reached and not paging.more):
            return None
        return _Place(value=place.value + (len(items) if paging.style == "offset" else 1))

    def _named(self, paging: Paging, response: Response, *, is_first: bool) -> _Place | None:
        if not paging.where:  # an x-ms-pageable of one page
            return None
        if paging.style == "link object":
            return self._linked(paging, response)
        if paging.style == "next" and paging.where == LINK:
            found: Any = next(iter(link_targets(response.headers.get("Link", ""), "next")), None)
        else:
            found = found_at(response, paging.where)
            if found is MISSING and is_first:
                self._check_declared(paging, response)
        if found in (MISSING, None, "", False):
            return None
        if paging.style == "next":
            if isinstance(found, dict) and isinstance(found.get("href"), str):
                found = found["href"]
            return _Place(target=self._target(response, found))
        if isinstance(found, (dict, list)):
            raise self._error(
                response, f"cursor: expected a value at {paging.where}, got {short_repr(found)}"
            )
        return _Place(value=found)

    def _check_declared(self, paging: Paging, response: Response) -> None:
        """A place that the document does not know, and the first response does not have, is a mistake."""
        declared = self._declared(response)
        if declared and self._is_unknown(response, paging.where):
            raise SettingsError(
                f"{self._operation.key}: {paging.style}: the response has nothing at {paging.where}, and its "
                f"schema has only {', '.join(declared)}"
            )

    def _linked(self, paging: Paging, response: Response) -> _Place | None:
        link = response.links.get(paging.where)
        if link is None or link.violations or any(value is None for value in link.arguments.values()):
            return None
        return _Place(target=self._target(response, link.url()))

    def _target(self, response: Response, link: Any) -> str:
        """The target behind the URL of the server that a link means. Raises PagesError for another origin."""
        if not isinstance(link, str):
            raise self._error(response, f"next: expected a URL, got {short_repr(link)}")
        if self._operation.method not in _READS:
            raise SettingsError(f"{self._operation.key}: next: only pages of a GET have URLs of their own")
        try:
            url = resolved_url(response.url, link)
            parts = urlsplit(url)
            origin, own = origin_of(url), origin_of(response.url)
        except ValueError:
            raise self._error(response, f"next: {short_repr(link)} is not a URL") from None
        if origin is None or origin != own or "@" in parts.netloc:
            raise self._error(
                response,
                f"the next page is elsewhere, at {request_line('', url).strip()}: no request goes to "
                f"another server than the list came from",
            )
        base = urlsplit(self._base_url).path.rstrip("/")
        if not parts.path.startswith(f"{base}/") or _DOTS.search(parts.path):
            raise self._error(response, f"the next page, {parts.path}, is outside the server's {base}/")
        kept = [pair for pair in parts.query.split("&") if pair and not self._is_credential(pair)]
        mark = "?" if kept or url.endswith("?") else ""  # a URL with a lone `?` is another one
        return f"{parts.path[len(base) :]}{mark}{'&'.join(kept)}"

    @property
    def _base_url(self) -> str:
        own = self._executor.compiled(self._operation.key).servers
        return self._executor.server.of(own).url

    def _is_credential(self, pair: str) -> bool:
        """Whether a pair of a query is a credential, which each request is given again and no token holds."""
        return decoded(pair.partition("=")[0], plus=True) in self._executor.credentials.places

    def _was_there(self, place: _Place) -> bool:
        """Whether a page was there before; it is from now on."""
        key = _digest(place)
        known = key in self._met
        self._met.add(key)
        return known

    # -- totals ---------------------------------------------------------------------------------------------

    def _total_of(self, paging: Paging, response: Response) -> int | None:
        if not paging.total:
            return None
        found = found_at(response, paging.total)
        if isinstance(found, str) and found.isascii() and found.isdigit():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int):
            what = "nothing" if found is MISSING else short_repr(found)
            raise self._error(response, f"total: expected a number at {paging.total}, got {what}")
        self.total = found
        return found

    def _check_total(self, paging: Paging, response: Response, *, is_last: bool) -> None:
        total = self._total_of(paging, response)
        if total is None or not self._counts_all:
            return
        done = self._done + (self._base if paging.style == "offset" else 0)
        if done > total or (is_last and done < total):
            what = "the pages end after" if done < total else "the pages have by now"
            raise self._error(
                response, f"the server says that there are {pluralize(total, 'item')}; {what} {done}"
            )

    # -- arguments ------------------------------------------------------------------------------------------

    @property
    def _first(self) -> _Place:
        counted = self._paging is not None and self._paging.style in ("offset", "page")
        return _Place(value=self._base) if counted else _Place()

    def _parameter(self, name: str) -> Parameter | None:
        """The parameter called `name`; None where it is a place in the body. Raises SettingsError."""
        if name.startswith("/"):
            return None
        found = self._executor.compiled(self._operation.key).names.by_name.get(name, [])
        if len(found) != 1:
            names = [each.name for each in self._operation.parameters]
            near = suggestion(name, names) or f"; it has {', '.join(names) or 'none'}"
            raise SettingsError(f"{self._operation.key} has no parameter {name!r}{near}")
        return found[0]

    def _given_value(self, name: str) -> Any:
        parameter = self._parameter(name)
        if parameter is None:
            return _in_body(self._given.body, tokens(name))
        known = self._executor.compiled(self._operation.key).names.by_name
        given = {**(self._given.mapping or {}), **self._given.names}
        return next((value for each, value in given.items() if known.get(each) == [parameter]), MISSING)

    def _begun(self) -> tuple[int, bool]:
        """What an offset or the number of a page counts from: as given, or as documented, else 0 or 1.

        And whether the first item of all is on the first page, so that a total can be held against the items.
        """
        paging = self._paging
        if paging is None or not paging.parameter:
            return 0, True
        given = self._given_value(paging.parameter)
        if paging.style == "cursor":
            return 0, given in (MISSING, None)
        first = self._first_page(paging) if paging.style == "page" else 0
        if given is MISSING or given is None:
            return first, True
        if not isinstance(given, int) or isinstance(given, bool):
            raise SettingsError(
                f"{self._operation.key}: {paging.parameter}: expected a number, got {short_repr(given)}"
            )
        return given, paging.style == "offset" or given == first

    def _first_page(self, paging: Paging) -> int:
        if paging.first is not None:
            return paging.first
        parameter = self._parameter(paging.parameter)
        schema = parameter.schema if parameter is not None else None
        node = self._executor.document.opened(schema) if schema is not None else None
        for keyword in ("default", "minimum"):
            value = node.value.get(keyword) if node is not None and isinstance(node.value, dict) else None
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return 1

    def _with(self, name: str, value: Any) -> Call:
        """The call with `value` in a parameter, which is given once, whatever name it was given by."""
        parameter = self._parameter(name)
        given = self._given
        if parameter is None:
            body = {} if given.body is MISSING else given.body
            return given._replace(body=_put(body, tokens(name), value))
        from dynaclient.calls.links import fitted  # late: 18 ms

        compiled = self._executor.compiled(self._operation.key)
        known = compiled.names.by_name
        mapping = {
            key: each
            for key, each in {**(given.mapping or {}), **given.names}.items()
            if known.get(key) != [parameter]
        }
        value = fitted(compiled, parameter, value)
        return given._replace(mapping={**mapping, parameter.key: value}, names={})

    # -- tokens ---------------------------------------------------------------------------------------------

    def _token(self, place: _Place, done: int, skip: int) -> str:
        kept: dict[str, Any] = {"op": self._operation.key, "done": done}
        if self._paging is not None:
            kept |= {"style": self._paging.style, "where": self._paging.where}
        kept |= {"target": place.target} if place.target else {"value": place.value}
        kept |= {"skip": skip} if skip else {}
        text = json.dumps(kept, separators=(",", ":"), default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _resume(self, start: str) -> None:
        try:
            kept = json.loads(base64.urlsafe_b64decode(start + "=" * (-len(start) % 4)))
            operation, style, where = kept["op"], str(kept.get("style", "")), str(kept.get("where", ""))
            place = _Place(str(kept.get("target", "")), kept.get("value"))
            done, skip = int(kept["done"]), int(kept.get("skip", 0))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SettingsError("start: expected the token of earlier pages") from None
        if done < 0 or skip < 0 or (place.target and not _is_target(place.target)):
            raise SettingsError("start: expected the token of earlier pages")
        own = self._paging.style if self._paging else ""
        if operation != self._operation.key or (own and style and style != own):
            raise SettingsError(
                f"start: the token is of {operation} by {style or 'no style'}, these are the pages of "
                f"{self._operation.key}{f' by {own}' if own else ''}"
            )
        if self._paging is None and style in ("next", "link object"):
            self._paging = with_places(Paging(style, where), self._said)  # type: ignore[arg-type]
        self._place, self._done, self._skip = place, done, skip
        self._met.add(_digest(place))

    def _error(self, response: Response, message: str) -> PagesError:
        said = redact(message, secrets(response.request, response.secret_names))
        return PagesError(f"{self._operation.key}: {said}", response, self.token)


class Pages(BasePages):
    """The items of all pages, as an iterator; `by_page()` gives the pages. Each is fetched when it is needed.

    `token`: where to go on from, for `start=`: behind the last item that was given, or the last page; it
    holds no credential, and is empty at the end. `count`: how many items were given. `total`: how many the
    server says there are, None where it does not. `last`: the response of the page that was fetched last.
    """

    _executor: Executor

    def __init__(self, executor: Executor, *given: Any) -> None:
        super().__init__(executor, *given)
        self._pages = self._walk()
        self._items = (item for page in self._pages for item in self._each(page))

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._items)

    def by_page(self) -> Iterator[Page]:
        """The pages, each with its items and its response."""
        return map(self._whole, self._pages)

    def _walk(self) -> Iterator[Page]:
        steps = self._steps()
        step = next(steps, None)
        while step is not None:
            if isinstance(step, Page):
                yield step
                step = next(steps, None)
            else:
                step = steps.send(self._executor.send(step))


def _in_body(body: Any, path: list[str]) -> Any:
    for token in path:
        body = body.get(token, MISSING) if isinstance(body, dict) else MISSING
    return body


def _put(body: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    if not isinstance(body, Mapping):
        raise SettingsError("cursor: the body has no object there to put it in")
    return {**body, path[0]: _put(body.get(path[0], {}), path[1:], value)}


def _retarget(target: str, draft: RequestDraft) -> None:
    """Let a draft ask for what stands at `target`, byte for byte where a URL may hold it, and for no more."""
    path, mark, query = re.sub(r"[^!-~]", lambda found: quote(found[0]), target).partition("?")
    draft.path, draft.query = path, [pair for pair in query.split("&") if pair]
    if not draft.query:
        draft.path += mark


def _is_target(text: str) -> bool:
    return re.match("/(?!/)", text) is not None and not _DOTS.search(text.partition("?")[0])


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
