"""What could stand at the cursor in Python: the one question that IPython, notebooks and readline ask.

Nothing is evaluated that has effects: names are looked up in dicts, attributes of what is not ours without
its properties, and no function of the code is called.
"""

from __future__ import annotations

import builtins
import inspect
import keyword
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from dynaclient.base_client import BaseClient
from dynaclient.calls.arguments import OPTIONS
from dynaclient.calls.bound_operation import BaseBoundOperation, BoundOperation
from dynaclient.client import Client, connect
from dynaclient.completion.document_names import document_names
from dynaclient.completion.operation_index import Offer, OperationIndex, index_of
from dynaclient.completion.python_code import Cursor, Step, Typed, cursor_in
from dynaclient.document.document import Document
from dynaclient.document.model import Operation
from dynaclient.document.operations import OperationBuilder, Operations

VALUES = {
    "validate": ("strict", "warn", "off"),
    "request": ("strict", "warn", "off"),
    "response": ("strict", "warn", "off"),
    "undeclared": ("strict", "warn", "off"),
    "validate_with": ("auto", "rust", "python"),
}
"""What settings of a client are one of."""

MODES = ("request", "response", "undeclared")


class Offers(NamedTuple):
    """What could stand at the cursor. Each text replaces `typed`, with which the code before it ends."""

    typed: str = ""
    offers: Sequence[Offer] = ()
    alone: bool = True
    """Whether nothing else could stand there; where a name has been begun, that may be a variable's."""


def python_offers(code: str, namespace: Mapping[str, Any], after: str = "") -> Offers:
    """What could stand at the cursor behind `code`, where that has to do with a client; else nothing.

    `namespace`: the names that the code sees; `after`: what stands behind the cursor.
    """
    try:
        cursor = cursor_in(code)
        if cursor is None:
            return Offers()
        return _worded(cursor, [*_offers(cursor, namespace)], after)
    except Exception:  # who presses TAB wants no traceback: there is nothing to offer
        return Offers()


def plain_offers(code: str, namespace: Mapping[str, Any], after: str = "") -> Offers:
    """The same, for a prompt where nothing else completes: names and attributes of anything, too."""
    found = python_offers(code, namespace, after)
    if found.offers and found.alone:
        return found
    try:
        cursor = cursor_in(code)
        if cursor is None or cursor.text is not None:
            return found
        if cursor.how == "attribute":
            names = static_names(_resolved(cursor.owner, namespace))
        else:
            names = [*namespace, *keyword.kwlist, *dir(builtins)] if cursor.word else []
        shown = (
            each for each in names if isinstance(each, str) and (each[:1] != "_" or cursor.word[:1] == "_")
        )
        others = _beginning([Offer(each) for each in dict.fromkeys(shown)], cursor.word)
        return Offers(cursor.word, [*found.offers, *others])
    except Exception:
        return found


class Literal(NamedTuple):
    """A value that is offered: of a text its content, of all else the code."""

    value: Any
    offer: Offer


def _worded(cursor: Cursor, found: Sequence[Literal | Offer], after: str) -> Offers:
    """What begins as what was typed, as code."""
    if cursor.text is not None:
        literals = [each for each in found if isinstance(each, Literal)]
        texts = [each.offer._replace(text=each.value) for each in literals if isinstance(each.value, str)]
        fitting = _beginning(texts, cursor.text.content)
        close = "" if after.startswith(cursor.text.quote) else cursor.text.quote
        written = [(each, _written(each.text, cursor.text)) for each in fitting]
        return Offers(
            cursor.text.raw, [each._replace(text=text + close) for each, text in written if text is not None]
        )
    plain = [
        each if isinstance(each, Offer) else each.offer._replace(text=_code(each.value)) for each in found
    ]
    return Offers(cursor.word, _beginning(plain, cursor.word), not cursor.word or cursor.how == "attribute")


def _beginning(offers: Sequence[Offer], typed: str) -> list[Offer]:
    """Those that begin as what was typed; where none does, in any case of letters."""
    found = [each for each in offers if each.text.startswith(typed)]
    return found or [each for each in offers if each.text.lower().startswith(typed.lower())]


def _code(value: Any) -> str:
    """A value as a literal of Python, with double quotes where that is as simple."""
    if not isinstance(value, str):
        return repr(value)
    return f'"{_written(value, Typed("", "", chr(34)))}"'


def _written(content: str, typed: Typed) -> str | None:
    """`content` as it stands between the quotes that were begun; None where it cannot stand there."""
    escaped = "".join(_escaped(each, typed.quote) for each in content)
    prefix = typed.prefix.lower()
    if "b" in prefix or ("r" in prefix and escaped != content):
        return None
    if "f" in prefix or "t" in prefix:
        escaped = escaped.replace("{", "{{").replace("}", "}}")
    return escaped


