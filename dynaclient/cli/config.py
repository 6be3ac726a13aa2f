"""A client from options and environment variables. Options win."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dynaclient._support.terminal import complain
from dynaclient.client import Client, executor_of
from dynaclient.document.document import Document
from dynaclient.document.model import Operation
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import SettingsError
from dynaclient.explore.prompt import operation_named
from dynaclient.explore.shell import variable
from dynaclient.profiles.references import read_reference
from dynaclient.profiles.resolution import find_profile
from dynaclient.wire.env import resolved

if TYPE_CHECKING:
    import requests

    from dynaclient.wire.env import SecretReference


SERVER = "DYNACLIENT_SERVER"
HERE = "."
"""The folder whose project may say what a name means."""


def client_of(options: Namespace) -> Client:
    """The client that the options and the environment ask for.

    Raises DocumentError for the document, SettingsError for the rest.
    """
    profile = find_profile(options.document, HERE)
    bound = profile is not None and profile.is_users and profile.server is not None
    typed = getattr(options, "server", None)
    lent = None if typed or bound else os.environ.get(SERVER)
    settings: dict[str, Any] = {"server": typed or lent, **references(options)}
    if getattr(options, "validate", None):
        settings["validate"] = read_modes(options.validate)
    if getattr(options, "timeout", None) is not None:
        settings["timeout"] = options.timeout
    settings |= connection_settings(options)
    if getattr(options, "always", None):
        settings["session"] = _session(options.always)
    given = _given_credentials(getattr(options, "credential", None) or ())
    client = Client(profile or options.document, credentials=given, **settings)
    executor = executor_of(client)
    if executor.server.distrusted:
        executor.server.check_extra(headers(getattr(options, "always", None) or ()))
    held = profile.credentials if profile is not None else {}
    if lent and profile is not None:
        executor.transport.headers = profile.open_headers()
        own = dict.fromkeys(held.keys() - given, f"the credential of {options.document}")
        executor.credentials = executor.credentials.withholding(own, _LENT)
    found = {
        name: each for name, each in _variables(client.document).items() if name not in {**given, **held}
    }
    credentials: dict[str, Any] = dict(given)
    if executor.server.named:
        credentials |= {name: os.environ[each] for name, each in found.items()}
    elif found:
        executor.credentials = executor.credentials.withholding(found, executor.server.distrusted)
    if getattr(options, "token_url", None):
        made = _fetched_tokens(client.document, credentials, options)
        if not made and not found:
            raise SettingsError("--token-url needs the id and secret: --credential SCHEME=CLIENT_ID:SECRET")
        credentials |= made
    executor.credentials = executor.credentials.extended(credentials)
    return client


_LENT = (
    f"{SERVER} belongs to no API; name the server with --server, or once and for all with `dynaclient add`"
)
"""Why the credentials of a profile do not go to the server of the environment."""


def client_to_read(options: Namespace, document: str | None = None) -> Client:
    """A client to look at a document with: NAME may be a profile of the user's or of the project."""
    named = options.document if document is None else document
    return Client(named, project=HERE, **references(options))


def connection_settings(options: Namespace) -> dict[str, Any]:
    """The settings that say who is trusted, and through which proxy."""
    settings = _trust(options)
    if getattr(options, "proxy", None):
        settings["proxies"] = dict.fromkeys(("http", "https"), options.proxy)
    return settings


def _trust(options: Namespace) -> dict[str, Any]:
    """The setting that says which certificates are trusted; none where the options do not."""
    if getattr(options, "verify", None):
        if not os.path.exists(options.verify):
            raise SettingsError(f"--verify: there is no file {options.verify!r}")
        return {"verify": options.verify}
    if not getattr(options, "insecure", False):
        return {}
    import urllib3  # late: 60 ms

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the option says it
    return {"verify": False}


