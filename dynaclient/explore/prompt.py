"""`show`, `find` and `example` as functions, for a prompt or a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of
from dynaclient.calls.bound_operation import BaseBoundOperation
from dynaclient.calls.executor import BaseExecutor
from dynaclient.document.model import Operation
from dynaclient.document.operations import Operations
from dynaclient.errors import SettingsError, UnknownOperation

if TYPE_CHECKING:
    from dynaclient.explore.example import Example
    from dynaclient.explore.search import Found

__all__ = ["example", "find", "show"]

Which = str | Operation | BaseBoundOperation
"""An operation: by its operationId, as `METHOD /path`, by its attribute, or itself."""


def show(api: Any, operation: Which | None = None, part: str = "") -> None:
    """Print the operations of a client; or what one takes and returns, as far as a screen goes; or a part.

        show(api); show(api.create_pet); show(api.create_pet, "body/owner"); show(api, "createPet", "200")

    Raises UnknownOperation, and SettingsError for an unknown part.
    """
    from dynaclient.explore.operation_page import list_operations, show_operation  # late: 36 ms

    executor = _executor_of(api)
    if isinstance(api, BaseBoundOperation):
        operation, part = api.operation, part or str(operation or "")
    if operation is None or operation == "":
        list_operations(executor.operations.values())
    else:
        show_operation(executor, operation_named(executor.operations, operation), part=part)


def find(api: Any, *words: str) -> Found:
    """The operations of a client that all `words` mean, the best first; it prints as a table.

        find(api, "coupon"); find(api, "remove cart item")

    Words are looked for in ids, paths, summaries, tags, parameters, schemas, properties and descriptions;
    verbs by what they mean: `remove coupon` finds `deleteCoupon`.
    """
    from dynaclient.explore.search import search_of  # late: 2 ms

    return search_of(_executor_of(api)).find(*words)


def example(api: Any, operation: Which | None = None, *, full: bool = False) -> Example:
    """A call that is valid for the document: `.parameters`, `.body`; it prints as Python.

        example(api.create_pet); example(api, "createPet", full=True)

    Of what is required alone; with `full`, of all that it takes, as far as that goes together.
    """
    from dynaclient.explore.example import Example  # late: 31 ms

    executor = _executor_of(api)
    which = api.operation if isinstance(api, BaseBoundOperation) else operation
    if which is None:
        raise SettingsError(
            'example: expected an operation: example(api.create_pet) or example(api, "createPet")'
        )
    return Example(executor, operation_named(executor.operations, which), full=full)


def names_for(client: Any) -> Mapping[str, Callable[..., Any]]:
    """The three for a prompt with one client, which need not be named: `show("createPet")`."""

    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*given: Any, **names: Any) -> Any:
            named = bool(given) and not isinstance(given[0], (str, Operation))
            return function(*(given if named else (client, *given)), **names)

        return call

    return {each.__name__: bound(each) for each in (show, find, example)}


def operation_named(operations: Operations, which: Which) -> Operation:
    """The operation that is meant. Raises UnknownOperation."""
    if isinstance(which, (Operation, BaseBoundOperation)):
        return which if isinstance(which, Operation) else which.operation
    try:
        return operations[which]
    except UnknownOperation:
        key = operations.attribute(which) if isinstance(which, str) else None
        if key is None:
            raise
        return operations[key]


def _executor_of(api: object) -> BaseExecutor:
    executor = api.executor if isinstance(api, BaseBoundOperation) else getattr(api, "_executor", None)
    if not isinstance(executor, BaseExecutor):
        raise SettingsError(f"expected a client or an operation of one, got {kind_of(api)}")
    return executor
