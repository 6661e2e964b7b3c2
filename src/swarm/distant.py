"""Hands on another machine. A call goes there under one id, however often it has to be sent: its host does it once."""

import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Protocol

import anyio

from ..chat import CallState, Outcome, ToolCall, ToolSpec
from ..errors import Forbidden, SwarmError, Unanswered, Unauthorized, Unavailable
from .neighbours import ToolPlace

# Without a sign of life for so long nobody waits on: in ten seconds a model knows. A host tells of itself every two.
PATIENCE_SECONDS = 9.0
# A host asks its user for up to two minutes, and lets the slowest tool run for five.
LONGEST_SECONDS = 900.0
PAUSE_SECONDS = 0.5
SIGN_SECONDS = 0.9
# What a poor wireless network carries: a long call has more time to get there.
SLOWEST_BYTES = 500_000
KEEP_SECONDS = 15.0  # a list of tools
LOOK_SECONDS = 10.0
EAGER_SECONDS = 2.0  # where it is not there
# A swarm needs so long to find itself.
QUIET_SECONDS = 8.0
LIST_SECONDS = 4.0

NOT_KNOWN = (
    "It is not known what came of this call: the machine that has the tools does not answer any more. It may have been "
    "carried out, wholly or in part, and it is not repeated. See how things are before you go on."
)


class Host(Protocol):
    """A machine with tools. `key`: another one where it may have other tools by now."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> Hashable: ...

    async def specs(self) -> Sequence[ToolSpec]: ...

    async def attempt(self, call: ToolCall, who: str, session: str, alive: Callable[[], None]) -> Outcome:
        """`alive`: told of each sign that the call is being worked on. Unanswered where it may have got there; another
        SwarmError where nothing was done."""
        ...


class Distant:
    """Hands. `find`: the host of now; Unavailable where there is none."""

    def __init__(
        self, find: Callable[[], Host], say: Callable[[str], None] = lambda _: None, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._find = find
        self._say = say
        self._patience = patience
        self._specs: Sequence[ToolSpec] = ()
        self._key: Hashable = None
        self._until = 0.0
        self._place = ToolPlace("another machine", trouble="It was not looked for yet.")

    @property
    def place(self) -> ToolPlace:
        """Where it is, as it was seen last."""
        return self._place

    async def run(self) -> None:
        """Look for the host now and then, so that nobody waits for its list, and the user knows."""
        told, quiet = self._place, anyio.current_time() + QUIET_SECONDS
        while True:
            try:
                await self._listed(self._find())
            except SwarmError as error:
                self._away(error)
            trouble = self._place.trouble
            if self._place != told and not (trouble and anyio.current_time() < quiet):
                told = self._place
                self._say(in_words(told))
            await anyio.sleep(EAGER_SECONDS if trouble else LOOK_SECONDS)

    async def specs(self) -> Sequence[ToolSpec]:
        try:
            host = self._find()
            if (host.key, True) == (self._key, time.monotonic() < self._until):
                return self._specs
            return await self._listed(host)
        except SwarmError as error:
            self._away(error)
            raise

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        begun = anyio.current_time()
        try:
            host = self._find()
        except SwarmError as error:
            return _nothing_done(call, error)
        patience = self._patience + len(call.arguments) / SLOWEST_BYTES
        with anyio.move_on_after(LONGEST_SECONDS), anyio.move_on_after(patience) as scope:

            def alive() -> None:
                scope.deadline = anyio.current_time() + self._patience

            return await _persist(host, call, who, session, alive)
        return _outcome(call, "unknown", NOT_KNOWN, anyio.current_time() - begun)

    async def _listed(self, host: Host) -> Sequence[ToolSpec]:
        try:
            with anyio.fail_after(LIST_SECONDS):
                specs = await host.specs()
        except TimeoutError:
            raise Unavailable(f"{host.name} does not tell which tools it has.") from None
        self._specs, self._key, self._until = specs, host.key, time.monotonic() + KEEP_SECONDS
        self._place = ToolPlace(host.name, tuple(spec.name for spec in specs))
        return specs

    def _away(self, error: SwarmError) -> None:
        self._key = None
        self._place = ToolPlace(self._place.where, trouble=error.message)


def in_words(place: ToolPlace) -> str:
    if place.trouble:
        return f"tools: {place.trouble}"
    return f"tools: those of {place.where} are used: {', '.join(place.tools) or 'none'}"


async def _persist(host: Host, call: ToolCall, who: str, session: str, alive: Callable[[], None]) -> Outcome:
    """Until it is answered; whoever waits for it gives up when nothing is heard."""
    asked = False
    while True:
        try:
            return await host.attempt(call, who, session, partial(_sign, alive, anyio.current_time()))
        except Unanswered:
            asked = True
        except SwarmError as error:
            if not asked:
                return _nothing_done(call, error)
            if not isinstance(error, Unavailable):
                return _outcome(call, "unknown", NOT_KNOWN)
        await anyio.sleep(PAUSE_SECONDS)


def _sign(alive: Callable[[], None], begun: float) -> None:
    """Whoever answers at once, and then breaks off each time, is not at work."""
    if anyio.current_time() - begun >= SIGN_SECONDS:
        alive()


def _nothing_done(call: ToolCall, error: SwarmError) -> Outcome:
    state: CallState = "denied" if isinstance(error, Forbidden | Unauthorized) else "failed"
    return _outcome(call, state, f"{error.message} Nothing was done.")


def _outcome(call: ToolCall, state: CallState, content: str, seconds: float = 0.0) -> Outcome:
    return Outcome(call.id, call.name, state, content, seconds=seconds)
