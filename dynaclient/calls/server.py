"""Where calls go: the server that the user or the document named, and whether credentials may go there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from dynaclient._support.messages import setting_name
from dynaclient.document.document import Document
from dynaclient.document.servers import (
    Server,
    absolute_url,
    expand,
    for_people,
    is_placeholder,
    mistyped,
    origin,
    pick,
    query_of,
    servers,
)
from dynaclient.errors import SettingsError
from dynaclient.wire.redaction import may_be_secret


class TargetServer:
    """Where a call goes: the URL that its path goes behind, the query that goes along (empty for none), and
    whether credentials may go there."""

    def __init__(self, url: str, query: str, trusted: bool) -> None:
        self.url = url
        self.query = query
        self.trusted = trusted


class Target:
    """The server of a client.

    Raises SettingsError for one that is no URL, nor a server of the document.
    """

    distrusted = ""
    """Why the server gets nothing that may be a secret; empty where it may."""

    def __init__(self, document: Document, choice: str | int | None, variables: Mapping[str, str]) -> None:
        self._document = document
        self._variables = dict(variables)
        self._chosen = choice is not None
        self._why_none = ""
        self.query = ""
        """The query of that URL, a part of every request that goes there."""
        self.url = self._root(choice)
        """The URL that is called; None where neither the document nor the user named one."""
        self.named = self.url is not None and origin(self.url) in self._origins(choice)
        """Whether the user named that server, not the document alone: with `server`, or as the location
        of the document itself."""

    def _root(self, choice: str | int | None) -> str | None:
        found = pick(servers(self._document.root.get("servers")), choice)
        if found is None:
            return absolute_url("/", self._document)
        try:
            url = expand(found, self._variables) if isinstance(found, Server) else str(found)
        except SettingsError as error:
            if choice is not None or self._variables:
                raise
            self._why_none = str(error)  # the document can be looked at all the same
            return None
        full = absolute_url(url, self._document, is_named=url == choice)
        self.query = query_of(url)
        if full is None and choice is not None:
            named = mistyped(str(choice))
            said = f"{setting_name('server')} {named!r} is not an http(s) URL, nor a server of the document"
            raise SettingsError(said if "://" in named else f"{said}; did you mean {_whole(named)}?")
        if full is None:
            shown = for_people(url)
            self._why_none = (
                f"the document's server {shown!r} is not a complete http(s) URL; "
                f"give {setting_name('server')}"
            )
        return full

    def _origins(self, choice: str | int | None) -> Iterator[tuple[str, str, int]]:
        """The origins that the user named. What the document calls one of its servers names none."""
        named = absolute_url(choice, self._document, is_named=True) if isinstance(choice, str) else None
        for url in (named, self._document.retrieved):
            if url and url.startswith("http"):
                yield origin(url)

    def of(self, own: Sequence[Server]) -> TargetServer:
        """The server for an operation that has servers of its `own`, and whether credentials may go there
        (Never 2)."""
        if own and not self._chosen:
            written = expand(own[0], self._variables)
            url = absolute_url(written, self._document)
            if url is not None:
                _check_placeholder(url)
                own_origin = self.url is not None and origin(url) == origin(self.url)
                trusted = own_origin and not self.distrusted
                return TargetServer(url, query_of(written), trusted)
        return self.usual

    @cached_property
    def usual(self) -> TargetServer:
        """The server for all other operations. Raises SettingsError where there is none."""
        if self.url is None:
            none = f"no server: the document names none; give {setting_name('server')}"
            raise SettingsError(self._why_none or none)
        _check_placeholder(self.url)
        return TargetServer(self.url, self.query, not self.distrusted)

    def distrust(self, why: str) -> None:
        """Send nothing that may be a secret there, nor to a server of the document, for the reason `why`."""
        self.distrusted, self.named = why, False

    def check_extra(self, names: Iterable[str]) -> None:
        """Raises SettingsError where one of the headers and parameters that a call adds may be a secret."""
        for name in names:
            if may_be_secret(name):
                raise SettingsError(f"{name} is not sent: {self.distrusted}")


def _whole(named: str) -> str:
    """The URL that a host was meant as. Keys will go there: in clear to this machine alone."""
    named = named.lstrip("/")
    host = named.partition("/")[0].partition(":")[0]
    local = host == "localhost" or host.startswith("127.")
    return f"{'http' if local else 'https'}://{named}"


def _check_placeholder(url: str) -> None:
    if is_placeholder(url):
        raise SettingsError(
            f"{for_people(url)} is a placeholder for your own deployment; give {setting_name('server')}"
        )
