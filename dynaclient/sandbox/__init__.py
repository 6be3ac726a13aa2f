"""A server made from a document, for demos and tests. Importing it imports no server and no openapi-core."""

from dynaclient.sandbox.app import Exchange
from dynaclient.sandbox.server import Sandbox

__all__ = ["Exchange", "Sandbox"]
