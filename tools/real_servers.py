"""Calls to real servers: install one, start it, open its own document, make, read, change and delete things.

    python tools/real_servers.py kinto
    python tools/real_servers.py all --keep scratch
    python tools/real_servers.py kinto --contract reports
    python tools/real_servers.py --list

Requests and responses are checked strictly. What the document forbids though the server does it is printed
and counted; only a call that does not do what it should is a failure. With --contract, each server is then
put to the contract test, and what that sees is written to a file. Takes minutes and a package index; else
nothing leaves this machine. Loopback needs node and npm: where they are not, `all` says that it was not run;
asked for by name, that is a failure. Exits 0 only if every call did what it should.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

import requests
from servers import SERVERS, Server
from servers.contract import Contract
from servers.installing import Unusable, tail
from servers.trip import Trip, summary

from dynaclient import Client, DynaclientError
from dynaclient._support.messages import pluralize

STARTING, STOPPING, CALLING = 180.0, 15.0, 30.0
"""Seconds that each may take; the last for one call."""

WELL, FAILED, NOT_RUN = "every call did what it should", "failed", "not run"


def install(server: Server, folder: Path) -> Path:
    """The server in `folder`. Gives the folder of what can be run. Raises Unusable."""
    return server.installer.install(server.packages, folder)


def versions(server: Server, programs: Path) -> str:
    """The installed versions, as `name version, ...`."""
    return ", ".join(f"{name} {server.installer.version(programs, name)}" for name in server.shown)


def environment(server: Server, folder: Path) -> dict[str, str]:
    """The environment of the server: none of the user's settings, and a home in the scratch folder."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    home = {name: str(folder) for name in ("HOME", "USERPROFILE", "PREFECT_HOME")}
    return {**kept, **home, **server.environment}


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(command: list[str], settings: Mapping[str, str], folder: Path, ready: str) -> Iterator[bytes]:
    """A running server, and what its `ready` gives; it and all that it started are stopped at the end."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield wait(process, ready, log)
        finally:
            stop(process)


def wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> bytes:
    """What `ready` gives once it responds with 200. Raises Unusable where that does not come to be."""
    until = time.monotonic() + STARTING
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                response = session.get(ready, timeout=10)
                if response.status_code == 200:
                    return response.content
            time.sleep(0.3)
    said = tail(log.read_text(errors="replace"))
    how = "ended" if process.poll() is not None else f"did not respond in {STARTING:.0f} seconds"
    raise Unusable(f"the server {how}:\n{said}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and its group: asked first, then without asking."""
    signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOPPING)
    signal_group(process, signal.SIGKILL)  # also what it left behind
    process.wait(STOPPING)


def signal_group(process: subprocess.Popen[bytes], kind: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, kind)


def visit(server: Server, keep: Path | None, contract: Contract | None = None) -> bool:
    """Install, start, call, test and stop one server. Gives whether all went as it should."""
    with tempfile.TemporaryDirectory(prefix=f"{server.name}-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        return called(server, install(server, keep / server.name if keep else folder), folder, contract)


def called(server: Server, programs: Path, folder: Path, contract: Contract | None) -> bool:
    """Start an installed server in `folder`, call, test and stop it."""
    shown = versions(server, programs)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = server.command(programs, folder, port)
    with started(command, environment(server, folder), folder, url + server.document) as document:
        settings = {"timeout": CALLING, **server.settings(url)}
        begun = time.perf_counter()
        client = Client(url + server.document, **settings)
        print(f"{shown}: {described(document, client, time.perf_counter() - begun)}")
        lenient = Client(client.document, **{**settings, "validate": {"request": "warn"}})
        anonymous = Client(client.document, server=client.server, timeout=CALLING)
        trip = Trip(client, lenient)
        with client, lenient, anonymous:
            travelled(server, trip, anonymous)
            if contract is not None:
                contract.test(server.name, client)
    print(summary(shown, trip), end="\n\n", flush=True)
    return not trip.failures


def travelled(server: Server, trip: Trip, anonymous: Client) -> None:
    """Make the calls; one that cannot be made ends them, and is a failure: the next server still comes."""
    try:
        server.travel(trip, anonymous)
    except DynaclientError as error:
        trip.holds(f"{type(error).__name__}: {error}", False)
    except Exception:
        trip.holds(f"the calls can be made and read:\n{tail(traceback.format_exc())}", False)


def described(document: bytes, client: Client, seconds: float) -> str:
    """What was opened."""
    holds = f"{pluralize(len(client.operations), 'operation')}, {pluralize(len(client.findings), 'finding')}"
    return (
        f"{version(document)}, {holds}, "
        f"fetched and opened in {seconds * 1000:.0f} ms, called at {client.server}"
    )


def version(document: bytes) -> str:
    """Which specification a document in JSON follows, as it says itself."""
    stated = json.loads(document)
    return f"OpenAPI {stated['openapi']}" if "openapi" in stated else f"Swagger {stated['swagger']}"


def named(names: list[str]) -> list[Server]:
    """The servers that `names` mean. Raises Unusable for one that is not known."""
    unknown = [name for name in names if name not in (*SERVERS, "all")]
    if unknown or not names:
        raise Unusable(f"known are {', '.join(SERVERS)} and all, not {', '.join(unknown) or 'nothing'}")
    return list(SERVERS.values()) if "all" in names else [SERVERS[name] for name in names]


def outcome(server: Server, keep: Path | None, asked: bool, contract: Contract | None = None) -> str:
    """How the visit of one server ended. One that `all` brought is not run where its installer is lacking."""
    lacking = server.installer.lacking()
    if lacking and not asked:
        print(f"{server.name}: NOT RUN: {lacking}", end="\n\n", flush=True)
        return NOT_RUN
    try:
        return WELL if visit(server, keep, contract) else FAILED
    except (Unusable, DynaclientError) as error:  # the next one still can be visited
        print(f"{server.name}: FAILED: {error}", end="\n\n", flush=True)
        return FAILED


def account(outcomes: Mapping[str, str]) -> str:
    """One line on how the visits ended, each server named."""
    ended = {how: [name for name in outcomes if outcomes[name] == how] for how in (WELL, FAILED, NOT_RUN)}
    return "; ".join(f"{how}: {', '.join(names) or 'none'}" for how, names in ended.items())


def main() -> int:
    """Visit the servers that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(SERVERS)} or all")
    parser.add_argument("--list", action="store_true", help="name the servers and their versions")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="install there, and reuse what is there")
    parser.add_argument("--contract", type=Path, metavar="DIR", help="test the contract, report there")
    parser.add_argument("--max-time", type=float, default=60, metavar="SECONDS", help="of that test: 60")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="test only these")
    options = parser.parse_args()
    logging.getLogger("dynaclient").addHandler(logging.NullHandler())  # violations are printed here
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a server does not outlive us
    if options.list:
        for server in SERVERS.values():
            print(f"{server.name:<10} {' '.join(server.packages)}")
        return 0
    try:
        servers = named(options.names)
    except Unusable as error:
        parser.error(str(error))
    keep = options.keep.resolve() if options.keep else None
    asked, only = options.names, tuple(options.only)
    contract = Contract(options.contract.resolve(), options.max_time, only) if options.contract else None
    outcomes = {server.name: outcome(server, keep, server.name in asked, contract) for server in servers}
    print(account(outcomes))
    return 1 if FAILED in outcomes.values() else 0


if __name__ == "__main__":
    sys.exit(main())
