"""A swarm of scripted members, and what a client hears of it."""

from collections.abc import Sequence

from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Chosen,
    Event,
    Finished,
    Message,
    Text,
    ToolChoice,
    ToolSpec,
    Verdict,
)
from localswarm.swarm.answer import Choosing, Swarm
from localswarm.swarm.member import Busy, Served

from .scripted import Script, ScriptedMember, Step

PATHS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = ToolSpec("read", "Read a file.", PATHS)
ASKS = (Message("user", (Text("Read notes.txt"),)),)


class Named(ScriptedMember):
    """`running`: seats that others write on."""

    def __init__(self, name: str, script: Script | Sequence[Step], model: str = "", seats: int = 8, running: int = 0):
        super().__init__(script)
        self.name = name
        self._model = model or name
        self._seats = seats
        self._running = running

    def served(self) -> Served:
        served = super().served()
        return Served(self._model, served.context, served.context, self._seats, 0, (), served.details)

    def busy(self) -> Busy:
        return Busy(0, self._running, 0, 0, 0)


def request(model: str = "swarm:vote", mode: str = "required", **more: object) -> ChatRequest:
    choice = ToolChoice(mode)  # type: ignore[arg-type]
    return ChatRequest("r", model, ASKS, (READ,), choice, **more)  # type: ignore[arg-type]


def talk(model: str = "swarm:vote", **more: object) -> ChatRequest:
    return ChatRequest("r", model, ASKS, **more)  # type: ignore[arg-type]


class Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def emit(self, event: Event) -> None:
        self.events.append(event)

    @property
    def verdict(self) -> Verdict:
        (chosen,) = [event for event in self.events if isinstance(event, Chosen)]
        return chosen.verdict

    @property
    def in_order(self) -> bool:
        """Accepted first and once; the verdict right before the end."""
        kinds = [type(event) for event in self.events]
        once = kinds.count(Accepted) == kinds.count(Chosen) == kinds.count(Finished) == 1
        return once and kinds[0] is Accepted and kinds[-2:] == [Chosen, Finished]


async def ask(
    members: Sequence[ScriptedMember], asked: ChatRequest, choosing: Choosing | None = None
) -> tuple[Candidate, Heard]:
    heard = Heard()
    swarm = Swarm(members, choosing=choosing)
    (candidate,) = await swarm.answer(asked, heard.emit)
    return candidate, heard
