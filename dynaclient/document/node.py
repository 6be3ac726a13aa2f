"""Locations in a document: values and where they stand, JSON pointers, and where operations stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

from dynaclient._support.prose import visible

WITHIN = ("#/$defs/", "#/definitions/")
"""How references begin that may mean another location wherever they stand (see `reference_repair`)."""


class Node(NamedTuple):
    """A value in a document and where it stands.

    `uri` names the file, `pointer` the location in it (RFC 6901), `base` what a relative reference here
    is relative to: the file, or the nearest `$id` around it (its own not yet counted: see `rebase`).
    """

    value: Any
    uri: str = ""
    pointer: str = ""
    base: str = ""

    def __repr__(self) -> str:
        return visible(f"<Node #{self.pointer}>")

    def child(self, token: str | int) -> Node:
        """The member or element called `token`; KeyError or IndexError where there is none."""
        return Node(self.value[token], self.uri, f"{self.pointer}/{escape(str(token))}", self.base)

    def at(self, token: str, value: Any) -> Node:
        """`value` as that of the member called `token`, which is not looked up and needs no escapes."""
        return Node(value, self.uri, f"{self.pointer}/{token}", self.base)

    def get(self, *tokens: str) -> Node | None:
        """The location that `tokens` lead to, or None where there is no such member."""
        node: Node | None = self
        for token in tokens:
            if node is None or not isinstance(node.value, dict) or token not in node.value:
                return None
            node = node.child(token)
        return node

    def text(self, key: str) -> str:
        """The text of member `key`; empty where there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """Whether member `key` is true."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value is True or value == "true"  # some generators quote everything

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object; nothing for any other value."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.child(key)

    def elements(self) -> Iterator[Node]:
        """The elements of an array; nothing for any other value."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self.child(index)

    @property
    def place(self) -> str:
        """The location as it is shown to people: the pointer, after the file where it is not the root."""
        return f"{self.uri}#{self.pointer}" if self.uri else self.pointer


NOWHERE = Node(None)
"""What stands where there is no such member."""


def escape(token: str) -> str:
    """One reference token as it stands in a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def join(base: str, reference: str) -> str:
    """The URI that `reference` names in `base` (RFC 3986, section 5), without a fragment.

    What is no URI, such as `http://[`, is given as it is; it leads nowhere.
    """
    try:
        return urldefrag(urljoin(base, reference)).url
    except ValueError:
        return reference


def tokens(pointer: str) -> list[str]:
    """The reference tokens of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def rebase(node: Node) -> Node:
    """`node` with the base that its own `$id` sets (JSON Schema 2020-12 core, 8.2.1)."""
    identity = node.value.get("$id") if isinstance(node.value, dict) else None
    if not isinstance(identity, str):
        return node
    return Node(node.value, node.uri, node.pointer, join(node.base, identity))


def stated_version(tree: Any) -> tuple[int, int] | None:
    """The version that a file says it speaks: (2, 0), or (3, 0) to (3, 2); later ones of 3 are read as 3.2.

    None where it says none, as most part files do; others, such as (4, 0), as they are.
    """
    stated = tree.get("openapi", tree.get("swagger")) if isinstance(tree, dict) else None
    if not isinstance(stated, (str, int, float)):
        return None
    match = re.match(r"\s*v?(\d+)(?:\.(\d+))?(?!\d)", str(stated))
    if match is None:
        return None
    version = (int(match[1]), int(match[2] or 0))
    return (3, 2) if version[0] == 3 and version > (3, 2) else version


# By hand: a document has thousands of them, so they are tuples, and typing.NamedTuple takes a millisecond.
class OperationEntry(tuple[str, str, str, str, str]):
    """Where an operation stands: all that is known of it before it is made, five texts, which can be kept.

    `key`, then `readable`, which its attribute is named after; `name` is its path as the document has it,
    `step` leads from the Path Item to it: a JSON pointer without the first slash. `elsewhere` is its location
    (`uri#pointer`) where a reference leads away from there, else empty.
    """

    __slots__ = ()

    @property
    def key(self) -> str:
        """The operationId, or `METHOD /path`."""
        return self[0]

    @property
    def readable(self) -> str:
        """What the attribute is named after, in snake_case."""
        return self[1]

    @property
    def name(self) -> str:
        """The path as the document has it."""
        return self[2]

    @property
    def step(self) -> str:
        """From the Path Item to the operation."""
        return self[3]

    @property
    def path(self) -> str:
        """The path template, which begins with a slash."""
        return self.name if self.name.startswith("/") else f"/{self.name}"

    @property
    def method(self) -> str:
        """The HTTP method: upper case, but for additional ones (3.2), which are as they are written."""
        extra, slash, method = self.step.partition("/")
        return tokens(slash + method)[0] if slash else extra.upper()

    @property
    def location(self) -> str:
        """`METHOD /path`, by which every operation is reachable."""
        return f"{self.method} {self.path}"

    @property
    def place(self) -> str:
        """The location of the Operation Object, `uri#pointer`; the root of the document has no `uri`."""
        return self[4] or self.expected

    @property
    def expected(self) -> str:
        """Its location as long as no reference leads away."""
        return f"#/paths/{escape(self.name)}/{self.step}"
