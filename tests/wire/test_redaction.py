"""Requests and URLs with their credentials redacted."""

from __future__ import annotations

import pytest
import requests

from dynaclient.wire.redaction import is_secret, redacted, redacted_url, secrets, unshown
from dynaclient.wire.request import Request

URLS = [
    ("http://h/x", "http://h/x"),
    ("http://h/x?a=1&key=s3cr3t&b=2", "http://h/x?a=1&key=***&b=2"),
    ("http://h/x?api%20key=s3cr3t", "http://h/x?api%20key=***"),
    ("http://h/x?api+key=s3cr3t", "http://h/x?api+key=***"),
    ("http://h/x?key=s3cr3t&key=s3cr3t", "http://h/x?key=***&key=***"),
    ("http://h/x?key", "http://h/x?***"),  # without a value the name may be the secret
    ("http://user:s3cr3t@h:80/x?keys=1#f", "http://h:80/x?keys=1#f"),
    ("http://s3cr3t@[::1]/x", "http://[::1]/x"),
]


@pytest.mark.parametrize(("url", "due"), URLS)
def test_url(url: str, due: str) -> None:
    assert redacted_url(url, ("key", "api key")) == due


SECRET = ["Authorization", "authorization", "Cookie", "Set-Cookie", "X-KEY", "Proxy-Authorization"]
HEADERS = {**dict.fromkeys(SECRET, True), "Accept": False, "X-Key-Id": False}


@pytest.mark.parametrize(("header", "secret"), HEADERS.items())
def test_headers(header: str, secret: bool) -> None:
    assert is_secret(header, ("x-key",)) == secret


def test_request_is_copied_without_its_secrets() -> None:
    prepared = requests.Request(
        "POST",
        "http://u:s3cr3t@h/x?key=s3cr3t",
        headers={"X-Key": "s3cr3t", "Accept": "a"},
        cookies={"c": "s3cr3t"},
        json={"a": 1},
        hooks={"response": [lambda response, **_: None]},
    ).prepare()
    request = Request.of(prepared)
    copy = redacted(request, ("key", "X-Key"))
    assert copy.url == "http://h/x?key=***"
    assert {name: copy.headers[name] for name in ("X-Key", "Authorization", "Cookie", "Accept")} == {
        "X-Key": "***", "Authorization": "***", "Cookie": "***", "Accept": "a",
    }  # fmt: skip
    assert (copy.method, copy.body, copy.native) == ("POST", request.body, None)
    assert request.headers["X-Key"] == "s3cr3t"
    assert "s3cr3t" not in str(vars(copy))


def test_what_of_a_request_is_secret() -> None:
    prepared = requests.Request(
        "GET",
        "http://h/x?key=a%20key&other=open",
        headers={"X-Key": "Prefix token", "Accept": "open", "Proxy-Authorization": b"Bearer bytes"},
        cookies={"c": "crumb", "d": "one"},
        auth=("user", "password"),
    ).prepare()
    request = Request.of(prepared)
    found = ["Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA==", "Bearer bytes", "Prefix token"]
    found += ["a%20key", "a key", "bytes", "crumb", "password", "token"]
    assert sorted(secrets(request, ("key", "x-key"))) == sorted(found)  # not `one`, which is too short


def test_texts_that_are_hidden_are_so_wherever_they_stand_behind_the_host() -> None:
    request = Request("GET", "http://s3cr3t/a/s3cr3t%2F/b?c=s3cr3t/", hidden=("s3cr3t/",))
    copy = redacted(request, ())
    assert (copy.url, copy.hidden) == ("http://s3cr3t/a/***/b?c=***", ())
    assert "s3cr3t%2F" not in repr(request)
    assert secrets(request, ()) == ["s3cr3t/"]


def test_what_a_redirect_adds_to_a_query_is_not_shown() -> None:
    assert unshown(Request("GET", "http://h/x?a=1"), "http://h/y?a=2&b=3", ("c",)) == ["c", "b"]


def test_what_stands_everywhere_is_no_secret() -> None:
    request = Request("GET", "http://h/x?wait=true&full=false&a=null&b=nullable")
    assert secrets(request, ("wait", "full", "a", "b")) == ["nullable"]
