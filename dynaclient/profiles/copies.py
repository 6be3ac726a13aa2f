"""Files that were fetched, kept by their content, so that an API opens without a network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256

from dynaclient.document.private_folder import Folder
from dynaclient.document.servers import for_people
from dynaclient.errors import DocumentError
from dynaclient.profiles.folders import LARGEST_FILE, documents_folder, write_private
from dynaclient.profiles.profile import Profile


def keep_copies(fetched: Mapping[str, bytes]) -> dict[str, str]:
    """Keep files, URL -> bytes, and give their digests. Raises SettingsError where they cannot be written."""
    digests = {url: sha256(data).hexdigest() for url, data in fetched.items()}
    for url, digest in digests.items():
        write_private(documents_folder() / digest, [fetched[url]])
    return digests


def kept_copy(profile: Profile, url: str) -> bytes:
    """A file that is kept for a profile. Raises DocumentError where it is not there, or not what was kept."""
    digest = profile.copies[url]
    data = Folder(str(documents_folder()), (), LARGEST_FILE).read(digest)
    if data is None or sha256(data).hexdigest() != digest:
        what = "is not there" if data is None else "is not what was kept"
        raise DocumentError(
            f"the copy of {for_people(url)} {what}; `dynaclient update {profile.name}` fetches it again"
        )
    return data


def drop_copies(digests: Iterable[str]) -> None:
    """Remove files that were kept."""
    for digest in digests:
        with suppress(OSError):
            os.unlink(documents_folder() / digest)
