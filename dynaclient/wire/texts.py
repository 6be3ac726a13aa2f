"""Text <-> bytes by the charset of the Content-Type; XML also by what it says itself (RFC 7303)."""

from __future__ import annotations

import codecs
import re

from dynaclient.wire.jsontext import Undecodable
from dynaclient.wire.kinds import charset, essence, is_xml
from dynaclient.wire.percent import StyleError

_DECLARED = re.compile(r"""\ufeff?<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encode_text(text: str, content_type: str) -> bytes:
    """`text` in the charset of its type; XML without one, in the encoding that it declares.

    Raises StyleError for characters that the charset has not, and for a charset that nobody knows.
    """
    declared = _declared(text) if is_xml(essence(content_type)) else ""
    try:
        return text.encode(charset(content_type, declared or "utf-8"))
    except (LookupError, ValueError) as error:
        raise StyleError(f"the text cannot be written as {content_type}: {error}") from None


def decode_text(content: bytes, content_type: str) -> str:
    """Text by its charset; XML by its byte-order mark first, by its declaration last. Raises Undecodable."""
    marked = declared = ""
    if is_xml(essence(content_type)):
        marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
        declared = _declared(content[:200].decode("latin-1"))
    try:
        return content.decode(marked or charset(content_type, declared or "utf-8"))
    except (LookupError, ValueError) as error:
        raise Undecodable(f"it is no text: {error}") from None


def _declared(text: str) -> str:
    found = _DECLARED.match(text)
    return found[1] if found else ""
