"""The compiled backend: jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from dynaclient.document.node import escape
from dynaclient.document.subschemas import inside
from dynaclient.schema import numbers
from dynaclient.schema.backend import DEFERRED, Problems, reached
from dynaclient.schema.formats import SHAPES, functions, shape
from dynaclient.schema.unchecked import UNCHECKED, meets
from dynaclient.schema.ways import ANY, levels_of

if TYPE_CHECKING:
    from dynaclient.schema.walk import Check, CompiledSchemas, Path

_PATTERNS = jsonschema_rs.FancyRegexOptions(size_limit=50 * 1024 * 1024)


class _Later:
    def __init__(self, schema: Any, key: str, path: Any) -> None:
        self._key = key

    def validate(self, value: Any) -> None:
        reached.keys.add(self._key)


class _NoLargeFloat:
    def __init__(self, schema: Any, argument: Any, path: Any) -> None:
        pass

    def validate(self, value: Any) -> None:
        if numbers.is_large(value):
            raise ValueError("a float beyond int64")


class _Unchecked:
    def __init__(self, schema: Any, places: dict[str, str], path: Any) -> None:
        self._places = places

    def validate(self, value: Any) -> None:
        if not meets(self._places, value):
            raise ValueError(UNCHECKED)


@lru_cache(maxsize=1)
def _metaschemas() -> jsonschema_rs.Registry:
    """What jsonschema-rs knows of itself, but gives to nobody who compiles a schema of another draft."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # late: 59 ms

    return jsonschema_rs.Registry([(uri, REGISTRY[uri].contents) for uri in REGISTRY])


@lru_cache(maxsize=1)
def _without_large() -> jsonschema_rs.Draft202012Validator:
    """Met by values without numbers that `numbers` has to look at, in less time than it takes."""
    below = {"exclusiveMinimum": -numbers.LARGE, "exclusiveMaximum": numbers.LARGE}
    return jsonschema_rs.Draft202012Validator(
        {**below, "items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}}
    )


@lru_cache(maxsize=16)
def _no_deeper(levels: int) -> Check:
    """Met by values that nest no deeper than so many levels."""
    defs: dict[str, Any] = {"0": {"type": ["string", "number", "boolean", "null"]}}
    for level in range(levels):
        inner = {"$ref": f"#/$defs/{level}"}
        defs[str(level + 1)] = {"items": inner, "additionalProperties": inner}
    check: Check = jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{levels}", "$defs": defs}).is_valid
    return check


class RustSchema:
    """A schema compiled by jsonschema-rs. `with_metaschemas`: it may refer to those of JSON Schema."""

    def __init__(self, schema: dict[str, Any], with_metaschemas: bool = False) -> None:
        self._schema = schema
        self._formats = functions()
        self._registry = _metaschemas() if with_metaschemas else None
        self._levels = levels_of(schema)  # 0: to compile it may have no end either
        self._check: Check | None = self._compiled(schema) if self._levels else None
        self.is_valid: Check = self._check if self._check and self._levels == ANY else self._walked

    def _walked(self, value: Any) -> bool:
        """Whether `value` meets the schema, where it would be asked about the same in too many ways."""
        from dynaclient.schema.walk import Walk  # late: 1 ms

        if self._check is not None and _no_deeper(self._levels)(value):
            return self._check(value)
        return Walk(self._schemas).holds(value)

    def problems(self, value: Any) -> Problems:
        """What `value` breaks."""
        from dynaclient.schema.walk import PROBED_FROM, Walk  # late: 1 ms

        compiled = "_parts" in self.__dict__
        return Walk(self._schemas, self._probe, 0 if compiled else PROBED_FROM).problems(value)

    def _compiled(self, schema: dict[str, Any]) -> Check:
        written, depends = numbers.schema_as_written(schema)
        validator = jsonschema_rs.Draft202012Validator(
            written,
            validate_formats=True,
            formats=self._formats,
            pattern_options=_PATTERNS,
            keywords={DEFERRED: _Later, UNCHECKED: _Unchecked, numbers.UNWRITTEN: _NoLargeFloat},
            registry=self._registry,
            offline=True,
        )
        check: Check = validator.is_valid
        return (lambda value: check(_read(value))) if depends else check

    @cached_property
    def _schemas(self) -> CompiledSchemas:
        from dynaclient.schema.walk import CompiledSchemas  # late: 1 ms

        return CompiledSchemas(
            self._schema, self._leaf, {name: each for name, each in SHAPES.items() if shape(name)}
        )

    def _leaf(self, keyword: str, argument: Any) -> Check:
        laid = {"pattern": shape(argument)} if keyword == "format" and shape(argument) else {}
        return self._compiled({keyword: argument, **laid})

    def _probe(self, at: Path, value: Any) -> bool:
        """Whether `value` is known to meet the schema at `at`."""
        key = "/".join(map(str, at[1:]))
        return key in self._probed and self._parts({key: value})

    @cached_property
    def _probed(self) -> dict[str, str]:
        """A reference to each schema that many parts of one value may have to meet."""
        return {} if self._schemas.scope or self._levels != ANY else dict(_of_many(self._schema["$defs"]))

    @cached_property
    def _parts(self) -> Check:
        entries = {key: {"$ref": ref} for key, ref in self._probed.items()}
        return self._compiled({"properties": entries, "$defs": self._schema["$defs"]})


def _read(value: Any) -> Any:
    return value if _without_large().is_valid(value) else numbers.as_written(value)


def _of_many(defs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The path and a reference for each of `defs`, and for what all items or properties have to meet."""
    stack: list[tuple[tuple[str, ...], Any]] = [(("$defs", key), schema) for key, schema in defs.items()]
    while stack:
        path, schema = stack.pop()
        if not isinstance(schema, dict):
            continue
        if len(path) == 2 or path[-1] in ("items", "additionalProperties"):
            yield "/".join(path), "#/" + "/".join(map(escape, path))
        stack += [((*path, *map(str, steps)), each) for steps, each in inside(schema)]
