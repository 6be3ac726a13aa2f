"""Requests and URLs with their credentials redacted."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
import requests
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaclient.wire.redaction import blotted, is_secret, redacted, redacted_url, secrets
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


TEXTS = [
    ("no s3cr3t, no other", "no ***, no other"),
    ('"...s3cr3ts3cr3t"', '"...******"'),
    ('"xs3cr..." is a string', '"x***..." is a string'),
    ('"xs3c..." is too short to tell', '"xs3c..." is too short to tell'),
    ("s3cr", "s3cr"),
]


@pytest.mark.parametrize(("text", "due"), TEXTS)
def test_blotted(text: str, due: str) -> None:
    assert blotted(text, ["s3cr3t"]) == due


WRITTEN = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "a URL": lambda text: quote(text, safe=""),
    "HTML": html.escape,
}
SECRETS = [
    "s3cr3t",
    'pass"word',
    "back\\slash",
    "pässwörd",
    "with space+plus/slash=",
    "<tag>&'amp'",
    "tab\there",
]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("secret", SECRETS)
def test_blotted_however_a_server_writes_it(secret: str, form: str) -> None:
    """Error pages and messages repeat what they got in the way of their format."""
    assert blotted(f"no <{WRITTEN[form](secret)}> here", [secret]).count("***") == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4), st.sampled_from([*WRITTEN]))
def test_no_form_of_a_secret_is_left(secret: str, form: str) -> None:
    assume("*" not in secret)
    assert WRITTEN[form](secret) not in blotted(f"[{WRITTEN[form](secret)}]", [secret])
