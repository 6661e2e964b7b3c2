"""An answer that goes on when the member that gives it dies: another one with the same model begins with the very
tokens that were written, and the client hears each character once.

These end in the error instead: several answers side by side, those of other servers (they tell no tokens), those that
a model first decides on (deciding.py), and log-probabilities behind thoughts or calls.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import anyio

from ..chat import Branch, Candidate, ChatRequest, Emit, Event, Finished
from ..errors import EngineDied, EngineFault, SwarmError
from .asked import Ask
from .member import Served
from .retelling import Told
from .routing import Choice, is_same

LOG = logging.getLogger(__name__)
# After the first.
MOST_OTHERS = 2
# A request may be what kills them.
MOST_DEATHS = 2
# Who wrote so many tokens died of something else; then one more is asked.
GOT_ON = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """One that began the answer, or went on with it, and failed. `tokens`: so many there were by then."""

    choice: Choice
    why: str
    tokens: int
    seconds: float


class Continuing:
    """Asks members for one request. `choices`: those that there were when it came; `present`: those that there are.
    `sit`: is told who goes on."""

    def __init__(
        self,
        ask: Ask,
        choices: Sequence[Choice],
        present: Callable[[], Sequence[Choice]],
        sit: Callable[[Choice], object] = lambda choice: None,
    ) -> None:
        self._ask = ask
        self._choices = choices
        self._present = present
        self._sit = sit
        self._dead: set[str] = set()
        self._got_on = False  # who died last
        self._fatal: SwarmError | None = None
        self.begun: list[Begun] = []
        self.last: Choice | None = None  # who ended what others began

    async def ask(self, choice: Choice, request: ChatRequest, emit: Emit) -> list[Candidate]:
        """This one alone. Whatever is wrong with a member is a SwarmError."""
        if self._fatal and self._deadly:
            raise self._fatal
        try:
            return await self._ask(choice, request, emit)
        except EngineDied as error:
            self._dead.add(choice.member.name)
            self._got_on, self._fatal = False, self._fatal or error
            raise
        except SwarmError:
            raise
        except Exception as error:  # what one member does wrong, whatever it is, ends nobody else's answer
            LOG.exception("The member %s failed in a way that nobody foresaw", choice.member.name)
            raise EngineFault(f"The model '{choice.served.id}' failed in a way that nobody foresaw.") from error

    async def go_on(self, choice: Choice, request: ChatRequest, emit: Emit) -> list[Candidate]:
        """Should it fail when something was told already, another one goes on."""
        alone = request.policy.choices == 1 and request.begun is None and choice.served.details.continues
        if not alone or not self._others(choice, {choice.member.name}, self._choices):
            return await self.ask(choice, request, emit)
        told, tried = Told(request.sampling.logprobs is not None), {choice.member.name}
        asked = replace(request, sampling=replace(request.sampling, traced=True))
        failed: SwarmError | None = None
        while True:
            since, before = anyio.current_time(), len(told.tokens)
            try:
                found = await self._once(choice, asked, told, emit)
                self.last = choice
                return found
            except SwarmError as error:
                if not told.anything or (failed is None and error.status < 500):
                    raise
                failed = failed or error
                self._note(choice, error, told, before, anyio.current_time() - since)
            other = self._next(choice, tried) if told.continuable and not self._deadly else None
            if other is None:
                raise failed
            LOG.warning("%s failed in an answer; %s goes on.", choice.member.name, other.member.name)
            choice = other
            tried.add(choice.member.name)
            self._sit(choice)
            asked = replace(asked, begun=Branch(told.begin_again(), ()))

    async def _once(self, choice: Choice, request: ChatRequest, told: Told, emit: Emit) -> list[Candidate]:
        """To its end, which is told only when nothing can fail any more."""
        ends: list[Finished] = []

        async def hear(event: Event) -> None:
            new = told.hear(event)
            if isinstance(new, Finished):
                ends.append(new)
            elif new is not None:
                await emit(new)

        (candidate,) = await self.ask(choice, request, hear)
        for end in ends:
            await emit(end)
        return [told.whole(candidate)]

    def _note(self, choice: Choice, error: SwarmError, told: Told, before: int, seconds: float) -> None:
        got_on = len(told.tokens) - before
        if isinstance(error, EngineDied):
            self._got_on = got_on >= GOT_ON
        if got_on > 0:
            self.begun.append(Begun(choice, error.message, len(told.tokens), seconds))

    @property
    def _deadly(self) -> bool:
        return len(self._dead) > MOST_DEATHS or (len(self._dead) == MOST_DEATHS and not self._got_on)

    def _next(self, choice: Choice, tried: set[str]) -> Choice | None:
        if len(tried) > MOST_OTHERS:
            return None
        try:
            present = self._present()
        except SwarmError:
            return None
        return next(iter(self._others(choice, tried, present)), None)

    def _others(self, choice: Choice, tried: set[str], among: Sequence[Choice]) -> list[Choice]:
        """Those with the same model: first those with the very same weights."""
        able = [one for one in among if one.member.name not in tried and one.served.details.continues]
        same = [one for one in able if is_same(one.served, choice.served)]
        return sorted(same, key=lambda one: _distance(one.served, choice.served))


def _distance(one: Served, other: Served) -> int:
    digest, quant = one.details.digest, one.details.quant
    return 0 if digest and digest == other.details.digest else 1 if quant == other.details.quant else 2
