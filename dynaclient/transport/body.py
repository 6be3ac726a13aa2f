"""The body of a response, read and decompressed within a bound (RFC 9110 section 8.4).

Each decoder is a generator over pieces that are bounded on both sides: however well a body is packed,
no more than one piece beyond the limit is ever unpacked.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from urllib3.response import HTTPResponse

from dynaclient._support.messages import setting_name
from dynaclient.errors import BodyTooLarge, DecodeError, DynaclientError, TransportError
from dynaclient.transport.deadline import Deadline, Timeout, current
from dynaclient.transport.errors import understand
from dynaclient.wire.sequences import present

if TYPE_CHECKING:
    import requests
    from urllib3.response import HTTPResponse


class BodyCopy:
    """What went through a stream, of at most `limit` bytes, for who records it."""

    def __init__(self, limit: int) -> None:
        self.content = bytearray()
        self.is_cut = self.is_whole = False
        self._left = limit

    def add(self, piece: bytes) -> None:
        """Keep a piece, as far as there is room."""
        self.content += piece[: self._left]
        self.is_cut = self.is_cut or len(piece) > self._left
        self._left -= min(len(piece), self._left)

    def end(self) -> None:
        """All has come."""
        self.is_whole = not self.is_cut


class BodyStream:
    """A body on its way. It is read once, by one thread at a time, which need not be the one that asked.

    `limit`: how many bytes of it those who hold anything may hold. It keeps a connection until it was read
    to its end, or is closed.
    """

    def __init__(self, response: requests.Response, timeout: Timeout, what: What, limit: int) -> None:
        self.limit = limit
        self.copy: BodyCopy | None = None
        """What gets each piece too."""
        self._response = response
        self._what = what
        self._closed = False
        silence = timeout.total if timeout.read is None else timeout.read
        self._clock = Deadline(Timeout(total=None, connect=timeout.connect, read=silence))

    def pieces(self) -> Generator[bytes, None, None]:
        """The body, decoded from its Content-Encoding, in pieces of which none is large or empty.

        Raises ConnectError where the connection is lost before the end, DeadlineExceeded for a silence that
        is too long, DecodeError.
        """
        source = pieces(self._response, math.inf, self._what, as_they_come=True)
        try:
            while (piece := self._next(source)) is not None:
                if piece:
                    if self.copy is not None:
                        self.copy.add(piece)
                    yield piece
            if self.copy is not None:
                self.copy.end()
        finally:
            self.close()

    def read(self) -> bytes:
        """The whole body, of at most `limit` bytes. Raises as `pieces`, and BodyTooLarge."""
        return _whole(self.pieces(), self.limit, self._what)

    def _next(self, source: Iterator[bytes]) -> bytes | None:
        """The next piece, under the clock of this response; None at the end."""
        error: BaseException | None = None
        before, current.clock = current.clock, self._clock
        try:
            piece = None if self._closed else next(source, None)
        except DynaclientError as found:
            error = found.with_traceback(None)
        except Exception as found:
            foreign = type(self._response.raw).__module__.partition(".")[0] != "urllib3"
            error = understand(found, self._clock, self._what(), by_the_user=foreign).error
            if self._response.raw is self._response and isinstance(error, DynaclientError):
                error.__cause__ = found  # of a transport of the user's
        finally:
            current.clock = before
        if error is not None and not isinstance(error, DynaclientError):
            raise error
        if self._closed:  # maybe while it was waited for: what came then need not be of this response
            raise TransportError(f"{self._what()}: the response was closed before all of it was read")
        if error is not None:
            raise error
        return piece

    def close(self) -> None:
        """Give the connection back if all was read; cut it if not, also under a thread that reads from it."""
        self._closed = True
        with suppress(ValueError, RuntimeError, OSError, AttributeError):  # it was read, or is no urllib3's
            self._response.raw.shutdown()
        if self._response.raw is not None:  # a stand-in's may have none
            self._response.close()

    def __repr__(self) -> str:
        return f"<Source of {self._what()}>"


_PIECE = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress"})
_LAYERS = 2  # a third could keep us unpacking for hours what comes to nothing

What = Callable[[], str]  # names the request, when it has to be named
Take = Callable[..., bytes]
WindowBits = Callable[[bytes, bool], "int | None"]


def read_body(response: requests.Response, limit: int, what: What) -> bytes:
    """The whole body, decoded. `limit` is in bytes and holds before and after decoding.

    Raises BodyTooLarge, DecodeError, and whatever the connection raises.
    """
    if (getattr(response.raw, "length_remaining", None) or 0) > limit:
        raise too_large(limit, what)
    return _whole(pieces(response, limit, what), limit, what)


def decoded_body(parts: list[bytes], codings: str, limit: int, what: What) -> bytes:
    """The whole body of which all parts have come, decoded. Raises BodyTooLarge, DecodeError."""
    return _whole(present(undone(parts, codings, what)), limit, what)


def undone(pieces: Iterable[bytes | None], codings: str, what: What) -> Iterator[bytes | None]:
    """The pieces of a body, decoded from its Content-Encoding. None is passed on: no more is there for now.

    Raises DecodeError, also for codings that we never ask for.
    """
    names = _named(codings)
    unknown = [name for name in names if name not in _DECODERS]
    if len(names) > _LAYERS or unknown:
        why = "no decoder for it is used, and it was not asked for"
        raise _broken(unknown[0] if unknown else names[0], what, why)
    for name in reversed(names):
        pieces = _DECODERS[name](pieces)
    try:
        yield from pieces
    except zlib.error as error:
        raise _broken(", ".join(names), what, str(error)) from None


def pieces(
    response: requests.Response, limit: float, what: What, *, as_they_come: bool = False
) -> Iterator[bytes]:
    """The body, decoded, in pieces of which none is large; some may be empty.

    `limit` is in bytes before decoding. `as_they_come`: nothing waits until more is there.

    Raises BodyTooLarge, DecodeError, and whatever the connection raises.
    """
    raw = response.raw
    if isinstance(response._content, bytes):  # a hook has read it
        return iter((response._content,))
    if type(raw) is HTTPResponse:
        coded = raw.headers.get("Content-Encoding")
        take = raw.read1 if as_they_come else raw.read
        return _live(raw, limit, what, as_they_come) if coded else _pieces(raw, limit, what, take)
    if raw is response:  # of a transport of the user's, which decodes nothing
        codings = response.headers.get("Content-Encoding", "")
        return present(undone(_bounded(response.iter_content(_PIECE), limit, what), codings, what))
    return iter(()) if raw is None else response.iter_content(_PIECE)


def _live(raw: HTTPResponse, limit: float, what: What, as_they_come: bool) -> Iterator[bytes]:
    codings = _codings(raw)
    if len(codings) > _LAYERS:
        raise _broken(f"{codings[0]}, ...", what, f"it is encoded more than {_LAYERS} times")
    take = raw.read1 if as_they_come else raw.read
    if any(coding not in _DECODERS for coding in codings):
        yield from _pieces_by_urllib3(raw, codings, what, take)
        return
    source = _pieces(raw, limit, what, take)
    decoded: Iterator[bytes | None] = source
    for coding in reversed(codings):
        decoded = _DECODERS[coding](decoded)
    try:
        yield from present(decoded)
        for _ in () if as_they_come else source:  # what stands behind the end of the compressed data
            pass
    except zlib.error as error:
        raise _broken(", ".join(codings), what, str(error)) from None


def _bounded(parts: Iterable[bytes], limit: float, what: What) -> Iterator[bytes]:
    """`parts`, of at most `limit` bytes. Raises BodyTooLarge."""
    seen = 0
    for piece in parts:
        seen += len(piece)
        if seen > limit:
            raise too_large(limit, what)
        yield piece


def _codings(raw: HTTPResponse) -> list[str]:
    """The codings to undo. A word that names none ("utf-8", "identity") is left aside, as browsers do."""
    return _named(raw.headers.get("Content-Encoding", ""))


def _named(header: str) -> list[str]:
    words = [word.strip().lower() for word in header.split(",")]
    return [word for word in words if word in _DECODERS or word in _UNREADABLE]


def _pieces(raw: HTTPResponse, limit: float, what: What, take: Take) -> Iterator[bytes]:
    """The bytes as they come; the last read gives the connection back to its pool."""
    seen = 0
    while piece := take(_PIECE, decode_content=False):
        seen += len(piece)
        if seen > limit:
            raise too_large(limit, what)
        yield piece
        if raw.length_remaining == 0:
            return


def _pieces_by_urllib3(raw: HTTPResponse, codings: list[str], what: What, take: Take) -> Iterator[bytes]:
    """Codings that we never ask for, decoded where the optional library is there."""
    if any(coding not in raw.CONTENT_DECODERS for coding in codings):
        raise _broken(", ".join(codings), what, "no decoder for it is installed, and it was not asked for")
    while piece := take(_PIECE, decode_content=True):
        yield piece


def _whole(pieces: Iterable[bytes], limit: int, what: What) -> bytes:
    """All pieces in one. Raises BodyTooLarge where they are more than `limit` bytes."""
    parts, size = [], 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > limit:
            raise too_large(limit, what)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _inflated(pieces: Iterable[bytes | None], window_bits: WindowBits) -> Iterator[bytes | None]:
    """Decompressed; None, where no more is there for now, is passed on."""
    engine, held = None, b""
    for each in pieces:
        if each is None:
            yield None
            continue
        piece, held = held + each, b""
        while piece:
            if engine is None or engine.eof:
                if len(piece) < len(_GZIP_MAGIC):
                    held = piece
                    break
                if (bits := window_bits(piece, engine is None)) is None:
                    return
                engine = zlib.decompressobj(bits)
            yield engine.decompress(piece, _PIECE)
            piece = engine.unconsumed_tail or engine.unused_data
    if engine is not None:
        yield engine.flush()
    if (held and engine is None) or (engine is not None and not engine.eof):
        raise zlib.error("the data ends too early")


def _gzip_bits(piece: bytes, first: bool) -> int | None:
    """gzip may be several members in a row (RFC 1952 section 2.2); anything else behind one is padding."""
    return 31 if first or piece.startswith(_GZIP_MAGIC) else None


def _deflate_bits(piece: bytes, first: bool) -> int | None:
    """ "deflate" is zlib's format (RFC 9110 section 8.4.1.2); some servers leave its header away."""
    if not first:
        return None
    return 15 if piece[0] & 0x0F == 8 and int.from_bytes(piece[:2], "big") % 31 == 0 else -15


def _gzip(pieces: Iterable[bytes | None]) -> Iterator[bytes | None]:
    return _inflated(pieces, _gzip_bits)


def _deflate(pieces: Iterable[bytes | None]) -> Iterator[bytes | None]:
    return _inflated(pieces, _deflate_bits)


_DECODERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def too_large(limit: float, what: What) -> BodyTooLarge:
    """The error for a body that is longer than `max_body`."""
    return BodyTooLarge(
        f"{what()}: the response is larger than {limit} bytes, the most that this client takes; "
        f"ask for less, or raise the client's limit ({setting_name('max_body')})"
    )


def _broken(coding: str, what: What, why: str) -> DecodeError:
    return DecodeError(
        f"{what()}: invalid Content-Encoding: {coding} ({why}); report it to the operator of the server, "
        'or send the header "Accept-Encoding: identity"'
    )
