"""The names of profiles, and the files that they stand in. Nothing heavy is imported: completion asks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from dynaclient.errors import SettingsError
from dynaclient.profiles.folders import config_file
from dynaclient.profiles.settings_file import nearest_settings, read_settings, table_in

Place = tuple[Path, dict[str, Any], bool]
"""A file, its table `api`, and whether it is the user's."""


def profile_names(project: str | os.PathLike[str] | None = None) -> list[str]:
    """The names of the user's profiles, and of those of the project that a folder is in, for completion.

    Nothing is opened, resolved or refused.
    """
    found: list[str] = []
    for tables in (user_tables, partial(project_tables, project)):
        try:
            found += tables()
        except (SettingsError, OSError):
            continue
    return [*dict.fromkeys(found)]


def user_tables() -> dict[str, Place]:
    """The names that the user's configuration has profiles for, and where. Raises SettingsError."""
    own = config_file()
    if not own.is_file():
        return {}
    _check_owned(own)
    return dict(_named(own, read_settings(own), True))


def project_tables(project: str | os.PathLike[str] | None) -> dict[str, Place]:
    """The same of the project that a folder is in; of None nothing."""
    found = None if project is None else nearest_settings(Path(os.path.abspath(project)))
    return {} if found is None else dict(_named(*found, False))


def _named(source: Path, said: dict[str, Any], is_users: bool) -> Iterator[tuple[str, Place]]:
    apis = table_in(source, said, "api")
    for name, table in apis.items():
        if is_profile(table):
            yield name, (source, apis, is_users)


def is_profile(table: Any) -> bool:
    """Whether a table of `api` is a profile, not only what contract tests of a document are given."""
    return isinstance(table, dict) and bool(table.keys() - {"test"})


def _check_owned(path: Path) -> None:
    """Raises SettingsError where somebody else may write to the user's configuration: it names commands."""
    if os.name == "nt":
        return
    found = path.stat()
    if found.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(found.st_mode) & 0o022:
        raise SettingsError(f"{path}: others may write to it: make it yours alone (chmod go-w)")
