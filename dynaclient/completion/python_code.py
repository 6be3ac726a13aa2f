"""Where the cursor is in a piece of Python: in which call, at which argument, how deep in its dicts.

The code is not whole yet, so it is read by its tokens; nothing of it is evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

Step = tuple[str, Any]
"""One step to an object: ("name", "api"), ("attribute", "get_order"), ("item", "cakes")."""


class Typed(NamedTuple):
    """A text that is being typed: what of it is there, and the marks that it began with."""

    content: str
    raw: str
    """The same as it stands in the code, with escapes."""
    quote: str
    prefix: str = ""


class Cursor(NamedTuple):
    """What the cursor is in.

    `owner`: what is called, looked into or of which an attribute is typed, by steps. `how`: "call", "item",
    "attribute", or "name" where nothing surrounds the cursor. `argument`: the position of the argument, or
    its name. `path` leads from that argument to the cursor: keys, numbers of items. `at`: whether a "key", a
    "keyword" (a key in `dict(`), a "value" or a "name" is typed there; where a name can stand, a value can.
    `text` is the text that has been begun, else None; `word` the name, which may be empty. `given`: names, or
    keys, that are there. `before`: the arguments by position that came before: a text, the steps to an
    object, None for all else.
    """

    owner: tuple[Step, ...] = ()
    how: str = "name"
    argument: int | str = 0
    path: tuple[str | int, ...] = ()
    at: str = "name"
    text: Typed | None = None
    word: str = ""
    given: tuple[str, ...] = ()
    before: tuple[Any, ...] = ()


_TOKEN = re.compile(
    r"""(?P<space>[ \t\f\r]+|\\\n)
    |(?P<comment>\#[^\n]*)
    |(?P<string>(?P<prefix>[rRbBuUfFtT]{0,2})(?P<quote>\"{3}|'{3}|"|'))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<mark>\n|:=|==|\*\*|.)""",
    re.VERBOSE | re.DOTALL,
)
_REST = (
    {  # of a text, behind the quote
        quote: re.compile(rf"(?P<body>(?:[^\\{quote[0]}\n]|\\.)*)(?P<end>{quote})?", re.DOTALL)
        for quote in ('"', "'")
    }
    | {
        quote: re.compile(
            rf"(?P<body>(?:[^\\{quote[0]}]|\\.|{quote[0]}(?!{quote[1:]}))*)(?P<end>{quote})?", re.DOTALL
        )
        for quote in ('"""', "'''")
    }
)
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
MAX_CODE = 100_000
"""Characters before the cursor that are read."""


class _Token(NamedTuple):
    kind: str
    text: str
    value: Any = None
    """What a text means; the name of a name."""
    end: int = 0


class _Bracket:
    """A bracket that is open at the cursor."""

    def __init__(self, mark: str, lead: Sequence[_Token]) -> None:
        self.mark = mark
        self.lead = lead
        """What stands before it, back to the mark that separates it from something else."""
        self.since: list[_Token] = []
        """What stands in it behind the last separator."""
        self.count = 0
        """How many separators stand in it."""
        self.name: str | None = None
        """The keyword, or the key, whose value is being typed."""
        self.given: list[str] = []
        self.before: list[Any] = []

    def take(self, token: _Token) -> None:
        """Take a token that stands right in it."""
        if token.text == "," and token.kind == "mark":
            self._next()
        elif token.text == ":" and self.mark == "{" and self.name is None:
            self._named(self.since, "string")
        elif token.text == "=" and self.mark == "(" and self.name is None:
            self._named(self.since, "name")
        elif token.text != "\n":
            self.since.append(token)

    def index(self) -> Any:
        """The text or number that is all that stands in it; None for anything else."""
        alone = self.since[0] if len(self.since) == 1 and not self.count else None
        if alone is None or self.mark != "[":
            return None
        return int(alone.text) if alone.kind == "number" and alone.text.isdecimal() else alone.value

    def _named(self, tokens: list[_Token], kind: str) -> None:
        value = tokens[0].value if len(tokens) == 1 and tokens[0].kind == kind else None
        self.name = value if isinstance(value, str) else ""
        if self.name:
            self.given.append(self.name)
        self.since = []

    def _next(self) -> None:
        if self.name is None:
            alone = self.since[0] if len(self.since) == 1 else None
            is_text = alone is not None and alone.kind == "string"
            self.before.append(alone.value if alone and is_text else _chain(self.since) or None)
        self.count += 1
        self.name, self.since = None, []


def cursor_in(code: str) -> Cursor | None:
    """Where the cursor behind `code` is; None where nothing is known of that."""
    code = code[-MAX_CODE:]
    tokens, text = _tokens(code)
    if text is None and tokens and tokens[-1].kind == "comment":
        return None
    word = ""
    if text is None and tokens and tokens[-1].kind == "name" and tokens[-1].end == len(code):
        word = tokens.pop().text
    brackets = [_Bracket("", ())]
    for token in tokens:
        _take(brackets, token)
    return _found(brackets, text, word)


def _take(brackets: list[_Bracket], token: _Token) -> None:
    inner = brackets[-1]
    if token.kind == "mark" and token.text in _CLOSED_BY:
        brackets.append(_Bracket(token.text, tuple(inner.since)))
    elif token.kind == "mark" and token.text in _CLOSED_BY.values():
        closed = brackets.pop() if len(brackets) > 1 else inner
        if _CLOSED_BY.get(closed.mark) != token.text:  # what stands before is no Python: begin anew
            brackets[:] = [_Bracket("", ())]
            return
        brackets[-1].since.append(_Token("closed", closed.mark, closed.index()))
    elif len(brackets) == 1 and token.text in ("\n", ";", "=", ":", ","):
        inner.since = []
    else:
        inner.take(token)


def _found(brackets: list[_Bracket], text: Typed | None, word: str) -> Cursor | None:
    inner = brackets[-1]
    dotted = _dotted(inner.since)
    if text is None and dotted is not None:
        return Cursor(dotted, "attribute", word=word)
    if _is_operand(inner.since) and inner.mark:  # behind something whole: only an operator could stand here
        return None
    if len(brackets) == 1:
        return Cursor(word=word, text=text) if text is None else None
    return _inside(brackets, text, word)


def _inside(brackets: list[_Bracket], text: Typed | None, word: str) -> Cursor | None:
    """The call or the index that the cursor is in, and the way from there through dicts and lists."""
    path: list[str | int] = []
    at = "value"
    given: tuple[str, ...] | None = None
    for level, each in enumerate(reversed(brackets[1:])):
        owner = _chain(each.lead)
        inmost = level == 0
        literal = not owner and not _is_operand(each.lead)
        if each.mark == "{" and literal:
            if inmost and each.name is None:
                at, given = "key", tuple(each.given)
            elif each.name is None or each.name == "":
                return None
            else:
                path.append(each.name)
        elif each.mark == "[" and literal:
            path.append(each.count)
        elif each.mark == "(" and owner == (("name", "dict"),):
            if inmost and each.name is None:
                at, given = "keyword", tuple(each.given)
            elif not each.name:
                return None
            else:
                path.append(each.name)
        elif each.mark == "(" and literal and each.count == 0:
            continue  # brackets around a value
        elif each.mark == "(" and owner:
            argument: int | str = each.count if each.name is None else each.name
            if inmost and each.name is None:
                at = "name"
            names = tuple(each.given) if given is None else given
            return Cursor(owner, "call", argument, (*reversed(path),), at, text, word, names, (*each.before,))
        elif each.mark == "[" and owner and inmost:
            return Cursor(owner, "item", at="value", text=text, word=word)
        else:
            return None
    return None


def _is_operand(tokens: Sequence[_Token]) -> bool:
    """Whether these end with something whole, behind which no other value can stand."""
    if not tokens:
        return False
    last = tokens[-1]
    return last.kind in ("string", "number", "closed") or (last.kind == "name" and last.text not in _WORDS)


_WORDS = frozenset(
    ("and", "or", "not", "in", "is", "if", "else", "await", "return", "yield", "lambda", "for")
)


def _dotted(tokens: Sequence[_Token]) -> tuple[Step, ...] | None:
    """The steps before the dot that `tokens` end with; None where they do not."""
    if not tokens or tokens[-1].text != ".":
        return None
    return _chain(tokens[:-1])


def _chain(tokens: Sequence[_Token]) -> tuple[Step, ...]:
    """The steps that `tokens` end with: `api.orders["x"]`; none where there is a call in between."""
    steps: list[Step] = []
    left = [*tokens]
    while left:
        last = left.pop()
        if last.kind == "closed":
            if last.value is None:
                return ()
            steps.append(("item", last.value))
            continue
        if last.kind != "name" or last.text in _WORDS:
            return ()
        if left and left[-1].text == "." and left[-1].kind == "mark":
            steps.append(("attribute", last.text))
            left.pop()
            continue
        return (("name", last.text), *reversed(steps))
    return ()


def _tokens(code: str) -> tuple[list[_Token], Typed | None]:
    """The tokens of `code`, and the text that has no end yet."""
    found: list[_Token] = []
    at = 0
    while at < len(code):
        match = _TOKEN.match(code, at)
        if match is None:  # a character that is none of Python
            at += 1
            continue
        at = match.end()
        kind = match.lastgroup or ""
        if match["string"]:
            prefix, quote = match["prefix"], match["quote"]
            rest = _REST[quote].match(code, at)
            body, whole = (rest["body"], rest["end"]) if rest else ("", None)
            at = rest.end() if rest else at
            content = _text(prefix, quote, body)
            if not whole and at == len(code):
                return found, Typed(body if content is None else content, body, quote, prefix)
            found.append(_Token("string", quote, content if whole else None, at))
        elif kind == "comment" and at == len(code):
            found.append(_Token(kind, match[0]))
        elif kind not in ("space", "comment"):
            found.append(_Token(kind, match[0], match[0] if kind == "name" else None, at))
    return found, None


def _text(prefix: str, quote: str, body: str) -> str | None:
    """What a literal means; None where it is no text."""
    try:
        value = ast.literal_eval(f"{prefix.lower().replace('f', '').replace('t', '')}{quote}{body}{quote}")
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None
