"""Modules by the names that earlier versions had for them, which their pickles hold.

Responses and the errors that hold them open; of all else it is said that it was made by another version.
"""

from __future__ import annotations

from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

from dynaclient._version import __version__

_RENAMED = {
    "dynaclient.wire.read": "dynaclient.calls.response",
    "dynaclient.transport.headers": "dynaclient.transport.reply",
}


class _Loader:
    """Fills a module with the names of the one that has them now."""

    def create_module(self, spec: ModuleSpec) -> None:
        """The default."""

    def exec_module(self, module: ModuleType) -> None:
        found = vars(import_module(_RENAMED[module.__name__]))
        vars(module).update({name: value for name, value in found.items() if not name.startswith("__")})


def spec_of(name: str) -> ModuleSpec:
    """The spec of a module that has another name now. Raises ModuleNotFoundError where none has it."""
    return ModuleSpec(name, _Loader()) if name in _RENAMED else _missing(name)  # type: ignore[arg-type]


def _missing(name: str) -> NoReturn:
    message = (
        f"dynaclient {__version__} has no module {name!r}; a pickle that names it was made by another "
        "version of dynaclient and cannot be opened by this one: make it again"
    )
    raise ModuleNotFoundError(message, name=name)
