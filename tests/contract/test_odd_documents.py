"""Odd but real documents agree with their own sandboxes: one kind of oddity a row.

`run` finds nothing to report, everything can be tried but what is named, and each request of `refused` is one
that the sandbox refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.contract import run
from dynaclient.sandbox import Sandbox
from tests.small import document, one, param, said

Request = tuple[str, str, dict[str, Any]]
"""Method, target, and what else `requests` is given."""


@dataclass
class Odd:
    """A document, requests that its sandbox refuses, and how what is not checked or not tried begins."""

    tree: dict[str, Any]
    refused: tuple[Request, ...] = ()
    unchecked: tuple[str, ...] = ()
    taken: tuple[Request, ...] = ()
    statuses: set[int] = field(default_factory=lambda: {200})


def _json(value: Any) -> dict[str, Any]:
    return {"json": value}


NOTHING = {"allOf": [{"type": "string"}, {"type": "integer"}]}
TWICE = {"oneOf": [{"type": "string"}, {"type": "string"}]}

FORM = "application/x-www-form-urlencoded"
ENTRY = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "integer"},
        "l": {"type": "array", "items": {"type": "integer"}},
        "o": {"type": "object"},
    },
}


def _described(place: str, media_type: str = "text/plain", schema: Any = None) -> dict[str, Any]:
    """A required parameter that is described by `content`."""
    media = {media_type: {"schema": schema or {"type": "integer", "minimum": 3}}}
    return param("n", place, content=media, required=True)


ODD: dict[str, Odd] = {
    "only errors are documented": Odd(
        one("post", body={"type": "object", "required": ["a"]}, answers={"405": said(), "400": said()}),
        refused=(("POST", "/x", _json({})), ("POST", "/x", _json({"a": 1}))),
        statuses={400},
    ),
    "only a range of errors is documented": Odd(
        one(answers={"4XX": said({"type": "object", "required": ["message"]})}), statuses={400}
    ),
    "only a server error is documented": Odd(one(answers={"500": said()}), statuses={500}),
    "no response is documented": Odd(document({"/x": {"get": {"operationId": "op", "responses": {}}}})),
    "a response that no value meets": Odd(
        one(answer=TWICE), unchecked=("the schema allows nothing: no value was found",)
    ),
    "an error that no value meets": Odd(
        one(
            "get", "/x", param("n", schema={"type": "integer"}), answers={"200": said(), "400": said(NOTHING)}
        ),
        refused=(("GET", "/x?n=no", {}),),
        unchecked=("the schema allows nothing: no value was found",),
    ),
    "a request body that no value meets": Odd(
        one("post", body=NOTHING),
        unchecked=("no valid request was found: op: body: application/json: no value was found",),
        statuses=set(),
    ),
    "a property that is required and forbidden": Odd(
        one("post", body={"type": "object", "required": ["b"], "additionalProperties": False}),
        unchecked=("no valid request was found: op: body: application/json: no value was found",),
        statuses=set(),
    ),
}

OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}


def _objects(place: str, **rest: Any) -> dict[str, Any]:
    return one("get", "/x", param("o", place, OBJECT, **rest))


def _cookie(text: str) -> dict[str, Any]:
    return {"headers": {"Cookie": text}}


ODD |= {
    "a text for a deepObject": Odd(
        _objects("query", style="deepObject", explode=True),
        refused=(("GET", "/x?o=text", {}), ("GET", "/x?o[a]=x", {}), ("GET", "/x?o", {})),
        taken=(("GET", "/x?o[a]=1", {}),),
    ),
    "a text for an object in a query": Odd(
        _objects("query", style="form", explode=False),
        refused=(("GET", "/x?o=text", {}), ("GET", "/x?o=a,x", {})),
        taken=(("GET", "/x?o=a,1", {}),),
    ),
    "a text for an object in a cookie": Odd(
        _objects("cookie", style="form", explode=False),
        refused=(("GET", "/x", _cookie("o=text")), ("GET", "/x", _cookie("o=a,x"))),
        taken=(("GET", "/x", _cookie("o=a,1")),),
    ),
    "paths that differ behind a #": Odd(
        document(
            {
                "/x#one": {
                    "get": {
                        "operationId": "one",
                        "parameters": [param("o", "cookie", OBJECT, style="form", explode=True)],
                        "responses": {"200": said({"type": "string"})},
                    }
                },
                "/x#two": {
                    "get": {
                        "operationId": "two",
                        "parameters": [
                            param("o", "cookie", OBJECT, style="form", explode=False),
                            param("n", "query", {"type": "integer", "maximum": 3}, required=True),
                        ],
                        "responses": {"200": said({"type": "integer"})},
                    }
                },
            }
        ),
    ),
    "two templates of the same paths": Odd(
        document(
            {
                f"/x/{{{name}}}": {
                    "get": {
                        "operationId": name,
                        "parameters": [param(name, "path", {"type": kind})],
                        "responses": {"200": said({"type": kind})},
                    }
                }
                for name, kind in (("number", "integer"), ("name", "string"), ("flag", "boolean"))
            }
        ),
    ),
    "parameters side by side in a segment": Odd(
        one(
            "get",
            "/x/{id}{extension}",
            param("id", "path", {"type": "string", "pattern": "^[a-z0-9]+$"}),
            param("extension", "path", {"type": "string", "enum": [".json", ".xml", ".7z"]}),
        ),
        refused=(("GET", "/x/abc.exe", {}), ("GET", "/x/.json", {}), ("GET", "/x/a-b.json", {})),
        taken=(("GET", "/x/abc.json", {}), ("GET", "/x/7.7z", {})),
    ),
    "parameters with a dot between them": Odd(
        one(
            "get",
            "/x/{name}.{kind}",
            param("name", "path", {"type": "string", "minLength": 3}),
            param("kind", "path", {"type": "string", "maxLength": 4}),
        ),
        refused=(("GET", "/x/a.b.kindly", {}),),
        taken=(("GET", "/x/a.b.kind", {}), ("GET", "/x/a.b.c.d", {})),
    ),
    "a header that the client always sends": Odd(
        one(
            "get",
            "/x",
            param("User-Agent", "header", {"type": "string", "minLength": 3}, required=True),
            param("X-Other", "header", {"type": "string", "minLength": 3}, required=True),
        ),
        refused=(("GET", "/x", {"headers": {"User-Agent": "me"}}), ("GET", "/x", {})),
        taken=(("GET", "/x", {"headers": {"X-Other": "one"}}),),
    ),
    "free objects side by side in a query": Odd(
        one(
            "get",
            "/x",
            *(
                param(name, "query", {"type": "object", "additionalProperties": {"type": "string"}}, **rest)
                for name, rest in (("one", {"required": True}), ("two", {}))
            ),
        ),
        refused=(("GET", "/x", {}),),
        taken=(("GET", "/x?a=b", {}),),
    ),
}

PICTURE = {
    "type": "object",
    "required": ["picture", "title"],
    "properties": {
        "picture": {"type": "string", "format": "binary"},
        "title": {"type": "string", "maxLength": 9},
        "year": {"type": "integer", "minimum": 1900},
        "note": {"type": "string", "nullable": True},
        "public": {"type": "boolean"},
    },
}
FILE = ("a.png", b"\x89PNG", "image/png")


def _form(schema: dict[str, Any], kind: str = "multipart/form-data", **rest: Any) -> dict[str, Any]:
    version = rest.pop("version", "3.0.3")
    return one("post", content={kind: {"schema": schema, **rest}}, version=version)


def _parts(files: dict[str, Any], **fields: str) -> dict[str, Any]:
    return {"files": {**files, **{name: (None, text) for name, text in fields.items()}}}


def _upload(tree: dict[str, Any]) -> Odd:
    return Odd(
        tree,
        refused=(
            ("POST", "/x", _parts({}, picture="a text", title="a")),
            ("POST", "/x", _parts({}, title="a")),
            ("POST", "/x", _parts({"picture": FILE})),
            ("POST", "/x", _parts({"picture": FILE}, title="much too long")),
        ),
        taken=(("POST", "/x", _parts({"picture": FILE}, title="a")),),
    )


SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/x": {
            "post": {
                "operationId": "op",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "picture", "in": "formData", "type": "file", "required": True},
                    {"name": "title", "in": "formData", "type": "string", "maxLength": 9, "required": True},
                ],
                "responses": {"200": {"description": ""}},
            }
        }
    },
}

BEARER = {"type": "http", "scheme": "bearer"}

ODD |= {
    "two schemes in one header": Odd(
        one(
            answers={"200": said(), "401": said()},
            operation={"security": [{"one": [], "two": []}]},
            components={"securitySchemes": {"one": BEARER, "two": BEARER}},
        ),
        refused=(("GET", "/x", {}),),
        taken=(("GET", "/x", {"headers": {"Authorization": "Bearer a"}}),),
    ),
    "a file, 3.0": _upload(_form(PICTURE)),
    "a file of a type, 3.0": _upload(_form(PICTURE, encoding={"picture": {"contentType": "image/png"}})),
    "a file, 3.1": _upload(
        _form(
            {
                **PICTURE,
                "properties": {**PICTURE["properties"], "picture": {"contentMediaType": "image/png"}},
            },
            version="3.1.0",
        )
    ),
    "a file, 2.0": _upload(SWAGGER),
    "several files": Odd(
        _form(
            {
                "required": ["f"],
                "properties": {"f": {"type": "array", "items": PICTURE["properties"]["picture"]}},
            }
        ),
        refused=(("POST", "/x", _parts({}, f="a text")), ("POST", "/x", _parts({}, g="a text"))),
        taken=(("POST", "/x", _parts({"f": FILE})),),
    ),
    "a form": Odd(
        _form({**PICTURE, "required": ["title", "year"]}, "application/x-www-form-urlencoded"),
        refused=(
            ("POST", "/x", {"data": {"title": "a"}}),
            ("POST", "/x", {"data": {"title": "a", "year": "x"}}),
            ("POST", "/x", {"data": {"title": "a", "year": "1"}}),
        ),
        taken=(("POST", "/x", {"data": {"title": "a", "year": "1900"}}),),
    ),
    "a part that may only be null": Odd(
        _form(
            {"required": ["a"], "properties": {"a": {"type": "string"}, "n": {"type": "null"}}},
            version="3.1.0",
        ),
        refused=(("POST", "/x", _parts({"b": FILE})),),
    ),
    "a part that must be null": Odd(
        _form({"required": ["n"], "properties": {"n": {"type": "null"}}}, version="3.1.0"),
        unchecked=("no valid request was found: op: body: multipart/form-data: every form",),
        statuses=set(),
    ),
    "a body that is not written here": Odd(
        one("post", content={"application/xml": {"schema": {"type": "object"}}}),
        unchecked=("no valid request was found: op: body: application/xml: a body of this type",),
        statuses=set(),
    ),
    **{
        f"{place}, described as plain text": Odd(
            one("get", "/x/{n}" if place == "path" else "/x", _described(place), version="3.2.0"),
            refused=(("GET", "/x/b?b", {"headers": {"n": "b", "Cookie": "n=b"}}),),
            taken=(("GET", target, given),),
        )
        for place, target, given in (
            ("path", "/x/5", {}),
            ("query", "/x?n=5", {}),
            ("querystring", "/x?5", {}),
            ("header", "/x", {"headers": {"n": "5"}}),
            ("cookie", "/x", {"headers": {"Cookie": "n=5"}}),
        )
    },
    "the whole query, described as a form": Odd(
        one("get", "/x", _described("querystring", FORM, ENTRY), version="3.2.0"),
        refused=(("GET", "/x", {}), ("GET", "/x?b=1", {}), ("GET", "/x?a=b", {})),
        taken=(("GET", "/x?a=5&l=1&l=2", {}), ("GET", "/x?a=5&o=%7B%22k%22:1%7D", {})),
    ),
    "the whole query, described as JSON": Odd(
        one("get", "/x", _described("querystring", "application/json", ENTRY), version="3.2.0"),
        refused=(("GET", "/x", {}), ("GET", "/x?%7B%7D", {}), ("GET", "/x?%7B", {})),
        taken=(("GET", "/x?%7B%22a%22:5%7D", {}),),
    ),
    **{
        f"a key that is a required parameter too, in {place}": Odd(
            one(
                "get",
                "/x",
                param("k", place, required=True),
                param("n", schema={"type": "integer"}, required=True),
                components={"securitySchemes": {"key": {"type": "apiKey", "in": place, "name": "k"}}},
                security=[{"key": []}],
            ),
            refused=(("GET", "/x?n=1", {}), ("GET", "/x?n=b&k=s", {"headers": {"k": "s", "Cookie": "k=s"}})),
            taken=(("GET", "/x?n=1&k=s", {"headers": {"k": "s", "Cookie": "k=s"}}),),
        )
        for place in ("query", "header", "cookie")
    },
    "a picture": Odd(
        one("post", content={"image/png": {"schema": {"type": "string", "format": "binary"}}}),
        refused=(("POST", "/x", {}), ("POST", "/x", {"json": 1})),
        taken=(("POST", "/x", {"data": b"x", "headers": {"Content-Type": "image/png"}}),),
    ),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_document_agrees_with_its_own_sandbox(name: str, seed: int) -> None:
    odd = ODD[name]
    schemes = odd.tree.get("components", {}).get("securitySchemes", {})
    given = dict.fromkeys(schemes, "secret")
    with Sandbox(odd.tree) as running, Client(odd.tree, server=running.url, credentials=given) as client:
        report = run(client, seed=seed)
    assert [str(each) for each in report.failures] == []
    assert not report.failed
    told = [each.message for each in report.unchecked]
    assert len(told) == len(odd.unchecked)
    assert all(message.startswith(start) for message, start in zip(told, odd.unchecked, strict=True))
    assert {status for each in report.operations for status in each.statuses} == odd.statuses


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.refused or odd.taken])
def test_its_sandbox_refuses_what_is_invalid(name: str) -> None:
    odd = ODD[name]
    with Sandbox(odd.tree) as running, requests.Session() as session:
        session.trust_env = False
        for method, target, given in (*odd.refused, *odd.taken):
            response = session.request(method, running.url + target, timeout=30, **given)
            expected = "4" if (method, target, given) in odd.refused else "2"
            assert str(response.status_code).startswith(expected), (method, target, given, response.text)
