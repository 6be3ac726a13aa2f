"""README and docs/ as their reader uses them: every block runs, links lead somewhere."""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import pickle
import re
import ssl
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests

import dynaclient
from dynaclient import Client, contract
from dynaclient.__main__ import main
from dynaclient.cli.arguments import build_parser
from dynaclient.contract.probes import PROBES
from dynaclient.contract.project_settings import project_settings
from tests.conftest import Serve
from tests.small import document, json_reply

ROOT = Path(__file__).parents[1]
TOOLS = str(ROOT / "tools")

sys.path.insert(0, TOOLS)
docs, fences, running = (import_module(name) for name in ("docs", "pages.blocks", "pages.running"))
sys.path.remove(TOOLS)

PAGES: list[Path] = fences.PAGES
GUIDES = PAGES[1:]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
BLOCKS = [block for page in PAGES for block in fences.read(page)]
COMMANDS = [
    (block, each) for block in BLOCKS if block.language == "console" for each in fences.commands(block)
]


def name(page: Any) -> str:
    return str(page.relative_to(ROOT)) if isinstance(page, Path) else ""


def place(block: Any) -> str:
    return f"{name(block.page)}:{block.first}"


# -- every block runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_does_what_stands_there(page: Path, tmp_path: Path) -> None:
    assert [str(each) for each in running.run(page, tmp_path)] == []


PYTHON = [block for block in BLOCKS if block.language == "python"]


@pytest.mark.parametrize("block", PYTHON, ids=place)
def test_samples_are_python(block: Any) -> None:
    ast.parse(block.text)


def test_blocks_are_of_a_known_kind_and_few_do_not_run() -> None:
    assert {block.language for block in BLOCKS} <= {"console", "pycon", "python", "toml", ""}
    still = [block for block in BLOCKS if "no-run" in block.note]
    assert [place(block) for block in still if not block.noted("no-run")] == []  # each with a reason
    assert len(still) <= 6


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "toml"], ids=place)
def test_samples_of_settings_are_taken(block: Any, tmp_path: Path) -> None:
    (tmp_path / "dynaclient.toml").write_text(block.text)
    assert project_settings("bakery.yaml", tmp_path)


NAMED = sorted({words[1] for _, each in COMMANDS if (words := each.words.split())[0] == "dynaclient"})


@pytest.mark.parametrize("command", NAMED)
def test_commands_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_all_commands_are_shown() -> None:
    assert sorted(build_parser().get_default("commands")) == NAMED


PAGE = """\
```console
$ echo one && echo two; false
one
three
$ echo $?
1
```

```pycon
>>> 1 + 1
3
>>> "port 8000"
'port ...'
```
"""


def test_what_differs_is_found_and_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    found = running.run(page, tmp_path / "run")
    assert [(each.expected, each.printed) for each in found] == [
        (("one", "three"), ("one", "two")),
        (("3",), ("2",)),
    ]
    page.write_text(docs.rewritten(PAGE, found))
    assert page.read_text() == PAGE.replace("three", "two").replace("\n3\n", "\n2\n")
    assert running.run(page, tmp_path / "again") == []


