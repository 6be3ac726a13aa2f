"""Redirects: of the same origin and GET or HEAD they are followed, any other is a response."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from dynaclient.transport import policy as redirect
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import Recorded, closed_port, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

SECRETS = [("Authorization", "Bearer s3cr3t"), ("X-API-Key", "s3cr3t"), ("Cookie", "key=s3cr3t")]


def moved(location: str | None, status: int = 302) -> bytes:
    return reply(status, b"moved", [] if location is None else [("Location", location)])


FOLLOWED = [
    ("/b?c=%2f", "/b?c=%2f"),
    ("b", "/dir/b"),
    ("../b", "/b"),
    ("?x=1", "/dir/a?x=1"),
    ("{server}/b#part", "/b"),
    ("//{host}/b", "/b"),
    ("/caf\xc3\xa9 x", "/caf%C3%A9%20x"),
    ("y;#part", "/dir/y;"),
    ("b//%7e/?a=../c&d=?", "/dir/b//%7e/?a=../c&d=?"),
]


@pytest.mark.parametrize(("location", "target"), FOLLOWED)
@pytest.mark.parametrize("given", [False, True])
def test_followed_with_every_header(
    location: str, target: str, given: bool, serve: Serve, make: Make
) -> None:
    server = serve(
        lambda request: moved(location.format(server=server.url, host=server.url[7:])), reply(200, b"there")
    )
    with requests.Session() as session:
        answer = ask(
            make(session=session if given else None), server.url + "/dir/a?key=s3cr3t", headers=SECRETS
        )
    assert (answer.status, answer.content, answer.url) == (200, b"there", server.url + target)
    assert server.requests[1].target == target
    for name, value in SECRETS:
        assert server.requests[1].all(name) == [value]
    assert server.connections == 1


@pytest.mark.parametrize(("location", "target"), [("/y?", "/y?"), ("?", "/dir/a?"), ("/y?#part", "/y?")])
def test_a_query_that_is_empty_is_one(location: str, target: str, serve: Serve, transport: Transport) -> None:
    """RFC 3986 section 6.2.3; a session of the user's, where requests writes the target, has none."""
    server = serve(moved(location), reply(200, b"there"))
    assert ask(transport, server.url + "/dir/a?b").url == server.url + target
    assert server.requests[1].target == target


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_redirect_status(status: int, method: str, serve: Serve, transport: Transport) -> None:
    server = serve(reply(status, b"", [("Location", "/b")]), reply(200))
    assert ask(transport, server.url, method).status == 200
    assert [request.method for request in server.requests] == [method, method]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_get_the_redirect_as_the_answer(
    status: int, method: str, serve: Serve, transport: Transport
) -> None:
    server = serve(moved("/b", status))
    answer = ask(transport, server.url, method, body=b"{}")
    assert (answer.status, answer.headers["location"], answer.content) == (status, "/b", b"moved")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [300, 304, 305, 200, 404])
def test_other_statuses_are_answers(status: int, serve: Serve, transport: Transport) -> None:
    server = serve(reply(status, b"", [("Location", "/b")]))
    assert ask(transport, server.url).status == status
    assert len(server.requests) == 1


ANSWERS = {
    "missing": None,
    "empty": "",
    "broken": "http://[/",
    "broken port": "http://127.0.0.1:port/",
    "no host": "http:///b",
    "mail": "mailto:a@b.example",
    "file": "file:///etc/passwd",
    "tls": "https://{host}/b",
    "port": "http://127.0.0.1:{other}/b",
    "host": "http://localhost:{port}/b",
    "no scheme": "//evil.example/b",
    "user": "http://evil@{host}/b",
    "looks alike": "http://{host}@evil.example/b",
    "backslash": "http:\\\\evil.example\\b",
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("given", [False, True])
def test_missing_broken_and_foreign_locations_are_answers(
    kind: str, given: bool, serve: Serve, make: Make
) -> None:
    elsewhere = serve()
    location = ANSWERS[kind]
    server = serve(
        lambda request: moved(
            location and location.format(host=server.url[7:], port=server.port, other=elsewhere.port)
        ),
        reply(200, b"followed"),
    )
    with requests.Session() as session:
        answer = ask(make(session=session if given else None), server.url, headers=SECRETS)
    assert (answer.status, answer.content) == (302, b"moved")
    assert ("Location" in answer.headers) == (location is not None)
    assert len(server.requests) == 1
    assert elsewhere.requests == []


def test_default_ports_are_equal() -> None:
    headers = {"Location": "https://a.example:443/b"}
    assert redirect.redirect_target("GET", "https://A.example/a", 302, headers) == "https://a.example:443/b"
    assert redirect.redirect_target("GET", "http://a.example/a", 302, headers) is None


def test_ten_are_followed_and_the_eleventh_is_the_answer(serve: Serve, transport: Transport) -> None:
    server = serve(moved("/again"))
    assert ask(transport, server.url).status == 302
    assert len(server.requests) == 1 + redirect.LIMIT == 11


def test_a_redirect_to_a_dead_port_of_the_same_host_is_not_tried(serve: Serve, transport: Transport) -> None:
    server = serve(moved(f"http://127.0.0.1:{closed_port()}/"))
    assert ask(transport, server.url).status == 302


class TestCookiesOfTheUsersSession:
    def test_set_on_the_way_are_sent_on(self, serve: Serve, make: Make) -> None:
        first = reply(302, b"", [("Location", "/b"), ("Set-Cookie", "sid=new"), ("Set-Cookie", "more=1")])
        server = serve(first, reply(200))
        with requests.Session() as session:
            session.cookies.set("sid", "old", domain="127.0.0.1", path="/")
            ask(make(session=session), server.url + "/a", headers=[("Cookie", "ours=1")])
            assert session.cookies.get("sid") == "new"
        sent = [set((request.header("Cookie") or "").split("; ")) for request in server.requests]
        assert sent == [{"ours=1", "sid=old"}, {"ours=1", "sid=new", "more=1"}]

    def test_without_one_cookies_are_not_kept(self, serve: Serve, transport: Transport) -> None:
        server = serve(reply(302, b"", [("Location", "/b"), ("Set-Cookie", "sid=new")]), reply(200))
        ask(transport, server.url)
        ask(transport, server.url)
        assert [request.header("Cookie") for request in server.requests] == [None, None, None]


def test_hooks_of_the_session_see_the_location(serve: Serve, make: Make) -> None:
    seen: list[str | None] = []

    def look(response: requests.Response, **_: object) -> None:
        seen.append(response.headers.get("Location"))

    def answer(request: Recorded) -> bytes:
        return reply(200) if request.target == "/b" else moved("/b")

    server = serve(answer)
    with requests.Session() as session:
        session.hooks["response"].append(look)
        ask(make(session=session), server.url)
    assert seen == ["/b", None]
