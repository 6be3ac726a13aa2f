"""Settings of a client: servers, credentials, modes."""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any

import pytest
import requests

from dynaclient import (
    ApiError,
    Client,
    ClientError,
    Conflict,
    Forbidden,
    NotFound,
    RequestInvalid,
    ResponseInvalid,
    ServerError,
    SettingsError,
    Unauthorized,
)
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, json_reply, one, param

# -- servers -----------------------------------------------------------------------------------------

SERVERS = [
    {"url": "https://one.example/v1/", "description": "production"},
    {"url": "https://two.example:8443", "description": "staging"},
    {
        "url": "https://{region}.example/{version}",
        "description": "regions",
        "variables": {
            "region": {"default": "eu", "enum": ["eu", "us"]},
            "version": {"default": "v1"},
        },
    },
]
ROWS: list[tuple[dict[str, Any], str]] = [
    ({}, "https://one.example/v1"),
    ({"server": 1}, "https://two.example:8443"),
    ({"server": -1}, "https://eu.example/v1"),
    ({"server": "staging"}, "https://two.example:8443"),
    ({"server": "https://one.example/v1/"}, "https://one.example/v1"),
    ({"server": "regions"}, "https://eu.example/v1"),
    ({"server": 2, "server_variables": {"region": "us", "version": "v2"}}, "https://us.example/v2"),
    (
        {"server": "https://{region}.example/{version}", "server_variables": {"region": "us"}},
        "https://us.example/v1",
    ),
    ({"server": "https://staging.elsewhere.example"}, "https://staging.elsewhere.example"),
    ({"server": "HTTP://Else.example/"}, "HTTP://Else.example"),
]


