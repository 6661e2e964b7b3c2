"""One answer for the client, whoever gives it in the end: it is accepted once, and says how it was chosen."""

from dataclasses import replace

from ..chat import Accepted, Chosen, Emit, Event, Finished, Verdict, Written


class Telling:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._accepted = False
        self._ends: list[Finished] = []
        self.begun = False
        self.warnings: tuple[str, ...] = ()  # that stand beside those of how it was chosen

    async def emit(self, event: Event) -> None:
        if isinstance(event, Accepted):
            if self._accepted:
                return
            self._accepted = True
        elif isinstance(event, Written):
            return
        else:
            self.begun = True
        if isinstance(event, Chosen) and self.warnings:
            warnings = (*event.verdict.warnings, *self.warnings)
            event = Chosen(replace(event.verdict, warnings=warnings))
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
