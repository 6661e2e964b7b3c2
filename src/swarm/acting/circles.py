"""Whether a model goes round in circles: small ones repeat a call instead of using what it gave. Pure."""

import json
from collections.abc import Sequence

from ...chat import Message, Outcome, ToolCall

# The same calls so many times in a row bring nothing new, nor do a few in turn.
CIRCLES = 3
LONGEST_TURN = 3


def circles(said: Sequence[Message]) -> bool:
    called = [_called(message) for message in said]
    turns = range(1, LONGEST_TURN + 1) if said else ()
    return any(called[-turn:] * CIRCLES == called[-turn * CIRCLES :] for turn in turns)


def worn(said: Sequence[Message]) -> frozenset[str]:
    """The tools of what was called twice in a row, to the letter."""
    if len(said) < 2 or _called(said[-1]) != _called(said[-2]):
        return frozenset()
    return frozenset(call.name for call in said[-1].calls)


def repeats(call: ToolCall, said: Sequence[Message]) -> bool:
    """`said`: in the rounds before."""
    return bool(said) and _key(call) in _called(said[-1])


def reminded(outcome: Outcome, words: str) -> str:
    return f"{outcome.content.rstrip()}\n\n{words}" if words else outcome.content


def _called(message: Message) -> tuple[tuple[str, str], ...]:
    return tuple(map(_key, message.calls))


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, compact(call.arguments)


def compact(arguments: str) -> str:
    """However they are written: a model changes the spaces and means the same."""
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False)
    except (ValueError, RecursionError):
        return " ".join(arguments.split())
