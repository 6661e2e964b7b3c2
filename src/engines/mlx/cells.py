"""Who holds which rows of keys and values. What finished sequences held becomes a cached prefix, until its room is
needed.

A sequence reads its prompt in a row of its own, and then joins others that write. Rows of one group are as long as
its longest, so the few that are very long have groups of their own. `pool` bounds all of it, padding included.

Keys and values can be shared up to any token, recurrent states only where a snapshot was taken of them: near the end of
a prompt, at its end and that of the answer, and where two prompts part. Such a snapshot counts as so many tokens.
"""

from collections.abc import Iterable
from collections.abc import Sequence as Listed
from dataclasses import dataclass, field

from ..beginning import common_length
from ..sequence import Sequence
from .held import Held
from .kinds import Kind, has_state
from .prefixes import Prefixes
from .rows import Rows, State, cut, joined, one_row
from .states import Snapshot

# Up to so many tokens any two sequences may be in one group, and beyond that up to so many times as many.
SHORT = 4096
STEEP = 4
# The next turn of a conversation often parts from this one a few tokens before its end, where the answer is announced.
ANNOUNCED = 16
# Fewer tokens are sooner read again than a snapshot is worth.
WORTH_KEEPING = 32


@dataclass(eq=False, slots=True)
class Group:
    """Sequences that are decoded together."""

    rows: Rows
    members: list[Sequence] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.members) * self.rows.width


class Cells:
    def __init__(self, kinds: Listed[Kind], pool: int, short: int = SHORT, snapshot: int = 0) -> None:
        """`snapshot`: the tokens that one counts as."""
        self.pool = pool
        self.cuttable = not has_state(kinds)
        self._short = short
        self._kinds = kinds
        self._snapshot = snapshot
        self._prefixes: Prefixes[State, Snapshot] = Prefixes(cut, by_snapshot=not self.cuttable)
        self._held = Held()
        self._groups: dict[int, Group] = {}  # of those that write, by their size
        self._reading: dict[Sequence, Group] = {}
        self._born = 0

    @property
    def used(self) -> int:
        return self.cached + self.owned

    @property
    def cached(self) -> int:
        return self._prefixes.tokens + self._prefixes.snapshots * self._snapshot

    @property
    def owned(self) -> int:
        """What running sequences hold."""
        tokens = sum(group.size for group in [*self._groups.values(), *self._reading.values()])
        return tokens + len(self._held) * self._snapshot

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
        sequence.marks |= self._worth_keeping(sequence, rows.width)
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

    def snapshot(self, sequence: Sequence) -> None:
        """Keep its states as they are now: they cannot be cut back to it later."""
        self._hold(sequence)
        self.room(0)

    def retire(self, sequence: Sequence) -> None:
        """It is finished or gives way: what it holds becomes a cached prefix."""
        group = self._group_of(sequence)
        row = group.members.index(sequence)
        self._prefixes.put(sequence.tokens[: sequence.read], lambda begin, end: group.rows.cut(row, begin, end))
        self._hold(sequence)
        for length, snapshot in self._held.take(sequence).items():
            self._prefixes.mark(sequence.tokens[:length], snapshot)
        self.lose(sequence)
        self.room(0)

    def lose(self, sequence: Sequence) -> None:
        self._held.take(sequence)
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
            if not (self._prefixes.shrink() or self._held.shrink()):
                return False
        return True

    def _hold(self, sequence: Sequence) -> None:
        if sequence.read and not self.cuttable:
            group = self._group_of(sequence)
            self._held.put(sequence, group.rows.snapshot(group.members.index(sequence)))

    def _running(self) -> list[Sequence]:
        return [one for group in [*self._groups.values(), *self._reading.values()] for one in group.members]

    def _group_of(self, sequence: Sequence) -> Group:
        return self._reading.get(sequence) or next(g for g in self._groups.values() if sequence in g.members)

    def _coming(self, length: int) -> list[Sequence]:
        """The members of the group for sequences of this length."""
        return self._groups.setdefault(self._size(length), Group(Rows(self._kinds))).members

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
        """The running sequence that has most of these tokens, and how many it could share."""
        best: tuple[int, Sequence | None] = (0, None)
        for other in self._running():
            length = self._shared(tokens, other)
            if length > best[0]:
                best = length, other
        return best

    def _shared(self, tokens: list[int], other: Sequence) -> int:
        length = min(common_length(tokens, other.tokens), other.read)
        if self.cuttable or length == other.read:
            return length
        return self._held.longest(other, length)

    def _beginning(self, tokens: list[int]) -> Rows:
        length, other = self._nearest(tokens)
        if other and length >= self._prefixes.longest(tokens):
            group = self._group_of(other)
            row = group.members.index(other)
            here = not self.cuttable and length < other.read
            snapshot = self._held.get(other, length) if here else group.rows.snapshot(row)
            return one_row(self._kinds, length, group.rows.cut(row, 0, length), snapshot)
        found = self._prefixes.take(tokens)
        if not found.length:
            return Rows(self._kinds, [0])
        return one_row(self._kinds, found.length, joined(found.states), found.snapshot or [])

    def _worth_keeping(self, sequence: Sequence, read: int) -> set[int]:
        """Lengths at which others may want its states: where it parts from what is known, and its next turn from it."""
        if self.cuttable:
            return set()
        wanted = sequence.tokens[:-1]
        running = [min(common_length(wanted, other.tokens), other.read) for other in self._running()]
        parting = max(running, default=0), self._prefixes.known(wanted), len(wanted) - ANNOUNCED
        return {length for length in parting if length >= read + WORTH_KEEPING}
