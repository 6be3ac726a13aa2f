"""Patterns that are compiled late, beside those of `re`."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from dynaclient import late


@pytest.mark.parametrize("text", ["", "ab", "xaby", "AB", "a-b"])
@pytest.mark.parametrize("method", ["match", "fullmatch", "search", "findall", "split"])
@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_does_what_a_compiled_pattern_does(method: str, text: str, flags: int) -> None:
    ours = getattr(late.pattern("a(b)", flags), method)(text)
    theirs = getattr(re.compile("a(b)", flags), method)(text)
    assert str(ours) == str(theirs)


def test_says_what_it_is_made_of() -> None:
    made = late.pattern("a+", re.ASCII)
    assert (made.pattern, made.flags, made.groups) == ("a+", re.ASCII, 0)
    assert made.sub("-", "caat") == "c-t"


def test_is_compiled_once() -> None:
    made = late.pattern("a")
    assert made.match is made.match


def test_what_is_wrong_shows_at_first_use() -> None:
    made = late.pattern("(")
    with pytest.raises(re.error):
        made.match("")


def test_the_client_is_imported_without_compiling() -> None:
    code = (
        "import re, sys\n"
        "made = []\n"
        "real = re.compile\n"
        "def compile(*given):\n"
        "    made.append((sys._getframe(1).f_globals['__name__'], *given))\n"
        "    return real(*given)\n"
        "re.compile = compile\n"
        "from dynaclient import Client\n"
        "print([each for each in made if each[0].startswith('dynaclient')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
