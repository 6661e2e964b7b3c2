"""What every engine does with what comes to it: prompts become tokens, and jobs become sequences that wait."""

from collections.abc import Callable
from collections.abc import Sequence as Listed
from typing import Protocol

from ..errors import ContextOverflow, Overloaded
from .base import Job
from .grammar import Constraint
from .saying import Vocabulary, begin
from .schedule import Schedule
from .sequence import Sampler, Sequence

# Jobs that wait beyond this many for each seat are better told to come back later.
WAITING_PER_SEAT = 64
RETRY_SECONDS = 5

MakeSampler = Callable[[int, Constraint | None], Sampler]


class Words(Protocol):
    def least_tokens(self, text: str) -> int:
        """No fewer tokens than these, without reading the text token by token."""
        ...

    def tokenize_prompt(self, text: str, cuts: Listed[int] = ()) -> tuple[int, ...]: ...

    def check(self, tokens: Listed[int]) -> tuple[int, ...]:
        """These are tokens of this model."""
        ...

    def marked(self, token: int) -> bytes:
        """The bytes of a token, those of control tokens too."""
        ...


def prompt_tokens(words: Words, prompt: str | Listed[int], cuts: Listed[int], context: int) -> tuple[int, ...]:
    """ContextOverflow where no answer would fit behind them."""
    if isinstance(prompt, str):
        if len(prompt) > context and (least := words.least_tokens(prompt)) >= context:
            raise ContextOverflow(least, context, at_least=True)
        tokens = words.tokenize_prompt(prompt, cuts)
    else:
        tokens = words.check(prompt)
    if len(tokens) >= context:
        raise ContextOverflow(len(tokens), context)
    return tokens


def spelled(words: Words, tokens: Listed[int]) -> str:
    return b"".join(words.marked(token) for token in words.check(tokens)).decode("utf-8", "replace")


class Intake:
    def __init__(self, schedule: Schedule, vocabulary: Vocabulary, seats: int, context: int) -> None:
        self._schedule = schedule
        self._vocabulary = vocabulary
        self._waiting_limit = WAITING_PER_SEAT * seats
        self._context = context
        self._born = 0

    def take(self, job: Job, make_sampler: MakeSampler) -> None:
        waiting = len(self._schedule.waiting)
        if waiting and waiting + job.candidates > self._waiting_limit:
            raise Overloaded("Too many requests are waiting on this machine. Try again shortly.", RETRY_SECONDS)
        if (begun := len(job.begun)) > self._context - len(job.tokens):
            raise ContextOverflow(len(job.tokens) + begun, self._context)
        limit = min(job.sampling.max_tokens or self._context, self._context - len(job.tokens))
        for candidate in range(job.candidates):
            constraint = job.constraint.fork(limit) if job.constraint else None
            sampler = make_sampler(candidate, constraint)
            sequence = Sequence(job, candidate, sampler, limit, self._born)
            begin(self._vocabulary, sequence)
            self._schedule.waiting.append(sequence)
            self._born += 1
