"""What reads and writes JSON: `json` of the standard library, or orjson, whichever the suite runs with."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dynaclient.wire import json_values


def _real_orjson() -> Any:
    """orjson, which other tests may have to do without."""
    hidden = sys.modules.pop("orjson", None)
    try:
        return importlib.import_module("orjson")
    finally:
        if hidden is None:
            sys.modules["orjson"] = hidden  # type: ignore[assignment]


ORJSON = _real_orjson()


@contextmanager
def using(module: Any) -> Iterator[None]:
    """Read and write JSON with `module`: ORJSON, or None for the standard library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_values, "_orjson", lambda: module)
        yield
