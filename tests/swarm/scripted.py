"""A member that says what it was told to say, and remembers what it was asked."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import anyio
from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Embedding,
    Emit,
    Event,
    Finished,
    Message,
    Part,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from localswarm.errors import BadRequest, SwarmError
from localswarm.swarm.member import Busy, Details, Served

CONTEXT = 4096
# Before a text that is framed.
BEGIN = 1
# Seconds, an error, or an event; `candidate` of an event is as written.
Step = Event | SwarmError | float
Script = Callable[[ChatRequest], Sequence[Step]]


def says(*texts: str) -> list[Step]:
    steps: list[Step] = [TextDelta(text) for text in texts]
    return [Accepted(5), *steps, Finished("stop", Usage(5, len(texts), 2))]


def calls(name: str, *arguments: str, text: str = "", thought: str = "", call_id: str = "call_1") -> list[Step]:
    before: list[Step] = [*([ThinkingDelta(thought)] if thought else []), *([TextDelta(text)] if text else [])]
    first = ToolCallDelta(0, "", call_id, name)
    fragments = [ToolCallDelta(0, part) for part in arguments]
    return [Accepted(5), *before, first, *fragments, Finished("tool_calls", Usage(5, 1 + len(arguments), 2))]


class ScriptedMember:
    """One token is one character."""

    name = "scripted"
    seats = 1

    def __init__(self, script: Script | Sequence[Step] = ()) -> None:
        steps = script if callable(script) else None
        self.script: Script = steps or (lambda _: script if not callable(script) else [])
        self.asked: list[ChatRequest] = []
        self.left = 0  # answers that were cancelled

    def served(self) -> Served:
        details = Details("llama", "Q4_1", 98_000_000, 135_000_000, "chatml", "native", template="{{ messages }}")
        return Served("scripted", CONTEXT, CONTEXT, self.seats, 1_700_000_000, (), details)

    def busy(self) -> Busy:
        return Busy(0, 0, 0, 0, 0)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self.asked.append(request)
        events: list[Event] = []
        try:
            for step in self.script(request):
                if isinstance(step, SwarmError):
                    raise step
                if isinstance(step, float):
                    await anyio.sleep(step)
                    continue
                await emit(step)
                events.append(step)
        except anyio.get_cancelled_exc_class():
            self.left += 1
            raise
        return [candidate_of(events, index) for index in range(request.policy.choices)]

    async def count(self, request: ChatRequest) -> int:
        self.asked.append(request)
        return sum(len(message.text) for message in request.messages)

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        return [BEGIN] * framed + [ord(character) for character in text]

    async def detokenize(self, tokens: Sequence[int]) -> str:
        wrong = next((token for token in tokens if not 0 <= token <= sys.maxunicode), None)
        if wrong is not None:
            raise BadRequest(f"This model has no token {wrong}.")
        return "".join(chr(token) for token in tokens)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [Embedding((0.6, 0.8), len(text)) for text in texts]


def candidate_of(events: Sequence[Event], index: int) -> Candidate:
    """What a stream of events comes to."""
    text, thought = "", ""
    found: dict[int, ToolCall] = {}
    end = Finished("stop", Usage(0, 0))
    for event in events:
        match event:
            case TextDelta(more, candidate) if candidate == index:
                text += more
            case ThinkingDelta(more, candidate) if candidate == index:
                thought += more
            case ToolCallDelta(at, arguments, call_id, name, candidate) if candidate == index:
                before = found.setdefault(at, ToolCall(call_id, name, ""))
                found[at] = replace(before, arguments=before.arguments + arguments)
            case Finished() if event.candidate == index:
                end = event
    parts: list[Part] = [Thinking(thought)] if thought else []
    parts += [Text(text)] if text else []
    return Candidate("scripted", Message("assistant", (*parts, *found.values())), end.reason, end.usage, stop=end.stop)
