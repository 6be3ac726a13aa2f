"""What cases of an operation are about: its parameters and bodies, each with its schema and a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

from dynaclient._support.missing import MISSING
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.client import executor_of
from dynaclient.contract.apart import is_opaque
from dynaclient.contract.case import Case
from dynaclient.contract.generation import CaseMaker, Unmakeable
from dynaclient.contract.request_bodies import checked, documented_type, files_as_texts
from dynaclient.document.model import Parameter, RequestBody
from dynaclient.document.node import Node, escape
from dynaclient.errors import Where, located
from dynaclient.generation.choices import ReadableChoices
from dynaclient.generation.factory import Unsatisfiable
from dynaclient.generation.variations import Variation
from dynaclient.wire import media_types
from dynaclient.wire.json_values import holds_files

if TYPE_CHECKING:
    from dynaclient.document.document import Document


def mark_of(case: Case) -> str:
    """What two cases share that send the same."""
    return repr((sorted(case.arguments.items()), case.body, case.content_type, case.raw, case.query_extra))


def place_of(where: Where, name: str, pointer: str = "") -> str:
    """`query limit`, `body /age`."""
    return located(where, name, pointer).removesuffix(": ").replace(" at ", " ")


@dataclass(frozen=True)
class Subject:
    """A parameter or the body of a case, or one item of its body: a value that a schema describes."""

    where: Where
    name: str
    schema: Node
    value: Any
    """In a form, with text in place of files."""
    put: Callable[[Any], Case]
    parameter: Parameter | None = None
    above: str = ""
    files: frozenset[str] = frozenset()
    """Pointers to properties that are files: no schema is about them."""

    def key(self, variation: Variation) -> str:
        """What a variation is about."""
        return self.parameter.key if self.parameter else f"body{self.above}{variation.pointer}"

    def holds(self, pointer: str) -> bool:
        """Whether a schema says something of what `pointer` leads to."""
        return f"/{pointer[1:].partition('/')[0]}" not in self.files


class Subjects:
    """What both kinds of cases are made from."""

    def __init__(self, maker: CaseMaker, key: str, base: Case) -> None:
        self.maker = maker
        self.base = base
        self.compiled: CompiledOperation = executor_of(maker.client).compiled(key)
        self.operation = self.compiled.operation
        self.document: Document = maker.client.document
        self.source = ReadableChoices(crc32(mark_of(base).encode()))

    def parameters(self) -> Iterator[Subject]:
        """Those of the operation, with the values of the base or with new ones."""
        for parameter in self.operation.parameters:
            value = self.base.arguments.get(parameter.key)
            if value is None:
                value = self.made(parameter)
            if value is not None and parameter.value_schema is not None:
                put = partial(self.with_argument, parameter.key)
                schema = parameter.value_schema
                yield Subject(parameter.where, parameter.name, schema, value, put, parameter)

    def made(self, parameter: Parameter) -> Any:
        """A new value for a parameter; None where none can be made."""
        try:
            return self.maker.value(self.operation, parameter, self.source)
        except Unmakeable:
            return None

    def with_argument(self, key: str, value: Any) -> Case:
        """The base with another value of the parameter `key`."""
        return replace(self.base, arguments={**self.base.arguments, key: value})

    @cached_property
    def bodied(self) -> Case:
        """The base, with a body if the operation takes one and one can be made."""
        body = self.operation.body
        if body is None or self.base.body is not MISSING:
            return self.base
        try:
            return self.maker.with_body(self.base, body, self.source)
        except Unmakeable:
            return self.base

    @cached_property
    def other_bodies(self) -> dict[str, Case]:
        """The base with a body of each media type but its own: with the body that it has, if that suits."""
        body = self.operation.body
        if body is None or len(body.content) < 2 or self.bodied.body is MISSING:
            return {}
        own = media_types.matching(body.content, self.bodied.content_type)
        wanted = [name for name, each in body.content.items() if each is not own and not is_opaque(name)]
        return {name: case for name in wanted if (case := self._with_body_as(body, name)) is not None}

    def _with_body_as(self, body: RequestBody, name: str) -> Case | None:
        kept = replace(self.bodied, content_type=media_types.concrete(name, self.bodied.body))
        if self.maker.encodes(kept):
            return kept
        with suppress(Unsatisfiable):
            return self.maker.with_body_as(self.base, body, name, self.source)
        return None

    def subjects(self) -> Iterator[Subject]:
        """What schemas describe: parameters, the body, bodies of other types with a schema of their own."""
        yield from self.parameters()
        known: list[Any] = []
        for case in (self.bodied, *self.other_bodies.values()):
            for subject in self.bodies_of(case):
                if subject.schema.value not in known:
                    known.append(subject.schema.value)
                    yield subject

    def bodies_of(self, case: Case) -> Iterator[Subject]:
        """The body of `case`; the first item of one that is a sequence described by its items."""
        body = self.operation.body
        if body is None or case.body is MISSING:
            return
        for schema, index in checked(body, self.compiled.bodies("request"), case):
            if index is not None:
                if case.body:
                    put = partial(_with_item, case, index)
                    yield Subject("body", "body", schema, case.body[index], put, above=f"/{index}")
            else:
                value, files = files_as_texts(documented_type(body, case), case.body), _files(case.body)
                put = partial(_with_whole, case)
                names = frozenset(f"/{escape(name)}" for name in files)
                yield Subject("body", "body", schema, value, put, files=names)


def _files(body: Any) -> dict[str, Any]:
    """The files and the lists of files of a form."""
    given = body if holds_files(body) else {}
    return {name: item for name, item in given.items() if holds_files({name: item})}


def _with_whole(case: Case, body: Any) -> Case:
    if isinstance(body, dict):
        body = {**body, **{name: item for name, item in _files(case.body).items() if name in body}}
    return replace(case, body=body)


def _with_item(case: Case, index: int, item: Any) -> Case:
    return replace(case, body=[*case.body[:index], item, *case.body[index + 1 :]])
