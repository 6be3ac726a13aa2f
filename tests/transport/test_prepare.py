"""The request that was built is sent, byte for byte."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.auth import AuthBase
from requests.cookies import cookiejar_from_dict

from dynaclient.errors import ConnectError, RequestInvalid, SettingsError
from dynaclient.transport.prepare import as_prepared
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

TARGETS = [
    "/",
    "/a%2Fb/%2e%2e/x?c=%20&d=",
    "/a%2fb/%2E%2e/%c3%a9",
    "/x?a=%2b&b=+&c=a/b?c:@!$'()*,;=~",
    "/x?",
    "/x?&&a",
    "//two//slashes/",
    "/a;b=1,2/c",
    "/v1/../up",
    "/UPPER/lower",
    "/100%25",
    "/%zz/100%",
    '/{not}|legal"in<urls>^`',
]


@pytest.mark.parametrize("target", TARGETS)
def test_request_target_is_untouched(target: str, serve: Serve, transport: Transport) -> None:
    server = serve()
    ask(transport, server.url + target)
    assert server.requests[0].target == target


@pytest.mark.parametrize("url_end", ["", "#top", "?x=1"])
def test_a_url_without_path_asks_for_the_root(url_end: str, serve: Serve, transport: Transport) -> None:
    server = serve()
    ask(transport, server.url + url_end)
    assert server.requests[0].target == "/" + url_end.replace("#top", "")


def test_target_through_a_forward_proxy_is_the_whole_url(serve: Serve, make: Make) -> None:
    proxy = serve()
    transport = make(proxies={"http": proxy.url})
    ask(transport, "http://talon.example/a%2fb/%2e?c=%20")
    assert proxy.requests[0].head[0] == "GET http://talon.example/a%2fb/%2e?c=%20 HTTP/1.1"
    assert proxy.requests[0].header("Host") == "talon.example"


def test_headers_keep_their_names_and_values(serve: Serve, transport: Transport) -> None:
    server = serve()
    given = [("x-lower", "a  b"), ("X-UPPER", "\xe9"), ("Accept", "text/csv"), ("x-API-key", 'a,b;c="d"')]
    ask(transport, server.url, headers=given)
    assert [field for field in server.requests[0].fields if field in given] == [
        given[2],
        given[0],
        given[1],
        given[3],
    ]


def test_repeated_headers_are_joined_and_cookies_with_their_own_delimiter(
    serve: Serve, transport: Transport
) -> None:
    server = serve()
    ask(transport, server.url, headers=[("X", "1"), ("x", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")])
    assert server.requests[0].all("x") == ["1, 2"]
    assert server.requests[0].all("Cookie") == ["a=1; b=2"]


FRAMING = [
    ("GET", None, None),
    ("HEAD", None, None),
    ("DELETE", None, None),
    ("OPTIONS", None, None),
    ("POST", None, "0"),
    ("PUT", None, "0"),
    ("PATCH", None, "0"),
    ("QUERY", None, "0"),
    ("LOCK", None, None),
    ("pOST", None, None),
    ("LOCK", b"", "0"),
    ("POST", b"", "0"),
    ("POST", b"{}", "2"),
    ("DELETE", b"[1]", "3"),
    ("GET", b"x", "1"),
    ("PUT", b"\x00" * 300_000, "300000"),
]


@pytest.mark.parametrize(("method", "body", "length"), FRAMING)
def test_framing(
    method: str, body: bytes | None, length: str | None, serve: Serve, transport: Transport, make: Make
) -> None:
    server = serve(reply(204))
    ask(transport, server.url, method, body=body)
    with requests.Session() as session:
        ask(make(session=session), server.url, method, body=body)
    for request in server.requests:
        assert request.header("Content-Length") == length
        assert request.header("Transfer-Encoding") is None
        assert request.header("Content-Type") is None
        assert request.body == (body or b"")


def test_framing_headers_that_are_given_are_replaced(serve: Serve, transport: Transport) -> None:
    server = serve()
    headers = [("Content-Length", "99"), ("Transfer-Encoding", "chunked")]
    ask(transport, server.url, "POST", headers, b"abc")
    assert server.requests[0].all("content-length") == ["3"]
    assert server.requests[0].all("transfer-encoding") == []


REFUSED = [
    ("GET", "/", ("X", "a\r\nEvil: 1")),
    ("GET", "/", ("X", "a\nb")),
    ("GET", "/", ("X", "a\x00b")),
    ("GET", "/", ("X", "ключ")),
    ("GET", "/", ("X\r\nEvil", "1")),
    ("GET", "/", ("X:", "1")),
    ("GET", "/", ("", "1")),
    ("GET", "/a b", ("X", "1")),
    ("GET", "/a\r\nEvil: 1", ("X", "1")),
    ("GET /evil HTTP/1.1\r\n", "/", ("X", "1")),
]


@pytest.mark.parametrize(("method", "target", "header"), REFUSED)
def test_what_http_cannot_carry_is_refused(
    method: str, target: str, header: tuple[str, str], serve: Serve, transport: Transport
) -> None:
    server = serve()
    with pytest.raises(RequestInvalid) as caught:
        ask(transport, server.url + target, method, [header])
    assert server.requests == []
    assert header[1] not in str(caught.value) or len(header[1]) == 1
    assert "\n" not in str(caught.value.violations[0])


def test_a_host_beyond_ascii_is_written_as_idna(transport: Transport) -> None:
    request = transport.prepare("GET", "http://bücher.example/é?ü=1", (), None, credential_chosen=False)
    assert request.url == "http://xn--bcher-kva.example/%C3%A9?%C3%BC=1"


def test_it_is_a_request_that_requests_can_send(serve: Serve, transport: Transport) -> None:
    server = serve()
    request = transport.prepare("POST", server.url + "/x?a=1", [("K", "v")], b"{}", credential_chosen=True)
    with requests.Session() as session:
        assert session.send(as_prepared(request)).status_code == 200
    assert (server.requests[0].target, server.requests[0].body) == ("/x?a=1", b"{}")


class TestSessionOfTheUser:
    def test_its_headers_hold_but_never_over_ours(self, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            session.headers.update({"X-Team": "shop", "Authorization": "theirs", "Accept": None})
            ask(make(session=session), server.url, headers=[("authorization", "ours")])
        request = server.requests[0]
        assert (request.header("X-Team"), request.all("Authorization")) == ("shop", ["ours"])
        assert request.header("Accept") is None
        assert (request.header("User-Agent") or "").startswith("python-requests/")

    def test_its_params_are_added_for_names_that_are_not_given(self, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            session.params = {"tenant": "a b", "page": "9"}
            ask(make(session=session), server.url + "/x?page=1")
            ask(make(session=session), server.url + "/x")
        assert [request.target for request in server.requests] == [
            "/x?page=1&tenant=a+b",
            "/x?tenant=a+b&page=9",
        ]

    def test_its_cookies_stand_behind_ours_and_never_replace_one(self, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            session.cookies.set("sid", "theirs")
            session.cookies.set("lang", "de")
            ask(make(session=session), server.url, headers=[("Cookie", "sid=ours; b=2")])
            ask(make(session=session), server.url)
        assert server.requests[0].all("Cookie") == ["sid=ours; b=2; lang=de"]
        assert set((server.requests[1].header("Cookie") or "").split("; ")) == {"sid=theirs", "lang=de"}

    def test_its_auth_holds_where_no_authorization_is_given(self, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            session.auth = ("user", "pw")
            ask(make(session=session), server.url, headers=[("X-API-Key", "k")])
            ask(make(session=session), server.url, headers=[("Authorization", "ours")])
            ask(make(session=session), server.url, "DELETE")
        assert [request.header("Authorization") for request in server.requests] == [
            "Basic dXNlcjpwdw==",
            "ours",
            "Basic dXNlcjpwdw==",
        ]
        assert server.requests[2].header("Content-Length") is None

    def test_auth_that_signs_sees_the_whole_request(self, serve: Serve, make: Make) -> None:
        class Signing(AuthBase):
            def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
                request.headers["Signature"] = f"{request.method} {len(request.body or b'')}"
                request.headers["X-Given"] = "changed"
                return request

        server = serve()
        with requests.Session() as session:
            session.auth = Signing()
            ask(make(session=session), server.url, "POST", [("X-Given", "kept")], b"abc")
        assert server.requests[0].header("Signature") == "POST 3"
        assert server.requests[0].header("X-Given") == "kept"

    @pytest.mark.parametrize(
        ("name", "value", "header"),
        [
            ("hooks", {"response": print}, None),
            ("hooks", None, None),
            ("headers", None, None),
            ("headers", {"x-team": "shop"}, ("X-Team", "shop")),
            ("params", b"a=1", None),
            ("params", None, None),
            ("cookies", cookiejar_from_dict({"a": "b"}), ("Cookie", "a=b")),
            ("cookies", {"a": "b"}, ("Cookie", "a=b")),
            ("cookies", None, None),
        ],
    )
    def test_it_may_hold_what_requests_takes(
        self, name: str, value: Any, header: tuple[str, str] | None, make: Make
    ) -> None:
        with requests.Session() as session:
            setattr(session, name, value)
            request = make(session=session).prepare("GET", "http://a/x", [], None, credential_chosen=False)
        if header:
            assert request.headers[header[0]] == header[1]
        assert as_prepared(request).hooks["response"] == ([print] if name == "hooks" and value else [])
        assert request.url == ("http://a/x?a=1" if name == "params" and value else "http://a/x")

    def test_a_header_dict_of_any_case_keeps_netrc_out(
        self, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("machine a login user password pw\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with requests.Session() as session:
            session.headers = {"authorization": "given"}  # type: ignore[assignment]
            request = make(session=session).prepare("GET", "http://a/x", [], None, credential_chosen=False)
        assert request.headers["Authorization"] == "given"

    @pytest.mark.parametrize("name", ["hooks", "headers", "params"])
    def test_anything_else_is_told_as_the_sessions(self, name: str, make: Make) -> None:
        with requests.Session() as session:
            setattr(session, name, 5)
            with pytest.raises(SettingsError, match="session= cannot be used") as caught:
                make(session=session).prepare("GET", "http://a/x", [], None, credential_chosen=False)
        assert caught.value.__cause__ is not None

    def test_auth_that_fails_is_the_cause(self, make: Make) -> None:
        def fail(request: object) -> None:
            raise KeyError("s3cr3t")

        with requests.Session() as session:
            session.auth = fail  # type: ignore[assignment]
            with pytest.raises(RequestInvalid, match=r"session\.auth raised KeyError") as caught:
                make(session=session).prepare("GET", "http://a/x", [], None, credential_chosen=False)
        assert isinstance(caught.value.__cause__, KeyError)
        assert "s3cr3t" not in str(caught.value)


class TestNetrc:
    @pytest.fixture(autouse=True)
    def _netrc(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        file = tmp_path / "netrc"
        file.write_text("machine 127.0.0.1 login user password pw\n")
        file.chmod(0o600)
        monkeypatch.setenv("NETRC", str(file))

    def test_is_read_where_no_credential_is_chosen(self, serve: Serve, transport: Transport) -> None:
        server = serve()
        ask(transport, server.url, credential_chosen=False)
        assert server.requests[0].header("Authorization") == "Basic dXNlcjpwdw=="

    @pytest.mark.parametrize("name", [".netrc", "_netrc"])
    def test_is_found_at_home(
        self, name: str, serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("NETRC")
        monkeypatch.setenv("HOME", str(tmp_path))
        server = serve()
        ask(transport, server.url, credential_chosen=False)
        (tmp_path / "netrc").rename(tmp_path / name)
        ask(transport, server.url, credential_chosen=False)
        assert [each.header("Authorization") for each in server.requests] == [None, "Basic dXNlcjpwdw=="]

    def test_is_never_read_over_a_chosen_credential(self, serve: Serve, transport: Transport) -> None:
        server = serve()
        ask(transport, server.url, headers=[("X-API-Key", "k")], credential_chosen=True)
        assert server.requests[0].header("Authorization") is None

    @pytest.mark.parametrize("where", ["request", "session"])
    def test_never_replaces_an_authorization_header(self, where: str, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            if where == "session":
                session.headers["Authorization"] = "given"
            headers = [("Authorization", "given")] if where == "request" else []
            ask(make(session=session), server.url, headers=headers, credential_chosen=False)
        assert server.requests[0].all("Authorization") == ["given"]

    def test_is_left_alone_where_the_session_trusts_no_environment(self, serve: Serve, make: Make) -> None:
        server = serve()
        with requests.Session() as session:
            session.trust_env = False
            ask(make(session=session), server.url, credential_chosen=False)
        assert server.requests[0].header("Authorization") is None


def test_user_and_password_leave_the_url(serve: Serve, transport: Transport) -> None:
    server: RawServer = serve()
    url = server.url.replace("://", "://user:pw@")
    for chosen in (False, True):
        assert "pw" not in ask(transport, url, credential_chosen=chosen).url
    assert [request.header("Authorization") for request in server.requests] == ["Basic dXNlcjpwdw==", None]


@pytest.mark.parametrize("given", [False, True])
def test_a_client_certificate_goes_to_servers_that_were_chosen_or_named(
    given: bool, serve: Serve, make: Make, certificate: Path
) -> None:
    """Never 2: it is the credential of `mutualTLS`. This server answers nobody who shows none."""
    asks = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    asks.load_cert_chain(certificate)
    asks.verify_mode = ssl.CERT_REQUIRED
    server = serve(reply(302, b"", [("Location", "/next")]), reply(200, b"known"), context=asks)
    with requests.Session() as session:
        session.cert = str(certificate) if given else None
        ours = {"session": session} if given else {"cert": str(certificate)}
        transport = make(verify=str(certificate), retries=0, **ours)

        def ask_as(trusted: bool, named: bool) -> bytes:
            request = transport.prepare(
                "GET", server.url, [], None, credential_chosen=False, trusted=trusted, named=named
            )
            return transport.send(request).content

        assert ask_as(True, False) == b"known"
        assert ask_as(False, True) == b"known"
        asked = len(server.requests)
        with pytest.raises(ConnectError):
            ask_as(False, False)
        assert len(server.requests) == asked
