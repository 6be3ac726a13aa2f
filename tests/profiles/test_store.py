"""Files are changed where they are to be changed, and stay as people wrote them elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import SettingsError
from dynaclient.profiles import folders
from dynaclient.profiles.folders import config_file, documents_folder, write_private, write_whole
from dynaclient.profiles.store import drop_table, put_table

WRITTEN = """\
# before
title = "x"   # kept

[api.one]  # the first
document = 'one.yaml'
odd    = [ 1,2 ]

# between
[api."two.yaml".test]
cases = 3

[other]
x = 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir(mode=0o700)
    return tmp_path / "own" / "config.toml"


def test_what_is_added_changes_no_other_line(path: Path) -> None:
    path.write_text(WRITTEN)
    put_table(path, ["api"], "new", {"document": "new.yaml", "credentials": {"key": "env:A"}})
    lines = path.read_text().splitlines()
    assert [line for line in WRITTEN.splitlines() if line not in lines] == []
    found = tomlkit.parse(path.read_text())
    assert found["api"]["new"] == {"document": "new.yaml", "credentials": {"key": "env:A"}}  # type: ignore[index]
    drop_table(path, "api", "new")
    assert path.read_text().split() == WRITTEN.split()


def test_a_table_that_is_there_keeps_what_is_not_named(path: Path) -> None:
    path.write_text(WRITTEN)
    put_table(path, ["api"], "one", {"document": "other.yaml"})
    assert path.read_text() == WRITTEN.replace("'one.yaml'", '"other.yaml"')


def test_removing_what_is_not_there_writes_nothing(path: Path) -> None:
    drop_table(path, "api", "one")
    assert not path.exists()
    path.write_text("[api.two]\nx = 1\n")
    before = path.stat().st_mtime_ns
    drop_table(path, "api", "one")
    assert path.stat().st_mtime_ns == before
    drop_table(path, "api", "two")
    assert path.read_text() == ""


@pytest.mark.parametrize("text", ["[api", "api = 3", "[api]\none = 3", "a = \xff"])
def test_what_cannot_be_changed_is_left_as_it_is(text: str, path: Path) -> None:
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"config\.toml"):
        put_table(path, ["api"], "one", {"document": "x"})
    assert path.read_bytes() == text.encode("latin-1")


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=4), NAMES)
def test_what_is_written_is_what_is_read(said: dict[str, str], name: str) -> None:
    """Whatever a server is called, and whatever stands in a reference."""
    import tempfile

    from dynaclient.profiles.settings_file import read_settings

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(WRITTEN)
        put_table(path, ["api"], name, {"document": "x", "credentials": said})
        assert read_settings(path)["api"][name]["credentials"] == said


# -- whole, and the user's alone ------------------------------------------------------------------------


def test_files_of_the_user_are_closed_to_others(path: Path) -> None:
    write_private(path, [b"a", b"b"])
    assert path.read_bytes() == b"ab"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["config.toml"]


def test_a_folder_that_others_may_write_to_is_refused(path: Path) -> None:
    path.parent.chmod(0o777)
    with pytest.raises(SettingsError, match="must be yours alone"):
        write_private(path, [b"a"])
    assert not path.exists()


def test_a_link_to_a_file_that_is_kept_elsewhere_stays(path: Path, tmp_path: Path) -> None:
    """As dotfiles are kept in a repository."""
    (tmp_path / "dotfiles").mkdir(mode=0o700)
    path.symlink_to(tmp_path / "dotfiles" / "config.toml")
    write_private(path, [b"a"])
    assert path.is_symlink()
    assert (tmp_path / "dotfiles" / "config.toml").read_bytes() == b"a"


def test_a_write_that_fails_leaves_what_was_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    path.write_bytes(b"before")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SettingsError, match="there must be room"):
        write_private(path, [b"after"])
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert os.listdir(path.parent) == ["config.toml"]


def test_where_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where platformdirs has them, which is not imported on Linux."""
    import platformdirs

    for named in (str(tmp_path), "", " "):
        monkeypatch.setenv("XDG_CONFIG_HOME", named)
        monkeypatch.setenv("XDG_DATA_HOME", named)
        for system in ("linux", "other"):
            monkeypatch.setattr(folders.sys, "platform", system)
            config = Path(platformdirs.user_config_dir("dynaclient", appauthor=False))
            data = Path(platformdirs.user_data_dir("dynaclient", appauthor=False))
            assert (config_file(), documents_folder()) == (config / "config.toml", data / "documents")
    monkeypatch.setattr(folders.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert config_file() == Path.home() / ".config" / "dynaclient" / "config.toml"
