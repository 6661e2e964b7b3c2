"""Votes, which of them say the same, and which of two that are as good is taken. Pure."""

import math
from collections.abc import Hashable
from dataclasses import dataclass

from .forms import Form
from .weights import likelihood


@dataclass(frozen=True, slots=True)
class Awaited:
    """One that has not answered yet."""

    member: str
    model: str
    strength: float


@dataclass(frozen=True, slots=True)
class Vote:
    """`logprob`: mean of its tokens. `leads`: the first one that was asked, which the model is surest of. `merit`: what
    a call is worth by itself, at most 0; where it is known votes only tell between equals."""

    form: Form
    member: str
    model: str
    strength: float
    logprob: float | None = None
    leads: bool = False
    merit: float | None = None


def label(form: Form) -> Hashable:
    """Equal for those that say the same; of prose only what is the same to the letter."""
    return form.act, form.kind, form.key or form.soft


def rank(vote: Vote) -> tuple[object, ...]:
    """Of two that are as good: the first one asked, the likelier, the stronger; then any, but always the same one."""
    return (not vote.leads, -_likely(vote), -vote.strength, *_name(vote))


def standard(vote: Vote) -> tuple[object, ...]:
    """Likelihoods of different models say nothing about each other: of prose that of the strongest is taken."""
    return (-vote.strength, not vote.leads, -_likely(vote), *_name(vote))


def _likely(vote: Vote) -> float:
    known = likelihood(vote.logprob)
    return -math.inf if known is None else known


def _name(vote: Vote) -> tuple[str, ...]:
    return (vote.form.kind, vote.form.key, vote.form.soft, vote.form.said, vote.member, vote.model)
