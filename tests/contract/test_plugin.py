"""`pytest --contract`: a contract test without a test file, probes as items, with xdist and `--lf`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.contract.shop import SHOP, HandWritten, accepts_all, right
from tests.contract.test_decorator import pytest_in


def contract(folder: Path, url: str, *options: str) -> tuple[int, str]:
    (folder / "shop.json").write_text(json.dumps(SHOP))
    return pytest_in(folder, "--contract", "shop.json", "--contract-server", url, *options)


def test_it_needs_no_test_file(tmp_path: Path) -> None:
    with HandWritten(right) as server:
        code, text = contract(tmp_path, server.url, "-vv", "-n", "2")
    assert code == 0, text
    for name in ("getList", "makeList", "stateful-allow_is_true"):
        assert f"shop.json::test_contract[{name}]" in text
    assert "stateful-use_after_delete" in text
    assert "limit_holds had no request to send of its own" in text


def test_a_failure_is_what_the_command_prints(tmp_path: Path) -> None:
    with HandWritten(accepts_all) as server:
        code, text = contract(tmp_path, server.url, "-k", "List]")
        assert (code, "2 failed" in text) == (1, True), text
        assert "\ngetList: broken_is_refused: query top: invalid request accepted" in text
        assert "\n    document: /paths/~1lists~1{id}/get/parameters/1/schema" in text
        assert "\n    dynaclient call shop.json getList --server http://127.0.0.1:" in text
        assert ".py" not in text.partition("short test summary")[0]  # no frame of anybody
        code, text = contract(tmp_path, server.url, "--lf", "-k", "get or allow_is_true")
    assert "1 failed" in text
    assert "passed" not in text


def test_what_a_probe_sees_fails_its_item(tmp_path: Path) -> None:
    readable = {**SHOP["paths"]["/lists/{id}"]["get"], "security": [{"key": []}]}
    paths = {**SHOP["paths"], "/lists/{id}": {"get": readable}}
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    closed = {**SHOP, "paths": paths, "components": schemes}
    (tmp_path / "closed.json").write_text(json.dumps(closed))
    words = ("--contract", "closed.json", "--contract-credential", "key=env:HOME", "-k", "stateful-auth")
    with HandWritten(right) as server:
        code, text = pytest_in(tmp_path, *words, "--contract-server", server.url)
    assert (code, "1 failed" in text) == (1, True), text
    assert "getList: authentication_enforced: " in text
    assert "dynaclient call closed.json getList" in text


def test_a_name_of_the_project_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "dynaclient.toml").write_text('[api.lists]\ndocument = "shop.json"\n')
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    with HandWritten(accepts_all) as server:
        words = ("--contract", "lists", "--contract-server", server.url, "-k", "getList]")
        code, text = pytest_in(tmp_path, *words)
    assert (code, "1 failed" in text) == (1, True), text
    assert "dynaclient call lists getList" in text


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    code, text = pytest_in(tmp_path, "--contract", "shop.json")
    assert (code, "give --contract-server URL" in text) == (4, True)
    code, text = contract(tmp_path, "http://localhost", "--contract-credential", "key=s3cret")
    assert (code, "expected SCHEME=env:VARIABLE" in text, "s3cret" in text) == (4, True, False)
    code, text = pytest_in(tmp_path, "--contract", "no.json", "--contract-server", "http://localhost")
    assert (code, "no.json" in text) == (4, True)
