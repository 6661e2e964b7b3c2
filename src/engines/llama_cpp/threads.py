"""How many threads the next step takes. Pure.

llama.cpp's threads wait for each other at every operation. A second thread can double the speed of reading a prompt,
gain nothing for one token, and cost two thirds of the speed while another program wants that core. None of this
can be known beforehand, so steps of each size are tried with more and with fewer threads now and then.
"""

from collections import deque
from dataclasses import dataclass, field
from statistics import median

# A trial takes so many steps; the first of them, in which threads are woken, does not count.
STEPS_OF_TRIAL = 3
# So many steps go by before the first trial. Each one that finds nothing better doubles the wait for the next.
FIRST_WAIT = 24
LONGEST_WAIT = 256
# Another number of threads must be this much faster to be kept: noise must not move us.
GAIN = 0.93
# A trial that begins so much slower ends at once, and is not repeated for long.
HOPELESS = 1.5
# Steps that take so much longer than at the last trial mean that the machine got busy: try again at once.
SLOWED = 1.5
# Steps of so many tokens always gain from every core.
ALWAYS_ALL = 256


@dataclass(slots=True)
class Tuner:
    """Finds the best rung of a ladder of thread counts for steps of one size."""

    ladder: list[int]
    rung: int
    _trial: int | None = None
    _up_next: bool = True
    _wait: int = FIRST_WAIT
    _steps: int = 0
    _usual: float | None = None
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=STEPS_OF_TRIAL))

    @property
    def threads(self) -> int:
        return self.ladder[self.rung if self._trial is None else self._trial]

    def learn(self, seconds: float) -> None:
        self._times.append(seconds)
        self._steps += 1
        if self._trial is not None:
            if self._usual is not None and seconds > HOPELESS * self._usual:
                self._end_trial(LONGEST_WAIT)
            elif self._steps == STEPS_OF_TRIAL:
                self._judge(self._trial, median(list(self._times)[1:]))
        elif len(self._times) == STEPS_OF_TRIAL and (self._steps >= self._wait or self._slowed()):
            self._begin_trial()

    def _slowed(self) -> bool:
        return self._usual is not None and median(self._times) > SLOWED * self._usual

    def _begin_trial(self) -> None:
        if self._slowed():
            self._wait = FIRST_WAIT
        self._usual = median(self._times)
        self._start_over()
        steps = (1, -1) if self._up_next else (-1, 1)
        self._up_next = not self._up_next
        for rung in (self.rung + step for step in steps):
            if 0 <= rung < len(self.ladder):
                self._trial = rung
                return

    def _judge(self, trial: int, seconds: float) -> None:
        if self._usual is None or seconds < GAIN * self._usual:
            self.rung, self._usual = trial, seconds
            # What helped once may help twice.
            self._up_next = not self._up_next
            self._end_trial(FIRST_WAIT)
        else:
            self._end_trial(min(2 * self._wait, LONGEST_WAIT))

    def _end_trial(self, wait: int) -> None:
        self._trial, self._wait = None, wait
        self._start_over()

    def _start_over(self) -> None:
        self._steps = 0
        self._times.clear()


class Threads:
    def __init__(self, most: int) -> None:
        self._most = most
        self._ladder = sorted({max(1, round(most * part / 4)) for part in range(5)})
        self._tuners: dict[int, Tuner] = {}

    def choose(self, tokens: int) -> int:
        return self._tuner(tokens).threads if tokens < ALWAYS_ALL else self._most

    def learn(self, tokens: int, seconds: float) -> None:
        if tokens < ALWAYS_ALL:
            self._tuner(tokens).learn(seconds / tokens)

    def _tuner(self, tokens: int) -> Tuner:
        size = tokens.bit_length()
        if size not in self._tuners:
            self._tuners[size] = Tuner(self._ladder, len(self._ladder) - 1)
        return self._tuners[size]
