"""Text of documents and servers as a person reads it: no terminal escapes, HTML as text."""

from __future__ import annotations

import re

_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_VISIBLE |= {ord("\r"): "\\r", ord("\n"): "\n", ord("\t"): "\t"}
_VISIBLE |= {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def visible(text: str) -> str:
    r"""`text` with control characters, and those that turn its direction, as escapes (`\x1b`, `\u202e`); line
    breaks and tabs stay.

    A terminal obeys what it is sent: raw, a summary could write to the clipboard (OSC 52), rename the window
    (OSC 0) or move the cursor over what stands above (CSI, or a lone carriage return).
    An override of the direction (U+202E) lets `exe.txt` stand for what is `txt.exe`; text that is read from
    right to left needs none.
    """
    return text.translate(_VISIBLE)


def column_count(text: str) -> int:
    """How many columns of a terminal a text takes: CJK and emoji take two each, combining characters none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # late: 4 ms

    return cell_len(text)


def padded(text: str, columns: int) -> str:
    """A text with spaces behind it, so that what follows stands below what follows others."""
    return text + " " * (columns - column_count(text))


def path_lines(path: str, width: int) -> list[str]:
    """A path on lines of at most `width` columns, where its segments allow that."""
    lines = [""]
    for segment in re.findall(r"/?[^/]*", path):
        if lines[-1] and column_count(lines[-1] + segment) > width:
            lines.append("")
        lines[-1] += segment
    return lines


def readable(text: str) -> str:
    """A summary or description as plain text: HTML without its tags, Markdown as it is, escapes visible.

    Descriptions are CommonMark, which may hold HTML. What only looks like a tag (`List<Pet>`, `<your-key>`)
    and what stands in code (between backticks) is kept.
    """
    text = "\n".join(text.splitlines())
    if "<" in text or "&" in text:
        from dynaclient._support.html_text import html_text  # late: 5 ms

        text = html_text(text)
    return visible(text)
