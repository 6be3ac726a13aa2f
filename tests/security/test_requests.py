"""No value leaves its segment, no credential its origin: attacks on the promises of SECURITY.md."""

from __future__ import annotations

import base64
import logging
import pickle
import posixpath
import re
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import (
    ApiError,
    Client,
    ClientCredentials,
    ConnectError,
    DocumentError,
    DynaclientError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
    TransportError,
)
from dynaclient.client import executor_of
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, closed_port, reply
from tests.small import json_reply, one, param

OFF: Any = {"response": "off"}

# -- a path value never leaves its segment -----------------------------------------------------------

SEGMENTS = Client(
    one("get", "/a/{x}/b/{y}{z}/c/-{w}", *(param(name, "path") for name in "xyzw")), server="http://h/base"
)
PARTS = st.text(st.characters(), max_size=6) | st.sampled_from([".", "..", "%2e", "/", "\\"])


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys("xyzw", PARTS)))
def test_a_value_stays_in_its_segment_or_is_refused(values: dict[str, str]) -> None:
    try:
        request = SEGMENTS.prepare("op", values)
    except RequestInvalid:
        unwanted = {"", ".", ".."} & {*values.values(), values["y"] + values["z"]}
        assert unwanted or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", "".join(values.values()))
        return
    path = urlsplit(request.url).path
    assert posixpath.normpath(path) == path
    assert [unquote(part) for part in path.split("/")] == [
        "", "base", "a", values["x"], "b", values["y"] + values["z"], "c", "-" + values["w"],
    ]  # fmt: skip
    assert "?" not in str(request.url)
    assert "#" not in str(request.url)


DOTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/a/{x}", {}, {"x": "."}),
    ("/a/{x}", {}, {"x": ".."}),
    ("/a/{x}", {}, {"x": ""}),
    ("/a/{x}/b", {}, {"x": ".."}),
    ("/a/{x}{y}", {}, {"x": ".", "y": "."}),
    ("/a/.{x}", {}, {"x": "."}),
    ("/a/{x}.", {}, {"x": "."}),
    ("/a/%2e{x}", {}, {"x": "."}),
    ("/a/%2E%2E/{x}%2e", {}, {"x": "."}),
    ("/a/{x}", {"style": "label"}, {"x": "."}),
    ("/a/{x}", {"style": "label"}, {"x": ""}),
    ("/a/{x}", {"style": "simple", "schema": {"type": "array"}}, {"x": [".."]}),
    ("/a/{x}", {"style": "label", "schema": {"type": "array"}, "explode": True}, {"x": ["", ""]}),
    ("/a/{x}", {"allowReserved": True}, {"x": ".."}),
    ("/a/{x}", {"schema": {}, "content": {"text/plain": {}}}, {"x": ".."}),
]


@pytest.mark.parametrize(("path", "more", "values"), DOTS)
def test_dots_are_refused_however_they_come_about(
    path: str, more: dict[str, Any], values: dict[str, Any]
) -> None:
    parameters = [{**param(name, "path"), **more} for name in values]
    if "content" in more:
        parameters = [{key: item for key, item in each.items() if key != "schema"} for each in parameters]
    client = Client(one("get", path, *parameters), server="http://h", validate="off")
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", values)
    assert {each.where for each in caught.value.violations} == {"path"}


@pytest.mark.parametrize("value", ["a/b", "a?b", "a#b", "%2F", "%2f..%2f", "a;b", "..\\..", "//evil.example"])
def test_reserved_expansion_stays_inside_too(value: str) -> None:
    client = Client(one("get", "/a/{x}/b", param("x", "path", allowReserved=True)), server="http://h")
    parts = urlsplit(str(client.prepare("op", x=value).url))
    assert (parts.netloc, parts.query, parts.fragment) == ("h", "", "")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "a", value, "b"]


# -- a credential never goes to another origin -------------------------------------------------------

SECRET = "s3cr3t-" + "x" * 8
SCHEMES: dict[str, Any] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "authorization": {"type": "apiKey", "in": "header", "name": "Authorization"},
    "query": {"type": "apiKey", "in": "query", "name": "api key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "signed": {"type": "apiKey", "in": "header", "name": "Content-Signature"},
}
VALUES: dict[str, Any] = dict.fromkeys(SCHEMES, SECRET)
VALUES["basic"] = ("user", SECRET)
VALUES["signed"] = lambda request: SECRET
ENCODED = base64.b64encode(f"user:{SECRET}".encode()).decode()


