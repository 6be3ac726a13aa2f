# ruff: noqa: E501  (headers stand as they are sent)
"""The `Link` header, with the examples of RFC 8288, section 3.5, and what servers write."""

from __future__ import annotations

import pytest

from dynaclient.wire.link_header import link_targets

CASES: list[tuple[str, str, list[str]]] = [
    ('<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"', "previous", ["http://example.com/TheBook/chapter2"]),
    ('</>; rel="http://example.net/foo"', "http://example.net/foo", ["/"]),
    ('</terms>; rel="copyright"; anchor="#foo"', "copyright", []),
    ("</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, </TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel", "next", ["/TheBook/chapter4"]),
    ('<http://example.org/>; rel="start http://example.net/relation/other"', "start", ["http://example.org/"]),
    ('<https://example.org/>; rel="start", <https://example.org/index>; rel="index"', "index", ["https://example.org/index"]),
    ('</a?x=1,2;3>; rel=next', "next", ["/a?x=1,2;3"]),
    ('</a>; rel="prev"; rel="next"', "next", []),
    ('</a>;rel=NEXT', "next", ["/a"]),
    ('</a>; title="x, </b>; rel=\\"next\\""; rel=prev, </c>; rel=next', "next", ["/c"]),
    ("", "next", []),
    ("nonsense", "next", []),
    (", ,</a>; rel=next", "next", ["/a"]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "relation", "expected"), CASES)
def test_targets(header: str, relation: str, expected: list[str]) -> None:
    assert link_targets(header, relation) == expected
