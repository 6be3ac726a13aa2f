"""name | path | URL | text | bytes | file | dict -> Document.

Opening reads what is given and nothing else: references to other files are followed inside the
folder of the document (or a wider one, where named), to other hosts only where those are named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient._support.messages import kind_of, setting_name
from dynaclient.document import cache
from dynaclient.document.document import Document
from dynaclient.document.lazy_tree import materialized as plain_tree
from dynaclient.document.node import OperationEntry, join, stated_version
from dynaclient.document.operations import entries
from dynaclient.document.private_folder import Setting
from dynaclient.document.servers import for_people, mistyped, origin, sendable
from dynaclient.errors import DocumentError, Finding

if TYPE_CHECKING:
    from dynaclient.document.overlay import Overlay

Fetch = Callable[[str], bytes]
"""URL -> the bytes of the file; raises DocumentError."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(@[A-Za-z0-9_.-]{1,99})?"
PROVENANCE = "provenance.yaml"
"""The file that says where the documents beside it come from."""
_SUFFIXES = (".json", ".yaml", ".yml", ".json.gz", ".yaml.gz", ".yml.gz")


class Access:
    """What opening may read beside the document itself.

    `hosts`: hosts that a `$ref` may be fetched from, with `fetch`, beside the origin that the document came
    from. `folder`: the folder that files must be in; the document's own unless a wider one is named. The
    references of a document that came from nowhere start there. `cache`: whether what was opened is kept on
    disk and taken from there, or the folder for it. `overlays`: what is laid over the document, in order.
    """

    def __init__(
        self,
        fetch: Fetch | None = None,
        hosts: Collection[str] = (),
        folder: str | os.PathLike[str] | None = None,
        cache: Setting = True,
        overlays: Sequence[Any] = (),
    ) -> None:
        self.fetch = fetch
        self.hosts = hosts
        self.folder = folder
        self.cache = cache
        self.overlays = overlays


def open_document(source: Any, access: Access | None = None) -> Document:
    """Open an OpenAPI document.

    `source` is a vendored name (`talon-one-integration`, or with `@generation`), a path, an http(s) or file
    URL, a dict, or what `given.read` takes: its text (what has a line break, or begins with `{`), its bytes,
    an open file, a Traversable. Raises DocumentError, which names the location, where it cannot be used as an
    OpenAPI document.
    """
    access = access or Access()
    if isinstance(source, Document):
        if access.overlays:
            raise DocumentError(
                "overlays are applied when a document is opened, and this one is open already"
            )
        return source
    if isinstance(source, Mapping):
        loader = _Loader(_placeless(access), access)
        overlays = _overlays(access)
        opened = _of_tree(_plain(source), "a dict", [], loader, overlays=overlays)
        return _document(opened, loader.root, "a dict", loader)
    if isinstance(source, os.PathLike) or (isinstance(source, str) and not _is_text(source)):
        return _named(os.fsdecode(source), access)
    from dynaclient.document import sources as given  # late: 3 ms

    data, name, path = given.read_source(source)
    uri = Path(path).as_uri() if path else _placeless(access)
    return _read_document(uri, name, access, None, lambda: data)


def _is_text(source: str) -> bool:
    """Whether a text is the document itself: no name, path or URL that anyone gives looks like that."""
    return "\n" in source or "\r" in source or source.lstrip("\ufeff \t")[:1] == "{"


def _placeless(access: Access) -> str:
    """Where the references of a document that came from nowhere start: in the folder that was named."""
    if access.folder is None:
        return ""
    return Path(_real(os.fsdecode(access.folder), setting_name("ref_folder"))).as_uri() + "/"


def _named(text: str, access: Access) -> Document:
    if text[:8].lower().startswith(("http://", "https://")):
        # what findings and errors name, and what references are relative to; keys may live in a query
        shown = for_people(text)
        return _read_document(shown, shown, access, None, lambda: _bytes(text, access))
    path = (_at_url(text) if text[:5].lower() == "file:" else find(text)).resolve()
    return _read_document(path.as_uri(), _printable(text), access, str(path), lambda: _bytes_of(path))


def find(name: str) -> Path:
    """The file that a vendored name or a path means. Raises DocumentError with what there is."""
    if found := vendored_file(name):
        return found
    if os.path.isfile(name):
        return Path(name)
    raise DocumentError(_unknown(name))