def references(options: Namespace) -> dict[str, Any]:
    """The settings that say how the document is read: where its references may lead, and its overlays."""
    return {"ref_hosts": options.ref_host, "ref_folder": options.ref_folder, "overlays": options.overlay}


def _session(texts: Iterable[str]) -> requests.Session:
    """A session that sends headers (`NAME: VALUE`) with each request."""
    from dynaclient.transport.adapter import new_session  # late: 109 ms

    session = new_session()
    session.headers.update(headers(texts))
    return session


def headers(texts: Iterable[str]) -> dict[str, str]:
    """Headers for `name: value` texts. Raises SettingsError for a text without a colon."""
    found: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition(":")
        if not mark:  # it may be a secret: it is not repeated
            raise SettingsError("expected -H 'NAME: VALUE'")
        found[name.strip()] = value.strip()
    return found


def read_modes(texts: Iterable[str]) -> dict[str, Any]:
    """`strict`, `warn` or `off` for both directions, or `request=...`, `response=...`, `undeclared=...`."""
    found: dict[str, Any] = {}
    for text in texts:
        direction, mark, mode = text.partition("=")
        found |= {direction: mode} if mark else {"request": text, "response": text}
    return found


def _variables(document: Document) -> dict[str, str]:
    """The environment variables that hold credentials for the document, by its security schemes."""
    schemes = OperationBuilder(document).security_schemes()
    return {name: variable(name) for name in schemes if os.environ.get(variable(name))}


def _given_credentials(texts: Iterable[str]) -> dict[str, str | SecretReference]:
    """The credentials that `scheme=value` texts give, or refer to: `scheme=env:NAME`."""
    found: dict[str, str | SecretReference] = {}
    for text in texts:
        scheme, mark, value = text.partition("=")
        if not mark:  # what was given may be the secret itself: it is not repeated
            raise SettingsError("expected --credential SCHEME=VALUE")
        found[scheme] = read_reference(value) or value
    return found


TOKENS = ("oauth2", "openIdConnect", "bearer")
"""Kinds of security schemes whose credential is a token."""


def _fetched_tokens(
    document: Document, given: Mapping[str, str | SecretReference], options: Namespace
) -> dict[str, Any]:
    """What fetches tokens at `--token-url`, for `given` credentials that are CLIENT_ID:SECRET of one."""
    from dynaclient.transport.auth import ClientCredentials  # late: 2 ms

    schemes = OperationBuilder(document).security_schemes()
    fields = _fields(options.token_field)
    own = {name: fields.pop(field, ()) for name, field in _ASKED.items()}
    found = {}
    for name, each in given.items():
        if name in schemes and {schemes[name].kind, schemes[name].scheme} & set(TOKENS):
            client_id, mark, secret = resolved(each).partition(":")
            if not mark:
                raise SettingsError(f"with --token-url the credential for {name} is CLIENT_ID:SECRET")
            where = options.token_secret_in
            found[name] = ClientCredentials(
                options.token_url, client_id, secret, fields=fields, secret_in=where, **own
            )
    return found


def _fields(texts: Iterable[str]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:  # it may be a secret: it is not repeated
            raise SettingsError("expected --token-field NAME=VALUE")
        found.setdefault(name, []).append(value)
    return found


_ASKED = {"scopes": "scope", "audience": "audience", "resource": "resource"}
"""Arguments of ClientCredentials that are fields of the request."""


def tell_withheld(client: Client, operations: Iterable[Operation]) -> None:
    """Say which credentials of the environment go with none of the operations, each once."""
    credentials = executor_of(client).credentials
    if credentials.withheld and client.server:
        for message in dict.fromkeys(credentials.kept_back(each.security) for each in operations):
            if message:
                complain(f"dynaclient: {message}")


def operation_of(client: Client, name: str) -> Operation:
    """The operation called `name` (operationId, `METHOD /path`, attribute). Raises UnknownOperation."""
    return operation_named(client.operations, name)
