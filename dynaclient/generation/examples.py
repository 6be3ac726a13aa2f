"""The examples that a document shows for a body, a parameter or a header, by name (Example Object)."""

from __future__ import annotations

from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.errors import DocumentError

_UNNAMED = ""
"""The name of the one that `example` holds."""

_VALUES = ("dataValue", "value")  # 3.2 has the first; `serializedValue` and `externalValue` are no data


def documented_examples(document: Document, node: Node) -> dict[str, Any]:
    """`example` and `documented_examples` of a Media Type, Parameter or Header Object: data, valid or not."""
    if not isinstance(node.value, dict):
        return {}
    found = {_UNNAMED: node.value["example"]} if "example" in node.value else {}
    named = node.get("examples")
    for name, place in named.items() if named is not None and isinstance(named.value, dict) else ():
        try:
            shown = document.opened(place).value
        except DocumentError:
            continue
        if isinstance(shown, dict):
            values = [shown[key] for key in _VALUES if key in shown]
            if values:
                found[name] = values[0]
    return found
