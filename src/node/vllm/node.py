"""A node whose model runs in vLLM: nothing is computed in it, and everything else of a node is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...engines.vllm.command import Wish
from ...errors import StartError
from ...federation.own import Sheltered
from ...hardware.machine import Hardware
from ...swarm.routing import Router
from ..house import House
from ..welcome import Welcome
from .foreign import ForeignVllm
from .server import VllmServer

NO_TOOLS = (
    "The family of {} is not known here, so it is given no tools. If vLLM can read its calls: "
    "--vllm-arguments '--tool-call-parser NAME'"
)


@dataclass(frozen=True, slots=True)
class Started(Welcome):
    wish: Wish
    vllm: str  # its address
    ours: bool  # it is stopped with this node
    context: int
    log: Path


class VllmNode:
    def __init__(self, house: House, hardware: Hardware, wish: Wish, vllm: VllmServer | ForeignVllm, log: Path) -> None:
        self.vllm = vllm
        self._house = house
        self._hardware = hardware
        self._wish = wish
        self._log = log
        self._front = house.front(self._offered, Router(), sources=[vllm])

    async def run(self, started: Callable[[Started], None]) -> None:
        """Serve until a signal says stop. StartError where vLLM cannot be started."""
        await self._front.run((self.vllm.run, partial(self._announce, started)), self._close)

    async def _close(self) -> None:
        if isinstance(self.vllm, VllmServer) and self.vllm.running:
            self._house.company.say("Stopping vLLM ...")
        await self.vllm.close()

    async def _announce(self, started: Callable[[Started], None]) -> None:
        try:
            await self.vllm.first_ready()
        except StartError as error:
            self._front.fail(error)
            return
        await self._front.ready()
        house, ours = self._house, isinstance(self.vllm, VllmServer)
        notes = (*house.notes, *self._said(), *await self._front.beside())
        context = self.vllm.members()[0].served().context
        welcome = house.settings, self._hardware, house.doors.api, notes, house.company.join
        started(Started(*welcome, self._wish, self.vllm.base, ours, context, self._log))

    def _offered(self) -> dict[str, Sheltered]:
        """What other nodes may ask."""
        return {member.name: Sheltered(member) for member in self.vllm.members()}

    def _said(self) -> Iterator[str]:
        if isinstance(self.vllm, ForeignVllm):
            yield f"vLLM was running at {self.vllm.base} already. It is not stopped with this node."
        elif self.vllm.taken_over:
            yield "vLLM was left running by a node before this one, and was taken over."
        if isinstance(self.vllm, VllmServer) and not (self._wish.parsers.tools or "--tool-call-parser" in self._more()):
            yield NO_TOOLS.format(self._wish.name)

    def _more(self) -> str:
        """As its user may have written them: vLLM takes either mark between the words of a flag."""
        return " ".join(self._wish.more).replace("_", "-")
