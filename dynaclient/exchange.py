"""A call and its answer as runtime expressions may see them (OpenAPI 4.8.20).

Values are as typed as they are known: parameters as the call gave them, bodies decoded, headers as the
document describes them. What credentials added to the request is not there to be passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from dynaclient.document.operation import Parameter
from dynaclient.wire.expressions import ABSENT, UNREAD, Exchange, Message
from dynaclient.wire.incoming import decoded
from dynaclient.wire.media import Undecodable, decode
from dynaclient.wire.redact import is_secret
from dynaclient.wire.styles import StyleError
from dynaclient.wire.unstyle import decode_header

if TYPE_CHECKING:
    from dynaclient.calling import Ready
    from dynaclient.plan import Plan
    from dynaclient.transport.reply import Live, Reply
    from dynaclient.wire.build import Draft
    from dynaclient.wire.read import Reading


def exchange_of(ready: Ready, reply: Reply | Live, reading: Reading, content: bytes | None) -> Exchange:
    """The exchange of a call. `content`: the body of the answer, None where it was not read yet."""
    draft, secrets = ready.draft, {*ready.chosen.names, *ready.draft.extra}
    mark = "?" if "?" in draft.target else ""
    url = str(ready.request.url).partition("?")[0] + mark + draft.target.partition("?")[2]
    given = {place: _given(ready, place) for place in ("path", "query", "header")}
    request = Message(
        "the request",
        headers=_shown({**lower(draft.headers), **lower(given["header"])}, secrets),
        path=given["path"],
        query=_shown({**_pairs(draft.query), **given["query"]}, secrets),
        body=_sent(draft),
    )
    typed = _typed_headers(ready.plan, reading, reply.headers)
    response = Message(
        "the answer",
        headers=_shown({**lower(reply.headers), **lower(typed)}, secrets),
        body=UNREAD if content is None else reading.data if content and reading.decoded else ABSENT,
    )
    return Exchange(url, draft.method, reply.status, request, response)


def _given(ready: Ready, place: str) -> dict[str, Any]:
    return {each.name: value for each, value in ready.values.items() if each.location == place}


def lower(values: Mapping[str, Any]) -> dict[str, Any]:
    """Headers by their names in lower case, as a Message has them."""
    return {name.lower(): value for name, value in values.items()}


def _shown(values: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not is_secret(name, secrets)}


def _pairs(query: list[str]) -> dict[str, Any]:
    pairs = (item.partition("=")[::2] for item in query)
    return {decoded(name): decoded(value) for name, value in pairs}


def _sent(draft: Draft) -> Any:
    """The body of the request as an answer of its type would be read."""
    return (
        held(draft.body, draft.headers.get("Content-Type", "")) if isinstance(draft.body, bytes) else ABSENT
    )


def held(content: bytes, content_type: str) -> Any:
    """What a body holds; ABSENT where that cannot be looked into."""
    try:
        return decode(content, content_type)
    except Undecodable:
        return ABSENT


def _typed_headers(plan: Plan, reading: Reading, headers: Mapping[str, str]) -> dict[str, Any]:
    documented = reading.answer.headers if reading.answer else ()
    return {each.name: _typed(plan, each, headers[each.name]) for each in documented if each.name in headers}


def _typed(plan: Plan, header: Parameter, raw: str) -> Any:
    try:
        return decode_header(raw, header.name, header.explode, plan.shape(header, "response"), header.style)
    except StyleError:
        return raw
