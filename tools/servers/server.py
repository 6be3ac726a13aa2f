"""What it takes to run a real server, and to call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynaclient import Client
from servers.installing import Installer
from servers.trip import Trip


@dataclass(frozen=True)
class Server:
    """A real server.

    `packages` are installed, as `installer` names them; the versions of `shown` are printed. `document` is
    the path of its own document. `command` gets the folder of what was installed, a folder to write in and a
    port. `settings` gets the server's URL and gives what `Client` needs beside the document. `travel` makes
    the calls; its second argument is a client without credentials.
    """

    name: str
    installer: Installer
    packages: tuple[str, ...]
    shown: tuple[str, ...]
    document: str
    environment: Mapping[str, str]
    command: Callable[[Path, Path, int], list[str]]
    settings: Callable[[str], dict[str, Any]]
    travel: Callable[[Trip, Client], None]
