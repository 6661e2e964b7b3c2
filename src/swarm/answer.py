"""The way of one request through the swarm: route, sample, choose."""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from ..chat import Accepted, Candidate, ChatRequest, Embedding, Emit, Event
from ..errors import ShuttingDown, SwarmError
from .member import Busy, Member, Served
from .routing import SWARM, TAG, Choice, Router, Source, is_named, may_help, named, present, unknown

__all__ = ["SWARM", "TAG", "Swarm", "is_named"]


class Swarm:
    """`members` are always there; those of `sources` come and go. `node`: the name of this node among others."""

    def __init__(self, members: Sequence[Member], sources: Sequence[Source] = (), node: str = "") -> None:
        self.node = node
        self._always = members
        self._sources = sources
        self._router = Router()
        self._draining = False
        self._running = 0
        self._idle = anyio.Event()

    async def answer(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self._refuse_when_draining()
        choices = self._router.order(self._members(), request)
        self._running += 1
        try:
            return await self._first_that_can(choices, request, _Telling(emit))
        finally:
            self._running -= 1
            if self._draining and not self._running:
                self._idle.set()

    async def count(self, request: ChatRequest) -> int:
        return await self._route(request.model).count(request)

    async def tokenize(self, model: str, text: str, special: bool, framed: bool = False) -> list[int]:
        return await self._route(model).tokenize(text, special, framed)

    async def detokenize(self, model: str, tokens: Sequence[int]) -> str:
        return await self._route(model).detokenize(tokens)

    async def embed(self, model: str, texts: Sequence[str], local_only: bool = False) -> list[Embedding]:
        choices = self._named(model, local_only)
        able = [choice for choice in choices if choice.served.details.embeds]
        return await (able or choices)[0].member.embed(texts)

    def find(self, name: str) -> Served:
        """One of `models`."""
        models = self.models()
        for served in models:
            if is_named(served.id, name):
                return served
        raise unknown(name, [served.id for served in models])

    def models(self) -> list[Served]:
        """The swarm under its own name first, then each model under its own, once, with the most room that it has."""
        found: dict[str, Served] = {}
        for choice in present(self._members()):
            known = found.get(choice.served.id.lower())
            if known is None or choice.served.context > known.context:
                found[choice.served.id.lower()] = choice.served
        return [_whole(list(found.values())), *found.values()]

    def busy(self) -> Busy:
        every = [member.busy() for member in self._members()]
        return Busy(
            sum(one.waiting for one in every),
            sum(one.running for one in every),
            sum(one.cells_used for one in every),
            sum(one.cells_cached for one in every),
            sum(one.cells for one in every),
        )

    async def drain(self, seconds: float) -> None:
        """Take nothing new, and wait so long for what runs."""
        self._draining = True
        if not self._running:
            return
        with anyio.move_on_after(seconds):
            await self._idle.wait()

    async def _first_that_can(
        self, choices: Sequence[Choice], request: ChatRequest, telling: "_Telling"
    ) -> list[Candidate]:
        """Until something was said, what one cannot do another may."""
        failed: SwarmError | None = None
        for choice in choices:
            if failed and not may_help(choice, failed):
                continue
            self._router.note(request, choice.member)
            try:
                return await choice.member.generate(request, telling.emit)
            except SwarmError as error:
                if telling.begun:
                    raise
                failed = error
        assert failed, "there is a member, or the router says why not"
        raise failed

    def _members(self) -> list[Member]:
        return [*self._always, *(member for source in self._sources for member in source.members())]

    def _route(self, model: str) -> Member:
        return self._named(model)[0].member

    def _named(self, model: str, local_only: bool = False) -> list[Choice]:
        self._refuse_when_draining()
        return named(self._members(), model, local_only)

    def _refuse_when_draining(self) -> None:
        if self._draining:
            raise ShuttingDown("This node is shutting down. Send the request again to another one, or later.")


class _Telling:
    """One answer for the client, whoever gives it in the end: it is accepted once."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._accepted = False
        self.begun = False

    async def emit(self, event: Event) -> None:
        if isinstance(event, Accepted):
            if self._accepted:
                return
            self._accepted = True
        else:
            self.begun = True
        await self._emit(event)


def _whole(models: Sequence[Served]) -> Served:
    """What the swarm can do under its own name: requests that need something go where it is."""
    chatting = [served for served in models if served.details.chats] or models
    most = max(chatting, key=lambda served: served.context)
    sees = any(served.details.sees for served in models)
    embeds = any(served.details.embeds for served in models)
    return replace(most, id=SWARM, details=replace(most.details, sees=sees, embeds=embeds))