def secured(*alternatives: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return one(components={"securitySchemes": SCHEMES}, security=list(alternatives), **rest)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_not_on_a_redirect(scheme: str, serve: Serve) -> None:
    other = serve(json_reply({}))
    first = serve(reply(302, b"", [("Location", other.url.replace("127.0.0.1", "localhost") + "/x")]))
    with Client(
        secured({scheme: []}), server=first.url, credentials={scheme: VALUES[scheme]}, validate=OFF
    ) as client:
        assert client.send("op").status == 302
    assert len(first.requests) == 1
    assert SECRET in first.requests[0].raw.decode() or ENCODED in first.requests[0].raw.decode()
    assert other.connections == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_not_by_a_servers_entry(scheme: str, serve: Serve) -> None:
    other, own = serve(json_reply({})), serve(json_reply({}))
    tree = secured(
        {scheme: []}, servers=[{"url": own.url}], operation={"servers": [{"url": other.url + "/there"}]}
    )
    with Client(tree, credentials={scheme: VALUES[scheme]}) as client:
        client.call("op")
    assert own.connections == 0
    assert other.requests[0].target == "/there/x"
    text = other.requests[0].raw.decode()
    assert SECRET not in text
    assert ENCODED not in text
    assert "Authorization" not in text


def test_an_entry_on_the_same_origin_gets_the_credential(serve: Serve) -> None:
    own = serve(json_reply({}))
    tree = secured(
        {"header": []}, servers=[{"url": own.url}], operation={"servers": [{"url": own.url + "/v2"}]}
    )
    with Client(tree, credentials={"header": SECRET}) as client:
        client.call("op")
    assert (own.requests[0].target, own.requests[0].all("X-Key")) == ("/v2/x", [SECRET])


def test_the_server_that_the_user_named_is_the_server(serve: Serve) -> None:
    other, own = serve(json_reply({})), serve(json_reply({}))
    tree = secured({"header": []}, operation={"servers": [{"url": other.url}]})
    with Client(tree, server=own.url, credentials={"header": SECRET}) as client:
        client.call("op")
    assert other.connections == 0
    assert own.requests[0].all("X-Key") == [SECRET]


def test_not_to_where_the_document_or_a_part_of_it_is_read(serve: Serve) -> None:
    part = serve(json_reply({"type": "integer"}))
    tree = secured({name: [] for name in SCHEMES}, answer={"$ref": f"{part.url}/part.json"})
    where = serve(json_reply(tree))
    client = Client(
        f"{where.url}/openapi.json", server=where.url, credentials=VALUES, ref_hosts=["127.0.0.1"]
    )
    assert not [each for each in client.findings if "asked for together" not in each.message]
    for server in (part, where):
        text = server.requests[0].raw.decode()
        assert SECRET not in text
        assert ENCODED not in text
        assert len(server.requests) == 1
    client.close()


def test_what_a_session_holds_stays_with_the_server_too(serve: Serve) -> None:
    other, own = serve(json_reply({"type": "object"})), serve(json_reply({}))
    tree = secured(
        {"header": []},
        answer={"$ref": f"{other.url}/part.json"},
        servers=[{"url": own.url}],
        operation={"servers": [{"url": other.url}]},
    )
    session = requests.Session()
    session.auth = ("user", SECRET)
    session.headers.update({"X-Key": SECRET, "Cookie": f"sid={SECRET}", "User-Agent": "mine"})
    session.params = {"key": SECRET}
    session.cookies.set("token", SECRET)  # to any host, as requests does
    session.cookies.set("here", SECRET, domain="127.0.0.1")  # and to any of its ports
    tree["paths"]["/own"] = {"get": {"responses": {"200": {"description": ""}}}}
    with Client(tree, session=session, ref_hosts=["127.0.0.1"], validate=OFF) as client:
        client.findings  # noqa: B018
        client.call("op")
        client.call("GET /own")
    assert len(other.requests) == 2
    for request in other.requests:
        text = request.raw.decode()
        assert SECRET not in text
        assert ENCODED not in text
    assert other.requests[1].all("User-Agent") == ["mine"]
    assert own.requests[0].target == f"/own?key={SECRET}"
    assert own.requests[0].all("Authorization") == [f"Basic {ENCODED}"]
    session.close()


def test_netrc_never_takes_the_place_of_a_credential(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(json_reply({}))
    for scheme in ("bearer", "query"):
        with Client(secured({scheme: []}), server=server.url, credentials={scheme: SECRET}) as client:
            client.call("op")
    assert server.requests[0].all("Authorization") == [f"Bearer {SECRET}"]
    assert server.requests[1].all("Authorization") == []


# -- only the chosen alternative ---------------------------------------------------------------------

CHOICES: list[tuple[list[dict[str, Any]], list[str], set[str]]] = [
    ([{"header": []}, {"bearer": []}], ["header", "bearer"], {"header"}),
    ([{"bearer": []}, {"header": []}], ["header", "bearer"], {"bearer"}),
    ([{"header": []}, {"bearer": []}], ["bearer"], {"bearer"}),
    ([{"header": [], "query": []}, {"bearer": []}], ["header", "bearer"], {"bearer"}),
    ([{"header": [], "query": []}, {"bearer": []}], ["header", "query", "bearer"], {"header", "query"}),
    ([{}, {"header": []}], ["header", "bearer"], {"header"}),
    ([{"header": []}, {}], ["bearer"], set()),
    ([{}], ["header"], set()),
    ([], ["header"], set()),
    ([{"header": []}], [], set()),
    ([{"cookie": [], "signed": []}], ["cookie", "signed", "header"], {"cookie", "signed"}),
]
SIGNS = {
    "header": "X-Key: ",
    "bearer": "Authorization: ",
    "query": "api%20key=",
    "cookie": "sid=",
    "signed": "Content-Signature: ",
}


@pytest.mark.parametrize(("alternatives", "given_", "due"), CHOICES)
def test_only_the_chosen_alternative_is_sent(
    alternatives: list[dict[str, Any]], given_: list[str], due: set[str], serve: Serve
) -> None:
    server = serve(json_reply({}))
    with Client(
        secured(*alternatives), server=server.url, credentials={name: VALUES[name] for name in given_}
    ) as client:
        client.call("op")
    text = server.requests[0].raw.decode()
    assert {name for name, sign in SIGNS.items() if sign in text} == due
    assert text.count(SECRET) == len(due)


# -- a secret never shows ----------------------------------------------------------------------------


def shown(thing: Any) -> str:
    """All that a person, a log or a file may get to see of a thing."""
    texts = [repr(thing), str(thing), f"{thing}"]
    if isinstance(thing, BaseException):
        texts.append("".join(traceback.format_exception(type(thing), thing, thing.__traceback__)))
    return "\n".join([*texts, pickle.dumps(thing).decode("latin-1")])


NUMBER = {"parameters": [param("n", "query", {"type": "integer"})]}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_secret_never_shows(scheme: str, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(
        json_reply({}),
        json_reply({}, 401),
        json_reply([]),
        json_reply([]),
        reply(503),
        HANG_UP,
        json_reply({}),
    )
    tree = secured({scheme: []}, answer={"type": "object"}, operation=NUMBER)
    client = Client(
        tree,
        server=server.url.replace("//", f"//user:{SECRET}@"),
        credentials={scheme: VALUES[scheme]},
        retries=0,
    )
    seen: list[Any] = [client.send("op")]
    for error in (ApiError, ResponseInvalid):
        with pytest.raises(error) as caught:
            client.call("op")
        seen += [caught.value, caught.value.response]  # type: ignore[attr-defined]
    warned = Client(tree, server=server.url, credentials={scheme: VALUES[scheme]}, validate="warn", retries=0)
    seen.append(warned.send("op", n="x"))
    for _ in range(2):
        with pytest.raises(DynaclientError) as caught:
            client.call("op")
        seen.append(caught.value)
    with pytest.raises(RequestInvalid) as caught:
        client.call("op", n="x")
    seen.append(caught.value)
    nowhere = Client(tree, server=f"http://127.0.0.1:{closed_port()}", credentials={scheme: VALUES[scheme]})
    with pytest.raises(ConnectError) as caught:
        nowhere.call("op")
    seen.append(caught.value)
    client.close()
    warned.close()

    sent = server.requests[0].raw.decode()
    assert SECRET in sent or ENCODED in sent
    texts = [shown(each) for each in seen] + [repr(client), repr(client.op), str(client.op), caplog.text]
    texts += [f"{executor_of(client).credentials!r}", f"{client.findings!r}", repr(client.operations)]
    for text in texts:
        assert SECRET not in text
        assert ENCODED not in text
    assert "127.0.0.1" in caplog.text


def test_what_a_secret_is_kept_for_it_is_used_for(serve: Serve) -> None:
    """A client that was pickled still calls; an answer that was does not know the key."""
    server = serve(json_reply({}))
    client = pickle.loads(
        pickle.dumps(Client(secured({"header": []}), server=server.url, credentials={"header": SECRET}))
    )
    response = client.send("op")
    assert server.requests[0].all("X-Key") == [SECRET]
    assert response.request.headers["X-Key"] == SECRET
    assert pickle.loads(pickle.dumps(response)).request.headers["X-Key"] == "***"
    client.close()


def test_a_secret_in_the_address_of_a_document_never_shows(serve: Serve) -> None:
    server = serve(reply(404), json_reply([]), json_reply({"openapi": "9"}), json_reply(one()))
    url = server.url.replace("//", f"//user:{SECRET}@") + "/openapi.json"
    for _ in range(3):
        with pytest.raises(DocumentError) as caught:
            Client(url)
        assert SECRET not in shown(caught.value)
    client = Client(url)
    assert SECRET not in repr(client) + repr(client.document.root.place) + repr(client.findings)
    client.close()


ECHOES = {"message": {"type": "integer"}, "detail": {"maxLength": 3}}


@pytest.mark.parametrize("mode", ["strict", "warn"])
@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_server_that_says_the_secret_again(
    scheme: str, status: int, mode: Any, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """As it came, alone, and where the message about it cuts it off."""

    def echo(request: Recorded) -> bytes:
        cut = "x" * 54 + SECRET + "x" * 30
        return json_reply(
            {"message": f"bad key {SECRET}", "detail": request.raw.decode(), "cut": cut}, status
        )

    caplog.set_level(logging.DEBUG)
    server = serve(echo)
    properties = {**ECHOES, "cut": {"type": "integer"}}
    tree = secured({scheme: []}, answer={"type": "object", "properties": properties})
    given = {scheme: VALUES[scheme]}
    with Client(tree, server=server.url, credentials=given, validate=mode, retries=0) as client:
        for stream in (False, True):
            told: list[Any] = []
            try:
                response = client.send("op", options={"stream": stream})
                _ = response.data
                told += [response.violations]
            except ResponseInvalid as error:
                told += [error, repr(error)]
            try:
                client.call("op")
            except (ApiError, ResponseInvalid) as error:
                told += [error, repr(error), "".join(traceback.format_exception(error))]
            text = "\n".join([*map(str, told), caplog.text])
            assert SECRET not in text
            assert SECRET[:5] not in text
            assert ENCODED not in text


MISTYPED = [
    "user:{}@host",
    "http://user:a/{}@host:99999",
    "htp://user:{}@host",
    "http//u:{}@h",
    "user:{}@h/x@y",
]


@pytest.mark.parametrize("server", MISTYPED)
def test_a_secret_in_a_mistyped_server_never_shows(server: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Client(secured({"header": []}), server=server.format(SECRET))
    assert SECRET not in shown(caught.value)


def test_a_secret_in_the_query_of_an_address_never_shows(serve: Serve) -> None:
    server = serve(json_reply([]), json_reply(one(answer={"$ref": "#/nowhere"})), json_reply({}))
    url = f"{server.url}/openapi.json?key={SECRET}"
    with pytest.raises(DocumentError) as caught:
        Client(url)
    assert SECRET not in shown(caught.value)
    with Client(url) as client:
        assert client.findings
        assert SECRET not in f"{client.findings!r} {client!r} {client.document!r} {client.operations!r}"
    token = ClientCredentials(url.replace("//", f"//user:{SECRET}@"), "id", SECRET)
    with pytest.raises(TransportError) as failed:
        token()
    assert SECRET not in f"{token!r} {failed.value!r}"
    assert all(f"key={SECRET}" in request.target for request in server.requests)
