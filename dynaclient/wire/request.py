"""A request as it is sent: method, target, headers, body. No HTTP library is needed to have one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient.wire.headers import Headers
from dynaclient.wire.percent import target_of

if TYPE_CHECKING:
    from dynaclient.wire.files import Upload

__all__ = ["Request"]


@dataclass(frozen=True, repr=False)
class Request:
    """A finished request, which nothing changes any more: `response.request`, and what a credential that is
    a callable is given.

    `url` is absolute, its `target` (RFC 9112 section 3.2) goes on the wire byte for byte; `headers` are all
    that is sent but Host, by their names in any case, `fields` the same as pairs; `body` is bytes, an Upload,
    which is read while it is sent, or None.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes | Upload | None = None
    certified: bool = field(default=True, compare=False)
    """Whether a client certificate may go along: it is a credential too (`mutualTLS`)."""
    native: Any = field(default=None, compare=False)
    """What a session of the user's made of it, with its hooks and cookies: a requests.PreparedRequest."""
    from_jar: tuple[str, ...] = field(default=(), compare=False)
    """The names of its cookies that servers set: they are looked up again for where a redirect leads."""
    hidden: tuple[str, ...] = field(default=(), compare=False)
    """Texts that are not shown wherever they stand: the arguments that the document calls secrets."""
    private: tuple[str, ...] = field(default=(), compare=False)
    """The names of headers and query parameters whose values are not shown."""

    @classmethod
    def of(cls, native: Any, certified: bool = True, *, keep: bool = True) -> Request:
        """What a requests.PreparedRequest says; `keep` that one as `native`."""
        fields = tuple((str(name), _text(value)) for name, value in native.headers.items())
        body = native.body.encode() if isinstance(native.body, str) else native.body
        url = native.url or ""
        return cls(native.method or "", url, fields, body, certified, native if keep else None)

    @cached_property
    def headers(self) -> Headers:
        """The header fields, by their names."""
        return Headers(self.fields)

    @property
    def target(self) -> str:
        """Path and query, as the server reads them."""
        return target_of(self.url)

    def altered(self, **changes: Any) -> Request:
        """The same with another `method` or `url`."""
        if self.native is not None:
            native = self.native.copy()
            vars(native).update(changes)
            changes = {**changes, "native": native}
        return replace(self, **changes)

    def with_fields(self, added: Mapping[str, str]) -> Request:
        """The same with these header fields, in the place of those of their names."""
        names = {name.lower() for name in added}
        fields = (*(pair for pair in self.fields if pair[0].lower() not in names), *added.items())
        native = self.native
        if native is not None:
            native = native.copy()
            native.headers.update(added)
        return replace(self, fields=fields, native=native)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "native": None}

    def __repr__(self) -> str:
        parts = urlsplit(self.url)
        host, path = parts.netloc.rpartition("@")[2], parts.path
        if self.hidden:
            from dynaclient.wire.redacted_text import redact  # late: 3 ms

            path = redact(path, self.hidden)
        return f"<{type(self).__name__} {self.method} {parts.scheme}://{host}{path}>"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
