"""Who owns how many KV cells. Finished sequences stay as cached prefixes until their cells are needed, or until they
have slowed others down for long enough; then they go to the shelf.

Running sequences hold their prompt in the tree as soon as it is read, so that others share it; what they write is
their own until they finish. `pool` bounds the sum of both.
"""

from typing import Literal

from ..sequence import Sequence
from .head_file import Head
from .heads import Heads
from .memory import Memory
from .prefixes import Match, PrefixTree
from .shelf import Parcel, Shelf

# An idle sequence goes to the shelf after so many tokens of others were decoded. By then it has cost them about as
# much time as moving it there and back takes, on any machine: both grow with its cells and the speed of the memory.
PATIENCE_TOKENS = 128
LOOK_EVERY_TOKENS = 32
# Of several that share a long beginning each has little of its own; the beginning is free only when all are gone.
# Less than `WORTH_KEEPING` is sooner read again than moved with all that lies before it.
LEAST_GAIN = 1 / 8
WORTH_KEEPING = 1 / 32
# Fewer tokens are read as fast as they are moved.
WORTH_MOVING = 32
# A prompt that needs less than this part of what lies on the shelf reads it faster, even on a GPU.
WORTH_FETCHING = 1 / 8
# A file is read slower than the shelf, and a short prompt is read by the model meanwhile.
WORTH_LOADING = 256

PutBack = Literal["there", "no room", "wrong"]


