"""The tools over the Model Context Protocol: on standard input and output, or as streamable HTTP."""

from __future__ import annotations

import logging
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of
from dynaclient._version import __version__
from dynaclient.errors import SettingsError

if TYPE_CHECKING:
    from mcp.server import Server, ServerRequestContext
    from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, Tool

    from dynaclient.mcp.tools import Toolbox, ToolDefinition

PATH = "/mcp"
"""Where streamable HTTP is spoken."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def mcp_server(toolbox: Toolbox) -> Server[Any]:
    """A server with the three tools. Raises ImportError where the package `mcp`, 2 or newer, is missing."""
    from anyio.to_thread import run_sync  # optional
    from mcp.server.lowlevel import Server  # optional
    from mcp.shared.exceptions import MCPError  # optional
    from mcp_types import INVALID_PARAMS, CallToolResult, ListToolsResult, TextContent  # optional

    tools = {each.name: each for each in toolbox.definitions()}
    listed = [_tool(each, toolbox) for each in tools.values()]

    async def list_tools(
        context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=listed)

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        if params.name not in tools:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name!r}; there are {', '.join(tools)}")
        run = tools[params.name].run
        response = await run_sync(partial(run, params.arguments or {}), abandon_on_cancel=True)
        content: list[Any] = [TextContent(text=each) for each in response.texts]
        return CallToolResult(content=content, is_error=response.failed)

    return Server(
        "dynaclient",
        version=__version__,
        instructions=toolbox.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _tool(definition: ToolDefinition, toolbox: Toolbox) -> Tool:
    """A tool as it is listed, with hints for whoever is asked whether it may be called."""
    from mcp_types import Tool, ToolAnnotations  # optional

    read_only = not definition.sends or toolbox.read_only
    return Tool(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        input_schema=dict(definition.schema),
        annotations=ToolAnnotations(
            read_only_hint=read_only,
            destructive_hint=not read_only,
            idempotent_hint=not definition.sends or toolbox.idempotent,
            open_world_hint=definition.sends,
        ),
    )


def serve_stdio(server: Server[Any]) -> None:
    """Speak on standard input and output until the other side ends it. What else is printed goes to
    standard error."""
    from anyio import run  # optional
    from mcp.server.stdio import stdio_server  # optional

    async def serve() -> None:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    run(serve)


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises SettingsError where the address cannot be taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, UnicodeError, TypeError) as error:
        why = str(getattr(error, "strerror", None) or error or kind_of(host)).partition(" (")[0]
        raise SettingsError(f"cannot listen on {host!r} port {port}: {why}") from None


def serve_http(server: Server[Any], host: str, listening: socket.socket) -> None:
    """Speak streamable HTTP at `/mcp` until it is interrupted.

    Of requests the Host, and the Origin where there is one, have to name this machine or `host`: a page in a
    browser cannot reach it through a name that it lets lead here (DNS rebinding).
    """
    from mcp.server.transport_security import TransportSecuritySettings  # optional
    from uvicorn import Config  # optional
    from uvicorn import Server as HttpServer  # optional

    names = dict.fromkeys((*_LOOPBACK, f"[{host}]" if ":" in host else host))
    allowed = [form for name in names for form in (name, f"{name}:*")]
    security = TransportSecuritySettings(
        allowed_hosts=allowed, allowed_origins=[f"http://{each}" for each in allowed]
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, transport_security=security
    )
    logging.getLogger("mcp").setLevel(logging.ERROR)
    config = Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1)
    HttpServer(config).run(sockets=[listening])
