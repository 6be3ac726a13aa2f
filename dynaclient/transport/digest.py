"""HTTP Digest (RFC 7616): the answer to a server's challenge, by requests' own implementation."""

from __future__ import annotations

import re
from typing import Any

from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

_parse: Any = parse_dict_header
_SCHEME = re.compile(r"digest ", re.IGNORECASE)
_ALGORITHMS = frozenset({"MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512"})


class Digest:
    """Answers the challenges of one server for one user. The first request goes without an answer."""

    def __init__(self, user: str, password: str) -> None:
        self._auth: Any = HTTPDigestAuth(user, password)
        self._challenge: dict[str, str] = {}

    def learn(self, challenge: str) -> bool:
        """Take up a WWW-Authenticate header; whether it is a challenge that can and is yet to be answered."""
        found = _SCHEME.search(challenge)
        told: dict[str, str] = _parse(challenge[found.end() :]) if found else {}
        stale = str(told.get("stale", "")).lower() == "true"
        new = _is_whole(told) and (stale or told["nonce"] != self._challenge.get("nonce"))
        if new:
            self._challenge = told
        return new

    def answer(self, method: str, url: str) -> str | None:
        """The Authorization header for a request; None before the first challenge."""
        if not self._challenge:
            return None
        self._auth.init_per_thread_state()
        if self._auth._thread_local.chal.get("nonce") != self._challenge.get("nonce"):
            self._auth._thread_local.chal = self._challenge
            self._auth._thread_local.nonce_count = 0
        return str(self._auth.build_digest_header(method, url))


def _is_whole(challenge: dict[str, str]) -> bool:
    """Whether a challenge has what an answer needs (section 3.3), in a way that requests knows."""
    algorithm, qop = challenge.get("algorithm") or "MD5", challenge.get("qop") or "auth"
    known = algorithm.upper() in _ALGORITHMS and "auth" in map(str.strip, qop.split(","))
    return known and all(challenge.get(name) is not None for name in ("realm", "nonce"))
