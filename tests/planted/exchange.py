"""Requests, replies and operations of the application, and how bytes become values; not of the library."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from werkzeug.formparser import parse_form_data
from werkzeug.http import parse_cookie

from tests.planted.rules import Rule, Shape

JSON = "application/json"
PATCH = "application/merge-patch+json"
PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Refused(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        title: str,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.reply = Reply(status, {"title": title, "status": status}, media_type=PROBLEM)
        self.reply.headers.update(headers or {})
        listed = [{"where": where, "message": message} for where, message in errors]
        if listed:
            self.reply.body["errors"] = listed


@dataclass
class Reply:
    """What is sent back. `body`: a JSON value, bytes, or None for no body (`null` is not sent)."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON
    charset: str = ""
    """Where it is set the JSON is written in it, and not in ASCII."""

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        if self.charset:
            return json.dumps(self.body, ensure_ascii=False).encode(self.charset, "replace")
        return json.dumps(self.body).encode()


@dataclass
class Request:
    """A request as it came, and what was read of it."""

    method: str
    path: str
    raw_query: str
    headers: dict[str, str]
    content: bytes
    values: dict[str, Any] = field(default_factory=dict)
    """Parameters by name, defaults filled in."""
    body: Any = None
    media_type: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Request:
        """The request of a WSGI environment. The path stays as it was written."""
        target = str(environ.get("REQUEST_URI") or environ["PATH_INFO"])
        target = re.sub(r"^https?://[^/?]*", "", target) or "/"
        path, _, query = target.partition("?")
        names = {
            name[5:].replace("_", "-").lower(): each for name, each in environ.items() if name[:5] == "HTTP_"
        }
        if environ.get("CONTENT_TYPE"):
            names["content-type"] = environ["CONTENT_TYPE"]
        return cls(environ["REQUEST_METHOD"], path, query, names, _content(environ))


def _content(environ: Mapping[str, Any]) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def decoded(raw: str) -> str:
    """A percent-encoded text. Raises Refused where it is no UTF-8."""
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise Refused(422, "The parameters are invalid.", [("path", "expected UTF-8")]) from None


# -- parameters ---------------------------------------------------------------------------------------------

Convert = Callable[[str], Any]


def as_text(value: str) -> Any:
    """The text itself."""
    return value


def as_integer(value: str) -> Any:
    """A whole number, or the text where it is none."""
    return int(value) if re.fullmatch(r"-?[0-9]{1,300}", value) else value


def as_boolean(value: str) -> Any:
    """True or false, or the text where it is neither."""
    return {"true": True, "false": False}.get(value, value)


@dataclass
class Parameter:
    """A parameter: where it is, what it has to be, and how it is read. `many`: `comma` or `repeated`."""

    name: str
    where: str
    rule: Rule
    convert: Convert = as_text
    required: bool = False
    many: str = ""
    default: Any = None
    once: bool = True

    def texts(self, request: Request, path: Mapping[str, str]) -> list[str]:
        """What the request gives for it."""
        if self.where == "path":
            return [decoded(path[self.name])]
        if self.where == "header":
            return [request.headers[self.name.lower()]] if self.name.lower() in request.headers else []
        if self.where == "cookie":
            return parse_cookie(request.headers.get("cookie", "")).getlist(self.name)
        try:
            return [value for name, value in pairs(request.raw_query) if name == self.name]
        except ValueError:
            raise Refused(422, "The parameters are invalid.", [("query", "expected UTF-8")]) from None

    def read(self, request: Request, path: Mapping[str, str]) -> str:
        """Put its value into the request. Gives what is wrong."""
        given = self.texts(request, path)
        if not given:
            request.values[self.name] = self.default
            return "is missing" if self.required else ""
        if self.many != "repeated" and self.once and len(given) > 1:
            return "is given twice"
        several = [*given] if self.many == "repeated" else given[0].split(",")
        value = [*map(self.convert, several)] if self.many else self.convert(given[0])
        request.values[self.name] = value
        return self.rule(value)


