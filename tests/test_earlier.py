"""Pickles that an earlier version made (commit c917bd1): responses and errors open, the rest says why not."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
from pathlib import Path

import pytest

import dynaclient
from dynaclient import NotFound, Response

PICKLES = Path(__file__).parent / "pickles"


def opened(kind: str) -> object:
    return pickle.loads((PICKLES / f"{kind}.pickle").read_bytes())


def test_a_response_opens() -> None:
    response = opened("response")
    assert isinstance(response, Response)
    assert (response.status, response.data, response.headers["x-n"]) == (200, {"a": 1}, "5")
    assert (response.violations, response.unchecked, response.notes, response.links) == ((), (), (), {})
    assert response.header("X-N") == 5
    assert repr(pickle.loads(pickle.dumps(response))) == repr(response)


def test_an_error_opens() -> None:
    error = opened("error")
    assert isinstance(error, NotFound)
    assert (error.status, error.data) == (404, {"why": "gone"})


@pytest.mark.parametrize("kind", ["client", "operation"])
def test_of_what_holds_a_document_it_is_said_that_another_version_made_it(kind: str) -> None:
    with pytest.raises(
        ModuleNotFoundError, match=rf"dynaclient {dynaclient.__version__} has no module .*another version"
    ):
        opened(kind)


@pytest.mark.parametrize("name", ["dynaclient.nowhere", "dynaclient.wire.nowhere", "dynaclient.target"])
def test_a_module_that_is_not_there(name: str) -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module(name)
    assert caught.value.name == name


def test_names_of_others_are_nothing_to_it() -> None:
    assert importlib.util.find_spec("dynaclient_of_another") is None
    with pytest.raises(ImportError, match="cannot import name"):
        exec("from dynaclient import nowhere")
