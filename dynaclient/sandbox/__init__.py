"""A server made from a document, for demos and tests. Importing it imports no server and no openapi-core."""

from dynaclient.sandbox.server import Sandbox
from dynaclient.sandbox.service import Exchange

__all__ = ["Exchange", "Sandbox"]
