"""Without a defect the application keeps its document, openapi-core being the judge; each defect is seen."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from werkzeug import Request, Response

from tests.planted.calls import Call, Exchange, differences, made, multipart
from tests.planted.defects import DEFECTS, KINDS
from tests.planted.evidence import BOOK, EVIDENCE, STORY, get, post_book, post_member, put_shelf
from tests.planted.exchange import PATCH, PROBLEM
from tests.planted.serving import DOCUMENT, application, running

pytestmark = pytest.mark.sampled(2)

INVALID = {400, 415, 422}
"""What the application says to a request that the document forbids."""

UNSEEN = {401, 405}
"""Of these openapi-core knows nothing: which credentials are valid, and methods without an operation."""


@cache
def referee() -> OpenAPI:
    """openapi-core, with the document."""
    more = {PROBLEM: json.loads, PATCH: json.loads, "text/csv": bytes.decode}
    return OpenAPI.from_file_path(str(DOCUMENT), Config(extra_media_type_deserializers=more))


def judge(exchange: Exchange) -> None:
    """openapi-core finds nothing in the response, and in the request if the application found nothing.

    Multipart requests are not for it: it checks a file as a text, and a number as the text that was sent.
    """
    exchange.environ["wsgi.input"].seek(0)
    with Request(exchange.environ) as sent:
        asked = WerkzeugOpenAPIRequest(sent)
        if exchange.status not in UNSEEN and sent.mimetype != "multipart/form-data":
            assert bool(_complaint(asked)) == (exchange.status in INVALID), (
                _complaint(asked),
                shown(exchange),
            )
        if exchange.status != 405:
            got = Response(exchange.body, exchange.status, exchange.headers)
            referee().validate_response(asked, WerkzeugOpenAPIResponse(got))


def _complaint(asked: WerkzeugOpenAPIRequest) -> str:
    try:
        referee().validate_request(asked)
    except OpenAPIError as error:
        return f"{error!r} {error.__cause__!r}"
    return ""


@cache
def documented() -> dict[str, set[str]]:
    """The statuses of each operation."""
    paths = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    operations = [each for path in paths.values() for name, each in path.items() if name != "parameters"]
    return {each["operationId"]: set(each["responses"]) for each in operations}


def shown(exchange: Exchange) -> str:
    sent = exchange.environ
    asked = f"{sent['REQUEST_METHOD']} {sent['REQUEST_URI']} {exchange.content!r}"
    return f"{asked}: {exchange.status} {exchange.body!r}"


BEYOND_THE_REFEREE = {
    "accepts-read-only": "readOnly is an annotation to it in OpenAPI 3.1",
    "read-only-is-overwritten": "readOnly is an annotation to it in OpenAPI 3.1",
    "accepts-duplicate-limit": "it takes the first of two values of a parameter",
}
"""Defects in whose calls is a request that openapi-core lets pass, and why."""


# -- without a defect ---------------------------------------------------------------------------------------


def test_the_story_is_what_the_document_says() -> None:
    for exchange in made(application(), STORY):
        judge(exchange)


@pytest.mark.parametrize("name", [each for each in EVIDENCE if each not in BEYOND_THE_REFEREE])
def test_without_the_defect_the_call_that_shows_it_is_answered_as_documented(name: str) -> None:
    *_, last = made(application(), EVIDENCE[name][0])
    judge(last)


def test_the_story_visits_every_operation_with_every_success_and_most_refusals() -> None:
    seen: dict[str, set[str]] = {key: set() for key in documented()}
    app = application()
    for key in app.operations:
        app.operations[key].after.append(lambda _, reply, key=key: seen[key].add(str(reply.status)))
    list(made(app, STORY))
    missed = {key: statuses - seen[key] for key, statuses in documented().items()}
    assert [(key, each) for key, some in missed.items() for each in some if each < "400"] == []
    assert {each for some in seen.values() for each in some} == {
        each for some in documented().values() for each in some
    } - {"405"}


def test_the_same_calls_get_the_same_responses() -> None:
    one, other = (list(made(application(), STORY)) for _ in range(2))
    assert [differences(*pair) for pair in zip(one, other, strict=True)] == ["nothing"] * len(STORY)


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (get("/search?q=%FF"), 422),
        (get("/shelves/%FF"), 422),
        (get("/books/1%2F2"), 422),
        (get("/books/"), 404),
        (Call("POST /contact", "email=%FF", "application/x-www-form-urlencoded"), 400),
        (Call("POST /books", b"\xff"), 400),
        (Call("POST /events", "[NaN]"), 400),
        (Call("POST /events", "[" * 100000), 400),
        (Call("POST /events", '[{"kind": "visit", "at": "0000-02-29T23:59:60z"}]'), 202),
        (Call("POST /books", json.dumps({**BOOK, "copies": 3.0, "title": "\ud800\x00"})), 201),
        (Call("POST /books", BOOK, "application/json; charset=utf-8"), 201),
        (post_member(email='"a b"@[127.0.0.1]'), 201),
        (
            Call("PUT /books/1/cover", *multipart(("", b"1", None), ("", b"2", None), ("file", b"x", "x"))),
            200,
        ),
        (Call("PUT /books/1/cover", *multipart(("file", b"x", None))), 422),
        (Call("PUT /books/1/cover", *multipart(("file", b"x", "x"), ("file", b"y", "y"))), 422),
        (Call("PUT /books/1/cover", b"?", "multipart/form-data"), 400),
    ],
)
def test_what_is_rarely_sent_is_answered_as_documented(call: Call, status: int) -> None:
    """A property of the application alone: openapi-core cannot read most of these."""
    (exchange,) = made(application(), [call])
    assert exchange.status == status, shown(exchange)
    json.loads(exchange.body)


# -- with one -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_defect_is_seen_by_its_calls_alone(name: str) -> None:
    calls, expected = EVIDENCE[name]
    clean, other = (list(made(application(each), calls)) for each in ("", name))
    assert differences(clean[-1], other[-1]) == expected


def test_the_slow_response_is_slow_and_right() -> None:
    call = [get("/admin/audit")]
    begun = time.perf_counter()
    (slow,) = made(application("audit-is-slow"), call)
    assert time.perf_counter() - begun >= 0.5
    (fast,) = made(application(), call)
    assert differences(fast, slow) == "nothing"


def test_each_defect_has_its_row() -> None:
    assert DEFECTS.keys() == {*EVIDENCE, "audit-is-slow"}
    for each in DEFECTS.values():
        assert re.fullmatch(r"[a-z0-9-]+", each.name)
        assert each.kind in KINDS
        assert each.says.endswith(".")
        assert each.source
        assert set(each.at) <= documented().keys()
    assert {each.kind for each in DEFECTS.values()} == set(KINDS)
    assert len(DEFECTS) >= 75


# -- the rows and the socket --------------------------------------------------------------------------------


def test_foreign_rows_are_counted_apart_and_a_reset_brings_them_back() -> None:
    app = application()
    rows, *_ = made(app, [get("/__rows")])
    assert all(rows.value["foreign"][name] for name in ("members", "books", "loans", "shelves"))
    assert rows.value["foreign"] == rows.value["rows"]
    *_, after = made(app, [post_book(), Call("DELETE /shelves/AA-001"), get("/__rows")])
    assert after.value["foreign"] == rows.value["foreign"]
    assert after.value["counts"]["books"] == rows.value["counts"]["books"] + 1
    assert after.value["counts"]["shelves"] == rows.value["counts"]["shelves"] - 1
    *_, again = made(app, [Call("POST /__reset"), get("/__rows")])
    assert again.value == rows.value


@pytest.mark.parametrize("defect", ["", "price-is-text"])
def test_it_runs_on_a_socket_each_time_afresh(defect: str) -> None:
    for _ in range(2):
        with running(defect) as url:
            sent = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
            sent.request(
                "PUT",
                "/shelves/MA-001",
                json.dumps(put_shelf().body),
                {**get("/").credentials, "Content-Type": "application/json"},
            )
            reply = sent.getresponse()
            assert (reply.status, json.load(reply)["code"]) == (201, "MA-001")
            sent.request("GET", "/books/1", headers=get("/").credentials)
            assert isinstance(json.load(sent.getresponse())["price"], str if defect else float)
            sent.close()


def test_it_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "tests.planted", "--defect", "json-as-plain-text"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout
        url = process.stdout.readline().strip()
        sent = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        sent.request("GET", "/status")
        assert sent.getresponse().getheader("Content-Type") == "text/plain"
        sent.close()
    finally:
        process.terminate()
        process.communicate(timeout=10)
