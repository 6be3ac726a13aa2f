"""`dynaclient login` and `logout`: a person's tokens come into the keyring, and go again."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient._support import terminal
from dynaclient._support.messages import here, speaking_of
from dynaclient.cli.apis import confirmed, own_table
from dynaclient.cli.config import connection_settings
from dynaclient.client import Client
from dynaclient.document.document import Document
from dynaclient.document.model import SecurityScheme
from dynaclient.document.operations import OperationBuilder
from dynaclient.document.servers import for_people
from dynaclient.errors import SettingsError, TransportError
from dynaclient.login.authorization_code import AuthorizationCode
from dynaclient.login.device_flow import DeviceCode, device_steps
from dynaclient.login.endpoints import Way, discovery_url, documented_endpoints, flow_names
from dynaclient.login.login_client import LoginClient
from dynaclient.login.redirect_listener import RedirectListener
from dynaclient.profiles.folders import config_file
from dynaclient.profiles.logins import KeptLogin, Login, forget_login
from dynaclient.profiles.profile import Profile, users_profile
from dynaclient.profiles.references import FORMS, LOGIN, read_reference
from dynaclient.transport.discovery import OpenIdConnect, ServerMetadata
from dynaclient.transport.session import Transport
from dynaclient.transport.token_source import Grant, asking
from dynaclient.wire.env import SecretReference

if TYPE_CHECKING:
    from dynaclient.transport.reply import Reply
    from dynaclient.wire.request import Request

SECONDS = 300.0
"""How long somebody may take in the browser."""


def login(options: Namespace) -> int:
    """Let a person log in for a security scheme of a profile."""
    profile = users_profile(options.name, own_table(options.name), config_file())
    with Client(replace(profile, credentials={})) as client:
        scheme = _scheme(client.document, options.scheme)
        asked = _Asked(options, profile, scheme)
        KeptLogin.read(asked.item)  # whether there is a keyring, before anybody logs in
        transport = Transport(**connection_settings(options))
        with closing(transport), speaking_of({**here(), "server": "its URL in the document"}):
            way, server = _server(client.document, asked, transport)
            if not _agreed(asked, way, server):
                return 1
            grant = _DONE[way](server, asked.client(server), transport)
    _keep(asked, server, grant)
    return 0


class _Asked:
    """What this login is asked to be: by the options, else as it was the last time."""

    def __init__(self, options: Namespace, profile: Profile, scheme: SecurityScheme) -> None:
        before = profile.logins.get(scheme.name, {})
        self.profile, self.scheme, self.options = profile, scheme, options
        self.item = f"{profile.name}/{scheme.name}"
        self.client_id = options.client_id or before.get("client_id", "")
        self.secret = options.client_secret or before.get("client_secret", "")
        self.secret_in = options.token_secret_in or before.get("secret_in", "header")
        self.scopes = [*" ".join(options.scopes).split()] or before.get("scopes", [])
        self.servers: list[str] = before.get("servers", [])
        if not self.client_id:
            raise SettingsError(
                f"{scheme.name}: name the client that {profile.name} knows you by: --client-id ID, as it was "
                "registered for a program on your own machine"
            )
        if self.secret and not isinstance(read_reference(self.secret), SecretReference):
            raise SettingsError(f"--client-secret: expected {FORMS}")

    def client(self, server: ServerMetadata) -> LoginClient:
        """Who asks the server, and for what; of OpenID Connect that a person may be renewed."""
        if not self.scopes and self.scheme.kind == "openIdConnect":
            more = [each for each in ("offline_access",) if each in server.scopes]
            self.scopes = ["openid", *more]
        secret = read_reference(self.secret) if self.secret else None
        return LoginClient(self.client_id, secret, self.secret_in == "body", self.scopes)

    def settings(self) -> dict[str, Any]:
        """What the profile remembers: nothing secret."""
        said = {"client_id": self.client_id, "servers": self.servers, "scopes": [*self.scopes]}
        if self.secret:
            said |= {"client_secret": self.secret, "secret_in": self.secret_in}
        return {name: each for name, each in said.items() if each}


_KINDS = ("oauth2", "openIdConnect")


def _scheme(document: Document, name: str | None) -> SecurityScheme:
    """The scheme to log in for: the one that was named, or that there is."""
    schemes = OperationBuilder(document).security_schemes()
    fit = {key: each for key, each in schemes.items() if each.kind in _KINDS and key.isprintable()}
    if name in fit:
        return fit[name]
    if name is None and len(fit) == 1:
        return next(iter(fit.values()))
    known = ", ".join(fit) or "none"
    if name is None and fit:
        raise SettingsError(f"the document has several schemes to log in for: --scheme {' or '.join(fit)}")
    wanted = f" {name!r}" if name is not None else ""
    raise SettingsError(f"the document has no scheme{wanted} of OAuth or OpenID Connect; it has {known}")


# -- where ----------------------------------------------------------------------------------------------


def _server(document: Document, asked: _Asked, transport: Transport) -> tuple[Way, ServerMetadata]:
    """The way to log in, and the server, by the flows of the scheme, or by its discovery document."""
    ways: list[Way] = ["device"] if asked.options.device else ["browser", "device"]
    for way in ways:
        if found := documented_endpoints(document, asked.scheme, way):
            return way, found
    url = discovery_url(document, asked.scheme)
    if not url:
        has = f"; it has {', '.join(flow_names(asked.scheme))}" if flow_names(asked.scheme) else ""
        wanted = "deviceAuthorization" if asked.options.device else "authorizationCode or deviceAuthorization"
        raise SettingsError(f"{asked.scheme.name}: the document has no flow {wanted}{has}")
    read = _discovered(url, asked, transport)
    for way in ways:
        if read.token and (read.device if way == "device" else read.authorization):
            return way, read
    raise SettingsError(f"{for_people(url)} names no endpoint to log in {'by device' if ways[1:] else 'at'}")


def _discovered(url: str, asked: _Asked, transport: Transport) -> ServerMetadata:
    """What a discovery document says, which is read where the user allowed its host."""
    host = urlsplit(url).hostname
    if host not in {*asked.options.issuer_host, *(urlsplit(each).hostname for each in asked.servers)}:
        raise SettingsError(
            f"{asked.scheme.name}: the document says where to log in at {for_people(url)}, which is read "
            f"where you allow its host: --issuer-host {host}"
        )
    where = OpenIdConnect(url)
    accept = [("Accept", "application/json")]
    return where.read(transport.send(asking(transport)("GET", where.url, accept, None)))


def _agreed(asked: _Asked, way: Way, server: ServerMetadata) -> bool:
    """Whether the person agrees to where what is secret goes; or did so before."""
    begun = server.device if way == "device" else server.authorization
    secret = ", the secret of the client" if asked.secret else ""
    terminal.say(f"{asked.profile.name}: log in for {asked.scheme.name}")
    terminal.say(f"  log in at   {for_people(begun)}")
    terminal.say(f"  tokens from {for_people(server.token)}")
    if not asked.scopes and server.scopes and asked.scheme.kind == "oauth2":
        terminal.say(f"  no scopes are asked for; --scopes takes of {', '.join(server.scopes)}")
    servers = [*dict.fromkeys("/".join(url.split("/", 3)[:3]).lower() for url in (begun, server.token))]
    if set(servers) <= {*asked.servers}:
        return True
    asked.servers = servers
    return confirmed(f"Only the document names them. May your tokens{secret} go there?", asked.options.yes)


# -- how ------------------------------------------------------------------------------------------------


def _by_browser(server: ServerMetadata, client: LoginClient, transport: Transport) -> Grant:
    import webbrowser  # late: 8 ms

    with RedirectListener() as listener:
        begun = AuthorizationCode(server, client, listener.redirect_uri)
        terminal.say("a browser opens; where none does, go to:")
        terminal.say(begun.url)
        terminal.flush()
        webbrowser.open(begun.url)
        query = listener.wait(SECONDS)
    if query is None:
        raise TransportError(f"nobody came back from the browser within {SECONDS:g} s; nobody is logged in")
    return _driven(begun.exchange(asking(transport), query), transport)


def _by_device(server: ServerMetadata, client: LoginClient, transport: Transport) -> Grant:
    return _driven(device_steps(asking(transport), server, client, _tell), transport)


_DONE = {"browser": _by_browser, "device": _by_device}


def _tell(code: DeviceCode) -> None:
    terminal.say(f"go to {code.url}")
    terminal.say(f"and confirm the code {code.user_code}")
    terminal.flush()


def _driven(steps: Generator[Request | float, Reply, Grant], transport: Transport) -> Grant:
    """Do what a login says is to be done."""
    try:
        step = next(steps)
        while True:
            step = _after(step, steps, transport)
    except StopIteration as end:
        grant: Grant = end.value
        return grant


def _after(step: Request | float, steps: Generator[Any, Any, Grant], transport: Transport) -> Any:
    if isinstance(step, float):
        time.sleep(step)
        return next(steps)
    try:
        reply = transport.send(step)
    except TransportError as error:
        return steps.throw(error)
    return steps.send(reply)


# -- what is kept ---------------------------------------------------------------------------------------


def _keep(asked: _Asked, server: ServerMetadata, grant: Grant) -> None:
    """The tokens in the keyring; in the profile what names them, and where they may go."""
    from dynaclient.profiles.store import put_table  # late: 40 ms

    kept = KeptLogin(server.token, asked.client_id, asked.secret, asked.secret_in).taken(grant)
    kept.write(asked.item)
    name, scheme = asked.profile.name, asked.scheme.name
    put_table(config_file(), ["api", name, "login"], scheme, asked.settings())
    put_table(config_file(), ["api", name, "credentials"], scheme, f"{LOGIN}{asked.item}")
    terminal.say(f"logged in to {name}: {scheme}={LOGIN}{asked.item}")
    if not grant.refresh_token:
        minutes = max(1, round(grant.lasts / 60))
        terminal.say(f"  for {minutes} min: the server gave nothing to renew it with")


def logout(options: Namespace) -> int:
    """Remove the tokens of a profile from the keyring."""
    profile = users_profile(options.name, own_table(options.name), config_file())
    held = {scheme: each for scheme, each in profile.credentials.items() if isinstance(each, Login)}
    if options.scheme is not None and options.scheme not in held:
        raise SettingsError(f"{options.name} has no login for {options.scheme!r}; it has {_named(held)}")
    gone = [
        scheme
        for scheme, each in held.items()
        if options.scheme in (None, scheme) and forget_login(each.item)
    ]
    terminal.say(f"logged out of {options.name}: {_named(gone)}" if gone else "nobody was logged in")
    return 0


def _named(schemes: Collection[str]) -> str:
    return ", ".join(schemes) or "none"
