"""An operation bound to a client: callable, with a signature, a docstring and a one-screen repr."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dynaclient.arguments import MISSING
from dynaclient.document.names import snake_case
from dynaclient.document.operation import Operation, Parameter

if TYPE_CHECKING:
    import requests

    from dynaclient.client import Client
    from dynaclient.wire.read import Response

_PYTHON_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list"}
_PYTHON_TYPES |= {"object": "dict", "null": "None"}


class BoundOperation:
    """`client.get_thing`: call it for the decoded body; `.send` gives the Response, `.prepare` sends nothing.

    Required parameters by position in document order, then the body; all else by keyword, under the wire
    name or its snake_case form.
    """

    def __init__(self, client: Client, operation: Operation) -> None:
        self.client = client
        self.operation = operation
        self.__name__ = self.__qualname__ = operation.attribute
        self.__doc__ = documentation(operation)

    @property
    def __signature__(self) -> inspect.Signature:
        return signature(self.operation, self.client)

    def __call__(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Any:
        return self.client._call(self.operation, positionals, {}, names, body, options)

    def send(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response:
        """Send, and give the whole answer whatever its status."""
        return self.client._send(self.operation, positionals, {}, names, body, options)

    def prepare(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> requests.PreparedRequest:
        """The request as it would be sent; nothing is sent."""
        return self.client._prepare(self.operation, positionals, {}, names, body, options).request

    def __repr__(self) -> str:
        operation = self.operation
        lines = [f"<{operation.attribute}  {operation.method} {operation.path}>"]
        if operation.deprecated:
            lines.append("  deprecated")
        if operation.summary:
            lines.append(f"  {operation.summary}")
        lines += [f"  {line}" for line in takes(operation, self.client)]
        return "\n".join(lines)

    def __reduce__(self) -> Any:
        return BoundOperation, (self.client, self.operation)


def takes(operation: Operation, client: Client) -> list[str]:
    """A line for each parameter and the body: name, type, place, whether required."""
    rows: list[tuple[str, str, str, bool]] = [
        (each.python_name or each.key, type_name(each, client), each.location, each.required)
        for each in (*operation.required, *operation.optional)
    ]
    if operation.body is not None:
        rows.append(("body", " | ".join(operation.body.content) or "any", "body", operation.body.required))
    width = max((len(name) for name, *_ in rows), default=0)
    return [
        f"{name:{width}}  {kind}, in {place}{', required' if required else ''}"
        for name, kind, place, required in rows
    ]


def type_name(parameter: Parameter, client: Client) -> str:
    """The Python type that a parameter takes, as text: `str`, `list[str]`, `int | None`."""
    node = parameter.media_type.schema if parameter.media_type else parameter.schema
    if node is None:
        return "Any"
    translator = client.checkers.translator("request")
    return _python_type({"$ref": f"#/$defs/{translator.entry(node)}"}, translator.defs, 0)


def _python_type(schema: Any, defs: Mapping[str, Any], depth: int) -> str:
    if not isinstance(schema, dict) or depth > 5:
        return "Any"
    if "$ref" in schema:
        return _python_type(defs.get(schema["$ref"].rpartition("/")[2]), defs, depth + 1)
    kinds = schema.get("type")
    if kinds is None:
        return "Any"
    names = [_PYTHON_TYPES.get(kind, "Any") for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if names == ["list"] and "items" in schema:
        return f"list[{_python_type(schema['items'], defs, depth + 1)}]"
    if names == ["str"] and schema.get("format") in ("date-time", "date"):
        return "datetime | str" if schema["format"] == "date-time" else "date | str"
    return " | ".join(names)


def signature(operation: Operation, client: Client) -> inspect.Signature:
    """The signature of a call: required parameters and the body by position, the rest by keyword."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    keyword = inspect.Parameter.KEYWORD_ONLY
    required: list[inspect.Parameter] = []
    optional: list[inspect.Parameter] = []
    for each in operation.parameters:
        named = offered(each)
        if each.required or named:
            kind, group = (positional, required) if each.required else (keyword, optional)
            default = inspect.Parameter.empty if each.required else None
            name = each.python_name if named else snake_case(each.key)
            group.append(inspect.Parameter(name, kind, default=default, annotation=type_name(each, client)))
    nameless = [at for at, each in enumerate(operation.required) if not offered(each)]
    for at in range(nameless[-1] + 1 if nameless else 0):
        required[at] = required[at].replace(kind=inspect.Parameter.POSITIONAL_ONLY)
    if operation.body is not None:
        default = inspect.Parameter.empty if operation.body.required else None
        required.append(inspect.Parameter("body", positional, default=default, annotation="Any"))
    options = inspect.Parameter("options", keyword, default=None, annotation="Mapping[str, Any] | None")
    return inspect.Signature([*required, *optional, options], return_annotation="Any")


def offered(parameter: Parameter) -> bool:
    """Whether a keyword of a call can mean this parameter."""
    return parameter.python_name not in ("", "body", "options")


def documentation(operation: Operation) -> str:
    """The docstring of an operation, from the document."""
    lines = [operation.summary or operation.key, "", f"{operation.method} {operation.path}"]
    if operation.deprecated:
        lines.append("Deprecated.")
    if operation.description:
        lines += ["", operation.description.strip()]
    rows = [
        f"    {each.python_name or each.key}: {each.description.strip() or each.location}"
        f"{' (required)' if each.required else ''}"
        for each in (*operation.required, *operation.optional)
    ]
    if operation.body is not None:
        text = operation.body.description.strip() or ", ".join(operation.body.content)
        rows.append(f"    body: {text}{' (required)' if operation.body.required else ''}")
    if rows:
        lines += ["", "Parameters", *rows]
    if operation.answers:
        lines += [
            "",
            "Answers",
            *(f"    {each.status}: {each.description.strip()}" for each in operation.answers),
        ]
    return "\n".join(lines)
