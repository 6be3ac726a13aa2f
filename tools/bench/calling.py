"""The same call by each client: each function makes ready and gives the function to measure.

`target` says what is called: document (a path), operation, method, url, parameters, body.
All keep their connection, send JSON, and decode the JSON of the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Run = Callable[[], Any]
Target = dict[str, Any]


KEY = "ApiKey-v1 s3cr3t"
"""What every client sends as `Authorization`, where the document asks for it."""


def requests_session(target: Target) -> Run:
    """A plain `requests.Session`, `json=` and `.json()`: what the others are measured by."""
    session = import_module("requests").Session()
    session.headers.update(_headers(target))
    method, url, body = target["method"], target["url"], target["body"]
    return lambda: session.request(method, url, json=body).json()


def dynaclient(target: Target, **settings: Any) -> Run:
    """By operationId; checked in both directions unless told otherwise."""
    client = _client(target, **settings)
    operation, parameters, body = target["operation"], target["parameters"], target["body"]
    if body is None:
        return lambda: client.call(operation, parameters)
    return lambda: client.call(operation, parameters, body=body)


def dynaclient_unchecked(target: Target) -> Run:
    """Without the document's checks."""
    return dynaclient(target, validate="off")


def dynaclient_fast(target: Target) -> Run:
    """With orjson, which is installed apart from what the others find."""
    sys.path.insert(0, str(Path(sys.prefix) / "fast"))
    import_module("orjson")
    return dynaclient(target)


def dynaclient_attribute(target: Target) -> Run:
    """By attribute, required parts by position."""
    bound = getattr(_client(target), target["attribute"])
    given = [*target["parameters"].values(), *([] if target["body"] is None else [target["body"]])]
    return lambda: bound(*given)


def httpx(target: Target) -> Run:
    """A kept `httpx.Client`."""
    client = import_module("httpx").Client(headers=_headers(target))
    method, url, body = target["method"], target["url"], target["body"]
    return lambda: client.request(method, url, json=body).json()


def urllib3(target: Target) -> Run:
    """A pool of urllib3 and `json`."""
    pool = import_module("urllib3").PoolManager(headers=_headers(target))
    method, url, body = target["method"], target["url"], target["body"]
    if body is None:
        return lambda: json.loads(pool.request(method, url).data)
    return lambda: pool.request(method, url, json=body).json()


def aiopenapi3(target: Target) -> Run:
    """Its request object and its HTTP client kept: as shipped, it makes a new one for each call."""
    http: Any = import_module("httpx2")

    class Kept(http.Client):  # type: ignore[misc]
        def close(self) -> None:
            """It is used again."""

    client = Kept()

    def factory(**_: Any) -> Any:
        return client

    factory.__annotations__["return"] = http.Client
    return _aiopenapi3(target, factory)


def aiopenapi3_as_shipped(target: Target) -> Run:
    """A new HTTP client for each call, as it is without a session factory of the user's."""
    return _aiopenapi3(target, import_module("httpx2").Client)


def openapi_core(target: Target) -> Run:
    """openapi-core checks what a requests session sends and gets."""
    requests, core = import_module("requests"), import_module("openapi_core")
    contrib = import_module("openapi_core.contrib.requests")
    api = core.OpenAPI.from_dict(_tree(target), config=core.Config(spec_validator_cls=None))
    session = requests.Session()
    session.headers.update(_headers(target))
    method, url, body = target["method"], target["url"], target["body"]

    def run() -> Any:
        request = session.prepare_request(requests.Request(method, url, json=body))
        asked = contrib.RequestsOpenAPIRequest(request)
        api.validate_request(asked)
        response = session.send(request)
        api.validate_response(asked, contrib.RequestsOpenAPIResponse(response))
        return response.json()

    return run


def generated_sdk(target: Target, sdk: str) -> Run:
    """The package `talon_one` in the folder that was named: the official SDK, or what `make sdk` makes."""
    sys.path.insert(0, sdk)
    talon: Any = import_module("talon_one")
    parts = urlsplit(target["url"])
    settings = talon.Configuration(host=f"{parts.scheme}://{parts.netloc}")
    settings.api_key[target["scheme"]] = KEY
    api = talon.IntegrationApi(talon.ApiClient(settings))
    at = target["parameters"]["customerSessionId"]
    if target["body"] is None:
        return lambda: api.get_customer_session(at)
    body = target["body"]
    make = talon.IntegrationRequest.from_dict
    return lambda: api.update_customer_session_v2(at, make(body))


def _client(target: Target, **settings: Any) -> Any:
    parts = urlsplit(target["url"])
    made = import_module("dynaclient").Client
    keys = {target["scheme"]: KEY} if target["scheme"] else {}
    return made(target["document"], server=f"{parts.scheme}://{parts.netloc}", credentials=keys, **settings)


def _headers(target: Target) -> dict[str, str]:
    return {"Authorization": KEY} if target["scheme"] else {}


def _aiopenapi3(target: Target, factory: Any) -> Run:
    made = import_module("aiopenapi3").OpenAPI
    api = made(target["url"], _tree(target), session_factory=factory, use_operation_tags=False)
    if target["scheme"]:
        api.authenticate(**{target["scheme"]: KEY})
    request = getattr(api._, target["operation"])
    parameters, body = target["parameters"], target["body"]
    return lambda: request(parameters=parameters, data=body)


def _tree(target: Target) -> Any:
    """The document as JSON beside it has it, at the server that is there."""
    tree = json.loads(Path(target["document"]).with_suffix(".call.json").read_text())
    parts = urlsplit(target["url"])
    tree["servers"] = [{"url": f"{parts.scheme}://{parts.netloc}"}]
    return tree
