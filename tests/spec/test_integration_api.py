"""Every operation of the Integration API, called as the official generated clients call it.

The requests of 2026-05 stand in the table of integration_calls.py, byte for byte. Those of the five older
generations follow from `seeds.yaml`, which says what each official client of its time takes; it lies beside
the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import Client
from tests.servers import RawServer, Recorded
from tests.small import json_reply
from tests.spec.integration_calls import BODIES, CALLS, MANY, NOON, ODD, RAW, RAW_NOON

SEEDS = Path(__file__).parents[3] / "shared" / "facts" / "talon-one-integration" / "seeds.yaml"
KEY = "ApiKey-v1 s3cr3t"
SIGNATURE = "signer=1; signature=0"


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(json_reply({})) as server:
        yield server


@cache
def client(generation: str, url: str) -> Client:
    """A client whose answers are not looked at; what the recording server says fits no operation."""
    name = f"talon-one-integration@{generation}"
    validate: Any = {"response": "off"}
    return Client(name, server=url, credentials={"api_key_v1": KEY}, validate=validate)


def sent(server: RawServer, call: Any, *positionals: Any, **keywords: Any) -> Recorded:
    """The one request that a call sends."""
    before = len(server.requests)
    call(*positionals, **keywords)
    assert len(server.requests) == before + 1
    return server.requests[-1]


def check(request: Recorded, method: str, target: str, body: Any, server: RawServer, accept: str) -> None:
    """What every request has, by the last column of wire.md."""
    assert (request.method, request.target) == (method, target)
    assert request.head[0].endswith(" HTTP/1.1")
    assert request.all("Host") == [server.url.removeprefix("http://")]
    assert request.all("Authorization") == [KEY]
    assert request.all("Accept") == [accept]
    assert request.all("User-Agent")[0].startswith("dynaclient/")
    assert request.all("Transfer-Encoding") == []
    if body is not None:
        assert json.loads(request.body) == body
        assert request.all("Content-Type") == ["application/json"]
        assert request.all("Content-Length") == [str(len(request.body))]
    else:
        assert request.body == b""
        assert request.all("Content-Type") == []
        assert request.all("Content-Length") == (["0"] if method in ("PUT", "POST") else [])


def as_json(body: Any) -> Any:
    """A body as it travels: a datetime of UTC is written with Z."""
    return json.loads(json.dumps(body, default=lambda when: when.isoformat().replace("+00:00", "Z")))


def test_the_table_holds_every_operation_of_the_newest_generation() -> None:
    newest = Client("talon-one-integration")
    assert [name for name, *_ in CALLS] == list(newest.operations)
    assert len(CALLS) == 36
    for name, _, positionals, keywords, _ in CALLS:
        operation = newest.operations[name]
        assert len(positionals) == len(operation.required), name
        assert set(keywords) == {parameter.python_name for parameter in operation.optional} - {
            *(() if name != "integrationGetAllCampaigns" else UNUSED)
        }


UNUSED = ("campaign_states", "start_before", "end_after", "end_before")


@pytest.mark.parametrize(
    ("name", "method", "positionals", "keywords", "target"), CALLS, ids=[name for name, *_ in CALLS]
)
def test_operations_of_2026_05(
    name: str, method: str, positionals: Any, keywords: Any, target: str, server: RawServer
) -> None:
    api = client("2026-05", server.url)
    operation = api.operations[name]
    body = [BODIES[name]] if operation.body else []
    assert (name in BODIES) == bool(operation.body)
    bound = getattr(api, operation.attribute)
    by_position = sent(server, bound, *positionals, *body, **keywords)
    check(by_position, method, target, as_json(body[0]) if body else None, server, "application/json")

    named = dict(zip((each.python_name for each in operation.required), positionals, strict=True))
    rest = {"body": body[0]} if body else {}
    assert sent(server, bound, **named, **keywords, **rest).raw == by_position.raw
    assert sent(server, api.call, name, **named, **keywords, **rest).raw == by_position.raw
    wire = {each.name: {**named, **keywords}.get(each.python_name) for each in operation.parameters}
    assert sent(server, api.send, name, wire, **rest).raw == by_position.raw
    assert sent(server, api.call, f"{method} {operation.path}", wire, **rest).raw == by_position.raw


# -- the older generations ---------------------------------------------------------------------------


def seeds() -> list[tuple[str, dict[str, Any]]]:
    if not SEEDS.is_file():
        return []
    generations = yaml.safe_load(SEEDS.read_text(encoding="utf-8"))["seeds"]
    return [(name, each) for name, generation in generations.items() for each in generation["operations"]]


ROWS = seeds()
needs_seeds = pytest.mark.skipif(not ROWS, reason="the seeds lie beside the project and are not here")

VALUES: dict[str, tuple[Any, str]] = {
    "String": (ODD, RAW),
    "Integer": (17, "17"),
    "Boolean": (False, "false"),
    "DateTime": (NOON, RAW_NOON),
}


def value(parameter: dict[str, Any]) -> tuple[Any, str]:
    """A value for a parameter of the seeds, and the text that it is on the wire."""
    if parameter.get("enum"):
        return parameter["enum"][-1], parameter["enum"][-1]
    if parameter["wire"] == "status":
        return "pending", "pending"
    if parameter["type"] == "array":
        return MANY, "x,y%20z,q%2Cr%26s"  # the facts of 2024-06, which alone has them: `explode: false`
    return VALUES[parameter["type"]]


@needs_seeds
def test_the_seeds_are_all_there() -> None:
    assert len(ROWS) == 90
    assert [len([1 for name, _ in ROWS if name == each]) for each in dict(ROWS)] == [11, 11, 13, 27, 28]


@needs_seeds
@pytest.mark.parametrize(
    ("generation", "seed"), ROWS, ids=[f"{name}-{seed['operationId']}" for name, seed in ROWS]
)
def test_operations_of_the_seeds(generation: str, seed: dict[str, Any], server: RawServer) -> None:
    api = client(generation, server.url)
    parameters = {each["name"]: each for each in seed["parameters"]}
    body = BODIES[seed["operationId"]] if seed["body"] else None
    by_position = [body if name == "body" else value(parameters[name])[0] for name in seed["positional"]]
    optional = {snake(each["wire"]): value(each)[0] for each in parameters.values() if not each["required"]}

    bound = getattr(api, seed["method_snake"])
    request = sent(server, bound, *by_position, **optional)
    accept = seed["accept"] or "*/*"
    check(request, seed["http_method"], target(api, seed, parameters), as_json(body), server, accept)
    assert request.all("Content-Signature") == []  # the key alone satisfies one alternative

    named = {snake(each["wire"]): value(each)[0] for each in parameters.values()}
    rest = {} if body is None else {"body": body}
    assert sent(server, bound, **named, **rest).raw == request.raw
    wire = {each["wire"]: value(each)[0] for each in parameters.values()}
    assert sent(server, api.call, seed["operationId"], wire, **rest).raw == request.raw


@needs_seeds
@pytest.mark.parametrize("generation", ["2020-04", "2020-05", "2020-10"])
def test_either_scheme_of_2020_is_sent_alone(generation: str, server: RawServer) -> None:
    signed = Client(
        f"talon-one-integration@{generation}",
        server=server.url,
        credentials={"integration_auth": lambda request: f"{SIGNATURE}{len(request.body or b'')}"},
        validate={"response": "off"},
    )
    for seed in (seed for name, seed in ROWS if name == generation and "integration_auth" in seed["auth"]):
        body = BODIES[seed["operationId"]] if seed["body"] else None
        values = [value(each)[0] for each in seed["parameters"] if each["required"]]
        request = sent(
            server, getattr(signed, seed["method_snake"]), *values, *([body] if seed["body"] else [])
        )
        assert request.all("Content-Signature") == [f"{SIGNATURE}{len(request.body)}"]
        assert request.all("Authorization") == []


def target(api: Client, seed: dict[str, Any], parameters: dict[str, Any]) -> str:
    path = seed["path"]
    for each in parameters.values():
        path = path.replace(f"{{{each['wire']}}}", value(each)[1])
    by_wire = {each["wire"]: each for each in parameters.values() if each["in"] == "query"}
    in_order = [
        by_wire[each.name] for each in api.operations[seed["operationId"]].parameters if each.name in by_wire
    ]
    pairs = [f"{each['wire']}={value(each)[1]}" for each in in_order]
    return path + ("?" + "&".join(pairs) if pairs else "")


def snake(wire: str) -> str:
    """`customerSessionId` -> `customer_session_id`; the seeds have no harder name."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)
