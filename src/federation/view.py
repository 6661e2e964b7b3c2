"""The swarm as a user is told of it."""

import time
from collections.abc import Iterator, Set

from ..errors import Unavailable
from ..state.peers import KnownPeer
from ..swarm.member import Member, Served, together
from ..swarm.neighbours import HeldMemory, Neighbour, Neighbourhood, Stranger
from .discovery.record import Sighting
from .life import Life
from .loans.lending import Lent
from .nodes import Standing
from .strangers import why


def neighbourhood(life: Life) -> Neighbourhood:
    now = time.monotonic()
    peers = sorted((_peer(life, one, now) for one in life.standings()), key=lambda one: (one.name, one.id))
    strangers = tuple(map(_stranger, life.strangers.all()))
    notes = [*life.introductions.trouble.values(), *_of_others(life, {one.id for one in peers})]
    if life.discovery.problem and not any(one.condition == "alive" for one in peers):
        notes.insert(0, life.discovery.problem)
    return Neighbourhood(_here(life), tuple(peers), strangers, tuple(notes))


def lent(life: Life, now: Lent | None) -> tuple[HeldMemory, ...]:
    """`now`: what another node has of this one's memory."""
    if now is None:
        return ()
    about = life.crowd.about(now.peer)
    return (HeldMemory(now.peer, about.name if about else "", now.room, "alive", time.monotonic() - now.since),)


def peers(life: Life) -> list[KnownPeer]:
    """Those that are worth remembering: they answered."""
    return [
        KnownPeer(one.id, about.name if (about := life.crowd.about(one.id)) else "", _places(one))
        for one in life.standings()
        if one.condition == "alive" and one.endpoints
    ]


def _here(life: Life) -> Neighbour:
    report = life.report()
    members = list(life.members().values())
    return Neighbour(
        report.about.id,
        report.about.name,
        "alive",
        tuple(_served(members)),
        together([member.busy() for member in members]),
        None,
        report.about.hardware,
        report.about.version,
        report.about.age,
        report.about.age,
        tuple(map(str, report.about.endpoints)),
        tools=report.about.tools,
    )


def _peer(life: Life, one: Standing, now: float) -> Neighbour:
    node, about = life.crowd.node(one.id), life.crowd.about(one.id)
    members = node.members() if node else ()
    used = life.crowd.link(one.id).endpoint if node else None
    endpoints = [*([used] if used else []), *(each for each in one.endpoints if each != used)]
    return Neighbour(
        one.id,
        about.name if about else "",
        one.condition,
        tuple(member.offer.served for member in members),
        together([member.busy() for member in members]) if members else None,
        one.round_trip,
        about.hardware if about else "",
        about.version if about else "",
        about.age if about else None,
        now - one.since,
        tuple(map(str, endpoints)),
        _trouble(life, one),
        about.tools if node and about else (),
    )


def _trouble(life: Life, one: Standing) -> str:
    if told := life.troubles.of(one.id):
        return told
    if one.left:
        return "It took its leave."
    if one.condition == "gone":
        return "It does not answer. Is it on, and in this network? See there: python main.py doctor"
    return "It missed an answer, and is asked again." if one.condition == "suspect" else ""


def _of_others(life: Life, peers: Set[str]) -> Iterator[str]:
    """What is wrong with nodes of this swarm that never became members, as those of another version."""
    for id, trouble in life.troubles.all().items():
        if id not in peers:
            yield trouble


def _stranger(sighting: Sighting) -> Stranger:
    return Stranger(sighting.id, sighting.name, tuple(map(str, sighting.endpoints)), why(sighting))


def _served(members: list[Member]) -> Iterator[Served]:
    for member in members:
        try:
            yield member.served()
        except Unavailable:
            continue


def _places(one: Standing) -> tuple[tuple[str, int], ...]:
    return tuple((endpoint.host, endpoint.port) for endpoint in one.endpoints)
