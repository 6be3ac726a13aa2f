"""The runner, against servers written by hand: what each breaks is named, and the command shows it again."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, ConnectError, SettingsError, UnknownOperation
from dynaclient.contract import Progress, Report, run
from dynaclient.contract.case import anywhere
from dynaclient.contract.flow import SentCase
from tests.contract.shop import SHOP, Answer, HandWritten, Serve, accepts_all, right
from tests.servers import HANG_UP, Recorded, closed_port, dripping, reply


def leaves_out_a_required_property(method: str, *rest: Any) -> Answer:
    status, body = right(method, *rest)
    return (status, {"id": body["id"]}) if method == "GET" and status == 200 else (status, body)


def answers_a_wrong_type(method: str, *rest: Any) -> Answer:
    status, body = right(method, *rest)
    if method == "GET" and status == 200:
        body["entries"][0]["price"] = "1.50"
    return status, body


def fails_on_an_empty_list(method: str, name: str, query: Any, body: Any) -> Answer:
    if isinstance(body, dict) and body.get("entries") == []:
        return 500, {"error": "list index out of range"}
    return right(method, name, query, body)


def refuses_what_is_valid(method: str, name: str, query: Any, body: Any) -> Answer:
    status, answer = right(method, name, query, body)
    return (400, {"error": "no notes, please"}) if "note" in (body or ()) else (status, answer)


def answers_an_unlisted_status(method: str, *rest: Any) -> Answer:
    status, answer = right(method, *rest)
    return (202, answer) if status == 201 else (status, answer)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Any]:
    """Runs the cases against a server made of a function."""
    path = tmp_path / "my shop.json"
    path.write_text(json.dumps(SHOP))
    servers = []

    def start(answer: Serve, **settings: Any) -> Report:
        server = HandWritten(answer)
        servers.append(server)
        server.__enter__()
        with Client(str(path), server=server.url) as client:
            return run(client, **settings)

    yield start
    for server in servers:
        server.__exit__()


def broken(report: Report) -> set[tuple[str, str, str, str, str]]:
    return {
        (each.operation, each.check, each.where, each.name, anywhere(each.pointer))
        for each in report.failures
    }


def test_a_server_that_keeps_its_contract(shop: Any) -> None:
    report = shop(right, cases=60)
    assert report.failures == ()
    assert report.ok
    assert [(each.operation, each.exercised) for each in report.operations] == [
        ("getList", True), ("makeList", True)
    ]  # fmt: skip
    assert all(each.valid >= 30 and each.broken >= 3 for each in report.operations)
    assert [set(each.statuses) for each in report.operations] == [{200}, {201}]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (leaves_out_a_required_property, ("getList", "body_documented", "body", "body", "")),
        (answers_a_wrong_type, ("getList", "body_documented", "body", "body", "/entries/0/price")),
        (fails_on_an_empty_list, ("makeList", "no_server_error", "status", "500", "")),
        (accepts_all, ("makeList", "broken_is_refused", "body", "body", "/entries/0/amount")),
        (accepts_all, ("makeList", "broken_is_refused", "body", "body", "")),
        (accepts_all, ("getList", "broken_is_refused", "query", "top", "")),
        (refuses_what_is_valid, ("makeList", "valid_is_taken", "status", "400", "")),
        (answers_an_unlisted_status, ("makeList", "status_documented", "status", "202", "")),
    ],
)
def test_what_a_server_breaks_is_named(shop: Any, answer: Serve, expected: tuple[str, ...]) -> None:
    report = shop(answer, cases=60)
    assert not report.ok
    assert expected in broken(report)
    assert {each[1] for each in broken(report)} == {expected[1]}  # and nothing else is claimed


def test_each_result_prints_on_one_line(shop: Any) -> None:
    report = shop(fails_on_an_empty_list, cases=60)
    (found,) = report.failures
    assert repr(report).startswith("<Report 2 of 2 operations exercised with ")
    assert repr(report.operations[1]).endswith(" invalid: 1 failure>")
    assert repr(found).startswith("<Failure makeList: no_server_error: server error 500")
    assert all("\n" not in repr(each) and len(repr(each)) < 200 for each in (report, found))


def test_a_break_is_told_once_with_the_smallest_case(shop: Any) -> None:
    (found,) = shop(fails_on_an_empty_list, cases=60).failures
    assert found.case.body == {"entries": []}
    assert "list index out of range" in found.message
    (found,) = shop(refuses_what_is_valid, cases=60).failures
    assert found.case.body["entries"] == []
    assert len(found.case.body["note"]) <= 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (leaves_out_a_required_property, 1),
        (answers_a_wrong_type, 1),
        (fails_on_an_empty_list, 1),
        (refuses_what_is_valid, 1),
        (answers_an_unlisted_status, 1),
        (accepts_all, 0),  # taken, though the command line itself refuses to send it unasked: 3
    ],
)
def test_the_command_shows_the_break_again(
    shop: Any, answer: Serve, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from dynaclient.cli.main import main

    for found in shop(answer, cases=60).failures:
        words = shlex.split(found.command)
        assert words[:2] == ["dynaclient", "call"]
        assert main(words[1:]) == code, found.command
        if found.check == "broken_is_refused":
            at = words.index("--validate")
            assert main([*words[1:at], *words[at + 2 :]]) == 3, found.command
    capsys.readouterr()


def test_the_same_seed_gives_the_same_run(shop: Any) -> None:
    def seen(report: Report) -> list[tuple[str, str]]:
        return [(str(each.case), each.message) for each in report.failures]

    first, again, other = (shop(accepts_all, seed=seed) for seed in (1, 1, 2))
    assert seen(first) == seen(again) != seen(other)


def echoes(method: str, name: str, query: Any, body: Any) -> Answer:
    """Whatever comes, and some of it in the answer."""
    if method == "GET":
        return right(method, name, {}, body)
    entries = body.get("entries") if isinstance(body, dict) else None
    return 201, {"count": len(entries) if isinstance(entries, list) else entries}


def test_one_cause_is_told_once(shop: Any) -> None:
    """Entries that are no list come back as a count that is no number: the server took what it should not."""
    assert {each.check for each in shop(echoes, cases=60).failures} == {"broken_is_refused"}


def test_only_and_progress(shop: Any) -> None:
    seen: list[Progress] = []
    for only, keys in {
        "getList": ["getList"],
        "make*": ["makeList"],
        "post /": ["makeList"],
        "list": ["getList", "makeList"],
    }.items():
        seen.clear()
        report = shop(right, only=only, cases=2, phases=["random"], progress=seen.append)
        assert sorted(each.operation for each in seen) == keys
        assert [each.operation for each in report.operations] == keys
    several = {"skip": "get*"}, {"only": ["getList", "makeList"], "skip": ["GET /"]}
    for settings in several:
        assert [each.operation for each in shop(right, cases=2, **settings).operations] == ["makeList"]
    with pytest.raises(UnknownOperation, match="no operation to be tested"):
        shop(right, skip="list")
    for wrong in (5, [5]):
        with pytest.raises(SettingsError, match=r"skip: expected a pattern .* got an integer"):
            shop(right, skip=wrong)
    with pytest.raises(UnknownOperation, match="no operation fits 'getLits'") as error:
        shop(right, only="getLits")
    assert error.value.near == ("getList",)
    with pytest.raises(UnknownOperation, match="no operation fits 'getLits'"):
        shop(right, skip="getLits")  # or it would be called


def test_cases_count_both_kinds(shop: Any) -> None:
    report = shop(right, cases=1, phases=["random"])
    assert {each.broken for each in report.operations} == {0}
    assert report.operations[0].valid == 1  # of makeList one more: getList needs a list


def test_a_server_that_wants_credentials(shop: Any) -> None:
    report = shop(lambda *_: (401, {"error": "who are you?"}))
    assert not report.ok
    assert report.failures == ()
    assert "the server returned 401 to every valid request" in report.problem


def test_a_server_that_answers_nonsense_on_the_way(shop: Any) -> None:
    report = shop(lambda method, *rest: (200, b"{") if method == "GET" else right(method, *rest))
    assert {(each.operation, each.check) for each in report.failures} == {("getList", "body_documented"), (
        "getList", "broken_is_refused")}  # fmt: skip
    assert all(each.case.fault is None for each in report.failures if each.check == "body_documented")


def test_no_server() -> None:
    with pytest.raises(ConnectError) as error:
        run(Client(SHOP, server=f"http://127.0.0.1:{closed_port()}", retries=0))
    assert not error.value.sent
    with pytest.raises(SettingsError, match="give server="):
        run(Client("talon-one-integration"))


def test_a_server_that_hangs_up_on_one_operation(serve: Any) -> None:
    def answer(request: Any) -> Any:
        kept = b'{"id": "a", "entries": []}'
        return (
            reply(200, kept, [("Content-Type", "application/json")]) if request.method == "GET" else HANG_UP
        )

    report = run(Client(SHOP, server=serve(answer).url, retries=0), cases=1, phases=["random"])
    (found,) = report.failures
    assert (found.operation, found.check) == ("makeList", "answers")
    assert "the server closed the connection before its response was complete" in found.message
    assert report.operations[0].ok


def test_the_very_first_operation_may_be_the_one(serve: Any) -> None:
    client = Client(SHOP, server=serve(HANG_UP).url, retries=0)
    with pytest.raises(ConnectError) as error:
        client.get_list("a")
    assert error.value.sent
    report = run(client, cases=2)
    assert [(each.operation, each.check) for each in report.failures] == [
        ("getList", "answers"), ("makeList", "answers")
    ]  # fmt: skip
    assert str(report.failures[0]).startswith("getList: answers: GET http://")


def test_what_was_found_before_the_server_was_gone_is_told() -> None:
    """It ends when it is asked for a list, as one that crashes does."""
    left: list[HandWritten] = []

    def crashes(method: str, *rest: Any) -> Answer:
        if method == "GET":
            left[0]._server.socket.close()
            left[0]._server.handle_error = lambda *_: None
            raise ConnectionAbortedError
        return right(method, *rest)

    paths = {"/early": SHOP["paths"]["/lists"], **SHOP["paths"], "/late": SHOP["paths"]["/lists"]}
    with HandWritten(crashes) as server, Client({**SHOP, "paths": paths}, server=server.url) as client:
        left.append(server)
        seen: list[Progress] = []
        report = run(client, cases=4, phases=["random"], progress=seen.append)
    assert not report.ok
    assert [each.operation for each in seen] == ["POST /lists", "getList"]
    assert [each.verdict for each in report.operations] == ["not tested", "1 failure", "ok", "not tested"]
    (found,) = report.failures  # the one that ended it, not the next, which found nobody
    assert "closed the connection before its response was complete" in found.message
    assert found.case.fault is None
    assert report.problem == "the server is gone since getList"


def test_a_server_that_hangs_costs_one_timeout_for_each_operation(serve: Any) -> None:
    server = serve(dripping(reply(length=1000), b" "))
    report = run(Client(SHOP, server=server.url, timeout=0.5, retries=0), only="make*", cases=20)
    (found,) = report.failures
    assert found.check == "answers"
    assert len(server.requests) == 1
    assert (report.operations[0].valid, report.operations[0].broken) == (1, 0)
    assert not report.ok


NOW, JSON = ("Retry-After", "0"), ("Content-Type", "application/json")
FIRST = {
    "a failure that heals": (reply(503, b"", [NOW]), {"no_server_error"}, 0),
    "a connection that is lost": (HANG_UP, {"answers"}, 0),
    "too many requests": (reply(429, b"", [NOW]), set[str](), 2),
    "too many requests, nobody knows for how long": (reply(429), set[str](), 1),
}


def keeps(request: Any) -> bytes:
    if request.method == "GET":
        return reply(200, b'{"id": "a", "entries": []}', [JSON])
    return reply(201, b'{"count": 1}', [JSON])


@pytest.mark.parametrize("kind", FIRST)
@pytest.mark.parametrize("operation", ["getList", "makeList"])
def test_a_failure_is_seen_and_not_repeated_until_it_heals(kind: str, operation: str, serve: Any) -> None:
    """But a server may slow a run down."""
    answer, checks, asked = FIRST[kind]
    server = serve(answer, keeps)
    with Client(SHOP, server=server.url) as client:
        report = run(client, only=operation, cases=1, phases=["random"])
    assert {each.check for each in report.failures} == checks
    if not checks:
        assert [each.raw for each in server.requests] == [server.requests[0].raw] * asked


class KeepsFor:
    """A server that closes a connection which was idle for so many seconds, and does so when the next
    request is on its way already."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until: dict[int, float] = {}
        self.closed = 0

    def __call__(self, request: Recorded) -> Any:
        now = time.monotonic()
        if now >= self.until.get(request.connection, now + 1):
            self.closed += 1
            return HANG_UP
        self.until[request.connection] = now + self.seconds
        return keeps(request)


