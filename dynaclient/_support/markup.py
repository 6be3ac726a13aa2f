"""HTML that is escaped by construction: what is no `Html` is text, and becomes part of it as text alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dynaclient._support.prose import visible

__all__ = ["Html", "escapes_shown", "joined_html", "tag", "text"]

_HIDDEN = {code: f"\\u{code:04x}" for code in (0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F))}
_HIDDEN |= {code: f"\\u{code:04x}" for code in (*range(0x2060, 0x2070), 0xFEFF, 0xFFFE, 0xFFFF)}
"""Characters that have no width, or that change the direction in which others are read."""


class Html(str):
    """Markup."""

    __slots__ = ()


def escapes_shown(said: str) -> str:
    r"""A text with what is not visible as escapes: `\x1b`, `\u202e`."""
    return visible(said).translate(_HIDDEN).encode("utf-8", "backslashreplace").decode()


def text(value: object) -> Html:
    """A value as text of a page, escaped."""
    return value if isinstance(value, Html) else Html(escape(escapes_shown(str(value))))


def joined_html(parts: Iterable[object], between: str = "") -> Html:
    """Parts behind each other; those that are None are left out."""
    return Html(text(between).join(text(each) for each in parts if each is not None))


_VOID = frozenset(("br", "hr", "img", "input", "link", "meta", "wbr"))
"""Elements that have no content, and no end."""


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element. `class_` is the attribute class, `data_of` is data-of; None and False leave one out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{written}>" + ("" if name in _VOID else f"{joined_html(children)}</{name}>"))
