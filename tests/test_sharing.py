"""A client shared by threads, and one over a session of the user's."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import requests

from dynaclient import Client
from tests.conftest import Serve
from tests.small import json_reply, one, param


@pytest.mark.parametrize("backend", ["rust", "python"])
def test_threads_share_a_client(backend: Any, serve: Serve) -> None:
    server = serve(lambda request: json_reply({"echo": request.target}))
    schemas = {
        f"S{i}": {"type": "object", "properties": {"a": {"$ref": f"#/components/schemas/S{i + 1}"}}}
        for i in range(60)
    }
    schemas["S60"] = {}
    tree = one(
        "get",
        "/x/{id}",
        param("id", "path"),
        answer={"$ref": "#/components/schemas/S0"},
        components={"schemas": schemas},
    )
    client = Client(tree, server=server.url, validate_with=backend)
    failed: list[BaseException] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(5):
                name = f"{number}-{turn}"
                assert client.call("op", id=name) == {"echo": f"/x/{name}"}
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert failed == []
    assert len({request.target for request in server.requests}) == 40


class Canned(requests.adapters.BaseAdapter):
    """Answers without a socket: the seam that users test their own code with."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def send(self, request: Any, **settings: Any) -> requests.Response:
        self.seen.append(request)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.headers["Content-Type"] = "application/json"
        answer._content = json.dumps({"path": request.path_url}).encode()
        return answer

    def close(self) -> None:
        pass


def test_an_adapter_of_the_users_stands_for_the_server() -> None:
    session, canned = requests.Session(), Canned()
    session.mount("http://fake", canned)
    client = Client(
        one("get", "/x", param("q"), answer={"type": "object"}), server="http://fake", session=session
    )
    assert client.op(q="1") == {"path": "/x?q=1"}
    assert len(canned.seen) == 1
