"""Cases made from the document: valid ones, and ones with exactly one thing broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from dynaclient.arguments import MISSING, Arguments
from dynaclient.contract.case import Case, Fault
from dynaclient.contract.tame import SENDABLE, SENDABLE_IN_PATH, tame
from dynaclient.contract.travel import arrives, lost, meets
from dynaclient.document.document import Node, tokens
from dynaclient.document.operation import Body, MediaType, Operation, Parameter
from dynaclient.errors import DynaclientError, Violation, Where
from dynaclient.schema.making import Maker, Unsatisfiable
from dynaclient.schema.mutate import Mutation
from dynaclient.schema.source import Source
from dynaclient.wire import media
from dynaclient.wire.styles import StyleError
from dynaclient.wire.unstyle import MISSING as NOT_SENT

if TYPE_CHECKING:
    from dynaclient.client import Client

T = TypeVar("T")

ATTEMPTS = 20
"""How often a value is made anew where the wire cannot carry it."""

_UNKNOWN = "no-such-parameter"
_WORDS = ("text", "two words", "100% é&/?")
_FORM = {"type": "object", "minProperties": 1}
_TEXT = {"type": "string"}
_NOT_NULL = {"type": ["string", "number", "integer", "boolean", "array", "object"]}


class Unmakeable(DynaclientError):
    """No arguments were found that the document allows and the wire carries."""


class CaseMaker:
    """Makes the cases of one client's document; choices come from a Source."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._operations = client.operations
        self._maker = Maker(client.document, client.checkers, "request")

    def valid(self, key: str, source: Source, optional: bool | None = None) -> Case:
        """A case that the document allows.

        `optional`: whether what may be left out is there; by default the source decides. Raises Unmakeable.
        """
        operation = self._operations[key]
        arguments = {}
        for parameter in operation.parameters:
            if parameter.required or _included(source, optional):
                value = _part(source, partial(self._value, operation, parameter))
                if value is not None:
                    arguments[parameter.key] = value
        case = Case(operation.key, arguments)
        if operation.body is None or not (operation.body.required or _included(source, optional)):
            return case
        return _part(source, partial(self._with_body, case, operation.body))

    def broken(self, key: str, source: Source) -> Case:
        """A case with exactly one thing broken. Raises Unmakeable, also where nothing can be broken."""
        case = self.valid(key, source)
        sites = list(self._sites(case, source))
        while sites:
            site = source.choice(sites)
            found = list(site())
            if found:
                return self.told(self._judged(source.choice(found)))
            sites.remove(site)
        raise Unmakeable(f"{key}: there is nothing that could be broken")

    def faults(self, case: Case, source: Source) -> Iterator[Case]:
        """Every way found to break one thing of `case`, which is valid."""
        for site in self._sites(case, source):
            yield from map(self._judged, site())

    def told(self, case: Case) -> Case:
        """`case`, its fault described in the words of the client."""
        found = case.violations(self._client)
        if case.fault is None or not found:
            return case
        return replace(case, fault=replace(case.fault, description=found[0].message))

    def _judged(self, case: Case) -> Case:
        """`case` with what becomes of its fault on the wire."""
        assert case.fault is not None
        return replace(case, fault=replace(case.fault, lost=lost(self._client, case)))

    # -- valid values ----------------------------------------------------------------------------------

    def _value(self, operation: Operation, parameter: Parameter, source: Source) -> Any:
        """A value that arrives as it was; None for an optional parameter without one."""
        schema = _schema(parameter)
        also = SENDABLE_IN_PATH if parameter.location == "path" else SENDABLE
        reason = "no value arrives as it was sent"
        for _ in range(ATTEMPTS):
            try:
                made = self._maker.value(schema, source, also) if schema else source.choice(_WORDS)
            except Unsatisfiable as error:
                reason = str(error)
                break
            for value in (tame(made, parameter), made):
                if self._fits(operation, parameter, value):
                    return value
        if parameter.required:
            raise Unmakeable(f"{operation.key}: {parameter.key}: {reason}")
        return None

    def _fits(self, operation: Operation, parameter: Parameter, value: Any) -> bool:
        plan = self._client.plan(operation.key)
        prepared = plan.prepare(Arguments({parameter: value}), {}, check=True)
        own = [each for each in (*prepared.draft.violations, *prepared.violations) if _is_of(each, parameter)]
        if own:
            return False
        try:
            read = arrives(plan, parameter, prepared.draft, value)
        except StyleError:
            return False
        return read is not NOT_SENT and meets(plan, parameter, read)

    def _with_body(self, case: Case, body: Body, source: Source) -> Case:
        reason = "it has no content"
        for name in _preferred(body):
            try:
                value = self._body(body.content[name], media.essence(name), source)
            except Unsatisfiable as error:
                reason = f"{name}: {error}"
                continue
            suits = media.choose(body.content, value) == name
            made = replace(case, body=value, content_type="" if suits else media.concrete(name, value))
            if self._encodes(made):
                return made
            reason = f"{name}: the value made for it cannot be sent so"
        if body.required and body.content:
            raise Unmakeable(f"{case.operation}: body: {reason}")
        return replace(case, body=b"x") if body.required else case

    def _body(self, content: MediaType, kind: str, source: Source) -> Any:
        if media.is_form(kind):
            return self._maker.value(content.schema, source, _FORM) if content.schema else {"name": "text"}
        if media.is_json(kind) or "*" in kind:
            return self._maker.value(content.schema, source, _NOT_NULL) if content.schema else {}
        if media.is_text(kind):
            return self._text(content.schema, source)
        return b"\x00bytes"

    def _text(self, schema: Node | None, source: Source) -> str:
        """Text of a type that we do not write: what the schema says of strings, or a word."""
        try:
            return str(self._maker.value(schema, source, _TEXT)) if schema else source.choice(_WORDS)
        except Unsatisfiable:
            return source.choice(_WORDS)

    def _encodes(self, case: Case) -> bool:
        plan = self._client.plan(case.operation)
        prepared = plan.prepare(Arguments(body=case.body), case.options, check=True)
        found = [*prepared.draft.violations, *prepared.violations]
        return not any(each.where in ("body", "content-type") for each in found)

    # -- broken ones -----------------------------------------------------------------------------------

    def _sites(self, case: Case, source: Source) -> Iterator[Callable[[], Iterator[Case]]]:
        """Each place at which something can be broken, as a function that gives the broken cases."""
        operation = self._operations[case.operation]
        for parameter in operation.parameters:
            if parameter.required:
                yield partial(_without, case, parameter)
            if parameter.key in case.arguments:
                yield partial(self._broken_parameter, case, parameter, source)
        yield partial(_with_unknown, case, operation)
        if operation.body is not None and operation.body.required and case.body is not MISSING:
            yield partial(_without_body, case)
        if operation.body is not None and case.body is not MISSING:
            content = _content(operation.body, case)
            if content is not None and content.schema is not None and _is_checked(content, case.body):
                yield partial(self._broken_body, case, content.schema, source)

    def _broken_parameter(self, case: Case, parameter: Parameter, source: Source) -> Iterator[Case]:
        value = case.arguments[parameter.key]
        schema = _schema(parameter)
        for mutation in self._maker.mutations(schema, source, value) if schema else ():
            if mutation.value is None or (mutation.value == "" and parameter.allow_empty_value):
                continue  # that is leaving it out; allowed whatever the schema says
            arguments = {**case.arguments, parameter.key: mutation.value}
            fault = _fault(_where(parameter), parameter.name, mutation)
            yield replace(case, arguments=arguments, fault=fault)

    def _broken_body(self, case: Case, schema: Node, source: Source) -> Iterator[Case]:
        for mutation in self._maker.mutations(schema, source, case.body):
            yield replace(case, body=mutation.value, fault=_fault("body", "body", mutation))