def test_a_kept_connection_that_a_server_closes_while_idle_is_no_failure(serve: Any) -> None:
    """It may close it as a request arrives (RFC 9112 section 9.5), and a run repeats nothing."""
    keeping = KeepsFor(2.0)
    server, sent = serve(keeping), list[SentCase]()

    def slow(exchange: SentCase) -> None:  # as on a machine that has other things to do
        sent.append(exchange)
        if len(sent) == 1:
            time.sleep(2.1)

    with Client(SHOP, server=server.url) as client:
        report = run(client, cases=2, phases=["random"], observe=slow)
    assert "answers" not in {each.check for each in report.failures}
    assert (keeping.closed, server.connections) == (0, 2)
    assert len(server.requests) == len(sent)


@pytest.mark.parametrize("transport", [None, "urllib3"])
def test_a_connection_that_a_server_closes_behind_its_error_is_one_failure(
    serve: Any, transport: Any
) -> None:
    """uvicorn sends the 500 of an application that raised, closes, and does not say so."""
    closed: set[int] = set()

    def fails(request: Recorded) -> Any:
        if request.connection in closed:
            return HANG_UP
        if request.method == "GET":
            return keeps(request)
        closed.add(request.connection)
        return reply(500, b"{}", [JSON])

    server = serve(fails)
    with Client(SHOP, server=server.url, transport=transport) as client:
        report = run(client, cases=6, phases=["random"])
    checks = {each.check for each in report.failures}
    assert "no_server_error" in checks
    assert "answers" not in checks
    assert 1 < len(closed) <= server.connections < len(server.requests)


