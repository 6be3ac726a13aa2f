"""Responses with very many or very long headers are read, or refused by name: they are HTTP."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from dynaclient import Client, ClientCredentials, ConnectError, DocumentError, TransportError
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, one, said


def many(count: int) -> list[tuple[str, str]]:
    return [*JSON, *((f"X-{number}", "a") for number in range(count))]


def long(size: int, name: str = "X-Long") -> list[tuple[str, str]]:
    return [*JSON, (name, "a" * size)]


# what http.client does not read
TOO_MUCH: dict[str, tuple[list[tuple[str, str]], str]] = {
    "101 fields": (many(101), "got more than 100 headers"),
    "150 fields": (many(150), "got more than 100 headers"),
    "1,000 cookies": ([*JSON, *[("Set-Cookie", "a=b")] * 1000], "got more than 100 headers"),
    "70 kB": (long(70_000), "got more than 65536 bytes when reading header line"),
    "1 MB": (long(1_000_000), "got more than 65536 bytes when reading header line"),
    "a policy of 66 kB": (long(66_000, "Content-Security-Policy"), "got more than 65536 bytes"),
}
TAKEN = {
    "90 fields": many(90),
    "60 kB": long(60_000),
    "much in all": [*many(50), *long(60_000)[1:], *long(60_000)[1:]],
}


@pytest.fixture(params=["whole", "stream", "post"])
def way(request: pytest.FixtureRequest) -> Any:
    return request.param


def ask(server: RawServer, way: str, **settings: Any) -> Any:
    answers = {"200": said({"type": "object"})}
    with Client(
        one("post" if way == "post" else "get", answers=answers), server=server.url, **settings
    ) as api:
        return api.send("op", options={"stream": way == "stream"}).data


@pytest.mark.parametrize("case", TOO_MUCH)
def test_it_is_told_as_that(case: str, way: str, serve: Serve) -> None:
    headers, said = TOO_MUCH[case]
    server = serve(reply(200, b"{}", headers))
    with pytest.raises(TransportError, match="headers of the response are more or longer") as caught:
        ask(server, way)
    assert said in str(caught.value)
    assert "not HTTP" not in str(caught.value)
    assert isinstance(caught.value.__cause__, http.client.HTTPException)
    assert len(server.requests) == 1  # the same would come again


@pytest.mark.parametrize("case", TAKEN)
def test_it_is_taken(case: str, way: str, serve: Serve) -> None:
    assert ask(serve(reply(200, b"{}", TAKEN[case])), way) == {}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_documents_and_tokens_too(case: str, serve: Serve) -> None:
    url = serve(reply(200, b"{}", TOO_MUCH[case][0])).url
    with pytest.raises(DocumentError, match="more or longer") as caught:
        Client(f"{url}/openapi.json", cache=False)
    assert isinstance(caught.value.__cause__, http.client.HTTPException)
    with pytest.raises(TransportError, match="more or longer"):
        ClientCredentials(f"{url}/token", "id", "secret")()


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"a" * 70_000, b"\x16\x03\x01\x00\r\n\r\n"]
)
def test_what_is_not_http_is_still_told_as_that(answer: bytes, serve: Serve) -> None:
    with pytest.raises(ConnectError, match="not HTTP"):
        ask(serve(answer), "post", retries=0)
