"""Small documents for the tests of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = "application/json"


def document(
    paths: Mapping[str, Any],
    *,
    version: str = "3.0.3",
    schemas: Mapping[str, Any] | None = None,
    schemes: Mapping[str, Any] | None = None,
    **root: Any,
) -> dict[str, Any]:
    """A document with these paths and components."""
    return {
        "openapi": version,
        "info": {"title": "Small", "version": "1"},
        "servers": [{"url": "https://elsewhere.example/base"}],
        "paths": dict(paths),
        "components": {"schemas": dict(schemas or {}), "securitySchemes": dict(schemes or {})},
        **root,
    }


def operation(name: str = "op", answers: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """An Operation Object."""
    return {"operationId": name, "responses": dict(answers or {"200": {"description": "fine"}}), **rest}


def parameter(name: str, place: str, schema: Any, **rest: Any) -> dict[str, Any]:
    """A Parameter Object; one in a path is required."""
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, "schema": schema, **rest}


def body(schema: Any, media_type: str = JSON, *, required: bool = True, **rest: Any) -> dict[str, Any]:
    """A Request Body Object with one media type."""
    return {"required": required, "content": {media_type: {"schema": schema, **rest}}}


def answer(schema: Any, media_type: str = JSON, **rest: Any) -> dict[str, Any]:
    """A Response Object with one media type."""
    return {"description": "", "content": {media_type: {"schema": schema}}, **rest}
