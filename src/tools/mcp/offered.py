"""The tools of a host as an MCP server has them, over whatever carries the messages."""

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn, Protocol

import anyio
from mcp import types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.shared.exceptions import McpError
from starlette.requests import Request

from ...chat import Image, Outcome, ToolCall, ToolSpec
from ...errors import SwarmError
from .listeners import Listeners

NAME = "local-swarm"
# A program that speaks MCP has its own way to ask its user.
NOT_OFFERED = frozenset({"question"})
LONGEST_NAME = 80
LOOK_SECONDS = 1.0


class Tools(Protocol):
    async def specs(self) -> Sequence[ToolSpec]: ...

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome: ...

    async def cancel(self, id: str) -> bool:
        """Whether there was anything to cancel."""
        ...


class _Server(Server[Any, Any]):
    """It says beforehand that it tells of other tools."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        told = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(told, experimental_capabilities)


class Offered:
    """One for each process: what is not told apart by a session of HTTP is one session. While `run` is running, whoever
    has asked for the tools is told when there are others."""

    def __init__(self, tools: Tools, version: str) -> None:
        self._tools = tools
        self._session = f"mcp-{secrets.token_hex(8)}"
        self._listeners = Listeners()
        self.server: Server[Any, Any] = _Server(NAME, version)
        self.server.request_handlers |= {types.ListToolsRequest: self._list, types.CallToolRequest: self._call}

    async def run(self) -> NoReturn:
        while True:
            await anyio.sleep(LOOK_SECONDS)
            if self._listeners:
                # While nobody can say which there are, nothing is known to be others.
                with suppress(SwarmError):
                    await self._listeners.tell(await self._specs())

    async def _list(self, request: types.ListToolsRequest) -> types.ServerResult:
        listener = self.server.request_context.session
        self._listeners.note(listener, ())  # until it has them: where that fails, it is told when it can ask again
        try:
            specs = await self._specs()
        except SwarmError as error:
            raise McpError(types.ErrorData(code=types.INTERNAL_ERROR, message=error.message)) from None
        self._listeners.note(listener, specs)
        return types.ServerResult(types.ListToolsResult(tools=[_to_wire(spec) for spec in specs]))

    async def _call(self, request: types.CallToolRequest) -> types.ServerResult:
        name, given = request.params.name, request.params.arguments or {}
        try:
            if name not in {spec.name for spec in await self._specs()}:
                told = f"There is no tool {name[:100]!r} here."
                raise McpError(types.ErrorData(code=types.INVALID_PARAMS, message=told))
            return types.ServerResult(result(await self._execute(name, given)))
        except SwarmError as error:
            # For the model: not every agent shows it an error of the protocol.
            return types.ServerResult(_failure(f"Nothing was done. {error.message}"))

    async def _specs(self) -> list[ToolSpec]:
        return [spec for spec in await self._tools.specs() if spec.name not in NOT_OFFERED]

    async def _execute(self, name: str, given: dict[str, Any]) -> Outcome:
        who, session = self._caller()
        # The client's own ids begin anew with each of its sessions, and a call must not be taken for another.
        call = ToolCall(secrets.token_hex(16), name, json.dumps(given, sort_keys=True))
        try:
            return await self._tools.execute(call, who, session)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await self._tools.cancel(call.id)
            raise

    def _caller(self) -> tuple[str, str]:
        """Who it is, for the log, and whose list of things to do it keeps."""
        context = self.server.request_context
        said = context.session.client_params
        who = said.clientInfo.name[:LONGEST_NAME] if said else ""
        if not isinstance(context.request, Request):
            return who, self._session
        address = context.request.client.host if context.request.client else ""
        return f"{who} {address}".strip(), context.request.headers.get("mcp-session-id", self._session)


def result(outcome: Outcome) -> types.CallToolResult:
    """Pure."""
    text = types.TextContent(type="text", text=outcome.content)
    pictures = [_picture(image) for image in outcome.images]
    return types.CallToolResult(content=[text, *pictures], isError=not outcome.ok)


def _failure(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=message)], isError=True)


def _picture(image: Image) -> types.ImageContent:
    kind, _, data = image.url.removeprefix("data:").partition(";base64,")
    return types.ImageContent(type="image", data=data, mimeType=kind)


def _to_wire(spec: ToolSpec) -> types.Tool:
    return types.Tool(name=spec.name, description=spec.description, inputSchema={"type": "object", **spec.schema})
