"""`dynaclient test` against the sandbox of each vendored generation: no failures, everything exercised."""

from __future__ import annotations

import pytest

from dynaclient import Client
from dynaclient.contract import run
from dynaclient.document.opening import vendored_names
from dynaclient.document.operations import OperationBuilder
from dynaclient.sandbox import Sandbox

COUNTS = {"2020-04": 11, "2020-05": 11, "2020-10": 13, "2023-04": 27, "2024-06": 28, "2026-05": 36}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", vendored_names())
def test_nothing_is_broken_and_every_operation_exercised(name: str) -> None:
    with Sandbox(name, seed=1) as running:
        schemes = OperationBuilder(Client(name).document).security_schemes()
        with Client(name, server=running.url, credentials=dict.fromkeys(schemes, "key")) as client:
            report = run(client, cases=5, max_time=None)
        received = len(running.received)
    assert [str(each) for each in report.failures] == []
    assert report.ok
    assert len(report.operations) == COUNTS[name.partition("@")[2]]
    assert all(each.exercised and each.valid >= 1 for each in report.operations)
    assert all(set(each.statuses) <= {200, 201, 204} for each in report.operations)
    assert received == sum(each.valid + each.broken + each.probes for each in report.operations)
    assert sum(each.broken for each in report.operations) >= 2 * len(report.operations)


def test_without_credentials_it_says_what_is_missing() -> None:
    name = "talon-one-integration"
    with Sandbox(name) as running, Client(name, server=running.url) as client:
        report = run(client, cases=2, phases=["random"])
    assert not report.ok
    assert "returned 401 to every valid request" in report.problem
    assert "api_key_v1 (DYNACLIENT_CREDENTIAL_API_KEY_V1)" in report.problem
