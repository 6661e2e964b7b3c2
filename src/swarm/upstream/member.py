"""One model of another server, as a member of this swarm."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio

from ...chat import Candidate, ChatRequest, Embedding, Emit
from ...errors import NotSupported, Overloaded, SwarmError, Unavailable, UpstreamFault
from ..member import Busy, Served
from . import body as bodies
from . import refusals
from . import tokens as ids
from .asking import PATIENCE_SECONDS, Asking, Model, Telling
from .breaker import Breaker
from .describe import OURS, Told
from .http import Http, Refused
from .learnt import Learnt
from .reading import CHARACTERS_PER_TOKEN
from .refusals import Misfit

# However long a server wants to be left alone: after so many seconds it is tried.
LONGEST_HOLD = 60.0


class UpstreamMember:
    """`down`: why the whole server cannot be asked, if so."""

    def __init__(self, http: Http, told: Told, breaker: Breaker, down: Callable[[], Unavailable | None]) -> None:
        self.told = told
        self._http = http
        self._breaker = breaker
        self._down = down
        self._learnt = Learnt()
        self._running = 0

    @property
    def name(self) -> str:
        return f"{self.told.id} at {self._http.address.host}"

    def served(self) -> Served:
        if down := self._down():
            raise Unavailable(down.message, down.retry_after, self.told.id)
        if wait := self._breaker.wait:
            raise Unavailable(
                f"The server at {self._http.address.base} failed or is busy; it is asked again in {math.ceil(wait)} s.",
                math.ceil(wait),
                self.told.id,
            )
        return self.told.served(self._http.address.base, self._learnt.context)

    def busy(self) -> Busy:
        return Busy(0, self._running, 0, 0, 0)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self._refuse_tools(request)
        telling = Telling(emit, bodies.characters(request) // CHARACTERS_PER_TOKEN + 1)
        failed: SwarmError | None = None
        found: dict[int, Candidate] = {}
        async with self._watched():
            async with anyio.create_task_group() as group:
                group.start_soon(telling.accept_after, PATIENCE_SECONDS)
                try:
                    found = await self._candidates(request, telling)
                except SwarmError as error:
                    failed = error
                group.cancel_scope.cancel()
            if failed:
                raise failed
        return [found[at] for at in sorted(found)]

    async def count(self, request: ChatRequest) -> int:
        return await ids.count(self._http, self.told, request)

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        async with self._watched():
            return await ids.tokenize(self._http, self.told, text, special, framed)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        async with self._watched():
            return await ids.detokenize(self._http, self.told, tokens)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        if not self.told.details.embeds:
            raise NotSupported(f"The model '{self.told.id}' makes no embeddings.", "model")
        async with self._watched():
            return await ids.embed(self._http, self.told, texts)

    async def _candidates(self, request: ChatRequest, telling: Telling) -> dict[int, Candidate]:
        """All in one request where the server knows `n`, and those that it leaves out in one each."""
        wanted = request.policy.choices
        found: dict[int, Candidate] = {}
        if wanted == 1 or "n" not in self._learnt.without:
            found = await self._asking(request).candidates(wanted, 0, telling)
        missing = [at for at in range(wanted) if at not in found]
        failed: list[SwarmError] = []

        async def one(at: int) -> None:
            try:
                found.update(await self._asking(_seeded(request, at)).candidates(1, at, telling))
            except SwarmError as error:
                failed.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for at in missing:
                group.start_soon(one, at)
        if failed:
            raise failed[0]
        return found

    def _refuse_tools(self, request: ChatRequest) -> None:
        """A server that leaves them out without a word would answer as if there were none."""
        if request.tools and request.tool_choice.mode != "none" and not self.told.details.calls:
            raise refusals.not_supported(self._http.address.base, self.told.id, "tools")

    def _asking(self, request: ChatRequest) -> Asking:
        model = Model(self.told.name, self.told.id, self.told.context, self.told.owner == OURS)
        return Asking(self._http, model, self._learnt, request, self.name)

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """What comes of it says whether this model is asked again soon."""
        self._breaker.asked()
        self._running += 1
        try:
            yield
        except Refused as refused:
            error = refusals.to_error(refused.refusal, self._http.address.base, self.told.id, 0)
            self._note(error)
            raise error from None
        except SwarmError as error:
            self._note(error)
            raise
        else:
            self._breaker.succeeded()
        finally:
            self._running -= 1

    def _note(self, error: SwarmError) -> None:
        if isinstance(error, Overloaded):
            self._breaker.hold(min(error.retry_after, LONGEST_HOLD))
        elif isinstance(error, Unavailable | UpstreamFault) and not isinstance(error, Misfit):
            self._breaker.failed()
        else:
            self._breaker.succeeded()


def _seeded(request: ChatRequest, at: int) -> ChatRequest:
    """The same seed would write the same answer again."""
    seed = request.sampling.seed
    return replace(request, sampling=replace(request.sampling, seed=None if seed is None else seed + at))
