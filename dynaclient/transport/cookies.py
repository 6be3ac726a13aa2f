"""Cookies that servers set (RFC 6265), kept for those servers as long as one client lives."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from typing import TYPE_CHECKING

from dynaclient.wire.request import Request

if TYPE_CHECKING:
    from http.cookiejar import CookieJar


class Cookies:
    """A jar, made with the first cookie. Threads may share it; it is never written anywhere."""

    def __init__(self) -> None:
        self._jar: CookieJar | None = None

    def keep(self, url: str, fields: Sequence[str]) -> None:
        """Take what a response from `url` sets with its Set-Cookie fields."""
        from http.cookiejar import CookieJar, DefaultCookiePolicy  # late: 6 ms
        from urllib.request import Request as Asked  # late: 12 ms

        if self._jar is None:
            exact = DefaultCookiePolicy(strict_domain=True, strict_ns_domain=DefaultCookiePolicy.DomainStrict)
            self._jar = CookieJar(exact)
        self._jar.extract_cookies(_Response(fields), Asked(url))  # type: ignore[arg-type]

    def of(self, url: str) -> list[str]:
        """The `name=value` pairs that go with a request to `url`."""
        if self._jar is None:
            return []
        from urllib.request import Request as Asked  # late: 12 ms

        asked = Asked(url)
        self._jar.add_cookie_header(asked)
        return _pairs(asked.get_header("Cookie") or "")

    def added(self, request: Request) -> Request:
        """The request with the cookies for its URL, after its own and never instead of one of those."""
        if self._jar is None or not request.certified:
            return request
        own = _pairs(request.headers.get("Cookie", ""))
        taken = {pair.partition("=")[0] for pair in own}
        more = [pair for pair in self.of(request.url) if pair.partition("=")[0] not in taken]
        return _with(request, [*own, *more]) if more else request

    def moved(self, request: Request, url: str) -> Request:
        """The request to another URL, with the cookies for that one by now."""
        stale = self.of(request.url)
        kept = [pair for pair in _pairs(request.headers.get("Cookie", "")) if pair not in stale]
        return self.added((_with(request, kept) if stale else request).altered(url=url))


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


def _with(request: Request, pairs: Sequence[str]) -> Request:
    fields = [field for field in request.fields if field[0].lower() != "cookie"]
    return request.altered(fields=(*fields, *([("Cookie", "; ".join(pairs))] if pairs else [])))
