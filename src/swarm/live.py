"""What the client hears while several write: of the leader what need never be taken back, in the end the winner."""

from collections.abc import Sequence, Set
from dataclasses import replace

from anyio.lowlevel import checkpoint

from ..chat import (
    Accepted,
    Candidate,
    Chosen,
    Emit,
    Event,
    Finished,
    Message,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    Verdict,
)

CHARACTERS_PER_TOKEN = 4


class Held:
    """The events of one candidate, kept until it is known who wins. `live`: its words and thoughts go out at once, up
    to its first call."""

    def __init__(self, emit: Emit, live: bool = False) -> None:
        self._emit = emit
        self.live = live
        self.events: list[Event] = []  # those that were not told
        self.told = False  # something of it was
        self.acts = False
        self.heard = False  # it began to answer
        self._characters = 0

    @property
    def tokens(self) -> int:
        """About so many were written; what ends by itself counts them."""
        return max(len(self.events), self._characters // CHARACTERS_PER_TOKEN)

    async def hear(self, event: Event) -> None:
        if isinstance(event, Accepted):
            await self._emit(event)
            return
        self.heard = True
        self._characters += _size(event)
        self.acts = self.acts or isinstance(event, ToolCallDelta)
        if self.live and not self.acts and not isinstance(event, Finished | Chosen):
            self.told = True
            await self._emit(event)
        else:
            self.events.append(event)


def _size(event: Event) -> int:
    match event:
        case TextDelta(text) | ThinkingDelta(text):
            return len(text)
        case ToolCallDelta(_, arguments):
            return len(arguments)
        case _:
            return 0


async def give(
    emit: Emit, winner: Sequence[Event], verdict: Verdict, left_out: Set[int] = frozenset(), behind_words: bool = False
) -> None:
    """`left_out`: places of calls that are not told. `behind_words`: the words of somebody else were told; only the
    calls of the winner follow them. Others are served meanwhile, and a client that leaves is noticed."""
    for event in winner:
        await checkpoint()
        if isinstance(event, ToolCallDelta):
            if event.index in left_out:
                continue
            event = replace(event, index=event.index - sum(at < event.index for at in left_out))
        if isinstance(event, Finished):
            await emit(Chosen(verdict))
            await emit(event)
        elif isinstance(event, ToolCallDelta) or not (behind_words or isinstance(event, Chosen)):
            await emit(event)


def joined(words: Candidate, calls: Candidate) -> Candidate:
    """What the client was told: the words of the one, and the calls of the other; or all of it where it calls nothing,
    for nothing that was told can be taken back."""
    said = tuple(part for part in words.message.parts if not isinstance(part, ToolCall))
    return Candidate(
        calls.member,
        Message("assistant", (*said, *(calls.message.calls or calls.message.parts))),
        calls.reason,
        calls.usage,
        words.logprobs,
        calls.stop,
        calls.chances,
    )
