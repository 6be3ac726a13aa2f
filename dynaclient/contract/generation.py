"""Cases made from the document: valid ones that any server can read, and invalid ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Arguments
from dynaclient.client import executor_of
from dynaclient.contract.case import Case, Fault, received
from dynaclient.contract.negative import Site, arrives, lost, meets_schema, sites
from dynaclient.contract.request_bodies import WORDS, documented_type, made, preferred_media_types
from dynaclient.document.model import COLLECTED, Operation, Parameter, RequestBody
from dynaclient.errors import DocumentError, DynaclientError, Violation
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.examples import documented_examples
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.wire import media_types
from dynaclient.wire.content_coding import unwritten
from dynaclient.wire.styles import StyleError

if TYPE_CHECKING:
    from dynaclient.client import Client

__all__ = ["Unmakeable"]


_SCALARS = ["string", "number", "integer", "boolean", "array", "object"]
SENDABLE: dict[str, Any] = {"type": _SCALARS, "minItems": 1, "minProperties": 1}
"""Null has no form on the wire, and what is empty is left out."""
SENDABLE_IN_PATH: dict[str, Any] = {**SENDABLE, "minLength": 1}
"""An empty path value would lead elsewhere."""

_STAND_IN = "-"
_UNFIT = {
    "path": re.compile(r"[\x00-\x1f\x7f]"),
    "query": re.compile(r"[\x00-\x1f\x7f]"),
    "querystring": re.compile(r"[\x00-\x1f\x7f]"),
    "header": re.compile(r"[^\x20-\x7e]|,|^ | $"),
    "cookie": re.compile(r"[^A-Za-z0-9_.-]"),
}
"""What is replaced at each place: what cannot be sent, and what receivers are known to read in two ways."""
_DELIMITERS = {
    "spaceDelimited": re.compile(r"[\x00-\x20\x7f]"),
    "pipeDelimited": re.compile(r"[\x00-\x1f\x7f|]"),
    "deepObject": re.compile(r"[\x00-\x1f\x7f\[\]]"),
}

_SEPARATORS = re.compile(r"[^\x21-\x7e]|[,|]")
"""Of the collection formats of Swagger 2.0."""


def sanitize(value: Any, parameter: Parameter) -> Any:
    """`value` with the characters replaced that the place and style of `parameter` cannot carry.

    It may no longer meet its schema: the caller checks.
    """
    collected = parameter.style.startswith(COLLECTED)
    unfit = _SEPARATORS if collected else _DELIMITERS.get(parameter.style, _UNFIT[parameter.location])
    return _texts(value, unfit, parameter.location)


def _texts(value: Any, unfit: re.Pattern[str], location: str) -> Any:
    if isinstance(value, str):
        text = unfit.sub(_STAND_IN, value)
        return _STAND_IN * len(text) if location == "path" and text in (".", "..") else text
    if isinstance(value, list):
        return [_texts(item, unfit, location) for item in value]
    if isinstance(value, dict):
        return {_texts(key, unfit, location): _texts(item, unfit, location) for key, item in value.items()}
    return value


T = TypeVar("T")

ATTEMPTS = 20
"""How often a value is made again where the wire cannot carry it."""


class Unmakeable(DynaclientError):
    """No arguments were found that the document allows and the wire carries."""


class CaseMaker:
    """Makes the cases of one client's document; choices come from a Source."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._operations = client.operations
        self.values = Maker(client.document, client.checkers, "request")

    def valid(self, key: str, source: ChoiceSource, optional: bool | None = None) -> Case:
        """A case that the document allows.

        `optional`: whether what may be left out is there; by default the source decides. Raises Unmakeable.
        """
        operation = self._operations[key]
        arguments = {}
        for parameter in operation.parameters:
            if parameter.required or _included(source, optional):
                value = _part(source, partial(self.value, operation, parameter))
                if value is not None:
                    arguments[parameter.key] = value
        case = Case(operation.key, arguments, documented=tuple(each.status for each in operation.responses))
        if operation.body is None or not (operation.body.required or _included(source, optional)):
            return case
        return _part(source, partial(self.with_body, case, operation.body))

    def broken(self, key: str, source: ChoiceSource, *, lost: bool = True) -> Case:
        """A case with exactly one thing broken; one that a server gets to see, unless it may be `lost`.

        Raises Unmakeable, also where nothing can be broken.
        """
        for optional in (None, True):
            case = self.valid(key, source, optional)
            places = self._sites(case, source)
            while places:
                place = source.choice(places)
                found = [each for each in map(self.judged, place()) if lost or not each.lost]
                if found:
                    return self.told(_any_of(found, source))
                places.remove(place)
        raise Unmakeable(f"{key}: there is nothing to make invalid{'' if lost else ' and seen'}")

    def faults(self, case: Case, source: ChoiceSource) -> Iterator[Case]:
        """Every way found to break one thing of `case`, which is valid."""
        return map(self.judged, self.unjudged(case, source))

    def unjudged(self, case: Case, source: ChoiceSource) -> Iterator[Case]:
        """As `faults`, but what becomes of each on the wire is not found out yet."""
        for place in self._sites(case, source):
            yield from place()

    def _sites(self, case: Case, source: ChoiceSource) -> list[Site]:
        return list(sites(case, executor_of(self.client).compiled(case.operation), self.values, source))

    def told(self, case: Case) -> Case:
        """`case`, its fault described in the words of the client."""
        found = self._arrived(case) or case.violations(self.client)
        if case.fault is None or not found:
            return case
        return replace(case, fault=replace(case.fault, description=found[0].message))

    def _arrived(self, case: Case) -> list[Violation]:
        """What a server reads of a parameter, and of a file in a form: on the wire, a number is a text as any
        other."""
        fault = case.fault
        operation = self.client.operations[case.operation]
        content = documented_type(operation.body, case) if operation.body is not None else None
        of_file = fault is not None and fault.where == "body" and content is not None and content.files
        if case.is_edited or fault is None or not (of_file or _is_typed_parameter(fault)):
            return []
        compiled = executor_of(self.client).compiled(case.operation)
        arguments = compiled.names.bind((), case.arguments, {}, case.body)
        draft = compiled.prepare(arguments, case.options, check=False).draft
        found = [] if draft.violations else chain(*received(compiled, draft).violations.values())
        at = (fault.where, fault.name, fault.pointer)
        return [each for each in found if (each.where, each.name, each.pointer) == at]

    def judged(self, case: Case) -> Case:
        """`case` with what becomes of its fault on the wire."""
        assert case.fault is not None
        fault = case.fault
        if fault.keyword in ("minimum", "maximum") and not self._is_written(case):
            fault = replace(fault, keyword="format")
        case = replace(case, fault=fault)
        return replace(case, fault=replace(fault, lost=lost(self.client, case)))

    def _is_written(self, case: Case) -> bool:
        """Whether the document itself holds the rule that is broken: a bound may come from a format."""
        document = self.client.document
        for violation in case.violations(self.client):
            place = violation.schema_pointer
            try:
                document.resolve(place if "#" in place else f"#{place}", document.root)
            except DocumentError:
                return False
        return True

    # -- valid values ----------------------------------------------------------------------------------

    def value(self, operation: Operation, parameter: Parameter, source: ChoiceSource) -> Any:
        """A value that arrives as it was; None for an optional parameter without one, and for one that a
        credential is sent as."""
        if executor_of(self.client).fills(operation, parameter):
            return None  # a value that is made up would go in the place of the credential
        schema = parameter.value_schema
        also = SENDABLE_IN_PATH if parameter.location == "path" else SENDABLE
        reason = "no value arrives as it was sent"
        for _ in range(ATTEMPTS):
            try:
                drawn = self.values.value(schema, source, also) if schema else source.choice(WORDS)
            except Unsatisfiable as error:
                reason = str(error)
                break
            for value in (sanitize(drawn, parameter), drawn):
                if self.fits(operation, parameter, value):
                    return value
        if parameter.required:
            raise Unmakeable(f"{operation.key}: {parameter.key}: {reason}")
        return None

    def fits(self, operation: Operation, parameter: Parameter, value: Any) -> bool:
        """Whether `value` is valid for `parameter`, and arrives as valid."""
        compiled = executor_of(self.client).compiled(operation.key)
        prepared = compiled.prepare(Arguments({parameter: value}), {}, check=True)
        if any(_is_of(each, parameter) for each in prepared.wrong):
            return False
        if parameter.key.lower() == "header.content-encoding" and unwritten(str(value)):
            return False
        try:
            read = arrives(compiled, parameter, prepared.draft, value)
        except StyleError:
            return False
        return read is not MISSING and meets_schema(compiled, parameter, read)

    def with_body(self, case: Case, body: RequestBody, source: ChoiceSource) -> Case:
        """`case` with a body, of the first media type that one can be made for. Raises Unmakeable."""
        reason = "it has no content"
        for name in preferred_media_types(body):
            try:
                return self.with_body_as(case, body, name, source)
            except Unsatisfiable as error:
                reason = f"{name}: {error}"
        if body.required and body.content:
            raise Unmakeable(f"{case.operation}: body: {reason}")
        return replace(case, body=b"x") if body.required else case

    def with_body_as(self, case: Case, body: RequestBody, name: str, source: ChoiceSource) -> Case:
        """`case` with a body of the media type `name`. Raises Unsatisfiable."""
        bodies = executor_of(self.client).compiled(case.operation).bodies("request")
        shown = documented_examples(self.client.document, body.content[name].node).values()
        several = len(body.content) > 1  # an invalid value may suit another of them
        for _ in range(ATTEMPTS):
            value = made(self.values, bodies, body.content[name], source, *[*shown][:1])
            content_type = media_types.concrete(name, value) if several else ""
            with_body = replace(case, body=value, content_type=content_type)
            if self.encodes(with_body):
                return with_body
        raise Unsatisfiable("the value made for it cannot be sent so")

    def encodes(self, case: Case) -> bool:
        """Whether the body of `case` is valid, can be sent, and arrives as valid."""
        compiled = executor_of(self.client).compiled(case.operation)
        prepared = compiled.prepare(Arguments(body=case.body), case.options, check=True)
        if any(each.where in ("body", "content-type") for each in prepared.wrong):
            return False
        kind = media_types.essence(prepared.draft.headers.get("Content-Type", ""))
        typed = not prepared.draft.body or media_types.is_json(kind)
        return typed or "body" not in received(compiled, prepared.draft).violations


