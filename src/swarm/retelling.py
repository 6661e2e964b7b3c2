"""What the client was told of one answer, and what is new of it where another member tells all of it again. Pure.

Words, thoughts and the arguments of each call are followed apart, character by character: what was told has to come
again exactly, and nothing new passes before all of it has.
"""

from dataclasses import replace

from ..chat import (
    Candidate,
    Event,
    Finished,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
    Written,
)
from ..errors import EngineFault

# Beside the calls, which are counted from 0.
WORDS, THOUGHTS = -2, -1


class Differs(EngineFault):
    def __init__(self) -> None:
        super().__init__("The member that was to go on with this answer wrote another one.")


class Told:
    def __init__(self, weighed: bool = False) -> None:
        """`weighed`: the client is told how likely each token was."""
        self.tokens: list[int] = []
        self._weighed = weighed
        self._entries: list[TokenLogprob] = []
        self._said: dict[int, list[str]] = {}
        self._heads: dict[int, ToolCallDelta] = {}  # with the ids of calls that the client knows
        self._thought = 0  # tokens
        self._new_tokens = 0  # of those that were heard of last
        self._again = False
        # What is still to be told again.
        self._left: dict[int, str] = {}
        self._left_heads: set[int] = set()
        self._left_entries = 0
        self._left_tokens = 0

    @property
    def anything(self) -> bool:
        return bool(self._said or self._heads)

    @property
    def continuable(self) -> bool:
        """Nobody but its writer knows how likely the tokens of thoughts and calls were."""
        only_words = self._said.keys() == {WORDS} and not self._heads
        return bool(self.tokens) and (only_words and bool(self._entries) if self._weighed else True)

    def begin_again(self) -> tuple[int, ...]:
        """The tokens from which all that was told comes again."""
        if self._weighed:
            del self.tokens[len(self._entries) :]
        self._again = True
        self._left = {channel: "".join(said) for channel, said in self._said.items()}
        self._left_heads = set(self._heads)
        self._left_entries, self._left_tokens = len(self._entries), len(self.tokens)
        return tuple(self.tokens)

    def hear(self, event: Event) -> Event | None:
        """What of it is new to the client."""
        match event:
            case Written(tokens):
                self._write(tokens)
                return None
            case TextDelta(text, _, entries):
                text, entries = self._new(WORDS, text), self._new_entries(entries)
                return event if not self._again else TextDelta(text, 0, entries) if text or entries else None
            case ThinkingDelta(text):
                return self._think(self._new(THOUGHTS, text))
            case ToolCallDelta():
                return self._call(event)
            case Finished():
                return self._finish(event)
        return event

    def whole(self, candidate: Candidate) -> Candidate:
        """As the client was told it."""
        if not self._again:
            return candidate
        parts, ids = list(candidate.message.parts), (self._heads[index].id for index in sorted(self._heads))
        for at, part in enumerate(parts):
            if isinstance(part, ToolCall):
                parts[at] = replace(part, id=next(ids, part.id))
        message = replace(candidate.message, parts=tuple(parts))
        entries = tuple(self._entries) if self._weighed else candidate.logprobs
        return replace(candidate, message=message, usage=self._usage(candidate.usage), logprobs=entries)

    def _write(self, tokens: tuple[int, ...]) -> None:
        known = min(self._left_tokens, len(tokens))
        self._left_tokens -= known
        self.tokens += tokens[known:]
        self._new_tokens = len(tokens) - known

    def _new(self, channel: int, text: str) -> str:
        if left := self._left.get(channel, ""):
            known = min(len(left), len(text))
            if left[:known] != text[:known]:
                raise Differs
            self._leave(channel, left[known:])
            text = text[known:]
        if text:
            self._nothing_is_left()
            self._said.setdefault(channel, []).append(text)
        return text

    def _leave(self, channel: int, left: str) -> None:
        if left:
            self._left[channel] = left
        else:
            del self._left[channel]

    def _new_entries(self, entries: tuple[TokenLogprob, ...]) -> tuple[TokenLogprob, ...]:
        known = min(self._left_entries, len(entries))
        self._left_entries -= known
        self._entries += entries[known:]
        return entries[known:]

    def _think(self, text: str) -> ThinkingDelta | None:
        if not text:
            return None
        self._thought, self._new_tokens = self._thought + self._new_tokens, 0
        return ThinkingDelta(text)

    def _call(self, event: ToolCallDelta) -> ToolCallDelta | None:
        if event.index in self._left_heads:
            if event.name != self._heads[event.index].name:
                raise Differs
            self._left_heads.discard(event.index)
            event = replace(event, id="", name="")
        elif event.name:
            self._nothing_is_left()
            self._heads[event.index] = event
        arguments = self._new(event.index, event.arguments)
        return replace(event, arguments=arguments) if arguments or event.name else None

    def _finish(self, event: Finished) -> Finished:
        self._nothing_is_left()
        return replace(event, usage=self._usage(event.usage)) if self._again else event

    def _usage(self, usage: Usage) -> Usage:
        """Who told all of it again could not tell where its thoughts ended."""
        return replace(usage, thinking=min(self._thought, usage.completion))

    def _nothing_is_left(self) -> None:
        if self._left or self._left_heads:
            raise Differs
