"""A file of exchanges, whatever its form: HAR, or a cassette of vcrpy in YAML or JSON."""

from __future__ import annotations

from typing import Any

from dynaclient._support.messages import kind_of
from dynaclient.document.limits import Limits, Misread
from dynaclient.errors import SettingsError
from dynaclient.wire.json_values import Undecodable, decode_json
from dynaclient.wire.recordings.cassette import read_cassette
from dynaclient.wire.recordings.exchange import MAX_ARCHIVE, Archive
from dynaclient.wire.recordings.har import read_har
from dynaclient.wire.recordings.shaped import Misshapen, Shaped

__all__ = ["read_archive"]

_LIMITS = Limits(bytes=MAX_ARCHIVE, depth=50)


def read_archive(data: bytes, name: str) -> Archive:
    """The exchanges that `data` holds. Raises SettingsError, with the location of what is not as expected.

    `name`: what the file is called in messages.
    """
    try:
        if len(data) > MAX_ARCHIVE:
            raise Misshapen("", f"the file is larger than {MAX_ARCHIVE} bytes, the most that is read")
        tree = Shaped(_tree(data.removeprefix(b"\xef\xbb\xbf")))
        if not isinstance(tree.value, dict) or not {"log", "interactions"} & tree.value.keys():
            raise Misshapen("", f"expected a HAR or a cassette of vcrpy, got {kind_of(tree.value)}")
        return read_har(tree, name) if "log" in tree.value else read_cassette(tree, name)
    except (Misshapen, Undecodable, Misread, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise SettingsError(f"{name} cannot be read as a recording: {why}") from None


def _tree(data: bytes) -> Any:
    if data.lstrip()[:1] in (b"{", b"["):
        return decode_json(data)
    from dynaclient.document.yaml import read_yaml_texts  # late: 12 ms

    return read_yaml_texts(data.decode(), _LIMITS)
