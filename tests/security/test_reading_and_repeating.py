"""Opening reads only what it may, only safe requests are repeated: attacks on the promises of SECURITY.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import ApiError, Client, DynaclientError, RequestInvalid
from tests.conftest import Serve
from tests.servers import HANG_UP, reply
from tests.small import document, json_reply, one

OFF: Any = {"response": "off"}

# -- opening reads only what it was told to ----------------------------------------------------------


def with_ref(ref: str) -> dict[str, Any]:
    return one(answer={"$ref": ref})


OUTSIDE = ["../secret.json", "sub/../../secret.json", "{folder}/secret.json", "file://{folder}/secret.json"]
OUTSIDE += ["file://localhost{folder}/secret.json", "link.json", "..%2Fsecret.json"]
OUTSIDE += ["ftp://127.0.0.1/x", "data:,1"]


@pytest.mark.parametrize("ref", OUTSIDE)
def test_no_file_outside_the_folder(ref: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"type": "object", "required": ["s3cr3t"]}')
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "openapi.yaml").write_text(yaml.safe_dump(with_ref(ref.format(folder=tmp_path) + "#")))
    client = Client(folder / "openapi.yaml")
    assert any("cannot be resolved" in finding.message for finding in client.findings)
    assert "s3cr3t" not in str(client.checkers.translator("response").defs)


def test_a_wider_folder_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "part.json").write_text('{"type": "integer"}')
    (tmp_path / "docs" / "openapi.yaml").write_text(yaml.safe_dump(with_ref("../part.json")))
    assert Client(tmp_path / "docs" / "openapi.yaml", ref_folder=tmp_path).findings == ()


@pytest.mark.parametrize("hosts", [(), ("example.org",), ("127.0.0.2",)])
def test_no_network_for_a_reference_unless_allowed(
    hosts: tuple[str, ...], serve: Serve, tmp_path: Path
) -> None:
    server = serve(json_reply({"type": "integer"}))
    tree = with_ref(f"{server.url}/part.json")
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(tree))
    for source in (tree, tmp_path / "openapi.yaml"):
        client = Client(source, ref_hosts=hosts)
        assert any("ref_hosts" in finding.message for finding in client.findings)
    assert server.connections == 0


def test_a_document_from_the_network_reads_no_file(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text('{"required": ["s3cr3t"]}')
    server = serve(json_reply(with_ref((tmp_path / "part.json").as_uri())))
    with Client(server.url) as client:
        assert any("outside" in finding.message for finding in client.findings)
        assert "s3cr3t" not in str(client.checkers.translator("response").defs)


def test_examples_and_descriptions_are_no_references(serve: Serve) -> None:
    server = serve(json_reply({}))
    value = {"$ref": f"{server.url}/x"}
    tree = one(answer={"type": "object", "example": value, "default": value, "enum": [value]})
    tree["externalDocs"] = {"url": f"{server.url}/docs"}
    Client(tree, ref_hosts=["127.0.0.1"]).findings  # noqa: B018
    assert server.connections == 0


DYNAMIC = [
    {"$dynamicRef": "{url}/part.json#n"},
    {"$id": "{url}/base", "$dynamicRef": "part.json#n"},
    {"$id": "{url}/part.json", "$dynamicRef": "#n"},
    {"$ref": "{url}/part.json#n"},
    {"$ref": "https://spec.openapis.org/oas/3.1/dialect/base"},
    {"$dynamicRef": "#nowhere"},
]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("schema", DYNAMIC, ids=str)
def test_who_checks_reads_nothing_either(schema: Any, backend: Any, serve: Serve, tmp_path: Path) -> None:
    """jsonschema would fetch what is not in the schema, with urllib, from any host and any file."""
    part = '{"$anchor": "n", "$dynamicAnchor": "n", "enum": ["s3cr3t"]}'
    (tmp_path / "part.json").write_text(part)
    server = serve(reply(200, part.encode()))
    for url in (server.url, tmp_path.as_uri()):
        asked = {keyword: text.format(url=url) for keyword, text in schema.items()}
        tree = one("post", body={"properties": {"s": asked}}, version="3.1.0")
        client = Client(tree, server="http://h", validate_with=backend)
        with pytest.raises(
            RequestInvalid, match=r"body at /s: (the document does not say|no value is allowed)"
        ):
            client.prepare("op", body={"s": "s3cr3t"})
        assert any("cannot be resolved" in finding.message for finding in client.findings)
    assert server.connections == 0


# -- a request is retried only where repeating is safe -----------------------------------------------

RETRIES = [("get", 3), ("put", 3), ("delete", 3), ("head", 3), ("post", 1), ("patch", 1)]


@pytest.mark.parametrize(("method", "count"), RETRIES)
@pytest.mark.parametrize("trouble", [reply(503), reply(429, b"", [("Retry-After", "0")]), HANG_UP])
def test_only_what_is_safe_is_repeated(method: str, count: int, trouble: Any, serve: Serve) -> None:
    server = serve(trouble)
    with Client(one(method), server=server.url, validate=OFF) as client, pytest.raises(DynaclientError):
        client.call("op")
    assert len(server.requests) == count


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 501])
def test_what_will_not_pass_is_not_repeated(status: int, serve: Serve) -> None:
    server = serve(reply(status))
    with Client(document({"/x": {"get": {}}}), server=server.url) as client, pytest.raises(ApiError):
        client.call("GET /x")
    assert len(server.requests) == 1


def test_no_retries_where_none_are_wanted(serve: Serve) -> None:
    server = serve(reply(503))
    with Client(one(), server=server.url, retries=0) as client, pytest.raises(ApiError):
        client.call("op")
    assert len(server.requests) == 1
