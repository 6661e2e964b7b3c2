"""What is to be done now: who is asked, through whom, and where is knocked."""

from math import inf
from random import Random

from .actions import Action, Knock, Probe, ProbeThrough
from .allowance import Allowance
from .circle import Circle
from .doors import Door
from .known import Doubt, Known, merged
from .timing import ENDPOINTS_MOST, HELPERS

# Questions out of turn: to spread news at once, to see whether what others say is true, and through others. Where half
# of the network is cut off there are many of them, and they must not become a storm.
NEWS_A_SECOND, NEWS_AT_ONCE = 1.0, 6
CHECKS_A_SECOND, CHECKS_AT_ONCE = 8.0, 16
THROUGH_A_SECOND, THROUGH_AT_ONCE = 4.0, 8
# A connection has to be made first.
KNOCK_PATIENCE = 2.0
# A question that the driver never came back to.
LOST = 3.0


class Agenda:
    def __init__(self, circle: Circle, rng: Random) -> None:
        self._circle = circle
        self._timing = circle.timing
        self._rng = rng
        self._news = Allowance(NEWS_A_SECOND, NEWS_AT_ONCE)
        self._checks = Allowance(CHECKS_A_SECOND, CHECKS_AT_ONCE)
        self._through = Allowance(THROUGH_A_SECOND, THROUGH_AT_ONCE)
        self._turn = -inf

    def due(self, now: float) -> list[Action]:
        actions: list[Action] = []
        for known in list(self._circle.troubled.values()):
            self._circle.judge(now, known)
            actions += self._attend(now, known)
        actions += self._in_turn(now)
        actions += self._spread(now)
        actions += [self._knock(now, door) for door in self._circle.doors.due(now)]
        return actions

    def _attend(self, now: float, known: Known) -> list[Action]:
        if known.condition == "gone":
            return []
        if known.doubt is None:
            self._believe(now, known)
            return []
        actions: list[Action] = []
        if known.asked is None and now >= known.doubt.due and (known.doubt.misses or self._checks.take(now)):
            actions.append(self._ask(now, known))
        if known.doubt.misses:
            actions += self._ask_others(now, known, known.doubt)
        return actions

    def _believe(self, now: float, known: Known) -> None:
        """It came back once more, and stayed for long enough."""
        if now >= known.trial:
            known.become(now, "alive")
            self._circle.troubled.pop(known.id, None)

    def _ask(self, now: float, known: Known) -> Action:
        known.asked = now
        if known.doubt:
            known.doubt.due = now + self._pause(now, known)
        return Probe(known.id, self._patience(now, known))

    def _ask_others(self, now: float, known: Known, doubt: Doubt) -> list[Action]:
        if now - doubt.through < self._pause(now, known):
            return []
        helpers = self._circle.helpers(known.id, HELPERS)
        if not helpers or not self._through.take(now):
            return []
        doubt.through = now
        # They have to wait for it themselves.
        return [ProbeThrough(known.id, helpers, 1.5 * self._patience(now, known))]

    def _pause(self, now: float, known: Known) -> float:
        long = known.condition == "suspect" and now - known.since > self._timing.later
        return self._timing.again_later if long else self._timing.again

    def _patience(self, now: float, known: Known) -> float:
        least = self._timing.patience_again if known.doubt else self._timing.patience
        wait = max(least, 4 * (known.round_trip or 0.0))
        return min(wait * self._circle.strain.stretch(now), self._timing.patience_most)

    def _in_turn(self, now: float) -> list[Action]:
        others = len(self._circle.rota)
        if not others or now < self._turn:
            return []
        step = self._timing.round / (others if others < self._timing.small else self._timing.asked_a_round)
        # Nodes that started together do not ask together.
        self._turn = now + step * self._rng.random() if self._turn == -inf else max(self._turn + step, now)
        for _ in range(others):
            known = self._circle.known[self._circle.rota.next()]
            self._overdue(now, known)
            if known.asked is None and known.doubt is None:
                return [self._ask(now, known)]
        return []

    def _overdue(self, now: float, known: Known) -> None:
        if known.asked is not None and now - known.asked > LOST * self._timing.patience_most:
            known.asked = None

    def _spread(self, now: float) -> list[Action]:
        if not self._circle.gossip.untold or not self._news.take(now):
            return []
        for id in self._circle.helpers("", 1):
            known = self._circle.known[id]
            if known.asked is None:
                return [self._ask(now, known)]
        return []

    def _knock(self, now: float, door: Door) -> Knock:
        known = self._circle.known.get(door.id)
        endpoints = merged(known.told, door.endpoints, 2 * ENDPOINTS_MOST) if known else door.endpoints
        return Knock(door.id, endpoints, KNOCK_PATIENCE * self._circle.strain.stretch(now))
