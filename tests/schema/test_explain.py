"""What violations say, so that a person can act on them; the same with either backend."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.schema.checker import Backend
from tests.small import one

# As a server in Rust documents the values of its metadata: an integer is a number too.
METADATA = {"oneOf": [{"type": "boolean"}, {"type": "integer"}, {"type": "number"}, {"type": "string"}]}
SEVERAL: list[tuple[Any, Any, str]] = [
    (METADATA, 180, "180 meets more than one of the 4 alternatives: /1, /2"),
    ({"oneOf": [{}, {}]}, 1, "1 meets more than one of the 2 alternatives: /0, /1"),
    ({"oneOf": [True, {"required": ["a"]}, {"type": "object"}, False]}, {}, "of the 4 alternatives: /0, /2"),
    ({"oneOf": [METADATA, {"type": "number"}, {}]}, 3, "of the 3 alternatives: /1, /2"),
    ({"properties": {"a": METADATA}}, {"a": 7}, "7 meets more than one of the 4 alternatives: /1, /2"),
]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(("schema", "value", "said"), SEVERAL)
def test_which_members_of_one_of_are_met(schema: Any, value: Any, said: str, backend: Backend) -> None:
    client = Client(one("post", body=schema, version="3.1.0"), server="http://x.test", validate_with=backend)
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", body=value)
    assert [violation.message.endswith(said) for violation in caught.value.violations] == [True]
