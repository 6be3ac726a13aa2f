"""Security Requirement Objects: missing, empty and invalid credentials get a 401, any others are accepted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import answer, document, operation

SCHEMES = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "Bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://elsewhere.example"},
    "mutual": {"type": "mutualTLS"},
}


def secured(*alternatives: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return document({"/x": {"get": operation(security=list(alternatives), **rest)}}, schemes=SCHEMES)


HEADER, QUERY, BASIC = {"header": []}, {"query": []}, {"basic": []}


@pytest.mark.parametrize(
    ("alternatives", "target", "headers", "status"),
    [
        ([HEADER], "/x", {}, 401),
        ([HEADER], "/x", {"X-Key": ""}, 401),
        ([HEADER], "/x", {"x-key": "any"}, 200),
        ([HEADER], "/x", {"x-key": "invalid-credential"}, 401),
        ([QUERY], "/x?key=invalid-credential", {}, 401),
        ([BASIC], "/x", {"Authorization": "Basic bm9ib2R5OmludmFsaWQ="}, 401),
        ([{"bearer": []}], "/x", {"Authorization": "Bearer invalid-credential"}, 401),
        ([QUERY], "/x", {}, 401),
        ([QUERY], "/x?key=", {}, 401),
        ([QUERY], "/x?key=any", {}, 200),
        ([{"cookie": []}], "/x", {"Cookie": "other=1"}, 401),
        ([{"cookie": []}], "/x", {"Cookie": "other=1; sid=any"}, 200),
        ([BASIC], "/x", {"Authorization": "Bearer any"}, 401),
        ([BASIC], "/x", {"Authorization": "Basic "}, 401),
        ([BASIC], "/x", {"Authorization": "Basic dTpw"}, 200),
        ([{"bearer": []}], "/x", {"Authorization": "bearer any"}, 200),
        ([{"bearer": []}], "/x", {"Authorization": "any"}, 401),
        ([{"oauth": ["read"]}], "/x", {"Authorization": "Bearer any"}, 200),
        ([{"openid": []}], "/x", {}, 401),
        ([{"mutual": []}], "/x", {}, 200),
        ([{"header": [], "query": []}], "/x", {"X-Key": "any"}, 401),
        ([{"header": [], "query": []}], "/x?key=any", {"X-Key": "any"}, 200),
        ([HEADER, QUERY], "/x?key=any", {}, 200),
        ([HEADER, QUERY], "/x", {}, 401),
        ([HEADER, {}], "/x", {}, 200),
        ([], "/x", {}, 200),
    ],
)
def test_credentials(
    serve: Serve, ask: Ask, alternatives: list[Any], target: str, headers: dict[str, str], status: int
) -> None:
    response = ask(serve(secured(*alternatives)), "GET", target, headers=headers)
    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_an_undocumented_401_names_what_is_missing_and_asks_for_it(serve: Serve, ask: Ask) -> None:
    sandbox = serve(secured(HEADER, BASIC))
    response = ask(sandbox, "GET", "/x")
    assert response.headers["WWW-Authenticate"] == 'ApiKey realm="sandbox", Basic realm="sandbox"'
    assert response.json()["reasons"] == [
        "header: no value in the header X-Key",
        "basic: no `Authorization: Basic ...` header",
    ]
    assert sandbox.received[0].reasons == tuple(response.json()["reasons"])
    assert sandbox.received[0].operation == "op"


def test_a_documented_401_has_the_documented_body(serve: Serve, ask: Ask) -> None:
    schema = {
        "type": "object",
        "required": ["code", "detail"],
        "additionalProperties": False,
        "properties": {"code": {"type": "integer", "enum": [17]}, "detail": {"type": "string"}},
    }
    answers = {"200": {"description": ""}, "401": answer(schema, "application/problem+json")}
    response = ask(serve(secured(HEADER, answers=answers)), "GET", "/x")
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {"code": 17, "detail": "header: no value in the header X-Key"}


def test_the_roots_security_holds_where_the_operation_is_silent(serve: Serve, ask: Ask) -> None:
    paths = {"/x": {"get": operation()}, "/open": {"get": operation("open", security=[])}}
    sandbox = serve(document(paths, schemes=SCHEMES, security=[HEADER]))
    assert ask(sandbox, "GET", "/x").status_code == 401
    assert ask(sandbox, "GET", "/open").status_code == 200


def test_credentials_come_before_the_judge(serve: Serve, ask: Ask) -> None:
    wrong = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
    sandbox = serve(secured(HEADER, parameters=[wrong]))
    assert ask(sandbox, "GET", "/x").status_code == 401
    assert ask(sandbox, "GET", "/x", headers={"X-Key": "any"}).status_code == 422
