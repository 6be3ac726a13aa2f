"""Chroma: OpenAPI 3.1, written by the server from its Rust types."""

from __future__ import annotations

from pathlib import Path

from dynaclient import Client
from servers.installing import PIP
from servers.server import Server
from servers.trip import Trip

HOME = {"tenant": "default_tenant", "database": "default_database"}


def command(programs: Path, folder: Path, port: int) -> list[str]:
    """How it is started."""
    place = ["--path", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)]
    return [str(programs / "chroma"), "run", *place]


def settings(url: str) -> dict[str, object]:
    """It asks for no credential."""
    return {}


def travel(trip: Trip, anonymous: Client) -> None:
    """A collection and its records: made, read, changed, deleted."""
    trip.call("heartbeat", expect=200)
    trip.call("healthcheck", expect=200)
    trip.call("version", expect=200)
    metadata = {"about": "fruit"}
    made = trip.call("create_collection", HOME, body={"name": "fruit", "metadata": metadata}, expect=200)
    read = trip.call("get_collection", {**HOME, "collection_id": "fruit"}, expect=200)
    trip.holds("the collection is read as it was made", read.data["id"] == made.data["id"])
    there = {**HOME, "collection_id": made.data["id"]}
    records(trip, there)
    body = {"new_name": "vegetables", "new_metadata": {"about": "roots"}}
    trip.call("update_collection", there, body=body, expect=200)
    read = trip.call("get_collection", {**HOME, "collection_id": "vegetables"}, expect=200)
    trip.holds("the collection has its new metadata", read.data["metadata"] == {"about": "roots"})
    listed = trip.call("list_collections", HOME, limit=10, offset=0, expect=200)
    trip.holds("the collection is listed", [each["id"] for each in listed.data] == [made.data["id"]])
    trip.refuses("create_collection", HOME, body={"metadata": {}})
    trip.call("delete_collection", {**HOME, "collection_id": "vegetables"}, expect=200)
    trip.call("get_collection", {**HOME, "collection_id": "vegetables"}, expect=404)


def records(trip: Trip, there: dict[str, str]) -> None:
    """Records: made, read, found, changed, deleted."""
    body = {
        "ids": ["apple", "plum"],
        "embeddings": [[1.0, 0.0, 0.5], [0.0, 1.0, 0.25]],
        "documents": ["a red apple", "a blue plum"],
        "metadatas": [{"colour": "red"}, {"colour": "blue"}],
    }
    trip.call("collection_add", there, body=body, expect=201)
    pear = {"ids": ["pear"], "embeddings": [[0.5, 0.5, 0.5]], "metadatas": [{"weight": 180, "ripe": True}]}
    trip.call("collection_add", there, body=pear, expect=201)
    include = ["documents", "metadatas", "embeddings"]
    read = trip.call("collection_get", there, body={"ids": ["plum"], "include": include}, expect=200)
    trip.holds("the record is read as it was made", read.data["documents"] == ["a blue plum"])
    trip.holds("its numbers keep their digits", read.data["embeddings"] == [[0.0, 1.0, 0.25]])
    read = trip.call("collection_get", there, body={"ids": ["pear"], "include": include}, expect=200)
    trip.holds("an integer stays one", read.data["metadatas"] == [{"weight": 180, "ripe": True}])
    near = {"query_embeddings": [[0.0, 0.9, 0.2]], "n_results": 1}
    found = trip.call("collection_query", there, body=near, expect=200)
    trip.holds("the nearest record is found", found.data["ids"] == [["plum"]])
    change = {"ids": ["plum"], "documents": ["a yellow plum"], "metadatas": [{"colour": "yellow"}]}
    trip.call("collection_update", there, body=change, expect=200)
    read = trip.call("collection_get", there, body={"where": {"colour": "yellow"}}, expect=200)
    trip.holds("the change is read", read.data["documents"] == ["a yellow plum"])
    trip.call("collection_delete", there, body={"ids": ["apple"]}, expect=200)
    count = trip.call("collection_count", there, expect=200)
    trip.holds("two records are left", count.data == 2)


CHROMA = Server(
    name="chroma",
    installer=PIP,
    packages=("chromadb==1.5.9",),
    shown=("chromadb",),
    document="/openapi.json",
    environment={"ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1"},
    command=command,
    settings=settings,
    travel=travel,
)
