"""Is what another node answers an answer to what it was asked? (pure) UpstreamFault where it is none: somebody else is
asked then, and no client hears of calls of tools that it never offered."""

from collections import Counter
from collections.abc import Sequence
from math import inf, isfinite

from ..chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Chosen,
    Embedding,
    Event,
    Finished,
    Step,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
    Written,
)
from ..errors import UpstreamFault
from .wire.bounds import MOST_TOKEN

# What comes of one token: what it is made of, its text, the beginnings and ends of calls and thoughts. The longest
# tokens are rows of a few hundred spaces.
MOST_EVENTS, MOST_CHARACTERS = 8, 2048
# Of what a node tells of its model, as much is believed.
MOST_CONTEXT = 2**24


class Judge:
    """Of one answer. `who`: as it is called in an error. `context`: tokens that there can be."""

    def __init__(self, who: str, request: ChatRequest, context: int) -> None:
        self.begun = False  # something of it was told
        self._who = who
        room = request.policy.choices * (min(context, MOST_CONTEXT) + 1)
        self._events, self._characters = MOST_EVENTS * room, MOST_CHARACTERS * room  # that may still come
        self._choices = request.policy.choices
        self._offered = {tool.name for tool in request.tools}
        self._calls: Counter[int] = Counter()  # begun so far, by candidate

    def event(self, event: Event) -> None:
        self.begun = True
        self._events -= 1
        match event:
            case TextDelta(text) | ThinkingDelta(text):
                self._known(event.candidate)
                self._characters -= len(text)
            case ToolCallDelta():
                self._known(event.candidate)
                self._call(event)
                self._characters -= len(event.arguments)
            case Written():
                self._known(event.candidate)
                tokens(self._who, event.tokens)
            case Finished():
                self._known(event.candidate)
                self._usage(event.usage)
            case Accepted():
                counted(self._who, event.prompt_tokens)
            case Chosen() | Step():
                raise _odd(self._who, "what only this node itself tells")
        if min(self._events, self._characters) < 0:
            raise _odd(self._who, "more than its model has room for")

    def candidates(self, found: Sequence[Candidate]) -> None:
        if len(found) != self._choices:
            raise _odd(self._who, "more or fewer answers than were asked for")
        for candidate in found:
            self._usage(candidate.usage)
            self._message(candidate)
            self._chances(candidate)

    def _known(self, candidate: int) -> None:
        if not 0 <= candidate < self._choices:
            raise _odd(self._who, "one answer more than was asked for")

    def _call(self, event: ToolCallDelta) -> None:
        begun = self._calls[event.candidate]
        if not 0 <= event.index <= begun:
            raise _odd(self._who, "a call that has no beginning")
        if event.index == begun:
            self._calls[event.candidate] += 1
            self._offer(event.name)

    def _offer(self, name: str) -> None:
        if name not in self._offered:
            raise _odd(self._who, "a call of a tool that was not offered")

    def _message(self, candidate: Candidate) -> None:
        message = candidate.message
        if message.role != "assistant" or not all(isinstance(one, Text | Thinking | ToolCall) for one in message.parts):
            raise _odd(self._who, "what no answer holds")
        for call in message.calls:
            self._offer(call.name)

    def _chances(self, candidate: Candidate) -> None:
        chances = [*candidate.chances, *(one.logprob for one in candidate.logprobs)]
        for branch in candidate.branches:
            chances += branch.chances
            tokens(self._who, branch.tokens)
        if inf in chances:
            raise _odd(self._who, "chances that cannot be")

    def _usage(self, usage: Usage) -> None:
        for count in (usage.prompt, usage.completion, usage.cached, usage.thinking):
            counted(self._who, count)


def counted(who: str, count: int) -> int:
    if not 0 <= count <= MOST_TOKEN:
        raise _odd(who, "a number of tokens that nothing has")
    return count


def tokens(who: str, found: Sequence[int]) -> list[int]:
    if not all(0 <= token <= MOST_TOKEN for token in found):
        raise _odd(who, "tokens that do not exist")
    return list(found)


def vectors(who: str, found: Sequence[Embedding], asked: int) -> list[Embedding]:
    if len(found) != asked or len({len(one.vector) for one in found}) > 1:
        raise _odd(who, "other embeddings than were asked for")
    for one in found:
        counted(who, one.tokens)
        if not all(map(isfinite, one.vector)):
            raise _odd(who, "an embedding that is no vector")
    return list(found)


def _odd(who: str, what: str) -> UpstreamFault:
    return UpstreamFault(f"{who} answered with {what}.")
