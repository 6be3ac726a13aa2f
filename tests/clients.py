"""The clients that a test of behaviour holds for, each driven by the same calls.

Tests of the modules in `BEHAVIOUR` are written with `Client`; they run with each of these in its place (see
`tests/conftest.py`): `make exhaustive` all, `make test` those of a Client, and some of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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


CLIENTS: dict[str, Callable[..., Any]] = {
    "sync": Client,
    "async": Awaited,
    "lean": partial(Client, transport="urllib3"),
    "session": InSession,
}

ALL = ("sync", "async", "lean")
BEHAVIOUR: dict[str, tuple[str, ...]] = {
    # what goes over the wire
    "tests.openapi.test_binary_data": ALL,
    "tests.openapi.test_collection_format": ALL,
    "tests.openapi.test_media_types": ALL,
    "tests.openapi.test_parameter_styles": ALL,
    "tests.openapi.test_schemas": ALL,
    "tests.openapi.test_several_media_types": ALL,
    "tests.wire.test_content_coding": ALL,
    "tests.wire.test_json_headers": ALL,
    "tests.wire.test_multipart_files": ALL,
    "tests.wire.test_part_content_types": ALL,
    "tests.wire.test_part_headers": ALL,
    "tests.wire.test_request_builder": ALL,
    "tests.wire.test_response_reader": ALL,
    "tests.calls.test_invalid_calls": ALL,
    "tests.calls.test_invalid_responses": ALL,
    "tests.calls.test_names_given_twice": ALL,
    "tests.calls.test_redirects": ALL,
    "tests.calls.test_requests": ALL,
    # credentials
    "tests.calls.test_credentials": ALL,
    "tests.transport.test_digest": ALL,
    "tests.transport.test_token_requests": ALL,
    # the list of what never happens
    "tests.security.test_requests": ALL,
}

OF_A_CLIENT = frozenset({
    # what is about a session of requests, a pickle, or the parts that a Client is made of
    "test_a_401_without_credentials_says_which_are_due",
    "test_a_client_with_digest_can_be_pickled",
    "test_a_credential_that_the_document_does_not_mention",
    "test_a_secret_in_a_mistyped_server_never_shows",
    "test_a_secret_in_the_address_of_a_document_never_shows",
    "test_a_secret_in_the_query_of_an_address_never_shows",
    "test_extra_headers_are_sent_as_given_and_go_first",
    "test_the_adapters_of_the_session_carry_it",
    "test_what_a_callable_says_in_errors_of_ours_is_its_own",
    "test_what_a_secret_is_kept_for_it_is_used_for",
    "test_what_a_session_holds_for_the_api_does_not_go_to_the_server_of_tokens",
    "test_what_a_session_holds_stays_with_the_server_too",
    "test_what_its_own_session_holds_goes_along",
})  # fmt: skip