def test_a_command_without_output_must_succeed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ dynaclient ops missing.yaml\n```\n")
    with pytest.raises(AssertionError, match=r"missing\.yaml"):
        running.run(page, tmp_path / "run")


# -- recipes for what is not installed here -----------------------------------------------------------------

BULK = [block for block in PYTHON if block.page.name == "bulk.md"]
PROFILES = [{"integrationId": f"c-{index}", "body": {"attributes": {"Name": "Ada"}}} for index in range(5)]


def defined(what: str, **texts: str) -> Any:
    """What a block of docs/bulk.md defines; `texts` stand in it in the place of others."""
    (block,) = (block for block in BULK if what in block.text)
    found: dict[str, Any] = {}
    exec(block.text.replace("https://acme.europe-west1.talon.one", texts.get("server", "")), found)
    return found[what]


def test_a_partition_is_imported(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALON_KEY", "ApiKey-v1 demo")
    server = serve(json_reply({}))
    found = list(defined("import_partition", server=server.url)(iter(PROFILES)))
    assert sorted(key for key, *_ in found) == [each["integrationId"] for each in PROFILES]
    assert len(server.requests) == len(PROFILES)


class Ray(ModuleType):
    """As much of Ray as the recipe uses: `ray.remote(max_retries=0)(function).remote(...).future()`."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        super().__init__("ray")
        self.pool, self.settings = pool, list[dict[str, Any]]()

    def remote(self, **settings: Any) -> Any:
        self.settings.append(settings)
        return lambda function: SimpleNamespace(remote=partial(self._begun, function))

    def _begun(self, function: Any, *given: Any) -> Any:
        future = self.pool.submit(pickle.loads(pickle.dumps(function)), *pickle.loads(pickle.dumps(given)))
        return SimpleNamespace(future=lambda: future)


def test_the_executor_for_ray_is_one(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALON_KEY", "ApiKey-v1 demo")
    credentials = {"api_key_v1": dynaclient.Env("TALON_KEY")}
    server, update = serve(json_reply({})), "updateCustomerProfileV2"
    with ThreadPoolExecutor(2) as pool:
        ray = Ray(pool)
        monkeypatch.setitem(sys.modules, "ray", ray)
        executor = defined("RayExecutor")()
        with Client("talon-one-integration", server=server.url, credentials=credentials) as talon:
            found = [row.state for row in talon.bulk(update, PROFILES, executor=executor)]
    assert found == ["ok"] * len(PROFILES)
    assert (
        len(server.requests) == len(PROFILES) <= len(ray.settings)
    )  # a worker asks for the client once more
    assert {str(each) for each in ray.settings} == {"{'max_retries': 0}"}  # a POST must not go twice


def test_lines_of_recipes_are_python_and_call_what_is_there() -> None:
    text = TEXTS[ROOT / "docs" / "bulk.md"].partition("\n- Spark: ")[2].partition("\nAll of them")[0]
    lines = [each for each in re.findall(r"`([^`]+)`", text) if "import_partition" in each]
    assert len(lines) >= 3
    names = {each.id for line in lines for each in ast.walk(ast.parse(line)) if isinstance(each, ast.Name)}
    assert names <= {"frame", "row", "rows", "beam", "list", "import_partition"}


# -- pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_a_page_says_first_what_its_reader_can_do_then(page: Path) -> None:
    title, _, first = TEXTS[page].split("\n")[:3]
    assert title.startswith("# ")
    assert first.startswith("After this page you ")
    assert f"]({name(page)})" in TEXTS[PAGES[0]]  # the README leads to it


def test_the_readme_is_short() -> None:
    assert len(TEXTS[PAGES[0]].splitlines()) <= 200


MARKDOWN = [
    *PAGES,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "spec/README.md")),
]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", MARKDOWN, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", MARKDOWN, ids=name)
def test_make_targets_and_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:\$ |`)make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"(?:tools|spec|tests|dynaclient|docs)/[\w/.-]+\.(?:py|md|svg|yaml)", text):
        assert re.search("YYYY|NAME|spec/cakes", path) or (ROOT / path).is_file(), path


ROOMS = sorted(each.parent.name for each in (ROOT / "dynaclient").glob("*/__init__.py"))


@pytest.mark.parametrize("page", ["architecture.md", "extending.md"])
def test_named_modules_and_tables_exist(page: str) -> None:
    text = TEXTS[ROOT / "docs" / page]
    named = re.findall(rf"`((?:{'|'.join(ROOMS)})/\w+\.py)`", text)
    assert len(named) > 5
    assert [path for path in named if not (ROOT / "dynaclient" / path).is_file()] == []
    everything = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dynaclient").rglob("*.py"))
    tables = re.findall(r"`(_?[A-Z]{2,}(?:_[A-Z]+)*)`", text)
    assert [name for name in tables if not re.search(rf"^{name}\b", everything, re.MULTILINE)] == []


def test_every_setting_of_the_client_is_listed() -> None:
    text = TEXTS[ROOT / "docs" / "calls.md"].partition("## Settings")[2].partition("## Credentials")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert listed == list(inspect.signature(Client).parameters)[1:]


def test_every_check_of_the_contract_tests_is_listed() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", TEXTS[ROOT / "docs" / "contract-tests.md"], re.MULTILINE)
    assert rows == [*contract.CHECKS, *PROBES]


def test_the_drawing_is_the_order_that_is_enforced() -> None:
    drawing = next(block for block in BLOCKS if name(block.page) == "docs/architecture.md")
    drawn = [re.split(r"  +", line)[0] for line in drawing.lines if not line.startswith(" ")]
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.importlinter]")[2]
    layers = re.search(r"^layers = \[(.*?)\]", contracts, re.MULTILINE | re.DOTALL)
    assert layers
    there = re.sub(r" \| \(\w+\)|\(\w+\) \| ", "", layers[1])  # a room in brackets may come
    assert drawn == re.findall(r'"([^"]+)"', there)


def test_named_tests_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)", TEXTS[ROOT / "docs" / "specification.md"])
    assert len(named) > 100
    sources = {file: (ROOT / "tests" / file).read_text(encoding="utf-8") for file, _ in named}
    assert [(file, name) for file, name in named if f"def {name}(" not in sources[file]] == []


def test_errors_of_the_tree_exist() -> None:
    tree = next(block.text for block in BLOCKS if "DynaclientError" in block.text and not block.language)
    names = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", tree)) | {
        "Unauthorized",
        "Forbidden",
        "Conflict",
    }
    assert {name for name in names - set(dir(builtins)) if not hasattr(dynaclient, name)} == set()


def test_public_names_alone_are_imported() -> None:
    public = ("dynaclient", *(f"dynaclient.{name}" for name in ("contract", "diff", "otel", "sandbox")))
    imported = {
        module for text in TEXTS.values() for module in re.findall(r"from (dynaclient[\w.]*) import", text)
    }
    assert imported <= set(public)


def test_every_public_name_stands_in_the_code_of_a_page() -> None:
    pages = (text for page, text in TEXTS.items() if page.parent == ROOT / "docs")
    code = "\n".join(each for text in pages for each in re.findall(r"(?ms)^```.*?^```|`[^`\n]+`", text))
    assert [each for each in dynaclient.__all__ if not re.search(rf"\b{each}\b", code)] == []


# -- pictures ---------------------------------------------------------------------------------------------

DRAWN = [block for block in BLOCKS if block.noted("picture")]


@pytest.mark.parametrize("block", DRAWN, ids=place)
def test_a_picture_shows_what_its_block_prints_and_fetches_nothing(block: Any) -> None:
    svg = (ROOT / block.noted("picture")).read_text(encoding="utf-8")
    words = "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")
    shown, expected = (re.sub(r"\s+", "", text) for text in (words, block.text))  # lines are wrapped in it
    parts = [re.escape(part) for part in expected.split("...")]  # `...` stands for what is left out
    assert re.search(".*".join(parts), shown)
    assert re.findall(r"https?://(?!www\.w3\.org/|localhost|www\.textualize\.io)[^\"')<]+", svg) == []
    link = os.path.relpath(ROOT / block.noted("picture"), block.page.parent)
    assert f"]({link})" in TEXTS[block.page]


