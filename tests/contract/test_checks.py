"""The checks, one answer at a time, from a real socket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import CHECKS, Case, Fault, check, complaints
from dynaclient.contract.checks import MALFORMED, NOT_ENFORCED
from dynaclient.contract.generation import maker
from dynaclient.contract.negative import ARRIVES_VALID
from dynaclient.generation.choices import Seeded
from tests.servers import reply
from tests.small import JSON, json_reply, one, said

COUNTED = {"X-Count": {"required": True, "schema": {"type": "integer"}}}
DOCUMENT = one(
    answers={
        "200": said({"type": "array", "items": {"type": "integer"}}, headers=COUNTED),
        "404": said({"type": "object", "required": ["message"]}),
    }
)
GOOD = reply(200, b"[1]", [*JSON, ("X-Count", "1")])
HTML = [("Content-Type", "text/html"), ("X-Count", "1")]
FAULT = Fault("query", "q", "/a", "type", "it is wrong")


def found(answer: bytes, serve: Any, fault: Fault | None = None) -> dict[str, list[str]]:
    case = Case("op", fault=fault)
    response = case.send(Client(DOCUMENT, server=serve(answer).url, retries=0))
    return {name: [str(each) for each in all_] for name, all_ in complaints(case, response).items()}


@pytest.mark.parametrize(
    ("answer", "name", "text"),
    [
        (reply(201, b"[1]", JSON), "status_documented", "undocumented status 201 (documented: 200,"),
        (reply(200, b"[1]", HTML), "content_type_documented", "text/html"),
        (reply(200, b"[1]", JSON), "headers_documented", "X-Count: missing"),
        (reply(200, b"[1]", [*JSON, ("X-Count", "x")]), "headers_documented", "X-Count: "),
        (reply(200, b'["1"]', [*JSON, ("X-Count", "1")]), "body_documented", "body at /0"),
        (reply(200, b"", [("X-Count", "1")]), "body_documented", "got an empty body"),
        (reply(200, b"[", [*JSON, ("X-Count", "1")]), "body_documented", "not JSON"),
        (json_reply({}, 404), "body_documented", "'message' is missing"),
        (json_reply({}, 500), "no_server_error", "server error 500: {}"),
        (json_reply({}, 503), "no_server_error", "server error 503"),
        *[(json_reply({}, status), "valid_is_taken", f"rejected: got {status}") for status in MALFORMED],
    ],
)  # fmt: skip
def test_what_each_check_complains_of(serve: Any, answer: bytes, name: str, text: str) -> None:
    said = found(answer, serve)
    assert list(said) == [name]
    assert text in said[name][0]


@pytest.mark.parametrize("status", [401, 403, 404, 409, 410, 412, 429])
def test_what_depends_on_who_asks_and_what_is_stored_is_no_complaint(serve: Any, status: int) -> None:
    assert found(json_reply({"message": "no"}, status), serve) == {}


def test_a_good_answer(serve: Any) -> None:
    assert found(GOOD, serve) == {}


@pytest.mark.parametrize("status", [400, 401, 404, 415, 422, 499])
def test_a_broken_request_gets_a_4xx(serve: Any, status: int) -> None:
    assert found(json_reply({"message": "no"}, status), serve, FAULT) == {}


@pytest.mark.parametrize("answer", [GOOD, reply(302, b"", [("Location", "/login")])])
def test_a_broken_request_that_is_taken_is_a_complaint_at_its_place(serve: Any, answer: bytes) -> None:
    said = found(answer, serve, FAULT)["broken_is_refused"]
    assert len(said) == 1
    assert said[0].startswith("query q at /a: invalid request accepted: expected 4xx, got ")


def test_a_broken_request_that_is_taken_is_told_once_whatever_the_answer_holds(serve: Any) -> None:
    """What was wrong on the way in comes out again: that is one cause."""
    for answer in (json_reply(["x"]), reply(200, b"[", HTML), reply(201, b"")):
        assert list(found(answer, serve, FAULT)) == ["broken_is_refused"]
        assert "broken_is_refused" not in found(answer, serve)


def test_a_failure_is_told_once_whatever_the_answer_holds(serve: Any) -> None:
    documented = one(answers={"500": said({"type": "object"})})
    client = Client(documented, server=serve(reply(500, b"<h1>", HTML)).url, retries=0)
    assert list(complaints(Case("op"), Case("op").send(client))) == ["no_server_error"]


def test_a_broken_request_that_makes_the_server_fail_is_told_once(serve: Any) -> None:
    assert list(found(json_reply({}, 500), serve, FAULT)) == ["no_server_error"]


@pytest.mark.parametrize(
    "fault",
    [
        *[Fault("query", "q", "", keyword, "") for keyword in NOT_ENFORCED],
        Fault("query", "q", "", "type", "", lost=ARRIVES_VALID),
    ],
)
def test_what_a_server_may_let_pass(serve: Any, fault: Fault) -> None:
    assert found(GOOD, serve, fault) == {}


def test_check_asserts_all_of_them(serve: Any) -> None:
    case = Case("op")
    client = Client(DOCUMENT, server=serve(GOOD, reply(200, b'["1"]', JSON)).url)
    check(case, case.send(client))
    with pytest.raises(AssertionError) as error:
        check(case, case.send(client))
    titles = [line for line in str(error.value).splitlines() if line.startswith("op: ")]
    assert [title.split(": ")[1] for title in titles] == ["headers_documented", "body_documented"]


def test_every_check_has_a_word_in_the_table_of_the_module() -> None:
    from dynaclient.contract import checks

    assert all(f"| {name} |" in (checks.__doc__ or "") for name in CHECKS)
    assert all(each.__doc__ for each in CHECKS.values())


ERROR = {"X-Reason": {"required": True, "schema": {"type": "integer"}}}
LISTED = said({"type": "object"}, headers=ERROR)


@pytest.mark.parametrize(
    ("statuses", "got", "invalid", "complained"),
    [
        (("400", "404"), 409, False, True),
        (("400", "404"), 410, False, True),
        (("404",), 400, True, False),  # nothing is said of invalid requests
        (("404",), 409, True, True),
        (("404", "422"), 400, True, True),
        (("404",), 400, False, False),  # valid_is_taken says so
        (("422",), 404, False, False),  # what a framework lists by itself
        (("401", "403"), 404, False, False),
        (("400", "default"), 404, False, False),
        (("400", "4XX"), 404, False, False),
        ((), 404, False, False),
        (("400", "404"), 404, False, False),
        (("400", "404"), 401, False, False),
        (("400", "404"), 413, True, False),
        (("400", "404"), 415, True, False),
        (("400", "404"), 429, False, False),
        (("400", "404"), 503, False, False),
    ],
)
def test_an_error_status_that_is_not_listed(
    serve: Any, statuses: tuple[str, ...], got: int, invalid: bool, complained: bool
) -> None:
    document = one(answers={"200": said(), **dict.fromkeys(statuses, said())})
    with Client(document, server=serve(reply(got)).url, retries=0) as client:
        case = run_case(client, FAULT if invalid else None)
        assert ("error_status_documented" in complaints(case, case.send(client))) is complained


def run_case(client: Client, fault: Fault | None) -> Case:
    """A case of the run, which knows what is documented."""
    return replace(maker(client).valid("op", Seeded(0)), fault=fault)


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (reply(404, b"{}", [*JSON, ("X-Reason", "1")]), ""),
        (reply(404, b"{}", JSON), "headers_documented"),
        (reply(404, b"{}", [*JSON, ("X-Reason", "x")]), "headers_documented"),
        (reply(404, b"no", [("Content-Type", "text/html"), ("X-Reason", "1")]), "content_type_documented"),
        (reply(404, b"[]", [*JSON, ("X-Reason", "1")]), "body_documented"),
    ],
)
def test_a_documented_error_is_checked_whole(serve: Any, answer: bytes, check: str) -> None:
    with Client(one(answers={"404": LISTED}), server=serve(answer).url, retries=0) as client:
        case = run_case(client, None)
        assert list(complaints(case, case.send(client))) == ([check] if check else [])
