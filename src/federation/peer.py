"""The members of another node, as members here."""

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ..chat import Candidate, ChatRequest, Embedding, Emit, Event, Finished
from ..errors import EngineDied, SwarmError, Unavailable, UpstreamFault
from ..swarm.member import Busy, Served
from . import judge
from .hopes import Hope, Hopes
from .judge import Judge
from .link import Link
from .nodes import Load, Offer, Report
from .pulse import Pulse
from .race import Lost
from .wire import messages
from .wire.codec import Codec
from .wire.messages import Answered, Ask, Counted, Plain, Reply, Tokens, ToText, ToTokens, ToVectors, Vectors

IDLE = Busy(0, 0, 0, 0, 0)
Asked = TypeVar("Asked")
Wanted = TypeVar("Wanted")


async def _nobody(event: Event) -> None:
    """Only answers are told on the way."""


def _nowhere() -> bool:
    """What is no answer is asked of one alone."""
    return False


@dataclass(slots=True)
class Where:
    """The node of some members. `lost`: told when it failed one that asked it, and whether it was refused at once.
    `elsewhere`: whether another node has a model of this name. `away`: why none of them can be asked now."""

    link: Link
    lost: Callable[[bool], None]
    elsewhere: Callable[[str], bool]
    hopes: Hopes
    away: str = ""


class PeerMember:
    def __init__(self, where: Where, offer: Offer) -> None:
        self.offer = offer
        self.load = Load(offer.key, IDLE)
        self._where = where

    @property
    def name(self) -> str:
        return f"{self.offer.key}@{self._where.link.id}"

    @property
    def _node(self) -> str:
        return f"The node {self._where.link.id}"

    def served(self) -> Served:
        if away := self._where.away or self.load.away:
            raise Unavailable(away, model=self.offer.served.id)
        return replace(self.offer.served, local=False)

    def busy(self) -> Busy:
        return self.load.busy

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        ask, answer = Ask(self.offer.key, request).bound(), Judge(self._node, request, self.offer.served.context)
        ends: list[Finished] = []

        async def hear(event: Event) -> None:
            answer.event(event)
            if isinstance(event, Finished):
                ends.append(event)
            else:
                await emit(event)

        def elsewhere() -> bool:
            """Where something was said already, only who has the same model can go on with it."""
            return self._where.elsewhere(self.offer.served.id if answer.begun else request.model)

        found = await self._ask("/swarm/generate", messages.ASK, ask, Answered, hear, elsewhere)
        answer.candidates(found.candidates)
        # Not before it is known to be an answer: nothing may fail behind the end.
        for end in ends:
            await emit(end)
        return [replace(candidate, member=self.name) for candidate in found.candidates]

    async def count(self, request: ChatRequest) -> int:
        ask = Ask(self.offer.key, request).bound()
        found = await self._ask("/swarm/count", messages.ASK, ask, Counted)
        return judge.counted(self._node, found.tokens)

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        ask = ToTokens(self.offer.key, text, special, framed)
        found = await self._ask("/swarm/tokenize", messages.TO_TOKENS, ask, Tokens)
        return judge.tokens(self._node, found.tokens)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        ask = ToText(self.offer.key, tuple(tokens))
        return (await self._ask("/swarm/detokenize", messages.TO_TEXT, ask, Plain)).text

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        ask = ToVectors(self.offer.key, tuple(texts))
        found = await self._ask("/swarm/embed", messages.TO_VECTORS, ask, Vectors)
        return judge.vectors(self._node, found.embeddings, len(texts))

    async def _ask(
        self,
        path: str,
        asks: Codec[Asked],
        asked: Asked,
        wanted: type[Wanted],
        emit: Emit = _nobody,
        elsewhere: Callable[[], bool] = _nowhere,
    ) -> Wanted:
        body = asks.dump(asked)
        with self._where.hopes.one(len(body), elsewhere) as hope:
            end = await self._end(path, body, emit, hope)
        if not isinstance(end, wanted):
            raise UpstreamFault(f"{self._node} answered another question.")
        return end

    async def _end(self, path: str, body: bytes, emit: Emit, hope: Hope) -> Reply:
        """The reply, once everything before it is told."""
        begun, pulse = False, Pulse(self._node, time.monotonic())
        try:
            async with aclosing(self._where.link.stream(path, body, hope)) as lines:
                async for line in lines:
                    begun = True
                    if isinstance(line, SwarmError):
                        raise line
                    if not isinstance(line, tuple):
                        return line
                    hope.heard()
                    (pulse.speak if line else pulse.beat)(time.monotonic())
                    for event in line:
                        await emit(event)
                    hope.listen()
        except Lost as lost:
            self._where.lost(lost.hard)
            # Whoever took the request and died may have died of it.
            raise EngineDied(lost.message) if begun else lost from None
        raise AssertionError("a stream ends with a line or an error")


class PeerNode:
    """One node, as a source of members. What is learnt of a member stays with it for as long as its key is offered."""

    def __init__(
        self,
        link: Link,
        lost: Callable[[bool], None] = lambda hard: None,
        elsewhere: Callable[[str], bool] = lambda model: False,
    ) -> None:
        self.link = link
        self.report: Report | None = None
        self._where = Where(link, lost, elsewhere, Hopes(partial(lost, False)))
        self._members: dict[str, PeerMember] = {}

    def members(self) -> Sequence[PeerMember]:
        return list(self._members.values())

    def take(self, report: Report) -> None:
        self.report = report
        self._members = {offer.key: self._kept(offer) for offer in report.offers}
        self.hear(report.loads)

    def hear(self, loads: Sequence[Load]) -> None:
        """How busy they are, as it comes with each probe."""
        for load in loads:
            if member := self._members.get(load.key):
                member.load = load

    def away(self, why: str) -> None:
        """None of them is asked until it is `back`, and what it was asked is asked elsewhere where that can be."""
        self._where.away = why
        self._where.hopes.give_up()

    def back(self) -> None:
        self._where.away = ""

    def _kept(self, offer: Offer) -> PeerMember:
        member = self._members.get(offer.key) or PeerMember(self._where, offer)
        member.offer = offer
        return member
