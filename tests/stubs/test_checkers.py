"""mypy --strict and pyright: programs with types of a stub pass, each planted mistake is reported by both."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.cli.main import main
from dynaclient.generation.factory import Maker
from dynaclient.sandbox import Sandbox
from dynaclient.stubs.stub import stub
from tests.stubs.checkers import Errors, mypy, pyright

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("sample")
MISTAKES = {
    name: (SAMPLE / name).read_text(encoding="utf-8").splitlines()
    for name in ("mistakes.py", "async_mistakes.py")
}
PLANTED = {
    name: {at: line for at, line in enumerate(lines, 1) if re.search(r"\S.*  # (?!noqa: \w+$)", line)}
    for name, lines in MISTAKES.items()
}
DOCUMENTS = [
    *(ROOT / "spec" / "talon-one-integration").glob("*.yaml"),
    *(ROOT / "tests" / "documents").glob("*.yaml"),
    *(ROOT / "docs" / "examples").glob("*.yaml"),
]
FEW = [each for each in DOCUMENTS if each.name in ("bakery.yaml", "harbour-3.2.yaml")]
SAYS = {
    mypy: 'Extra key "stat" for TypedDict "NewCustomerSessionV2"',
    pyright: '"stat" is an undefined item in type "NewCustomerSessionV2"',
}


HEAD = """\
from talon import Talon

talon = Talon("talon-one-integration")
"""


def valid_calls(client: Client) -> str:
    """A program that calls each operation with bodies that meet their schemas."""
    maker = Maker(client.document, client.checkers, "request")
    calls = [
        f"talon.call({operation.key!r}, body={maker.example(media.schema, seed)!r})"
        for operation in client.operations.values()
        for media in (operation.body.content.values() if operation.body else ())
        for seed in range(3)
        if media.schema
    ]
    assert len(calls) > 40
    return HEAD + "\n".join(calls) + "\n"


def test_there_are_more_than_30_mistakes() -> None:
    assert len(PLANTED["mistakes.py"]) > 30
    assert len(PLANTED["async_mistakes.py"]) > 10


@pytest.mark.parametrize(
    ("check", "documents"),
    [
        (pyright, FEW),
        pytest.param(mypy, DOCUMENTS, marks=pytest.mark.exhaustive),
        pytest.param(pyright, DOCUMENTS, marks=pytest.mark.exhaustive),
    ],
    ids=["pyright", "mypy-all", "pyright-all"],
)
def test_a_program_passes_and_every_mistake_is_reported_where_it_is(
    check: Callable[..., Errors], documents: list[Path], tmp_path: Path
) -> None:
    """The stubs of all vendored documents, and of those of all versions of OpenAPI, are checked with it."""
    for each in SAMPLE.glob("*.py"):
        shutil.copy(each, tmp_path)
    assert main(["stubs", "talon-one-integration", "-o", str(tmp_path / "talon.pyi")]) == 0
    assert main(["stubs", "talon-one-integration", "--async", "-o", str(tmp_path / "async_talon.pyi")]) == 0
    (tmp_path / "valid.py").write_text(valid_calls(Client("talon-one-integration")), encoding="utf-8")
    for at, each in enumerate(documents):
        (tmp_path / f"of_{at}.pyi").write_text(stub(Client(each), "Api", "a test"), encoding="utf-8")
    files = sorted(each.name for each in tmp_path.iterdir())
    assert len(files) == 7 + len(documents)
    errors = check(tmp_path, *files)
    for name, planted in PLANTED.items():
        reported = errors.pop(name)
        assert [line for at, line in planted.items() if at not in reported] == []
        assert [MISTAKES[name][at - 1] for at in reported if at not in planted] == []
        deep = next((at for at, line in planted.items() if line.endswith("# a wrong key at depth")), None)
        assert deep is None or SAYS[check] in reported[deep]
    assert errors == {}


def run(name: str) -> Any:
    """What a program of the sample has."""
    spec = importlib.util.spec_from_file_location(name, SAMPLE / f"{name}.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program


def test_the_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    program = run("program")
    with Sandbox(Client("talon-one-integration")) as sandbox:
        program.main(sandbox.url)
        url = sandbox.url
    out = capsys.readouterr().out
    assert "200 True True" in out
    assert f"POST {url}/v1/referrals" in out


def test_the_program_with_await_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    program = run("async_program")
    with Sandbox(Client("talon-one-integration")) as sandbox:
        asyncio.run(program.main(sandbox.url))
        url = sandbox.url
    out = capsys.readouterr().out
    assert "200 True" in out
    assert f"POST {url}/v1/referrals" in out


def test_no_method_of_an_async_client_is_left_without_await() -> None:
    text = stub(Client("talon-one-integration"), "Api", "a test", awaited=True)
    assert re.findall(r"^    def (\w+)", text, re.MULTILINE) == ["__getitem__"]
    assert set(re.findall(r"^    async def (\w+)", text, re.MULTILINE)) == {
        "__aenter__", "__call__", "call", "prepare", "send",
    }  # fmt: skip
