"""Cases with one thing broken, made from a valid one: each place is a function that gives broken cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from dynaclient.arguments import MISSING
from dynaclient.contract.bodies import checked
from dynaclient.contract.case import Case, Fault
from dynaclient.document.document import Node
from dynaclient.document.operation import Operation, Parameter
from dynaclient.errors import Where
from dynaclient.plan import Plan
from dynaclient.values.making import Maker
from dynaclient.values.mutate import Mutation
from dynaclient.values.source import Source

Site = Callable[[], Iterator[Case]]

_UNKNOWN = "no-such-parameter"


def sites(case: Case, plan: Plan, maker: Maker, source: Source) -> Iterator[Site]:
    """Each place of `case`, which is valid, at which something can be broken."""
    operation = plan.operation
    for parameter in operation.parameters:
        schema = parameter.value_schema
        if parameter.required:
            yield partial(_without, case, parameter)
        if parameter.key in case.arguments and schema is not None:
            yield partial(_parameter, case, parameter, schema, maker, source)
    yield partial(_with_unknown, case, operation)
    if operation.body is None or case.body is MISSING:
        return
    if operation.body.required:
        yield partial(_without_body, case)
    for schema, index in checked(operation.body, plan.bodies("request"), case):
        broken = partial(_body, case, schema, maker, source)
        yield broken if index is None else partial(_item, case, index, schema, maker, source)


def _parameter(
    case: Case, parameter: Parameter, schema: Node, maker: Maker, source: Source
) -> Iterator[Case]:
    for mutation in maker.mutations(schema, source, case.arguments[parameter.key]):
        if mutation.value is None or (mutation.value == "" and parameter.allow_empty_value):
            continue  # that is leaving it out; allowed whatever the schema says
        arguments = {**case.arguments, parameter.key: mutation.value}
        yield replace(case, arguments=arguments, fault=_of(mutation, parameter.where, parameter.name))


def _body(case: Case, schema: Node, maker: Maker, source: Source) -> Iterator[Case]:
    for mutation in maker.mutations(schema, source, case.body):
        yield replace(case, body=mutation.value, fault=_of(mutation, "body", "body"))


def _item(case: Case, index: int, schema: Node, maker: Maker, source: Source) -> Iterator[Case]:
    """The body with one item broken, of a sequence that is described by its items."""
    for each in _body(replace(case, body=case.body[index]), schema, maker, source):
        assert each.fault is not None
        body = [*case.body[:index], each.body, *case.body[index + 1 :]]
        yield replace(each, body=body, fault=replace(each.fault, pointer=f"/{index}{each.fault.pointer}"))


def _of(mutation: Mutation, where: Where, name: str) -> Fault:
    return Fault(where, name, mutation.pointer, mutation.keyword, f"breaks {mutation.keyword}")


def _without(case: Case, parameter: Parameter) -> Iterator[Case]:
    arguments = {name: value for name, value in case.arguments.items() if name != parameter.key}
    schema = parameter.value_schema
    given = schema is not None and isinstance(schema.value, dict) and "default" in schema.value
    keyword = "default" if given else "required"
    fault = Fault(parameter.where, parameter.name, "", keyword, "it is required and missing")
    yield replace(case, arguments=arguments, fault=fault)


def _without_body(case: Case) -> Iterator[Case]:
    fault = Fault("body", "body", "", "required", "the body is required and missing")
    yield replace(case, body=MISSING, content_type="", fault=fault)


def _with_unknown(case: Case, operation: Operation) -> Iterator[Case]:
    taken = {each.name for each in operation.parameters}
    name = _UNKNOWN
    while name in taken:
        name += "-"
    fault = Fault("argument", name, "", "unknown", "the operation has no such parameter")
    yield replace(case, arguments={**case.arguments, name: "x"}, fault=fault)
