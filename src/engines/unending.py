"""When a value that repeats itself has to end: a small model that once began to repeat itself seldom stops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llguidance import LLMatcher

from .leaving import Kind, Leaving
from .repetition import Counting, Repetition


@dataclass(frozen=True, slots=True)
class Enough:
    """So many tokens in a row that repeat others, and so many pieces."""

    tokens: int
    times: int


# A text may be the content of a file, and a list a table of zeros: neither is ended lightly.
SURELY: Mapping[Kind, Enough] = {"other": Enough(64, 8), "list": Enough(1024, 16), "text": Enough(1024, 16)}
# Where the answer is about to be cut off anyway.
AT_THE_LIMIT: Mapping[Kind, Enough] = {"other": Enough(24, 4), "list": Enough(32, 4), "text": Enough(96, 6)}
# Where a value was ended for that, and others are still needed behind it.
HOMEWARD: Mapping[Kind, Enough] = {"other": Enough(6, 4), "list": Enough(12, 2), "text": Enough(24, 4)}
# What is left of an answer's tokens when its limit is near: enough to write what stands behind the value.
RESERVE = 128
RESERVE_SHARE = 4
# Tokens between two looks for a way out, which take some milliseconds.
PATIENCE = 64
PATIENCE_AT_THE_LIMIT = 8
PATIENCE_HOMEWARD = 4
# Halves are taken down to these.
FEWEST = 32
# Values that may be ended before everything around them is.
MOST_ENDED = 6


class Unending:
    def __init__(self, leaving: Leaving, limit: int) -> None:
        """`limit`: tokens after which the answer is cut off."""
        self._leaving = leaving
        self._limit = limit
        self._reserve = min(RESERVE, limit // RESERVE_SHARE)
        self._repetition = Repetition()
        self._counting = Counting(leaving.spelling.of)
        self.written = 0
        self._open = 0  # brackets, each of which has to be closed
        self._looked = -PATIENCE
        self.ended = 0  # values
        self.cut = False  # for the sake of the limit

    @property
    def homeward(self) -> bool:
        """Only what is needed is still to be written."""
        return self.cut or self.ended >= MOST_ENDED

    def add(self, tokens: Sequence[int]) -> None:
        for token in tokens:
            self._repetition.add(token)
            self._counting.add(token)
            spelled = self._leaving.spelling.of(token)
            self._open += sum(spelled.count(one) for one in b"[{") - sum(spelled.count(one) for one in b"]}")
        self.written += len(tokens)

    def way_out(self, matcher: LLMatcher) -> tuple[int, ...]:
        """What has to be written now, so that a value ends; nothing where all is well."""
        # Those within a text count too, but do not bring the limit nearer than twice as far.
        near = self.written + self._reserve + min(max(0, self._open), self._reserve) >= self._limit
        if self.written < self._looked + self._patience(near):
            return ()
        way = self._away(matcher, self._enough(near), near)
        if not way or self.written + len(way) >= self._limit:
            return ()
        self.ended += 1
        self.cut = self.cut or near
        return way

    def _patience(self, near: bool) -> int:
        return PATIENCE_HOMEWARD if self.homeward else PATIENCE_AT_THE_LIMIT if near else PATIENCE

    def _enough(self, near: bool) -> Mapping[Kind, Enough]:
        """Who has begun to repeat himself does it again: half as much is enough the next time."""
        if self.homeward:
            return HOMEWARD
        if near:
            return AT_THE_LIMIT
        return {kind: Enough(max(FEWEST, one.tokens >> self.ended), one.times) for kind, one in SURELY.items()}

    def _away(self, matcher: LLMatcher, enough: Mapping[Kind, Enough], near: bool) -> tuple[int, ...]:
        least, times = min(one.tokens for one in enough.values()), min(one.times for one in enough.values())
        found = self._repetition.found(least, times)
        if found is None and near:
            found = self._counting.found(least, times)
        if found is None:
            return ()
        period, run = found
        self._looked = self.written
        way = self._leaving.way_out(matcher, self._repetition.piece(period))
        if way is None or run < max(enough[way.kind].tokens, period * enough[way.kind].times):
            return ()
        return way.tokens
