"""What real documents and real servers do, one row per fact: what must happen, and a case that shows it.

T rows: facts of one large published document. D rows: of others. S rows: of running servers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dynaclient import ApiError, Client, RequestInvalid, Response, ResponseInvalid, SettingsError
from dynaclient.generation.generator import Generator, example
from tests.servers import RawServer, Recorded, reply
from tests.small import document, json_reply, one, param, said

JSON = [("Content-Type", "application/json")]
TEXT = {"type": "string"}
INTEGER = {"type": "integer"}


class Stage:
    """Opens documents and serves answers; all of it is closed when the row ends."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self.folder = folder
        self.server: RawServer | None = None

    def serve(self, *answers: Any) -> RawServer:
        self.server = self._stack.enter_context(RawServer(*answers))
        return self.server

    def open(self, source: Any, *answers: Any, name: str = "openapi.yaml", **settings: Any) -> Client:
        """A client of `source` (a tree, text or bytes), at a server that gives `answers`."""
        if not isinstance(source, dict):
            data = source.encode() if isinstance(source, str) else source
            (self.folder / name).write_bytes(data)
            source = self.folder / name
        settings.setdefault("server", self.serve(*answers).url)
        return self._stack.enter_context(Client(source, **settings))

    @property
    def sent(self) -> Recorded:
        assert self.server is not None
        return self.server.requests[-1]

    @property
    def count(self) -> int:
        assert self.server is not None
        return len(self.server.requests)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack, tmp_path)


Check = Callable[[Stage], None]
ROWS: dict[str, tuple[str, Check]] = {}


def row(fact: str, must: str) -> Callable[[Check], Check]:
    """Enter a check into the table, under its fact and what must happen."""

    def enter(check: Check) -> Check:
        assert fact not in ROWS
        ROWS[fact] = (must, check)
        return check

    return enter


def refused(client: Client, *arguments: Any, **names: Any) -> list[str]:
    """The places of a call that is refused."""
    with pytest.raises(RequestInvalid) as caught:
        client.call(*arguments, **names)
    return [f"{each.where} {each.name} {each.pointer}".strip() for each in caught.value.violations]


def broken(client: Client, *arguments: Any, **names: Any) -> tuple[list[str], Response]:
    """The places of an answer that breaks the document, and that answer."""
    with pytest.raises(ResponseInvalid) as caught:
        client.call(*arguments, **names)
    places = [f"{each.where} {each.name} {each.pointer}".strip() for each in caught.value.violations]
    return places, caught.value.response


def paths(text: str, rest: str = "") -> str:
    """A YAML document of one GET with one query parameter `q`, whose schema is `text`."""
    schema = "\n".join(f"          {line}" for line in text.strip().splitlines())
    return f"""\
openapi: 3.0.3
info: {{title: t, version: "1"}}
paths:
  /x:
    get:
      operationId: op
      parameters:
      - name: q
        in: query
        schema:
{schema}
      responses: {{"200": {{description: ""}}}}
{rest}"""


# T: one large document.


@row("T1", "A bare `=` in YAML is the text `=`, and the document opens.")
def bare_equals(stage: Stage) -> None:
    client = stage.open(paths("type: string\nenum:\n- =\n- <>"))
    client.call("op", q="=")
    assert stage.sent.target == "/x?q=%3D"
    assert refused(client, "op", q="x") == ["query q"]


@row("T2", "A bound written `1E+15` is a number, and holds.")
def numbers_with_exponents(stage: Stage) -> None:
    client = stage.open(paths("type: number\nminimum: 3E+1\nmaximum: 1E+15"))
    client.call("op", q=30)
    client.call("op", q=10**15)
    assert refused(client, "op", q=29) == refused(client, "op", q=10**15 + 1) == ["query q"]
    assert client.findings == ()


@row("T3", "An unquoted timestamp stays the text that was written; the tree is JSON.")
def timestamps(stage: Stage) -> None:
    client = stage.open(
        paths("type: string\nformat: date-time\nenum: [2020-09-10T01:05:30Z]\ndefault: 2020-09-10")
    )
    client.call("op", q="2020-09-10T01:05:30Z")
    assert json.loads(json.dumps(client.document.tree)) == client.document.tree


@row("T4", "`exclusiveMinimum: false` without a `minimum` bounds nothing and stops nothing.")
def exclusive_minimum_alone(stage: Stage) -> None:
    client = stage.open(paths("type: number\nexclusiveMinimum: false\nexclusiveMaximum: true"))
    client.call("op", q=-5)
    assert stage.sent.target == "/x?q=-5"


