"""A sandbox that stops when the test ends, and plain requests to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from dynaclient.sandbox import Sandbox

Serve = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a sandbox."""
    with ExitStack() as stack:
        yield lambda source, **settings: stack.enter_context(Sandbox(source, **settings))


@pytest.fixture(params=["over a socket", "in process"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Ask a sandbox, without our own client, and without what the environment says of proxies."""
    with requests.Session() as session:
        session.trust_env = False

        def send(sandbox: Sandbox, method: str, target: str, **details: Any) -> requests.Response:
            settings = {**details, "timeout": 30, "allow_redirects": False}
            if request.param == "over a socket":
                return session.request(method, sandbox.url + target, **settings)
            with sandbox.session() as inside:
                return inside.request(method, sandbox.url + target, **settings)

        yield send
