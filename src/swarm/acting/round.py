"""One round: what the model says goes to the client, and its words are held as long as they may only lead to a call."""

from ...chat import Accepted, Chosen, Event, Finished, TextDelta, ThinkingDelta, Verdict
from .client import Client

# Words in front of a call are seldom longer, and whoever waits for an answer does not wait long for so many.
HELD = 300


class Round:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._held: list[TextDelta] = []
        self._told = False
        self.verdict: Verdict | None = None

    async def hear(self, event: Event) -> None:
        """Calls are told when it is clear whose they are, and the end when it is one."""
        match event:
            case Accepted():
                await self._client.accept(event)
            case TextDelta():
                self._held.append(event)
                if self._told or sum(len(delta.text) for delta in self._held) > HELD:
                    self._told = True
                    await self.say_all()
            case ThinkingDelta(text):
                await self._client.think(text)
            case Chosen(verdict):
                self.verdict = verdict
            case Finished():
                self._client.warnings += event.warnings

    def forget(self) -> bool:
        """What was said is not taken; False where the client heard of it already."""
        self._held = []
        return not self._told

    async def say_all(self) -> None:
        held, self._held = self._held, []
        for delta in held:
            await self._client.say(delta)

    async def note_all(self) -> None:
        """They led to a call."""
        held, self._held = self._held, []
        await self._client.note("".join(delta.text for delta in held))
