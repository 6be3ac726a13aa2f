"""One operation, ready to be called: arguments -> checked draft of a request, answer -> checked reading.

All that depends only on the operation is made once, on first use, and kept. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dynaclient.arguments import MISSING, Arguments, Names
from dynaclient.document.document import Node
from dynaclient.document.operation import Body, MediaType, Operation, Parameter
from dynaclient.errors import DocumentError, Finding, Violation
from dynaclient.records import dataclass, field
from dynaclient.schema.checker import Checker, Checkers
from dynaclient.schema.dialect import Direction
from dynaclient.wire import media
from dynaclient.wire.build import Draft, build
from dynaclient.wire.media import Encoded
from dynaclient.wire.read import Reading, read
from dynaclient.wire.shape import Shape, shape_of
from dynaclient.wire.styles import StyleError
from dynaclient.wire.unstyle import decode_header
from dynaclient.wire.values import NotPlain, is_binary, plain, without_files

if TYPE_CHECKING:
    from dynaclient.wire.incoming import Incoming
    from dynaclient.wire.receive import Received


@dataclass
class Prepared:
    """A draft, and what in it breaks the document though it could be sent."""

    draft: Draft
    values: dict[Parameter, Any]
    violations: list[Violation]


@dataclass
class Plan:
    """Everything about an operation that a call needs."""

    operation: Operation
    checkers: Checkers
    _shapes: dict[Parameter, Shape] = field(default_factory=dict, repr=False)

    @cached_property
    def names(self) -> Names:
        """The names that its parameters go by."""
        return Names(self.operation)

    def prepare(self, arguments: Arguments, options: Mapping[str, Any], *, check: bool) -> Prepared:
        """The request for `arguments`. With `check`, what breaks the document is found and listed.

        Raises DocumentError where the document does not say how to make the request.
        """
        if self.operation.problem:
            message = f"{self.operation.key} cannot be called: {self.operation.problem}"
            raise DocumentError(message, [Finding(self.operation.node.place, "error", message)])
        unsafe = list(arguments.violations)
        broken: list[Violation] = []
        values = self._values(arguments, unsafe, broken, check)
        body = self._body(arguments, options, unsafe, broken, check)
        draft = build(self.operation, values, body, options.get("headers") or {}, options.get("query") or {})
        draft.violations = unsafe + draft.violations
        return Prepared(draft, values, broken)

    def read(self, status: int, headers: Mapping[str, str], content: bytes, *, check: bool) -> Reading:
        """The answer, decoded; with `check`, held against the document."""
        reading = read(self.operation, status, headers, content)
        if check and reading.answer is not None:
            for header in reading.answer.headers:
                reading.violations += self._check_header(header, headers)
            media_type = reading.media
            if media_type and media_type.schema and reading.decoded and (content or reading.data is not None):
                reading.violations += self._check_answer(media_type, reading.data)
        return reading

    def receive(
        self, incoming: Incoming, path: Mapping[str, str], direction: Direction = "request"
    ) -> Received:
        """A request that came in, read and checked. `path`: the raw texts of the path parameters.

        `direction`: "response" where it is the API that sends, so that it may send what is readOnly.
        """
        from dynaclient.wire.receive import Receiver

        def check(schema: Node, value: Any, where: Any, name: str) -> list[Violation]:
            return self._checker(schema, direction).violations(value, where, name)

        receiver = Receiver(check, lambda schema: self._shape(schema, direction))
        return receiver.receive(self.operation, incoming, path)

    def _values(
        self, arguments: Arguments, unsafe: list[Violation], broken: list[Violation], check: bool
    ) -> dict[Parameter, Any]:
        values = {}
        for parameter in self.operation.parameters:
            given = arguments.values.get(parameter)
            if given is None:
                if parameter.required:
                    missing = Violation(_where(parameter), parameter.name, "", "missing: it is required")
                    (unsafe if parameter.location == "path" else broken).append(missing)
                continue
            try:
                values[parameter] = plain(given)
            except NotPlain as error:
                unsafe.append(Violation(_where(parameter), parameter.name, error.pointer, error.message))
                continue
            if check:
                broken += self._check_parameter(parameter, values[parameter])
        return values

    def _check_parameter(self, parameter: Parameter, value: Any) -> list[Violation]:
        schema = parameter.media_type.schema if parameter.media_type else parameter.schema
        if schema is None:
            return []
        if value == "" and parameter.allow_empty_value:
            return []
        checker = self._checker(schema, "request")
        return checker.violations(value, _where(parameter), parameter.name)

    def _checker(self, schema: Node, direction: Any) -> Checker:
        checker = self.checkers.checker(schema, direction)
        lost = self.checkers.unresolved(schema, direction) if direction == "request" else ""
        if lost:
            message = f"{self.operation.key} cannot be checked: {lost}"
            raise DocumentError(message, [Finding(schema.place, "error", message)])
        return checker

    def _body(
        self,
        arguments: Arguments,
        options: Mapping[str, Any],
        unsafe: list[Violation],
        broken: list[Violation],
        check: bool,
    ) -> Encoded | None:
        body = self.operation.body
        if body is None:
            if arguments.body is not MISSING and arguments.body is not None:
                unsafe.append(Violation("argument", "body", "", f"{self.operation.key} takes no body"))
            return None
        if arguments.body is MISSING or (arguments.body is None and not self.takes_null(body)):
            if body.required:
                broken.append(Violation("body", "body", "", "missing: it is required", body.node.place))
            return None
        try:
            return self._encoded(body, arguments.body, options, broken, check)
        except NotPlain as error:
            unsafe.append(Violation("body", "body", error.pointer, error.message))
        except StyleError as error:
            unsafe.append(Violation("body", "body", "", str(error)))
        return None

    def takes_null(self, body: Body) -> bool:
        """Whether a JSON body may be null."""
        for name, each in body.content.items():
            if media.is_json(media.essence(name)):
                return each.schema is None or self._checker(each.schema, "request").is_valid(None)
        return False

    def _encoded(
        self, body: Body, given: Any, options: Mapping[str, Any], broken: list[Violation], check: bool
    ) -> Encoded:
        value = given if is_binary(given) else plain(given, files=True)
        name = options.get("content_type") or (media.choose(body.content, value) if body.content else "*/*")
        media_type = body.content.get(name) or media.matching(body.content, name)
        if media_type is None and check and body.content:  # without content, any body is taken
            message = f"{name} is not documented; documented are {', '.join(body.content)}"
            broken.append(Violation("content-type", name, "", message, body.node.place))
        try:
            encoded = media.encode(value, name, media_type)
        except StyleError:
            plain(value)  # says which part it is that JSON has no form for
            raise
        if check and media_type is not None and media_type.schema is not None:
            broken += self._check_body(media_type, value, media.essence(encoded.content_type))
        return encoded

    def _check_body(self, media_type: MediaType, value: Any, kind: str) -> list[Violation]:
        assert media_type.schema is not None
        if is_binary(value) or not (media.is_json(kind) or media.is_form(kind) or kind.startswith("text/")):
            return []  # bytes and XML are passed through: a schema says nothing of their form
        checker = self._checker(media_type.schema, "request")
        return checker.violations(without_files(value), "body", "body")

    def _check_answer(self, media_type: MediaType, data: Any) -> list[Violation]:
        assert media_type.schema is not None
        if isinstance(data, bytes) or (isinstance(data, str) and not _speaks_of_text(media_type)):
            return []
        checker = self._checker(media_type.schema, "response")
        return checker.violations(data, "body", "body")

    def _check_header(self, header: Parameter, headers: Mapping[str, str]) -> list[Violation]:
        raw = headers.get(header.name)
        if raw is None:
            if header.required:
                return [Violation("header", header.name, "", "missing: it is required", header.node.place)]
            return []
        if header.schema is None or header.media_type is not None:
            return []
        checker = self._checker(header.schema, "response")
        try:
            value = decode_header(raw, header.name, header.explode, self.shape(header, "response"))
        except StyleError as error:
            return [Violation("header", header.name, "", str(error), header.node.place)]
        return checker.violations(value, "header", header.name)

    def shape(self, parameter: Parameter, direction: Any) -> Shape:
        """What type of value the wire text of `parameter` stands for."""
        if parameter not in self._shapes:  # not by its key: answers may have headers of the same name
            self._shapes[parameter] = self._shape(parameter.schema, direction)
        return self._shapes[parameter]

    def _shape(self, schema: Node | None, direction: Any) -> Shape:
        translator = self.checkers.translator(direction)
        key = translator.entry(schema) if schema else ""
        defs = translator.defs
        return shape_of(defs.get(key, {}), lambda ref: defs.get(ref.rpartition("/")[2], {}))


def _where(parameter: Parameter) -> Any:
    return "query" if parameter.location == "querystring" else parameter.location


def _speaks_of_text(media_type: MediaType) -> bool:
    """Whether the schema of a text answer is about text: XML is read as text though it describes objects."""
    kind = media.essence(media_type.name)
    return media.is_json(kind) or kind == "text/plain"
