"""A contract test that never got past the question who asks is not green, and says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import Case, run
from dynaclient.contract.case import watched
from dynaclient.contract.reach import unreached
from tests.servers import reply
from tests.small import JSON, json_reply, one

KEYS = {name: {"type": "apiKey", "in": "header", "name": f"X-{name}"} for name in ("first", "second")}
NEEDED = {"security": [{"first": []}]}
EITHER = {"security": [{"first": []}, {"first": [], "second": []}]}
OPTIONAL = {"security": [{"first": []}, {}]}
OPEN: dict[str, Any] = {"security": []}


def client(
    operation: dict[str, Any], *documented: str, server: str = "http://h", **credentials: str
) -> Client:
    """A client of a document with one operation that answers 200 and what is `documented`."""
    answers = {name: {"description": ""} for name in ("200", *documented)}
    tree = one(operation=operation, answers=answers, components={"securitySchemes": KEYS})
    return Client(tree, server=server, credentials=credentials, retries=0)


@pytest.mark.parametrize(
    ("operation", "documented", "credentials", "statuses", "expected"),
    [
        (NEEDED, (), {}, {401}, "returned 401 to every case: give credentials for first (DYNACLIENT_"),
        (NEEDED, (), {}, {403}, "returned 403 to every case: give credentials for first ("),
        (NEEDED, (), {}, {401, 403}, "returned 401 or 403 to every case: give credentials"),
        (NEEDED, ("401", "403"), {}, {401}, "give credentials"),  # documented it is nearly everywhere
        (NEEDED, (), {"second": "k"}, {401}, "give credentials for first"),
        (EITHER, (), {}, {401}, "for first (DYNACLIENT_CREDENTIAL_FIRST), or first ("),
        (
            NEEDED,
            (),
            {"first": "k"},
            {401},
            "though credentials for first were sent: give ones that it takes",
        ),
        (OPTIONAL, (), {}, {401}, "give credentials for first"),
        (OPEN, (), {}, {401}, "give credentials; the document asks for none here"),
        ({}, ("default",), {}, {401}, "the document asks for none here"),
        (NEEDED, (), {"first": "k"}, {403}, ""),  # the server knows who asks
        (OPEN, ("401",), {}, {429}, "returned 429 to every case: raise its rate limit for the test"),
        (NEEDED, (), {"first": "k"}, {401, 429}, "returned 401 or 429 to every case, though credentials"),
        (NEEDED, (), {}, {200, 429}, ""),
        (OPEN, ("401",), {}, {401}, ""),  # a login that refuses passwords made up
        (OPEN, ("4XX",), {}, {401, 403}, ""),
        (OPTIONAL, ("401",), {}, {401}, ""),
        (NEEDED, (), {}, {200, 401}, ""),
        (NEEDED, (), {}, {404}, ""),
        (NEEDED, (), {}, {500}, ""),
        (NEEDED, (), {}, set(), ""),
    ],
)
def test_when_answers_show_nothing(
    operation: Any, documented: Any, credentials: Any, statuses: Any, expected: str
) -> None:
    said = unreached(client(operation, *documented, **credentials), "op", statuses)
    assert said.startswith("not reached: the server") if expected else said == ""
    assert expected in said


def test_a_run_is_not_ok_and_its_breaks_are_told_beside(serve: Any) -> None:
    api = client(NEEDED, server=serve(json_reply({}, 401)).url)
    report = run(api, cases=2)
    (row,) = report.operations
    assert not report.ok
    assert not row.ok
    assert not row.exercised
    assert row.unreached.startswith("not reached: the server returned 401 to every case: give credentials")
    assert report.failures == ()


def test_a_login_that_refuses_is_exercised(serve: Any) -> None:
    report = run(client(OPEN, "401", server=serve(json_reply({}, 401)).url), cases=2)
    assert report.ok
    assert report.operations[0].exercised


def test_credentials_that_are_forbidden_everything_test_nothing(serve: Any) -> None:
    report = run(client(NEEDED, "403", server=serve(json_reply({}, 403)).url, first="k"), cases=2)
    assert report.operations[0].unreached == ""
    assert "returned 403 to every valid request" in report.problem


def test_what_is_sent_is_watched_only_inside(serve: Any) -> None:
    api = client(OPEN, server=serve(reply(200, b"1", JSON)).url)
    case = Case("op")
    case.send(api)
    with watched() as outer:
        case.send(api)
        with watched() as inner:
            case.send(api)
        case.send(api)
    case.send(api)
    assert [len(outer), len(inner)] == [2, 1]
    assert inner == [(api, 200)]


TEST = """
from hypothesis import settings
from dynaclient import Client, contract

ANSWERS = {"200": {"description": ""}, "401": {"description": ""}}
PATHS = {
    f"/{name}": {"get": {"operationId": name, "responses": ANSWERS, "security": security}}
    for name, security in {"closed": [{"key": []}], "login": []}.items()
}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
API = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": PATHS,
       "components": {"securitySchemes": {"key": KEY}}}
api = Client(API, server="{url}")

@contract.cases(api)
def test_valid(case):
    contract.check(case, case.send(api))

@contract.cases(api, only="closed", broken=True)
def test_broken(case):
    if not case.fault.lost:
        contract.check(case, case.send(api))

@settings(max_examples=3)
@contract.cases(api, only="login")
def test_settings_above(case):
    test_settings_above.count = getattr(test_settings_above, "count", 0) + 1
    assert test_settings_above.count < 10

class TestMethod:
    @contract.cases(api, only="closed")
    def test_method(self, case):
        case.send(api)
"""


def test_in_pytest_it_is_a_failure_of_one_sentence(tmp_path: Path, serve: Any) -> None:
    (tmp_path / "test_api.py").write_text(TEST.replace("{url}", serve(json_reply({}, 401)).url))
    words = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    words += ["-k", "not stateful"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "2 failed, 2 passed, 1 skipped" in done.stdout, done.stdout
    due = "closed: not reached: the server returned 401 to every case: give credentials for key ("
    assert done.stdout.count(f"\n{due}") == 2
    for name in ("test_valid[closed]", "TestMethod::test_method[closed]"):
        assert f"FAILED test_api.py::{name}" in done.stdout
    assert "decorator.py" not in done.stdout
