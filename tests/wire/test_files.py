"""Files, paths and bytes as bodies that are read while they are sent."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import select
import threading
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.errors import DeadlineExceeded, TransportError
from dynaclient.wire.files import Piece, Upload
from dynaclient.wire.percent import StyleError


def upload(*sources: Any) -> Upload:
    return Upload([Piece(source) for source in sources])


class Once:
    """A file that cannot go back."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=5), st.lists(st.integers(1, 30)), st.data())
def test_it_reads_as_one_file_of_the_same_bytes(parts: list[bytes], sizes: list[int], data: Any) -> None:
    body = upload(*(io.BytesIO(part) if data.draw(st.booleans()) else part for part in parts))
    model = io.BytesIO(b"".join(parts))
    assert body.size == len(model.getvalue())
    for size in sizes:
        assert body.read(size) == model.read(size)
        assert body.tell() == model.tell()
        place = data.draw(st.integers(0, body.size or 0))
        assert body.seek(place) == model.seek(place)
    assert body.read() == model.read()
    assert body.seek(0, io.SEEK_END) == body.size
    assert body.read() == b""
    body.rewind()
    assert body.read() == model.getvalue()


def test_a_path_is_opened_when_it_is_read_and_closed_behind_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    piece = Piece(path)
    body = Upload([piece, Piece(b"d")])
    assert piece._opened is None
    assert body.read(1) == b"a"
    assert piece._opened is not None
    assert body.read(2) == b"bc"
    assert body.read() == b"d"
    assert piece._opened.closed
    body.rewind()
    assert body.read() == b"abcd"


def test_a_file_of_the_users_stays_open_and_begins_where_it_stood() -> None:
    file = io.BytesIO(b"abc")
    file.seek(1)
    body = upload(file)
    assert (body.size, body.read()) == (2, b"bc")
    body.rewind()
    assert body.read() == b"bc"
    body.close()
    assert not file.closed


def test_a_file_without_a_way_back_is_sent_once() -> None:
    body = upload(b"a", Once(b"bc"))
    assert (body.size, body.rewindable, body.seekable()) == (None, False, False)
    body.rewind()  # nothing was read yet
    assert body.read() == b"abc"
    with pytest.raises(TransportError, match="cannot be sent again"):
        body.rewind()
    with pytest.raises(io.UnsupportedOperation):
        body.seek(0, io.SEEK_END)


def test_a_file_that_shrinks_does_not_leave_a_body_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abcdef")
    body = upload(path)
    os.truncate(path, 2)
    with pytest.raises(TransportError, match="4 bytes too early"):
        body.read()


def test_a_file_that_grows_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    body = upload(path, b"!")
    path.write_bytes(b"abcdef")
    assert body.read() == b"abc!"


def test_a_file_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    body = upload(path)
    path.unlink()
    with pytest.raises(TransportError, match="No such file"):
        body.read()
    closed = io.BytesIO(b"abc")
    body = upload(closed)
    closed.close()
    with pytest.raises(TransportError, match="closed"):
        body.read()


def test_what_cannot_be_read_is_refused_at_once(tmp_path: Path) -> None:
    closed = io.BytesIO()
    closed.close()
    for source in (tmp_path, tmp_path / "nothing", closed):
        with pytest.raises(StyleError, match="cannot be read"):
            Piece(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert (upload(path).size, upload(path).rewindable) == (None, False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_who_awaits_a_pipe_takes_what_there_is(tmp_path: Path) -> None:
    """Nothing that comes before it is taken with it, and nothing behind."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    body = upload(b"a", b"b", path, b"c", io.BytesIO(b"d"))
    taken: list[tuple[bool, bytes]] = [(body.pipe is not None, body.read1(9))]
    with open(path, "wb", buffering=0) if body.pipe else pytest.fail("no pipe") as writer:
        for text in (b"12", b"34"):
            writer.write(text)
            taken.append((body.pipe is not None, body.read1(9)))
    while not body.ended:
        taken.append((body.pipe is not None, body.read1(9)))
    assert taken == [(False, b"ab"), (True, b"12"), (True, b"34"), (True, b""), (False, b"cd")]
    assert body.tell() == 8


def test_of_a_pickled_upload_nothing_is_left_but_that_it_was() -> None:
    left = pickle.loads(pickle.dumps(upload(b"secret", io.BytesIO(b"x"))))
    assert isinstance(left, Upload)
    assert left.read() == b""


def pipe() -> tuple[int, IO[bytes]]:
    """Both ends of a pipe, which ends after a while: what waits for more would wait for ever."""
    reading, writing = os.pipe()
    writer = open(writing, "wb", buffering=0)  # noqa: SIM115
    late = threading.Timer(20, writer.close)
    late.daemon = True
    late.start()
    return reading, writer


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system cannot wait for pipes")
@pytest.mark.parametrize(
    ("buffering", "first"),
    [(-1, [(False, b"a12")]), (0, [(False, b"a"), (True, b"12")])],  # what is read ahead, and what is not
)
def test_a_pipe_that_the_user_opened_is_one_too(buffering: int, first: list[tuple[bool, bytes]]) -> None:
    """What its file has read ahead comes first, and nobody waits for that."""
    reading, writer = pipe()
    with open(reading, "rb", buffering) as file, writer:
        writer.write(b"head\n12")
        assert file.readline() == b"head\n"
        body = upload(b"a", file, b"b")
        body.left = lambda: 10.0
        assert (body.size, body.rewindable) == (None, False)
        assert [(body.pipe is not None, body.read1(9)) for _ in first] == first
        taken = []
        for text in (b"34", b"5"):
            writer.write(text)
            taken.append((body.pipe is not None, body.read1(9)))
        writer.close()
        while not body.ended:
            taken.append((body.pipe is not None, body.read1(9)))
        assert taken == [(True, b"34"), (True, b"5"), (True, b""), (False, b"b")]
        assert os.get_blocking(reading)
        body.close()
        assert not file.closed


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system cannot wait for pipes")
def test_a_silent_pipe_of_the_users_lasts_as_long_as_it_may() -> None:
    reading, writer = pipe()
    with open(reading, "rb") as file, writer:
        body = upload(file)
        body.left = lambda: 0.01
        with pytest.raises(DeadlineExceeded, match="nothing more came from a pipe"):
            body.read()


def test_what_unpacks_a_pipe_is_read_as_it_is(tmp_path: Path) -> None:
    """What it gives is not what the descriptor under it has."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abc"))
    with gzip.open(tmp_path / "a.gz") as file:
        body = upload(file)
        assert (body.pipe, body.read()) == (None, b"abc")
