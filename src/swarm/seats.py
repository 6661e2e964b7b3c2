"""Seats: places on a member where one answer is written. Who sits where now, and what the seats are called."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from .names import Names
from .routing import Choice

Seat = tuple[str, int]  # the name of the member, and the how-manieth of it


class Seats:
    """Those of all members, for all requests."""

    def __init__(self) -> None:
        self._names = Names()
        self._taken: Counter[Seat] = Counter()
        self._named: Counter[Seat] = Counter()

    @contextmanager
    def guest(self) -> Iterator["Guest"]:
        """For one request, which in the end leaves whatever it sits on."""
        guest = Guest(self._names, self._taken, self._named)
        try:
            yield guest
        finally:
            guest.close()

    def taken(self, choice: Choice) -> set[int]:
        return {at for (member, at), times in self._taken.items() if member == choice.member.name and times}


class Guest:
    """One request, which names each of its answers after another seat. `taken`: by so many it is written on now.
    `named`: so many requests that are not over have sat on it."""

    def __init__(self, names: Names, taken: Counter[Seat], named: Counter[Seat]) -> None:
        self._names = names
        self._taken = taken
        self._named = named
        self._known: list[Seat] = []  # in the order in which they were taken
        self._mine: set[Seat] = set()  # that it sits on now

    def take(self, choice: Choice) -> Seat:
        """A free one, of which no other request speaks if there is one. Where none is free it is one that others write
        on, which has to be waited for; who writes more answers than there are seats has names for all of them."""
        member, seats = choice.member.name, choice.served.seats
        new = [seat for at in range(seats) if (seat := (member, at)) not in self._known]
        best = min(new, key=lambda seat: (self._taken[seat], self._named[seat]), default=None)
        return self._sit(best or self._beyond(member, seats))

    def several(self, choice: Choice, answers: int) -> list[Seat]:
        """For answers side by side; what is more than the member has seats for waits for one of these."""
        return [self.take(choice) for _ in range(max(1, min(answers, choice.served.seats)))]

    def leave(self, seat: Seat) -> None:
        if seat in self._mine:
            self._mine.remove(seat)
            _less(self._taken, seat)

    def close(self) -> None:
        for seat in self._known:
            self.leave(seat)
            _less(self._named, seat)

    def of(self, choice: Choice) -> str:
        """The name of the first that it had on this member; one is taken where it had none."""
        found = next((seat for seat in self._known if seat[0] == choice.member.name), None)
        return self.name(found or self.take(choice))

    def name(self, seat: Seat) -> str:
        return self._names.of(*seat)

    def _sit(self, seat: Seat) -> Seat:
        self._known.append(seat)
        self._mine.add(seat)
        self._taken[seat] += 1
        self._named[seat] += 1
        return seat

    def _beyond(self, member: str, seats: int) -> Seat:
        return member, max(seats, *(at + 1 for name, at in self._known if name == member))


def _less(counted: Counter[Seat], seat: Seat) -> None:
    counted[seat] -= 1
    if not counted[seat]:
        del counted[seat]
