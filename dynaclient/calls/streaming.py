"""Responses whose body is read when it is asked for: piece by piece, item by item, or into a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from logging import getLogger
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypedDict

from dynaclient._support.interrupts import let_through
from dynaclient.calls.response import Response
from dynaclient.calls.response_items import Item, Items
from dynaclient.document.files import kind, why
from dynaclient.document.model import REDIRECTS
from dynaclient.errors import Finding, ResponseInvalid, SettingsError, Violation, some
from dynaclient.schema.unchecked import collected
from dynaclient.transport.retries import RetryMode
from dynaclient.wire.events import Event, Fields, parse_events
from dynaclient.wire.media_types import EVENT_STREAM, charset, essence
from dynaclient.wire.redaction import without_secrets
from dynaclient.wire.response_reader import Reading
from dynaclient.wire.sequences import Pieces, present, sequence, text_lines

__all__ = ["StreamedResponse"]

_NAME = 100
"""Of the file's name, so much stands in that of the one beside it: names have an end at 255 bytes."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new file beside `path`, to be written in the block, which then takes the place of `path`.

    Raises SettingsError before the block where there can be no such file, and what the block raises; then
    no file is left, and what stood at `path` is as it was.
    """
    try:
        target = os.path.abspath(os.fsdecode(path))
        if found := kind(target) if os.path.exists(target) else "":
            hint = (
                "; name a file in it" if found == "a folder" else ", which a file would replace; name a file"
            )
            raise SettingsError(f"{target} is {found}{hint}")
        folder, name = os.path.split(target)
        half = os.path.join(folder, f".{name[:_NAME]}.{os.urandom(8).hex()}.part")
        file = open(half, "xb")  # noqa: SIM115
    except (OSError, ValueError, TypeError) as error:
        let_through(error)
        raise _unwritable(path, error) from None
    try:
        with file:
            yield file
        os.replace(half, target)
    except BaseException as error:
        with suppress(OSError):
            os.remove(half)
        let_through(error)
        if isinstance(error, OSError) and error.errno is not None:  # without one it is not of a file
            raise _unwritable(path, error) from None
        raise


def _unwritable(path: Any, error: Exception) -> SettingsError:
    return SettingsError(f"{path!r} cannot be written: {why(error)}; name a file that can")


if TYPE_CHECKING:
    from dynaclient.calls.response import LinkedCall
    from dynaclient.transport.body import BodyStream

MAX_VIOLATIONS = 1000
"""How many violations a streamed response keeps: it may have no end."""

_UNREAD: Any = object()


class _Options(TypedDict, total=False):
    headers: Any
    query: Any
    timeout: Any
    content_type: str | None
    end_marker: str | None
    retry: RetryMode | None


class Streaming(_Options):
    """The `options` with which `send` gives a StreamedResponse."""

    stream: Literal[True]


@dataclass(frozen=True)
class Reader:
    """How the document reads one response: `items` one by one, `whole` all of its body at once.

    `mode`: "strict", "warn" or "off". `key`: of the operation. `kinds`: the documented media types;
    `is_documented`: whether what the response says it is is among them. `links`: of the response, from its
    body as it was read, or from None before. `end_marker`: the text that ends its items, if any.
    """

    key: str
    mode: str
    kinds: tuple[str, ...]
    items: Items
    whole: Callable[[bytes], Reading]
    links: Callable[[Reading | None, bytes | None], Mapping[str, LinkedCall]]
    is_documented: bool = False
    end_marker: str | None = None


def cut(size: int) -> Callable[[Pieces], Iterator[bytes | None]]:
    """What cuts pieces into such of at most `size` bytes. Raises SettingsError."""
    if not isinstance(size, int) or size < 1:
        raise SettingsError(f"chunk: expected a number of bytes from 1, got {size!r}")

    def smaller(pieces: Pieces) -> Iterator[bytes | None]:
        for piece in pieces:
            if piece is None:
                yield None
            else:
                yield from (piece[at : at + size] for at in range(0, len(piece), size))

    return smaller


class BaseStreamedResponse(Response):
    """A response whose body has not been read yet: what is known of it, and how its items are checked.

    How its body is read is for `StreamedResponse` and `AsyncStreamedResponse`.
    """

    def __init__(self, head: Response, reader: Reader, source: Any = None) -> None:
        state = dict(head.__dict__)
        content, data, found = state.pop("content"), state.pop("data"), state.pop("violations")
        del state["links"]
        state["_reading"] = None
        state["_body"] = self._body_of(source, None if source else content)
        state["_data"] = _UNREAD if source else data
        state["_found"] = list(found)
        state["_unchecked"] = dict.fromkeys(state.pop("unchecked"))
        state["_reader"] = reader
        self.__dict__.update(state)

    if TYPE_CHECKING:
        _body: StreamedBody
        _reader: Reader
        _found: list[Violation]
        _unchecked: dict[Finding, None]
        _reading: Reading | None

    def _body_of(self, source: Any, content: bytes | None) -> StreamedBody:
        """What reads the body: its content, where that has come already."""
        raise NotImplementedError

    # -- as a Response ---------------------------------------------------------------------------------

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What breaks the document, as far as it has been read."""
        return tuple(self._found)

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """What could not be checked, as far as it has been read."""
        return tuple(self._unchecked)

    def _decoded(self, content: bytes) -> Any:
        """The decoded body. Raises ResponseInvalid."""
        if self.__dict__["_data"] is _UNREAD:
            reading = self._whole(content)
            self.__dict__["_data"] = reading.data
            self._note(reading.unchecked)
            known = set(self._found)
            found = [violation for violation in reading.violations if violation not in known]
            self._report(found, "the response", None)
        return self.__dict__["_data"]

    @property
    def links(self) -> Mapping[str, LinkedCall]:
        """The calls that the document derives from this response, by name.

        What they take from the body is there once that is held (`read`, `content`, `data`); until then a
        link is without it, and its `violations` say so.
        """
        content = self._body.content
        return self._reader.links(None if content is None else self._whole(content), content)

    def _whole(self, content: bytes) -> Reading:
        """The body as the document reads it, once."""
        if self._reading is None:
            self.__dict__["_reading"] = self._reader.whole(content)
        assert self._reading is not None
        return self._reading

    # -- item by item: None is passed on where no more is there for now ----------------------------------

    def _lines_of(self, pieces: Pieces) -> Iterator[str | None]:
        return text_lines(pieces, charset(self._content_type), self._body.limit)

    def _events_of(self, pieces: Pieces) -> Iterator[Event | None]:
        """The events of a stream, checked. Raises as `iter_events`."""
        if self._body.content == b"" and not self._is_redirect():
            return
        if self._kind() != EVENT_STREAM:
            raise self._has_no("events")
        items = self._reader.items
        for found in self._events(pieces):
            if found is None:
                yield None
                continue
            index, event, fields = found
            event.__dict__["_response"] = self  # what json() of it would raise has one
            event.__dict__["_decimals"] = items.decimals
            item = self._read_item(items.event, index, event, fields)
            self._report(item.violations, f"item {index} of the response", event)
            yield event

    def _items_of(self, pieces: Pieces) -> Iterator[Item | None]:
        """The items of a sequence, checked. Raises as `iter_items`."""
        index = -1
        for item in self._items(pieces):
            if item is not None:
                index += 1
                self._report(item.violations, f"item {index} of the response", item.value)
            yield item

    def _items(self, pieces: Pieces) -> Iterator[Item | None]:
        if self._body.content == b"" and not self._is_redirect():
            return
        kind = self._kind()
        row, items = sequence(kind), self._reader.items
        if row is None:
            for found in self._events(pieces):
                yield None if found is None else self._read_item(items.data, *found)
            return
        (split, decode), index = row, -1
        for text in split(pieces, self._body.limit):
            if text is None:
                yield None
                continue
            index += 1
            if self._is_end(text.decode("utf-8", "replace")):
                return self._body.let_go()
            yield self._read_item(items.item, index, text, decode)

    def _read_item(self, read: Callable[..., Item], *given: Any) -> Item:
        with collected() as unchecked:
            item = read(*given)
        self._note(unchecked)
        return item

    def _note(self, unchecked: Iterable[Finding]) -> None:
        new = [finding for finding in unchecked if finding not in self._unchecked]
        if new:
            self._unchecked.update(dict.fromkeys(new))
            self._reader.items.say(new)

    def _events(self, pieces: Pieces) -> Iterator[tuple[int, Event, Fields] | None]:
        """The events up to the end that the call named, each with its number and its fields."""
        index = -1
        for found in parse_events(pieces, self._body.limit):
            if found is None:
                yield None
                continue
            event, fields = found
            if self._is_end(event.data):
                return self._body.let_go()
            index += 1
            yield index, event, fields
        if index < 0 and essence(self._content_type) != EVENT_STREAM and self._body.was_anything:
            raise self._has_no("events")

    def _is_end(self, text: str) -> bool:
        return self._reader.end_marker is not None and text.strip() == self._reader.end_marker

    def _kind(self) -> str:
        """What sequence the response is: by what it says, else by what the document says."""
        if self._is_redirect():
            message = f"{self._reader.key}: redirect ({self.status}) was not followed"
            raise ResponseInvalid(message, self._found, self)
        meant = () if self._reader.is_documented else self._reader.kinds
        for found in map(essence, (self._content_type, *meant)):
            if found == EVENT_STREAM or sequence(found):
                return found
        raise self._has_no("items")

    def _is_redirect(self) -> bool:
        """Whether it is one that the document does not describe: nothing was carried out."""
        return self.status in REDIRECTS and any(each.where == "status" for each in self._found)

    def _has_no(self, what: str) -> SettingsError:
        said = essence(self._content_type) or "(none)"
        return SettingsError(
            f"a response of type {said} has no {what}; use iter_lines(), iter_bytes() or data"
        )

    def _report(self, found: list[Violation], what: str, item: Any) -> None:
        """Keep what was found; raise it in strict mode, log it in warn mode."""
        if not found or self._reader.mode == "off":
            return
        found = without_secrets(found, self.request, self.secret_names)
        self._found.extend(found[: MAX_VIOLATIONS - len(self._found)])
        if self._reader.mode == "strict":
            message = f"{self._reader.key}: {what} does not match the OpenAPI document"
            raise ResponseInvalid(message, found, self, item)
        for violation in some(found):
            getLogger("dynaclient").warning("%s: response: %s", self._reader.key, violation)

    @property
    def _content_type(self) -> str:
        return self.headers.get("Content-Type") or ""

    # -- life ------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        content = self._body.content
        read = "body not read" if content is None else f"{len(content)} bytes"
        return f"{self._shown()}, {read}{self._broken()}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # its body is not read for being looked at

    def _repr_html_(self) -> str:
        from dynaclient._support.notebook import card, code  # late: 4 ms

        return card(code(repr(self)))

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __reduce__(self) -> Any:
        state = self.__getstate__()
        data = state.pop("_data")
        for name in ("_body", "_found", "_reader", "_reading", "_unchecked"):
            del state[name]
        read = {"data": None if data is _UNREAD else data, "content": self._body.content or b""}
        read["links"] = self.links
        return _as_response, ({**state, **read, "violations": self.violations, "unchecked": self.unchecked},)


