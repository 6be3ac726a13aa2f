"""Two judges of values that do not know each other: jsonschema-rs and jsonschema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from dynaclient.ecma_regex.printer import translate

Judge = Callable[[Any, Any], bool]


def _for(engine: str, schema: Any) -> Any:
    """The schema with its patterns as `engine` reads them."""
    if isinstance(schema, list):
        return [_for(engine, member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for keyword, argument in schema.items():
        if keyword == "pattern":
            result[keyword] = getattr(translate(argument), engine)
        elif keyword == "patternProperties":
            named = {getattr(translate(name), engine): member for name, member in argument.items()}
            result[keyword] = _for(engine, named)
        else:
            result[keyword] = argument if keyword in ("enum", "const") else _for(engine, argument)
    return result


class Judges:
    """Judges for schemas over one set of `defs`; compiled schemas are kept."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = dict(defs)
        self.compiled: dict[int, tuple[Any, Judge]] = {}

    def rust(self, schema: Any, value: Any) -> bool:
        """The verdict of jsonschema-rs, formats included."""
        if id(schema) not in self.compiled:
            whole = {"allOf": [_for("rust", schema)], "$defs": _for("rust", self.defs)}
            validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
            self.compiled[id(schema)] = (schema, validator.is_valid)
        return bool(self.compiled[id(schema)][1](value))

    def python(self, schema: Any, value: Any) -> bool:
        """The verdict of jsonschema, without formats."""
        whole = {"allOf": [_for("python", schema)], "$defs": _for("python", self.defs)}
        return bool(jsonschema.Draft202012Validator(whole).is_valid(value))


@pytest.fixture(scope="session")
def judges() -> Callable[..., Judges]:
    """Makes judges: `judges(defs)`."""
    return lambda defs=None: Judges(defs or {})