@row("T5", "An example that contradicts its schema is never used, and the call works without it.")
def wrong_examples(stage: Stage) -> None:
    schema = {"type": "object", "example": "{}", "required": ["n"], "properties": {"n": INTEGER}}
    client = stage.open(one("post", body=schema))
    node = client.operations["op"].body.content["application/json"].schema  # type: ignore[union-attr]
    translator = client.checkers.translator("request")
    key = translator.entry(node)  # type: ignore[arg-type]
    made = example(Generator(translator.defs), {"$ref": f"#/$defs/{key}"})
    assert client.checkers.checker(node, "request").is_valid(made)  # type: ignore[arg-type]
    client.op(made)
    assert json.loads(stage.sent.body) == made


@row("T6", "Patterns mean what ECMA-262 or POSIX says; one without a sure meaning is not applied.")
def foreign_patterns(stage: Stage) -> None:
    for backend in ("rust", "python"):
        pair = {"type": "string", "pattern": "^([^:,]*):([^]*|[^,]*)$"}
        name = {"type": "string", "pattern": r"^[^[:cntrl:]\s][^[:cntrl:]]*$"}
        never = {"type": "string", "pattern": "(?<=a(b"}
        tree = one(
            "get", "/x", param("pair", schema=pair), param("name", schema=name), param("n", schema=never)
        )
        client = stage.open(tree, validate_with=backend)
        client.call("op", pair="a:b,c\nd", name="My collection", n="anything")
        assert refused(client, "op", pair="a,b:c") == ["query pair"]
        assert refused(client, "op", name="a\x01b") == refused(client, "op", name=" a") == ["query name"]
        warnings = [each.pointer for each in client.findings if each.severity == "warning"]
        assert warnings == ["/paths/~1x/get/parameters/2/schema/pattern"]


@row("T7", "A key whose prefix is only in prose is given whole, or as a pair of prefix and key.")
def prefixes(stage: Stage) -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "Authorization"}}
    tree = one(components={"securitySchemes": schemes}, security=[{"key": []}])
    for credential in ("ApiKey-v1 s3cr3t", ("ApiKey-v1", "s3cr3t")):
        stage.open(tree, credentials={"key": credential}).op()
        assert stage.sent.all("Authorization") == ["ApiKey-v1 s3cr3t"]


@row("T8", "A 204 where only 200 is listed gives None and a violation, and is no error.")
def unlisted_204(stage: Stage) -> None:
    client = stage.open(one("post", answer={"type": "object"}), reply(204))
    assert client.op() is None
    assert [each.where for each in client.op.send().violations] == ["status"]


@row("T9", "Required parameters come first by position, wherever they stand.")
def required_first(stage: Stage) -> None:
    must = param("must", "query", TEXT, required=True)
    tree = one("get", "/x/{id}", param("may"), must, param("id", "path"))
    stage.open(tree).op("1", "2", may="3")
    assert stage.sent.target == "/x/2?may=3&must=1"


@row("T10", "A property called like a keyword is a property; `return_` gives the parameter `return`.")
def properties_like_keywords(stage: Stage) -> None:
    names = "return StatusCode title description example type required items format readOnly $ref".split()
    schema = {"type": "object", "properties": dict.fromkeys(names, INTEGER), "required": ["title"]}
    client = stage.open(one("post", "/x", param("return"), body=schema))
    client.op(dict.fromkeys(names, 1), return_="r")
    assert stage.sent.target == "/x?return=r"
    wrong = refused(client, "op", {"return": "r"}, body=dict.fromkeys(names, "one"))
    assert sorted(wrong) == sorted(f"body body /{name}" for name in names)


@row("T11", "A DELETE carries its body; a PUT without one says Content-Length: 0.")
def bodies_of_methods(stage: Stage) -> None:
    stage.open(one("delete", body={"type": "array"})).op([1])
    assert (stage.sent.method, stage.sent.body) == ("DELETE", b"[1]")
    stage.open(one("put")).op()
    assert (stage.sent.header("Content-Length"), stage.sent.header("Content-Type")) == ("0", None)


@row("T12", "A default is never sent, an unknown format passes, and an int64 keeps every digit both ways.")
def defaults_formats_and_digits(stage: Stage) -> None:
    number = 2**53 + 1
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer", "format": "int64"},
            "s": {"type": "string", "format": "string", "default": "x"},
        },
    }
    client = stage.open(one("post", body=schema, answer=schema), json_reply({"n": number, "s": "?"}))
    assert client.op({"n": number})["n"] == number
    assert stage.sent.body == b'{"n":9007199254740993}'
    assert refused(client, "op", body={}) == ["body body"]
    assert refused(client, "op", body={"n": 2**63}) == ["body body /n"]


