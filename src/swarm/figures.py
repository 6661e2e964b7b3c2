"""How fast a member reads and writes, from every answer it gave. Pure.

Each figure is a median in which old values fade; what was expected beforehand counts as one value that never does, so
that a single odd answer changes little, and a figure that nobody has renewed goes back to it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 15
# Seconds after which a value counts half. Machines get other work to do, and servers load other models.
HALF_LIFE = 600.0
# Fewer tokens say little of the speed.
LEAST_READ, LEAST_WRITTEN = 64, 8
# What comes faster was held back and came at once.
MOST_WRITING = 3000.0
# Each that is answered beside makes one answer slower by so much: the weights are read once for all.
CROWD = 0.2
ANSWER = 200.0
ANSWERS_KEPT = 31


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens per second of one answer alone, and seconds before the first token beside the reading."""

    reading: float
    writing: float
    delay: float


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer. `read`: tokens that were not cached; `before`: those of others that had to be read first."""

    first: float  # seconds to its first token
    after: float  # seconds from there to its end
    read: int
    written: int
    before: int = 0
    beside: float = 0.0  # others that were answered at the same time
    queued: bool = False  # it had to wait for a seat, nobody knows how long


# Where nothing is known: a model of some billions of parameters on a common machine.
UNKNOWN = Speeds(reading=150.0, writing=15.0, delay=0.05)


class Fading:
    def __init__(self, kept: int = KEPT) -> None:
        self._values: deque[tuple[float, float]] = deque(maxlen=kept)

    def add(self, now: float, value: float) -> None:
        self._values.append((now, value))

    def median(self, now: float, expected: float) -> float:
        weighed = [(value, 0.5 ** ((now - at) / HALF_LIFE)) for at, value in self._values]
        return weighted_median([*weighed, (expected, 1.0)])


def weighted_median(weighed: Sequence[tuple[float, float]]) -> float:
    ordered = sorted(weighed)
    half = sum(weight for _, weight in ordered) / 2
    below = 0.0
    for at, (value, weight) in enumerate(ordered):
        below += weight
        if below > half * (1 + 1e-9):
            return value
        if below >= half * (1 - 1e-9):
            return (value + ordered[at + 1][0]) / 2
    return ordered[-1][0]


class Figures:
    """Of one member."""

    def __init__(self) -> None:
        self._reading = Fading()
        self._writing = Fading()
        self._delay = Fading()

    def speeds(self, now: float, expected: Speeds) -> Speeds:
        return Speeds(
            self._reading.median(now, expected.reading),
            self._writing.median(now, expected.writing),
            self._delay.median(now, expected.delay),
        )

    def hear(self, now: float, heard: Heard, expected: Speeds) -> None:
        speeds = self.speeds(now, expected)
        if not heard.queued:
            if heard.read >= LEAST_READ:
                seconds = max(heard.first - speeds.delay, 0.01)
                self._reading.add(now, (heard.read + heard.before) / seconds)
            elif not heard.before:
                self._delay.add(now, max(0.0, heard.first - heard.read / speeds.reading))
        if heard.written >= LEAST_WRITTEN and heard.after > heard.written / MOST_WRITING:
            self._writing.add(now, heard.written / heard.after * crowd(heard.beside))


class Lengths:
    """How long answers are: with tools on offer they are mostly short."""

    def __init__(self) -> None:
        self._known = {True: Fading(ANSWERS_KEPT), False: Fading(ANSWERS_KEPT)}

    def add(self, now: float, tools: bool, written: int) -> None:
        self._known[tools].add(now, written)

    def expected(self, now: float, tools: bool, most: int | None) -> float:
        length = self._known[tools].median(now, ANSWER)
        return length if most is None else min(length, float(most))


def crowd(beside: float) -> float:
    """How many times as long an answer takes to be written with so many beside it."""
    return 1 + CROWD * beside
