"""Calls of the tools of an MCP server, and what comes of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
from mcp import types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import McpError
from pydantic import BaseModel

from ..tool import Arguments, Output, ToolFailed, ToolLost
from . import foreign


class Answered(BaseModel):
    content: list[Any] = []
    structuredContent: Any = None
    isError: bool = False


class Calls:
    """Over one connection. `masked`: takes the server's key out of what it says. `news`: told where a call was refused,
    for there may be other tools by now."""

    def __init__(self, server: str, masked: Callable[[str], str], news: Callable[[], None]) -> None:
        self._server = server
        self._masked = masked
        self._news = news
        self._running: set[anyio.CancelScope] = set()
        self._why = ""

    @property
    def are_running(self) -> bool:
        return bool(self._running)

    def lose(self, why: str) -> None:
        """The connection is gone, and `why`, which goes on from the name of the server."""
        self._why = why
        for scope in tuple(self._running):
            scope.cancel()

    async def call(self, session: ClientSession, name: str, given: Arguments) -> Output:
        parameters = types.CallToolRequestParams(name=name, arguments=dict(given))
        request = types.ClientRequest(types.CallToolRequest(params=parameters))
        with anyio.CancelScope() as lost:
            self._running.add(lost)
            try:
                return self._output(await session.send_request(request, Answered))
            except McpError as error:
                self._news()
                raise self._failed(error) from None
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                raise ToolFailed(f"The MCP server {self._server} is away. Nothing was done.") from None
            except ValueError:
                raise ToolLost(f"The MCP server {self._server} answered with what is no result.") from None
            finally:
                self._running.discard(lost)
        raise ToolLost(f"The MCP server {self._server} {self._why}.")

    def _output(self, answered: Answered) -> Output:
        output = foreign.output(answered.content, answered.structuredContent, answered.isError)
        return replace(output, content=self._masked(output.content))

    def _failed(self, error: McpError) -> ToolFailed | ToolLost:
        # The library says so itself, with a code that servers use for anything.
        if (error.error.code, error.error.message) == (types.CONNECTION_CLOSED, "Connection closed"):
            return ToolLost(f"The MCP server {self._server} has ended.")
        said = foreign.plain(error.error.message[: foreign.LONGEST_DESCRIPTION])
        return ToolFailed(f"The MCP server {self._server} refused it: {self._masked(said)}")
