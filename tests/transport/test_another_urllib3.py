"""Another library may be installed under the name urllib3: urllib3-future is, wherever niquests is.

Its connections do not stand on http.client, so that no deadline of ours would hold over one. That is said,
and not put down to what the user gave. What mocks put in the place of a connection stands on the original.
"""

from __future__ import annotations

import http.client
import subprocess
import sys

import pytest
import urllib3.connection

from dynaclient import SettingsError
from dynaclient.transport.originals import original


class Mock(urllib3.connection.HTTPConnection):
    """As vcrpy and others put in the place of urllib3's."""


class Deeper(Mock):
    """One upon another."""


class Foreign:
    """Neither of urllib3 nor upon http.client."""


def named(name: str, *bases: type) -> type:
    """A class that says to be of urllib3, as those of its replacement do."""
    return type(name, bases, {"__module__": "urllib3.connection"})


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        (urllib3.connection.HTTPConnection, urllib3.connection.HTTPConnection),
        (urllib3.connection.HTTPSConnection, urllib3.connection.HTTPSConnection),
        (Mock, urllib3.connection.HTTPConnection),
        (Deeper, urllib3.connection.HTTPConnection),
        (named("HTTPConnection", Foreign), None),
        (named("HTTPSConnection", named("HTTPConnection", Foreign)), None),
        (type("Upon", (named("HTTPConnection", Foreign),), {}), None),
        (Foreign, None),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_stands_on_http_client_is_urllib3(found: type, meant: type | None) -> None:
    if meant is not None:
        assert original(found) is meant
        assert issubclass(meant, http.client.HTTPConnection)
    else:
        with pytest.raises(SettingsError, match="urllib3-future"):
            original(found)


CALL = """
import urllib3.connection, urllib3.connectionpool
from dynaclient import Client, SettingsError

Other = type("HTTPConnection", (object,), {"__module__": "urllib3.connection"})
urllib3.connectionpool.HTTPConnectionPool.ConnectionCls = Other
urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls = Other
get = {"operationId": "op", "responses": {"200": {"description": ""}}}
document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"get": get}}}
client = Client(document, server="http://127.0.0.1:9")
print(list(client.operations), client.prepare("op").url)
for ask in (
    lambda: client.call("op"),
    lambda: client.call("op"),
    lambda: client.send("op", options={"stream": True}),
    lambda: Client("http://127.0.0.1:9/openapi.json"),
):
    try:
        ask()
    except SettingsError as error:
        print(type(error).__name__, "instead of urllib3" in str(error), "what you gave" in str(error))
"""


def test_each_call_says_so_and_what_sends_nothing_works() -> None:
    done = subprocess.run([sys.executable, "-c", CALL], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["['op'] http://127.0.0.1:9/x", *["SettingsError True False"] * 4]
