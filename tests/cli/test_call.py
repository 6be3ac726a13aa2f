"""`dynaclient call`: what it sends, prints and hides, and how it ends."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import HANG_UP, reply
from tests.small import JSON, json_reply, one, param, said

SECRET = "s3cr3t-key"
PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
SCHEMES = {
    "in-header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "in-query": {"type": "apiKey", "in": "query", "name": "key"},
    "in-cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def secured(scheme: str) -> dict[str, Any]:
    """A document whose operation asks for one scheme."""
    return one(answer=PET, security=[{scheme: []}], components={"securitySchemes": SCHEMES})


def test_json_is_laid_out(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"name": "Zoë", "tags": [1]}))
    result = run("call", save(one(answer=PET)), "op", "--server", server.url)
    assert result.code == 0
    assert result.out == '{\n  "name": "Zoë",\n  "tags": [\n    1\n  ]\n}\n'
    assert result.err == ""


ANSWERS: dict[str, tuple[bytes, str, str]] = {
    "text": (b"hello\n", "text/plain", "hello\n"),
    "a JSON text": (b'"hello"', "application/json", '"hello"\n'),
    "JSON null": (b"null", "application/json", "null\n"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_other_answers_are_printed_as_they_are(run: Run, serve: Serve, save: Save, case: str) -> None:
    body, content_type, shown = ANSWERS[case]
    server = serve(reply(200, body, [("Content-Type", content_type)]))
    document = save(one(answers={"200": said({}, content_type)}))
    assert run("call", document, "op", "--server", server.url).out == shown


def test_no_body_prints_nothing(run: Run, serve: Serve, save: Save) -> None:
    result = run("call", save(one(answers={"204": said()})), "op", "--server", serve(reply(204)).url)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_bytes_come_raw(capsysbinary: pytest.CaptureFixture[bytes], serve: Serve, save: Save) -> None:
    from dynaclient.cli.main import main

    server = serve(reply(200, b"\x00\xff\r\n", [("Content-Type", "image/png")]))
    path = save(one(answers={"200": said({"type": "string", "format": "binary"}, "image/png")}))
    assert main(["call", path, "op", "--server", server.url]) == 0
    assert capsysbinary.readouterr().out == b"\x00\xff\r\n"


def test_an_error_is_1_and_its_body_is_printed(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"message": "gone"}, 410))
    result = run("call", save(one(answer=PET)), "op", "--server", server.url)
    assert result.code == 1
    assert json.loads(result.out) == {"message": "gone"}
    assert "the server returned 410" in result.err


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_an_answer_that_breaks_the_document_is_1_and_is_printed(
    run: Run, serve: Serve, save: Save, mode: str
) -> None:
    server = serve(json_reply({"name": 5}))
    result = run("call", save(one(answer=PET)), "op", "--server", server.url, "--validate", mode)
    assert result.code == 1
    assert json.loads(result.out) == {"name": 5}
    assert "body at /name" in result.err
    assert result.err.count("/name:") == 1


@pytest.mark.parametrize("modes", [["off"], ["response=off"], ["strict", "response=off"]])
def test_validation_can_be_switched_off(run: Run, serve: Serve, save: Save, modes: list[str]) -> None:
    options = [part for mode in modes for part in ("--validate", mode)]
    server = serve(json_reply({"name": 5}))
    result = run("call", save(one(answer=PET)), "op", "--server", server.url, *options)
    assert (result.code, result.err) == (0, "")


def test_a_broken_request_is_sent_where_that_is_asked_for(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"name": "x"}))
    path = save(one("post", body=PET, answer=PET))
    result = run("call", path, "op", "--server", server.url, "--body", "{}", "--validate", "request=off")
    assert result.code == 0
    assert server.requests[0].body == b"{}"


def test_no_answer_is_1(run: Run, serve: Serve, save: Save) -> None:
    result = run("call", save(one("post", answer=PET)), "op", "--server", serve(HANG_UP).url)
    assert result.code == 1
    assert result.err.startswith("dynaclient: POST ")


# -- arguments


SENT: dict[str, tuple[list[dict[str, Any]], list[str], str]] = {
    "text": ([param("q")], ["q=a b=c"], "/x?q=a%20b%3Dc"),
    "an empty text": ([param("q")], ["q="], "/x?q="),
    "a number": ([param("q", schema={"type": "integer"})], ["q=5"], "/x?q=5"),
    "digits that are text": ([param("q")], ["q=007"], "/x?q=007"),
    "a boolean": ([param("q", schema={"type": "boolean"})], ["q=true"], "/x?q=true"),
    "an array": (
        [param("q", schema={"type": "array", "items": {"type": "string"}})],
        ["q=a", "q=b,c"],
        "/x?q=a&q=b%2Cc",
    ),
    "an array of one": (
        [param("q", schema={"type": "array", "items": {"type": "integer"}})],
        ["q=7"],
        "/x?q=7",
    ),
    "an array as JSON": (
        [param("q", schema={"type": "array", "items": {"type": "integer"}}, explode=False)],
        ["q=[1, 2]"],
        "/x?q=1,2",
    ),
    "an object as JSON": (
        [param("q", schema={"type": "object"}, style="deepObject")],
        ['q={"a": "b"}'],
        "/x?q%5Ba%5D=b",
    ),
    "JSON in a parameter": (
        [param("q", content={"application/json": {"schema": {"type": "object"}}})],
        ['q={"a":1}'],
        "/x?q=%7B%22a%22%3A1%7D",
    ),
    "digits that are text, in plain text": (
        [param("q", content={"text/plain": {"schema": {"type": "string"}}})],
        ["q=5"],
        "/x?q=5",
    ),
    "digits that are text, in JSON": (
        [param("q", content={"application/json": {"schema": {"type": "string"}}})],
        ["q=5"],
        "/x?q=%225%22",
    ),
    "a number in plain text": (
        [param("q", content={"text/plain": {"schema": {"type": "integer"}}})],
        ["q=5"],
        "/x?q=5",
    ),
    "one name in two places": (
        [param("id", "path"), param("id", schema={"type": "integer"})],
        ["path.id=p", "query.id=1"],
        "/x/p?id=1",
    ),
    "the snake_case name": ([param("userId")], ["user_id=u"], "/x?userId=u"),
    "a name with =": ([param("a=b")], ["a=b=c"], "/x?a%3Db=c"),
}


@pytest.mark.parametrize("case", SENT)
def test_parameters_are_read_by_their_schema(run: Run, serve: Serve, save: Save, case: str) -> None:
    parameters, texts, target = SENT[case]
    path = "/x/{id}" if any(each["in"] == "path" for each in parameters) else "/x"
    server = serve(json_reply({"name": "x"}))
    options = [part for text in texts for part in ("-p", text)]
    result = run("call", save(one("get", path, *parameters)), "op", "--server", server.url, *options)
    assert result.err == ""
    assert server.requests[0].target == target


def test_a_name_given_twice_that_is_no_array_is_refused(run: Run, save: Save) -> None:
    result = run("call", save(one("get", "/x", param("q"))), "op", "-p", "q=1", "-p", "q=2")
    assert result.code == 3
    assert "argument q: given twice, but not an array" in result.err


def test_an_unknown_name_is_refused_with_the_near_one(run: Run, save: Save) -> None:
    arguments = ["-p", "limits=1", "--server", "http://127.0.0.1:1"]
    result = run("call", save(one("get", "/x", param("limit"))), "op", *arguments)
    assert result.code == 3
    assert "did you mean limit" in result.err


def test_the_operation_goes_by_each_of_its_names(run: Run, serve: Serve, save: Save) -> None:
    server = serve(reply(200, b"{}", JSON))
    document = one(operation={"operationId": "getThing"}, answer={})
    for name in ("getThing", "get_thing", "GET /x"):
        assert run("call", save(document), name, "--server", server.url).code == 0
    assert [each.target for each in server.requests] == ["/x"] * 3


# -- bodies


BODIES: dict[str, tuple[dict[str, Any], str, bytes, str]] = {
    "JSON": ({"application/json": {}}, '{"a": [1]}', b'{"a":[1]}', "application/json"),
    "JSON text": ({"application/json": {}}, '"a"', b'"a"', "application/json"),
    "a form": (
        {"application/x-www-form-urlencoded": {}},
        '{"a": "b c"}',
        b"a=b%20c",
        "application/x-www-form-urlencoded",
    ),
    "plain text": ({"text/plain": {}}, "hello", b"hello", "text/plain"),
    "text where JSON would do too": (
        {"application/json": {}, "text/plain": {}},
        "hello there",
        b"hello there",
        "text/plain",
    ),
    "XML": ({"application/xml": {}}, "<a/>", b"<a/>", "application/xml"),
    "bytes": ({"application/octet-stream": {}}, "raw", b"raw", "application/octet-stream"),
}


@pytest.mark.parametrize("way", ["argument", "file", "standard input"])
@pytest.mark.parametrize("case", BODIES)
def test_a_body_comes_from_an_argument_a_file_or_standard_input(
    run: Run,
    serve: Serve,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    way: str,
) -> None:
    content, text, sent, content_type = BODIES[case]
    given = {"argument": text, "file": str(tmp_path / "body"), "standard input": "-"}[way]
    (tmp_path / "body").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    server = serve(reply(200, b"{}", JSON))
    path = save(one("post", content=content, answer={}))
    result = run("call", path, "op", "--server", server.url, "--body", given)
    assert (result.code, result.err) == (0, "")
    assert server.requests[0].body == sent
    assert (server.requests[0].header("Content-Type") or "").partition(";")[0] == content_type


NO_BODY: dict[str, tuple[str, str]] = {
    "broken JSON": ("{broken", "--body '{broken': not JSON"),
    "a path without a file": ("/nope.json", "is neither JSON nor the path of a file; give JSON, @FILE, or -"),
    "a word": ("x" * 5000, "is neither JSON nor the path of a file"),
    "a null character": ("a\0b", "is neither JSON nor the path of a file"),
    "a file that cannot be resolved": ("@/nope.json", "@/nope.json: it cannot be read: No such file"),
    "a folder": ("@/", "@/: it cannot be read: Is a directory"),
}


@pytest.mark.parametrize("case", NO_BODY)
def test_what_is_no_body_is_a_mistake_of_usage(run: Run, save: Save, case: str) -> None:
    text, reason = NO_BODY[case]
    result = run("call", save(one("post", body=PET)), "op", "--body", text)
    assert result.code == 2
    assert reason in result.err
    assert len(result.err) < 400


def test_a_file_that_is_no_json_is_named(run: Run, save: Save, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    result = run("call", save(one("post", body=PET)), "op", "--body", f"@{tmp_path / 'broken.json'}")
    assert result.code == 2
    assert "broken.json: not JSON" in result.err


def test_a_body_where_none_is_taken_is_refused(run: Run, save: Save) -> None:
    result = run("call", save(one()), "op", "--body", "hello", "--server", "http://127.0.0.1:1")
    assert (result.code, result.out) == (3, "")
    assert "op takes no body" in result.err


# -- fields

UPLOAD = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "copies": {"type": "integer"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "about": {"type": "object"},
                "photo": {"type": "string", "format": "binary"},
                "pages": {"type": "array", "items": {"type": "string", "format": "binary"}},
            },
        }
    }
}
OCTETS = bytes(range(256))

FIELDS: dict[str, tuple[list[str], list[tuple[str, str | None, str, bytes]]]] = {
    # the fields, and the parts that arrive: name, file name, type, content
    "texts": (["title=a=b", "copies=5"], [("title", None, "text/plain", b"a=b"),
                                          ("copies", None, "text/plain", b"5")]),
    "an array": (["tags=a", "tags=b"], [("tags", None, "text/plain", b"a"),
                                        ("tags", None, "text/plain", b"b")]),
    "an object": (['about={"a": 1}'], [("about", None, "application/json", b'{"a":1}')]),
    "a file": (["photo=@{0}/rex.png"], [("photo", "rex.png", "image/png", OCTETS)]),
    "its type": (["photo=@{0}/rex.png;type=image/x-own"], [("photo", "rex.png", "image/x-own", OCTETS)]),
    "its name": (["photo=@{0}/rex.png;filename=ä;type=text/csv"], [("photo", "ä", "text/csv", OCTETS)]),
    "standard input": (["photo=@-"], [("photo", "photo", "application/octet-stream", b"piped")]),
    "files": (["pages=@{0}/rex.png", "pages=@{0}/empty"],
              [("pages", "rex.png", "image/png", OCTETS),
               ("pages", "empty", "application/octet-stream", b"")]),
    "one of an array": (["pages=@{0}/empty"], [("pages", "empty", "application/octet-stream", b"")]),
    "what nobody described": (["more=5", "more=6"], [("more", None, "text/plain", b"5"),
                                                     ("more", None, "text/plain", b"6")]),
}  # fmt: skip


@pytest.mark.parametrize("case", FIELDS)
def test_fields_and_files_arrive(
    run: Run, serve: Serve, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    (tmp_path / "rex.png").write_bytes(OCTETS)
    (tmp_path / "empty").write_bytes(b"")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    texts, parts = FIELDS[case]
    server = serve(reply(204))
    options = [part for text in texts for part in ("-F", text.replace("{0}", str(tmp_path)))]
    document = save(one("post", content=UPLOAD, answers={"204": said()}))
    result = run("call", document, "op", "--server", server.url, *options)
    assert (result.code, result.err) == (0, "")
    head = f"Content-Type: {server.requests[0].header('Content-Type')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + server.requests[0].body)
    found = [
        (
            each.get_param("name", header="Content-Disposition"),
            each.get_filename(),
            each.get_content_type(),
            each.get_payload(decode=True),
        )
        for each in message.iter_parts()  # type: ignore[attr-defined]
    ]
    assert found == parts


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_fields_are_the_properties_of_any_body(run: Run, serve: Serve, save: Save, kind: str) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    server = serve(reply(204))
    document = save(one("post", content={kind: {"schema": schema}}, answers={"204": said()}))
    result = run("call", document, "op", "--server", server.url, "--field", "name=007", "-F", "age=7")
    assert (result.code, result.err) == (0, "")
    sent = {"application/json": b'{"name":"007","age":7}'}.get(kind, b"name=007&age=7")
    assert server.requests[0].body == sent


def test_a_file_is_a_whole_body(run: Run, serve: Serve, save: Save, tmp_path: Path) -> None:
    (tmp_path / "rex.png").write_bytes(OCTETS)
    server = serve(reply(204))
    document = save(one("put", content={"image/*": {}}, answers={"204": said()}))
    result = run("call", document, "op", "--server", server.url, "--body", f"@{tmp_path / 'rex.png'}")
    assert (result.code, result.err) == (0, "")
    assert server.requests[0].body == OCTETS
    assert server.requests[0].header("Content-Type") == "image/png"


def test_a_dry_run_tells_the_size_of_what_is_read_while_it_is_sent(
    run: Run, save: Save, tmp_path: Path
) -> None:
    (tmp_path / "rex.png").write_bytes(OCTETS)
    document = save(one("put", content={"image/png": {}}))
    options = ["--server", "http://x", "--dry-run", "--body", f"@{tmp_path / 'rex.png'}"]
    result = run("call", document, "op", *options)
    assert result.code == 0
    assert result.out.endswith("\n\n(256 bytes)\n")


NO_FIELD: dict[str, tuple[list[str], int, str]] = {
    "without =": (["title"], 2, "-F NAME=VALUE or -F NAME=@FILE, got 'title'"),
    "without a name": (["=x"], 2, "-F NAME=VALUE"),
    "a file that cannot be resolved": (["photo=@/nope.png"], 2, "@/nope.png: it cannot be read"),
    "twice and no array": (["title=a", "title=b"], 2, "title=... is given twice, but not an array"),
    "of another type": (["copies=many"], 3, 'body at /copies: expected an integer, got a string ("many")'),
}


@pytest.mark.parametrize("case", NO_FIELD)
def test_what_is_no_field_is_refused(run: Run, save: Save, case: str) -> None:
    texts, code, reason = NO_FIELD[case]
    options = [part for text in texts for part in ("-F", text)]
    result = run("call", save(one("post", content=UPLOAD)), "op", "--server", "http://127.0.0.1:1", *options)
    assert result.code == code
    assert reason in result.err


def test_a_file_in_json_is_refused(run: Run, save: Save, tmp_path: Path) -> None:
    (tmp_path / "rex.png").write_bytes(OCTETS)
    options = ["--server", "http://127.0.0.1:1", "-F", f"name=@{tmp_path / 'rex.png'}"]
    result = run("call", save(one("post", body=PET)), "op", *options)
    assert result.code == 3
    assert "body at /name: a file or bytes cannot be written as JSON" in result.err


# -- headers


def test_headers_that_the_document_does_not_mention(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"name": "x"}))
    options = ["--server", server.url, "-H", "X-Key: a:b", "--header", "X-Empty:"]
    assert run("call", save(one(answer=PET)), "op", *options).code == 0
    assert (server.requests[0].header("X-Key"), server.requests[0].header("X-Empty")) == ("a:b", "")


def test_a_header_without_a_colon_is_not_repeated(run: Run, save: Save) -> None:
    result = run("call", save(one()), "op", "-H", SECRET)
    assert (result.code, result.err) == (2, "dynaclient: expected -H 'NAME: VALUE'\n")


HINTS: dict[str, tuple[list[str], str]] = {
    "no server": (["-p", "path.id=1"], "give --server"),
    "one name in two places": (
        ["-p", "id=1", "--server", "http://x"],
        "give -p path.id=... or -p query.id=...",
    ),
    "an unknown scheme": (["--credential", "key=1"], "goes with -H 'NAME: VALUE'"),
    "nobody there": (["-p", "path.id=1", "--server", "http://127.0.0.1:1"], "and --server"),
    "a property as a parameter": (["-p", "name=x", "--server", "http://x"], "goes in -F name=..."),
    "a server that is none": (["--server", "x"], "--server 'x' is not an http(s) URL"),
}


@pytest.mark.parametrize("case", HINTS)
def test_hints_speak_of_options(run: Run, save: Save, case: str) -> None:
    options, hint = HINTS[case]
    document = save(one("post", "/x/{id}", param("id", "path"), param("id"), body=PET, required=False))
    result = run("call", document, "op", *options)
    assert hint in result.err
    assert "server=" not in result.err


# -- credentials and server


def test_credentials_and_server_come_from_the_environment(
    run: Run, serve: Serve, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(json_reply({"name": "x"}))
    monkeypatch.setenv("DYNACLIENT_SERVER", server.url)
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_IN_HEADER", SECRET)
    assert run("call", save(secured("in-header")), "op").code == 0
    assert server.requests[0].header("X-Key") == SECRET


def test_options_win_over_the_environment(
    run: Run, serve: Serve, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(json_reply({"name": "x"}))
    monkeypatch.setenv("DYNACLIENT_SERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_IN_HEADER", "other")
    credential = f"in-header={SECRET}="
    assert (
        run("call", save(secured("in-header")), "op", "--server", server.url, "--credential", credential).code
        == 0
    )
    assert server.requests[0].header("X-Key") == f"{SECRET}="


def test_a_user_and_password_are_basic(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"name": "x"}))
    credential = ["--credential", f"basic=me:{SECRET}"]
    run("call", save(secured("basic")), "op", "--server", server.url, *credential)
    encoded = base64.b64encode(f"me:{SECRET}".encode()).decode()
    assert server.requests[0].header("Authorization") == f"Basic {encoded}"


BASIC = base64.b64encode(f"me:{SECRET}".encode()).decode()
REFERENCES = {
    "of the environment": ("in-header", "env:KEY_OF_SHOP", SECRET),
    "of a command": ("in-header", f"command:{sys.executable} -c 'print(\"{SECRET}\")'", SECRET),
    "user and password": ("basic", "env:USER_OF_SHOP", f"Basic {BASIC}"),
    "a secret that looks like one": ("in-header", "plain:env:KEY_OF_SHOP", "env:KEY_OF_SHOP"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFERENCES)
def test_a_credential_may_be_given_by_reference(
    run: Run, serve: Serve, save: Save, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    scheme, given, sent = REFERENCES[case]
    monkeypatch.setenv("KEY_OF_SHOP", SECRET)
    monkeypatch.setenv("USER_OF_SHOP", f"me:{SECRET}")
    server = serve(json_reply({"name": "x"}))
    options = ["--server", server.url, "--credential", f"{scheme}={given}"]
    assert run("call", save(secured(scheme)), "op", *options).code == 0
    assert server.requests[0].header("Authorization" if scheme == "basic" else "X-Key") == sent


def test_a_reference_that_leads_nowhere_sends_nothing(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({"name": "x"}))
    options = ["--server", server.url, "--credential", "in-header=env:NOT_SET_ANYWHERE"]
    result = run("call", save(secured("in-header")), "op", *options)
    assert result.code == 2
    assert "NOT_SET_ANYWHERE is not set" in result.err
    assert server.requests == []


HIDING: dict[str, tuple[str, ...]] = {
    "-v": ("-v",),
    "--dry-run": ("--dry-run",),
    "both": ("--dry-run", "-v"),
}


@pytest.mark.parametrize("options", HIDING)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_secrets_are_redacted(run: Run, serve: Serve, save: Save, scheme: str, options: str) -> None:
    server = serve(
        reply(
            200,
            b'{"name": "x"}',
            [*JSON, ("Set-Cookie", f"sid={SECRET}")],
        )
    )
    credential = f"{scheme}=me:{SECRET}"
    shown = run(
        "call",
        save(secured(scheme)),
        "op",
        "--server",
        server.url,
        "--credential",
        credential,
        *HIDING[options],
    )
    assert shown.code == 0
    everything = shown.out + shown.err
    assert SECRET not in everything
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() not in everything
    assert "***" in everything


@pytest.mark.parametrize("scheme", ["in-header", "in-query", "in-cookie", "bearer"])
def test_a_secret_that_a_server_sends_back_is_redacted_too(
    run: Run, serve: Serve, save: Save, scheme: str
) -> None:
    server = serve(
        reply(200, b'{"name": "x"}', [*JSON, ("Location", f"/?k={SECRET}%21"), ("X", f"{SECRET}!")])
    )
    options = ["--server", server.url, "--credential", f"{scheme}={SECRET}!", "-v"]
    shown = run("call", save(secured(scheme)), "op", *options)
    assert SECRET not in shown.err
    assert "< Location: /?k=***" in shown.err


@pytest.mark.parametrize("scheme", SCHEMES)
def test_errors_hold_no_secrets(run: Run, serve: Serve, save: Save, scheme: str) -> None:
    for text in (f"me:{SECRET}", f"me:{SECRET}\n", f"me:{SECRET}\u20ac"):
        for answer in (HANG_UP, json_reply({}, 500), json_reply({"name": 5})):
            options = ["--server", serve(answer).url, "--credential", f"{scheme}={text}"]
            shown = run("call", save(secured(scheme)), "op", *options, "-v")
            assert shown.code in (1, 3)
            assert SECRET not in shown.out + shown.err


def test_the_exchange_is_shown_on_standard_error(run: Run, serve: Serve, save: Save) -> None:
    path = save(one("post", body=PET, answer=PET))
    server = serve(json_reply({"name": "x"}))
    shown = run("call", path, "op", "--server", server.url, "--body", '{"name": "a"}', "-v")
    lines = shown.err.splitlines()
    assert lines[0] == f"> POST {server.url}/x"
    assert "> Content-Type: application/json" in lines
    assert any(line.startswith("< 200 OK (") and line.endswith(" ms)") for line in lines)
    assert "< Content-Type: application/json" in lines
    assert json.loads(shown.out) == {"name": "x"}


def test_a_dry_run_shows_the_request_and_sends_nothing(run: Run, serve: Serve, save: Save) -> None:
    server = serve()
    path = save(one("post", "/x/{id}", param("id", "path"), body=PET))
    shown = run(
        "call", path, "op", "-p", "id=a/b", "--body", '{"name": "ä"}', "--server", server.url, "--dry-run"
    )
    assert shown.code == 0
    head, _, body = shown.out.partition("\n\n")
    assert head.splitlines()[0] == f"POST {server.url}/x/a%2Fb"
    assert "Content-Type: application/json" in head.splitlines()
    assert body == '{"name":"ä"}\n'
    assert server.requests == []


def test_a_dry_run_of_a_broken_request_is_refused(run: Run, save: Save) -> None:
    result = run(
        "call", save(one("post", body=PET)), "op", "--body", "{}", "--dry-run", "--server", "http://x"
    )
    assert result.code == 3
    assert "'name' is missing" in result.err


def test_a_401_says_which_credentials_are_due(run: Run, serve: Serve, save: Save) -> None:
    server = serve(json_reply({}, 401))
    document = save(
        one(security=[{"in-header": [], "basic": []}, {}], components={"securitySchemes": SCHEMES})
    )
    told = "--credential in-header=... (or DYNACLIENT_CREDENTIAL_IN_HEADER) and --credential basic=..."
    bare = run("call", document, "op", "--server", server.url)
    assert told in bare.err
    given = ["--credential", "in-header=x", "--credential", "basic=a:b"]
    wrong = run("call", document, "op", "--server", server.url, *given)
    assert (wrong.code, "--credential" in wrong.err) == (1, False)


@pytest.mark.parametrize("option", ["-p", "-F"])
def test_bytes_that_are_no_text_are_a_mistake_of_usage(run: Run, save: Save, option: str) -> None:
    result = run("call", save(one("post", "/x", param("q"), body=PET)), "op", option, "q=\udcff")
    assert result.code == 2
    assert f"{option} q=... is not text in " in result.err


def test_a_pipe_of_the_shell_is_a_file(serve: Serve, save: Save) -> None:
    server = serve(reply(204))
    document = save(one("post", body=PET, answers={"204": said()}))
    command = f"{sys.executable} -m dynaclient call {document} op --server {server.url}"
    script = f"""{command} --body <(echo '{{"name": "x"}}')"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert server.requests[0].body == b'{"name":"x"}'


