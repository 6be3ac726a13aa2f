"""Each record beside the dataclass of the same lines: `dataclasses` is the referee."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from dynaclient import records

SETTINGS: list[dict[str, bool]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "eq": False},
    {"eq": False},
]


def make(module: Any, settings: dict[str, bool]) -> Any:
    """A class of every kind of field, by the decorator of `module`."""

    @module.dataclass(**settings)
    class Thing:
        """A thing."""

        name: str
        size: int = 3
        parts: list[str] = module.field(default_factory=list)
        secret: str = module.field(default="", repr=False)

        def double(self) -> int:
            return self.size * 2

    return Thing


def both(settings: dict[str, bool]) -> tuple[Any, Any]:
    return make(records, settings), make(dataclasses, settings)


def outcome(act: Callable[[], Any]) -> Any:
    """What `act` gives, or the type of what it raises."""
    try:
        return act()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(
    "act",
    [
        lambda kind: repr(kind("a", secret="s")),
        lambda kind: kind("a", 1, ["p"], "s").double(),
        lambda kind: kind(),
        lambda kind: kind("a", colour=1),
        lambda kind: kind("a") == kind("a", 3, [], ""),
        lambda kind: kind("a") == kind("b"),
        lambda kind: kind("a") == ("a", 3, [], ""),
        lambda kind: len({kind("a", parts=()), kind("a", parts=())}),
        lambda kind: hash(kind("a")) and None,
        lambda kind: setattr(kind("a"), "size", 4),
        lambda kind: delattr(kind("a"), "size"),
        lambda kind: hasattr(kind("a"), "__dict__"),
        lambda kind: kind("a").parts is kind("a").parts,
        lambda kind: repr(dataclasses.replace(kind("a"), size=5)),
        lambda kind: dataclasses.asdict(kind("a", parts=["p"])),
        lambda kind: [(each.name, each.type, each.repr) for each in dataclasses.fields(kind)],
        lambda kind: [str(each) for each in inspect.signature(kind).parameters.values()],
        lambda kind: kind.__match_args__,
        lambda kind: (kind.__doc__, kind.__name__),
        lambda kind: repr(copy.copy(kind("a", 9))),
        lambda kind: repr(copy.deepcopy(kind("a", 9))),
    ],
)
def test_does_what_a_dataclass_does(settings: dict[str, bool], act: Callable[[Any], Any]) -> None:
    ours, theirs = both(settings)
    assert outcome(lambda: act(ours)) == outcome(lambda: act(theirs))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        (("a",), {}),
        (("a", 1, [], "s"), {}),
        (("a", 1, [], "s", "more"), {}),
        (("a",), {"name": "b"}),
        (("a",), {"size": None, "secret": "s"}),
        (("a",), {"colour": 1}),
        ((), {"name": "a", "parts": [1]}),
        ((), {"size": 1}),
    ],
)
def test_every_instance_is_made_alike(
    settings: dict[str, bool], given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = both(settings)

    def made(kind: Any) -> Any:
        return dataclasses.asdict(kind(*given, **named))

    due = outcome(lambda: made(theirs))
    assert [outcome(lambda: made(ours)) for _ in range(4)] == [due] * 4


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_replace_changes_what_is_named(settings: dict[str, bool]) -> None:
    kind = make(records, settings)
    changed = records.replace(kind("a", 7, ["p"]), name="b")
    assert (changed.name, changed.size, changed.parts) == ("b", 7, ["p"])


@records.dataclass(frozen=True, slots=True)
class Pinned:
    """At the top of a module, where pickle finds it."""

    name: str
    size: int = 3


@records.dataclass
class Noted:
    """With a say of its own."""

    name: str

    def __post_init__(self) -> None:
        self.shout = self.name.upper()

    def __repr__(self) -> str:
        return "noted"


def test_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(Pinned("a", 5)))
    assert again == Pinned("a", 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        again.size = 6


def test_what_the_class_says_itself_holds() -> None:
    for noted in (Noted("a"), Noted(name="a"), Noted("a"), Noted("a")):
        assert (noted.shout, repr(noted)) == ("A", "noted")


def test_matches_by_position() -> None:
    match Pinned("a", 5):
        case Pinned(name, size):
            assert (name, size) == ("a", 5)


def test_neither_dataclasses_nor_inspect_is_imported_for_it() -> None:
    code = (
        "import sys\n"
        "from dynaclient.errors import Violation\n"
        "assert Violation('body', 'body', '', 'x') == Violation('body', 'body', '', 'x')\n"
        "print(sorted({'dataclasses', 'inspect'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
