"""The pytest plugin. Every pytest session loads it, so it imports nothing but pytest."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--dynaclient-server URL`, `--dynaclient-allow-unchecked` and `--contract-coverage`."""
    group = parser.getgroup("dynaclient", "contract tests of an API")
    group.addoption("--dynaclient-server", metavar="URL", help="the server that contract tests are sent to")
    group.addoption(
        "--dynaclient-allow-unchecked",
        action="store_true",
        help="let contract tests pass of which something could not be checked",
    )
    group.addoption(
        "--contract-coverage",
        action="store_true",
        help="say at the end how much of each document the clients of all tests have tried",
    )


allow_unchecked = False
"""Whether `--dynaclient-allow-unchecked` was given."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what the command line says for the tests that `contract.cases` makes."""
    global allow_unchecked
    allow_unchecked = bool(config.getoption("--dynaclient-allow-unchecked", False))
    if config.getoption("--contract-coverage", False):
        from dynaclient.contract.session_coverage import SessionCoverage  # optional

        config.pluginmanager.register(SessionCoverage(config), "dynaclient-contract-coverage")


@pytest.fixture(scope="session")
def dynaclient_server(request: pytest.FixtureRequest) -> str:
    """The URL given with --dynaclient-server; a test that needs it is skipped without one."""
    url = request.config.getoption("--dynaclient-server")
    if not url:
        pytest.skip("there is no server to test: give --dynaclient-server URL")
    return str(url)
