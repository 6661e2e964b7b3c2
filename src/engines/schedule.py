"""Who reads and who writes in the next step.

A sequence waits, is admitted, reads its tokens, writes, and is finished. When the cells run out the youngest gives
way: it waits again with all that it has written, and reads that back later (from the cache, if it is still there).
"""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from .beginning import common_length
from .pace import YOUNG_TOKENS, Pace, shares
from .sequence import Sequence

# Waiting for somebody else to read a common beginning pays only from this many tokens on.
WORTH_WAITING = 16
# Cells kept for what an admitted sequence will write before the next look.
HEADROOM = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """So many tokens of this sequence go into the step."""

    sequence: Sequence
    count: int


class Cells(Protocol):
    """The memory of an engine: what each sequence holds of it."""

    @property
    def free(self) -> int: ...

    def match(self, sequence: Sequence) -> int:
        """How many of its tokens it would not have to read."""
        ...

    def fetch(self, sequence: Sequence, promised: int) -> None:
        """Bring what its prompt begins with from where it is kept, if there is room beside what is promised."""
        ...

    def begin(self, sequence: Sequence) -> bool:
        """Give it a place, with the longest beginning that is there. False: there is none."""
        ...

    def retire(self, sequence: Sequence) -> None:
        """It is finished or gives way; what it held may serve others."""
        ...

    def lose(self, sequence: Sequence) -> None:
        """What it held is no longer what its tokens say."""
        ...

    def room(self, need: int) -> bool:
        """Make room for so many more tokens, at the cost of the prefix cache alone."""
        ...


class Schedule:
    def __init__(self, cells: Cells, seats: int, pace: Pace, cuttable: bool) -> None:
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self._cells = cells
        self._seats = seats
        self._pace = pace
        self._cuttable = cuttable

    def next(self) -> list[Turn]:
        self._admit()
        writers = self._writers()
        readers = [sequence for sequence in self.running if not sequence.writing]
        young = any(turn.sequence.written <= YOUNG_TOKENS for turn in writers)
        return writers + self._readers(readers, _tokens(writers), young)

    def of(self, job_id: str) -> list[Sequence]:
        return [sequence for sequence in [*self.running, *self.waiting] if sequence.job.id == job_id]

    def remove(self, sequence: Sequence) -> None:
        if sequence in self.running:
            self.running.remove(sequence)
            self._cells.retire(sequence)
        else:
            self.waiting.remove(sequence)

    def lose(self, sequence: Sequence) -> None:
        """Its cells are gone or wrong: it reads everything again, and is the first to be admitted."""
        self._cells.lose(sequence)
        self.running.remove(sequence)
        self.waiting.appendleft(sequence)

    def give_way(self) -> bool:
        """The youngest makes room for the others. False: there is nobody but one."""
        if len(self.running) < 2:
            return False
        youngest = max(self.running, key=lambda sequence: sequence.born)
        self.remove(youngest)
        self.waiting.appendleft(youngest)
        return True

    def _admit(self) -> None:
        # Looking at more than a few of a long queue costs time in every step and finds nothing better.
        for sequence in list(self.waiting)[: 2 * self._seats]:
            if len(self.running) >= self._seats:
                return
            if self._better_later(sequence):
                continue
            promised = sum(other.unread for other in self.running)
            self._cells.fetch(sequence, promised + HEADROOM)
            need = sequence.unread - self._cells.match(sequence) + HEADROOM
            if self.running and not self._cells.room(promised + need):
                return
            sequence.marks = {len(sequence.tokens) - 1}
            if sequence.job.head and not self._cuttable:
                sequence.marks.add(sequence.job.head)
            if not self._cells.begin(sequence):
                return
            self.waiting.remove(sequence)
            self.running.append(sequence)

    def _better_later(self, sequence: Sequence) -> bool:
        """Is somebody reading what this one begins with? Then it copies that instead of reading it again."""
        for other in self.running:
            common = min(common_length(sequence.tokens, other.tokens), other.prompt, len(sequence.tokens) - 1)
            if other.read >= common:
                continue
            worth = 1 if other.job is sequence.job else WORTH_WAITING
            if common - self._cells.match(sequence) >= worth:
                if not self._cuttable:
                    # Such memory can only be copied while it is at exactly this length.
                    other.marks.add(common)
                return True
        return False

    def _writers(self) -> list[Turn]:
        while True:
            found = [sequence for sequence in self.running if sequence.writing]
            most = self._pace.largest // max(1, len(found)) or 1
            writers = [Turn(sequence, min(sequence.unread, most)) for sequence in found]
            if self._cells.room(_tokens(writers)) or not self.give_way():
                return writers

    def _readers(self, readers: list[Sequence], writers: int, young: bool) -> list[Turn]:
        turns: list[Turn] = []
        planned = writers
        budget = self._pace.chunk(writers, young, sum(reader.unread for reader in readers))
        for sequence, share in zip(readers, shares([r.unread for r in readers], budget), strict=True):
            if sequence not in self.running:
                continue
            count = self._affordable(min(share, self._to_next_mark(sequence)), planned)
            if count:
                turns.append(Turn(sequence, count))
                planned += count
        if not planned and readers and self.give_way():
            return self._readers([r for r in readers if r in self.running], 0, young)
        return turns

    def _affordable(self, count: int, planned: int) -> int:
        if self._cells.room(planned + count):
            return count
        return max(0, min(count, self._cells.free - planned))

    def _to_next_mark(self, sequence: Sequence) -> int:
        """The last token is read on its own: others can start from the state before it, and the answer is the same
        whether the rest was read or found in the cache (llama.cpp rounds differently in a step of many tokens)."""
        return (
            min((mark for mark in sequence.marks if mark > sequence.read), default=len(sequence.tokens)) - sequence.read
        )


def _tokens(turns: list[Turn]) -> int:
    return sum(turn.count for turn in turns)
