"""Prefect: OpenAPI 3.1, with a password that its document does not mention."""

from __future__ import annotations

from pathlib import Path

import requests

from dynaclient import Client
from servers.installing import PIP
from servers.server import Server
from servers.trip import Trip

USER, PASSWORD = "admin", "s3cret"


def command(programs: Path, folder: Path, port: int) -> list[str]:
    """How it is started: the API alone, without what runs in the background."""
    return [
        *(str(programs / "prefect"), "server", "start", "--no-services"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]


def settings(url: str) -> dict[str, object]:
    """The document names neither the server's path nor its password: both are the user's to say."""
    session = requests.Session()
    session.auth = (USER, PASSWORD)
    return {"server": f"{url}/api", "session": session}


def travel(trip: Trip, anonymous: Client) -> None:
    """A flow and a run of it, a variable and a work pool: made, read, changed, deleted."""
    refused = anonymous.send("count_flows_flows_count_post", body={})
    trip.holds("without the password the status is 401", refused.status == 401)
    trip.call("health_check_health_get", expect=200)
    trip.call("create_csrf_token_csrf_token_get", client="shop", expect=422)
    made = trip.call("create_flow_flows__post", body={"name": "ripen", "tags": ["fruit"]}, expect=201)
    one = {"id": made.data["id"]}
    read = trip.call("read_flow_flows__id__get", one, expect=200)
    trip.holds("the flow is read as it was made", read.data == made.data)
    trip.call("read_flow_by_name_flows_name__name__get", name="ripen", expect=200)
    trip.call("update_flow_flows__id__patch", one, body={"tags": ["fruit", "plum"]}, expect=204)
    named = {"flows": {"name": {"any_": ["ripen"]}}, "limit": 5}
    found = trip.call("read_flows_flows_filter_post", body=named, expect=200)
    trip.holds("the change is read", [each["tags"] for each in found.data] == [["fruit", "plum"]])
    trip.refuses("create_flow_flows__post", body={"name": "a/b"})
    run(trip, made.data["id"])
    variable(trip)
    pool(trip)
    trip.call("delete_flow_flows__id__delete", one, expect=204)
    trip.call("read_flow_flows__id__get", one, expect=404)


def run(trip: Trip, flow: str) -> None:
    """A run of the flow."""
    body = {"flow_id": flow, "name": "first", "parameters": {"days": 3}, "state": {"type": "PENDING"}}
    made = trip.call("create_flow_run_flow_runs__post", body=body, expect=201)
    one = {"id": made.data["id"]}
    trip.call("read_flow_run_flow_runs__id__get", one, expect=200)
    trip.call("update_flow_run_flow_runs__id__patch", one, body={"name": "second"}, expect=204)
    read = trip.call("read_flow_run_flow_runs__id__get", one, expect=200)
    trip.holds("the run has its new name", read.data["name"] == "second")
    trip.call("delete_flow_run_flow_runs__id__delete", one, expect=204)


def variable(trip: Trip) -> None:
    """A variable, which may be any JSON."""
    body = {"name": "basket", "value": {"plums": [1, 2.5, None]}}
    trip.call("create_variable_variables__post", body=body, expect=201)
    read = trip.call("read_variable_by_name_variables_name__name__get", name="basket", expect=200)
    trip.holds("the variable is read as it was made", read.data["value"] == body["value"])
    change = {"value": None}
    trip.call("update_variable_by_name_variables_name__name__patch", name="basket", body=change, expect=204)
    read = trip.call("read_variable_by_name_variables_name__name__get", name="basket", expect=200)
    trip.holds("null is a value", read.data["value"] is None)
    trip.call("delete_variable_by_name_variables_name__name__delete", name="basket", expect=204)
    trip.call("read_variable_by_name_variables_name__name__get", name="basket", expect=404)


def pool(trip: Trip) -> None:
    """A work pool."""
    trip.call("create_work_pool_work_pools__post", body={"name": "press", "type": "process"}, expect=201)
    body = {"description": "juice", "is_paused": True}
    trip.call("update_work_pool_work_pools__name__patch", name="press", body=body, expect=204)
    read = trip.call("read_work_pool_work_pools__name__get", name="press", expect=200)
    trip.holds("the pool is paused", read.data["is_paused"] is True)
    trip.call("delete_work_pool_work_pools__name__delete", name="press", expect=204)


PREFECT = Server(
    name="prefect",
    installer=PIP,
    packages=("prefect==3.8.8", "fastapi==0.139.0"),  # which breaks with FastAPI 0.165 (Body(min_items=...))
    shown=("prefect", "fastapi"),
    document="/openapi.json",
    environment={
        "PREFECT_SERVER_API_AUTH_STRING": f"{USER}:{PASSWORD}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    },
    command=command,
    settings=settings,
    travel=travel,
)
