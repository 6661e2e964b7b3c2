"""Questions to one node that it has not answered yet. Nobody waits for one that is believed to be away, where somebody
else can be asked; it is taken back there, so that the work is not done twice."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .membership.allowance import Allowance

# A node takes a question as soon as it has all of it. One that does not is asked at once whether it is there.
TAKEN_SECONDS = 1.0
# What a poor wireless network carries.
SLOWEST_BYTES = 500_000
# Of one that is at work with it: two signs of life that did not come.
QUIET_SECONDS = 4.0
# Each doubt is one missed answer, and two are taken for an absence: those of one moment are one.
DOUBTS_A_SECOND = 0.5


def _nothing() -> None:
    """Nobody is told."""


class Hope:
    """One question. `elsewhere`: somebody else can be asked as well."""

    def __init__(self, patience: float = math.inf, elsewhere: Callable[[], bool] = lambda: False) -> None:
        self.taken = False
        self._patience = patience
        self._elsewhere = elsewhere
        self._cut: Callable[[], None] = _nothing
        self._since = math.inf  # that it is waited for

    def ask(self, cut: Callable[[], None]) -> None:
        """`cut`: ends the waiting."""
        self._cut = cut
        self.listen()

    def take(self, cut: Callable[[], None]) -> None:
        """The node has all of it."""
        self.taken = True
        self._patience = QUIET_SECONDS
        self.ask(cut)

    def listen(self) -> None:
        """From now on its silence is its own."""
        self._since = time.monotonic()

    def heard(self) -> None:
        """It is not waited for now: whoever listens is at work himself."""
        self._since = math.inf

    def give_up(self) -> None:
        if time.monotonic() - self._since >= self._patience and self._elsewhere():
            self._cut()
            self.heard()  # once is enough


class Hopes:
    """`doubt`: told when a question is not taken in time."""

    def __init__(self, doubt: Callable[[], None]) -> None:
        self._doubt = doubt
        self._doubts = Allowance(DOUBTS_A_SECOND, 1)
        self._open: set[Hope] = set()

    @contextmanager
    def one(self, size: int, elsewhere: Callable[[], bool]) -> Iterator[Hope]:
        """`size`: of the question, in bytes."""
        patience = TAKEN_SECONDS + size / SLOWEST_BYTES
        hope = Hope(patience, elsewhere)
        late = asyncio.get_running_loop().call_later(patience, self._late, hope)
        self._open.add(hope)
        try:
            yield hope
        finally:
            late.cancel()
            self._open.discard(hope)

    def give_up(self) -> None:
        """The node is believed to be away."""
        for hope in self._open:
            hope.give_up()

    def _late(self, hope: Hope) -> None:
        if not hope.taken and self._doubts.take(time.monotonic()):
            self._doubt()
