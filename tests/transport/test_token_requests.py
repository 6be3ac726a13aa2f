"""A token is fetched over the transport of the client, with nothing that is meant for the API."""

from __future__ import annotations

import base64
import json
import pickle
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from dynaclient import (
    Client,
    ClientCredentials,
    DeadlineExceeded,
    Env,
    SettingsError,
    Timeout,
    TransportError,
)
from dynaclient.client import executor_of
from tests.cli.conftest import Run, Save, run, save
from tests.conftest import Serve
from tests.servers import RawServer, dripping, reply
from tests.small import JSON, json_reply, one
from tests.transport.conftest import certificate, tls

__all__ = ["certificate", "run", "save", "tls"]  # fixtures

SECRET, KEY = "s3cr3t-of-the-client", "s3cr3t-of-the-api"
BASIC = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()
SCHEMES: dict[str, Any] = {
    "o": {"type": "oauth2", "flows": {}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://x.test/"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
TREE = one(answer={}, security=[{"o": []}], components={"securitySchemes": SCHEMES})
GRANTED = json_reply({"access_token": "t1", "expires_in": 3600})


@pytest.fixture
def tokens(serve: Serve) -> RawServer:
    return serve(GRANTED)


@pytest.fixture
def api(serve: Serve) -> RawServer:
    return serve(json_reply({}))


def form(server: RawServer) -> list[tuple[str, str]]:
    return parse_qsl(server.requests[0].body.decode(), keep_blank_values=True)


GRANT = ("grant_type", "client_credentials")
ASKED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, []),
    ({"scopes": ["a", "b"]}, [("scope", "a b")]),
    ({"scopes": "read write"}, [("scope", "read write")]),
    ({"audience": "https://api.test/"}, [("audience", "https://api.test/")]),
    ({"resource": "https://a.test"}, [("resource", "https://a.test")]),
    ({"resource": ["https://a.test", "https://b.test"]}, [("resource", "https://a.test"), ("resource", "https://b.test")]),
    ({"fields": {"tenant": "ä&=", "empty": ""}}, [("tenant", "ä&="), ("empty", "")]),
    ({"fields": {"x": ["1", "2"]}, "audience": None}, [("x", "1"), ("x", "2")]),
]  # fmt: skip


@pytest.mark.parametrize("secret_in", ["header", "body"])
@pytest.mark.parametrize(("asked", "due"), ASKED)
def test_what_is_asked_for(asked: Any, due: Any, secret_in: Any, tokens: RawServer) -> None:
    fetch = ClientCredentials(f"{tokens.url}/token?v=1", "me", SECRET, secret_in=secret_in, **asked)
    assert fetch() == "t1"
    (request,) = tokens.requests
    assert request.target == "/token?v=1"
    in_body = [("client_id", "me"), ("client_secret", SECRET)]
    assert form(tokens) == [GRANT, *due, *(in_body if secret_in == "body" else [])]
    assert request.all("Authorization") == ([] if secret_in == "body" else [BASIC])
    assert SECRET not in repr(fetch)


