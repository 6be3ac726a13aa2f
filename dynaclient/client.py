"""The client: the only place that ties document, checks, wire and transport together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from inspect import signature
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, ParamSpec, overload

from dynaclient._support.immutable import Settled, suggestion
from dynaclient._support.messages import kind_of, pluralize, setting_name
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls import options as settings
from dynaclient.calls.arguments import Call
from dynaclient.calls.bound_operation import BoundOperation
from dynaclient.calls.credentials import Credentials
from dynaclient.calls.executor import Executor
from dynaclient.calls.options import Mode
from dynaclient.calls.server import Target
from dynaclient.document.document import Document
from dynaclient.document.opening import Access, is_bare_name, open_document, vendored_file
from dynaclient.document.operations import OperationBuilder, Operations
from dynaclient.document.servers import without_user
from dynaclient.errors import Finding, Findings, SettingsError, UnknownOperation, Unsettable, Violation
from dynaclient.schema.validator import Backend, Validators
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import MAX_BODY, Transport
from dynaclient.transport.trust import checked_proxies, checked_trust

if TYPE_CHECKING:
    import requests

    from dynaclient.bulk.run import Bulk, Pool
    from dynaclient.calls.bound_operation import BoundOperation
    from dynaclient.calls.contract_coverage import ContractCoverage
    from dynaclient.calls.pages import Pages
    from dynaclient.calls.paging import Paging
    from dynaclient.calls.response import Response
    from dynaclient.calls.schema_checker import SchemaChecker
    from dynaclient.calls.streaming import StreamedResponse, Streaming
    from dynaclient.calls.webhooks import Receivers
    from dynaclient.document.sources import Resource
    from dynaclient.explore.example import Example
    from dynaclient.explore.prompt import Which
    from dynaclient.explore.search import Found
    from dynaclient.profiles.profile import Profile
    from dynaclient.schema.keywords import Direction
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.wire.security import Credential

__all__ = ["Client", "connect"]

_P = ParamSpec("_P")


class Client(Settled):
    """Calls the operations of an OpenAPI document, each request and response checked against it.

    `document`: a vendored name (`talon-one-integration`, or `...@2024-06`), the name of a profile (see
    `project`), a path, an http(s) or file URL, a dict, the text or bytes of the document, a file that is open
    for either, or a resource of `importlib.resources`; each may be packed with gzip. References are read from
    the document's folder, or the origin that it was fetched from. A dict, a text, bytes and what lies in a
    zip have neither: their relative references start from `ref_folder`, where that is named.

    All settings are keywords, each with a default that is right for production:

    - `server`: the URL to call; or the index, URL or description of one of the document's servers.
      Default: the document's first server. A query in it goes with every request.
    - `server_variables`: values for the variables in a server's URL.
    - `credentials`: security scheme name -> a text, a `(user, password)` or `(prefix, key)` pair, or a
      callable that gets the finished Request and returns one of those. `Env("NAME")` stands for a text.
    - `validate`: "strict" (default) raises, "warn" collects and logs, "off" skips the document's checks; or
      one setting per direction: `{"request": "strict", "response": "warn"}`. A property of a request that the
      document does not declare, near to a declared one that is not given, is logged and on `response.notes`;
      with `{"undeclared": "strict"}` it is refused, with "off" not looked for.
    - `validate_with`: "auto" (default), "rust" (jsonschema-rs) or "python" (jsonschema).
    - `timeout`: seconds for a whole call (default 60), or a `Timeout(total=, connect=, read=)`.
    - `retries`: how often a call that is safe to repeat is sent again (default 2).
    - `max_body`: the most bytes of a response that are held, before and after decompression (100 MiB).
      Of a streamed one it bounds what `read`, `content` and `data` hold, and each item; what `save` and
      `iter_bytes` pass on has no bound. A document that is fetched over HTTP is held to it too.
    - `decimals`: True reads numbers in responses that are no integers as `decimal.Decimal`, with all of their
      digits (default False: as floats). What a Decimal in a request holds is always sent digit by digit.
    - `session`: your `requests.Session`; its adapters, hooks, cookies, proxies hold.
    - `verify`, `cert`, `proxies`: as requests takes them; `verify` may be an `ssl.SSLContext`, and `cert` has
      room for the pass phrase of its key: `(certificate, key, phrase)`, a text or an `Env("NAME")`.
    - `ref_hosts`, `ref_folder`: hosts, and a folder wider than the document's own, that `$ref` may read from.
    - `project`: a folder; `document` may then be the name of a profile in the `dynaclient.toml` of the
      project that it is in. Without it only the user's own profiles are read, which `dynaclient add` writes.
      What a profile says holds where nothing else is given here; its credentials go to a server that it
      names, or that is named here.
    - `cache`: True (default) keeps opened documents in the user's cache folder, a path in your own folder,
      False nowhere.
    - `overlays`: OpenAPI Overlays (1.0 and 1.1) to apply to the document, in order: paths, URLs or dicts. The
      document itself is not changed.

    Raises DocumentError where the document cannot be used, SettingsError where a setting cannot work.
    The client is a context manager, may be shared between threads, and can be pickled. A pickled client holds
    what it was given in plain text, secrets too; an `Env("NAME")` and a callable are pickled by their names.
    """

    document: Document
    operations: Operations
    checkers: Validators

    def __init__(
        self,
        document: str | PathLike[str] | bytes | Mapping[str, Any] | IO[Any] | Resource | Document | Profile,
        *,
        server: str | int | None = None,
        server_variables: Mapping[str, str] | None = None,
        credentials: Mapping[str, Credential] | None = None,
        validate: Mode | Mapping[str, Mode] | None = None,
        validate_with: Backend = "auto",
        timeout: float | Timeout | None = 60.0,
        retries: int = 2,
        max_body: int = MAX_BODY,
        decimals: bool = False,
        session: requests.Session | None = None,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: Mapping[str, str] | None = None,
        ref_hosts: Collection[str] = (),
        ref_folder: str | PathLike[str] | None = None,
        project: str | PathLike[str] | None = None,
        cache: bool | str | PathLike[str] = True,
        overlays: Sequence[str | PathLike[str] | Mapping[str, Any]] = (),
    ) -> None:
        profile = _profile(document, settings.folder(project, "project"))
        named_here = server is not None
        if profile is not None:
            document = profile.document
            server = profile.server if server is None else server
            validate = profile.validate if validate is None else validate
            overlays = [*profile.overlays, *settings.overlays(overlays)]
        if session is not None and not hasattr(session, "get_adapter"):
            raise SettingsError(f"session: expected a requests.Session, got {kind_of(session)}")
        checked_trust(verify, cert)
        transport = Transport(
            session=session,
            timeout=Timeout.of(timeout),
            retries=settings.count("retries", retries),
            verify=verify,
            cert=cert,
            proxies=checked_proxies(proxies),
            max_body=settings.count("max_body", max_body, least=1),
            headers=profile.headers if profile is not None else None,
        )
        modes = settings.modes("strict" if validate is None else validate)
        settings.flag("decimals", decimals)
        # what fetches knows no client: one that nobody uses any more is gone at once, and its tree with it
        source = document if isinstance(document, str) and document[:4].lower() == "http" else ""
        for_calls = without_user(server) if isinstance(server, str) else ""
        files = None if profile is None else profile.without_secrets()
        fetch = partial(_fetch, transport, source, for_calls, files)
        folder, hosts = settings.folder(ref_folder), settings.hosts(ref_hosts)
        access = Access(fetch, hosts, folder, settings.cache(cache), settings.overlays(overlays))
        self.document = open_document(document, access)
        self.operations = Operations(self.document, _RESERVED)
        self.checkers = Validators(self.document, validate_with)
        target = Target(
            self.document,
            settings.server(server),
            settings.mapping("server_variables", server_variables),
        )
        if profile is not None:
            self.document.name = profile.name
            if not profile.trusted and not (named_here and target.named):
                target.distrust(profile.why_untrusted())
                if credentials:
                    raise SettingsError(f"{setting_name('credentials')} is not sent: {target.distrusted}")
            if not target.named:
                transport.headers = profile.open_headers()
        schemes = OperationBuilder(self.document).security_schemes()
        given = Credentials(schemes, {} if credentials is None else credentials)
        self._paging = _paging(profile, self.operations)
        self._executor = Executor(
            self.document,
            self.operations,
            self.checkers,
            transport,
            given if profile is None else _with_profile(given, profile, target.named),
            target,
            modes,
            _links,
            decimals,
        )

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
        as `place.name`. `body`: what its media type takes, as `dynaclient.wire.codecs` lists it: what JSON
        has; bytes, a file, a path; an iterable of items for a sequence. `options`: extra `headers` and
        `query`, `timeout` in seconds, `content_type` of the body, `compress` ("gzip" or "deflate"), `stream`:
        with True a StreamedResponse is given, whose body is not read yet, `end_marker`: the text that ends
        its items (`[DONE]`).

        Raises UnknownOperation, RequestInvalid (nothing was sent), ResponseInvalid, ApiError for a status of
        400 to 599, TransportError.
        """
        return self._executor.call(Call(self.operations[operation], mapping, names, body, options))

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
        return self._executor.send(Call(self.operations[operation], mapping, names, body, options))

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
        given = Call(self.operations[operation], mapping, names, body, options)
        return self._executor.prepared(given)

    def pages(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        next: str | None = None,  # noqa: A002
        cursor: tuple[str, str] | None = None,
        offset: str | tuple[str, str] | None = None,
        page: str | tuple[str, int] | None = None,
        items: str | None = None,
        more: str | None = None,
        total: str | None = None,
        start: str = "",
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Pages:
        """The items of a list that comes in pages; `.by_page()` gives the pages. Each is fetched when needed.

        How a page follows on another is said by one of these, or else by the profile or the document
        (`x-pagination`, `x-ms-pageable`, a Link Object of that name, a `Link` header):

        - `next="/meta/next"`: where a response has the URL of the next page; `next="link"`: a `Link` header.
        - `cursor=("starting_after", "/data/-1/id")`: a parameter, and where its next value is.
        - `offset=("skip", "pageSize")`: the parameter that counts items, and that of the size of a page.
        - `page="page"`: the parameter that counts pages; `page=("page", 0)` where the first one is 0.

        `items`: where the items are, by default as documented. `more`: where a response says whether more
        follow. `total`: where it says how many there are, which is held against what comes. `start`: the
        `token` of earlier pages, to go on from there. Places are JSON Pointers into the body, in which -1 is
        the last item, or `$response.header.NAME`. A parameter with the name of a setting goes in the mapping.

        Raises SettingsError where nobody says how pages follow, PagesError where they do not end or lead to
        another server, and what `call` raises.
        """
        from dynaclient.calls.pages import Pages  # late: 20 ms

        given = Call(self.operations[operation], mapping, names, body, options)
        said = {
            "next": next,
            "cursor": cursor,
            "offset": offset,
            "page": page,
            "items": items,
            "more": more,
            "total": total,
        }
        return Pages(self._executor, given, said, start, self._paging.get(given.operation.key))

    def bulk(
        self,
        operation: str,
        rows: Iterable[Mapping[str, Any]],
        /,
        *,
        key: Callable[[Any], Any] | str | None = None,
        executor: Pool = None,
        workers: int | None = None,
        window: int = 64,
        rate: str | float | None = None,
        journal: str | PathLike[str] | None = None,
        ordered: bool = False,
        pack: str | None = None,
        size: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Bulk:
        """Call `operation` for each of `rows`, by many workers: an iterator of what became of each row.

        A row is `{parameter: value, "body": ...}`, and with `pack` a member of that property of the body:
        `pack="customerProfiles", size=500`. Each is checked before it is sent; one that is invalid comes back
        as "refused", alone, and a pack that the server refuses is halved where repeating is safe.

        - `key`: a function of a row, or the name of what is in it (dots lead deeper); default: its number.
        - `executor`: None for threads, "processes", or a `concurrent.futures.Executor`; `workers`: how many.
        - `window`: how many requests may be on their way; the input is read as far as that.
        - `rate`: "100/s", "600/m": requests, repeats among them. A Retry-After holds for all workers.
        - `journal`: a file that keeps what was sent and what came of it. A run that was killed goes on where
          it was: what is done is passed over, and what may not be repeated and was not answered is
          "unknown" and not sent again. One run at a time has a journal.
        - `ordered`: give results in the order of the rows.
        - `parameters`: those that each request has.
        - `idempotency_key`: the header for a key of each row, by which a server knows a repeat.

        Raises SettingsError for a setting, or a journal, that cannot be used; and while results are taken
        BulkError where the run has to stop, and what the input raises.
        """
        from dynaclient.bulk.run import Bulk  # late: 20 ms

        return Bulk(
            self._executor,
            self.operations[operation],
            rows,
            key=key,
            executor=executor,
            workers=workers,
            window=window,
            rate=rate,
            journal=journal,
            ordered=ordered,
            pack=pack,
            size=size,
            parameters=parameters,
            idempotency_key=idempotency_key,
        )

    # -- before a call ---------------------------------------------------------------------------------

    def find(self, *words: str) -> Found:
        """The operations that all `words` mean, the best first; it prints as a table.

        Words are looked for in ids, paths, summaries, tags, parameters, schemas, properties and descriptions;
        verbs by what they mean: `remove coupon` finds `deleteCoupon`. Without words, all operations.
        """
        from dynaclient.explore.prompt import find  # late: 2 ms

        return find(self, *words)

    def show(self, operation: Which | None = None, part: str = "") -> None:
        """Print what the document says of `operation`, as far as a screen goes; or a `part` of that.

        `part`: `body`, `200`, a parameter, `description`, `example`, or a place in one: `body/owner/name`.
        Without an operation, a row for each. Raises UnknownOperation, and SettingsError for an unknown part.
        """
        from dynaclient.explore.prompt import show  # late: 36 ms

        show(self, operation, part)

    def example(self, operation: Which, *, full: bool = False) -> Example:
        """A call of `operation` that is valid for the document: `.parameters`, `.body`; it prints as Python.

        Of what is required alone; with `full`, of all that it takes, as far as that goes together.
        """
        from dynaclient.explore.prompt import example  # late: 31 ms

        return example(self, operation, full=full)

    def check(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> list[Violation]:
        """All that a call would break, whatever `validate` says; empty where it is right. Nothing is sent."""
        return self._executor.check(Call(self.operations[operation], mapping, names, body, options))

    def checker(self, schema: str, direction: Direction = "request") -> SchemaChecker:
        """What checks values against a schema of the document, without a call.

        `schema`: its name under `components`, or a JSON Pointer. It has `.violations(value)`,
        `.is_valid(value)` and, for a file of rows, `.violations_many(values)`. Raises SettingsError where
        there is no such schema.
        """
        from dynaclient.calls.schema_checker import SchemaChecker  # late: 2 ms

        return SchemaChecker(self.checkers, schema, direction)

    def curl(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> str:
        """The command that sends what `call` sends, for a POSIX shell; nothing is sent.

        Credentials, and what else may be secret, are variables in it: `$DYNACLIENT_CREDENTIAL_<SCHEME>`.
        Raises as `prepare` does, and SettingsError for a body that is read while it is sent.
        """
        from dynaclient.explore.curl import curl_command  # late: 8 ms

        return curl_command(self._executor, Call(self.operations[operation], mapping, names, body, options))

    def __getattr__(self, name: str) -> BoundOperation:
        if name.startswith("__") or name in _STATE:
            raise AttributeError(name)
        key = self.operations.attribute(name)
        if key is None:
            near = [self.operations[each].attribute for each in self.operations.near(name)]
            raise UnknownOperation(f"the client has no operation {name!r}{self.operations.unread}", near)
        return BoundOperation(self._executor, self.operations[key])

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.operations.attributes} - {"checkers"})

    def _is_taken(self, name: str) -> bool:
        return "operations" in self.__dict__ and name in self.operations.attributes

    def _unsettable(self, name: str) -> Unsettable:
        return Unsettable(self._why_not(name))

    def _why_not(self, name: str) -> str:
        settings = [*signature(Client).parameters]
        if name in settings:
            return f"{name} is read-only; give it to a new client: Client(..., {name}=...)"
        if name in self.operations.attributes:
            return f"{name} is an operation of the document and cannot be set"
        if hasattr(type(self), name) or name in vars(self):
            return f"{name} is read-only"
        known = (*settings, *self.operations.attributes, *(each for each in dir(self) if each[:1] != "_"))
        near = suggestion(name, known) or "; settings go to a new client: Client(..., timeout=...)"
        return f"a client has no setting {name!r}{near}"

    # -- what is known -------------------------------------------------------------------------------

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found wrong in the document. Looks at all of it, once."""
        from dynaclient.lint import lint  # late: 49 ms

        return Findings(lint(self._executor))

    @property
    def server(self) -> str | None:
        """The URL that is called, without a user in it; None where neither the document nor you named one."""
        url = self._executor.server.url
        return None if url is None else without_user(url)

    @cached_property
    def webhooks(self) -> Receivers:
        """The webhooks of the document, by name: `client.webhooks["newPet"].check(headers=..., body=...)`."""
        from dynaclient.calls.webhooks import webhooks  # late: 18 ms

        return webhooks(self.document, self.checkers)

    def coverage(self) -> ContractCoverage:
        """How much of the document calls have tried, counted from the first time that this is asked for.

        Print it for one line; `shares` are the numbers by kind, `untried(kind)` what is left. As a context
        manager it counts until its block ends. It costs calls nothing before it is asked for, and each call
        some of a millisecond then.
        """
        from dynaclient.calls.contract_coverage import ContractCoverage  # late: 15 ms

        made: ContractCoverage = self._executor.kept.setdefault("coverage", ContractCoverage(self._executor))
        made.start()
        return made

    def __repr__(self) -> str:
        info = self.document.root.get("info")
        title = info.text("title") if info else ""
        where = self.server or "no server"
        return visible(
            f"<{type(self).__name__} {title!r}: {pluralize(len(self.operations), 'operation')} at {where}>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from dynaclient.calls.display import client_html  # late: 12 ms

        info = self.document.root.get("info")
        title = (info.text("title") if info else "") or self.document.name
        return client_html(title, self.server or "no server", self.operations.values())

    # -- life ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections that this client opened; your own session stays open."""
        self._executor.transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "webhooks"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"_paging": {}, **state})  # an earlier version had none


