"""The nodes of the swarm as a user is told of them. Whoever knows the network fills this in. Durations are in seconds,
so that no clocks are compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .member import Busy, Served

Condition = Literal["alive", "suspect", "gone"]
Holding = Literal["alive", "lost", "waiting"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node, this one included. `trouble`: what is wrong with it, and what mends it, where something is."""

    id: str
    name: str
    condition: Condition
    models: tuple[Served, ...] = ()
    busy: Busy | None = None
    latency: float | None = None  # of a question and its answer; None for this node, and where nothing was measured
    hardware: str = ""
    version: str = ""
    up: float | None = None  # since its start
    since: float | None = None  # that it is in this condition
    endpoints: tuple[str, ...] = ()  # the one in use first
    trouble: str = ""
    tools: tuple[str, ...] = ()  # that it does for others


@dataclass(frozen=True, slots=True)
class Stranger:
    """A Local Swarm machine that is seen in the network, and is not of our swarm. `why`: with what mends it."""

    id: str
    name: str
    endpoints: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ToolPlace:
    """Where calls of models of this node are carried out. `trouble`: why they cannot be, now."""

    where: str
    tools: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class HeldMemory:
    """Memory of one node for a part of a model that another serves. `waiting`: nothing lies in it now, as while the
    model is being loaded. `trouble`: why it is lost."""

    id: str
    name: str
    room: int  # bytes
    condition: Holding
    since: float  # that it is in this condition
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """`notes`: what is wrong with the network as a whole, or has to be known of it. `borrowed`: from other nodes.
    `lent`: to other nodes; None where this one lends nothing to anybody."""

    node: Neighbour
    peers: tuple[Neighbour, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    notes: tuple[str, ...] = ()
    tool_host: ToolPlace | None = None
    borrowed: tuple[HeldMemory, ...] = ()
    lent: tuple[HeldMemory, ...] | None = None


Look = Callable[[], Neighbourhood]