@row("T13", "Of several alternatives the first that can be satisfied is sent, alone; one may be signed.")
def alternatives(stage: Stage) -> None:
    header = {"type": "apiKey", "in": "header", "name": "Authorization"}
    schemes = {"manage": header, "bearer": header, "key": header}
    schemes["signed"] = {**header, "name": "Content-Signature"}
    security = [{"manage": []}, {"bearer": []}, {"key": []}]
    tree = one("post", body={}, components={"securitySchemes": schemes}, security=security)
    stage.open(tree, credentials={"key": "k", "bearer": "b"}).op({})
    assert stage.sent.all("Authorization") == ["b"]
    tree["paths"]["/x"]["post"]["security"] = [{"key": []}, {"signed": []}]
    sign = {"signed": lambda request: f"signer=1; {len(request.body)}"}
    stage.open(tree, credentials=sign).op({"a": 1})
    assert stage.sent.header("Content-Signature") == "signer=1; 7"
    assert stage.sent.header("Authorization") is None


# D: other published documents.


@row("D status", "A status written as a number, a range and `default` are found, the closest first.")
def statuses(stage: Stage) -> None:
    answers = "\n".join(
        f"        {status}: {{description: '', content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        for status, kind in [("200", "integer"), ("2XX", "string"), ("default", "boolean")]
    )
    text = paths("type: string").replace(
        '      responses: {"200": {description: ""}}', f"      responses:\n{answers}"
    )
    answers_sent = [json_reply(1, 200), json_reply("a", 202), json_reply(True, 300), json_reply("a", 200)]
    client = stage.open(text, *answers_sent)
    assert [client.op(), client.op(), client.op()] == [1, "a", True]
    assert broken(client, "op")[0] == ["body body"]


@row("D required", "`required` that lists a name twice asks for it once.")
def required_twice(stage: Stage) -> None:
    client = stage.open(one("post", body={"type": "object", "required": ["a", "a"]}))
    client.op({"a": 1})
    assert refused(client, "op", body={}) == ["body body"]
    assert [each.severity for each in client.findings] == ["warning"]


@row("D discriminator", "A discriminator over members that stand inline changes no verdict on them.")
def inline_discriminator(stage: Stage) -> None:
    members = [
        {"type": "object", "required": ["k"], "properties": {"k": {"enum": [kind]}, kind: INTEGER}}
        for kind in ("cat", "dog")
    ]
    client = stage.open(one("post", body={"oneOf": members, "discriminator": {"propertyName": "k"}}))
    client.op({"k": "dog", "dog": 1})
    assert refused(client, "op", body={"k": "cow"})
    assert refused(client, "op", body={"k": "dog", "dog": "x"})


@row("D enum", "An enum that holds null allows null, beside a type that does not only with `nullable`.")
def enum_with_null(stage: Stage) -> None:
    free = {"enum": ["a", None]}
    nullable = {"type": "string", "nullable": True, "enum": ["a"]}
    schema = {"type": "object", "properties": {"f": free, "n": nullable, "t": {"type": "string", **free}}}
    client = stage.open(one("post", body=schema))
    client.op({"f": None, "n": None})
    assert refused(client, "op", body={"t": None}) == ["body body /t"]


@row("D items", "An array without `items` takes any items.")
def items_missing(stage: Stage) -> None:
    client = stage.open(
        one("get", "/x", param("q", schema={"type": "array"}), answer={"type": "array"}), json_reply([1, "a"])
    )
    assert client.op(q=[1, "a"]) == [1, "a"]
    assert stage.sent.target == "/x?q=1&q=a"


@row("D siblings", "What stands beside a `$ref` in a schema is ignored in 3.0 and holds in 3.1.")
def ref_siblings(stage: Stage) -> None:
    schemas = {"S": {"type": "string"}}
    for version, holds in [("3.0.3", False), ("3.1.0", True), ("3.2.0", True)]:
        body = {"$ref": "#/components/schemas/S", "minLength": 3}
        client = stage.open(one("post", body=body, version=version, components={"schemas": schemas}))
        if holds:
            assert refused(client, "op", body="a") == ["body body"]
        else:
            client.op("a")
            assert stage.sent.body == b'"a"'


@row("D path item", "A `$ref` to a path item brings its operations, and what stands beside it counts.")
def ref_to_path_item(stage: Stage) -> None:
    item = one("get", answer=INTEGER)["paths"]["/x"]
    tree = document({"/a": {"$ref": "#/x-items/one", "summary": "mine"}}, **{"x-items": {"one": item}})
    client = stage.open(tree, json_reply(1))
    assert client.op() == 1
    assert (stage.sent.target, client.operations["op"].summary) == ("/a", "mine")


@row("D parameter", "A `$ref` to a parameter stands for it, also by way of another one.")
def ref_to_parameter(stage: Stage) -> None:
    shared = {"A": {"$ref": "#/components/parameters/B"}, "B": param("b", "query", INTEGER)}
    tree = one("get", "/x", {"$ref": "#/components/parameters/A"}, components={"parameters": shared})
    client = stage.open(tree)
    client.op(b=1)
    assert stage.sent.target == "/x?b=1"
    assert refused(client, "op", b="x") == ["query b"]


