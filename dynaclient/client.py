"""Client: calls that give what came, and the pages and runs that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, overload

from dynaclient._support.messages import kind_of
from dynaclient._support.missing import MISSING
from dynaclient.base_client import BaseClient, _fetch, _links, of_any_type
from dynaclient.calls.arguments import Call
from dynaclient.calls.bound_operation import BoundOperation
from dynaclient.calls.executor import BaseExecutor, Executor
from dynaclient.errors import SettingsError
from dynaclient.transport.session import Transport

if TYPE_CHECKING:
    import requests

    from dynaclient.bulk.pools import Pool
    from dynaclient.bulk.run import Bulk
    from dynaclient.calls.pages import Pages
    from dynaclient.calls.response import Response
    from dynaclient.calls.streaming import StreamedResponse, Streaming
    from dynaclient.document.document import Document
    from dynaclient.document.operations import Operations
    from dynaclient.schema.validator import Validators

__all__ = ["Client", "connect"]

_OF_EARLIER_PICKLES = (_fetch, _links)
"""Clients that were pickled before the base was a module of its own name them here."""


class Client(BaseClient["BoundOperation", "Pages"]):
    """Calls the operations of an OpenAPI document, each request and response checked against it.

    `document`: a vendored name (`talon-one-integration`, or `...@2024-06`), the name of a profile (see
    `project`), a path, an http(s) or file URL, a dict, the text or bytes of the document, a file that is open
    for either, or a resource of `importlib.resources`; each may be packed with gzip. References are read from
    the document's folder, or the origin that it was fetched from. A dict, a text, bytes and what lies in a
    zip have neither: their relative references start from `ref_folder`, where that is named.

    All settings are keywords, each with a default that is right for production:

    - `server`: the URL to call; or the index, URL or description of one of the document's servers.
      Default: the document's first server. A query in it goes with every request. `http+unix://%2Frun%2Fx.sock`
      is a Unix socket.
    - `server_variables`: values for the variables in a server's URL.
    - `credentials`: security scheme name -> a text, a `(user, password)` or `(prefix, key)` pair, or a
      callable that gets the finished Request and returns one of those. `Env("NAME")` stands for a text.
    - `validate`: "strict" (default) raises, "warn" collects and logs, "off" skips the document's checks; or
      one setting per direction: `{"request": "strict", "response": "warn"}`. A property of a request that the
      document does not declare, near to a declared one that is not given, is logged and on `response.notes`;
      with `{"undeclared": "strict"}` it is refused, with "off" not looked for.
    - `validate_with`: "auto" (default), "rust" (jsonschema-rs) or "python" (jsonschema).
    - `timeout`: seconds for a whole call (default 60), or a `Timeout(total=, connect=, read=)`.
    - `retries`: how often a call that is safe to repeat is sent again (default 2), or `Retries(attempts=,
      statuses=, backoff=, jitter=, cap=, respect_retry_after=, methods=)`.
    - `idempotency_key_header`: the header, such as "Idempotency-Key", by which the server knows a repeat: a
      call whose method is not idempotent gets a key of its own, the same for all of its attempts, and may be
      repeated then. One that the call gives goes before it.
    - `rate`: how many requests may follow each other: "100/s", "600/m", or a number a second; repeats count.
      `max_concurrency`: how many may be on their way at once. Both hold for all threads and tasks that share
      the client, in the order in which they come, and what waits does so within the `timeout` of its call. A
      429 or 503 with Retry-After holds up all of them. Default: no limit.
    - `max_body`: the most bytes of a response that are held, before and after decompression (100 MiB).
      Of a streamed one it bounds what `read`, `content` and `data` hold, and each item; what `save` and
      `iter_bytes` pass on has no bound. A document that is fetched over HTTP is held to it too.
    - `decimals`: True reads numbers in responses that are no integers as `decimal.Decimal`, with all of their
      digits (default False: as floats). What a Decimal in a request holds is always sent digit by digit.
    - `session`: your `requests.Session`; its adapters, hooks, cookies, proxies hold.
    - `transport`: what sends in the stead of requests. "urllib3" goes straight to its pools, at less cost,
      and keeps the cookies that a server sets, for its origin, until the client is closed; without it they
      are forgotten, but by your `session`. An object of your own is a BaseTransport.
    - `replay`: a recording, as `record` writes it: a path. Nothing is sent then: each call gets what was
      recorded for it, checked as ever, and NotRecorded is raised for others. The server is that of the
      recording, if it says one; credentials are neither needed nor asked for.
    - `pool_size`, `keep_alive`: how many connections to a server are kept for later calls (default 256), and
      for how many seconds without one (default: as the server does; 0 keeps none). Not of your own session.
    - `verify`, `cert`, `proxies`: as requests takes them; `verify` may be an `ssl.SSLContext`, and `cert` has
      room for the pass phrase of its key: `(certificate, key, phrase)`, a text or an `Env("NAME")`.
    - `ref_hosts`, `ref_folder`: hosts, and a folder wider than the document's own, that `$ref` may read from;
      a redirect of the document to one of these hosts is followed, without what may be a secret.
    - `project`: a folder; `document` may then be the name of a profile in the `dynaclient.toml` of the
      project that it is in. Without it only the user's own profiles are read, which `dynaclient add` writes.
      What a profile says holds where nothing else is given here; its credentials go to a server that it
      names, or that is named here.
    - `cache`: True (default) keeps opened documents in the user's cache folder, a path in your own folder,
      False nowhere.
    - `overlays`: OpenAPI Overlays (1.0 and 1.1) to apply to the document, in order: paths, URLs or dicts. The
      document itself is not changed.
    - `on_request`, `on_response`, `on_retry`, `on_violation`, `on_error`: functions of a CallEvent, called
      before a request is sent, with the response of a call, where another attempt follows, with what breaks
      the document, and where a call ends without a response. What one raises ends the call.

    Raises DocumentError where the document cannot be used, SettingsError where a setting cannot work.
    The client is a context manager, may be shared between threads, and can be pickled. A pickled client holds
    what it was given in plain text, secrets too; an `Env("NAME")` and a callable are pickled by their names.
    """

    document: Document
    operations: Operations
    checkers: Validators
    _executor: Executor

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
        """Call `operation` (operationId, or `METHOD /path`) and give the decoded body of its response.

        Parameters go by keyword or in `mapping`, under their wire or snake_case name; in the mapping also
        as `place.name`. `body`: what its media type takes, as `dynaclient.wire.codecs` lists it: what JSON
        has; bytes, a file, a path; an iterable of items for a sequence. `options`: extra `headers` and
        `query`, `timeout` in seconds, `content_type` of the body, `compress` ("gzip" or "deflate"), `retry`:
        "safe", "always" or "off", `stream`: with True a StreamedResponse is given, whose body is not read
        yet, `end_marker`: the text that ends its items (`[DONE]`).

        Raises UnknownOperation, RequestInvalid (nothing was sent), ResponseInvalid, ApiError for a status of
        400 to 599, TransportError.
        """
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return self._executor.call(given)

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
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return self._executor.send(given)

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
        del mapping, names, body, options
        return self._executor.prepared(given)

    def poll(
        self,
        response: Response,
        *,
        until: Callable[[Response], object] | None = None,
        interval: float = 2.0,
        timeout: float = 300.0,
    ) -> Response:
        """Ask, after a 202, how far the server is, until it is done; gives the last Response.

        What is asked is the `Operation-Location` or the `Location` of the response, by GET, at the server of
        the client alone; each time after its Retry-After, or `interval` seconds. It is done when
        `until(response)` is true; by default when the status is no longer 202, and where there is an
        `Operation-Location` when the `status` in the body is Succeeded, Failed or Canceled. A status from 400
        on ends it too; it is given, not raised. Each response is checked where its URL is that of a GET of
        the document.

        Raises DeadlineExceeded where that takes longer than `timeout` seconds, ResponseInvalid where the
        response names no location or one at another server, and as `send` does.
        """
        from dynaclient.calls.polling import poll  # late: 5 ms

        return poll(self._executor, response, until, interval, timeout)

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
        - `rate`: "100/s", "600/m": requests, repeats among them; default: that of the client. A Retry-After
          holds for all workers.
        - `journal`: a file that keeps what was sent and what came of it. A run that was killed goes on where
          it was: what is done is passed over, and what may not be repeated and was not answered is
          "unknown" and not sent again. One run at a time has a journal.
        - `ordered`: give results in the order of the rows.
        - `parameters`: those that each request has.
        - `idempotency_key`: the header for a key of each row, by which a server knows a repeat; default: the
          `idempotency_key_header` of the client.

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

    # -- life ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections that this client opened; your own session stays open."""
        self._executor.transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    _bound = BoundOperation

    def _made_pages(self, *given: Any) -> Pages:
        from dynaclient.calls.pages import Pages  # late: 20 ms

        return Pages(self._executor, *given)

    def _check_session(self, session: Any) -> None:
        if session is not None and not hasattr(session, "get_adapter"):
            raise SettingsError(f"session: expected a requests.Session, got {kind_of(session)}")

    def _checked_over(self, transport: Any, session: Any, trust: Mapping[str, Any]) -> Any:
        from dynaclient.transport.protocol import checked_transport  # late: 1 ms

        return checked_transport(transport, session, trust)

    def _engine(self, engine: Transport, given: Any) -> tuple[type[BaseExecutor], Transport]:
        return Executor, engine


@of_any_type(Client)
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
