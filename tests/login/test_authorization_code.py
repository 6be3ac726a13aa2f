"""The authorization code grant: the URL that is opened, and which answers are taken."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from dynaclient import TransportError
from dynaclient.login.authorization_code import AuthorizationCode
from dynaclient.login.login_client import LoginClient
from dynaclient.transport.discovery import ServerMetadata
from dynaclient.wire.request import Request

BACK = "http://127.0.0.1:5/callback"
AUTHORIZATION, TOKEN = "https://id.example/authorize", "https://tokens.example/token"
FLOW = ServerMetadata("", TOKEN, AUTHORIZATION)
ISSUER = ServerMetadata("https://id.example/a", TOKEN, AUTHORIZATION)
NAMING = ServerMetadata("https://id.example/a", TOKEN, AUTHORIZATION, names_issuer=True)


def begin(server: ServerMetadata = FLOW) -> tuple[AuthorizationCode, dict[str, str]]:
    made = AuthorizationCode(server, LoginClient("me", scopes=["a"]), BACK)
    return made, dict(parse_qsl(urlsplit(made.url).query))


def test_each_login_has_its_own_state_and_verifier() -> None:
    seen = [begin()[1] for _ in range(3)]
    assert len({each["state"] for each in seen}) == len({each["code_challenge"] for each in seen}) == 3
    assert all(len(each["state"]) >= 32 for each in seen)
    assert seen[0] == {
        **seen[0],
        "response_type": "code",
        "client_id": "me",
        "redirect_uri": BACK,
        "scope": "a",
        "code_challenge_method": "S256",
    }


def test_the_verifier_goes_with_the_code_alone() -> None:
    """RFC 7636: who sees the URL cannot use the code."""
    made, asked = begin()
    steps = made.exchange(
        lambda method, url, headers, body: Request(method, url, tuple(headers), body),
        f"code=c&state={asked['state']}",
    )
    request = next(steps)
    assert isinstance(request.body, bytes)
    form = parse_qs(request.body.decode())
    (verifier,) = form["code_verifier"]
    assert verifier not in made.url
    digest = sha256(verifier.encode()).digest()
    assert urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    assert request.url == TOKEN
    assert form["code"] == ["c"]
    assert form["redirect_uri"] == [BACK]


ISS: list[tuple[ServerMetadata, str | None, bool]] = [
    (FLOW, None, True),
    (FLOW, "https://id.example/anything", True),
    (FLOW, "https://tokens.example", True),
    (FLOW, "https://evil.test", False),
    (FLOW, "http://id.example", False),
    (FLOW, "", False),
    (ISSUER, None, True),
    (ISSUER, "https://id.example/a", True),
    (ISSUER, "https://id.example/b", False),
    (ISSUER, "https://id.example/a/", False),
    (NAMING, None, False),
    (NAMING, "https://id.example/a", True),
]


@pytest.mark.parametrize(("server", "issuer", "taken"), ISS)
def test_an_answer_of_another_server_is_not_taken(
    server: ServerMetadata, issuer: str | None, taken: bool
) -> None:
    made, asked = begin(server)
    query = f"code=c&state={asked['state']}" + (f"&iss={issuer}" if issuer is not None else "")
    if taken:
        assert made.code_in(query) == "c"
    else:
        with pytest.raises(TransportError, match="another server"):
            made.code_in(query)


WRONG = [
    ("", "another state"),
    ("code=c", "another state"),
    ("code=c&state=", "another state"),
    ("code=c&state={state}x", "another state"),
    ("code=c&state={state}&state={state}", "twice"),
    ("code=c&code=d&state={state}", "twice"),
    ("state={state}", "no code"),
    ("code=&state={state}", "no code"),
    ("&".join(f"a{n}=b" for n in range(60)) + "&code=c&state={state}", "another state"),
]


@pytest.mark.parametrize(("query", "told"), WRONG)
def test_what_is_no_answer(query: str, told: str) -> None:
    made, asked = begin()
    with pytest.raises(TransportError, match=told):
        made.code_in(query.format(**asked))


def test_nothing_of_it_is_shown() -> None:
    made, asked = begin()
    shown: Any = repr(made) + repr(LoginClient("me", "s3cr3t"))
    assert asked["state"] not in shown
    assert "s3cr3t" not in shown
