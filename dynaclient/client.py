"""The client: the only place that ties document, checks, wire and transport together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, overload

from dynaclient import settings
from dynaclient.arguments import MISSING
from dynaclient.bound import BoundOperation
from dynaclient.credentials import Credentials
from dynaclient.document import collector
from dynaclient.document.document import Document
from dynaclient.document.index import Operations
from dynaclient.document.opening import Access, open_document
from dynaclient.document.operation import Operation, OperationBuilder
from dynaclient.document.servers import (
    Server,
    absolute,
    expand,
    is_placeholder,
    origin,
    pick,
    servers,
    without_user,
)
from dynaclient.errors import (
    ApiError,
    Finding,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
    UnknownOperation,
    Violation,
    api_error_class,
)
from dynaclient.plan import Plan
from dynaclient.records import dataclass, replace
from dynaclient.schema.checker import Backend, Checkers
from dynaclient.settings import Mode
from dynaclient.surface import at, called, here
from dynaclient.transport.address import origin_of
from dynaclient.transport.timeout import Timeout
from dynaclient.wire.build import Draft
from dynaclient.words import kind_of, many

if TYPE_CHECKING:
    import requests

    from dynaclient.document.operation import Parameter
    from dynaclient.links import Link
    from dynaclient.stream import StreamedResponse, Streaming
    from dynaclient.transport.reply import Live, Reply
    from dynaclient.transport.session import Transport
    from dynaclient.webhooks import Receivers
    from dynaclient.wire.read import Reading, Response


@dataclass(frozen=True, slots=True)
class Chosen:
    """The security schemes that a request was made for, and the names under which their values travel."""

    schemes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A request that may be sent: strictly checked, or with its violations noted."""

    request: requests.PreparedRequest
    draft: Draft
    values: Mapping[Parameter, Any]
    plan: Plan
    operation: Operation
    violations: list[Violation]
    chosen: Chosen


