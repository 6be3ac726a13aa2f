"""The clients that a test of behaviour holds for, each driven by the same calls.

Tests of the modules in `BEHAVIOUR` are written with `Client`; they run with each of these in its place (see
`tests/conftest.py`): `make exhaustive` all, `make test` those of a Client, and some of the others.
A case that gives a `session=` is skipped with the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from dynaclient import Client
from tests.awaited import Awaited


class InSession(Client):
    """A Client over a session of the user's, which is closed with it."""

    def __init__(self, source: Any, **settings: Any) -> None:
        self._session = requests.Session()
        super().__init__(source, session=self._session, **settings)

    def close(self) -> None:
        super().close()
        self._session.close()


def lean(source: Any, **settings: Any) -> Client:
    """A Client over urllib3 alone; one that replays sends over nothing."""
    return Client(source, **({} if settings.get("replay") else {"transport": "urllib3"}) | settings)


CLIENTS: dict[str, Callable[..., Any]] = {
    "sync": Client,
    "async": Awaited,
    "lean": lean,
    "session": InSession,
}

ALL = ("sync", "async", "lean")
NOT_ASYNC = ("sync", "lean")
"""Of modules that `test_async_streaming` and `test_async_pages` run with an AsyncClient, in the suite."""
BEHAVIOUR: dict[str, tuple[str, ...]] = {
    # what goes over the wire
    "tests.openapi.test_binary_data": ALL,
    "tests.openapi.test_collection_format": ALL,
    "tests.openapi.test_media_types": ALL,
    "tests.openapi.test_parameter_round_trip": ALL,
    "tests.openapi.test_parameter_styles": ALL,
    "tests.openapi.test_real_world": ALL,
    "tests.openapi.test_schemas": ALL,
    "tests.openapi.test_several_media_types": ALL,
    "tests.openapi.test_versions": ALL,
    "tests.schema.test_null_type": ALL,
    "tests.schema.test_undeclared": ALL,
    "tests.wire.test_content_coding": ALL,
    "tests.wire.test_decimals": ALL,
    "tests.wire.test_env": ALL,
    "tests.wire.test_json_headers": ALL,
    "tests.wire.test_multipart_files": ALL,
    "tests.wire.test_part_content_types": ALL,
    "tests.wire.test_part_headers": ALL,
    "tests.wire.test_request_builder": ALL,
    "tests.wire.test_response_reader": ALL,
    "tests.calls.test_invalid_calls": ALL,
    "tests.calls.test_invalid_responses": ALL,
    "tests.calls.test_links": ALL,
    "tests.calls.test_names_given_twice": ALL,
    "tests.calls.test_options": ALL,
    "tests.calls.test_recorder": ALL,
    "tests.calls.test_redirects": ALL,
    "tests.calls.test_requests": ALL,
    "tests.calls.test_server_query": ALL,
    "tests.calls.test_unchecked": ALL,
    "tests.test_messages": ALL,
    "tests.transport.test_large_headers": ALL,
    "tests.transport.test_max_body": ALL,
    "tests.transport.test_streamed_requests": ALL,
    "tests.transport.test_unix_sockets": ALL,
    # streams and pages
    "tests.calls.test_pages": NOT_ASYNC,
    "tests.calls.test_streaming": NOT_ASYNC,
    "tests.calls.test_streaming_media_types": NOT_ASYNC,
    # credentials
    "tests.calls.test_credentials": ALL,
    "tests.calls.test_idempotency": ALL,
    "tests.transport.test_digest": ALL,
    "tests.transport.test_oauth": ALL,
    "tests.transport.test_refresh_token": ALL,
    "tests.transport.test_token_requests": ALL,
    "tests.transport.test_trust": ALL,
    # the list of what never happens
    "tests.security.test_bounds": ALL,
    "tests.security.test_file_names": ALL,
    "tests.security.test_profiles": ALL,
    "tests.security.test_reading_and_repeating": ALL,
    "tests.security.test_requests": ALL,
    "tests.security.test_secrets": ALL,
}

OF_A_CLIENT = frozenset({
    # what is about a session of requests
    "test_a_credential_that_the_document_does_not_mention",
    "test_extra_headers_are_sent_as_given_and_go_first",
    "test_nor_does_it_get_what_a_session_holds",
    "test_the_adapters_of_the_session_carry_it",
    "test_the_session_works_without_it_as_before",
    "test_what_a_session_holds_for_the_api_does_not_go_to_the_server_of_tokens",
    "test_what_a_session_holds_is_looked_at",
    "test_what_a_session_holds_stays_with_the_server_too",
    "test_what_its_own_session_holds_goes_along",
    # what several threads do with one client; an AsyncClient is of its loop
    "test_threads_that_record_write_whole_files",
    # what drives both clients itself
    "test_many_share_one_renewal",
    "test_whose_401_comes_while_another_thread_renews_keeps_his_deadline",
    # a contract run and a bulk run over threads, which are of a Client
    "test_a_bulk_run_has_a_key_of_each_row",
    "test_what_a_contract_run_complains_of",
})  # fmt: skip
