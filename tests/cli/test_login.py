"""`dynaclient login` and `logout` with an authorization server and a keyring in memory, and under attack."""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from dynaclient import AsyncClient, Client, SettingsError
from dynaclient.cli import login
from dynaclient.profiles.folders import config_file
from tests.authorization_server import (
    ACCESS,
    CLIENT,
    DEVICE,
    REFRESH,
    AuthorizationServer,
    Browser,
    MemoryKeyring,
)
from tests.cli.conftest import Result, Run, Save
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, closed_port, reply
from tests.small import json_reply, one

SECRET = "s3cr3t-of-the-client"
ITEM = "shop/o"


@pytest.fixture(autouse=True)
def ring() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    made = Browser()
    monkeypatch.setattr("webbrowser.open", made)
    monkeypatch.setattr(login, "SECONDS", 20.0)
    monkeypatch.setattr("dynaclient.login.device_flow.LEAST", 0.01)
    yield made
    made.close()


@pytest.fixture
def people(serve: Serve) -> AuthorizationServer:
    return AuthorizationServer(serve)


@pytest.fixture
def api(serve: Serve) -> RawServer:
    return serve(json_reply({}))


@pytest.fixture
def shop(run: Run, save: Save, api: RawServer) -> Any:
    """`shop(scheme)` adds the API `shop`, whose scheme `o` is that."""

    def add(scheme: dict[str, Any], **more: Any) -> None:
        tree = one(answer={}, security=[{"o": []}], components={"securitySchemes": {"o": scheme, **more}})
        assert run("add", "shop", save(tree), "--server", api.url).code == 0

    return add


def oauth(people: AuthorizationServer, *flows: str) -> dict[str, Any]:
    return {"type": "oauth2", "flows": people.flows(*(flows or ("authorizationCode",)))}


def openid(people: AuthorizationServer) -> dict[str, Any]:
    return {"type": "openIdConnect", "openIdConnectUrl": f"{people.url}/.well-known/openid-configuration"}


def log_in(run: Run, *more: str) -> Result:
    return run("login", "shop", "--client-id", CLIENT, "--yes", *more)


def everywhere(result: Result) -> str:
    """All that a person or another program could read, but for the keyring."""
    return result.out + result.err + config_file().read_text()


def fails(result: Result, told: str, code: int = 1) -> None:
    assert result.code == code, result
    assert told in result.err
    assert "logged in to" not in result.out
    for secret in (ACCESS, REFRESH, SECRET, "c0de", "d3vice"):
        assert secret not in everywhere(result)


# -- the browser ----------------------------------------------------------------------------------------


def test_a_person_logs_in_once_and_calls_are_made_with_it(
    run: Run, shop: Any, people: AuthorizationServer, api: RawServer, ring: MemoryKeyring, browser: Browser
) -> None:
    shop(oauth(people))
    result = log_in(run, "--scopes", "read", "write")
    assert (result.code, result.err) == (0, "")
    assert f"logged in to shop: o=login:{ITEM}" in result.out
    assert f"log in at   {people.url}/authorize" in result.out
    assert f"tokens from {people.url}/token" in result.out
    assert browser.opened[0] in result.out
    browser.close()
    assert browser.statuses == [200]
    assert "close this window" in browser.pages[0]
    (asked,) = people.forms()
    assert asked["grant_type"] == "authorization_code"
    opened = dict(parse_qsl(urlsplit(browser.opened[0]).query))
    assert opened["scope"] == "read write"
    assert run("call", "shop", "op").code == 0
    with Client("shop") as client:
        client.op()
    assert [each.header("Authorization") for each in api.requests] == [f"Bearer {ACCESS}-1"] * 2
    assert len(people.forms()) == 1  # the token is kept for other processes too
    for secret in (ACCESS, REFRESH):
        assert secret not in everywhere(result)
        assert secret in json.dumps(ring.said(ITEM))
    listed = run("list").out
    assert f"o=login:{ITEM}" in listed


