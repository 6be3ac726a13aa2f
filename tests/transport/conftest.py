"""A transport and a server that are closed when the test ends."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from dynaclient.transport.deadline import Timeout
from dynaclient.transport.reply import Reply
from dynaclient.transport.session import Transport


@pytest.fixture
def make() -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def build(**settings: object) -> Transport:
        made.append(Transport(**{"timeout": Timeout(total=20), **settings}))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for transport in made:
        transport.close()


@pytest.fixture
def transport(make: Callable[..., Transport]) -> Transport:
    return make()


def ask(
    transport: Transport,
    url: str,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    *,
    credential_chosen: bool = True,
    timeout: Timeout | None = None,
) -> Reply:
    """Prepare and send in one step."""
    request = transport.prepare(method, url, headers, body, credential_chosen=credential_chosen)
    return transport.send(request, timeout=timeout)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("makes its certificate with the openssl command, which is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([openssl, *command.split(), *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@pytest.fixture(scope="session")
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
