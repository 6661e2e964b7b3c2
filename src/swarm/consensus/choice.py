"""The best of several calls where counting finds nothing: what the request supports, and then what is likely. Pure.

The weights were set by hand and then measured (docs/benchmarks/selection.md); fitted ones chose no better.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .support import Said, Schemas, Support, support
from .surplus import surplus
from .words import Heard

# What each figure takes from an answer, in values that nobody mentioned.
MADE_UP = 1.0
EXTRA = 0.5
LEFT_OUT = 2.0
OVERUSED = 0.5
SURPLUS = 1.0
# Nats of likelihood are worth this much: five of them one value that nobody mentioned.
LIKELY = 0.2
# How sure a score makes us: a logistic curve over the questions of three kinds.
CERTAIN, BY_SCORE = 1.8, 1.6
# Measured: where the greedy answer scores better, the others hardly ever had a better one.
ENOUGH = -0.25


@dataclass(frozen=True, slots=True)
class Option:
    """One distinct answer of those to choose from, the greedy one first. `votes`: the share of the weight that said so.
    `likelihood`: the sum of its log-probabilities among the tokens that the grammar allowed; None: not known."""

    calls: tuple[Said, ...]
    votes: float = 0.0
    likelihood: float | None = None


def choose(options: Sequence[Option], schemas: Schemas, heard: Heard) -> int:
    """The place of the best one. Of equals that with more votes, then the first."""
    scores = [round(score(option, schemas, heard), 6) for option in options]
    return max(range(len(options)), key=lambda at: (scores[at], options[at].votes, -at))


def score(option: Option, schemas: Schemas, heard: Heard) -> float:
    """0 is a call that the request supports wholly and that the model was wholly sure of."""
    likely = (option.likelihood or 0.0) / max(1, len(option.calls))
    return backing(option.calls, schemas, heard) + LIKELY * likely


def confidence(score: float) -> float:
    """How likely the chosen answer is right."""
    return 1 / (1 + math.exp(-max(-500.0, CERTAIN + BY_SCORE * score)))


def enough(score: float) -> bool:
    """The greedy answer is so well supported that nobody else has to be asked."""
    return score > ENOUGH


def backing(calls: Sequence[Said], schemas: Schemas, heard: Heard) -> float:
    """What is said for it by the request alone; the more is missing, the further below 0."""
    return -_burden(support(calls, schemas, heard)) - SURPLUS * len(surplus(calls, heard.words))


def _burden(found: Support) -> float:
    return math.fsum(
        (
            MADE_UP * found.made_up,
            EXTRA * found.extra,
            LEFT_OUT * found.left_out,
            OVERUSED * found.overused,
        )
    )
