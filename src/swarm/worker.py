"""The member that is a model on this node: dialect in, engine process, events out."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import anyio

from ..chat import Accepted, Candidate, ChatRequest, Embedding, Emit
from ..dialects.base import Dialect, Plan
from ..engines.base import Card, Prompt
from ..engines.pieces import opens
from ..engines.process import EngineProcess
from ..errors import ContextOverflow, NotSupported
from . import deciding
from .draft import Draft
from .member import Busy, Details, Served

Deciding = Literal["auto", "freely", "first", "weighed"]
# Characters of a conversation whose prompt takes long enough to make that others are served meanwhile.
LARGE = 2**16
# Messages of which that is true however short they are.
MANY = 500


class Worker:
    def __init__(
        self,
        name: str,
        engine: EngineProcess,
        dialect: Callable[[Card], Dialect],
        notes: Callable[[Card], Iterable[str]] = lambda _: (),
        details: Details | None = None,
        decide: Deciding = "freely",
        talk: Callable[[], str] = lambda: "",
    ) -> None:
        """`notes`: what its users have to know of it as it was loaded. `details`: what is known of the file that the
        engine does not say. `decide`: how it comes to a call where it may call or talk. `talk`: what describes talking
        as one of the tools."""
        self.name = name
        self._engine = engine
        self._choose = dialect
        self._dialects: dict[Card, Dialect] = {}
        self._created = int(time.time())
        self._notes = notes
        self._details = details or Details()
        self._decide = decide
        self._talk = talk

    def served(self) -> Served:
        card = self._engine.card()
        details = self._described(card)
        return Served(
            card.name, card.context, card.trained_context, card.seats, self._created, tuple(self._notes(card)), details
        )

    def know(self, digest: str) -> None:
        """The sha256 of what it serves."""
        self._details = replace(self._details, digest=digest)

    def busy(self) -> Busy:
        load = self._engine.load
        return Busy(load.waiting, load.running, load.cells_used, load.cells_cached, load.cells)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        if not deciding.applies(request):
            return await self._generate(request, emit)
        match self._deciding():
            case "first":
                return await deciding.decide(request, emit, self._generate, self._talk().strip())
            case "weighed":
                return await deciding.weigh(request, emit, self._generate)
            case _:
                return await self._generate(request, emit)

    def _deciding(self) -> Deciding:
        """A model without a tool template of its own never calls by itself."""
        if self._decide != "auto":
            return self._decide
        return "freely" if self._dialect(self._engine.card()).native else "weighed"

    async def _generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        _refuse_what_cannot_fit(request, self._engine.card().context)
        plan, dialect = await self._planned(request)
        count = request.policy.choices
        drafts = [Draft(request, at, dialect.scanner(request, plan, at) if dialect else None) for at in range(count)]
        text = plan.prompt if request.raw is None else request.raw
        begun = request.begun.tokens if request.begun else ()
        prompt = Prompt(text, plan.grammar, plan.special, plan.head, plan.cuts, begun)
        sampling = request.sampling
        if drafts[0].stops:
            # Inside a call or a thought a stop string means nothing: only the draft knows where these are.
            sampling = replace(sampling, stop=())
        async with self._engine.ask(request.id, prompt, count, sampling) as answer:
            accepted = Accepted(await answer.prompt_tokens(), plan.warnings)
            await emit(accepted)
            async for piece in answer.pieces():
                draft = drafts[piece.candidate]
                wanted = not draft.over
                for event in draft.add(piece):
                    await emit(event)
                if draft.over and wanted and not piece.reason:
                    self._engine.finish(request.id, piece.candidate)
        return [draft.candidate(self.name) for draft in drafts]

    async def count(self, request: ChatRequest) -> int:
        plan, _ = await self._planned(request)
        text = plan.prompt if request.raw is None else request.raw
        if not isinstance(text, str):
            return len(text)
        framed = not opens(text, self._engine.card().bos)
        return len(await self._engine.tokenize(text, special=True, framed=framed, cuts=plan.cuts))

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        return await self._engine.tokenize(text, special, framed)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return await self._engine.detokenize(tokens)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        if not self._engine.card().embeds:
            raise NotSupported("The model that is served here makes no embeddings.", "model")
        return await self._engine.embed(texts)

    async def _planned(self, request: ChatRequest) -> tuple[Plan, Dialect | None]:
        if request.raw is not None:
            return Plan("", None), None
        card = self._engine.card()
        dialect = self._dialect(card)
        if len(request.messages) > MANY or sum(map(len, _texts(request))) > LARGE:
            return await anyio.to_thread.run_sync(partial(_plan_large, request, dialect, card.context)), dialect
        return dialect.plan(request), dialect

    def _dialect(self, card: Card) -> Dialect:
        if card not in self._dialects:
            self._dialects[card] = self._choose(card)
        return self._dialects[card]

    def _described(self, card: Card) -> Details:
        dialect = self._dialect(card)
        return replace(
            self._details,
            family=card.architecture,
            bytes=card.weights_bytes,
            parameters=card.parameters,
            dialect=dialect.name,
            tool_grade="native" if dialect.native else "taught",
            thinks=dialect.thinks,
            embeds=bool(card.embeds),
            continues=True,
            template=card.template or "",
            bos=card.bos,
            eos=card.eos,
        )


def _refuse_what_cannot_fit(request: ChatRequest, context: int) -> None:
    """No template is asked to render it, and no engine to read it: a message takes a token at the very least."""
    if len(request.messages) > context:
        raise ContextOverflow(len(request.messages), context, at_least=True)
    if isinstance(request.raw, tuple) and len(request.raw) > context:
        raise ContextOverflow(len(request.raw), context)


def _plan_large(request: ChatRequest, dialect: Dialect, context: int) -> Plan:
    # A template would give up on what cannot fit anyway, and blame the messages.
    least = sum(dialect.least_tokens(text, 2 * context) for text in _texts(request))
    if least >= context:
        raise ContextOverflow(least, context, at_least=True)
    return dialect.plan(request)


def _texts(request: ChatRequest) -> Iterator[str]:
    """Those that no template leaves out."""
    for message in request.messages:
        yield message.text
        yield from (result.content for result in message.results)
