"""A run that was written as HAR, sent again: the same requests in the same order, judged as before.

What a request took from a response to an earlier one is taken from the response that comes now. Credentials
are those of the client: none stands in the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dynaclient._support.missing import MISSING
from dynaclient.calls.signed_request import SignedRequest
from dynaclient.contract.case import Case, Fault
from dynaclient.contract.identifiers import expressed
from dynaclient.contract.pointers import put_at
from dynaclient.contract.probes import selected
from dynaclient.contract.report import Report
from dynaclient.contract.run_state import Bounds, Over, Progress, Run
from dynaclient.contract.runner import reported
from dynaclient.document.node import tokens
from dynaclient.errors import SettingsError, Violation
from dynaclient.transport.url import origin_of, resolved_url
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange
from dynaclient.wire.redacted_text import REDACTED
from dynaclient.wire.request_builder import RequestDraft

if TYPE_CHECKING:
    from dynaclient.calls.credentials import Credentials
    from dynaclient.client import Client
    from dynaclient.contract.flow import SentCase
    from dynaclient.wire.request import Request

__all__ = ["replay"]


@dataclass(frozen=True, repr=False)
class RecordedCase(Case):
    """A case whose request was written before: `draft` is what is sent."""

    draft: RequestDraft = field(default_factory=lambda: RequestDraft("GET"), compare=False)

    @property
    def is_edited(self) -> bool:
        """It has a request, and no arguments."""
        return True

    def violations(self, client: Client) -> list[Violation]:
        """Nothing: what was sent is as it was."""
        return []

    def prepare(self, client: Client, credentials: Credentials | None = None) -> SignedRequest:
        """The request as it was written, with the server and the credentials of now."""
        signed = self._sender(client, credentials).signed(client.operations[self.operation], self.draft)
        changes = {"method": self.method, "url": self.url}
        return signed.altered(**{name: value for name, value in changes.items() if value})


def replay(
    client: Client,
    har: bytes,
    *,
    checks: Collection[str] = (),
    max_time: float | None = 60.0,
    max_failures: int | None = None,
    max_response_time: float | None = None,
    rate: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    observe: Callable[[SentCase], None] | None = None,
    allow_unchecked: bool = False,
) -> Report:
    """Send the requests of `har`, a file that `dynaclient test --report har=FILE` wrote, and report as `run`.

    Raises SettingsError where it is no such file, UnknownOperation where the document has not its operations.
    """
    archive = _archive(har)
    entries = archive.exchanges
    keys = list(dict.fromkeys(client.operations[each.operation].key for each in entries))
    run = Run(
        client,
        keys,
        seed=int(archive.said.get("seed", 0)),
        checks=selected(checks),
        bounds=Bounds(max_time, max_failures, max_response_time, rate),
        progress=progress,
        observe=observe,
        any_data=True,
    )
    sent: dict[int, SentCase] = {}
    try:
        for each in entries:
            run.phase = str(each.said.get("phase", "replay"))
            run.say(each.operation)
            case = _case(each, archive.server, sent)
            url = _at_home(client.server or "", case.url)
            if url or not case.url:  # else it leads to another server now: nothing is sent there
                sent[each.said["number"]] = run.send(replace(case, url=url))
    except Over:
        pass
    return reported(run, allow_unchecked=allow_unchecked)


def _at_home(server: str, reference: str) -> str:
    """The URL that a response names, where it is one of `server`; empty for any other, and for none."""
    url = resolved_url(server, reference) if reference else ""
    home = origin_of(url) is not None and origin_of(url) == origin_of(server)
    return url if home and "@" not in url.split("/")[2] else ""


def _archive(har: bytes) -> Archive:
    try:
        archive = read_archive(har, "the file")
    except SettingsError:
        archive = Archive(())
    if not isinstance(archive.said.get("seed"), int) or not all(map(_is_ours, archive.exchanges)):
        raise SettingsError("--replay: expected a file that `dynaclient test --report har=FILE` wrote")
    return archive


def _is_ours(exchange: RecordedExchange) -> bool:
    """Whether what an entry says of itself is what a run writes."""
    said = exchange.said
    takes = said.get("takes", {})
    return bool(
        exchange.operation
        and isinstance(said.get("number"), int)
        and isinstance(said.get("fault"), (dict, type(None)))
        and isinstance(takes, dict)
        and all(isinstance(each, dict) and each.keys() >= _TAKEN for each in takes.values())
        and all(isinstance(each["expression"], str) for each in takes.values())
        and all(isinstance(each["entry"], int) for each in takes.values())
    )


_TAKEN = {"entry", "expression", "segment", "value"}
"""What a run says of a value that a response gave."""


def _case(exchange: RecordedExchange, server: str, sent: Mapping[int, SentCase]) -> RecordedCase:
    said = exchange.said
    fault, takes = said.get("fault"), said.get("takes", {})
    known = {name: fault.get(name, "") for name in Fault.__dataclass_fields__} if fault else {}
    return RecordedCase(
        exchange.operation,
        fault=Fault(**known) if known else None,
        reason=str(said.get("reason", "")),
        credentials=str(said.get("credentials", "")),
        method=str(said.get("method", "")),
        url=next((str(new) for place, _, new in _taken(takes, sent) if place == "url"), ""),
        draft=_replaced(recorded_draft(exchange.request, server), takes, sent),
    )


def recorded_draft(request: Request, server: str) -> RequestDraft:
    """What was sent to `server` once, as it can be sent to another one: without what was taken out of it."""
    rest = request.url.removeprefix(server.rstrip("/"))
    target = rest if rest.startswith("/") and server else request.target
    path, _, query = target.partition("?")
    kept = {name: value for name, value in request.fields if value != REDACTED and name.lower() not in _MADE}
    pairs = [each for each in query.split("&") if each and not each.endswith(f"={REDACTED}")]
    return RequestDraft(request.method, path, pairs, kept, body=request.body)


_MADE = ("content-length", "host", "connection", "user-agent", "accept-encoding", "transfer-encoding")
"""Headers that are written for each request."""


def _replaced(draft: RequestDraft, takes: Mapping[str, Any], sent: Mapping[int, SentCase]) -> RequestDraft:
    """`draft` with what responses say now in place of what they said when it was written."""
    for place, old, new in _taken(takes, sent):
        before, after = quote(str(old), safe=""), quote(str(new), safe="")
        if place.startswith("body#") and draft.body:
            value = put_at(json.loads(bytes(draft.body)), tokens(place.removeprefix("body#")), new)  # type: ignore[arg-type]
            draft.body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        elif place.startswith("query."):
            draft.query = [_pair(each, before, after) for each in draft.query]
        elif place.startswith("path."):
            segments = draft.path.split("/")
            draft.path = "/".join(after if each == before else each for each in segments)
    return draft


def _taken(takes: Mapping[str, Any], sent: Mapping[int, SentCase]) -> Iterator[tuple[str, Any, Any]]:
    for place, each in takes.items():
        source = sent.get(each["entry"])
        new = (
            expressed(each["expression"], source, segment=each["segment"]) if source is not None else MISSING
        )
        if new is not MISSING:
            yield place, each["value"], new


def _pair(pair: str, before: str, after: str) -> str:
    name, mark, value = pair.partition("=")
    return f"{name}{mark}{after if value == before else value}"
