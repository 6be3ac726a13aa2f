"""A scripted session at the prompt, on a real terminal: the standard one, and IPython's where it is there."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient import ApiError, Client
from dynaclient._support.prompt_text import refusal_text
from dynaclient.cli.repl import banner, stand_ins
from tests.servers import RawServer, reply
from tests.small import JSON, one

pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect, which is for POSIX")

NAME = "talon-one-integration"
SECONDS = 20
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")


class Session:
    """A prompt on a terminal; what it shows is read without colours and cursor movements."""

    def __init__(self, prompt: str, call: str, home: Path, *options: str, name: str = NAME) -> None:
        self.prompt = prompt
        self.call = call
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "dynaclient", "repl", name, *options],
            env={
                "TERM": "xterm",
                "HOME": str(home),
                "IPYTHONDIR": str(home / "ipython"),
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "PYTHON_HISTORY": str(home / "history"),
                "PYTHON_BASIC_REPL": "1",
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "LANG": "C.UTF-8",
            },
            dimensions=(60, 160),
            encoding="utf-8",
            timeout=SECONDS,
        )

    def until(self, text: str) -> str:
        """Wait for `text`; what was shown up to it."""
        self.process.expect_exact(text)
        return ESCAPES.sub("", self.process.before).replace("\r", "")

    def ask(self, line: str, answer: str) -> str:
        """Type a line; wait until `answer` and then the next prompt are shown."""
        self.process.send(line + "\r")
        shown = self.until(answer)
        return shown + answer + self.until(self.prompt)


PROMPTS = {"plain": (">>> ", ")", ["--plain"]), "IPython": ("]: ", "()", [])}
"""How each prompts, what is left to type of a call when TAB has completed its name, its options."""


@pytest.fixture(params=PROMPTS)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    if request.param == "IPython" and importlib.util.find_spec("IPython") is None:
        pytest.skip("IPython is not installed: the prompt is then the standard one")
    prompt, call, options = PROMPTS[request.param]
    session = Session(prompt, call, tmp_path, "--sandbox", *options)
    yield session
    session.process.close(force=True)


def test_a_session_on_the_sandbox(session: Session) -> None:
    greeting = session.until(session.prompt)
    assert "Talon.One API: 36 operations at http://127.0.0.1:" in greeting
    assert "api.<TAB>, show()" in greeting

    session.process.send("api.create_referrals_\t")
    session.until("for_multiple_advocates")
    assert "createReferralsForMultipleAdvocates" in session.ask(session.call, "the request was not sent")

    helped = session.ask("print(__import__('pydoc').render_doc(api.create_referral))", "Responses")
    assert "campaignId*" in helped
    assert "body: NewReferral (application/json), required" in helped

    session.ask(
        "show(api.update_customer_session_v2)", "one:  show(api.update_customer_session_v2, 'body/customer"
    )
    part = session.ask(
        "show(api.update_customer_session_v2, 'body/customerSession/cartItems')", "stock keeping unit"
    )
    assert "body/customerSession/cartItems  array of CartItem" in part

    shown = session.ask("__import__('inspect').signature(api.create_referral)", "-> dict")
    assert "(body: dict, *, options: dict | None = None) -> dict" in shown
    assert "Create a referral code" in session.ask("api.create_referral", "(application/json), required")

    body = "{'campaignId': 7, 'advocateProfileIntegrationId': 'ann'}"
    answer = session.ask(f"api.create_referral({body})", "'batchId'")
    assert "'advocateProfileIntegrationId': 'ann',\n" in answer  # laid out, a line for each property

    refused = session.ask("api.create_referral({'campaignId': 'x'})", 'got a string ("x")')
    assert "RequestInvalid: createReferral: the request was not sent; 2 violations" in refused
    assert "body: 'advocateProfileIntegrationId' is missing" in refused
    assert 'body at /campaignId: expected an integer, got a string ("x")' in refused
    assert "Traceback" not in refused

    assert "Traceback" not in session.ask("api.create_referal", "did you mean create_referral")
    assert "Traceback" not in session.ask("raise KeyboardInterrupt", "KeyboardInterrupt")
    assert "Traceback" in session.ask("1/0", "by zero")

    missed = session.ask(f"api.create_referral.send({body}).dtaa", "did you mean data")
    assert missed.lower().count("did you mean") == 1
    assert "has no attribute 'dtaa'" in missed
    assert "mean" not in session.ask("'text'.xyz", "'xyz'")


STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "integer"}}}
FAILURES = {
    "body does not match the OpenAPI document": (
        '{"status": "open"}',
        200,
        "ResponseInvalid",
        "_.response.data",
        "{'status': 'open'}",
    ),
    "the same in sys.last_exc": (
        '{"a": 1}',
        200,
        "ResponseInvalid",
        "sys.last_exc.response.data",
        "{'a': 1}",
    ),
    "the same in sys.last_value": (
        '{"a": 2}',
        200,
        "ResponseInvalid",
        "sys.last_value.response.data",
        "{'a': 2}",
    ),
    "no JSON at all": ("<html>", 200, "ResponseInvalid", "_.response.content", "b'<html>'"),
    "undocumented status": ('{"status": 1}', 202, "ResponseInvalid", "_.response.status", "202"),
    "an error response": ('{"why": "x"}', 409, "Conflict", "_.response.data", "{'why': 'x'}"),
}


@pytest.fixture(params=PROMPTS)
def prompt(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Opens a prompt on a document; of each kind."""
    if request.param == "IPython" and importlib.util.find_spec("IPython") is None:
        pytest.skip("IPython is not installed: the prompt is then the standard one")
    sign, call, options = PROMPTS[request.param]
    sessions: list[Session] = []

    def opened(tree: dict[str, Any], *more: str) -> Session:
        path = tmp_path / "document.json"
        path.write_text(json.dumps(tree))
        sessions.append(Session(sign, call, tmp_path, *options, *more, name=str(path)))
        return sessions[-1]

    yield opened
    for each in sessions:
        each.process.close(force=True)


