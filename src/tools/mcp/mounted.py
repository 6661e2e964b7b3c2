"""An MCP server of the user's whose tools are offered here too, for as long as it is there."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from mcp import types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import McpError
from pydantic import BaseModel

from ...settings.tools import Mount
from ..registry import Registry, ToolUnusable
from ..tool import Arguments, Output, Scope, Tool, ToolFailed, ToolLost
from . import carriers, foreign
from .carriers import MountFailed

LOG = logging.getLogger(__name__)

# Those that `npx` and `uvx` start are downloaded first.
START_SECONDS = 120.0
ANSWER_SECONDS = 20.0
# So often it is looked at whether it is still there, and no more often whether it has other tools.
LOOK_SECONDS = 20.0
AT_LEAST_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
PAGES = 10
MOST = 128  # tools of one server


class Listed(BaseModel):
    """Each of the tools is looked at by itself: one that is wrong does not take the others with it."""

    tools: list[Any] = []
    nextCursor: str | None = None


class Answered(BaseModel):
    content: list[Any] = []
    structuredContent: Any = None
    isError: bool = False


class Mounted:
    """Its tools are in `registry` while it answers. `folder`: of its log.."""

    def __init__(
        self,
        mount: Mount,
        registry: Registry,
        folder: Path,
        first_pause: float = FIRST_PAUSE,
        look: float = LOOK_SECONDS,
    ) -> None:
        self.mount = mount
        self._registry = registry
        self._log = folder / f"mcp-{mount.name}.log"
        self._first_pause = first_pause
        self._look = look
        self._news = anyio.Event()
        self._trouble = ""
        self._told = ""
        self._running: set[anyio.CancelScope] = set()

    async def run(self) -> None:
        pause = self._first_pause
        while True:
            was_there = await self._once()
            pause = self._first_pause if was_there else min(2 * pause, LONGEST_PAUSE)
            await anyio.sleep(pause)

    async def _once(self) -> bool:
        """As long as it lasts: whether it was there at all."""
        was_there, self._trouble = False, ""
        try:
            async with self._connected() as session:
                await self._offer(session)
                was_there = True
                await self._stay(session)
        except* Exception as errors:  # the outermost place: a fault of a server, or of what speaks to it, ends it alone
            self._tell(_reason(errors))
        finally:
            self._registry.replace(self.mount.name, ())
            for scope in tuple(self._running):
                scope.cancel()
        return was_there

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[ClientSession]:
        mount = self.mount
        carrier = carriers.http(mount.url) if mount.url else carriers.process(mount.command, self._log)
        async with carrier as (read, write), ClientSession(read, write, message_handler=self._heard) as session:
            try:
                with anyio.fail_after(START_SECONDS):
                    await session.initialize()
            except TimeoutError:
                raise MountFailed(f"does not answer within {START_SECONDS:.0f} seconds") from None
            yield session

    async def _heard(self, message: object) -> None:
        if isinstance(message, Exception):
            self._trouble = f"says what cannot be understood: {str(message)[:200]}"
            self._news.set()
        elif isinstance(message, types.ServerNotification):
            if isinstance(message.root, types.ToolListChangedNotification):
                self._news.set()

    async def _stay(self, session: ClientSession) -> None:
        """Until it is gone: then MountFailed, or what the library raises."""
        while True:
            await anyio.sleep(AT_LEAST_SECONDS)
            with anyio.move_on_after(self._look):
                await self._news.wait()
            if self._trouble:
                raise MountFailed(self._trouble)
            if self._news.is_set():
                await self._offer(session)
            elif not self._running:
                # Many work on one thing at a time: one that is busy is no dead one.
                await self._ask(session, types.PingRequest(), types.EmptyResult)

    async def _offer(self, session: ClientSession) -> None:
        self._news = anyio.Event()
        said: list[Any] = []
        cursor = None
        for _ in range(PAGES):
            page = await self._ask(session, _page(cursor), Listed)
            said += page.tools
            cursor = page.nextCursor
            if not cursor:
                break
        refusals, tools = await anyio.to_thread.run_sync(partial(self._made, session, said[:MOST]))
        refusals += self._registry.replace(self.mount.name, tools)
        left = [f"only the first {MOST} of its {len(said)} tools are offered"] if len(said) > MOST else []
        self._tell(f"offers {len(tools)} tools", "; ".join([*refusals, *left]))

    def _made(self, session: ClientSession, said: Sequence[Any]) -> tuple[list[str], list[Tool]]:
        refusals, tools = [], []
        for one in said:
            try:
                tools.append(foreign.tool(self.mount.name, one, partial(self._call, session, one)))
            except ToolUnusable as error:
                refusals.append(error.message)
        return refusals, tools

    async def _ask(self, session: ClientSession, request: Any, kind: type[Any]) -> Any:
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                return await session.send_request(types.ClientRequest(request), kind)
        except TimeoutError:
            raise MountFailed(f"does not answer within {ANSWER_SECONDS:.0f} seconds") from None
        except McpError as error:
            if error.error.code == types.METHOD_NOT_FOUND and kind is types.EmptyResult:
                return kind()
            raise

    async def _call(self, session: ClientSession, said: dict[str, Any], given: Arguments, scope: Scope) -> Output:
        parameters = types.CallToolRequestParams(name=said["name"], arguments=dict(given))
        request = types.ClientRequest(types.CallToolRequest(params=parameters))
        with anyio.CancelScope() as lost:
            self._running.add(lost)
            try:
                answered = await session.send_request(request, Answered)
                return foreign.output(answered.content, answered.structuredContent, answered.isError)
            except McpError as error:
                self._news.set()
                raise self._failed(error) from None
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                raise ToolFailed(f"The MCP server {self.mount.name} is away. Nothing was done.") from None
            except ValueError:
                raise ToolLost(f"The MCP server {self.mount.name} answered with what is no result.") from None
            finally:
                self._running.discard(lost)
        raise ToolLost(f"The MCP server {self.mount.name} {self._told}.")

    def _failed(self, error: McpError) -> ToolFailed | ToolLost:
        # The library says so itself, with a code that servers use for anything.
        if (error.error.code, error.error.message) == (types.CONNECTION_CLOSED, "Connection closed"):
            return ToolLost(f"The MCP server {self.mount.name} has ended.")
        return ToolFailed(f"The MCP server {self.mount.name} refused it: {error.error.message[:1000]}")

    def _tell(self, state: str, more: str = "") -> None:
        """Once, however often it is tried again."""
        if self._told == state and not more:
            return
        self._told = state
        level = logging.WARNING if more or not state.startswith("offers") else logging.INFO
        LOG.log(level, "The MCP server %s %s%s", self.mount.name, state, f". {more}" if more else "")


def _page(cursor: str | None) -> types.ListToolsRequest:
    return types.ListToolsRequest(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)


def _reason(errors: BaseExceptionGroup[Exception]) -> str:
    """The first of ours says best what happened; otherwise whatever was heard."""
    found = list(_flat(errors))
    ours = next((one for one in found if isinstance(one, MountFailed)), None)
    return str(ours) if ours else f"cannot be used: {type(found[0]).__name__}: {str(found[0])[:200]}"


def _flat(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [one for inner in error.exceptions for one in _flat(inner)]
    return [error]
