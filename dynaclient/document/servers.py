"""Server Objects: where the operations of a document are served."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from dynaclient._support.messages import pluralize, setting_name
from dynaclient.document.document import Document
from dynaclient.document.node import NOWHERE, Node
from dynaclient.errors import SettingsError

PLACEHOLDER_HOSTS = frozenset(("yourbaseurl.talon.one",))
"""Hosts that documents name only to be replaced: nothing is ever sent to them."""

_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Server:
    """One entry of `servers`. `url` may hold variables and may be relative."""

    def __init__(self, url: str, description: str, variables: Mapping[str, Node], name: str = "") -> None:
        self.url = url
        self.description = description
        self.variables = variables
        self.name = name
        """What 3.2 lets a server be called."""


def servers(node: Node | None) -> list[Server]:
    """The Server Objects at `node`; a text among them is a URL, one object alone is the only one."""
    found = []
    for place in _listed(node) if node else ():
        url = place.value if isinstance(place.value, str) else place.text("url")
        if url.strip():
            variables = dict((place.get("variables") or NOWHERE).items())
            description, name = place.text("description"), place.text("name")
            found.append(Server(url.strip(), description, variables, name))
    return found


def with_query(node: Node | None) -> list[Node]:
    """The servers at `node` whose URL has a query."""
    return [place for place in (_listed(node) if node else ()) if query_of(place.text("url"))]


def _listed(node: Node) -> list[Node]:
    """The elements of a list; one object alone is its only one."""
    return [node] if isinstance(node.value, dict) else list(node.elements())


def pick(known: Sequence[Server], choice: int | str | None) -> Server | str | None:
    """The server that `choice` means: an index, a name (3.2), a description, a URL as written, or another.

    What looks like a URL is never a name or a description: a document could call its own host by another.
    """
    if choice is None:
        return known[0] if known else None
    if isinstance(choice, int):
        if -len(known) <= choice < len(known):
            return known[choice]
        raise SettingsError(
            f"server={choice}: the document has {pluralize(len(known), 'server')}, counted from 0"
        )
    for server in known:
        called = () if "://" in choice else (server.description, server.name or None)
        if choice in (server.url, *called):
            return server
    return choice


def expand(server: Server, given: Mapping[str, str]) -> str:
    """The URL of `server`, its variables filled. Two slashes that meet so are one.

    Raises SettingsError for a value that is not in `enum`; the default is taken even where `enum` forgets it.
    """

    def value(name: str) -> str:
        node = server.variables.get(name) or Node({})
        default = node.value.get("default") if isinstance(node.value, dict) else node.value
        chosen = given.get(name, default)
        allowed = [str(each.value) for each in (node.get("enum") or NOWHERE).elements()]
        if chosen is None:
            needed = f"the server {server.url} needs a value for {name!r}"
            raise SettingsError(f"{needed}: give {setting_name('server variables')}")
        if allowed and str(chosen) not in (*allowed, str(default)):
            raise SettingsError(f"server variable {name!r} is {chosen!r} (allowed: {', '.join(allowed)})")
        return str(chosen)

    url = ""
    for index, piece in enumerate(re.split(r"\{([^{}]+)\}", server.url)):
        text = value(piece) if index % 2 else piece
        meets = url.endswith("/") and not url.endswith("://")
        url += text.lstrip("/") if meets else text
    return url


UNIX = "http+unix"
"""The scheme of a server behind a Unix socket, whose path stands in the place of a host:
`http+unix://%2Frun%2Fshop.sock/base`. Only the user can name one: a document could reach into the machine."""


_SOCKET = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
"""A path as a host has it (reg-name, RFC 3986): `/`, `:`, `@` and brackets are percent-encoded."""


def is_unix(url: str) -> bool:
    """Whether a URL names a Unix socket."""
    return url[:12].lower() == f"{UNIX}://"


def absolute_url(url: str, document: Document, *, is_named: bool = False) -> str | None:
    """`url` against where the document came from, without a trailing slash and a query; None where it is no
    http URL. `is_named`: the user wrote it, and may mean a Unix socket."""
    if is_named and is_unix(url):
        path = url[12:].partition("/")[0]
        is_path = _SOCKET.fullmatch(path) is not None and sendable(url)
        return url.partition("#")[0].partition("?")[0].rstrip("/") if is_path else None
    try:
        full = urljoin(document.retrieved, url) if document.retrieved.startswith("http") else url
        parts = urlsplit(full)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return None
    if not usable or not sendable(full):
        return None
    return full.partition("#")[0].partition("?")[0].rstrip("/")


def query_of(url: str) -> str:
    """The query in the URL of a server: a part of every request, as `?api-version=1` is meant to be."""
    return url.partition("#")[0].partition("?")[2]


def sendable(url: str) -> bool:
    """Whether a URL is made of what one may hold: other readers see another host in `http://a\\@b`."""
    if url.isascii() and url.isprintable() and " " not in url and "\\" not in url:  # nearly every one
        return True
    return re.search(r"[\x00-\x20\\\x7f\ud800-\udfff]", url) is None


def without_user(url: str) -> str:
    """`url` without a user and a password."""
    return _USER.sub(r"\1", url)


def for_people(url: str) -> str:
    """A URL for what people see: without a user and a password, nor the query, where keys may live."""
    return without_user(url).partition("#")[0].partition("?")[0]


def mistyped(url: str) -> str:
    """As `for_people`, of what is no URL: without all that may be a user, a password or a query in it."""
    without = re.sub(r"(?s)(?<=://).*@|^(?!.*://).*@", "", url)
    return re.sub(r"(?s)[?#&=].*", "", without)


def is_placeholder(url: str) -> bool:
    """Whether `url` names a host that stands for another."""
    return urlsplit(url).hostname in PLACEHOLDER_HOSTS


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme == UNIX:  # a path has its case
        return scheme, parts.netloc, 0
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme, 0)
