"""A request of a call that may be sent, and what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dynaclient.calls.arguments import Call
    from dynaclient.calls.compiled_operation import CompiledOperation
    from dynaclient.document.model import Parameter
    from dynaclient.errors import Finding, Violation
    from dynaclient.transport.deadline import Deadline
    from dynaclient.wire.request import Request
    from dynaclient.wire.request_builder import RequestDraft


class AppliedSecurity(NamedTuple):
    """The security schemes that a request was made for, and the names under which their values travel."""

    schemes: tuple[str, ...]
    names: tuple[str, ...]
    private: tuple[str, ...]
    """The names of all that is not to be shown, those of the credentials among them."""


class SignedRequest(NamedTuple):
    """A request that may be sent: strictly checked, or with its violations noted."""

    request: Request
    draft: RequestDraft
    values: Mapping[Parameter, Any]
    compiled: CompiledOperation
    call: Call
    violations: list[Violation]
    unchecked: tuple[Finding, ...]
    security: AppliedSecurity
    clock: Deadline
    """The time of the call; it runs since the first that was asked for it, such as a token."""
    notes: Sequence[Violation] = ()

    def __repr__(self) -> str:
        return f"<SignedRequest {self.request!r}>"

    def altered(self, **changes: str) -> SignedRequest:
        """This one with another `method` or `url`, whatever it was made of."""
        return self._replace(request=self.request.altered(**changes)) if changes else self
