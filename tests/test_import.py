"""What an import loads, and that every public name is where the package says it is."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import dynaclient
from dynaclient import contract, sandbox

HEAVY = [
    "requests", "urllib3", "http", "email", "ssl", "socket", "urllib.request", "logging", "uuid", "decimal",
    "secrets", "difflib", "platform", "subprocess", "asyncio",
    "multiprocessing", "importlib.metadata", "yaml", "jsonschema", "jsonschema_rs", "openapi_core",
    "openapi_spec_validator", "werkzeug", "hypothesis", "pytest", "rich", "IPython", "platformdirs",
    "referencing", "attr",
]  # fmt: skip

PACKAGES = [each.name for each in pkgutil.walk_packages(dynaclient.__path__, "dynaclient.") if each.ispkg]


def imported_by(code: str) -> set[str]:
    """The modules that a new process has after `code`, beyond those that it started with."""
    code = (
        "import sys; before = set(sys.modules)\n"
        f"{code}\n"
        "new = set(sys.modules) - before\n"
        "import json; print(json.dumps([*new]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def stated(front_door: ModuleType = dynaclient) -> dict[str, str]:
    """Name -> module, as a package tells type checkers."""
    body = ast.parse(Path(str(front_door.__file__)).read_text(encoding="utf-8")).body
    block = next((item.body for item in body if isinstance(item, ast.If)), body)
    return {
        alias.name: str(line.module)
        for line in block
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }


def test_nothing_of_ours_is_imported_before_it_is_needed() -> None:
    ours = {name for name in imported_by("import dynaclient") if name.startswith("dynaclient")}
    assert ours == {"dynaclient"}


@pytest.mark.parametrize("code", ["import dynaclient", "from dynaclient import Client"])
def test_nothing_heavy_is_imported(code: str) -> None:
    assert imported_by(code) & set(HEAVY) == set()


def test_errors_are_imported_without_the_client() -> None:
    assert "dynaclient.client" not in imported_by("from dynaclient import NotFound, RequestInvalid")


def test_a_client_of_a_dict_needs_neither_requests_nor_yaml() -> None:
    code = (
        "from dynaclient import Client\nClient({'openapi': '3.1.0', 'paths': {}}, server='https://a.example')"
    )
    assert imported_by(code) & {"requests", "urllib3", "yaml", "logging"} == set()


def test_type_checkers_and_all_name_the_same() -> None:
    assert {*stated()} == set(dynaclient.__all__)


@pytest.mark.parametrize(("name", "module"), stated().items())
def test_each_name_comes_from_where_type_checkers_are_told(name: str, module: str) -> None:
    assert getattr(dynaclient, name) is getattr(importlib.import_module(module), name)


def from_front_doors() -> dict[str, set[str]]:
    """Module -> the names that `dynaclient`, `dynaclient.contract` and `dynaclient.sandbox` have from it."""
    found: dict[str, set[str]] = {}
    for front_door in (dynaclient, contract, sandbox):
        for name in front_door.__all__:
            home = stated(front_door)[name]
            found.setdefault(home, set()).add(name)
    return found


@pytest.mark.parametrize(("module", "names"), from_front_doors().items())
def test_a_module_marks_what_the_front_doors_export_from_it(module: str, names: set[str]) -> None:
    assert set(importlib.import_module(module).__all__) == names


def test_dir_names_all_before_any_is_imported() -> None:
    code = "import dynaclient, json; print(json.dumps(dir(dynaclient)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(dynaclient.__all__) <= set(json.loads(done.stdout))


def test_a_star_brings_all() -> None:
    names: dict[str, object] = {}
    exec("from dynaclient import *", names)
    assert set(dynaclient.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Cleint'"):
        _ = dynaclient.Cleint  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="Cleint"):
        exec("from dynaclient import Cleint")


@pytest.mark.parametrize(
    "code",
    [
        "import dynaclient.contract.report_replay; from dynaclient.contract import replay",
        "from dynaclient.contract import replay; import dynaclient.contract.report_replay",
        "from dynaclient.contract import *; import dynaclient.cli.contract_test",
        "import dynaclient.cli.contract_test; from dynaclient import contract; replay = contract.replay",
    ],
)
def test_replay_is_a_function_in_whatever_order_modules_are_imported(code: str) -> None:
    subprocess.run([sys.executable, "-c", f"{code}; assert type(replay).__name__ == 'function'"], check=True)


@pytest.mark.parametrize(
    "package", [dynaclient, *map(importlib.import_module, PACKAGES)], ids=lambda p: p.__name__
)
def test_no_module_takes_the_place_of_what_its_package_exports(package: ModuleType) -> None:
    """Importing a submodule sets the attribute of its name."""
    modules = {each.name for each in pkgutil.iter_modules(package.__path__)}
    assert modules & set(getattr(package, "__all__", ())) == set()
