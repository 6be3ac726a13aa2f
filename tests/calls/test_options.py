"""Settings and `options` of the wrong type or form are refused when they are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client, SettingsError, Timeout
from tests.small import one

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "server as bytes": ({"server": b"http://x"}, "server= expects a URL, .* got bytes"),
    "server as a list": ({"server": ["http://x"]}, "server= expects a URL, .* got an array"),
    "an empty server": ({"server": ""}, "server= expects a URL, .* got an empty"),
    "server as a truth value": ({"server": True}, "server= expects a URL, .* got a boolean"),
    "a server without a scheme": ({"server": "x:80"}, "did you mean https://x:80"),
    "a server without a scheme, and slashes": ({"server": "//x:80"}, "did you mean https://x:80"),
    "a server of this machine": ({"server": "127.0.0.1:80"}, "did you mean http://127.0.0.1:80"),
    "an index without a server": ({"server": 3}, "the document has 0 servers"),
    "variables as text": ({"server_variables": "a=b"}, "server_variables: expected a mapping, got a string"),
    "credentials as a list": ({"credentials": ["x"]}, "credentials: expected a mapping, got an array"),
    "credentials as text": (
        {"credentials": "x", "server": "http://x"},
        "credentials: expected a mapping, got a string",
    ),
    "validate": ({"validate": "loose"}, "strict, warn, off"),
    "a direction": ({"validate": {"up": "off"}}, "'request', 'response' and 'undeclared'"),
    "validate_with": ({"validate_with": "go"}, "'auto', 'rust' or 'python'"),
    "timeout as text": ({"timeout": "5"}, "a number of seconds above 0"),
    "retries": ({"retries": -1}, "a whole number from 0"),
    "max_body": ({"max_body": 0}, "a whole number from 1"),
    "session": ({"session": "x"}, "requests.Session, got a string"),
    "verify": ({"verify": 5}, "verify: expected True, False or the path"),
    "cert": ({"cert": 5}, "cert: expected the path"),
    "four parts of a certificate": ({"cert": ("a", "b", "c", "d")}, "cert: expected the path"),
    "a pass phrase of another type": ({"cert": ("a", "b", 5)}, "the pass phrase of the key"),
    "proxies": ({"proxies": "http://x"}, "proxies: expected a mapping"),
    "one host as text": ({"ref_hosts": "x.test"}, "ref_hosts: expected a list of host names, got 'x.test'"),
    "hosts that are no text": ({"ref_hosts": [5]}, "ref_hosts: expected a list"),
    "ref_folder": ({"ref_folder": 5}, "ref_folder: expected the path"),
    "cache": ({"cache": 5}, "cache: expected True, False or the path"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_says_what_is_due(case: str) -> None:
    settings, reason = WRONG[case]
    with pytest.raises(SettingsError, match=reason):
        Client(one(), **settings)


RIGHT: dict[str, Any] = {
    "server": "http://x.test",
    "validate": {"response": "warn"},
    "timeout": Timeout(total=None),
    "session": requests.Session(),
    "verify": "/ca.pem",
    "cert": ("/c.pem", "/k.pem"),
    "proxies": {"http": "http://p.test"},
    "ref_hosts": {"x.test"},
    "ref_folder": Path("/"),
    "cache": False,
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_setting_is_taken(name: str) -> None:
    assert Client(one(), **{name: RIGHT[name]}).operations.keys() == {"op"}


OPTIONS: dict[str, tuple[Any, str]] = {
    "no mapping": (5, "options: expected a mapping, got an integer"),
    "an unknown one": ({"heades": {}}, "options has no 'heades'; allowed: headers, query"),
    "headers as a list": ({"headers": ["x"]}, "options.'headers'.: expected a mapping, got an array"),
    "a number in a header": ({"headers": {"X": 5}}, "'X'.: expected text, got an integer"),
    "bytes in a header": ({"headers": {"X": b"x"}}, "'X'.: expected text, got bytes"),
    "a truth value in a header": ({"headers": {"X": True}}, "'X'.: expected text, got a boolean"),
    "query as text": ({"query": "a=b"}, "options.'query'.: expected a mapping, got a string"),
    "timeout": ({"timeout": -1}, "a number of seconds above 0"),
    "content_type": ({"content_type": 5}, "the text of a media type"),
    "stream": ({"stream": 1}, "True or False"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_a_wrong_option_says_what_is_due(case: str) -> None:
    options, reason = OPTIONS[case]
    with pytest.raises(SettingsError, match=reason):
        Client(one(), server="http://x.test").prepare("op", options=options)


def test_options_that_are_none_are_left_out() -> None:
    options = {"headers": {"X": None}, "query": None, "timeout": None, "content_type": None}
    request = Client(one(), server="http://x.test").prepare("op", options=options)
    assert "X" not in request.headers
    assert request.url == "http://x.test/x"