def test_the_profile_remembers_what_is_not_secret(
    run: Run, shop: Any, people: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_SECRET", SECRET)
    shop(oauth(people))
    options = ["--scopes", "read", "--client-secret", "env:OUR_SECRET", "--token-secret-in", "body"]
    assert log_in(run, *options).code == 0
    text = config_file().read_text()
    assert SECRET not in text
    for line in (
        f'client_id = "{CLIENT}"',
        f'servers = ["{people.url}"]',
        'client_secret = "env:OUR_SECRET"',
    ):
        assert line in text
    again = run("login", "shop")  # nothing is asked, nothing has to be said
    assert again.code == 0, again.err
    assert [each.get("client_secret") for each in people.forms()] == [SECRET, SECRET]
    assert f'o = "login:{ITEM}"' in config_file().read_text()
    assert run("call", "shop", "op").code == 0


def test_other_credentials_of_the_profile_stay(
    run: Run, save: Save, people: AuthorizationServer, api: RawServer
) -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    schemes = {"o": oauth(people), "key": key}
    tree = one(answer={}, security=[{"o": [], "key": []}], components={"securitySchemes": schemes})
    options = ["--server", api.url, "--credential", "key=env:SHOP_KEY", "--credential", "o=env:OLD"]
    run("add", "shop", save(tree), *options)
    assert log_in(run).code == 0
    assert 'key = "env:SHOP_KEY"' in config_file().read_text()
    assert "env:OLD" not in config_file().read_text()


def test_a_token_is_renewed_by_itself_and_the_new_one_is_kept(
    run: Run, shop: Any, people: AuthorizationServer, api: RawServer, ring: MemoryKeyring
) -> None:
    shop(oauth(people))
    people.issues["expires_in"] = 1
    log_in(run)
    people.issues["expires_in"] = 3600
    assert run("call", "shop", "op").code == 0
    assert run("call", "shop", "op").code == 0
    assert [each.header("Authorization") for each in api.requests] == [f"Bearer {ACCESS}-2"] * 2
    assert [each["refresh_token"] for each in people.forms("refresh_token")] == [f"{REFRESH}-1"]
    assert ring.said(ITEM)["refresh_token"] == f"{REFRESH}-2"
    assert ring.said(ITEM)["ends"] > time.time() + 3000


def test_a_token_that_is_refused_is_renewed_for_both_clients(
    run: Run, shop: Any, people: AuthorizationServer, serve: Serve
) -> None:
    pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    shop(oauth(people))
    log_in(run)
    good = [f"{ACCESS}-2"]

    def answer(request: Recorded) -> bytes:
        return reply(200 if (request.header("Authorization") or "").endswith(good[0]) else 401)

    taking = serve(answer)
    with Client("shop", server=taking.url, validate="off") as client:
        assert client.send("op").status == 200
    good[0] = f"{ACCESS}-3"

    async def ask() -> list[int]:
        async with AsyncClient("shop", server=taking.url, validate="off") as client:
            return [each.status for each in await asyncio.gather(*(client.send("op") for _ in range(4)))]

    assert asyncio.run(ask()) == [200] * 4
    assert len(people.forms("refresh_token")) == 2


def test_a_pickled_client_holds_no_token(run: Run, shop: Any, people: AuthorizationServer) -> None:
    shop(oauth(people))
    log_in(run)
    with Client("shop") as client:
        client.op()
        kept = pickle.dumps(client)
    assert ACCESS.encode() not in kept
    assert REFRESH.encode() not in kept
    with pickle.loads(kept) as again:
        assert again.op() == {}


def test_a_login_that_is_over_is_said(
    run: Run, shop: Any, people: AuthorizationServer, api: RawServer, ring: MemoryKeyring
) -> None:
    shop(oauth(people))
    people.issues |= {"expires_in": 1}
    log_in(run)
    people.refresh = "another"
    result = run("call", "shop", "op")
    assert result.code == 2
    assert (
        f"login:{ITEM}: it ended, or was taken back; `dynaclient login shop --scheme o` logs in" in result.err
    )
    assert api.connections == 0


def test_a_server_that_gives_no_refresh_token(
    run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    shop(oauth(people))
    people.issues |= {"refresh_token": None, "expires_in": 600}
    assert "for 10 min: the server gave nothing to renew it with" in log_in(run).out
    assert run("call", "shop", "op").code == 0
    said = ring.said(ITEM)
    ring.items["dynaclient", ITEM] = json.dumps({**said, "ends": 5})
    assert "gave nothing to renew it with" in run("call", "shop", "op").err


def test_nobody_who_comes_later_is_let_in(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    """A code that comes twice: the second is not taken, and the listener is gone in the end."""
    later: list[Any] = []

    def visit(url: str) -> None:
        with urlopen(url, timeout=20) as page:
            back = page.url
        try:
            with urlopen(back, timeout=20) as page:
                later.append(page.status)
        except (HTTPError, OSError) as error:
            later.append(getattr(error, "code", "closed"))

    browser.visit = visit
    shop(oauth(people))
    assert log_in(run).code == 0
    browser.close()
    assert later in ([410], ["closed"])
    assert len(people.forms()) == 1


def test_what_a_browser_asks_besides_is_not_taken_for_the_answer(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    statuses: list[int] = []

    def visit(url: str) -> None:
        back = dict(parse_qsl(urlsplit(url).query))["redirect_uri"]
        wrong = [
            UrlRequest(back.replace("/callback", "/favicon.ico")),
            UrlRequest(f"{back}?code=x&state=y", headers={"Host": "evil.test"}),
            UrlRequest(back, data=b"code=x", method="POST"),
        ]
        for each in wrong:
            with pytest.raises(HTTPError) as caught:
                urlopen(each, timeout=20)
            statuses.append(caught.value.code)
            caught.value.close()
        browser.follow(url)

    browser.visit = visit
    shop(oauth(people))
    assert log_in(run).code == 0
    assert statuses == [404, 404, 501]


SENT_BACK: dict[str, tuple[dict[str, str | None], str]] = {
    "another state": ({"state": "guessed"}, "another state"),
    "no state": ({"state": None}, "another state"),
    "a state that is no ASCII": ({"state": "\u00e9"}, "another state"),
    "an error": ({"code": None, "error": "access_denied"}, "the server said access_denied"),
    "an error with a code": ({"error": "access_denied"}, "the server said access_denied"),
    "an error that is an escape": ({"error": f"\x1b]0;{SECRET}\x07"}, "the server said an error of its own"),
    "an error that is described": (
        {"error": "server_error", "error_description": f"\x1b[2J{SECRET}"},
        "the server said server_error",
    ),
    "no code": ({"code": None}, "the response has no code"),
    "another server": ({"iss": "https://evil.test"}, "from another server than the one that was asked"),
    "a code of somebody else": ({"code": "other"}, "invalid_grant"),
}


@pytest.mark.parametrize("case", SENT_BACK)
def test_what_the_browser_comes_back_with_may_be_wrong(
    case: str, run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    sent_back, told = SENT_BACK[case]
    people.sent_back = sent_back
    shop(oauth(people))
    result = log_in(run)
    fails(result, told)
    assert "\x1b" not in result.out + result.err
    assert ring.items == {}
    assert len(people.forms()) == (case == "a code of somebody else")


def test_nobody_comes_back(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "SECONDS", 0.05)
    browser.visit = lambda url: None
    shop(oauth(people))
    fails(log_in(run), "nobody came back from the browser within 0.05 s")


TOKEN_ERRORS = [
    {"error": "invalid_client"},
    {"error": REFRESH, "error_description": f"{ACCESS} \x1b[2J {SECRET}", "refresh_token": REFRESH},
    {"access_token": [ACCESS], "refresh_token": REFRESH},
    {"access_token": "", "refresh_token": REFRESH},
    {"access_token": ACCESS, "refresh_token": REFRESH},
]


@pytest.mark.parametrize("refused", TOKEN_ERRORS)
def test_what_a_server_of_tokens_says_instead_of_one(
    refused: dict[str, Any], run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    people.refused = refused
    shop(oauth(people))
    result = log_in(run)
    fails(result, "returned 400 without a token")
    assert "\x1b" not in result.err
    assert ring.items == {}


# -- another device -------------------------------------------------------------------------------------


def test_a_code_is_confirmed_on_another_device(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser, api: RawServer
) -> None:
    people.pending = ["authorization_pending", "authorization_pending"]
    shop(oauth(people, "authorizationCode", "deviceAuthorization"))
    result = log_in(run, "--device", "--scopes", "read")
    assert (result.code, result.err) == (0, "")
    assert "go to https://id.example/device\nand confirm the code WDJB-MJHT\n" in result.out
    assert browser.opened == []
    assert [each["device_code"] for each in people.forms(DEVICE)] == ["d3vice"] * 3
    assert run("call", "shop", "op").code == 0
    assert api.requests[0].header("Authorization") == f"Bearer {ACCESS}-1"


def test_a_document_with_that_flow_alone_needs_no_option(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    shop(oauth(people, "deviceAuthorization", "clientCredentials"))
    assert log_in(run).code == 0
    assert browser.opened == []


@pytest.mark.parametrize("said", ["access_denied", "expired_token", "invalid_client"])
def test_a_code_that_is_not_confirmed(
    said: str, run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    people.pending = ["authorization_pending", said]
    shop(oauth(people, "deviceAuthorization"))
    fails(log_in(run), f"without a token ({said}); nobody is logged in")
    assert ring.items == {}
    assert len(people.forms(DEVICE)) == 2


DEVICES: dict[str, tuple[dict[str, Any], str]] = {
    "a code of escapes": ({"user_code": "\x1b]52;c;ZXZpbA==\x07"}, "a code that nobody could type"),
    "a code of many lines": ({"user_code": "A\nlogged in to shop"}, "a code that nobody could type"),
    "a code that turns": ({"user_code": "A\u202eB"}, "a code that nobody could type"),
    "a long code": ({"user_code": "A" * 5000}, "a code that nobody could type"),
    "no code": ({"user_code": None}, "a code that nobody could type"),
    "a URL of escapes": ({"verification_uri": "https://x\x1b[2J/"}, "names no https URL"),
    "a URL of many lines": ({"verification_uri": "https://x/\nPassword:"}, "names no https URL"),
    "a script": ({"verification_uri": "javascript:alert(1)"}, "names no https URL"),
    "clear text": ({"verification_uri": "http://id.example/"}, "names no https URL"),
    "a user": ({"verification_uri": "https://id.example@evil.test/"}, "names no https URL"),
    "nothing to ask with": ({"device_code": ""}, "returned 200 without a code"),
}


@pytest.mark.parametrize("case", DEVICES)
def test_hostile_text_of_the_device_flow(case: str, run: Run, shop: Any, people: AuthorizationServer) -> None:
    people.device, told = DEVICES[case]
    shop(oauth(people, "deviceAuthorization"))
    result = log_in(run)
    fails(result, told)
    assert "\x1b" not in result.out + result.err
    assert people.forms() == []


# -- discovery ------------------------------------------------------------------------------------------


def test_a_discovery_document_is_read_where_its_host_is_allowed(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    shop(openid(people))
    fails(log_in(run), "--issuer-host 127.0.0.1", code=2)
    fails(log_in(run, "--issuer-host", "other.example"), "--issuer-host 127.0.0.1", code=2)
    assert people.server.connections == 0
    assert log_in(run, "--issuer-host", "127.0.0.1").code == 0
    assert dict(parse_qsl(urlsplit(browser.opened[0]).query))["scope"] == "openid offline_access"
    assert run("login", "shop").code == 0  # it was allowed, and confirmed
    assert log_in(run, "--device").code == 0


def test_the_metadata_of_an_oauth2_scheme(run: Run, shop: Any, people: AuthorizationServer) -> None:
    where = f"{people.url}/.well-known/openid-configuration"
    shop({"type": "oauth2", "oauth2MetadataUrl": where, "flows": people.flows("clientCredentials")})
    assert log_in(run, "--issuer-host", "127.0.0.1").code == 0


METADATA: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"issuer": "https://evil.test"}, "is from another issuer"),
    "no issuer": ({"issuer": None}, "no discovery document"),
    "clear text": ({"token_endpoint": "http://evil.test/token"}, "expected an https URL"),
    "a user": ({"authorization_endpoint": "https://id@evil.test/"}, "expected an https URL"),
    "an escape": ({"authorization_endpoint": "https://evil.test/\x1b[2J"}, "expected an https URL"),
    "no token endpoint": ({"token_endpoint": None}, "names no endpoint to log in"),
}


@pytest.mark.parametrize("case", METADATA)
def test_a_discovery_document_may_be_wrong(
    case: str, run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    people.metadata, told = METADATA[case]
    shop(openid(people))
    result = log_in(run, "--issuer-host", "127.0.0.1")
    fails(result, told, code=2 if "names no" in told else 1)
    assert "\x1b" not in result.err
    assert browser.opened == []
    assert len(people.server.requests) == 1


def test_an_issuer_that_names_itself_in_its_answers_has_to(
    run: Run, shop: Any, people: AuthorizationServer
) -> None:
    """RFC 9207: without it another server could have been asked in between."""
    people.metadata = {"authorization_response_iss_parameter_supported": True}
    shop(openid(people))
    fails(log_in(run, "--issuer-host", "127.0.0.1"), "from another server")
    people.sent_back = {"iss": people.url}
    assert log_in(run, "--issuer-host", "127.0.0.1").code == 0


# -- where secrets go -----------------------------------------------------------------------------------


def test_without_a_yes_nothing_is_opened(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    shop(oauth(people))
    result = run("login", "shop", "--client-id", CLIENT)
    assert result.code == 1
    assert f"tokens from {people.url}/token" in result.out
    assert browser.opened == []
    assert people.server.connections == 0
    assert "login" not in config_file().read_text()


def test_a_document_that_changes_its_servers_has_to_ask_again(
    run: Run, shop: Any, save: Save, people: AuthorizationServer, serve: Serve, browser: Browser
) -> None:
    shop(oauth(people))
    assert log_in(run).code == 0
    other = serve(reply(200))
    flows = people.flows("authorizationCode")
    flows["authorizationCode"]["tokenUrl"] = f"{other.url}/token"
    scheme = {"o": {"type": "oauth2", "flows": flows}}
    save(one(answer={}, security=[{"o": []}], components={"securitySchemes": scheme}))
    result = run("login", "shop")
    assert result.code == 1
    assert "nothing was changed; --yes says yes" in result.err
    assert other.connections == 0
    assert len(browser.opened) == 1
    assert run("call", "shop", "op").code == 0  # what is kept goes where it came from
    assert other.connections == 0


ENDPOINTS = [
    ("authorizationUrl", "http://id.example/authorize"),
    ("tokenUrl", "http://id.example/token"),
    ("tokenUrl", "https://id.example@evil.test/token"),
    ("tokenUrl", "https://id.example\\.evil.test/token"),
    ("tokenUrl", "https://id\u202e.example/token"),
    ("authorizationUrl", "javascript:alert(1)"),
    ("authorizationUrl", "file:///bin/sh"),
    ("authorizationUrl", "--help"),
    ("authorizationUrl", "https://[id.example/"),
]


@pytest.mark.parametrize(("member", "url"), ENDPOINTS)
def test_an_endpoint_of_the_document_is_https(
    member: str, url: str, run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    scheme = oauth(people)
    scheme["flows"]["authorizationCode"][member] = url
    shop(scheme)
    result = log_in(run)
    fails(result, "expected an https URL, without a user", code=2)
    assert "\u202e" not in result.err
    assert browser.opened == []


@pytest.mark.parametrize(
    "name", ["redirect_uri", "state", "client_id", "code_challenge", "response_mode", "request"]
)
def test_an_endpoint_cannot_set_what_is_ours(
    name: str, run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    scheme = oauth(people)
    scheme["flows"]["authorizationCode"]["authorizationUrl"] += f"?tenant=a&{name}=https://evil.test"
    shop(scheme)
    fails(log_in(run), f"sets {name}", code=2)
    assert browser.opened == []


def test_a_query_of_an_endpoint_that_is_its_own_stays(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    scheme = oauth(people)
    scheme["flows"]["authorizationCode"]["authorizationUrl"] += "?tenant=a%20b"
    shop(scheme)
    assert log_in(run).code == 0
    assert f"{people.url}/authorize?tenant=a%20b&response_type=code" in browser.opened[0]


def test_a_project_cannot_say_where_tokens_go(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dynaclient.toml").write_text(
        '[api.theirs]\ndocument = "talon-one-integration"\n[api.theirs.login.o]\nservers = ["https://evil.test"]\n'
    )
    assert "has no setting 'login'" in run("ops", "theirs").err
    result = run("login", "theirs", "--client-id", CLIENT, "--yes")
    assert result.code == 2
    assert "it stands in the file of the project" in result.err


# -- what has to be there ---------------------------------------------------------------------------------


def test_without_the_extra_it_says_what_to_install(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(oauth(people))
    monkeypatch.setitem(sys.modules, "keyring", None)
    fails(log_in(run), "needs the package keyring: pip install 'dynaclient[keyring]'", code=2)
    assert browser.opened == []


def test_without_a_keyring_nobody_has_to_log_in_in_vain(
    run: Run, shop: Any, people: AuthorizationServer, browser: Browser
) -> None:
    shop(oauth(people))
    keyring.set_keyring(NoKeyring())
    fails(log_in(run), "the keyring failed (NoKeyringError)", code=2)
    assert browser.opened == []


def test_what_is_missing_is_said(run: Run, shop: Any, people: AuthorizationServer) -> None:
    shop(oauth(people, "clientCredentials"), key={"type": "apiKey", "in": "header", "name": "K"})
    fails(log_in(run), "no flow authorizationCode or deviceAuthorization; it has clientCredentials", code=2)
    fails(log_in(run, "--device"), "no flow deviceAuthorization; it has clientCredentials", code=2)
    fails(log_in(run, "--scheme", "key"), "no scheme 'key' of OAuth or OpenID Connect; it has o", code=2)
    fails(run("login", "shop", "--yes"), "--client-id ID", code=2)
    fails(log_in(run, "--client-secret", SECRET), "--client-secret: expected env:VARIABLE", code=2)
    fails(log_in(run, "--client-secret", f"plain:{SECRET}"), "--client-secret: expected env:VARIABLE", code=2)
    assert "has no API 'shap'" in run("login", "shap").err


def test_a_name_of_a_scheme_forges_no_line(
    run: Run, save: Save, people: AuthorizationServer, browser: Browser
) -> None:
    """What is shown before a yes is ours to say."""
    name = "o\n  tokens from https://honest.example/token"
    run("add", "shop", save(one(answer={}, components={"securitySchemes": {name: oauth(people)}})))
    fails(log_in(run), "no scheme of OAuth or OpenID Connect; it has none", code=2)
    assert browser.opened == []


def test_of_several_schemes_one_is_named(run: Run, shop: Any, people: AuthorizationServer) -> None:
    shop(oauth(people), p=openid(people))
    fails(log_in(run), "--scheme o or p", code=2)
    assert log_in(run, "--scheme", "o").code == 0


@pytest.mark.parametrize("item", ["", "shop", "/o", "shop/"])
def test_a_reference_that_is_none(item: str, run: Run, shop: Any, people: AuthorizationServer) -> None:
    shop(oauth(people))
    log_in(run)
    path = config_file()
    path.write_text(path.read_text().replace(f"login:{ITEM}", f"login:{item}"))
    with pytest.raises(SettingsError, match="expected login:NAME/SCHEME"):
        Client("shop")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"token_url": 5, "client_id": "x"}', "\x1b[2J"])
def test_an_item_of_another_form_is_none(
    text: str, run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    shop(oauth(people))
    log_in(run)
    ring.items["dynaclient", ITEM] = text
    assert "nobody is logged in; `dynaclient login shop --scheme o`" in run("call", "shop", "op").err


# -- and out again ----------------------------------------------------------------------------------------


def test_logging_out_removes_the_tokens(
    run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring, api: RawServer
) -> None:
    shop(oauth(people))
    assert run("logout", "shop").out == "nobody was logged in\n"
    log_in(run)
    assert "has no login for 'x'; it has o" in run("logout", "shop", "--scheme", "x").err
    assert run("logout", "shop", "--scheme", "o").out == "logged out of shop: o\n"
    assert ring.items == {}
    assert run("logout", "shop").out == "nobody was logged in\n"
    assert "nobody is logged in" in run("call", "shop", "op").err
    assert api.connections == 0
    assert run("login", "shop").code == 0
    assert run("call", "shop", "op").code == 0


@pytest.mark.parametrize("works", [True, False])
def test_an_api_that_is_removed_takes_its_tokens_along(
    works: bool, run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring
) -> None:
    shop(oauth(people))
    log_in(run)
    if not works:
        keyring.set_keyring(NoKeyring())
    result = run("remove", "shop")
    assert (result.code, result.out) == (0, "removed shop\n")
    assert ring.items == {} if works else "its tokens stay where they are" in result.err


def test_a_server_that_is_not_there(run: Run, shop: Any, people: AuthorizationServer) -> None:
    scheme = oauth(people, "deviceAuthorization")
    scheme["flows"]["deviceAuthorization"]["deviceAuthorizationUrl"] = f"http://127.0.0.1:{closed_port()}/d"
    shop(scheme)
    fails(
        log_in(run), "the connection was refused; nothing was sent. Check that the server runs, and its URL"
    )


def test_what_another_process_renewed_meanwhile_is_used(
    run: Run, shop: Any, people: AuthorizationServer, ring: MemoryKeyring, api: RawServer
) -> None:
    """Of two that renew at once, one comes too late: its refresh token is void, the newer one is there."""
    shop(oauth(people))
    log_in(run)
    said = ring.said(ITEM)
    other = {**said, "ends": 0, "refresh_token": "void"}
    given = [other, other]

    class Late(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            return json.dumps(given.pop()) if given else super().get_password(service, username)

    late = Late()
    late.items = ring.items
    keyring.set_keyring(late)
    assert run("call", "shop", "op").code == 0
    assert [each["refresh_token"] for each in people.forms("refresh_token")] == ["void", f"{REFRESH}-1"]
    assert api.requests[0].header("Authorization") == f"Bearer {ACCESS}-2"
    assert ring.said(ITEM)["token"] == f"{ACCESS}-2"
