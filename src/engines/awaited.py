"""What is still to come from an engine process: the pieces of an answer, the parts of a reply."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from ..errors import SwarmError
from .base import Piece

Told = int | Piece | SwarmError


class Answer:
    """What comes back for one job: first the count of its prompt's tokens, then pieces."""

    def __init__(self, candidates: int) -> None:
        self._told: asyncio.Queue[Told] = asyncio.Queue()
        self._open = candidates

    def tell(self, told: Told) -> None:
        self._told.put_nowait(told)

    @property
    def finished(self) -> bool:
        return self._open == 0

    async def prompt_tokens(self) -> int:
        told = await self._next()
        assert isinstance(told, int)
        return told

    async def pieces(self) -> AsyncIterator[Piece]:
        while self._open:
            piece = await self._next()
            assert isinstance(piece, Piece)
            self._open -= piece.reason is not None
            yield piece

    async def _next(self) -> int | Piece:
        told = await self._told.get()
        if isinstance(told, SwarmError):
            self._open = 0
            raise told
        return told


class Question:
    """Something that is answered in parts, and awaited whole."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.whole: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def end(self) -> None:
        if not self.whole.done():
            self.whole.set_result(self.parts)

    def fail(self, error: SwarmError) -> None:
        if not self.whole.done():
            self.whole.set_exception(error)
