"""What the numbers were measured on: sizes and versions, nothing that names the machine."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import distributions
from pathlib import Path

PACKAGES = (
    "dynaclient", "requests", "httpx", "urllib3", "aiopenapi3", "openapi-core",
    "jsonschema", "jsonschema-rs", "orjson", "pydantic", "PyYAML", "openapi-generator-cli",
)  # fmt: skip


def machine() -> dict[str, str | int]:
    """Processors, memory in GB, system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count() or 0,
        "memory_gb": round(memory / 1e9),
        "system": platform.system(),
        "processor": platform.machine(),
    }


def versions() -> dict[str, str]:
    """Python and the packages that take part; a dash where one is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str:
    path = [*sys.path, str(Path(sys.prefix) / "fast")]
    return next((found.version for found in distributions(name=name, path=path)), "-")
