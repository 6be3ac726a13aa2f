"""Parameters, form fields and headers of Swagger 2.0 -> their 3.0 form: a schema, and a style."""

from __future__ import annotations

from typing import Any

from dynaclient.document import spelling
from dynaclient.document.operation import COLLECTION
from dynaclient.document.swagger_places import SCHEMA_MEMBERS
from dynaclient.document.swagger_schemas import Schemas

_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"

# collectionFormat -> style and explode. Without one it is csv, which 3.0 has as the default of `simple` but
# not of `form`.
_PAIRS: dict[str, dict[str, Any]] = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_TEXT: dict[str, dict[str, Any]] = {"csv": {}}
_STYLES = {"query": _PAIRS, "formData": _PAIRS, "path": _TEXT, "header": _TEXT}
"""Place -> collectionFormat -> style and explode."""
_JOINED = ("csv", "ssv", "tsv", "pipes")
"""Those that may stand anywhere, also of arrays in arrays."""


def collection(value: dict[str, Any], place: str) -> tuple[dict[str, Any], list[str]]:
    """Style and explode of an array in `place` by its `collectionFormat`, and those formats that mean nothing
    there, which are read as csv. What OpenAPI 3 has no style for is kept under `COLLECTION`.
    """
    styles = _STYLES.get(place, _TEXT)
    stated = _formats(value)
    wrong = [each for at, each in enumerate(stated) if each not in _JOINED and (at or each not in styles)]
    formats = [
        "csv" if each not in _JOINED and (at or each not in styles) else each
        for at, each in enumerate(stated)
    ]
    if not formats or (len(formats) == 1 and formats[0] in styles):
        return dict(styles[formats[0]]) if formats else {}, wrong
    return {**styles.get(formats[0], styles["csv"]), COLLECTION: formats}, wrong


def _formats(value: Any) -> list[str]:
    """The format of an array, and those of the arrays in it."""
    found: list[str] = []
    while isinstance(value, dict) and value.get("type") == "array":
        found.append(str(value.get("collectionFormat", "csv")))
        value = value.get("items")
    return found


_MOVED = SCHEMA_MEMBERS | {"collectionFormat", "x-nullable", "schema"}


class Parameters:
    """Upgrades what is described like a parameter."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def parameter(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """Parameter Object in path, query or header."""
        if isinstance(value.get("$ref"), str):
            return {"$ref": self.schemas.moved(value["$ref"], at)}
        style = self._style(value, at, spelling.place(str(value.get("in"))))
        return {**_remaining(value), **style, "schema": self.schema(value, at)}

    def header(self, value: Any, at: str) -> Any:
        """Header Object of a response."""
        if not isinstance(value, dict):
            return {"schema": {}}
        return {**_remaining(value), **self._style(value, at, "header"), "schema": self.schema(value, at)}

    def schema(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """The schema of a value that 2.0 describes without one."""
        described = {key: value[key] for key in value if key in SCHEMA_MEMBERS or key == "x-nullable"}
        if "type" not in value and isinstance(value.get("schema"), dict):
            self.schemas.find(f"{at}/schema", "only a body has a `schema`", "it is used all the same")
            return dict(self.schemas.schema(value["schema"], f"{at}/schema"))
        if "type" not in value:
            self.schemas.find(at, "there is no `type`", "any type is allowed")
        return dict(self.schemas.schema(described, at))

    def encoding(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """Encoding Object of a form field; {} where 3.0 needs none."""
        return self._style(value, at, "formData")

    def _style(self, value: dict[str, Any], at: str, place: str) -> dict[str, Any]:
        style, wrong = collection(value, place)
        for form in wrong:
            problem = f"collectionFormat {form!r} means nothing in {place}"
            self.schemas.find(f"{at}/collectionFormat", problem, "the items are joined by commas")
        return style


def form_types(consumes: list[str], has_file: bool) -> list[str]:
    """The media types of a form; a file needs multipart, which then comes first."""
    forms = [kind for kind in consumes if _base(kind) in (_MULTIPART, _URLENCODED)]
    if not has_file:
        return forms or [_URLENCODED]
    multipart = [kind for kind in forms if _base(kind) == _MULTIPART]
    return [*multipart, *(kind for kind in forms if kind not in multipart)] if multipart else [_MULTIPART]


def _base(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _remaining(value: dict[str, Any]) -> dict[str, Any]:
    return {key: member for key, member in value.items() if key not in _MOVED}
