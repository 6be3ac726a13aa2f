"""Failures of the application with planted defects, pasted into a shell against a fresh server of it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract import run
from dynaclient.explore.shell import variable
from tests.contract.pasting import differs, needs_curl, paste
from tests.planted.serving import CREDENTIALS, DOCUMENT, running

ALL: dict[str, Any] = {"max_failures": None}
LOANS = ("createMember", "createBook", "*Loan*")
SAMPLE: list[tuple[str, str, dict[str, Any]]] = [
    ("accepts-malformed-json", "broken_is_refused", {"only": "recordEvents", "phases": ["coverage"]}),
    ("deleted-can-be-read", "use_after_delete", {"only": "*member*", "phases": ["stateful"]}),
    ("location-leads-nowhere", "location_leads_somewhere", {"only": "*member*", "phases": ["stateful"]}),
    ("no-credential-needed", "authentication_enforced", {"only": "/members", "phases": ["stateful"]}),
    # beside what is captured, the server must hold
    # - what an invalid identifier that was accepted names since then
    ("accepts-any-code-in-path", "broken_is_refused", {"only": "/shelves", "phases": ["coverage"], **ALL}),
    # - what a PUT has made
    ("delete-needs-no-credential", "authentication_enforced", {"only": "*Shelf", "phases": ["stateful"]}),
    # - two things, one for the other
    ("loan-without-body", "body_documented", {"only": LOANS, "phases": ["coverage"]}),
    # a redirect is followed
    ("redirects-to-login", "authentication_enforced", {"only": "getMember", "phases": ["stateful"]}),
]


@pytest.mark.sampled(2)
@needs_curl
@pytest.mark.parametrize(("defect", "check", "settings"), SAMPLE, ids=[each[0] for each in SAMPLE])
def test_it_is_seen_again(defect: str, check: str, settings: dict[str, Any]) -> None:
    with running(defect) as url:
        client = Client(DOCUMENT, server=url, credentials=CREDENTIALS)
        report = run(client, checks=[check], **{"max_failures": 1, **settings})
    variables = {variable(name): secret for name, secret in CREDENTIALS.items()}
    assert report.failures
    for failure in report.failures:
        for lines in (failure.command, failure.curl):
            with running(defect) as again:
                done = paste(lines.replace(url, again), **variables)
            assert not differs(failure, done), lines
