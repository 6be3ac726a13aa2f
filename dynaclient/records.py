"""Dataclasses that cost nothing until they are used.

`dataclasses` writes and compiles up to nine methods for every class while its module is imported, and
brings `inspect` along: for the classes on the way of a first call that took as long as a third of
`import requests`. Here a class gets methods that all classes share; its `__init__` is written when the first
instance is made. To type checkers, `dataclasses.replace`, `fields` and `asdict` they are dataclasses.

Without what nobody here needs: inheritance of fields, ClassVar, InitVar, order, kw_only.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from types import MethodType
from typing import TYPE_CHECKING, Any


class _None:
    """No default; in a signature it stands for what a factory makes."""

    def __repr__(self) -> str:
        return "<factory>"


_NONE: Any = _None()


class _Field:
    __slots__ = ("default", "default_factory", "repr")

    def __init__(self, *, default: Any = _NONE, default_factory: Any = _NONE, repr: bool = True) -> None:  # noqa: A002
        self.default, self.default_factory, self.repr = default, default_factory, repr


class _Late:
    """A member of a class that is made, and put in place of this, when it is looked up.

    The first instances do with `meanwhile`: of most classes the first call of a client makes one or two, and
    to write an `__init__` takes as long as fifty of those.
    """

    __slots__ = ("left", "make", "meanwhile", "name", "owner")

    def __init__(self, name: str, make: Callable[[type], Any], owner: type, meanwhile: Any = None) -> None:
        self.name, self.make, self.owner = name, make, owner
        self.meanwhile, self.left = meanwhile, 2 if meanwhile else 0

    def __get__(self, instance: Any, owner: type) -> Any:
        if self.left and isinstance(instance, self.owner):  # inspect asks with the class in its place
            self.left -= 1
            return MethodType(self.meanwhile, instance)
        made = self.make(self.owner)
        setattr(self.owner, self.name, made)
        return made.__get__(instance, owner) if hasattr(made, "__get__") else made


def _record(cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
    """As `dataclasses.dataclass`."""
    if cls is None:
        return lambda cls: _record(cls, frozen=frozen, slots=slots, eq=eq)
    given = dict(cls.__dict__)
    fields = {name: _field(given.get(name, _NONE)) for name in cls.__annotations__}
    members = {"__record__": fields, "__frozen__": frozen, "__match_args__": tuple(fields), "__repr__": _repr}
    if eq:
        members |= {"__values__": attrgetter(*fields), "__eq__": _eq, "__hash__": _hash if frozen else None}
    if frozen:
        members |= {"__setattr__": _refuse, "__delattr__": _refuse}
    own = {name for name in given if name != "__hash__" or given[name] is not None}
    cls = _with_slots(cls, given, fields, frozen) if slots else _with_defaults(cls, given, fields)
    members["__init__"] = _Late("__init__", _init, cls, _first_init)
    members["__dataclass_fields__"] = _Late("__dataclass_fields__", _dataclass_fields, cls)
    for name, member in members.items():
        if name not in own:
            setattr(cls, name, member)
    return cls


def _field(given: Any) -> _Field:
    return given if isinstance(given, _Field) else _Field(default=given)


def _with_slots(cls: type, given: dict[str, Any], fields: dict[str, _Field], frozen: bool) -> type:
    """The same class again, with a slot for each field: slots cannot be added to a class that is there."""
    body = {
        name: member for name, member in given.items() if name not in ("__dict__", "__weakref__", *fields)
    }
    body["__slots__"] = tuple(fields)
    body["__qualname__"] = cls.__qualname__
    if frozen:  # pickle would set the members, which a frozen class refuses
        body = {"__getstate__": _getstate, "__setstate__": _setstate, **body}
    return type(cls)(cls.__name__, cls.__bases__, body)


def _with_defaults(cls: type, given: dict[str, Any], fields: dict[str, _Field]) -> type:
    """The class with what stands for a field where it has a default, and nothing where it has none."""
    for name, item in fields.items():
        if item.default is not _NONE:
            setattr(cls, name, item.default)
        elif name in given:
            delattr(cls, name)
    return cls


def _first_init(self: Any, *given: Any, **named: Any) -> None:
    """What `_init` makes, without making it. Where the arguments are not right, that one says so."""
    fields: dict[str, _Field] = self.__record__
    values = dict(zip(fields, given, strict=False))
    wrong = len(given) > len(fields) or not values.keys().isdisjoint(named)
    values |= named
    for name, item in fields.items():
        if name in values:
            value = values.pop(name)
        elif item.default_factory is not _NONE:
            value = item.default_factory()
        else:
            value = item.default
        wrong = wrong or value is _NONE
        object.__setattr__(self, name, value)
    if wrong or values:
        _init(type(self))(self, *given, **named)
    elif hasattr(self, "__post_init__"):
        self.__post_init__()


def _init(cls: Any) -> Any:
    """`__init__`, written out and compiled: objects are made in every call, so it has to be quick."""
    fields: dict[str, _Field] = cls.__record__
    names: dict[str, Any] = {"_none": _NONE, "_set": object.__setattr__}
    parameters, lines = [], []
    for name, item in fields.items():
        value, default = name, ""
        if item.default_factory is not _NONE:
            names[f"_make_{name}"] = item.default_factory
            value, default = f"_make_{name}() if {name} is _none else {name}", " = _none"
        elif item.default is not _NONE:
            names[f"_default_{name}"] = item.default
            default = f" = _default_{name}"
        parameters.append(name + default)
        if not cls.__frozen__:
            lines.append(f"self.{name} = {value}")
        elif "__slots__" in cls.__dict__:
            names[f"_set_{name}"] = cls.__dict__[name].__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__(self, {', '.join(parameters)}):\n " + "\n ".join(lines), names)
    init = names["__init__"]
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    init.__annotations__ = {**cls.__annotations__, "return": None}
    return init


def _dataclass_fields(cls: Any) -> Any:
    """What `dataclasses` asks a class for, taken from a dataclass of the same fields."""
    from dataclasses import MISSING, field, make_dataclass

    def real(item: _Field) -> Any:
        default = MISSING if item.default is _NONE else item.default
        factory: Any = MISSING if item.default_factory is _NONE else item.default_factory
        return field(default=default, default_factory=factory, repr=item.repr)

    fields: dict[str, _Field] = cls.__record__
    rows = [(name, cls.__annotations__[name], real(item)) for name, item in fields.items()]
    made: Any = make_dataclass(cls.__name__, rows)
    return made.__dataclass_fields__


def _repr(self: Any) -> str:
    shown = [f"{name}={getattr(self, name)!r}" for name, item in self.__record__.items() if item.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return type(self).__values__(self) == type(self).__values__(other)


def _hash(self: Any) -> int:
    return hash(type(self).__values__(self))


def _refuse(self: Any, name: str, *value: Any) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot set {name!r}: a {type(self).__name__} does not change")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record__]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__record__, state, strict=True):
        object.__setattr__(self, name, value)


def _replace(record: Any, /, **changes: Any) -> Any:
    """As `dataclasses.replace`."""
    return type(record)(**{**{name: getattr(record, name) for name in record.__record__}, **changes})


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    dataclass, field, replace = _record, _Field, _replace
