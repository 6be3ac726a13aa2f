"""Words of the specification in the spellings of published documents, where these have one certain meaning.

Each function gives the word as the specification has it, and what it does not know as it is.
"""

from __future__ import annotations

import re

_STATUS = r"\s*([1-5])([0-9]{2}|[xX*]{2})(?:\.0+|\s*|\W*[^\W\d][^\d]*)"
_MEDIA_TYPE = r"[^\s/;,\\]+/[^\s/;,\\]+(?:\s*;.*\S)?"
_ODD = frozenset(" \t,;\\")

_PLACES = {
    "path": "path",
    "query": "query",
    "querystring": "querystring",
    "header": "header",
    "cookie": "cookie",
    "body": "body",
    "form": "formData",
    "formdata": "formData",
}
_MEDIA_TYPES = {
    "*": "*/*",
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "html": "text/html",
    "csv": "text/csv",
    "multipart": "multipart/form-data",
    "form-data": "multipart/form-data",
    "x-www-form-urlencoded": "application/x-www-form-urlencoded",
    "octet-stream": "application/octet-stream",
}
_SCHEMES = {
    "apikey": "apiKey",
    "basic": "basic",
    "bearer": "bearer",
    "http": "http",
    "oauth2": "oauth2",
    "openidconnect": "openIdConnect",
    "mutualtls": "mutualTLS",
}


def status(key: str) -> str:
    """The key of a Responses Object: `200 OK`, `2xx`, `Default` are `200`, `2XX`, `default`."""
    if key.isdigit() or key == "default" or key[1:] == "XX":  # nearly every one
        return key
    found = re.fullmatch(_STATUS, key)
    if found:
        return found[1] + (found[2] if found[2].isdigit() else "XX")
    return "default" if key.strip().lower() == "default" else key


def normal_location(text: str) -> str:
    """Where a parameter is: `Query`, `headers`, `form` are `query`, `header`, `formData`."""
    return _PLACES.get(text.strip().lower().removesuffix("s"), text)


def scheme(text: str) -> str:
    """The type of a security scheme: `apikey`, `OAuth2` are `apiKey`, `oauth2`."""
    return _SCHEMES.get(text.strip().lower(), text)


def normal_media_types(text: str) -> list[str]:
    """The media types that a text names: `json` is `application/json`, a list is what is in it."""
    if (text.count("/") == 1 and _ODD.isdisjoint(text)) or re.fullmatch(_MEDIA_TYPE, text):
        return [text]
    several = re.split(r",\s*(?=[\w*-]+/)", text.replace("\\/", "/"))
    return [_MEDIA_TYPES.get(each.strip().lower(), each.strip()) for each in several]
