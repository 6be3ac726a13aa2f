"""Arrow tables: what pages give as Parquet, and rows out of it, in batches (extra `arrow`).

Types are those of the document. What it says nothing of, or leaves open, is JSON text, and marked as such:
rows that are read from such a file have it as data again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dynaclient.errors import SettingsError
from dynaclient.wire.json_values import loads
from dynaclient.wire.value_types import ANY, ExpectedType

BATCH = 1000
"""Rows that are held at a time."""

_MARK = {b"dynaclient": b"json"}
_DEEPEST = 12
"""How deep structs nest; what is deeper, such as a schema that holds itself, is JSON text."""

_SCALARS = {
    ("string", "date-time"): pa.timestamp("us", tz="UTC"),
    ("string", "date"): pa.date32(),
    ("integer", "int32"): pa.int32(),
    ("integer", "uint32"): pa.uint32(),
    ("integer", "uint64"): pa.uint64(),
    ("number", "float"): pa.float32(),
}
_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "null": pa.null(),
}

Fit = Callable[[Any, str], Any]
"""Makes of a value at a path what its column takes."""


# -- out ----------------------------------------------------------------------------------------------------


def write_parquet(
    target: Any, items: Iterable[Any], shape: ExpectedType, columns: Iterable[str]
) -> Counter[str]:
    """Write items as Parquet, batch by batch: a path or a binary file.

    `shape`: of an item. `columns`: those that there are beside what it declares. Gives how often a value did
    not fit, by path: it is null in the file.
    """
    unfit: Counter[str] = Counter()
    names = [*dict.fromkeys([*shape.properties, *columns])]
    schema = pa.schema([_field(name, shape.property(name)) for name in names])
    fits = {field.name: _fit(field, unfit) for field in schema}
    with pq.ParquetWriter(target, schema) as writer:
        for batch in _batches(items):
            for name in {name for item in batch for name in item} - fits.keys():
                unfit[name] += sum(name in item for item in batch)
            rows = [{name: fit(item.get(name), name) for name, fit in fits.items()} for item in batch]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
    return unfit


def _batches(items: Iterable[Any]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    try:
        for item in items:
            batch.append(item if isinstance(item, dict) else {"value": item})
            if len(batch) == BATCH:
                yield batch
                batch = []
    except BaseException:  # what came is written: the next run goes on behind it
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _field(name: str, shape: ExpectedType, depth: int = 0) -> pa.Field:
    found = _type(shape, depth)
    return pa.field(name, found or pa.string(), metadata=None if found is not None else _MARK)


def _type(shape: ExpectedType, depth: int) -> pa.DataType | None:
    """The type of a column; None where it is JSON text."""
    kinds = shape.types - {"null"} or shape.types
    kinds = kinds - {"integer"} if "number" in kinds else kinds
    if len(kinds) != 1 or depth > _DEEPEST:
        return None
    (kind,) = kinds
    if kind == "array":
        return pa.list_(_field("item", shape.items, depth + 1)) if shape.items else None
    if kind == "object":
        return _object(shape, depth)
    return _SCALARS.get((kind, shape.format), _TYPES[kind])


def _object(shape: ExpectedType, depth: int) -> pa.DataType | None:
    if shape.properties:
        return pa.struct([_field(name, each, depth + 1) for name, each in shape.properties.items()])
    if shape.extra is None or shape.extra is ANY:
        return None
    return pa.map_(pa.string(), _field("value", shape.extra, depth + 1))


def _fit(field: pa.Field, unfit: Counter[str]) -> Fit:
    make = _made(field, unfit)

    def fit(value: Any, path: str) -> Any:
        if value is None:
            return None
        try:
            return make(value, path)
        except (ValueError, TypeError, OverflowError):
            unfit[path] += 1
            return None

    return fit


def _made(field: pa.Field, unfit: Counter[str]) -> Fit:
    kind = field.type
    if field.metadata == _MARK:
        return lambda value, path: json.dumps(value, ensure_ascii=False, default=str)
    if pa.types.is_struct(kind):
        return _struct({each.name: _fit(each, unfit) for each in kind}, unfit)
    if pa.types.is_list(kind):
        item = _fit(kind.value_field, unfit)
        return lambda value, path: [item(each, f"{path}[]") for each in _a(list, value)]
    if pa.types.is_map(kind):
        member = _fit(kind.item_field, unfit)
        return lambda value, path: [
            (name, member(each, f"{path}.*")) for name, each in _a(dict, value).items()
        ]
    if pa.types.is_timestamp(kind):
        return lambda value, path: moment(value)
    if pa.types.is_date(kind):
        return lambda value, path: date.fromisoformat(value)
    return _scalar(kind)


def _struct(members: Mapping[str, Fit], unfit: Counter[str]) -> Fit:
    def made(value: Any, path: str) -> Any:
        for name in _a(dict, value).keys() - members.keys():
            unfit[f"{path}.{name}"] += 1
        return {name: fit(value.get(name), f"{path}.{name}") for name, fit in members.items()}

    return made


def _scalar(kind: pa.DataType) -> Fit:
    types: tuple[type, ...] = (str,) if pa.types.is_string(kind) else (bool,)
    if pa.types.is_floating(kind):
        return lambda value, path: float(_number(value))
    if pa.types.is_integer(kind):
        bits, signed = kind.bit_width, pa.types.is_signed_integer(kind)
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)

        def integer(value: Any, path: str) -> int:
            if _number(value) != int(value) or not low <= value < high:
                raise ValueError
            return int(value)

        return integer
    if pa.types.is_null(kind):
        types = ()
    return lambda value, path: _a(types, value)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise TypeError
    return _a((int, float), value)


def _a(types: Any, value: Any) -> Any:
    if not isinstance(value, types):
        raise TypeError
    return value


def moment(text: str) -> datetime:
    """A time of RFC 3339, to the microsecond. Raises ValueError for what is none."""
    text = text.upper().replace("Z", "+00:00")
    head, dot, rest = text.partition(".")
    if dot:  # digits of a second: Python 3.10 takes three or six
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        text = f"{head}.{digits[:6]:0<6}{rest[len(digits) :]}"
    made = datetime.fromisoformat(text)
    if made.tzinfo is None:
        raise ValueError
    return made.astimezone(timezone.utc)


# -- in -----------------------------------------------------------------------------------------------------


def parquet_columns(path: str) -> list[str]:
    """The columns of a Parquet file. Raises SettingsError where it is none."""
    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise SettingsError(f"{path} cannot be read as Parquet: {error}") from None


def parquet_length(path: str) -> int:
    """How many rows a Parquet file has."""
    return int(pq.read_metadata(path).num_rows)


def read_parquet(path: str) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, batch by batch; what is null is left out."""
    with pq.ParquetFile(path) as file:
        marked = [
            field.name for field in file.schema_arrow if (field.metadata or {}).items() >= _MARK.items()
        ]
        for batch in file.iter_batches(BATCH):
            for row in batch.to_pylist(maps_as_pydicts="lossy"):
                for name in marked:
                    if row[name] is not None:
                        row[name] = loads(row[name])
                yield _without_null(row)


def _without_null(value: Any) -> Any:
    """Members that are null are not there: a struct has all of its members in each row."""
    if isinstance(value, dict):
        return {name: _without_null(each) for name, each in value.items() if each is not None}
    return [_without_null(each) for each in value] if isinstance(value, list) else value
