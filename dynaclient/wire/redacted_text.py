"""Texts with the secrets that stand in them redacted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

REDACTED = "***"
LEAST = 4
"""Characters of a secret; shorter ones are none, and would be found everywhere."""

_CUT = "..."
_SHOWN = 80
"""Messages show no more characters of a value than this."""


def _forms(secret: str) -> tuple[str, ...]:
    """A text as it stands in JSON, in a URL and in HTML."""
    from html import escape  # late: 2 ms

    escaped, written = (json.dumps(secret, ensure_ascii=each)[1:-1] for each in (True, False))
    return secret, written, escaped, quote(secret, safe=""), escape(secret)


def redact(text: str, those: Iterable[str]) -> str:
    """`text` without the secrets that stand in it, whole or cut off, as they are or as servers write them."""
    for secret in dict.fromkeys(form for each in those for form in _forms(each)):
        text = text.replace(secret, REDACTED)
        for size in range(min(len(secret), _SHOWN), LEAST - 1, -1) if _CUT in text else ():
            text = text.replace(secret[:size] + _CUT, REDACTED + _CUT)
    return text
