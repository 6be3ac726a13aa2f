"""`dynaclient test`: its options, its exit codes, and the files that it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient.contract.reports import REPORTERS
from tests.cli.conftest import Run, Save
from tests.contract.shop import SHOP, HandWritten, accepts_all, right

PHASES = ("--phase", "coverage", "--phase", "random")
"""The hand-written server knows no methods but GET and POST, which the probes ask for."""


@pytest.fixture
def shop(run: Run, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`shop(answer, ...)` is `dynaclient test shop.json --server ... --cases 2 ...`."""
    path = save(SHOP)
    monkeypatch.chdir(tmp_path)

    def test(answer: Any, *options: str) -> Any:
        with HandWritten(answer) as server:
            result = run("test", path, "--server", server.url, "--cases", "2", *PHASES, *options)
            return result, server.seen

    return test


def nothing_found(method: str, *rest: Any) -> Any:
    return (404, {}) if method == "GET" else right(method, *rest)


@pytest.mark.parametrize(
    ("answer", "options", "code"),
    [
        (right, (), 0),
        (accepts_all, (), 1),
        (accepts_all, ("--check", "-broken_is_refused"), 0),
        (accepts_all, ("--check", "no_server_error,body_documented"), 0),
        (right, ("--fail-under", "100"), 0),
        (nothing_found, ("--fail-under", "50"), 0),
        (nothing_found, ("--fail-under", "51"), 1),
        (right, ("--only", "nothing like it"), 2),
        (right, ("--phase", "nothing"), 2),
        (right, ("--check", "nothing"), 2),
        (right, ("--tag", "nothing"), 2),
        (right, ("--rate", "fast"), 2),
        (right, ("--report", "pdf=x"), 2),
        (right, ("--report", "har=/nowhere/at/all"), 2),
        (right, ("--given", "id"), 2),
        (right, ("--fail-under", "101"), 2),
        (right, ("--replay", "none.har"), 2),
    ],
)
def test_exit_codes(shop: Any, answer: Any, options: tuple[str, ...], code: int) -> None:
    result, _ = shop(answer, *options)
    assert result.code == code, result.out + result.err


def test_the_summary_comes_first_and_names_the_seed(shop: Any) -> None:
    result, seen = shop(nothing_found, "--seed", "9", "--fail-under", "50")
    first, *rest = result.out.splitlines()
    assert first.startswith(f"50% of operations succeeded, expected at least 50%; {seen} requests in ")
    assert first.endswith(", seed 9")
    rows = {line.split()[0]: line for line in rest if line}
    assert rows["getList"].endswith("never succeeded (404 only)")
    assert rows["coverage:"].startswith("coverage: operations 2 of 2, statuses 1 of 2, ")
    assert "\x1b" not in result.out + result.err  # a pipe is calm


@pytest.mark.parametrize("name", ["--only", "--operation"])
def test_what_is_chosen(shop: Any, name: str) -> None:
    result, _ = shop(
        right, name, "get*", "--no-delete", "--given", "id=7", "--workers", "2", "--rate", "900/s"
    )
    assert "makeList" not in result.out
    assert "1 of 1 operation exercised" in result.out


def test_bounds(shop: Any) -> None:
    result, seen = shop(accepts_all, "--max-failures", "1")
    assert "ended after 1 failure" in result.err
    assert seen < 60


def test_files(shop: Any, tmp_path: Path) -> None:
    options = [word for name in REPORTERS for word in ("--report", f"{name}={tmp_path / name}")]
    result, _ = shop(accepts_all, *options, "--junit", str(tmp_path / "again"))
    assert result.code == 1
    har = json.loads((tmp_path / "har").read_text())["log"]["entries"]
    assert json.loads((tmp_path / "json").read_text())["requests"] == len(har)
    assert (tmp_path / "junit").read_bytes() == (tmp_path / "again").read_bytes()
    again, seen = shop(accepts_all, "--replay", str(tmp_path / "har"))
    assert (again.code, seen) == (1, len(har))


def test_a_project_has_settings_and_options_win(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "dynaclient.toml").write_text(
        '[api.document.test]\nonly = ["get*"]\nseed = 5\noff = { broken_is_refused = "later" }\n'
    )
    result, _ = shop(accepts_all, "--seed", "6")
    assert result.code == 0
    assert ", seed 6" in result.out
    assert "off: broken_is_refused: later" in result.out
    assert "makeList" not in result.out
    (tmp_path / "dynaclient.toml").write_text('[api.document.test]\nserver = "http://evil"\n')
    result, seen = shop(right)
    assert (result.code, seen) == (2, 0)
