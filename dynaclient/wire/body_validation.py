"""What of a body breaks the document: its schema, the items of a sequence, the parts of a form.

A schema speaks of JSON, forms, sequences of JSON, text and what a registered codec reads; it says nothing of
the form of bytes and XML, which are passed through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dynaclient._support.messages import REQUIRED, setting_name
from dynaclient.document.model import MediaType, Parameter
from dynaclient.document.node import Node, escape, tokens
from dynaclient.errors import Violation
from dynaclient.wire import codecs, json_values, media_types
from dynaclient.wire.json_values import NotPlain, is_binary, is_file, is_part, json_value, without_files
from dynaclient.wire.media_types import BINARY, TEXT, essence, is_form, is_json, is_sequence, is_text, is_xml
from dynaclient.wire.value_types import ANY, ExpectedType

Check = Callable[[Node, Any, Any, str], list[Violation]]
"""Schema, value, where, name -> what the value breaks; DocumentError where the schema cannot be used."""

ShapeAt = Callable[[Node | None], ExpectedType]
"""Schema -> what type of value a text stands for."""

Heads = Callable[[MediaType, Any], Iterable[Violation]]
"""What a form is documented as, its value -> what the heads of its parts break."""

_OF_TEXT = frozenset(
    ("minLength", "maxLength", "pattern", "format", "enum", "const", "contentEncoding", "contentSchema")
)
"""Keywords that a file breaks only because text stands in its place while it is checked."""


class BodyValidator:
    """Holds bodies of one direction against the document.

    `unfit` is called where a schema cannot be meant of what it stands at, and is not applied; `is_file` tells
    whether bodies of a media type are bytes as they are, whatever their label says.
    """

    def __init__(
        self,
        check: Check,
        shape: ShapeAt,
        unfit: Callable[[MediaType], None],
        is_file: Callable[[MediaType], bool],
    ) -> None:
        self.check = check
        self.shape = shape
        self.unfit = unfit
        self.is_file = is_file

    def violations(
        self, documented: MediaType, value: Any, kind: str, heads: Heads | None = None
    ) -> list[Violation]:
        """What `value` breaks as a body of media type `kind`, one that `documented` stands for.

        `heads`: what the heads of its parts break, where it came in; of one to be sent, `value` tells.
        """
        if type(value) not in (dict, list) and is_binary(value):
            return []
        if is_json(kind):
            return self._schema(documented, value)
        if codecs.is_registered(kind):
            return self._of_a_codec(documented, value)
        if is_sequence(kind):
            return self._sequence(documented, value, kind)
        if is_form(kind) or kind.startswith("multipart/"):
            return self._form(documented, value) + list((heads or self._parts)(documented, value))
        return self._text(documented, value, kind)

    def _schema(self, documented: MediaType, value: Any) -> list[Violation]:
        return [] if documented.schema is None else self.check(documented.schema, value, "body", "body")

    def _of_a_codec(self, documented: MediaType, value: Any) -> list[Violation]:
        try:
            return self._schema(documented, json_value(value))
        except NotPlain as error:
            return [Violation("body", "body", error.pointer, error.message)]

    def _text(self, documented: MediaType, value: Any, kind: str) -> list[Violation]:
        """Text; a schema that asks for no text speaks of what the text means: only text/plain says that."""
        if isinstance(value, str):
            if not is_text(kind) or is_xml(kind):
                return []
            shape = self.shape(documented.schema)
            if kind == TEXT:
                from dynaclient.wire.form_decoding import typed_text  # late: 8 ms

                value = typed_text(value, shape)
            elif shape.types and "string" not in shape.types:
                return []
        return self._schema(documented, value)

    # -- sequences: 3.2 has itemSchema; elsewhere `schema` is of the list or of each item --------------

    def _sequence(self, documented: MediaType, value: Any, kind: str) -> list[Violation]:
        """A list of items, or the text of one."""
        if isinstance(value, str):
            try:
                value = codecs.decode_body(value.encode(), kind)
            except json_values.Undecodable as error:
                return [Violation("body", "body", "", str(error), documented.node.place)]
        return self._items(documented, value)

    def _items(self, documented: MediaType, items: Any) -> list[Violation]:
        whole, each = self.item_schemas(documented)
        found = self.check(whole, items, "body", "body") if whole is not None else []
        if each is not None:
            for index, item in enumerate(items):
                found += [_below(it, index) for it in self.check(each, item, "body", "body")]
        return found

    def item_schemas(self, documented: MediaType) -> tuple[Node | None, Node | None]:
        """The schema of a sequence as a list, and the one of each of its items, where there are any.

        One that asks for a string is about the text of all, as older documents describe it.
        """
        schema, each = documented.schema, documented.item_schema
        if schema is None or each is not None:
            return schema, each
        types = self.shape(schema).types
        if types == {"string"}:
            return None, None
        return (schema, None) if not types or "array" in types else (None, schema)

    # -- forms -----------------------------------------------------------------------------------------

    def _form(self, documented: MediaType, value: Any) -> list[Violation]:
        if isinstance(value, list):
            return self._items(documented, without_files(value))
        if not isinstance(value, Mapping):
            return self._schema(documented, value)
        if is_form(essence(documented.name)) and not self.is_of_fields(documented):
            self.unfit(documented)
            return []
        given = self._properties(documented, value)
        found = self._of_properties(documented, value, given)
        arriving = {name: item for name, item in given.items() if item != []}
        if not found and len(arriving) < len(given):
            lost = [name for name, item in given.items() if item == []]
            missing = self._of_properties(documented, value, arriving)
            found = [_for_want_of(each, lost) for each in missing]
        return found

    def is_of_fields(self, documented: MediaType) -> bool:
        """Whether its schema allows an object: one of an array or a file alone cannot be meant of a form."""
        types = self.shape(documented.schema).types
        return not types or "object" in types

    def _properties(self, documented: MediaType, value: Mapping[str, Any]) -> dict[str, Any]:
        """The form with text in place of files; what they hold where they are JSON and data is expected."""
        shape = self.shape(documented.schema)
        return {name: _readable(item, shape.property(name)) for name, item in value.items()}

    def _of_properties(
        self, documented: MediaType, value: Mapping[str, Any], given: dict[str, Any]
    ) -> list[Violation]:
        found = []
        for each in self._schema(documented, given):
            if not _is_at_file(each, value):
                found.append(each)
            elif _keyword(each) not in _OF_TEXT:
                found.append(replace(each, message=each.message.replace('a string ("")', "a file")))
        return found

    def _parts(self, documented: MediaType, value: Any) -> list[Violation]:
        """What parts break of their Encoding Object: its content types, its headers."""
        at = documented.node
        encoded = documented.encoding or at.get("itemEncoding") or at.get("prefixEncoding")
        if (
            not encoded
            or essence(documented.name) == media_types.FORM
            or not isinstance(value, (Mapping, list))
        ):
            return []
        from dynaclient.wire.multipart import faults, parts  # late: 6 ms

        found = [
            Violation("body", "body", part.place, message, documented.node.place)
            for part, message in faults(value, documented)
        ]
        for part in parts(value, documented):
            for header in documented.part_headers.get(str(part.name), ()):
                found += self._header(header, part.headers, part.place)
        return found

    def _header(self, header: Parameter, given: Mapping[str, Any], pointer: str) -> list[Violation]:
        value = next((each for name, each in given.items() if name.lower() == header.name.lower()), None)
        if value is None:
            missing = f"header {header.name}: {REQUIRED}; give {setting_name('typed part')}"
            return [Violation("body", "body", pointer, missing, header.node.place)] if header.required else []
        if header.schema is None:
            return []
        said = f"header {header.name}"
        found = self.check(header.schema, value, "body", "body")
        return [replace(each, pointer=pointer, message=f"{said}: {each.message}") for each in found]


def _below(violation: Violation, index: int) -> Violation:
    return replace(violation, pointer=f"/{index}{violation.pointer}")


def _keyword(violation: Violation) -> str:
    return violation.schema_pointer.rpartition("/")[2]


def _for_want_of(violation: Violation, lost: list[str]) -> Violation:
    pointer = violation.pointer or (f"/{escape(lost[0])}" if len(lost) == 1 else "")
    why = f"an empty array is not sent in a form, so {', '.join(lost)} would be lost"
    return replace(violation, pointer=pointer, message=f"{violation.message}: {why}")


def _is_at_file(violation: Violation, value: Mapping[str, Any]) -> bool:
    """Whether a violation is of a file, or of an item that is one."""
    found: Any = value
    for token in tokens(violation.pointer):
        if isinstance(found, Mapping) and token in found:
            found = found[token]
        elif isinstance(found, list) and token.isdecimal() and int(token) < len(found):
            found = found[int(token)]
        else:
            return False
    return is_file(found)


def _readable(item: Any, shape: ExpectedType) -> Any:
    """A property without files: text in their place, or the data of `(name, bytes, "application/json")`."""
    if isinstance(item, list):
        return [_readable(each, shape.items or ANY) for each in item]
    if is_part(item) and not is_binary(item[1]):
        return item[1]
    if not is_file(item):
        return item
    structured = bool(shape.types) and "string" not in shape.types
    return _json_inside(item) if structured and isinstance(item, tuple) else ""


def _json_inside(file: tuple[Any, ...]) -> Any:
    """What `(name, bytes or text, "application/json")` holds; empty text for any other file."""
    if not isinstance(file[1], (bytes, str)) or not is_json(essence((*file, None)[2] or BINARY)):
        return ""
    try:
        return json_values.decode_json(file[1].encode() if isinstance(file[1], str) else file[1])
    except json_values.Undecodable:
        return ""
