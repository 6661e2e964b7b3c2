"""An MCP server of the user's whose tools are offered here too, for as long as it is there."""

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio

from ...settings.tools import Mount
from ..registry import Registry
from ..tool import Tool
from . import carriers, trouble
from .carriers import Read, Write
from .visit import ANSWER_SECONDS, LOOK_SECONDS, Visit

LOG = logging.getLogger(__name__)

# Those that `npx` and `uvx` start are downloaded first.
START_SECONDS = 120.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# One that ends sooner may do so each time.
LASTING_SECONDS = 60.0
MOST_REFUSALS = 5  # that are told of


class Mounted:
    """Its tools are in `registry` while it answers. `folder`: of its log. `key`: what a server at an address wants."""

    def __init__(
        self,
        mount: Mount,
        registry: Registry,
        folder: Path,
        key: str = "",
        first_pause: float = FIRST_PAUSE,
        look: float = LOOK_SECONDS,
    ) -> None:
        self.mount = mount
        self._registry = registry
        self._log = folder / f"mcp-{mount.name}.log"
        self._key = key
        self._first_pause = first_pause
        self._look = look
        self._told = ""

    async def run(self) -> None:
        pause = self._first_pause
        while True:
            lasted = await self._once() > LASTING_SECONDS
            pause = self._first_pause if lasted else pause
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def offer(self, tools: Sequence[Tool], refusals: Sequence[str]) -> None:
        refused = [*refusals, *self._registry.replace(self.mount.name, tools)]
        more = [f"and {len(refused) - MOST_REFUSALS} more"] if len(refused) > MOST_REFUSALS else []
        self.tell(f"offers {len(tools)} tools", "; ".join([*refused[:MOST_REFUSALS], *more]))

    def tell(self, state: str, more: str = "") -> None:
        """Once, however often it is tried again."""
        said = f"The MCP server {self.mount.name} {state}{f'. {more}' if more else ''}"
        if self._told == said:
            return
        self._told = said
        good = state.startswith("offers")
        hint = "" if good or not self._has_said_more() else f". What it says of it: {self._log}"
        LOG.log(logging.WARNING if more or not good else logging.INFO, "%s%s", self._masked(said), hint)

    async def _once(self) -> float:
        """As long as it lasts: how many seconds it was there."""
        start = ANSWER_SECONDS if self.mount.url else START_SECONDS
        visit = Visit(self.mount.name, self, self._masked, start, self._look)
        why = "is waited for no more"
        try:
            async with self._carrier() as (read, write):
                await visit.run(read, write)
        except* Exception as errors:  # the outermost place: a fault of a server, or of what speaks to it, ends it alone
            why = self._masked(trouble.told(errors, bool(self._key)))
            self.tell(why)
        finally:
            self._registry.replace(self.mount.name, ())
            visit.calls.lose(why)
        return visit.lasted()

    def _carrier(self) -> AbstractAsyncContextManager[tuple[Read, Write]]:
        if self.mount.url:
            return carriers.http(self.mount.url, self._key)
        return carriers.process(self.mount.command, self._log)

    def _has_said_more(self) -> bool:
        return bool(self.mount.command) and self._log.exists() and self._log.stat().st_size > 0

    def _masked(self, said: str) -> str:
        return said.replace(self._key, "***") if self._key else said
