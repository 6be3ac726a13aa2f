"""No secret of a client stands in a recording, in what is replayed from it, or in what is said of either.

Each kind of credential, at a server that says again whatever it got, in its head and its body.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import AsyncClient, Client, ClientCredentials, NotRecorded
from tests.cli.conftest import Run, run  # noqa: F401
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import document, param, said

SECRET = "s3cr3t-k/y+" + "k" * 9
CUT = SECRET[:8]

SCHEMES: dict[str, Any] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "digest": {"type": "http", "scheme": "digest"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://id/t", "scopes": {}}}},
}
TREE = document(
    {
        "/things/{accessToken}": {
            "post": {
                "operationId": "op",
                "parameters": [param("accessToken", "path"), param("n")],
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"200": said({}), "302": {"description": ""}, "400": said({})},
            }
        }
    },
    components={"securitySchemes": SCHEMES},
    security=[{name: []} for name in SCHEMES],
)


def with_session(**given: Any) -> dict[str, Any]:
    session = requests.Session()
    for name, value in given.items():
        if isinstance(value, dict):
            getattr(session, name).update(value)
        else:
            setattr(session, name, value)
    return {"session": session}


KINDS: dict[str, dict[str, Any]] = {
    "a key in a header": {"credentials": {"header": SECRET}},
    "a key in the query": {"credentials": {"query": SECRET}},
    "a key in a cookie": {"credentials": {"cookie": SECRET}},
    "basic": {"credentials": {"basic": ("me", SECRET)}},
    "a bearer": {"credentials": {"bearer": SECRET}},
    "a callable": {"credentials": {"bearer": lambda request: SECRET}},
    "digest": {"credentials": {"digest": ("me", SECRET)}},
    "a header of options": {"options": {"headers": {"X-Any": SECRET}}},
    "a query of options": {"options": {"query": {"any": SECRET}}},
    "authorization in options": {"options": {"headers": {"Authorization": f"Bearer {SECRET}"}}},
    "a header of a session": with_session(headers={"X-Session": SECRET}),
    "a cookie of a session": with_session(cookies={"sid2": SECRET}),
    "auth of a session": with_session(auth=("me", SECRET)),
    "params of a session": with_session(params={"who": SECRET}),
    "a user of the server": {"server": "http://me:" + SECRET.replace("/", "%2F") + "@{host}"},
    "the query of the server": {"server": "http://{host}?code=" + SECRET.replace("+", "%2B")},
    "a password in the body": {"body": {"user": {"password": SECRET}}},
    "a password in a compressed body": {"body": {"password": SECRET}, "options": {"compress": "gzip"}},
    "a parameter that is called a secret": {"accessToken": SECRET},
    "a token that is fetched": {"oauth": True},
}
FORMS = [CUT, base64.b64encode(f"me:{SECRET}".encode()).decode()[4:24]]


def echo(request: Recorded) -> bytes:
    """All that came, in the head and the body; and the token, where that was asked for."""
    if request.target == "/token":
        return reply(
            200,
            json.dumps({"access_token": SECRET, "token_type": "Bearer"}).encode(),
            [("Content-Type", "application/json")],
        )
    challenge = 'Digest realm="r", nonce="n", qop="auth"'
    digest = request.header("Authorization") is None and "n=digest" in request.target
    values = [value for _, value in request.fields]
    said_again = {"raw": request.raw.decode("latin-1"), "token": SECRET, "each": values}
    if "n=digest" not in request.target:  # of which no request holds the password
        said_again["cut"] = SECRET[:-1] + "..."
    head = [
        ("Content-Type", "application/json"),
        ("Set-Cookie", f"sid={SECRET}"),
        ("X-Auth-Token", SECRET),
        ("X-Echo", " ".join(values)),
        ("Link", f"<{request.target}&access_token={SECRET}>; rel=next"),
        ("WWW-Authenticate", challenge),
    ]
    return reply(401 if digest else 200, json.dumps(said_again).encode(), head)


def settings(kind: str, url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of the client, and what a call gives."""
    given = dict(KINDS[kind])
    host = url.removeprefix("http://")
    made = {name: given.pop(name) for name in ("credentials", "session") if name in given}
    made["server"] = given.pop("server", "http://{host}").format(host=host)
    if given.pop("oauth", False):
        made["credentials"] = {"oauth": ClientCredentials(f"{url}/token", "me", SECRET)}
    if kind == "digest":
        given["n"] = "digest"
    return made, {"accessToken": "r", "body": {}, **given}


