"""What a person does with printed commands: they are pasted into a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def paste(lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run lines in `sh`, `dynaclient` of this environment on its path; `variables` are in its environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {name: text for name, text in os.environ.items() if not name.startswith("DYNACLIENT_")}
    environment = {**clean, "PATH": path, **variables}
    return subprocess.run(["/bin/sh", "-c", lines], env=environment, capture_output=True, text=True)
