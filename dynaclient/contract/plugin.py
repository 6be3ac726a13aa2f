"""The pytest plugin. Every pytest session loads it, so it imports nothing but pytest."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--dynaclient-server URL`."""
    group = parser.getgroup("dynaclient", "contract tests of an API")
    group.addoption("--dynaclient-server", metavar="URL", help="the server that contract tests are sent to")


@pytest.fixture(scope="session")
def dynaclient_server(request: pytest.FixtureRequest) -> str:
    """The URL given with --dynaclient-server; a test that needs it is skipped without one."""
    url = request.config.getoption("--dynaclient-server")
    if not url:
        pytest.skip("there is no server to test: give --dynaclient-server URL")
    return str(url)