def _escaped(character: str, quote: str) -> str:
    if character in ("\\", quote[0]):
        return f"\\{character}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode()


# -- what is asked -----------------------------------------------------------------------------------


def _offers(cursor: Cursor, namespace: Mapping[str, Any]) -> Iterator[Literal | Offer]:
    if cursor.how == "attribute":
        yield from _attributes(_resolved(cursor.owner, namespace))
    elif cursor.how == "item":
        yield from _items(_resolved(cursor.owner, namespace))
    elif cursor.how == "call":
        yield from _arguments(cursor, namespace)


def _attributes(found: Any) -> Iterator[Offer]:
    """The attributes of what is dynaclient's."""
    kind = type(found)
    if issubclass(kind, BaseClient):
        for name in _parts(found).operations.attributes:
            if name.isidentifier():
                yield Offer(name, "operation")
    if issubclass(kind, (BaseClient, BaseBoundOperation, Operations, Operation)):
        for name in static_names(found):
            if not name.startswith("_") and name not in _HIDDEN:
                yield Offer(name, _kind_of(_static(found, name)))


_HIDDEN = ("checkers", "executor")


def _kind_of(value: Any) -> str:
    return "function" if isinstance(value, (FunctionType, MethodType)) else "instance"


def _items(found: Any) -> Iterator[Literal]:
    """The keys of operations."""
    if issubclass(type(found), Operations):
        yield from _operation_names(found)


def _operation_names(operations: Operations) -> Iterator[Literal]:
    """Each operation by its key, and by `METHOD /path`."""
    for key in operations:
        yield Literal(key, Offer("", "operationId"))
    for key in operations:
        location = operations.entry(key).location
        if location != key:
            yield Literal(location, Offer("", "path"))


class _Callable(NamedTuple):
    """What is called: an operation, with its document; or a function, with the clients it may mean."""

    names: Sequence[str]
    """Its parameters by position."""
    keywords: Sequence[str]
    """Names that it takes by keyword, but for those of the operation."""
    clients: Sequence[_Parts] = ()
    operation: Operation | None = None
    document: Document | None = None
    takes_parameters: bool = False


class _Parts(NamedTuple):
    """What a client is made of."""

    operations: Operations
    document: Document
    client: Any


def _arguments(cursor: Cursor, namespace: Mapping[str, Any]) -> Iterator[Literal | Offer]:
    called = _called(cursor, namespace)
    if called is None:
        return
    called = _with_operation(called, cursor, namespace)
    index = _index(called)
    if cursor.argument in called.keywords or (isinstance(cursor.argument, str) and index is None):
        yield from _of_setting(str(cursor.argument), cursor, called, index)
    elif isinstance(cursor.argument, str):
        if index:
            yield from _of_schema(index, cursor.argument, cursor)
    else:
        yield from _positional(cursor, cursor.argument, called, index)
    if cursor.at == "name" and cursor.text is None:
        yield from _keywords(cursor, called, index)


def _positional(
    cursor: Cursor, position: int, called: _Callable, index: OperationIndex | None
) -> Iterator[Literal | Offer]:
    if position < len(called.names):
        yield from _of_setting(called.names[position], cursor, called, index)
    elif index is not None and called.takes_parameters and not called.names:
        taken = index.positional()
        if position < len(taken):
            parameter = taken[position]
            yield from _of_schema(index, parameter.key if parameter else "body", cursor)


def _keywords(cursor: Cursor, called: _Callable, index: OperationIndex | None) -> Iterator[Offer]:
    """What may be given by keyword, and is not yet: required ones first."""
    given = {*cursor.given}
    if index is not None and called.takes_parameters:
        if not called.names:  # those by position are there
            taken = index.positional()[: len(cursor.before)]
            given |= {each.keyword if each else "body" for each in taken}
        for each in index.parameters:
            if _is_keyword(each.keyword) and not given & {each.keyword, each.name}:
                kind = "parameter, required" if each.required else "parameter"
                yield Offer(f"{each.keyword}=", kind, each.about)
    without_body = index is not None and not index.takes_body
    given |= {*called.names[: len(cursor.before)]}
    for name in called.keywords:
        if name not in given and not (name == "body" and without_body):
            yield Offer(f"{name}=", "parameter")


