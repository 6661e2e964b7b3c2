"""A node whose model runs in vLLM: nothing is computed in it, and everything else of a node is there."""

import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...api.guard import Access
from ...engines.vllm.command import Wish
from ...errors import StartError
from ...federation.own import Sheltered
from ...hardware.machine import Hardware
from ...settings import Settings
from ...swarm.answer import Swarm
from ...swarm.routing import Router, Source
from .. import key
from ..acting import acting
from ..choosing import choosing
from ..company import Company, upstream_members
from ..front import Front
from ..hands import arms
from ..memory import Claim
from ..tools import ToolServer
from .foreign import ForeignVllm
from .server import VllmServer

LOG = logging.getLogger(__name__)
NO_TOOLS = (
    "The family of {} is not known here, so it is given no tools. If vLLM can read its calls: "
    "--vllm-arguments '--tool-call-parser NAME'"
)


@dataclass(frozen=True, slots=True)
class Started:
    """What such a node tells when it can answer."""

    hardware: Hardware
    settings: Settings
    wish: Wish
    vllm: str  # its address
    ours: bool  # it is stopped with this node
    context: int
    log: Path
    url: str
    notes: tuple[str, ...]
    join: str = ""  # how another machine does

    @property
    def key_file(self) -> Path | None:
        return key.file_of(self.settings)


class VllmNode:
    def __init__(
        self,
        settings: Settings,
        hardware: Hardware,
        wish: Wish,
        vllm: VllmServer | ForeignVllm,
        log: Path,
        sockets: list[socket.socket],
        access: Access,
        claim: Claim,
        company: Company,
        notes: tuple[str, ...] = (),
        tools: ToolServer | None = None,
    ) -> None:
        self.vllm = vllm
        self._notes = (*company.notes, *notes)
        self._company = company
        self._settings = settings
        self._hardware = hardware
        self._wish = wish
        self._log = log
        router = Router()
        federation = company.enter(self._members) if company.enter else None
        sources: list[Source] = [vllm, *company.upstreams, *([federation] if federation else [])]
        used = arms(settings, tools, federation, company.say)
        chosen, acts = choosing(settings, router, company.say), acting(settings, used.hands)
        swarm = Swarm([], sources, company.name, router, chosen, acts)
        self._front = Front(swarm, access, sockets, company.upstreams, claim, federation, used)

    async def run(self, started: Callable[[Started], None]) -> None:
        """Serve until a signal says stop. StartError where vLLM cannot be started."""
        await self._front.run((self.vllm.run, partial(self._announce, started)), self._close)

    async def _close(self) -> None:
        if isinstance(self.vllm, VllmServer) and self.vllm.running:
            self._company.say("Stopping vLLM ...")
        await self.vllm.close()

    async def _announce(self, started: Callable[[Started], None]) -> None:
        try:
            await self.vllm.first_ready()
        except StartError as error:
            self._front.fail(error)
            return
        await self._front.ready()
        notes = (*self._notes, *self._said(), *await self._front.beside())
        context = self.vllm.members()[0].served().context
        ours, url = isinstance(self.vllm, VllmServer), self._front.url(self._settings)
        more = (self.vllm.base, ours, context, self._log, url, notes, self._company.join)
        started(Started(self._hardware, self._settings, self._wish, *more))

    def _members(self) -> dict[str, Sheltered]:
        """What other nodes may ask."""
        own = {member.name: Sheltered(member) for member in self.vllm.members()}
        return own | upstream_members(self._company.upstreams)

    def _said(self) -> Iterator[str]:
        if isinstance(self.vllm, ForeignVllm):
            yield f"vLLM was running at {self.vllm.base} already. It is not stopped with this node."
        elif self.vllm.taken_over:
            yield "vLLM was left running by a node before this one, and was taken over."
        if isinstance(self.vllm, VllmServer) and not (self._wish.parsers.tools or "--tool-call-parser" in self._more()):
            yield NO_TOOLS.format(self._wish.name)

    def _more(self) -> str:
        return " ".join(self._wish.more).replace("_", "-")
