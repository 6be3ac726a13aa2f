"""`dynaclient add`, `list`, `remove`, `update` and `trust`: the APIs that have a name."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient._support.secret_names import reads_secret
from dynaclient.cli.config import HERE, headers, read_modes
from dynaclient.cli.options.parser import USAGE
from dynaclient.client import Client, executor_of
from dynaclient.document.opening import is_bare_name, vendored_file, vendored_names
from dynaclient.document.servers import for_people, mistyped, without_user
from dynaclient.errors import DocumentError, SettingsError
from dynaclient.profiles.copies import drop_copies, keep_copies
from dynaclient.profiles.folders import config_file
from dynaclient.profiles.logins import forget_login, shown_credential
from dynaclient.profiles.names import Place, project_tables, user_tables
from dynaclient.profiles.profile import PROJECTS, Profile, is_url, projects_profile, users_profile
from dynaclient.profiles.references import FORMS, LOGIN, PLAIN, read_reference, shown_reference
from dynaclient.profiles.resolution import profile_in
from dynaclient.profiles.settings_file import nearest_settings, table_in
from dynaclient.profiles.trusted import TRUSTED, trust_digest, trust_key
from dynaclient.wire.redaction import may_be_secret


def add(options: Namespace) -> int:
    """Write a profile into the user's configuration, after a look at what it says."""
    _check_name(options.name)
    table = _table(options)
    profile = replace(users_profile(options.name, table, config_file()), fetched={})
    with Client(replace(profile, credentials={})) as client:
        with _typed("--credential"):
            executor_of(client).credentials.extended(profile.credentials)
        if copies := _keep(client, profile):
            table["copies"] = copies
        _put(options.name, table)
        terminal.say(f"added {options.name}: {_outline(client)}")
    for scheme, given in profile.credentials.items():
        terminal.say(f"  {scheme}  {shown_reference(given)}")
    return 0


