"""Our vLLM's models as members of this node, and what stands for them while it cannot answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn

from ...chat import Candidate, ChatRequest, Embedding, Emit
from ...errors import Unavailable
from ...swarm.member import Busy, Member, Served

IDLE = Busy(0, 0, 0, 0, 0)


class Own:
    """It is this node's own, and no other server's: a request that must not travel may go to it."""

    def __init__(self, member: Member) -> None:
        self._member = member

    @property
    def name(self) -> str:
        return self._member.name

    def served(self) -> Served:
        return replace(self._member.served(), local=True, notes=("It runs in vLLM.",))

    def busy(self) -> Busy:
        return self._member.busy()

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        return await self._member.generate(request, emit)

    async def count(self, request: ChatRequest) -> int:
        return await self._member.count(request)

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        return await self._member.tokenize(text, special, framed)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return await self._member.detokenize(tokens)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return await self._member.embed(texts)


class Away:
    """`why` says what it waits for."""

    def __init__(self, name: str, why: Callable[[], Unavailable]) -> None:
        self.name = name
        self._why = why

    def served(self) -> NoReturn:
        raise self._why()

    def busy(self) -> Busy:
        return IDLE

    async def generate(self, request: ChatRequest, emit: Emit) -> NoReturn:
        raise self._why()

    async def count(self, request: ChatRequest) -> NoReturn:
        raise self._why()

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> NoReturn:
        raise self._why()

    async def detokenize(self, tokens: Sequence[int]) -> NoReturn:
        raise self._why()

    async def embed(self, texts: Sequence[str]) -> NoReturn:
        raise self._why()
