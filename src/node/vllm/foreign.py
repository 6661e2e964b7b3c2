"""A vLLM that somebody else runs, on the port that the user named: it is used, and never stopped."""

from collections.abc import Sequence

from ...errors import Unavailable
from ...swarm.member import Member
from ...swarm.upstream.server import UpstreamServer
from .member import Away, Own


class ForeignVllm:
    def __init__(self, upstream: UpstreamServer, name: str) -> None:
        self.base = upstream.address.base
        self._upstream = upstream
        self._away = Away(f"{name} in vLLM", lambda: Unavailable(upstream.note(), model=name))

    def members(self) -> Sequence[Member]:
        return [Own(member) for member in self._upstream.members()] or [self._away]

    async def run(self) -> None:
        await self._upstream.run()

    async def first_ready(self) -> None:
        await self._upstream.looked()

    async def close(self) -> None:
        """It is not ours."""