@row("D file", "A `$ref` into another file is read, relative to the file that holds it.")
def ref_into_a_file(stage: Stage) -> None:
    (stage.folder / "parts" / "deep").mkdir(parents=True)
    (stage.folder / "parts" / "a.yaml").write_text("S: {type: array, items: {$ref: 'deep/b.json#/T'}}")
    (stage.folder / "parts" / "deep" / "b.json").write_text('{"T": {"$ref": "../a.yaml#/N"}, "N": 1}')
    (stage.folder / "parts" / "a.yaml").write_text(
        "S: {type: array, items: {$ref: 'deep/b.json#/T'}}\nN: {$ref: '#/components/schemas/Root'}"
    )
    rest = "components: {schemas: {Root: {type: integer}}}"
    client = stage.open(paths("$ref: 'parts/a.yaml#/S'", rest))
    client.op(q=[1])
    assert stage.sent.target == "/x?q=1"
    assert refused(client, "op", q=["a"]) == ["query q /0"]


@row("D pointer", "A pointer with `~1`, `~0` and `%7B` finds the place that it names.")
def escaped_pointers(stage: Stage) -> None:
    odd = {"a/b~c{d}": {"type": "integer"}, "%7Bx": {"type": "boolean"}}
    refs = [
        "#/components/schemas/a~1b~0c%7Bd%7D",
        "#/components/schemas/a~1b~0c{d}",
        "#/components/schemas/%257Bx",
    ]
    properties = {str(number): {"$ref": ref} for number, ref in enumerate(refs)}
    schema = {"type": "object", "properties": properties}
    client = stage.open(one("post", body=schema, components={"schemas": odd}))
    client.op({"0": 1, "1": 1, "2": True})
    assert refused(client, "op", body={"0": "", "1": "", "2": ""}) == [f"body body /{each}" for each in "012"]


@row("D circle", "A schema that holds itself is checked as deep as the value goes.")
def circular_schemas(stage: Stage) -> None:
    tree = {"type": "object", "properties": {"n": INTEGER, "in": {"$ref": "#/components/schemas/T"}}}
    client = stage.open(
        one("post", body={"$ref": "#/components/schemas/T"}, components={"schemas": {"T": tree}})
    )
    client.op({"n": 1, "in": {"in": {"n": 2}}})
    assert refused(client, "op", body={"in": {"in": {"n": "x"}}}) == ["body body /in/in/n"]


@row("D no id", "An operation without an id is `METHOD /path`, and has a readable attribute.")
def no_operation_id(stage: Stage) -> None:
    tree = document({"/api/kernels/{kernel_id}": {"get": {"parameters": [param("kernel_id", "path")]}}})
    client = stage.open(tree)
    client.call("GET /api/kernels/{kernel_id}", kernel_id="1")
    assert list(client.operations) == ["GET /api/kernels/{kernel_id}"]
    client.get_api_kernels_by_kernel_id("2")
    assert stage.sent.target == "/api/kernels/2"


@row("D same id", "Of two operations with one operationId the first keeps it, and both are reachable.")
def same_operation_id(stage: Stage) -> None:
    tree = document({path: {"get": {"operationId": "op"}} for path in ("/a", "/b")})
    client = stage.open(tree)
    assert list(client.operations) == ["op", "GET /b"]
    client.call("op")
    client.call("GET /b")
    client.call("GET /a")
    assert stage.server is not None
    assert [each.target for each in stage.server.requests] == ["/a", "/b", "/a"]
    assert [each.pointer for each in client.findings if "taken" in each.message] == ["/paths/~1b/get"]


@row("D odd id", "An operationId with dots, spaces or slashes is a key as it is, and a plain attribute.")
def odd_operation_ids(stage: Stage) -> None:
    ids = {
        "TodoController.find": "todo_controller_find",
        "list all": "list_all",
        "a/b-c": "a_b_c",
        "call": "call_",
    }
    tree = document({f"/{number}": {"get": {"operationId": name}} for number, name in enumerate(ids)})
    client = stage.open(tree)
    for name, attribute in ids.items():
        assert getattr(client, attribute).operation is client.operations[name]
    client.todo_controller_find()
    assert stage.sent.target == "/0"


@row("D surrogates", "JSON with surrogate pairs in escapes is read as JSON, whatever its name.")
def surrogate_escapes(stage: Stage) -> None:
    text = json.dumps(one("get", "/x", param("q", schema={"enum": ["👍"]}), operation={"summary": "👍"}))
    assert r"\ud83d\udc4d" in text
    client = stage.open(text, name="openapi.yaml")
    client.op(q="👍")
    assert client.operations["op"].summary == "👍"


