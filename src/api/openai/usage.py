"""What an answer took, to the wire. Pure."""

from collections.abc import Sequence
from typing import Any

from ...chat import Usage


def to_wire(usages: Sequence[Usage]) -> dict[str, Any]:
    """The candidates of one request share its prompt."""
    prompt = max((usage.prompt for usage in usages), default=0)
    cached = min((usage.cached for usage in usages), default=0)
    return _written(prompt, cached, usages)


def of_several(prompts: Sequence[Sequence[Usage]]) -> dict[str, Any]:
    """Several prompts, each with its candidates."""
    prompt = sum(max((usage.prompt for usage in usages), default=0) for usages in prompts)
    cached = sum(min((usage.cached for usage in usages), default=0) for usages in prompts)
    return _written(prompt, cached, [usage for usages in prompts for usage in usages])


def _written(prompt: int, cached: int, usages: Sequence[Usage]) -> dict[str, Any]:
    completion = sum(usage.completion for usage in usages)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": sum(usage.thinking for usage in usages)},
    }
