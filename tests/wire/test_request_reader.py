"""Values read from a request as it arrived."""

from __future__ import annotations

import pytest

from dynaclient.wire.request_reader import path_values


@pytest.mark.parametrize(
    ("path", "raw", "values"),
    [
        ("/hooks/{id}", "/hooks/7", {"id": "7"}),
        ("/hooks/{id}", "/my/own/hooks/a%2Fb", {"id": "a%2Fb"}),
        ("/x(a/b='{a/b}',c={c})", "/api/x(a/b='1',c=2)", {"a/b": "1", "c": "2"}),
        ("/hooks/{id}", "/hooks", {}),
        ("/hooks", "/hooks", {}),
        ("/{a}{b}", "/xyz", {"a": "x", "b": "yz"}),
        ("/{a}.{b}", "/x.y.z", {"a": "x", "b": "y.z"}),
        ("/{a}.json", "/x.json.json", {"a": "x.json"}),
        ("/{a}-{b}/c", "/x-y-z/c", {"a": "x", "b": "y-z"}),
        ("/{a}-{b}", "/x-", {}),
    ],
)
def test_path_values(path: str, raw: str, values: dict[str, str]) -> None:
    assert path_values(path, raw) == values


@pytest.mark.parametrize("between", ["", "-"])
def test_many_parameters_in_a_segment_are_found_in_bounded_time(between: str) -> None:
    """Every way to share out the text was tried: 120 letters among six took a minute and a half."""
    path = "/" + between.join(f"{{p{i}}}" for i in range(9)) + "x"
    assert path_values(path, "/" + "-" * 5000) == {}
    assert len(path_values(path, "/" + "-" * 5000 + "x")) == 9
