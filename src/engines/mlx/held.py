"""Snapshots that running sequences hold of their own states, until what they have read becomes a cached prefix."""

from dataclasses import dataclass, field

from ..sequence import Sequence
from .states import Snapshot


@dataclass(slots=True)
class Held:
    _kept: dict[Sequence, dict[int, Snapshot]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(one) for one in self._kept.values())

    def put(self, sequence: Sequence, snapshot: Snapshot) -> None:
        """As of all that it has read."""
        self._kept.setdefault(sequence, {})[sequence.read] = snapshot

    def longest(self, sequence: Sequence, most: int) -> int:
        """Of its tokens, up to so many, how many there is a snapshot behind; 0: of none."""
        return max((length for length in self._kept.get(sequence, ()) if length <= most), default=0)

    def get(self, sequence: Sequence, length: int) -> Snapshot:
        return self._kept[sequence][length]

    def take(self, sequence: Sequence) -> dict[int, Snapshot]:
        """All of its, which it holds no longer."""
        return self._kept.pop(sequence, {})

    def shrink(self) -> bool:
        """Give up the one that was made first. False: there is none."""
        for sequence, kept in self._kept.items():
            kept.pop(next(iter(kept)))
            if not kept:
                del self._kept[sequence]
            return True
        return False
