"""What a request says: our own reading of its parameters and its body, and what that finds wrong.

The values are what answers echo; the findings count only where openapi-core is known to be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dynaclient.client import Client
from dynaclient.document.operation import MediaType, Operation, Parameter
from dynaclient.wire.incoming import Incoming
from dynaclient.wire.receive import Part
from dynaclient.wire.unstyle import MISSING

__all__ = ["Part", "Reader", "Reading"]


@dataclass
class Reading:
    """The values of a request, and the reasons why a part of it is wrong."""

    values: dict[Parameter, Any] = field(default_factory=dict)
    body: Any = MISSING
    media_type: MediaType | None = None
    """The documented media type that the body was read as."""
    reasons: dict[Part, list[str]] = field(default_factory=dict)


class Reader:
    """Reads requests as a client of this package writes them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, operation: Operation, incoming: Incoming, path: Mapping[str, str]) -> Reading:
        """All values of a request; `path` holds the raw texts of the path parameters.

        A schema that cannot be used holds nothing against a value.
        """
        received = self.client.plan(operation.key).receive(incoming, path)
        reasons = {part: [str(each) for each in found] for part, found in received.violations.items()}
        return Reading(received.values, received.body, received.media_type, reasons)