@pytest.mark.parametrize("secret_in", ["header", "body"])
def test_id_and_secret_by_reference(
    secret_in: Any, tokens: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_ID", "me")
    monkeypatch.setenv("OUR_SECRET", SECRET)
    fetch = ClientCredentials(tokens.url, Env("OUR_ID"), Env("OUR_SECRET"), secret_in=secret_in)
    assert SECRET.encode() not in pickle.dumps(fetch)
    assert pickle.loads(pickle.dumps(fetch))() == "t1"
    assert (BASIC if secret_in == "header" else SECRET) in tokens.requests[0].raw.decode()


WRONG: list[dict[str, Any]] = [
    {"scopes": 5},
    {"scopes": [5]},
    {"audience": b"a"},
    {"resource": {"a": "b"}},
    {"fields": "a=b"},
    {"fields": {"grant_type": "password"}},
    {"fields": {"client_secret": SECRET}},
    {"fields": {"x": 5}},
    {"secret_in": "query"},
    {"timeout": 0},
    {"session": 5},
    {"verify": 5},
    {"cert": 5},
    {"proxies": "http://p"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_asked_for_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        ClientCredentials("https://x.test/token", "me", SECRET, **wrong)
    assert SECRET not in str(caught.value)


# -- over what it goes


def keyed() -> requests.Session:
    session = requests.Session()
    session.headers.update({"X-Api-Key": KEY, "User-Agent": "shop/1"})
    session.params = {"key": KEY}
    session.auth = ("user", KEY)
    session.cookies.set("sid", KEY)
    return session


@pytest.mark.parametrize("secret_in", ["header", "body"])
def test_what_a_session_holds_for_the_api_does_not_go_to_the_server_of_tokens(
    secret_in: Any, tokens: RawServer, api: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To no other origin, both ways; what netrc has for that host is no part of it either."""
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login other password {KEY}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = keyed()
    fetch = ClientCredentials(tokens.url, "me", SECRET, secret_in=secret_in)
    with Client(TREE, server=api.url, session=session, credentials={"o": fetch}) as client:
        client.call("op")
    session.close()
    asked, called = tokens.requests[0].raw.decode(), api.requests[0].raw.decode()
    encoded = base64.b64encode(f"user:{KEY}".encode()).decode()
    assert KEY not in asked
    assert encoded not in asked
    assert base64.b64encode(f"other:{KEY}".encode()).decode() not in asked
    assert "User-Agent: shop/1" in asked
    assert (KEY in called, SECRET in called, BASIC in called) == (True, False, False)
    assert api.requests[0].header("Authorization") == "Bearer t1"


def test_what_its_own_session_holds_goes_along(tokens: RawServer, api: RawServer) -> None:
    session = keyed()
    session.auth = None
    fetch = ClientCredentials(tokens.url, "me", SECRET, session=session)
    with Client(TREE, server=api.url, credentials={"o": fetch}) as client:
        client.call("op")
    session.close()
    assert tokens.requests[0].all("X-Api-Key") == [KEY]
    assert tokens.requests[0].all("Authorization") == [BASIC]
    assert KEY not in api.requests[0].raw.decode()


def test_the_adapters_of_the_session_carry_it(api: RawServer) -> None:
    """A session is the seam: what stands in for a server there stands in for this one."""

    class Stub(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **_: Any) -> requests.Response:  # type: ignore[override]
            response = requests.Response()
            response.status_code, response.request = 200, request
            response._content = b'{"access_token": "stub"}'
            response.headers.update(dict(JSON))
            return response

    session = requests.Session()
    session.mount("https://id.test/", Stub())
    fetch = ClientCredentials("https://id.test/token", "me", SECRET)
    with Client(TREE, server=api.url, session=session, credentials={"o": fetch}) as client:
        client.call("op")
    session.close()
    assert api.requests[0].header("Authorization") == "Bearer stub"


@pytest.mark.parametrize("given_to", ["the client", "itself"])
def test_proxies(given_to: str, serve: Serve, api: RawServer) -> None:
    proxy = serve(GRANTED)
    through = {"http://id.test": proxy.url}
    own, of_client = (through, None) if given_to == "itself" else (None, through)
    fetch = ClientCredentials("http://id.test/token", "me", SECRET, proxies=own)
    with Client(TREE, server=api.url, proxies=of_client, credentials={"o": fetch}) as client:
        client.call("op")
    assert proxy.requests[0].target == "http://id.test/token"
    assert api.requests[0].header("Authorization") == "Bearer t1"


Trust = Callable[[Path], tuple[dict[str, Any], dict[str, Any]]]
TRUST: dict[str, tuple[Trust, bool]] = {
    "the client's": (lambda path: ({"verify": str(path), "cert": str(path)}, {}), True),
    "its own": (lambda path: ({}, {"verify": str(path), "cert": str(path)}), True),
    "its own, beside the client's": (lambda path: ({"verify": str(path)}, {"cert": str(path)}), True),
    "its own goes first": (lambda path: ({"verify": str(path), "cert": str(path)}, {"verify": True}), False),
    "none": (lambda path: ({}, {}), False),
}


@pytest.mark.parametrize("case", TRUST)
def test_verify_and_cert(case: str, serve: Serve, certificate: Path, api: RawServer) -> None:
    """A server of tokens that asks for a certificate (RFC 8705)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    context.load_cert_chain(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    tokens = serve(GRANTED, context=context)
    trust, works = TRUST[case]
    of_client, own = trust(certificate)
    fetch = ClientCredentials(tokens.url, "me", SECRET, **own)
    with Client(TREE, server=api.url, credentials={"o": fetch}, **of_client) as client:
        if works:
            client.call("op")
        else:
            with pytest.raises(TransportError):
                client.call("op")
    assert len(tokens.requests) == len(api.requests) == works


LIMITS: list[tuple[Any, Any, Any]] = [
    (0.3, None, None),
    (Timeout(total=30, read=0.3), None, None),
    (30, 0.3, None),
    (30, None, 0.3),
    (None, None, Timeout(total=0.3)),
    (0.3, None, 30),
]


@pytest.mark.parametrize(("of_client", "of_call", "own"), LIMITS)
def test_the_deadline_of_the_call_is_its_deadline(
    of_client: Any, of_call: Any, own: Any, serve: Serve, api: RawServer
) -> None:
    tokens = serve(
        dripping(b"HTTP/1.1 200 OK\r\n", b"", 0.5) if isinstance(of_client, Timeout) else dripping(b"", b"H")
    )
    fetch = ClientCredentials(tokens.url, "me", SECRET, timeout=own)
    options = {} if of_call is None else {"timeout": of_call}
    client = Client(TREE, server=api.url, timeout=of_client, credentials={"o": fetch})
    with client, pytest.raises(DeadlineExceeded):
        client.call("op", options=options)
    tokens.cut()
    assert api.connections == 0


def test_who_waits_for_the_token_of_another_thread_keeps_his_deadline(
    tokens: RawServer, api: RawServer
) -> None:
    fetch = ClientCredentials(tokens.url, "me", SECRET)
    with Client(TREE, server=api.url, timeout=0.2, credentials={"o": fetch}) as client:
        with fetch._lock, pytest.raises(DeadlineExceeded):  # another thread fetches
            client.call("op")
        assert tokens.connections == api.connections == 0
        client.call("op", options={"timeout": 30})
    assert len(tokens.requests) == 1


def test_what_fetching_took_is_gone_for_the_call(serve: Serve) -> None:
    """One deadline over both: the call has what the token left."""
    seen: list[float] = []
    api = serve(json_reply({}))
    fetch = ClientCredentials(serve(GRANTED).url, "me", SECRET)
    with Client(TREE, server=api.url, timeout=30, credentials={"o": fetch}) as client:
        send = executor_of(client).transport.send

        def spy(request: Any, **settings: Any) -> Any:
            seen.append(settings["clock"])
            return send(request, **settings)

        executor_of(client).transport.send = spy  # type: ignore[method-assign]
        client.call("op")
    assert len(seen) == 2
    assert seen[0] is seen[1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("secret_in", ["header", "body"])
def test_a_redirect_takes_nothing_elsewhere(
    status: int, secret_in: Any, serve: Serve, api: RawServer
) -> None:
    other = serve(GRANTED)
    for where in (other.url, other.url.replace("127.0.0.1", "localhost")):
        tokens = serve(reply(status, b"", [("Location", f"{where}/token")]))
        fetch = ClientCredentials(tokens.url, "me", SECRET, secret_in=secret_in)
        with (
            Client(TREE, server=api.url, credentials={"o": fetch}) as client,
            pytest.raises(TransportError) as caught,
        ):
            client.call("op")
        assert f"returned {status} without a token" in str(caught.value)
        assert SECRET not in str(caught.value)
    assert other.connections == api.connections == 0


# -- at the command line


def document(save: Save, scheme: str) -> str:
    return save(one(answer={}, security=[{scheme: []}], components={"securitySchemes": SCHEMES}))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_command_line_fetches_one(
    scheme: str, run: Run, save: Save, tokens: RawServer, api: RawServer
) -> None:
    shown = run(
        "call", document(save, scheme), "op", "--server", api.url, "--credential", f"{scheme}=me:{SECRET}",
        "--token-url", f"{tokens.url}/token", "--token-field", "scope=a b", "--token-field", "audience=x",
        "--token-field", "resource=r1", "--token-field", "resource=r2", "--token-field", "tenant=t", "-v",
    )  # fmt: skip
    assert shown.code == 0, shown.err
    assert SECRET not in shown.out + shown.err
    assert api.requests[0].header("Authorization") == "Bearer t1"
    assert tokens.requests[0].header("Authorization") == BASIC
    due = [("scope", "a b"), ("audience", "x"), ("resource", "r1"), ("resource", "r2"), ("tenant", "t")]
    assert form(tokens) == [GRANT, *due]


def test_id_and_secret_of_the_environment_go_to_the_url_that_was_typed(
    run: Run, save: Save, tokens: RawServer, api: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_O", f"me:{SECRET}:with:colons")
    options = ["--server", api.url, "--token-url", tokens.url, "--token-secret-in", "body"]
    assert run("call", document(save, "o"), "op", *options).code == 0
    assert form(tokens) == [GRANT, ("client_id", "me"), ("client_secret", f"{SECRET}:with:colons")]


def test_a_token_by_the_environment_goes_to_no_server_of_a_document(
    run: Run, save: Save, tokens: RawServer, api: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one fetched where the document says: `tokenUrl` is the document's word."""
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_O", f"me:{SECRET}")
    flows = {"clientCredentials": {"tokenUrl": tokens.url, "scopes": {}}}
    schemes = {"o": {"type": "oauth2", "flows": flows}}
    tree = one(
        answer={}, security=[{"o": []}], components={"securitySchemes": schemes}, servers=[{"url": api.url}]
    )
    shown = run("call", save(tree), "op", "--token-url", tokens.url)
    assert "DYNACLIENT_CREDENTIAL_O is not sent" in shown.err
    assert tokens.connections == 0
    assert api.requests[0].all("Authorization") == []


MISTAKES: list[tuple[list[str], str]] = [
    (["--credential", f"o={SECRET}"], "the credential for o is CLIENT_ID:SECRET"),
    (["--credential", f"o=me:{SECRET}", "--token-field", SECRET], "--token-field NAME=VALUE"),
    (["--credential", f"o=me:{SECRET}", "--token-field", f"client_secret={SECRET}"], "fields cannot hold"),
    (
        ["--credential", f"o=me:{SECRET}", "--token-url", f"htp://u:{SECRET}@h"],
        "token_url: expected an http(s) URL",
    ),
    ([], "--token-url needs the id and secret"),
]


@pytest.mark.parametrize(("options", "told"), MISTAKES)
def test_mistakes_are_told_without_the_secret(
    options: list[str], told: str, run: Run, save: Save, api: RawServer, tokens: RawServer
) -> None:
    shown = run("call", document(save, "o"), "op", "--server", api.url, "--token-url", tokens.url, *options)
    assert shown.code == 2
    assert told in shown.err
    assert SECRET not in shown.err
    assert api.connections == tokens.connections == 0
    assert json.dumps(shown.out) == '""'