@contextmanager
def _typed(option: str) -> Iterator[None]:
    """What is wrong here was typed as an option: it stands in no file yet."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{option}: {error}") from None


def _keep(client: Client, profile: Profile) -> dict[str, str]:
    """Keep all that is fetched for the document: URL -> digest."""
    if not profile.fetched:
        return {}
    _ = client.findings  # looks at all of the document, whichever file it is in
    return keep_copies(profile.fetched)


def _check_name(name: str) -> None:
    if not is_bare_name(name):
        raise SettingsError(
            f"{name!r} is no name for an API: letters, digits, `-`, `_` and `.`; not a file, no URL"
        )
    if vendored_file(name.partition("@")[0]):
        raise SettingsError(f"{name!r} is the name of a vendored document; choose another")
    if os.path.exists(name):
        raise SettingsError(
            f"there is a file {name!r} here, which could be meant by that name; choose another"
        )
    if name in user_tables():
        raise SettingsError(f"there is an API {name!r} already; `dynaclient remove {name}` forgets it")


def _table(options: Namespace) -> dict[str, Any]:
    """The profile as it is written."""
    source = options.document
    if not source:
        raise SettingsError("expected a path, a URL or the name of a vendored document, got an empty text")
    named = is_url(source) or source[:5].lower() == "file:" or vendored_file(source)
    table: dict[str, Any] = {"document": source if named else os.path.abspath(source)}
    if options.server is not None:
        table["server"] = _server(options.server)
    if options.validate:
        table["validate"] = _one_mode(read_modes(options.validate))
    sent = headers(options.always)
    _check_headers(sent)
    if sent:
        table["headers"] = sent
    if options.overlay:
        table["overlays"] = [each if is_url(each) else os.path.abspath(each) for each in options.overlay]
    if options.credential:
        table["credentials"] = dict(_reference(each, options.plain_text) for each in options.credential)
    if not options.plain_text:
        _check_open(source, options.server or "", sent)
    return table


def _server(url: str) -> str:
    expected, fits = PROJECTS["server"]
    if not fits(url):
        raise SettingsError(f"--server: expected {expected}, got {mistyped(url)!r}")
    return url


def _check_headers(sent: Mapping[str, str]) -> None:
    """Raises SettingsError for a header that cannot be sent; what was given may be a secret."""
    _, fits = PROJECTS["headers"]
    for name, value in sent.items():
        if not fits({name: ""}):
            raise SettingsError(
                "-H: expected 'NAME: VALUE', where NAME is that of a header, got another text"
            )
        if not fits({name: value}):
            raise SettingsError(f"-H {name}: expected a value of Latin-1 characters without line breaks")
        with _typed(f"-H {name}"):
            read_reference(value)


def _one_mode(modes: Mapping[str, Any]) -> Any:
    """`warn` for what is the same in both directions."""
    same = modes.keys() == {"request", "response"} and len({*modes.values()}) == 1
    return modes["request"] if same else dict(modes)


def _reference(text: str, plain_text: bool) -> tuple[str, str]:
    scheme, mark, value = text.partition("=")
    if not mark or not scheme:  # what was given may be the secret itself: it is not repeated
        raise SettingsError(f"expected --credential SCHEME=REFERENCE, where REFERENCE is {FORMS}")
    with _typed(f"--credential {scheme}=..."):
        found = read_reference(value)
    if found is not None and not isinstance(found, str):
        return scheme, value
    if not plain_text:
        raise SettingsError(
            f"--credential {scheme}=...: expected {FORMS}; --plain-text writes the secret itself into "
            f"{config_file()}"
        )
    return scheme, value if found is not None else f"{PLAIN}{value}"


def _check_open(document: str, server: str, sent: Mapping[str, str]) -> None:
    """Raises SettingsError where a secret would be written into the configuration."""
    for option, url in (("the document", document), ("--server", server)):
        if is_url(url) and (without_user(url) != url or _has_secret(url)):
            raise SettingsError(
                f"{option} {for_people(url)} comes with a secret; --plain-text writes it down"
            )
    for name, value in sent.items():
        if may_be_secret(name) and read_reference(value) is None:
            raise SettingsError(
                f"-H {name}: expected {FORMS} as its value; --plain-text writes the secret itself down"
            )


def _has_secret(url: str) -> bool:
    try:
        return any(reads_secret(name) for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:  # no URL: opening it says so, and nothing is written
        return False


def _put(name: str, table: Mapping[str, Any]) -> None:
    from dynaclient.profiles.store import put_table  # late: 40 ms

    put_table(config_file(), ["api"], name, table)


def _outline(client: Client) -> str:
    return f"{pluralize(len(client.operations), 'operation')} at {client.server or 'no server'}"


def list_apis(options: Namespace) -> int:
    """A row for each name: the user's, the project's, the vendored documents; 2 where one cannot be used."""
    problems: list[SettingsError] = []
    users = _tables(user_tables, problems)
    projects = _tables(partial(project_tables, HERE), problems)
    places = [*users.items(), *((name, place) for name, place in projects.items() if name not in users)]
    rows = [row for name, place in places if (row := _row_of(place, name, problems))]
    generations: dict[str, list[str]] = {}
    for each in vendored_names():
        generations.setdefault(each.partition("@")[0], []).append(each.partition("@")[2])
    rows += [(name, f"{name}@{max(known)}", "-", "-", "vendored") for name, known in generations.items()]
    if terminal.is_terminal():
        terminal.blocks([(name, document, *_details(*others)) for name, document, *others in rows])
    else:
        terminal.table(("name", "document", "server", "credentials", "from"), rows)
    for problem in problems:
        terminal.complain(f"dynaclient: {problem}")
    return USAGE if problems else 0


def _details(server: str, credentials: str, source: str) -> tuple[str, ...]:
    """What stands below a name on a terminal."""
    known = (("server ", server), ("credentials ", credentials), ("", source))
    return tuple(f"{what}{text}" for what, text in known if text != "-")


def _tables(read: Callable[[], dict[str, Place]], problems: list[SettingsError]) -> dict[str, Place]:
    try:
        return read()
    except SettingsError as error:
        problems.append(error)
        return {}


def _row_of(place: Place, name: str, problems: list[SettingsError]) -> tuple[str, ...]:
    """The row of a profile; none where it cannot be used, or its name means something else."""
    try:
        _check_meaning(place, name)
        return _row(profile_in(place, name))
    except SettingsError as error:
        problems.append(error)
        return ()


def _check_meaning(place: Place, name: str) -> None:
    """Raises SettingsError where a name never means the profile of that name."""
    if not is_bare_name(name):
        raise SettingsError(f"{place[0]}: api.{name} is never used: that is no name for an API")
    if vendored_file(name):
        raise SettingsError(f"{place[0]}: api.{name} is never used: the name means a vendored document")


def _row(profile: Profile) -> tuple[str, ...]:
    credentials = ", ".join(f"{name}={shown_credential(each)}" for name, each in profile.credentials.items())
    source = _short(profile.source) if profile.is_users else os.path.relpath(profile.source)
    said = "" if profile.trusted else ", not trusted"
    server = for_people(profile.server) if profile.server else "-"
    return profile.name, _document_of(profile), server, credentials or "-", f"{source}{said}"


def _document_of(profile: Profile) -> str:
    document = profile.document
    if isinstance(document, Path):
        return _short(document) if profile.is_users else os.path.relpath(document, profile.source.parent)
    return for_people(document)


def _short(path: Path) -> str:
    home = os.path.expanduser("~")
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def remove(options: Namespace) -> int:
    """Forget a profile of the user's."""
    from dynaclient.profiles.store import drop_table  # late: 40 ms

    table = own_table(options.name)
    _forget_logins(table)
    drop_table(config_file(), "api", options.name)
    _drop_unused(table.get("copies", {}).values())
    terminal.say(f"removed {options.name}")
    return 0


