"""Who is there now, for commands that look once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from .dns import DNSRecord
from .multicast import Multicast
from .packet import Known, read
from .place import look
from .questions import Questions
from .record import Sighting
from .sieve import Sieve

# What waits to be looked at. More is a flood.
MOST_WAITING = 1000


async def find(tag: str | None, seconds: float, host: str | None = None) -> list[Sighting]:
    """Everybody who answers within this time, the last word of each; of one swarm, or of all."""
    found: dict[str, Sighting] = {}
    async with aclosing(search(seconds, tag or "", host)) as sightings:
        async for sighting in sightings:
            if tag is None or sighting.tag == tag:
                found[sighting.id] = sighting
    return list(found.values())


async def search(seconds: float, tag: str = "", host: str | None = None) -> AsyncGenerator[Sighting, None]:
    """As they come, for callers who may leave as soon as they have seen enough. Nothing comes where multicast cannot be
    used. `tag`: those of this swarm are not held up by a flood of others."""
    queue: asyncio.Queue[Sighting] = asyncio.Queue(MOST_WAITING)
    sieve = Sieve(tag)
    place = await look(host)
    clock = asyncio.get_running_loop().time

    def heard(records: Sequence[DNSRecord], known: Known) -> None:
        for sighting in read(records, known, place.links):
            if not queue.full() and sieve.passes(sighting, clock()):
                queue.put_nowait(sighting)

    try:
        multicast = await Multicast.open(place, heard)
    except OSError:
        return
    try:
        async for sighting in _asked(multicast, queue, clock() + seconds):
            yield sighting
    finally:
        await multicast.close()


async def _asked(multicast: Multicast, queue: asyncio.Queue[Sighting], end: float) -> AsyncGenerator[Sighting, None]:
    clock = asyncio.get_running_loop().time
    questions = Questions(clock())
    while clock() < end:
        if questions.due(clock()):
            multicast.ask(directly=questions.first)
        try:
            async with asyncio.timeout(min(end - clock(), questions.wait(clock()))):
                sighting = await queue.get()
        except TimeoutError:
            continue
        yield sighting
