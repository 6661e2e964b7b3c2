"""Who holds which rows of keys and values. What finished sequences held becomes a cached prefix, until its room is
needed.

A sequence reads its prompt in a row of its own, and then joins others that write. Rows of one group are as long as
its longest, so the few that are very long have groups of their own. `pool` bounds all of it, padding included.
"""

from collections.abc import Iterable
from collections.abc import Sequence as Listed
from dataclasses import dataclass, field

from ..beginning import common_length
from ..sequence import Sequence
from .prefixes import Prefixes
from .rows import Rows, State, joined, one_row

# Up to so many tokens any two sequences may be in one group, and beyond that up to so many times as many.
SHORT = 4096
STEEP = 4


@dataclass(eq=False, slots=True)
class Group:
    """Sequences that are decoded together."""

    rows: Rows
    members: list[Sequence] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.members) * self.rows.width


class Cells:
    def __init__(self, windows: Listed[int], pool: int, short: int = SHORT) -> None:
        self.pool = pool
        self._short = short
        self._windows = windows
        self._prefixes: Prefixes[State] = Prefixes(_cut)
        self._groups: dict[int, Group] = {}  # of those that write, by their size
        self._reading: dict[Sequence, Group] = {}
        self._born = 0

    @property
    def used(self) -> int:
        return self._prefixes.tokens + self.owned

    @property
    def cached(self) -> int:
        return self._prefixes.tokens

    @property
    def owned(self) -> int:
        """What running sequences hold."""
        return sum(group.size for group in [*self._groups.values(), *self._reading.values()])

    @property
    def free(self) -> int:
        return self.pool - self.used

    def match(self, sequence: Sequence) -> int:
        """How many of its tokens it would not have to read. The last one is always read: its logits are wanted."""
        wanted = sequence.tokens[:-1]
        return max(self._prefixes.longest(wanted), self._nearest(wanted)[0])

    def fetch(self, sequence: Sequence, promised: int) -> None:
        """Everything that is kept is at hand."""

    def begin(self, sequence: Sequence) -> bool:
        promised = sum(other.unread for other in self._running())
        if not self.room(promised + self._need(sequence)) and self._reading | self._groups:
            return False
        rows = self._beginning(sequence.tokens[:-1])
        sequence.seq, self._born = self._born, self._born + 1
        sequence.read = rows.width
        if sequence.cached is None:
            sequence.cached = rows.width
        self._reading[sequence] = Group(rows, [sequence])
        return True

    def reads(self, sequence: Sequence) -> bool:
        """Has it not joined those that write yet?"""
        return sequence in self._reading

    def alone(self, sequence: Sequence) -> Rows:
        """The row in which it reads its prompt."""
        return self._reading[sequence].rows

    def together(self, sequences: Iterable[Sequence]) -> list[Group]:
        """The groups of these, to which those that were reading until now are added."""
        for sequence in sequences:
            if sequence in self._reading:
                self._coming(sequence.read).append(sequence)
        for group in self._groups.values():
            new = [self._reading.pop(one) for one in group.members if one in self._reading]
            if new:
                group.rows.join([each.rows for each in new])
        return list(self._groups.values())

    def retire(self, sequence: Sequence) -> None:
        """It is finished or gives way: what it holds becomes a cached prefix."""
        group = self._group_of(sequence)
        row = group.members.index(sequence)
        self._prefixes.put(sequence.tokens[: sequence.read], lambda begin, end: group.rows.cut(row, begin, end))
        self.lose(sequence)
        self.room(0)

    def lose(self, sequence: Sequence) -> None:
        if reading := self._reading.pop(sequence, None):
            reading.rows.release()
        else:
            group = self._group_of(sequence)
            group.rows.leave(group.members.index(sequence))
            group.members.remove(sequence)
            self._groups = {size: one for size, one in self._groups.items() if one.members}
        sequence.seq, sequence.read = -1, 0

    def room(self, need: int) -> bool:
        """Make room for so many more tokens, at the cost of the prefix cache alone."""
        while self.free < need:
            if not self._prefixes.shrink():
                return False
        return True

    def _running(self) -> list[Sequence]:
        return [one for group in [*self._groups.values(), *self._reading.values()] for one in group.members]

    def _group_of(self, sequence: Sequence) -> Group:
        return self._reading.get(sequence) or next(g for g in self._groups.values() if sequence in g.members)

    def _coming(self, length: int) -> list[Sequence]:
        """The members of the group for sequences of this length."""
        return self._groups.setdefault(self._size(length), Group(Rows(self._windows))).members

    def _size(self, length: int) -> int:
        size = self._short
        while length > size:
            size *= STEEP
        return size

    def _need(self, sequence: Sequence) -> int:
        """Its row, and what the others of its group grow by to be as long."""
        length = len(sequence.tokens)
        group = self._groups.get(self._size(length))
        if group is None:
            return length
        return (len(group.members) + 1) * max(length, group.rows.width) - group.size

    def _nearest(self, tokens: list[int]) -> tuple[int, Sequence | None]:
        """The running sequence that has most of these tokens."""
        best: tuple[int, Sequence | None] = (0, None)
        for other in self._running():
            length = min(common_length(tokens, other.tokens), other.read)
            if length > best[0]:
                best = length, other
        return best

    def _beginning(self, tokens: list[int]) -> Rows:
        length, other = self._nearest(tokens)
        if other and length >= self._prefixes.longest(tokens):
            group = self._group_of(other)
            return one_row(self._windows, group.rows.cut(group.members.index(other), 0, length))
        states = self._prefixes.take(tokens)
        return one_row(self._windows, joined(states)) if states else Rows(self._windows, [0])


def _cut(state: State, begin: int, end: int) -> State:
    return one_row([0] * len(state), state).cut(0, begin, end)
