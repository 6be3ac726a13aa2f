"""Values of a file that anybody may have written: what is not there as expected is said with its location."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dynaclient._support.messages import kind_of
from dynaclient.document.node import escape


class Misshapen(ValueError):
    """A value is not what is expected at `pointer`."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"at {pointer or '/'}: {message}")


class Shaped:
    """A value, and the JSON pointer that leads to it. What reads it raises Misshapen."""

    __slots__ = ("pointer", "value")

    def __init__(self, value: Any, pointer: str = "") -> None:
        self.value = value
        self.pointer = pointer

    def get(self, name: str) -> Shaped | None:
        """A member; None where it is not there, or null."""
        self._expect(dict, "an object")
        value = self.value.get(name)
        return None if value is None else Shaped(value, f"{self.pointer}/{escape(name)}")

    def member(self, name: str) -> Shaped:
        """A member that has to be there."""
        found = self.get(name)
        if found is None:
            raise Misshapen(self.pointer, f"expected a member {name!r}")
        return found

    def items(self) -> Iterator[Shaped]:
        """The items of an array."""
        self._expect(list, "an array")
        for index, value in enumerate(self.value):
            yield Shaped(value, f"{self.pointer}/{index}")

    def members(self) -> Iterator[tuple[str, Shaped]]:
        """The members of an object that are not null."""
        self._expect(dict, "an object")
        for name in self.value:
            if (found := self.get(name)) is not None:
                yield name, found

    def text(self) -> str:
        """A string."""
        self._expect(str, "a string")
        return self.value  # type: ignore[no-any-return]

    def url(self) -> str:
        """A string that is a URL."""
        found = self.text()
        try:
            urlsplit(found)
        except ValueError:
            raise Misshapen(self.pointer, f"expected a URL, got {found[:80]!r}") from None
        return found

    def integer(self) -> int:
        """An integer, which may be written as 200.0, or in a string."""
        value = self.value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refused("an integer")
        return value

    def text_of(self, name: str) -> str:
        """The string at `name`; empty where there is none."""
        found = self.get(name)
        return "" if found is None else found.text()

    def size_of(self, name: str) -> int:
        """The integer at `name`; 0 where there is none."""
        found = self.get(name)
        return 0 if found is None else found.integer()

    def refused(self, expected: str) -> Misshapen:
        """The error for a value that is not what is expected."""
        return Misshapen(self.pointer, f"expected {expected}, got {kind_of(self.value)}")

    def _expect(self, kind: type, expected: str) -> None:
        if not isinstance(self.value, kind):
            raise self.refused(expected)
