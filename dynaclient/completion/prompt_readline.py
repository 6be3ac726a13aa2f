"""Completion at Python's own prompt, by readline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dynaclient.completion.python_prompt import Offers, plain_offers


class PromptCompleter:
    """Its `complete` is what `readline.set_completer` takes. `earlier` gives the lines above."""

    def __init__(self, namespace: Mapping[str, Any], earlier: Callable[[], list[str]] = list) -> None:
        self._namespace = namespace
        self._earlier = earlier
        self._found: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """The completion numbered `state` of `text`, the last word of the line; None behind the last."""
        import readline  # optional

        if state == 0:
            line, end = readline.get_line_buffer(), readline.get_endidx()
            begun = line[: end - len(text)][-1:]
            closes = text and begun in ("'", '"') and "libedit" not in (readline.__doc__ or "")
            after = begun if closes else line[end:]  # GNU readline closes a quote that the word begins with
            self._found = self.completions(line[:end], text, after)
        return self._found[state] if state < len(self._found) else None

    def completions(self, line: str, word: str, after: str = "") -> list[str]:
        """What could stand in the place of `word`, which `line` ends with."""
        if not line.strip():
            return ["    "] if word == line else [word + "    "]
        code = "\n".join([*self._earlier(), line])
        return _for_word(plain_offers(code, self._namespace, after), word)


def _for_word(found: Offers, word: str) -> list[str]:
    """Offers as readline wants them: it replaces the last word, which its own rules find."""
    made = []
    for each in found.offers:
        text = f"{each.text}(" if each.kind in ("operation", "function") else each.text
        if len(word) <= len(found.typed):  # the word is the end of what is replaced
            cut = len(found.typed) - len(word)
            if text[:cut] == found.typed[:cut]:
                made.append(text[cut:])
        elif word.endswith(found.typed):  # the word began earlier: `api.get`
            made.append(word[: len(word) - len(found.typed)] + text)
    return made
