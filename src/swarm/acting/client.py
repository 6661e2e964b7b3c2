"""The one answer that a client hears of several rounds, and what it comes to."""

from collections.abc import Sequence
from dataclasses import replace

from ...chat import (
    Accepted,
    Candidate,
    Chosen,
    Emit,
    Finished,
    Message,
    Part,
    Reason,
    Step,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
    Verdict,
)
from .line import line

APART = "\n\n"


class Client:
    """It is accepted once and ends once. What a model did on the way is among its thoughts."""

    def __init__(self, emit: Emit, warnings: Sequence[str] = ()) -> None:
        self._emit = emit
        self._accepted = False
        self._parts: list[Part] = []
        self._logprobs: list[TokenLogprob] = []
        self._apart = False
        self.warnings = list(warnings)

    async def accept(self, event: Accepted) -> None:
        if self._accepted:
            self.warnings += event.warnings
            return
        self._accepted = True
        await self._emit(replace(event, warnings=(*self.warnings, *event.warnings)))

    def next_round(self) -> None:
        self._apart = any(isinstance(part, Text) for part in self._parts)

    async def say(self, delta: TextDelta) -> None:
        if self._apart:
            self._apart = False
            await self.say(TextDelta(APART))
        self._add(Text(delta.text))
        self._logprobs += delta.logprobs
        await self._emit(delta)

    async def think(self, text: str) -> None:
        self._add(Thinking(text))
        await self._emit(ThinkingDelta(text))

    async def note(self, text: str) -> None:
        """A line of its own among the thoughts."""
        if not text.strip():
            return
        last = next((part.text for part in reversed(self._parts) if isinstance(part, Thinking)), "\n")
        begin = "" if last.endswith("\n") else "\n"
        await self.think(f"{begin}{text.strip()}\n")

    async def step(self, step: Step) -> None:
        await self._emit(step)
        await self.note(line(step))

    async def end(
        self,
        last: Candidate,
        verdict: Verdict | None,
        usage: Usage,
        calls: Sequence[ToolCall],
        reason: Reason,
    ) -> Candidate:
        """`last`: the answer of the last round. `calls`: those of it that are for the client."""
        for index, call in enumerate(calls):
            await self._emit(ToolCallDelta(index, "", call.id, call.name))
            await self._emit(ToolCallDelta(index, call.arguments))
        if verdict:
            warnings = tuple(dict.fromkeys((*verdict.warnings, *self.warnings)))
            await self._emit(Chosen(replace(verdict, warnings=warnings)))
        await self._emit(Finished(reason, usage, stop=last.stop))
        message = Message("assistant", (*self._parts, *calls))
        return Candidate(last.member, message, reason, usage, tuple(self._logprobs), last.stop)

    def _add(self, part: Text | Thinking) -> None:
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Text | Thinking) and type(last) is type(part):
            self._parts[-1] = replace(last, text=last.text + part.text)
        else:
            self._parts.append(part)
