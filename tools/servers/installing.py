"""How a server comes into a folder: by pip or by npm, in versions that are named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

INSTALLING = 1200.0
"""Seconds that it may take."""

PROGRAMS = "Scripts" if os.name == "nt" else "bin"


class Unusable(Exception):
    """The server could not be installed or started; the text says why."""


@dataclass(frozen=True)
class Installer:
    """`needs` are programs of this machine. `fill` gets packages and an empty folder, and gives the folder of
    what can be run; `version` gets that folder and the name of a package. Both raise Unusable.
    """

    needs: tuple[str, ...]
    fill: Callable[[Sequence[str], Path], None]
    programs: Callable[[Path], Path]
    version: Callable[[Path, str], str]

    def lacking(self) -> str:
        """What this machine does not have of `needs`, in words; empty where nothing is lacking."""
        missing = [name for name in self.needs if shutil.which(name) is None]
        return f"it needs {' and '.join(self.needs)}; not found: {', '.join(missing)}" if missing else ""

    def install(self, packages: Sequence[str], folder: Path) -> Path:
        """The packages in `folder`, unless they are there already. Gives the folder of what can be run."""
        if lacking := self.lacking():
            raise Unusable(lacking)
        place = folder / "environment"
        done = place / "installed.txt"
        wanted = "\n".join(packages)
        if not done.is_file() or done.read_text() != wanted:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            self.fill(packages, place)
            done.write_text(wanted)
        return self.programs(place)


def run(command: list[str]) -> str:
    """What the program prints. Raises Unusable where it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALLING)
    except subprocess.TimeoutExpired:
        raise Unusable(f"{command[0]} took more than {INSTALLING:.0f} seconds") from None
    if done.returncode:
        raise Unusable(f"{' '.join(command[:4])} failed:\n{tail(done.stderr)}")
    return done.stdout


def tail(text: str, lines: int = 15) -> str:
    """The last lines of `text`, indented."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])


def _virtual_environment(packages: Sequence[str], place: Path) -> None:
    run([sys.executable, "-m", "venv", str(place)])
    pip = [str(place / PROGRAMS / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, *packages])


def _distribution(programs: Path, name: str) -> str:
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return run([str(programs / "python"), "-c", code, name]).strip()


def _node_modules(packages: Sequence[str], place: Path) -> None:
    (place / "package.json").write_text('{"private": true}')
    npm = [shutil.which("npm") or "npm", "install", "--prefix", str(place)]
    run([*npm, "--ignore-scripts", "--no-audit", "--no-fund", *packages])


def _package(programs: Path, name: str) -> str:
    return str(json.loads((programs / name / "package.json").read_text())["version"])


PIP = Installer((), _virtual_environment, lambda place: place / PROGRAMS, _distribution)
NPM = Installer(("node", "npm"), _node_modules, lambda place: place / "node_modules", _package)
