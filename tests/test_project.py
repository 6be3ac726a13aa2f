"""What a fresh clone installs and what CI runs: the files say what they are meant to say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
NEEDS = ("run", "test", "bench")


def listed(name: str) -> list[str]:
    """The strings of the list `name` in pyproject.toml; Python 3.10 has no reader of TOML."""
    found = re.search(rf"^{name} = \[([^\]]*)\]", PYPROJECT, re.MULTILINE)
    assert found, name
    return re.findall(r'"([^"]+)"', found[1])


def locked(need: str) -> list[Requirement]:
    """The lines of a constraints file."""
    lines = (ROOT / "constraints" / f"{need}.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def versions(need: str, python: str, platform: str = "linux") -> dict[str, str]:
    """The version of each package that a constraints file names for one Python."""
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    found: dict[str, str] = {}
    for each in locked(need):
        if each.marker is None or each.marker.evaluate({**here, "extra": ""}):
            name = canonicalize_name(each.name)
            assert name not in found, (name, python)
            found[name] = str(each.specifier).removeprefix("==")
    return found


DIRECT = {
    "run": ("dependencies",),
    "test": ("dependencies", "fast", "repl", "test", "check"),
    "bench": ("dependencies", "fast", "repl", "bench", "sdk"),
}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("need", NEEDS)
def test_each_dependency_has_one_version_within_its_bounds(need: str, python: str) -> None:
    found = versions(need, python)
    for text in [each for name in DIRECT[need] for each in listed(name)]:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"python_version": python}):
            continue
        assert found[canonicalize_name(requirement.name)] in SpecifierSet(
            str(requirement.specifier), prereleases=True
        ), text
    assert {"pip", "hatchling", "editables"} <= found.keys()  # what builds is not left to chance either


@pytest.mark.parametrize("python", PYTHONS)
def test_who_runs_it_gets_what_was_tested(python: str) -> None:
    tested = versions("test", python)
    assert {
        name: version for name, version in versions("run", python).items() if tested[name] != version
    } == {}


@pytest.mark.parametrize("need", NEEDS)
def test_constraints_name_versions_and_no_place(need: str) -> None:
    text = (ROOT / "constraints" / f"{need}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|^-|^\s*/|\\", text, re.MULTILINE)
    assert all(re.fullmatch(r"==[\w.!+]+", str(each.specifier)) for each in locked(need))


def test_every_lower_bound_is_stated() -> None:
    for name in ("dependencies", "fast", "repl", "test", "check", "bench", "sdk"):
        for text in listed(name):
            assert ">=" in text, text


def test_classifiers_links_and_build() -> None:
    for python in PYTHONS:
        assert f'"Programming Language :: Python :: {python}"' in PYPROJECT
    links = re.findall(r'^(\w+) = "https://[^"]+?/blob/main/([^"]+)"', PYPROJECT, re.MULTILINE)
    assert {"Documentation", "Changelog"} <= {name for name, _ in links}
    assert [path for _, path in links if not (ROOT / path).is_file()] == []
    sources = re.search(r"^include = \[(.*)\]$", PYPROJECT, re.MULTILINE)
    assert sources
    assert [each for each in re.findall(r'"([^"]+)"', sources[1]) if not (ROOT / each).exists()] == []


# -- CI -----------------------------------------------------------------------------------------------------

WORKFLOW: Any = yaml.load(
    (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"),
    yaml.BaseLoader,  # `on` is no truth value
)
JOBS = WORKFLOW["jobs"]


def steps() -> list[tuple[str, dict[str, Any]]]:
    """Each step, with the name of its job."""
    return [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def test_ci_runs_every_python_and_every_choice_of_versions() -> None:
    matrix = JOBS["test"]["strategy"]["matrix"]
    assert tuple(matrix["python"]) == PYTHONS
    more = {each["target"] for each in matrix["include"]}
    assert {*matrix["target"], *more} == {"test", "test-newest", "test-lowest"}
    assert {each["python"] for each in matrix["include"]} <= set(PYTHONS)


def test_what_ci_calls_exists() -> None:
    runs = [step["run"] for _, step in steps() if "run" in step]
    named = {target for run in runs for target in re.findall(r"make ([a-z-]+)", run)}
    matrix = JOBS["test"]["strategy"]["matrix"]
    named |= {*matrix["target"], *(each["target"] for each in matrix["include"])}
    assert {"check", "demo", "dist", "test", "test-lowest", "test-newest"} <= named
    assert [each for each in named if not re.search(rf"^{each}:", MAKEFILE, re.MULTILINE)] == []


def test_the_workflow_is_well_formed() -> None:
    assert set(WORKFLOW) <= {"name", "on", "permissions", "concurrency", "defaults", "jobs"}
    assert {"push", "pull_request"} <= set(WORKFLOW["on"])
    assert WORKFLOW["permissions"] == {"contents": "read"}
    for job in JOBS.values():
        assert set(job) <= {"name", "runs-on", "timeout-minutes", "strategy", "needs", "steps"}
        assert job["runs-on"]
        assert int(job["timeout-minutes"]) > 0
    for _, step in steps():
        assert set(step) <= {"name", "uses", "with", "run", "env"}
        assert ("uses" in step) != ("run" in step)
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/checkout@v4"))


def test_expressions_of_the_workflow_lead_somewhere() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    matrix = JOBS["test"]["strategy"]["matrix"]
    known = {f"matrix.{name}" for name in matrix if name != "include"} | {"github.workflow", "github.ref"}
    assert set(re.findall(r"\$\{\{ ([\w.]+) \}\}", text)) <= known
    assert text.count("${{") == len(re.findall(r"\$\{\{ [\w.]+ \}\}", text))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_what_the_guides_name_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"(?:\$ |`)make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
    for path in re.findall(r"(?:tools|tests|dynaclient)/[\w/.-]+\.py", text):
        assert (ROOT / path).is_file(), path


ACROSS = {"faults", "fuzz", "openapi", "security", "spec", "tools"}
"""Folders of tests that are about several rooms of the package, or about none."""
DATA = {"documents", "pickles", "planted"}


def test_tests_have_the_rooms_of_the_package() -> None:
    rooms = {each.parent.name for each in (ROOT / "dynaclient").glob("*/__init__.py")}
    folders = {each.parent.name for each in (ROOT / "tests").glob("*/*") if each.is_file()}
    assert folders - {"__pycache__"} == rooms | ACROSS | DATA
    assert all(f"`{each}`" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8") for each in ACROSS)
