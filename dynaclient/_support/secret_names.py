"""Names that say that what they name is a secret."""

from __future__ import annotations

import re

_READS_SECRET = (
    r"(?i)(?:^|[-_.])(?:x[-_])?token$|auth$|authori[sz]ation$|secret$|passw(?:or)?d$|passphrase$|signature$"
    r"|credentials?$|(?:auth|access|api|session|csrf|xsrf|security|private|bearer|refresh)[-_.]?(?:key|token)$"
)
_ENDS = tuple(
    "token auth authorization authorisation secret password passwd passphrase signature credential"
    " credentials key".split()
)
"""How each such name ends: to compile the pattern takes longer than most calls."""
_PAGE = r"(?i)(?:page|next|continuation|cont|sync|resume|start|cursor)[-_.]?token$"
"""Parameters that documents have and that are no secret in spite of their names."""


def reads_secret(name: str) -> bool:
    """Whether a name says that what it names is a secret: `apiToken`, `password`."""
    if not name.casefold().rstrip("\n").endswith(_ENDS):
        return False
    return re.search(_READS_SECRET, name) is not None and re.search(_PAGE, name) is None
