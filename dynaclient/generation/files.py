"""The smallest files of some media types, which programs that read such files take."""

from __future__ import annotations

import struct
from base64 import b64decode

_PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="
)
_GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAkQBADs=")
_WEBP = b64decode("UklGRhoAAABXRUJQVlA4TA4AAAAvAAAAAAcQEf0PRET/Aw==")
_JPEG = b64decode(
    "/9j/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQAL"
    "CAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
)
_BMP = struct.pack("<2sIIIIiiHHIIiiII4x", b"BM", 58, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
_WAV = struct.pack(
    "<4sI8sIHHIIHH4sI2s", b"RIFF", 38, b"WAVEfmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", 2, b"\x80\x80"
)
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
160
%%EOF
"""
_ZIP = b"PK\x05\x06" + bytes(18)
_GZIP = b64decode("H4sIAAAAAAACAwMAAAAAAAAAAAA=")
_TEXT = b"some text\n"

_FILES: dict[str, bytes] = {
    "image/png": _PNG,
    "image/jpeg": _JPEG,
    "image/jpg": _JPEG,
    "image/gif": _GIF,
    "image/webp": _WEBP,
    "image/bmp": _BMP,
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "audio/wav": _WAV,
    "audio/x-wav": _WAV,
    "audio/wave": _WAV,
    "application/pdf": _PDF,
    "application/zip": _ZIP,
    "application/x-zip-compressed": _ZIP,
    "application/gzip": _GZIP,
    "application/x-gzip": _GZIP,
    "application/x-tar": bytes(1024),
    "application/json": b"{}",
    "application/octet-stream": _TEXT,
    "image/*": _PNG,
    "audio/*": _WAV,
    "application/*": _PDF,
    "text/*": _TEXT,
    "*/*": _TEXT,
    "*": _TEXT,
}


def smallest_file(media_type: str) -> bytes | None:
    """A file of a media type or range, without parameters and in lower case; None where none is known."""
    if media_type.startswith("text/") and not media_type.endswith("xml"):
        return _TEXT
    return _FILES.get(media_type)
