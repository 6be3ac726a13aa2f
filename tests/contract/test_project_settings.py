"""What a team fixes in a file: found above the working directory, and taken as data from anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dynaclient import SettingsError
from dynaclient.contract.agreed import OperationSettings
from dynaclient.contract.project_settings import project_settings
from dynaclient.profiles.settings_file import LARGEST

TEXT = """
[{0}api."{1}".test]
max_time = 7
skip = ["DELETE *"]
given = {{ userId = 7 }}
off = {{ paging = "pages are shuffled" }}

[{0}api."{1}".test.operations.getUser]
parameters = {{ limit = 3 }}
statuses = [418]
"""
FOUND = {
    "max_time": 7,
    "skip": ["DELETE *"],
    "given": {"userId": 7},
    "off": {"paging": "pages are shuffled"},
    "operations": {"getUser": OperationSettings({"limit": 3}, [418])},
}


@pytest.mark.parametrize(
    ("file", "prefix"), [("dynaclient.toml", ""), ("pyproject.toml", "tool.dynaclient.")]
)
@pytest.mark.parametrize("name", ["users.yaml", "users", "api/users.yaml"])
def test_the_nearest_file_above(tmp_path: Path, file: str, prefix: str, name: str) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / file).write_text(TEXT.format(prefix, name))
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")  # it says nothing of dynaclient
    assert project_settings("api/users.yaml", below) == FOUND
    assert project_settings("other.yaml", below) == {}
    (below / "dynaclient.toml").write_text("")  # nearer, and without a word
    assert project_settings("api/users.yaml", below) == {}


def test_a_vendored_name_and_its_date(tmp_path: Path) -> None:
    (tmp_path / "dynaclient.toml").write_text(TEXT.format("", "talon-one-integration"))
    assert project_settings("talon-one-integration@2024-06", tmp_path) == FOUND


BAD: list[tuple[str, str]] = [
    ("max_time = 'x'", "max_time: expected a number above 0, got a string"),
    ("max_tme = 3", "no setting 'max_tme'; did you mean max_time"),
    ("server = 'http://evil'", "no setting 'server'"),
    ("credentials = {}", "no setting 'credentials'"),
    ("any_data = true", "no setting 'any_data'"),
    ("report = ['har=/etc/passwd']", "no setting 'report'"),
    ("replay = 'x'", "no setting 'replay'"),
    ("off = { paging = '' }", "expected a table of checks, each with the reason"),
    ("operations = { a = 3 }", "operations.a: expected a table"),
    ("operations = { a = { statuses = ['x'] } }", "expected a list of statuses"),
    ("= 3", "dynaclient.toml"),
]


@pytest.mark.parametrize(("line", "message"), BAD)
def test_what_a_file_may_not_say(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "dynaclient.toml").write_text(f"[api.x.test]\n{line}\n")
    with pytest.raises(SettingsError, match=message):
        project_settings("x", tmp_path)


@pytest.mark.parametrize("content", [b"\xff", b"a = " + b"[" * 100_000, b"#" * (LARGEST + 1), b"api = 3"])
def test_a_hostile_file_ends_in_a_message(tmp_path: Path, content: Any) -> None:
    (tmp_path / "dynaclient.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"dynaclient\.toml"):
        project_settings("x", tmp_path)
