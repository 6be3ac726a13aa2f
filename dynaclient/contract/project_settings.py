"""What a team fixes for its contract tests: `[api.NAME.test]` of `dynaclient.toml` or of `tool.dynaclient` in
`pyproject.toml`, whichever is nearest above the working directory.

The file may come from anybody: it is data, names no server, no credential and no file to write, and does not
allow that data of others is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import kind_of
from dynaclient.contract.agreed import OperationSettings
from dynaclient.errors import SettingsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LARGEST = 1_000_000
"""Bytes of a file that are read."""

Check = Callable[[Any], bool]


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_reasons(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) and each for each in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


SETTINGS: Mapping[str, tuple[str, Check]] = {
    **dict.fromkeys(("only", "skip", "tags", "phases", "checks"), ("a list of texts", _is_texts)),
    **dict.fromkeys(("max_time", "max_response_time", "rate"), ("a number above 0", _is_number)),
    **dict.fromkeys(
        ("max_failures", "workers", "seed", "cases", "fail_under"), ("a whole number", _is_count)
    ),
    **dict.fromkeys(("delete", "allow_unchecked"), ("true or false", lambda value: isinstance(value, bool))),
    "given": ("a table of values", lambda value: isinstance(value, dict)),
    "off": ("a table of checks, each with the reason", _is_reasons),
    "operations": ("a table of operations", lambda value: isinstance(value, dict)),
}
"""Setting -> what is expected, and whether a value is that."""

OF_OPERATION: Mapping[str, tuple[str, Check]] = {
    "parameters": ("a table of values", lambda value: isinstance(value, dict)),
    "statuses": ("a list of statuses", lambda value: isinstance(value, list) and all(map(_is_count, value))),
    "off": SETTINGS["off"],
}


def project_settings(document: str, start: Path) -> dict[str, Any]:
    """The settings of `run` that the nearest file above `start` has for `document`; none where there is none.

    `document` is the name that was typed: the API is called so, or like its file, with or without the ending,
    or without `@` and what follows. Raises SettingsError for a file that cannot be used.
    """
    for path, table in _tables(start):
        apis = _table(path, table, "api")
        name = next((each for each in _names(document) if each in apis), None)
        if name is None:
            return {}
        found = _table(path, _table(path, apis, name, "api"), "test", f"api.{name}")
        return _checked(path, f"api.{name}.test", found)
    return {}


def _tables(start: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for folder in (start, *start.parents):
        own, shared = folder / "dynaclient.toml", folder / "pyproject.toml"
        if own.is_file():
            yield own, _read(own)
            return
        if shared.is_file():
            table = _read(shared)
            tool = table.get("tool")
            if isinstance(tool, dict) and "dynaclient" in tool:
                yield shared, _table(shared, tool, "dynaclient", "tool")
                return


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SettingsError(f"{path}: longer than {LARGEST:,} bytes")
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _table(path: Path, table: Mapping[str, Any], name: str, above: str = "") -> dict[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        where = f"{above}.{name}" if above else name
        raise SettingsError(f"{path}: {where}: expected a table, got {kind_of(value)}")
    return value


def _names(document: str) -> Iterator[str]:
    yield document
    yield Path(document).name
    yield Path(document).stem
    yield document.partition("@")[0]


def _checked(path: Path, where: str, table: Mapping[str, Any]) -> dict[str, Any]:
    _fit(path, where, table, SETTINGS)
    found = dict(table)
    if "operations" in found:
        operations = {}
        for key, said in found["operations"].items():
            if not isinstance(said, dict):
                raise SettingsError(
                    f"{path}: {where}.operations.{key}: expected a table, got {kind_of(said)}"
                )
            _fit(path, f"{where}.operations.{key}", said, OF_OPERATION)
            operations[key] = OperationSettings(**said)
        found["operations"] = operations
    return found


def _fit(path: Path, where: str, table: Mapping[str, Any], known: Mapping[str, tuple[str, Check]]) -> None:
    for name, value in table.items():
        if name not in known:
            hint = suggestion(name, known) or f"; there are {', '.join(known)}"
            raise SettingsError(f"{path}: {where} has no setting {name!r}{hint}")
        expected, fits = known[name]
        if not fits(value):
            raise SettingsError(f"{path}: {where}.{name}: expected {expected}, got {kind_of(value)}")
