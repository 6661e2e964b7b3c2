"""On which seats the candidates of one request are written. Pure.

Different members come before more seats of one: what another model says is worth more than what the same says again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import SwarmError
from .names import Names
from .routing import Choice, may_help


@dataclass(frozen=True, slots=True)
class Place:
    choice: Choice
    seat: str


@dataclass(slots=True)
class _Room:
    choice: Choice
    free: int  # seats on which nobody wrote when the request came
    taken: int = 0  # by this request


class Places:
    """`choices`: the best first. `idle`: nobody else is to wait for the candidates of this request."""

    def __init__(self, choices: Sequence[Choice], names: Names, idle: bool) -> None:
        self._rooms = [_Room(choice, _free(choice)) for choice in choices]
        self._names = names
        self._idle = idle

    @property
    def only_one(self) -> bool:
        """Nobody could be asked beside the first."""
        return self._idle and sum(room.free for room in self._rooms) < 2

    def next(self, must: bool, other: bool = False) -> Place | None:
        """Where one more may write; None: nowhere. `must`: it is the only one that writes, and may wait for a seat.
        `other`: on a member that none of this request's was asked of."""
        # Never more on a member than it has seats: they would only wait for each other.
        open_to = [room for room in self._rooms if room.taken < (1 if other else room.choice.served.seats)]
        found = [room for room in open_to if room.taken < room.free]
        if must:
            found = open_to[:1]
        elif not self._idle:
            found = found or open_to
        return self._take(min(found, key=lambda room: room.taken)) if found else None

    def without(self, failed: Place, error: SwarmError) -> None:
        """It failed, and so would others that could not do better."""
        left = [room for room in self._rooms if room.choice.member is not failed.choice.member]
        self._rooms = [room for room in left if may_help(room.choice, error)]

    def _take(self, room: _Room) -> Place:
        room.taken += 1
        return Place(room.choice, self._names.of(room.choice.member.name, room.taken - 1))


def _free(choice: Choice) -> int:
    busy = choice.member.busy()
    return 0 if busy.waiting else max(0, choice.served.seats - busy.running)
