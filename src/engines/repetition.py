"""Does what is being written repeat itself? Followed token by token, for every period at once. Pure."""

import re
from collections import deque
from collections.abc import Callable
from itertools import pairwise

import numpy as np

# Tokens of the longest piece whose repetition is noticed.
LONGEST = 256
# Pieces whose numbers are compared, and what stands for any digits.
COUNTED = 4
DIGITS = -2
NUMBER = re.compile(rb"\d+")


class Repetition:
    """`run` tokens in a row were the same as those one `period` before them."""

    def __init__(self) -> None:
        self._latest = np.full(LONGEST, -1, np.int32)  # the newest first
        self._runs = np.zeros(LONGEST, np.int32)  # of each period, the shortest first

    def add(self, token: int) -> None:
        self._runs += 1
        self._runs *= self._latest == token
        self._latest[1:] = self._latest[:-1]
        self._latest[0] = token

    def found(self, least: int, times: int) -> tuple[int, int] | None:
        """The shortest period of which at least `least` tokens and `times` whole pieces repeat another, and its run."""
        if self._runs.max() < least:
            return None
        periods = np.flatnonzero(self._runs >= np.maximum(least, times * PERIODS))
        return (int(PERIODS[periods[0]]), int(self._runs[periods[0]])) if len(periods) else None

    def piece(self, period: int) -> list[int]:
        """What would come next if it went on."""
        tokens: list[int] = self._latest[:period][::-1].tolist()
        return tokens


class Counting:
    """The same where pieces differ in their numbers alone, and these go up or down by the same step each time."""

    def __init__(self, spelled: Callable[[int], bytes]) -> None:
        """`spelled`: the bytes of a token."""
        self._spelled = spelled
        self._shapes = Repetition()
        self._latest: deque[int] = deque(maxlen=COUNTED * LONGEST)

    def add(self, token: int) -> None:
        self._shapes.add(DIGITS if self._spelled(token).isdigit() else token)
        self._latest.append(token)

    def found(self, least: int, times: int) -> tuple[int, int] | None:
        found = self._shapes.found(least, times)
        return found if found and self._counts(found[0]) else None

    def _counts(self, period: int) -> bool:
        """Do the last pieces?"""
        latest = list(self._latest)[-COUNTED * period :]
        pieces = [latest[at : at + period] for at in range(0, len(latest), period)]
        rows = [[int(one) for one in NUMBER.findall(b"".join(map(self._spelled, piece)))] for piece in pieces]
        if len({len(row) for row in rows}) != 1:
            return False
        steps = [[after - before for before, after in pairwise(column)] for column in zip(*rows, strict=True)]
        return bool(steps) and all(len(set(column)) == 1 for column in steps)


PERIODS = np.arange(1, LONGEST + 1, dtype=np.int32)