def maker(client: Client) -> CaseMaker:
    """The CaseMaker of `client`, which is kept as long as the client."""
    kept: CaseMaker | None = vars(client).get("_cases")
    if kept is None:
        kept = vars(client)["_cases"] = CaseMaker(client)
    return kept


@runtime_checkable
class _Parted(Protocol):
    """A Source that wants to know which choices belong together."""

    def part(self, make: Callable[[Source], T]) -> T: ...


def _part(source: Source, make: Callable[[Source], T]) -> T:
    """What `make` makes of the source, by choices that belong together."""
    return source.part(make) if isinstance(source, _Parted) else make(source)


def _included(source: Source, optional: bool | None) -> bool:
    return source.chance(2) if optional is None else optional


def _schema(parameter: Parameter) -> Node | None:
    return parameter.media_type.schema if parameter.media_type else parameter.schema


def _where(parameter: Parameter) -> Where:
    return "query" if parameter.location == "querystring" else parameter.location


def _is_of(violation: Violation, parameter: Parameter) -> bool:
    return violation.where == _where(parameter) and violation.name == parameter.name


def _preferred(body: Body) -> list[str]:
    """The documented media types, those first whose bodies are checked most."""

    def rank(name: str) -> int:
        kind = media.essence(name)
        return 0 if media.is_json(kind) else 1 if media.is_form(kind) else 2 if "*" in kind else 3

    return sorted(body.content, key=rank)


def _content(body: Body, case: Case) -> MediaType | None:
    name = case.content_type or (media.choose(body.content, case.body) if body.content else "")
    return body.content.get(name) or media.matching(body.content, name)


def _is_checked(content: MediaType, value: Any) -> bool:
    """Whether a schema says anything about bodies of this type: not of bytes, nor of XML."""
    kind = media.essence(media.concrete(content.name, value))
    return media.is_json(kind) or media.is_form(kind) or kind == "text/plain"


def _without(case: Case, parameter: Parameter) -> Iterator[Case]:
    arguments = {name: value for name, value in case.arguments.items() if name != parameter.key}
    fault = Fault(_where(parameter), parameter.name, "", "required", "it is required and missing")
    yield replace(case, arguments=arguments, fault=fault)


def _without_body(case: Case) -> Iterator[Case]:
    fault = Fault("body", "body", "", "required", "the body is required and missing")
    yield replace(case, body=MISSING, content_type="", fault=fault)


def _with_unknown(case: Case, operation: Operation) -> Iterator[Case]:
    taken: Mapping[str, Any] = {each.name: each for each in operation.parameters}
    name = _UNKNOWN
    while name in taken:
        name += "-"
    fault = Fault("argument", name, "", "unknown", "the operation has no such parameter")
    yield replace(case, arguments={**case.arguments, name: "x"}, fault=fault)


def _fault(where: Where, name: str, mutation: Mutation) -> Fault:
    keyword = mutation.keyword
    if keyword in ("minimum", "maximum") and _at(mutation) in _BEYOND_FORMATS:
        keyword = "format"
    return Fault(where, name, mutation.pointer, keyword, f"breaks {keyword}")


_BEYOND_FORMATS = {edge for bits in (31, 32, 63, 64) for edge in (2**bits, -(2**bits) - 1)}
"""What is just outside of int32, uint32, int64 and uint64: the bounds are those of a format."""


def _at(mutation: Mutation) -> Any:
    value = mutation.value
    for token in tokens(mutation.pointer):
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value if isinstance(value, (int, float)) else None
