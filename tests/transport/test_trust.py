"""TLS: client keys with a pass phrase, an `ssl.SSLContext` of the user's, and proxies that want a user."""

from __future__ import annotations

import pickle
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client, ConnectError, Env, SettingsError
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import json_reply, one

PHRASE = "s3cr3t phrase ä"


class Asking:
    """Clients with these settings, one for each server that is asked."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}

    def client(self, url: str) -> Any:
        if url not in self._clients:
            settings = {"timeout": 20, "validate": "off", **self._settings}
            self._clients[url] = Client(one(), server=url, **settings)
        return self._clients[url]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


Make = Callable[..., Asking]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Asking] = []

    def build(**settings: Any) -> Asking:
        made.append(Asking(**settings))
        return made[-1]

    yield build
    for each in made:
        each.close()


def ask(asking: Asking, url: str) -> Any:
    return asking.client(url).send("op")


@pytest.fixture(scope="session")
def keys(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The certificate with its key, plain and encrypted, in one file and in two; and what is wrong."""
    folder = tmp_path_factory.mktemp("keys")
    openssl = shutil.which("openssl")
    assert openssl
    plain, bare = certificate.parent / "key.pem", certificate.parent / "cert.pem"

    def write(name: str, *command: str, text: bytes = b"") -> str:
        done = subprocess.run([openssl, *command], check=True, capture_output=True) if command else None
        (folder / name).write_bytes((done.stdout if done else b"") + text)
        return str(folder / name)

    phrase = f"pass:{PHRASE}"
    pkcs8 = write("pkcs8.pem", "pkcs8", "-topk8", "-in", str(plain), "-passout", phrase)
    wish = ["rsa", "-aes256", "-in", str(plain), "-passout", phrase]
    knows = b"-traditional" in subprocess.run([openssl, "rsa", "-help"], capture_output=True).stderr
    old = write("old.pem", *wish, *(["-traditional"] if knows else []))  # before 3.0 it is the only form

    return {
        "cert": str(bare),
        "key": str(plain),
        "both": str(certificate),
        "pkcs8": pkcs8,
        "old": old,
        "encrypted, in one file": write("one.pem", text=Path(pkcs8).read_bytes() + bare.read_bytes()),
        "other": write("other.pem", "genrsa", "2048"),
        "no PEM": write("no.pem", text=b"nothing"),
        "missing": str(folder / "missing.pem"),
    }


@pytest.fixture
def mutual(serve: Serve, certificate: Path) -> RawServer:
    """A server that answers nobody who shows no certificate."""
    return serve(reply(200, b"known"), context=asking(certificate))


def asking(certificate: Path) -> ssl.SSLContext:
    asks = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    asks.load_cert_chain(certificate)
    asks.verify_mode = ssl.CERT_REQUIRED
    return asks


GOOD: list[tuple[Any, ...]] = [
    ("cert", "pkcs8", PHRASE),
    ("cert", "old", PHRASE),
    ("encrypted, in one file", None, PHRASE),
    ("cert", "pkcs8", Env("OUR_PHRASE")),
    ("cert", "key", PHRASE),
    ("cert", "key"),
    ("cert", "key", None),
    ("both", None),
    ("both",),
]