@row("D anchors", "YAML anchors, aliases and merge keys are read as what they stand for.")
def anchors(stage: Stage) -> None:
    rest = "components: {schemas: {A: &a {type: string, maxLength: 9}, B: {<<: *a, maxLength: 2}}}"
    client = stage.open(paths("$ref: '#/components/schemas/B'", rest))
    client.op(q="ab")
    assert refused(client, "op", q="abc") == refused(client, "op", q=1) == ["query q"]


@row("D encodings", "A byte-order mark and UTF-16 are read, in YAML and in JSON.")
def encodings(stage: Stage) -> None:
    yaml, plain = paths("enum: [é]"), json.dumps(one("get", "/x", param("q", schema={"enum": ["é"]})))
    for text in (yaml, plain):
        for encoding in ("utf-8-sig", "utf-16", "utf-16-be"):
            client = stage.open(text.encode(encoding))
            client.op(q="é")
            assert stage.sent.target == "/x?q=%C3%A9"


@row("D relative server", "A relative server is one of the host that the document came from.")
def relative_server(stage: Stage) -> None:
    tree = one("get", "/x", servers=[{"url": "/api/"}])
    server = stage.serve(reply(200, json.dumps(tree).encode(), JSON), reply())
    with Client(f"{server.url}/docs/openapi.json") as client:
        client.op()
    assert [each.target for each in server.requests] == ["/docs/openapi.json", "/api/x"]


@row("D variables", "A variable of a server has its default, or what is given, if its enum allows it.")
def server_variables(stage: Stage) -> None:
    variables = {"port": {"default": "1", "enum": ["1", "2"]}, "base": {"default": "v1"}}
    tree = one(servers=[{"url": "http://127.0.0.1:{port}/{base}", "variables": variables}])
    assert Client(tree).server == "http://127.0.0.1:1/v1"
    assert Client(tree, server_variables={"port": "2", "base": "v2"}).server == "http://127.0.0.1:2/v2"
    with pytest.raises(SettingsError, match="allowed: 1, 2"):
        Client(tree, server_variables={"port": "3"})


@row("D slash", "A slash at the end of a server is not doubled.")
def trailing_slash(stage: Stage) -> None:
    tree = one("get", "/x/")
    server = stage.serve()
    with Client(tree, server=f"{server.url}/api/") as client:
        client.op()
    assert stage.sent.target == "/api/x/"


@row("D no servers", "Without `servers` the API is where the document came from; a dict came from nowhere.")
def no_servers(stage: Stage) -> None:
    server = stage.serve(reply(200, json.dumps(one()).encode(), JSON), reply())
    with Client(f"{server.url}/docs/openapi.json") as client:
        client.op()
    assert stage.sent.target == "/x"
    with pytest.raises(SettingsError, match="server"):
        Client(one()).op()


@row("D templates", "Every shape of template is filled, also by a parameter that nobody declares.")
def templates(stage: Stage) -> None:
    for template, target in [
        ("/x/{a}.{b}", "/x/1.2"),
        ("/x({a})/{b}", "/x(1)/2"),
        ("/{a}:run/{b}", "/1:run/2"),
    ]:
        client = stage.open(one("get", template, param("a", "path", INTEGER)))
        client.op(1, "2")
        assert stage.sent.target == target
        assert len(client.findings) == 1


@row("D same name", "One name in path and query is two parameters, told apart by place.")
def same_name(stage: Stage) -> None:
    client = stage.open(one("get", "/x/{id}", param("id", "path"), param("id", "query")))
    client.call("op", {"path.id": "1", "query.id": "2"})
    assert stage.sent.target == "/x/1?id=2"
    assert refused(client, "op", id="1") == ["argument id", "path id"]


@row("D parameters", "JSON in a query, deepObject, arrays in one pair and cookies travel as documented.")
def parameter_kinds(stage: Stage) -> None:
    tree = one(
        "get",
        "/x",
        param("filter", content={"application/json": {"schema": {"type": "object"}}}),
        param("page", schema={"type": "object"}, style="deepObject"),
        param("ids", schema={"type": "array", "items": INTEGER}, explode=False),
        param("sid", "cookie"),
    )
    stage.open(tree).op(filter={"where": {"a": 1}}, page={"size": 2}, ids=[1, 2], sid="s 1")
    query = "filter=%7B%22where%22%3A%7B%22a%22%3A1%7D%7D&page%5Bsize%5D=2&ids=1,2"
    assert (stage.sent.target, stage.sent.header("Cookie")) == (f"/x?{query}", "sid=s%201")