class Cells:
    def __init__(
        self,
        memory: Memory,
        pool: int,
        sequences: int,
        shelf: Shelf,
        heads: Heads | None = None,
        patience: int = PATIENCE_TOKENS,
    ) -> None:
        self.pool = pool
        self._memory = memory
        self._tree = PrefixTree()
        self._free_ids = list(range(sequences - 1, -1, -1))
        self._idle: set[int] = set()
        self._running: set[Sequence] = set()
        self._shelf = shelf
        self._heads = heads or Heads(None)
        self._patience = patience
        self._decoded = 0  # tokens, of anybody
        self._next_look = 0
        self._idle_since: dict[int, int] = {}  # as of `_decoded`

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
    def shelved_bytes(self) -> int:
        return self._shelf.used

    @property
    def free(self) -> int:
        return self.pool - self.used

    def match(self, sequence: Sequence) -> int:
        """How many of its tokens it would not have to read. The last one is always read: its logits are wanted."""
        return self._match(sequence)[0]

    def fetch(self, sequence: Sequence, promised: int) -> None:
        """Put back from the shelf what its prompt begins with, if there is room beside what is promised to others."""
        wanted = sequence.tokens[:-1]
        here = self._longest(wanted).length
        length, parcel = self._shelf.longest(wanted)
        if parcel and length - here >= max(WORTH_MOVING, WORTH_FETCHING * len(parcel.tokens)):
            here = length
            self._shelf.remove(parcel)
            if self._put_back(parcel, promised + len(sequence.tokens) - length) == "no room":
                self._shelf.put(parcel)
        kept, head = self._heads.longest(wanted)
        if head and kept - here >= WORTH_LOADING:
            self._load(head, promised + len(sequence.tokens) - kept)

    def begin(self, sequence: Sequence) -> bool:
        """Give it an id and the longest prefix that is there. False: no id is free."""
        length, source = self._match(sequence)
        seq = self._new_id(keep=source)
        if seq is None:
            return False
        if source is not None:
            self._memory.copy(source, seq, 0, length if self._memory.cuttable else -1)
            if not self._memory.whole(seq, length):
                self._memory.remove(seq, -1, -1)
                length = 0
            if source in self._idle:
                self._rest(source)
        self._tree.put(seq, sequence.tokens[:length])
        sequence.seq, sequence.read, sequence.held = seq, length, length
        self._running.add(sequence)
        if sequence.cached is None:
            sequence.cached = length
        if not self._memory.cuttable:
            self.keep_head(sequence)
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
        self._rest(seq)

    def retire(self, sequence: Sequence) -> None:
        """It is finished or gives way: its cells become a cached prefix."""
        self._running.discard(sequence)
        if sequence.read == 0:
            self._free(sequence.seq)
        else:
            self._put(sequence, sequence.read)
            self._rest(sequence.seq)
            self._drop_redundant()
        sequence.seq, sequence.read, sequence.held = -1, 0, 0

    def keep_head(self, sequence: Sequence) -> None:
        """Its head goes to disk, if it is worth that. Memory that cannot be cut is right only at its very end."""
        head = sequence.job.head
        there = sequence.read >= head if self._memory.cuttable else sequence.read == head
        if sequence.candidate or not there or not self._memory.intact(sequence.seq, head):
            return
        tokens = sequence.tokens[:head]
        if not self._heads.wants(tokens):
            return
        seq = self._new_id(keep=sequence.seq)
        if seq is None:
            return
        self._memory.copy(sequence.seq, seq, 0, head if self._memory.cuttable else -1)
        self._heads.put(tokens, self._memory.save(seq))
        self._free(seq)

    def close(self) -> None:
        self._heads.close()

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
            if not self._shelve(victim):
                self._shrink(victim, need - self.free)
        return True

    def make_way(self, tokens: int) -> None:
        """A step of so many tokens comes: what lies idle is in its way, and may have to go."""
        self._decoded += tokens
        if self._decoded < self._next_look:
            return
        self._next_look = self._decoded + LOOK_EVERY_TOKENS
        for seq in list(self._idle):
            length, own = self._tree.length(seq), self._tree.own(seq)
            # The whole sequence is moved, to free only what is its own.
            gain = max(own / length, LEAST_GAIN)
            if (self._decoded - self._idle_since[seq]) * gain > self._patience:
                self._clear_away(seq, own / length)

    def clear_cache(self) -> None:
        for seq in list(self._idle):
            self._free(seq)

    def _put_back(self, parcel: Parcel, others: int) -> PutBack:
        """With room for so many tokens of others beside it."""
        seq = self._new_id(keep=None) if self.room(others + len(parcel.tokens)) else None
        if seq is None:
            return "no room"
        if not self._memory.restore(seq, parcel.data):
            self._free(seq)
            return "wrong"
        self._share(seq, self._tree.put(seq, parcel.tokens), 0)
        self._rest(seq)
        self._drop_redundant()
        return "there"

    def _load(self, head: Head, others: int) -> None:
        if not self.room(others + len(head.tokens)):
            return
        data = head.load()
        if not data.nbytes or self._put_back(Parcel(head.tokens, data), others) == "wrong":
            self._heads.forget(head)

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
        self._share(sequence.seq, shared, sequence.held)
        sequence.held = length

    def _share(self, seq: int, shared: Match, held: int) -> None:
        """Two have the same tokens, each in cells of its own: from here on they share one copy."""
        if shared.seq is None or shared.length <= held:
            return
        if self._memory.cuttable and not self._memory.window:
            self._memory.remove(seq, held, shared.length)
            self._memory.copy(shared.seq, seq, held, shared.length)

    def _rest(self, seq: int) -> None:
        self._idle.add(seq)
        self._idle_since[seq] = self._decoded

    def _clear_away(self, seq: int, own_part: float) -> None:
        if own_part < WORTH_KEEPING and self._memory.cuttable:
            self._free(seq)
        elif not self._shelve(seq):
            self._idle_since[seq] = self._decoded

    def _shelve(self, seq: int) -> bool:
        """Move it out of the engine's memory. False: it is not worth it, or there is no room for it."""
        length = self._tree.length(seq)
        whole = self._memory.cuttable and self._memory.intact(seq, length)
        if not whole or self._tree.own(seq) < WORTH_MOVING or not self._shelf.takes(self._memory.size(seq)):
            return False
        self._shelf.put(Parcel(self._tree.tokens(seq), self._memory.save(seq)))
        self._free(seq)
        return True

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
            if not self._shelve(victim):
                self._free(victim)
        return self._free_ids.pop()

    def _free(self, seq: int) -> None:
        self._memory.remove(seq, -1, -1)
        if seq in self._tree:
            self._tree.drop(seq)
        self._idle.discard(seq)
        self._idle_since.pop(seq, None)
        self._free_ids.append(seq)