def test_a_connection_that_is_closed_behind_a_response_that_does_not_say_so_is_a_failure(serve: Any) -> None:
    """A connection without a second to itself is of no use; a server that keeps none says so."""
    keeping = KeepsFor(0.0)
    with Client(SHOP, server=serve(keeping).url) as client:
        report = run(client, cases=2, phases=["random"])
    assert {each.check for each in report.failures} == {"answers"}
    assert "the server closed the connection before its response was complete" in report.failures[0].message
    assert keeping.closed


def test_a_server_that_says_that_it_closes_a_connection_is_fine(serve: Any) -> None:
    def closes(request: Recorded) -> Any:
        return [keeps(request).replace(b"\r\n", b"\r\nConnection: close\r\n", 1), HANG_UP]

    server = serve(closes)
    with Client(SHOP, server=server.url) as client:
        report = run(client, cases=2, phases=["random"])
    assert "answers" not in {each.check for each in report.failures}
    assert server.connections == len(server.requests) > 1


def test_an_operation_with_a_server_of_its_own_that_is_gone_is_one_break(serve: Any) -> None:
    elsewhere = {**SHOP["paths"]["/lists"], "servers": [{"url": f"http://127.0.0.1:{closed_port()}"}]}
    paths = {"/lists": elsewhere, **{key: each for key, each in SHOP["paths"].items() if key != "/lists"}}
    with Client({**SHOP, "servers": [{"url": serve(keeps).url}], "paths": paths}) as client:
        report = run(client, cases=1, phases=["random"])
    assert [(each.operation, each.check) for each in report.failures] == [("makeList", "answers")]
    assert [each.operation for each in report.operations] == ["makeList", "getList"]
    assert report.problem == ""


def test_an_operation_without_a_valid_case_is_not_tried_and_said_so(shop: Any, tmp_path: Path) -> None:
    paths = {
        **SHOP["paths"],
        "/bad": {
            "get": {
                "operationId": "bad",
                "parameters": [{"name": "q", "in": "query", "required": True, "schema": {"not": {}}}],
                "responses": {},
            }
        },
    }
    with HandWritten(right) as server, Client({**SHOP, "paths": paths}, server=server.url) as client:
        report = run(client, cases=2)
    assert [each.exercised for each in report.operations] == [True, True, False]
    (untried,) = report.unchecked
    assert untried.pointer == "/paths/~1bad/get"
    assert untried.message.startswith("no valid request was found: bad: query.q: ")
    assert (report.failed, report.ok) == (False, False)
