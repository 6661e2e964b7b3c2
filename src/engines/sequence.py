"""One candidate on its way: tokens still to be read, then tokens that it writes."""

from collections.abc import Sequence as Sequenced
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..chat import Reason, TokenLogprob
from .base import Job
from .distribution import Weighed
from .text import Given, TextStream

# A longer run, forced or lost, is read like a prompt.
MOST_AT_ONCE = 48


class Sampler(Protocol):
    """Chooses the next token of one candidate."""

    @property
    def finished(self) -> bool:
        """The grammar allows nothing more."""
        ...

    @property
    def reason(self) -> Reason:
        """Why it ended where it could end by itself."""
        ...

    @property
    def shortened(self) -> bool:
        """A value was ended because it repeated itself."""
        ...

    @property
    def weighed(self) -> Sequenced[Weighed]:
        """Of each token that it chose, where that is wanted."""
        ...

    def follow(self, token: int) -> None:
        """This comes next, and nobody is asked."""
        ...

    def next(self, logits: NDArray[np.float32]) -> tuple[int, TokenLogprob | None]:
        """The token, which counts as accepted. The logits are changed by it."""
        ...

    def forced(self) -> list[int]:
        """Tokens that follow without a choice; they count as accepted too."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Rival:
    """What nearly came behind so many tokens. `spelled`: its bytes; none for an end."""

    place: int
    choice: int  # the how-manieth that was chosen
    token: int
    spelled: bytes | None


@dataclass(eq=False, slots=True)
class Sequence:
    job: Job
    candidate: int
    sampler: Sampler
    limit: int  # tokens that it may write
    born: int  # order of arrival; the youngest gives way first
    tokens: list[int] = field(init=False)  # the prompt, then what was written
    text: TextStream = field(init=False)
    seq: int = -1  # the engine's id for its place in memory; -1 while it waits
    read: int = 0  # so many of its tokens lie in the engine's memory
    held: int = 0  # so many of these are shared with others
    cached: int | None = None  # tokens that did not have to be read, as of its first admission
    told: int = 0  # so many of the tokens that it wrote went out in pieces
    untold: Given = field(default_factory=Given)  # text of what it began with
    ending: int | None = None  # it begins with its end: this token comes whatever the model says
    spelled: list[bytes] = field(default_factory=list)  # of each token that it wrote, where it is measured
    rivals: list[Rival] = field(default_factory=list)
    marks: set[int] = field(default_factory=set)  # lengths at which others want to copy its state

    def __post_init__(self) -> None:
        self.tokens = list(self.job.tokens)
        self.text = TextStream(self.job.sampling.stop)

    @property
    def prompt(self) -> int:
        return len(self.job.tokens)

    @property
    def written(self) -> int:
        return len(self.tokens) - self.prompt

    @property
    def unread(self) -> int:
        return len(self.tokens) - self.read

    @property
    def writing(self) -> bool:
        """Only what it wrote last is to be decoded: one token, or those that a grammar forced behind it."""
        return self.written > 0 and self.unread <= MOST_AT_ONCE
