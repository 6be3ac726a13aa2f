"""What the schemas at one location of a value ask for, where the form of a value on the wire depends on it.

`5.0` is an integer and travels as `5`, bytes travel as base64, a Decimal as text: only the schema tells. All
schemas that may have a say are looked at, those of `anyOf` and `oneOf` too: what is made of a value is equal
to it, so it is right for whichever of them is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from dynaclient.document.document import Document
from dynaclient.document.node import NOWHERE, Node, rebase
from dynaclient.document.subschemas import BESIDE, closure, under
from dynaclient.errors import DocumentError

_MOST = 1000
"""How many schemas are looked at for one place."""

_ENCODINGS = frozenset(("base64", "base64url", "base32", "base32hex", "base16", "quoted-printable"))
"""Those that bytes are written in. 7bit, 8bit and binary are none: what they mean is the bytes themselves."""

_INTEGER = frozenset(("integer", "int", "long"))
_NUMBER = _INTEGER | {"number", "float", "double", "decimal"}


class EncodingHints:
    """The schemas that say something of the value at one location, and of what is in it. Found when asked.

    `nodes`: the schemas of the value; `each`: those of its items beside what these say; `raw`: whether bytes
    can travel there as they are, as in a part of a multipart message; `heads`: the schemas of headers of its
    parts, by property and name in lower case.
    """

    def __init__(
        self,
        document: Document,
        nodes: Sequence[Node],
        each: Sequence[Node] = (),
        *,
        raw: bool = False,
        heads: Mapping[str, Mapping[str, Node]] | None = None,
    ) -> None:
        self._raw = raw
        self._heads = heads or {}
        self._headers: Mapping[str, Node] = {}
        self._document = document
        self._nodes = nodes
        self._each = each
        self._members: dict[str, EncodingHints] = {}
        self._items: dict[int, EncodingHints] = {}

    # -- what is asked of the value -----------------------------------------------------------------

    @cached_property
    def integer(self) -> bool:
        """Whether an integer is asked for: by the type, or by one among the listed values."""
        return not self._types.isdisjoint(_INTEGER) or any(map(_lists_integers, self._schemas))

    @cached_property
    def text_only(self) -> bool:
        """Whether text is asked for, and no number would do."""
        return "string" in self._types and self._types.isdisjoint(_NUMBER)

    @cached_property
    def object_only(self) -> bool:
        """Whether an object is asked for, and no array would do."""
        return "object" in self._types and "array" not in self._types

    @cached_property
    def encoding(self) -> str:
        """How bytes are written as text: `contentEncoding` (JSON Schema 2020-12), or `format: byte`.

        Where bytes can travel as they are, they do so if the document only names the format.
        """
        stated = (node.text("contentEncoding").strip().lower() for node in self._schemas)
        by_format = not self._raw and any(node.text("format") == "byte" for node in self._schemas)
        return next(filter(_ENCODINGS.__contains__, stated), "base64" if by_format else "")

    @cached_property
    def media_type(self) -> str:
        """What its text or bytes hold: `contentMediaType`; that of its items where it has some."""
        stated = next(filter(None, (node.text("contentMediaType") for node in self._schemas)), "")
        has_items = not stated and any("items" in node.value for node in self._schemas)
        return self.item(0).media_type if has_items and self is not self.item(0) else stated

    @cached_property
    def file(self) -> bool:
        """Whether it is a file, or files: `format: binary`, or `contentMediaType` that is no text."""
        if not self.encoding and any(node.text("format") == "binary" for node in self._schemas):
            return True
        has_items = any("items" in node.value for node in self._schemas)
        if has_items and self is not self.item(0):
            return self.item(0).file
        kind = self.media_type.partition(";")[0].strip().lower()
        written = kind.startswith("text/") or kind.endswith(("json", "xml"))
        return bool(kind) and not self.encoding and not written

    @property
    def names(self) -> set[str]:
        """The properties that have schemas of their own."""
        members = (node.get("properties") for node in self._schemas)
        return {name for each in members if each for name, _ in each.items()}

    # -- what is in it ---------------------------------------------------------------------------------

    def property(self, name: str) -> EncodingHints:
        """What is asked of a property."""
        if name not in self._members:
            found = [each for node in self._schemas for each in _property(node, name)]
            self._members[name] = EncodingHints(self._document, found, raw=self._raw)
            self._members[name]._headers = self._heads.get(name, {})
        return self._members[name]

    def item(self, index: int) -> EncodingHints:
        """What is asked of an item."""
        index = min(index, self._prefix)
        if index not in self._items:
            found = [each for node in self._schemas for each in _item(node, index)]
            self._items[index] = EncodingHints(self._document, [*found, *self._each], raw=self._raw)
            self._items[index]._headers = self._headers
        return self._items[index]

    def header(self, name: str) -> EncodingHints | None:
        """What is asked of a header of the part that it is; None where nothing is said of that."""
        schema = self._headers.get(name.lower())
        return None if schema is None else EncodingHints(self._document, [schema])

    @cached_property
    def _prefix(self) -> int:
        """How many items have schemas of their own; all behind them have the same."""
        lists = (node.value.get(key) for node in self._schemas for key in ("prefixItems", "items"))
        return max((len(each) for each in lists if isinstance(each, list)), default=0)

    @cached_property
    def _types(self) -> frozenset[str]:
        stated = [node.value.get("type") for node in self._schemas]
        several = [each if isinstance(each, list) else [each] for each in stated]
        return frozenset(each.lower() for kinds in several for each in kinds if isinstance(each, str))

    @cached_property
    def _schemas(self) -> list[Node]:
        """All schemas that may have a say of the same value, those behind references too."""
        return [*closure(self._nodes[::-1], self._beside, _MOST)]

    def _beside(self, node: Node) -> list[Node]:
        """The schemas of the same value: the last first, which counts where they differ."""
        found = []
        for keyword in ("$ref", "$dynamicRef"):
            if ref := node.text(keyword):
                with suppress(DocumentError):  # the check of the value tells
                    found.append(self._document.resolve(ref, rebase(node)))
        found += under(node, *BESIDE, "then", "else", "dependentSchemas")
        return found[::-1]


def parts_of(document: Document, schema: Node) -> tuple[dict[str, str], frozenset[str]]:
    """The media types of the properties of a multipart body, where their schemas name them, and its files."""
    asked = EncodingHints(document, [schema], raw=True)
    members = {name: asked.property(name) for name in sorted(asked.names)}
    modern = document.version >= (3, 1)
    types = {name: each.media_type for name, each in members.items() if modern and each.media_type}
    return types, frozenset(name for name, each in members.items() if each.file)


def _lists_integers(node: Node) -> bool:
    listed = node.value.get("enum")
    return type(node.value.get("const")) is int or (
        isinstance(listed, list) and any(type(each) is int for each in listed)
    )


def _property(node: Node, name: str) -> Iterator[Node]:
    """The schemas of a property. Which names a pattern fits is not looked at: what it asks harms no other."""
    named = node.get("properties", name)
    yield from under(node, "patternProperties")
    yield from [named] if named else under(node, "additionalProperties", "unevaluatedProperties")


def _item(node: Node, index: int) -> Iterator[Node]:
    for keyword in ("prefixItems", "items"):
        several = list((node.get(keyword) or NOWHERE).elements())
        if index < len(several):
            yield several[index]
            return
    yield from (each for each in map(node.get, ("items", "additionalItems", "unevaluatedItems")) if each)
