"""What calls of a model can be carried out with, wherever it is: on this machine, or on another one."""

from collections.abc import Sequence
from typing import Protocol

from ..chat import Outcome, ToolCall, ToolSpec


class Hands(Protocol):
    async def specs(self) -> Sequence[ToolSpec]:
        """What there is now. Unavailable while nobody is there."""
        ...

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        """An id runs once; asked again, what came of it. `who`: for the log. `session`: whose list of things to do it
        is. A SwarmError means that nothing was done; whatever else there is to say is said in the outcome."""
        ...