TYPED = {
    '{"a": 0.5}': 3,
    '{"a": 1e3}': 3,
    '{"a": -0.0}': 3,
    '{"a": 12}': 3,
    '{"a": null}': 3,
    '{"a": "0.5"}': 0,
}


@pytest.mark.parametrize("text", TYPED)
def test_a_number_that_is_typed_as_json_is_not_sent_as_text(run: Run, save: Save, text: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    result = run(
        "call",
        save(one("post", body=schema)),
        "op",
        "--body",
        text,
        "--server",
        "http://127.0.0.1:9",
        "--dry-run",
    )
    assert result.code == TYPED[text]


def test_a_number_that_is_typed_keeps_its_digits(run: Run, save: Save) -> None:
    digits = "0.1234567890123456789012345678901"
    schema = {"type": "object", "properties": {"a": {"type": "number"}}}
    command = (
        "call",
        save(one("post", body=schema)),
        "op",
        "--server",
        "http://127.0.0.1:9",
        "--dry-run",
        "--body",
    )
    assert f'{{"a":{digits}}}' in run(*command, f'{{"a": {digits}}}').out


def test_every_digit_that_is_typed_is_sent(run: Run, serve: Serve, save: Save) -> None:
    server = serve(reply(200))
    digits = "0.12345678901234567890123"
    number, integer = {"type": "number"}, {"type": "integer"}
    body = {"type": "object", "properties": {"a": number, "n": integer}}
    path = save(one("post", "/x", param("q", schema=number), param("i", schema=integer), body=body))
    given = ["-p", f"q={digits}", "-p", "i=5.0"]
    for way in (["--body", f'{{"a": {digits}, "n": 7.0}}'], ["-F", f"a={digits}", "-F", "n=7.0"]):
        assert run("call", path, "op", "--server", server.url, *given, *way).code == 0
        assert server.requests[-1].target == f"/x?q={digits}&i=5"
        assert server.requests[-1].body == f'{{"a":{digits},"n":7}}'.encode()
