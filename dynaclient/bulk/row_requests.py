"""What the requests of a run are made of: a row each, or a pack of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import short_repr
from dynaclient._support.missing import MISSING
from dynaclient.bulk.digest import digest_of
from dynaclient.bulk.worker import Try
from dynaclient.calls.arguments import Call
from dynaclient.document.node import NOWHERE, Node
from dynaclient.errors import SettingsError, Violation
from dynaclient.wire.json_values import NotPlain, json_value

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.document.model import Operation
    from dynaclient.schema.validator import Checker

Row = Mapping[str, Any]

_MOST_HELD = 100
"""Rows of a pack where neither the call nor the document says how many."""


class RowRequests:
    """Requests of one operation, each of one row. Raises SettingsError.

    `size`: how many rows a request has; `least`: how many the document asks for; `header`: the one that
    says whether a request was there before, empty for none.
    """

    size, least, pack = 1, 1, ""

    def __init__(
        self, calls: BaseExecutor, operation: Operation, parameters: Row, idempotency_key: str
    ) -> None:
        self.key = operation.key
        self._calls, self._operation, self._parameters = calls, operation, parameters
        self.header = idempotency_key
        same = (each.key for each in operation.parameters if each.name.lower() == idempotency_key.lower())
        self._parameter = next(same, "") if idempotency_key else ""

    def of(self, values: Sequence[Row], key: str) -> Try:
        """The request of a row. Raises NotPlain where its idempotency key would not last: see `digest_of`."""
        mapping = {**self._parameters, **values[0]}
        body = mapping.pop("body", MISSING)
        options: dict[str, Any] = {}
        if self.header:  # two requests that differ in anything have two keys: the server drops a repeat
            value = digest_of([self._operation.key, key, self._whole(values[0])]).hex()[:32]
            if self._parameter:
                mapping.setdefault(self._parameter, value)
            else:
                options["headers"] = {self.header: value}
        return Try(self._operation.key, mapping, body, options)

    def digest(self, value: Row) -> bytes:
        """What tells the request of a row from another: see `digest_of`, whose NotPlain it raises."""
        return digest_of(self._whole(value))

    def check_lasting(self) -> None:
        """Raises SettingsError where the values that all rows have are of no use for a digest."""
        try:
            digest_of(_by_name(self._parameters))
        except NotPlain as error:
            raise SettingsError(
                f"parameters: a journal, and an idempotency key, need values that last: {error.message}"
            ) from None

    def _whole(self, value: Row) -> Row:
        """A row with what all rows have."""
        return _by_name({**self._parameters, **value})

    def violations(self, value: Row, key: str) -> Sequence[Violation]:
        """What a row breaks."""
        return self._found(self.of([value], key))

    def _found(self, asked: Try) -> Sequence[Violation]:
        return self._calls.check(Call(self._operation, asked.mapping, {}, asked.body, asked.options))


class PackRequests(RowRequests):
    """Requests of one operation, each of many rows: the members of `pack` of the body."""

    def __init__(
        self, calls: BaseExecutor, operation: Operation, parameters: Row, pack: str, size: int | None
    ) -> None:
        super().__init__(calls, operation, parameters, "")
        self.key, self.pack = f"{operation.key} in packs of {pack}", pack
        schema = self._array()
        said = schema.value if isinstance(schema.value, dict) else {}
        self.least = _count(said.get("minItems"), 1)
        self.size = size or max(self.least, _count(said.get("maxItems"), _MOST_HELD))
        if self.size < self.least:
            raise SettingsError(f"size: {operation.key} takes {self.least} of {pack} at least")
        self._member = self._checker(schema)
        self._fits = False

    def of(self, values: Sequence[Row], key: str) -> Try:
        """The request of a pack."""
        mapping = {**self._parameters}
        body = mapping.pop("body", None) or {}
        return Try(self._operation.key, mapping, {**body, self.pack: list(values)}, {})

    def _whole(self, value: Row) -> Row:
        return (
            {"parameters": _by_name(self._parameters), "row": _by_name(value)} if self._parameters else value
        )

    def violations(self, value: Row, key: str) -> Sequence[Violation]:
        """What a row breaks, whatever the others do.

        A member alone is checked in a tenth of the time; as part of a request it is checked where that finds
        something, and until what is beside the rows is known to be right.
        """
        member = None if self._member is None else self._broken(self._member, value)
        if self.least > 1 and member is not None:
            return member
        if member is not None and not member and self._fits:
            return member
        found = self._found(self.of([value] * self.least, key))
        self._fits = self._fits or not found
        return found

    def _broken(self, member: Checker, value: Row) -> list[Violation]:
        try:
            return member.violations(json_value(value), "body", self.pack)
        except NotPlain as error:
            return [Violation("body", self.pack, error.pointer, error.message)]

    def _checker(self, array: Node) -> Checker | None:
        items = array.get("items")
        if items is None or self._calls.modes["undeclared"] == "strict":
            return None
        return self._calls.checkers.checker(items, "request")

    def _array(self) -> Node:
        """The schema of the array."""
        properties = self._body_schema().get("properties") or NOWHERE
        names = [name for name, _ in properties.items()]
        if names and self.pack not in names:
            raise SettingsError(
                f"pack: the body of {self._operation.key} has no {self.pack!r}"
                f"{suggestion(self.pack, names) or f'; it has {chr(44).join(names)}'}"
            )
        return self._calls.document.opened(properties.get(self.pack))

    def _body_schema(self) -> Node:
        body = self._operation.body
        if body is None:
            raise SettingsError(f"pack: {self._operation.key} takes no body")
        found = next((each.schema for name, each in body.content.items() if "json" in name), None)
        return self._calls.document.opened(found)


def requests_of(
    calls: BaseExecutor,
    operation: Operation,
    parameters: Row | None,
    pack: str | None,
    size: int | None,
    idempotency_key: str | None,
) -> RowRequests:
    """What requests are made by, as the settings of a run say. Raises SettingsError."""
    given = dict(parameters or {})
    if pack is None:
        if size is not None:
            raise SettingsError("size: the rows of a pack; it needs pack=")
        return RowRequests(calls, operation, given, idempotency_key or "")
    if idempotency_key is not None:
        raise SettingsError("idempotency_key: the rows of a pack may come in another pack the next time")
    return PackRequests(calls, operation, given, pack, None if size is None else positive("size", size))


def _by_name(values: Row) -> Row:
    """The same where a name is no text, which the check refuses: names have an order then."""
    return {str(name): value for name, value in values.items()}


def positive(name: str, value: Any) -> int:
    """A setting that counts something. Raises SettingsError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise SettingsError(f"{name}: expected a whole number from 1, got {short_repr(value)}")


def _count(said: Any, otherwise: int) -> int:
    return said if isinstance(said, int) and said > 0 else otherwise
