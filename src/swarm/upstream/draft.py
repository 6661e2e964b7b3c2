"""One candidate as a server writes it: pieces in, events out, and in the end the whole message. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...chat import (
    Candidate,
    Event,
    Finished,
    Message,
    Part,
    Reason,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    TokenLogprob,
    Usage,
)
from .calls import Calls
from .chunks import ChoicePart
from .utf8 import Mender

REASONS: Mapping[str, Reason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
}


class Draft:
    def __init__(self, index: int, may_be_empty: bool = False) -> None:
        self._index = index
        self._may_be_empty = may_be_empty
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self._calls = Calls(index)
        self._logprobs: list[TokenLogprob] = []
        self._menders = Mender(), Mender()
        self._pieces = 0  # about as many as tokens
        self._ended = ""  # why, in the server's word
        self._stop = ""

    @property
    def ended(self) -> str:
        return self._ended

    @property
    def pieces(self) -> int:
        return self._pieces

    @property
    def empty(self) -> bool:
        """It ended by itself, with nothing said, thought or called."""
        allowed = self._may_be_empty or self._stop or REASONS.get(self._ended) == "length"
        return not (self.size or len(self._calls) or allowed)

    @property
    def size(self) -> int:
        """Characters, calls included: the tokens of several candidates are told as one sum."""
        arguments = sum(len(call.name) + len(call.arguments) for call in self._calls.whole())
        return sum(map(len, self._text)) + sum(map(len, self._thoughts)) + arguments

    def add(self, part: ChoicePart) -> Iterator[Event]:
        self._pieces += bool(part.text or part.thought or part.calls)
        said, thought = self._menders
        yield from self._think(thought.push(part.thought)) if part.thought else ()
        yield from self._say(said.push(part.text), part.logprobs) if part.text or part.logprobs else ()
        for call in part.calls:
            yield from self._calls.add(call)
        if part.reason:
            self._ended, self._stop = part.reason, part.stop
            yield from self._think(thought.finish())
            yield from self._say(said.finish())
            yield from self._calls.finish()

    def fault(self) -> str:
        """Why this is no answer; empty where it is one."""
        if not self._ended:
            return "ended its answer in the middle, without a word why"
        if self._ended not in REASONS:
            return f"gave up its answer ('{self._ended[:40]}')"
        if self.empty:
            return "gave an empty answer"
        broken = self._calls.broken()
        return f"wrote {broken}" if broken and REASONS[self._ended] != "length" else ""

    def finished(self, usage: Usage) -> Finished:
        reason = REASONS[self._ended]
        if reason == "stop" and len(self._calls):
            reason = "tool_calls"
        elif reason == "tool_calls" and not len(self._calls):
            reason = "stop"
        return Finished(reason, replace(usage, thinking=min(usage.thinking, usage.completion)), self._index, self._stop)

    def candidate(self, member: str, end: Finished) -> Candidate:
        thoughts, text = "".join(self._thoughts), "".join(self._text)
        parts: list[Part] = [Thinking(thoughts)] if thoughts else []
        parts += [Text(text)] if text else []
        message = Message("assistant", (*parts, *self._calls.whole()))
        return Candidate(member, message, end.reason, end.usage, tuple(self._logprobs), end.stop)

    def _say(self, text: str, entries: tuple[TokenLogprob, ...] = ()) -> Iterator[TextDelta]:
        if text or entries:
            self._text.append(text)
            self._logprobs += entries
            yield TextDelta(text, self._index, entries)

    def _think(self, text: str) -> Iterator[ThinkingDelta]:
        if text:
            self._thoughts.append(text)
            yield ThinkingDelta(text, self._index)
