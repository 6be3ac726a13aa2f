"""What a signal handler raises passes unchanged, as with requests; what code of the user's raises is wrapped.

Real signals hit real waits. Exceptions are also thrown into a thread, as rq does where there are no signals.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import (
    Client,
    ClientCredentials,
    ConnectError,
    DeadlineExceeded,
    RequestInvalid,
    TransportError,
)
from dynaclient._support.interrupts import interrupt
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, one, said

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the system has no such signals")

ITEMS = "application/x-ndjson"


class SoftTimeLimitExceeded(Exception):
    """As celery has it."""


class Slow(requests.exceptions.RequestException):
    """A limit that borrows the class of a library."""


def with_star(*_: Any) -> None:
    raise SoftTimeLimitExceeded("star")


class Handler:
    def __call__(self, number: int, frame: Any) -> None:
        self.fail()

    def fail(self) -> None:
        raise SoftTimeLimitExceeded("deep down")


def _raise(error: Callable[[], BaseException], number: int, frame: Any) -> None:
    raise error()


def _once(number: int, frame: Any) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    raise SoftTimeLimitExceeded("and no more")


LIMITS: dict[str, tuple[type[BaseException], Any]] = {
    "celery": (SoftTimeLimitExceeded, functools.partial(_raise, SoftTimeLimitExceeded)),
    "star": (SoftTimeLimitExceeded, with_star),
    "callable": (SoftTimeLimitExceeded, Handler()),
    "restores": (SoftTimeLimitExceeded, _once),
    "TimeoutError": (TimeoutError, functools.partial(_raise, lambda: TimeoutError("too slow"))),
    "bare TimeoutError": (TimeoutError, functools.partial(_raise, TimeoutError)),
    "OSError": (OSError, functools.partial(_raise, lambda: OSError(5, "too slow"))),
    "ConnectionResetError": (ConnectionResetError, functools.partial(_raise, ConnectionResetError)),
    "ValueError": (ValueError, functools.partial(_raise, lambda: ValueError("mine"))),
    "of requests": (Slow, functools.partial(_raise, lambda: Slow("slow"))),
    "KeyboardInterrupt": (KeyboardInterrupt, functools.partial(_raise, KeyboardInterrupt)),
}


@contextlib.contextmanager
def limited(handler: Any) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def hang(_: Any) -> Iterator[bytes]:
    """Nothing comes; and when the client waits for it, a signal."""
    caller = threading.main_thread().ident or 0
    while sys._current_frames()[caller].f_code.co_name != "readinto":
        time.sleep(0.005)
    if signal.getsignal(signal.SIGALRM) not in (signal.SIG_DFL, None):
        signal.pthread_kill(caller, signal.SIGALRM)
    for _ in range(100):
        time.sleep(0.05)
        yield b""


def half(_: Any) -> Iterator[bytes]:
    yield reply(200, b"1\n", [("Content-Type", ITEMS)], length=1000)
    yield from hang(_)


def whole(client: Client, path: Path) -> None:
    client.call("op")


def streamed(client: Client, path: Path) -> None:
    client.send("op", options={"stream": True})


def items(client: Client, path: Path) -> None:
    with client.send("op", options={"stream": True}) as response:
        list(response.iter_items())


def saved(client: Client, path: Path) -> None:
    with client.send("op", options={"stream": True}) as response:
        response.save(path / "out")


WAYS = {"call": (whole, hang), "head": (streamed, hang), "iter_items": (items, half), "save": (saved, half)}


def document(**rest: Any) -> dict[str, Any]:
    return one(answers={"200": said({}, ITEMS)}, **rest)


@pytest.mark.sampled(3)
# a handler may strike between the making of a socket and its being kept: nobody can close that one
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("given", [False, True], ids=["own session", "session="])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_the_users_passes_unchanged(
    limit: str, way: str, given: bool, serve: Serve, tmp_path: Path
) -> None:
    kind, handler = LIMITS[limit]
    work, answer = WAYS[way]
    server = serve(answer)
    with requests.Session() as session:
        settings: dict[str, Any] = {"session": session} if given else {}
        client = Client(document(), server=server.url, **settings)
        with client, pytest.raises(BaseException) as caught, limited(handler):
            work(client, tmp_path)
    assert type(caught.value) is kind
    assert len(server.requests) == 1  # it is not repeated
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", LIMITS)
def test_while_a_document_is_fetched(limit: str, serve: Serve) -> None:
    kind, handler = LIMITS[limit]
    url = f"{serve(hang).url}/openapi.json"
    with pytest.raises(BaseException) as caught, limited(handler):
        Client(url, cache=False)
    assert type(caught.value) is kind


@pytest.mark.parametrize("limit", LIMITS)
def test_while_a_token_is_fetched(limit: str, serve: Serve) -> None:
    kind, handler = LIMITS[limit]
    flow = {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}
    scheme = {"securitySchemes": {"oauth": {"type": "oauth2", "flows": flow}}}
    server, tokens = serve(reply()), serve(hang)
    given = {"oauth": ClientCredentials(f"{tokens.url}/t", "id", "secret")}
    tree = document(components=scheme, security=[{"oauth": []}])
    client = Client(tree, server=server.url, credentials=given)
    with client, pytest.raises(BaseException) as caught, limited(handler):
        client.call("op")
    assert type(caught.value) is kind
    assert server.connections == 0


def slowly(*_: Any, **__: Any) -> Any:
    signal.raise_signal(signal.SIGALRM)


class SlowAdapter(requests.adapters.BaseAdapter):
    send, close = slowly, slowly


class SlowFile:
    """Waits when it is sent, or when it is first looked at."""

    def __init__(self, at_once: bool) -> None:
        self._at_once = at_once

    def read(self, amount: int) -> Any:
        return slowly() if amount or self._at_once else b""


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("where", ["hook", "adapter", "file", "first look at a file", "auth", "credential"])
def test_within_code_of_the_users(where: str, limit: str, serve: Serve) -> None:
    kind, handler = LIMITS[limit]
    server = serve(reply(200, b"1\n", [("Content-Type", ITEMS)]))
    scheme = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    tree = one("post", content={"*/*": {}}, components=scheme, security=[{"key": []}])
    session = requests.Session()
    if where == "hook":
        session.hooks["response"].append(slowly)
    elif where == "adapter":
        session.mount("http://", SlowAdapter())
    elif where == "auth":
        session.auth = slowly
    credentials = {"key": slowly if where == "credential" else "k"}
    client = Client(tree, server=server.url, session=session, credentials=credentials)
    with client, pytest.raises(BaseException) as caught, limited(handler):
        client.call("op", body=SlowFile("first" in where) if "file" in where else b"1")
    assert type(caught.value) is kind
    session.adapters.clear()


def throw(thread: int, kind: type[BaseException]) -> None:
    """As rq's TimerDeathPenalty and others: into the thread, without a handler."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_long(thread), ctypes.py_object(kind))


