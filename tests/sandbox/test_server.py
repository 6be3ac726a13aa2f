"""The sandbox as an HTTP server on a socket."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from dynaclient import Client, DocumentError, SettingsError
from dynaclient.sandbox import Exchange, Sandbox
from dynaclient.sandbox import server as serving
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import answer, body, document, operation, parameter

ECHO = document(
    {
        "/x/{id}": {
            "put": operation(
                parameters=[parameter("id", "path", {"type": "string"})],
                requestBody=body({"type": "object"}, required=False),
                answers={
                    "200": answer(
                        {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
                    )
                },
            )
        }
    }
)


def test_every_exchange_is_received_as_it_came(serve: Serve, ask: Ask) -> None:
    sandbox = serve(ECHO)
    response = ask(
        sandbox, "PUT", "/x/a%2Fb?q=%20", data=b'{"a":1}', headers={"Content-Type": "application/json"}
    )
    (exchange,) = sandbox.received
    assert (exchange.method, exchange.target, exchange.body) == ("PUT", "/x/a%2Fb?q=%20", b'{"a":1}')
    assert ("Content-Type", "application/json") in exchange.headers
    assert (exchange.operation, exchange.reasons, exchange.status) == ("op", (), 200)
    assert exchange.answer == response.content


def test_a_repr_shows_no_secret() -> None:
    exchange = Exchange("GET", "/x?key=s3cr3t", (("X-Key", "s3cr3t"),), b"s3cr3t", "op", (), 200, b"s3cr3t")
    assert "s3cr3t" not in repr(exchange)


@pytest.mark.parametrize("target", ["/x/..%2f..", "/x/%2e%2e", "/x/a;b=c", "/x/a,b", "/x/%25"])
def test_the_raw_path_is_kept(serve: Serve, target: str) -> None:
    sandbox = serve(ECHO)
    connection = http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rpartition(":")[2]), timeout=30)
    connection.request("PUT", target)
    assert connection.getresponse().status == 200
    connection.close()
    assert sandbox.received[0].target == target


def test_a_whole_url_as_target_is_read(serve: Serve) -> None:
    sandbox = serve(ECHO)
    connection = http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rpartition(":")[2]), timeout=30)
    connection.request("PUT", "http://other.example/x/1?a=b")
    assert connection.getresponse().status == 200
    connection.close()
    assert sandbox.received[0].target == "/x/1?a=b"


def test_a_chunked_body_is_read(serve: Serve, ask: Ask) -> None:
    sandbox = serve(ECHO)
    headers = {"Content-Type": "application/json"}
    response = ask(sandbox, "PUT", "/x/1", data=iter([b'{"a"', b":1}"]), headers=headers)
    assert response.status_code == 200
    assert sandbox.received[0].body == b'{"a":1}'


def test_a_body_that_is_too_large_is_refused(serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_BODY", 10)
    sandbox = serve(ECHO)
    assert ask(sandbox, "PUT", "/x/1", data=b"x" * 11).status_code == 413
    assert ask(sandbox, "PUT", "/x/1", data=iter([b"x" * 11])).status_code == 413
    assert sandbox.received == []


BROKEN = [
    (b"Content-Length: many\r\n\r\n{}", b"400", b"'many' is not a length"),
    (b"Content-Length: -1\r\n\r\n{}", b"400", b"'-1' is not a length"),
    (b"Content-Length: 9\r\n\r\n{}", b"400", b"ends after 2 of 9 bytes"),
    (b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}", b"400", b"the body cannot be read"),
    (b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}", b"400", b"the body cannot be read"),
]


@pytest.mark.parametrize(("rest", "status", "reason"), BROKEN)
def test_a_body_that_has_no_end_is_refused(
    serve: Serve, capfd: pytest.CaptureFixture[str], rest: bytes, status: bytes, reason: bytes
) -> None:
    sandbox = serve(ECHO)
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2])), timeout=30) as client:
        client.sendall(b"PUT /x/1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" + rest)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert reason in answer
    assert sandbox.received == []
    assert capfd.readouterr() == ("", "")


def test_a_body_that_does_not_come_is_waited_for_no_longer_than_it_says(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SECONDS", 0.2)
    sandbox = serve(ECHO)
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2])), timeout=30) as client:
        client.sendall(b"PUT /x/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{}")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 408")


def test_many_threads_at_once(serve: Serve) -> None:
    sandbox = serve("talon-one-integration", seed=3)

    def profile(number: int) -> str:
        with requests.Session() as session:
            session.trust_env = False
            url = f"{sandbox.url}/v2/customer_profiles/p-{number}"
            return str(
                session.put(url, json={}, headers={"Authorization": "ApiKey-v1 k"}, timeout=60).status_code
            )

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(profile, range(24))) == {"200"}
    assert len(sandbox.received) == 24


def test_nothing_is_logged(serve: Serve, ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    ask(serve(ECHO), "PUT", "/x/1?key=s3cr3t")
    assert capfd.readouterr() == ("", "")


def test_it_stops_and_its_port_is_free_again(ask: Ask) -> None:
    with Sandbox(ECHO) as sandbox:
        url = sandbox.url
        assert ask(sandbox, "PUT", "/x/1").status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.put(f"{url}/x/1", timeout=5)
    with Sandbox(ECHO, port=int(url.rpartition(":")[2])) as again:
        assert again.url == url
        assert ask(again, "PUT", "/x/1").status_code == 200


def test_start_and_stop_may_be_called_without_a_block(ask: Ask) -> None:
    before = _serving()
    sandbox = Sandbox(ECHO).start()
    assert ask(sandbox, "PUT", "/x/1").status_code == 200
    sandbox.stop()
    sandbox.stop()
    assert len(sandbox.received) == 1
    with sandbox.start():
        assert ask(sandbox, "PUT", "/x/1").status_code == 200
    assert len(sandbox.received) == 2
    assert _serving() == before


def _serving() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if "serve_forever" in each.name}


def test_serve_forever_serves_on_this_thread(ask: Ask) -> None:
    sandbox = Sandbox(ECHO).listen()
    thread = threading.Thread(target=sandbox.serve_forever, daemon=True)
    thread.start()
    assert ask(sandbox, "PUT", "/x/1").status_code == 200
    sandbox.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert sandbox.received == []


def test_a_taken_port_is_a_settings_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SettingsError, match=r"cannot listen on '127.0.0.1' port \d+: [^(]*; port 0 takes one"),
    ):
        Sandbox(ECHO, port=taken.getsockname()[1]).start()
    with pytest.raises(SettingsError, match="cannot listen"):
        Sandbox(ECHO, port=70000).start()
    with pytest.raises(SettingsError, match="cannot listen"):
        Sandbox(ECHO, host="no.such.host.invalid").start()


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8080"), ("::1", "http://[::1]:8080"), ("h", "http://h:8080")],
)
def test_the_url(host: str, url: str) -> None:
    assert Sandbox(ECHO, host=host, port=8080).url == url


def test_a_source_is_what_a_client_takes_or_a_client(serve: Serve, ask: Ask) -> None:
    client = Client(ECHO)
    assert serve(client).client is client
    assert len(serve("talon-one-integration@2020-04").client.operations) == 11
    with pytest.raises(DocumentError):
        Sandbox("no-such-document")


def test_a_fault_is_a_500_and_the_next_request_is_answered(
    serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = serve(ECHO)
    with monkeypatch.context() as patched:
        patched.setattr(
            "dynaclient.calls.compiled_operation.CompiledOperation.receive", lambda *arguments: 1 / 0
        )
        response = ask(sandbox, "PUT", "/x/1")
    assert response.status_code == 500
    assert "ZeroDivisionError" in response.json()["message"]
    assert ask(sandbox, "PUT", "/x/1").status_code == 200


def test_importing_the_sandbox_imports_no_server() -> None:
    heavy = "openapi_core, werkzeug, requests, jsonschema, jsonschema_rs, yaml"
    program = (
        "import sys, dynaclient.sandbox; "
        f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
