"""Words of Swagger 2.0 in a document of OpenAPI 3: types beside parameters, and bodies among them."""

from __future__ import annotations

from typing import Any

from dynaclient.document import normalization as spelling
from dynaclient.document.document import Document
from dynaclient.document.model import MediaType, RequestBody
from dynaclient.document.node import Node
from dynaclient.document.swagger import collection, form_types
from dynaclient.document.swagger_refs import SCHEMA_MEMBERS, named_media_types


def schema(node: Node) -> Node | None:
    """The schema that a parameter, header or form field has in its own members, where it names its `type`."""
    own = {key: value for key, value in node.value.items() if key in SCHEMA_MEMBERS}
    return Node(own, node.uri, node.pointer, node.base) if "type" in own else None


def style(node: Node) -> dict[str, Any]:
    """Style and explode of a `collectionFormat`; {} where there is none that 3.0 has a style for."""
    if not node.text("collectionFormat"):
        return {}
    return collection({"type": "array", **node.value}, spelling.normal_location(node.text("in")))[0]


def body(document: Document, fields: list[Node], operation: Node) -> RequestBody:
    """The body that parameters `in: body` and `in: formData` of an operation describe."""
    bodies = [each for each in fields if spelling.normal_location(each.text("in")) == "body"]
    document.find((bodies or fields)[-1], "a body is not a parameter in OpenAPI 3", "it is read as the body")
    return _body(bodies[-1]) if bodies else _form(document, fields, operation)


def _body(node: Node) -> RequestBody:
    media = MediaType("application/json", node.get("schema") or schema(node), None, {}, node)
    return RequestBody(
        node.flag("required"), {media.name: media}, node.text("description"), node, node.text("name")
    )


def _form(document: Document, fields: list[Node], operation: Node) -> RequestBody:
    named = {each.text("name"): each for each in fields}
    required = [name for name, node in named.items() if node.flag("required")]
    properties = {name: _property(document, node) for name, node in named.items()}
    value = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    place = operation.at("parameters", value)
    encoding = {name: _encoding(node) for name, node in named.items()}
    consumes = named_media_types(operation.value, "consumes") or named_media_types(
        document.source, "consumes"
    )
    has_file = any(
        _is_file_parameter(document, each.get("schema") or schema(each)) for each in named.values()
    )
    types = form_types(consumes, has_file)
    content = {kind: MediaType(kind, place, None, encoding, place) for kind in types}
    return RequestBody(bool(required), content, "", place)


def _property(document: Document, node: Node) -> Any:
    """The schema of a field; by a reference, so that what it breaks is reported at its own location."""
    if node.get("schema") is not None:
        return {"$ref": f"{node.uri or document.uri}#{node.pointer}/schema"}
    own = schema(node)
    return {} if own is None else own.value


def _encoding(node: Node) -> Node:
    return Node({**style(node), **node.value}, node.uri, node.pointer, node.base)


def _is_file_parameter(document: Document, place: Node | None) -> bool:
    """Whether a schema is one of a file, or of a list of them."""
    found = document.opened(place)
    several = [found, document.opened(found.get("items"))]
    return any(each.text("type") == "file" or each.text("format") == "binary" for each in several)
