"""The step between a request and the members: where a request gets tools of the tool host, its answer takes rounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import anyio

from ...chat import Accepted, Candidate, ChatRequest, Emit, Event, Hosted, ToolSpec
from ...errors import BadRequest, SwarmError, Unavailable
from ..hands import Hands
from .bounds import Bounds
from .equals import equals
from .loop import Generate, Ground, Loop
from .memory import Agents, Memory
from .offer import Offer, chosen, offer
from .wish import NO_HOST, Wish, is_open, is_single, wish
from .words import Words

# How long a request waits for a host to say what it has, and how often one is looked for.
LOOK_SECONDS = 3.0
EVERY_SECONDS = 5.0
AWAY = "The tool host of this node does not answer. Look whether it runs, or ask again without its tools."


@dataclass(frozen=True, slots=True)
class Able:
    """What the models can do that a request asks for."""

    calls: bool
    sees: bool
    small: bool = False  # none of them is good at several calls at once


Look = Callable[[ChatRequest], Able]


class Acting:
    """`hands`: None where there is no tool host. `instead`: tools of clients that the host has an equal of are executed
    there too. `words`: asked for in each answer. `there`: the host had tools when it was last asked."""

    def __init__(
        self,
        hands: Hands | None = None,
        words: Callable[[], Words] = Words,
        instead: bool = False,
        bounds: Bounds | None = None,
    ) -> None:
        self._hands = hands
        self._words = words
        self._instead = instead
        self._bounds = bounds or Bounds()
        self._memory = Memory()
        self._agents = Agents()
        self.there = False

    async def run(self) -> None:
        """What models are listed with has to be known before anybody asks."""
        while self._hands:
            await self.look()
            await anyio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        if self._hands:
            try:
                await self._specs(self._hands)
            except SwarmError:
                self.there = False

    async def answer(self, request: ChatRequest, emit: Emit, generate: Generate, look: Look) -> list[Candidate]:
        """`generate`: one round, as any answer of the swarm."""
        wanted = self._wanted(request)
        offered, warnings = await self._offer(wanted, look)
        request = wanted.request
        if offered is None or self._hands is None:
            return await generate(request, _warned(emit, warnings) if warnings else emit)
        rounds = wanted.hosted.rounds if wanted.hosted else None
        bounds = replace(self._bounds, rounds=rounds or self._bounds.rounds)
        ground = Ground(self._hands, bounds, self._words(), self._memory.keep)
        return await Loop(request, offered, ground, generate, emit, look(request).sees).run()

    async def shown(self, request: ChatRequest, look: Look) -> ChatRequest:
        """As the members get it first: for counting it."""
        wanted = self._wanted(request)
        offered, _ = await self._offer(wanted, look)
        return offered.request(wanted.request) if offered else wanted.request

    def _wanted(self, request: ChatRequest) -> Wish:
        wanted = wish(request)
        self._agents.note(wanted.request)
        messages = self._memory.whole(wanted.request.messages)
        return replace(wanted, request=replace(wanted.request, messages=messages))

    async def _offer(self, wanted: Wish, look: Look) -> tuple[Offer | None, tuple[str, ...]]:
        """None where it is answered as if there were no host, and what the client has to know of that."""
        if self._hands is None:
            if wanted.hosted:
                raise BadRequest(NO_HOST, "tools" if wanted.listed else "model")
            return None, ()
        free = not wanted.hosted and is_open(wanted.request) and not self._agents.has(wanted.request)
        taken = self._instead and bool(wanted.request.tools) and is_single(wanted.request)
        if not (wanted.hosted or taken or (free and look(wanted.request).calls)):
            return None, ()
        try:
            specs = await self._specs(self._hands)
        except SwarmError as error:
            if wanted.hosted:
                raise
            return None, (error.message,)
        instead = equals(wanted.request.tools, specs) if taken else {}
        wished = self._wished(wanted, specs, instead, free)
        small = look(wanted.request).small
        return (offer(wanted.request, wished, instead, small) if wished else None), ()

    def _wished(
        self, wanted: Wish, specs: Sequence[ToolSpec], instead: Mapping[str, str], free: bool
    ) -> list[ToolSpec]:
        hosted = wanted.hosted or (Hosted() if free else None)
        wished = chosen(hosted, wanted.listed, specs) if hosted else []
        names = {spec.name for spec in wished} | set(instead.values())
        return [spec for spec in specs if spec.name in names]

    async def _specs(self, hands: Hands) -> Sequence[ToolSpec]:
        with anyio.move_on_after(LOOK_SECONDS):
            specs = await hands.specs()
            self.there = bool(specs)
            return specs
        raise Unavailable(AWAY)


def _warned(emit: Emit, warnings: tuple[str, ...]) -> Emit:
    async def warned(event: Event) -> None:
        await emit(replace(event, warnings=(*event.warnings, *warnings)) if isinstance(event, Accepted) else event)

    return warned
