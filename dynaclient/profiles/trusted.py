"""Which files of projects the user trusts: by path and by the digest of what was looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dynaclient.profiles.folders import config_file
from dynaclient.profiles.names import is_profile
from dynaclient.profiles.settings_file import read_settings, table_in

TRUSTED = "trusted"
"""The table of the user's configuration: path of a project's file -> digest."""


def trust_digest(apis: Mapping[str, Any]) -> str:
    """The digest of all that is trusted in the table `api` of a project: what tests are given is not."""
    from hashlib import sha256  # late: 2 ms

    said = {
        name: {key: each for key, each in table.items() if key != "test"}
        for name, table in apis.items()
        if is_profile(table)
    }
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def is_trusted_project(source: Path, apis: Mapping[str, Any]) -> bool:
    """Whether the user trusts what a project's file says now."""
    own = config_file()
    if not own.is_file():
        return False
    known = table_in(own, read_settings(own), TRUSTED).get(trust_key(source))
    return known is not None and known == trust_digest(apis)


def trust_key(source: Path) -> str:
    """What the file of a project is called in the user's configuration."""
    return os.path.realpath(source)
