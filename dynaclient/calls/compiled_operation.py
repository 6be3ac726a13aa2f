"""One operation, ready to be called: arguments -> checked draft of a request, response -> checked reading.

All that depends only on the operation is made once, on first use, and kept. No I/O.

The way of a query parameter, from argument to bytes; read these five in order:

1. `calls.arguments`: `Names.bind` finds the Parameter that an argument means.
2. here: `CompiledOperation.prepare` makes the value what JSON has, and checks it against its schema.
3. `wire.request_builder`: `RequestBuilder.build` gives it to what writes its location, and puts the
   `name=value` pairs that come of it into the RequestDraft.
4. `wire.styles`: `encode_query` makes those pairs: text, percent-encoded, in the style of the parameter.
5. `transport.prepare`: `prepare` makes the request, whose URL is that of the server and the draft's target,
   byte for byte.

urllib3 would still change the target on its way to the socket. What keeps it is one trick in one place:
`ExactTargetPool` in `transport.connection`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dynaclient._support.messages import REQUIRED, kind_of, setting_name, undocumented
from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Arguments, Names
from dynaclient.document.encoding_hints import EncodingHints
from dynaclient.document.model import MediaType, Operation, Parameter, RequestBody
from dynaclient.document.node import Node
from dynaclient.document.servers import Server, servers
from dynaclient.errors import DocumentError, Finding, Violation, Where
from dynaclient.schema.keywords import Direction
from dynaclient.schema.unchecked import collected, note_unchecked, noted
from dynaclient.schema.validator import Checker, Validators
from dynaclient.wire import codecs, json_values, media_types
from dynaclient.wire.body_validation import BodyValidator
from dynaclient.wire.codecs import binary
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.json_values import (
    NotPlain,
    decimals,
    is_binary,
    is_octets,
    json_value,
    reading_fractions,
)
from dynaclient.wire.media_types import BINARY, EVENT_STREAM, TEXT
from dynaclient.wire.redaction import called_secret, is_called_secret, private
from dynaclient.wire.request_builder import RequestBuilder, RequestDraft, cookie_names
from dynaclient.wire.styles import StyleError
from dynaclient.wire.value_types import ANY, ExpectedType, expected_type

if TYPE_CHECKING:
    from dynaclient.calls.response_items import Items
    from dynaclient.wire.request import Request
    from dynaclient.wire.request_reader import Incoming, Received
    from dynaclient.wire.response_reader import Reading, ResponseReader


class Shapes:
    """The shapes of schemas, by their places."""

    def __init__(self, checkers: Validators) -> None:
        self._checkers = checkers
        self._known: dict[tuple[str, str, Direction], ExpectedType] = {}

    def of(self, schema: Node | None, direction: Direction) -> ExpectedType:
        """What type of value a text stands for that `schema` describes; any where there is none."""
        if schema is None:
            return ANY
        place = (schema.uri, schema.pointer, direction)
        if place not in self._known:
            translator = self._checkers.translator(direction)
            key, defs = translator.entry(schema), translator.defs
            self._known[place] = expected_type(defs[key], lambda ref: defs.get(ref.rpartition("/")[2], {}))
        return self._known[place]


class CheckedRequest(NamedTuple):
    """A draft, and what in it breaks the document though it could be sent."""

    draft: RequestDraft
    values: dict[Parameter, Any]
    violations: list[Violation]
    unchecked: tuple[Finding, ...] = ()
    """What could not be checked of it."""
    notes: Sequence[Violation] = ()
    """Properties that are not declared, near to one that is and that is not given."""

    def __repr__(self) -> str:
        return f"<CheckedRequest {self.draft!r}>"

    @property
    def wrong(self) -> list[Violation]:
        """What cannot be sent, and what breaks the document."""
        return [*self.draft.violations, *self.violations]


class _Attempt:
    """A body as one media type: how it travels, why it cannot, what of the document it breaks."""

    def __init__(
        self,
        encoded: Encoded | None,
        unsafe: list[Violation],
        broken: list[Violation],
        media: MediaType | None = None,
        value: Any = None,
    ) -> None:
        self.encoded = encoded
        self.unsafe = unsafe
        self.broken = broken
        self.media = media
        self.value = value
        """As it is checked."""


class _Input:
    """A parameter, with what the document says of its values."""

    def __init__(
        self, parameter: Parameter, where: Where, schema: Node | None, hints: EncodingHints | None
    ) -> None:
        self.parameter = parameter
        self.where = where
        self.schema = schema
        self.hints = hints


class CompiledOperation:
    """Everything about an operation that a call needs; `decimals`: whether numbers in responses are read as
    Decimal."""

    def __init__(self, operation: Operation, checkers: Validators, decimals: bool = False) -> None:
        self.operation = operation
        self.checkers = checkers
        self.decimals = decimals
        self._bodies: dict[str, BodyValidator] = {}
        # by the id of a part of the operation, which lives as long as this
        self._known: dict[int, EncodingHints] = {}
        self._files: dict[int, bool] = {}
        self._checkers: dict[tuple[int, Direction], tuple[Node, Checker]] = {}
        self._private: dict[tuple[Any, ...], tuple[str, ...]] = {}
        self._hides: dict[tuple[str, ...], bool] = {}

    def __reduce__(self) -> Any:
        return CompiledOperation, (self.operation, self.checkers, self.decimals)

    @cached_property
    def _inputs(self) -> list[_Input]:
        each = self.operation.parameters
        return [_Input(p, p.where, p.value_schema, self._hints(p.value_schema)) for p in each]

    @cached_property
    def _builder(self) -> RequestBuilder:
        return RequestBuilder(self.operation)

    @cached_property
    def _reader(self) -> ResponseReader:
        from dynaclient.wire.response_reader import ResponseReader  # late: 4 ms

        return ResponseReader(self.operation, self.is_file)

    @cached_property
    def _states_coding(self) -> bool:
        """Whether a parameter is the Content-Encoding of the body."""
        headers = (each.name for each in self.operation.parameters if each.location == "header")
        return any(name.lower() == "content-encoding" for name in headers)

    @cached_property
    def servers(self) -> list[Server]:
        """The servers that the operation or its path has itself."""
        return servers(self.operation.servers)

    @cached_property
    def names(self) -> Names:
        """The names that its parameters go by."""
        return Names(self.operation)

    def prepare(
        self, arguments: Arguments, options: Mapping[str, Any], *, check: bool, note: bool = False
    ) -> CheckedRequest:
        """The request for `arguments`. With `check`, what breaks the document is found and listed; with
        `note`, what seems to be misspelt.

        Raises DocumentError where the document does not say how to make the request.
        """
        if self.operation.problem:
            message = f"{self.operation.key} cannot be called: {self.operation.problem}"
            raise DocumentError(message, [Finding(self.operation.node.place, "error", message)])
        unsafe = list(arguments.violations)
        broken: list[Violation] = []
        unchecked: dict[Finding, None] = {}
        token = noted.set(unchecked)
        try:
            values = self._values(arguments, options, unsafe, broken, check)
            coding = _coding(values, options) if options or self._states_coding else ""
            body = self._body(arguments, options, coding, unsafe, broken, check)
        finally:
            noted.reset(token)
        notes = [*self._notes(values, body)] if note else []
        encoded = body.encoded if body is not None else None
        headers, query = options.get("headers") or {}, options.get("query") or {}
        draft = self._builder.build(values, encoded, headers, query)
        if coding:
            from dynaclient.wire.content_coding import compress_body  # late: 3 ms

            compress_body(draft, arguments.body, options.get("compress"))
        draft.violations = unsafe + draft.violations
        return CheckedRequest(draft, values, broken, tuple(unchecked) if check else (), notes)

    def private(self, request: Request, draft: RequestDraft, credentials: tuple[str, ...]) -> tuple[str, ...]:
        """The names of headers and query parameters of a request whose values are never shown."""
        if draft.extra or "?" in request.url:
            return private(request, draft, credentials)
        key = (credentials, *draft.headers, *[name for name, _ in request.fields])
        found = self._private.get(key)
        if found is None:
            found = self._private[key] = private(request, draft, credentials)
        return found

    def hidden(self, values: Mapping[Parameter, Any], credentials: tuple[str, ...]) -> tuple[str, ...]:
        """The texts of the arguments that are secrets: by their names, or those of `credentials`."""
        hides = self._hides.get(credentials)
        if hides is None:
            each = self.operation.parameters
            hides = self._hides[credentials] = any(is_called_secret(one.name, credentials) for one in each)
        return tuple(called_secret(values, credentials)) if hides else ()

    def read(self, status: int, headers: Mapping[str, str], content: bytes, *, check: bool) -> Reading:
        """The response, decoded; with `check`, held against the document."""
        if not self.decimals and reading_fractions.get() is None:
            return self._read(status, headers, content, check)
        with decimals(self.decimals):
            return self._read(status, headers, content, check)

    def _read(self, status: int, headers: Mapping[str, str], content: bytes, check: bool) -> Reading:
        reading = self._reader.read(status, headers, content)
        unchecked: dict[Finding, None] = {}
        token = noted.set(unchecked)
        try:
            if reading.response is not None and reading.response.headers:
                self.read_headers(reading, headers, check)
            self._read_body(reading, content, check)
        finally:
            noted.reset(token)
        return _noted(reading, unchecked) if check else reading

    def read_head(self, status: int, headers: Mapping[str, str], *, check: bool) -> Reading:
        """As `read`, of a response whose body is still to come."""
        reading = self._reader.read_head(status, headers)
        with decimals(self.decimals), collected() as unchecked:
            if reading.response is not None and reading.response.headers:
                self.read_headers(reading, headers, check)
        return _noted(reading, unchecked) if check else reading

    def _read_body(self, reading: Reading, content: bytes, check: bool) -> None:
        media_type = reading.media
        if media_type is None or not reading.decoded or not (content or reading.data is not None):
            return
        if reading.kind in (TEXT, media_types.FORM) and media_type.schema is not None:
            self._give_types(reading, media_type, content)
        if check and reading.kind == media_types.JSON and type(reading.data) in (dict, list):  # as most are
            if media_type.schema is not None:
                found = self._checker(media_type.schema, "response")
                reading.violations += found.violations(reading.data, "body", "body")
        elif check:
            reading.violations += self.bodies("response").violations(media_type, reading.data, reading.kind)
            if reading.kind == EVENT_STREAM and not codecs.is_registered(EVENT_STREAM):
                reading.violations += self.items(media_type).of_all_events(content)

    def items(self, media_type: MediaType | None) -> Items:
        """What reads and checks the items of responses of a media type; None: nothing is held against it."""
        from dynaclient.calls.response_items import Items  # late: 9 ms

        return Items(media_type, self.checkers, self.answer_shape, self.say, decimals=self.decimals)

    def say(self, unchecked: Iterable[Finding]) -> None:
        """Log what could not be checked, each location once."""
        for finding in self.checkers.first_said(unchecked):
            from logging import getLogger  # late: 3 ms

            text = "%s: not checked: %s: %s"
            getLogger("dynaclient").warning(text, self.operation.key, finding.pointer, finding.message)

    def _give_types(self, reading: Reading, media_type: MediaType, content: bytes) -> None:
        """Texts and forms hold numbers, truth values and more only where the document says so."""
        from dynaclient.wire.form_decoding import decode_form, typed_text  # late: 8 ms

        shape = self._shapes.of(media_type.schema, "response")
        if isinstance(reading.data, str):
            reading.data = typed_text(reading.data, shape)
            return
        try:
            reading.data = decode_form(content, media_types.FORM, media_type, shape)
        except (json_values.Undecodable, StyleError) as error:
            reading.violations.append(Violation("body", "body", "", str(error), media_type.node.place))

    def bodies(self, direction: Direction) -> BodyValidator:
        """What holds bodies of one direction against the document."""
        found = self._bodies.get(direction)
        if found is None:

            def check(schema: Node, value: Any, where: Any, name: str) -> list[Violation]:
                return self._checker(schema, direction).violations(value, where, name)

            found = BodyValidator(
                check, lambda schema: self._shapes.of(schema, direction), self._unfit, self.is_file
            )
            self._bodies[direction] = found
        return found

    def _unfit(self, documented: MediaType) -> None:
        note_unchecked([self.checkers.unfit(documented)])

    def receive(
        self, incoming: Incoming, path: Mapping[str, str], direction: Direction = "request"
    ) -> Received:
        """A request that came in, read and checked. `path`: the raw texts of the path parameters.

        `direction`: "response" where it is the API that sends, so that it may send what is readOnly.
        """
        from dynaclient.wire.request_reader import RequestReader  # late: 13 ms

        return RequestReader(self.bodies(direction)).receive(self.operation, incoming, path)

    def _values(
        self,
        arguments: Arguments,
        options: Mapping[str, Any],
        unsafe: list[Violation],
        broken: list[Violation],
        check: bool,
    ) -> dict[Parameter, Any]:
        values = {}
        for each in self._inputs:
            parameter = each.parameter
            given = arguments.values.get(parameter)
            if given is None:
                if parameter.required and not _by_option(parameter, options):
                    missing = Violation(parameter.where, parameter.name, "", REQUIRED)
                    (unsafe if parameter.location == "path" else broken).append(missing)
                continue
            try:
                is_text = type(given) is str and given.isascii()  # most are: they stay as they are
                values[parameter] = given if is_text else json_value(given, hints=each.hints)
            except NotPlain as error:
                unsafe.append(Violation(parameter.where, parameter.name, error.pointer, error.message))
                continue
            if check:
                broken += self._check_parameter(each, values[parameter])
        return values

    def _check_parameter(self, given: _Input, value: Any) -> list[Violation]:
        parameter = given.parameter
        if parameter.unchecked:
            self._refuse(parameter.unchecked)
        if given.schema is None or (value == "" and parameter.allow_empty_value):
            return []
        return self._checker(given.schema, "request").violations(value, given.where, parameter.name)

    def _checker(self, schema: Node, direction: Direction) -> Checker:
        found = self._checkers.get((id(schema), direction))
        if found is None:
            if direction == "request":
                self.require(schema, direction)
            found = self._checkers[id(schema), direction] = schema, self.checkers.checker(schema, direction)
        return found[1]

    def require(self, schema: Node, direction: Direction) -> None:
        """Raise DocumentError where the document does not say what is expected."""
        lost = self.checkers.unresolved(schema, direction)
        if lost:
            self._refuse([Finding(schema.place, "error", lost)])

    def _refuse(self, lost: Sequence[Finding]) -> None:
        message = f"{self.operation.key} cannot be checked: {lost[0].message}"
        raise DocumentError(message, [Finding(lost[0].pointer, "error", message)])

    def _body(
        self,
        arguments: Arguments,
        options: Mapping[str, Any],
        coding: str,
        unsafe: list[Violation],
        broken: list[Violation],
        check: bool,
    ) -> _Attempt | None:
        body = self.operation.body
        if body is None:
            if arguments.body is not MISSING and arguments.body is not None:
                unsafe.append(Violation("argument", "body", "", f"{self.operation.key} takes no body"))
            return None
        if arguments.body is MISSING or (arguments.body is None and not self.takes_null(body)):
            if body.required:
                broken.append(Violation("body", "body", "", REQUIRED, body.node.place))
            return None
        try:
            if coding and (encoded := _encoded_already(body, arguments.body, coding, options)):
                return _Attempt(encoded, [], [])
            given, content = self._listed(body, arguments.body, options.get("content_type"))
            attempt = self._chosen(body, content, given, options, check)
        except NotPlain as error:
            unsafe.append(self._refused(body, arguments.body, error))
            return None
        except StyleError as error:  # a file that cannot be read
            unsafe.append(Violation("body", "body", error.pointer, str(error)))
            return None
        unsafe += attempt.unsafe
        broken += attempt.broken
        return attempt

    def _notes(self, values: Mapping[Parameter, Any], body: _Attempt | None) -> Iterator[Violation]:
        """What seems to be misspelt in a request."""
        for parameter, value in values.items():
            if type(value) in (dict, list) and parameter.value_schema is not None:
                yield from self._misspelt(parameter.value_schema, value, parameter.where, parameter.name, "")
        if body is None or body.media is None or type(body.value) not in (dict, list):
            return
        whole, each = body.media.schema, body.media.item_schema
        if type(body.value) is list and not media_types.is_json(media_types.essence(body.media.name)):
            whole, each = self.bodies("request").item_schemas(body.media)
        if whole is not None:
            yield from self._misspelt(whole, body.value, "body", "body", "")
        if each is not None and type(body.value) is list:
            for index, item in enumerate(body.value):
                yield from self._misspelt(each, item, "body", "body", f"/{index}")

    def _misspelt(self, schema: Node, value: Any, where: Where, name: str, above: str) -> Iterator[Violation]:
        for each in self.checkers.misspelt(schema, "request", value):
            yield Violation(where, name, above + each.pointer, each.message, schema.place)

    def takes_null(self, body: RequestBody) -> bool:
        """Whether a JSON body may be null."""
        several = [
            each.schema
            for name, each in body.content.items()
            if media_types.is_json(media_types.essence(name))
        ]
        return any(schema is None or self._checker(schema, "request").is_valid(None) for schema in several)

    def _chosen(
        self,
        body: RequestBody,
        content: Mapping[str, MediaType],
        given: Any,
        options: Mapping[str, Any],
        check: bool,
    ) -> _Attempt:
        """The body as the type that was asked for, else as the first whose schema takes it."""
        if stated := options.get("content_type"):
            return self._attempt(body, stated, given, check)
        tried: dict[str, _Attempt] = {}
        for name in codecs.candidates(content, self._seen(content, given)) if content else ("*/*",):
            attempt = tried[name] = self._attempt(body, name, given, check)
            if not attempt.unsafe and not attempt.broken:
                return attempt
        best = next((each for each in tried.values() if each.encoded), next(iter(tried.values())))
        if len(body.content) > 1:
            (best.broken if best.encoded else best.unsafe).append(_none_takes(body, tried, given))
        return best

    def _attempt(self, body: RequestBody, name: str, given: Any, check: bool) -> _Attempt:
        """The body as the media type `name`."""
        media_type = body.content.get(name) or media_types.matching(body.content, name)
        broken: list[Violation] = []
        if media_type is None and check and body.content:  # without content, any body is taken
            message = undocumented(f"content type {name}", body.content)
            broken.append(Violation("content-type", name, "", message, body.node.place))
        try:
            encoded, value = self._written(given, name, media_type)
        except NotPlain as error:
            return _Attempt(None, [self._refused(body, given, error)], broken)
        except StyleError as error:
            return _Attempt(None, [Violation("body", "body", error.pointer, str(error))], broken)
        if check and media_type is not None:
            broken += self._of_body(name, media_type, value, media_types.essence(encoded.content_type))
            if codecs.lacks_boundary(encoded.content_type):  # bytes or a file: parts get one
                message = (
                    f"{media_types.essence(encoded.content_type)} has parts; give {setting_name('parts')}"
                )
                broken.append(Violation("body", "body", "", message, media_type.node.place))
        return _Attempt(encoded, [], broken, media_type, value)

    def _of_body(self, name: str, media_type: MediaType, value: Any, kind: str) -> list[Violation]:
        if "*" in name and kind in media_types.NAMELESS:
            message = f"{name} is a range; choose a media type with {setting_name('option', 'content_type')}"
            return [Violation("content-type", name, "", message, media_type.node.place)]
        return self.bodies("request").violations(media_type, value, kind)

    def _refused(self, body: RequestBody, given: Any, error: NotPlain) -> Violation:
        as_json = error.pointer or any(
            media_types.is_json(media_types.essence(name)) for name in body.content
        )
        refused = f"{kind_of(given)} cannot be sent as {', '.join(body.content)}"
        return Violation("body", "body", error.pointer, error.message if as_json else refused)

    def _written(self, given: Any, name: str, media_type: MediaType | None) -> tuple[Encoded, Any]:
        """The body, and its value as it can be checked."""
        hints = self._hints_of(media_type)
        as_it_is = is_binary(given) and not (hints and hints.encoding and is_octets(given))
        if as_it_is and media_type is not None and self.is_file(media_type):
            return codecs.binary(given, media_types.concrete(name, given)), given
        if media_types.is_json(media_types.essence(name)) and not as_it_is:  # the encoder looks at it
            return codecs.encode_json(given, name, media_type, hints)
        value = given if as_it_is else json_value(given, files=True, hints=hints)
        return codecs.encode_body(value, name, media_type, streamed=True), value

    def is_file(self, media_type: MediaType) -> bool:
        """Whether bodies of a media type are bytes as they are, whatever their label says."""
        found = self._files.get(id(media_type))
        if found is None:
            from dynaclient.wire.octets import describes_file  # late: 2 ms

            found = self._files[id(media_type)] = describes_file(self.checkers.document, media_type)
        return found

    def _listed(
        self, body: RequestBody, given: Any, stated: str | None
    ) -> tuple[Any, Mapping[str, MediaType]]:
        """The body, and the media types that it may travel as.

        An iterable that is no list is read to its end where a sequence of items is expected: all are checked
        before anything is sent.
        """
        several = hasattr(given, "__iter__") and not isinstance(given, (str, list, tuple, Mapping))
        if several and not is_binary(given) and not self._json_only:
            names = [stated] if stated else list(body.content)
            sequences = [name for name in names if media_types.is_sequence(media_types.essence(name))]
            if sequences:
                return list(given), {name: body.content[name] for name in sequences if not stated}
        return given, body.content

    def _seen(self, content: Mapping[str, MediaType], given: Any) -> Any:
        """A body as far as it tells which of several types it may travel as."""
        known = len(content) == 1 or is_binary(given) or self._json_only
        return given if known else json_value(given, files=True)

    def _hints(self, schema: Node | None) -> EncodingHints | None:
        """What a schema asks of the form of values; None where there is none."""
        if schema is None:
            return None
        found = self._known.get(id(schema))
        if found is None:
            found = self._known[id(schema)] = EncodingHints(self.checkers.document, [schema])
        return found

    def _hints_of(self, media_type: MediaType | None) -> EncodingHints | None:
        """As `_hints`, of a body; a schema of a sequence may be about each of its items."""
        kind = media_types.essence(media_type.name) if media_type else ""
        if (
            media_type is None or media_types.is_json(kind) or kind == media_types.FORM
        ):  # which have no form for bytes
            return self._hints(media_type.schema if media_type else None)
        schemas = [each for each in (media_type.schema, media_type.item_schema) if each is not None]
        if media_types.is_sequence(kind):
            return EncodingHints(self.checkers.document, schemas[:1], schemas)
        heads = {
            name: {each.name.lower(): each.schema for each in headers if each.schema}
            for name, headers in media_type.part_headers.items()
        }
        return EncodingHints(self.checkers.document, schemas[:1], raw=True, heads=heads)

    @cached_property
    def _json_only(self) -> bool:
        """Whether its body is JSON in any case, which holds no files."""
        content = self.operation.body.content if self.operation.body else {}
        return bool(content) and all(media_types.is_json(media_types.essence(name)) for name in content)

    def read_headers(self, reading: Reading, headers: Mapping[str, str], check: bool) -> None:
        """The values of the documented headers; with `check`, held against the document."""
        assert reading.response is not None
        for header in reading.response.headers:
            found = self._read_header(header, headers.get(header.name), reading)
            reading.violations += found if check else []

    def _read_header(self, header: Parameter, raw: str | None, reading: Reading) -> list[Violation]:
        if raw is None:
            missing = Violation("header", header.name, "", REQUIRED, header.node.place)
            return [missing] if header.required else []
        try:
            value = self._header_value(header, raw)
        except (StyleError, json_values.Undecodable) as error:
            return [Violation("header", header.name, "", str(error), header.node.place)]
        reading.headers[header.name.lower()] = value
        schema = header.value_schema
        if schema is None:
            return []
        return self._checker(schema, "response").violations(value, "header", header.name)

    def _header_value(self, header: Parameter, raw: str) -> Any:
        if header.media_type is None:
            from dynaclient.wire.style_parsing import decode_header  # late: 5 ms

            return decode_header(
                raw, header.name, header.explode, self.shape(header, "response"), header.style
            )
        kind, schema = media_types.essence(header.media_type.name), header.media_type.schema
        if media_types.is_json(kind):
            return json_values.decode_json(raw.encode())
        if kind == TEXT and schema is not None:
            from dynaclient.wire.form_decoding import typed_text  # late: 5 ms

            return typed_text(raw, self.answer_shape(schema))
        return raw

    @cached_property
    def _shapes(self) -> Shapes:
        return Shapes(self.checkers)

    def shape(self, parameter: Parameter, direction: Direction) -> ExpectedType:
        """What type of value the wire text of `parameter` stands for."""
        return self._shapes.of(parameter.schema, direction)

    def answer_shape(self, schema: Node) -> ExpectedType:
        """What type of value a schema in a response stands for."""
        return self._shapes.of(schema, "response")


def _coding(values: Mapping[Parameter, Any], options: Mapping[str, Any]) -> str:
    """The Content-Encoding that the caller gives for the body: by a parameter, a header or an option."""
    given = [(each.name, value) for each, value in values.items() if each.location == "header"]
    given += (options.get("headers") or {}).items()
    stated = [value for name, value in given if str(name).lower() == "content-encoding" and value]
    found = stated[0] if stated else options.get("compress") or ""
    return ",".join(map(str, found)) if isinstance(found, list) else str(found)


def _encoded_already(
    body: RequestBody, given: Any, coding: str, options: Mapping[str, Any]
) -> Encoded | None:
    """A body that is encoded as its Content-Encoding says: it is sent as it is. None for any other."""
    from dynaclient.wire.content_coding import is_encoded  # late: 3 ms

    if not is_encoded(given, coding):
        return None
    name = options.get("content_type") or next((each for each in body.content if "*" not in each), BINARY)
    return binary(given, name)


def _none_takes(body: RequestBody, tried: Mapping[str, _Attempt], value: Any) -> Violation:
    """What stands against each documented type, those of one reason together."""
    reasons: dict[str, list[str]] = {}
    for name in body.content:
        found = [*tried[name].unsafe, *tried[name].broken] if name in tried else []
        reason = f"{found[0].pointer} {found[0].message}".strip() if found else f"not for {kind_of(value)}"
        reasons.setdefault(reason, []).append(name)
    listed = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    choose = setting_name("option", "content_type")
    message = f"no documented content type fits ({listed}); choose one with {choose}"
    return Violation("body", "body", "", message, body.node.place)


def _by_option(parameter: Parameter, options: Mapping[str, Any]) -> bool:
    """Whether the extra headers or query of a call give a parameter; what they say is sent as it is."""
    if parameter.location == "query":
        return (options.get("query") or {}).get(parameter.name) not in (None, [])
    headers = [(name.lower(), text) for name, text in (options.get("headers") or {}).items() if text]
    if parameter.location == "cookie":
        return any(parameter.name in cookie_names(text) for name, text in headers if name == "cookie")
    return parameter.location == "header" and parameter.name.lower() in dict(headers)


def _noted(reading: Reading, unchecked: Iterable[Finding]) -> Reading:
    """`reading` with what could not be checked of it: what its response lacks, and what its values met."""
    response, documented = reading.response, reading.media
    lost = (*(response.unchecked if response else ()), *(documented.unchecked if documented else ()))
    reading.unchecked = (*dict.fromkeys(lost), *unchecked)
    return reading
