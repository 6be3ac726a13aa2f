"""Completion in IPython and in notebooks: `%load_ext dynaclient`, or `import dynaclient` there.

A matcher is added beside those of IPython. It is asked first, and has nothing to say where the cursor is in
nothing of dynaclient's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

NAME = "dynaclient"


def add_matcher(shell: Any, at_first: Callable[[], None] | None = None) -> None:
    """Let an IPython shell complete operations, their arguments, and what is in these.

    `at_first` is called before the first completion: what only that needs.
    """
    matchers = shell.Completer.custom_matchers
    if not any(isinstance(each, Matcher) for each in matchers):
        matchers.append(Matcher(shell, at_first))


def remove_matcher(shell: Any) -> None:
    """Take it back."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if not isinstance(each, Matcher)]


def load_into_running_shell() -> None:
    """The same as `%load_ext dynaclient`, where this process has a shell of IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    if shell is not None and hasattr(getattr(shell, "Completer", None), "custom_matchers"):
        add_matcher(shell)


class Matcher:
    """A matcher as IPython asks for them, of version 2."""

    matcher_api_version = 2
    matcher_identifier = NAME
    matcher_priority = 0

    def __init__(self, shell: Any, at_first: Callable[[], None] | None = None) -> None:
        self._shell = shell
        self._at_first = at_first
        self.__qualname__ = NAME  # IPython asks for it, as of a function

    def __call__(self, context: Any) -> dict[str, Any]:
        """What could stand at the cursor of `context`."""
        from IPython.core.completer import SimpleCompletion  # optional

        from dynaclient.completion.python_prompt import python_offers  # late: 60 ms

        at_first, self._at_first = self._at_first, None
        if at_first is not None:
            at_first()
        lines = context.full_text.split("\n")
        line = lines[context.cursor_line] if context.cursor_line < len(lines) else ""
        before = "\n".join([*lines[: context.cursor_line], line[: context.cursor_position]])
        found = python_offers(before, self._shell.user_ns, line[context.cursor_position :])
        if not found.offers:
            return {"completions": []}
        return {
            "completions": [
                SimpleCompletion(each.text, type=_TYPES.get(each.kind, each.kind)) for each in found.offers
            ],
            "matched_fragment": found.typed,
            "suppress": found.alone,
            "do_not_suppress": {"IPCompleter.file_matcher"} if found.offers[0].kind == "document" else set(),
            "ordered": True,
        }


_TYPES = {"operation": "function", "parameter": "param"}
"""What IPython calls these; it has pictures for some."""
