"""What a call gives -> which parameter gets which value. Names in every accepted spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dynaclient._support.messages import article, code_points, looks, pluralize, setting_name
from dynaclient._support.missing import MISSING
from dynaclient.document.model import Operation, Parameter
from dynaclient.document.node import Node
from dynaclient.document.parameters import normal, snake_case
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.wire.request_builder import RequestDraft

OPTIONS = ("headers", "query", "timeout", "content_type", "compress", "stream", "end_marker", "retry")
"""What `options` may hold: extra headers and query parameters, seconds, the media type of the body, how to
compress it, whether to leave the body of the response unread, the text that ends its items, what is
repeated."""

_OTHER_CLIENTS = {"params": "query", "json": "body", "data": "body", "files": "body"}
"""What other clients call the options and the body."""


class Call(NamedTuple):
    """What the user gives for one call of an operation; it is not shown, a part of it may be a secret.

    Who makes one of arguments drops these (`del`): a traceback with locals shows the frames that it is in.
    """

    operation: Operation
    mapping: Mapping[str, Any] | None = None
    names: Mapping[str, Any] = {}
    body: Any = MISSING
    options: Mapping[str, Any] | None = None
    positionals: Sequence[Any] = ()
    servers: Node | None = None
    """The servers of a Link Object, in the place of those of the operation."""
    edit: Callable[[RequestDraft], None] | None = None
    """Changes the request before it gets its server and its credentials: a contract test sends what
    arguments cannot say."""

    def __repr__(self) -> str:
        return f"<Call {self.operation.key}>"


class Arguments:
    """The arguments of one call, by parameter, as they were given."""

    def __init__(self, values: dict[Parameter, Any] | None = None, body: Any = MISSING) -> None:
        self.values = values or {}
        self.body = body
        self.violations: list[Violation] = []

    def refuse(self, name: str, message: str) -> None:
        """Note an argument that means nothing."""
        self.violations.append(Violation("argument", name, "", message))


class Names:
    """The names that the parameters of one operation go by.

    Wire name, snake_case name, and `place.name`; a wire name wins over another's snake_case name.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.by_name: dict[str, list[Parameter]] = {}
        for parameter in operation.parameters:
            self.by_name.setdefault(parameter.name, []).append(parameter)
        for parameter in operation.parameters:
            for name in (parameter.python_name, parameter.key):
                if name and name not in self.by_name:
                    self.by_name[name] = [parameter]
        for name, same in _by_normal_form(self.by_name).items():
            self.by_name.setdefault(name, same)
        self.positional = positional(operation)
        self.of_body = _names_of_body(operation) - self.by_name.keys()
        """What Swagger 2.0 calls the body."""

    def bind(
        self,
        positionals: Sequence[Any] = (),
        mapping: Any = None,
        names: Mapping[str, Any] | None = None,
        body: Any = MISSING,
    ) -> Arguments:
        """The arguments of a call; what fits no parameter is on `violations` of the result."""
        arguments = Arguments(body=body)
        self._positionals(arguments, positionals)
        if mapping is not None and not isinstance(mapping, Mapping):
            there = f"for positional arguments call client.{self.operation.attribute}(...)"
            message = (
                f"expected a mapping of parameter names to values, got {article(type(mapping).__name__)}"
            )
            arguments.refuse("mapping", f"{message}; {there}")
            mapping = None
        for given in (mapping or {}, names or {}):
            for name, value in given.items():
                self._place(arguments, name, value)
        return arguments

    def _positionals(self, arguments: Arguments, positionals: Sequence[Any]) -> None:
        if len(positionals) > len(self.positional):
            names = ", ".join(_shown(each) for each in self.positional)
            takes = pluralize(len(self.positional), "positional argument") + (f" ({names})" if names else "")
            arguments.refuse("positional", f"takes {takes}, {len(positionals)} given")
        for parameter, value in zip(self.positional, positionals, strict=False):
            if parameter is not None:
                arguments.values[parameter] = value
            else:
                self._give_body(arguments, value)

    def _give_body(self, arguments: Arguments, value: Any) -> None:
        if arguments.body is not MISSING:
            arguments.refuse("body", "the body is given twice")
        else:
            arguments.body = value

    def _place(self, arguments: Arguments, name: str, value: Any) -> None:
        found = self.by_name.get(name) or self.by_name.get(normal(name) if isinstance(name, str) else name)
        if not found and name in self.of_body:
            self._give_body(arguments, value)
        elif not found:
            arguments.refuse(str(name), self._unknown(name))
        elif len(found) > 1:
            arguments.refuse(name, f"{name!r} is in several locations; give {_keys(found)}")
        elif found[0] in arguments.values:
            same = "" if name == found[0].name else f": it is {found[0].name!r}"
            arguments.refuse(name, f"given twice{same}")
        else:
            arguments.values[found[0]] = value

    def _unknown(self, name: str) -> str:
        near = self._near(str(name))
        hint = f"did you mean {', '.join(near)}?" if near else self._elsewhere(str(name))
        return f"{self.operation.key} has no parameter {name!r}{'; ' if hint else ''}{hint}"

    def _near(self, name: str, count: int = 3) -> list[str]:
        """The closest names, each parameter under that of its names which is closest."""
        from difflib import get_close_matches  # late: 2 ms

        found: dict[str, str] = {}
        for near in get_close_matches(name, self.by_name, len(self.by_name) or 1, 0.6):
            found.setdefault(", ".join(each.key for each in self.by_name[near]), near)
        return list(found.values())[:count]

    def _elsewhere(self, name: str) -> str:
        """Where it goes that was given as a parameter: an option, the body, a property of that."""
        option = _OTHER_CLIENTS.get(name, name)
        if option in OPTIONS:
            return f"extras for one call go in {setting_name('option', option)}"
        if self.operation.body is None:
            return ""
        whole = f"the body goes in {setting_name('body')}, " if option == "body" else ""
        return (
            f"{whole}a property of {'it' if whole else 'the body'} goes in {setting_name('property', name)}"
        )


def _by_normal_form(by_name: Mapping[str, list[Parameter]]) -> dict[str, list[Parameter]]:
    """What the names mean that Python reads in its own normal form of Unicode, as it does keywords."""
    found: dict[str, list[Parameter]] = {}
    for name, parameters in by_name.items():
        if not name.isascii():
            others = found.setdefault(normal(name), [])
            others += [each for each in parameters if each not in others]
    return found


def _keys(parameters: list[Parameter]) -> str:
    """Their keys; with the code points where some look alike."""
    keys = [parameter.key for parameter in parameters]
    if len(looks(keys)) < len(keys):
        keys = [code_points(key)[1:-1] for key in keys]
    return " or ".join(setting_name("parameter", key) for key in keys)


def _names_of_body(operation: Operation) -> set[str]:
    name = operation.body.name if operation.body else ""
    return {name, snake_case(name), f"body.{name}"} if name else set()


def positional(operation: Operation) -> list[Parameter | None]:
    """What a call takes by position: required parameters in document order, then the body (None)."""
    body: list[Parameter | None] = [None] if operation.body is not None else []
    return [*operation.required, *body]


def _shown(parameter: Parameter | None) -> str:
    return "body" if parameter is None else parameter.python_name or parameter.key


def offered(parameter: Parameter) -> bool:
    """Whether a keyword of a call can mean this parameter."""
    return parameter.python_name not in ("", "body", "options")
