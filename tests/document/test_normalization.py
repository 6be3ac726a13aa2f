"""Non-standard spellings of the specification's words."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, ResponseInvalid
from dynaclient.document import normalization as spelling
from tests.servers import RawServer
from tests.small import json_reply, one, said

STATUS = [
    ("200", "200"), ("2XX", "2XX"), ("default", "default"),
    ("200 OK", "200"), ("404 - Not found", "404"), ("200: done", "200"), (" 200 ", "200"),
    ("200.0", "200"), ("200OK", "200"),
    ("2xx", "2XX"), ("4xx error", "4XX"), ("5**", "5XX"), ("Default", "default"), (" DEFAULT ", "default"),
    ("200-299", "200-299"), ("400, 401", "400, 401"), ("400 or 404", "400 or 404"), ("20X", "20X"),
    ("600", "600"), ("2000", "2000"),
    ("success", "success"), ("x-200", "x-200"), ("default answer", "default answer"),
]  # fmt: skip
PLACES = [
    ("query", "query"), ("Query", "query"), (" PATH", "path"), ("headers", "header"),
    ("formData", "formData"), ("form", "formData"),
    ("Body", "body"), ("nowhere", "nowhere"), ("", ""),
]  # fmt: skip
SCHEMES = [
    ("apiKey", "apiKey"), ("apikey", "apiKey"), ("Basic", "basic"), ("OAuth2", "oauth2"), ("hmac", "hmac"),
]  # fmt: skip
MEDIA_TYPES = [
    ("application/json", ["application/json"]),
    ("application/json;v=1", ["application/json;v=1"]),
    ('application/ld+json; profile="a,b"', ['application/ld+json; profile="a,b"']),
    ("*/*", ["*/*"]),
    ("json", ["application/json"]),
    ("JSON", ["application/json"]),
    ("*", ["*/*"]),
    ("form-data", ["multipart/form-data"]),
    (" text/csv ", ["text/csv"]),
    ("application\\/json", ["application/json"]),
    ("application/json, text/xml", ["application/json", "text/xml"]),
    ("schema", ["schema"]),
]


@pytest.mark.parametrize(("stated", "due"), STATUS)
def test_status(stated: str, due: str) -> None:
    assert spelling.status(stated) == due


@pytest.mark.parametrize(("stated", "due"), PLACES)
def test_place(stated: str, due: str) -> None:
    assert spelling.normal_location(stated) == due


@pytest.mark.parametrize(("stated", "due"), SCHEMES)
def test_scheme(stated: str, due: str) -> None:
    assert spelling.scheme(stated) == due


@pytest.mark.parametrize(("stated", "due"), MEDIA_TYPES)
def test_media_types(stated: str, due: list[str]) -> None:
    assert spelling.normal_media_types(stated) == due


@pytest.mark.parametrize("key", ["200 OK", "2xx", "Default"])
def test_an_answer_is_held_against_what_its_key_means(key: str) -> None:
    with RawServer(json_reply({}), json_reply({"a": 1})) as server:
        client = Client(one(answers={key: said({"required": ["a"]})}), server=server.url)
        with pytest.raises(ResponseInvalid, match="'a' is missing"):
            client.op()
        assert client.op() == {"a": 1}
    assert any(f"{key!r} is not a status" in finding.message for finding in client.findings)


def test_a_key_that_is_right_goes_before_one_that_means_the_same() -> None:
    answers = {"200 OK": said({"type": "string"}), "200": said({"type": "integer"}), "200 again": said()}
    operation = Client(one(answers=answers)).operations["op"]
    assert [answer.status for answer in operation.responses] == ["200"]
    assert operation.responses[0].content["application/json"].schema.value == {"type": "integer"}  # type: ignore[union-attr]


def test_each_key_that_is_no_status_says_what_becomes_of_it() -> None:
    answers = {"200 OK": said(), "200 again": said(), "404": said(), "404 gone": said()}
    found = {each.message: each.meaning for each in Client(one(answers=answers)).findings}
    assert [found[f"{key!r} is not a status"] for key in ("200 OK", "200 again", "404 gone")] == [
        "it is read as 200", "it is left out", "it is left out",
    ]  # fmt: skip


@pytest.mark.parametrize("names", [["json", "application/json"], ["application/json", "json"]])
def test_a_media_type_that_is_right_goes_before_one_that_means_the_same(names: list[str]) -> None:
    content = {name: {"schema": {"description": name}} for name in names}
    body = Client(one("post", content=content)).operations["op"].body
    assert body is not None
    (media,) = body.content.values()
    assert media.schema is not None
    assert media.schema.value == {"description": "application/json"}


CONTENT: list[tuple[str, Any]] = [
    ("json", ["application/json"]),
    ("application/json, application/xml", ["application/json", "application/xml"]),
    ("schema", []),
]


@pytest.mark.parametrize(("name", "due"), CONTENT)
def test_a_body_of_a_media_type_that_is_written_otherwise(name: str, due: list[str]) -> None:
    client = Client(one("post", content={name: {"schema": {"type": "object"}}}), server="http://h")
    body = client.operations["op"].body
    assert body is not None
    assert list(body.content) == due
    assert client.prepare("op", body={"a": 1}).headers["Content-Type"] == "application/json"
    assert any(f"{name!r} is not a media type" in finding.message for finding in client.findings)
