"""Texts with the secrets that stand in them redacted."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaclient.wire.redacted_text import redact

TEXTS = [
    ("no s3cr3t, no other", "no ***, no other"),
    ('"...s3cr3ts3cr3t"', '"...******"'),
    ('"xs3cr..." is a string', '"x***..." is a string'),
    ('"xs3c..." is too short to tell', '"xs3c..." is too short to tell'),
    ("s3cr", "s3cr"),
]


@pytest.mark.parametrize(("text", "due"), TEXTS)
def test_redacted(text: str, due: str) -> None:
    assert redact(text, ["s3cr3t"]) == due


WRITTEN = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "a URL": lambda text: quote(text, safe=""),
    "HTML": html.escape,
}
SECRETS = [
    "s3cr3t",
    'pass"word',
    "back\\slash",
    "pässwörd",
    "with space+plus/slash=",
    "<tag>&'amp'",
    "tab\there",
]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("secret", SECRETS)
def test_redacted_however_a_server_writes_it(secret: str, form: str) -> None:
    """Error pages and messages repeat what they got in the way of their format."""
    assert redact(f"no <{WRITTEN[form](secret)}> here", [secret]).count("***") == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4), st.sampled_from([*WRITTEN]))
def test_no_form_of_a_secret_is_left(secret: str, form: str) -> None:
    assume("*" not in secret)
    assert WRITTEN[form](secret) not in redact(f"[{WRITTEN[form](secret)}]", [secret])
