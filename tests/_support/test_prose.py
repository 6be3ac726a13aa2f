"""Texts of documents as a person reads them: CommonMark may hold HTML, and a terminal obeys escapes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient._support.prose import readable, visible

VISIBLE = {
    "\x1b]52;c;ZXZpbA==\x07": r"\x1b]52;c;ZXZpbA==\x07",  # OSC 52 writes to the clipboard
    "\x1b]0;renamed\x1b\\": r"\x1b]0;renamed\x1b" + "\\",  # OSC 0 renames the window
    "\x1b[2J\x1b[H": r"\x1b[2J\x1b[H",  # CSI clears the screen
    "\x9b31mred": r"\x9b31mred",  # the same in one character, as C1 has it
    "\x90q\x9c": r"\x90q\x9c",  # a device control string
    "paid\rfree": r"paid\rfree",
    "pass\x08\x08\x08\x08fail": r"pass\x08\x08\x08\x08fail",
    "\x7f\x00": r"\x7f\x00",
    "txt.exe is \u202eexe.txt\u202c": r"txt.exe is \u202eexe.txt\u202c",  # the direction overridden
    "\u2066a\u2069": r"\u2066a\u2069",  # and isolated: "Trojan Source", CVE-2021-42574
    "two\nlines\tand a tab": "two\nlines\tand a tab",
    "Zoë, 价格, مرحبا, 👩\u200d🚀": "Zoë, 价格, مرحبا, 👩\u200d🚀",
    "": "",
}


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_control_characters_are_shown_as_escapes(text: str) -> None:
    assert visible(text) == VISIBLE[text]


def is_obeyed(character: str) -> bool:
    """Whether a terminal acts on it: a control, or an embedding, override or isolate of direction (UAX 9)."""
    directions = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in directions


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_and_nothing_else_is_changed(text: str) -> None:
    shown = visible(text)
    assert not [each for each in shown if is_obeyed(each) and each not in "\n\t"]
    if not any(map(is_obeyed, text)):
        assert shown == text


READABLE = {
    "<p>Creates a <b>pet</b>.</p><p>Then:</p><ul><li>one</li><li>two</li></ul>": (
        "Creates a pet.\n\nThen:\n\n- one\n- two"
    ),
    "first<br>second<br/>third": "first\nsecond\nthird",
    '<a href="https://example.com/?a=1&b=2">the guide</a> &amp; more': "the guide & more",
    "<TABLE><TR><TD>a</TD><TD>b</TD></TR></TABLE>": "  a  b",
    "x<script>alert('<b>')</script>y<style>p {}</style>z": "xyz",
    "shown <!-- hidden --> shown": "shown  shown",
    "&lt;b&gt; is bold": "<b> is bold",
    "<h2>Title</h2>text": "Title\ntext",
    # what is no HTML is text
    "List<Pet> of <your-key>": "List<Pet> of <your-key>",
    "Map<String, List<Integer>>": "Map<String, List<Integer>>",
    "see <https://example.com/a>": "see <https://example.com/a>",
    "if a<b && c>d, or a < b": "if a<b && c>d, or a < b",
    "`<b>` stays, ```\n<p>\n``` too": "`<b>` stays, ```\n<p>\n``` too",
    "5 > 3 and <": "5 > 3 and <",
    "AT&T and R&D": "AT&T and R&D",
    "# Markdown\r\n* stays": "# Markdown\n* stays",
    "<b>\x1b[2J</b>&#27;[31m&#155;1m": r"\x1b[2J[31m›1m",  # references to controls are none in HTML
}


@pytest.mark.parametrize("text", READABLE, ids=ascii)
def test_html_in_descriptions_is_shown_as_text(text: str) -> None:
    assert readable(text) == READABLE[text]


@given(st.text("<>/&;`ab p=\"'!-?\n", max_size=60))
def test_whatever_looks_like_html_has_a_text(text: str) -> None:
    readable(text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="<&\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")))
def test_text_without_html_is_not_changed(text: str) -> None:
    assert readable(text) == visible(text).removesuffix("\n")
