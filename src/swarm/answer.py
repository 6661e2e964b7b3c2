"""The way of one request through the swarm: route, sample, choose."""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from ..chat import Candidate, ChatRequest, Embedding, Emit
from ..errors import ModelNotFound, ShuttingDown
from .member import Busy, Member, Served

# The name under which the whole swarm answers.
SWARM = "swarm"
# Programs made for Ollama add it to names that have no tag of their own.
TAG = ":latest"


def is_named(served_id: str, name: str) -> bool:
    return served_id.lower() in (name.lower(), name.lower().removesuffix(TAG))


class Swarm:
    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._draining = False
        self._running = 0
        self._idle = anyio.Event()

    async def answer(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        member = self._route(request.model)
        self._running += 1
        try:
            return await member.generate(request, emit)
        finally:
            self._running -= 1
            if self._draining and not self._running:
                self._idle.set()

    async def count(self, request: ChatRequest) -> int:
        return await self._route(request.model).count(request)

    async def tokenize(self, model: str, text: str, special: bool) -> list[int]:
        return await self._route(model).tokenize(text, special)

    async def detokenize(self, model: str, tokens: Sequence[int]) -> str:
        return await self._route(model).detokenize(tokens)

    async def embed(self, model: str, texts: Sequence[str]) -> list[Embedding]:
        return await self._route(model).embed(texts)

    def find(self, name: str) -> Served:
        """One of `models`."""
        models = self.models()
        for served in models:
            if is_named(served.id, name):
                return served
        raise _unknown(name, [served.id for served in models])

    def models(self) -> list[Served]:
        """The swarm under its own name first, then each model under its own."""
        served = [member.served() for member in self._members]
        return [replace(max(served, key=lambda one: one.context), id=SWARM), *served]

    def busy(self) -> Busy:
        every = [member.busy() for member in self._members]
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

    def _route(self, model: str) -> Member:
        if self._draining:
            raise ShuttingDown("This node is shutting down. Send the request again to another one, or later.")
        ids = [SWARM]
        for member in self._members:
            served = member.served()
            if is_named(SWARM, model) or is_named(served.id, model):
                return member
            ids.append(served.id)
        raise _unknown(model, ids)


def _unknown(model: str, ids: Sequence[str]) -> ModelNotFound:
    known = ", ".join(f"'{one}'" for one in ids)
    return ModelNotFound(f"The model '{model}' is not served here. Served: {known}.", "model")
