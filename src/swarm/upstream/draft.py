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
from .wish import Wish

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


LEFT_OUT = "The server of this model called several tools at once; all but the first were left out."


class Draft:
    def __init__(self, index: int, wish: Wish, may_be_empty: bool = False) -> None:
        self._index = index
        self._wish = wish
        self._may_be_empty = may_be_empty
        self._text: list[str] = []
        self._held: list[TextDelta] = []  # until it is known that a call, which is required, comes behind it
        self._thoughts: list[str] = []
        self._calls = Calls(index, wish)
        self._logprobs: list[TokenLogprob] = []
        self._menders = Mender(), Mender()
        self._pieces = 0  # about as many as tokens
        self._ended = ""  # why, in the server's word
        self._stop = ""
        self._begun = False
        self._unlike = ""  # why what was asked for does not begin as this text does

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
            for delta in self._calls.add(call):
                yield from self._release()
                yield delta
        if part.reason:
            self._ended, self._stop = part.reason, part.stop
            yield from self._think(thought.finish())
            yield from self._say(said.finish())
            yield from self._release() if self._cut_off else self._calls.finish()

    def wrong(self) -> str:
        """Why this cannot become what was asked for; empty as long as it can."""
        return self._calls.wrong or self._unlike

    def misfit(self) -> str:
        """Why this whole answer is not what was asked for; empty where it is."""
        if self._cut_off:
            return self.wrong()
        return self.wrong() or self._calls.broken() or self._wish.refuses("".join(self._text), len(self._calls))

    def fault(self) -> str:
        """Why this is no answer; empty where it is one."""
        if not self._ended:
            return "ended its answer in the middle, without a word why"
        if self._ended not in REASONS:
            return f"gave up its answer ('{self._ended[:40]}')"
        return "gave an empty answer" if self.empty else ""

    def finished(self, usage: Usage) -> Finished:
        reason = REASONS[self._ended]
        if reason == "stop" and len(self._calls):
            reason = "tool_calls"
        elif reason == "tool_calls" and not len(self._calls):
            reason = "stop"
        used = replace(usage, thinking=min(usage.thinking, usage.completion))
        return Finished(reason, used, self._index, self._stop, tuple(self._warnings()))

    def candidate(self, member: str, end: Finished) -> Candidate:
        thoughts, text = "".join(self._thoughts), "".join(self._text)
        parts: list[Part] = [Thinking(thoughts)] if thoughts else []
        parts += [Text(text)] if text else []
        message = Message("assistant", (*parts, *self._calls.whole()))
        return Candidate(member, message, end.reason, end.usage, tuple(self._logprobs), end.stop)

    @property
    def _cut_off(self) -> bool:
        return REASONS.get(self._ended) == "length"

    def _warnings(self) -> Iterator[str]:
        if self._calls.left_out:
            yield LEFT_OUT
        if not self._cut_off:
            yield from self._wish.warnings("".join(self._text), self._calls.whole())

    def _say(self, text: str, entries: tuple[TokenLogprob, ...] = ()) -> Iterator[TextDelta]:
        if not (text or entries):
            return
        if not self._begun:
            self._unlike, self._begun = self._wish.refuses_text(text), bool(text.strip())
        self._text.append(text)
        self._logprobs += entries
        delta = TextDelta(text, self._index, entries)
        if self._wish.required and not len(self._calls):
            self._held.append(delta)
        else:
            yield delta

    def _release(self) -> Iterator[TextDelta]:
        held, self._held = self._held, []
        yield from held

    def _think(self, text: str) -> Iterator[ThinkingDelta]:
        if text:
            self._thoughts.append(text)
            yield ThinkingDelta(text, self._index)
