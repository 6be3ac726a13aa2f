"""The cache changes how long it takes to open a document, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import json
import multiprocessing
import os
import pickle
import random
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import platformdirs
import pytest

from dynaclient import Client, DocumentError, SettingsError
from dynaclient.document import cache
from dynaclient.document import private_folder as folders
from dynaclient.document.document import Document
from dynaclient.document.opening import Access, open_document
from dynaclient.document.operations import Operations, entries
from dynaclient.document.private_folder import VARIABLE
from tests.conftest import Serve
from tests.servers import reply
from tests.work import asked, opened

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted(ROOT.glob("spec/*/*.yaml")), *sorted(ROOT.glob("tests/documents/*.yaml"))]
CORPUS = sorted((ROOT.parent / "shared" / "corpus").glob("*.gz"))
SMALL = """\
openapi: 3.1.0
info: {title: Small, version: '1'}
paths:
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}]
  things:
    post: {operationId: getThing, operationId: getThing}
components: {schemas: {Id: {type: integer}, Other: {type: string}}}
"""
SERVER = "https://a.example"


@pytest.fixture(params=[0, folders.LARGE], ids=["read in parts", "read whole"])
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An empty cache, which notes a file at once, however new it is, and reads its files in either way."""
    monkeypatch.setattr(folders, "LARGE", request.param)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "SETTLED", -60.0)
    return tmp_path / "cache" / "documents"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return save(tmp_path / "small.yaml", SMALL)


def save(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def facts(document: Document) -> Any:
    """All that is to be known of an opened document, as JSON."""
    operations = Operations(document)
    known = [(key, operations.entry(key), repr(operations[key])) for key in operations]
    return json.dumps(
        [document.tree, document.version, document.upgraded, document.uri, known]
    ), document.findings


def opened_without(path: Path) -> Any:
    return facts(open_document(path, Access(cache=False)))


def kept(folder: Path, suffix: str = ".tree") -> list[Path]:
    return sorted(folder.glob(f"*{suffix}"))


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **named: Any) -> Any:
        raise AssertionError("the document was read, not the cache")

    monkeypatch.setattr("dynaclient.document.reader.read_file", refuse)


# -- what comes from the cache is what would have been opened ------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_is_the_same_with_and_without(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    due = opened_without(path)
    assert facts(open_document(path)) == due
    assert len(kept(folder)) == 1
    forbid_reading(monkeypatch)
    assert facts(open_document(path)) == due


