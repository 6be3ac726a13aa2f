"""Whether requests and urllib3 are as they were written: mocks and instruments put something else there.

requests-mock replaces `Session.send`, responses `HTTPAdapter.send`, vcrpy the connections of urllib3's pools,
OpenTelemetry `Session.send` and `HTTPConnectionPool.urlopen`; others do alike. They may be switched on before
this is imported, and on and off at any time, so it is asked at each call (`touched`, some 2 microseconds).
"""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import urllib3.connection
import urllib3.connectionpool
import urllib3.util.connection

from dynaclient.errors import SettingsError

if TYPE_CHECKING:
    import requests


class Touched:
    """What is not the original: how a session sends, how it makes requests of its own, how urllib3 works."""

    def __init__(self, send: bool, request: bool, urllib3: bool) -> None:
        self.send = send
        self.request = request
        self.urllib3 = urllib3


NOTHING = Touched(False, False, False)


class _Place:
    """Names in the modules, and what stands there where that is their own."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._look: Any = attrgetter(*names)
        self._own: tuple[Any, ...] | None = None

    def is_touched(self) -> bool:
        try:
            found = self._look(_MODULES)
        except AttributeError:  # what stands in does not have it
            return True
        if self._own is None and all(map(_is_own, found)):
            self._own = found
        return self._own is None or not all(map(is_, found, self._own))


class _Modules:
    """The modules by their names, as tables are made of them; those of requests when they are asked for."""

    connection, connectionpool = urllib3.connection, urllib3.connectionpool
    util = urllib3.util.connection

    @cached_property
    def sessions(self) -> ModuleType:
        from requests import sessions  # late: 33 ms

        return sessions

    @cached_property
    def adapters(self) -> ModuleType:
        from requests import adapters  # late: 33 ms

        return adapters


_MODULES = _Modules()

_OWN = {
    "requests.sessions",
    "requests.adapters",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.util.connection",
}

_SEND = _Place(
    "sessions.Session.send",
    "sessions.Session.get_adapter",
    "adapters.HTTPAdapter.send",
    "adapters.HTTPAdapter.build_response",
)
_REQUEST = _Place("sessions.Session.request", "sessions.Session.prepare_request")
_URLLIB3 = _Place(
    "connectionpool.HTTPConnectionPool.urlopen",
    "connectionpool.HTTPConnectionPool._make_request",
    "connectionpool.HTTPConnectionPool._get_conn",
    "connectionpool.HTTPConnectionPool._new_conn",
    "connectionpool.HTTPConnectionPool.ConnectionCls",
    "connectionpool.HTTPSConnectionPool.urlopen",
    "connectionpool.HTTPSConnectionPool._get_conn",
    "connectionpool.HTTPSConnectionPool._new_conn",
    "connectionpool.HTTPSConnectionPool.ConnectionCls",
    "connection.HTTPConnection.request",
    "connection.HTTPConnection.getresponse",
    "connection.HTTPConnection.connect",
    "connection.HTTPSConnection.connect",
)

_OVERRIDES = frozenset(("send", "get_adapter", "request"))
_EVERYWHERE = _Place(*_SEND.names, *_REQUEST.names, *_URLLIB3.names)

_CONNECT = _Place("connection.HTTPConnection._new_conn", "util.create_connection")


def touched(session: requests.Session) -> Touched:
    """What of requests and urllib3 is not the original now, in the eyes of a session."""
    on_it = session.__dict__
    if on_it.keys().isdisjoint(_OVERRIDES) and not _EVERYWHERE.is_touched():
        return NOTHING
    send = "send" in on_it or "get_adapter" in on_it or _SEND.is_touched()
    request = "request" in on_it or _REQUEST.is_touched()
    below = _URLLIB3.is_touched()
    return Touched(send, request, below) if send or request or below else NOTHING


def connects_elsewhere() -> bool:
    """Whether the function with which urllib3 connects is another: one that has an address in mind."""
    return _CONNECT.is_touched()


def _is_own(found: Any) -> bool:
    """Whether a function or a class is of the modules: what wraps a function has its name, and no more."""
    if isinstance(found, type):
        return found.__module__ in _OWN
    return type(found) is FunctionType and found.__globals__.get("__name__") in _OWN


def original(connection: type[Any]) -> type[Any]:
    """A connection class of urllib3 where one that stands on it is in its place.

    SettingsError where another library stands in for urllib3, whose connections are not http.client's: what
    keeps the deadline of a call would not hold there.
    """
    found = next((each for each in connection.__mro__ if each.__module__ in _OWN), connection)
    if not any(each.__module__ == "http.client" for each in found.__mro__):  # vcrpy replaces the name there
        raise SettingsError(_ANOTHER)
    return found


_ANOTHER = """another library is installed instead of urllib3, which dynaclient needs. \
urllib3-future does that, which niquests brings along: use an environment without it, or keep both \
side by side with
  URLLIB3_NO_OVERRIDE=1 pip install --force-reinstall --no-binary urllib3-future urllib3-future urllib3"""
