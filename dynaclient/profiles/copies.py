"""Documents that were fetched, kept by their content, so that an API opens without a network."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256

from dynaclient.document.private_folder import Folder
from dynaclient.document.servers import for_people
from dynaclient.errors import DocumentError
from dynaclient.profiles.folders import LARGEST_FILE, documents_folder, write_private
from dynaclient.profiles.profile import Profile
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.fetch import fetch
from dynaclient.transport.session import Transport

SECONDS = 60.0


def fetch_anew(profile: Profile) -> bytes:
    """The document of a profile as its URL gives it now; no credential of the profile goes there.

    Raises DocumentError.
    """
    transport = Transport(timeout=Timeout(total=SECONDS), headers=profile.headers)
    try:
        return fetch(transport, str(profile.document), profile.server or "", str(profile.document))
    finally:
        transport.close()


def keep_copy(data: bytes) -> str:
    """Keep a document, and give its digest. Raises SettingsError where it cannot be written."""
    digest = sha256(data).hexdigest()
    write_private(documents_folder() / digest, [data])
    return digest


def kept_copy(profile: Profile) -> bytes:
    """The kept document of a profile. Raises DocumentError where it is not there, or not what was kept."""
    data = Folder(str(documents_folder()), (), LARGEST_FILE).read(profile.sha256)
    if data is None or sha256(data).hexdigest() != profile.sha256:
        what = "is not there" if data is None else "is not what was kept"
        raise DocumentError(
            f"the copy of {for_people(str(profile.document))} {what}; `dynaclient update {profile.name}` "
            f"fetches it again"
        )
    return data


def drop_copy(digest: str) -> None:
    """Remove a kept document."""
    with suppress(OSError):
        os.unlink(documents_folder() / digest)
