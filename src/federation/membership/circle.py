"""Who is a member, and how one becomes or ceases to be."""

from collections.abc import Collection
from math import inf
from random import Random

from ..nodes import Endpoint
from .doors import NEVER, Doors, Kind
from .gossip import Gossip
from .known import Doubt, Known, merged
from .own import Own
from .rota import Rota
from .strain import Strain
from .timing import ENDPOINTS_MOST, GONE_MOST, ID_LONGEST, MEMBERS_MOST, Timing

# A node that is gone was asked a moment ago.
LOST_AFTER = 1.0


class Circle:
    def __init__(self, own: Own, rng: Random, timing: Timing) -> None:
        self.own = own
        self.timing = timing
        self.known: dict[str, Known] = {}
        self.troubled: dict[str, Known] = {}
        self.rota = Rota(rng)  # of those that are not gone
        self.doors = Doors(rng)
        self.gossip = Gossip()
        self.strain = Strain(timing)
        self.denied: frozenset[str] = frozenset()
        self._gone: dict[str, None] = {}
        self._answered = -inf  # when anybody last did

    def present(self, id: str) -> Known | None:
        known = self.known.get(id)
        return known if known and known.condition != "gone" else None

    def helpers(self, id: str, count: int) -> tuple[str, ...]:
        """Some that are well, by chance."""
        some = [other for other in self.rota.some(count + 3) if other != id and not self.known[other].troubled]
        return tuple(some[:count])

    def hinted(self, now: float, id: str, kind: Kind, endpoints: tuple[Endpoint, ...], teller: str = "") -> None:
        """Somebody says where a node may be."""
        endpoints = endpoints[:ENDPOINTS_MOST]
        if (
            id in self.denied
            or not 0 < len(id) <= ID_LONGEST
            or (id == self.own.id and not self.own.elsewhere(endpoints))
        ):
            return
        if known := self.known.get(id):
            known.hints = merged(endpoints, known.hints)
        if not known or known.condition == "gone":
            self.doors.put(now, id, kind, endpoints, teller)

    def welcome(self, now: float, id: str, incarnation: int, round_trip: float | None) -> None:
        """It answered us."""
        known = self.known.get(id)
        news = known is None or known.condition == "gone" or incarnation > known.incarnation
        if known is None:
            if id in self.denied or len(self.rota) >= MEMBERS_MOST:
                return
            known = self.known[id] = Known(id, incarnation, now)
        self._answered = now
        public = known.doubt is not None and known.doubt.public
        known.answered(now, incarnation, round_trip)
        self._enter(known)
        said = self.gossip.about(id)
        if news or public:
            self.gossip.tell(known.rumour("alive"))
        elif said and said.condition != "alive":
            self.gossip.drop(id)

    def _enter(self, known: Known) -> None:
        if door := self.doors.remove(known.id):
            known.hints = merged(known.hints, door.endpoints)
        self._gone.pop(known.id, None)
        self.rota.add(known.id)
        if known.troubled:
            self.troubled[known.id] = known
        else:
            self.troubled.pop(known.id, None)

    def judge(self, now: float, known: Known) -> None:
        """Ends a member where silence has lasted, or where others and what we saw ourselves say the same."""
        doubt = known.doubt
        if doubt is None or known.condition != "suspect" or not doubt.damning:
            return
        silence = self.timing.refused if doubt.hard else self.timing.silence
        silent = doubt.misses >= 2 and now - doubt.since >= silence * self.strain.stretch(now)
        if silent or (doubt.said == "gone" and doubt.certain):
            self.lose(now, known, doubt.farewell)
        elif not doubt.public and self._heard_since(doubt.since) and self._unreached(known, doubt):
            doubt.public = True
            self.gossip.tell(known.rumour("suspect"))

    def _unreached(self, known: Known, doubt: Doubt) -> bool:
        """By nobody who could be asked, or it was refused: others see for themselves at once."""
        return doubt.hard or doubt.unreached or not self.helpers(known.id, 1)

    def _heard_since(self, moment: float) -> bool:
        """Who hears nobody is alone, and accuses nobody."""
        return self._answered > moment

    def lose(self, now: float, known: Known, left: bool) -> None:
        tell = left or known.doubt is None or self._heard_since(known.doubt.since)
        known.become(now, "gone")
        known.left = left
        known.doubt = None
        known.asked = None
        self.troubled.pop(known.id, None)
        self.rota.remove(known.id)
        self._gone[known.id] = None
        self.doors.put(now, known.id, "lost", known.endpoints, after=NEVER if left else LOST_AFTER)
        if tell:
            self.gossip.tell(known.rumour("gone"))
        else:
            self.gossip.drop(known.id)

    def fade(self, now: float) -> None:
        """What was gone for long is forgotten."""
        while self._gone:
            oldest = next(iter(self._gone))
            if len(self._gone) <= GONE_MOST and now - self.known[oldest].since < self.timing.remembered:
                return
            self.forget(oldest)

    def deny(self, ids: Collection[str]) -> None:
        self.denied = frozenset(ids)
        for id in self.denied:
            self.forget(id)

    def forget(self, id: str) -> None:
        self.known.pop(id, None)
        self.troubled.pop(id, None)
        self._gone.pop(id, None)
        self.rota.remove(id)
        self.doors.remove(id)
        self.gossip.drop(id)