def _of_any_type(make: Callable[_P, Client]) -> Callable[[Callable[..., Any]], Callable[_P, Any]]:
    """To type checkers, a function takes what `make` takes, and gives what its caller says that it gives."""
    return lambda function: function


@_of_any_type(Client)
def connect(*document: Any, **settings: Any) -> Any:
    """A Client, of whatever type it is said to have: `talon: "Talon" = connect("talon-one-integration")`.

    Takes what `Client` takes, and raises what it raises. `Talon` is the class of a stub that `dynaclient
    stubs` writes: type checkers and editors know its operations by that, and nothing of it is there at run
    time.
    """
    return Client(*document, **settings)


def executor_of(client: Client) -> Executor:
    """What makes the calls of `client`, for the rooms that stand on it."""
    return client._executor


def _fetch(transport: Transport, source: str, server: str, profile: Profile | None, url: str) -> bytes:
    if profile is not None and url in profile.copies:
        from dynaclient.profiles.copies import kept_copy  # late: 2 ms

        return kept_copy(profile, url)
    from dynaclient.transport.fetch import fetch  # late: 1 ms

    data = fetch(transport, source, server, url)
    if profile is not None and profile.fetched is not None:
        profile.fetched[url] = data
    return data


def _profile(document: Any, project: str | PathLike[str] | None) -> Profile | None:
    """The profile that `document` names, or is."""
    if isinstance(document, str):
        if not is_bare_name(document) or vendored_file(document):
            return None
        from dynaclient.profiles.resolution import find_profile  # late: 8 ms

        return find_profile(document, project)
    module = sys.modules.get("dynaclient.profiles.profile")  # nobody has one who has not imported it
    return document if module is not None and isinstance(document, module.Profile) else None


