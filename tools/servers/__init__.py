"""The real servers that are called, by name."""

from servers.chroma import CHROMA
from servers.kinto import KINTO
from servers.loopback import LOOPBACK
from servers.prefect import PREFECT
from servers.server import Server

__all__ = ["SERVERS", "Server"]

SERVERS: dict[str, Server] = {server.name: server for server in (CHROMA, PREFECT, KINTO, LOOPBACK)}
