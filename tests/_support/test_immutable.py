"""An attribute set on a client after it was made would do nothing: it is refused, with the nearest name."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from dynaclient import Client, DynaclientError, SettingsError
from tests.small import document

PATHS = {
    f"/{name}": {"get": {"operationId": name, "responses": {"200": {"description": ""}}}}
    for name in ("listDogs", "2fa", "获取")
}


@pytest.fixture
def client() -> Client:
    return Client(document(PATHS), server="http://h.test")


SET: list[tuple[str, str]] = [
    ("timout", "did you mean timeout"),
    ("timeout", "Client(..., timeout=...)"),
    ("server", "Client(..., server=...)"),
    ("servers", "did you mean server"),
    ("credential", "did you mean credentials"),
    ("Validate", "did you mean validate"),
    ("max_size", "no setting 'max_size'"),
    ("list_dogs", "list_dogs is an operation"),
    ("list_dog", "did you mean list_dogs"),
    ("_2fa", "_2fa is an operation"),
    ("获取", "is an operation"),
    ("call", "call is read-only"),
    ("findings", "findings is read-only"),
    ("operations", "operations is read-only"),
    ("document", "Client(..., document=...)"),
    ("base_url", "settings go to a new client"),
]


@pytest.mark.parametrize(("name", "said"), SET)
def test_what_is_set_on_a_client(client: Client, name: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        setattr(client, name, 5)
    assert said in str(caught.value)
    assert isinstance(caught.value, AttributeError)  # as Python has it for a slot that cannot be resolved
    assert vars(client).get(name) != 5


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timeout", 'options={"timeout": ...}'),
        ("timout", "did you mean timeout"),
        ("send", "'send' would be lost"),
        ("operation", "'operation' would be lost"),
        ("stream", 'options={"stream": ...}'),
        ("anything", "client.list_dogs is made for each call"),
    ],
)
def test_what_is_set_on_an_operation(client: Client, name: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        setattr(client.list_dogs, name, 5)
    assert said in str(caught.value)


def test_what_is_set_on_the_operations(client: Client) -> None:
    with pytest.raises(SettingsError, match="'list_dogs' cannot be set"):
        client.operations.list_dogs = 3  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        client.operations["listDogs"] = 3  # type: ignore[index]


def test_dir_shows_what_there_is_to_use_and_no_internals(client: Client) -> None:
    names = dir(client)
    assert [each for each in names if each[:1] == "_" and each[:2] != "__"] == ["_2fa"]
    assert {"list_dogs", "获取", "call", "send", "operations", "findings", "close", "__enter__"} <= {*names}
    assert {"plan", "checkers"}.isdisjoint(names)
    for thing in (client.list_dogs, client.operations):
        assert [each for each in dir(thing) if each[:1] == "_" and each[:2] != "__"] == []
    assert {"send", "prepare", "callbacks"} <= {*dir(client.list_dogs)}


class Mine(Client):
    """A client of the user's, with things of its own."""

    def __init__(self, tenant: str) -> None:
        super().__init__(document(PATHS), server="http://h.test")
        self.tenant = tenant


def test_a_class_of_the_users_has_attributes_of_its_own() -> None:
    mine = Mine("a")
    mine.extra = 1  # type: ignore[attr-defined]
    assert (mine.tenant, mine.list_dogs.prepare().url) == ("a", "http://h.test/listDogs")


@pytest.mark.parametrize("again", [copy.copy, lambda made: pickle.loads(pickle.dumps(made))])
def test_copies_are_settled_too(client: Client, again: Any) -> None:
    twin = again(client)
    assert twin.list_dogs.prepare().url == "http://h.test/listDogs"
    with pytest.raises(DynaclientError):
        twin.timout = 5


def test_with_and_findings_still_work(client: Client) -> None:
    with client as same:
        assert same.findings == client.findings
        assert list(same.webhooks) == []
