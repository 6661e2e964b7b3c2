"""The members of the swarm as this node sees them. The driver tells what happened, calls `tick` every tenth of a second
or so, and does what it says."""

from collections.abc import Collection, Sequence
from itertools import islice
from random import Random

from ..nodes import Condition, Endpoint, Rumour, Standing
from . import hearsay
from .actions import Action
from .agenda import Agenda
from .circle import Circle
from .known import Known
from .own import Own
from .timing import INCARNATION_MOST, RUMOURS_MOST, Timing

# Members are told once more what they may have missed: in the smallest swarms with so many of the messages, in larger
# ones less often, as there is more than one way there.
REMINDED = 0.5


class Membership:
    def __init__(
        self, own: str, incarnation: int, rng: Random, timing: Timing | None = None, instance: str = ""
    ) -> None:
        """`instance`: drawn at each start, see `About`."""
        self._own = Own(own, incarnation, instance)
        self._rng = rng
        self._circle = Circle(self._own, rng, timing or Timing())
        self._agenda = Agenda(self._circle, rng)
        self._ticked: float | None = None
        self._circle.gossip.tell(self._own.rumour())

    @property
    def incarnation(self) -> int:
        return self._own.incarnation

    @property
    def clash(self) -> bool:
        """Another node has our key, as in a copied home."""
        return self._own.clash

    # What happened.

    def moved(self, endpoints: tuple[Endpoint, ...]) -> None:
        """Our own addresses."""
        if self._own.move(endpoints):
            self._circle.gossip.tell(self._own.rumour())

    def sighted(self, now: float, id: str, endpoints: tuple[Endpoint, ...]) -> None:
        """Anybody on the network may have said so: a reason to knock, and no more."""
        self._circle.hinted(now, id, "sighted", endpoints)

    def heard(self, now: float, id: str, incarnation: int, round_trip: float | None = None, instance: str = "") -> None:
        """It answered us over a channel that proves who it is. With our own id: we met ourselves, or a copy of us."""
        if id == self._own.id:
            door = self._circle.doors.remove(id)
            self._own.met(instance, door.endpoints if door else ())
        else:
            self._circle.welcome(now, id, min(incarnation, INCARNATION_MOST), round_trip)

    def missed(self, now: float, id: str, hard: bool) -> None:
        """It did not answer. `hard`: its machine refused or reset at once; trouble of our own network is not that."""
        known = self._circle.present(id)
        if known is None:
            return
        self._notice_lag(now)
        if known.asked is not None and self._circle.strain.excuses(known.asked):
            known.excused(now)
        else:
            known.missed(now, hard)
        self._circle.troubled[id] = known
        self._circle.judge(now, known)

    def through(self, now: float, id: str, reached: bool) -> None:
        """Whether any of those who were asked by `ProbeThrough` reach it."""
        known = self._circle.present(id)
        if known is None or known.doubt is None:
            return
        if reached:
            known.doubt.sign(now)
        else:
            known.doubt.unreached = True
            self._circle.judge(now, known)

    def left(self, now: float, id: str, incarnation: int) -> None:
        """It said goodbye itself. One of an earlier start comes too late."""
        known = self._circle.present(id)
        if known is not None and incarnation >= known.incarnation:
            self._circle.lose(now, known, left=True)

    def take(self, now: float, rumours: Sequence[Rumour], of: str) -> None:
        """What `of` told us, over its own channel."""
        if of in self._circle.denied or of == self._own.id:
            return
        own_word = next((rumour for rumour in rumours if rumour.id == of and rumour.condition == "alive"), None)
        hearsay.spoke(self._circle, now, of, own_word)
        for rumour in islice(rumours, RUMOURS_MOST):
            if rumour.id != of:
                hearsay.consider(self._circle, now, rumour, of)

    def lagged(self, now: float, seconds: float) -> None:
        """We were late ourselves: the silence was ours, and who was asked before is asked again."""
        self._circle.strain.lagged(now, seconds)
        for known in self._circle.troubled.values():
            if known.doubt:
                known.doubt.since = min(now, known.doubt.since + seconds)

    def deny(self, ids: Collection[str]) -> None:
        """All those who are refused from now on. Nothing is remembered of them."""
        self._circle.deny(ids)

    # What is to be done, told and believed.

    def tick(self, now: float) -> list[Action]:
        self._notice_lag(now)
        self._ticked = now
        self._circle.fade(now)
        return self._agenda.due(now)

    def rumours(self, limit: int, to: str = "") -> tuple[Rumour, ...]:
        """To go along with a message to `to`: first what concerns it, so that it can object."""
        known = self._circle.present(to)
        first = self._objectionable(known) if known else [self._own.rumour()]
        told = first + self._circle.gossip.pick(max(0, limit - len(first)), len(self._circle.rota))
        if known is None:
            told += self._briefing(limit - len(told))
        elif self._rng.random() < REMINDED / len(self._circle.rota):
            told += [self._own.rumour(), *self._briefing(1)]
        unique: dict[str, Rumour] = {}
        for rumour in told:
            unique.setdefault(rumour.id, rumour)
        return tuple(unique.values())[:limit]

    def standings(self) -> list[Standing]:
        return [known.standing() for known in self._circle.known.values()]

    def alive(self) -> tuple[str, ...]:
        """Those that may be routed to."""
        return tuple(id for id in self._circle.rota if self._circle.known[id].condition == "alive")

    def condition(self, id: str) -> Condition | None:
        known = self._circle.known.get(id)
        return known.condition if known else None

    def standing(self, id: str) -> Standing | None:
        known = self._circle.known.get(id)
        return known.standing() if known else None

    def _objectionable(self, known: Known) -> list[Rumour]:
        if known.doubt and (known.doubt.said != "alive" or known.doubt.public):
            return [known.rumour("gone" if known.doubt.said == "gone" else "suspect")]
        return []

    def _briefing(self, room: int) -> list[Rumour]:
        """One that is no member yet is told of others, by chance: together those whom it meets tell it of all."""
        some = self._circle.rota.some(max(0, room))
        return [self._circle.known[id].rumour("alive") for id in some if not self._circle.known[id].troubled]

    def _notice_lag(self, now: float) -> None:
        """Nobody ticked for long, so nothing that came meanwhile was read in time either."""
        if self._ticked is not None and now - self._ticked > self._circle.timing.late:
            self.lagged(now, now - self._ticked)
            self._ticked = now
