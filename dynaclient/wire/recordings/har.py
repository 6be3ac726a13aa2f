"""HTTP Archive 1.2, read and written.

What HAR has no member for stands in `_dynaclient`, of the file and of each entry. Read is what browsers,
proxies and test tools write as well: pseudo header fields of HTTP/2 are no header fields, a body may be in
base64, or not be there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dynaclient._version import __version__
from dynaclient.wire.headers import Headers
from dynaclient.wire.media_types import FORM, charset, essence
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse, bounded
from dynaclient.wire.recordings.shaped import Misshapen, Shaped
from dynaclient.wire.request import Request

__all__ = ["har_entry", "har_file", "read_har"]

OURS = "_dynaclient"
"""The member that holds what HAR has no place for."""

NOT_KEPT = "the tool that recorded it kept no body"

_HTTP = ("http://", "https://")


# -- written ------------------------------------------------------------------------------------------


def har_file(entries: Iterable[str], said: Mapping[str, Any]) -> bytes:
    """The file of `entries`, each as `har_entry` gives it, in UTF-8."""
    head = {"version": "1.2", "creator": {"name": "dynaclient", "version": __version__}, OURS: said}
    text = json.dumps({"log": {**head, "entries": []}}, ensure_ascii=False, indent=1)
    start, mark, end = text.rpartition("[]")
    body = ",\n".join(entries)
    return f"{start}[\n{body}\n  ]{end}".encode("utf-8", "backslashreplace") if mark else b""


def har_entry(exchange: RecordedExchange) -> str:
    """An exchange as an entry, which is JSON. It is written as it is: secrets were taken out before."""
    milliseconds = round(max(exchange.seconds, 0.0) * 1000, 3)
    missing = {"request": exchange.missing, "response": exchange.response and exchange.response.missing}
    said = {**exchange.said, **({"error": exchange.error} if exchange.error else {})}
    said |= {"missing": kept} if (kept := {name: why for name, why in missing.items() if why}) else {}
    entry = {
        "startedDateTime": datetime.fromtimestamp(exchange.began, timezone.utc).isoformat(),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange.response),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        OURS: said,
    }
    return json.dumps(entry, ensure_ascii=False, indent=1)


def _request(exchange: RecordedExchange) -> dict[str, Any]:
    request = exchange.request
    body = request.body if isinstance(request.body, bytes) else b""
    made: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.fields),
        "queryString": _pairs(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": -1 if exchange.missing else len(body),
    }
    if body or exchange.missing:
        made["postData"] = _written(body, request.headers.get("Content-Type") or "", exchange.missing)
        made["postData"]["params"] = []
    return made


def _response(response: RecordedResponse | None) -> dict[str, Any]:
    """A response; where none came, one with a status of 0, as browsers write it."""
    if response is None:
        response = RecordedResponse(0, "", Headers())
    mime = response.headers.get("Content-Type") or ""
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": "HTTP/1.1" if response.status else "",
        "cookies": [],
        "headers": _pairs(response.headers.pairs),
        "content": {"size": len(response.content), **_written(response.content, mime, response.missing)},
        "redirectURL": response.headers.get("Location") or "",
        "headersSize": -1,
        "bodySize": -1,
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _written(content: bytes, mime: str, missing: str) -> dict[str, Any]:
    """A body as text where it is UTF-8 and says nothing else, else in base64."""
    made: dict[str, Any] = {"mimeType": mime, **({"comment": missing} if missing else {})}
    try:
        if charset(mime).lower() not in ("utf-8", "utf8", "us-ascii"):
            raise ValueError
        return {**made, "text": content.decode()}
    except ValueError:
        return {**made, "text": base64.b64encode(content).decode(), "encoding": "base64"}


# -- read ---------------------------------------------------------------------------------------------


def read_har(tree: Shaped, name: str) -> Archive:
    """The exchanges of a HAR; what went by another protocol is left out. Raises Misshapen."""
    log = tree.member("log")
    found = map(_exchange, log.member("entries").items())
    return Archive(tuple(bounded(each for each in found if each is not None)), _said(log), name)


def _said(holder: Shaped) -> Mapping[str, Any]:
    found = holder.get(OURS)
    return {} if found is None else {name: each.value for name, each in found.members()}


def _exchange(entry: Shaped) -> RecordedExchange | None:
    asked, answer, said = entry.member("request"), entry.get("response"), _said(entry)
    if not asked.member("url").text().lower().startswith(_HTTP):
        return None
    url = asked.member("url").url()
    missing = said.get("missing")
    known = missing if isinstance(missing, Mapping) else {}
    body, why = _sent(asked)
    data = asked.get("postData")
    fields = _typed(_fields(asked), "" if data is None else data.text_of("mimeType"))
    request = Request(asked.member("method").text(), url, fields, body)
    return RecordedExchange(
        request,
        None if answer is None else _answer(answer, known.get("response")),
        _seconds(entry.text_of("startedDateTime")),
        _milliseconds(entry) / 1000,
        str(said.get("error") or "") or _failed(answer),
        str(known.get("request") or "") or why,
        said,
        entry.pointer,
    )


def _failed(answer: Shaped | None) -> str:
    """Why there is no response, as browsers say it."""
    return "" if answer is None else answer.text_of("_error") or answer.text_of("comment")


def _fields(message: Shaped) -> Iterator[tuple[str, str]]:
    """The header fields; Chrome writes those of one name below each other, and HTTP/2's own beside them."""
    headers = message.get("headers")
    for each in headers.items() if headers is not None else ():
        name, values = each.member("name").text(), each.text_of("value")
        if name and not name.startswith(":"):
            yield from ((name, value) for value in values.split("\n"))


