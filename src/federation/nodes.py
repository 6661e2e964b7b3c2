"""The nouns of a swarm of nodes: what a node tells of itself, and what others know of it."""

from dataclasses import dataclass
from typing import Literal

from ..settings import Place
from ..swarm.member import Busy, Served

Condition = Literal["alive", "suspect", "gone"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node may be reached. `host`: an IP address; a link-local one of IPv6 with its scope."""

    host: str
    port: int

    def __str__(self) -> str:
        return str(Place(self.host, self.port))


@dataclass(frozen=True, slots=True)
class About:
    """What a node tells of itself, and what hardly changes. `instance`: drawn at each start; two nodes with the same id
    and different ones have the same key, as in a copied home. `age`: seconds since its start, so that no clocks are
    compared. `tools`: names of those that it does for others."""

    id: str
    instance: str
    name: str
    version: str
    hardware: str
    age: float
    endpoints: tuple[Endpoint, ...]
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A member of a node that others may ask. `key`: its name on that node."""

    key: str
    served: Served


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the member behind an offer is now. `away`: why it cannot be asked."""

    key: str
    busy: Busy
    away: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a node tells. `revision` changes whenever `about` or `offers` do, so that only then the whole of
    it is sent."""

    about: About
    revision: int
    offers: tuple[Offer, ...]
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Rumour:
    """What one node believes of another. A higher incarnation overrides a lower one; of one incarnation the worse
    condition. Only the node itself raises its incarnation."""

    id: str
    condition: Condition
    incarnation: int
    endpoints: tuple[Endpoint, ...] = ()
    left: bool = False  # it said goodbye


@dataclass(frozen=True, slots=True)
class Standing:
    """What is believed of one node now. Times are those of the clock that is handed in."""

    id: str
    condition: Condition
    incarnation: int
    since: float
    heard: float | None  # when it last answered us
    round_trip: float | None
    endpoints: tuple[Endpoint, ...]
    left: bool = False
