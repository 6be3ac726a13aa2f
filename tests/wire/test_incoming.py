"""What is read from a request as it arrived."""

from __future__ import annotations

import pytest

from dynaclient.wire.incoming import path_values


@pytest.mark.parametrize(
    ("path", "raw", "values"),
    [
        ("/hooks/{id}", "/hooks/7", {"id": "7"}),
        ("/hooks/{id}", "/my/own/hooks/a%2Fb", {"id": "a%2Fb"}),
        ("/x(a/b='{a/b}',c={c})", "/api/x(a/b='1',c=2)", {"a/b": "1", "c": "2"}),
        ("/hooks/{id}", "/hooks", {}),
        ("/hooks", "/hooks", {}),
    ],
)
def test_path_values(path: str, raw: str, values: dict[str, str]) -> None:
    assert path_values(path, raw) == values