def _sent(asked: Shaped) -> tuple[bytes | None, str]:
    """The body of a request, and why it is not there."""
    data = asked.get("postData")
    if data is None:
        return None, NOT_KEPT if asked.size_of("bodySize") > 0 else ""
    mime, params = data.text_of("mimeType"), data.get("params")
    if data.get("text") is None and params is not None and essence(mime) == FORM:
        pairs = [(each.member("name").text(), each.text_of("value")) for each in params.items()]
        return urlencode(pairs).encode(), ""
    if data.get("text") is None or (not data.text_of("text") and asked.size_of("bodySize") > 0):
        return None, NOT_KEPT if asked.size_of("bodySize") > 0 or params else ""
    return _content(data, mime) or None, ""


def _answer(answer: Shaped, missing: Any) -> RecordedResponse | None:
    status = answer.member("status").integer()
    if status <= 0:  # as browsers write what failed
        return None
    body = answer.get("content")
    kept = body is None or body.get("text") is not None or body.size_of("size") <= 0
    content = b"" if body is None else _content(body, body.text_of("mimeType"))
    why = str(missing or "") or ("" if kept else NOT_KEPT)
    headers = Headers(_typed(_fields(answer), "" if body is None else body.text_of("mimeType")))
    return RecordedResponse(status, answer.text_of("statusText"), headers, content, why)


def _typed(fields: Iterable[tuple[str, str]], mime: str) -> tuple[tuple[str, str], ...]:
    """The header fields, with the type of the body where a tool left the fields away, and not that."""
    found = tuple(fields)
    known = any(name.lower() == "content-type" for name, _ in found)
    return found if known or not mime or mime == "x-unknown" else (*found, ("Content-Type", mime))


def _content(body: Shaped, mime: str) -> bytes:
    """The bytes of a text, which may be base64, or else is in the charset of its type."""
    text = body.text_of("text")
    if body.text_of("encoding").lower() == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            raise Misshapen(f"{body.pointer}/text", "expected base64, as its encoding says") from None
    try:
        return text.encode(charset(mime))
    except (LookupError, ValueError):
        return text.encode("utf-8", "replace")


def _seconds(text: str) -> float:
    """A date and time as seconds since 1970; 0 where it is none."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _milliseconds(entry: Shaped) -> float:
    found = entry.get("time")
    value = 0 if found is None else found.value
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e12 else 0.0
