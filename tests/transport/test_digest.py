"""HTTP Digest over a real socket: the server is werkzeug's idea of a challenge, checked by hand."""

from __future__ import annotations

import hashlib
import pickle
import re
import time
from typing import Any

import pytest

from dynaclient import Client, DeadlineExceeded
from tests.servers import Recorded, reply
from tests.small import document

PATHS: dict[str, Any] = {
    "/x": {"get": {"operationId": "x", "responses": {"200": {"description": ""}, "401": {"description": ""}}}}
}
SCHEMES = {"securitySchemes": {"d": {"type": "http", "scheme": "digest"}}}
CHALLENGE = reply(
    401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256')]
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_challenge_is_answered_and_the_answer_is_right(serve: Any) -> None:
    server = serve(CHALLENGE, reply(200, b""), reply(200, b""))
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "s3cr3t")})
    assert client.send("x").status == 200
    first, second = server.requests[:2]
    assert first.header("Authorization") is None
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', second.header("Authorization") or ""))
    expected = digest(f"{digest('user:r:s3cr3t')}:n1:{told['nc']}:{told['cnonce']}:auth:{digest('GET:/x')}")
    assert told["response"] == expected
    assert client.send("x").status == 200, "the next call answers at once"
    assert server.requests[2].header("Authorization")
    assert len(server.requests) == 3


UNANSWERABLE = {
    "no realm": 'Digest nonce="n1"',
    "no nonce": 'Digest realm="r"',
    "a name without a value": 'Digest realm, nonce="n1"',
    "an unknown algorithm": 'Digest realm="r", nonce="n1", algorithm=SHA-512-256',
    "integrity alone": 'Digest realm="r", nonce="n1", qop="auth-int"',
    "nothing": "Digest ",
}


@pytest.mark.parametrize("kind", UNANSWERABLE)
def test_a_challenge_that_cannot_be_answered_is_an_answer(kind: str, serve: Any) -> None:
    server = serve(reply(401, b"", [("WWW-Authenticate", UNANSWERABLE[kind])]))
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "s3cr3t")})
    assert client.send("x").status == 401
    assert [request.header("Authorization") for request in server.requests] == [None]


def test_a_wrong_password_is_not_tried_for_ever(serve: Any) -> None:
    server = serve(CHALLENGE, CHALLENGE, CHALLENGE)
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "wrong")})
    assert client.send("x").status == 401
    assert len(server.requests) == 2


def test_a_nonce_that_has_ended_is_replaced_whether_the_server_says_stale_or_not(serve: Any) -> None:
    """RFC 7616, section 3.3: `stale` is optional."""
    later = CHALLENGE.replace(b"n1", b"n2")
    server = serve(CHALLENGE, reply(200, b""), later, reply(200, b""), later, reply(200, b""))
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "s3cr3t")})
    assert [client.send("x").status for _ in range(3)] == [200, 200, 401]
    assert len(server.requests) == 5


def test_the_time_of_a_call_is_that_of_both_requests(serve: Any) -> None:
    def slow(answer: bytes) -> Any:
        def wait(request: Recorded) -> bytes:
            time.sleep(0.3)
            return answer

        return wait

    server = serve(slow(CHALLENGE), slow(reply(200, b"")))
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "s3cr3t")}, timeout=0.5)
    with pytest.raises(DeadlineExceeded):
        client.send("x")
    assert len(server.requests) == 2


def test_a_client_with_digest_can_be_pickled(serve: Any) -> None:
    server = serve(CHALLENGE, reply(200, b""), CHALLENGE, reply(200, b""))
    tree = document(PATHS, components=SCHEMES, security=[{"d": []}])
    client = Client(tree, server=server.url, credentials={"d": ("user", "s3cr3t")})
    client.send("x")
    assert pickle.loads(pickle.dumps(client)).send("x").status == 200
