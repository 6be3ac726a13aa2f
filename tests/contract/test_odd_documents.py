"""Odd but real documents agree with their own sandboxes: one kind of oddity a row.

`run` finds nothing to report, everything can be tried but what is named, and each request of `refused` is one
that the sandbox refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.contract import run
from dynaclient.sandbox import Sandbox
from tests.small import document, one, param, said

Request = tuple[str, str, dict[str, Any]]
"""Method, target, and what else `requests` is given."""


@dataclass
class Odd:
    """A document, requests that its sandbox refuses, and how what is not checked or not tried begins."""

    tree: dict[str, Any]
    refused: tuple[Request, ...] = ()
    unchecked: tuple[str, ...] = ()
    taken: tuple[Request, ...] = ()
    statuses: set[int] = field(default_factory=lambda: {200})


def _json(value: Any) -> dict[str, Any]:
    return {"json": value}


NOTHING = {"allOf": [{"type": "string"}, {"type": "integer"}]}
TWICE = {"oneOf": [{"type": "string"}, {"type": "string"}]}

ODD: dict[str, Odd] = {
    "only errors are documented": Odd(
        one("post", body={"type": "object", "required": ["a"]}, answers={"405": said(), "400": said()}),
        refused=(("POST", "/x", _json({})), ("POST", "/x", _json({"a": 1}))),
        statuses={400},
    ),
    "only a range of errors is documented": Odd(
        one(answers={"4XX": said({"type": "object", "required": ["message"]})}), statuses={400}
    ),
    "only a server error is documented": Odd(one(answers={"500": said()}), statuses={500}),
    "no response is documented": Odd(document({"/x": {"get": {"operationId": "op", "responses": {}}}})),
    "a response that no value meets": Odd(
        one(answer=TWICE), unchecked=("the schema allows nothing: no value was found",)
    ),
    "an error that no value meets": Odd(
        one(
            "get", "/x", param("n", schema={"type": "integer"}), answers={"200": said(), "400": said(NOTHING)}
        ),
        refused=(("GET", "/x?n=no", {}),),
        unchecked=("the schema allows nothing: no value was found",),
    ),
    "a request body that no value meets": Odd(
        one("post", body=NOTHING),
        unchecked=("no valid request was found: op: body: application/json: no value was found",),
        statuses=set(),
    ),
    "a property that is required and forbidden": Odd(
        one("post", body={"type": "object", "required": ["b"], "additionalProperties": False}),
        unchecked=("no valid request was found: op: body: application/json: no value was found",),
        statuses=set(),
    ),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_document_agrees_with_its_own_sandbox(name: str, seed: int) -> None:
    odd = ODD[name]
    with Sandbox(odd.tree) as running, Client(odd.tree, server=running.url) as client:
        report = run(client, seed=seed)
    assert [str(each) for each in report.failures] == []
    assert not report.failed
    told = [each.message for each in report.unchecked]
    assert len(told) == len(odd.unchecked)
    assert all(message.startswith(start) for message, start in zip(told, odd.unchecked, strict=True))
    assert {status for each in report.operations for status in each.statuses} == odd.statuses


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.refused or odd.taken])
def test_its_sandbox_refuses_what_is_invalid(name: str) -> None:
    odd = ODD[name]
    with Sandbox(odd.tree) as running, requests.Session() as session:
        session.trust_env = False
        for method, target, given in (*odd.refused, *odd.taken):
            response = session.request(method, running.url + target, timeout=30, **given)
            expected = "4" if (method, target, given) in odd.refused else "2"
            assert str(response.status_code).startswith(expected), (method, target, given, response.text)
