"""The verdicts of the last requests: in memory, the oldest go first."""

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...chat import Candidate, ChatRequest, Chosen, Emit, Event, Step, Undecided, Verdict
from ...errors import NotFound
from ..reply import Work
from .report import KEPT

MOST_REQUESTS = 256
# Of what the ballots say.
MOST_CHARACTERS = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    id: str
    model: str  # as the client called it
    created: int  # seconds since 1970
    verdict: Verdict
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> int:
        return _size(self.verdict) + sum(_step_size(step) for step in self.steps)


class Store:
    def __init__(self, most_requests: int = MOST_REQUESTS, most_characters: int = MOST_CHARACTERS) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._most_requests = most_requests
        self._most_characters = most_characters
        self._size = 0

    def noting(self, request: ChatRequest, work: Work, texts: bool = True) -> Work:
        """The same work; what is chosen in it is kept. Without `texts` nothing of what was said."""

        async def noted(emit: Emit) -> list[Candidate]:
            steps: list[Step] = []

            async def hear(event: Event) -> None:
                if isinstance(event, Step):
                    steps.append(_short(event))
                if isinstance(event, Chosen | Undecided):
                    self._keep(request, event.verdict, texts, steps if texts else ())
                # That there was no answer is told as the error that it ends in.
                if not isinstance(event, Undecided):
                    await emit(event)

            return await work(hear)

        return noted

    def find(self, request_id: str) -> Kept:
        kept = self._kept.get(request_id)
        if kept is None:
            raise NotFound(f"Nothing is known here of a request '{request_id[:80]}'; it may be too old.", "request_id")
        return kept

    def latest(self) -> Iterator[Kept]:
        return reversed(self._kept.values())

    def _keep(self, request: ChatRequest, verdict: Verdict, texts: bool, steps: Sequence[Step]) -> None:
        if not texts or _size(verdict) > self._most_characters:
            verdict = _without_texts(verdict)
        self._drop(request.id)
        kept = Kept(request.id, request.model, int(time.time()), verdict, tuple(steps))
        self._kept[request.id] = kept
        self._size += kept.size
        while len(self._kept) > self._most_requests or self._size > self._most_characters:
            self._drop(next(iter(self._kept)))

    def _drop(self, request_id: str) -> None:
        kept = self._kept.pop(request_id, None)
        self._size -= kept.size if kept else 0


def _size(verdict: Verdict) -> int:
    messages = [ballot.message for ballot in verdict.ballots if ballot.message]
    said = sum(len(message.text) + len(message.thinking) for message in messages)
    return said + sum(len(call.name) + len(call.arguments) for message in messages for call in message.calls)


def _short(step: Step) -> Step:
    """Pictures and long results are not kept."""
    outcome = replace(step.outcome, content=step.outcome.content[:KEPT], images=())
    return replace(step, call=replace(step.call, arguments=step.call.arguments[:KEPT]), outcome=outcome)


def _step_size(step: Step) -> int:
    return len(step.call.arguments) + len(step.outcome.content)


def _without_texts(verdict: Verdict) -> Verdict:
    return replace(verdict, ballots=tuple(replace(ballot, message=None) for ballot in verdict.ballots))
