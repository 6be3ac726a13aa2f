"""Link Objects: which calls a response leads to, with which arguments, and where they may go."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError, RequestInvalid, Response, SettingsError
from dynaclient._support.missing import MISSING
from dynaclient.calls.links import Link, Links
from dynaclient.calls.streaming import StreamedResponse
from dynaclient.errors import UnknownOperation
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, document, json_reply, param, said

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
USER = {"type": "object", "properties": {"id": INTEGER, "name": TEXT}}
BODY = {"required": True, "content": {"application/json": {"schema": {}}}}


def paths(links: dict[str, Any], **answer: Any) -> dict[str, Any]:
    """`createUser`, whose answer has `links`; `getUser`, `putUser` and `listUsers` for them to lead to."""
    return {
        "/orgs/{org}/users": {
            "post": {
                "operationId": "createUser",
                "parameters": [
                    param("org", "path", INTEGER),
                    param("tags", "query", {"type": "array", "items": TEXT}),
                    param("X-Trace", "header"),
                ],
                "requestBody": BODY,
                "responses": {"201": said(USER, links=links, **answer), "4XX": said({}, links=links)},
            },
            "get": {
                "operationId": "listUsers",
                "parameters": [
                    param("org", "path", INTEGER),
                    param("tags", "query", {"type": "array", "items": TEXT}),
                ],
                "responses": {"200": said({})},
            },
        },
        "/users/{id}": {
            "get": {
                "operationId": "getUser",
                "parameters": [param("id", "path", INTEGER), param("id", "query"), param("X-Via", "header")],
                "responses": {"200": said(USER)},
            },
            "put": {
                "operationId": "putUser",
                "parameters": [param("id", "path", TEXT)],
                "requestBody": BODY,
                "responses": {"200": said(USER)},
            },
            "delete": {"parameters": [param("id", "path", TEXT)], "responses": {"204": said()}},
        },
    }


def created(
    serve: Serve, links: dict[str, Any], *, body: Any = None, headers: Any = (), **rest: Any
) -> tuple[Response, RawServer]:
    """The answer to a call of createUser whose document has `links`; and the server, which answers on."""
    answer = rest.pop("answer", {"id": 7, "name": "Ann"})
    first = reply(rest.pop("status", 201), json.dumps(answer).encode(), [*JSON, *headers])
    server = serve(first, json_reply({"id": 1}))
    described = rest.pop("described", {})
    client = Client(document(paths(links, **described), **rest), server=server.url)
    given = {"org": 5, "tags": ["a", "b"], "X-Trace": "t-1"}
    return client.send("createUser", given, body=body or {"name": "Ann", "deep": [{"x": None}]}), server


def link(serve: Serve, parameters: dict[str, Any], **rest: Any) -> Link:
    node = {"operationId": "getUser", "parameters": parameters}
    response, _ = created(serve, {"next": node}, **rest)
    return response.links["next"]


def test_a_link_names_the_operation_and_its_arguments_and_calls_it(serve: Serve) -> None:
    node = {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id"}, "description": "It."}
    response, server = created(serve, {"GetUser": node})
    found = response.links["GetUser"]
    assert (found.operation, found.arguments, found.body) == ("getUser", {"path.id": 7}, MISSING)
    assert (found.server, found.description, found.violations) == (None, "It.", ())
    assert found() == {"id": 1}
    assert found.send().status == 200
    assert str(found.prepare().url) == f"{server.url}/users/7"
    assert [(each.method, each.target) for each in server.requests[1:]] == [("GET", "/users/7")] * 2


def test_answers_without_links_have_none(serve: Serve) -> None:
    response, _ = created(serve, {})
    assert response.links == {}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$request.path.org", 5),
        ("$request.query.tags", ["a", "b"]),
        ("$request.header.x-trace", "t-1"),
        ("$request.header.Accept", "application/json"),
        ("$request.body#/deep/0/x", None),
        ("$request.body", {"name": "Ann", "deep": [{"x": None}]}),
        ("$response.body#/name", "Ann"),
        ("$response.header.X-Plain", "12"),
        ("$response.header.X-Typed", 12),
        ("$statusCode", 201),
        ("$method", "POST"),
        ("org {$request.path.org}, {$response.body#/name}", "org 5, Ann"),
        ("constant", "constant"),
        (12, 12),
        ([1], [1]),
    ],
)
def test_an_argument_keeps_the_type_that_the_exchange_has(serve: Serve, expression: Any, value: Any) -> None:
    headers = [("X-Plain", "12"), ("X-Typed", "12")]
    described = {"headers": {"X-Typed": {"schema": INTEGER}}}
    found = link(serve, {"unknown": expression}, headers=headers, described=described)
    assert found.arguments == {"unknown": value}
    assert type(found.arguments["unknown"]) is type(value)


def test_the_url_is_that_of_the_request(serve: Serve) -> None:
    response, server = created(serve, {"next": {"operationId": "getUser", "parameters": {"u": "$url"}}})
    assert response.links["next"].arguments == {"u": f"{server.url}/orgs/5/users?tags=a&tags=b"}


@pytest.mark.parametrize(
    ("answer", "operation", "value"),
    [
        ({"id": "7"}, "getUser", 7),  # a text for an integer parameter
        ({"id": 7}, "getUser", 7),
        ({"id": 7}, "putUser", "7"),  # a number for a text
        ({"id": "7"}, "putUser", "7"),
        ({"id": "seven"}, "getUser", "seven"),  # means nothing to it: the call says so
        ({"id": True}, "putUser", "true"),
        ({"id": True}, "getUser", True),
        ({"id": [7]}, "putUser", [7]),
    ],
)
def test_a_value_becomes_what_its_text_means_to_the_parameter(
    serve: Serve, answer: Any, operation: str, value: Any
) -> None:
    node = {"operationId": operation, "parameters": {"path.id": "$response.body#/id"}}
    first = json_reply(answer, 404)  # what an error's body holds is not checked in strict mode
    client = Client(document(paths({"next": node})), server=serve(first).url)
    found = client.send("createUser", org=5, body={}).links["next"]
    assert found.arguments == {"path.id": value}
    if value == "seven":
        with pytest.raises(RequestInvalid, match="path id"):
            found()


def test_what_cannot_be_evaluated_is_left_out_and_said(serve: Serve) -> None:
    parameters = {"path.id": "$response.body#/none", "X-Via": "$response.header.none", "query.id": "q"}
    found = link(serve, parameters)
    assert found.arguments == {"query.id": "q"}
    assert [(each.where, each.name, each.message) for each in found.violations] == [
        ("argument", "path.id", "the body of the response has no /none"),
        ("argument", "X-Via", "the response has no header 'none'"),
    ]
    assert "without argument path.id: the body of the response has no /none" in repr(found)
    with pytest.raises(RequestInvalid, match="path id: missing"):
        found()


@pytest.mark.parametrize("content", [b"", b"{"])
def test_an_answer_without_a_body_that_can_be_read_gives_none(serve: Serve, content: bytes) -> None:
    node = {"operationId": "putUser", "requestBody": "$response.body"}
    client = Client(document(paths({"next": node})), server=serve(reply(404, content, JSON)).url)
    found = client.send("createUser", org=5, body={}).links["next"]
    assert found.body is MISSING
    assert [each.message for each in found.violations] == ["the response has no body that can be looked into"]


def test_what_a_call_gives_goes_before_the_link(serve: Serve) -> None:
    node = {
        "operationId": "putUser",
        "parameters": {"id": "$response.body#/id"},
        "requestBody": "$response.body",
    }
    response, server = created(serve, {"next": node})
    found = response.links["next"]
    assert found.body == {"id": 7, "name": "Ann"}
    found()
    found(id="8", body={"other": 1})
    assert [(each.target, json.loads(each.body)) for each in server.requests[1:]] == [
        ("/users/7", {"id": 7, "name": "Ann"}),
        ("/users/8", {"other": 1}),
    ]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("$request.body#/name", "Ann"),
        ("literal", "literal"),
        ({"literal": "$request.body#/name"}, {"literal": "$request.body#/name"}),
        (None, None),
    ],
)
def test_the_body_of_a_link_is_an_expression_or_a_literal(serve: Serve, body: Any, value: Any) -> None:
    response, _ = created(serve, {"next": {"operationId": "putUser", "requestBody": body}})
    assert response.links["next"].body == value


def test_one_name_in_two_places_is_told_apart_by_the_place(serve: Serve) -> None:
    """The name of a parameter may be qualified: `path.id` (4.8.20, `parameters`)."""
    node = {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id", "query.id": "a b"}}
    response, server = created(serve, {"next": node})
    found = response.links["next"]
    assert repr(found) == "<Link next: getUser(path.id=7, query.id='a b')>"
    found()
    found(**{"path.id": 8})  # what the call gives goes before the link, in its own place
    found(**{"query.id": "c"})
    assert [each.target for each in server.requests[1:]] == [
        "/users/7?id=a%20b",
        "/users/8?id=a%20b",
        "/users/7?id=c",
    ]


def test_a_name_that_stands_in_two_places_without_its_place_is_not_guessed(serve: Serve) -> None:
    found = link(serve, {"id": "$response.body#/id"})
    assert found.arguments == {"id": 7}
    with pytest.raises(RequestInvalid, match=r"is in several locations.*path\.id"):
        found()
    assert found(**{"path.id": 7}) == {"id": 1}


def test_options_of_a_call_through_a_link(serve: Serve) -> None:
    found = link(serve, {"path.id": 1})
    assert found.prepare(options={"headers": {"X-Extra": "1"}}).headers["X-Extra"] == "1"


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("#/paths/~1users~1{id}/get", "getUser"),
        ("#/paths/~1users~1%7Bid%7D/get", "getUser"),
        ("#/paths/~1users~1{id}/delete", "DELETE /users/{id}"),
        ("#/paths/~1alias~1{id}/get", "GET /alias/{id}"),  # its Path Item is that of another path
        ("#/paths/~1users~1{id}/patch", ""),
        ("#/components/schemas/User", ""),
        ("#/paths", ""),
        ("elsewhere.yaml#/paths/~1users/get", ""),
        ("https://elsewhere.example/#/paths/~12.0~1repositories/get", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_an_operation_by_reference(serve: Serve, reference: str, key: str) -> None:
    all_paths = paths({"next": {"operationRef": reference}})
    tree = document({**all_paths, "/alias/{id}": {"$ref": "#/paths/~1users~1{id}"}})
    client = Client(tree, server=serve(json_reply({"id": 1}, 201)).url)
    found = client.send("createUser", org=5, body={}).links["next"]
    assert found.operation == key
    if not key:
        assert found.violations[0].name == "operation"
        assert "no operation" in repr(found)
        with pytest.raises(DocumentError, match="leads to no operation"):
            found()


def test_an_operation_by_reference_into_another_file(serve: Serve, tmp_path: Path) -> None:
    links = {
        "through": {"operationRef": "#/paths/~1users~1{id}/get", "parameters": {"path.id": 1}},
        "straight": {"operationRef": "users.json#/get", "parameters": {"path.id": 2}},
    }
    all_paths = paths(links)
    (tmp_path / "users.json").write_text(json.dumps(all_paths.pop("/users/{id}")))
    (tmp_path / "links.json").write_text(json.dumps(links))
    all_paths["/users/{id}"] = {"$ref": "users.json"}
    all_paths["/orgs/{org}/users"]["post"]["responses"]["201"]["links"] = {
        name: {"$ref": f"links.json#/{name}"} for name in links
    }
    root = tmp_path / "root.json"
    root.write_text(json.dumps(document(all_paths)))
    server = serve(json_reply({"id": 7}, 201), json_reply({"id": 1}))
    response = Client(str(root), server=server.url).send("createUser", org=5, body={})
    assert [each.operation for each in response.links.values()] == ["getUser", "getUser"]
    for each in response.links.values():
        each()
    assert [each.target for each in server.requests[1:]] == ["/users/1", "/users/2"]


@pytest.mark.parametrize(
    "node", [{"operationId": "none"}, {}, {"$ref": "#/nowhere"}, 5, None, {"operationId": 5}]
)
def test_a_link_that_names_nothing_spoils_no_answer(serve: Serve, node: Any) -> None:
    response, _ = created(serve, {"next": node})
    assert response.data == {"id": 7, "name": "Ann"}
    assert response.links["next"].operation == ""
    with pytest.raises(DocumentError, match="the link next leads to no operation"):
        response.links["next"]()
    with pytest.raises(KeyError):
        response.links["none"]


def test_links_by_reference_from_the_components(serve: Serve) -> None:
    components = {
        "links": {"Get": {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id"}}}
    }
    response, _ = created(serve, {"next": {"$ref": "#/components/links/Get"}}, components=components)
    assert response.links["next"].arguments == {"path.id": 7}


def test_links_of_an_error(serve: Serve) -> None:
    node = {"operationId": "listUsers", "parameters": {"org": "$request.path.org"}}
    response, _ = created(serve, {"next": node}, status=409, answer={})
    assert response.links["next"].arguments == {"org": 5}


def test_a_link_to_an_operation_without_id_and_a_key_that_is_none(serve: Serve) -> None:
    node = {"operationId": "DELETE /users/{id}", "parameters": {"id": "$response.body#/id"}}
    response, _ = created(serve, {"next": node})
    found = response.links["next"]
    assert (found.operation, found.arguments) == ("DELETE /users/{id}", {"id": "7"})


def test_a_path_value_of_a_link_stays_in_its_segment(serve: Serve) -> None:
    node = {"operationId": "putUser", "parameters": {"id": "$response.body#/name"}, "requestBody": 1}
    response, server = created(serve, {"next": node}, answer={"name": "../../admin?x#y"})
    assert str(response.links["next"].prepare().url) == f"{server.url}/users/..%2F..%2Fadmin%3Fx%23y"
    response, _ = created(serve, {"next": node}, answer={"name": ".."})
    with pytest.raises(RequestInvalid, match="changes the path"):
        response.links["next"]()


# -- answers that are read as they come ---------------------------------------------------------------


def streamed(serve: Serve, *answers: Any) -> StreamedResponse:
    """The answer to createUser, its body not read yet, with a link from its body and one from its head."""
    nodes = {
        "body": {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id"}},
        "head": {"operationId": "getUser", "parameters": {"path.id": "$response.header.X-Id"}},
    }
    client = Client(document(paths(nodes)), server=serve(*answers).url)
    return client.send("createUser", org=5, body={}, options={"stream": True})


CREATED = reply(201, b'{"id": 7}', [*JSON, ("X-Id", "8")])


def test_what_a_link_takes_from_the_head_is_there_before_the_body_was_read(serve: Serve) -> None:
    response = streamed(serve, CREATED, json_reply({"id": 1}))
    assert response.links["head"].arguments == {"path.id": 8}
    assert response.links["head"]() == {"id": 1}
    assert response.links["body"].arguments == {}
    assert [each.message for each in response.links["body"].violations] == [
        "the response has a body that is not held; take its data first"
    ]


@pytest.mark.parametrize("way", ["data", "content", "read"])
def test_what_a_link_takes_from_the_body_is_there_once_that_was_read(serve: Serve, way: str) -> None:
    response = streamed(serve, CREATED, json_reply({"id": 1}))
    read = getattr(response, way)
    assert read() if callable(read) else read
    assert (response.links["body"].arguments, response.links["body"].violations) == ({"path.id": 7}, ())
    assert response.links["body"]() == {"id": 1}
    assert pickle.loads(pickle.dumps(response)).links == response.links


def test_a_body_that_was_saved_is_not_there_for_links(serve: Serve, tmp_path: Path) -> None:
    response = streamed(serve, CREATED)
    response.save(tmp_path / "x")
    assert response.links["body"].arguments == {}
    assert pickle.loads(pickle.dumps(response)).links == response.links


@pytest.mark.parametrize("answer", [reply(201, b"", JSON), reply(201, b"{", JSON), reply(409, b"{}", JSON)])
def test_links_of_a_streamed_answer_whose_body_holds_nothing_for_them(serve: Serve, answer: bytes) -> None:
    nodes = {"body": {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id"}}}
    client = Client(document(paths(nodes)), server=serve(answer).url, validate="warn")
    response = client.send("createUser", org=5, body={}, options={"stream": True})
    response.read()
    assert [each.name for each in response.links["body"].violations] == ["path.id"]


# -- pickling ----------------------------------------------------------------------------------------


def test_a_pickled_answer_keeps_the_data_of_its_links_and_not_the_client(serve: Serve) -> None:
    node = {
        "operationId": "getUser",
        "parameters": {"path.id": "$response.body#/id"},
        "server": {"url": "/v2"},
    }
    response, _ = created(serve, {"next": node})
    copied = pickle.loads(pickle.dumps(response))
    assert b"dynaclient.client" not in pickle.dumps(response)
    assert copied.links == response.links
    assert repr(copied.links) == repr(response.links)
    for call in (copied.links["next"], copied.links["next"].send, copied.links["next"].prepare):
        with pytest.raises(
            SettingsError, match=r"lost its client; use client.call\('getUser', response.links"
        ):
            call()


# -- credentials -------------------------------------------------------------------------------------

SCHEMES = {
    "securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "key"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
}
SECURITY: list[dict[str, list[str]]] = [{"key": [], "query": [], "cookie": [], "bearer": []}]
SECRETS = dict.fromkeys(("key", "query", "cookie", "bearer"), "s3cr3t")


def test_expressions_never_see_credentials(serve: Serve) -> None:
    names = ("header.X-Key", "query.key", "header.Cookie", "header.Authorization")
    parameters = {name: f"$request.{name}" for name in names}
    parameters |= {"set": "$response.header.Set-Cookie", "url": "$url"}
    tree = document(
        paths({"next": {"operationId": "getUser", "parameters": parameters}}),
        components=SCHEMES,
        security=SECURITY,
    )
    server = serve(reply(201, b"{}", [*JSON, ("Set-Cookie", "session=s3cr3t")]))
    url = server.url.replace("http://", "http://user:s3cr3t@")
    response = Client(tree, server=url, credentials=SECRETS).send("createUser", org=5, body={})
    assert server.requests[0].raw.count(b"s3cr3t") >= 3  # they were sent, and only that
    assert response.links["next"].arguments == {"url": f"{server.url}/orgs/5/users"}
    assert "s3cr3t" not in repr(response.links)
    assert b"s3cr3t" not in pickle.dumps(response.links)


def test_what_the_call_gave_as_a_credential_is_not_passed_on_either(serve: Serve) -> None:
    node = {"operationId": "getUser", "parameters": {"X-Via": "$request.header.Authorization"}}
    client = Client(document(paths({"next": node})), server=serve(reply(201, b"{}", JSON)).url)
    options = {"headers": {"Authorization": "Bearer s3cr3t"}}
    found = client.send("createUser", org=5, body={}, options=options).links["next"]
    assert found.arguments == {}
    assert "s3cr3t" not in repr(found)


def linked(own: RawServer, other: str, **settings: Any) -> Link:
    """A link with the server `other`, from a client of a document whose first server is `own`."""
    node = {"operationId": "getUser", "parameters": {"path.id": 1}, "server": {"url": other}}
    tree = document(paths({"next": node}), components=SCHEMES, security=SECURITY, servers=[{"url": own.url}])
    client = Client(tree, credentials=SECRETS, **settings)
    return client.send("createUser", org=5, body={}).links["next"]


def test_a_link_to_a_server_of_another_origin_gets_no_credentials(serve: Serve) -> None:
    own, other = serve(json_reply({}, 201)), serve(json_reply({"id": 1}))
    found = linked(own, f"{other.url}/v2")
    assert found.server == f"{other.url}/v2"
    found()
    assert b"s3cr3t" in own.requests[0].raw
    assert [each.target for each in other.requests] == ["/v2/users/1"]
    assert b"s3cr3t" not in other.requests[0].raw


def test_a_link_to_another_place_of_the_own_origin_gets_them(serve: Serve) -> None:
    own = serve(json_reply({}, 201), json_reply({"id": 1}))
    linked(own, f"{own.url}/v2")()
    assert own.requests[1].target == "/v2/users/1?key=s3cr3t"


def test_the_server_that_the_user_named_is_the_server_of_links_too(serve: Serve) -> None:
    own, other = serve(json_reply({}, 201), json_reply({"id": 1})), serve(json_reply({}))
    linked(own, other.url, server=own.url)()
    assert (len(own.requests), len(other.requests)) == (2, 0)


def test_a_challenge_to_a_link_is_answered_where_the_link_leads(serve: Serve) -> None:
    """A Digest challenge makes the client send again: to the server of the link, not to the operation's."""
    challenge = [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')]
    own = serve(json_reply({}, 201), reply(401, b"", challenge), json_reply({"id": 1}))
    node = {"operationId": "getUser", "parameters": {"path.id": 1}, "server": {"url": f"{own.url}/v2"}}
    schemes = {"securitySchemes": {"digest": {"type": "http", "scheme": "digest"}}}
    tree = document(
        paths({"next": node}), components=schemes, security=[{"digest": []}], servers=[{"url": own.url}]
    )
    client = Client(tree, credentials={"digest": ("user", "password")})
    client.send("createUser", org=5, body={}).links["next"]()
    assert [each.target for each in own.requests[1:]] == ["/v2/users/1"] * 2


def test_a_server_that_cannot_be_used_is_told_when_the_link_is_called(serve: Serve) -> None:
    own = serve(json_reply({}, 201))
    found = linked(own, "https://{region}.example")
    with pytest.raises(SettingsError, match="needs a value for 'region'"):
        found()


# -- findings ----------------------------------------------------------------------------------------


def test_a_link_that_leads_nowhere_is_a_finding() -> None:
    links = {"bad": {"operationId": "none"}, "good": {"operationId": "getUser"}, "lost": {"$ref": "#/no"}}
    findings = [str(each) for each in Client(document(paths(links))).findings]
    assert (
        sum(
            "the link bad does not resolve: the document has no operation 'none'" in each for each in findings
        )
        == 2
    )
    assert not any("the link good" in each for each in findings)
    assert any("#/no" in each for each in findings)


def test_an_operation_shows_its_links(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client(
        document(
            paths({"GetIt": {"operationId": "getUser", "parameters": {"path.id": "$response.body#/id"}}})
        )
    )
    assert "links of the response: GetIt" in repr(client.create_user)
    assert "links of the response: GetIt" in str(client.create_user.__doc__)
    assert "links" not in repr(client.get_user)
    from dynaclient.client import executor_of
    from dynaclient.explore.operation_page import show_operation

    show_operation(executor_of(client), client.operations["createUser"], "x.yaml")
    assert "link GetIt  getUser(path.id = $response.body#/id)" in capsys.readouterr().out


def test_a_link_that_the_answer_has_not_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownOperation) as caught:
        Links({"GetUser": Link("GetUser", "getUser", {})})["GetUsr"]
    assert caught.value.near == ("GetUser",)
    with pytest.raises(UnknownOperation):
        Links()["GetUser"]
