"""A folder of files that the user alone may write to; what people may do to it is in test_cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dynaclient.document.private_folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(str(tmp_path / "base" / "files"), (".txt",), 10)


def test_what_is_written_is_read(folder: Folder) -> None:
    assert folder.read("a.txt") is None
    assert folder.write("a.txt", [b"one", b"two"])
    assert folder.read("a.txt") == b"onetwo"
    assert folder.write("a.txt", [b""])
    assert folder.read("a.txt") == b""
    assert os.listdir(folder.path) == ["a.txt"]  # nothing that is unfinished


def test_a_file_that_is_too_large_is_not_read(folder: Folder) -> None:
    assert folder.write("a.txt", [b"x" * 11])
    assert folder.read("a.txt") is None


@pytest.mark.skipif(os.name == "nt", reason="modes of files are those of POSIX")
def test_a_folder_that_others_may_write_to_is_as_if_it_were_empty(folder: Folder) -> None:
    assert folder.write("a.txt", [b"x"])
    assert os.stat(folder.path).st_mode & 0o777 == 0o700
    os.chmod(folder.path, 0o777)
    assert folder.read("a.txt") is None
    assert not folder.write("b.txt", [b"x"])
    assert os.listdir(folder.path) == ["a.txt"]


@pytest.mark.parametrize("path", ["a\0b/files", "/dev/null/files", "x" * 5000])
def test_nothing_raises_for_a_folder_that_cannot_be(path: str) -> None:
    folder = Folder(path, (".txt",), 10)
    assert not folder.write("a.txt", [b"x"])
    assert folder.read("a.txt") is None
