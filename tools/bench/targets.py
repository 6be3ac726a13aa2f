"""What is called while measuring, in the words that each client needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import documents, payloads

Target = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where things are: the folder of documents, the server's URL, the generated SDK's folder if named."""

    folder: Path
    server: str
    sdk: str = ""

    def document(self, name: str) -> str:
        return str(self.folder / name)

    def size(self, name: str) -> str:
        return human((self.folder / name).stat().st_size)


def human(size: float) -> str:
    """A number of bytes, as people write it."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def session_put(place: Place, document: str = "talon.yaml") -> Target:
    """The update of a customer session: 10 items, 20 effects."""
    at = {"customerSessionId": payloads.SESSION}
    path = f"/v2/customer_sessions/{payloads.SESSION}"
    names = ("updateCustomerSessionV2", "update_customer_session_v2")
    return _target(place, document, names, "PUT", path, at, payloads.request_body())


def session_get(place: Place, document: str = "talon.yaml") -> Target:
    """The small GET."""
    at = {"customerSessionId": payloads.SESSION}
    path = f"/v2/customer_sessions/{payloads.SESSION}"
    return _target(place, document, ("getCustomerSession", "get_customer_session"), "GET", path, at, None)


def thing_put(place: Place, document: str, number: int) -> Target:
    """One operation of the documents with many of a kind; what is sent comes back."""
    names = (f"updateThing{number}", f"update_thing{number}")
    return _target(place, document, names, "PUT", f"/things{number}/1", {"id": "1"}, documents.thing(number))


def pets_put(place: Place) -> Target:
    """Many pets to the small document; they come back. The body is made where it is sent."""
    return _target(place, "small.json", ("replacePets", "replace_pets"), "PUT", "/pets", {}, None)


def pet_post(place: Place, document: str) -> Target:
    """One pet to the small document."""
    pet = {"id": 1, "name": "Rex", "tag": "dog"}
    return _target(place, document, ("createPet", "create_pet"), "POST", "/pets", {}, pet)


def node_get(place: Place, document: str, number: int = 3) -> Target:
    """The largest answer of the document that goes in circles: 364 nodes."""
    names = (f"getNode{number}", f"get_node{number}")
    return _target(place, document, names, "GET", f"/nodes{number}", {}, None)


def _target(
    place: Place, document: str, names: tuple[str, str], method: str, path: str, at: Target, body: Any
) -> Target:
    return {
        "document": place.document(document),
        "operation": names[0],
        "attribute": names[1],
        "method": method,
        "path": path,
        "url": place.server + path,
        "parameters": at,
        "scheme": "api_key_v1" if "customer_sessions" in path else "",
        "body": body,
    }
