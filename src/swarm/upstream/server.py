"""A server that somebody runs: which models it has now, and whether it answers at all."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import anyio

from ...errors import SwarmError, Unavailable, UpstreamFault
from ..member import Member
from .breaker import FIRST_PAUSE, LONGEST_PAUSE, Breaker
from .describe import Told
from .http import Address, Http
from .member import UpstreamMember
from .probe import probe
from .refusals import WrongAddress

LOG = logging.getLogger(__name__)
# Models are loaded and unloaded now and then.
LOOK_SECONDS = 30.0
# A busy server may leave one question unanswered.
FAILURES = 2


class UpstreamServer:
    """`node`: our own name, by which an address that leads back to us is known."""

    def __init__(self, address: Address, node: str = "") -> None:
        self.address = address
        self._http = Http(address)
        self._node = node
        self._members: dict[str, UpstreamMember] = {}
        self._failures = 0
        self._failure: SwarmError | None = None
        self._looked = anyio.Event()

    def members(self) -> Sequence[Member]:
        return list(self._members.values())

    async def run(self) -> None:
        """Look after it for ever."""
        async with self._http:
            while True:
                await self._look()
                await anyio.sleep(self._pause())

    async def looked(self) -> None:
        """Returns when it was asked for the first time."""
        await self._looked.wait()

    def note(self) -> str:
        """For the user, in one sentence."""
        if self._failure:
            return self._failure.message
        if not self._looked.is_set():
            return f"The server at {self.address.base} has said nothing yet."
        names = ", ".join(sorted(member.told.id for member in self._members.values()))
        return f"{self.address.base} serves {names}"

    async def _look(self) -> None:
        try:
            self._take(await probe(self._http, self._node))
            if self._failure:
                LOG.warning("The server at %s answers again.", self.address.base)
            self._failures, self._failure = 0, None
        except SwarmError as error:
            self._failures += 1
            if not self._failure or self._failure.message != error.message:
                LOG.warning("%s", error.message)
            self._failure = error
        except Exception:  # whatever a server says, only its own models are away for it
            LOG.exception("What the server at %s says of itself could not be read", self.address.base)
            self._failures += 1
            self._failure = UpstreamFault(f"What {self.address.base} says of itself could not be read.")
        finally:
            self._looked.set()

    def _take(self, told: Sequence[Told]) -> None:
        """Those that stay keep what was learnt of them."""
        kept, self._members = self._members, {}
        for one in told:
            member = kept.get(one.name) or UpstreamMember(self._http, one, Breaker(time.monotonic), self._down)
            member.told = replace(one, created=member.told.created)
            self._members[one.name] = member

    def _down(self) -> Unavailable | None:
        failing = self._failures >= FAILURES or isinstance(self._failure, WrongAddress)
        return Unavailable(self._failure.message, self._retry()) if failing and self._failure else None

    def _pause(self) -> float:
        return min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE) if self._failures else LOOK_SECONDS

    def _retry(self) -> int:
        return max(1, round(self._pause()))
