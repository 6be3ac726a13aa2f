"""How many published documents open, and how many of their operations can be called.

Each document is opened in a process of its own; every operation is prepared in strict mode with generated
arguments, once with what is required and once with everything, and the prepared bytes are read back and
compared. An operation counts as callable only if both hold and no part of its request schemas was given up.
Where no value arrives as it was sent (an object of objects in a query), an empty one is sent.

    python tools/corpus.py petstore.yaml github.json.gz folder/ archive.tar.gz

With `--sandbox` each document is served instead, by its own sandbox, and a contract test runs against that
server: whatever it reports is a fault of ours, and the exit status is 1. What could not be checked, such as
a reference that leads nowhere, is named.

    python tools/corpus.py --sandbox ../shared/corpus

Beside that: a value is made for every documented JSON response and read back, the examples of JSON bodies are
held against their schemas, and openapi-core is asked about the requests of some operations (`--referee`).

An archive or a folder within holds one document in several files: its root is the shallowest file with an
`openapi` or `swagger` member.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from published.sandbox import SandboxRow, exercise
from published.unpacking import documents, unpacked

HEADING = (
    f"{'document':<58} {'version':<8} {'kB':>6} {'ops':>5} {'callable':>8} {'finds':>5} {'open ms':>7} "
    f"{'all s':>6} {'MB':>5}"
)
SANDBOX_HEADING = (
    f"{'document':<58} {'ops':>5} {'tried':>5} {'2xx':>5} {'sent':>6} {'failed':>6} {'unchecked':>9} {'s':>6}"
)
ASKED = {
    "responses": "made responses read back without a violation",
    "examples": "examples of JSON bodies meet their schema",
    "requests": "requests are right to openapi-core too",
}
SERVER = "https://corpus.invalid/base"


@dataclass
class Row:
    """What became of one document."""

    name: str
    version: str = ""
    size: int = 0
    operations: int = 0
    callable: int = 0
    findings: int = 0
    milliseconds: float = 0.0
    seconds: float = 0.0
    megabytes: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    """How many responses, examples and requests were looked at, and under `wrong ...` how many were wrong."""
    error: str = ""
    reasons: dict[str, str] = field(default_factory=dict)


class TooSlow(BaseException):
    """The time for one document is over; no `except Exception` on the way takes it for something else."""


def _stop(*_: Any) -> None:
    raise TooSlow


def measure(path: Path, seconds: int, judged: int) -> Row:
    """Open the document, prepare each of its operations, and say what became of it."""
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(seconds)
    try:
        return _measure(path, judged)
    except TooSlow:
        return Row(path.name, error=f"it takes longer than {seconds} s")
    finally:
        signal.alarm(0)


def _measure(path: Path, judged: int) -> Row:
    from dynaclient import Client, DocumentError

    row = Row(path.name)
    with tempfile.TemporaryDirectory() as scratch:
        root = unpacked(path, Path(scratch))
        row.size = root.stat().st_size
        packed = root.is_relative_to(scratch)
        begun = time.perf_counter()
        try:
            client = Client(str(root), server=SERVER, ref_folder=scratch if packed else None)
        except DocumentError as error:
            row.error = str(error).splitlines()[0]
            return row
        row.operations = len(client.operations)
        row.milliseconds = (time.perf_counter() - begun) * 1000
        row.version = str(client.document.tree.get("openapi", ""))
        for key in client.operations:
            reason = refusal(client, key)
            row.callable += not reason
            if reason:
                row.reasons[key] = reason
        row.seconds = time.perf_counter() - begun
        ask(client, row, judged)
        row.findings = len(client.findings)
    row.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return row


def ask(client: Any, row: Row, judged: int) -> None:
    """Count what the responses, the examples and openapi-core say of the operations."""
    from published.opinions import examples, referee, responses

    callable_ = [key for key in client.operations if key not in row.reasons]
    step = max(1, len(callable_) // judged) if judged else 1
    sample = {*callable_[::step][:judged]}
    for key in client.operations:
        operation = client.operations[key]
        for kind, opinions in (("responses", responses), ("examples", examples), ("requests", referee)):
            if kind == "requests" and key not in sample:
                continue
            for about, wrong in _caught(opinions(client, operation)):
                row.asked[kind] = row.asked.get(kind, 0) + 1
                if wrong:
                    row.asked[f"wrong {kind}"] = row.asked.get(f"wrong {kind}", 0) + 1
                    row.reasons[f"{key}, {kind}, {about}"] = wrong


def _caught(opinions: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    try:
        yield from opinions
    except Exception as error:
        yield "", f"BUG {type(error).__name__}: {error} {traceback.format_exc(limit=-2)!r}"


def refusal(client: Any, key: str) -> str:
    """Why the operation cannot be called; empty where it can."""
    from published.readback import differences

    from dynaclient import DynaclientError

    try:
        for optional in (False, True):
            for case in _cases(client, key, optional=optional):
                request = client.prepare(key, case.arguments, body=case.body, options=case.options)
                wrong = differences(client, case, request)
                if not wrong:
                    break
                if not _shares_names(case):  # where they do, nothing on the wire can say what was meant
                    return f"bytes: {wrong[0]}"
            else:
                return f"bytes: {wrong[0]}"
        return given_up(client, key)
    except DynaclientError as error:
        place = client.operations[key].node.place
        told = [each for each in client.document.findings if each.severity == "error"]
        named = [str(each) for each in told if each.pointer.startswith(place)]
        return named[0] if named else f"{type(error).__name__}: {' '.join(str(error).split())}"
    except Exception as error:
        return f"BUG {type(error).__name__}: {error} {traceback.format_exc(limit=-2)!r}"


def _cases(client: Any, key: str, *, optional: bool) -> Iterator[Any]:
    """A case as a contract run makes it; else one that only a caller would make.

    It has empty objects and arrays, which leave no trace, where nothing else arrives as it was sent, and
    bytes for a body that nobody writes here. Raises Unmakeable.
    """
    from dynaclient._support.missing import MISSING
    from dynaclient.contract.apart import is_opaque
    from dynaclient.contract.case import Case
    from dynaclient.contract.generation import Unmakeable, maker
    from dynaclient.generation.choices import Seeded

    unmakeable = None
    try:
        yield maker(client).valid(key, Seeded(1), optional=optional)
    except Unmakeable as error:
        unmakeable = error
    operation = client.operations[key]
    content = operation.body.content if operation.body else {}
    if any(not is_opaque(each) for each in content):
        if unmakeable:
            raise unmakeable
        body = maker(client).valid(key, Seeded(1), optional=False).body
    else:
        body = b"x" if content else MISSING
    arguments = {each.key: _value(client, operation, each) for each in operation.parameters if each.required}
    yield Case(key, arguments, body=body)


def _shares_names(case: Any) -> bool:
    """Whether two objects of `case` have a member of the same name: exploded, they are one parameter."""
    names = [name for value in case.arguments.values() if isinstance(value, dict) for name in value]
    return len(names) != len(set(names))


def _value(client: Any, operation: Any, parameter: Any) -> Any:
    """An empty value where the schema of a parameter allows one; else one that arrives as it was sent."""
    from dynaclient.contract.generation import maker
    from dynaclient.generation.choices import Seeded

    schema = parameter.value_schema
    empties: tuple[Any, ...] = ({}, []) if schema is not None else ()
    for empty in empties:
        if client.checkers.checker(schema, "request").is_valid(empty):
            return empty
    return maker(client).value(operation, parameter, Seeded(1))


def given_up(client: Any, key: str) -> str:
    """The finding that says that a part of the operation's request schemas was dropped; empty for none."""
    operation = client.operations[key]
    translator = client.checkers.translator("request")
    nodes = [each.value_schema for each in operation.parameters]
    nodes += [each.schema for each in operation.body.content.values()] if operation.body else []
    places = {
        translator.places[part].place
        for node in nodes
        if node is not None
        for part in translator.closure(translator.entry(node))
    }
    for finding in client.document.findings:
        dropped = "accepted here" in finding.meaning or "is not checked" in finding.meaning
        if dropped and any(finding.pointer.startswith(place) for place in places):
            return f"given up: {finding}"
    return ""


