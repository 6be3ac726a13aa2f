"""Whether another version sends the same bytes and finds the same violations.

    python tools/same.py record before.jsonl.gz petstore.yaml folder/ archive.tar.gz
    python tools/same.py compare before.jsonl.gz petstore.yaml folder/ archive.tar.gz

`record` makes arguments for each operation and responses for each documented JSON body, valid and invalid
ones, and keeps them with the request that was prepared and what was found. `compare` gives the same to this
version, by public names alone, and exits with 1 where the request, or where and what is violated, is another.
The texts of messages are not compared. `--suite ARCHIVE` adds the JSON Schema test suite, with both checkers.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import io
import json
import logging
import multiprocessing
import pickle
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from published.unpacking import documents, unpacked

from dynaclient import Client, DynaclientError, RequestInvalid

SERVER = "https://same.invalid/base"
WRONG = 4
"""How many wrong values are made of a right one."""

Entry = dict[str, Any]
"""One line of a recording: `document`, `operation`, `given` (pickled, base64), and `found`."""


class Canned(requests.adapters.BaseAdapter):
    """Answers every request with what it was told."""

    status, kind, content = 200, "", b""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.request, response.url = self.status, request, str(request.url)
        response.headers["Content-Type"] = self.kind
        response.raw = io.BytesIO(self.content)
        return response

    def close(self) -> None:
        pass


def opened(source: Any, **settings: Any) -> tuple[Client, Canned]:
    """A client whose every answer is canned; it collects what is wrong with them."""
    logging.getLogger("dynaclient").disabled = True  # what is found is looked at, not logged
    canned, session = Canned(), requests.Session()
    session.mount("https://", canned)
    modes: Any = {"request": "strict", "response": "warn"}
    return Client(source, server=SERVER, session=session, validate=modes, retries=0, **settings), canned


def request_of(client: Client, key: str, given: Entry) -> Any:
    """What is sent, or what is wrong with it; the boundary of parts, which is random, by a word."""
    try:
        made = client.prepare(key, given["arguments"], **given["rest"])
    except RequestInvalid as error:
        return violations(error)
    except DynaclientError as error:
        return type(error).__name__
    body: Any = made.body or b""
    content = (
        body.encode() if isinstance(body, str) else bytes(body) if isinstance(body, bytes) else b"".join(body)
    )
    head = json.dumps(sorted(made.headers.items()))
    if boundary := re.search(r"boundary=(\w+)", head):
        head, content = head.replace(boundary[1], "-"), content.replace(boundary[1].encode(), b"-")
    return [made.method, made.url, head, base64.b64encode(content).decode()]


def response_of(client: Client, canned: Canned, key: str, given: Entry) -> Any:
    """What is found in a response, and its data."""
    canned.status, canned.kind, canned.content = given["status"], given["kind"], given["content"]
    try:
        response = client.send(key, given["arguments"], **given["rest"])
    except DynaclientError as error:
        return type(error).__name__
    return [violations(response), repr(response.data)[:2000]]


def violations(holder: Any) -> list[list[str]]:
    """Where and what is violated, without the words."""
    return sorted([each.where, each.name, each.pointer, each.schema_pointer] for each in holder.violations)


def found(client: Client, canned: Canned, key: str, given: Entry) -> Any:
    """What this version makes of it."""
    if "content" in given:
        return response_of(client, canned, key, given)
    return request_of(client, key, given)


# -- recording ----------------------------------------------------------------------------------------


def made(client: Client) -> Iterator[tuple[str, Entry]]:
    """Arguments for each operation, with what is required and with all, right and wrong; and responses."""
    from dynaclient.contract.generation import maker

    for key in client.operations:
        for optional in (False, True):
            try:
                case = maker(client).valid(key, _seeded(), optional=optional)
            except Exception as error:  # nothing is made where the document contradicts itself
                print(f"{key}: {error}", file=sys.stderr)
                continue
            rest = {"options": case.options}
            if type(case.body).__name__ not in ("_Missing", "Missing"):  # which other versions may not know
                rest["body"] = case.body
            yield key, {"arguments": dict(case.arguments), "rest": rest}
            for name in case.arguments:
                wrong = {**case.arguments, name: {"odd": [object.__name__]}}
                yield key, {"arguments": wrong, "rest": rest}
            if not optional:
                for content in responses(client, key):
                    yield key, {"arguments": dict(case.arguments), "rest": rest, **content}


def responses(client: Client, key: str) -> Iterator[Entry]:
    """A right response for each documented JSON body, and some wrong ones."""
    from dynaclient.generation.factory import Maker

    making = Maker(client.document, client.checkers, "response")
    for answer in client.operations[key].responses:
        status = int(answer.status) if answer.status.isdigit() else 200
        for kind, media in answer.content.items():
            if media.schema is None or "json" not in kind or "*" in kind or not 200 <= status < 600:
                continue
            try:
                value = making.value(media.schema, _seeded())
                wrong = [
                    each.value
                    for each, _ in zip(
                        making.mutations(media.schema, _seeded(), value), range(WRONG), strict=False
                    )
                ]
            except Exception as error:
                print(f"{key} {status}: {error}", file=sys.stderr)
                continue
            for each in (value, *wrong):
                yield {"status": status, "kind": kind, "content": json.dumps(each).encode()}


def _seeded() -> Any:
    from dynaclient.generation.choices import Seeded

    return Seeded(1)


def suite(archive: Path) -> Iterator[tuple[str, Any, list[Any]]]:
    """Name, document and values of each group of the JSON Schema test suite."""
    with tarfile.open(archive) as packed:
        for member in sorted(packed.getnames()):
            drafts = {"draft4": "3.0.3", "draft2020-12": "3.1.0"}
            version = next((drafts[each] for each in drafts if f"/{each}/" in f"/{member}"), "")
            file = packed.extractfile(member) if version and member.endswith(".json") else None
            groups = json.load(file) if file else ()
            for group in groups if isinstance(groups, list) else ():  # what is no list is referred to by some
                content = {"application/json": {"schema": group["schema"]}}
                operation = {
                    "operationId": "op",
                    "responses": {"200": {"description": "", "content": content}},
                }
                tree = {
                    "openapi": version,
                    "info": {"title": "", "version": ""},
                    "paths": {"/": {"get": operation}},
                }
                yield f"{member} {group['description']}", tree, [test["data"] for test in group["tests"]]


# -- one document, in a process of its own ------------------------------------------------------------


def _record(job: tuple[Path, None]) -> list[Entry]:
    with tempfile.TemporaryDirectory() as scratch:
        client, canned = _client(job[0], scratch)
        if client is None:
            return []
        return [
            {
                "document": job[0].name,
                "operation": key,
                "given": base64.b64encode(pickle.dumps(given)).decode(),
                "found": _placed(found(client, canned, key, given), scratch),
            }
            for key, given in made(client)
        ]


def _compare(job: tuple[Path, list[Entry]]) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        client, canned = _client(job[0], scratch)
        if client is None:
            return [f"{job[0].name}: it does not open"] if job[1] else []
        told = []
        for entry in job[1]:
            given = pickle.loads(base64.b64decode(entry["given"]))
            now = _placed(found(client, canned, entry["operation"], given), scratch)
            if now != entry["found"]:
                told.append(f"{job[0].name} {entry['operation']}: was {entry['found']}, is {now}")
        return told


def _placed(what: Any, scratch: str) -> Any:
    """What was found as JSON has it, without the folder that an archive was unpacked to."""
    return json.loads(json.dumps(what).replace(scratch, "-"))


def _client(path: Path, scratch: str) -> tuple[Any, Any]:
    root = unpacked(path, Path(scratch))
    try:
        return opened(str(root), ref_folder=scratch if root.is_relative_to(scratch) else None)
    except DynaclientError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return None, None


def _suite(archive: Path) -> dict[str, Any]:
    """What both checkers find in the cases of the suite."""
    verdicts: dict[str, Any] = {}
    for name, tree, values in suite(archive):
        for checker in ("rust", "python"):
            try:
                client, canned = opened(tree, validate_with=checker)
            except DynaclientError as error:
                verdicts[f"{name} {checker}"] = type(error).__name__
                continue
            given: Entry = {"arguments": {}, "rest": {}, "status": 200, "kind": "application/json"}
            contents = [json.dumps(value).encode() for value in values]
            verdicts[f"{name} {checker}"] = [
                response_of(client, canned, "op", {**given, "content": each}) for each in contents
            ]
    return verdicts


def main() -> int:
    """Record, or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("record", "compare"))
    parser.add_argument("recording", type=Path, metavar="RECORDING")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="documents, archives or folders")
    parser.add_argument("--suite", type=Path, metavar="ARCHIVE", help="the JSON Schema test suite, packed")
    parser.add_argument("-j", "--jobs", type=int, default=2, metavar="N", help="processes (default 2)")
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=1) as pool:
        run = record if options.what == "record" else compare
        return run(options, pool)