def maker(client: Client) -> CaseMaker:
    """The CaseMaker of `client`, which is kept as long as the client."""
    kept = executor_of(client).kept
    if "cases" not in kept:
        kept["cases"] = CaseMaker(client)
    made: CaseMaker = kept["cases"]
    return made


@runtime_checkable
class _Parted(Protocol):
    """A Source that wants to know which choices belong together."""

    def part(self, make: Callable[[ChoiceSource], T]) -> T: ...


def _part(source: ChoiceSource, make: Callable[[ChoiceSource], T]) -> T:
    """What `make` makes of the source, by choices that belong together."""
    return source.part(make) if isinstance(source, _Parted) else make(source)


def _is_typed_parameter(fault: Fault) -> bool:
    """Whether a fault is that a parameter, or what it holds, has another type."""
    return fault.keyword == "type" and fault.where in ("path", "query", "header", "cookie")


def _included(source: ChoiceSource, optional: bool | None) -> bool:
    return source.chance(2) if optional is None else optional


def _any_of(cases: list[Case], source: ChoiceSource) -> Case:
    """One of `cases`; a rule that can be broken in many ways is as likely as any other."""
    by_rule: dict[str, list[Case]] = {}
    for case in cases:
        by_rule.setdefault(case.fault.keyword if case.fault else "", []).append(case)
    return source.choice(source.choice(list(by_rule.values())))


def _is_of(violation: Violation, parameter: Parameter) -> bool:
    return violation.where == parameter.where and violation.name == parameter.name