class StreamedResponse(BaseStreamedResponse):
    """A response to a call with `options={"stream": True}`: its head has come, its body is read on demand.

    The body can be taken once, in one of these ways: `iter_bytes`, `iter_lines`, `iter_events`, `iter_items`,
    `save`; or `read()`, `content`, `data`, which hold it (within the client's bound) and can be repeated,
    and after which the others work as well. A response of 300 to 599 is read whole at once.

    The time for the whole call (`timeout`) is that until the head came; from then on each silence may last
    as long as `Timeout.read`, or as that time where it is None. Every way of reading raises TransportError
    where the connection is lost before the end; what was whole before has been given by then.

    Items are checked one by one: strict raises ResponseInvalid with the `item`, warn logs and gives it, off
    gives it. The pointer of a violation begins with the number of the item, from 0. `violations` keeps the
    first 1,000. It is a context manager: leaving it lets go of the connection. Pickled, it is a Response with
    what was read.
    """

    if TYPE_CHECKING:
        _body: _Body

    def _body_of(self, source: BodyStream | None, content: bytes | None) -> StreamedBody:
        return _Body(source, content)

    @property
    def content(self) -> bytes:
        """The body; read now if it was not. Raises as `read`."""
        return self.read()

    @property
    def data(self) -> Any:
        """The decoded body; read now if it was not. Raises as `read`, and ResponseInvalid."""
        return self._decoded(self.read())

    def read(self) -> bytes:
        """The whole body. Raises BodyTooLarge, SettingsError if some of it was taken already."""
        return self._body.whole()

    # -- piece by piece --------------------------------------------------------------------------------

    def iter_bytes(self, chunk: int = 65536) -> Iterator[bytes]:
        """The body in pieces of at most `chunk` bytes, each as soon as it has come."""
        return present(cut(chunk)(self._body.pieces()))

    def iter_lines(self) -> Iterator[str]:
        """The body as text, in lines that end with LF, CR or CRLF, without these.

        The charset is that of the Content-Type, else UTF-8; what is no text in it becomes U+FFFD.
        """
        return present(self._lines_of(self._pieces()))

    def save(self, path: str | PathLike[str]) -> int:
        """Write the body to a file, and give the number of bytes written.

        It is written beside `path` and takes its place when all has come, so that there is never half a file;
        what was there before stays until then. Nothing is resumed. Raises SettingsError where the file
        cannot be written.
        """
        with replacing(path) as file, closing(self._body.pieces()) as pieces:
            return sum(file.write(piece) for piece in pieces)

    # -- item by item ----------------------------------------------------------------------------------

    def iter_events(self) -> Iterator[Event]:
        """Server-sent events (WHATWG HTML, section 9.2). Data that is JSON is held against the document.

        Raises SettingsError for a response that is no stream of them, ResponseInvalid for a redirect.
        """
        return present(self._events_of(self._pieces()))

    def iter_items(self) -> Iterator[Any]:
        """The decoded items of NDJSON, of a JSON text sequence (RFC 7464), or of the data of events.

        Raises SettingsError for a response that is no such sequence, ResponseInvalid for a redirect. What is
        not JSON is text, and wrong; but for the text that the call named as `end_marker`, which ends it.
        """
        return (item.value for item in present(self._items_of(self._pieces())))

    def _pieces(self) -> Iterator[bytes]:
        """The body, which is taken when the first piece is asked for."""
        with closing(self._body.pieces()) as pieces:
            yield from pieces

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        self._body.close()

    def __enter__(self) -> StreamedResponse:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _as_response(state: dict[str, Any]) -> Response:
    response = Response.__new__(Response)
    response.__setstate__(state)
    return response


