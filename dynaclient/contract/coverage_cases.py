"""The cases of the phase *coverage*: what a test engineer would try of an operation, in a fixed order.

Nothing is drawn and nothing is sent. Each case is one that is given, a valid one, with one thing changed on
purpose; what is not changed stays as it is, so that identifiers still lead to what is there. Cases that find
most come first, and each round goes over all locations, so that whoever stops early has seen some of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.contract.case import Case, received
from dynaclient.contract.coverage_subjects import Subject, Subjects, mark_of, place_of
from dynaclient.contract.generation import CaseMaker, sanitize
from dynaclient.contract.malformed import malformed_cases
from dynaclient.contract.negative import with_body, with_item, with_parameter, without, without_body
from dynaclient.contract.request_bodies import documented_type, is_any_file
from dynaclient.document.model import Parameter
from dynaclient.document.node import escape
from dynaclient.generation.examples import documented_examples
from dynaclient.generation.mutate import Mutation
from dynaclient.generation.variations import Variation, round_robin
from dynaclient.wire import media_types
from dynaclient.wire.json_values import is_file
from dynaclient.wire.request_builder import holds_control


def valid_cases(maker: CaseMaker, key: str, base: Case) -> Iterator[Case]:
    """Valid cases of the operation `key`, each `base` with one thing varied; `reason` says what.

    `base` is a valid case. Those that would not be valid, or not arrive as valid, are left out; so are
    those that are equal to `base` or to one before.
    """
    seen = {mark_of(base)}
    for case in _Valid(maker, key, base).all():
        mark = mark_of(case)
        if mark not in seen:
            seen.add(mark)
            yield case


def invalid_cases(maker: CaseMaker, key: str, base: Case) -> Iterator[Case]:
    """Cases of the operation `key`, each `base` with one rule of the document broken: its `fault`.

    `base` is a valid case. Those whose fault no server gets to see (`Fault.lost`) are left out.
    """
    seen = set()
    for case in _Invalid(maker, key, base).all():
        mark = mark_of(case)
        if mark not in seen:
            seen.add(mark)
            yield case


class _Valid(Subjects):
    """The valid ones."""

    def all(self) -> Iterator[Case]:
        subjects = list(self.subjects())
        yield from filter(self._is_valid, self._documented())
        yield from filter(self._is_valid, self._whole(subjects))
        for name, case in self.other_bodies.items():
            yield from filter(self._is_valid, [replace(case, reason=f"body is of {name}")])
        parts = (self._varied(subject, each) for subject in subjects for each in self._variations(subject))
        yield from round_robin(chain(self._absent(), self._files(subjects), parts))

    def _variations(self, subject: Subject) -> Iterator[Iterator[Variation]]:
        return self.maker.values.variations(subject.schema, self.source, subject.value)

    def _varied(self, subject: Subject, found: Iterator[Variation]) -> Iterator[Case]:
        for each in (each for each in found if subject.holds(each.pointer)):
            case = replace(subject.put(each.value), reason=_reason(subject, each), varies=subject.key(each))
            if self._fits(subject, case, each.value):
                yield case

    def _fits(self, subject: Subject, case: Case, value: Any) -> bool:
        if subject.parameter is None:
            return self._is_valid(case) and self._reads_as(case)
        return self._arrives(subject.parameter, value)

    def _arrives(self, parameter: Parameter, value: Any) -> bool:
        known = value is not None and sanitize(value, parameter) == value
        return known and self.maker.fits(self.operation, parameter, value)

    def _is_valid(self, case: Case) -> bool:
        given = {each: case.arguments.get(each.key) for each in self.operation.parameters}
        changed = {each: value for each, value in given.items() if value != self.base.arguments.get(each.key)}
        arrive = all(value is None or self._arrives(each, value) for each, value in changed.items())
        return arrive and self.maker.encodes(case) and not case.violations(self.maker.client)

    def _reads_as(self, case: Case) -> bool:
        """Whether a body arrives as it was: forms and texts have no types, and leave out what is empty."""
        compiled = self.compiled
        arguments = compiled.names.bind((), case.arguments, {}, case.body)
        draft = compiled.prepare(arguments, case.options, check=False).draft
        kind = media_types.essence(draft.headers.get("Content-Type", ""))
        if media_types.is_json(kind) or media_types.is_sequence(kind):
            return True
        arrived = received(compiled, draft)
        same = _is_same(case.body, arrived.body)
        return same and not holds_control(case.body) and "body" not in arrived.violations

    def _files(self, subjects: list[Subject]) -> Iterator[Iterator[Case]]:
        """Other contents of files of which the document does not say what they hold."""
        for subject in subjects:
            case = subject.put(subject.value)
            content = documented_type(self.operation.body, case) if self.operation.body else None
            if content is not None and subject.files:
                names = [name for name in case.body if is_any_file(content, name)]
                yield from (filter(self._is_valid, _with_contents(case, name)) for name in names)

    def _absent(self) -> Iterator[Iterator[Case]]:
        for parameter in self.operation.parameters:
            if not parameter.required and parameter.key in self.base.arguments:
                less = {key: value for key, value in self.base.arguments.items() if key != parameter.key}
                reason = f"{place_of(parameter.where, parameter.name)} is left out"
                yield iter([replace(self.base, arguments=less, reason=reason, varies=parameter.key)])
            elif not parameter.required:
                yield self._present(parameter)

    def _present(self, parameter: Parameter) -> Iterator[Case]:
        value = self.made(parameter)
        if value is not None:
            reason = f"{place_of(parameter.where, parameter.name)} is present"
            case = self.with_argument(parameter.key, value)
            yield replace(case, reason=reason, varies=parameter.key)

    # -- several things at once ------------------------------------------------------------------------

    def _whole(self, subjects: list[Subject]) -> Iterator[Case]:
        required = {each.key for each in self.operation.required}
        few = {key: value for key, value in self.base.arguments.items() if key in required}
        bare = replace(self.base, arguments=few, reason="only what is required")
        many = self.base.arguments
        full = replace(self.base, reason="everything that is optional")
        for subject in subjects:
            if subject.parameter is not None:
                fuller = self.maker.values.fullest(subject.schema, self.source, subject.value)
                fits = self._arrives(subject.parameter, fuller)
                many = {**many, subject.parameter.key: fuller if fits else subject.value}
            elif subject.put(subject.value).content_type == self.bodied.content_type:
                smaller = self.maker.values.smallest(subject.schema, subject.value)
                fuller = self.maker.values.fullest(subject.schema, self.source, subject.value)
                bare = replace(bare, body=subject.put(smaller).body)
                full = replace(full, body=subject.put(fuller).body)
        if self.operation.body is not None and not self.operation.body.required:
            yield replace(bare, body=MISSING, content_type="")
            bare = replace(bare, reason="only what is required, and a body")
        yield bare
        yield replace(full, arguments=many)

    def _documented(self) -> Iterator[Case]:
        """The examples of parameters and media types: those of one name together, then each alone."""
        arguments: dict[str, dict[str, Any]] = {}
        alone: list[Case] = []
        for parameter in self.operation.parameters:
            node = parameter.media_type.node if parameter.media_type else parameter.node
            for name, value in documented_examples(self.document, node).items():
                arguments.setdefault(name, {})[parameter.key] = value
                reason = f"{place_of(parameter.where, parameter.name)} is {_example(name)}"
                case = self.with_argument(parameter.key, value)
                alone.append(replace(case, reason=reason, varies=parameter.key))
        bodies = dict(self._example_bodies())
        for name in dict.fromkeys([*arguments, *bodies]):
            case = bodies.get(name, self.base)
            given = arguments.get(name, {})
            if len(given) + (name in bodies) > 1:
                case = replace(case, arguments={**self.base.arguments, **given})
                yield replace(case, reason=f"every {_example(name)}".replace("every the", "every"))
        yield from [*bodies.values(), *alone]

    def _example_bodies(self) -> Iterator[tuple[str, Case]]:
        body = self.operation.body
        several = body is not None and len(body.content) > 1
        for kind, content in body.content.items() if body is not None else ():
            for name, value in documented_examples(self.document, content.node).items():
                reason = f"body is {_example(name)}{f' of {kind}' if several else ''}"
                yield (
                    name,
                    replace(self.base, body=value, content_type=kind if several else "", reason=reason),
                )


def _example(name: str) -> str:
    return f"the documented example {name!r}" if name else "the documented example"


def _reason(subject: Subject, variation: Variation) -> str:
    return f"{place_of(subject.where, subject.name, subject.above + variation.pointer)} {_said(variation)}"


def _said(variation: Variation) -> str:
    return f"is {variation.reason}" if variation.kind in ("present", "branch") else variation.reason


def _with_contents(case: Case, name: str) -> Iterator[Case]:
    for content, what in ((b"", "is an empty file"), (bytes(range(256)), "is a file of each byte")):
        item = [content] if isinstance(case.body[name], list) else content
        pointer = f"/{escape(name)}"
        reason = f"{place_of('body', 'body', pointer)} {what}"
        yield replace(case, body={**case.body, name: item}, reason=reason, varies=f"body{pointer}")


def _is_same(sent: Any, arrived: Any) -> bool:
    """Whether a form or text arrived as it was sent; files arrive as their bytes, texts as files too."""
    if not isinstance(sent, dict) or not isinstance(arrived, dict) or sent.keys() != arrived.keys():
        return bool(sent == arrived)
    pairs = [(item, arrived[name]) for name, item in sent.items()]
    return all(one == two or is_file(one) or _is_file_of(one, two) for one, two in pairs)


def _is_file_of(sent: Any, arrived: Any) -> bool:
    if isinstance(sent, list) and isinstance(arrived, list) and len(sent) == len(arrived):
        return all(is_file(one) or _is_file_of(one, two) for one, two in zip(sent, arrived, strict=True))
    return isinstance(arrived, bytes) and isinstance(sent, str) and sent.encode() == arrived


# -- invalid ------------------------------------------------------------------------------------------------

_RANKS = (
    ("type",),
    ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"),
    ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"),
    ("enum", "const", "pattern", "format", "multipleOf", "uniqueItems"),
)
"""Keywords in the order in which they are broken; others come last."""


class _Invalid(Subjects):
    """The invalid ones."""

    def all(self) -> Iterator[Case]:
        subjects = list(self.subjects())
        yield from self._judged(self._missing())
        others = []
        for subject in subjects:
            for part in self._breaks(subject):
                required, rest = self._of(subject, part)
                others.append(rest)
                yield from self._judged(required)
        bodies = (self.bodied, *self.other_bodies.values())
        messages = [each for case in bodies for each in malformed_cases(case, self.compiled)]
        yield from self._judged(each for each in messages if each.raw)
        yield from round_robin(map(self._judged, others))
        yield from self._judged(each for each in messages if each.query_extra)

    def _breaks(self, subject: Subject) -> Iterator[Iterator[Mutation]]:
        return self.maker.values.breaks(subject.schema, self.source, subject.value)

    def _of(self, subject: Subject, found: Iterator[Mutation]) -> tuple[list[Case], list[Case]]:
        """What lacks something that is required, and what is broken otherwise."""
        required: list[Case] = []
        rest: dict[str, list[Case]] = {}
        for mutation in (each for each in found if each.keyword == "required" or subject.holds(each.pointer)):
            if not self.maker.values.meets(subject.schema, mutation.value):
                at = required if mutation.keyword == "required" else rest.setdefault(mutation.keyword, [])
                at.extend(self._case(subject, mutation))
        return required, [*round_robin(iter(rest[keyword]) for keyword in sorted(rest, key=_rank))]

    def _case(self, subject: Subject, mutation: Mutation) -> Iterable[Case]:
        case = subject.put(subject.value)
        if subject.parameter is not None:
            return with_parameter(case, subject.parameter, mutation)
        if subject.above:
            return [with_item(case, int(subject.above[1:]), mutation)]
        assert self.operation.body is not None
        content = documented_type(self.operation.body, case)
        return [] if mutation.value is None else [with_body(case, content, mutation)]  # None is no body

    def _missing(self) -> Iterator[Case]:
        for parameter in self.operation.required:
            if parameter.key in self.base.arguments:
                yield without(self.base, parameter)
        if self.operation.body is not None and self.operation.body.required:
            yield without_body(self.base)

    def _judged(self, cases: Iterable[Case]) -> Iterator[Case]:
        for case in cases:
            judged = self.maker.judged(case)
            if not judged.lost:
                told = self.maker.told(judged)
                if told.fault is not judged.fault:
                    yield replace(told, reason=str(told.fault))


def _rank(keyword: str) -> int:
    return next((at for at, those in enumerate(_RANKS) if keyword in those), len(_RANKS))
