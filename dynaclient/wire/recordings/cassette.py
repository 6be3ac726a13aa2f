"""Cassettes of vcrpy (`version: 1`), in YAML or JSON, read."""

from __future__ import annotations

from collections.abc import Iterator

from dynaclient.wire.content_coding import decompress_body, is_encoded, unwritten
from dynaclient.wire.headers import Headers
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse, bounded
from dynaclient.wire.recordings.shaped import Misshapen, Shaped
from dynaclient.wire.request import Request

__all__ = ["read_cassette"]


def read_cassette(tree: Shaped, name: str) -> Archive:
    """The exchanges of a cassette. Raises Misshapen.

    Bodies of responses are decoded from their Content-Encoding, where they are still in it.
    """
    return Archive(tuple(bounded(map(_exchange, tree.member("interactions").items()))), {}, name)


def _exchange(entry: Shaped) -> RecordedExchange:
    asked, answer = entry.member("request"), entry.member("response")
    body = asked.get("body")
    request = Request(
        asked.member("method").text(),
        asked.member("uri").url(),
        tuple(_fields(asked)),
        None if body is None else _bytes(body) or None,
    )
    return RecordedExchange(request, _answer(answer), pointer=entry.pointer)


def _answer(answer: Shaped) -> RecordedResponse:
    status, headers = answer.get("status"), Headers(_fields(answer))
    if status is None:  # of httpx, before vcrpy 6
        code, reason, text = answer.member("status_code").integer(), "", answer.get("content")
    else:
        body = answer.get("body")
        code, reason = status.member("code").integer(), status.text_of("message")
        text = None if body is None else body.get("string")
    content, missing = (b"", "") if text is None else _decoded(text, headers)
    return RecordedResponse(code, reason, headers, content, missing)


def _decoded(text: Shaped, headers: Headers) -> tuple[bytes, str]:
    """The body, and why it is not there. Some ways of recording decode it, and keep the header."""
    content, coding = _bytes(text), headers.get("Content-Encoding", "")
    if not content or not coding:
        return content, ""
    if unread := unwritten(coding):
        return b"", f"it is encoded as {', '.join(unread)}, which is not read here"
    if not is_encoded(content, coding):
        return content, ""
    try:
        return decompress_body(content, coding), ""
    except Undecodable as error:
        raise Misshapen(text.pointer, str(error)) from None


def _fields(message: Shaped) -> Iterator[tuple[str, str]]:
    headers = message.get("headers")
    for name, values in headers.members() if headers is not None else ():
        several = values.items() if isinstance(values.value, list) else [values]
        yield from (
            (name, each.value.decode("latin-1") if isinstance(each.value, bytes) else each.text())
            for each in several
        )


def _bytes(text: Shaped) -> bytes:
    return text.value if isinstance(text.value, bytes) else text.text().encode("utf-8", "replace")
