"""mypy --strict and pyright: programs with types of a stub pass, each planted mistake is reported by both."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dynaclient import Client
from dynaclient.cli.main import main
from dynaclient.generation.factory import Maker
from dynaclient.sandbox import Sandbox
from dynaclient.stubs.stub import stub
from tests.stubs.checkers import Errors, mypy, pyright

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("sample")
MISTAKES = (SAMPLE / "mistakes.py").read_text(encoding="utf-8").splitlines()
PLANTED = {at: line for at, line in enumerate(MISTAKES, 1) if re.search(r"\S.*  # (?!noqa: \w+$)", line)}
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
    assert len(PLANTED) > 30


@pytest.mark.parametrize(
    ("check", "documents"),
    [(mypy, FEW), (pyright, DOCUMENTS), pytest.param(mypy, DOCUMENTS, marks=pytest.mark.exhaustive)],
    ids=["mypy", "pyright", "mypy-all"],
)
def test_a_program_passes_and_every_mistake_is_reported_where_it_is(
    check: Callable[..., Errors], documents: list[Path], tmp_path: Path
) -> None:
    """The stubs of all vendored documents, and of those of all versions of OpenAPI, are checked with it."""
    for each in SAMPLE.glob("*.py"):
        shutil.copy(each, tmp_path)
    assert main(["stubs", "talon-one-integration", "-o", str(tmp_path / "talon.pyi")]) == 0
    (tmp_path / "valid.py").write_text(valid_calls(Client("talon-one-integration")), encoding="utf-8")
    for at, each in enumerate(documents):
        (tmp_path / f"of_{at}.pyi").write_text(stub(Client(each), "Api", "a test"), encoding="utf-8")
    files = sorted(each.name for each in tmp_path.iterdir())
    assert len(files) == 4 + len(documents)
    errors = check(tmp_path, *files)
    reported = errors.pop("mistakes.py")
    assert errors == {}
    assert [line for at, line in PLANTED.items() if at not in reported] == []
    assert [MISTAKES[at - 1] for at in reported if at not in PLANTED] == []
    deep = next(at for at, line in PLANTED.items() if line.endswith("# a wrong key at depth"))
    assert SAYS[check] in reported[deep]


def test_the_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("program", SAMPLE / "program.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    with Sandbox(Client("talon-one-integration")) as sandbox:
        program.main(sandbox.url)
        url = sandbox.url
    out = capsys.readouterr().out
    assert "200 True True" in out
    assert f"POST {url}/v1/referrals" in out
