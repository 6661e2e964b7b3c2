"""Our own lateness. Who wakes up late finds everybody's answers overdue. It was the listener that was away, so nobody
is accused, and for a while everything is given more time."""

from math import inf

from .timing import Timing


class Strain:
    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._until = -inf
        self._since = -inf
        self._stretch = 1.0

    def lagged(self, now: float, seconds: float) -> None:
        self._stretch = min(self._timing.stretch_most, max(self.stretch(now), 1 + seconds))
        self._until = now + self._timing.recovery
        self._since = now

    def stretch(self, now: float) -> float:
        """By how much time-outs are longer."""
        return self._stretch if now < self._until else 1.0

    def excuses(self, asked: float) -> bool:
        """A question from before the lag says nothing."""
        return asked <= self._since
