"""What a document may be given as: file URLs, text, bytes, open files, resources of packages."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import Client, DocumentError
from dynaclient.cli.main import main
from dynaclient.document.opening import Access, open_document
from tests.conftest import Serve
from tests.small import json_reply, one

TREE = one(answer={"$ref": "part.json"})
JSON, YAML = json.dumps(TREE), yaml.safe_dump(TREE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document and its part."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "a b#é%41?.json", "c:.json"):
        (tmp_path / name).write_text(JSON)
    (tmp_path / "a.yaml").write_text(YAML)
    (tmp_path / "part.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        archive.writestr("package/a.json", JSON)
    return tmp_path


PLACED: dict[str, Callable[[], Any]] = {
    "as_uri": lambda: Path("a.json").absolute().as_uri(),
    "as_uri, escapes": lambda: Path("a b#é%41?.json").absolute().as_uri(),
    "as_uri, a colon": lambda: Path("c:.json").absolute().as_uri(),
    "localhost": lambda: Path("a.json").absolute().as_uri().replace("file://", "file://localhost"),
    "LOCALHOST": lambda: Path("a.json").absolute().as_uri().replace("file://", "FILE://LOCALHOST"),
    "one slash": lambda: Path("a.json").absolute().as_uri().replace("file://", "file:"),
    "a fragment": lambda: Path("a.json").absolute().as_uri() + "#/info",
    "more escapes than need be": lambda: Path("a.json").absolute().as_uri().replace("a.json", "%61%2Ejson"),
    "dots": lambda: (Path("..").absolute() / Path.cwd().name / "a.json").as_uri(),
    "a path": lambda: Path("a.json"),
    "a path of bytes": lambda: _BytesPath(),
    "an open file": lambda: open("a.json", "rb"),  # noqa: SIM115
    "an open text": lambda: open("a.yaml", encoding="utf-8"),  # noqa: SIM115
    "an open file, by its path": lambda: Path("a b#é%41?.json").open("rb"),  # noqa: SIM115
    "a raw file": lambda: open("a.json", "rb", buffering=0),  # noqa: SIM115
    "a resource on disk": lambda: resources.files("tests") / os.path.abspath("a.json"),
}
PLACELESS: dict[str, Callable[[], Any]] = {
    "JSON": lambda: JSON,
    "JSON, indented": lambda: "\n  " + json.dumps(TREE, indent=2),
    "JSON, a mark": lambda: "\ufeff" + JSON,
    "YAML": lambda: YAML,
    "YAML, lines of Windows": lambda: YAML.replace("\n", "\r\n"),
    "bytes": lambda: YAML.encode(),
    "bytes, UTF-16": lambda: JSON.encode("utf-16"),
    "bytearray": lambda: bytearray(JSON.encode()),
    "memoryview": lambda: memoryview(JSON.encode()),
    "packed": lambda: gzip.compress(JSON.encode()),
    "BytesIO": lambda: io.BytesIO(JSON.encode()),
    "StringIO": lambda: io.StringIO(YAML),
    "a dict": lambda: TREE,
    "a temporary file": lambda: _temporary(),
    "a file in a zip": lambda: zipfile.Path("package.zip", "package/a.json"),
    "an open file in a zip": lambda: zipfile.ZipFile("package.zip").open("package/a.json"),  # noqa: SIM115
    "in small pieces": lambda: _Slow(JSON.encode()),
    "a pipe": lambda: _pipe(),
}


class _BytesPath(os.PathLike[bytes]):
    def __fspath__(self) -> bytes:
        return b"a.json"


class _Slow(io.RawIOBase):
    """A connection: it gives less than it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 7) if size >= 0 else 7)


def _temporary() -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
    file.write(JSON.encode())
    file.seek(0)
    return file


def _pipe() -> Any:
    ours, theirs = os.pipe()
    with open(theirs, "wb") as file:
        file.write(JSON.encode())
    return open(ours, "rb")


def _close(source: Any) -> None:
    if hasattr(source, "close"):
        source.close()


@pytest.mark.parametrize("what", PLACED)
def test_what_has_a_place_reads_its_parts_from_there(what: str) -> None:
    source = PLACED[what]()
    assert Client(source).findings == ()
    assert list(Client(PLACED["a path"]()).operations) == ["op"]
    _close(source)


@pytest.mark.parametrize("what", PLACELESS)
def test_what_has_no_place_reads_its_parts_from_the_folder_that_is_named(what: str, folder: Path) -> None:
    sources = [PLACELESS[what](), PLACELESS[what]()]
    client = Client(sources[0])
    assert list(client.operations) == ["op"]
    assert ["part.json" in each.message for each in client.findings] == [True]
    assert Client(sources[1], ref_folder=folder).findings == ()
    for source in sources:
        _close(source)


