"""The machines that the user named: who is there, and whether it is of our swarm."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence

import anyio

from ..errors import SwarmError
from .nodes import Endpoint
from .race import Reached, Trust, reach

# A machine may be switched on later, and get another address.
AGAIN_SECONDS = 5.0
LATER_SECONDS = 30.0
EAGER_SECONDS = 60.0


class Introductions:
    """`found`: told who is where. `trouble`: why a place cannot be reached, by its name."""

    def __init__(self, places: Sequence[tuple[str, int]], trust: Trust, found: Callable[[Reached], None]) -> None:
        self._places = places
        self._trust = trust
        self._found = found
        self.trouble: dict[str, str] = {}

    async def run(self) -> None:
        if not self._places:
            return
        begun = time.monotonic()
        while True:
            async with anyio.create_task_group() as group:
                for host, port in self._places:
                    group.start_soon(self._look, host, port)
            eager = self.trouble and time.monotonic() - begun < EAGER_SECONDS
            await anyio.sleep(AGAIN_SECONDS if eager else LATER_SECONDS)

    async def _look(self, host: str, port: int) -> None:
        name = str(Endpoint(host, port))
        try:
            reached = await self._first(host, port)
        except SwarmError as error:
            self.trouble[name] = f"--peer {name}: {error.message}"
            return
        self.trouble.pop(name, None)
        self._found(reached)

    async def _first(self, host: str, port: int) -> Reached:
        failed: SwarmError | None = None
        for endpoint in await _resolved(host, port):
            try:
                return await reach(endpoint, self._trust)
            except SwarmError as error:
                failed = failed or error
        raise failed or SwarmError(f"{host} is no name that is known in this network.")


async def _resolved(host: str, port: int) -> list[Endpoint]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: no name can be so long
        return []
    return list(dict.fromkeys(Endpoint(str(address[0]), port) for *_, address in found))
