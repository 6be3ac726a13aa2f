"""How deep a value may nest is counted in its own levels.

Python bounds the frames of a thread. A check that recurses gives a verdict by where it is called from: one at
the top of a script, another inside a web framework, a task queue and a debugger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter

from dynaclient import Client, RequestInvalid
from dynaclient.schema.validator import Validators
from dynaclient.wire.json_values import MAX_DEPTH, MAX_LEVELS, Undecodable, decode_json
from tests.json_readers import ORJSON, using
from tests.schema.checks import BACKENDS, opened, place
from tests.small import one

T = TypeVar("T")
FRAMES = [0, 300, 600, 850]
TREE = {"$ref": "#/components/schemas/S"}
NODE = {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}, "next": TREE}}
SHAPES: dict[str, tuple[Any, Callable[[Any], Any], int]] = {
    "property": (NODE, lambda inner: {"v": 1, "next": inner}, 1),
    "items": (
        {**NODE, "properties": {"v": {"type": "integer"}, "all": {"type": "array", "items": TREE}}},
        lambda inner: {"v": 1, "all": [inner]},
        2,
    ),
    "any name": (
        {"type": "object", "required": ["v"], "additionalProperties": {"anyOf": [{"type": "integer"}, TREE]}},
        lambda inner: {"v": 1, "x": inner},
        1,
    ),
    "allOf": ({"allOf": [NODE, {"required": ["v"]}]}, lambda inner: {"v": 1, "next": inner}, 1),
    "oneOf": (
        {"oneOf": [NODE, {"type": "string"}], "properties": {"v": {"type": "integer"}}},
        lambda inner: {"v": 1, "next": inner},
        1,
    ),
    "not": (
        {**NODE, "not": {"required": ["w"], "properties": {"next": TREE}}},
        lambda inner: {"v": 1, "next": inner},
        1,
    ),
}


def nested(shape: str, levels: int, last: Any = 1) -> Any:
    """A value that nests `levels` deep; `last` is what its innermost `v` is."""
    _, around, each = SHAPES[shape]
    value: Any = {"v": last}
    for _ in range((levels - 1) // each):
        value = around(value)
    return value


def under(frames: int, work: Callable[[], T]) -> T:
    """What `work` gives where it is called from below many frames."""
    return under(frames - 1, work) if frames else work()


@pytest.mark.sampled(8)
@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_verdict_is_that_of_the_value(shape: str, backend: str, frames: int) -> None:
    tree = opened(SHAPES[shape][0])
    check = Validators(tree, backend).checker(place(tree), "response")  # type: ignore[arg-type]
    for levels in (1, 59, 60, 61, 101, 255, 257, 399, MAX_LEVELS - 1):
        right, wrong = nested(shape, levels), nested(shape, levels, "wrong")
        assert under(frames, lambda right=right: check.is_valid(right)), levels
        assert under(frames, lambda right=right: check.violations(right, "body", "body")) == [], levels
        assert not under(frames, lambda wrong=wrong: check.is_valid(wrong)), levels
        found = under(frames, lambda wrong=wrong: check.violations(wrong, "body", "body"))
        assert found, levels
        if levels < 100:
            assert all(each.pointer.endswith("/v") for each in found) or shape in ("any name", "oneOf")


class Canned(BaseAdapter):
    """A server that answers one text, and keeps what it was sent."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self.text = text

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.sent = request.body
        response = Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.headers["Content-Type"] = "application/json"
        response._content = self.text
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(params=BACKENDS)
def client(request: pytest.FixtureRequest) -> Iterator[tuple[Client, Canned]]:
    session, server = Session(), Canned(b"{}")
    session.mount("http://", server)
    document = one("post", body=TREE, answer=TREE, components={"schemas": {"S": NODE}})
    with Client(document, server="http://h", session=session, validate_with=request.param) as made:
        yield made, server


@pytest.mark.parametrize("frames", FRAMES[:-1])
@pytest.mark.parametrize("levels", [60, 101, 199, MAX_DEPTH])
def test_a_call_from_deep_down_sends_and_reads(
    client: tuple[Client, Canned], levels: int, frames: int
) -> None:
    value = nested("property", levels)
    client[1].text = json.dumps(value).encode()
    assert under(frames, lambda: client[0].call("op", body=value)) == value
    assert json.loads(client[1].sent or b"") == value


@pytest.mark.parametrize("frames", FRAMES[:-1])
def test_beyond_the_bound_it_is_refused_for_its_levels(client: tuple[Client, Canned], frames: int) -> None:
    value = nested("property", MAX_DEPTH + 2)
    with pytest.raises(RequestInvalid, match=f"nested deeper than {MAX_DEPTH} levels"):
        under(frames, lambda: client[0].call("op", body=value))


@pytest.mark.parametrize("reader", [ORJSON, None], ids=["orjson", "json"])
@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[" * MAX_LEVELS + "]" * MAX_LEVELS, True),
        ("[" * MAX_LEVELS + "1" + "]" * MAX_LEVELS, True),
        ("[" * (MAX_LEVELS + 1) + "]" * (MAX_LEVELS + 1), False),
        ('{"a":' * MAX_LEVELS + "1" + "}" * MAX_LEVELS, True),
        ('{"a":' * (MAX_LEVELS + 1) + "1" + "}" * (MAX_LEVELS + 1), False),
        ('[{"a":' * 250 + "1" + "}]" * 250, True),
        ('[{"a":' * 251 + "1" + "}]" * 251, False),
        (json.dumps(["[" * 3000]), True),
        (json.dumps(["]}" * 3000, {"[{": "[" * 700}]), True),
        (json.dumps([[{}]] * 3000), True),
        ('["]]]",' * (MAX_LEVELS + 1) + "1" + "]" * (MAX_LEVELS + 1), False),
        ("[" * 900 + "]" * 900, False),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_json_is_read_to_the_bound(text: str, read: bool, frames: int, reader: Any) -> None:
    with using(reader):
        if read:
            assert json.dumps(under(frames, lambda: decode_json(text.encode())))
        else:
            with pytest.raises(Undecodable, match=f"deeper than {MAX_LEVELS} levels"):
                under(frames, lambda: decode_json(text.encode()))


def test_json_beyond_every_stack_is_refused() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000):
        with pytest.raises(Undecodable):
            decode_json(text.encode())