BODIES: list[tuple[str, Any, str, bytes]] = [
    # documented, given, Content-Type, body
    ("application/merge-patch+json", {"a": None}, "application/merge-patch+json", b'{"a":null}'),
    ("application/json; charset=utf-8", {"a": "é"}, "application/json; charset=utf-8", '{"a":"é"}'.encode()),
    ("application/*", {"a": 1}, "application/json", b'{"a":1}'),
    ("*/*", {"a": 1}, "application/json", b'{"a":1}'),
    ("*/*", "text", "text/plain; charset=utf-8", b"text"),
    ("*/*", b"\x00", "application/octet-stream", b"\x00"),
    ("application/octet-stream", b"\x00\xff", "application/octet-stream", b"\x00\xff"),
    ("image/png", b"\x89PNG", "image/png", b"\x89PNG"),
    ("text/csv", "a;b\n", "text/csv", b"a;b\n"),
    ("application/xml", "<a/>", "application/xml", b"<a/>"),
    ("application/x-ndjson", '{"a":1}\n{"a":2}\n', "application/x-ndjson", b'{"a":1}\n{"a":2}\n'),
]


@row("D bodies", "Every body goes out as its media type asks; of an unknown one, as it is.")
def bodies(stage: Stage) -> None:
    for documented, given, content_type, content in BODIES:
        stage.open(one("post", content={documented: {"schema": {}}})).op(given)
        assert (stage.sent.header("Content-Type"), stage.sent.body) == (content_type, content)


@row("D multipart", "Multipart follows `encoding`: its content types, one part per item, JSON for objects.")
def multipart(stage: Stage) -> None:
    schema = {"type": "object", "properties": {"meta": {"type": "object"}, "file": {"format": "binary"}}}
    encoding = {"file": {"contentType": "image/png, image/jpeg"}, "meta": {"contentType": "application/json"}}
    content = {"multipart/form-data": {"schema": schema, "encoding": encoding}}
    stage.open(one("post", content=content)).op({"meta": {"a": 1}, "file": b"\x89", "tags": ["x", "y"]})
    body = stage.sent.body
    assert b'name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' in body
    assert b'name="file"; filename="file"\r\nContent-Type: image/png\r\n\r\n\x89\r\n' in body
    assert body.count(b'name="tags"') == 2


@row("D streams", "Server-sent events, XML and CSV come back as text, NDJSON as a list of its items.")
def streams(stage: Stage) -> None:
    for media_type, content, data in [
        ("text/event-stream", b"data: 1\n\n", "data: 1\n\n"),
        ("application/xml", b"<a/>", "<a/>"),
        ("text/csv", b"a;b", "a;b"),
        ("application/x-ndjson", b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
    ]:
        answers = {"200": said({"type": "object"}, media_type)}
        client = stage.open(one(answers=answers), reply(200, content, [("Content-Type", media_type)]))
        assert client.op() == data


NEW: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    # what 3.1 brought, the schema, values that pass, values that do not
    ("types", {"type": ["string", "null"]}, ["a", None], [1]),
    ("const", {"const": {"a": 1}}, [{"a": 1.0}], [{"a": 2}, None]),
    ("prefixItems", {"prefixItems": [INTEGER, TEXT], "items": False}, [[1, "a"], [1]], [["a"], [1, "a", 2]]),
    ("$defs", {"$ref": "#/components/schemas/S/$defs/N", "$defs": {"N": INTEGER}}, [1], ["a"]),
    (
        "$dynamicRef",
        {
            "$dynamicAnchor": "node",
            "type": "object",
            "properties": {"next": {"$dynamicRef": "#node"}, "n": INTEGER},
        },
        [{"next": {"n": 1}}],
        [{"next": {"next": {"n": "x"}}}],
    ),
    ("contentMediaType", {"type": "string", "contentMediaType": "application/json"}, ['{"a":', "{}"], [1]),
    ("booleans", {"type": "object", "properties": {"a": True, "b": False}}, [{"a": 1}], [{"b": 1}]),
    ("$schema", {"$schema": "http://json-schema.org/draft-07/schema#", "items": [INTEGER]}, [[1]], [["a"]]),
    (
        "unevaluatedProperties",
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
        [{"a": 1}],
        [{"b": 1}],
    ),
]


@row("D 3.1", "The words that 3.1 brought mean what JSON Schema 2020-12 says.")
def new_in_31(stage: Stage) -> None:
    for name, schema, right, wrong in NEW:
        body = {"$ref": "#/components/schemas/S"}
        tree = one("post", body=body, version="3.1.0", components={"schemas": {"S": schema}})
        client = stage.open(tree)
        for value in right:
            client.call("op", body=value)
        assert stage.count == len(right), name
        for value in wrong:
            assert refused(client, "op", body=value), name


@row("D dialect", "`jsonSchemaDialect` says in which draft the schemas of a 3.1 document are written.")
def dialect(stage: Stage) -> None:
    body = {"type": "object", "dependencies": {"a": ["b"]}}
    for uri, holds in [("http://json-schema.org/draft-07/schema#", True), (None, False)]:
        rest = {"jsonSchemaDialect": uri} if uri else {}
        client = stage.open(one("post", body=body, version="3.1.0", **rest))
        if holds:
            assert refused(client, "op", body={"a": 1}) == ["body body"]
        else:
            client.op({"a": 1})
            assert stage.count == 1