@pytest.fixture(params=KINDS)
def recording(request: pytest.FixtureRequest, serve: Serve, tmp_path: Path) -> tuple[Path, str, Any]:
    """The file, the URL that it is of, and what was called."""
    server = serve(echo)
    made, given = settings(request.param, server.url)
    path = tmp_path / "a.har"
    with Client(TREE, validate="warn", **made) as client, client.record(path):
        assert client.send("op", **given).status == 200
    assert any(
        CUT in each.raw.decode("latin-1").replace("%2F", "/")
        or "Basic" in str(each.head)
        or "Digest" in str(each.head)
        or "gzip" in (each.header("Content-Encoding") or "")
        for each in server.requests
    )
    return path, server.url, given


def holds_none(text: str) -> None:
    for form in FORMS:
        assert form not in text


def every(value: Any) -> str:
    """All the ways in which something is shown or kept."""
    shown = [repr(value), str(value), pickle.dumps(value).decode("latin-1")]
    if isinstance(value, BaseException):
        shown += traceback.TracebackException.from_exception(value, capture_locals=False).format()
    return "\n".join(shown)


def test_the_file(recording: tuple[Path, str, Any]) -> None:
    text = recording[0].read_text()
    holds_none(text)
    for each in json.loads(text)["log"]["entries"]:
        content = each["response"]["content"]
        if content.get("encoding"):
            holds_none(base64.b64decode(content["text"]).decode("latin-1"))
        assert "***" in json.dumps(each["response"]["headers"])


def test_what_is_replayed(recording: tuple[Path, str, Any]) -> None:
    path, _, given = recording
    credentials: Any = {name: SECRET if name != "basic" else ("me", SECRET) for name in SCHEMES}
    if given.get("n") == "digest":
        credentials = {"digest": ("me", SECRET)}
    client = Client(TREE, replay=path, validate="warn", credentials=credentials)
    response = client.send("op", **given)
    assert response.status == 200
    if "options" not in given and "password" not in str(given) and given["accessToken"] == "r":
        holds_none(every(response) + str(response.headers) + response.content.decode() + str(response.data))
    with pytest.raises(NotRecorded) as caught:
        client.send("op", **{**given, "n": "2"})
    holds_none(f"{caught.value} {caught.value!r} {caught.value.differences}")
    if given["accessToken"] == "r":  # a pickled error has the URLs of its attempts, paths as they are
        holds_none(every(caught.value))


def test_async(recording: tuple[Path, str, Any]) -> None:
    path, _, given = recording

    async def work() -> None:
        async with AsyncClient(TREE, replay=path, validate="warn", credentials={"bearer": SECRET}) as client:
            await client.send("op", **given)
            with pytest.raises(NotRecorded) as caught:
                await client.send("op", **{**given, "n": "2"})
            holds_none(f"{caught.value} {caught.value!r}")

    asyncio.run(work())


def test_the_command(recording: tuple[Path, str, Any], run: Run, tmp_path: Path) -> None:  # noqa: F811
    path, url, _ = recording
    held = tmp_path / "d.json"
    held.write_text(json.dumps(TREE))
    secrets = [f"--credential={name}={SECRET}" for name in ("header", "query", "cookie", "bearer")]
    for options in (
        ["--check", str(held)],
        ["--check", str(held), "--json"],
        [str(held), "--server", url, "--allow-all", *secrets[:1]],
        [str(held), "--server", url, "--allow-all", "--json", *secrets[1:2]],
        ["--server", url, "--allow-all", "--json", "-H", f"X-Key: {SECRET}"],
    ):
        result = run("replay", str(path), *options)
        assert result.out
        holds_none(result.out + result.err)


def test_two_calls_say_what_the_other_one_sent(serve: Serve, tmp_path: Path) -> None:
    """A server may say a secret again in a later response, to a request that has another."""
    heard: list[str] = []

    def gossip(request: Recorded) -> bytes:
        heard.append(request.header("X-Key") or "")
        return reply(200, json.dumps(heard).encode(), [("Content-Type", "application/json")])

    path = tmp_path / "a.har"
    keys = iter([hashlib.sha256(bytes([n])).hexdigest() for n in range(3)])
    with (
        Client(TREE, server=serve(gossip).url, credentials={"header": lambda request: next(keys)}) as client,
        client.record(path),
    ):
        for _ in range(3):
            client.call("op", accessToken="r", body={})
    text = path.read_text()
    assert len(heard) == 3
    assert not any(each in text for each in heard)