class StreamedBody:
    """The body of a streamed response: its `content` once it was read whole, till then its source."""

    def __init__(self, source: Any, content: bytes | None) -> None:
        self.content = content
        self.limit: int = source.limit if source else max(len(content or b""), 1)
        self.was_anything = bool(content)
        self._source = source
        self._free = True

    def let_go(self) -> None:
        """Nobody asks for the rest."""
        raise NotImplementedError

    def taken(self) -> Any:
        """The source, which is given once. Raises SettingsError where some of it was taken already."""
        if self._source is None or not self._free:
            raise SettingsError(
                "the body was consumed already, or the response closed; use the iterator that you have, "
                "or read() first, which keeps the body"
            )
        self._free = False
        return self._source


class _Body(StreamedBody):
    """One that is read from a BodyStream."""

    def pieces(self) -> Generator[bytes, None, None]:
        """The body from its start. Raises SettingsError where some of it was taken already."""
        content = self.content
        return self._noted(self.taken().pieces()) if content is None else (content for _ in range(1))

    def _noted(self, pieces: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
        with closing(pieces):
            for piece in pieces:
                self.was_anything = True
                yield piece

    def whole(self) -> bytes:
        """The body, which is kept. Raises BodyTooLarge."""
        if self.content is None:
            self.content = self.taken().read()
        return self.content

    def let_go(self) -> None:
        """Nobody asks for the rest, unless all of it is held."""
        if self.content is None:
            self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._free = False
        if self._source is not None:
            self._source.close()