@row("D webhooks", "A document of webhooks and no paths opens, and has no operations to call.")
def webhooks(stage: Stage) -> None:
    tree = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "webhooks": one()["paths"]}
    client = stage.open(tree)
    assert list(client.operations) == []


@row("D 3.2", "The `query` method, `itemSchema` and a querystring parameter of 3.2 are read.")
def new_in_32(stage: Stage) -> None:
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    tree = one("query", "/x", {"name": "q", "in": "querystring", "content": form}, version="3.2.0")
    stream = {"application/jsonl": {"itemSchema": {"type": "object"}}}
    tree["paths"]["/x"]["query"]["responses"] = {"200": {"description": "", "content": stream}}
    client = stage.open(tree, reply(200, b'{"a":1}\n', [("Content-Type", "application/jsonl")]))
    assert client.op(q={"a": "b c"}) == [{"a": 1}]
    assert (stage.sent.method, stage.sent.target) == ("QUERY", "/x?a=b%20c")
    answer = client.operations["op"].response(200)
    assert answer is not None
    assert answer.content["application/jsonl"].item_schema is not None


@row("D lost member", "A member of `oneOf` or `not` that nobody knows makes no answer wrong.")
def lost_member(stage: Stage) -> None:
    lost = {"$ref": "#/components/schemas/Lost"}
    for schema in (
        {"oneOf": [lost, TEXT]},
        {"oneOf": [None, TEXT]},
        {"not": lost},
        {"not": None},
    ):
        client = stage.open(one(answer=schema), json_reply("a"))
        assert client.call("op") == "a"


@row("D enum type", "An enum whose values are not of the type beside it is read as the type says.")
def enum_of_another_type(stage: Stage) -> None:
    client = stage.open(paths("type: string\nenum: [all, 1, 2]"))
    client.call("op", q="1")
    assert stage.sent.target == "/x?q=1"
    assert refused(client, "op", q="3") == ["query q"]


@row("D misspelt", "A `$ref` that does not resolve is read as what it must mean, with a finding.")
def misspelt(stage: Stage) -> None:
    tree = one("post", "/x", body={"$ref": "#/definitions/N"}, components={"schemas": {"N": INTEGER}})
    client = stage.open(tree)
    client.call("op", body=1)
    assert refused(client, "op", body="a") == ["body body"]
    assert any("does not resolve" in finding.message for finding in client.findings)


@row("D spelt", "A path parameter that the path spells in another way is that parameter.")
def spelt(stage: Stage) -> None:
    client = stage.open(one("get", "/x/{ID}", param("id", "path", INTEGER)))
    client.call("op", id=5)
    assert stage.sent.target == "/x/5"
    assert refused(client, "op", id="a") == ["path id"]
    assert client.operations["GET /x/{ID}"].path == "/x/{id}"


@row("D 2.0 in 3.0", "A body that stands among the parameters, as in 2.0, is the body.")
def body_parameter(stage: Stage) -> None:
    client = stage.open(one("post", "/x", {"name": "b", "in": "body", "required": True, "schema": INTEGER}))
    client.call("op", body=1)
    assert (stage.sent.body, refused(client, "op", body="a")) == (b"1", ["body body"])


@row("D unknown server", "A server whose variable has no value stands in nobody's way until it is used.")
def unknown_server(stage: Stage) -> None:
    client = stage.open(one(servers=[{"url": "https://{tenant}.example"}]), server=None)
    assert list(client.operations) == ["op"]
    with pytest.raises(SettingsError, match="tenant"):
        client.call("op")


# S: servers, as they answered.


@row("S 201", "A 201 where 200 is documented is a violation that holds the answer; warn gives its data.")
def created(stage: Stage) -> None:
    tree = one("post", answer={"type": "object"})
    places, response = broken(stage.open(tree, json_reply({"id": 1}, 201)), "op")
    assert (places, response.status, response.data) == (["status 201"], 201, {"id": 1})
    client = stage.open(tree, json_reply({"id": 1}, 201), validate={"response": "warn"})
    assert client.op() == {"id": 1}


@row("S 204 JSON", "A 204 that says it is JSON and has no body gives None.")
def no_content_labelled_json(stage: Stage) -> None:
    client = stage.open(one("post", answers={"204": {"description": ""}}), reply(204, b"", JSON))
    assert client.op() is None
    assert client.op.send().violations == ()


