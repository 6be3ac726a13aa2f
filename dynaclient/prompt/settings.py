"""A client from options and environment variables. Options win."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dynaclient.client import Client
from dynaclient.contract.command import variable
from dynaclient.document.builder import OperationBuilder
from dynaclient.document.document import Document
from dynaclient.document.operation import Operation
from dynaclient.errors import SettingsError, UnknownOperation

if TYPE_CHECKING:
    import requests

SERVER = "DYNACLIENT_SERVER"


def client_of(options: Namespace) -> Client:
    """The client that the options and the environment ask for.

    Raises DocumentError for the document, SettingsError for the rest.
    """
    settings: dict[str, Any] = {"server": getattr(options, "server", None) or os.environ.get(SERVER)}
    if getattr(options, "validate", None):
        settings["validate"] = modes(options.validate)
    if getattr(options, "timeout", None) is not None:
        settings["timeout"] = options.timeout
    if getattr(options, "always", None):
        settings["session"] = _session(options.always)
    client = Client(options.document, **settings)
    credentials = credentials_of(client.document, getattr(options, "credential", None) or ())
    return Client(client.document, credentials=credentials, **settings) if credentials else client


def _session(texts: Iterable[str]) -> requests.Session:
    """A session that sends headers (`NAME: VALUE`) with each request."""
    from dynaclient.prompt.values import headers
    from dynaclient.transport.connection import new_session

    session = new_session()
    session.headers.update(headers(texts))
    return session


def modes(texts: Iterable[str]) -> dict[str, Any]:
    """`strict`, `warn` or `off` for both directions, or `request=...` and `response=...`."""
    found: dict[str, Any] = {}
    for text in texts:
        direction, mark, mode = text.partition("=")
        found |= {direction: mode} if mark else {"request": text, "response": text}
    return found


def credentials_of(document: Document, given: Iterable[str] = ()) -> dict[str, str]:
    """The credentials in `given` (`scheme=value`), and those that the environment holds for the document."""
    schemes = OperationBuilder(document).security_schemes()
    found = {name: os.environ[variable(name)] for name in schemes if variable(name) in os.environ}
    for text in given:
        scheme, mark, value = text.partition("=")
        if not mark:  # what was given may be the secret itself: it is not repeated
            raise SettingsError("a credential is given as --credential SCHEME=VALUE")
        found[scheme] = value
    return found


def operation_of(client: Client, name: str) -> Operation:
    """The operation called `name` (operationId, `METHOD /path`, attribute). Raises UnknownOperation."""
    try:
        return client.operations[name]
    except UnknownOperation:
        key = client.operations.attributes.get(name)
        if key is None:
            raise
        return client.operations[key]
