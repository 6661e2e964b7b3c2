"""A tool host that says what a test wants, and keeps what it was called for."""

from collections.abc import Sequence
from itertools import cycle
from typing import get_args

from localswarm.chat import CallState, Image, Outcome, ToolCall, ToolSpec

ECHO = ToolSpec("echo", "Says it again.", {"type": "object", "properties": {"text": {"type": "string"}}})
DOT = "data:image/png;base64,iVBORw0="


class ScriptedTools:
    """Every kind of outcome in turn, or `states`."""

    def __init__(self, *states: CallState) -> None:
        self.called: list[tuple[ToolCall, str]] = []
        self._states = cycle(states or get_args(CallState))

    async def specs(self) -> Sequence[ToolSpec]:
        return (ECHO,)

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        self.called.append((call, who))
        state = next(self._states)
        return Outcome(call.id, call.name, state, "said", (Image(DOT),) if state == "done" else ())