@pytest.mark.parametrize("whose", ["ours", "a session's"])
@pytest.mark.parametrize("parts", GOOD)
def test_a_key_opens_with_its_pass_phrase(
    parts: tuple[Any, ...],
    whose: str,
    mutual: RawServer,
    make: Make,
    keys: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUR_PHRASE", PHRASE)
    cert: Any = tuple(keys.get(each, each) for each in parts)
    if len(cert) == 1:
        cert = Path(cert[0])
    with requests.Session() as session:
        given = {"session": session} if whose == "a session's" else {}
        transport = make(verify=keys["cert"], cert=cert, retries=0, **given)
        assert [ask(transport, mutual.url).content for _ in range(3)] == [b"known"] * 3
    assert mutual.connections == 1


BAD: list[tuple[tuple[Any, ...], str]] = [
    (("cert", "pkcs8"), "the key is encrypted; give its pass phrase"),
    (("cert", "old"), "the key is encrypted"),
    (("encrypted, in one file",), "the key is encrypted"),
    (("encrypted, in one file", None, None), "the key is encrypted"),
    (("cert", "pkcs8", "s3cr3t no"), "the key cannot be opened with this pass phrase"),
    (("cert", "old", "s3cr3t no"), "the key cannot be opened with this pass phrase"),
    (("cert", "pkcs8", "s3cr3t" * 500), "the key cannot be opened with this pass phrase"),
    (("cert", "other"), "the key is not that of the certificate"),
    (("cert", "other", "s3cr3t"), "the key is not that of the certificate"),
    (("cert", "no PEM"), "no certificate with its key is there"),
    (("no PEM", "key"), "no certificate with its key is there"),
    (("cert",), "no certificate with its key is there"),
    (("cert", "missing", "s3cr3t"), "cannot be read: No such file"),
    (("cert", "pkcs8", Env("OUR_PHRASE")), "the environment variable OUR_PHRASE is not set"),
]


@pytest.mark.parametrize("whose", ["ours", "a session's"])
@pytest.mark.parametrize(("parts", "told"), BAD)
def test_one_that_does_not_is_told_by_its_name_and_nothing_is_asked_at_the_terminal(
    parts: tuple[Any, ...], told: str, whose: str, mutual: RawServer, make: Make, keys: dict[str, str]
) -> None:
    """OpenSSL would ask for a pass phrase where Python gives none, and wait for ever."""
    cert: Any = tuple(keys.get(each, each) for each in parts)
    with requests.Session() as session:
        given = {"session": session} if whose == "a session's" else {}
        transport = make(verify=keys["cert"], cert=cert[0] if len(cert) == 1 else cert, **given)
        with pytest.raises(SettingsError) as caught:
            ask(transport, mutual.url)
    assert told in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "OUR_PHRASE" in told or str(caught.value).startswith("cert=")
    assert mutual.requests == []


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("whose", ["ours", "a session's"])
@pytest.mark.parametrize(("verify", "works"), [(False, True), (True, False), (None, False), ("cert", True)])
def test_whom_a_client_with_a_pass_phrase_trusts(
    verify: Any, works: bool, whose: str, mutual: RawServer, make: Make, keys: dict[str, str]
) -> None:
    """As with a key that has none: a folder, a bundle, nobody or those that requests brings."""
    cert = (keys["cert"], keys["pkcs8"], PHRASE)
    with requests.Session() as session:
        given = {"session": session} if whose == "a session's" else {}
        transport = make(verify=keys.get(verify, verify), cert=cert, retries=0, **given)
        if works:
            assert ask(transport, mutual.url).content == b"known"
        else:
            with pytest.raises(ConnectError, match="certificate is not trusted"):
                ask(transport, mutual.url)


def test_a_bundle_that_is_not_there_is_told(mutual: RawServer, make: Make, keys: dict[str, str]) -> None:
    transport = make(verify=keys["missing"], cert=(keys["cert"], keys["pkcs8"], PHRASE))
    with pytest.raises(SettingsError, match=r"verify=: .* cannot be used: No such file"):
        ask(transport, mutual.url)


def test_a_certificate_that_the_environment_trusts(
    mutual: RawServer, make: Make, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", keys["cert"])
    assert ask(make(cert=(keys["cert"], keys["pkcs8"], PHRASE)), mutual.url).content == b"known"


def test_a_pass_phrase_is_pickled_by_reference(keys: dict[str, str]) -> None:
    cert = (keys["cert"], keys["pkcs8"], Env("OUR_PHRASE"))
    assert b"OUR_PHRASE" in pickle.dumps(Client(one(), server="https://h.test", cert=cert))


# -- a context


def context_of(keys: dict[str, str], *, shows: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=keys["cert"])
    if shows:
        context.load_cert_chain(keys["cert"], keys["pkcs8"], PHRASE)
    return context


@pytest.mark.parametrize("whose", ["ours", "a session's", "an adapter's of another class"])
def test_a_context_is_taken_as_verify(
    whose: str, mutual: RawServer, make: Make, keys: dict[str, str]
) -> None:
    class Own(requests.adapters.HTTPAdapter):
        pass

    with requests.Session() as session:
        if whose.startswith("an"):
            session.mount("https://", Own())
        given = {} if whose == "ours" else {"session": session}
        transport = make(verify=context_of(keys), retries=0, **given)
        assert [ask(transport, mutual.url).content for _ in range(3)] == [b"known"] * 3
    assert mutual.connections == 1


def test_what_a_context_does_not_trust_is_not_trusted(serve: Serve, tls: ssl.SSLContext, make: Make) -> None:
    server = serve(reply(200), context=tls)
    with pytest.raises(ConnectError, match="certificate is not trusted"):
        ask(make(verify=ssl.create_default_context(), retries=0), server.url)
    assert server.requests == []


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_context_that_checks_nothing_checks_nothing(serve: Serve, tls: ssl.SSLContext, make: Make) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    assert ask(make(verify=context), serve(reply(200, b"x"), context=tls).url).content == b"x"
    assert context.verify_mode == ssl.CERT_NONE


def test_the_session_works_without_it_as_before(
    serve: Serve, tls: ssl.SSLContext, make: Make, keys: Any
) -> None:
    """Connections are kept by context: what one trusts, another does not."""
    server = serve(reply(200, b"x"), context=tls)
    with requests.Session() as session:
        assert ask(make(session=session, verify=context_of(keys)), server.url).content == b"x"
        with pytest.raises(requests.exceptions.SSLError):
            session.get(server.url)
        with pytest.raises(ConnectError):
            ask(make(session=session, retries=0), server.url)
        assert session.get(server.url, verify=keys["cert"]).content == b"x"
    assert len(server.requests) == 2


@pytest.mark.parametrize("given", [False, True])
def test_the_certificate_in_a_context_goes_to_no_other_server(
    given: bool, serve: Serve, certificate: Path, keys: dict[str, str]
) -> None:
    """The credential of `mutualTLS` goes to no other origin. That server is trusted all the same."""
    shown: list[bool] = []
    wants = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    wants.load_cert_chain(certificate)
    wants.verify_mode = ssl.CERT_OPTIONAL
    mutual, other = serve(reply(200), context=asking(certificate)), serve(reply(200), context=wants)

    _note(other, shown)
    with requests.Session() as session:
        settings = {"session": session} if given else {}
        transport = Transport(verify=context_of(keys), retries=0, **settings)
        for server, trusted, named in ((mutual, True, False), (other, False, False), (other, False, True)):
            request = transport.prepare(
                "GET", server.url, [], None, credential_chosen=False, trusted=trusted, named=named
            )
            assert transport.send(request).status == 200
        transport.close()
    assert shown == [False, True]


def _note(server: RawServer, shown: list[bool]) -> None:
    """Whether each connection shows a certificate."""
    context: Any = server._context

    class Noting:
        def wrap_socket(self, sock: Any, **settings: Any) -> Any:
            made = context.wrap_socket(sock, **settings)
            shown.append(bool(made.getpeercert()))
            return made

    server._context = Noting()  # type: ignore[assignment]


def test_a_context_and_a_certificate_are_one_too_many(keys: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="load the certificate into it"):
        Client(one(), server="https://h.test", verify=context_of(keys), cert=keys["both"])


def test_a_context_cannot_be_pickled_and_that_is_said(keys: dict[str, str]) -> None:
    client = Client(one(), server="https://h.test", verify=context_of(keys, shows=False))
    with pytest.raises(SettingsError, match="give paths as verify and cert"):
        pickle.dumps(client)


def test_a_client_with_a_context(mutual: RawServer, keys: dict[str, str]) -> None:
    tree = one(answer={}, components={"securitySchemes": {"m": {"type": "mutualTLS"}}}, security=[{"m": []}])
    with Client(tree, server=mutual.url, verify=context_of(keys), validate="off") as client:
        assert client.send("op").content == b"known"


def test_a_server_that_got_no_certificate_is_told_as_that(
    mutual: RawServer, make: Make, keys: dict[str, str]
) -> None:
    with pytest.raises(ConnectError, match=r"cert=|closed the connection|was lost"):
        ask(make(verify=keys["cert"], retries=0), mutual.url)


# -- a proxy that wants a user

WANTS = reply(407, b"who?", [("Proxy-Authenticate", 'Basic realm="s3cr3t-realm"')])
TOLD = r"the proxy asks for a user and a password, or other ones \(407\).*proxies="


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("user", ["", "me:s3cr3t-password@"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_407_of_a_proxy(scheme: str, user: str, given: bool, stream: bool, serve: Serve) -> None:
    proxy = serve(WANTS)
    through = {scheme: proxy.url.replace("//", f"//{user}")}
    with requests.Session() as session:
        settings: dict[str, Any] = {"session": session} if given else {}
        tree = one(answers={"407": {"description": ""}, "default": {"description": ""}})
        client = Client(tree, server=f"{scheme}://api.test", proxies=through, **settings)
        with client, pytest.raises(ConnectError, match=TOLD) as caught:
            client.send("op", options={"stream": stream})
    assert caught.value.sent is False
    assert "s3cr3t" not in str(caught.value)
    assert len(proxy.requests) == 1  # asking again would not help


def test_a_407_of_a_proxy_of_the_environment(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(WANTS)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with Client(one(), server="http://api.test") as client, pytest.raises(ConnectError, match=TOLD):
        client.call("op")


@pytest.mark.parametrize("status", [400, 403, 502, 503])
def test_another_refusal_of_a_proxy_has_its_status(status: int, serve: Serve) -> None:
    proxy = serve(reply(status))
    client = Client(one(), server="https://api.test", proxies={"https": proxy.url}, retries=1)
    told = f"the proxy rejected it with {status}"
    with client, pytest.raises(ConnectError, match=told):
        client.call("op")
    assert len(proxy.requests) == (1 if status < 500 else 2)


@pytest.mark.parametrize("proxied", [False, True])
def test_a_407_of_a_server_is_its_answer(
    proxied: bool, serve: Serve, tls: ssl.SSLContext, certificate: Path
) -> None:
    """Without a proxy, or inside TLS, it comes from the server: an answer as another."""
    server = serve(WANTS, context=tls if proxied else None)
    through = {"https": _tunnel(serve, server).url} if proxied else None
    with Client(one(), server=server.url, proxies=through, verify=str(certificate)) as client:
        assert client.send("op").status == 407


def _tunnel(serve: Serve, server: RawServer) -> RawServer:
    """A proxy that lets everything through to a server."""
    import contextlib
    import socket
    import threading

    proxy: RawServer = serve()

    def connect(plain: socket.socket, number: int) -> None:
        with plain, socket.create_connection(("127.0.0.1", server.port)) as far:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += plain.recv(1)
            plain.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")

            def pump(one_: socket.socket, other: socket.socket) -> None:
                with contextlib.suppress(OSError):
                    while data := one_.recv(65536):
                        other.sendall(data)
                    other.shutdown(socket.SHUT_WR)

            back = threading.Thread(target=pump, args=(far, plain), daemon=True)
            back.start()
            pump(plain, far)
            back.join(5)

    proxy._serve = connect  # type: ignore[method-assign]
    return proxy


@pytest.mark.parametrize("given", [False, True])
def test_a_context_and_a_pass_phrase_hold_through_a_proxy(
    given: bool, serve: Serve, mutual: RawServer, keys: dict[str, str]
) -> None:
    trusts: list[dict[str, Any]] = [
        {"verify": context_of(keys)},
        {"verify": keys["cert"], "cert": (keys["cert"], keys["pkcs8"], PHRASE)},
    ]
    for trust in trusts:
        proxies = {"https": _tunnel(serve, mutual).url}
        with requests.Session() as session:
            settings = {"session": session} if given else {}
            with Client(
                one(), server=mutual.url, proxies=proxies, validate="off", **trust, **settings
            ) as client:
                assert client.send("op").content == b"known"


def test_a_proxy_that_lets_it_through(serve: Serve) -> None:
    def answer(request: Recorded) -> bytes:
        return json_reply({}) if request.header("Proxy-Authorization") else WANTS

    proxy = serve(answer)
    through = {"http": proxy.url.replace("//", "//me:s3cr3t@")}
    with Client(one(answer={}), server="http://api.test", proxies=through) as client:
        assert client.call("op") == {}
