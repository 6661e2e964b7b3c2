"""What another node may ask for at all (pure). What clients ask is bounded before it becomes a request; a node could
send anything, and what engines do with it nobody has tried."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...chat import ChatRequest, Policy, Sampling
from ...errors import BadRequest

MOST_CHOICES = 128
MOST_TOOLS = 512
MOST_STOPS = 64
MOST_ALTERNATIVES = 20
MOST_TOKEN = 2**31 - 1
MOST_SEED = 2**64 - 1
ENDLESS = float("inf")

# As much as any of the APIs takes. A name, and the least and the most that it may be; None is always allowed.
SAMPLING: dict[str, tuple[float, float]] = {
    "temperature": (0, 100),
    "top_p": (0, 1),
    "top_k": (-1, MOST_TOKEN),
    "min_p": (0, 1),
    "repeat_penalty": (0, 10),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (0, MOST_SEED),
    "seed": (0, MOST_SEED),
    "logprobs": (0, MOST_ALTERNATIVES),
}
POLICY: dict[str, tuple[float, float]] = {
    "choices": (1, MOST_CHOICES),
    "candidates": (1, MOST_CHOICES),
    "quorum": (1, MOST_CHOICES),
    "patience": (0, ENDLESS),
}


def check(request: ChatRequest) -> None:
    """BadRequest names what is out of bounds."""
    for wrong in (*_outside(request.sampling, SAMPLING), *_outside(request.policy, POLICY), *_other(request)):
        raise BadRequest(f"What a node asks for is out of bounds at '{wrong}'.", wrong)
    check_tokens(request.begun.tokens if request.begun else (), "begun")
    check_tokens(request.raw if isinstance(request.raw, tuple) else (), "raw")


def check_tokens(tokens: Iterable[int], name: str = "tokens") -> None:
    """Whether the model has them, its engine knows."""
    if not all(0 <= token <= MOST_TOKEN for token in tokens):
        raise BadRequest(f"What is in '{name}' is no token.", name)


def _outside(given: Sampling | Policy, bounds: dict[str, tuple[float, float]]) -> Iterator[str]:
    for name, (least, most) in bounds.items():
        value: Any = getattr(given, name)
        if value is not None and not least <= value <= most:
            yield name


def _other(request: ChatRequest) -> Iterator[str]:
    sampling = request.sampling
    if len(sampling.stop) > MOST_STOPS or "" in sampling.stop:
        yield "stop"
    if not all(0 <= token <= MOST_TOKEN and bias < ENDLESS for token, bias in sampling.logit_bias):
        yield "logit_bias"
    if len(request.tools) > MOST_TOOLS:
        yield "tools"
