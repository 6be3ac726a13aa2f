"""`--verify`, `--insecure` and `--proxy`: whom a call trusts, and through whom it goes."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.small import json_reply, one


def test_a_certificate_is_checked_unless_it_is_said(
    run: Run,
    save: Save,
    serve: Serve,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    server = serve(json_reply({"a": 1}), context=tls)
    call = ("call", save(one("get")), "op", "--server", server.url)
    refused = run(*call)
    assert (refused.code, refused.out) == (1, "")
    assert "certificate" in refused.err
    assert run(*call, "--verify", str(certificate)).code == 0
    assert run(*call, "--insecure").code == 0


def test_a_file_of_certificates_that_is_not_there_is_a_mistake(run: Run, save: Save) -> None:
    result = run("call", save(one("get")), "op", "--server", "https://127.0.0.1:9", "--verify", "nowhere.pem")
    assert result.code == 2
    assert "nowhere.pem" in result.err


def test_trust_is_one_or_the_other(run: Run, save: Save) -> None:
    result = run("call", save(one("get")), "op", "--insecure", "--verify", "a.pem")
    assert result.code == 2
    assert "not allowed with" in result.err


def test_a_proxy_gets_the_request(run: Run, save: Save, serve: Serve) -> None:
    proxy = serve(json_reply({"a": 1}))
    result = run("call", save(one("get")), "op", "--server", "http://talon.example", "--proxy", proxy.url)
    assert result.code == 0
    assert proxy.requests[0].target == "http://talon.example/x"
