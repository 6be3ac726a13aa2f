"""A profile: what `[api.NAME]` says of one API, checked when it is read.

In a project's file it may come from anybody. So there it holds no credential, starts nothing, names nothing
outside the project's folder, and its server gets nothing that may be a secret before the user trusts it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient._support.messages import setting_name
from dynaclient.calls import options
from dynaclient.document.opening import vendored_file
from dynaclient.document.servers import mistyped, sendable, without_user
from dynaclient.errors import SettingsError
from dynaclient.profiles.references import FORMS, LOGIN, PLAIN, read_reference
from dynaclient.profiles.settings_file import Known, check_settings
from dynaclient.wire.env import SecretReference
from dynaclient.wire.redaction import may_be_secret

if TYPE_CHECKING:
    from dynaclient.wire.security import Credential


@dataclass(frozen=True)
class Profile:
    """What is known of the API called `name`."""

    name: str
    source: Path
    """The file that says so."""
    document: str | Path
    """A vendored name, a URL, or the path of a file."""
    server: str | None = None
    validate: Any = None
    headers: Mapping[str, str | SecretReference] = field(default_factory=dict, repr=False)
    overlays: tuple[str | Path, ...] = ()
    credentials: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    test: Mapping[str, Any] = field(default_factory=dict)
    """What contract tests of it are given; they check it."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """The files that were fetched, and are kept: URL -> digest."""
    fetched: dict[str, bytes] | None = field(default=None, repr=False)
    """Where the files go that a client fetches, to be kept; None where they are not."""
    logins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Security scheme -> what `dynaclient login` remembers: the client, and where its tokens may go."""
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Operation -> how its pages follow each other, as `Client.pages` takes it."""
    is_users: bool = True
    """Whether the user's own configuration says so, not the file of a project."""
    trusted: bool = True

    def without_secrets(self) -> Profile:
        """The same for who only reads its files."""
        return replace(self, credentials={}, headers={})

    def open_headers(self) -> Mapping[str, str]:
        """The headers that hold no credential, as far as can be seen."""
        return {
            name: text
            for name, text in self.headers.items()
            if isinstance(text, str) and not may_be_secret(name)
        }

    def why_untrusted(self) -> str:
        """Why nothing that may be a secret goes to the server of a profile that is not `trusted`."""
        return (
            f"{self.source} says where it goes, and you do not trust that file as it is now; look at it with "
            f"`dynaclient trust`, or name the server with {setting_name('server')}"
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_url(value: Any) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) and sendable(value) else None
        return parts is not None and parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str) and _HEADER.fullmatch(name) and _VALUE.fullmatch(text)
        for name, text in value.items()
    )


def _is_credentials(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_credential(each) for each in value.values())


def _is_copies(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is_text(each) and _DIGEST.fullmatch(each) for each in value.values()
    )


def _is_credential(value: Any) -> bool:
    pair = isinstance(value, list) and len(value) == 2
    return all(map(_is_text, value)) if pair else _is_text(value)


def _is_logins(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(said, dict) and all(name in _LOGIN and _LOGIN[name](each) for name, each in said.items())
        for said in value.values()
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


_LOGIN: Mapping[str, Callable[[Any], bool]] = {
    "client_id": _is_text,
    "client_secret": lambda value: _is_text(value) and re.match("(env|keyring|command):", value) is not None,
    "secret_in": lambda value: value in ("header", "body"),
    "scopes": _are_texts,
    "servers": _are_texts,
}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_REFERS = re.compile("(env|keyring|command|plain):")
_DIGEST = re.compile("[0-9a-f]{64}")

PROJECTS: Known = {
    "document": ("a path, a URL or a vendored name", _is_text),
    "server": ("an http(s) URL", _is_url),
    "validate": ("a mode, or a table of them", lambda value: isinstance(value, (str, dict))),
    "headers": ("a table of header names and texts", _is_headers),
    "overlays": (
        "a list of paths",
        lambda value: isinstance(value, list) and all(_is_text(each) for each in value),
    ),
    "pages": (
        "a table: operation -> a table of next, cursor, offset or page, and items, more, total",
        lambda value: isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()),
    ),
    "test": ("a table", lambda value: isinstance(value, dict)),
}
"""Settings of a profile in the file of a project."""

USERS: Known = {
    **PROJECTS,
    "copies": ("a table: URL -> 64 hexadecimal digits", _is_copies),
    "credentials": ("a table: security scheme -> text, or a list of two texts", _is_credentials),
    "login": (f"a table: security scheme -> a table of {', '.join(_LOGIN)}", _is_logins),
}
"""Settings of a profile in the user's configuration."""


