"""Server Objects: URLs, variables, and which one is chosen."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import SettingsError
from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.document.servers import (
    Server,
    absolute_url,
    expand,
    is_placeholder,
    origin,
    pick,
    servers,
    without_user,
)

KNOWN = [Server("https://a/v1", "one", {}), Server("/v2", "two", {})]


def test_servers_are_read_as_far_as_they_can_be() -> None:
    node = Node(
        [
            {"url": "/a", "description": "d"},
            {"url": ""},
            {},
            5,
            {"url": 7},
            {"url": "{v}", "variables": {"v": {}}},
        ]
    )
    assert [(each.url, each.description, list(each.variables)) for each in servers(node)] == [
        ("/a", "d", []), ("{v}", "", ["v"]),
    ]  # fmt: skip
    assert servers(None) == servers(Node(5)) == []


@pytest.mark.parametrize("value", [{"url": "https://a"}, ["https://a"], [{"url": " https://a\n"}]])
def test_servers_that_are_written_otherwise(value: Any) -> None:
    assert [each.url for each in servers(Node(value))] == ["https://a"]


CHOICES: list[tuple[Any, Any]] = [
    (None, KNOWN[0]),
    (0, KNOWN[0]),
    (1, KNOWN[1]),
    (-1, KNOWN[1]),
    ("two", KNOWN[1]),
    ("https://a/v1", KNOWN[0]),
    ("https://mine", "https://mine"),
]


@pytest.mark.parametrize(("choice", "due"), CHOICES)
def test_pick(choice: Any, due: Any) -> None:
    assert pick(KNOWN, choice) == due


def test_pick_of_none() -> None:
    assert pick([], None) is None
    for choice in (0, 2, -3):
        with pytest.raises(SettingsError, match="servers"):
            pick(KNOWN if choice else [], choice)


VARIABLES = {
    "host": Node({"default": "h", "enum": ["h", "i"]}),
    "port": Node({"default": 8443}),
    "bare": Node({}),
    "text": Node("t"),
    "outside": Node({"default": "o", "enum": ["p"]}),
}
EXPANDED: list[tuple[str, dict[str, str], str]] = [
    ("https://{host}:{port}/x", {}, "https://h:8443/x"),
    ("https://{host}", {"host": "i"}, "https://i"),
    ("https://{host}{host}", {}, "https://hh"),
    ("https://{bare}", {"bare": "b"}, "https://b"),
    ("https://{unknown}", {"unknown": "u"}, "https://u"),
    ("https://x", {"host": "unused"}, "https://x"),
    ("https://{text}", {}, "https://t"),
    ("https://{outside}", {}, "https://o"),
    ("https://{outside}", {"outside": "p"}, "https://p"),
]


@pytest.mark.parametrize(("url", "given", "due"), EXPANDED)
def test_expand(url: str, given: dict[str, str], due: str) -> None:
    assert expand(Server(url, "", VARIABLES), given) == due


@pytest.mark.parametrize(
    ("url", "given", "words"),
    [("{host}", {"host": "j"}, "allowed: h, i"), ("{bare}", {}, "'bare'"), ("{unknown}", {}, "'unknown'")],
)
def test_values_that_there_are_not(url: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        expand(Server(url, "", VARIABLES), given)


ABSOLUTE: list[tuple[str, str, str | None]] = [
    ("https://h/v1/", "", "https://h/v1"),
    ("https://h", "", "https://h"),
    ("https://h/?a=1#b", "", "https://h"),
    ("HTTP://H:80/x", "", "HTTP://H:80/x"),
    ("http://[::1]:80/x", "", "http://[::1]:80/x"),
    ("http://u:p@h/x", "", "http://u:p@h/x"),
    ("/v1", "", None),
    ("v1", "file:///a/b.yaml", None),
    ("/v1", "https://h/docs/api.yaml", "https://h/v1"),
    ("v1/", "https://h/docs/api.yaml", "https://h/docs/v1"),
    ("", "https://h/docs/api.yaml", "https://h/docs/api.yaml"),
    ("//i/v1", "https://h/docs/api.yaml", "https://i/v1"),
    ("ftp://h", "", None),
    ("http://", "", None),
    ("http://[::1", "", None),
    ("http://h:x", "", None),
    ("http://h:99999", "", None),
    ("http://a b/", "", None),
    ("http://a\\@b/", "", None),
    ("http://h/\n", "", None),
    ("mailto:a@b", "https://h/", None),
]


@pytest.mark.parametrize(("url", "retrieved", "due"), ABSOLUTE)
def test_absolute(url: str, retrieved: str, due: str | None) -> None:
    assert absolute_url(url, Document({}, (3, 0), retrieved=retrieved)) == due


SLASHES: list[tuple[str, str, str]] = [
    ("https://h/{base}", "/v3/", "https://h/v3/"),
    ("https://h/{base}/", "/v3/", "https://h/v3/"),
    ("https://h/{base}/x", "v3/", "https://h/v3/x"),
    ("https://h/a/{base}/x", "", "https://h/a/x"),
    ("https://h{base}", "/v3", "https://h/v3"),
    ("https://h/{base}", "a//b", "https://h/a//b"),
    ("https://h//{base}", "/v3", "https://h//v3"),
    ("/{base}", "/v3/", "/v3/"),
    ("/{base}", "//other.example/v3", "/other.example/v3"),
    ("{base}/x", "https://h/", "https://h/x"),
    ("https://{base}", "h/v3", "https://h/v3"),
]
"""A URL, the default of its variable, and where it leads: servers take `//` for another path."""


@pytest.mark.parametrize(("url", "default", "due"), SLASHES)
def test_slashes_of_a_variable_do_not_double(url: str, default: str, due: str) -> None:
    given = {"servers": [{"url": url, "variables": {"base": {"default": default}}}]}
    (server,) = servers(Node(given).get("servers"))
    assert expand(server, {}) == expand(server, {"base": default}) == due


def test_origin() -> None:
    assert origin("https://H/x") == origin("HTTPS://h:443") == ("https", "h", 443)
    assert origin("http://h") == ("http", "h", 80)
    assert len({origin(url) for url in ("http://h", "https://h", "http://h:81", "http://i")}) == 4


def test_placeholder_and_user() -> None:
    assert is_placeholder("https://yourbaseurl.talon.one/v1")
    assert is_placeholder("https://YOURBASEURL.talon.one")
    assert not is_placeholder("https://acme.europe-west1.talon.one")
    assert without_user("https://u:p@h:1/a@b") == "https://h:1/a@b"
    assert without_user("https://h/a@b") == "https://h/a@b"
