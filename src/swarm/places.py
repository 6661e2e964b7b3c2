"""On which seats the candidates of one request are written. Pure.

Different members come before more seats of one: what another model says is worth more than what the same says again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import SwarmError
from .member import Member
from .routing import Choice, may_help
from .seats import Guest, Seat


@dataclass(frozen=True, slots=True)
class Place:
    choice: Choice
    seat: Seat
    name: str  # of the seat


@dataclass(slots=True)
class _Room:
    choice: Choice
    others: int = 0  # answers that it gives to others
    asked: int = 0  # by this request, ever
    taken: set[Seat] = field(default_factory=set)  # by this request, now


class Places:
    """`choices`: the best first. `guest`: takes the seats. `idle`: nobody else is to wait for the candidates of this
    request. `running`: so many answers a member is giving now, those of this request among them."""

    def __init__(
        self, choices: Sequence[Choice], guest: Guest, idle: bool, running: Callable[[Member], int] | None = None
    ) -> None:
        self._rooms = [_Room(choice) for choice in choices]
        self._guest = guest
        self._idle = idle
        self._running = running or _running
        self.look()

    def look(self) -> None:
        """How busy they are. To be called where every one of this request that was asked has begun."""
        for room in self._rooms:
            room.others = max(0, self._running(room.choice.member) - len(room.taken))

    @property
    def only_one(self) -> bool:
        """Nobody could be asked beside the first."""
        return self._idle and sum(max(0, self._free(room)) for room in self._rooms) < 2

    def next(self, must: bool, other: bool = False) -> Place | None:
        """Where one more may write; None: nowhere. `must`: it is the only one that writes, and may wait for a seat.
        `other`: on a member that none of this request's was asked of."""
        # Never more on a member than it has seats: they would only wait for each other.
        open_to = [room for room in self._rooms if len(room.taken) < room.choice.served.seats]
        if other:
            open_to = [room for room in open_to if not room.asked]
        found = [room for room in open_to if self._free(room) > 0]
        if must:
            found = open_to[:1]
        elif not self._idle:
            found = found or open_to
        return self._take(min(found, key=lambda room: room.asked)) if found else None

    def leave(self, place: Place) -> None:
        """Its answer ended."""
        for room in self._rooms:
            if room.choice is place.choice:
                room.taken.discard(place.seat)
        self._guest.leave(place.seat)

    def without(self, failed: Place, error: SwarmError) -> None:
        """It failed, and so would others that could not do better."""
        left = [room for room in self._rooms if room.choice.member is not failed.choice.member]
        self._rooms = [room for room in left if may_help(room.choice, error)]

    def _free(self, room: _Room) -> int:
        return room.choice.served.seats - room.others - len(room.taken)

    def _take(self, room: _Room) -> Place:
        seat = self._guest.take(room.choice)
        room.taken.add(seat)
        room.asked += 1
        return Place(room.choice, seat, self._guest.name(seat))


def _running(member: Member) -> int:
    busy = member.busy()
    return busy.running + busy.waiting
