"""One answer as it comes in, of one candidate or several: chunks to events, and the whole at its end. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...chat import Candidate, Event, Finished, Usage
from . import chunks
from .draft import Draft
from .wish import Wish

# Where a server does not count: about so many characters are one token.
CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class _Counted:
    """What a server counted, and the candidates that it counted together."""

    usage: Usage
    candidates: list[int] = field(default_factory=list)


class Reading:
    """`first`: the number that the first candidate has for those who asked."""

    def __init__(
        self, asked: int, prompt_characters: int, wish: Wish, first: int = 0, may_be_empty: bool = False
    ) -> None:
        self._first = first
        self._prompt = prompt_characters // CHARACTERS_PER_TOKEN + 1
        self._drafts = [Draft(first + at, wish, may_be_empty) for at in range(asked)]
        self._counted: list[_Counted] = []
        self._pending: list[int] = []  # ended, and not counted yet

    @property
    def begun(self) -> bool:
        return any(draft.pieces or draft.ended for draft in self._drafts)

    def add(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        for part in chunks.choices(chunk):
            if not 0 <= part.index < len(self._drafts) or self._drafts[part.index].ended:
                continue
            yield from self._drafts[part.index].add(part)
            if part.reason:
                self._pending.append(part.index)
        if usage := chunks.usage(chunk):
            self._count(usage)

    def ignored(self) -> list[int]:
        """The candidates that were asked for and never began, beside others that did: it does not know `n`."""
        if not self._drafts[0].ended:
            return []
        return [self._first + at for at, draft in enumerate(self._drafts) if not (draft.pieces or draft.ended)]

    def wrong(self) -> str:
        """Why this cannot become what was asked for; empty as long as it can."""
        return next((wrong for draft in self._drafts if (wrong := draft.wrong())), "")

    def fault(self) -> str:
        """Why this is no answer; empty where it is one."""
        return next((fault for draft in self._answering() if (fault := draft.fault())), "")

    def misfit(self) -> str:
        """Why this answer is not what was asked for; empty where it is."""
        return next((misfit for draft in self._answering() if (misfit := draft.misfit())), "")

    def finish(self, member: str) -> Iterator[tuple[Finished, Candidate]]:
        for at, draft in enumerate(self._drafts):
            if draft.ended:
                end = draft.finished(self._usage_of(at))
                yield end, draft.candidate(member, end)

    def _answering(self) -> list[Draft]:
        ignored = self.ignored()
        return [draft for at, draft in enumerate(self._drafts) if self._first + at not in ignored]

    def _count(self, usage: Usage) -> None:
        """llama.cpp counts each candidate when it ends, others all of them together, some every chunk anew."""
        if self._pending or not self._counted:
            self._counted.append(_Counted(usage, self._pending))
            self._pending = []
        else:
            self._counted[-1].usage = usage

    def _usage_of(self, at: int) -> Usage:
        counted = next((one for one in self._counted if at in one.candidates), None)
        if counted is None and self._counted and at in self._pending:
            counted = _Counted(self._counted[-1].usage, self._pending)
        if counted is None:
            return Usage(self._prompt, self._drafts[at].pieces)
        return self._share(counted, at)

    def _share(self, counted: _Counted, at: int) -> Usage:
        """Its part of a sum, by its length; the last takes the rest, so that the sum stays what it was."""
        whole = sum(self._drafts[one].size for one in counted.candidates) or 1
        shares = [counted.usage.completion * self._drafts[one].size // whole for one in counted.candidates]
        shares[-1] = counted.usage.completion - sum(shares[:-1])
        share = shares[counted.candidates.index(at)]
        thinking = counted.usage.thinking if len(counted.candidates) == 1 else 0
        return Usage(counted.usage.prompt, share, counted.usage.cached, thinking)
