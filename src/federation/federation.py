"""This node among the others of its swarm."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import anyio
import anyio.to_thread
from aiohttp import web

from ..errors import StartError
from ..state import State
from ..state.peers import KnownPeer
from ..swarm.member import Member
from ..swarm.neighbours import Neighbourhood
from . import identity, view
from .code import OPEN, Code
from .identity import Identity
from .life import Life
from .loans.lending import Loans
from .nodes import Endpoint
from .options import Options
from .own import Own

KEEP_SECONDS = 30.0
LOOK_SECONDS = 2.0


class Federation:
    """`extra`: what other parts offer to other nodes. `loans`: of this machine's memory; None where it lends none.
    StartError where it cannot take part."""

    def __init__(
        self,
        options: Options,
        own: Own,
        state: State,
        extra: Sequence[web.RouteDef] = (),
        loans: Loans | None = None,
    ) -> None:
        self._options = options
        self._own = own
        self._state = state
        self._loans = loans
        self._extra = (*extra, *(loans.routes(self._gone) if loans else ()))
        self._denied: frozenset[str] = frozenset()
        self._read_denied()
        self._trouble = ""
        self.code = self._wanted = _code(options)
        self._life = self._begun(identity.load(options.folder, self.code))

    @property
    def identity(self) -> Identity:
        return self._life.identity

    @property
    def port(self) -> int:
        return self._life.server.port

    @property
    def life(self) -> Life:
        """With the key and the code of now: both may change."""
        return self._life

    def members(self) -> Sequence[Member]:
        """Those of all other nodes that can be asked."""
        return self._life.crowd.members()

    def look(self) -> Neighbourhood:
        found = view.neighbourhood(self._life)
        return replace(found, lent=view.lent(self._life, self._loans.now)) if self._loans else found

    async def leave(self) -> None:
        """Nothing more is asked of this node; what is under way goes on until it is cancelled."""
        await self._life.leave()

    async def run(self) -> None:
        """Take part until it is cancelled, under another key or with another code where that becomes necessary."""
        try:
            while True:
                await self._live()
                await anyio.to_thread.run_sync(self._begin_again)
        finally:
            self._life.close()
            self._life.identity.release()

    async def _live(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._keep)
            group.start_soon(self._follow_code, group.cancel_scope)
            await self._life.run()
            group.cancel_scope.cancel()

    def _begin_again(self) -> None:
        former = self._life.identity
        if self._wanted != self.code:
            self._options.say("swarm: this machine has another swarm code now")
            former.release()
            self.code = self._wanted
            self._life = self._begun(identity.load(self._options.folder, self.code))
        else:
            self._options.say(
                "swarm: another machine has the same key, as when a home folder is copied; this one takes a new one"
            )
            self._life = self._begun(former.renew())

    def _gone(self, id: str) -> bool:
        return self._life.membership.condition(id) == "gone"

    def _begun(self, who: Identity) -> Life:
        starts = self._state.starts.next(who.id)
        try:
            life = Life(who, self._own, self._options, starts, lambda: self._denied, self._extra)
        except StartError:
            who.release()
            raise
        for peer in self._state.peers.all():
            life.expect(peer.id, tuple(Endpoint(host, port) for host, port in peer.endpoints))
        return life

    async def _keep(self) -> None:
        """Where the others are, so that they are found again where nothing else tells."""
        kept: list[KnownPeer] = []
        while True:
            await anyio.sleep(LOOK_SECONDS if not kept else KEEP_SECONDS)
            kept = view.peers(self._life)
            await self._noted(partial(self._state.peers.remember, kept))

    async def _follow_code(self, scope: anyio.CancelScope) -> None:
        """A command may have changed the code, or denied somebody."""
        while True:
            await anyio.sleep(LOOK_SECONDS)
            await self._noted(self._read_denied)
            await self._noted(self._read_code)
            if self._wanted != self.code:
                scope.cancel()

    def _read_denied(self) -> None:
        self._denied = frozenset(one.id for one in self._state.peers.denied())

    def _read_code(self) -> None:
        self._wanted = _code(self._options)

    async def _noted(self, work: Callable[[], None]) -> None:
        """A file that cannot be read for a moment is no reason to leave the swarm."""
        try:
            await anyio.to_thread.run_sync(work)
            self._trouble = ""
        except StartError as error:
            if self._trouble != error.message:
                self._trouble = error.message
                self._options.say(error.message)


def machine_name() -> str:
    return platform.node().partition(".")[0] or "a machine"


def _code(options: Options) -> Code:
    return OPEN if options.is_open else identity.first_code(options.folder)
