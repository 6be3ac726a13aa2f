"""Recordings in the place of a server."""

from __future__ import annotations

import os
from os import PathLike

from dynaclient.document.files import content
from dynaclient.errors import DocumentError, SettingsError
from dynaclient.wire.recordings.archive import MAX_ARCHIVE, read_archive
from dynaclient.wire.recordings.exchange import Archive


def archive_at(path: str | PathLike[str]) -> Archive:
    """The recording in a file: a HAR, or a cassette of vcrpy.

    Raises SettingsError for what cannot be read, or is none.
    """
    try:
        data = content(path, MAX_ARCHIVE)
    except (DocumentError, TypeError) as error:
        raise SettingsError(f"the recording {error}") from None
    return read_archive(data, repr(os.fspath(path)))
