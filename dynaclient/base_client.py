"""What both clients are: the only place that ties document, checks, wire and transport together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from inspect import signature
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from dynaclient._support.immutable import Settled, suggestion
from dynaclient._support.messages import pluralize, setting_name
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls import options as settings
from dynaclient.calls.arguments import Call
from dynaclient.calls.credentials import Credentials
from dynaclient.calls.executor import BaseExecutor
from dynaclient.calls.options import Mode
from dynaclient.calls.server import Target
from dynaclient.document.document import Document
from dynaclient.document.opening import Access, is_bare_name, open_document, vendored_file
from dynaclient.document.operations import OperationBuilder, Operations
from dynaclient.document.servers import without_user
from dynaclient.errors import Finding, Findings, SettingsError, UnknownOperation, Unsettable, Violation
from dynaclient.schema.validator import Backend, Validators
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.pooling import POOL_SIZE, Pooling
from dynaclient.transport.session import MAX_BODY, Transport
from dynaclient.transport.trust import checked_proxies, checked_trust

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.bound_operation import BaseBoundOperation
    from dynaclient.calls.call_events import Hook
    from dynaclient.calls.contract_coverage import ContractCoverage
    from dynaclient.calls.observers import Observer
    from dynaclient.calls.pages import BasePages
    from dynaclient.calls.paging import Paging
    from dynaclient.calls.recorder import Recording
    from dynaclient.calls.replaying import Replay
    from dynaclient.calls.schema_checker import SchemaChecker
    from dynaclient.calls.webhooks import Receivers
    from dynaclient.document.sources import Resource
    from dynaclient.explore.example import Example
    from dynaclient.explore.prompt import Which
    from dynaclient.explore.search import Found
    from dynaclient.profiles.profile import Profile
    from dynaclient.schema.keywords import Direction
    from dynaclient.transport.protocol import AsyncBaseTransport, BaseTransport, Lean
    from dynaclient.transport.retries import Retries
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.transport.turns import Turns
    from dynaclient.wire.security import Credential


_P = ParamSpec("_P")
BoundT = TypeVar("BoundT", bound="BaseBoundOperation")
PagesT = TypeVar("PagesT", bound="BasePages")


class BaseClient(Settled, Generic[BoundT, PagesT]):
    """Settings, the document and what is asked of it; how a call is made is for `Client` and `AsyncClient`.

    The settings are described with `Client`. Raises DocumentError where the document cannot be used,
    SettingsError where a setting cannot work.
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
        retries: int | Retries = 2,
        idempotency_key_header: str | None = None,
        rate: str | float | None = None,
        max_concurrency: int | None = None,
        max_body: int = MAX_BODY,
        decimals: bool = False,
        session: requests.Session | None = None,
        transport: BaseTransport | AsyncBaseTransport | Lean | None = None,
        replay: str | PathLike[str] | None = None,
        pool_size: int = POOL_SIZE,
        keep_alive: float | None = None,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: Mapping[str, str] | None = None,
        ref_hosts: Collection[str] = (),
        ref_folder: str | PathLike[str] | None = None,
        project: str | PathLike[str] | None = None,
        cache: bool | str | PathLike[str] = True,
        overlays: Sequence[str | PathLike[str] | Mapping[str, Any]] = (),
        on_request: Hook | None = None,
        on_response: Hook | None = None,
        on_retry: Hook | None = None,
        on_violation: Hook | None = None,
        on_error: Hook | None = None,
    ) -> None:
        hooks = {
            "on_request": on_request,
            "on_response": on_response,
            "on_retry": on_retry,
            "on_violation": on_violation,
            "on_error": on_error,
        }
        profile = _profile(document, settings.folder(project, "project"))
        named_here = server is not None
        if profile is not None:
            document = profile.document
            server = profile.server if server is None else server
            validate = profile.validate if validate is None else validate
            overlays = [*profile.overlays, *settings.overlays(overlays)]
        self._check_session(session)
        checked_trust(verify, cert)
        played = None
        if replay is not None:
            played = _replayed(replay, {"session": session, "transport": transport})
            server = played.archive.server or None if server is None else server
        trust = {"verify": verify, "cert": cert, "proxies": proxies}
        engine = Transport(
            session=session,
            timeout=Timeout.of(timeout),
            retries=retries,
            key_header=settings.header_name("idempotency_key_header", idempotency_key_header),
            turns=_turns(rate, max_concurrency),
            verify=verify,
            cert=cert,
            proxies=checked_proxies(proxies),
            max_body=settings.count("max_body", max_body, least=1),
            headers=profile.headers if profile is not None else None,
            over=played if transport is None else self._checked_over(transport, session, trust),
            pooling=Pooling.of(pool_size, keep_alive),
        )
        modes = settings.modes("strict" if validate is None else validate)
        settings.flag("decimals", decimals)
        # what fetches knows no client: one that nobody uses any more is gone at once, and its tree with it
        source = document if isinstance(document, str) and document[:4].lower() == "http" else ""
        for_calls = without_user(server) if isinstance(server, str) else ""
        files = None if profile is None else profile.without_secrets()
        folder, hosts = settings.folder(ref_folder), settings.hosts(ref_hosts)
        fetch = partial(_fetch, engine, source, for_calls, files, hosts=hosts)
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
            if not target.named or played is not None:
                engine.headers = profile.open_headers()
        schemes = OperationBuilder(self.document).security_schemes()
        given = Credentials(schemes, {} if credentials is None else credentials)
        self._paging = _paging(profile, self.operations)
        if profile is not None:
            given = _with_profile(given, profile, target.named)
        kind, engine = self._engine(engine, transport)
        self._executor = kind(
            self.document,
            self.operations,
            self.checkers,
            engine,
            given if played is None else given.stand_ins(),
            target,
            modes,
            _links,
            decimals,
        )
        self._executor.observers += _observers(hooks)
        if played is not None:
            self._executor.observers.append(played)

    _bound: type[BoundT]
    """What an attribute is that names an operation."""

    def _made_pages(self, *given: Any) -> PagesT:
        """The pages of a call."""
        raise NotImplementedError

    def _check_session(self, session: Any) -> None:
        """Raise SettingsError for a `session` that calls cannot be made with."""
        raise NotImplementedError

    def _checked_over(self, transport: Any, session: Any, trust: Mapping[str, Any]) -> Any:
        """What `transport=` means, beside `session` and what says whom to trust. Raises SettingsError."""
        raise NotImplementedError

    def _engine(self, engine: Transport, given: Any) -> tuple[type[BaseExecutor], Transport]:
        """What makes the calls, and what it sends them over, with the settings of `engine`; `given`: the
        transport of the user's."""
        raise NotImplementedError

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
    ) -> PagesT:
        """The items of a list that comes in pages; `.by_page()` gives the pages. Each is fetched when needed.

        Of an AsyncClient: `async for item in api.pages(...)`, `async for page in api.pages(...).by_page()`.

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
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        said = {
            "next": next,
            "cursor": cursor,
            "offset": offset,
            "page": page,
            "items": items,
            "more": more,
            "total": total,
        }
        return self._made_pages(given, said, start, self._paging.get(given.operation.key))

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
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return self._executor.check(given)

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

        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return curl_command(self._executor, given)

    def __getattr__(self, name: str) -> BoundT:
        if name.startswith("__") or name in _STATE:
            raise AttributeError(name)
        key = self.operations.attribute(name)
        if key is None:
            near = [self.operations[each].attribute for each in self.operations.near(name)]
            raise UnknownOperation(f"the client has no operation {name!r}{self.operations.unread}", near)
        return self._bound(self._executor, self.operations[key])

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.operations.attributes} - {"checkers"})

    def _is_taken(self, name: str) -> bool:
        return "operations" in self.__dict__ and name in self.operations.attributes

    def _unsettable(self, name: str) -> Unsettable:
        return Unsettable(self._why_not(name))

    def _why_not(self, name: str) -> str:
        settings = [*signature(BaseClient).parameters]
        if name in settings:
            return f"{name} is read-only; give it to a new client: {type(self).__name__}(..., {name}=...)"
        if name in self.operations.attributes:
            return f"{name} is an operation of the document and cannot be set"
        if hasattr(type(self), name) or name in vars(self):
            return f"{name} is read-only"
        known = (*settings, *self.operations.attributes, *(each for each in dir(self) if each[:1] != "_"))
        near = (
            suggestion(name, known)
            or f"; settings go to a new client: {type(self).__name__}(..., timeout=...)"
        )
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

    def record(self, path: str | PathLike[str]) -> Recording:
        """Write what is sent and what comes to a HAR: `with client.record("calls.har"):`, or `async with`.

        Every exchange of calls is in it, by all threads and tasks; requests for tokens are not. Secrets are
        taken out. The file takes its place when the block ends, also by an exception; `replay=` of a client
        gives what is in it. Raises SettingsError where the file cannot be written.
        """
        from dynaclient.calls.recorder import Recording  # late: 15 ms

        return Recording(self._executor, path, self._executor.transport.max_body)

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

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "webhooks"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"_paging": {}, **state})  # an earlier version had none


def _turns(rate: str | float | None, most: int | None) -> Turns | None:
    """What all calls of a client wait for, where that is anything."""
    if rate is None and most is None:
        return None
    from dynaclient.transport.rate import requests_a_second  # late: 1 ms
    from dynaclient.transport.turns import Turns  # late: 1 ms

    counted = None if most is None else settings.count("max_concurrency", most, least=1)
    return Turns(requests_a_second(rate), counted)


def _replayed(path: str | PathLike[str], others: Mapping[str, Any]) -> Replay:
    """The recording at `path` as a transport. Raises SettingsError where one of `others` is given too."""
    from dynaclient.calls.replaying import Replay, archive_at  # late: 12 ms

    for name, other in others.items():
        if other is not None:
            raise SettingsError(f"{name}= says nothing beside replay=, which sends nothing: leave it out")
    return Replay(archive_at(path))


def _observers(hooks: Mapping[str, Any]) -> list[Observer]:
    if all(hook is None for hook in hooks.values()):
        return []
    from dynaclient.calls.call_events import Hooks  # late: 3 ms

    return [Hooks.of(**hooks)]


def of_any_type(
    make: Callable[_P, BaseClient[Any, Any]],
) -> Callable[[Callable[..., Any]], Callable[_P, Any]]:
    """To type checkers, a function takes what `make` takes, and gives what its caller says that it gives."""
    return lambda function: function


def _fetch(
    transport: Transport,
    source: str,
    server: str,
    profile: Profile | None,
    url: str,
    hosts: Collection[str] = (),
) -> bytes:
    if profile is not None and url in profile.copies:
        from dynaclient.profiles.copies import kept_copy  # late: 2 ms

        return kept_copy(profile, url)
    from dynaclient.transport.fetch import fetch  # late: 1 ms

    data = fetch(transport, source, server, url, hosts)
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
_RESERVED = frozenset(dir(BaseClient)) | {
    "document", "operations", "checkers", "call", "send", "prepare", "pages", "poll", "bulk", "abulk",
    "close", "aclose", "plan", "body", "options", "components",
}  # fmt: skip
"""Names that no operation takes as its attribute: those of either client, and some that are kept for them."""