def users_profile(name: str, table: Mapping[str, Any], source: Path) -> Profile:
    """The profile that the user's configuration has. Raises SettingsError."""
    where = f"api.{name}"
    _check(source, where, table, USERS)
    return Profile(
        name,
        source,
        _file_of(table["document"], source.parent),
        table.get("server"),
        _modes(source, where, table),
        {
            key: _secret(source, f"{where}.headers.{key}", text) if _REFERS.match(text) else text
            for key, text in table.get("headers", {}).items()
        },
        tuple(_file_of(each, source.parent) for each in table.get("overlays", ())),
        {
            scheme: _credential(source, f"{where}.credentials.{scheme}", given)
            for scheme, given in table.get("credentials", {}).items()
        },
        table.get("test", {}),
        table.get("copies", {}),
        logins=table.get("login", {}),
        pages=table.get("pages", {}),
    )


def projects_profile(name: str, table: Mapping[str, Any], source: Path, trusted: bool) -> Profile:
    """The profile that the file of a project has. Raises SettingsError."""
    where = f"api.{name}"
    if "credentials" in table:
        raise SettingsError(
            f"{source}: {where}.credentials: a project's file holds no credentials; each user has their own: "
            f"the variable DYNACLIENT_CREDENTIAL_..., or `dynaclient add` under a name of theirs"
        )
    _check(source, where, table, PROJECTS)
    headers, server = table.get("headers", {}), table.get("server")
    for key, text in headers.items():
        if may_be_secret(key) or key.lower() == "host" or _REFERS.match(text):
            raise SettingsError(
                f"{source}: {where}.headers.{key}: a project's file sets no header that may be a credential"
            )
    if server and without_user(server) != server:
        raise SettingsError(f"{source}: {where}.server: a project's file holds no user and password")
    folder = source.parent
    return Profile(
        name,
        source,
        _project_document(source, where, table["document"], trusted),
        server,
        _modes(source, where, table),
        headers,
        tuple(_inside(source, f"{where}.overlays", folder / each) for each in table.get("overlays", ())),
        test=table.get("test", {}),
        pages=table.get("pages", {}),
        is_users=False,
        trusted=trusted,
    )


def _check(source: Path, where: str, table: Mapping[str, Any], known: Known) -> None:
    check_settings(source, where, table, known)
    if "document" not in table:
        raise SettingsError(f"{source}: {where} has no `document`: the path, URL or vendored name of one")


def _modes(source: Path, where: str, table: Mapping[str, Any]) -> Any:
    given = table.get("validate")
    if given is not None:
        try:
            options.modes(given)
        except SettingsError as error:
            raise SettingsError(f"{source}: {where}.{error}") from None
    return given


def is_url(text: str) -> bool:
    """Whether a document is named by a URL that has to be fetched."""
    return text[:8].lower().startswith(("http://", "https://"))


def _file_of(text: str, folder: Path) -> str | Path:
    if is_url(text) or text[:5].lower() == "file:" or vendored_file(text):
        return text
    return folder / os.path.expanduser(text)


def _project_document(source: Path, where: str, text: str, trusted: bool) -> str | Path:
    if is_url(text):
        if not trusted:
            raise SettingsError(
                f"{source}: {where}.document is a URL, {mistyped(text)}: nothing is fetched for a "
                f"project's file before you trust it; look at it with `dynaclient trust`"
            )
        return text
    if vendored_file(text):
        return text
    return _inside(source, f"{where}.document", source.parent / text)


def _inside(source: Path, where: str, path: Path) -> Path:
    """The real path of a file in the folder of a project. Raises SettingsError for one outside it."""
    try:
        real = Path(os.path.realpath(path))
    except ValueError:  # a NUL
        raise SettingsError(f"{source}: {where}: no file can have this name") from None
    if not real.is_relative_to(os.path.realpath(source.parent)):
        raise SettingsError(f"{source}: {where}: {path} is outside the folder of the project")
    return real


def _credential(source: Path, where: str, given: Any) -> Credential:
    if isinstance(given, list):
        first, second = (_secret(source, where, each) for each in given)
        return first, second
    if given.startswith(LOGIN):
        from dynaclient.profiles.logins import Login  # late: 8 ms

        return Login(given.removeprefix(LOGIN))
    return _secret(source, where, given)


def _secret(source: Path, where: str, text: str) -> str | SecretReference:
    """What a text of the configuration stands for; it may be a secret, and is not repeated."""
    try:
        found = read_reference(text)
    except SettingsError as error:
        raise SettingsError(f"{source}: {where}: {error}") from None
    if found is None:
        raise SettingsError(
            f"{source}: {where}: expected {FORMS}; or {PLAIN}TEXT, if the secret itself has to stand here"
        )
    return found
