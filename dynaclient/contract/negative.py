"""Invalid cases, made from a valid one: one function for each location that can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.client import executor_of
from dynaclient.contract.ambiguity import taken_beside
from dynaclient.contract.case import Case, Fault, received
from dynaclient.contract.request_bodies import checked, documented_type, files_as_texts, with_files
from dynaclient.document.model import MediaType, Operation, Parameter
from dynaclient.document.node import Node
from dynaclient.errors import Where
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.factory import Maker
from dynaclient.generation.mutate import Mutation
from dynaclient.wire import media_types
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.request_builder import RequestDraft
from dynaclient.wire.request_reader import Incoming, Received, content_value, path_values
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from dynaclient.wire.styles import StyleError, encode_path

if TYPE_CHECKING:
    from dynaclient.calls.compiled_operation import CompiledOperation
    from dynaclient.client import Client
    from dynaclient.contract.case import Case


def lost(client: Client, case: Case) -> str:
    """Why a server does not get to see the fault of `case`; empty where it does.

    The reason is one of the few texts of this module, so that cases can be counted by it.
    """
    fault = case.fault
    if fault is None:
        return ""
    compiled = executor_of(client).compiled(case.operation)
    arguments = compiled.names.bind((), case.arguments, {}, case.body)
    draft = compiled.prepare(arguments, case.options, check=False).draft
    if draft.violations:
        return UNKNOWN if fault.keyword == "unknown" else UNSENDABLE
    if case.is_edited:
        case.edit(draft)
        reason = ""
    elif fault.where == "body":
        reason = _lost_body(compiled, draft, fault)
    else:
        parameter = next(
            each
            for each in compiled.operation.parameters
            if (each.where, each.name) == (fault.where, fault.name)
        )
        value = arguments.values.get(parameter)
        reason = (
            SENT_ANYWAY
            if value is None and _is_sent_anyway(client, compiled.operation, parameter)
            else _lost_parameter(compiled, parameter, draft, value, fault.keyword)
        )
    return reason or (MEANS_MORE if taken_beside(client, case.operation, draft) else "")


def _is_sent_anyway(client: Client, operation: Operation, parameter: Parameter) -> bool:
    """Whether each request has this parameter, given or not: HTTP, the session and credentials see to it."""
    if executor_of(client).fills(operation, parameter):
        return True
    sent = ("host", "content-length", *dict(executor_of(client).transport.usual_headers))
    return parameter.location == "header" and parameter.name.lower() in {each.lower() for each in sent}


UNKNOWN = "the client cannot send a name that the operation does not have"
UNSENDABLE = "it is never sent: it would change the path, or HTTP cannot carry it"
UNTYPED = "a form or text has no types: what arrives may be read as valid"
ARRIVES_VALID = (
    "what arrives is valid: on the wire 5 and '5' are the same, and so are nothing and an empty array"
)
FORMAT_ONLY = "what arrives only breaks a format, which is an annotation"
READ_LIBERALLY = "many servers read 1, yes and on as true, 0, no and off as false"
SENT_ANYWAY = "the client always sends this header, or a credential as this parameter"
MEANS_MORE = "the request is valid for another operation of the same path, or with the path read otherwise"
REASONS = (UNKNOWN, UNSENDABLE, UNTYPED, ARRIVES_VALID, FORMAT_ONLY, READ_LIBERALLY, SENT_ANYWAY, MEANS_MORE)

_BOOLEAN_WORDS = ("1", "0", "1.0", "0.0", "t", "f", "y", "n", "yes", "no", "on", "off", "True", "False")


def arrives(compiled: CompiledOperation, parameter: Parameter, draft: RequestDraft, value: Any) -> Any:
    """What a server reads for `parameter` in `draft`, which carries `value`; MISSING for nothing.

    Raises StyleError where it cannot be read.
    """
    if parameter.media_type is not None and parameter.schema is None:
        if media_types.is_json(media_types.essence(parameter.media_type.name)):
            return value  # it has types
        incoming = Incoming.of(draft)
        texts = incoming.raw(parameter, path_values(compiled.operation.path, incoming.path))
        shape = compiled.bodies("request").shape(parameter.media_type.schema)
        try:
            return content_value(parameter, texts, shape)
        except Undecodable as error:  # a field of a form that is to be JSON
            raise StyleError(str(error)) from error
    shape, name = compiled.shape(parameter, "request"), parameter.name
    style, explode = parameter.style, parameter.explode
    others = [each.name for each in compiled.operation.parameters if each is not parameter]
    if parameter.location == "path":
        raw = encode_path(name, value, style, explode, allow_reserved=parameter.allow_reserved)
        return decode_path(raw, name, style, explode, shape)
    if parameter.location == "header":
        raw_header = draft.headers.get(name)
        return MISSING if raw_header is None else decode_header(raw_header, name, explode, shape, style)
    if parameter.location == "cookie":
        return decode_cookie("; ".join(draft.cookies), name, style, explode, shape, taken=others)
    return decode_query("&".join(draft.query), name, style, explode, shape, taken=others)


def _lost_parameter(
    compiled: CompiledOperation, parameter: Parameter, draft: RequestDraft, value: Any, keyword: str
) -> str:
    if value is None and (parameter.location == "path" or parameter.schema is None):
        return "" if parameter.required else ARRIVES_VALID
    try:
        read = arrives(compiled, parameter, draft, value)
    except StyleError:
        return ""
    if read is MISSING:
        return "" if parameter.required else ARRIVES_VALID
    broken = _rules_broken(compiled, parameter, read)
    if not broken:
        return ARRIVES_VALID
    if broken == {"format"} and keyword != "format":
        return FORMAT_ONLY
    boolean = "boolean" in compiled.shape(parameter, "request").types
    return READ_LIBERALLY if boolean and read in _BOOLEAN_WORDS else ""


def _lost_body(compiled: CompiledOperation, draft: RequestDraft, fault: Fault) -> str:
    if not draft.body:
        return "" if compiled.operation.body and compiled.operation.body.required else ARRIVES_VALID
    kind = media_types.essence(draft.headers.get("Content-Type", ""))
    if media_types.is_json(kind) or media_types.is_sequence(kind):
        return ""
    arrived = received(compiled, draft)
    found = arrived.violations.get("body")
    if not found:
        return UNTYPED
    if fault.keyword != "format" and all(each.schema_pointer.endswith("/format") for each in found):
        return FORMAT_ONLY
    return READ_LIBERALLY if _is_liberal(arrived, fault) else ""


def _is_liberal(arrived: Received, fault: Fault) -> bool:
    """Whether a property of a form that is to be a boolean holds what many servers read as one."""
    read = arrived.body.get(fault.pointer[1:]) if isinstance(arrived.body, dict) else None
    return fault.keyword == "type" and read in _BOOLEAN_WORDS


def _rules_broken(compiled: CompiledOperation, parameter: Parameter, value: Any) -> set[str]:
    """The keywords whose rules `value` breaks; `schema` for a value that no rule can be named for."""
    schema = parameter.value_schema
    if schema is None or meets_schema(compiled, parameter, value):
        return set()
    found = compiled.checkers.checker(schema, "request").violations(value, "query", "")
    return {each.schema_pointer.rpartition("/")[2] for each in found} or {"schema"}


def meets_schema(compiled: CompiledOperation, parameter: Parameter, value: Any) -> bool:
    """Whether `value` meets the schema of `parameter`."""
    schema = parameter.value_schema
    return schema is None or compiled.checkers.checker(schema, "request").is_valid(value)


Site = Callable[[], Iterator[Case]]

_UNKNOWN = "no-such-parameter"


def sites(case: Case, compiled: CompiledOperation, maker: Maker, source: ChoiceSource) -> Iterator[Site]:
    """Each place of `case`, which is valid, at which something can be broken."""
    operation = compiled.operation
    for parameter in operation.parameters:
        schema = parameter.value_schema
        if parameter.required:
            yield partial(_once, without, case, parameter)
        if parameter.key in case.arguments and schema is not None:
            yield partial(_parameter, case, parameter, schema, maker, source)
    yield partial(_with_unknown, case, operation)
    if operation.body is None or case.body is MISSING:
        return
    if operation.body.required:
        yield partial(_once, without_body, case)
    content = documented_type(operation.body, case)
    for schema, index in checked(operation.body, compiled.bodies("request"), case):
        broken = partial(_body, case, content, schema, maker, source)
        yield broken if index is None else partial(_item, case, index, schema, maker, source)


def _once(make: Callable[..., Case], *given: Any) -> Iterator[Case]:
    yield make(*given)


def _parameter(
    case: Case, parameter: Parameter, schema: Node, maker: Maker, source: ChoiceSource
) -> Iterator[Case]:
    for mutation in maker.mutations(schema, source, case.arguments[parameter.key]):
        yield from with_parameter(case, parameter, mutation)


def with_parameter(case: Case, parameter: Parameter, mutation: Mutation) -> Iterator[Case]:
    """`case` with a parameter as `mutation` has it; nothing where that leaves it out or is allowed."""
    left_out = mutation.value is None or (mutation.keyword == "type" and mutation.value in ([], {}))
    if not left_out and (mutation.value != "" or not parameter.allow_empty_value):
        arguments = {**case.arguments, parameter.key: mutation.value}
        yield replace(case, arguments=arguments, fault=_of(mutation, parameter.where, parameter.name))


def _body(
    case: Case, content: MediaType | None, schema: Node, maker: Maker, source: ChoiceSource
) -> Iterator[Case]:
    for mutation in maker.mutations(schema, source, files_as_texts(content, case.body)):
        yield with_body(case, content, mutation)


def with_body(case: Case, content: MediaType | None, mutation: Mutation) -> Case:
    """`case` with its body, which is of the type `content`, as `mutation` has it."""
    return replace(case, body=with_files(content, mutation.value), fault=_of(mutation, "body", "body"))


def _item(case: Case, index: int, schema: Node, maker: Maker, source: ChoiceSource) -> Iterator[Case]:
    for mutation in maker.mutations(schema, source, case.body[index]):
        yield with_item(case, index, mutation)


def with_item(case: Case, index: int, mutation: Mutation) -> Case:
    """`case` with one item of its body broken, of a sequence that is described by its items."""
    body = [*case.body[:index], mutation.value, *case.body[index + 1 :]]
    below = replace(mutation, pointer=f"/{index}{mutation.pointer}")
    return replace(case, body=body, fault=_of(below, "body", "body"))


def _of(mutation: Mutation, where: Where, name: str) -> Fault:
    return Fault(where, name, mutation.pointer, mutation.keyword, f"breaks {mutation.keyword}")


def without(case: Case, parameter: Parameter) -> Case:
    """`case` without a parameter that is required."""
    arguments = {name: value for name, value in case.arguments.items() if name != parameter.key}
    schema = parameter.value_schema
    given = schema is not None and isinstance(schema.value, dict) and "default" in schema.value
    keyword = "default" if given else "required"
    fault = Fault(parameter.where, parameter.name, "", keyword, "it is required and missing")
    return replace(case, arguments=arguments, fault=fault)


def without_body(case: Case) -> Case:
    """`case` without the body that is required."""
    fault = Fault("body", "body", "", "required", "the body is required and missing")
    return replace(case, body=MISSING, content_type="", fault=fault)


def _with_unknown(case: Case, operation: Operation) -> Iterator[Case]:
    taken = {each.name for each in operation.parameters}
    name = _UNKNOWN
    while name in taken:
        name += "-"
    fault = Fault("argument", name, "", "unknown", "the operation has no such parameter")
    yield replace(case, arguments={**case.arguments, name: "x"}, fault=fault)
