"""Our vLLM: started or taken over, made ready, watched, started again when it ends, and stopped with the node.

    starting -> ready -> (ends) -> down -> starting ...

One that never became ready is an error to be told: what is wrong with its model or its GPU is wrong the next time too.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import anyio

from ...engines.vllm import command
from ...errors import EngineDied, ModelLoading, Unavailable
from ...state import State
from ...state.processes import this_process
from ...swarm.member import Member
from ...swarm.upstream.http import Address
from ...swarm.upstream.server import UpstreamServer
from ..noting import noted
from . import ends, guarded, record
from .asked import ask
from .ends import VllmFailed
from .guarded import Guarded
from .member import Away, Own
from .record import Record, base_of
from .start import Start, Timing, free_port
from .tail import Tail

LOG = logging.getLogger(__name__)


class VllmServer:
    def __init__(
        self, start: Start, state: State, node: str, former: Record | None = None, timing: Timing | None = None
    ) -> None:
        """`former`: one that a node before this one left, to be taken over. `node`: our name among nodes."""
        self.on_progress: Callable[[float, str], None] = lambda part, words: None
        self.restarts = 0
        self.taken_over = former is not None
        self.port = former.port if former else start.port
        self._start = start
        self._state = state
        self._node = node
        self._former = former
        self._timing = timing or Timing()
        self._away = Away(f"{start.wish.name} in vLLM", self._why_away)
        self._upstream: UpstreamServer | None = None
        self._tail = Tail(start.log, lambda _: None)
        self._life: Guarded | None = None
        self._failure = ""
        self._down_until = 0.0
        self._was_ready = False
        self._closing = False
        self._first: asyncio.Future[None] | None = None

    @property
    def running(self) -> bool:
        return self._life is not None and not self._life.ended

    @property
    def base(self) -> str:
        return base_of(self.port)

    def members(self) -> Sequence[Member]:
        found = self._upstream.members() if self._upstream else ()
        return [Own(member) for member in found] or [self._away]

    async def first_ready(self) -> None:
        """Until it can answer for the first time; VllmFailed where that cannot be."""
        await asyncio.shield(self._first_future())

    async def run(self) -> None:
        pause, ports = self._timing.first_pause, 1
        while not self._closing:
            begun, is_new = time.monotonic(), self._former is None
            await self._live()
            if self._closing:
                return
            if not is_new and not self._was_ready:
                continue
            if ends.is_port_taken(self._tail.lines) and not self._start.port and ports < self._timing.ports:
                self.port, ports = 0, ports + 1
                continue
            if not self._was_ready:
                self._first_future().set_exception(
                    VllmFailed(ends.failed(self._start, self.port, self._failure, self._tail.lines))
                )
                return
            self.restarts += 1
            self._failure += ends.quoted(self._tail.lines)
            if time.monotonic() - begun > self._timing.healthy:
                pause = self._timing.first_pause
            LOG.warning("%s It is being started again.", self._failure)
            self._down_until = time.monotonic() + pause
            await anyio.sleep(pause)
            pause = min(2 * pause, self._timing.longest_pause)

    async def close(self) -> None:
        self._closing = True
        if self._life:
            await self._life.stop()

    async def _live(self) -> None:
        """From its start to its end, and why it ended."""
        self._failure, self._down_until = "", 0.0
        self._tail = Tail(self._start.log, lambda found: self.on_progress(found.part, found.words))
        life = self._life = await self._begin()
        try:
            if await life.begun():
                async with anyio.create_task_group() as group:
                    group.start_soon(self._tail.follow)
                    group.start_soon(self._serve, life)
                    await life.wait()
                    group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await life.stop()
                await noted(record.forget, self._state)
            self._upstream = None
        self._tail.read()
        self._failure = self._failure or ends.how(life, self._start)

    async def _begin(self) -> Guarded:
        if former := self._former:
            self._former = None
            return await guarded.take_over(former.process, self._timing.grace)
        self.port = self.port or free_port()
        words = command.words(self._start.executable, self._start.wish, self.port)
        return await guarded.start(words, self._start.environment, self._start.log, self._timing.grace)

    async def _serve(self, life: Guarded) -> None:
        assert life.process
        kept = Record(life.process, this_process(), self.port, self._start.wish.name, self._start.words)
        await noted(record.keep, self._state, kept)
        if not await self._is_ready():
            return await life.stop()
        async with anyio.create_task_group() as group:
            upstream = UpstreamServer(Address(self.base, self._start.key), self._node)
            group.start_soon(upstream.run)
            await upstream.looked()
            self._be_ready(upstream)
            await self._silent()
            group.cancel_scope.cancel()
        await life.stop()

    async def _is_ready(self) -> bool:
        """It loads for minutes, or downloads for an hour; whoever watches sees how far it is."""
        while True:
            said = await ask(self.base, self._start.key)
            if said.healthy and self._start.wish.name in said.models:
                return True
            if said.healthy and said.status == 200:
                served = ", ".join(said.models) or "nothing"
                self._failure = f"vLLM at {self.base} serves {served}, and not {self._start.wish.name}."
                return False
            await anyio.sleep(self._timing.look)

    def _be_ready(self, upstream: UpstreamServer) -> None:
        self._upstream = upstream
        if self._was_ready:
            LOG.warning("vLLM is ready again.")
        self._was_ready = True
        if not self._first_future().done():
            self._first_future().set_result(None)

    async def _silent(self) -> None:
        """Returns when it has not answered for too long although its process lives."""
        heard = time.monotonic()
        while time.monotonic() - heard < self._timing.silence:
            asleep = time.monotonic()
            await anyio.sleep(self._timing.watch)
            # While this process itself stood still nobody could be heard.
            heard += max(0.0, time.monotonic() - asleep - self._timing.watch)
            if (await ask(self.base, self._start.key)).healthy:
                heard = time.monotonic()
        self._failure = f"vLLM did not answer for {self._timing.silence:g} seconds."

    def _why_away(self) -> Unavailable:
        name, told = self._start.wish.name, self._tail.progress
        if wait := max(0.0, self._down_until - time.monotonic()):
            return EngineDied(f"{self._failure} It is being started again.", round(wait) + 2, name)
        return ModelLoading(f"vLLM loads {name} ({told.part:.0%}: {told.words}). Try again in a moment.", model=name)

    def _first_future(self) -> asyncio.Future[None]:
        if self._first is None:
            self._first = asyncio.get_running_loop().create_future()
        return self._first
