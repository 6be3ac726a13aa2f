"""Kinto: Swagger 2.0, with merge-patch, ETag and If-Match."""

from __future__ import annotations

import base64
from pathlib import Path

from dynaclient import Client
from servers.installing import PIP
from servers.server import Server
from servers.trip import Trip

USER, PASSWORD = "ada", "s3cret"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
MERGE = {"content_type": "application/merge-patch+json"}
CONFIGURATION = """
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}

[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.userid_hmac_secret = scratch
kinto.bucket_create_principals = system.Authenticated
multiauth.policies = basicauth
multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
"""


def command(programs: Path, folder: Path, port: int) -> list[str]:
    """How it is started; all that it keeps is in memory."""
    configuration = folder / "kinto.ini"
    configuration.write_text(CONFIGURATION.format(port=port))
    return [str(programs / "kinto"), "start", "--ini", str(configuration), "--port", str(port)]


def settings(url: str) -> dict[str, object]:
    """Basic auth, as the document says; the first use of a name makes the user."""
    return {"credentials": {"basicauth": (USER, PASSWORD)}}


def travel(trip: Trip, anonymous: Client) -> None:
    """A bucket, a collection and a record: made, read, patched, replaced where unchanged, deleted."""
    trip.call("server_info", expect=200)
    bucket = trip.call("create_bucket", body={"data": {"id": "shop"}}, expect=201)
    trip.holds("the bucket has its name", bucket.data["data"]["id"] == "shop")
    trip.call("get_bucket", id="shop", expect=200)
    trip.call("create_collection", bucket_id="shop", body={"data": {"id": "fruit"}}, expect=201)
    trip.call("get_collections", bucket_id="shop", expect=200)
    record(trip, {"bucket_id": "shop", "collection_id": "fruit"})
    several(trip)
    trip.call("delete_collection", bucket_id="shop", id="fruit", expect=200)
    trip.call("delete_bucket", id="shop", expect=200)
    trip.call("get_bucket", id="shop", expect=403)  # one that is not there is nobody's to read


def record(trip: Trip, there: dict[str, str]) -> None:
    """A record, and what it takes to change it only as it was read."""
    made = trip.call("create_record", there, body={"data": {"name": "plum", "grams": 40}}, expect=201)
    one = {**there, "id": made.data["data"]["id"]}
    read = trip.call("get_record", one, expect=200)
    trip.holds("the record is read as it was made", read.data["data"] == made.data["data"])
    first = read.headers["ETag"]
    trip.call("get_record", one, if_none_match=first, expect=304)
    patch = {"data": {"grams": 45, "name": None}}
    patched = trip.call("patch_record", one, body=patch, options=MERGE, expect=200)
    data = patched.data["data"]
    trip.holds("a merge-patch adds, changes and takes away", data["grams"] == 45 and "name" not in data)
    trip.call("update_record", one, if_match=first, body={"data": {"grams": 50}}, expect=412)
    now = trip.call("get_record", one, expect=200)
    trip.holds("what changed meanwhile was not overwritten", now.data["data"]["grams"] == 45)
    second = now.headers["ETag"]
    put = trip.call("update_record", one, if_match=second, body={"data": {"grams": 50}}, expect=200)
    trip.holds("what had not changed was replaced", put.data["data"]["grams"] == 50)
    trip.refuses("update_record", one, if_match="yesterday", body={"data": {}})
    listed = trip.call("get_records", {**there, "_limit": 10, "_sort": ["-last_modified"]}, expect=200)
    trip.holds("the record is listed", [each["grams"] for each in listed.data["data"]] == [50])
    trip.call("delete_record", one, if_match=put.headers["ETag"], expect=200)
    trip.call("get_record", one, expect=404)


def several(trip: Trip) -> None:
    """Several requests in one, one of them for a response without a body.

    The document asks for no credential here, so the client sends none; the server hands on what it got.
    """
    place = "/buckets/shop/collections/fruit/records"
    asked = [{"method": "POST", "path": place, "body": {"data": {"name": "fig"}}}]
    asked.append({"method": "HEAD", "path": place})
    response = trip.call("batch", body={"requests": asked}, options={"headers": BASIC}, expect=200)
    statuses = [each["status"] for each in response.data["responses"]]
    trip.holds(f"the parts of the batch have 201 and 200, not {statuses}", statuses == [201, 200])


KINTO = Server(
    name="kinto",
    installer=PIP,
    packages=("kinto==26.5.0",),
    shown=("kinto",),
    document="/v1/__api__",
    environment={},
    command=command,
    settings=settings,
    travel=travel,
)
