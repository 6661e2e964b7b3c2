"""When a server that failed is asked again. Pure: the time is given.

Closed: it is asked. Open: it is not, until a pause is over that doubles with each failure. Then half-open: one request
goes through, and what comes of it closes or opens it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

# So many failures in a row: a single one can be the request's, or a connection that was cut.
FAILURES = 3
FIRST_PAUSE = 1.0  # seconds
LONGEST_PAUSE = 60.0
# A trial that says nothing for so long stands in nobody's way any more.
TRIAL_SECONDS = 30.0


@dataclass(slots=True)
class Breaker:
    now: Callable[[], float]
    _failures: int = 0
    _closed_until: float = field(default=0.0)  # it is not asked before

    @property
    def wait(self) -> float:
        """Seconds until it may be asked; 0: now."""
        return max(0.0, self._closed_until - self.now())

    @property
    def failing(self) -> bool:
        return self._failures >= FAILURES

    def asked(self) -> None:
        """Half-open, the first that asks is the trial, and the others wait for what comes of it."""
        if self.failing:
            self._closed_until = self.now() + TRIAL_SECONDS

    def succeeded(self) -> None:
        self._failures = 0
        self._closed_until = 0.0

    def failed(self) -> None:
        self._failures += 1
        if self.failing:
            self._closed_until = self.now() + min(FIRST_PAUSE * 2 ** (self._failures - FAILURES), LONGEST_PAUSE)

    def hold(self, seconds: float) -> None:
        """It said itself when it wants to be asked again."""
        self._closed_until = max(self._closed_until, self.now() + seconds)
