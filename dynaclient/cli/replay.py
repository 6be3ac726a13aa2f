"""`dynaclient replay`: recorded calls, held against a document, or sent again to another server."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient._support.secret_names import reads_secret
from dynaclient.calls.replaying import archive_at
from dynaclient.cli import render
from dynaclient.cli.config import client_of, client_to_read, tell_withheld
from dynaclient.contract.recordings import CheckedExchange, check_archive
from dynaclient.contract.resending import SAFE, ResentExchange, resend, resend_as_it_is
from dynaclient.errors import SettingsError, Violation
from dynaclient.wire.percent import query_names, target_of
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange
from dynaclient.wire.redaction import redacted_url

NOTHING = '{"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}}'
"""A document that describes nothing: requests are sent as they were recorded."""

Rows = list[tuple[str, str, str]]


def replay_file(options: Namespace) -> int:
    """Hold a recording against a document, or send it again; 1 where something breaks or differs."""
    if len(options.given) > 1:
        raise SettingsError(f"{options.given[1]!r} is one argument too many")
    if options.check is not None:
        if options.given or options.server:
            raise SettingsError("--check sends nothing: leave --server and the second NAME out")
        return _check(archive_at(options.recording), options)
    if not options.server:
        raise SettingsError("give --server URL to send it again, or --check NAME to send nothing")
    return _send(archive_at(options.recording), options)


# -- held against a document --------------------------------------------------------------------------


def _check(archive: Archive, options: Namespace) -> int:
    found = check_archive(client_to_read(options, options.check), archive)
    broken = [each for each in found if not each.ok]
    counts = {
        "ok": sum(each.ok and each.is_known for each in found),
        "broken": len(broken),
        "unknown": sum(not each.is_known for each in found),
    }
    if options.json:
        _print_json(map(_checked_json, found), counts)
    else:
        _print_rows([row for each in broken for row in _checked_rows(each)])
        of = pluralize(len(found), "exchange")
        others = f", {counts['unknown']} not of this document" if counts["unknown"] else ""
        render.title(f"of {of} {counts['broken']} broken, {counts['ok']} fine{others}", gap=bool(broken))
    return 1 if broken else 0


def _checked_rows(checked: CheckedExchange) -> Iterator[tuple[str, str, str]]:
    name = checked.operation or checked.exchange.operation or "-"
    for side, violations in (("request", checked.request), ("response", checked.response)):
        for each in violations:
            yield name, _request(checked.exchange), f"{side}: {each}"


def _checked_json(checked: CheckedExchange) -> dict[str, Any]:
    return {
        **_entry(checked.exchange, checked.operation),
        "ok": checked.ok,
        "known": checked.is_known,
        "broken_request": _violations(checked.request),
        "broken_response": _violations(checked.response),
    }


# -- sent again ---------------------------------------------------------------------------------------


def _send(archive: Archive, options: Namespace) -> int:
    if not options.given and any(not each.operation for each in archive.exchanges):
        raise SettingsError(
            "this recording is of another tool: give NAME, the document that says what of it to send"
        )
    if not options.given and (options.credential or options.token_url):
        raise SettingsError(
            "credentials need NAME, the document that says where they go; or -H 'NAME: VALUE'"
        )
    options.document = options.given[0] if options.given else NOTHING
    allowed = None if options.allow_all else (*SAFE, *options.allow)
    with client_of(options) as client:
        tell_withheld(client, client.operations.values())
        found = list((resend if options.given else resend_as_it_is)(client, archive, allowed))
    return _report(found, options)


def _report(found: Sequence[ResentExchange], options: Namespace) -> int:
    sent = [each for each in found if not each.skipped]
    differing = [each for each in sent if not each.ok]
    counts = {
        "same": len(sent) - len(differing),
        "different": len(differing),
        "skipped": len(found) - len(sent),
    }
    if options.json:
        _print_json(map(_resent_json, found), counts)
    else:
        _print_rows([row for each in differing for row in _resent_rows(each)])
        for why, count in Counter(each.skipped for each in found if each.skipped).items():
            render.prose(f"not sent: {pluralize(count, 'request')}: {why}")
        of = pluralize(len(sent), "request")
        render.title(f"of {of} {counts['different']} different, {counts['same']} the same", gap=bool(found))
    return 1 if differing else 0


def _resent_rows(resent: ResentExchange) -> Iterator[tuple[str, str, str]]:
    for each in (*resent.differences, *map(str, resent.violations)):
        yield resent.operation or "-", _request(resent.exchange), each


def _resent_json(resent: ResentExchange) -> dict[str, Any]:
    return {
        **_entry(resent.exchange, resent.operation),
        "status": resent.status,
        "ok": resent.ok,
        "differences": list(resent.differences),
        "violations": _violations(resent.violations),
        "skipped": resent.skipped,
    }


# -- what is shown ------------------------------------------------------------------------------------


def _entry(exchange: RecordedExchange, operation: str) -> dict[str, Any]:
    return {
        "entry": exchange.pointer,
        "operation": operation or exchange.operation,
        "request": _request(exchange),
        "recorded": exchange.response.status if exchange.response is not None else 0,
    }


def _violations(violations: Iterable[Violation]) -> list[dict[str, Any]]:
    return [asdict(each) for each in violations]


def _request(exchange: RecordedExchange) -> str:
    """Method and target; what another tool recorded may hold secrets in its query."""
    url = exchange.request.url
    names = query_names(url.partition("?")[2].partition("#")[0].split("&"))
    shown = redacted_url(url, [name for name in names if reads_secret(name)])
    return f"{exchange.request.method} {target_of(shown)}"


def _print_json(lines: Iterable[dict[str, Any]], counts: dict[str, int]) -> None:
    for each in lines:
        render.payload(json.dumps(each))
    render.payload(json.dumps({"summary": counts}))


def _print_rows(rows: Rows) -> None:
    if not rows:
        return
    if not terminal.is_terminal():
        render.table(("operation", "request", "what is wrong"), rows)
        return
    together: dict[tuple[str, str], list[str]] = {}
    for name, request, wrong in rows:
        together.setdefault((name, request), []).append(wrong)
    render.blocks([(*head, "\n".join(lines)) for head, lines in together.items()], margin=2)
