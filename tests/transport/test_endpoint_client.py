"""What both grants at a token endpoint have: who asks, what for, and what of it is a plain secret."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import ClientCredentials, Env, RefreshToken, SettingsError
from tests.conftest import Serve
from tests.small import json_reply

URL = "https://id.example/token?key=s3cr3t"
GIVEN: dict[str, tuple[type, tuple[Any, ...]]] = {
    "client_credentials": (ClientCredentials, (Env("S"),)),
    "refresh_token": (RefreshToken, (Env("R"),)),
}


@pytest.mark.parametrize("grant", GIVEN)
def test_what_is_shown(grant: str) -> None:
    kind, more = GIVEN[grant]
    made = kind(URL, "me", *more)
    assert made.request_name == "POST https://id.example/token"
    assert repr(made) == f"{kind.__name__}('POST https://id.example/token', 'me')"


PLAIN = [
    (ClientCredentials, ("s",), {}, True),
    (ClientCredentials, (Env("S"),), {}, False),
    (RefreshToken, ("r",), {}, True),
    (RefreshToken, (Env("R"),), {}, False),
    (RefreshToken, (Env("R"),), {"client_secret": "s"}, True),
    (RefreshToken, (Env("R"),), {"client_secret": Env("S")}, False),
]


@pytest.mark.parametrize(("kind", "given", "more", "due"), PLAIN)
def test_whether_a_secret_is_held_as_a_text(kind: Any, given: Any, more: Any, due: bool) -> None:
    assert kind(URL, "me", *given, **more).holds_plain_text is due


@pytest.mark.parametrize("grant", GIVEN)
@pytest.mark.parametrize("secret_in", ["header", "body"])
def test_the_form_is_the_same_but_for_the_grant(
    grant: str, secret_in: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S", "s3cr3t")
    monkeypatch.setenv("R", "refresh")
    server = serve(json_reply({"access_token": "t"}))
    asked: Any = {"scopes": ["a", "b"], "audience": "x", "resource": "y", "fields": {"f": "z"}}
    secret = {"client_secret": Env("S")} if grant == "refresh_token" else {}
    kind, more = GIVEN[grant]
    assert kind(server.url, "me", *more, **secret, secret_in=secret_in, **asked)() == "t"
    own = "&refresh_token=refresh" if grant == "refresh_token" else ""
    by_form = "&client_id=me&client_secret=s3cr3t" if secret_in == "body" else ""
    (request,) = server.requests
    assert request.body.decode() == f"grant_type={grant}{own}&scope=a+b&audience=x&resource=y&f=z{by_form}"
    assert request.header("Authorization") == (None if by_form else "Basic bWU6czNjcjN0")


@pytest.mark.parametrize("wrong", [None, 5, b"s"])
def test_client_credentials_are_two_texts(wrong: Any) -> None:
    for given in ((wrong, "s"), ("me", wrong)):
        with pytest.raises(SettingsError, match="client_id and client_secret: expected texts"):
            ClientCredentials(URL, *given)
