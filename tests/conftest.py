"""Servers that are closed when the test ends, and no setting of the machine in any test."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, settings
from hypothesis import strategies as st

from dynaclient.schema import validator as checker
from tests.clients import BEHAVIOUR, CLIENTS, OF_A_CLIENT
from tests.servers import RawServer

HOMES = itertools.count()
Serve = Callable[..., RawServer]
EVERY = 32
"""Of so many functions one runs with each client in the suite."""

# the same examples everywhere
settings.register_profile("project", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--checker", choices=("rust", "python"), default="rust", help="what 'auto' stands for")
    parser.addoption(
        "--json", choices=("stdlib", "orjson"), default="stdlib", help="what reads and writes it"
    )


def pytest_configure(config: pytest.Config) -> None:
    """The suite holds for each checker, and with orjson as without: see `make matrix`."""
    checker.PREFERRED = config.getoption("--checker")
    if config.getoption("--json") == "stdlib":
        sys.modules["orjson"] = None  # type: ignore[assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test with `sampled(n)` every n-th case is part of the suite: the same ones everywhere."""
    sampled: defaultdict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            sampled[item.nodeid.partition("[")[0], mark.args[0]].append(item)
    for (_, every), cases in sampled.items():
        cases.sort(key=lambda item: zlib.crc32(item.nodeid.encode()))
        for item in cases[-(-len(cases) // every) :]:
            item.add_marker(pytest.mark.exhaustive)


def pytest_collection_finish() -> None:
    """What was collected lives as long as the run: no search for garbage looks at its million objects."""
    find(st.none(), lambda _: True)  # hypothesis makes what it later looks for among them
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What holds for each client runs with each: some in the suite, all by `make exhaustive`."""
    kinds = BEHAVIOUR.get(metafunc.module.__name__, ())
    if not kinds or metafunc.function.__name__ in OF_A_CLIENT:
        return
    chosen = zlib.crc32(metafunc.function.__name__.encode()) % EVERY == 1
    marks = () if chosen else (pytest.mark.exhaustive,)
    wanted = (
        chosen or "not exhaustive" not in metafunc.config.option.markexpr
    )  # to collect them takes seconds
    others = [pytest.param(kind, marks=marks) for kind in kinds[1:]] if wanted else []
    metafunc.parametrize("_client", [kinds[0], *others], indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def _client(request: pytest.FixtureRequest) -> Iterator[None]:
    """The client that the module calls `Client`; it is closed behind the module."""
    if not hasattr(request, "param") or request.param == "sync":
        yield
        return
    made: list[Any] = []

    def make(*given: Any, **settings: Any) -> Any:
        if settings.get("session") is not None and "transport" not in settings:
            pytest.skip("a session is what a Client sends over")
        made.append(CLIENTS[request.param](*given, **settings))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request.module, "Client", make)
        yield
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of opened documents: one for all tests, so that most documents come from it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, _cache: Path) -> None:
    """No proxy, CA bundle, netrc, profile or cache of the machine, and no waiting between attempts."""
    home = _cache.parent / "homes" / str(next(HOMES))  # made by who writes there, few tests do
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NETRC", str(home / "no-netrc"))
    monkeypatch.setenv("DYNACLIENT_CACHE", str(_cache))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local"))
    monkeypatch.setattr("dynaclient.transport.policy.backoff", lambda attempt, *_: 0.001)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer, ...)` starts a RawServer with these answers."""
    with contextlib.ExitStack() as stack:
        yield lambda *answers, **settings: stack.enter_context(RawServer(*answers, **settings))