def _at_url(url: str) -> Path:
    """The file at a file URL. Raises DocumentError."""
    from dynaclient.document.sources import path_of_url  # late: 3 ms

    path = path_of_url(url)
    if not os.path.isfile(path):
        shown = _printable(path if len(path) <= 60 else f"{path[:60]}...")
        raise DocumentError(_no_file(path, shown) or f"there is no file {shown!r}")
    return Path(path)


def _unknown(name: str) -> str:
    """Why `name` is no document."""
    shown = name if len(name) <= 60 else f"{name[:60]}..."
    if not name:
        return f"expected a path, a URL or one of {_known()}"
    if "://" in name:
        return f"{mistyped(name)[:60]!r} is not an http(s) or file URL"
    if said := _no_file(name, shown):
        return said
    if "?" in name or ":" in name.rpartition("@")[0]:  # a URL without its scheme: it may hold secrets
        return f"{mistyped(name)!r} is neither a file nor a URL; a URL starts with https:// or http://"
    if name.endswith(_SUFFIXES):
        return f"there is no file {shown!r}"
    said = f"{shown!r} is neither a file nor a vendored document; vendored are {_known()}"
    return f"{said}; `dynaclient list` shows the APIs that were added" if is_bare_name(name) else said


def _known() -> str:
    names = vendored_names()
    return ", ".join([*dict.fromkeys(each.partition("@")[0] for each in names), *names])


def _no_file(name: str, shown: str) -> str:
    """What stands at a path that is no file, or why nobody can see; empty where there is nothing."""
    from dynaclient.document.files import kind, why  # late: 2 ms

    try:
        found = kind(name)
        inside = sorted(os.listdir(name)) if found == "a folder" else []
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return ""
    except OSError as error:  # such as a name that is too long: a document's text, say
        return f"{shown!r} cannot be opened: {why(error)}"
    if found != "a folder":
        return f"{shown!r} is {found}, not a file"
    documents = [each for each in inside if each.endswith(_SUFFIXES)][:3]
    such = f", such as {', '.join(documents)}" if documents else ""
    return f"{shown!r} is a folder; name the document in it{such}"


