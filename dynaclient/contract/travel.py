"""What arrives of an argument: the wire has no types, so not every fault survives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynaclient.document.operation import Parameter
from dynaclient.wire import media
from dynaclient.wire.build import Draft
from dynaclient.wire.styles import StyleError, encode_path
from dynaclient.wire.unstyle import MISSING as NOT_SENT
from dynaclient.wire.unstyle import decode_cookie, decode_header, decode_path, decode_query

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.plan import Plan


def lost(client: Client, case: Case) -> str:
    """Why a server does not get to see the fault of `case`; empty where it does.

    The reason is one of the few texts of this module, so that cases can be counted by it.
    """
    fault = case.fault
    if fault is None:
        return ""
    plan = client.plan(case.operation)
    arguments = plan.names.bind((), case.arguments, {}, case.body)
    draft = plan.prepare(arguments, case.options, check=False).draft
    if draft.violations:
        return UNKNOWN if fault.keyword == "unknown" else UNSENDABLE
    if fault.where == "body":
        return _lost_body(plan, draft)
    parameter = next(each for each in plan.operation.parameters if (each.location, each.name) == _of(fault))
    return _lost_parameter(plan, parameter, draft, arguments.values.get(parameter), fault.keyword)


UNKNOWN = "the client has no place for a name that the operation does not have"
UNSENDABLE = "it is never sent: it would lead elsewhere, or HTTP cannot carry it"
UNTYPED = "a form or text has no types: what arrives may be read as valid"
ARRIVES_VALID = "what arrives is valid: the wire does not tell 5 from '5', or nothing from an empty array"
FORMAT_ONLY = "what arrives breaks no more than a format, which is a remark"
READ_LIBERALLY = "many servers read 1, yes and on as true, 0, no and off as false"
REASONS = (UNKNOWN, UNSENDABLE, UNTYPED, ARRIVES_VALID, FORMAT_ONLY, READ_LIBERALLY)

_BOOLEAN_WORDS = ("1", "0", "1.0", "0.0", "t", "f", "y", "n", "yes", "no", "on", "off", "True", "False")


def arrives(plan: Plan, parameter: Parameter, draft: Draft, value: Any) -> Any:
    """What a server reads for `parameter` in `draft`, which carries `value`; NOT_SENT for nothing.

    Raises StyleError where it cannot be read.
    """
    if parameter.media_type is not None and parameter.schema is None:
        return value  # JSON in a parameter has types
    shape = plan.shape(parameter, "request")
    name, style, explode = parameter.name, parameter.style, parameter.explode
    others = [each.name for each in plan.operation.parameters if each is not parameter]
    if parameter.location == "path":
        raw = encode_path(name, value, style, explode, allow_reserved=parameter.allow_reserved)
        return decode_path(raw, name, style, explode, shape)
    if parameter.location == "header":
        raw_header = draft.headers.get(name)
        return NOT_SENT if raw_header is None else decode_header(raw_header, name, explode, shape, style)
    if parameter.location == "cookie":
        return decode_cookie("; ".join(draft.cookies), name, style, explode, shape, taken=others)
    return decode_query("&".join(draft.query), name, style, explode, shape, taken=others)


def _lost_parameter(plan: Plan, parameter: Parameter, draft: Draft, value: Any, keyword: str) -> str:
    if value is None:
        return "" if parameter.required else ARRIVES_VALID
    try:
        read = arrives(plan, parameter, draft, value)
    except StyleError:
        return ""
    if read is NOT_SENT:
        return "" if parameter.required else ARRIVES_VALID
    broken = _rules_broken(plan, parameter, read)
    if not broken:
        return ARRIVES_VALID
    if broken == {"format"} and keyword != "format":
        return FORMAT_ONLY
    boolean = "boolean" in plan.shape(parameter, "request").types
    return READ_LIBERALLY if boolean and read in _BOOLEAN_WORDS else ""


def _lost_body(plan: Plan, draft: Draft) -> str:
    if not draft.body:
        return "" if plan.operation.body and plan.operation.body.required else ARRIVES_VALID
    kind = media.essence(draft.headers.get("Content-Type", ""))
    return "" if media.is_json(kind) or media.is_sequence(kind) else UNTYPED


def _rules_broken(plan: Plan, parameter: Parameter, value: Any) -> set[str]:
    """The keywords whose rules `value` breaks; `schema` for a value that no rule can be named for."""
    schema = parameter.value_schema
    if schema is None or meets(plan, parameter, value):
        return set()
    found = plan.checkers.checker(schema, "request").violations(value, "query", "")
    return {each.schema_pointer.rpartition("/")[2] for each in found} or {"schema"}


def meets(plan: Plan, parameter: Parameter, value: Any) -> bool:
    """Whether `value` meets the schema of `parameter`."""
    schema = parameter.value_schema
    return schema is None or plan.checkers.checker(schema, "request").is_valid(value)


def _of(fault: Any) -> tuple[str, str]:
    return fault.where, fault.name
