"""Where the cursor is in code that is not whole yet; the code is Python's, and nothing of it is run."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.completion.python_code import Cursor, cursor_in

API = (("name", "api"),)
OP = (*API, ("attribute", "op"))


def told(cursor: Cursor | None) -> tuple[object, ...] | None:
    """What matters of a cursor: owner, how, argument, path, what is typed there and what of it."""
    if cursor is None:
        return None
    typed = cursor.word if cursor.text is None else f"'{cursor.text.content}"
    return (
        ".".join(str(what) for _, what in cursor.owner),
        cursor.how,
        cursor.argument,
        cursor.path,
        cursor.at,
        typed,
    )


CURSORS = {
    # names and attributes
    "ap": ("", "name", 0, (), "name", "ap"),
    "x = 5; ap": ("", "name", 0, (), "name", "ap"),
    "api.": ("api", "attribute", 0, (), "name", ""),
    "api.get_cu": ("api", "attribute", 0, (), "name", "get_cu"),
    "api . get": ("api", "attribute", 0, (), "name", "get"),
    "print(api.op.se": ("api.op", "attribute", 0, (), "name", "se"),
    "f(x)(api.g": ("api", "attribute", 0, (), "name", "g"),
    'apis["a b"][0].op.s': ("apis.a b.0.op", "attribute", 0, (), "name", "s"),
    "not api.g": ("api", "attribute", 0, (), "name", "g"),
    # what a call gives is not known without calling
    "make().": ("", "attribute", 0, (), "name", ""),
    "make().op(": None,
    # arguments
    "api.op(": ("api.op", "call", 0, (), "name", ""),
    "api.op(a": ("api.op", "call", 0, (), "name", "a"),
    "api.op(1, ": ("api.op", "call", 1, (), "name", ""),
    "api.op(f(1, 2), [1, 2], ": ("api.op", "call", 2, (), "name", ""),
    "api.op(lambda x: x, ": ("api.op", "call", 1, (), "name", ""),
    "api.op(a=": ("api.op", "call", "a", (), "value", ""),
    "api.op(a == ": ("api.op", "call", 0, (), "name", ""),
    "api.op(a='o": ("api.op", "call", "a", (), "value", "'o"),
    "await api.op(a='o": ("api.op", "call", "a", (), "value", "'o"),
    "r = [api.op(a='o": ("api.op", "call", "a", (), "value", "'o"),
    "api.op((a": ("api.op", "call", 0, (), "value", "a"),
    "api.op(x ": None,
    "api.op(x y": None,
    "api.op('a' ": None,
    # dicts and lists in arguments
    "api.op({'": ("api.op", "call", 0, (), "key", "'"),
    "api.op({": ("api.op", "call", 0, (), "key", ""),
    "api.op({'a': ": ("api.op", "call", 0, ("a",), "value", ""),
    "api.op({'a': {'b": ("api.op", "call", 0, ("a",), "key", "'b"),
    "api.op(body={'a': [{'b': 1}, {'c": ("api.op", "call", "body", ("a", 1), "key", "'c"),
    "api.op(body={'a': [{'b': 1}], 'c": ("api.op", "call", "body", (), "key", "'c"),
    "api.op(body={**base, 'c": ("api.op", "call", "body", (), "key", "'c"),
    "api.op(body=base | {'c": ("api.op", "call", "body", (), "key", "'c"),
    "api.op(dict(a=dict(b": ("api.op", "call", 0, ("a",), "keyword", "b"),
    "api.op(dict(a='": ("api.op", "call", 0, ("a",), "value", "'"),
    "api.op({f(): {'": None,
    "api.op({'a' 'b": None,
    "api.op(\n  body={\n    'a': {  # why\n      'b": ("api.op", "call", "body", ("a",), "key", "'b"),
    "api.op(body={'a': g({'": ("g", "call", 0, (), "key", "'"),
    # the way that a text is written
    'api.op("""o': ("api.op", "call", 0, (), "name", "'o"),
    "api.op(r'\\d": ("api.op", "call", 0, (), "name", "'\\d"),
    "api.op('\\x41": ("api.op", "call", 0, (), "name", "'A"),
    "api.op(\"it's": ("api.op", "call", 0, (), "name", "'it's"),
    'print("done"); api.op("o': ("api.op", "call", 0, (), "name", "'o"),
    # keys of something
    "api.operations['get": ("api.operations", "item", 0, (), "value", "'get"),
    "api.operations[": ("api.operations", "item", 0, (), "value", ""),
    "api.op(a=1)['x": None,
    # nothing of Python stands there
    "api.op(  # api.": None,
    "'api.op(": None,
    ")}] api.op('": ("api.op", "call", 0, (), "name", "'"),
    "": ("", "name", 0, (), "name", ""),
}


@pytest.mark.parametrize("code", CURSORS)
def test_where_the_cursor_is(code: str) -> None:
    assert told(cursor_in(code)) == CURSORS[code]


def test_what_is_there_already() -> None:
    assert cursor_in("api.op('s', dry=True, ").given == ("dry",)  # type: ignore[union-attr]
    assert cursor_in("api.op('s', dry=True, ").before == ("s",)  # type: ignore[union-attr]
    assert cursor_in("api.op(body={'a': 1, 'b': 2, '").given == ("a", "b")  # type: ignore[union-attr]
    assert cursor_in("api.op(body={'").given == ()  # type: ignore[union-attr]
    assert cursor_in("show(api.op, '").before == (OP,)  # type: ignore[union-attr]


PIECES = st.sampled_from(
    [*"()[]{}'\"\\,:=.\n# \t\r;@", "'''", '"""', "api", "op", "f'", "b'", "1", "é", "\x00", "\x1b"]
)


@given(st.lists(PIECES, max_size=40))
def test_any_text_is_read(pieces: list[str]) -> None:
    """It is looked at with every key that is pressed: it may be anything."""
    cursor_in("".join(pieces))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("piece", ["(", "[{'a': ", "'''", "a.", "\\", '"\\"', "#\n"])
def test_long_code_is_bounded(piece: str) -> None:
    start = time.process_time()
    cursor_in(piece * 100_000)
    assert time.process_time() - start < 20  # a quadratic reading takes minutes
