"""Pieces on their way out of the engine process. Pure.

Each frame wakes the node, and each of its events a client: on a small machine that takes a good part of a fast step
away from the engine. So what comes within a few milliseconds goes out together; nobody reads faster.
"""

from dataclasses import replace

from .base import Piece

# The more candidates write, the more each frame costs, and the slower each of them is anyway.
TOGETHER_SECONDS = 0.025
TOGETHER_SECONDS_EACH = 0.006
LONGEST_TOGETHER_SECONDS = 0.07


class Outbox:
    def __init__(self) -> None:
        self._pieces: dict[tuple[str, int], Piece] = {}
        self._last = 0.0
        self._urgent = False

    def put(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            key = (piece.job, piece.candidate)
            before = self._pieces.get(key)
            self._pieces[key] = join(before, piece) if before else piece
            self._urgent = self._urgent or piece.reason is not None

    def take(self, now: float, everything: bool = False) -> list[Piece]:
        """What is due: the first after a pause and the end of an answer at once, the rest together."""
        if not self._pieces or not (everything or self._urgent or now - self._last >= self._pause()):
            return []
        pieces, self._pieces = list(self._pieces.values()), {}
        self._last, self._urgent = now, False
        return pieces

    def _pause(self) -> float:
        others = len(self._pieces) - 1
        return min(TOGETHER_SECONDS + TOGETHER_SECONDS_EACH * others, LONGEST_TOGETHER_SECONDS)


def join(first: Piece, second: Piece) -> Piece:
    return replace(
        second,
        text=first.text + second.text,
        tokens=first.tokens + second.tokens,
        logprobs=first.logprobs + second.logprobs,
        written=first.written + second.written,
    )
