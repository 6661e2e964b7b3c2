"""How many sightings are passed on: the same one seldom, and never more than can be dealt with (pure)."""

from collections import OrderedDict
from dataclasses import dataclass

from .record import Sighting

# Seconds until the same is passed on again: it may have been forgotten meanwhile.
REPEAT_SECONDS = 10.0
# A house has tens of nodes, a school a thousand. The rest is somebody's attempt to fill memory.
MOST_KNOWN = 2000
# Sightings a second of what has not been passed on before, after so many at once.
STEADY, AT_ONCE = 50.0, 200.0


@dataclass(slots=True)
class Bucket:
    """Fills steadily and is emptied by what is let through."""

    level: float = AT_ONCE
    since: float | None = None

    def take(self, now: float) -> bool:
        if self.since is not None:
            self.level = min(AT_ONCE, self.level + (now - self.since) * STEADY)
        self.since = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Sieve:
    """`tag`: that of our own swarm, whose nodes have a share of their own, so that a flood of strangers hides none."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._passed: OrderedDict[Sighting, float] = OrderedDict()
        self._ours, self._strangers = Bucket(), Bucket()

    def passes(self, sighting: Sighting, now: float) -> bool:
        last = self._passed.get(sighting)
        if last is not None and now - last < REPEAT_SECONDS:
            return False
        bucket = self._ours if sighting.tag == self.tag else self._strangers
        if last is None and not bucket.take(now):
            return False
        self._passed[sighting] = now
        self._passed.move_to_end(sighting)
        if len(self._passed) > MOST_KNOWN:
            self._passed.popitem(last=False)
        return True