# -- samples, whatever is given to them -------------------------------------------------------------------


def sample(words: str) -> str:
    """The sample that holds `words`."""
    return next(block.text for block in PYTHON if words in block.text)


KINDS = {
    "api_key": "apiKey",
    "basic": "http",
    "token": "openIdConnect",
    "oauth": "oauth2",
    "signed": "apiKey",
}


@pytest.mark.parametrize(
    "line", [line for line in sample("ClientCredentials(").splitlines() if line.startswith("Client(")]
)
def test_each_form_of_a_credential_is_taken(line: str) -> None:
    schemes = {name: {"type": kind, "scheme": "basic", "in": "header"} for name, kind in KINDS.items()}
    doc = document({}, components={"securitySchemes": schemes})
    client = eval(line, {"Client": Client, "doc": doc, "dynaclient": dynaclient})
    assert "s3cr3t" not in repr(client)


@pytest.mark.parametrize(
    "line", [line for line in sample("session=session) ").splitlines() if line.startswith("Client(")]
)
def test_each_setting_is_taken(line: str) -> None:
    names = {"Client": Client, "doc": document({}), "session": requests.Session()}
    assert isinstance(eval(line, {**names, "dynaclient": dynaclient, "ssl": ssl}), Client)


def test_the_sample_document_is_clean_and_the_untidy_one_is_not() -> None:
    examples = ROOT / "docs" / "examples"
    assert Client(examples / "bakery.yaml").findings == ()
    assert {each.severity for each in Client(examples / "untidy.yaml").findings} == {"error", "warning"}
