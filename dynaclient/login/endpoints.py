"""Where a person logs in, as a document says it: by the flows of a scheme, or a URL that names them."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias
from urllib.parse import urljoin

from dynaclient.document.document import Document
from dynaclient.document.model import SecurityScheme
from dynaclient.document.servers import mistyped
from dynaclient.errors import SettingsError
from dynaclient.transport.discovery import ServerMetadata, is_safe_endpoint

Way: TypeAlias = Literal["browser", "device"]
_FLOWS: dict[Way, tuple[str, str]] = {
    "browser": ("authorizationCode", "authorizationUrl"),
    "device": ("deviceAuthorization", "deviceAuthorizationUrl"),
}
"""Way to log in -> the flow of the document, and its endpoint beside that for tokens."""


def documented_endpoints(document: Document, scheme: SecurityScheme, way: Way) -> ServerMetadata | None:
    """What the flows of a scheme say for a way to log in; None where they have none of it.

    Raises SettingsError for an endpoint that is no https URL.
    """
    name, member = _FLOWS[way]
    flow = scheme.node.get("flows", name)
    if flow is None or not (flow.text(member) and flow.text("tokenUrl")):
        return None
    begun, token = (_checked(document, scheme, flow.text(each)) for each in (member, "tokenUrl"))
    named = flow.get("scopes")
    scopes = tuple(each for each, _ in named.items() if re.fullmatch("[!-~]+", each)) if named else ()
    if way == "device":
        return ServerMetadata("", token, device=begun, scopes=scopes)
    return ServerMetadata("", token, authorization=begun, scopes=scopes)


def discovery_url(document: Document, scheme: SecurityScheme) -> str:
    """Where a scheme says that its endpoints are said; empty where it does not."""
    said = scheme.node.text("openIdConnectUrl" if scheme.kind == "openIdConnect" else "oauth2MetadataUrl")
    return _checked(document, scheme, said) if said else ""


def flow_names(scheme: SecurityScheme) -> list[str]:
    """The flows that a scheme has."""
    flows = scheme.node.get("flows")
    return [name for name, _ in flows.items()] if flows else []


def _checked(document: Document, scheme: SecurityScheme, url: str) -> str:
    """A URL of the document as it is used. Raises SettingsError for one that no secret may go to."""
    try:
        full = urljoin(document.retrieved, url) if document.retrieved.startswith("http") else url
    except ValueError:
        full = url
    if not is_safe_endpoint(full):
        raise SettingsError(
            f"{scheme.name}: the document says to log in at {mistyped(full)!r}, which is not used: expected "
            "an https URL, without a user"
        )
    return full
