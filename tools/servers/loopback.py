"""LoopBack's file transfer: OpenAPI 3.0, multipart uploads that multer takes apart, downloads by Express."""

from __future__ import annotations

import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dynaclient import Client, StreamedResponse
from servers.installing import NPM
from servers.server import Server
from servers.trip import Trip

PACKAGE = "@loopback/example-file-transfer"
UPLOAD, LIST, DOWNLOAD = (
    "FileUploadController.fileUpload",
    "FileDownloadController.listFiles",
    "FileDownloadController.downloadFile",
)

START = """
const [package, port, files] = process.argv.slice(1);
require(package)
  .main({
    rest: {host: '127.0.0.1', port: +port, openApiSpec: {setServersFromRequest: true}},
    fileStorageDirectory: files,
  })
  .catch(error => { console.error(error); process.exit(1); });
"""
"""As the package starts itself, but that it keeps what it is given in a folder of ours."""

CONTENTS = {
    "octets.bin": bytes(range(256)),
    "lines.txt": b"one\r\n\r\n--two\r\n--\rthree\n",
    "Größe 日本 100%.bin": b"a name that is not ASCII",
    "empty.bin": b"",
    "large.bin": random.Random(0).randbytes(5_000_000),
    "path.bin": b"\r\n",
}
"""What is sent, by the name that it has at the server."""

KINDS = {"lines.txt": "text/plain"}
"""The media types that are not `application/octet-stream`."""


def command(programs: Path, folder: Path, port: int) -> list[str]:
    """How it is started. Express gives no file below a folder whose name begins with a dot."""
    files = folder / "files"
    files.mkdir()
    return ["node", "-e", START, str(programs / PACKAGE), str(port), str(files)]


def settings(url: str) -> dict[str, object]:
    """It asks for no credential."""
    return {}


def travel(trip: Trip, anonymous: Client) -> None:
    """Files: sent in one request, listed, read in both ways."""
    trip.call(LIST, expect=200)
    with tempfile.TemporaryDirectory(prefix="files-") as scratch:
        folder = Path(scratch)
        upload(trip, folder)
        listed = trip.call(LIST, expect=200)
        trip.holds("every file is listed", sorted(listed.data) == sorted(CONTENTS))
        for name in CONTENTS:
            download(trip, folder, name)
    several(trip)
    trip.refuses(UPLOAD)
    trip.refuses(UPLOAD, body={"file": 7})
    trip.refuses(DOWNLOAD, filename="..")
    trip.raises(DOWNLOAD, filename="nobody.bin", status=404)


def upload(trip: Trip, folder: Path) -> None:
    """All in one request, each given in another way; two texts beside them."""
    for name in ("large.bin", "path.bin"):
        (folder / name).write_bytes(CONTENTS[name])
    with ExitStack() as stack:
        files = {
            "file": ("octets.bin", CONTENTS["octets.bin"]),
            "typed": ("lines.txt", CONTENTS["lines.txt"].decode(), KINDS["lines.txt"]),
            "named": ("Größe 日本 100%.bin", CONTENTS["Größe 日本 100%.bin"]),
            "empty": ("empty.bin", CONTENTS["empty.bin"]),
            "large": stack.enter_context((folder / "large.bin").open("rb")),
            "path": folder / "path.bin",
        }
        texts = {"note": "Grüße,\r\n--\r\n", "count": 7}
        response = trip.call(UPLOAD, body={**files, **texts}, expect=200)
    trip.holds("the texts arrive", response.data.get("fields") == {"note": texts["note"], "count": "7"})
    arrived = [seen(each) for each in response.data["files"]]
    expected = [
        (field, name, KINDS.get(name, "application/octet-stream"), len(content))
        for field, (name, content) in zip(files, CONTENTS.items(), strict=True)
    ]
    trip.holds("each file arrives by its name, type and size", sorted(arrived) == sorted(expected))


def seen(file: dict[str, Any]) -> tuple[str, str, str, int]:
    """What the server says of a file."""
    return file["fieldname"], file["originalname"], file["mimetype"], file["size"]


def download(trip: Trip, folder: Path, name: str) -> None:
    """A file, at once and as a stream that is saved: byte for byte what was sent."""
    whole = trip.call(DOWNLOAD, filename=name, expect=200)
    trip.holds(f"{name} is read as it was sent", whole.content == CONTENTS[name])
    streamed = trip.call(DOWNLOAD, filename=name, options={"stream": True}, expect=200)
    assert isinstance(streamed, StreamedResponse)
    saved = folder / "saved"
    size = streamed.save(saved)
    trip.holds(f"{name} is saved as it was sent", saved.read_bytes() == CONTENTS[name])
    trip.holds(f"the size of {name} is given", size == len(CONTENTS[name]))


def several(trip: Trip) -> None:
    """Several files of one name: the document knows one, the server takes all."""
    two = [("first.bin", b"1"), ("second.bin", b"2")]
    response = trip.call(UPLOAD, body={"file": two}, expect=200)
    names = [each["originalname"] for each in response.data["files"]]
    trip.holds("both files of one name arrive", sorted(names) == ["first.bin", "second.bin"])


LOOPBACK = Server(
    name="loopback",
    installer=NPM,
    packages=(f"{PACKAGE}@1.7.0", "@loopback/rest@9.3.1", "express@4.22.3", "multer@1.4.4"),
    shown=(PACKAGE, "express", "multer"),
    document="/openapi.json",
    environment={},
    command=command,
    settings=settings,
    travel=travel,
)
