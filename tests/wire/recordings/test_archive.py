"""Files that are no recordings, or want to do harm, end in an error of ours that names the location."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import DynaclientError, SettingsError
from dynaclient.wire.recordings import archive, exchange
from dynaclient.wire.recordings.archive import read_archive

WRONG = [
    (b"", "the file is empty"),
    (b"\xff\xfe", "it is not UTF-8"),
    (b"[]", "expected a HAR or a cassette of vcrpy, got an array"),
    (b"{}", "expected a HAR or a cassette"),
    (b'{"log": ', "not JSON"),
    (b"[" * 100_000, "nests deeper"),
    (b'{"log": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nests deeper"),
    (b"a: " + b"[" * 100_000, "nested more than 50 deep"),
    (b"just words", "got a string"),
    (b"interactions: 5", "at /interactions: expected an array, got a string"),
    (b"interactions:\n- request: {}\n", "at /interactions/0: expected a member 'response'"),
    (
        b"interactions:\n- request: {uri: http://h, method: GET}\n  response: {status: {code: x}}\n",
        "at /interactions/0/response/status/code: expected an integer, got a string",
    ),
    (
        b"interactions:\n- request: {uri: 'http://[x/orders/2', method: GET}\n  response: {}\n",
        "at /interactions/0/request/uri: expected a URL, got 'http://[x/orders/2'",
    ),
    (
        b"interactions:\n- request: {uri: http://h, method: [GET]}\n  response: {}\n",
        "at /interactions/0/request/method: expected a string, got an array",
    ),
    (
        b"interactions:\n- request: {uri: http://h, method: GET}\n  response: {status: 200}\n",
        "at /interactions/0/response/status: expected an object, got",
    ),
    (b"interactions: &a [*a]", "inside its own anchor"),
    (b"interactions:\n- request: {uri: http://h, method: GET, body: !!binary a}\n", "!!binary"),
]


@pytest.mark.parametrize(("data", "message"), WRONG, ids=[str(data[:20]) for data, _ in WRONG])
def test_what_is_no_recording(data: bytes, message: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read as a recording") as caught:
        read_archive(data, "'it'")
    assert message in str(caught.value)


def test_many_aliases() -> None:
    """A few lines that stand for billions of values."""
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(12)]
    with pytest.raises(SettingsError, match="aliases included"):
        read_archive("\n".join([*lines, "interactions: *a11"]).encode(), "'it'")


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE", 10)
    with pytest.raises(SettingsError, match="larger than 10 bytes"):
        read_archive(b'{"log": {"entries": []}}', "'it'")


def yaml(lines: str, count: int) -> bytes:
    """A file whose first entry has an anchor `&all`, which the others stand for."""
    return (lines + f"{' ' * (lines.startswith('log'))}- *all\n" * (count - 1)).encode()


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("form", ["har", "cassette"])
def test_bodies_that_are_large_together(form: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines, or a few bytes, that stand for much."""
    monkeypatch.setattr(exchange, "MAX_ARCHIVE", 3_000_000)
    zeros = base64.b64encode(gzip.compress(bytes(1_000_000))).decode()
    har = f"""log:
 entries:
 - &all
   request: {{method: GET, url: 'http://h'}}
   response: {{status: 200, content: {{text: {"a" * 1_000_000}}}}}
"""
    cassette = f"""interactions:
- &all
  request: {{method: GET, uri: 'http://h'}}
  response:
    status: {{code: 200}}
    headers: {{Content-Encoding: [gzip]}}
    body: {{string: !!binary {zeros}}}
"""
    data = yaml({"har": har, "cassette": cassette}[form], count)
    if count == 3:
        assert len(read_archive(data, "'it'").exchanges) == 3
        return
    where = {"har": "/log/entries/3", "cassette": "/interactions/3"}[form]
    with pytest.raises(SettingsError, match=f"at {where}: the bodies up to here are larger than 3000000"):
        read_archive(data, "'it'")


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
NAMES = st.sampled_from(
    "log entries request response url method headers name value content text encoding status postData params"
    " interactions uri body string code _dynaclient time startedDateTime bodySize size".split()
)
TREES: Any = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@given(TREES)
def test_any_tree_is_read_or_refused(tree: Any) -> None:
    for wrapped in ({"log": {"entries": tree}}, {"interactions": tree}, {"log": {"entries": [tree]}}, tree):
        try:
            read = read_archive(json.dumps(wrapped).encode(), "'it'")
        except DynaclientError:
            continue
        assert all(isinstance(each.request.url, str) for each in read.exchanges)
