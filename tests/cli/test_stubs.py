"""`dynaclient stubs`: writes a stub, says when it is stale, and what it refuses."""

from __future__ import annotations

import ast
import gzip
from pathlib import Path

import pytest

from dynaclient import Client
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import reply
from tests.small import one, param

NAME = "talon-one-integration"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_the_stub(run: Run) -> None:
    result = run("stubs", NAME, "-o", "talon.pyi")
    assert (result.code, result.out) == (0, "talon.pyi: class Talon, 36 operations\n")
    text = Path("talon.pyi").read_text(encoding="utf-8")
    assert text.startswith(f"# Made by: dynaclient stubs {NAME} -o talon.pyi\n")
    assert "class Talon(" in text


def test_without_a_file_it_prints_it(run: Run, save: Save) -> None:
    assert "class TalonOneIntegration(" in run("stubs", f"{NAME}@2024-06").out
    result = run("stubs", save(one()))
    ast.parse(result.out)
    assert result.code == 0


def test_a_stub_that_is_up_to_date(run: Run) -> None:
    run("stubs", NAME, "-o", "talon.pyi")
    for options in (("-o", "talon.pyi", "--check"), ("--check", "-o", "talon.pyi")):
        result = run("stubs", NAME, *options)
        assert (result.code, result.out, result.err) == (0, "talon.pyi is up to date\n", "")


def test_a_document_that_is_packed_is_called_as_one_that_is_not(run: Run, save: Save) -> None:
    path = Path(save(one("get", "/pets")))
    packed = path.with_name("pets.json.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert "class Pets(" in run("stubs", str(packed)).out


def test_a_stale_stub_says_what_moved_and_stays(run: Run, save: Save) -> None:
    path = save(one("get", "/pets", param("page")))
    run("stubs", path, "-o", "pets.pyi")
    before = Path("pets.pyi").read_bytes()
    save(one("get", "/pets", param("size")))
    result = run("stubs", path, "-o", "pets.pyi", "--check")
    assert result.code == 1
    assert result.err == (
        f"dynaclient: pets.pyi is stale; make it again: dynaclient stubs {path} -o pets.pyi\n"
        "  1 operation changed:\n    GET /pets\n"
    )
    assert Path("pets.pyi").read_bytes() == before


def test_the_generations_of_a_document(run: Run) -> None:
    run("stubs", NAME, "-o", "talon.pyi")
    lines = run("stubs", f"{NAME}@2024-06", "-o", "talon.pyi", "--check").err.splitlines()
    assert "  8 operations removed:" in lines
    assert "    GET /v1/integration/campaigns" in lines
    assert "    and 11 more" in lines


def test_a_stub_that_is_not_there_or_no_stub(run: Run) -> None:
    result = run("stubs", NAME, "-o", "talon.pyi", "--check")
    assert (result.code, result.err) == (
        1,
        f"dynaclient: talon.pyi is not there; make it: dynaclient stubs {NAME} -o talon.pyi\n",
    )
    for content in (b"class", b"\xff\xfe\x00"):
        Path("talon.pyi").write_bytes(content)
        result = run("stubs", NAME, "-o", "talon.pyi", "--check")
        assert result.code == 1
        assert "cannot be read as Python" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--check"], "--check needs the file that is to be checked: -o FILE"),
        (["-o", "talon.py"], "talon.py: expected a file that ends in .pyi, as stubs do"),
        (["-o", "talon-one.pyi"],
         "talon-one.pyi: no module can be called 'talon-one'; for example talon_one.pyi"),
        (["-o", "missing/talon.pyi"], "missing/talon.pyi: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_refused(arguments: list[str], said: str, run: Run) -> None:
    result = run("stubs", NAME, *arguments)
    assert (result.code, result.err) == (2, f"dynaclient: {said}\n")


def test_no_secret_of_a_url_is_written(run: Run, serve: Serve) -> None:
    content = Path(Client(NAME).document.retrieved.removeprefix("file://")).read_bytes()
    server = serve(*[reply(200, content, [("Content-Type", "application/yaml")])] * 2)
    url = server.url.replace("://", "://user:s3cr3t@") + "/openapi.yaml?token=s3cr3t"
    assert "s3cr3t" not in run("stubs", url).out
    assert run("stubs", url, "-o", "talon.pyi").code == 0
    assert "s3cr3t" not in Path("talon.pyi").read_text(encoding="utf-8")
    assert f"dynaclient stubs {server.url}/openapi.yaml -o" in Path("talon.pyi").read_text(encoding="utf-8")
