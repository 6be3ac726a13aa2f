"""Files with settings: TOML, bounded, looked at before anything of it is used.

A project's is `dynaclient.toml`, or `tool.dynaclient` of `pyproject.toml`, whichever is nearest above a
folder. It may come from anybody.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import kind_of
from dynaclient.document.files import why
from dynaclient.errors import SettingsError

LARGEST = 1_000_000
"""Bytes of a file that are read."""

PROJECT, SHARED = "dynaclient.toml", "pyproject.toml"

Known = Mapping[str, tuple[str, Callable[[Any], bool]]]
"""Setting -> what is expected, and whether a value is that."""


def nearest_settings(start: Path) -> tuple[Path, dict[str, Any]] | None:
    """The file of the project that `start` is in, and what it says; None where there is none."""
    for folder in (start, *start.parents):
        own, shared = folder / PROJECT, folder / SHARED
        if own.is_file():
            return own, read_settings(own)
        if shared.is_file():
            tool = read_settings(shared).get("tool")
            if isinstance(tool, dict) and "dynaclient" in tool:
                return shared, table_in(shared, tool, "dynaclient", "tool")
    return None


def read_settings(path: Path) -> dict[str, Any]:
    """What a file says. Raises SettingsError where it cannot be read, or is no TOML."""
    if sys.version_info >= (3, 11):
        import tomllib  # late: 5 ms
    else:
        import tomli as tomllib  # late: 5 ms
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {why(error)}") from None
    if len(content) > LARGEST:
        raise SettingsError(f"{path}: longer than {LARGEST:,} bytes")
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: {error}") from None


def table_in(path: Path, table: Mapping[str, Any], name: str, above: str = "") -> dict[str, Any]:
    """The table `name` of `table`, empty where there is none. Raises SettingsError where it is no table."""
    value = table.get(name, {})
    if not isinstance(value, dict):
        where = f"{above}.{name}" if above else name
        raise SettingsError(f"{path}: {where}: expected a table, got {kind_of(value)}")
    return value


def check_settings(path: Path, where: str, table: Mapping[str, Any], known: Known) -> None:
    """Raises SettingsError for the first setting of `table` that is not `known`, or not what is expected."""
    for name, value in table.items():
        if name not in known:
            hint = suggestion(name, known) or f"; there are {', '.join(known)}"
            raise SettingsError(f"{path}: {where} has no setting {name!r}{hint}")
        expected, fits = known[name]
        if not fits(value):
            raise SettingsError(
                f"{path}: {where}.{name}: expected {expected}, got {_misfit(value, expected)}"
            )


def _misfit(value: Any, expected: str) -> str:
    """What a value is that does not fit; it may hold a secret, and is not repeated."""
    if isinstance(value, dict) and expected.startswith("a table"):
        return "one with something else in it"
    return "a text that is none" if isinstance(value, str) and "URL" in expected else kind_of(value)
