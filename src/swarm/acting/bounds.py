"""How long a model may go on using tools for one answer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...chat import Message, Usage
from .circles import CIRCLES, circles


@dataclass(frozen=True, slots=True)
class Bounds:
    """`tokens`: that the model has written, in all rounds. `grace`: seconds that a call is waited for at least, however
    late it was made."""

    rounds: int = 16
    seconds: float = 600.0
    tokens: int = 32_768
    grace: float = 5.0


def reached(bounds: Bounds, said: Sequence[Message], seconds: float, usage: Usage) -> str:
    """Why the next round is the last one; empty while it is not. `said`: of each round that had calls."""
    if not said:
        return ""
    if len(said) >= bounds.rounds:
        return f"it had called tools in {len(said)} rounds, which is the most"
    if seconds >= bounds.seconds:
        return f"it had been at it for {bounds.seconds:g} seconds"
    if usage.completion >= bounds.tokens:
        return f"it had written {usage.completion} tokens, and {bounds.tokens} are the most"
    if circles(said):
        return f"it had made the same calls {CIRCLES} times in a row"
    return ""


def warning(why: str) -> str:
    return f"The model was not allowed further calls, since {why}."


def total(usages: Sequence[Usage]) -> Usage:
    return Usage(
        sum(one.prompt for one in usages),
        sum(one.completion for one in usages),
        sum(one.cached for one in usages),
        sum(one.thinking for one in usages),
    )