def _forget_logins(table: Mapping[str, Any]) -> None:
    for given in table.get("credentials", {}).values():
        if isinstance(given, str) and given.startswith(LOGIN):
            try:
                forget_login(given.removeprefix(LOGIN))
            except SettingsError as error:
                terminal.complain(f"dynaclient: {error}; its tokens stay where they are")


def own_table(name: str) -> Mapping[str, Any]:
    """The table of the profile `name` in the user's configuration. Raises SettingsError."""
    known = user_tables()
    if name not in known:
        of_project = name in project_tables(HERE)
        said = (
            "it stands in the file of the project"
            if of_project
            else f"there are {', '.join(known) or 'none'}"
        )
        raise SettingsError(f"{config_file()} has no API {name!r}; {said}")
    _, apis, _ = known[name]
    found: Mapping[str, Any] = apis[name]
    return found


def _drop_unused(digests: Iterable[str]) -> None:
    """Remove the kept files that no profile means any more."""
    used = {
        each for name, (_, apis, _) in user_tables().items() for each in apis[name].get("copies", {}).values()
    }
    drop_copies({*digests} - used)


def update(options: Namespace) -> int:
    """Fetch the document of a profile again; take it after a look at what changes."""
    name = options.name
    profile = users_profile(name, own_table(name), config_file())
    if not is_url(str(profile.document)):
        terminal.say(f"{name} is read from {profile.document} whenever it is used; there is nothing to fetch")
        return 0
    fresh = replace(profile, copies={}, fetched={})
    with Client(fresh) as new:
        copies = _keep(new, fresh)
        if copies == profile.copies:
            terminal.say(f"{name} is up to date")
            return 0
        _say_changes_since(profile, new)
    taken = confirmed(f"Use this document for {name}?", options.yes)
    if taken:
        _put(name, {"copies": copies})
        terminal.say(f"updated {name}: {_outline(new)}")
    _drop_unused((profile.copies if taken else copies).values())
    return 0 if taken else 1


def _say_changes_since(profile: Profile, new: Client) -> None:
    """What differs from the copy that is kept, where one is there."""
    try:
        with Client(profile) as old:
            say_changes(old, new)
    except DocumentError as error:
        terminal.say(f"nothing to compare with: {error}")


def say_changes(old: Client, new: Client) -> None:
    """What changed from one document to another, and what of it breaks."""
    from dynaclient.cli.diff import print_lines  # late: 30 ms
    from dynaclient.diff import diff  # late: 30 ms

    print_lines(diff(old, new))


def trust(options: Namespace) -> int:
    """Show what the file of a project says of its APIs, and record that it is trusted as it is now."""
    start = Path(os.path.abspath(options.folder))
    found = nearest_settings(start)
    if found is None:
        raise SettingsError(
            f"there is no dynaclient.toml, and no pyproject.toml with [tool.dynaclient], in {start} or above"
        )
    source, said = found
    apis = table_in(source, said, "api")
    profiles = [projects_profile(name, apis[name], source, True) for name in project_tables(start)]
    terminal.say(str(source))
    for line in _trusted_lines(profiles):
        terminal.say(f"  {line}")
    if not profiles:
        terminal.say("  names no API: there is nothing to trust")
        return 0
    if not confirmed("Trust it as it is now? Your credentials may go to these servers.", options.yes):
        return 1
    from dynaclient.profiles.store import put_table  # late: 40 ms

    put_table(config_file(), [TRUSTED], trust_key(source), trust_digest(apis))
    terminal.say("trusted, until one of these lines changes")
    return 0


def _trusted_lines(profiles: Iterable[Profile]) -> Iterable[str]:
    for each in profiles:
        yield f"{each.name}: server {for_people(each.server or '') or 'of its document'}"
        yield f"  document {_document_of(each)}"
        for overlay in each.overlays:
            yield f"  overlay {os.path.relpath(overlay, each.source.parent)}"
        for name, value in each.headers.items():
            yield f"  header {name}: {value}"
        if each.validate is not None:
            yield f"  validate {json.dumps(each.validate)}"
        for operation, said in each.pages.items():
            yield f"  pages of {operation}: {json.dumps(said, default=str)}"


def confirmed(question: str, yes: bool) -> bool:
    """Whether the user says yes to a question, or said so before. Without a terminal nobody is asked."""
    if yes:
        return True
    if not sys.stdin.isatty():
        terminal.complain("dynaclient: nothing was changed; --yes says yes to what is asked on a terminal")
        return False
    terminal.flush()
    try:
        said = input(f"{question} [y/N] ").strip().lower()
    except EOFError:
        said = ""
    return said in ("y", "yes")
