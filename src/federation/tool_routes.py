"""What other nodes may ask of the tools of this one."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from ..chat import Emit
from ..errors import NotFound
from ..swarm.hands import Hands
from .routes import MOST_SMALL_BYTES, PEER, Offering, ended, read
from .stream import tell
from .wire import messages
from .wire.messages import Execute, Executed, Reply, Toolset

# The text of a file that is written.
MOST_CALL_BYTES = 8 * 2**20


class ToolRoutes:
    """Signs of life come while a call is at work. A caller that leaves is waited for no more; the call goes on, so that
    whoever asks again with its id hears what came of it."""

    def __init__(self, offering: Offering) -> None:
        self._offering = offering

    def table(self) -> list[web.RouteDef]:
        return [web.post("/swarm/tools/list", self._list), web.post("/swarm/tools/execute", self._execute)]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        hands = self._hands(request)
        await read(request, messages.LIST_TOOLS, MOST_SMALL_BYTES)
        return await _told(request, partial(_specs, hands))

    async def _execute(self, request: web.Request) -> web.StreamResponse:
        hands = self._hands(request)
        ask = await read(request, messages.EXECUTE, MOST_CALL_BYTES)
        return await _told(request, partial(_outcome, hands, ask))

    def _hands(self, request: web.Request) -> Hands:
        tools = self._offering.tools()
        if tools is None:
            raise NotFound("That machine is no tool host. To make it one, start it with --tool-server --root FOLDER.")
        return tools.admit(request[PEER])


async def _specs(hands: Hands, emit: Emit) -> Reply:
    return Toolset(tuple(await hands.specs()))


async def _outcome(hands: Hands, ask: Execute, emit: Emit) -> Reply:
    return Executed(await hands.execute(ask.call, ask.who, ask.session))


async def _told(request: web.Request, work: Callable[[Emit], Awaitable[Reply]]) -> web.StreamResponse:
    """The host bounds each call itself: as long as this process lives, it is at work."""
    response = web.StreamResponse()
    await response.prepare(request)
    return ended(request, response, await tell(response, work, lambda: int(time.monotonic())))
