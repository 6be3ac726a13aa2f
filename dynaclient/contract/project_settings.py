"""What a team fixes for its contract tests: `[api.NAME.test]` of `dynaclient.toml` or of `tool.dynaclient` in
`pyproject.toml`, whichever is nearest above the working directory.

The file may come from anybody: it is data, names no server, no credential and no file to write, and does not
allow that data of others is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dynaclient._support.messages import kind_of
from dynaclient.contract.agreed import OperationSettings
from dynaclient.errors import SettingsError
from dynaclient.profiles.resolution import find_profile
from dynaclient.profiles.settings_file import Known, check_settings, nearest_settings, table_in


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_reasons(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) and each for each in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


SETTINGS: Known = {
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

OF_OPERATION: Known = {
    "parameters": ("a table of values", lambda value: isinstance(value, dict)),
    "statuses": ("a list of statuses", lambda value: isinstance(value, list) and all(map(_is_count, value))),
    "off": SETTINGS["off"],
}


def project_settings(document: str, start: Path) -> dict[str, Any]:
    """The settings of `run` for `document`, the name that was typed; none where there are none.

    They stand in the nearest file above `start`: the API is called so, or like its file, with or without the
    ending, or without `@` and what follows. What the user's own profile of that name says goes before them.
    Raises SettingsError for a file that cannot be used.
    """
    own = find_profile(document, start)
    users = _checked(own.source, f"api.{own.name}.test", own.test) if own and own.is_users else {}
    return {**_of_project(document, start), **users}


def _of_project(document: str, start: Path) -> dict[str, Any]:
    path, table = nearest_settings(start) or (start, {})
    apis = table_in(path, table, "api")
    name = next((each for each in _names(document) if each in apis), None)
    if name is None:
        return {}
    found = table_in(path, table_in(path, apis, name, "api"), "test", f"api.{name}")
    return _checked(path, f"api.{name}.test", found)


def _names(document: str) -> Iterator[str]:
    yield document
    yield Path(document).name
    yield Path(document).stem
    yield document.partition("@")[0]


def _checked(path: Path, where: str, table: Mapping[str, Any]) -> dict[str, Any]:
    check_settings(path, where, table, SETTINGS)
    found = dict(table)
    if "operations" in found:
        operations = {}
        for key, said in found["operations"].items():
            if not isinstance(said, dict):
                raise SettingsError(
                    f"{path}: {where}.operations.{key}: expected a table, got {kind_of(said)}"
                )
            check_settings(path, f"{where}.operations.{key}", said, OF_OPERATION)
            operations[key] = OperationSettings(**said)
        found["operations"] = operations
    return found
