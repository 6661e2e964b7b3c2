"""Which member comes before which. Pure. The rule:

1. Free ones come first; one that must queue counts as free only if it would end SOONER than each that is; and one that
   is free does not count so if it would take over SLOWER times as long as the quickest, and over LONG seconds.
2. The member of the conversation stays, unless one as strong would end in LOYAL of its time; else the strongest leads.
3. Of equally strong ones the first to end; about equally soon, the larger model, and then the one on this node.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Seconds, since it is a guess when the others that it has will end.
SOONER = 1.0
SLOWER = 4.0
LONG = 60.0
LOYAL = 0.4
# Models count as equally strong within one step of so many from 0 to 1.
STEPS = 20
# Ends are equally soon within a tenth of the soonest and a moment; models equally large within a tenth, for parameters
# are counted here and told by a name there.
PARTS = 10
NOTICED = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """`seconds`: to its end. `strength`: from 0 to 1; the same for all where they serve the same model."""

    seconds: float
    free: bool = True
    strength: float = 0.0
    known: bool = False
    local: bool = True
    parameters: int = 0

    @property
    def step(self) -> int:
        return round(self.strength * STEPS)


def ranked(entries: Sequence[Entry]) -> list[int]:
    """Their places in `entries`, the first to be asked at the head."""
    good = [_is_good(entry, entries) for entry in entries]
    rivals = [entry for entry, fine in zip(entries, good, strict=True) if fine]

    def key(at: int) -> tuple[bool, bool, int, int, int, bool]:
        entry = entries[at]
        stays = good[at] and entry.known and not any(_outdone(entry, rival) for rival in rivals)
        equals = [each.seconds for each in entries if each.step == entry.step]
        soon = int(PARTS * math.log((entry.seconds + NOTICED) / (min(equals) + NOTICED)))
        size = round(PARTS * math.log(max(entry.parameters, 1)))
        return not good[at], not stays, -entry.step, soon, -size, not entry.local

    return sorted(range(len(entries)), key=key)


def _is_good(entry: Entry, entries: Sequence[Entry]) -> bool:
    quickest = min(other.seconds for other in entries)
    if entry.free:
        return entry.seconds <= max(LONG, SLOWER * quickest)
    return entry.seconds + SOONER < min((other.seconds for other in entries if other.free), default=0.0)


def _outdone(entry: Entry, rival: Entry) -> bool:
    return rival.step >= entry.step and rival.seconds < LOYAL * entry.seconds
