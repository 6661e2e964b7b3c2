"""What is believed of one other node, and what changes it."""

from dataclasses import dataclass
from math import inf

from ..nodes import Condition, Endpoint, Rumour, Standing
from .timing import ENDPOINTS_MOST

# Returns count half after so many seconds.
FORGIVEN = 60.0
# One that nobody reached for a moment is a fifth of a return.
MINOR = 0.2
# So many returns are luck; each one more doubles the time for which it must stay before it is believed.
RETURNS_FREE = 2.5
TRIAL_MOST = 30.0


@dataclass(slots=True)
class Doubt:
    """Why a member may not be there. `since`: silence is counted from here, the first question that stayed unanswered
    or the last sign of life after it. `said`: the worst that others say. `public`: we say so too."""

    since: float
    due: float  # when it is asked again
    misses: int = 0
    hard: bool = False  # refused or reset, not only late
    said: Condition = "alive"
    through: float = -inf  # when others were last asked whether they reach it
    unreached: bool = False  # they did not
    public: bool = False
    farewell: bool = False  # others say that it said goodbye

    @property
    def damning(self) -> bool:
        """Refused, or late twice: one of the two may be what others saw."""
        return self.hard or self.misses + (self.said != "alive") >= 2

    @property
    def certain(self) -> bool:
        return self.hard or self.misses >= 2

    def sign(self, now: float) -> None:
        """It lives, though it did not answer us."""
        self.since = now
        self.said = "alive"
        self.unreached = False

    def accuse(self, rumour: Rumour) -> bool:
        """Whether that is worse than what was said before."""
        if self.said == "gone" or self.said == rumour.condition:
            return False
        self.said = rumour.condition
        self.farewell = rumour.left
        return True


@dataclass(slots=True)
class Known:
    id: str
    incarnation: int
    since: float
    heard: float | None = None
    round_trip: float | None = None
    condition: Condition = "alive"
    left: bool = False
    asked: float | None = None  # a question is out since then
    doubt: Doubt | None = None
    trial: float = -inf  # it is not believed before
    returns: float = 0.0
    returned: float = 0.0
    told: tuple[Endpoint, ...] = ()  # by itself
    hints: tuple[Endpoint, ...] = ()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return merged(self.told, self.hints, 2 * ENDPOINTS_MOST)

    @property
    def troubled(self) -> bool:
        return self.doubt is not None or self.condition == "suspect"

    def become(self, now: float, condition: Condition) -> None:
        if condition != self.condition:
            self.condition = condition
            self.since = now

    def answered(self, now: float, incarnation: int, round_trip: float | None) -> None:
        """Its own word counts, also where it is less than others said."""
        self._count_return(now)
        self.incarnation = incarnation
        self.heard = now
        self.asked = None
        self.doubt = None
        self.left = False
        if round_trip is not None:
            self.round_trip = round_trip if self.round_trip is None else (7 * self.round_trip + round_trip) / 8
        self.become(now, "suspect" if now < self.trial else "alive")

    def _count_return(self, now: float) -> None:
        weight = self._weight()
        if not weight:
            return
        self.returns = self.returns * 0.5 ** ((now - self.returned) / FORGIVEN) + weight
        self.returned = now
        if self.returns > RETURNS_FREE:
            self.trial = now + min(TRIAL_MOST, 2 ** (self.returns - RETURNS_FREE))

    def _weight(self) -> float:
        if self.condition == "gone":
            return 0.0 if self.left else 1.0
        return MINOR if self.doubt and self.doubt.public else 0.0

    def doubted(self, now: float) -> Doubt:
        self.doubt = self.doubt or Doubt(since=now, due=now)
        return self.doubt

    def missed(self, now: float, hard: bool) -> None:
        asked = now if self.asked is None else self.asked
        self.asked = None
        doubt = self.doubted(asked)
        # Others only doubted it until now.
        if not doubt.misses:
            doubt.since = max(doubt.since, asked)
        doubt.misses += 1
        doubt.hard = doubt.hard or hard
        if doubt.misses == 1:
            doubt.due = now
        if doubt.damning:
            self.become(now, "suspect")

    def excused(self, now: float) -> None:
        """The question is asked again."""
        self.asked = None
        self.doubted(now).due = now

    def rumour(self, condition: Condition) -> Rumour:
        endpoints = self.told[:2] if condition == "alive" else ()
        return Rumour(self.id, condition, self.incarnation, endpoints, self.left)

    def standing(self) -> Standing:
        return Standing(
            self.id,
            self.condition,
            self.incarnation,
            self.since,
            self.heard,
            self.round_trip,
            self.endpoints,
            self.left,
        )


def merged(first: tuple[Endpoint, ...], then: tuple[Endpoint, ...], most: int = ENDPOINTS_MOST) -> tuple[Endpoint, ...]:
    return tuple(dict.fromkeys(first + then))[:most]
