"""Has one answer written out of several, by the strongest member that they fit in."""

import math
from collections.abc import Callable

import anyio

from ..chat import Accepted, Candidate, ChatRequest, Event, Verdict
from ..errors import SwarmError, Unavailable
from . import report, synthesis
from .continuing import Continuing
from .judging import forms
from .member import Served
from .routing import Choice, may_help
from .sampling import Poll
from .seats import Seats
from .telling import Telling

NO_ROOM = "The answers do not fit into the context of any member."
ONE_MEMBER = "All that there are come from one member."
NOTHING_SAID = "It says nothing."


class Synthesizer:
    """For one request. `instructions`: what the writer is told, with a place for the answers. `patience`: seconds after
    which a writer that has said nothing is not waited for any more."""

    def __init__(
        self,
        poll: Poll,
        request: ChatRequest,
        instructions: str,
        strength: Callable[[Served], float],
        patience: Callable[[ChatRequest, Choice], float],
        seats: Seats,
    ) -> None:
        self._patience = patience
        self._poll = poll
        self._request = request
        self._seats = seats
        answers = [] if poll.acts else synthesis.able(poll.answers)
        self._answers = [said for _, said in answers]
        self._writers = synthesis.writers(answers, strength)
        self._shown = synthesis.request(request, self._answers, instructions) if answers else request
        # Nothing was written. Votes on calls are what is wanted of them.
        self.why = "" if poll.acts or answers else ONE_MEMBER

    async def write(self, asking: Continuing, telling: Telling) -> tuple[Candidate, Verdict] | None:
        """None where the best of the answers is to be taken as it is. Raises where words were told that nobody could
        go on with."""
        failed: SwarmError | None = None
        for writer in self._writers:
            if failed and not may_help(writer, failed):
                continue
            try:
                if await self._fits(writer):
                    return await self._once(writer, asking, telling)
            except SwarmError as error:
                if telling.spoken:
                    raise
                failed = error
            except TimeoutError:
                failed = Unavailable(f"{writer.member.name} said nothing for too long.")
        if self._writers:
            self.why = failed.message if failed else NO_ROOM
        return None

    async def _fits(self, writer: Choice) -> bool:
        with anyio.fail_after(self._patience(self._shown, writer)):
            prompt = await writer.member.count(self._shown)
        return prompt + synthesis.room(self._request, self._answers) <= writer.served.context

    async def _once(self, writer: Choice, asking: Continuing, telling: Telling) -> tuple[Candidate, Verdict] | None:
        begun = anyio.current_time()
        with self._seats.guest() as guest:
            seat = guest.name(guest.take(writer))
            try:
                (candidate,) = await self._heard(writer, asking, telling)
            except SwarmError as error:
                if telling.spoken:
                    seconds = anyio.current_time() - begun
                    unfinished = report.unfinished(self._poll.verdict(), error, writer.served.id, seat, seconds)
                    await telling.fail(unfinished)
                raise
        if not candidate.message.text.strip():
            self.why = NOTHING_SAID
            return None
        (form,) = await forms([candidate], self._shown)
        seconds = anyio.current_time() - begun
        return candidate, report.synthesis(self._poll.verdict(), candidate, form, writer.served.id, seat, seconds)

    async def _heard(self, writer: Choice, asking: Continuing, telling: Telling) -> list[Candidate]:
        """Once it has begun it is waited for, however long it takes."""
        with anyio.fail_after(self._patience(self._shown, writer)) as scope:

            async def hear(event: Event) -> None:
                if not isinstance(event, Accepted):
                    scope.deadline = math.inf
                await telling.but_the_end(event)

            return await asking.go_on(writer, self._shown, hear)
