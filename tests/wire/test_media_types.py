"""Names of media types: family, the documented entry that matches, what is sent for a range."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.wire import media_types as kinds


def content(*names: str) -> dict[str, MediaType]:
    return {name: MediaType(name, None, None, {}, Node({})) for name in names}


MATCHING: list[tuple[list[str], str, str | None]] = [
    # documented, Content-Type, the entry that speaks of it
    (["application/*+json"], "application/problem+json", "application/*+json"),
    (["application/*+json"], "application/json", "application/*+json"),
    (["application/*+xml"], "application/xml", "application/*+xml"),
    (["application/*+json"], "application/problem+xml", None),
    (["application/*+json"], "text/json", None),
    (["application/*", "application/*+json", "*/*"], "application/hal+json", "application/*+json"),
    (["application/*", "application/*+json"], "application/pdf", "application/*"),
    (["*/*", "image/*"], "image/png", "image/*"),
    (["*/*", "image/*"], "text/plain", "*/*"),
    (["image/png", "*/*"], "IMAGE/PNG", "image/png"),
    (["a/b; v=1", "a/b; v=2"], "a/b;v=2", "a/b; v=2"),
    (["a/b; v=1", "a/b; v=2"], 'a/b; V="1"', "a/b; v=1"),
    (["a/b; v=1", "a/b"], "a/b", "a/b"),
    (["a/b; v=1", "a/b"], "a/b; v=3", "a/b"),
    (["a/b; v=1", "a/b"], "a/b; x=y; v=1", "a/b; v=1"),
    (["a/b; v=1"], "a/b; v=2", "a/b; v=1"),
    (["*/*"], "nonsense", None),
]


@pytest.mark.parametrize(("names", "stated", "due"), MATCHING)
def test_the_most_specific_entry_matches(names: list[str], stated: str, due: str | None) -> None:
    found = kinds.matching(content(*names), stated)
    assert (found.name if found else None) == due


def named(name: str) -> io.BytesIO:
    file = io.BytesIO()
    file.name = name
    return file


CONCRETE: list[tuple[str, Any, str]] = [
    # documented, value, Content-Type
    ("application/json; v=1", {}, "application/json; v=1"),
    ("*/*", {}, "application/json"),
    ("*/*", [], "application/json"),
    ("*/*", {"a": b""}, "multipart/form-data"),
    ("*/*", {"a": [("x", b"")]}, "multipart/form-data"),
    ("*/*", "x", "text/plain; charset=utf-8"),
    ("*/*", b"", "application/octet-stream"),
    ("*/*", named("a.csv"), "text/csv"),
    ("*/*", Path("a/b.png"), "image/png"),
    ("application/*", "x", "application/json"),
    ("application/*", named("a.csv"), "application/octet-stream"),
    ("application/*", named("a.pdf"), "application/pdf"),
    ("application/*+json", {}, "application/json"),
    ("application/*+xml", "<a/>", "application/xml"),
    ("*/*+json", 1, "application/json"),
    ("text/*", "x", "text/plain; charset=utf-8"),
    ("text/*", 5, "text/plain; charset=utf-8"),
    ("text/*", named("a.csv"), "text/csv"),
    ("text/*", b"", "text/plain"),
    ("image/*", named("a.png"), "image/png"),
    ("image/*", b"", "image/octet-stream"),
    ("multipart/*", {}, "multipart/form-data"),
]


@pytest.mark.parametrize(
    ("name", "value", "due"), CONCRETE, ids=[f"{number}-{row[0]}" for number, row in enumerate(CONCRETE)]
)
def test_no_range_goes_out(name: str, value: Any, due: str) -> None:
    assert kinds.concrete(name, value) == due


COVERS = [
    ("image/*", "image/png", True),
    ("image/png", "image/png; q=1", True),
    ("Image/PNG", "image/png", True),
    ("*/*", "a/b", True),
    ("image/*", "text/plain", False),
    ("image/png", "image/jpeg", False),
]


@pytest.mark.parametrize(("documented", "name", "due"), COVERS)
def test_a_range_covers_its_types(documented: str, name: str, due: bool) -> None:
    assert kinds.covers(documented, name) is due


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("text/plain", "utf-8"),
        ("text/plain; charset=ISO-8859-1", "iso-8859-1"),
        ('text/plain; charset="utf-16"', "utf-16"),
        ("text/plain; charset=", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_charset(name: str, due: str) -> None:
    assert kinds.charset(name) == due


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("application/octet-stream", True),
        ("image/png", True),
        ("application/pdf", True),
        ("image/svg+xml", False),
        ("application/vnd.odd", False),
        ("text/csv", False),
    ],
)
def test_bytes_that_are_no_text(name: str, due: bool) -> None:
    assert kinds.is_bytes(name) is due
