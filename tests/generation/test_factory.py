"""Values for the schemas of a document."""

from __future__ import annotations

from dynaclient import Client
from dynaclient.contract.generation import maker
from dynaclient.generation.choices import Seeded
from tests.small import one


def test_what_looks_like_a_reference_may_be_data() -> None:
    body = {"type": "object", "minProperties": 1, "not": {"enum": [{"$ref": "#/$defs/Q"}]}}
    client = Client(one("post", body=body), server="http://h")
    made = maker(client).valid("op", Seeded(1)).body
    assert made
    assert made != {"$ref": "#/$defs/Q"}
