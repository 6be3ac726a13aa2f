"""What is run as a whole process: the arguments of a Python interpreter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Arguments = tuple[str, ...]


def code(*lines: str) -> Arguments:
    return ("-c", "\n".join(lines))


REQUESTS = code("import requests")
HEADERS = {"Authorization": "ApiKey-v1 s3cr3t"}
"""What the document of Talon.One asks for."""


def opening(target: dict[str, Any]) -> Arguments:
    """Import, open, prepare one request."""
    return code(*_client(target), f"client.prepare({_call(target)})")


def first_call(target: dict[str, Any]) -> Arguments:
    """Import, open, call."""
    return code(*_client(target), f"client.call({_call(target)})")


def first_call_requests(target: dict[str, Any]) -> Arguments:
    """Import requests, call."""
    method, url, body = target["method"], target["url"], target["body"]
    return code("import requests", f"requests.Session().request({method!r}, {url!r}, json={body!r}).json()")


def first_call_sdk(target: dict[str, Any], sdk: str) -> Arguments:
    """Import the generated SDK in the folder `sdk`, make its objects, call."""
    return code(
        f"import sys; sys.path.insert(0, {sdk!r})",
        "import talon_one",
        f"settings = talon_one.Configuration(host={_server(target)!r})",
        f"settings.api_key[{target['scheme']!r}] = {HEADERS['Authorization']!r}",
        "api = talon_one.IntegrationApi(talon_one.ApiClient(settings))",
        f"body = talon_one.IntegrationRequest.from_dict({target['body']!r})",
        f"api.update_customer_session_v2({target['parameters']['customerSessionId']!r}, body)",
    )


def opening_aiopenapi3(target: dict[str, Any]) -> Arguments:
    """Import, open, find the operation."""
    return code(
        "import httpx2, aiopenapi3",
        f"text = open({target['document']!r}).read()",
        f"name = 'http://127.0.0.1/openapi.{target['document'].rpartition('.')[2]}'",
        "api = aiopenapi3.OpenAPI.loads(name, text, session_factory=httpx2.Client)",
        f"getattr(api._, {target['operation']!r})",
    )


def opening_openapi_core(target: dict[str, Any], *, check: bool) -> Arguments:
    """Import, open, check one request. `check`: its check of the document, which is on as shipped."""
    settings = "" if check else ", config=openapi_core.Config(spec_validator_cls=None)"
    method, path, body = target["method"], target["path"], target["body"]
    return code(
        "import requests, openapi_core",
        "from openapi_core.contrib.requests import RequestsOpenAPIRequest as Checked",
        f"api = openapi_core.OpenAPI.from_file_path({target['document']!r}{settings})",
        f"url = api.spec['servers'][0]['url'].rstrip('/') + {path!r}",
        f"request = requests.Request({method!r}, url, json={body!r}, headers={HEADERS!r})",
        "api.validate_request(Checked(request.prepare()))",
    )


def first_use(document: str, of: str, depth: int = 0, *, together: bool = False) -> Arguments:
    """How long the first use of an operation takes in an open client: `max` or `median` of some of them.

    Five operations, each used for the first time in a client of its own; the document is opened once. The
    very first also imports what checking needs, and is the worst for that. `together`: all, in one client.
    `depth`: how deep the answers are.
    """
    return code(
        "import statistics, sys, time, jsonschema_rs, requests",
        f"sys.path.append({str(Path(__file__).parents[1])!r})",
        "from bench.documents import node",
        "from dynaclient import Client",
        f"first = client = Client({document!r}, server='http://127.0.0.1')",
        "taken = []",
        f"for number, key in list(enumerate(first.operations))[::{1 if together else 90}]:",
        f"    client = {'first' if together else 'Client(first.document, server=first.server)'}",
        "    operation = client.operations[key]",
        f"    value = node(number, {depth})",
        "    start = time.process_time()",
        f"    {USE}",
        "    taken.append(time.process_time() - start)",
        f"print('cpu=', statistics.median(taken) if {of!r} == 'median' else max(taken), sep='')",
    )


USE = (
    "client.prepare(key); "
    "[client.checkers.checker(each.schema, 'response').is_valid(value) "
    "for response in operation.responses for each in response.content.values()]"
)
"""Use of one operation without a server: its request is made, `value` is checked as each of its answers."""


def mcp_start(document: str) -> Arguments:
    """`dynaclient mcp` until it has listed its tools; what it reads stands on its standard input already."""
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    }
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    text = "".join(json.dumps(each) + "\n" for each in messages)
    return code(
        "import os",
        "reading, writing = os.pipe()",
        f"os.write(writing, {text.encode()!r})",
        "os.close(writing)",
        "os.dup2(reading, 0)",
        "from dynaclient.cli.main import main",
        f"main(['mcp', {document!r}])",
    )


def used_all(document: str) -> Arguments:
    """Every operation of the document used once by one client."""
    return code(
        "from dynaclient import Client",
        f"client = Client({document!r}, server='http://127.0.0.1')",
        "value = {}",
        "for key in client.operations:",
        "    operation = client.operations[key]",
        f"    {USE}",
    )


def timed_import(module: str) -> Arguments:
    """Only the import, without the start of the interpreter."""
    return code(
        "import time",
        "start = time.process_time()",
        f"import {module}",
        "print('cpu=', time.process_time() - start, sep='')",
    )


def opened(small: str, document: str) -> Arguments:
    """Opening a document in a process that has imported what it takes, and opened a small one."""
    return code(
        "import time",
        "from dynaclient import Client",
        f"Client({small!r}, server='http://127.0.0.1')",
        "start = time.process_time()",
        f"len(Client({document!r}, server='http://127.0.0.1').operations)",
        "print('cpu=', time.process_time() - start, sep='')",
    )


def _client(target: dict[str, Any]) -> list[str]:
    made = f"client = Client({target['document']!r}, server={_server(target)!r})"
    return ["from dynaclient import Client", made]


def _server(target: dict[str, Any]) -> str:
    url: str = target["url"]
    return url[: url.index("/", 8)]


def _call(target: dict[str, Any]) -> str:
    body = "" if target["body"] is None else f", body={target['body']!r}"
    return f"{target['operation']!r}, {target['parameters']!r}{body}"