def record(options: argparse.Namespace, pool: Any) -> int:
    """Write a recording."""
    count = 0
    with gzip.open(options.recording, "wt") as file:
        for entries in pool.imap(_record, [(path, None) for path in documents(options.files)]):
            count += len(entries)
            file.writelines(json.dumps(entry) + "\n" for entry in entries)
        verdicts = _suite(options.suite) if options.suite else {}
        for name, verdict in verdicts.items():
            file.write(json.dumps({"suite": name, "found": verdict}) + "\n")
    print(f"{count} requests and responses, {len(verdicts)} groups of the suite recorded")
    return 0


def compare(options: argparse.Namespace, pool: Any) -> int:
    """Say what is another than in a recording."""
    by_name: dict[str, list[Entry]] = {}
    groups = {}
    with gzip.open(options.recording, "rt") as file:
        for line in file:
            entry = json.loads(line)
            if "suite" in entry:
                groups[entry["suite"]] = entry["found"]
            else:
                by_name.setdefault(entry["document"], []).append(entry)
    told = []
    jobs = [(path, by_name.get(path.name, [])) for path in documents(options.files)]
    for differences in pool.imap(_compare, jobs):
        told += differences
    if options.suite:
        now = json.loads(json.dumps(_suite(options.suite)))
        told += [
            f"{name}: was {groups.get(name)}, is {now[name]}" for name in now if now[name] != groups.get(name)
        ]
    for line in told:
        print(line[:600])
    print(
        f"{sum(len(job[1]) for job in jobs)} requests and responses, {len(groups)} groups; {len(told)} differ"
    )
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
