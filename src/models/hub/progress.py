"""How far a download is, for a bar in the terminal."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["download", "check", "convert"]

INTERVAL = 0.1  # seconds between two reports: no terminal shows more
WINDOW = 5.0  # seconds that the speed is taken over


@dataclass(frozen=True, slots=True)
class Progress:
    name: str
    done: int  # bytes of all files that were asked for together
    total: int
    speed: float  # bytes per second, lately
    stage: Stage
    source: str = ""  # the machine of the swarm that it comes from; empty: the hub


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: `progress` gets numbers, `notice` a sentence when something takes the user's time."""

    progress: Callable[[Progress], None] = lambda progress: None
    notice: Callable[[str], None] = lambda sentence: None


class Meter:
    def __init__(self, watch: Watch, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._total = total
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()
        self._base = 0  # bytes of the files before this one
        self._done = 0
        self._told = float("-inf")
        self._name = ""
        self._stage: Stage = "download"
        self._source = ""

    def begin(self, name: str, stage: Stage, base: int, done: int = 0) -> None:
        self._name, self._stage, self._base, self._source = name, stage, base, ""
        self._marks.clear()
        self._told = float("-inf")
        self.at(done)

    def come_from(self, source: str) -> None:
        """Told with the next bytes."""
        if source != self._source:
            self._source, self._told = source, float("-inf")

    def at(self, done: int) -> None:
        now = self._clock()
        self._done = done
        if now - self._told < INTERVAL:
            return
        self._told = now
        self._marks.append((now, done))
        while now - self._marks[0][0] > WINDOW:
            self._marks.popleft()
        self._tell()

    def end(self) -> None:
        self._tell()

    def _tell(self) -> None:
        done = self._base + self._done
        self._watch.progress(Progress(self._name, done, self._total, self._speed(), self._stage, self._source))

    def _speed(self) -> float:
        (since, before), (now, done) = self._marks[0], self._marks[-1]
        return max(0.0, (done - before) / (now - since)) if now > since else 0.0
