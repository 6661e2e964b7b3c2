"""A swarm of one scripted member with a tool host of the test's own."""

import itertools
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
from localswarm.chat import (
    CallState,
    Candidate,
    ChatRequest,
    Event,
    Hosted,
    Image,
    Message,
    Outcome,
    Step,
    Text,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
)
from localswarm.errors import SwarmError
from localswarm.swarm.acting.acting import Acting
from localswarm.swarm.acting.bounds import Bounds
from localswarm.swarm.acting.words import Words
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Served

from ..scripted import ScriptedMember
from ..scripted import Step as Scripted

LAST_WORDS, AGAIN, ON = "No more calls. Answer now.", "The same again.", "Go on."
UNREADABLE = "That is no call."
WORDS = Words(LAST_WORDS, AGAIN, ON, UNREADABLE)


def spec(name: str) -> ToolSpec:
    return ToolSpec(name, f"Does {name}.", {"type": "object", "properties": {"path": {"type": "string"}}})


HOST = tuple(spec(name) for name in ("read", "bash", "question"))
Reply = Callable[[ToolCall], Awaitable[tuple[CallState, str]]]


async def done(call: ToolCall) -> tuple[CallState, str]:
    return ("client", call.arguments) if call.name == "question" else ("done", f"{call.name} did it\nwell")


@dataclass
class FakeHands:
    """What it is asked to do it notes first. `ended`: calls that were carried out to their end."""

    reply: Reply = done
    tools: Sequence[ToolSpec] = HOST
    away: SwarmError | None = None
    images: tuple[Image, ...] = ()
    asked: list[ToolCall] = field(default_factory=list)
    ended: list[ToolCall] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)

    async def specs(self) -> Sequence[ToolSpec]:
        if self.away:
            raise self.away
        return self.tools

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        self.asked.append(call)
        self.sessions.append(session)
        state, content = await self.reply(call)
        self.ended.append(call)
        return Outcome(call.id, call.name, state, content, self.images, 0.25)


class Large(ScriptedMember):
    """A model that is good at several calls at once."""

    def served(self) -> Served:
        served = super().served()
        return replace(served, details=replace(served.details, parameters=8_000_000_000))


class Scene:
    """Each round of the member is the next of `rounds`; the last one again and again."""

    def __init__(
        self,
        *rounds: Sequence[Scripted],
        hands: FakeHands | None = None,
        bounds: Bounds | None = None,
        instead: bool = False,
        small: bool = False,
    ) -> None:
        scripts = itertools.chain(rounds, itertools.repeat(rounds[-1]))
        self.member = (ScriptedMember if small else Large)(lambda _: next(scripts))
        self.hands = hands or FakeHands()
        self.swarm = Swarm([self.member], acting=Acting(self.hands, lambda: WORDS, instead, bounds))
        self.events: list[Event] = []

    async def ask(self, request: ChatRequest | None = None) -> Candidate:
        async def emit(event: Event) -> None:
            self.events.append(event)

        (found,) = await self.swarm.answer(request or asks(), emit)
        return found

    def told(self, kind: type[TextDelta] | type[ThinkingDelta]) -> str:
        return "".join(event.text for event in self.events if isinstance(event, kind))

    @property
    def steps(self) -> list[Step]:
        return [event for event in self.events if isinstance(event, Step)]

    @property
    def calls(self) -> list[tuple[str, str]]:
        """That the client heard of: ids and names."""
        return [(event.id, event.name) for event in self.events if isinstance(event, ToolCallDelta) and event.id]


def asks(text: str = "Do it.", *before: Message, **more: Any) -> ChatRequest:
    more = dict[str, Any](model="swarm", hosted=Hosted()) | more
    return ChatRequest("r", messages=(*before, Message("user", (Text(text),))), **more)


def path(name: str) -> str:
    return json.dumps({"path": name})


async def forever(call: ToolCall) -> tuple[CallState, str]:
    await anyio.sleep_forever()
    raise AssertionError
