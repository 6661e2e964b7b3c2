"""Nodes that are no members now, and that are tried with growing pauses. Anybody on the network can make sightings, and
any member rumours, so each kind has its own bounded row and its own pace: a flood of one never holds up another."""

import heapq
from dataclasses import dataclass
from itertools import count
from math import inf
from random import Random
from typing import Literal

from ..nodes import Endpoint
from .allowance import Allowance
from .known import merged

# sighted: by mDNS and the like, of anybody. told: by a member. spoke: to us, over its own channel. lost: once a member.
Kind = Literal["sighted", "told", "spoke", "lost"]
BETTER: tuple[Kind, ...] = ("sighted", "told", "spoke", "lost")

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# One that was here comes back within a partition's length, and is looked for more often at first.
LOST_PAUSE = 8.0
LOST_TRIES = 75
# A door that something new is said about is not knocked on again before.
SHORTEST = 1.0
# A told one opens soon, or never does.
TOLD_TRIES = 6


@dataclass(frozen=True, slots=True)
class Row:
    most: int
    a_second: float
    at_once: int


ROWS: dict[Kind, Row] = {
    "sighted": Row(512, 4, 16),
    # A newcomer is told of everybody within seconds, and is to know them soon.
    "told": Row(2048, 128, 64),
    "spoke": Row(2048, 128, 64),
    "lost": Row(256, 8, 32),
}
NEVER = inf
# One member may not fill the row with inventions.
TOLD_BY_ONE = 256


@dataclass(slots=True)
class Door:
    id: str
    kind: Kind
    endpoints: tuple[Endpoint, ...]
    teller: str = ""
    tries: int = 0
    knocked: float = -inf
    due: float = NEVER


class Doors:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._doors: dict[str, Door] = {}
        self._queues: dict[Kind, list[tuple[float, int, str]]] = {kind: [] for kind in ROWS}
        self._counts: dict[Kind, int] = dict.fromkeys(ROWS, 0)
        self._tellers: dict[str, int] = {}
        self._allowances = {kind: Allowance(row.a_second, row.at_once) for kind, row in ROWS.items()}
        self._order = count()

    def __len__(self) -> int:
        return len(self._doors)

    def __contains__(self, id: str) -> bool:
        return id in self._doors

    def put(
        self, now: float, id: str, kind: Kind, endpoints: tuple[Endpoint, ...], teller: str = "", after: float = 0.0
    ) -> None:
        """`after` so many seconds a new one is knocked on; a known one soon where there is more reason to."""
        door = self._doors.get(id)
        if door is not None:
            self._more(now, door, kind, endpoints)
        elif self._room(kind, teller):
            door = Door(id, kind, endpoints, teller)
            self._doors[id] = door
            self._count(door, 1)
            self._queue(door, now + after)

    def remove(self, id: str) -> Door | None:
        if door := self._doors.pop(id, None):
            self._count(door, -1)
        return door

    def due(self, now: float) -> list[Door]:
        found: list[Door] = []
        for kind in reversed(BETTER):
            self._take(now, kind, found)
        return found

    def _take(self, now: float, kind: Kind, found: list[Door]) -> None:
        queue = self._queues[kind]
        while queue and queue[0][0] <= now:
            due, _, id = queue[0]
            door = self._doors.get(id)
            if door is not None and door.kind == kind and door.due == due:
                if not self._allowances[kind].take(now):
                    return
                self._knock(now, door)
                found.append(door)
            heapq.heappop(queue)

    def _knock(self, now: float, door: Door) -> None:
        door.tries += 1
        door.knocked = now
        if door.kind == "told" and door.tries >= TOLD_TRIES:
            self.remove(door.id)
            return
        pause = PAUSES[min(door.tries, len(PAUSES)) - 1]
        if door.kind == "lost" and door.tries < LOST_TRIES:
            pause = min(pause, LOST_PAUSE)
        self._queue(door, now + pause * self._rng.uniform(0.8, 1.2))

    def _more(self, now: float, door: Door, kind: Kind, endpoints: tuple[Endpoint, ...]) -> None:
        new = not set(endpoints) <= set(door.endpoints)
        door.endpoints = merged(endpoints, door.endpoints)
        if BETTER.index(kind) > BETTER.index(door.kind) and self._counts[kind] < ROWS[kind].most:
            self._count(door, -1)
            door.kind = kind
            self._count(door, 1)
            door.due = NEVER  # the other queue
            self._hasten(now, door)
        elif kind != "sighted" or new:
            self._hasten(now, door)

    def _hasten(self, now: float, door: Door) -> None:
        soon = max(now, door.knocked + SHORTEST)
        if soon < door.due:
            self._queue(door, soon)

    def _queue(self, door: Door, due: float) -> None:
        door.due = due
        if due == NEVER:
            return
        heapq.heappush(self._queues[door.kind], (due, next(self._order), door.id))

    def _room(self, kind: Kind, teller: str) -> bool:
        if teller and self._tellers.get(teller, 0) >= TOLD_BY_ONE:
            return False
        if self._counts[kind] < ROWS[kind].most:
            return True
        same = [door for door in self._doors.values() if door.kind == kind]
        # The one that was tried in vain most often. Where none was tried yet the newcomer waits for another chance.
        stalest = max(same, key=lambda door: door.tries)
        if stalest.tries:
            self.remove(stalest.id)
        return stalest.tries > 0

    def _count(self, door: Door, by: int) -> None:
        self._counts[door.kind] += by
        if door.teller:
            self._tellers[door.teller] = self._tellers.get(door.teller, 0) + by
            if not self._tellers[door.teller]:
                del self._tellers[door.teller]