def _is_keyword(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _of_setting(
    name: str, cursor: Cursor, called: _Callable, index: OperationIndex | None
) -> Iterator[Literal | Offer]:
    """What may stand in an argument of a function, by its name."""
    if name == "body" and index is not None:
        yield from _of_schema(index, "body", cursor)
    elif name == "mapping" and index is not None:
        yield from _of_mapping(index, cursor)
    elif name == "options" and cursor.at == "key" and not cursor.path:
        yield from _as_keys(OPTIONS, cursor)
    elif name == "operation" and cursor.at != "key" and not cursor.path:
        for parts in called.clients:
            yield from _operation_names(parts.operations)
    elif name == "part" and index is not None and cursor.text is not None:
        yield from (Literal(each.text, each) for each in index.parts(cursor.text.content))
    elif name == "document" and cursor.text is not None:
        yield from (Literal(each.text, each) for each in document_names())
    elif name == "credentials" and cursor.at == "key" and not cursor.path:
        yield from _as_keys(_schemes(called, cursor), cursor)
    elif name == "validate" and cursor.at == "key" and not cursor.path:
        yield from _as_keys(MODES, cursor)
    elif name in VALUES and cursor.at != "key":
        inner = cursor.path[-1] if cursor.path else name
        yield from (Literal(each, Offer("", "value")) for each in VALUES.get(str(inner), ()))


def _as_keys(names: Iterable[str], cursor: Cursor) -> Iterator[Literal]:
    return (Literal(each, Offer("", "key")) for each in names if each not in cursor.given)


def _schemes(called: _Callable, cursor: Cursor) -> Iterable[str]:
    """The security schemes of the document that a client is being made of."""
    name = cursor.before[0] if cursor.before else None
    if isinstance(name, str):
        from dynaclient.completion.document_names import index_of_document  # late: 3 ms

        found = index_of_document(name)
        return found.schemes if found else ()
    for parts in called.clients[:1]:
        return OperationBuilder(parts.document).security_schemes()
    return ()


def _of_mapping(index: OperationIndex, cursor: Cursor) -> Iterator[Literal | Offer]:
    """Names of parameters as keys, and what lies in these."""
    if cursor.path:
        yield from _of_schema(index, str(cursor.path[0]), cursor._replace(path=cursor.path[1:]))
    elif cursor.at == "key":
        names = [each.name for each in index.parameters]
        for each in index.parameters:
            name = each.name if names.count(each.name) == 1 else each.key
            if name not in cursor.given:
                yield Literal(
                    name, Offer("", "parameter, required" if each.required else "parameter", each.about)
                )


def _of_schema(index: OperationIndex, name: str, cursor: Cursor) -> Iterator[Literal | Offer]:
    """Keys or values at the cursor in the argument called `name`."""
    places = index.at(index.roots(name), cursor.path)
    if cursor.at in ("key", "keyword"):
        for each in index.keys(places, cursor.given):
            if cursor.at == "key":
                yield Literal(each.text, each)
            elif _is_keyword(each.text):
                yield each._replace(text=f"{each.text}=")
    else:
        for value in index.values(places):
            yield Literal(value, Offer("", "value"))


# -- what is meant -----------------------------------------------------------------------------------


def _called(cursor: Cursor, namespace: Mapping[str, Any]) -> _Callable | None:
    """What a call calls; None where that is nothing of dynaclient's, or not known."""
    owner = cursor.owner
    *inner, (how, name) = owner
    holder = _resolved(tuple(inner), namespace) if inner else None
    found = _resolved(owner, namespace)
    kind = type(found)
    if issubclass(kind, MethodType) and issubclass(type(found.__self__), BaseClient):
        holder, name = found.__self__, found.__func__.__name__
    if issubclass(kind, BaseBoundOperation):
        return _bound(found, BoundOperation.__call__)
    if how == "attribute" and issubclass(type(holder), BaseBoundOperation):
        return _bound(holder, _static(BoundOperation, str(name)))
    if issubclass(type(holder), BaseClient):
        method = _static(Client, str(name))
        return _function(method, [_parts(holder)], 1) if isinstance(method, FunctionType) else None
    if found is connect or (kind is type and issubclass(found, BaseClient)):
        return _function(Client.__init__, (), 1)
    if kind is FunctionType and str(found.__module__).partition(".")[0] == "dynaclient":
        return _of_prompt(_function(found, (), 0), cursor, namespace)
    return None


def _of_prompt(called: _Callable, cursor: Cursor, namespace: Mapping[str, Any]) -> _Callable:
    """A function such as `show`: of a client, or an operation of one, or else of any client there is."""
    if called.names[:1] != ["api"]:
        return called
    first = cursor.before[0] if cursor.before else None
    found = _resolved(first, namespace) if isinstance(first, tuple) else None
    if issubclass(type(found), BaseClient):
        return called._replace(clients=[_parts(found)])
    every = [_parts(each) for each in [*namespace.values()] if issubclass(type(each), BaseClient)]
    names = ["operation", *(each for each in called.names if each not in ("api", "operation"))]
    return called._replace(names=names, clients=every)


def _bound(bound: Any, method: Any) -> _Callable | None:
    if not isinstance(method, FunctionType):
        return None
    own = _function(method, (), 1)
    held = object.__getattribute__(bound, "__dict__")
    return own._replace(
        operation=held["operation"],
        document=held["executor"].document,
        names=own.names if not own.takes_parameters else (),
    )


def _function(function: Any, clients: Sequence[_Parts], skip: int) -> _Callable:
    """A function of dynaclient's, without its first `skip` parameters."""
    parameters = [*inspect.signature(function).parameters.values()][skip:]
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    by_keyword = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return _Callable(
        [each.name for each in parameters if each.kind in by_position],
        [each.name for each in parameters if each.kind in by_keyword],
        clients,
        takes_parameters=any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters),
    )