def test_a_file_is_read_from_where_it_stands() -> None:
    with open("a.json", "rb") as file:
        open_document(file)
        with pytest.raises(DocumentError):
            open_document(file)
        file.seek(0)
        assert open_document(file).tree == TREE
    with open("behind", "w+b") as file:
        file.write(b"#!magic\n" + JSON.encode())
        file.seek(8)
        assert open_document(file).tree == TREE


def test_a_file_that_is_another_by_now_has_no_place(folder: Path) -> None:
    """Its name says nothing then: what stands there was not opened."""
    with open("a.json", "rb") as file:
        os.remove("a.json")
        assert open_document(file).uri == ""
    (folder / "a.json").write_text(JSON)
    with open("a.json", "rb") as file:
        os.replace("a.yaml", "a.json")
        assert open_document(file).uri == ""


def test_what_urllib_and_a_server_give(serve: Serve) -> None:
    server = serve(json_reply(TREE))
    with urllib.request.urlopen(server.url) as answer:
        assert open_document(answer).tree == TREE


def test_half_characters_of_a_text_are_read_as_those_of_a_dict() -> None:
    text = json.dumps(one(operation={"summary": "x"}))[:-1] + ', "x-a": "\ud800"}'
    assert open_document(text).tree["x-a"] == "\ufffd"


REFUSED: list[tuple[Any, str]] = [
    ("file://server/share/a.json", "another host"),
    ("file://a.json", "another host"),
    ("file:a.json", "no absolute path"),
    ("file:", "no absolute path"),
    ("file:///C:/Users/a.json", "drive of Windows"),
    ("file:///c|/a.json", "drive of Windows"),
    ("file://C:/a.json", "drive of Windows"),
    ("file:C:/a.json", "drive of Windows"),
    ("file:///nowhere/a.json", "there is no file '/nowhere/a.json'"),
    ("file:///tmp", "is a folder"),
    ("file:///dev/null", "is a device, not a file"),
    ("file:///tmp/a.json?x=1", "has a query"),
    ("file:///tmp/%00.json", "there is no file"),
    ("file://[/a.json", "is not a URL"),
    (b"", "<bytes>, line 1, column 1: the file is empty"),
    (b"\xff\xfe\x00", "UTF"),
    ("{", "<text>, line 2"),
    ("just\nwords", "an object at the root"),
    (None, "text or bytes, an open file, a resource of importlib.resources, or a dict; not NoneType"),
    (5, "not int"),
    ([TREE], "not list"),
    (io.BytesIO, "not type"),
    (dt.date(2024, 1, 1), "not date"),
    (iter([b"{}"]), "not list_iterator"),
]


@pytest.mark.skipif(os.name == "nt", reason="there are drives on Windows")
@pytest.mark.parametrize(("source", "words"), REFUSED)
def test_what_is_not_taken_says_what_is(source: Any, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        open_document(source)


class _Odd:
    """A file whose read does what it is told."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self.do = do

    def read(self, size: int = -1) -> Any:
        return self.do()


def _raise(error: Exception) -> Any:
    raise error


def test_files_that_cannot_be_read(folder: Path) -> None:
    closed = io.BytesIO(b"{}")
    closed.close()
    with open("new", "wb") as writing, open("bad", "wb") as file:
        file.write(b"\xe9")
        odd: list[Any] = [
            closed,
            writing,
            _Odd(lambda: None),
            _Odd(lambda: 5),
            _Odd(lambda: _raise(OSError("x"))),
        ]
        odd += [zipfile.Path("package.zip", "package/"), zipfile.Path("package.zip", "nothing.json")]
        for source in odd:
            with pytest.raises(DocumentError):
                open_document(source)
    with open("bad", encoding="ascii") as text, pytest.raises(DocumentError) as caught:
        open_document(text)
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)
    with pytest.raises(TimeoutError):  # a limit of the user's own is not swallowed
        open_document(_Odd(lambda: _raise(TimeoutError("mine"))))


def test_a_file_without_end_ends() -> None:
    """A document has a bound (64 MiB), however it comes."""
    for piece in (b" " * 1_000_000, " " * 1_000_000):
        with pytest.raises(DocumentError, match="more than 67108864 bytes"):
            open_document(_Odd(lambda piece=piece: piece))  # type: ignore[misc]


def test_a_relative_reference_stays_in_the_folder_that_was_named(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "part.json").write_text("{}")
    document = open_document(JSON, Access(folder=folder / "in"))
    assert document.resolve("part.json", document.root).value == {}
    with pytest.raises(DocumentError, match="outside"):
        document.resolve("../part.json", document.root)


def test_a_vendored_name_and_a_path_are_no_text() -> None:
    for name in ("{a}.json", "talon-one-integration\\x", " a.json"):
        with pytest.raises(DocumentError):
            open_document(name)
    assert len(Client("talon-one-integration").operations) == 36


def test_at_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for name in (Path("a b#é%41?.json").absolute().as_uri(), YAML):
        assert main(["ops", name]) == 0
        assert "op " in capsys.readouterr().out
    assert main(["ops", "file://elsewhere/a.json"]) == 2
    assert "another host" in capsys.readouterr().err
