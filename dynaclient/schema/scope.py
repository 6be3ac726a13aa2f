"""Where references lead from inside resources with an `$id`, and by dynamic scope (JSON Schema core, 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, lookup_recursive_ref

from dynaclient.errors import DocumentError, Finding


class Scope:
    """The resources around a schema. For one schema, equal scopes lead to the same."""

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver
        uris = [uri for uri, _ in resolver.dynamic_scope()]
        self._uris = tuple(dict.fromkeys(reversed(uris)))  # the outermost decides

    @classmethod
    def of(cls, whole: Mapping[str, Any]) -> Scope:
        """The scope of what is compiled."""
        return cls(REGISTRY.resolver_with_root(DRAFT202012.create_resource(whole)))

    def entered(self, schema: Any) -> Scope:
        """The scope inside `schema`, which has an `$id`."""
        return Scope(self._resolver.in_subresource(DRAFT202012.create_resource(schema)))

    def lookup(self, ref: str) -> tuple[Any, Scope]:
        """The schema that `ref` leads to, and its scope. Raises DocumentError where there is none."""
        try:
            resolved = self._resolver.lookup(ref)
        except Unresolvable as error:
            message = f"a schema cannot be used: the reference {error.ref!r} does not resolve"
            raise DocumentError(message, [Finding("", "error", message)]) from None
        return resolved.contents, Scope(resolved.resolver)

    def recursive(self) -> tuple[Any, Scope]:
        """What a `$recursiveRef` leads to."""
        resolved = lookup_recursive_ref(self._resolver)
        return resolved.contents, Scope(resolved.resolver)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self._uris == other._uris

    def __hash__(self) -> int:
        return hash(self._uris)
