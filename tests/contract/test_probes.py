"""Probes, at a server that is right, at ones that are wrong in one way, and at ones that are right but look
as if they were wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient.contract import run
from dynaclient.contract.checks import CHECKS
from dynaclient.contract.probes import PROBES
from tests.contract.notes import Notes, Reply, probed, serving
from tests.servers import Recorded


def test_a_server_that_is_right() -> None:
    notes = Notes()
    report = probed(notes)
    assert report.failures == ()
    left = {str(number): notes.rows.get(number) for number in range(1, 7)}
    assert json.dumps(left) == notes.foreign  # what was there before is as it was
    assert all(each.skipped == () for each in report.operations)


# -- authentication --------------------------------------------------------------------------------------


class NeedsNoCredential(Notes):
    def is_known(self, request: Recorded) -> bool:
        return super().is_known(request) or request.target.startswith("/notes?") or request.target == "/notes"


class DeletesForAnyone(Notes):
    def is_known(self, request: Recorded) -> bool:
        return super().is_known(request) or request.method == "DELETE"


class TakesAnyKey(Notes):
    def is_known(self, request: Recorded) -> bool:
        return super().is_known(request) or request.header("X-Key") is not None


class TakesAnyToken(Notes):
    def is_known(self, request: Recorded) -> bool:
        return super().is_known(request) or request.header("Authorization") is not None


class TakesOnlyTheKey(Notes):
    def is_known(self, request: Recorded) -> bool:
        return request.header("X-Key") == "my-key"


class SaysForbidden(Notes):
    def unauthorized(self, request: Recorded) -> Reply:
        return 403, None, {}


class LeadsToALogin(Notes):
    def unauthorized(self, request: Recorded) -> Reply:
        return 302, None, {"Location": "/login"}


class HidesWhatIsThere(Notes):
    """As some do: what may not be seen does not exist."""

    def unauthorized(self, request: Recorded) -> Reply:
        return 404, None, {}


class DeletesAndRefuses(Notes):
    def unauthorized(self, request: Recorded) -> Reply:
        if request.method == "DELETE":
            self.rows.pop(int(request.target.rpartition("/")[2]), None)
        return 401, None, {}


# -- methods ---------------------------------------------------------------------------------------------


class TakesAnyMethod(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 200, {}, {}


class KnowsNoOtherMethod(Notes):
    """As http.server of Python does."""

    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 501, None, {}


class ShowsAPage(Notes):
    """The page of an application in the browser, which is there for any address."""

    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 200, {}, {"Content-Type": "text/html"}


class HasNoAllow(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 405, None, {}


class AllowsTooLittle(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 405, None, {"Allow": "GET"}


class AllowsMore(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 405, None, {"Allow": ", ".join([*allowed, "HEAD", "LOCK"])}


class AllowsByConvention(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        if request.method == "OPTIONS":
            return 204, None, {"Allow": ",".join([*allowed, "HEAD", "OPTIONS"]).lower()}
        return 405, None, {"Allow": ",".join([*allowed, "HEAD", "OPTIONS"])}


class Traces(Notes):
    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        if request.method == "TRACE":
            return 200, request.raw.decode(), {"Content-Type": "message/http"}
        return super().not_allowed(request, path, allowed)


class HeadFindsAll(Notes):
    def respond(self, request: Recorded, path: list[str], query: dict[str, str], body: Any) -> Reply:
        return (200, None, {}) if request.method == "HEAD" else super().respond(request, path, query, body)


class HasNoHead(Notes):
    def respond(self, request: Recorded, path: list[str], query: dict[str, str], body: Any) -> Reply:
        if request.method == "HEAD":
            return self.not_allowed(request, path, self.allowed(path))
        return super().respond(request, path, query, body)


# -- state -----------------------------------------------------------------------------------------------


class LosesWhatWasMade(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        del self.rows[row["id"]]
        return super().made(row)


class IsSlowToShow(Notes):
    """A replica that lags behind."""

    def missing(self, method: str, path: list[str]) -> Reply:
        return 404, None, {}

    def get(self, row: dict[str, Any], _: Any) -> Reply:
        first = row.setdefault("seen", 0) == 0
        row["seen"] += 1
        return (404, None, {}) if first else super().get(row, _)


class LocationLeadsNowhere(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        return 201, row, {"Location": f"/note/{row['id']}"}


class LocationOfAnother(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        return 201, row, {"Location": "/notes/1"}


class LocationElsewhere(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        return 201, row, {"Location": f"https://public.example/notes/{row['id']}"}


class RelativeLocation(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        return 201, row, {"Location": f"notes/{row['id']}"}


class TellsAnotherNumber(Notes):
    def made(self, row: dict[str, Any]) -> Reply:
        return 201, {**row, "id": row["id"] + 1000}, {}


class KeepsWhatWasDeleted(Notes):
    def delete(self, row: dict[str, Any], _: Any) -> Reply:
        return 204, None, {}


class MarksWhatWasDeleted(Notes):
    """It is still shown, as deleted."""

    def delete(self, row: dict[str, Any], _: Any) -> Reply:
        row["deleted"] = True
        return 204, None, {}


class DeletesLater(Notes):
    def delete(self, row: dict[str, Any], _: Any) -> Reply:
        return 202, None, {}


class ListsWhatWasDeleted(Notes):
    def __init__(self) -> None:
        super().__init__()
        self.gone: list[dict[str, Any]] = []

    def delete(self, row: dict[str, Any], _: Any) -> Reply:
        self.gone.append(row)
        return super().delete(row, _)

    def listed(self) -> list[dict[str, Any]]:
        return [*self.rows.values(), *self.gone]


class ListsWhatWasThere(Notes):
    def listed(self) -> list[dict[str, Any]]:
        return [each for each in self.rows.values() if each["id"] <= 6]


class DeletesAgain(Notes):
    def missing(self, method: str, path: list[str]) -> Reply:
        return (204 if method == "DELETE" else 404), None, {}


class KeepsMarks(Notes):
    def missing(self, method: str, path: list[str]) -> Reply:
        known = int(path[1]) <= self.last
        return (200, [], {}) if len(path) == 3 and known else super().missing(method, path)


class Remembers(Notes):
    """A mock: whatever is asked for is there."""

    def missing(self, method: str, path: list[str]) -> Reply:
        return (204, None, {}) if method == "DELETE" else (200, {"text": "note", "kind": "memo"}, {})


# -- lists -----------------------------------------------------------------------------------------------


class IgnoresLimit(Notes):
    def page(self, query: dict[str, str]) -> Reply:
        return super().page({**query, "limit": "100"})


class IgnoresPage(Notes):
    def page(self, query: dict[str, str]) -> Reply:
        return super().page({**query, "page": "1"})


class IgnoresKind(Notes):
    def page(self, query: dict[str, str]) -> Reply:
        return super().page({name: value for name, value in query.items() if name != "kind"})


class InvertsKind(Notes):
    def page(self, query: dict[str, str]) -> Reply:
        return super().page({**query, **({"kind": "memo"} if query.get("kind") == "list" else {})})


# -- writes ----------------------------------------------------------------------------------------------


class CutsTexts(Notes):
    def stored(self, body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        return {**body, **own, "text": body["text"][:20]}


class PutIsNotStored(Notes):
    def put(self, row: dict[str, Any], body: Any) -> Reply:
        reply = super().put(row, body)
        self.rows[row["id"]] = row
        return reply


class SetsKind(Notes):
    """What the server sets by itself, though the document does not say so."""

    def stored(self, body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        return {**body, **own, "kind": "memo", "slug": f"s{self.last}"}


class WritesItsOwnWay(Notes):
    """The same, written in another way."""

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        tags = {"tags": sorted(row["tags"])} if row.get("tags") else {"tags": None}
        at = {"at": row["at"].replace("Z", "+00:00")} if "at" in row else {}
        return {**row, **tags, **at, "text": row["text"].strip(), "more": {"by": "server"}}


class AddsItems(Notes):
    """What the server adds to an array, in an order of its own."""

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "tags": ["server", *reversed(row.get("tags") or [])]}


class KeepsOldItems(Notes):
    """An array that grows from one body to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def stored(self, body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        old = self.tags[:3]
        self.tags += body.get("tags") or []
        return {**body, **own, "tags": [*old, *(body.get("tags") or [])]}


class PatchLosesTheRest(Notes):
    def patch(self, row: dict[str, Any], body: Any) -> Reply:
        reply = super().patch(row, body)
        kept = {name: value for name, value in reply[1].items() if name in {*body, "id", "kind", "text"}}
        self.rows[row["id"]] = kept
        return reply


class TakesReadOnly(Notes):
    def put(self, row: dict[str, Any], body: Any) -> Reply:
        reply = super().put(row, body)
        if reply[0] == 200 and "madeAt" in body:
            self.rows[row["id"]]["madeAt"] = body["madeAt"]
        return reply


class MakesReadOnly(Notes):
    def stored(self, body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        return {**own, **body, "id": own["id"]}


class RefusesReadOnly(Notes):
    def is_valid(self, body: Any, needed: Any = ("text", "kind")) -> bool:
        return super().is_valid(body, needed) and "madeAt" not in body


class Disagrees(Notes):
    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        self.reads += 1
        return {**row, "stock": self.reads % 2}


class Counts(Notes):
    """What changes with each read, and says so."""

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        self.reads += 1
        return {**row, "views": self.reads, "now": f"2026-01-01T00:00:{self.reads % 60:02}Z"}


class EtagStays(Notes):
    def etag(self, row: dict[str, Any]) -> str:
        return f'"{row["id"]}"'


class PutSays200(Notes):
    def put_status(self, code: str) -> int:
        return 200


class TakesTwice(Notes):
    def conflict(self, body: Any) -> Reply:
        self.last = self.next()
        self.rows[self.last] = self.stored(body, {"id": self.last})
        return self.made(self.rows[self.last])


class GivesWhatIsThere(Notes):
    """The same request gives the same thing: it is idempotent."""

    def conflict(self, body: Any) -> Reply:
        return self.made(next(each for each in self.rows.values() if each.get("slug") == body["slug"]))


class NumbersTwice(Notes):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def next(self) -> int:
        self.count += 1
        return 7 + self.count // 2


class NumbersChipsAgain(Notes):
    """A page of chips begins with the last one of that before."""

    def cursor(self, found: list[int]) -> int:
        return found[-1] - 1


class PagesOverlap(Notes):
    """Each page begins one item after that before."""

    def page(self, query: dict[str, str]) -> Reply:
        limit, page = int(query.get("limit", 20)), int(query.get("page", 1))
        return 200, {"items": self.listed()[page - 1 : page - 1 + limit], "total": len(self.rows)}, {}


class CountsThePage(Notes):
    def total(self, found: list[dict[str, Any]], shown: list[dict[str, Any]]) -> int:
        return len(shown)


class AscendsOnly(Notes):
    def ordered(self, found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
        return super().ordered(found, by.removeprefix("-"))


class HasEqualTexts(Notes):
    """Where all are equal, both orders are one."""

    def listed(self) -> list[dict[str, Any]]:
        return [{**each, "text": "alike"} for each in super().listed()]


class HasNoTexts(Notes):
    """What has no value is the last in both orders."""

    def listed(self) -> list[dict[str, Any]]:
        return [{**each, "text": None} for each in super().listed()[:-1]] + super().listed()[-1:]

    def ordered(self, found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
        return sorted(found, key=lambda each: each["text"] is None) if by else found


class ItemsHaveTotals(Notes):
    """What an item has is no total of the list."""

    def page(self, query: dict[str, str]) -> Reply:
        status, data, headers = super().page(query)
        return status, {"items": [{**each, "total": 1} for each in data["items"]]}, headers


class ListsTwice(Notes):
    """What was replaced is added again."""

    def __init__(self) -> None:
        super().__init__()
        self.again: list[int] = []

    def put(self, row: dict[str, Any], body: Any) -> Reply:
        self.again.append(row["id"])
        return super().put(row, body)

    def listed(self) -> list[dict[str, Any]]:
        return [*super().listed(), *(self.rows[each] for each in self.again if each in self.rows)]


class KeepsMarksOfTheDeleted(Notes):
    def mark(self, note: int, number: int) -> Reply:
        return (200, {"id": number}, {}) if (note, number) in self.marks else (404, None, {})


class AnyNoteHasMarks(Notes):
    """A mark of anything is there, as a value by default."""

    def mark(self, note: int, number: int) -> Reply:
        return 200, {"id": number}, {}


class DropsChipsAgain(Notes):
    def drop(self, number: int) -> Reply:
        return (204 if number <= len(self.chips) + 9 else 404), None, {}


class IgnoresIfMatch(Notes):
    def changed(self, row: dict[str, Any], body: Any) -> Reply:
        return self.put(row, body)


CASES: list[tuple[type[Notes], str, str]] = [
    (NeedsNoCredential, "authentication_enforced", "listNotes"),
    (DeletesForAnyone, "authentication_enforced", "dropNote"),
    (TakesAnyKey, "authentication_enforced", "listNotes"),
    (TakesAnyToken, "authentication_enforced", "listNotes"),
    (SaysForbidden, "authentication_enforced", "listNotes"),
    (LeadsToALogin, "authentication_enforced", "listNotes"),
    (DeletesAndRefuses, "authentication_enforced", "dropNote"),
    (HidesWhatIsThere, "authentication_enforced", ""),
    (TakesOnlyTheKey, "alternatives_accepted", "listNotes"),
    (Notes, "alternatives_accepted", ""),
    (TakesAnyMethod, "methods_documented", "listNotes"),
    (KnowsNoOtherMethod, "methods_documented", ""),
    (KnowsNoOtherMethod, "no_server_error", ""),
    (ShowsAPage, "methods_documented", ""),
    (HasNoAllow, "allow_is_true", "listNotes"),
    (AllowsTooLittle, "allow_is_true", "listNotes"),
    (AllowsByConvention, "allow_is_true", ""),
    (KnowsNoOtherMethod, "allow_is_true", ""),
    (AllowsMore, "allow_documented", "listNotes"),
    (AllowsByConvention, "allow_documented", ""),
    (Traces, "trace_off", "listNotes"),
    (Traces, "methods_documented", ""),
    (TakesAnyMethod, "trace_off", ""),
    (HeadFindsAll, "head_as_get", "readNote"),
    (HasNoHead, "head_as_get", ""),
    (LosesWhatWasMade, "created_is_readable", "readNote"),
    (IsSlowToShow, "created_is_readable", ""),
    (LocationLeadsNowhere, "location_leads_somewhere", "makeNote"),
    (LocationOfAnother, "location_leads_somewhere", "makeNote"),
    (LocationElsewhere, "location_leads_somewhere", ""),
    (RelativeLocation, "location_leads_somewhere", ""),
    (TellsAnotherNumber, "links_lead_somewhere", "readNote"),
    (IsSlowToShow, "links_lead_somewhere", ""),
    (KeepsWhatWasDeleted, "use_after_delete", "readNote"),
    (MarksWhatWasDeleted, "use_after_delete", ""),
    (DeletesLater, "use_after_delete", ""),
    (Remembers, "use_after_delete", ""),
    (ListsWhatWasDeleted, "deleted_not_listed", "listNotes"),
    (MarksWhatWasDeleted, "deleted_not_listed", ""),
    (ListsWhatWasThere, "created_is_listed", "listNotes"),
    (IsSlowToShow, "created_is_listed", ""),
    (DeletesAgain, "second_delete_documented", "dropNote"),
    (Remembers, "second_delete_documented", ""),
    (KeepsMarks, "users_after_delete", "listMarks"),
    (Remembers, "users_after_delete", ""),
    (IgnoresLimit, "limit_holds", "listNotes"),
    (IgnoresPage, "limit_holds", ""),
    (IgnoresPage, "pages_differ", "listNotes"),
    (IgnoresLimit, "pages_differ", ""),
    (NumbersChipsAgain, "pages_differ", "listChips"),
    (PagesOverlap, "pages_differ", "listNotes"),
    (CountsThePage, "total_holds", "listNotes"),
    (IgnoresLimit, "total_holds", ""),
    (AscendsOnly, "sort_holds", "listNotes"),
    (HasEqualTexts, "sort_holds", ""),
    (HasNoTexts, "sort_holds", ""),
    (ItemsHaveTotals, "total_holds", ""),
    (ListsTwice, "listed_once", "listNotes"),
    (IsSlowToShow, "listed_once", ""),
    (KeepsMarksOfTheDeleted, "children_after_delete", "readMark"),
    (AnyNoteHasMarks, "children_after_delete", ""),
    (Remembers, "children_after_delete", ""),
    (DropsChipsAgain, "second_delete_documented", "dropChip"),
    (IgnoresIfMatch, "if_match_holds", "putNote"),
    (RefusesReadOnly, "if_match_holds", ""),
    (IgnoresKind, "filter_holds", "listNotes"),
    (InvertsKind, "filter_holds", "listNotes"),
    (Remembers, "limit_holds", ""),
    (CutsTexts, "written_is_read", "makeNote"),
    (PutIsNotStored, "written_is_read", "putNote"),
    (SetsKind, "written_is_read", ""),
    (WritesItsOwnWay, "written_is_read", ""),
    (AddsItems, "written_is_read", ""),
    (KeepsOldItems, "written_is_read", "makeNote"),
    (Remembers, "written_is_read", ""),
    (PatchLosesTheRest, "patch_keeps_the_rest", "patchNote"),
    (SetsKind, "patch_keeps_the_rest", ""),
    (TakesReadOnly, "read_only_is_kept", "putNote"),
    (MakesReadOnly, "read_only_is_kept", "makeNote"),
    (RefusesReadOnly, "read_only_is_kept", ""),
    (RefusesReadOnly, "valid_is_taken", ""),
    (Disagrees, "reads_agree", "readNote"),
    (Counts, "reads_agree", ""),
    (EtagStays, "etag_changes", "readNote"),
    (PutSays200, "creation_says_201", "putShelf"),
    (TakesTwice, "duplicate_refused", "makeNote"),
    (GivesWhatIsThere, "duplicate_refused", ""),
    (NumbersTwice, "identifiers_differ", "makeNote"),
    (GivesWhatIsThere, "identifiers_differ", ""),
]
"""A server, a check, and the operation that it is to complain of: empty for none."""


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("variant", "check", "operation"), CASES, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_server_and_a_check(variant: type[Notes], check: str, operation: str) -> None:
    found = probed(variant(), check).failures
    assert ({operation} if operation else set()) <= {each.operation for each in found}
    assert bool(found) is bool(operation), found
    probe = PROBES.get(check)
    assert all(each.suspicion is (probe is not None and probe.suspicion) for each in found)


def test_every_probe_has_a_server_that_it_complains_of() -> None:
    asked = {name for name, each in PROBES.items() if each.of_operation or each.of_resource}
    assert {check for _, check, operation in CASES if operation} == asked
    assert set(PROBES).isdisjoint(CHECKS)
    assert all(each.reason for each in PROBES.values())


def test_without_credentials_nothing_is_said_of_them() -> None:
    report = probed(NeedsNoCredential(), "authentication_enforced", credentials={})
    assert report.failures == ()
    assert all("not checked" in each.skipped[0] for each in report.operations)


def test_no_deletion_is_sent_where_deletions_are_left_out() -> None:
    sent = []
    with serving(Notes()) as client:
        run(client, phases=["stateful"], delete=False, observe=lambda each: sent.append(each.case))
    keys = {each.operation for each in sent}
    assert "readNote" in keys
    assert "dropNote" not in keys
    assert "DELETE" not in {each.method for each in sent}
