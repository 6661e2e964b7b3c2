"""Where the bytes of one file are taken from: the first place that is fast enough or, where none is, the fastest.

Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from .neighbours import Copy

TRIAL = 5.0  # seconds that a place has to show its speed: a connection needs some of them to come up to it
ENOUGH = 4 * 2**20  # bytes per second: a fair Wi-Fi brings more
BETTER = 1.25  # times as fast another must have been to be gone back to, or two alike would take turns
MOST_BREAKS = 5  # of one neighbour, after which it is left alone


@dataclass(slots=True, eq=False)
class Place:
    copy: Copy | None  # None: the hub
    speed: float | None = None  # bytes per second, once it was too slow; 0 where it failed
    breaks: int = 0


class Places:
    def __init__(self, copies: Sequence[Copy]) -> None:
        self._all = [*(Place(copy) for copy in copies), Place(None)]

    def best(self) -> Place:
        return max(self._all, key=_speed)

    def is_left(self, place: Place, speed: float) -> bool:
        """Whether another is tried instead of this one, whose speed was measured just now."""
        if speed < ENOUGH or place.speed is not None:
            place.speed = speed
        other = max((each for each in self._all if each is not place), key=_speed, default=place)
        return speed < ENOUGH and _speed(other) > speed * BETTER

    def failed(self, place: Place, brought: int) -> None:
        """A neighbour that brought something is asked for the rest, the hub whenever nobody else is left."""
        place.breaks += 1
        if place.copy is None:
            place.speed = 0.0
        elif not brought or place.breaks == MOST_BREAKS:
            self._all.remove(place)


def _speed(place: Place) -> float:
    """What was not tried yet may be as fast as it likes."""
    return float("inf") if place.speed is None else place.speed


class Pace:
    """How fast one connection is, looked at once in each trial."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._bytes = 0

    def at(self, now: float, more: int) -> float | None:
        self._bytes += more
        if now - self._since < TRIAL:
            return None
        speed = self._bytes / (now - self._since)
        self._since, self._bytes = now, 0
        return speed
