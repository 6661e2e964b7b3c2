"""The member that is a model on this node: dialect in, engine process, events out."""

import time

from ..chat import Accepted, Candidate, ChatRequest, Emit, Finished, Message, Text, TextDelta, TokenLogprob, Usage
from ..dialects.template import ChatTemplate
from ..engines.base import Card, Piece
from ..engines.process import EngineProcess
from .member import Busy, Served


class Worker:
    def __init__(self, name: str, engine: EngineProcess, plain_template: str, notes: tuple[str, ...] = ()) -> None:
        self.name = name
        self._engine = engine
        self._plain_template = plain_template
        self._templates: dict[Card, ChatTemplate] = {}
        self._created = int(time.time())
        self._notes = notes

    def served(self) -> Served:
        card = self._engine.card()
        return Served(card.name, card.context, card.trained_context, card.seats, self._created, self._notes)

    def busy(self) -> Busy:
        load = self._engine.load
        return Busy(load.waiting, load.running, load.cells_used, load.cells_cached, load.cells)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        prompt = self._template(self._engine.card()).render(request.messages)
        count = request.policy.candidates
        drafts = [Draft() for _ in range(count)]
        async with self._engine.ask(request.id, prompt, count, request.sampling) as answer:
            await emit(Accepted(await answer.prompt_tokens()))
            async for piece in answer.pieces():
                drafts[piece.candidate].add(piece)
                await self._tell(piece, emit)
        return [draft.candidate(self.name) for draft in drafts]

    async def _tell(self, piece: Piece, emit: Emit) -> None:
        if piece.text or piece.logprobs:
            await emit(TextDelta(piece.text, piece.candidate, piece.logprobs))
        if piece.reason and piece.usage:
            await emit(Finished(piece.reason, piece.usage, piece.candidate))

    def _template(self, card: Card) -> ChatTemplate:
        if card not in self._templates:
            self._templates[card] = ChatTemplate(card.template, self._plain_template, card.bos, card.eos)
        return self._templates[card]


class Draft:
    """A candidate while its pieces come in."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._last: Piece | None = None

    def add(self, piece: Piece) -> None:
        self._text.append(piece.text)
        self._logprobs += piece.logprobs
        self._last = piece

    def candidate(self, member: str) -> Candidate:
        last = self._last
        assert last and last.reason, "the engine says how each candidate ended"
        message = Message("assistant", (Text("".join(self._text)),))
        return Candidate(member, message, last.reason, last.usage or Usage(0, 0), tuple(self._logprobs))
