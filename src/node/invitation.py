"""A PIN brings the code of a swarm to another machine: the side that shows it, and the side where it is typed."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable
from contextlib import aclosing

from ..federation import identity
from ..federation.code import Code
from ..federation.discovery import Discovery, Record, Sighting, search, usable
from ..federation.nodes import Endpoint
from ..federation.pairing import OPEN_SECONDS, NotReached, PairingFailed, PairingHost, receive
from ..federation.wire.versions import PROTOCOL
from ..settings import LOOPBACK, SWARM_PORT, Pin, Settings

# Multicast may lose the first question, and the next one comes a second later.
FIND_SECONDS = 10.0
# Another machine may show a PIN too, and a try with the wrong one is lost.
SETTLE_SECONDS = 1.0
# Whoever announces this is no node, and of no swarm: it only has a PIN.
NO_TAG = ""

Say = Callable[[str], None]


def announced(settings: Settings) -> str | None:
    """The one address that others are told; None for all. What is only for programs of this machine is no choice."""
    return None if settings.host in LOOPBACK else settings.host


def invite(settings: Settings, say: Say, seconds: float = OPEN_SECONDS) -> str:
    """Until another machine has come with the PIN, which `say` tells. PairingFailed where none does."""
    return asyncio.run(_invite(settings, say, seconds))


def fetched(settings: Settings) -> Code | None:
    """The code that the PIN of the settings brings; None where they have none."""
    return asyncio.run(_fetched(settings.pair, announced(settings))) if settings.pair else None


async def _invite(settings: Settings, say: Say, seconds: float) -> str:
    chosen = announced(settings)
    host = PairingHost(identity.first_code(settings.state_dir), say, chosen or "")
    port = await host.listen()
    say(_shown(host.pin, port, usable(chosen), seconds))
    own = Record(secrets.token_hex(8), NO_TAG, PROTOCOL, socket.gethostname(), settings.swarm_port or SWARM_PORT, port)
    announcing = asyncio.create_task(Discovery(own, lambda _: None, chosen).run())
    try:
        return f"The machine at {await host.wait(seconds)} is of this swarm now."
    finally:
        announcing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await announcing


def _shown(pin: str, port: int, addresses: tuple[str, ...], seconds: float) -> str:
    lines = [
        f"The PIN is {pin[:3]} {pin[3:]}. On the other machine, within {seconds / 60:g} minutes:",
        f"  python main.py --auto --pair {pin}",
    ]
    if addresses:
        place = Endpoint(addresses[0], port)
        lines += ["Where that finds nobody, as multicast is blocked:", f"  python main.py --auto --pair {pin}@{place}"]
    return "\n".join(lines)


async def _fetched(pin: Pin, host: str | None) -> Code:
    if pin.place:
        return await receive(pin.place.host, pin.place.port, pin.digits)
    offers = await _offers(host)
    if len(offers) > 1:
        places = " or ".join(f"--pair {pin.digits}@{_endpoints(one)[0]} ({one.name})" for one in offers)
        raise PairingFailed(f"{len(offers)} machines show a PIN now. Say which: {places}")
    if not offers:
        raise PairingFailed(
            "No machine that shows a PIN was found. Start `python main.py swarm pair` on the other machine; where it "
            "shows one, multicast is blocked: use the longer line that it prints."
        )
    return await _first(_endpoints(offers[0]), pin.digits)


async def _first(endpoints: list[Endpoint], digits: str) -> Code:
    for endpoint in endpoints[:-1]:
        with contextlib.suppress(NotReached):
            return await receive(endpoint.host, endpoint.port, digits)
    return await receive(endpoints[-1].host, endpoints[-1].port, digits)


async def _offers(host: str | None) -> list[Sighting]:
    found: dict[str, Sighting] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FIND_SECONDS) as limit, aclosing(search(FIND_SECONDS, NO_TAG, host)) as sightings:
            async for sighting in sightings:
                if sighting.pairing and sighting.endpoints:
                    found[sighting.id] = sighting
                    if len(found) == 1:
                        limit.reschedule(asyncio.get_running_loop().time() + SETTLE_SECONDS)
    return list(found.values())


def _endpoints(sighting: Sighting) -> list[Endpoint]:
    return [Endpoint(one.host, sighting.pairing or 0) for one in sighting.endpoints]