@pytest.mark.sampled(2)
def test_a_response_that_was_not_returned_is_not_lost(prompt: Callable[..., Session]) -> None:
    """As in Python itself, what was raised last can be looked at; the message says where the response is."""
    answers = [reply(status, body.encode(), JSON) for body, status, *_ in FAILURES.values()]
    with RawServer(*answers) as server:
        session = prompt(one(answer=STATUS), "--server", server.url)
        session.until(session.prompt)
        session.ask("import sys", "")
        for _, _, kind, expression, shown in FAILURES.values():
            said = session.ask("api.op()", "The response is in _.response")
            assert f"{kind}: op" in said
            assert "Traceback" not in said
            session.ask(expression, shown)
        session.ask("'kept', type(sys.last_exc).__name__", "Conflict")


def test_what_is_no_error_keeps_its_place_in_the_underscore(prompt: Callable[..., Session]) -> None:
    with RawServer(reply(200, b'{"status": 7}', JSON)) as server:
        session = prompt(one(answer=STATUS), "--server", server.url)
        session.until(session.prompt)
        session.ask("api.op()", "{'status': 7}")
        session.ask("_['status'] + 1", "8")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("target", ["--server", "--sandbox"])
def test_how_strict_it_is_can_be_said(prompt: Callable[..., Session], target: str) -> None:
    with RawServer(reply(200, b'{"status": "open"}', JSON)) as server:
        given = [target, server.url] if target == "--server" else [target]
        session = prompt(
            one(answer=STATUS), *given, "--validate", "request=strict", "--validate", "response=warn"
        )
        session.until(session.prompt)
        session.ask(
            "sorted(api._executor.modes.items())[:2]", "[('request', 'strict'), ('response', 'warn')]"
        )
        if target == "--server":
            session.ask("api.op()", "{'status': 'open'}")


def test_the_banner_names_document_server_and_ways_to_go_on() -> None:
    client = Client(NAME, server="https://user:s3cr3t@acme.example")
    text = banner(client)
    assert "Talon.One API: 36 operations at https://acme.example" in text
    assert "show(api.get_customer_session)" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "s3cr3t" not in text


def test_a_sandbox_gets_a_credential_for_every_scheme() -> None:
    client = Client(NAME)
    assert stand_ins(client.document).keys() == client.document.tree["components"]["securitySchemes"].keys()


def test_a_refusal_is_told_by_its_name() -> None:
    assert refusal_text(ApiError("gone")) == "ApiError: gone"
    assert refusal_text(KeyboardInterrupt()) == "KeyboardInterrupt"


TABS = {
    "api.operations['getCustomerS\t": "ession",
    "api.get_customer_session.pre\t": "pare",
    "api.get_customer_inventory('x', achiev\t": "ements=",
}
"""What is typed, and what comes to it: keys, what an operation has, its arguments."""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("typed", TABS)
def test_ipython_completes_what_is_behind_the_client(typed: str, tmp_path: Path) -> None:
    pytest.importorskip("IPython", "9", reason="the standard prompt completes names alone, and so does 8")
    session = Session("]: ", "", tmp_path, "--sandbox")
    session.until(session.prompt)
    session.process.send(typed)
    assert typed.rstrip("\t")[-6:] in session.until(TABS[typed])
    session.process.close(force=True)
