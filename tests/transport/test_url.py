"""Origins, targets, and what of a URL may be shown."""

from __future__ import annotations

import pytest

from dynaclient.transport.url import origin_of, request_line
from dynaclient.wire.percent import target_of

SAME = [
    ("http://a", "http://a:80/x"),
    ("https://a/", "https://A:443"),
    ("HTTPS://a:8443/x?y", "https://a:8443"),
    ("http://[::1]:80/", "http://[::1]"),
]
OTHER = [
    ("http://a", "https://a"),
    ("http://a:443", "https://a:443"),
    ("http://a", "http://b"),
    ("http://a", "http://a.b"),
    ("http://a:80", "http://a:81"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_same_origin(one: str, two: str) -> None:
    assert origin_of(one) == origin_of(two) is not None


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other_origin(one: str, two: str) -> None:
    assert origin_of(one) != origin_of(two)


@pytest.mark.parametrize("url", ["", "/x", "http://", "http://[", "http://a:b/", "http://a:99999/"])
def test_no_origin(url: str) -> None:
    assert origin_of(url) is None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a", "/"),
        ("http://a?b", "/?b"),
        ("http://a/b/../c?d=%2f#e", "/b/../c?d=%2f"),
        ("http://a//b?", "//b?"),
    ],
)
def test_target(url: str, target: str) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://u:s3cr3t@a:443/p%2F?key=s3cr3t#s3cr3t", "GET https://a/p%2F"),
        ("http://[::1]:8080?key=s3cr3t", "GET http://[::1]:8080/"),
        ("nonsense?s3cr3t", "GET (no usable URL)"),
    ],
)
def test_shown_has_no_secret(url: str, text: str) -> None:
    assert request_line("GET", url) == text
