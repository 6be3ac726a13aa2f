"""Changes of files with settings: what people wrote there stays, comments and order too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table
from tomlkit.toml_document import TOMLDocument

from dynaclient._support.messages import kind_of
from dynaclient.errors import SettingsError
from dynaclient.profiles.folders import write_private, write_whole
from dynaclient.profiles.settings_file import read_settings


def put_table(path: Path, above: Sequence[str], name: str, said: Any, private: bool = True) -> None:
    """Set `name` in the table `above` of a file to a value, or to a mapping, which becomes a table.

    Of a table that is there already, what `said` does not name stays. Raises SettingsError.
    """
    document = _read(path)
    table: Any = document
    for each in above:
        table = _table(path, table, each, is_super=isinstance(said, Mapping))
    if isinstance(said, Mapping):
        below = _table(path, table, name)
        for key, value in said.items():
            below[key] = _inner(value) if isinstance(value, Mapping) else value
    else:
        table[name] = said
    _write(path, document, private)


def drop_table(path: Path, above: str, name: str) -> None:
    """Remove `name` from the top-level table `above` of a file. Raises SettingsError."""
    document = _read(path)
    table = document.get(above)
    if table is not None and name in table:
        del table[name]
        if not table:
            del document[above]
        _write(path, document, True)


def _read(path: Path) -> TOMLDocument:
    if not path.is_file():
        return tomlkit.document()
    read_settings(path)  # says what is wrong, and looks at the size
    try:
        return tomlkit.parse(path.read_bytes().decode())
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _write(path: Path, document: TOMLDocument, private: bool) -> None:
    data = tomlkit.dumps(document).encode()
    if private:
        write_private(path, [data])
    else:
        write_whole(path, data)


def _table(path: Path, above: Any, name: str, is_super: bool = False) -> Any:
    """The table `name`, made where there is none."""
    found = above.get(name)
    if found is None:
        found = tomlkit.table(is_super_table=is_super)
        above[name] = found
        return above[name]
    if not isinstance(found, (dict, Table)):
        raise SettingsError(f"{path}: {name}: expected a table, got {kind_of(found)}")
    return found


def _inner(said: Mapping[str, Any]) -> Any:
    made = tomlkit.table()
    for key, value in said.items():
        made[key] = value
    return made