@pytest.mark.parametrize("kind", [SoftTimeLimitExceeded, TimeoutError])
@pytest.mark.parametrize("way", ["call", "save"])
def test_what_is_thrown_into_the_thread(way: str, kind: Any, serve: Serve, tmp_path: Path) -> None:
    caller = threading.get_ident()

    def answers(_: Any) -> Iterator[bytes]:
        time.sleep(0.05)
        throw(caller, kind)
        for _ in range(5):  # it comes up between two steps of Python
            yield b"HTTP/1.1 100 Continue\r\n\r\n"
        yield reply(200, b"1\n", [("Content-Type", ITEMS)])

    with Client(document(), server=serve(answers).url) as client, pytest.raises(kind) as caught:
        WAYS[way][0](client, tmp_path)
    assert type(caught.value) is kind


class Broken(Exception):
    pass


def breaks(*_: Any, **__: Any) -> Any:
    raise Broken


def times_out(*_: Any, **__: Any) -> Any:
    raise TimeoutError("mine")


class BrokenAdapter(SlowAdapter):
    send = breaks


class BrokenSession(requests.Session):
    send = breaks


class BrokenFile:
    def read(self, amount: int) -> bytes:
        return breaks() if amount else b""


def session_with(hook: Any = None, adapter: Any = None) -> requests.Session:
    session = requests.Session()
    if hook:
        session.hooks["response"].append(hook)
    if adapter:
        session.mount("http://", adapter)
    return session


# what stays wrapped: code of the user's raised it, in its own call
WRAPPED: dict[str, tuple[dict[str, Any], Any, type[Exception], type[Exception]]] = {
    "hook": ({"session": session_with(breaks)}, b"", TransportError, Broken),
    "hook, TimeoutError": ({"session": session_with(times_out)}, b"", TransportError, TimeoutError),
    "adapter": ({"session": session_with(adapter=BrokenAdapter())}, b"", TransportError, Broken),
    "session": ({"session": BrokenSession()}, b"", TransportError, Broken),
    "file": ({}, BrokenFile(), TransportError, Broken),
    "credential": ({"credentials": {"key": breaks}}, b"", RequestInvalid, Broken),
}


@pytest.mark.parametrize("case", WRAPPED)
def test_what_code_of_the_users_raises_is_the_cause_of_ours(case: str, serve: Serve) -> None:
    settings, body, kind, cause = WRAPPED[case]
    scheme = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    tree = one("post", content={"*/*": {}}, components=scheme, security=[{"key": []}])
    client = Client(tree, server=serve(reply(200, b"{}", JSON)).url, **settings)
    with client, pytest.raises(kind) as caught:
        client.call("op", body=body)
    assert type(caught.value.__cause__) is cause


def test_our_own_limits_are_ours(serve: Serve) -> None:
    hanging = Client(document(), server=serve(hang).url, timeout=0.1)
    with hanging, pytest.raises(DeadlineExceeded, match=r"within 0\.1 s"):
        hanging.call("op")
    halting = Client(document(), server=serve(half).url, timeout=0.1)
    with halting, pytest.raises(DeadlineExceeded, match="sent nothing"):
        items(halting, Path())


def test_a_limit_that_was_met_before_is_another_matter(serve: Serve) -> None:
    """Whoever cleans up after a limit gets the errors of the clean-up."""
    server = RawServer()
    server.close()
    with Client(document(), server=server.url, retries=0) as client:
        try:
            with limited(with_star):
                signal.raise_signal(signal.SIGALRM)
        except SoftTimeLimitExceeded:
            with pytest.raises(ConnectError):
                client.call("op")


def test_an_exception_that_nobody_raised_is_of_no_handler() -> None:
    assert interrupt(ValueError("x")) is None
    with pytest.raises(Broken) as caught:
        breaks(1, None)
    assert interrupt(caught.value) is None