@pytest.mark.sampled(5)
@pytest.mark.skipif(not CORPUS, reason="the shared documents are not beside the repository")
@pytest.mark.parametrize(
    "path", [path for path in CORPUS if ".tar." not in path.name][::9], ids=lambda path: path.name
)
def test_is_the_same_for_published_documents(
    path: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / path.name.removesuffix(".gz")
    file.write_bytes(gzip.decompress(path.read_bytes()))
    try:
        due = opened_without(file)
    except DocumentError as error:
        for _ in range(2):
            with pytest.raises(DocumentError, match=re.escape(str(error))):
                open_document(file)
        return
    assert facts(open_document(file)) == due
    if kept(folder):
        forbid_reading(monkeypatch)
    assert facts(open_document(file)) == due


def test_paths_that_stand_elsewhere(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "openapi: 3.1.0\npaths: {$ref: '#/x-paths'}\nx-paths: {/a: {get: {operationId: op}}}\n"
    path = save(tmp_path / "elsewhere.yaml", text)
    due = opened_without(path)
    assert facts(open_document(path)) == due
    forbid_reading(monkeypatch)
    assert facts(open_document(path)) == due


def test_findings_are_kept(small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = open_document(small).findings
    forbid_reading(monkeypatch)
    assert open_document(small).findings == cold
    assert any("in a map twice" in each.message for each in cold)
    assert any("taken by an earlier operation" in each.message for each in cold)


def test_the_meta_schema_is_asked_once_per_content(small: Path, folder: Path) -> None:
    findings: list[Any] = []

    def times(**settings: Any) -> int:
        return asked("iter_errors", lambda: findings.append(Client(small, **settings).findings))

    small.write_text(SMALL.replace("title: Small", "title: 5"))
    assert [times() for _ in range(3)] == [1, 0, 0]
    assert findings[0] == findings[1] == findings[2]
    assert "/info/title" in {finding.pointer for finding in findings[0]}
    for notes in folder.glob("*.notes"):
        notes.write_bytes(b"[[]")  # torn
    assert times() == 1
    assert findings[3] == findings[0]
    small.write_text(SMALL)
    assert [times(), times(cache=False), times()] == [1, 1, 0]
    assert findings[4] == findings[5] == findings[6] != findings[0]


def test_a_client_makes_the_same_request(small: Path, folder: Path) -> None:
    requests = [Client(small, server=SERVER).prepare("getThing", id=5) for _ in range(2)]
    assert {(each.method, each.url, str(each.headers)) for each in requests} == {
        ("GET", f"{SERVER}/things/5", str(requests[0].headers))
    }


def test_only_what_a_call_reaches_is_read(small: Path, folder: Path) -> None:
    open_document(small)
    client = Client(small, server=SERVER)
    client.prepare("getThing", id=5)
    tree: Any = client.document.source
    read = {
        name: [key for key, value in dict.items(part) if type(value) is not tuple]
        for name, part in (("paths", tree["paths"]), ("schemas", tree["components"]["schemas"]))
    }
    assert read == {"paths": ["/things/{id}"], "schemas": ["Id"]}


def test_pickled_it_needs_no_cache(small: Path, folder: Path) -> None:
    due = opened_without(small)
    open_document(small)
    pickled = pickle.dumps(open_document(small))
    shutil.rmtree(folder)
    again = pickle.loads(pickled)
    assert type(again.source["paths"]) is dict
    assert facts(again) == due


def test_a_folder_that_goes_away_is_not_missed(small: Path, folder: Path) -> None:
    due = opened_without(small)
    open_document(small)
    document = open_document(small)
    shutil.rmtree(folder)
    assert facts(document) == due


# -- never out of date ---------------------------------------------------------------------------------


def title(path: Path) -> Any:
    return open_document(path).tree["info"]["title"]


def test_a_change_shows(small: Path, folder: Path) -> None:
    assert [title(small), title(small)] == ["Small", "Small"]
    save(small, SMALL.replace("Small", "Other"))
    assert [title(small), title(small)] == ["Other", "Other"]
    assert len(kept(folder)) == 2


def test_a_change_shows_that_keeps_size_and_time(small: Path, folder: Path) -> None:
    before = small.stat()
    assert [title(small), title(small)] == ["Small", "Small"]
    save(small, SMALL.replace("Small", "Other"))
    os.utime(small, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert title(small) == "Other"


def test_a_file_in_its_place_shows(small: Path, folder: Path, tmp_path: Path) -> None:
    assert [title(small), title(small)] == ["Small", "Small"]
    os.replace(save(tmp_path / "other.yaml", SMALL.replace("Small", "Other")), small)
    assert title(small) == "Other"


def test_a_file_that_changed_just_now_is_read_again(
    small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "SETTLED", 3600.0)
    open_document(small)
    assert (len(kept(folder)), kept(folder, ".seen")) == (1, [])


def test_the_same_content_elsewhere_is_known(
    small: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_document(small)
    forbid_reading(monkeypatch)
    assert title(save(tmp_path / "copy.yaml", SMALL)) == "Small"
    assert (len(kept(folder)), len(kept(folder, ".seen"))) == (1, 2)


def test_a_known_file_is_not_even_read(small: Path, folder: Path) -> None:
    assert str(small) in opened(lambda: open_document(small))
    assert str(small) not in opened(lambda: title(small))
    assert title(small) == "Small"


def test_what_another_format_left_is_not_used(
    small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_document(small)
    monkeypatch.setattr(cache, "FORMAT", 2)
    assert title(small) == "Small"
    assert len(kept(folder)) == 2


OPENS = "from dynaclient.document.opening import open_document; open_document({!r})"


def test_what_other_code_left_is_not_used(small: Path, tmp_path: Path) -> None:
    """A copy of the package, whose files change between two versions, or without one."""
    package = tmp_path / "code" / "dynaclient"
    package.mkdir(parents=True)
    for part in (ROOT / "dynaclient").iterdir():
        if part.name != "document":
            (package / part.name).symlink_to(part)
    shutil.copytree(ROOT / "dynaclient" / "document", package / "document")
    cached = {VARIABLE: str(tmp_path / "cache"), "PYTHONPATH": str(package.parent)}
    counts = []
    for changed in (False, False, True, False):
        if changed:
            os.utime(package / "document" / "node.py", (5, 5))
        program = [sys.executable, "-c", OPENS.format(str(small))]
        subprocess.run(program, env={**os.environ, **cached}, cwd=tmp_path, check=True)
        counts.append(len(kept(tmp_path / "cache" / "documents")))
    assert counts == [1, 1, 2, 2]


def test_a_part_is_not_taken_for_a_document(folder: Path, tmp_path: Path) -> None:
    """The same bytes, opened as a document and named by a reference, are two things."""
    swagger = "swagger: '2.0'\ninfo: {title: S, version: '1'}\ndefinitions: {A: {type: string}}\npaths: {}\n"
    save(tmp_path / "part.yaml", swagger)
    root = save(
        tmp_path / "root.yaml", SMALL.replace("{type: integer}", "{$ref: 'part.yaml#/definitions/A'}")
    )
    for _ in range(2):
        assert open_document(tmp_path / "part.yaml").tree["openapi"].startswith("3.0")
        client = Client(root, server=SERVER)
        assert client.prepare("getThing", id="text").url == f"{SERVER}/things/text"


def test_parts_are_kept_each_by_itself(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "part.yaml", "A: {type: string}\n")
    root = save(tmp_path / "root.yaml", SMALL.replace("{type: integer}", "{$ref: 'part.yaml#/A'}"))
    Client(root, server=SERVER).prepare("getThing", id="text")
    assert len(kept(folder)) == 2
    save(tmp_path / "part.yaml", "A: {type: integer}\n")
    assert Client(root, server=SERVER).prepare("getThing", id=5).url == f"{SERVER}/things/5"
    with pytest.raises(Exception, match="not sent"):
        Client(root, server=SERVER).prepare("getThing", id="text")


def test_where_other_files_name_operations_they_are_looked_for_again(folder: Path, tmp_path: Path) -> None:
    item = "get: {operationId: %s}\n"
    save(tmp_path / "item.yaml", item % "first")
    root = save(tmp_path / "root.yaml", "openapi: 3.1.0\npaths: {/a: {$ref: item.yaml}}\n")
    assert [list(Client(root, server=SERVER).operations) for _ in range(2)] == [["first"], ["first"]]
    save(tmp_path / "item.yaml", item % "second")
    assert list(Client(root, server=SERVER).operations) == ["second"]


# -- whatever is odd in the folder is as if it were not there ------------------------------------------


def forged(data: bytes, spoil: Callable[[Any], Any]) -> bytes:
    """A file with another index, and with lengths and checksum that are right for it."""
    line, _, rest = data.partition(b"\n")
    head, text = int(line.split()[2]), int(line.split()[3])
    index = json.loads(rest[:head])
    changed = spoil(index)
    new = json.dumps(index if changed is None else changed).encode()
    return (
        b"dynaclient %d %d %d %08x\n" % (1, len(new), text, crc32(rest[head:], crc32(new)))
        + new
        + rest[head:]
    )


def flip(data: bytes, at: float) -> bytes:
    place = int((len(data) - 1) * at)
    return data[:place] + bytes([data[place] ^ 0x01]) + data[place + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "half": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "one byte more": lambda data: data + b" ",
    "zeros": lambda data: bytes(len(data)),
    "zeros at the end": lambda data: data[:-100] + bytes(100),
    "noise": lambda data: random.Random(1).randbytes(len(data)),
    "text": lambda data: b"hello\n" * 50,
    "a pickle": lambda data: pickle.dumps({"tree": 1}),
    "JSON": lambda data: b'{"tree": {}}',
    "nested without end": lambda data: b"[" * 200_000,
    "another format": lambda data: data.replace(b"dynaclient 1", b"dynaclient 7", 1),
    "another length": lambda data: data.replace(b"dynaclient 1 ", b"dynaclient 1 1", 1),
    "a length below zero": lambda data: data.replace(b"dynaclient 1 ", b"dynaclient 1 -", 1),
    "no line": lambda data: data.replace(b"\n", b" ", 1),
    **{f"a bit at {at}": partial(flip, at=at) for at in (0.0, 0.02, 0.1, 0.5, 0.9, 1.0)},
    "index: nothing": lambda data: forged(data, lambda index: {}),
    "index: a list": lambda data: forged(data, lambda index: []),
    "index: deep": lambda data: forged(
        data, lambda index: index.update(tree=json.loads("[" * 400 + "]" * 400))
    ),
    "index: another name": lambda data: forged(data, lambda index: index.update(name="x.tree")),
    "index: no version": lambda data: forged(data, lambda index: index.pop("version")),
    "index: version of texts": lambda data: forged(data, lambda index: index.update(version=["3", "1"])),
    "index: version of one": lambda data: forged(data, lambda index: index.update(version=[3])),
    "index: findings": lambda data: forged(data, lambda index: index.update(findings=[["a"], ["b"]])),
    "index: findings of numbers": lambda data: forged(
        data, lambda index: index.update(findings=[[1], [2], [3], [4]])
    ),
    "index: findings of two lengths": lambda data: forged(
        data, lambda index: index.update(findings=[["a"], ["b"], ["c"], []])
    ),
    "index: findings, a number": lambda data: forged(data, lambda index: index.update(findings=4)),
    "index: findings, a text": lambda data: forged(data, lambda index: index.update(findings="four")),
    "index: entries": lambda data: forged(data, lambda index: index.update(entries=[["a"]])),
    "index: entries of lists": lambda data: forged(
        data, lambda index: index.update(entries=[[[]], [[]], [[]], [[]], [[]]])
    ),
    "index: entries without a path": lambda data: forged(
        data, lambda index: index.update(entries=[["k"], ["k"], ["/none"], ["get"], [""]])
    ),
    "index: a tree of its own": lambda data: forged(data, lambda index: index.update(tree=3)),
    "index: maps": lambda data: forged(data, lambda index: index.update(maps=[[["info"], ["a"], [5]]])),
    "index: no maps": lambda data: forged(data, lambda index: index.update(maps=[])),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("suffix", [".tree", ".seen"])
def test_damage_is_mended(suffix: str, damage: Callable[[bytes], bytes], small: Path, folder: Path) -> None:
    due = opened_without(small)
    open_document(small)
    whole = kept(folder)[0].read_bytes()
    (file,) = kept(folder, suffix)
    try:
        file.write_bytes(damage(file.read_bytes()))
    except (ValueError, IndexError):  # it is about the index, which the small file has not
        file.write_bytes(b"[]")
    assert facts(open_document(small)) == due
    assert kept(folder)[0].read_bytes() == whole
    assert facts(open_document(small)) == due


IN_PARTS = pytest.mark.parametrize("folder", [0], indirect=True, ids=["read in parts"])
POSIX = pytest.mark.skipif(not hasattr(os, "pread"), reason="without pread files are read whole")


@POSIX
@IN_PARTS
def test_what_is_in_use_may_be_deleted_and_replaced(small: Path, folder: Path) -> None:
    due = opened_without(small)
    open_document(small)
    document = open_document(small)
    (file,) = kept(folder)
    file.unlink()
    file.write_bytes(b"something else")
    assert facts(document) == due


@POSIX
@IN_PARTS
@pytest.mark.parametrize("spoil", [b"", b"dynaclient", b"\xff" * 100_000], ids=["empty", "cut off", "other"])
def test_what_is_in_use_and_is_spoilt_in_place_is_told(spoil: bytes, small: Path, folder: Path) -> None:
    """Nobody does that: files of the cache are put in place whole. It is an error of ours all the same."""
    open_document(small)
    document = open_document(small)
    (file,) = kept(folder)
    file.write_bytes(spoil)
    with pytest.raises(DocumentError, match=r"cache is damaged.*delete it"):
        facts(document)
    assert facts(open_document(small)) == opened_without(small)


@POSIX
@IN_PARTS
def test_a_file_is_closed_with_the_last_that_uses_it(small: Path, folder: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list open files")

    def held() -> int:
        links = [os.readlink(each) for each in descriptors.iterdir() if each.is_symlink()]
        return sum(link.startswith(str(folder)) for link in links)

    open_document(small)
    document = open_document(small)
    assert held() == 1
    del document
    assert held() == 0


@pytest.mark.parametrize("step", ["post", "", "~2", "get/operationId/x", "get/parameters/0"])
def test_operations_that_the_tree_has_not_are_refused_when_used(step: str, small: Path, folder: Path) -> None:
    """Who writes a right checksum can say anything; it is an error of ours all the same."""
    open_document(small)
    (file,) = kept(folder)
    rows = [["k"], ["k"], ["/things/{id}"], [step], [""]]
    file.write_bytes(forged(file.read_bytes(), lambda index: index.update(entries=rows)))
    with pytest.raises(DocumentError, match=r"cache is damaged.*delete it"):
        Client(small, server=SERVER).operations["k"]


def a_folder(file: Path, tmp_path: Path) -> None:
    file.mkdir()


def a_link(file: Path, tmp_path: Path) -> None:
    """To the very file that would be right."""
    file.symlink_to(tmp_path / "right")


def a_link_to_nothing(file: Path, tmp_path: Path) -> None:
    file.symlink_to(tmp_path / "nothing")


def a_pipe(file: Path, tmp_path: Path) -> None:
    os.mkfifo(file)


def too_large(file: Path, tmp_path: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(2**40)


@pytest.mark.parametrize("suffix", [".tree", ".seen"])
@pytest.mark.parametrize("put", [a_folder, a_link, a_link_to_nothing, a_pipe, too_large])
def test_what_is_no_file_is_not_followed(
    put: Callable[[Path, Path], None], suffix: str, small: Path, folder: Path, tmp_path: Path
) -> None:
    due = opened_without(small)
    open_document(small)
    (file,) = kept(folder, suffix)
    file.rename(tmp_path / "right")
    before = (tmp_path / "right").read_bytes()
    put(file, tmp_path)
    assert facts(open_document(small)) == due
    assert facts(open_document(small)) == due
    assert (tmp_path / "right").read_bytes() == before
    assert not (tmp_path / "nothing").exists()


def test_a_file_of_another_document_is_not_used(small: Path, folder: Path, tmp_path: Path) -> None:
    open_document(small)
    (of_small,) = kept(folder)
    other = save(tmp_path / "other.yaml", SMALL.replace("Small", "Other"))
    open_document(other)
    (of_other,) = {*kept(folder)} - {of_small}
    of_other.write_bytes(of_small.read_bytes())
    assert title(other) == "Other"


def test_pieces_that_are_no_json_are_the_documents_error(small: Path, folder: Path) -> None:
    """Somebody who can forge the checksum can write what he wants; it is no error from inside even then."""
    open_document(small)
    (file,) = kept(folder)
    line, _, rest = file.read_bytes().partition(b"\n")
    head, text = int(line.split()[2]), int(line.split()[3])
    spoilt = rest[:head] + b"[" * text
    file.write_bytes(b"dynaclient 1 %d %d %08x\n" % (head, text, crc32(spoilt)) + spoilt)
    with pytest.raises(DocumentError, match="delete it"):
        _ = open_document(small).tree


# -- the folder ------------------------------------------------------------------------------------------


def test_only_the_user_may_read_it(small: Path, folder: Path) -> None:
    open_document(small)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def others_may_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o777)


def somebody_elses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)


def a_link_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))


def a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


@pytest.mark.parametrize("make", [others_may_write, somebody_elses, a_link_elsewhere, a_file])
def test_a_folder_that_is_not_the_users_own_is_not_used(
    make: Callable[[Path, pytest.MonkeyPatch], None],
    small: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_document(small)
    (file,) = kept(folder)
    spoilt = forged(file.read_bytes(), lambda index: index["tree"]["info"].update(title="Spoilt"))
    file.write_bytes(spoilt)
    assert title(small) == "Spoilt"
    make(folder, monkeypatch)
    assert [title(small), title(small)] == ["Small", "Small"]
    if folder.is_dir():
        assert [each.read_bytes() for each in kept(folder)] == [spoilt]


def test_a_folder_that_takes_no_files_is_no_error(
    small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = opened_without(small)
    real = os.open

    def read_only(path: Any, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", read_only)
    assert facts(open_document(small)) == due
    assert kept(folder) == []


def test_a_full_disk_leaves_nothing(small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert title(small) == "Small"
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_a_folder_is_no_error(small: Path, tmp_path: Path) -> None:
    assert open_document(small, Access(cache=small / "below")).tree["info"]["title"] == "Small"
    assert open_document(small, Access(cache="\0")).tree["info"]["title"] == "Small"


@pytest.mark.parametrize("stated", ["off", "OFF", "no", "false", "0", " off "])
def test_off_by_the_environment(
    stated: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, stated)
    for setting in (True, tmp_path / "named"):
        Client(small, server=SERVER, cache=setting)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["small.yaml"]


def test_off_by_the_client(small: Path, folder: Path) -> None:
    Client(small, server=SERVER, cache=False)
    assert not folder.parent.exists()


@pytest.mark.parametrize("form", [str, Path])
def test_a_folder_of_the_clients_own(
    form: Callable[[str], Any], small: Path, folder: Path, tmp_path: Path
) -> None:
    Client(small, server=SERVER, cache=form(str(tmp_path / "a" / "b")))
    assert len(kept(tmp_path / "a" / "b" / "documents")) == 1
    assert not folder.parent.exists()


def test_the_users_cache_folder(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setattr(
        "platformdirs.user_cache_dir", lambda name, **options: str(tmp_path / "caches" / name)
    )
    open_document(small)
    assert len(kept(tmp_path / "caches" / "dynaclient" / "documents")) == 1


@pytest.mark.parametrize("stated", [None, "", " ", "/tmp/caches", "/tmp/caches/"])
def test_the_users_cache_folder_is_where_platformdirs_says(
    stated: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if stated is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", stated)
    assert cache.cache_folder(True) == platformdirs.user_cache_dir("dynaclient", appauthor=False)


@pytest.mark.parametrize("setting", [None, 3, "", b"folder", [], object()])
def test_no_folder(setting: Any, small: Path) -> None:
    with pytest.raises(SettingsError, match="cache: expected True, False or the path of a folder"):
        Client(small, server=SERVER, cache=setting)


def test_old_files_make_room(
    small: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "KEPT_FILES", 4)
    stranger, fresh, stale = (folder / name for name in ("notes.txt", "a.1.part", "b.1.part"))
    open_document(small)
    for file in (stranger, fresh, stale):
        file.write_text("")
    os.utime(stale, (0, 0))
    for number in range(6):
        open_document(save(tmp_path / f"{number}.yaml", SMALL.replace("Small", f"Title {number}")))
    assert len(kept(folder)) + len(kept(folder, ".seen")) == 4
    assert (stranger.exists(), fresh.exists(), stale.exists()) == (True, True, False)


def test_room_is_counted_in_bytes_too(
    small: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_document(small)
    size = kept(folder)[0].stat().st_size
    monkeypatch.setattr(folders, "KEPT_BYTES", int(size * 2.9))
    for number in range(4):
        open_document(save(tmp_path / f"{number}.yaml", SMALL.replace("Small", f"Title {number}")))
    assert len(kept(folder)) == 2


# -- what is kept --------------------------------------------------------------------------------------


def large_json() -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": {}, "x-long": "x" * cache.JSON_FROM}


@pytest.mark.parametrize(
    ("text", "due"),
    [
        (SMALL, 1),
        (json.dumps({"openapi": "3.1.0", "paths": {}}), 0),
        (json.dumps(large_json()), 1),
        (json.dumps({"swagger": "2.0", "paths": {}}), 1),
        (" \n" + json.dumps({"openapi": "3.1.0", "paths": {}}), 0),
    ],
    ids=["YAML", "small JSON", "large JSON", "upgraded JSON", "JSON after a blank"],
)
def test_kept_where_it_helps(text: str, due: int, folder: Path, tmp_path: Path) -> None:
    open_document(save(tmp_path / "document", text))
    assert len(kept(folder)) == due


def test_a_dict_is_not_kept(folder: Path) -> None:
    open_document(large_json())
    assert not folder.exists()


@pytest.mark.parametrize("text", ["{", "a: b", "openapi: '9'", "- 1"])
def test_what_cannot_be_opened_is_not_kept(text: str, folder: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "broken.yaml", text)
    for _ in range(2):
        with pytest.raises(DocumentError):
            open_document(path)
    assert not folder.exists()


def test_what_aliases_share_is_kept_as_long_as_it_is_small(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SMALL + "x-a: &a {k: [1, 2, 3]}\nx-b: [*a, *a, *a, *a]\n"
    due = opened_without(save(tmp_path / "shared.yaml", text))
    for _ in range(2):
        assert facts(open_document(tmp_path / "shared.yaml")) == due
    assert len(kept(folder)) == 1
    shutil.rmtree(folder)
    monkeypatch.setattr(cache, "MAX_NODES", 20)
    for _ in range(2):
        assert facts(open_document(tmp_path / "shared.yaml")) == due
    assert not folder.exists()


def test_a_few_lines_that_stand_for_terabytes_are_not_written_out(folder: Path, tmp_path: Path) -> None:
    """A text of 1 MB under an anchor, and half a million aliases of it."""
    text = SMALL + f"x-a: &a {'x' * 1_000_000}\nx-b: [{'*a, ' * 500_000}]\n"
    assert title(save(tmp_path / "bomb.yaml", text)) == "Small"
    assert not folder.exists()


def test_no_secret_is_kept(folder: Path, serve: Serve) -> None:
    server = serve(reply(200, SMALL.encode(), [("Content-Type", "application/yaml")]))
    for _ in range(2):
        address = server.url.replace("//", "//user:s3cr3t@")
        client = Client(f"{address}/api?key=s3cr3t", credentials={}, server=SERVER)
        assert client.document.tree["info"]["title"] == "Small"
    assert len(server.requests) == 2, "what is on a server is asked for each time"
    (file,) = folder.iterdir()
    assert b"s3cr3t" not in file.read_bytes()


def test_deep_down_in_the_callers_stack_it_is_no_error(small: Path, folder: Path) -> None:
    due = opened_without(small)

    def deeper(levels: int) -> Any:
        return deeper(levels - 1) if levels else facts(open_document(small))

    for _ in range(2):
        assert deeper(100) == due


# -- many at once ----------------------------------------------------------------------------------------


def digest(path: str) -> str:
    """What one process makes of the document: everything that is to be known, and a request."""
    client = Client(path, server=SERVER)
    request = client.prepare("getCustomerInventory", integrationId="s-1")
    told = [facts(client.document)[0], str(client.document.findings), request.url, str(request.headers)]
    return hashlib.sha256("\n".join(map(str, told)).encode()).hexdigest()


barrier: Any = None


def begin(shared: Any, folder: str) -> None:
    global barrier
    barrier = shared
    os.environ[VARIABLE] = folder


def at_once(path: str) -> str:
    barrier.wait(30)
    return digest(path)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Callable[[str], list[str]]]:
    """Opens a document in two processes at the same moment."""
    context = multiprocessing.get_context("spawn")
    shared = context.Barrier(2)
    given = (shared, str(tmp_path / "cache"))
    with ProcessPoolExecutor(2, mp_context=context, initializer=begin, initargs=given) as pool:
        yield lambda path: list(pool.map(at_once, [path, path]))


def deleted(folder: Path, turn: int) -> None:
    shutil.rmtree(folder.parent)


def emptied(folder: Path, turn: int) -> None:
    for file in folder.iterdir():
        file.unlink()


def truncated(folder: Path, turn: int) -> None:
    for file in folder.iterdir():
        os.truncate(file, file.stat().st_size * turn // 50)


def garbage(folder: Path, turn: int) -> None:
    for file in folder.iterdir():
        file.write_bytes(random.Random(turn).randbytes(file.stat().st_size))


def locked(folder: Path, turn: int) -> None:
    emptied(folder, turn)
    folder.chmod(0o500)


def closed_to_nobody(folder: Path, turn: int) -> None:
    folder.chmod(0o777)


BETWEEN = [deleted, truncated, garbage, locked, closed_to_nobody, emptied]


def test_two_processes_at_once_fifty_times_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: Callable[[str], list[str]]
) -> None:
    path = tmp_path / "document.yaml"
    shutil.copy(ROOT / "spec/talon-one-integration/2020-04.yaml", path)
    os.utime(path, (1_500_000_000, 1_500_000_000))
    monkeypatch.setenv(VARIABLE, "off")
    due = digest(str(path))
    folder = tmp_path / "cache" / "documents"
    for turn in range(50):
        assert pair(str(path)) == [due, due], turn
        if folder.is_dir():
            folder.chmod(0o700)
        else:
            folder.mkdir(0o700, parents=True)
        BETWEEN[turn % len(BETWEEN)](folder, turn)


def test_threads_share_an_opened_document(small: Path, folder: Path) -> None:
    due = opened_without(small)
    open_document(small)
    document = open_document(small)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(facts(document))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [due] * 8


def test_entries_are_what_the_tree_says() -> None:
    for path in DOCUMENTS:
        document = open_document(path, Access(cache=False))
        assert document.entries == entries(Document(document.tree, document.version)), path