class Client:
    """Calls the operations of an OpenAPI document, each request and answer checked against it.

    `document`: a vendored name (`talon-one-integration`, or `...@2024-06`), a path, a URL, or a dict.

    All settings are keywords, each with a default that is right for production:

    - `server`: the URL to call; or the index, URL or description of one of the document's servers.
      Default: the document's first server.
    - `server_variables`: values for the variables in a server's URL.
    - `credentials`: security scheme name -> a text, a `(user, password)` or `(prefix, key)` pair, or a
      callable that gets the finished request and returns one of those.
    - `validate`: "strict" (default) raises, "warn" collects and logs, "off" skips the document's checks; or
      one setting per direction: `{"request": "strict", "response": "warn"}`.
    - `validate_with`: "auto" (default), "rust" (jsonschema-rs) or "python" (jsonschema).
    - `timeout`: seconds for a whole call (default 60), or a `Timeout(total=, connect=, read=)`.
    - `retries`: how often a call that is safe to repeat is sent again (default 2).
    - `max_body`: the most bytes of an answer that are held, before and after decompression (default 100 MiB).
      Of a streamed one it bounds what `read`, `content` and `data` hold, and each item; what `save` and
      `iter_bytes` pass on has no bound. A document that is fetched over HTTP is held to it too.
    - `session`: a `requests.Session` of yours; its adapters, hooks, cookies, proxies hold.
    - `verify`, `cert`, `proxies`: as requests takes them.
    - `ref_hosts`, `ref_folder`: hosts, and a folder wider than the document's own, that `$ref` may read from.
    - `cache`: True (default) keeps opened documents in the user's cache folder, a path in a folder of yours,
      False nowhere.

    Raises DocumentError where the document cannot be used, SettingsError where a setting cannot work.
    The client is a context manager, may be shared between threads, and can be pickled.
    """

    def __init__(
        self,
        document: str | PathLike[str] | Mapping[str, Any] | Document,
        *,
        server: str | int | None = None,
        server_variables: Mapping[str, str] | None = None,
        credentials: Mapping[str, Any] | None = None,
        validate: Mode | Mapping[str, Mode] = "strict",
        validate_with: Backend = "auto",
        timeout: float | Timeout | None = 60.0,
        retries: int = 2,
        max_body: int = 100 * 1024 * 1024,
        session: requests.Session | None = None,
        verify: bool | str | None = None,
        cert: str | tuple[str, str] | None = None,
        proxies: Mapping[str, str] | None = None,
        ref_hosts: Collection[str] = (),
        ref_folder: str | PathLike[str] | None = None,
        cache: bool | str | PathLike[str] = True,
    ) -> None:
        self._sending: dict[str, Any] = {
            "session": session,
            "timeout": Timeout.of(timeout),
            "retries": settings.count("retries", retries),
            "max_body": settings.count("max_body", max_body, least=1),
            "verify": verify,
            "cert": cert,
            "proxies": dict(settings.mapping("proxies", proxies)) or None,
        }
        if session is not None and not hasattr(session, "get_adapter"):
            raise SettingsError(f"session is a requests.Session, not {kind_of(session)}")
        settings.trust(verify, cert)
        self._modes = settings.modes(validate)
        self._source = str(document) if isinstance(document, str) else ""
        folder, hosts = settings.folder(ref_folder), settings.hosts(ref_hosts)
        access = Access(self._fetch, hosts, folder, settings.cache(cache))
        self.document = open_document(document, access)
        self.operations = Operations(self.document, _RESERVED)
        self.checkers = Checkers(self.document, validate_with)
        schemes = OperationBuilder(self.document).security_schemes()
        self._credentials = Credentials(schemes, settings.mapping("credentials", credentials))
        self._server_variables = dict(settings.mapping("server_variables", server_variables))
        self._serverless = ""
        self._server = self._root_server(settings.server(server))
        self._chosen = server is not None
        self._plans: dict[str, Plan] = {}
        self._callbacks: dict[str, Receivers] = {}

    # -- calling -------------------------------------------------------------------------------------

    def call(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Any:
        """Call `operation` (operationId, or `METHOD /path`) and give the decoded body of the answer.

        Parameters go by keyword or in `mapping`, under their wire or snake_case name; in the mapping also
        as `place.name`. `body`: what its media type takes, as `dynaclient.wire.media` lists it: what JSON
        has; bytes, a file, a path; an iterable of items for a sequence. `options`: extra `headers` and
        `query`, `timeout` in seconds, `content_type` of the body, `stream`: with True a StreamedResponse is
        given, whose body is not read yet.

        Raises UnknownOperation, RequestInvalid (nothing was sent), ResponseInvalid, ApiError for a status of
        400 to 599, TransportError.
        """
        return self._call(self.operations[operation], (), mapping, names, body, options)

    @overload
    def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        options: Streaming,
        body: Any = MISSING,
        **names: Any,
    ) -> StreamedResponse: ...

    @overload
    def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response: ...

    def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response:
        """As `call`, but give the Response, whatever its status; with `stream` a StreamedResponse."""
        return self._send(self.operations[operation], (), mapping, names, body, options)

    def prepare(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> requests.PreparedRequest:
        """As `call`, but give the request as it would be sent; nothing is sent."""
        return self._prepare(self.operations[operation], (), mapping, names, body, options).request

    def __getattr__(self, name: str) -> BoundOperation:
        if name.startswith("__") or name in _STATE:
            raise AttributeError(name)
        key = self.operations.attributes.get(name)
        if key is None:
            near = [self.operations[each].attribute for each in self.operations.near(name)]
            raise UnknownOperation(f"the client has no operation {name!r}", near)
        return BoundOperation(self, self.operations[key])

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self.operations.attributes})

    # -- what is known -------------------------------------------------------------------------------

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found wrong in the document. Looks at all of it, once."""
        from dynaclient.lint import lint

        return lint(self)

    @property
    def server(self) -> str | None:
        """The URL that is called; None where neither the document nor you named one."""
        return self._server

    @cached_property
    def webhooks(self) -> Receivers:
        """The webhooks of the document, by name: `client.webhooks["newPet"].check(headers=..., body=...)`."""
        from dynaclient.webhooks import webhooks

        return webhooks(self.document, self.checkers)

    def plan(self, key: str) -> Plan:
        """What a call of the operation needs, made on first use."""
        plan = self._plans.get(key)
        if plan is None:
            with collector.paused():
                plan = self._plans[key] = Plan(self.operations[key], self.checkers)
        return plan

    def __repr__(self) -> str:
        info = self.document.root.get("info")
        title = info.text("title") if info else ""
        server = without_user(self._server or "no server")
        return f"<Client {title!r}: {many(len(self.operations), 'operation')} at {server}>"

    # -- life ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections that this client opened; a session of yours stays open."""
        transport = self.__dict__.pop("_transport", None)
        if transport is not None:
            transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        live = ("_transport", "_cases", "webhooks")  # _cases: what the contract room keeps with a client
        state = {key: value for key, value in self.__dict__.items() if key not in live}
        return {**state, "_plans": {}, "_callbacks": {}}

    # -- the way of a call ---------------------------------------------------------------------------

    def _call(
        self,
        operation: Operation,
        positionals: Sequence[Any],
        mapping: Mapping[str, Any] | None,
        names: Mapping[str, Any],
        body: Any,
        options: Mapping[str, Any] | None,
    ) -> Any:
        response = self._send(operation, positionals, mapping, names, body, options)
        if response.status >= 400:
            raise _api_error(operation, response)
        return response if (options or {}).get("stream") else response.data

    def _send(
        self,
        operation: Operation,
        positionals: Sequence[Any],
        mapping: Mapping[str, Any] | None,
        names: Mapping[str, Any],
        body: Any,
        options: Mapping[str, Any] | None,
    ) -> Response:
        ready = self._prepare(operation, positionals, mapping, names, body, options)
        timeout = (options or {}).get("timeout", MISSING)
        limit = None if timeout is MISSING else Timeout.of(timeout)
        stream = bool((options or {}).get("stream"))
        ready, reply = self._exchange(ready, limit, stream)
        content = getattr(reply, "content", None)  # None: it is still on its way
        mode = self._modes["response"]
        if content is None:
            reading = ready.plan.read_head(reply.status, reply.headers, check=mode != "off")
        else:
            reading = ready.plan.read(reply.status, reply.headers, content, check=mode != "off")
        found = reading.violations if mode != "off" else []
        from dynaclient.wire.read import Response  # here: a client that only prepares reads nothing

        response = Response(
            status=reply.status,
            headers=reply.headers,
            data=reading.data,
            content=content or b"",
            url=reply.url,
            elapsed=reply.elapsed,
            request=ready.request,
            violations=(*ready.violations, *found),
            secret_names=ready.chosen.names,
            links={} if stream else self._links(ready, reply, reading, content),
            header_values=reading.headers,
        )
        if stream:
            response = self._streamed(response, ready, reading, reply)
        if found:
            self._judge(operation, response, found, mode, empty=content == b"")
        return response

    def _streamed(
        self, head: Response, ready: Ready, reading: Reading, reply: Reply | Live
    ) -> StreamedResponse:
        from dynaclient.items import Items
        from dynaclient.stream import Reader, StreamedResponse

        plan, mode = ready.plan, self._modes["response"]
        check = mode != "off"
        items = Items(self.document, plan, reading.media if check else None)
        kinds = tuple(reading.answer.content) if reading.answer else ()

        def whole(content: bytes) -> Reading:
            return plan.read(head.status, head.headers, content, check=check)

        def links(read: Reading | None, content: bytes | None) -> Mapping[str, Link]:
            return self._links(ready, reply, read or reading, content)

        reader = Reader(ready.operation.key, mode, kinds, items, whole, links)
        return StreamedResponse(head, reader, getattr(reply, "source", None))

    def _links(
        self, ready: Ready, reply: Reply | Live, reading: Reading, content: bytes | None
    ) -> Mapping[str, Link]:
        if reading.answer is None or not reading.answer.links:
            return {}
        from dynaclient.links import links

        return links(self, ready, reply, reading, content)

    def _judge(
        self, operation: Operation, response: Response, found: list[Violation], mode: Mode, empty: bool
    ) -> None:
        """Raise in strict mode what must be raised, log in warn mode (the table in the README)."""
        if mode == "warn":
            for violation in found:
                _warn("%s: the answer: %s", operation, violation)
        elif response.ok and not (empty and _only_unlisted(response, found)):
            message = f"{operation.key}: the answer ({response.status}) breaks the document"
            raise ResponseInvalid(message, found, response)

    def _prepare(
        self,
        operation: Operation,
        positionals: Sequence[Any],
        mapping: Mapping[str, Any] | None,
        names: Mapping[str, Any],
        body: Any,
        options: Mapping[str, Any] | None,
    ) -> Ready:
        options = settings.options(options)
        plan = self.plan(operation.key)
        mode = self._modes["request"]
        arguments = plan.names.bind(positionals, mapping, names, body)
        prepared = plan.prepare(arguments, options, check=mode != "off")
        found = prepared.violations if mode == "strict" else []
        if prepared.draft.violations or found:
            count = len(prepared.draft.violations) + len(found)
            message = f"{operation.key}: the request was not sent; {many(count, 'violation')}"
            raise RequestInvalid(message, [*prepared.draft.violations, *found])
        violations = prepared.violations if mode == "warn" else []
        for violation in violations:
            _warn("%s: the request: %s", operation, violation)
        request, chosen = self._finish(operation, prepared.draft)
        return Ready(request, prepared.draft, prepared.values, plan, operation, violations, chosen)

    def _finish(self, operation: Operation, draft: Draft) -> tuple[requests.PreparedRequest, Chosen]:
        """Give the draft its server and its credentials, and make it a requests.PreparedRequest."""
        base, trusted = self._base(operation)
        schemes = self._credentials.choose(operation.security) if trusted else ()

        def make(draft: Draft) -> requests.PreparedRequest:
            headers = list(draft.headers.items())
            if draft.cookies:
                headers.append(("Cookie", "; ".join(draft.cookies)))
            url = base + draft.target
            return self._transport.prepare(
                draft.method, url, headers, draft.body, credential_chosen=bool(schemes), trusted=trusted
            )

        request, names = self._credentials.sign(schemes, draft, make)
        return request, Chosen(schemes, names)

    def _exchange(self, ready: Ready, timeout: Timeout | None, stream: bool) -> tuple[Ready, Reply | Live]:
        """Send; once more where the server challenges the client and there is an answer to that."""
        send = self._transport.stream if stream else self._transport.send
        reply = send(ready.request, timeout=timeout)
        if reply.status == 401 and self._answers_challenge(ready, reply):
            request, chosen = self._finish(ready.operation, ready.draft)
            ready = replace(ready, request=request, chosen=chosen)
            reply = send(request, timeout=timeout)
        return ready, reply

    def _answers_challenge(self, ready: Ready, reply: Reply | Live) -> bool:
        from dynaclient.transport.outgoing import back_at_start

        learnt = self._credentials.challenged(ready.chosen.schemes, reply.headers)
        return learnt and back_at_start(ready.request.body)

    # -- servers -------------------------------------------------------------------------------------

    def _root_server(self, choice: str | int | None) -> str | None:
        found = pick(servers(self.document.root.get("servers")), choice)
        if found is None:
            return absolute("/", self.document)
        try:
            url = expand(found, self._server_variables) if isinstance(found, Server) else str(found)
        except SettingsError as error:
            if choice is not None or self._server_variables:
                raise
            self._serverless = str(error)  # the document can be looked at all the same
            return None
        full = absolute(url, self.document)
        if full is None and choice is not None:
            named = without_user(str(choice))
            said = f"{called('server')} {named!r} is no http(s) URL, nor a server of the document"
            raise SettingsError(said if "://" in named else f"{said}; did you mean http://{named}?")
        if full is None:
            shown = without_user(url)
            self._serverless = (
                f"the document's server {shown!r} is no whole http(s) URL; give {called('server')}"
            )
        return full

    def _base(self, operation: Operation) -> tuple[str, bool]:
        """The server for `operation`, and whether credentials may go there (Never 2)."""
        own = servers(operation.servers)
        if own and not self._chosen:
            url = absolute(expand(own[0], self._server_variables), self.document)
            if url is not None:
                _check_placeholder(url)
                return url, self._server is not None and origin(url) == origin(self._server)
        if self._server is None:
            none = f"there is no server to send to: the document names none; give {called('server')}"
            raise SettingsError(self._serverless or none)
        _check_placeholder(self._server)
        return self._server, True

    # -- transport -----------------------------------------------------------------------------------

    @cached_property
    def _transport(self) -> Transport:
        with collector.paused():  # importing requests takes longer than all else
            from dynaclient.transport.session import Transport

            return Transport(**self._sending)

    def _fetch(self, url: str) -> bytes:
        """Read a document or a part of one over HTTP, without any credential of this client.

        What a session of the user's holds goes to the origin of the document and to no other.
        """
        from dynaclient.errors import DocumentError, TransportError

        if origin_of(url) is None:
            raise DocumentError(f"{without_user(url)!r} is no URL that could be asked")
        try:
            accept = [("Accept", "application/json, application/yaml, */*")]
            trusted = origin_of(url) == origin_of(self._source)
            request = self._transport.prepare(
                "GET", url, accept, None, credential_chosen=False, trusted=trusted
            )
            with at({**here(), "server": "the URL"}):
                reply = self._transport.send(request)
        except (TransportError, RequestInvalid) as error:
            raise DocumentError(f"the document cannot be fetched: {error}") from None
        if reply.status != 200:
            raise DocumentError(f"the document cannot be fetched: the server answered {reply.status}")
        return reply.content


