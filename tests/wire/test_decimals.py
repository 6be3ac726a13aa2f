"""`Client(decimals=True)`: numbers of responses keep their digits, wherever they stand (RFC 8259, 6)."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from dynaclient import Client, ResponseInvalid, SettingsError
from dynaclient.wire import json_values as jsontext
from tests.json_readers import ORJSON, using
from tests.servers import RawServer, reply
from tests.small import one, said

LONG = "0.1234567890123456789012345"
NUMBER = {"type": "number"}


@contextmanager
def answering(
    schema: Any,
    body: str,
    kind: str = "application/json",
    *,
    headers: Any = (),
    decimals: bool = True,
    **settings: Any,
) -> Iterator[Client]:
    documented = {name: {"schema": NUMBER} for name, _ in headers}
    tree = one("get", "/x", answers={"200": said(schema, kind, headers=documented)}, version="3.2.0")
    with (
        RawServer(reply(200, body.encode(), [("Content-Type", kind), *headers])) as server,
        Client(tree, server=server.url, cache=False, decimals=decimals, **settings) as client,
    ):
        yield client


@pytest.fixture(autouse=True, params=[ORJSON, None], ids=["orjson", "stdlib"])
def _reader(request: pytest.FixtureRequest) -> Iterator[None]:
    with using(request.param):
        yield


READ: list[tuple[str, Any, Any]] = [
    ("1.10", Decimal, "1.10"),
    (LONG, Decimal, LONG),
    ("1E+400", Decimal, "1E+400"),
    ("-0.0", Decimal, "-0.0"),
    ("5", int, "5"),
    ("123456789012345678901234567890", int, "123456789012345678901234567890"),
    ("true", bool, "True"),
    ("1e999999999", float, "inf"),  # work with it would have no bound
    ("1e-999999999", float, "0.0"),
]


@pytest.mark.parametrize(("text", "kind", "due"), READ, ids=[text for text, _, _ in READ])
def test_numbers_of_a_body(text: str, kind: type, due: str) -> None:
    with answering({"type": "object"}, f'{{"a":[{text}]}}', validate="off") as client:
        (found,) = client.call("op")["a"]
        assert type(found) is kind
        assert str(found) == due


@pytest.mark.parametrize("backend", ["rust", "python"])
def test_they_are_checked_with_all_of_their_digits(backend: Any) -> None:
    schema = {"type": "number", "maximum": 0.1, "multipleOf": 0.01}
    with answering(schema, "0.10", validate_with=backend) as client:
        assert client.call("op") == Decimal("0.10")
    with (
        answering(schema, "0.1000000000000000000000001", validate_with=backend) as client,
        pytest.raises(ResponseInvalid) as caught,
    ):
        client.call("op")
    said_ = [each.message for each in caught.value.violations]
    assert len(said_) == 2
    assert all(each.startswith("0.1000000000000000000000001 is ") for each in said_)


def _items(client: Client) -> Any:
    return next(iter(client.send("op", options={"stream": True}).iter_items()))  # type: ignore[attr-defined]


def _event(client: Client) -> Any:
    return next(client.send("op", options={"stream": True}).iter_events()).json()  # type: ignore[attr-defined]


def _streamed(client: Client) -> Any:
    return client.send("op", options={"stream": True}).data


ELSEWHERE: list[tuple[str, str, Any, Callable[[Client], Any]]] = [
    ("application/problem+json", LONG, NUMBER, lambda client: client.call("op")),
    ("application/json", LONG, NUMBER, _streamed),
    ("application/x-ndjson", LONG + "\n", NUMBER, _items),
    ("application/x-ndjson", LONG + "\n", NUMBER, lambda client: client.call("op")[0]),
    ("application/json-seq", f"\x1e{LONG}\n", NUMBER, _items),
    ("text/event-stream", f"data: {LONG}\n\n", NUMBER, _items),
    ("text/event-stream", f"data: {LONG}\n\n", NUMBER, _event),
    ("text/plain", LONG, NUMBER, lambda client: client.call("op")),
    (
        "application/x-www-form-urlencoded",
        f"a={LONG}",
        {"type": "object", "properties": {"a": NUMBER}},
        lambda client: client.call("op")["a"],
    ),
]


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize(
    ("kind", "body", "schema", "take"), ELSEWHERE, ids=[f"{k}-{i}" for i, (k, *_) in enumerate(ELSEWHERE)]
)
def test_numbers_of_other_bodies(
    kind: str, body: str, schema: Any, take: Callable[[Client], Any], wanted: bool
) -> None:
    with answering(schema, body, kind, decimals=wanted) as client:
        assert repr(take(client)) == repr((Decimal if wanted else float)(LONG))


def test_numbers_of_headers() -> None:
    with answering(NUMBER, "1", headers=[("X-Rate", LONG)]) as client:
        assert client.send("op").header("x-rate") == Decimal(LONG)


def test_it_holds_after_pickling_and_for_this_client_alone() -> None:
    with answering(NUMBER, LONG) as client:
        assert pickle.loads(pickle.dumps(client)).call("op") == Decimal(LONG)
        with Client(client.document, server=client.server) as other:
            assert type(other.call("op")) is float
        assert pickle.loads(pickle.dumps(client.send("op"))).data == Decimal(LONG)


def test_what_was_read_can_be_sent() -> None:
    with answering(NUMBER, LONG) as client:
        assert jsontext.json_bytes({"a": [client.call("op")]}).decode() == f'{{"a":[{LONG}]}}'


def test_the_setting_is_true_or_false() -> None:
    with pytest.raises(SettingsError, match="decimals: expected True or False"):
        Client(one(), decimals="yes", cache=False)  # type: ignore[arg-type]
