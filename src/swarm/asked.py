"""One candidate on its way: where it is written, what came of it so far, and how it ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import anyio

from ..chat import Candidate, ChatRequest, Emit
from ..errors import SwarmError
from .consensus.forms import Form, form
from .consensus.merit import Merits
from .judging import beside, is_long
from .live import Held
from .places import Place
from .routing import Choice

Ask = Callable[[Choice, ChatRequest, Emit], Awaitable[list[Candidate]]]


@dataclass(slots=True, eq=False)
class Asked:
    """`weak`: its model is one of those that go on with calls that nobody asked for."""

    place: Place
    held: Held
    begun: float
    weak: bool = False
    candidate: Candidate | None = None
    form: Form | None = None
    merit: float | None = None  # what its call is worth
    enough: bool = False  # nobody else has to be asked
    error: SwarmError | None = None
    cancelled: bool = False
    silent: bool = False  # it has said nothing for so long that others were asked
    left_out: frozenset[int] = frozenset()  # calls that nobody asked for
    seconds: float = 0.0
    _scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    @property
    def over(self) -> bool:
        return self.candidate is not None or self.error is not None or self.cancelled

    @property
    def valid(self) -> bool:
        return self.form is not None and self.form.valid

    def cancel(self) -> None:
        if not self.over:
            self.cancelled = True
            self.seconds = anyio.current_time() - self.begun
            self._scope.cancel()

    async def run(self, ask: Ask, request: ChatRequest, merits: Merits, tell: Callable[["Asked"], None]) -> None:
        """To its end, which is told unless it was cancelled. Errors are kept: what one cannot do, another may."""
        with self._scope:
            try:
                (candidate,) = await ask(self.place.choice, request, self.held.hear)
                judged = await beside(
                    is_long(candidate, request), partial(_judged, candidate, request, merits, self.weak)
                )
                self.candidate, self.left_out, self.form, self.merit, self.enough = judged
            except SwarmError as error:
                self.error = error
            self.seconds = anyio.current_time() - self.begun
            tell(self)


def _judged(
    candidate: Candidate, request: ChatRequest, merits: Merits, weak: bool
) -> tuple[Candidate, frozenset[int], Form, float | None, bool]:
    left_out: frozenset[int] = frozenset()
    if weak:
        candidate, left_out = merits.without_surplus(candidate)
    merit = merits.of(candidate)
    return candidate, left_out, form(candidate, request), merit, merits.enough(candidate, merit)