@row("S empty 200", "A 200 without a body is None, and a violation where the document says that one is due.")
def empty_200(stage: Stage) -> None:
    assert stage.open(one(), reply(200, b"", JSON)).op() is None
    tree = one(answer={"type": "object"})
    places, response = broken(stage.open(tree, reply(200, b"", JSON)), "op")
    assert (places, response.data) == (["body body"], None)
    assert stage.open(tree, reply(200, b"", JSON), validate={"response": "warn"}).op() is None


@row("S 404 text", "A 404 as plain text is an ApiError with that text.")
def not_found_as_text(stage: Stage) -> None:
    missing = reply(404, b"404 page not found\n", [("Content-Type", "text/plain; charset=utf-8")])
    answers = {"200": said({}), "404": said({"type": "object"})}
    for client in (stage.open(one(), missing), stage.open(one(answers=answers), missing)):
        with pytest.raises(ApiError) as caught:
            client.op()
        assert (caught.value.status, caught.value.data) == (404, "404 page not found\n")


@row("S undeclared body", "A body that the document does not speak of is decoded by what it says it is.")
def undeclared_body(stage: Stage) -> None:
    client = stage.open(one("post"), json_reply({"a": [1]}))
    response = client.op.send()
    assert (response.data, response.violations) == ({"a": [1]}, ())


DRIFT: list[tuple[str, dict[str, Any], Any]] = [
    ("int64 as text", {"type": "integer", "format": "int64"}, "9007199254740993"),
    ("null", {"type": "string"}, None),
    ("a new enum value", {"type": "string", "enum": ["a", "b"]}, "c"),
    ("too short", {"type": "string", "minLength": 3}, ""),
]


@row("S drift", "A value that breaks the document is a violation that holds the whole answer.")
def drift(stage: Stage) -> None:
    for name, schema, value in DRIFT:
        tree = one(answer={"type": "object", "properties": {"v": schema}})
        places, response = broken(stage.open(tree, json_reply({"v": value})), "op")
        assert (places, response.data) == (["body body /v"], {"v": value}), name
        client = stage.open(tree, json_reply({"v": value}), validate={"response": "warn"})
        assert (client.op(), len(client.op.send().violations)) == ({"v": value}, 1), name
        assert stage.open(tree, json_reply({"v": value}), validate={"response": "off"}).op() == {"v": value}


@row("S ETag", "An ETag can be read and sent back as If-Match, and a 412 is an ApiError.")
def etags(stage: Stage) -> None:
    tree = one("put", "/x", param("If-Match", "header"), body={})
    client = stage.open(tree, reply(200, b"", [("ETag", '"15"')]), reply(412))
    etag = client.op.send({}).headers["etag"]
    with pytest.raises(ApiError) as caught:
        client.op({}, if_match=etag)
    assert (stage.sent.header("If-Match"), caught.value.status) == ('"15"', 412)


@row("S patch", "A JSON Patch is a JSON array under its own media type, a field mask a plain query value.")
def json_patch(stage: Stage) -> None:
    patch = [{"op": "replace", "path": "/a~1b", "value": None}]
    content = {"application/json-patch+json": {"schema": {"type": "array", "items": {"type": "object"}}}}
    stage.open(one("patch", "/x", param("update_mask"), content=content)).op(patch, update_mask="a.b,c")
    assert stage.sent.header("Content-Type") == "application/json-patch+json"
    assert json.loads(stage.sent.body) == patch
    assert stage.sent.target == "/x?update_mask=a.b%2Cc"


@row("S keys", "A key such as `a b/é` stays one segment, and an id may end in a dot.")
def odd_keys(stage: Stage) -> None:
    client = stage.open(one("get", "/keys/{key}", param("key", "path")))
    for key, target in [
        ("a b/é", "/keys/a%20b%2F%C3%A9"),
        ("Smith Jr.", "/keys/Smith%20Jr."),
        ("a..", "/keys/a.."),
    ]:
        client.op(key)
        assert stage.sent.target == target


@row("S basic", "Credentials that the document never mentions come with the server, or with one call.")
def undocumented_credentials(stage: Stage) -> None:
    server = stage.serve()
    with Client(one(), server=server.url.replace("//", "//ann:pw@")) as client:
        client.op()
        assert stage.sent.header("Authorization") == "Basic YW5uOnB3"
        assert "pw" not in repr(client)
    with Client(one(), server=server.url) as client:
        client.op(options={"headers": {"Authorization": "Basic eDp5"}})
        assert stage.sent.header("Authorization") == "Basic eDp5"


# The table.


@pytest.mark.parametrize("fact", ROWS)
def test_trap(fact: str, stage: Stage) -> None:
    must, check = ROWS[fact]
    check(stage)
    assert must.endswith(".")


def test_the_table_is_whole() -> None:
    assert [fact for fact in ROWS if re.fullmatch(r"T\d+", fact)] == [f"T{number}" for number in range(1, 14)]
    assert len({must for must, _ in ROWS.values()}) == len(ROWS)
