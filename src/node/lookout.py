"""What `doctor` asks of the network: where this machine is in it, which others are there, and who reaches whom.

It takes no part in the swarm: whoever is asked sees a visitor that leaves again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import StartError, SwarmError
from ..federation import identity
from ..federation.channel import client_context, peer_id
from ..federation.code import OPEN, Code
from ..federation.discovery import Sighting, addresses, find
from ..federation.identity import Identity
from ..federation.link import Link
from ..federation.nodes import Endpoint
from ..federation.race import Trust
from ..settings import SWARM_PORT, Settings
from ..state import State
from ..state.opening import FILE
from ..state.peers import KnownPeer
from .invitation import announced

SEE_SECONDS = 2.0
CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Where:
    """`addresses`: what others are told, in the order in which they try them. `interfaces`: those that multicast goes
    through, each with its IPv4 address. `tunnels`: there is nothing but a VPN; `virtual`: nothing but networks of
    containers or virtual machines. `missing`: the chosen address, where this machine does not have it."""

    addresses: tuple[str, ...]
    interfaces: tuple[tuple[str, str], ...]
    alone: bool = False
    tunnels: bool = False
    virtual: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Another machine. `ours`: of our swarm. `announces`: multicast tells of it. `connects`: connections are taken
    there. `trouble`: why it cannot be talked with all the same."""

    id: str
    name: str
    ours: bool
    place: str
    announces: bool
    connects: bool
    trouble: str = ""


def where(settings: Settings) -> Where:
    return placed(announced(settings), addresses.of_this_machine())


def placed(host: str | None, locals: Sequence[addresses.Local]) -> Where:
    told = addresses.chosen(host, locals)
    chosen = addresses.single(host)
    ranks = {addresses.rank(one) for one in locals if str(one.address) in told}
    outside = [one for one in locals if addresses.rank(one) in (addresses.REAL, addresses.LINK_LOCAL)]
    return Where(
        told,
        tuple((one.interface, str(one.address)) for one in outside if one.address.version == 4),
        alone=ranks <= {addresses.LOOPBACK},
        tunnels=ranks == {addresses.TUNNEL},
        virtual=ranks == {addresses.VIRTUAL},
        missing=chosen if chosen and chosen not in {str(one.address) for one in locals} else "",
    )


def seen(settings: Settings, own: str) -> list[Seen]:
    """Whoever multicast tells of, and whoever was here once. `own`: the id of the node that runs here, if one does."""
    return asyncio.run(_seen(settings, own))


def asked_back(settings: Settings, own: str) -> dict[str, bool]:
    """Which machines of the swarm, by their names, reach the node with this id that runs here."""
    return asyncio.run(_asked_back(settings, own))


async def _seen(settings: Settings, own: str) -> list[Seen]:
    visitor = _visitor(settings)
    sightings = await find(None, SEE_SECONDS, announced(settings))
    others = [one for one in sightings if one.id != own and not one.pairing]
    heard = {one.id for one in others}
    absent = [peer for peer in _known(settings) if peer.id not in heard and peer.endpoints]
    looks = [_look(one, visitor) for one in others] + [_again(peer, visitor) for peer in absent if visitor]
    return list(await asyncio.gather(*looks))


async def _look(sighting: Sighting, visitor: Identity | None) -> Seen:
    ours = visitor is not None and sighting.tag == visitor.authority.tag
    connects = any(await asyncio.gather(*map(_connects, sighting.endpoints)))
    trouble = await _trouble(sighting.id, sighting.endpoints, visitor) if ours and connects and visitor else ""
    return Seen(sighting.id, sighting.name, ours, str(sighting.endpoints[0]), True, connects, trouble)


async def _again(peer: KnownPeer, visitor: Identity) -> Seen:
    endpoints = [Endpoint(host, port) for host, port in peer.endpoints]
    connects = any(await asyncio.gather(*map(_connects, endpoints)))
    trouble = await _trouble(peer.id, endpoints, visitor) if connects else ""
    return Seen(peer.id, peer.name, True, str(endpoints[0]), False, connects, trouble)


async def _trouble(id: str, endpoints: Sequence[Endpoint], visitor: Identity) -> str:
    link = Link(id, _trust(visitor), endpoints)
    try:
        await link.report()
        return ""
    except SwarmError as error:
        return error.message
    finally:
        await link.close()


async def _asked_back(settings: Settings, own: str) -> dict[str, bool]:
    visitor = _visitor(settings)
    if visitor is None:
        return {}
    peers = [peer for peer in _known(settings) if peer.id != own]
    answers = await asyncio.gather(*(_ask(peer, own, visitor) for peer in peers))
    return {peer.name or peer.id: answer for peer, answer in zip(peers, answers, strict=True) if answer is not None}


async def _ask(peer: KnownPeer, own: str, visitor: Identity) -> bool | None:
    """None where it does not answer."""
    link = Link(peer.id, _trust(visitor), [Endpoint(host, port) for host, port in peer.endpoints])
    try:
        return await link.probe_for(own)
    except SwarmError:
        return None
    finally:
        await link.close()


async def _connects(endpoint: Endpoint) -> bool:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    except OSError:
        return False
    writer.transport.abort()
    return True


def _visitor(settings: Settings) -> Identity | None:
    """None where this machine is of no swarm yet, or what is kept of it cannot be used."""
    try:
        code = OPEN if settings.open else identity.code_of(settings.state_dir)
        return identity.visiting(settings.state_dir, code) if code else None
    except StartError:
        return None


def has_code(settings: Settings) -> bool:
    """StartError where it cannot be used."""
    code: Code | None = identity.code_of(settings.state_dir)
    return code is not None


def known_names(settings: Settings) -> list[str]:
    return [peer.name or peer.id for peer in _known(settings)]


def port_of(settings: Settings) -> int:
    return settings.swarm_port or SWARM_PORT


def _known(settings: Settings) -> list[KnownPeer]:
    if not (settings.state_dir / FILE).is_file():
        return []
    try:
        with State(settings.state_dir) as state:
            return state.peers.all()
    except StartError:
        return []


def _trust(visitor: Identity) -> Trust:
    return Trust(client_context(visitor), peer_id)
