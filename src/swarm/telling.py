"""One answer for the client, whoever gives it in the end: it is accepted once, and says how it was chosen."""

from dataclasses import replace

from ..chat import Accepted, Chosen, Emit, Event, Finished, ThinkingDelta, Undecided, Verdict, Written


class Telling:
    """`aside`: hears of votes that end in an error, past whoever else stands before the client."""

    def __init__(self, emit: Emit, aside: Emit | None = None) -> None:
        self._emit = emit
        self._aside = aside or emit
        self._accepted = False
        self._ends: list[Finished] = []
        self.begun = False
        self.spoken = False  # more than thoughts was told
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
            self.spoken = self.spoken or not isinstance(event, ThinkingDelta)
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

    async def fail(self, verdict: Verdict) -> None:
        await self._aside(Undecided(verdict))

    async def end(self, verdict: Verdict) -> None:
        await self.emit(Chosen(verdict))
        for event in self._ends:
            await self.emit(event)