def pairs(raw: str) -> list[tuple[str, str]]:
    """Names and values of a query or form. Raises ValueError."""
    return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=1000)


# -- bodies -------------------------------------------------------------------------------------------------

Reader = Callable[[Request], Any]


def read_json(request: Request) -> Any:
    """A JSON value. Raises Refused."""

    def no_number(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(request.content.decode(), parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is no JSON.") from None


def read_text(request: Request) -> Any:
    """A text in UTF-8. Raises Refused."""
    try:
        return request.content.decode()
    except UnicodeDecodeError:
        raise Refused(400, "The body is no UTF-8.") from None


def read_form(converts: Mapping[str, Convert]) -> Reader:
    """A form as an object; `converts`: how its fields are read."""

    def read(request: Request) -> Any:
        try:
            given = pairs(request.content.decode())
        except ValueError:
            raise Refused(400, "The form cannot be read.") from None
        return _object(given, converts)

    return read


def read_multipart(converts: Mapping[str, Convert]) -> Reader:
    """A multipart form as an object: files as bytes, other parts as texts."""

    def read(request: Request) -> Any:
        environ = {
            "wsgi.input": BytesIO(request.content),
            "CONTENT_LENGTH": str(len(request.content)),
            "CONTENT_TYPE": request.headers["content-type"],
            "REQUEST_METHOD": "POST",
        }
        try:
            _, form, files = parse_form_data(environ, silent=False)
        except ValueError:
            raise Refused(400, "The multipart body cannot be read.") from None
        found = _object([(name, value) for name, value in form.items(multi=True)], converts)
        for name, several in files.lists():
            contents = [file.read() for file in several]
            found[name] = contents if len(contents) > 1 else contents[0]
            for file in several:
                file.close()
        return found

    return read


def _object(given: list[tuple[str, str]], converts: Mapping[str, Convert]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for name, value in given:
        values.setdefault(name, []).append(converts.get(name, as_text)(value))
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


# -- operations ---------------------------------------------------------------------------------------------


@dataclass
class Body:
    """The body of an operation: how each media type is read, and what the value has to be."""

    readers: dict[str, Reader]
    rules: dict[str, Rule]
    required: bool = True

    def read(self, request: Request) -> None:
        """Put media type and value into the request. Raises Refused."""
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not request.content and not sent:
            self.absent(request)
            return
        if sent not in self.readers:
            raise Refused(415, "Bodies of this type are not taken.")
        request.media_type = sent
        request.body = self.readers[sent](request)
        wrong = self.wrong(sent, request.body)
        if wrong:
            raise Refused(422, "The body is invalid.", wrong)

    def absent(self, request: Request) -> None:
        """What happens without a body."""
        if self.required:
            raise Refused(422, "The body is missing.", [("body", "is missing")])

    def wrong(self, media_type: str, value: Any) -> list[tuple[str, str]]:
        """What is wrong with a value."""
        rule = self.rules[media_type]
        if isinstance(rule, Shape):
            return [(f"body/{name}".rstrip("/"), message) for name, message in rule.errors(value)]
        message = rule(value)
        return [("body", message)] if message else []


Handler = Callable[[Request], Reply]


@dataclass
class Operation:
    """One operation. `security`: alternatives, each the schemes that are needed together; none: for all."""

    key: str
    method: str
    path: str
    handler: Handler
    parameters: list[Parameter] = field(default_factory=list)
    body: Body | None = None
    security: list[tuple[str, ...]] = field(default_factory=lambda: [("apiKey",), ("bearer",)])
    admin: bool = False
    before: list[Callable[[Request], None]] = field(default_factory=list)
    """Called once the request was found valid."""
    after: list[Callable[[Request, Reply], Reply | None]] = field(default_factory=list)
    """Called with the reply, also that of a refusal; what they give takes its place."""

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name."""
        return next(each for each in self.parameters if each.name == name)
