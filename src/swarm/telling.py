"""One answer for the client, whoever gives it in the end: it is accepted once, and says how it was chosen."""

from ..chat import Accepted, Chosen, Emit, Event, Finished, Verdict


class Telling:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._accepted = False
        self._ends: list[Finished] = []
        self.begun = False

    async def emit(self, event: Event) -> None:
        if isinstance(event, Accepted):
            if self._accepted:
                return
            self._accepted = True
        else:
            self.begun = True
        await self._emit(event)

    async def but_the_end(self, event: Event) -> None:
        """The end is told with the verdict."""
        if isinstance(event, Finished):
            self._ends.append(event)
        else:
            await self.emit(event)

    async def end(self, verdict: Verdict) -> None:
        await self.emit(Chosen(verdict))
        for event in self._ends:
            await self.emit(event)