@pytest.mark.parametrize(("given", "due"), ROWS)
def test_server(given: dict[str, Any], due: str) -> None:
    client = Client(one(servers=SERVERS), **given)
    assert client.server == due
    assert client.prepare("op").url == f"{due}/x"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"server": 3}, "3 servers"),
        ({"server": "nowhere"}, "not an http"),
        ({"server": "regions", "server_variables": {"region": "mars"}}, "eu, us"),
    ],
)
def test_servers_that_there_are_not(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Client(one(servers=SERVERS), **given)


def test_without_a_server_nothing_is_sent() -> None:
    for tree in (one(), one(servers=[]), one(servers=[{"url": "/v1"}])):
        client = Client(tree)
        assert client.server is None
        with pytest.raises(SettingsError, match="server="):
            client.prepare("op")
    with pytest.raises(SettingsError, match="is not a complete http"):
        Client(one(servers=[{"url": "api.example/v1"}])).prepare("op")


def test_a_variable_without_a_value_is_asked_for() -> None:
    tree = one(servers=[{"url": "https://{tenant}.example", "variables": {"tenant": {}}}])
    with pytest.raises(SettingsError, match="'tenant'"):
        Client(tree, server=0)
    with pytest.raises(SettingsError, match="'tenant'"):
        Client(tree, server_variables={"region": "eu"})
    without = Client(tree)  # to look at what there is needs none
    assert list(without.operations) == ["op"]
    with pytest.raises(SettingsError, match="'tenant'"):
        without.prepare("op")
    assert Client(tree, server_variables={"tenant": "acme"}).server == "https://acme.example"


RELATIVE = [("", "/x"), ("/api", "/api/x"), ("../v2", "/v2/x"), (".", "/docs/x")]


@pytest.mark.parametrize(("url", "path"), RELATIVE)
def test_relative_servers_start_from_where_the_document_came_from(url: str, path: str, serve: Serve) -> None:
    tree = one(servers=[{"url": url}] if url else [])
    server = serve(json_reply(tree), json_reply({}))
    with Client(f"{server.url}/docs/openapi.json") as client:
        client.call("op")
    assert server.requests[1].target == path


def test_the_placeholder_of_the_vendored_documents_gets_no_request() -> None:
    client = Client("talon-one-integration", credentials={"api_key_v1": "ApiKey-v1 k"})
    with pytest.raises(SettingsError, match="server="):
        client.call("getCustomerSession", customerSessionId="s")
    with pytest.raises(SettingsError, match="server="):
        Client("talon-one-integration", server="https://yourbaseurl.talon.one").prepare(
            "deleteCustomerData", integrationId="i"
        )


def test_servers_of_a_path_and_of_an_operation() -> None:
    tree = one(servers=[{"url": "https://root.example"}])
    tree["paths"]["/x"]["servers"] = [{"url": "https://path.example"}]
    assert Client(tree).prepare("op").url == "https://path.example/x"
    tree["paths"]["/x"]["get"]["servers"] = [{"url": "https://operation.example/v9/"}]
    assert Client(tree).prepare("op").url == "https://operation.example/v9/x"
    assert Client(tree, server="https://mine.example").prepare("op").url == "https://mine.example/x"
    assert Client(tree, server=0).prepare("op").url == "https://root.example/x"


# -- credentials -------------------------------------------------------------------------------------

SCHEMES = {
    "head": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "k y"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "Basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "other": {"type": "http", "scheme": "Negotiate"},
    "oauth": {"type": "oauth2", "flows": {}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://h"},
    "mtls": {"type": "mutualTLS"},
}
BASIC = "Basic " + base64.b64encode("üser:p:w".encode()).decode()
CREDENTIALS: list[tuple[str, Any, dict[str, str], str]] = [
    ("head", "k", {"X-Key": "k"}, ""),
    ("head", ("Prefix", "k"), {"X-Key": "Prefix k"}, ""),
    ("head", lambda request: "k", {"X-Key": "k"}, ""),
    ("head", lambda request: ("Prefix", "k"), {"X-Key": "Prefix k"}, ""),
    ("query", "a&b=é", {}, "?k%20y=a%26b%3D%C3%A9"),
    ("cookie", "k", {"Cookie": "sid=k"}, ""),
    ("basic", ("üser", "p:w"), {"Authorization": BASIC}, ""),
    ("basic", "üser:p:w", {"Authorization": BASIC}, ""),
    ("basic", BASIC, {"Authorization": BASIC}, ""),
    ("bearer", "t", {"Authorization": "Bearer t"}, ""),
    ("bearer", "Bearer t", {"Authorization": "Bearer t"}, ""),
    ("other", "t", {"Authorization": "Negotiate t"}, ""),
    ("oauth", "t", {"Authorization": "Bearer t"}, ""),
    ("oidc", "t", {"Authorization": "Bearer t"}, ""),
    ("mtls", "-", {}, ""),
]


def secured(name: str, **rest: Any) -> dict[str, Any]:
    return one(components={"securitySchemes": SCHEMES}, security=[{name: []}], **rest)


@pytest.mark.parametrize(("scheme", "credential", "headers", "query"), CREDENTIALS)
def test_credential(scheme: str, credential: Any, headers: dict[str, str], query: str) -> None:
    request = Client(secured(scheme), server="http://h", credentials={scheme: credential}).prepare("op")
    assert request.url == f"http://h/x{query}"
    due = {"X-Key": None, "Cookie": None, "Authorization": None, **headers}
    assert {name: request.headers.get(name) for name in due} == due


def test_a_callable_signs_the_finished_request(serve: Serve) -> None:
    """As the Content-Signature of 2020: over what is sent, other credentials included."""
    server = serve(json_reply({}))
    seen: list[str] = []

    def sign(request: requests.PreparedRequest) -> str:
        seen.append(f"{request.method} {request.url} {request.headers['X-Key']}")
        return "signer=1; signature=" + hashlib.md5(request.body or b"").hexdigest()

    schemes = {**SCHEMES, "sign": {"type": "apiKey", "in": "header", "name": "Content-Signature"}}
    tree = one(
        "post",
        "/x",
        param("q"),
        body={},
        components={"securitySchemes": schemes},
        security=[{"sign": [], "head": []}],
    )
    with Client(tree, server=server.url, credentials={"sign": sign, "head": "k"}) as client:
        client.call("op", q="é", body={"a": 1})
    request = server.requests[0]
    assert (
        request.header("Content-Signature") == "signer=1; signature=" + hashlib.md5(request.body).hexdigest()
    )
    assert seen == [f"POST {server.url}/x?q=%C3%A9 k"]


def test_operation_security_goes_before_that_of_the_root() -> None:
    tree = secured("head", operation={"security": [{"bearer": []}]})
    client = Client(tree, server="http://h", credentials={"head": "k", "bearer": "t"})
    assert "X-Key" not in client.prepare("op").headers
    tree["paths"]["/x"]["get"]["security"] = []
    assert (
        "Authorization"
        not in Client(tree, server="http://h", credentials={"bearer": "t"}).prepare("op").headers
    )


def test_missing_credentials_are_no_violation(serve: Serve) -> None:
    server = serve(json_reply({"message": "who?"}, 401))
    with Client(secured("head"), server=server.url) as client, pytest.raises(Unauthorized, match="who"):
        client.call("op")
    assert len(server.requests) == 1


@pytest.mark.parametrize("wrong", [5, None, ("a",), ("a", "b", "c"), ("a", 5), ["a", "b"], b"k"])
def test_a_credential_of_the_wrong_form(wrong: Any) -> None:
    with pytest.raises(SettingsError, match="head"):
        Client(secured("head"), credentials={"head": wrong})


@pytest.mark.parametrize("wrong", [5, ["k"], object()])
def test_a_callable_that_gives_no_credential(wrong: Any) -> None:
    client = Client(secured("head"), server="http://h", credentials={"head": lambda request: wrong})
    with pytest.raises(SettingsError, match="head"):
        client.prepare("op")


# -- answers -----------------------------------------------------------------------------------------

ERRORS = [
    (400, ClientError),
    (401, Unauthorized),
    (403, Forbidden),
    (404, NotFound),
    (409, Conflict),
    (422, ClientError),
    (499, ClientError),
    (500, ServerError),
    (501, ServerError),
    (599, ServerError),
]


@pytest.mark.parametrize(("status", "error"), ERRORS)
@pytest.mark.parametrize("mode", ["strict", "off"])
def test_errors_by_status(status: int, error: type[ApiError], mode: Any, serve: Serve) -> None:
    server = serve(json_reply({"message": "no way"}, status))
    with Client(one(answer={}), server=server.url, validate=mode, retries=0) as client:
        with pytest.raises(ApiError) as caught:
            client.op()
        response = client.op.send()
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.data) == (status, {"message": "no way"})
    assert str(caught.value) == f"op: the server returned {status}: no way"
    assert (response.status, response.ok, response.data) == (status, False, {"message": "no way"})


def test_a_response_tells_all(serve: Serve) -> None:
    server = serve(reply(200, b'{"a":1}', [*JSON, ("X-A", "1"), ("X-A", "2")]))
    with Client(one("get", "/x", param("q"), answer={}), server=server.url) as client:
        response = client.send("op", q="1")
    assert (response.status, response.ok, response.data) == (200, True, {"a": 1})
    assert response.content == b'{"a":1}'
    assert (response.headers["x-a"], response.url) == ("1, 2", f"{server.url}/x?q=1")
    assert response.elapsed > 0
    assert response.request.url == response.url
    assert response.violations == ()
    assert repr(response) == f"<Response 200 GET {server.url}/x, 7 bytes>"


def test_redirects_by_origin_and_method(serve: Serve) -> None:
    answers = {"200": {"description": ""}, "307": {"description": ""}}
    server = serve(reply(307, b"", [("Location", "/y")]), json_reply({}))
    with Client(one("get", answers=answers), server=server.url) as client:
        assert client.send("op").url == f"{server.url}/y"
    server = serve(reply(307, b"", [("Location", "/y")]))
    with Client(one("post", answers=answers), server=server.url) as client:
        assert client.send("op").status == 307
    assert len(server.requests) == 1


MODES: list[tuple[Any, bool, bool, bool]] = [
    ("strict", True, False, True),
    ("warn", False, True, False),
    ("off", False, False, False),
    ({"request": "off"}, False, False, True),
    ({"response": "warn"}, True, False, False),
    ({"request": "warn", "response": "strict"}, False, True, True),
    ({}, True, False, True),
]


@pytest.mark.parametrize(("validate", "request_raises", "logged", "response_raises"), MODES)
def test_each_direction_has_its_mode(
    validate: Any,
    request_raises: bool,
    logged: bool,
    response_raises: bool,
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "dynaclient")
    server = serve(json_reply([]))
    tree = one("get", "/x", param("n", "query", {"type": "integer"}), answer={"type": "object"})
    with Client(tree, server=server.url, validate=validate) as client:
        if request_raises:
            with pytest.raises(RequestInvalid):
                client.call("op", n="x")
            assert server.requests == []
        else:
            client.prepare("op", n="x")
            assert ("op: request: " in caplog.text) == logged
        if response_raises:
            with pytest.raises(ResponseInvalid):
                client.call("op", n=1)
        else:
            assert client.call("op", n=1) == []


def test_warn_keeps_the_violations_of_both_directions(serve: Serve) -> None:
    server = serve(json_reply([]))
    tree = one("get", "/x", param("n", "query", {"type": "integer"}), answer={"type": "object"})
    with Client(tree, server=server.url, validate="warn") as client:
        response = client.send("op", n="x")
    assert [each.where for each in response.violations] == ["query", "body"]
    assert server.requests[0].target == "/x?n=x"


REDIRECTED = {
    "https://elsewhere.test/x?key=s3cr3t": "; it leads to https://elsewhere.test/x, another server; if ",
    "//u:s3cr3t@elsewhere.test": "; it leads to http://elsewhere.test/, another server; if ",
    "https://elsewhere.test/s3cr3t-key/x": "; it leads to https://elsewhere.test/***-key/x, another ",
    "http://[": "; its Location is no URL  [",
    "javascript:alert(1)": "; its Location is no URL  [",
}


@pytest.mark.parametrize("location", REDIRECTED)
def test_a_redirect_that_is_not_followed_says_where_it_leads(location: str, serve: Serve) -> None:
    scheme = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    tree = one("post", components=scheme, security=[{"key": []}])
    server = serve(reply(308, b"", [("Location", location)]))
    client = Client(tree, server=server.url, credentials={"key": "s3cr3t"})
    with client, pytest.raises(ResponseInvalid) as caught:
        client.call("op")
    assert REDIRECTED[location] in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
