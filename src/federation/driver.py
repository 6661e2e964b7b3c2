"""Does what the membership says, and tells it what came of it."""

import time
from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskGroup

from ..errors import SwarmError, Unavailable
from .crowd import Crowd
from .membership.actions import Action, Knock, Probe, ProbeThrough
from .membership.membership import Membership
from .nodes import Endpoint
from .race import Lost
from .wire.versions import OtherVersion

TICK_SECONDS = 0.1
RUMOURS = 32


class Driver:
    """`settled`: called after each tick. `refused`: by whom we were sent away, and why."""

    def __init__(
        self,
        membership: Membership,
        crowd: Crowd,
        settled: Callable[[], Awaitable[None]],
        refused: Callable[[str, str], None],
    ) -> None:
        self._membership = membership
        self._crowd = crowd
        self._settled = settled
        self._refused = refused

    async def run(self) -> None:
        async with anyio.create_task_group() as group:
            while True:
                for action in self._membership.tick(time.monotonic()):
                    group.start_soon(self._do, action)
                await self._settled()
                await anyio.sleep(TICK_SECONDS)

    async def probe(self, id: str, within: float, endpoints: tuple[Endpoint, ...] = ()) -> bool:
        """Does it answer? `endpoints`: of one that is no member."""
        begun = time.monotonic()
        try:
            with self._crowd.using(id, endpoints or self._known(id)) as link:
                told = await link.probe(self._membership.rumours(RUMOURS, id), within)
        except SwarmError as error:
            if isinstance(error, OtherVersion) or not isinstance(error, Unavailable):
                self._refused(id, error.message)
            self._membership.missed(time.monotonic(), id, isinstance(error, Lost) and error.hard)
            return False
        now = time.monotonic()
        self._membership.heard(now, id, told.incarnation, now - begun, told.instance)
        self._membership.take(now, told.rumours, id)
        await self._crowd.heard(id, told)
        return True

    def _known(self, id: str) -> tuple[Endpoint, ...]:
        standing = self._membership.standing(id)
        return standing.endpoints if standing else ()

    async def _do(self, action: Action) -> None:
        match action:
            case Probe(id, within):
                await self.probe(id, within)
            case Knock(id, endpoints, within):
                await self.probe(id, within, endpoints)
            case ProbeThrough(id, helpers, within):
                self._membership.through(time.monotonic(), id, await self._any(id, helpers, within))

    async def _any(self, id: str, helpers: tuple[str, ...], within: float) -> bool:
        reached = False

        async def ask(helper: str, group: TaskGroup) -> None:
            nonlocal reached
            try:
                reached = await self._crowd.link(helper).probe_for(id, within) or reached
            except SwarmError:
                return  # no answer is none
            if reached:
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for helper in helpers:
                group.start_soon(ask, helper, group)
        return reached
