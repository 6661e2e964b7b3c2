"""One connection to an MCP server, for as long as it lasts: what it has is asked for, and whether it still answers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn, Protocol

import anyio
import anyio.to_thread
from mcp import types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import McpError
from pydantic import BaseModel, ValidationError

from ..registry import ToolUnusable
from ..tool import Arguments, Output, Scope, Tool
from . import foreign
from .calling import Calls
from .carriers import Read, Write
from .trouble import MountFailed, line

ANSWER_SECONDS = 20.0
SLOW_SECONDS = 10.0
# So often it is looked at whether it is still there, and no more often whether it has other tools.
LOOK_SECONDS = 20.0
AT_LEAST_SECONDS = 1.0
# Many never say that they have other tools, and what some say gets lost.
AGAIN_SECONDS = 300.0
PAGES = 10
MOST = 128  # tools of one server


class Listed(BaseModel):
    """Each of the tools is looked at by itself: one that is wrong does not take the others with it."""

    tools: list[Any] = []
    nextCursor: str | None = None


class Host(Protocol):
    def offer(self, tools: Sequence[Tool], refusals: Sequence[str]) -> None:
        """These are there now. `refusals`: why others of them cannot be ours."""
        ...

    def tell(self, state: str) -> None: ...


class Visit:
    """`start`: so many seconds it may take until it can be talked with."""

    def __init__(
        self, server: str, host: Host, masked: Callable[[str], str], start: float, look: float = LOOK_SECONDS
    ) -> None:
        self._server = server
        self._host = host
        self._start = start
        self._look = look
        self._news = anyio.Event()
        self._again = 0.0
        self._broken = anyio.Event()
        self._trouble = ""
        self._since: float | None = None
        self.calls = Calls(server, masked, lambda: self._news.set())

    async def run(self, read: Read, write: Write) -> None:
        """Until it is gone: then MountFailed, or what the library raises."""
        async with ClientSession(read, write, message_handler=self._heard) as session:
            async with anyio.create_task_group() as group:
                group.start_soon(self._fail)
                group.start_soon(self._mention)
                await self._greet(session)
                await self._list(session)
                self._since = anyio.current_time()
                await self._stay(session)

    def lasted(self) -> float:
        """For how many seconds its tools are there."""
        return 0.0 if self._since is None else anyio.current_time() - self._since

    async def _heard(self, message: object) -> None:
        if isinstance(message, RuntimeError):
            return  # an answer that nobody waits for any more
        if isinstance(message, Exception):
            self._trouble = f"says what cannot be understood: {_why(message)}"
            self._broken.set()
        elif isinstance(message, types.ServerNotification):
            if isinstance(message.root, types.ToolListChangedNotification):
                self._news.set()

    async def _fail(self) -> NoReturn:
        await self._broken.wait()
        raise MountFailed(self._trouble)

    async def _mention(self) -> None:
        await anyio.sleep(SLOW_SECONDS)
        if self._since is None:
            self._host.tell("does not answer yet, and is waited for")

    async def _greet(self, session: ClientSession) -> None:
        try:
            with anyio.fail_after(self._start):
                await session.initialize()
        except TimeoutError:
            raise MountFailed(f"does not answer within {self._start:.0f} seconds") from None

    async def _stay(self, session: ClientSession) -> NoReturn:
        while True:
            await anyio.sleep(AT_LEAST_SECONDS)
            with anyio.move_on_after(self._look):
                await self._news.wait()
            if self._news.is_set() or anyio.current_time() >= self._again:
                await self._renew(session)
            elif not self.calls.are_running:
                # Many work on one thing at a time: one that is busy is no dead one.
                await self._ask(session, types.PingRequest(), types.EmptyResult)

    async def _renew(self, session: ClientSession) -> None:
        try:
            await self._list(session)
        except MountFailed:
            if not self.calls.are_running:
                raise
            self._news.set()

    async def _list(self, session: ClientSession) -> None:
        # What is heard from here on may not be in it.
        self._news = anyio.Event()
        said: list[Any] = []
        cursor = None
        for _ in range(PAGES):
            page = await self._ask(session, _page(cursor), Listed)
            said += page.tools
            cursor = page.nextCursor
            if not cursor:
                break
        tools, refusals = await anyio.to_thread.run_sync(partial(self._made, session, said[:MOST]))
        left = [f"only the first {MOST} of its {len(said)} tools are offered"] if len(said) > MOST else []
        self._host.offer(tools, [*refusals, *left])
        self._again = anyio.current_time() + AGAIN_SECONDS

    def _made(self, session: ClientSession, said: Sequence[Any]) -> tuple[list[Tool], list[str]]:
        tools, refusals = [], []
        for one in said:
            try:
                tools.append(foreign.tool(self._server, one, partial(self._call, session, one)))
            except ToolUnusable as error:
                refusals.append(error.message)
        return tools, refusals

    async def _call(self, session: ClientSession, said: dict[str, Any], given: Arguments, scope: Scope) -> Output:
        return await self.calls.call(session, said["name"], given)

    async def _ask(self, session: ClientSession, request: Any, kind: type[Any]) -> Any:
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                return await session.send_request(types.ClientRequest(request), kind)
        except TimeoutError:
            raise MountFailed(f"does not answer within {ANSWER_SECONDS:.0f} seconds") from None
        except McpError as error:
            if error.error.code == types.METHOD_NOT_FOUND and kind is types.EmptyResult:
                return kind()
            raise MountFailed(f"refuses {request.method}: {line(error.error.message)}") from None


def _why(error: Exception) -> str:
    """In one line, and without what it was that was said."""
    return str(error.errors()[0]["msg"] if isinstance(error, ValidationError) else error)


def _page(cursor: str | None) -> types.ListToolsRequest:
    return types.ListToolsRequest(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)