_STATE = frozenset(
    ("operations", "document", "_transport", "_plans", "_callbacks", "_sending", "_modes", "_credentials")
)
_RESERVED = frozenset(name for name in dir(Client)) | {
    "document", "operations", "checkers", "body", "options", "webhooks", "components", "pages", "bulk"
}  # fmt: skip
"""Names that no operation takes as its attribute: those of `Client`, and some kept for what it may learn."""


def _warn(text: str, operation: Operation, violation: Violation) -> None:
    from logging import getLogger

    getLogger("dynaclient").warning(text, operation.key, violation)


def _check_placeholder(url: str) -> None:
    if is_placeholder(url):
        raise SettingsError(
            f"{url} only stands for the address of your own deployment; give {called('server')}"
        )


def _only_unlisted(response: Response, found: Sequence[Violation]) -> bool:
    """Whether it is a success, of a status that the document does not list; a redirect is none."""
    return response.status < 300 and all(violation.where == "status" for violation in found)


def _api_error(operation: Operation, response: Response) -> ApiError:
    said = ""
    if isinstance(response.data, dict):
        texts = [response.data.get(key) for key in ("message", "detail", "title", "error")]
        said = next((f": {text}" for text in texts if isinstance(text, str)), "")
    message = f"{operation.key}: the server answered {response.status}{said[:300]}"
    return api_error_class(response.status)(message, response)