def served(path: Path, seconds: int, limits: dict[str, int]) -> SandboxRow:
    """Serve the document and test its sandbox, and say what was reported."""
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(seconds)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            root = unpacked(path, Path(scratch))
            packed = root.is_relative_to(scratch)
            return exercise(root, path.name, Path(scratch) if packed else None, limits)
    except TooSlow:
        return SandboxRow(path.name, error=f"it takes longer than {seconds} s")
    finally:
        signal.alarm(0)


def _served(job: tuple[Path, int, dict[str, int]]) -> dict[str, Any]:
    return asdict(served(*job))


def _measured(job: tuple[Path, int, int]) -> dict[str, Any]:
    return asdict(measure(*job))


def main() -> int:
    """Measure every document that is named, and print a row each and the totals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="documents, archives or folders")
    parser.add_argument("-v", "--verbose", action="store_true", help="say why an operation is not callable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON too")
    parser.add_argument(
        "-j", "--jobs", type=int, default=2, metavar="N", help="processes at a time (default 2)"
    )
    parser.add_argument(
        "-t", "--time", type=int, default=600, metavar="S", help="seconds for one document (default 600)"
    )
    parser.add_argument(
        "--referee", type=int, default=0, metavar="N", help="ask openapi-core about N operations of each"
    )
    parser.add_argument("--sandbox", action="store_true", help="test each document against its own sandbox")
    limits = parser.add_argument_group("with --sandbox")
    limits.add_argument(
        "--operations", type=int, default=40, metavar="N", help="of each document (default 40)"
    )
    limits.add_argument("--seconds", type=int, default=20, metavar="S", help="for each document (default 20)")
    limits.add_argument("--cases", type=int, default=20, metavar="N", help="of each operation (default 20)")
    limits.add_argument("--seed", type=int, default=0, metavar="N", help="where the cases start (default 0)")
    options = parser.parse_args()
    return _test_sandboxes(options) if options.sandbox else _measure_all(options)


def _test_sandboxes(options: argparse.Namespace) -> int:
    limits = {name: getattr(options, name) for name in ("operations", "seconds", "cases", "seed")}
    jobs = [(path, options.time, limits) for path in documents(options.files)]
    print(SANDBOX_HEADING)
    rows = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.jobs, maxtasksperchild=1) as pool:
        for told in pool.imap(_served, jobs):
            rows.append(SandboxRow(**told))
            show_sandbox(rows[-1])
    tried, succeeded = sum(row.tried for row in rows), sum(row.succeeded for row in rows)
    failed = sum(bool(row.failures) for row in rows)
    print(
        f"{sum(not row.error for row in rows)} of {len(rows)} documents served, {failed} with failures "
        f"({sum(len(row.failures) for row in rows)}); {tried} operations with "
        f"{sum(row.requests for row in rows)} requests, 2xx from {succeeded}; "
        f"{sum(len(row.unchecked) for row in rows)} places not checked"
    )
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 1 if failed or any(row.error for row in rows) else 0


def show_sandbox(row: SandboxRow) -> None:
    """Print the row, and all that was reported."""
    if row.error:
        print(f"{row.name:<58} {row.error}", flush=True)
        return
    print(
        f"{row.name:<58} {row.operations:>5} {row.tried:>5} {row.succeeded:>5} {row.requests:>6} "
        f"{len(row.failures):>6} {len(row.unchecked):>9} {row.seconds:>6.1f}",
        flush=True,
    )
    for said in row.failures:
        print(f"    {said}")
    for said in row.unchecked:
        print(f"    not checked: {said}")


def _measure_all(options: argparse.Namespace) -> int:
    jobs = [(path, options.time, options.referee) for path in documents(options.files)]
    print(HEADING)
    rows = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.jobs, maxtasksperchild=1) as pool:
        for told in pool.imap(_measured, jobs):
            row = Row(**told)
            rows.append(row)
            show(row, options.verbose)
    total = sum(row.operations for row in rows)
    good = sum(row.callable for row in rows)
    opened = sum(not row.error for row in rows)
    share = 100 * good / total if total else 0.0
    print(f"{opened} of {len(rows)} documents opened; {good} of {total} operations callable ({share:.2f} %)")
    for kind, meaning in ASKED.items():
        number = sum(row.asked.get(kind, 0) for row in rows)
        wrong = sum(row.asked.get(f"wrong {kind}", 0) for row in rows)
        if number:
            print(f"{number - wrong} of {number} {meaning}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def show(row: Row, verbose: bool) -> None:
    """Print the row, and the reasons behind it."""
    if row.error:
        print(f"{row.name:<58} {row.error}", flush=True)
        return
    print(
        f"{row.name:<58} {row.version:<8} {row.size // 1000:>6} {row.operations:>5} {row.callable:>8} "
        f"{row.findings:>5} {row.milliseconds:>7.0f} {row.seconds:>6.1f} {row.megabytes:>5}",
        flush=True,
    )
    if verbose:
        for key, reason in row.reasons.items():
            print(f"    {key}: {reason[:400]}")


if __name__ == "__main__":
    sys.exit(main())
