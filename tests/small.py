"""Small documents as dicts, and JSON answers."""

from __future__ import annotations

import json
from typing import Any

from tests.servers import reply

JSON = [("Content-Type", "application/json")]


def document(paths: dict[str, Any], version: str = "3.0.3", **rest: Any) -> dict[str, Any]:
    """A document with `paths`; `rest` are further members of its root."""
    return {"openapi": version, "info": {"title": "Small", "version": "1"}, "paths": paths, **rest}


def one(
    method: str = "get",
    path: str = "/x",
    *parameters: dict[str, Any],
    body: Any = None,
    content: dict[str, Any] | None = None,
    required: bool = True,
    answer: Any = None,
    answers: dict[str, Any] | None = None,
    version: str = "3.0.3",
    operation: dict[str, Any] | None = None,
    **rest: Any,
) -> dict[str, Any]:
    """A document of one operation, `op`.

    `body` is the schema of a JSON body, `content` the content of any other; `answer` the schema of a JSON
    answer with 200, `answers` all answers; `operation` further members of the operation.
    """
    node: dict[str, Any] = {"operationId": "op", **(operation or {})}
    if parameters:
        node["parameters"] = list(parameters)
    if body is not None or content is not None:
        media = content if content is not None else {"application/json": {"schema": body}}
        node["requestBody"] = {"required": required, "content": media}
    node["responses"] = answers or {"200": said(answer)}
    return document({path: {method: node}}, version, **rest)


def said(schema: Any = None, media_type: str = "application/json", **rest: Any) -> dict[str, Any]:
    """A Response Object whose body has `schema`; one without content for None."""
    return {
        "description": "",
        **({} if schema is None else {"content": {media_type: {"schema": schema}}}),
        **rest,
    }


def param(name: str, place: str = "query", schema: Any = None, **rest: Any) -> dict[str, Any]:
    """A Parameter Object; of any text where no schema is given, required in a path."""
    required = {"required": True} if place == "path" else {}
    schema = {} if "content" in rest else {"schema": {"type": "string"} if schema is None else schema}
    return {"name": name, "in": place, **required, **schema, **rest}


def json_reply(value: Any, status: int = 200) -> bytes:
    """An answer with `value` as JSON."""
    return reply(status, json.dumps(value).encode(), JSON)