def vendored_folder() -> Path:
    """Where the vendored documents are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "spec"
    return inside if inside.is_dir() else package.parent / "spec"


def vendored_names() -> list[str]:
    """Every vendored document as `name@generation`."""
    found = sorted(vendored_folder().glob("*/*.yaml"))
    return [f"{path.parent.name}@{path.stem}" for path in found if path.name != PROVENANCE]


def is_bare_name(text: str) -> bool:
    """Whether `text` may name a vendored document or an API: it is no path, no URL, and ends as no file."""
    return re.fullmatch(_NAME, text) is not None and not text.endswith(_SUFFIXES)


def vendored_file(name: str) -> Path | None:
    """The file of the vendored document `name`, with or without its generation; None where there is none."""
    if not is_bare_name(name):
        return None
    api, _, generation = name.partition("@")
    found = sorted((vendored_folder() / api).glob("*.yaml"))
    files = {path.stem: path for path in found if path.name != PROVENANCE}
    if not generation and files:
        return files[max(files)]
    return files.get(generation)


def _read_document(
    uri: str, name: str, access: Access, path: str | None, fetch: Callable[[], bytes]
) -> Document:
    def open_bytes(data: bytes) -> cache.Opened:
        from dynaclient.document.reader import read_file  # late: 3 ms

        findings: list[Finding] = []
        tree, shares = read_file(data, name, findings=findings)
        return _of_tree(tree, name, findings, loader, shares, overlays)

    loader = _Loader(uri, access)
    overlays = _overlays(access)
    kind = " ".join(["document", *(each.digest for each in overlays)])
    return _document(
        cache.opened(access.cache, kind, path, fetch, open_bytes, loader.is_current), uri, name, loader
    )


def _overlays(access: Access) -> list[Overlay]:
    """The overlays, read."""
    if not access.overlays:
        return []
    from dynaclient.document.overlay import Overlay  # late: 2 ms
    from dynaclient.document.reader import parse_file  # late: 3 ms

    found = []
    for index, source in enumerate(access.overlays):
        if isinstance(source, Mapping):
            found.append(Overlay(f"overlays[{index}]", _plain(source)))
        else:
            data, name = _overlay_bytes(source, access)
            found.append(Overlay(name, parse_file(data, name)))
    return found


def _overlay_bytes(source: Any, access: Access) -> tuple[bytes, str]:
    """The bytes of an overlay, and what it is called: of a path, a URL, or what `sources` reads."""
    if isinstance(source, os.PathLike) or (isinstance(source, str) and not _is_text(source)):
        text = os.fsdecode(source)
        if text[:8].lower().startswith(("http://", "https://")):
            return _bytes(text, access), for_people(text)
        path = _at_url(text) if text[:5].lower() == "file:" else Path(text)
        return _bytes_of(path), _printable(text)
    from dynaclient.document.sources import read_source  # late: 3 ms

    return read_source(source)[:2]


def _of_tree(
    tree: Any,
    name: str,
    findings: list[Finding],
    loader: _Loader,
    shares: bool = True,
    overlays: Sequence[Overlay] = (),
) -> cache.Opened:
    """What follows from the tree of a document; and, of Swagger 2.0, from the files that it `needs`."""
    origins: dict[str, str] = {}
    if overlays:
        from dynaclient.document.overlay import apply_overlays  # late: 2 ms

        laid = apply_overlays(plain_tree(tree), overlays)
        tree, origins, shares = laid.tree, laid.origins, True
        findings = [*findings, *laid.findings]
    if not isinstance(tree, dict):
        raise DocumentError(
            f"{name}: expected an object at the root of an OpenAPI document, got {kind_of(tree)}"
        )
    version = _version(tree, name)
    upgraded = version == (2, 0)
    needs: dict[str, str] = {}
    if upgraded:
        from dynaclient.document.swagger import upgrade  # late: 10 ms

        tree, found = upgrade(plain_tree(tree), loader.root, loader.noting(needs))
        findings = [*findings, *found]
        version, shares = (3, 0), True
    known, found = _alone(tree, version, findings, origins)
    return cache.Opened(tree, version, upgraded, found, known, shares, needs, origins=origins)


def _alone(
    tree: dict[str, Any], version: tuple[int, int], findings: list[Finding], origins: Mapping[str, str]
) -> tuple[list[OperationEntry] | None, list[Finding]]:
    """The operations, and all findings; None and `findings` where other files have a say in them."""
    document = Document(tree, version, load=_ask, findings=[*findings], origins=origins)
    try:
        return entries(document), document.findings
    except _Elsewhere:
        return None, findings


class _Elsewhere(Exception):
    """Another file would have to be read. No DocumentError: nothing is to be done about it."""


def _ask(uri: str) -> Any:
    raise _Elsewhere


def _document(opened: cache.Opened, uri: str, name: str, load: Callable[[str], Any]) -> Document:
    tree = opened.tree
    own = tree.get("$self") if opened.version >= (3, 2) else None
    base = join(uri, own) if isinstance(own, str) else uri
    return Document(
        tree,
        opened.version,
        base,
        name,
        load,
        opened.findings,
        opened.upgraded,
        retrieved=uri,
        entries=opened.entries,
        notes=opened.notes,
        origins=opened.origins,
    )


def _version(tree: dict[str, Any], name: str) -> tuple[int, int]:
    stated = tree.get("openapi", tree.get("swagger"))
    version = stated_version(tree)
    if version is None:
        message = "no version: neither `openapi` nor `swagger` is given"
        raise DocumentError(f"{name}: {message}", [Finding("", "error", message)])
    if version == (2, 0) or version[0] == 3:
        return version
    raise DocumentError(f"{name}: unknown version {stated} (supported: 2.0, 3.0 to 3.2)")


class _Loader:
    """Reads the files that references name, where `access` allows it. Called with a URI, gives its tree."""

    def __init__(self, root: str, access: Access) -> None:
        self.root = root
        self.access = access

    def __call__(self, uri: str) -> Any:
        """The tree of the file; DocumentError where it may not or cannot be read."""
        self._check(uri)
        return self._opened(uri, lambda: _bytes(uri, self.access))

    def noting(self, needs: dict[str, str]) -> Callable[[str], Any]:
        """The same; in `needs` stands what the result hangs on: the root's location, each file's content."""

        def load(uri: str) -> Any:
            needs.setdefault("", self.root)
            needs[uri] = ""
            self._check(uri)
            data = _bytes(uri, self.access)
            needs[uri] = cache.content_name(data)
            return self._opened(uri, lambda: data)

        return load

    def is_current(self, needs: dict[str, str]) -> bool:
        """Whether what was noted is still so: a file that cannot be read has no content."""
        return needs[""] == self.root and all(self._content(uri) == needs[uri] for uri in needs if uri)

    def _content(self, uri: str) -> str:
        try:
            self._check(uri)
            path = _file(uri) if uri.startswith("file:") else None
            known = cache.content_of(self.access.cache, path) if path else None
            return known or cache.content_name(_bytes(uri, self.access))
        except DocumentError:
            return ""

    def _opened(self, uri: str, fetch: Callable[[], bytes]) -> Any:
        def open_bytes(data: bytes) -> cache.Opened:
            from dynaclient.document.reader import read_file  # late: 3 ms

            tree, shares = read_file(data, uri)
            return cache.Opened(tree, shares=shares)

        path = _file(uri) if uri.startswith("file:") else None
        return cache.opened(self.access.cache, "part", path, fetch, open_bytes).tree

    def _check(self, uri: str) -> None:
        try:
            parts = urlsplit(uri)
        except ValueError:
            raise DocumentError(f"{uri!r} is not a URI") from None
        if parts.scheme == "file" and not parts.netloc:
            folder = self._folder()
            if folder is None or not _inside(folder, _file(uri)):
                where = f" {folder}" if folder else ""
                said = f"{uri} is outside the document's folder{where}"
                raise DocumentError(f"{said}; name a wider one with {setting_name('ref_folder')}")
        elif parts.scheme in ("http", "https"):
            if parts.hostname not in self.access.hosts and not self._is_own(uri):
                said = f"references may not be read from {parts.hostname}"
                if parts.hostname == _host_of(self.root):
                    said += ", but for the scheme and port that the document came from"
                raise DocumentError(f"{said}; name it in {setting_name('ref_hosts')} to allow it")
        else:
            raise DocumentError(f"{uri!r} names no readable file")

    def _is_own(self, uri: str) -> bool:
        """Whether a URL is on the origin that the document was fetched from (RFC 6454)."""
        try:
            return self.root.startswith("http") and sendable(uri) and origin(uri) == origin(self.root)
        except ValueError:  # a port that is none
            return False

    def _folder(self) -> str | None:
        """The folder that files must be in, as it is really called."""
        if self.access.folder is not None:
            return _real(os.fsdecode(self.access.folder), setting_name("ref_folder"))
        return os.path.dirname(_real(_file(self.root))) if self.root.startswith("file:") else None


def _host_of(url: str) -> str | None:
    return urlsplit(url).hostname if url.startswith("http") else None


def _inside(folder: str, path: str) -> bool:
    return Path(_real(path)).is_relative_to(folder)


def _real(path: str, name: str = "") -> str:
    """The path without links; a loop of them stays, and cannot be read. Raises DocumentError."""
    try:
        return os.path.realpath(path)
    except ValueError as error:  # a NUL, or half a character
        from dynaclient.document.files import why  # late: 1 ms

        raise DocumentError(f"{name or 'a file'} is called {_printable(path)!r}: {why(error)}") from None


def _file(uri: str) -> str:
    """The path that a file URI names."""
    from dynaclient.document.sources import path_of_uri  # late: 3 ms

    return path_of_uri(uri)


def _bytes(uri: str, access: Access) -> bytes:
    if not uri.startswith("file:"):
        if access.fetch is None:
            raise DocumentError(f"{uri} cannot be fetched here")
        return access.fetch(uri)
    return _bytes_of(_file(uri))


def _bytes_of(path: str | Path) -> bytes:
    from dynaclient.document.files import content  # late: 1 ms

    return content(path)


def _printable(name: str) -> str:
    """`name` as it can be shown: bytes that are no text, and half characters, as escapes."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _plain(source: Mapping[str, Any]) -> Any:
    try:
        return json_tree(source)
    except RecursionError:
        raise DocumentError("the document nests too deeply, or contains itself") from None


def json_tree(value: Any, depth: int = 0) -> Any:
    """A tree as JSON has it: keys as text, dates as text; a dict that a YAML 1.1 reader made has neither."""
    if depth > 500:
        raise DocumentError("the document nests deeper than 500 levels")
    if isinstance(value, Mapping):
        return {_key(key): json_tree(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_tree(item, depth + 1) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _text(value.isoformat() if hasattr(value, "isoformat") else str(value))


def _key(key: Any) -> str:
    return _text(str(key).lower() if isinstance(key, bool) else str(key))


def _text(text: str) -> str:
    """`text` as it could be written to a file: half of a surrogate pair is read as U+FFFD."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)