def _with_operation(called: _Callable, cursor: Cursor, namespace: Mapping[str, Any]) -> _Callable:
    """The same, with the operation that its first argument names."""
    at = called.names.index("operation") if "operation" in called.names else len(cursor.before)
    if called.operation is not None or at >= len(cursor.before):
        return called
    first = cursor.before[at]
    if isinstance(first, tuple):
        found = _resolved(first, namespace)
        if issubclass(type(found), BaseBoundOperation):
            held = object.__getattribute__(found, "__dict__")
            return called._replace(operation=held["operation"], document=held["executor"].document)
        return called
    for parts in called.clients:
        key = first if first in parts.operations else parts.operations.attribute(str(first))
        if key is not None:
            return called._replace(operation=parts.operations[key], document=parts.document)
    return called


_indexes: WeakKeyDictionary[Operation, OperationIndex] = WeakKeyDictionary()


def _index(called: _Callable) -> OperationIndex | None:
    """What the arguments of the operation may hold; made when it is first asked for."""
    if called.operation is None or called.document is None:
        return None
    if called.operation not in _indexes:
        _indexes[called.operation] = index_of(called.operation, called.document)
    return _indexes[called.operation]


def _parts(client: Any) -> _Parts:
    held = object.__getattribute__(client, "__dict__")
    return _Parts(held["operations"], held["document"], client)


def _resolved(steps: Sequence[Step], namespace: Mapping[str, Any]) -> Any:
    """The object that steps lead to; None where they cannot be gone without running code."""
    found: Any = None
    for how, what in steps:
        if how == "name":
            found = namespace.get(what)
        elif how == "attribute":
            found = _attribute(found, what)
        else:
            found = _item(found, what)
    return found


def _attribute(owner: Any, name: str) -> Any:
    """An attribute: of a client its operations too, of all else what is there without running code."""
    if issubclass(type(owner), BaseClient):
        parts = _parts(owner)
        key = parts.operations.attribute(name)
        if key is not None:
            executor = object.__getattribute__(owner, "__dict__")["_executor"]
            return BoundOperation(executor, parts.operations[key])
    if owner is sys.modules["dynaclient"]:  # imports its names when they are asked for
        return getattr(owner, name, None)
    found = _static(owner, name)
    if issubclass(type(owner), ModuleType) or issubclass(
        type(found), (BaseClient, BaseBoundOperation, Operations)
    ):
        return found
    is_made = any("__get__" in type.__getattribute__(kind, "__dict__") for kind in _kinds(type(found)))
    return None if is_made else found


def _static(owner: Any, name: str) -> Any:
    """What an object, or its class, holds under a name. `inspect.getattr_static` asks it for `__class__`."""
    for held in _held(owner):
        if name in held:
            return held[name]
    return None


def _held(owner: Any) -> Iterator[Mapping[str, Any]]:
    """The dicts of an object and of its classes, without asking it for anything."""
    if issubclass(type(owner), type):
        yield from (type.__getattribute__(kind, "__dict__") for kind in _kinds(owner))
    above = [type.__getattribute__(kind, "__dict__") for kind in _kinds(type(owner))]
    own: Any = next((each["__dict__"] for each in above if "__dict__" in each), None)
    if type(own) in (GetSetDescriptorType, MemberDescriptorType) and not issubclass(type(owner), type):
        yield own.__get__(owner)
    yield from above


def _kinds(kind: type) -> Sequence[type]:
    found: Sequence[type] = type.__getattribute__(kind, "__mro__")
    return found


def _item(owner: Any, key: Any) -> Any:
    """An item of a dict or a list; of those made by others, who knows what it does."""
    if type(owner) is dict:
        return owner.get(key)
    if type(owner) in (list, tuple) and type(key) is int:
        return owner[key] if key < len(owner) else None
    return owner[key] if issubclass(type(owner), Operations) and key in owner else None


def static_names(owner: Any) -> list[str]:
    """The names that an object has, itself and by its classes; nothing is run, so not those of `__dir__`."""
    return sorted({name for held in _held(owner) for name in held if isinstance(name, str)})
