"""The request as it is sent: frozen, ours, and as requests has it."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import requests

import dynaclient
from dynaclient import Client
from dynaclient.transport.prepare import as_prepared
from dynaclient.wire.request import Request
from tests.conftest import Serve
from tests.small import json_reply, one, param

URL = "https://user:s3cr3t@a.example/x%2fy?key=s3cr3t#part"
REQUEST = Request("PUT", URL, (("X-Key", "s3cr3t"), ("Content-Length", "2")), b"{}")


@pytest.mark.parametrize("name", ["method", "url", "fields", "body", "headers", "target"])
def test_nothing_changes_it(name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(REQUEST, name, "other")
    with pytest.raises(TypeError):
        REQUEST.headers["X-Key"] = "other"  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (URL, "/x%2fy?key=s3cr3t"),
        ("http://a.example", "/"),
        ("http://a.example?b=/c", "/?b=/c"),
        ("http://a.example//b/%zz?", "//b/%zz?"),
    ],
)
def test_the_target_is_what_the_url_has(url: str, target: str) -> None:
    assert Request("GET", url).target == target


def test_headers_have_names_in_any_case() -> None:
    assert (REQUEST.headers["x-key"], REQUEST.headers.get("Nope"), len(REQUEST.headers)) == (
        "s3cr3t",
        None,
        2,
    )


def test_its_repr_holds_no_secret() -> None:
    assert repr(REQUEST) == "<Request PUT https://a.example/x%2fy>"
    assert "s3cr3t" not in f"{REQUEST} {[REQUEST]}"


def test_requests_of_the_same_text_are_equal() -> None:
    assert Request("PUT", URL, REQUEST.fields, b"{}", native=object()) == REQUEST
    assert REQUEST.altered(method="POST") != REQUEST


def test_as_requests_has_it_and_back() -> None:
    prepared = as_prepared(REQUEST)
    assert (prepared.method, prepared.url, prepared.body) == ("PUT", URL, b"{}")
    assert dict(prepared.headers) == dict(REQUEST.fields)
    assert Request.of(prepared, keep=False) == REQUEST
    assert Request.of(requests.Request("GET", "http://a.example/").prepare()).url == "http://a.example/"


def test_header_values_in_bytes_and_a_body_of_text_are_read_as_they_are_sent() -> None:
    prepared = requests.PreparedRequest()
    prepared.prepare("POST", "http://a.example/", {"X": b"\xe9"}, data="\xe9")
    made = Request.of(prepared)
    assert (made.headers["X"], made.body, made.native) == ("\xe9", "\xe9".encode(), prepared)


def test_an_altered_one_takes_what_a_session_made_of_it_along() -> None:
    prepared = requests.Request("GET", "http://a.example/", hooks={"response": [print]}).prepare()
    made = Request.of(prepared).altered(method="TRACE")
    assert (made.method, made.native.method, made.native.hooks) == ("TRACE", "TRACE", {"response": [print]})
    assert (prepared.method, REQUEST.altered(url="http://b.example/").url) == ("GET", "http://b.example/")


def test_a_pickle_leaves_the_session_behind() -> None:
    made = Request.of(requests.Request("GET", "http://a.example/", hooks={"response": print}).prepare())
    _ = made.headers
    copy = pickle.loads(pickle.dumps(made))
    assert (copy, copy.native, copy.headers) == (made, None, made.headers)


# -- in the hands of users -----------------------------------------------------------------------------------

KEY = {"type": "apiKey", "in": "header", "name": "X-Signature"}
TREE = one(
    "post",
    "/x/{id}",
    param("id", "path"),
    operation={"security": [{"key": []}]},
    components={"securitySchemes": {"key": KEY}},
)


def given_to(session: requests.Session | None, url: str) -> tuple[Any, Any, requests.PreparedRequest]:
    """What a callable gets, what a response has, and what `prepare` gives."""
    got: list[Any] = []

    def sign(request: dynaclient.Request) -> str:
        got.append(request)
        return f"{request.method} {request.target}"

    with Client(TREE, server=url, credentials={"key": sign}, session=session) as client:
        response = client.send("op", {"id": "a b"})
        return got[0], response.request, client.prepare("op", {"id": "a b"})


@pytest.mark.parametrize("is_given", [False, True])
def test_callables_and_responses_have_ours_and_prepare_that_of_requests(is_given: bool, serve: Serve) -> None:
    server = serve(json_reply({}))
    with requests.Session() as session:
        signed, sent, prepared = given_to(session if is_given else None, server.url)
        assert session.send(prepared).status_code == 200
    assert type(signed) is type(sent) is dynaclient.Request
    assert type(prepared) is requests.PreparedRequest
    assert (signed.target, sent.target, sent.headers["x-signature"]) == (
        "/x/a%20b",
        "/x/a%20b",
        "POST /x/a%20b",
    )
    assert "X-Signature" not in signed.headers
    assert server.requests[0].raw == server.requests[1].raw
    assert set(sent.fields) < set(server.requests[0].fields)
