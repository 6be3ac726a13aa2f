"""Every failure of a transport is an error of dynaclient, says what to do, and holds no secret."""

from __future__ import annotations

import http.client
import logging
import pickle
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter

from dynaclient.errors import (
    BodyTooLarge,
    ConnectError,
    DeadlineExceeded,
    DecodeError,
    NotFound,
    TransportError,
)
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.errors import Retryable, understand
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

SECRET = "s3cr3t"
SECRETS = [("Authorization", f"ApiKey-v1 {SECRET}"), ("X-Key", SECRET)]
NOT_HTTP = "is not HTTP"

GARBAGE = {
    "not http": ([b"SSH-2.0-OpenSSH_9.6\r\n", HANG_UP], NOT_HTTP),
    "no status": ([b"HTTP/1.1 OK\r\n\r\n", HANG_UP], NOT_HTTP),
    "impossible status": ([b"HTTP/1.1 9 X\r\n\r\n", HANG_UP], NOT_HTTP),
    "long line": (
        [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", HANG_UP],
        "headers of the response",
    ),
    "many headers": (
        [b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n", HANG_UP],
        "headers of the response",
    ),
    "two lengths": ([b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", HANG_UP], NOT_HTTP),
    "bad chunk": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", HANG_UP], NOT_HTTP),
    "binary": ([bytes(range(256)) * 10, HANG_UP], NOT_HTTP),
    "nothing": (HANG_UP, "closed the connection"),
    "half a status line": ([b"HTTP/1.1 2", HANG_UP], "closed the connection"),
}


@pytest.mark.parametrize("kind", GARBAGE)
@pytest.mark.parametrize("given", [False, True])
def test_garbage_is_a_connect_error(kind: str, given: bool, serve: Serve, make: Make) -> None:
    answer, text = GARBAGE[kind]
    server = serve(answer)
    with requests.Session() as session, pytest.raises(ConnectError, match=text):
        ask(make(session=session if given else None, retries=0), server.url)


def test_headers_that_break_off_are_no_answer(serve: Serve, make: Make) -> None:
    """What follows such a line would be lost, the length of the body with it."""
    server = serve([b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nok", HANG_UP])
    with pytest.raises(ConnectError, match=NOT_HTTP):
        ask(make(retries=0), server.url)


def failures(serve: Serve, make: Make) -> Iterator[tuple[Transport, str, type[TransportError]]]:
    quick = make(max_body=10, retries=1)
    yield quick, f"http://127.0.0.1:{closed_port()}", ConnectError
    yield quick, "http://nowhere.invalid", ConnectError
    yield quick, serve(HANG_UP).url, ConnectError
    yield quick, serve([b"junk\r\n", HANG_UP]).url, ConnectError
    yield quick, serve([reply(200, b"short", length=9), HANG_UP]).url, ConnectError
    yield make(timeout=Timeout(total=0.2)), serve([b""]).url, DeadlineExceeded
    yield quick, serve(reply(200, b"x" * 11)).url, BodyTooLarge
    yield quick, serve(reply(200, b"x", [("Content-Encoding", "gzip")])).url, DecodeError
    yield (
        make(proxies={"http": f"http://u:s3cr3t@127.0.0.1:{closed_port()}"}),
        "http://a.example",
        ConnectError,
    )
    yield make(proxies={"https": serve(reply(407)).url}, retries=0), "https://a.example", ConnectError
    yield make(proxies={"http": "http://s3cr3t@"}), "http://a.example", ConnectError
    yield make(verify="/nowhere.pem"), "https://a.example", ConnectError
    yield quick, "ftp://a.example", ConnectError


@pytest.mark.parametrize("number", range(13))
@pytest.mark.parametrize("given", [False, True])
def test_no_secret_in_errors_pickles_tracebacks_and_logs(
    number: int,
    given: bool,
    serve: Serve,
    make: Make,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", numeric_only(socket.getaddrinfo))
    caplog.set_level(logging.DEBUG)
    transport, url, kind = list(failures(serve, make))[number]
    session = requests.Session()
    if given:
        transport._given = session
    with pytest.raises(kind) as caught:
        ask(transport, f"{url}/path?key={SECRET}", headers=SECRETS)
    session.close()
    error = caught.value
    assert type(error) is kind
    assert error.__cause__ is None
    assert error.__context__ is None or not hasattr(error.__context__, "request")
    texts = [
        str(error),
        repr(error),
        "".join(traceback.format_exception(error)),
        repr(error.__dict__),
        caplog.text,
    ]
    assert not [text for text in texts if SECRET in text]
    assert b"s3cr3t" not in pickle.dumps(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert f"GET {url}/path: " in str(error)


def numeric_only(real: Callable[..., object]) -> Callable[..., object]:
    """A resolver that knows no names, so that no test asks the network."""

    def resolve(host: str, *args: object, **kwargs: object) -> object:
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **kwargs)

    return resolve


@pytest.mark.parametrize("given", [False, True])
def test_no_secret_in_the_log_of_an_exchange(
    given: bool, serve: Serve, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(
        reply(503, b"s3cr3t", [("Retry-After", "0"), ("Set-Cookie", "s3cr3t")]), reply(200, b"s3cr3t")
    )
    with requests.Session() as session:
        transport = make(session=session if given else None)
        answer = ask(transport, server.url + "/p?key=s3cr3t", "PUT", SECRETS, b"s3cr3t")
    assert "s3cr3t" not in caplog.text
    assert "s3cr3t" not in repr(answer)
    ours = [record.getMessage() for record in caplog.records if record.name == "dynaclient"]
    assert [line.split(" in ")[0] for line in ours] == [
        f"PUT {server.url}/p: 503",
        f"PUT {server.url}/p: 503, sent again",
        f"PUT {server.url}/p: 200",
    ]
    assert [line.split(", ")[-1] for line in ours] == ["attempt 1", "sent again in 0.0 s", "attempt 2"]


def test_an_untrusted_certificate_is_not_asked_twice(serve: Serve, make: Make, tls: ssl.SSLContext) -> None:
    server = serve(reply(200), context=tls)
    with pytest.raises(ConnectError, match=r"certificate is not trusted .* verify="):
        ask(make(), server.url)
    assert (server.connections, server.requests) == (1, [])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("given", [False, True])
def test_a_proxy_that_is_not_there_is_named_and_not_the_server(scheme: str, given: bool, make: Make) -> None:
    proxies = {scheme: f"http://u:{SECRET}@127.0.0.1:{closed_port()}"}
    with requests.Session() as session, pytest.raises(ConnectError, match="the proxy cannot be") as caught:
        ask(make(session=session if given else None, proxies=proxies), f"{scheme}://a.example", "POST")
    assert caught.value.sent is False
    assert "server=" not in str(caught.value)


def test_a_trusted_one_is_fine(serve: Serve, make: Make, tls: ssl.SSLContext, certificate: Path) -> None:
    server = serve(reply(200, b"x" * 100_000), context=tls)
    transport = make(verify=str(certificate))
    for _ in range(2):
        assert len(ask(transport, server.url, "PUT", body=b"y" * 100_000).content) == 100_000
    assert server.requests[1].body == b"y" * 100_000
    assert server.connections == 1


def test_a_certificate_that_the_environment_names(
    serve: Serve,
    transport: Transport,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server = serve(reply(200, b"x"), context=tls)
    assert ask(transport, server.url).content == b"x"


ERRORS: list[tuple[Exception, type[TransportError], Retryable]] = [
    (requests.ConnectionError("made up"), ConnectError, Retryable.IDEMPOTENT),
    (requests.ConnectTimeout(), ConnectError, Retryable.ALWAYS),
    (requests.ReadTimeout(), DeadlineExceeded, Retryable.NEVER),
    (requests.Timeout(), DeadlineExceeded, Retryable.NEVER),
    (requests.exceptions.ContentDecodingError(), DecodeError, Retryable.NEVER),
    (requests.exceptions.ChunkedEncodingError(), ConnectError, Retryable.IDEMPOTENT),
    (requests.exceptions.SSLError(), ConnectError, Retryable.IDEMPOTENT),
    (requests.exceptions.InvalidURL(), ConnectError, Retryable.NEVER),
    (requests.exceptions.RetryError(), ConnectError, Retryable.IDEMPOTENT),
    (urllib3.exceptions.LocationParseError("x"), ConnectError, Retryable.NEVER),
    (http.client.IncompleteRead(b""), ConnectError, Retryable.IDEMPOTENT),
    (http.client.ResponseNotReady(), ConnectError, Retryable.IDEMPOTENT),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), ConnectError, Retryable.IDEMPOTENT),
    (TimeoutError(110, "Connection timed out"), ConnectError, Retryable.NEVER),
    (TimeoutError("timed out"), DeadlineExceeded, Retryable.NEVER),
    (OSError(113, "No route to host"), ConnectError, Retryable.IDEMPOTENT),
    (PermissionError(13, "Permission denied"), ConnectError, Retryable.IDEMPOTENT),
]


@pytest.mark.parametrize(("error", "kind", "again"), ERRORS)
def test_whatever_an_adapter_raises(error: Exception, kind: type[TransportError], again: Retryable) -> None:
    found = understand(error, Deadline(Timeout()), "GET http://a/b")
    assert (type(found.error), found.again) == (kind, again)
    assert str(found.error).startswith("GET http://a/b: ")


NOT_SENT: list[Exception] = [
    ssl.SSLCertVerificationError(1, "self-signed"),
    urllib3.exceptions.ProxyError("x", OSError()),
    socket.gaierror(socket.EAI_NONAME, "no such name"),
    ConnectionRefusedError(111, "refused"),
    requests.ConnectTimeout(),
    requests.exceptions.InvalidSchema(),
    OSError("no CA bundle at /nowhere.pem"),
]
MAYBE_SENT = [
    error for error, kind, again in ERRORS if kind is ConnectError and again is Retryable.IDEMPOTENT
]


@pytest.mark.parametrize("error", [*NOT_SENT, *MAYBE_SENT], ids=repr)
def test_whether_something_was_sent_is_told_and_kept(error: Exception) -> None:
    found = understand(error, Deadline(Timeout()), "GET http://a/b").error
    assert isinstance(found, ConnectError)
    assert found.sent is pickle.loads(pickle.dumps(found)).sent is (error in MAYBE_SENT)
    assert ("nothing was sent. Check " in str(found).replace("Name", "Check")) is not found.sent


def test_after_the_deadline_every_failure_is_the_deadlines() -> None:
    clock = Deadline(Timeout(total=1e-9))
    found = understand(requests.ConnectionError(), clock, "GET http://a/b")
    assert (type(found.error), found.again) == (DeadlineExceeded, Retryable.NEVER)


def test_what_the_caller_was_handling_is_not_the_cause(serve: Serve, make: Make) -> None:
    server = serve(HANG_UP)
    try:
        raise ConnectionRefusedError("of something else")
    except ConnectionRefusedError:
        with pytest.raises(ConnectError, match="closed the connection"):
            ask(make(), server.url, "POST")
    assert len(server.requests) == 1


@pytest.mark.parametrize("error", [ConnectionError("s3cr3t"), urllib3.exceptions.HTTPError("s3cr3t")])
def test_an_adapter_that_raises_its_own(error: Exception, make: Make) -> None:
    class Raising(BaseAdapter):
        def send(
            self, request: requests.PreparedRequest, *args: object, **kwargs: object
        ) -> requests.Response:
            raise error

        def close(self) -> None: ...

    with requests.Session() as session:
        session.mount("mock://", Raising())
        with pytest.raises(ConnectError) as caught:
            ask(make(session=session), "mock://a/b?c=s3cr3t")
    assert "s3cr3t" not in str(caught.value)


class Mine(Exception):
    """An error of the user's."""


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


class Handing(BaseAdapter):
    """An adapter that gives whatever it is told to."""

    def __init__(self, give: Callable[[], Any]) -> None:
        self.give = give

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        return self.give()  # type: ignore[no-any-return]

    def close(self) -> None: ...


def with_raw(raw: Any) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = 200, raw
    return response


OF_THE_USER: dict[str, tuple[Callable[[requests.Session], Any], type[Exception] | None]] = {
    "hook": (lambda session: session.hooks["response"].append(failing(Mine())), Mine),
    "hook that mistakes": (lambda session: session.hooks["response"].append(lambda: 0), TypeError),
    "hook that gives no answer": (lambda s: s.hooks["response"].append(lambda *_, **__: 5), AttributeError),
    "hook that looks at the status": (
        lambda session: session.hooks["response"].append(lambda r, **_: r.raise_for_status()),
        None,
    ),
    "hook that looks for JSON": (
        lambda session: session.hooks["response"].append(lambda r, **_: r.json()),
        None,
    ),
    "adapter": (lambda session: session.mount("http://", Handing(failing(Mine()))), Mine),
    "no answer": (lambda session: session.mount("http://", Handing(lambda: None)), AttributeError),
    "no status": (lambda session: session.mount("http://", Handing(requests.Response)), TypeError),
    "body": (lambda s: s.mount("http://", Handing(lambda: with_raw(Reading()))), Mine),
    "cookies": (lambda session: setattr(session, "cookies", {"a": "b"}), AttributeError),
    "proxies": (lambda session: setattr(session, "proxies", {"http": 5}), TypeError),
}


class Reading:
    headers: ClassVar[dict[str, str]] = {}
    stream = read = failing(Mine())
    close = failing(Mine())


@pytest.mark.parametrize("kind", OF_THE_USER)
def test_what_the_users_session_raises_is_the_cause_and_is_not_repeated(
    kind: str, serve: Serve, make: Make
) -> None:
    server = serve(reply(404, b"none"))
    breaking, cause = OF_THE_USER[kind]
    with requests.Session() as session:
        breaking(session)
        with pytest.raises(TransportError, match="by what you gave") as caught:
            ask(make(session=session), f"{server.url}/x?key={SECRET}", headers=SECRETS)
    assert type(caught.value) is TransportError
    assert type(caught.value.__cause__) is (cause or type(None))
    assert len(server.requests) <= 1
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("error", [ConnectError("ours"), NotFound("ours")])
def test_an_error_of_ours_that_a_hook_raises_comes_as_it_is(
    error: Exception, serve: Serve, make: Make
) -> None:
    with requests.Session() as session:
        session.hooks["response"].append(failing(error))
        with pytest.raises(type(error)) as caught:
            ask(make(session=session), serve().url)
    assert caught.value is error
