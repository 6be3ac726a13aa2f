"""Content codings of requests (RFC 9110, section 8.4): who says that a body is compressed sends it so.

gzip and deflate are written and read here. Of other codings, bytes, files and paths are taken for what the
header says; data is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from os import PathLike
from os.path import isfile
from typing import TYPE_CHECKING, Any

from dynaclient.wire.files import Upload
from dynaclient.wire.json_values import Undecodable, is_binary, is_octets

if TYPE_CHECKING:
    from dynaclient.wire.request_builder import RequestDraft


CODERS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What is written here: the name of a coding, and zlib's number for its format."""

HEADER = "Content-Encoding"
_ELSEWHERE = frozenset("br zstd compress x-compress dcb dcz exi aes128gcm pack200-gzip".split())
"""The other codings that IANA lists. What is none of either is no coding that anyone could mean."""

_STARTS = {"zstd": b"\x28\xb5\x2f\xfd", "compress": b"\x1f\x9d", "x-compress": b"\x1f\x9d"}
_STARTS |= dict.fromkeys(("gzip", "x-gzip"), b"\x1f\x8b")


def codings(text: str) -> list[str]:
    """The codings that a header names, in the order in which they were applied; `identity` is none."""
    names = [each.strip().lower() for each in text.split(",")]
    return [each for each in names if each not in ("", "identity")]


def unwritten(text: str) -> list[str]:
    """The codings of a header in which nothing is written here."""
    return [name for name in codings(text) if name in _ELSEWHERE]


def is_encoded(given: Any, text: str) -> bool:
    """Whether a body, as it was given, is encoded already as the header says: the outermost coding tells."""
    names = codings(text)
    if not names or not is_binary(given) or names[-1] not in CODERS | dict.fromkeys(_ELSEWHERE, 0):
        return False
    start = _start(given)
    if names[-1] == "deflate":
        return _is_zlib(start)
    return start.startswith(_STARTS.get(names[-1], b""))


def _start(given: Any) -> bytes:
    """The first bytes, as far as they can be seen without taking them away."""
    if is_octets(given):
        return bytes(given[:4])
    try:
        if isinstance(given, PathLike):
            if not isfile(given):  # a pipe would be waited for, and what is read of it is gone
                return b""
            with open(given, "rb") as file:
                return file.read(4)
        at = given.tell()
        found = given.read(4)
        given.seek(at)
    except Exception:  # whoever reads it for the body says what is wrong
        return b""
    return found if isinstance(found, bytes) else b""


def _is_zlib(start: bytes) -> bool:
    """Whether it is the head of the zlib format (RFC 1950, section 2.2)."""
    return len(start) > 1 and start[0] & 15 == 8 and int.from_bytes(start[:2], "big") % 31 == 0


def compress_body(draft: RequestDraft, given: Any, wanted: str | None) -> None:
    """Compress the body of `draft` as its Content-Encoding says, and as is `wanted`.

    That it cannot be done is on its violations. `given`: the body as the caller gave it, which may be
    compressed already.
    """
    stated = next((text for name, text in draft.headers.items() if name.lower() == HEADER.lower()), None)
    if wanted and stated is None and draft.body is not None:
        draft.headers[HEADER] = stated = wanted
    elif wanted and stated is not None and codings(stated) != [wanted]:
        draft.refuse("argument", "compress", f"{wanted} is asked for, but the header says {stated}")
    names = codings(stated or "")
    if draft.body is None or is_encoded(given, stated or ""):
        return
    if unknown := unwritten(stated or ""):
        known = "; gzip and deflate are done here, of others give the encoded bytes"
        draft.refuse("header", HEADER, f"not encoded as {', '.join(unknown)}{known}")
    elif all(name in CODERS for name in names):
        for name in names:
            draft.body = _compressed(draft.body, name)


def _compressed(body: bytes | Upload, name: str) -> bytes | Upload:
    if isinstance(body, Upload):
        return _Compressed(body, name)
    coder = zlib.compressobj(wbits=CODERS[name])
    return coder.compress(body) + coder.flush()


_AT_ONCE = 64 * 1024
_TELLING = 4
"""Bytes that show whether a body is compressed already."""


class _Compressed(Upload):
    """A body that is compressed while it is sent, unless it turns out to be. How long it becomes is not known
    before.
    """

    def __init__(self, plain: Upload, name: str) -> None:
        self._plain, self._name = plain, name
        super().__init__(())
        self.size, self.rewindable = None, plain.rewindable

    def _begin(self) -> None:
        super()._begin()
        self._parts = self._made()
        self._ready = b""
        self._over = False

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._over

    @property
    def pipe(self) -> int | None:
        """The descriptor of the pipe that what is compressed comes from; None where it is none."""
        return None if self._ready or self._over else self._plain.pipe

    def _some(self, wanted: int) -> bytes:
        found = self._ready or next(self._parts, None)
        if found is None:
            self._over = True
            return b""
        end = len(found) if wanted < 0 else wanted
        part, self._ready = found[:end], found[end:]
        return part

    def _made(self) -> Iterator[bytes]:
        """An empty part after each that makes none yet: before the next a pipe may have to be waited for."""
        self._plain.left = self.left
        first = b""
        while len(first) < _TELLING and not self._plain.ended:
            first += self._plain.read1(_AT_ONCE)
            yield b""
        encoded = is_encoded(first, self._name)  # as can be seen of a pipe only now
        coder = None if encoded else zlib.compressobj(wbits=CODERS[self._name])
        yield coder.compress(first) if coder else first
        while not self._plain.ended:
            part = self._plain.read1(_AT_ONCE)
            yield coder.compress(part) if coder else part
        if coder:
            yield coder.flush()

    def rewind(self) -> None:
        """Go back to the beginning, as far as what is compressed can."""
        self._plain.rewind()
        self._begin()

    def close(self) -> None:
        """Close the paths that were opened."""
        self._plain.close()


def decompress_body(content: bytes, text: str, limit: int = 100 * 1024 * 1024) -> bytes:
    """The body that came in with this Content-Encoding; as it is where that is not read here.

    Raises Undecodable where it is not encoded so, and for one of more than `limit` bytes.
    """
    for name in reversed(codings(text)):
        if name not in CODERS:
            break
        coder = zlib.decompressobj(wbits=CODERS[name])
        try:
            content = coder.decompress(content, limit)
        except zlib.error as error:
            raise Undecodable(f"not encoded as {name}: {error}") from None
        if coder.unconsumed_tail:
            raise Undecodable(f"the body is larger than {limit} bytes")
        if not coder.eof:
            raise Undecodable(f"the body ends before its {name} does")
    return content
