"""Origins, targets, and what of a URL may be shown."""

from __future__ import annotations

import pytest

from dynaclient.transport.url import origin_of, request_line, resolved_url
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


BASE = "http://a/b/c/d;p?q"
MEANT = """
g:h g:h | g http://a/b/c/g | ./g http://a/b/c/g | g/ http://a/b/c/g/ | /g http://a/g | //g http://g
?y http://a/b/c/d;p?y | g?y http://a/b/c/g?y | ;x http://a/b/c/;x | g;x http://a/b/c/g;x
g;x?y#s http://a/b/c/g;x?y | . http://a/b/c/ | ./ http://a/b/c/ | .. http://a/b/ | ../ http://a/b/
../g http://a/b/g | ../.. http://a/ | ../../ http://a/ | ../../g http://a/g
../../../g http://a/g | ../../../../g http://a/g | /./g http://a/g | /../g http://a/g
g. http://a/b/c/g. | .g http://a/b/c/.g | g.. http://a/b/c/g.. | ..g http://a/b/c/..g
./../g http://a/b/g | ./g/. http://a/b/c/g/ | g/./h http://a/b/c/g/h | g/../h http://a/b/c/h
g;x=1/./y http://a/b/c/g;x=1/y | g;x=1/../y http://a/b/c/y | g?y/./x http://a/b/c/g?y/./x
g?y/../x http://a/b/c/g?y/../x | http:g http:g | #s http://a/b/c/d;p?q
"""


def test_references_mean_what_rfc_3986_says() -> None:
    """Its sections 5.4.1 and 5.4.2, whole but for the fragments, which are not sent."""
    rows = [row.split() for row in MEANT.replace("|", "\n").strip().splitlines()]
    assert {reference: resolved_url(BASE, reference) for reference, _ in rows} == dict(rows)
    assert resolved_url(BASE, "") == BASE


@pytest.mark.parametrize(
    ("base", "reference", "url"),
    [
        ("http://a/x", "/y?", "http://a/y?"),
        ("http://a/x?", "", "http://a/x?"),
        ("http://a/x?q", "?", "http://a/x?"),
        ("http://a/x", "/y;", "http://a/y;"),
        ("http://a/x", "y//z//", "http://a/y//z//"),
        ("http://a/x", "/%2e%2E/%7e", "http://a/%2e%2E/%7e"),
        ("http://a", "y", "http://a/y"),
        ("http://a?q", "y", "http://a/y"),
        ("http://a/x", "http://a?", "http://a?"),
        ("http://a/x", "http://[", "http://["),
    ],
)
def test_nothing_of_a_reference_is_lost(base: str, reference: str, url: str) -> None:
    assert resolved_url(base, reference) == url
