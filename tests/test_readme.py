"""The README as its reader uses it: what it names exists, and its samples are Python."""

from __future__ import annotations

import ast
import builtins
import re
import ssl
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

import dynaclient
from dynaclient import Client
from dynaclient.prompt import cli
from dynaclient.sandbox import Sandbox
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, document, json_reply, one, param

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("code", [code for language, code in BLOCKS if language == "python"])
def test_samples_are_python(code: str) -> None:
    ast.parse(textwrap.dedent(code))


def test_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"^\$ dynaclient (\w+)", TEXT, re.MULTILINE))
    assert len(named) >= 7
    for command in sorted(named):
        assert cli.main([command, "--help"]) == 0
        assert command in capsys.readouterr().out


def test_errors_of_the_tree_exist() -> None:
    tree = next(code for language, code in BLOCKS if "DynaclientError" in code and not language)
    names = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", tree)) | {
        "Unauthorized",
        "Forbidden",
        "Conflict",
    }
    assert {name for name in names - set(dir(builtins)) if not hasattr(dynaclient, name)} == set()


def test_make_targets_and_files_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\$ make (\w+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"(?:tools|spec|tests)/[\w/.-]+\.(?:py|md|svg)", TEXT):
        assert (ROOT / path).is_file(), path


def test_named_tests_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)", TEXT)
    sources = {file: (ROOT / "tests" / file).read_text(encoding="utf-8") for file, _ in named}
    assert [(file, name) for file, name in named if f"def {name}(" not in sources[file]] == []


def sample(words: str) -> str:
    """The sample that holds `words`."""
    return next(code for language, code in BLOCKS if language == "python" and words in code)


CALLS = [line for line in sample("talon.prepare(").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def talon() -> Iterator[Client]:
    with Sandbox("talon-one-integration") as sandbox:
        yield Client(
            "talon-one-integration", server=sandbox.url, credentials={"api_key_v1": "ApiKey-v1 s3cr3t"}
        )


@pytest.mark.parametrize("line", CALLS, ids=[line.partition("#")[0].strip() for line in CALLS])
def test_each_call_does_what_stands_behind_it(line: str, talon: Client) -> None:
    body = '{"customerSession": {"state": "closed"}}'
    assert eval(line.replace("{...}", body), {"talon": talon}) is not None


KINDS = {
    "api_key": "apiKey",
    "basic": "http",
    "token": "openIdConnect",
    "oauth": "oauth2",
    "signed": "apiKey",
}


@pytest.mark.parametrize("line", sample("ClientCredentials(").splitlines())
def test_each_form_of_a_credential_is_taken(line: str) -> None:
    schemes = {name: {"type": kind, "scheme": "basic", "in": "header"} for name, kind in KINDS.items()}
    doc = document({}, components={"securitySchemes": schemes})
    client = eval(line, {"Client": Client, "doc": doc, "dynaclient": dynaclient})
    assert "s3cr3t" not in repr(client)


@pytest.mark.parametrize("line", sample("session=session) ").splitlines())
def test_each_setting_is_taken(line: str) -> None:
    names = {"Client": Client, "doc": document({}), "session": requests.Session()}
    assert isinstance(eval(line, {**names, "dynaclient": dynaclient, "ssl": ssl}), Client)


PAGED = one(
    "get",
    "/shops/{shopId}/x",
    param("shopId", "path"),
    param("page", schema={"type": "integer"}),
    param("orderState", required=True),
    param("tag", schema={"type": "array", "items": {"type": "string"}}),
)


@pytest.mark.parametrize(
    ("arguments", "first", "link"),
    [
        ({"order_state": "open"}, "?orderState=open", "?page=2&orderState=open"),
        ({"orderState": "open", "page": 1}, "?page=1&orderState=open", "?page=2&orderState=open"),
        ({"orderState": "a", "tag": ["b", "c"]}, "?orderState=a&tag=b&tag=c", "?tag=b&tag=c&orderState=a"),
        ({"orderState": "a", "page": 7}, "?page=7&orderState=a", "?orderState=a&cursor=x%2By%3D&empty="),
        ({"orderState": "a", "page": None}, "?orderState=a", "?extra=1&extra=2&extra=3&orderState=a"),
        ({"orderState": "é b"}, "?orderState=%C3%A9%20b", "?orderState=%C3%A9%20b&%C3%BC%5B%5D=1"),
    ],
)  # fmt: skip
def test_the_sample_of_pages_follows_links_whatever_the_arguments(
    arguments: dict[str, Any], first: str, link: str, serve: Serve
) -> None:
    next_page = ("Link", f'<http://x.test/y{link}>; rel="next", <http://x.test/x>; rel="first"')
    server = serve(reply(200, b"[1]", [*JSON, next_page]), json_reply([2]))
    names: dict[str, Any] = {}
    exec(sample("def pages"), names)
    assert list(names["pages"](Client(PAGED, server=server.url).op, shop_id="s", **arguments)) == [[1], [2]]
    assert [request.target for request in server.requests] == [f"/shops/s/x{first}", f"/shops/s/x{link}"]


def test_the_sample_without_a_socket_runs() -> None:
    names: dict[str, Any] = {"Client": Client}
    exec(sample("class Canned"), names)
    assert names["talon"].update_customer_session_v2("s-1", {"customerSession": {}}) == {"effects": []}
