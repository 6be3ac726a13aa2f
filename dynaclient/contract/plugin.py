"""The pytest plugin. Every pytest session loads it, so it imports little but pytest."""

from __future__ import annotations

import pytest

from dynaclient.contract import session_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--contract NAME` and what goes with it, `--contract-coverage`, `--dynaclient-...`."""
    group = parser.getgroup("dynaclient", "contract tests of an API")
    group.addoption(
        "--contract", metavar="NAME", help="test a server against this document, without a test file"
    )
    group.addoption("--contract-server", metavar="URL", help="the server that --contract is about")
    group.addoption(
        "--contract-credential",
        metavar="SCHEME=env:VARIABLE",
        action="append",
        default=[],
        help="a credential for --contract, from an environment variable",
    )
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


def pytest_configure(config: pytest.Config) -> None:
    """Keep what the command line says for the tests that `contract.cases` makes."""
    session_options.allow_unchecked = bool(config.getoption("--dynaclient-allow-unchecked", False))
    if config.getoption("--contract-coverage", False):
        from dynaclient.contract.session_coverage import SessionCoverage  # optional

        config.pluginmanager.register(SessionCoverage(config), "dynaclient-contract-coverage")


@pytest.hookimpl(tryfirst=True)  # before those that deselect
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the items of `--contract`."""
    if session.config.getoption("--contract", None):
        from dynaclient.contract.session_contract import contract_items  # optional

        items.extend(contract_items(session))


@pytest.fixture(scope="session")
def dynaclient_server(request: pytest.FixtureRequest) -> str:
    """The URL given with --dynaclient-server; a test that needs it is skipped without one."""
    url = request.config.getoption("--dynaclient-server")
    if not url:
        pytest.skip("there is no server to test: give --dynaclient-server URL")
    return str(url)
