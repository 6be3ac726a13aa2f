"""What a person does with printed commands: they are pasted into a shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dynaclient.contract.report import Failure

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not installed"
)

OF_RESPONSE = ("status_documented", "content_type_documented", "headers_documented", "body_documented")
"""Checks that `dynaclient call` makes as well."""


def paste(lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run lines in `sh`, `dynaclient` of this environment on its path; `variables` are in its environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {name: text for name, text in os.environ.items() if not name.startswith("DYNACLIENT_")}
    environment = {**clean, "PATH": path, **variables}
    return subprocess.run(
        ["/bin/sh", "-c", lines], env=environment, capture_output=True, text=True, errors="replace"
    )


def differs(failure: Failure, done: subprocess.CompletedProcess[str]) -> str:
    """How what the shell said is not what the failure was; empty where it is shown again.

    curl shows the status and the media type; `dynaclient call` ends with 1 where the response breaks the
    document or is an error, and says so.
    """
    response = failure.exchange.response
    assert response is not None
    heads = re.findall(
        r"(?:^|(?<=\S))HTTP/1\.1 (\d+)[^\n]*\n(.*?)(?:\n\n|\Z)", done.stdout, re.MULTILINE | re.DOTALL
    )
    if heads:
        status, head = heads[-1]
        kind = re.search(r"^Content-Type: *(.*)$", head, re.MULTILINE | re.IGNORECASE)
        seen = (int(status), kind[1] if kind else "")
        expected = (response.status, response.headers.get("Content-Type", ""))
        return "" if seen == expected else f"curl got {seen}, expected {expected}"
    said = f"exit code {done.returncode}, {done.stderr[-300:]}"
    complained = re.search(r"^  .*\[\S+\]$", done.stderr, re.MULTILINE)
    if failure.check in OF_RESPONSE:
        return "" if done.returncode and complained else said
    if response.status >= 400:
        return "" if done.returncode and str(response.status) in done.stderr else said
    return said if done.returncode and not complained else ""
