"""A small authorization server on a real socket, as strict as RFC 6749 and 7636, and a keyring in memory.

What it does wrong is set by attributes, one attack each.
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

from keyring.backend import KeyringBackend

from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import json_reply

CLIENT = "cli"
ACCESS, REFRESH = "acc3ss-of-the-person", "r3fresh-of-the-person"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class AuthorizationServer:
    """Gives codes at /authorize and /device, tokens at /token; `server` has what arrived."""

    def __init__(self, serve: Serve) -> None:
        self.server: RawServer = serve(self._answer)
        self.url = self.server.url
        self.codes: dict[str, dict[str, str]] = {}
        self.refresh = ""
        self.count = 0
        self.issues: dict[str, Any] = {"expires_in": 3600}
        """Members of the answer with a token, beside the tokens."""
        self.sent_back: dict[str, str | None] = {}
        """What the browser is sent back with, in the place of what is right; None leaves it out."""
        self.pending: list[str] = []
        """What the device flow says before it gives a token."""
        self.device: dict[str, Any] = {}
        """Members of the answer at /device, in the place of what is right."""
        self.metadata: dict[str, Any] = {}
        """Members of the discovery document, in the place of what is right."""
        self.refused: dict[str, Any] | None = None
        """What /token says instead of a token."""
        self._lock = threading.Lock()

    def flows(self, *names: str) -> dict[str, Any]:
        """The flows of a document that name this server."""
        token = {"tokenUrl": f"{self.url}/token", "scopes": {"read": "", "write": ""}}
        known = {
            "authorizationCode": {"authorizationUrl": f"{self.url}/authorize", **token},
            "deviceAuthorization": {"deviceAuthorizationUrl": f"{self.url}/device", **token},
            "clientCredentials": token,
        }
        return {name: known[name] for name in names}

    def forms(self, grant: str = "") -> list[dict[str, str]]:
        """The forms that arrived at /token, of one grant or all."""
        asked = [each for each in self.server.requests if each.target == "/token"]
        found = [dict(parse_qsl(each.body.decode())) for each in asked]
        return [each for each in found if not grant or each["grant_type"] == grant]

    def _answer(self, request: Recorded) -> bytes:
        path, _, query = request.target.partition("?")
        given = dict(parse_qsl(query if request.method == "GET" else request.body.decode()))
        ways: dict[str, Callable[[dict[str, str]], bytes]] = {
            "/authorize": self._authorize,
            "/token": self._token,
            "/device": self._device,
            "/.well-known/openid-configuration": self._metadata,
        }
        with self._lock:
            return ways[path](given)

    def _authorize(self, given: dict[str, str]) -> bytes:
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT
        assert given["code_challenge_method"] == "S256"
        assert urlsplit(given["redirect_uri"]).hostname == "127.0.0.1"
        self.codes["c0de"] = given
        right: dict[str, str | None] = {"code": "c0de", "state": given["state"]}
        said = {name: each for name, each in {**right, **self.sent_back}.items() if each is not None}
        return reply(302, b"", [("Location", f"{given['redirect_uri']}?{urlencode(said)}")])

    def _token(self, given: dict[str, str]) -> bytes:
        if self.refused is not None:
            return json_reply(self.refused, 400)
        check = {
            "authorization_code": self._is_code,
            "refresh_token": lambda form: form["refresh_token"] == self.refresh,
            DEVICE: lambda form: form["device_code"] == "d3vice",
        }[given["grant_type"]]
        if not check(given):
            return json_reply({"error": "invalid_grant"}, 400)
        if given["grant_type"] == DEVICE and self.pending:
            return json_reply({"error": self.pending.pop(0)}, 400)
        self.count += 1
        self.refresh = f"{REFRESH}-{self.count}"
        token = {"access_token": f"{ACCESS}-{self.count}", "refresh_token": self.refresh}
        said = {"token_type": "Bearer", **token, **self.issues}
        return json_reply({name: each for name, each in said.items() if each is not None})

    def _is_code(self, form: dict[str, str]) -> bool:
        """A code is good once, for who has the verifier (RFC 7636 section 4.6)."""
        begun = self.codes.pop(form["code"], None)
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        return (
            begun is not None
            and begun["code_challenge"] == challenge
            and begun["redirect_uri"] == form["redirect_uri"]
            and len(form["code_verifier"]) >= 43
        )

    def _device(self, given: dict[str, str]) -> bytes:
        right = {
            "device_code": "d3vice",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://id.example/device",
            "expires_in": 600,
            "interval": 0,
        }
        return json_reply({**right, **self.device})

    def _metadata(self, given: dict[str, str]) -> bytes:
        right = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device",
            "scopes_supported": ["openid", "offline_access"],
        }
        return json_reply({**right, **self.metadata})


class Browser:
    """Goes where it is sent, with all redirects; stands for `webbrowser.open`."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.statuses: list[int] = []
        self.pages: list[str] = []
        self.visit: Callable[[str], None] = self.follow
        self._threads: list[threading.Thread] = []

    def __call__(self, url: str) -> bool:
        self.opened.append(url)
        thread = threading.Thread(target=self.visit, args=(url,))
        self._threads.append(thread)
        thread.start()
        return True

    def follow(self, url: str) -> None:
        """As a browser does."""
        with urlopen(url, timeout=20) as page:
            self.statuses.append(page.status)
            self.pages.append(page.read().decode())

    def close(self) -> None:
        """Wait until it is done."""
        for each in self._threads:
            each.join(20)


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given as long as it lives."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """As a keyring has it."""
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.items[service, username]

    def said(self, item: str) -> dict[str, Any]:
        """What is kept of a login."""
        found: dict[str, Any] = json.loads(self.items["dynaclient", item])
        return found
