"""A document over HTTP, and what becomes of a client that is no longer used."""

from __future__ import annotations

import gc
import json
import pickle
import weakref
from pathlib import Path

import pytest
import requests

from dynaclient import Client, DocumentError, ResponseInvalid
from dynaclient.client import executor_of
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import json_reply, one


@pytest.mark.parametrize("used", [False, True])
def test_a_client_that_is_not_used_any_more_is_gone_at_once(used: bool, serve: Serve) -> None:
    """A large tree that waits for the garbage collector is there twice when it is opened again."""
    document = reply(200, json.dumps(one("get", "/x")).encode(), [("Content-Type", "application/json")])
    client = Client(serve(document).url + "/openapi.json", server="http://test.invalid")
    if used:
        client.prepare("op")
    gone = [weakref.ref(client.document), weakref.ref(executor_of(client).transport)]
    gc.disable()
    try:
        del client
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


def test_a_document_in_many_files_and_its_server_are_read_over_one_connection(serve: Serve) -> None:
    parts = {f"part{number}": {"$ref": f"part{number}.json"} for number in range(5)}
    tree = one(answer={"type": "object", "properties": parts})

    def answer(request: Recorded) -> bytes:
        return json_reply({"/openapi.json": tree, "/x": {}}.get(request.target, {"type": "integer"}))

    server = serve(answer)
    with Client(f"{server.url}/openapi.json", server=server.url, ref_hosts=["127.0.0.1"]) as client:
        assert client.call("op") == {}
        assert client.findings == ()
    assert len(server.requests) == 7
    assert server.connections == 1


def test_what_is_referred_to_is_read_after_the_client_was_closed_or_pickled(serve: Serve) -> None:
    tree = one(answer={"$ref": "part.json"})
    server = serve(lambda request: json_reply(tree if request.target == "/a.json" else {"type": "integer"}))
    client = Client(f"{server.url}/a.json", server=server.url, ref_hosts=["127.0.0.1"], cache=False)
    client.close()
    for each in (pickle.loads(pickle.dumps(client)), client):
        with each, pytest.raises(ResponseInvalid, match="integer"):
            each.call("op")


def test_a_document_behind_a_password_says_where_that_goes(serve: Serve) -> None:
    server = serve(lambda request: json_reply(one()) if request.header("Authorization") else reply(401))
    with pytest.raises(DocumentError, match="returned 401; user and password may stand in the URL"):
        Client(f"{server.url}/openapi.json")
    with Client(f"{server.url}/openapi.json".replace("://", "://u:p@")) as client:
        assert list(client.operations) == ["op"]


def test_a_document_elsewhere_says_where(serve: Serve) -> None:
    server = serve(reply(301, b"", [("Location", "https://u:s3cr3t@elsewhere.test/openapi.json?key=s3cr3t")]))
    with pytest.raises(DocumentError, match="301; the server sends on to https://elsewhere") as caught:
        Client(f"{server.url}/openapi.json")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_a_session_holds_for_the_server_does_not_go_to_where_the_document_is(
    elsewhere: bool, serve: Serve
) -> None:
    where, api = serve(json_reply(one())), serve(json_reply({}))
    with requests.Session() as session:
        session.auth = ("user", "s3cr3t")
        session.headers["X-Key"] = "s3cr3t"
        server = api.url if elsewhere else f"{where.url}/api"
        Client(f"{where.url}/openapi.json", server=server, session=session).close()
    (request,) = where.requests
    held = (request.header("Authorization"), request.header("X-Key"))
    assert held == ((None, None) if elsewhere else ("Basic dXNlcjpzM2NyM3Q=", "s3cr3t"))


@pytest.mark.parametrize("how", ["url", "netrc"])
def test_what_is_named_for_where_the_document_is_goes_there(
    how: str, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = serve(json_reply(one()))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login u password p\n")
    if how == "netrc":
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    url = where.url.replace("://", "://u:p@") if how == "url" else where.url
    Client(f"{url}/openapi.json", server="https://elsewhere.test").close()
    assert where.requests[0].header("Authorization") == "Basic dTpw"


def test_a_redirect_to_another_host_is_followed_where_that_is_named(serve: Serve) -> None:
    there = serve(json_reply(one(answer={})))
    elsewhere = there.url.replace("127.0.0.1", "localhost") + "/api.json"
    here = serve(reply(302, b"", [("Location", elsewhere)]))
    url = here.url.replace("//", "//me:s3cret@") + "/api.json"
    with pytest.raises(DocumentError, match=r"name it in `?ref_hosts") as caught:
        Client(url, cache=False)
    assert "localhost" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    api = Client(url, cache=False, ref_hosts=["localhost"])
    assert list(api.operations) == ["op"]
    assert here.requests[-1].header("Authorization") is not None
    assert [each.header("Authorization") for each in there.requests] == [None]


def test_redirects_among_named_hosts_end(serve: Serve) -> None:
    server = serve(
        lambda request: reply(
            302, b"", [("Location", f"http://localhost:{request.header('Host').rpartition(':')[2]}/b")]
        )
    )
    with pytest.raises(DocumentError, match="returned 302"):
        Client(server.url + "/a", cache=False, ref_hosts=["localhost"])
