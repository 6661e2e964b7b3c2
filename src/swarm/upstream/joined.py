"""Deltas that came at once, as few as they can be. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...chat import Event, TextDelta, ThinkingDelta, ToolCallDelta


def joined(events: Iterable[Event]) -> Iterator[Event]:
    held: Event | None = None
    for event in events:
        both = _both(held, event)
        if both is None and held is not None:
            yield held
        held = both or event
    if held is not None:
        yield held


def _both(one: Event | None, other: Event) -> Event | None:
    """None where they cannot be one."""
    match one, other:
        case (TextDelta(), TextDelta()) if one.candidate == other.candidate:
            return TextDelta(one.text + other.text, one.candidate, one.logprobs + other.logprobs)
        case (ThinkingDelta(), ThinkingDelta()) if one.candidate == other.candidate:
            return ThinkingDelta(one.text + other.text, one.candidate)
        case (ToolCallDelta(), ToolCallDelta()) if _go_on(one, other):
            return replace(one, arguments=one.arguments + other.arguments)
    return None


def _go_on(one: ToolCallDelta, other: ToolCallDelta) -> bool:
    """The first of a call brings its name alone."""
    same = one.candidate == other.candidate and one.index == other.index
    return same and not one.name and not other.name
