"""Who owns how many KV cells. Finished sequences stay as cached prefixes until their cells are needed.

Running sequences hold their prompt in the tree as soon as it is read, so that others share it; what they write is
their own until they finish. `pool` bounds the sum of both.
"""

from .memory import Memory
from .prefixes import Match, PrefixTree
from .sequence import Sequence


class Cells:
    def __init__(self, memory: Memory, pool: int, sequences: int) -> None:
        self.pool = pool
        self._memory = memory
        self._tree = PrefixTree()
        self._free_ids = list(range(sequences - 1, -1, -1))
        self._idle: set[int] = set()
        self._running: set[Sequence] = set()

    @property
    def used(self) -> int:
        return self._tree.cells + sum(sequence.read - sequence.held for sequence in self._running)

    @property
    def cached(self) -> int:
        """Cells that only the prefix cache holds."""
        return self.used - self.owned

    @property
    def owned(self) -> int:
        """Cells that running sequences hold, shared ones counted once."""
        return sum(sequence.read - sequence.held for sequence in self._running) + self._tree.covered_by(
            {sequence.seq for sequence in self._running}
        )

    @property
    def free(self) -> int:
        return self.pool - self.used

    def match(self, sequence: Sequence) -> int:
        """How many of its tokens it would not have to read. The last one is always read: its logits are wanted."""
        return self._match(sequence)[0]

    def begin(self, sequence: Sequence) -> bool:
        """Give it an id and the longest prefix that is there. False: no id is free."""
        length, source = self._match(sequence)
        seq = self._new_id(keep=source)
        if seq is None:
            return False
        if source is not None:
            self._memory.copy(source, seq, 0, length if self._memory.cuttable else -1)
        self._tree.put(seq, sequence.tokens[:length])
        sequence.seq, sequence.read, sequence.held = seq, length, length
        self._running.add(sequence)
        if sequence.cached is None:
            sequence.cached = length
        return True

    def publish(self, sequence: Sequence) -> None:
        """What it has read of its prompt may be shared from now on."""
        length = min(sequence.read, sequence.prompt)
        if length > sequence.held:
            self._put(sequence, length)

    def snapshot(self, sequence: Sequence) -> None:
        """Keep its state as it is now, for memory that cannot be cut back to it later."""
        tokens = sequence.tokens[: sequence.read]
        if self._tree.longest_whole(tokens, self._idle).length == sequence.read:
            return
        seq = self._new_id(keep=sequence.seq)
        if seq is None:
            return
        self._memory.copy(sequence.seq, seq, 0, -1)
        self._tree.put(seq, tokens)
        self._idle.add(seq)

    def retire(self, sequence: Sequence) -> None:
        """It is finished or gives way: its cells become a cached prefix."""
        self._running.discard(sequence)
        if sequence.read == 0:
            self._free(sequence.seq)
        else:
            self._put(sequence, sequence.read)
            self._idle.add(sequence.seq)
            self._drop_redundant()
        sequence.seq, sequence.read, sequence.held = -1, 0, 0

    def lose(self, sequence: Sequence) -> None:
        """Its state is no longer what its tokens say: forget the cells."""
        self._running.discard(sequence)
        self._free(sequence.seq)
        sequence.seq, sequence.read, sequence.held = -1, 0, 0

    def rewind(self, sequence: Sequence) -> bool:
        """After a decode that was cut short: only what was read before it counts. False: this memory cannot."""
        return self._memory.cuttable and self._memory.remove(sequence.seq, sequence.read, -1)

    def room(self, need: int) -> bool:
        """Make room for so many more cells, at the cost of the cache alone."""
        while self.free < need:
            victim = self._tree.oldest(self._idle)
            if victim is None:
                return False
            self._shrink(victim, need - self.free)
        return True

    def clear_cache(self) -> None:
        for seq in list(self._idle):
            self._free(seq)

    def _match(self, sequence: Sequence) -> tuple[int, int | None]:
        wanted = sequence.tokens[:-1]
        while True:
            match = self._longest(wanted)
            if match.seq is None or self._memory.intact(match.seq, match.length):
                return match.length, match.seq
            if match.seq not in self._idle:
                return 0, None
            self._free(match.seq)

    def _longest(self, tokens: list[int]) -> Match:
        if self._memory.cuttable:
            return self._tree.longest(tokens)
        return self._tree.longest_whole(tokens, self._idle)

    def _put(self, sequence: Sequence, length: int) -> None:
        shared = self._tree.put(sequence.seq, sequence.tokens[:length])
        if shared.seq is not None and shared.length > sequence.held and self._can_share(shared):
            # Both read the same tokens on their own; from here on they share one copy.
            self._memory.remove(sequence.seq, sequence.held, shared.length)
            self._memory.copy(shared.seq, sequence.seq, sequence.held, shared.length)
        sequence.held = length

    def _can_share(self, match: Match) -> bool:
        assert match.seq is not None
        return self._memory.cuttable and self._memory.intact(match.seq, 0)

    def _shrink(self, seq: int, count: int) -> None:
        if not self._memory.cuttable:
            self._free(seq)
            return
        length = self._tree.shorten(seq, count)
        if length == 0 or seq not in self._tree:
            self._free(seq)
        else:
            self._memory.remove(seq, length, -1)
            self._drop_redundant()

    def _drop_redundant(self) -> None:
        """An id whose cells others cover as well is worth nothing, unless states can only be copied whole."""
        while self._memory.cuttable and (seq := self._tree.redundant(self._idle)) is not None:
            self._free(seq)

    def _new_id(self, keep: int | None) -> int | None:
        if not self._free_ids:
            victim = self._tree.oldest_whole(self._idle - {keep})
            if victim is None:
                return None
            self._free(victim)
        return self._free_ids.pop()

    def _free(self, seq: int) -> None:
        self._memory.remove(seq, -1, -1)
        if seq in self._tree:
            self._tree.drop(seq)
        self._idle.discard(seq)
        self._free_ids.append(seq)
