"""`collectionFormat` of Swagger 2.0: of arrays in arrays, in every location, both ways.

The 2.0 specification, Parameter, Items and Header Object: csv (the default), ssv, tsv and pipes anywhere,
multi for queries and form fields alone, and an Items Object has a format of its own. What OpenAPI 3 has as a
style is written as that; a separator that is no comma is percent-encoded where the location requires it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid
from dynaclient.calls.arguments import Arguments
from dynaclient.client import executor_of
from dynaclient.sandbox import Sandbox
from dynaclient.wire.request_reader import Incoming
from tests.cli.conftest import Run, Save, run, save  # noqa: F401
from tests.conftest import Serve
from tests.servers import RawServer, reply

INT = {"type": "integer"}
TEXT = {"type": "string"}


def array(form: str = "", items: Any = INT) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"collectionFormat": form} if form else {})}


def swagger(
    *parameters: Any, path: str = "/x", headers: Any = None, consumes: str = "", **rest: Any
) -> dict[str, Any]:
    operation = {"operationId": "op", "parameters": list(parameters)}
    operation["responses"] = {"200": {"description": "", **({"headers": headers} if headers else {})}}
    if consumes:
        operation["consumes"] = [consumes]
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"post": operation}},
        **rest,
    }


def made(tree: Any, mapping: Any = None, **rest: Any) -> Any:
    return Client(tree, server="http://h", cache=False).prepare("op", mapping, **rest)


LISTS = [[1, 2], [3]]
ROWS: list[tuple[dict[str, Any], Any, str, str, str]] = [
    # array, value; as query, as path, as header
    (array("csv"), [1, 2], "p=1,2", "1,2", "1,2"),
    (array(), [1, 2], "p=1,2", "1,2", "1,2"),
    (array("ssv"), [1, 2], "p=1%202", "1%202", "1 2"),
    (array("tsv"), [1, 2], "p=1%092", "1%092", "1\t2"),
    (array("pipes"), [1, 2], "p=1%7C2", "1%7C2", "1|2"),
    (array("pipes"), [7], "p=7", "7", "7"),
    (array("tsv", TEXT), ["a b", "c,d"], "p=a%20b%09c%2Cd", "a%20b%09c%2Cd", "a b\tc,d"),
    (array("pipes", array("csv")), LISTS, "p=1,2%7C3", "1,2%7C3", "1,2|3"),
    (array("csv", array("pipes")), LISTS, "p=1%7C2,3", "1%7C2,3", "1|2,3"),
    (array("ssv", array()), LISTS, "p=1,2%203", "1,2%203", "1,2 3"),
    (array("tsv", array("ssv")), LISTS, "p=1%202%093", "1%202%093", "1 2\t3"),
    (
        array("pipes", array("ssv", array("csv"))),
        [[[1, 2], [3]], [[4]]],
        "p=1,2%203%7C4",
        "1,2%203%7C4",
        "1,2 3|4",
    ),
    (array("multi"), [1, 2], "p=1&p=2", "", ""),
    (array("multi", array("csv")), LISTS, "p=1,2&p=3", "", ""),
    (array("multi", array("tsv")), LISTS, "p=1%092&p=3", "", ""),
    (array("multi", array("pipes", array())), [[[1, 2], [3]], [[4]]], "p=1,2%7C3&p=4", "", ""),
]
IDS = [query for _, _, query, *_ in ROWS]


def back(tree: Any, request: Any) -> Any:
    """What a server of this document reads."""
    client = Client(tree, server="http://h", cache=False)
    target = request.url.removeprefix("http://h")
    body = request.body or b""
    pairs = tuple((name, str(value)) for name, value in request.headers.items())
    incoming = Incoming("POST", target, pairs, body if isinstance(body, bytes) else body.encode())
    received = executor_of(client).compiled("op").receive(incoming, {"p": target.rpartition("/")[2]})
    assert not received.violations
    return next(iter(received.values.values())) if received.values else received.body["p"]


@pytest.mark.parametrize(("kind", "value", "query", "path", "header"), ROWS, ids=IDS)
def test_it_is_written_and_read_back_in_each_place(
    kind: dict[str, Any], value: Any, query: str, path: str, header: str
) -> None:
    tree = swagger({"name": "p", "in": "query", **kind})
    assert made(tree, {"p": value}).url == f"http://h/x?{query}"
    assert back(tree, made(tree, {"p": value})) == value
    if path:  # multi is for pairs alone
        tree = swagger({"name": "p", "in": "path", "required": True, **kind}, path="/x/{p}")
        assert made(tree, {"p": value}).url == f"http://h/x/{path}"
        assert back(tree, made(tree, {"p": value})) == value
        tree = swagger({"name": "p", "in": "header", **kind})
        assert made(tree, {"p": value}).headers["p"] == header
        assert back(tree, made(tree, {"p": value})) == value


@pytest.mark.parametrize("consumes", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize(("kind", "value", "query", "path", "header"), ROWS, ids=IDS)
def test_in_a_form(kind: Any, value: Any, query: str, path: str, header: str, consumes: str) -> None:
    if consumes.startswith("multipart") and "c,d" in str(value):
        value = ["a b", "cd"]  # nothing is escaped in a part
    tree = swagger({"name": "p", "in": "formData", **kind}, consumes=consumes)
    request = made(tree, body={"p": value})
    if consumes.startswith("multipart"):
        assert header.replace("c,d", "cd").encode() in request.body
    else:
        assert request.body.decode() == query
    assert back(tree, request) == value


@pytest.mark.parametrize(("kind", "value", "query", "path", "header"), ROWS, ids=IDS)
def test_headers_of_responses(kind: Any, value: Any, query: str, path: str, header: str) -> None:
    if not header:
        return
    tree = swagger(headers={"X-P": kind})
    with (
        RawServer(reply(200, b"", [("X-P", header)])) as server,
        Client(tree, server=server.url, cache=False) as client,
    ):
        assert client.send("op").header("X-P") == value


REFUSED = [
    ("pipes", {"p": [["a|b", "c"]]}),
    ("ssv", {"p": [["a b", "c"]]}),
    ("tsv", {"p": [["a\tb"]]}),
    ("csv", {"p": [["a", "b"], ["c"]]}),  # commas around commas
]


@pytest.mark.parametrize("place", ["query", "path", "header"])
@pytest.mark.parametrize(("form", "value"), REFUSED, ids=[form for form, _ in REFUSED])
def test_what_could_not_be_told_apart_is_refused(form: str, value: Any, place: str) -> None:
    kind = array("csv", array(form, TEXT))
    required = {"required": True} if place == "path" else {}
    tree = swagger({"name": "p", "in": place, **required, **kind}, path="/x/{p}" if place == "path" else "/x")
    with pytest.raises(RequestInvalid):
        made(tree, value)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["csv", "ssv", "tsv", "pipes"]),
    st.sampled_from(["csv", "ssv", "tsv", "pipes"]),
    st.lists(st.lists(st.integers(-99, 99), min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_every_pair_of_formats_is_read_back_or_refused(outer: str, inner: str, value: Any) -> None:
    for place in ("query", "header"):
        tree = swagger({"name": "p", "in": place, **array(outer, array(inner))})
        try:
            request = made(tree, {"p": value})
        except RequestInvalid:
            assert outer == inner
            assert any(len(each) > 1 for each in value)
        else:
            assert back(tree, request) == value


def test_the_sandbox_reads_and_writes_it() -> None:
    header = {"name": "X-In", "in": "header", "required": True, **array("pipes")}
    query = {"name": "q", "in": "query", "required": True, **array("multi", array("csv"))}
    tree = swagger(header, query, headers={"X-Out": array("tsv")}, host="h.example")
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, cache=False) as client:
        assert client.send("op", {"X-In": [1, 2], "q": LISTS}).ok
        assert client.findings == ()


def test_openapi_3_in_words_of_2() -> None:
    """Generators leave them there; the words are the same, and so are the bytes."""
    parameter = {"name": "p", "in": "query", **array("multi", array("pipes"))}
    tree = swagger(parameter)
    tree["openapi"] = "3.0.3"
    del tree["swagger"]
    assert made(tree, {"p": LISTS}).url == "http://h/x?p=1%7C2&p=3"


# -- the body by its name ----------------------------------------------------------------------------------

PET = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
BODY = {"name": "newPet", "in": "body", "required": True, "schema": PET}
PETS = swagger(BODY)


@pytest.mark.parametrize(
    "given_",
    [
        {"mapping": {"newPet": {"name": "Rex"}}},
        {"mapping": {"new_pet": {"name": "Rex"}}},
        {"mapping": {"body.newPet": {"name": "Rex"}}},
        {"newPet": {"name": "Rex"}},
        {"new_pet": {"name": "Rex"}},
        {"body": {"name": "Rex"}},
    ],
    ids=str,
)
def test_a_body_is_given_by_its_own_name(given_: dict[str, Any]) -> None:
    assert made(PETS, **given_).body == b'{"name":"Rex"}'


def test_the_body_of_a_component_and_of_a_path_has_its_name() -> None:
    shared = swagger({"$ref": "#/parameters/pet"}, parameters={"pet": BODY})
    assert made(shared, newPet={"name": "Rex"}).body == b'{"name":"Rex"}'
    of_path = swagger()
    of_path["paths"]["/x"]["parameters"] = [BODY]
    assert made(of_path, newPet={"name": "Rex"}).body == b'{"name":"Rex"}'


def test_it_is_given_once_and_a_parameter_of_that_name_wins() -> None:
    with pytest.raises(RequestInvalid, match="given twice"):
        made(PETS, newPet={"name": "Rex"}, body={"name": "Rex"})
    with pytest.raises(RequestInvalid, match="no parameter 'pet'"):
        made(PETS, pet={"name": "Rex"})
    both = swagger(BODY, {"name": "newPet", "in": "query", "type": "string"})
    request = made(both, newPet="Rex", body={"name": "Rex"})
    assert (request.url, request.body) == ("http://h/x?newPet=Rex", b'{"name":"Rex"}')
    names = executor_of(Client(PETS, cache=False)).compiled("op").names
    assert isinstance(names.bind(names={"newPet": 1}), Arguments)


def test_at_the_command_line(run: Run, serve: Serve, save: Save) -> None:  # noqa: F811
    server = serve(reply(200))
    result = run("call", save(PETS), "op", "--server", server.url, "-p", 'newPet={"name": "Rex"}')
    assert (result.code, server.requests[0].body) == (0, b'{"name":"Rex"}')
    result = run("call", save(swagger({"name": "q", "in": "query", **array("multi", array())})), "op")
    result = run(
        "call",
        save(swagger({"name": "q", "in": "query", **array("multi", array())})),
        *("op", "--server", server.url, "-p", "q=[[1, 2], [3]]"),
    )
    assert (result.code, server.requests[1].target) == (0, "/x?q=1,2&q=3")