def _with_profile(given: Credentials, profile: Profile, named: bool) -> Credentials:
    """What was given, and what the profile has: for a server that the user named for its API, no other."""
    held = {name: each for name, each in profile.credentials.items() if not given.has(name)}
    try:
        made = given.extended(held)
    except SettingsError as error:
        raise SettingsError(f"{profile.source}: api.{profile.name}.credentials: {error}") from None
    return made if named else made.withholding(dict.fromkeys(held, f"the credential of {profile.name}"))


def _paging(profile: Profile | None, operations: Operations) -> Mapping[str, Paging]:
    """How the pages of operations follow, by their keys, as a profile says it."""
    if profile is None or not profile.pages:
        return {}
    from dynaclient.calls.paging import paging_of  # late: 3 ms

    found = {}
    for name, said in profile.pages.items():
        source = f"{profile.source}: api.{profile.name}.pages.{name}"
        made = paging_of(source, said)
        if made is None:
            raise SettingsError(f"{source}: expected one of next, cursor, offset and page")
        found[operations[name].key] = made
    return found


def _links(*given: Any) -> Mapping[str, Any]:
    from dynaclient.calls.links import links  # late: 18 ms

    return links(*given)


_STATE = frozenset(("operations", "document", "_executor", "_paging"))
_RESERVED = frozenset(name for name in dir(Client)) | {
    "document", "operations", "checkers", "plan", "body", "options", "webhooks", "components", "pages", "bulk"
}  # fmt: skip
"""Names that no operation takes as its attribute: those of `Client`, and some kept for what it may learn."""
