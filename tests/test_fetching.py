"""A document over HTTP, and what becomes of a client that nobody uses any more."""

from __future__ import annotations

import gc
import json
import weakref

import pytest

from dynaclient import Client
from tests.conftest import Serve
from tests.servers import reply
from tests.small import one


@pytest.mark.parametrize("used", [False, True])
def test_a_client_that_is_not_used_any_more_is_gone_at_once(used: bool, serve: Serve) -> None:
    """A large tree that waits for the garbage collector is there twice when it is opened again."""
    document = reply(200, json.dumps(one("get", "/x")).encode(), [("Content-Type", "application/json")])
    client = Client(serve(document).url + "/openapi.json", server="http://test.invalid")
    if used:
        client.prepare("op")
    gone = weakref.ref(client.document)
    gc.disable()
    try:
        del client
        assert gone() is None
    finally:
        gc.enable()
