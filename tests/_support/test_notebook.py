"""HTML for notebooks: whatever a value holds is text in it, what is long is folded and counted."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from dynaclient._support.notebook import MOST_ROWS, card, data_html, heading, html_table

TAGS = set("div style strong span table thead tbody tr td th code details summary pre wbr".split())
VOID = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)></style></div>&lt;"


class Page(HTMLParser):
    """What a browser makes of a display: elements, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "wbr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open[-1:] == ["style"] else data


def page(html: str) -> Page:
    """The display, which may hold nothing but what is known here."""
    found = Page(html)
    assert set(found.tags) <= TAGS
    assert found.attributes <= {"class", "open", "colspan"}
    assert found.open == []
    return found


HOSTILE: list[Any] = [
    VOID,
    {VOID: VOID},
    [VOID] * 3,
    [{VOID: VOID, "a": 1}, {VOID: 2, "a": VOID}],
    {"a": [{"b": {VOID: [VOID]}}]},
    VOID * 100,
    b"<script>",
    "\x1b]0;title\x07\u202etxt.exe\ud800",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_markup_in_a_value_is_text(number: int) -> None:
    found = page(card(heading(VOID, VOID), data_html(HOSTILE[number]), html_table([VOID], [[VOID]])))
    assert found.tags.count("style") == 1
    assert "alert(1)" in found.text
    assert "\x1b" not in found.text
    assert "\u202e" not in found.text


def test_equal_objects_are_a_table() -> None:
    found = page(data_html([{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom", "age": 3}]))
    assert found.tags.count("th") == 3
    assert found.tags.count("tr") == 3
    for unequal in (
        [{"a": 1}, {"b": 2}, {"c": 3}],
        [{"a": 1}, 2],
        [{str(n): n for n in range(40)}] * 2,
    ):
        assert page(data_html(unequal)).tags.count("th") == 0


FOLDED: list[tuple[Any, str]] = [
    ("x" * 5_000, "(5,000 characters)"),
    ([{"a": n} for n in range(5_000)], "and 4,940 more"),
    ({str(n): n for n in range(500)}, "and 440 more"),
    ({"a": {"b": {"c": [1, {"d": 2}]}}}, "[2 items]"),
    (b"\0" * 9, "(9 bytes)"),
]


@pytest.mark.parametrize(("value", "said"), FOLDED, ids=lambda each: str(each)[:20])
def test_what_is_long_is_folded_and_counted(value: Any, said: str) -> None:
    assert said in page(data_html(value)).text


def test_a_display_has_a_size_whatever_the_value() -> None:
    wide = {str(n): [{"a": m, "b": ["x" * 1000] * 50} for m in range(50)] for n in range(50)}
    deep: Any = 1
    for _ in range(300):
        deep = {"a": [deep]}
    assert len(data_html(wide)) < 3_000_000
    assert len(data_html(deep)) < 20_000


def test_rows_beyond_a_screen_are_folded() -> None:
    found = page(html_table(["n"], [[n] for n in range(MOST_ROWS + 7)]))
    assert "7 more" in found.text
    assert found.tags.count("details") == 1


def test_what_is_called_a_secret_is_not_shown() -> None:
    """Notebooks are kept and passed on."""
    for value in ({"access_token": "s3cr3t", "name": "Rex"}, [{"password": "s3cr3t", "a": 1}] * 2):
        found = page(data_html(value)).text
        assert "s3cr3t" not in found
        assert "***" in found
