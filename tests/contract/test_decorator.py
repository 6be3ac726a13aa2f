"""`@contract.cases` and the pytest plugin, as a user's own test session sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dynaclient import Client, UnknownOperation, contract
from tests.contract.shop import SHOP, HandWritten, accepts_all, right

TEST = """
import time

import pytest
from hypothesis import settings
from dynaclient import Client, Operation, contract

shop = Client("shop.json", server="{url}")
seen = []

@pytest.fixture(scope="session")
def word():
    return "word"

@contract.cases(shop)
@settings(max_examples=5)
def test_valid(case):
    contract.check(case, case.send(shop))

@contract.cases("shop.json", only="make*", broken=True, server="{url}")
def test_broken(case, operation, word):
    assert isinstance(operation, Operation)
    assert (operation.key, word) == ("makeList", "word")
    contract.check(case, case.send(shop))

@contract.cases(shop, only="drop*", broken=True)
def test_nothing_broken(case):
    raise AssertionError("it takes nothing")

class TestInClass:
    @contract.cases(shop, only="getList")
    def test_method(self, case):
        assert case.operation == "getList"

@contract.cases(shop, only="getList")
@settings(max_examples=2)
def test_slow(case):
    time.sleep(0 if case.reason else 0.3)

def test_server(dynaclient_server):
    assert dynaclient_server == "http://given"
"""


def session(folder: Path, url: str, *options: str) -> tuple[int, str]:
    drop = {"get": {"operationId": "dropAll", "responses": {"200": {"description": ""}}}}
    (folder / "shop.json").write_text(json.dumps({**SHOP, "paths": {**SHOP["paths"], "/all": drop}}))
    (folder / "test_shop.py").write_text(TEST.replace("{url}", url))
    return pytest_in(folder, "-p", "no:cacheprovider", *options)


def pytest_in(folder: Path, *options: str) -> tuple[int, str]:
    words = [sys.executable, "-m", "pytest", "-q", "-rs", "-W", "error", *options]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_test_for_each_operation(tmp_path: Path) -> None:
    with HandWritten(right) as server:
        options = ("-vv", "--dynaclient-server", "http://given", "-k", "not stateful")
        code, text = session(tmp_path, server.url, *options)
    assert code == 0, text
    for name in (
        "test_valid[getList]",
        "test_valid[makeList]",
        "test_broken[makeList]",
        "TestInClass::test_method[getList]",
        "test_slow[getList]",
        "test_server",
    ):
        assert f"{name} PASSED" in text
    assert "dropAll: there is nothing to make invalid and seen" in text
    assert "7 passed, 1 skipped" in text


def test_a_failure_shows_the_case(tmp_path: Path) -> None:
    with HandWritten(accepts_all) as server:
        code, text = session(tmp_path, server.url, "-k", "not stateful")
    assert code == 1
    assert "makeList: broken_is_refused: body: invalid request accepted" in text
    assert "    dynaclient call shop.json makeList --server http://127.0.0.1:" in text
    assert "    curl -sS -i -X POST " in text
    assert (
        "dynaclient/contract/" not in text.partition("short test summary")[0]
    )  # no frame but that of the test
    assert "always and only run" not in text
    assert "3 failed, 3 passed, 2 skipped" in text
    assert "give --dynaclient-server URL" in text


DRAWN = """
from collections import Counter
from hypothesis import settings
from dynaclient import Client, contract

shop = Client("shop.json", server="{url}")
kinds = Counter()

@contract.cases(shop, only="makeList")
def test_all(case):
    kinds["invalid" if case.fault else "valid", bool(case.reason)] += 1
    if case.fault is None and case.reason == "":
        assert case.body["entries"] is not None
    case.send(shop)

@contract.cases(shop, only="makeList", broken=False)
@settings(max_examples=7)
def test_only_valid(case):
    assert case.fault is None
    kinds["asked for", not case.reason] += 1
    case.send(shop)

def test_what_they_were_called_with():
    assert kinds["valid", True] and kinds["invalid", True], kinds
    assert kinds["asked for", True] <= 7 + 4, kinds  # four more are what the others begin with
"""


def test_cases_on_purpose_come_before_those_that_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    with HandWritten(right) as server:
        (tmp_path / "test_it.py").write_text(DRAWN.replace("{url}", server.url))
        code, text = pytest_in(tmp_path, "-k", "not stateful")
    assert (code, "3 passed" in text) == (0, True), text


def test_an_operation_that_is_not_there() -> None:
    with pytest.raises(UnknownOperation):
        contract.cases(Client(SHOP), only="nothing*")


def test_the_plugin_is_light() -> None:
    script = "import sys, dynaclient.contract.plugin; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {
        "hypothesis",
        "requests",
        "jsonschema",
        "jsonschema_rs",
        "openapi_core",
        "werkzeug",
        "yaml",
        "rich",
    }
    assert heavy.isdisjoint(done.stdout.split())


def test_every_public_name_is_there() -> None:
    assert all(getattr(contract, name) is not None for name in contract.__all__)
    assert set(contract.__all__) <= set(dir(contract))
    assert callable(contract.seeded)
    with pytest.raises(AttributeError, match="nothing"):
        contract.nothing  # noqa: B018
