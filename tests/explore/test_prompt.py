"""`show`, `find` and `example` as functions and as methods: what each takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import dynaclient
from dynaclient import Client, SettingsError, UnknownOperation
from dynaclient.explore.prompt import names_for
from tests.small import document, one, param, said

PET = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "owner": {"type": "object", "properties": {"age": {"type": "integer"}}},
    },
}
DOC = one(
    "post", "/pets/{petId}", param("petId", "path"), param("loud", schema={"type": "boolean"}), body=PET
)
API = Client(DOC, server="http://h")

SAME: list[Callable[[], Any]] = [
    lambda: dynaclient.show(API.op, "body/owner"),
    lambda: dynaclient.show(API, "op", "body/owner"),
    lambda: dynaclient.show(API, API.op, "body/owner"),
    lambda: dynaclient.show(API, API.find("op")[0], "body/owner"),
    lambda: API.show("op", "body/owner"),
    lambda: API.show("post /PETS/{petid}", "body/owner"),
    lambda: API.show(API.op, "body/owner"),
    lambda: names_for(API)["show"]("op", "body/owner"),
    lambda: names_for(API)["show"](API.op, "body/owner"),
    lambda: names_for(API)["show"](API, "op", "body/owner"),
]


@pytest.mark.parametrize("number", range(len(SAME)))
def test_show_takes_an_operation_in_each_form(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    SAME[number]()
    assert capsys.readouterr().out == "body/owner  object\n└── age  integer\n"


@pytest.mark.parametrize("form", [lambda: dynaclient.show(API), API.show, lambda: names_for(API)["show"]()])
def test_show_without_an_operation_lists_all(
    form: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    form()
    assert capsys.readouterr().out.splitlines()[-1].split() == ["op", "POST", "/pets/{petId}"]


def test_an_example_is_of_what_is_required_or_of_everything() -> None:
    least, full = API.example("op"), API.example("op", full=True)
    assert set(least.parameters) == {"petId"}
    assert set(least.body) == {"name"}
    assert set(full.parameters) == {"petId", "loud"}
    assert set(full.body) == {"name", "owner"}
    assert set(full.body["owner"]) == {"age"}
    for each in (least, full):
        assert API.check("op", each.parameters, body=each.body) == []
        prepared = eval(repr(each).replace("api.op", "api.op.prepare"), {"api": API})
        assert prepared.url == API.prepare("op", each.parameters, body=each.body).url


def test_an_example_takes_an_operation_in_each_form() -> None:
    text = repr(API.example("op"))
    assert repr(dynaclient.example(API.op)) == text
    assert repr(dynaclient.example(API, "op")) == text
    assert repr(names_for(API)["example"](API.op)) == text
    with pytest.raises(SettingsError, match="expected an operation"):
        dynaclient.example(API)
    with pytest.raises(UnknownOperation):
        API.example("nope")
    with pytest.raises(SettingsError, match="expected a client"):
        dynaclient.find(5, "x")


NAMES = document(
    {
        "/x/{id}": {
            "get": {"operationId": "op", "parameters": [param("id", "path"), param("id"), param("body")]}
        }
    }
)


def test_an_example_with_one_name_in_two_places_is_a_mapping() -> None:
    api = Client(NAMES, server="http://h")
    full = api.example("op", full=True)
    assert set(full.parameters) == {"path.id", "query.id", "query.body"}
    prepared = eval(repr(full).replace("api.call", "api.prepare"), {"api": api})
    assert prepared.url == api.prepare("op", full.parameters).url


def test_an_operation_that_has_a_name_of_the_client_is_called_with_an_underscore() -> None:
    api = Client(document({"/find": {"get": {"operationId": "find", "responses": {"200": said()}}}}))
    assert api.operations["find"].attribute == "find_"
    assert api.find("find")[0].key == "find"


@pytest.mark.parametrize("generation", ["2020-04", "2026-05"])
def test_every_operation_has_both_examples(generation: str) -> None:
    api = Client(f"talon-one-integration@{generation}", server="http://h")
    for key in api.operations:
        least, full = api.example(key), api.example(key, full=True)
        for each in (least, full):
            assert each.problem == ""
            assert api.check(key, each.parameters, body=each.body) == []
        assert least.parameters.keys() <= full.parameters.keys()


def test_an_async_client_has_the_same_without_awaiting() -> None:
    """Nothing is sent by them; what it takes is the same."""
    pytest.importorskip("aiohttp", reason="the extra async")
    api = dynaclient.AsyncClient(DOC, server="http://h")
    assert [each.key for each in api.find("op")] == ["op"]
    assert repr(api.example("op")) == repr(API.example("op"))
    assert api.check("op", petId="1", body={}) == API.check("op", petId="1", body={})
    assert api.curl("op", petId="1", body={"name": "Rex"}) == API.curl("op", petId="1", body={"name": "Rex"})
    assert api._repr_html_()
