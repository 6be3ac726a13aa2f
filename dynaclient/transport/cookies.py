"""Cookies that servers set (RFC 6265), kept for those servers as long as one client lives."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from typing import TYPE_CHECKING

from dynaclient.transport.url import Origin, origin_of
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    from http.cookiejar import CookieJar


class Cookies:
    """A jar for each origin, since a jar knows no ports, made with the first cookie of that.

    Threads may share them; they are never written anywhere.
    """

    def __init__(self) -> None:
        self._jars: dict[Origin | None, CookieJar] = {}

    def keep(self, url: str, fields: Sequence[str]) -> None:
        """Take what a response from `url` sets with its Set-Cookie fields."""
        from http.cookiejar import CookieJar, DefaultCookiePolicy  # late: 6 ms
        from urllib.request import Request as Asked  # late: 12 ms

        origin = origin_of(url)
        jar = self._jars.get(origin)
        if jar is None:
            exact = DefaultCookiePolicy(strict_domain=True, strict_ns_domain=DefaultCookiePolicy.DomainStrict)
            jar = self._jars.setdefault(origin, CookieJar(exact))
        jar.extract_cookies(_Response(fields), Asked(url))  # type: ignore[arg-type]

    def of(self, url: str) -> list[str]:
        """The `name=value` pairs that go with a request to `url`."""
        jar = self._jars.get(origin_of(url))
        if jar is None:
            return []
        from urllib.request import Request as Asked  # late: 12 ms

        asked = Asked(url)
        jar.add_cookie_header(asked)
        return _pairs(asked.get_header("Cookie") or "")

    def added(self, request: Request) -> Request:
        """The request with the cookies for its URL, after its own and never instead of one of those."""
        if not self._jars or not request.certified:
            return request
        own = _pairs(request.headers.get("Cookie", ""))
        taken = {_name(pair) for pair in own}
        more = [pair for pair in self.of(request.url) if _name(pair) not in taken]
        return _with(request, [*own, *more], tuple(map(_name, more))) if more else request

    def moved(self, request: Request, url: str) -> Request:
        """The request to another URL, with the cookies for that one by now."""
        if request.from_jar:  # values of these may be others by now, or gone
            pairs = _pairs(request.headers.get("Cookie", ""))
            request = _with(request, [pair for pair in pairs if _name(pair) not in request.from_jar])
        return self.added(request.altered(url=url))


class _Response:
    """As much of a response as a jar asks for."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._head = Message()
        for field in fields:
            self._head["Set-Cookie"] = field

    def info(self) -> Message:
        return self._head


def _pairs(header: str) -> list[str]:
    return [pair for part in header.split(";") if (pair := part.strip())]


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _with(request: Request, pairs: Sequence[str], from_jar: tuple[str, ...] = ()) -> Request:
    fields = [field for field in request.fields if field[0].lower() != "cookie"]
    cookie = [("Cookie", "; ".join(pairs))] if pairs else []
    return request.altered(fields=(*fields, *cookie), from_jar=from_jar)
