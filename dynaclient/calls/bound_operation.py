"""An operation bound to a client: callable, with a signature, a docstring and a one-screen repr."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from dynaclient._support.immutable import Settled, suggestion
from dynaclient._support.messages import setting_name
from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import OPTIONS, Call
from dynaclient.document.model import Operation
from dynaclient.errors import Unsettable, Violation

if TYPE_CHECKING:
    import inspect

    import requests

    from dynaclient.calls.executor import BaseExecutor, Executor
    from dynaclient.calls.response import Response
    from dynaclient.calls.streaming import StreamedResponse, Streaming
    from dynaclient.calls.webhooks import Receivers


B = TypeVar("B", bound="BaseBoundOperation")


class Documentation:
    """`__doc__` of the class, and of each operation; made when it is asked for, not on the way of a call."""

    def __init__(self, of_class: str) -> None:
        self.of_class = of_class

    def __get__(self, instance: BaseBoundOperation | None, owner: type) -> str:
        if instance is None:
            return self.of_class
        from dynaclient.calls.signature import documentation  # late: 8 ms

        return documentation(instance.operation, instance.executor.document)


class BaseBoundOperation(Settled):
    """What an operation bound to either client has in common: what it says of itself, and `check`."""

    executor: BaseExecutor
    operation: Operation

    def __init__(self, executor: BaseExecutor, operation: Operation) -> None:
        name = operation.attribute
        self.__dict__.update(executor=executor, operation=operation, __name__=name, __qualname__=name)

    def _unsettable(self, name: str) -> Unsettable:
        said = f"client.{self.operation.attribute} is made for each call, {name!r} would be lost"
        option = f"; extras for one call go in {setting_name('option', name)}" if name in OPTIONS else ""
        return Unsettable(said + (option or suggestion(name, OPTIONS)))

    @property
    def __signature__(self) -> inspect.Signature:
        from dynaclient.calls.signature import signature  # late: 8 ms

        return signature(self.operation, self.executor.document)

    @property
    def callbacks(self) -> Receivers:
        """Its callbacks, by name: `client.create_order.callbacks["onEvent"].check(headers=..., body=...)`."""
        return self.executor.callbacks(self.operation)

    def __get__(self: B, instance: object, owner: type | None = None) -> B:
        """Itself. Having this, `help()` and IPython show it as the function that it is to its users."""
        return self

    def check(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> list[Violation]:
        """All that the call would break, empty where it is right; nothing is sent."""
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return self.executor.check(given)

    def __repr__(self) -> str:
        from dynaclient.calls.signature import summary  # late: 8 ms

        return summary(self.operation, self.executor.document)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from dynaclient.calls.display import operation_html  # late: 12 ms

        return operation_html(self.operation, self.executor.document, self.operation.attribute)

    def __reduce__(self) -> Any:
        return type(self), (self.executor, self.operation)


class BoundOperation(BaseBoundOperation):
    __doc__ = Documentation(
        """`client.get_thing`: call it for the decoded body, `.send` for the Response, `.prepare` to look.

    Required parameters by position in document order, then the body; all else by keyword, under the wire
    name or its snake_case form.
    """
    )

    executor: Executor
    operation: Operation

    def __call__(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Any:
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return self.executor.call(given)

    @overload
    def send(
        self, /, *positionals: Any, options: Streaming, body: Any = MISSING, **names: Any
    ) -> StreamedResponse: ...

    @overload
    def send(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response: ...

    def send(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response:
        """Send, and give the whole response whatever its status."""
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return self.executor.send(given)

    def prepare(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> requests.PreparedRequest:
        """The request as it would be sent; nothing is sent."""
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return self.executor.prepared(given)
